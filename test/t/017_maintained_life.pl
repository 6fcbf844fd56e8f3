# Maintained ledgers that are dumped, restored, copied, replicated and taken over: a
# row counts once or the rows answer, and repair() makes the store count again.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my @options = (extra => [ '--no-locale', '--encoding=UTF8' ]);
my $node = PostgreSQL::Test::Cluster->new('primary');
$node->init(allows_streaming => 'logical', @options);
$node->append_conf('postgresql.conf', "jit = off\nwal_keep_size = 500MB\n");
$node->start;
my $folder = $node->basedir;

my $ledger = <<'SQL';
CREATE EXTENSION balance;
SELECT balance.create_ledger('billing');
CREATE SCHEMA parts;
CREATE TABLE parts.deposit (deposit_id int PRIMARY KEY, customer_id int, currency text,
	status text, amount numeric) PARTITION BY RANGE (deposit_id);
CREATE TABLE parts.low PARTITION OF parts.deposit FOR VALUES FROM (0) TO (100);
CREATE TABLE parts.high PARTITION OF parts.deposit FOR VALUES FROM (100) TO (1000);
SQL
my $maintain = "SELECT count(*) FROM balance.maintain('billing') a, balance.maintain('parts') b";
my $repair = "SELECT count(*) FROM balance.repair('billing') a, balance.repair('parts') b";
my $rows = <<'SQL';
INSERT INTO billing.customer (customer_id) SELECT 'c' || i FROM generate_series(1, 5) i;
INSERT INTO billing.invoice (invoice_id, customer_id, currency, invoice_status,
	total, amount_due, amount_remaining, due_date)
SELECT 'i' || i, 'c' || 1 + i % 5, 'usd', 'open', i, i, i, '2026-01-01'
FROM generate_series(1, 50) i;
INSERT INTO parts.deposit SELECT i * 20, i % 3, 'eur', 'ok', i FROM generate_series(1, 30) i;
SQL
# changes more than it leaves, and says what each ledger must be afterwards
my $write = <<'SQL';
UPDATE billing.invoice SET total = total + 1, amount_remaining = amount_remaining / 2;
DELETE FROM billing.invoice WHERE invoice_id = 'i7';
UPDATE parts.deposit SET amount = amount + 1, customer_id = customer_id + 1;
DELETE FROM parts.deposit WHERE deposit_id = 40;
SQL

# Of each relation whether its store counts, and whether what it says is right.
sub state_of
{
	my ($server, $database) = @_;
	my $tallied = q{balance.tally_invoices(currency, invoice_status, payment_status, total,
		amount_due, amount_remaining, due_date)};
	my $query = sub {
		my ($name, $relation, $letter, $tally) = @_;
		return "SELECT '$relation', balance.store_counts('$name', '$relation'),"
		  . ' NOT EXISTS (SELECT FROM (SELECT customer_id, balance.merge(p) AS p'
		  . " FROM $name.balance_store, balance.position_from_packed(position) p"
		  . " WHERE source = '$letter' GROUP BY 1"
		  . " HAVING balance.merge(p) OPERATOR(balance.<>) '1{}') s"
		  . " FULL JOIN (SELECT customer_id::text, $tally AS p FROM $name.$relation GROUP BY 1) r"
		  . ' USING (customer_id) WHERE s.p IS NULL OR r.p IS NULL'
		  . ' OR s.p OPERATOR(balance.<>) r.p)';
	};
	my $said = $server->safe_psql($database,
		$query->('billing', 'invoice', 'i', $tallied) . ' UNION ALL '
		  . $query->('parts', 'deposit', 'd', 'balance.tally_deposits(currency, status, amount)'));

	return join ', ', map {
		my ($relation, $counts, $is_right) = split /\|/;
		"$relation " . ($counts ne 't' ? 'does not count' : $is_right eq 't' ? 'counts' : 'WRONG')
	} split /\n/, $said;
}

my $counts = 'invoice counts, deposit counts';
my $no = 'invoice does not count, deposit does not count';

# A database that does not count is right after repair(), and is kept then.
sub is_repaired
{
	my ($title, $server, $database) = @_;

	$server->safe_psql($database, $repair);
	is(state_of($server, $database), $counts, "$title: repaired");
	$server->safe_psql($database, $write);
	is(state_of($server, $database), $counts, "$title: written to");
}

$node->safe_psql('postgres', "$ledger$maintain;\n$rows");
is(state_of($node, 'postgres'), $counts, 'a ledger is maintained');

# ---- dumps ----

my $number = 0;

sub new_database
{
	my ($script) = @_;
	my $name = 'restored' . $number++;

	$node->safe_psql('postgres', "CREATE DATABASE $name");
	$node->safe_psql($name, $script) if $script;
	return $name;
}

