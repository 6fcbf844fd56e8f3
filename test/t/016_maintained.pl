# Maintained balances under random statements of several sessions at all isolation
# levels: in every snapshot that a reader takes meanwhile, the store adds up to the
# rows.  What a store must say is spelled out here in plain SQL, apart from the
# extension's own.  BALANCE_SEED repeats the statements (not their interleaving),
# BALANCE_SECONDS is for how long they are made.
use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $seed = $ENV{BALANCE_SEED} || int(time);
my $seconds = $ENV{BALANCE_SECONDS} || 15;
my $writers = 5;
note "BALANCE_SEED=$seed";

my $node = PostgreSQL::Test::Cluster->new('maintained');
$node->init(extra => [ '--locale=C', '--encoding=UTF8' ]);
$node->append_conf('postgresql.conf', "jit = off\nfsync = off\nautovacuum_naptime = 1
	deadlock_timeout = 100ms\n");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION balance;
SELECT balance.create_ledger('t');
ALTER TABLE t.invoice DROP CONSTRAINT IF EXISTS invoice_customer_id_fkey;
ALTER TABLE t.invoice ADD FOREIGN KEY (customer_id) REFERENCES t.customer ON DELETE CASCADE
	ON UPDATE CASCADE;
INSERT INTO t.customer (customer_id, business_id) SELECT 'c' || i, 'b' FROM generate_series(0, 5) i;

-- the same with partitions, and ids that are numbers
CREATE SCHEMA p;
CREATE TABLE p.invoice (invoice_id text, customer_id int, currency text, invoice_status text,
	payment_status text, total numeric,
	amount_due numeric, amount_remaining numeric, due_date timestamptz,
		PRIMARY KEY (invoice_id, customer_id)) PARTITION BY LIST (customer_id);
CREATE TABLE p.invoice_low PARTITION OF p.invoice FOR VALUES IN (0, 1, 2);
CREATE TABLE p.invoice_high (dropped int, total numeric, invoice_id text NOT NULL,
	customer_id int NOT NULL, currency text, invoice_status text,
	payment_status text, amount_due numeric, amount_remaining numeric, due_date timestamptz);
ALTER TABLE p.invoice_high DROP COLUMN dropped;
ALTER TABLE p.invoice ATTACH PARTITION p.invoice_high FOR VALUES IN (3, 4, 5);
CREATE TABLE p.vcu_order (vcu_order_id text, customer_id int, currency text, status text,
	pay_with_balance boolean, units numeric, created_at timestamptz);

CREATE FUNCTION good(currency text, status text, VARIADIC amounts numeric[])
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
SELECT coalesce(balance.known_currency(currency), false)
	AND coalesce(balance.known_status('invoice_status', status), true)
	AND NOT EXISTS (SELECT FROM unnest(amounts) a WHERE abs(a) >= 1e100)
$$;

SQL
$node->safe_psql('postgres', "SELECT balance.maintain('$_')") for qw(t p);
$node->safe_psql('postgres', <<'SQL');
CREATE VIEW kept AS
	SELECT 't' AS ledger, source, customer_id, sum(bad) AS bad, balance.merge(position) AS position
	FROM t.balance_store GROUP BY 2, 3
	UNION ALL SELECT 'p', source, customer_id, sum(bad), balance.merge(position)
	FROM p.balance_store GROUP BY 2, 3;
CREATE VIEW found AS
	SELECT 't' AS ledger, 'i'::"char" AS source, customer_id,
		count(*) FILTER (WHERE NOT good(currency, invoice_status, total)) AS bad,
		balance.tally_invoices(currency, invoice_status, payment_status, total, amount_due,
			amount_remaining, due_date)
			FILTER (WHERE good(currency, invoice_status, total)) AS position
			FROM t.invoice GROUP BY 3
	UNION ALL SELECT 't', 'd', customer_id,
		count(*) FILTER (WHERE NOT good(currency, NULL, amount)),
		balance.tally_deposits(currency, status, amount) FILTER (WHERE good(currency, NULL, amount))
		FROM t.deposit GROUP BY 3
	UNION ALL SELECT 'p', 'i', customer_id::text,
		count(*) FILTER (WHERE NOT good(currency, invoice_status, total)),
		balance.tally_invoices(currency, invoice_status, payment_status, total, amount_due,
			amount_remaining, due_date)
			FILTER (WHERE good(currency, invoice_status, total)) FROM p.invoice GROUP BY 3
	UNION ALL SELECT 'p', 'o', customer_id::text, 0,
		balance.tally_unit_orders(currency, status, pay_with_balance, units)
	FROM p.vcu_order GROUP BY 3;
CREATE VIEW differences AS
SELECT ledger, source, customer_id, k.bad AS bad_kept, f.bad AS bad_found, k.position AS kept,
	f.position AS found
FROM kept k FULL JOIN found f USING (ledger, source, customer_id)
WHERE coalesce(k.bad, 0) <> coalesce(f.bad, 0)
	OR coalesce(k.position, '1{}') OPERATOR(balance.<>) coalesce(f.position, '1{}');

-- a document of each customer, or its error's SQLSTATE
CREATE FUNCTION balance_of(ledger regnamespace, customer text)
RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN RETURN balance.customer_balance(customer, ledger);
	EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE; END $$;
CREATE FUNCTION summary_of(ledger regnamespace, customer text)
RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN RETURN balance.invoice_summary(customer, '2026-06-01', 'UTC', ledger);
	EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE; END $$;
CREATE FUNCTION units_of(ledger regnamespace, customer text)
RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN RETURN balance.vcu_balance(customer, NULL, NULL, ledger);
	EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE; END $$;

-- the same over views of the same rows, which nobody maintains
CREATE SCHEMA rows_t;
CREATE VIEW rows_t.customer AS SELECT * FROM t.customer;
CREATE VIEW rows_t.invoice AS SELECT * FROM t.invoice;
CREATE VIEW rows_t.invoice_line_item AS SELECT * FROM t.invoice_line_item;
CREATE VIEW rows_t.deposit AS SELECT * FROM t.deposit;
CREATE SCHEMA rows_p;
CREATE VIEW rows_p.invoice AS SELECT * FROM p.invoice;
CREATE VIEW rows_p.vcu_order AS SELECT * FROM p.vcu_order;
CREATE VIEW documents AS
SELECT customer, what, kept, found FROM (
	SELECT customer_id, 'balance', balance_of('t', customer_id),
		replace(balance_of('rows_t', customer_id), 'rows_t', 't') FROM t.customer
	UNION ALL SELECT customer_id, 'summary', summary_of('t', customer_id),
		summary_of('rows_t', customer_id) FROM t.customer
	UNION ALL SELECT i::text, 'balance', balance_of('p', i::text),
		replace(balance_of('rows_p', i::text), 'rows_p', 'p') FROM generate_series(0, 6) i
	UNION ALL SELECT i::text, 'summary', summary_of('p', i::text), summary_of('rows_p', i::text)
	FROM generate_series(0, 6) i
	UNION ALL SELECT i::text, 'units', units_of('p', i::text), units_of('rows_p', i::text)
	FROM generate_series(0, 6) i) d(customer, what, kept, found)
WHERE kept IS DISTINCT FROM found;
SQL

# ---- statements ----

sub pick { return $_[ int rand @_ ] }
sub id { return 'i' . int rand 40 }
sub name { return 'c' . int rand 6 }
sub currency { return rand() < 0.03 ? 'zzz' : pick(qw(usd eur jpy)) }
sub status { return rand() < 0.03 ? 'wrong' : pick(qw(draft open paid void)) }
sub amount { return rand() < 0.02 ? "'NaN'" : rand() < 0.05 ? 'NULL' : int(rand 2000) / 100 }

sub values_of
{
	my ($customer) = @_;

	return sprintf "('%s', %s, '%s', '%s', %s, %s, %s, %s)", id(), $customer, currency(), status(),
		amount(), int rand 9, int rand 9,
	  rand() < 0.3 ? 'NULL' : sprintf "'2026-%02d-01'", 1 + int rand 12;
}

my $columns = '(invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining, due_date)';

sub some_customer { my ($ledger) = @_; return $ledger eq 't' ? sprintf "'%s'", name() : int rand 6 }
sub key { my ($ledger) = @_; return $ledger eq 't' ? 'invoice_id' : 'invoice_id, customer_id' }

# A table that invoices are written by: the ledger's own, or a partition.
sub statement
{
	my $ledger = pick(qw(t p));
	my $table = "$ledger.invoice";
	my $some = sprintf "invoice_id IN ('%s', '%s', '%s')", id(), id(), id();
	my $customer = some_customer($ledger);
	my $key = key($ledger);
	my @statements = (
		sub { "INSERT INTO $table $columns VALUES "
			. join(', ', map { values_of(some_customer($ledger)) } 0 .. rand 3)
			. ' ON CONFLICT DO NOTHING' },
		sub { 'INSERT INTO ' . $table . " $columns VALUES " . values_of($customer)
			. " ON CONFLICT ($key) DO UPDATE SET total = excluded.total,
			invoice_status = excluded.invoice_status" },
		sub { sprintf "UPDATE $table SET total = %s, amount_remaining = %d WHERE $some",
			amount(), rand 9 },
		sub { sprintf "UPDATE $table SET invoice_status = '%s' WHERE $some", status() },
		sub { "UPDATE $table SET customer_id = $customer WHERE $some" },
		sub { "UPDATE $table SET due_date = due_date + interval '1 day'
			WHERE customer_id = $customer" },
		sub { "UPDATE $table SET total = total WHERE $some" },
		sub { "DELETE FROM $table WHERE $some" },
		sub { "DELETE FROM $table WHERE customer_id = $customer AND random() < 0.3" },
		sub { "WITH gone AS (DELETE FROM $table WHERE $some RETURNING customer_id) UPDATE $table
			SET amount_due = 3 WHERE customer_id IN (SELECT customer_id FROM gone)" },
		sub { "MERGE INTO $table m
			USING (VALUES " . values_of($customer) . ', ' . values_of($customer) . ") v $columns
			ON m.invoice_id = v.invoice_id AND m.customer_id = v.customer_id
			WHEN MATCHED AND v.total::numeric > 5 THEN DELETE
			WHEN MATCHED THEN UPDATE SET total = v.total::numeric
			WHEN NOT MATCHED THEN INSERT $columns
			VALUES (v.invoice_id || random(), v.customer_id, v.currency, v.invoice_status,
				1, 1, 1, NULL)" },
		sub { "COPY $table $columns FROM STDIN;\n"
			. join('', map { sprintf "%s\t%s\t%s\topen\t%d\t1\t1\t\\N\n",
				'z' . rand, $customer =~ s/'//gr, currency(), rand 9 } 0 .. 2) . "\\.\n" },
		sub { sprintf "INSERT INTO p.invoice_low $columns VALUES %s ON CONFLICT DO NOTHING",
			values_of(int rand 3) },
		sub { "UPDATE p.invoice_high SET total = total + 1 WHERE customer_id = "
			. (3 + int rand 3) },
		sub { sprintf "INSERT INTO t.deposit (deposit_id, customer_id, currency, status, amount)
			VALUES (random()::text, '%s', '%s', '%s', %s)", name(), currency(),
			pick(qw(ok pending)), amount() },
		sub { sprintf "UPDATE t.deposit SET status = '%s' WHERE customer_id = '%s'",
			pick(qw(ok pending)), name() },
		sub { sprintf "DELETE FROM t.deposit WHERE customer_id = '%s' AND random() < 0.5", name() },
		sub { sprintf "INSERT INTO p.vcu_order
			VALUES (random()::text, %d, 'usd', '%s', %s, %d, now() + interval '%d s')", rand 6,
			pick(qw(issued cancelled)), pick('true', 'false', 'NULL'), rand 9, rand 3 },
		sub { sprintf "DELETE FROM p.vcu_order WHERE customer_id = %d AND random() < 0.5", rand 6 },
		sub { sprintf "SAVEPOINT s; UPDATE $table SET total = 7 WHERE $some;
			DELETE FROM $table WHERE customer_id = $customer; ROLLBACK TO s;
			UPDATE $table SET total = total + 1 WHERE $some" },
		sub { sprintf "SET LOCAL session_replication_role = replica;
			UPDATE $table SET total = total + 1, customer_id = $customer WHERE $some;
			SET LOCAL session_replication_role = origin" },
		sub { sprintf "UPDATE t.customer SET customer_id = customer_id || 'x'
			WHERE customer_id = '%s'; UPDATE t.customer SET customer_id = rtrim(customer_id, 'x')",
			name() },
		sub { sprintf "DELETE FROM t.customer WHERE customer_id = '%s';
			INSERT INTO t.customer (customer_id, business_id) SELECT 'c' || i, 'b'
			FROM generate_series(0, 5) i ON CONFLICT DO NOTHING", name() },
		sub { "SELECT balance.fold('$ledger')" },
		sub { sprintf "SELECT balance.fold('$ledger', '{%s}')", $customer =~ s/'//gr },
	);
	return pick(@statements)->();
}

my @levels = ('READ COMMITTED', 'READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE');

sub transaction
{
	return sprintf "SELECT count(*) FROM balance.repair('%s');\n", pick(qw(t p)) if rand() < 0.01;
	return 'TRUNCATE ' . pick('t.deposit', 'p.invoice_low', 'p.invoice') . ";\n" if rand() < 0.01;
	return join ";\n", 'BEGIN ISOLATION LEVEL ' . pick(@levels), (map { statement() } 0 .. rand 3),
	  rand() < 0.15 ? 'ROLLBACK' : 'COMMIT', "SELECT 'done'", '';
}

# ---- sessions ----

# By files: a pipe would be fed by whoever is waited for only.
my $started = 0;

sub start
{
	my ($script) = @_;
	my $file = $node->basedir . '/session' . $started++;

	append_to_file("$file.sql", $script);
	return { file => $file,
		handle => IPC::Run::start([ 'psql', '-XqAt', '-d', $node->connstr('postgres'), '-f',
			"$file.sql" ], '<', \undef, '>', "$file.out", '2>', "$file.err") };
}

# What a session has said, and which errors it met.
sub finish
{
	my ($session) = @_;
	my $file = $session->{file};

	$session->{handle}->finish;
	my @said = map { slurp_file("$file.$_") } qw(out err);
	unlink map { "$file.$_" } qw(sql out err);
	return @said;
}

# PostgreSQL shows TRUNCATE to snapshots that are older, unless they have the lock.
my $compare = "SELECT 'differs', d.* FROM differences d;
	SELECT 'differs', d.* FROM documents d;\n";
my $reads = "\\set VERBOSITY sqlstate\n" . join '',
	map { "BEGIN ISOLATION LEVEL $_;\nLOCK TABLE t.deposit, p.invoice,
	p.vcu_order IN ACCESS SHARE MODE;
	$compare$compare" . "COMMIT;\nSELECT 'read';\n" } (@levels) x 10;
my ($done, $read, %errors) = (0, 0);
my @differences;
my $end = time + $seconds;

srand $seed;
while (time < $end && !@differences)
{
	my @sessions =
		map { start("\\set VERBOSITY sqlstate\n" . join '',
		map { transaction() } 1 .. 60) } 1 .. $writers;
	push @sessions, map { start($reads) } 1 .. 2;
	for my $session (@sessions)
	{
		my ($output, $errors) = finish($session);

		$done += () = $output =~ /^done$/mg;
		$read += () = $output =~ /^read$/mg;
		push @differences, $output =~ /^(differs.*)$/mg;
		$errors{$1}++ while $errors =~ /ERROR:  (\w{5})/g;
	}
}

is(join("\n", @differences), '', 'readers found no difference in any snapshot');
is($node->safe_psql('postgres', 'SELECT * FROM differences'), '', 'nor is there any in the end');
is($node->safe_psql('postgres', "SELECT * FROM balance.verify('$_') WHERE rule = 'store_differs'"),
	'', "verify() finds none in $_") for qw(t p);
cmp_ok($done, '>=', 100, "writers ended $done transactions");
cmp_ok($read, '>=', 10, "readers took $read snapshots");
note join ', ', map { "$_: $errors{$_}" } sort keys %errors;
# rows locked in any order, duplicate ids, and foreign keys are the statements' own
is(join(' ', grep { !/^(40001|40P01|23502|23503|23505|23514|25P02|3B001|21000)$/ }
	sort keys %errors), '', 'no statement failed for the store');
is($node->safe_psql('postgres',
	"SELECT bool_and(valid)
	FROM (SELECT * FROM balance.maintenance('t') UNION ALL SELECT * FROM balance.maintenance('p'))
	m"), 't', 'all stores are valid');

# ---- a crash ----

for my $round (1 .. 3)
{
	my @sessions = map { start(join '', map { transaction() } 1 .. 100) } 1 .. 3;

	Time::HiRes::sleep(0.3);
	$node->stop('immediate');
	finish($_) for @sessions;
	$node->start;
	is($node->safe_psql('postgres', 'SELECT * FROM differences'), '',
		"no difference after crash $round");
}

# ---- dump and restore ----

my $before = $node->safe_psql('postgres', 'SELECT * FROM found ORDER BY 1, 2, 3');
my $dump = $node->basedir . '/dump.sql';
$node->command_ok([ 'pg_dump', '-f', $dump, '-d', $node->connstr('postgres') ], 'dumped');
$node->safe_psql('postgres', 'CREATE DATABASE restored');
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', $dump, '-d',
	$node->connstr('restored') ], 'restored');
is($node->safe_psql('restored', 'SELECT * FROM found ORDER BY 1, 2, 3'), $before,
	'rows are as they were');
is($node->safe_psql('restored', "SELECT bool_or(valid) FROM balance.maintenance('t')"), 'f',
	'a restored store does not count');
$node->safe_psql('restored', "UPDATE t.invoice SET total = 1; SELECT balance.repair('$_')")
  for qw(t p);
is($node->safe_psql('restored', 'SELECT * FROM differences'), '', 'repaired, it is right');
is($node->safe_psql('restored', "SELECT bool_and(valid) FROM balance.maintenance('t')"), 't',
	'and counts');
$node->safe_psql('restored', 'UPDATE t.invoice SET total = 2;
	DELETE FROM p.invoice_low WHERE customer_id = 1');
is($node->safe_psql('restored', 'SELECT * FROM differences'), '', 'and is kept');

done_testing();