sub dump_to
{
	my ($file, @how) = @_;
	command_ok([ 'pg_dump', @how, '-f', "$folder/$file", $node->connstr('postgres') ],
		"pg_dump @how");
}

sub run_dump
{
	my ($file, $database) = @_;
	command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$folder/$file", '-d',
		$node->connstr($database) ], "$file into $database");
}

sub restore
{
	my ($file, $database, @how) = @_;
	command_ok([ 'pg_restore', @how, '-d', $node->connstr($database), "$folder/$file" ],
		"pg_restore @how $file into $database");
}

dump_to('plain.sql');
my $database = new_database();
run_dump('plain.sql', $database);
is(state_of($node, $database), $no, 'a dump that was restored');
$node->safe_psql($database, $write);
is(state_of($node, $database), $no, '... and written to');
is_repaired('a dump', $node, $database);

dump_to('custom', '-Fc');
$database = new_database();
restore('custom', $database);
is(state_of($node, $database), $no, 'custom format');
is_repaired('custom format', $node, $database);

$database = new_database();
restore('custom', $database, '-j', 3);
is(state_of($node, $database), $no, 'by several at once');
is_repaired('several at once', $node, $database);

$database = new_database();
restore('custom', $database, "--section=$_") for qw(pre-data data post-data);
is(state_of($node, $database), $no, 'section by section');
is_repaired('sections', $node, $database);

$database = new_database();
restore('custom', $database, '--schema-only');
is(state_of($node, $database), $no, 'the schema alone');
restore('custom', $database, '--data-only');
is(state_of($node, $database), $no, '... and then the data');
is_repaired('schema, then data', $node, $database);

$database = new_database();
restore('custom', $database, '--schema-only');
$node->safe_psql($database, $repair);
is(state_of($node, $database), $counts, 'a schema, repaired while it is empty');
restore('custom', $database, '--data-only');
is(state_of($node, $database), $counts, '... and then the data, which count once');
is_repaired('data into a maintained ledger', $node, $database);

dump_to('data.sql', '--data-only');
$database = new_database("$ledger$maintain");
run_dump('data.sql', $database);
is(state_of($node, $database), $counts, 'plain data into a maintained ledger count once');
is_repaired('plain data', $node, $database);

dump_to('inserts.sql', '--data-only', '--inserts', '--exclude-table=*.balance_*');
$database = new_database("$ledger$maintain");
run_dump('inserts.sql', $database);
is(state_of($node, $database), $counts, 'data as INSERT');

$database = new_database("$ledger$maintain");
# what the guards do not keep away is an error for its key
run_log([ 'pg_restore', '--data-only', '--disable-triggers', '-d', $node->connstr($database),
	"$folder/custom" ]);
is(state_of($node, $database), $no, 'data with triggers disabled');
is_repaired('triggers disabled', $node, $database);

$database = new_database();
restore('custom', $database);
restore('custom', $database, '--clean', '--if-exists', '-n', 'billing');
is(state_of($node, $database), $no, 'restored once more in its place');
is_repaired('in its place', $node, $database);

$node->safe_psql('template1', 'CREATE DATABASE twin TEMPLATE postgres');
is(state_of($node, 'twin'), $counts, 'a database made from another as its template counts');
$node->safe_psql('twin', $write);
is(state_of($node, 'twin'), $counts, '... and is kept');

# ---- a standby ----

$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$node->safe_psql('postgres', $write);
$node->wait_for_catchup($standby);
is(state_of($standby, 'postgres'), $counts, 'a standby reads the store');
# which shows where a look-up has its figures from
my $read = sub {
	return $_[0]->safe_psql('postgres',
		q{SELECT balance.stored_position('billing', 'invoice', 'c1', now()) IS NOT NULL});
};
is($read->($standby), 't', '... for a look-up, too');
$node->safe_psql('postgres', 'ALTER TABLE billing.invoice DISABLE TRIGGER USER;'
	. " UPDATE billing.invoice SET total = 1; ALTER TABLE billing.invoice ENABLE TRIGGER USER;");
$node->wait_for_catchup($standby);
is(state_of($standby, 'postgres'), 'invoice does not count, deposit counts',
	'a standby hears what makes the store not count');
$node->safe_psql('postgres', $repair);
$node->wait_for_catchup($standby);
is(state_of($standby, 'postgres'), $counts, '... and of repair()');
$standby->promote;
is(state_of($standby, 'postgres'), $counts, 'a standby that takes over');
$standby->safe_psql('postgres', $write);
is(state_of($standby, 'postgres'), $counts, '... is kept');
$standby->stop;

# ---- logical replication ----

my $subscriber = PostgreSQL::Test::Cluster->new('subscriber');
$subscriber->init(allows_streaming => 'logical', @options);
$subscriber->append_conf('postgresql.conf', "jit = off\n");
$subscriber->start;

# publication, what is maintained there, and whether before the subscription
for (
	[ 'all_tables', 'FOR ALL TABLES', 1 ],
	[ 'schemas', 'FOR TABLES IN SCHEMA billing, parts', 1 ],
	[ 'root', 'FOR TABLES IN SCHEMA billing, parts WITH (publish_via_partition_root = true)', 1 ],
	[ 'listed', 'FOR TABLE billing.customer, billing.invoice, parts.deposit', 1 ],
	[ 'later', 'FOR TABLE billing.customer, billing.invoice, parts.deposit', 0 ])
{
	my ($name, $publication, $is_before) = @$_;

	$node->safe_psql('postgres', "CREATE DATABASE pub_$name");
	$node->safe_psql("pub_$name", "$ledger$maintain;\n$rows");
	$node->safe_psql("pub_$name", "CREATE PUBLICATION ledger $publication");
	$subscriber->safe_psql('postgres', "CREATE DATABASE $name");
	$subscriber->safe_psql($name, $ledger);
	$subscriber->safe_psql($name, $maintain) if $is_before;
	$subscriber->safe_psql($name, "CREATE SUBSCRIPTION $name CONNECTION '"
		. $node->connstr . " dbname=pub_$name' PUBLICATION ledger");
	$subscriber->wait_for_subscription_sync($node, $name, $name);
	if (!$is_before)
	{
		is(state_of_rows($name), 1, "$name: rows have come");
		$subscriber->safe_psql($name, $maintain);
	}
	is(state_of($subscriber, $name), $counts, "$name: copied at first, rows count once");
	$node->safe_psql("pub_$name", $write);
	$node->safe_psql("pub_$name", "SELECT balance.fold('billing'), balance.fold('parts')");
	$node->safe_psql("pub_$name", $write);
	$node->wait_for_catchup($name);
	is(state_of($subscriber, $name), $counts, "$name: what is sent counts once");
	is(state_of($node, "pub_$name"), $counts, "$name: the publisher is kept");
	is($subscriber->safe_psql($name, 'SELECT sum(total) FROM billing.invoice'),
		$node->safe_psql("pub_$name", 'SELECT sum(total) FROM billing.invoice'),
		"$name: and rows are the same");
	$node->safe_psql("pub_$name", 'TRUNCATE parts.deposit; INSERT INTO parts.deposit'
		  . " SELECT i * 30, i, 'eur', 'ok', i FROM generate_series(1, 20) i; $repair");
	$node->wait_for_catchup($name);
	is(state_of($subscriber, $name), $counts, "$name: also TRUNCATE and repair()");
	$subscriber->safe_psql($name, $write);
	is(state_of($subscriber, $name), $counts, "$name: and what the subscriber writes");
	is_left_out($name) if !$is_before;
	$subscriber->safe_psql($name, "DROP SUBSCRIPTION $name");
}

# A partition that was detached still gets rows, by its name: which count nowhere, even
# if somebody has made it a trigger like ours.
sub is_left_out
{
	my ($name) = @_;

	$subscriber->safe_psql($name, "ALTER TABLE parts.deposit DETACH PARTITION parts.low; $repair");
	$subscriber->safe_psql($name, 'CREATE TRIGGER mine AFTER INSERT OR UPDATE ON parts.low'
		  . " FOR EACH ROW EXECUTE FUNCTION balance.store_row('deposit', '0');"
		  . ' ALTER TABLE parts.low ENABLE ALWAYS TRIGGER mine');
	my $sums = $subscriber->safe_psql($name, 'SELECT count(*) FROM parts.balance_store');
	$node->safe_psql("pub_$name", "INSERT INTO parts.deposit VALUES (1, 1, 'eur', 'ok', 1);"
		  . " UPDATE parts.deposit SET amount = 2 WHERE deposit_id = 1");
	$node->wait_for_catchup($name);
	is($subscriber->safe_psql($name, 'SELECT amount FROM parts.low WHERE deposit_id = 1'), 2,
		"$name: rows come to a detached partition");
	is($subscriber->safe_psql($name, 'SELECT count(*) FROM parts.balance_store'), $sums,
		"$name: and not into the store");
	is(state_of($subscriber, $name), $counts, "$name: which is right without it");
}

sub state_of_rows
{
	return $subscriber->safe_psql($_[0], 'SELECT count(*) > 0 FROM billing.invoice') eq 't';
}

done_testing();
