# Ledgers on a cluster of Citus whose tables are somebody's own: wherever their rows are,
# whatever their ids are, and whatever is wrong with them, each answer is that of one
# server, or an error that check_ledger() tells of.
use strict;
use warnings;
use PostgreSQL::Test::Utils;
use Test::More;
use Asked;
use Citus;

plan skip_all => 'the server has no citus.so' unless has_citus();

my ($node, @workers) = start_cluster();
fill($node, 6000, 200);
$node->safe_psql('postgres', "${quiet}SELECT balance.create_report_views('Asia/Kathmandu', '$_')")
	foreach 'near', 'far';
my @relations = relations($node);
my @queries = Asked::queries();
# What is asked again of each of many ledgers: all but the same of one more customer, and of a
# currency.
my @fewer = grep { !/c199|c20\b|WHERE currency|c10/ } @queries;

# The columns of a table, but those that it makes itself.
sub columns
{
	my ($table, $but) = @_;
	return $node->safe_psql('postgres', "SELECT string_agg(attname, ', ' ORDER BY attnum)
		FROM pg_attribute WHERE attrelid = '$table'::regclass AND attnum > 0
			AND NOT attisdropped" . ($but // " AND attidentity = ''"));
}

# What puts a table where it belongs.
sub distribute
{
	my ($table) = @_;
	return $table =~ /exchange_rate/ ? "SELECT create_reference_table('$table');"
		: "SELECT create_distributed_table('$table', 'customer_id');";
}

# Tables like those of far, changed before they are distributed, and filled.
sub lay_out
{
	my ($ledger, %calls) = @_;
	my @steps = "CREATE SCHEMA $ledger;";
	push @steps, $calls{"make $_"} // "CREATE TABLE $ledger.$_ (LIKE far.$_ INCLUDING INDEXES);"
		foreach @relations;
	push @steps, $calls{before} // '';
	push @steps, map { defined $calls{$_} ? $calls{$_} =~ s/TABLE/$ledger.$_/r
		: distribute("$ledger.$_") } @relations;
	push @steps, "INSERT INTO $ledger.$_ SELECT * FROM far.$_;" foreach @relations;
	$node->safe_psql('postgres', join "\n", $quiet, @steps, $calls{after} // '',
		"SELECT balance.create_report_views('Asia/Kathmandu', '$ledger');");
	return;
}

sub findings
{
	my ($ledger) = @_;
	return $node->safe_psql('postgres', "SELECT severity, message
		FROM balance.check_ledger('$ledger') WHERE message !~ 'absent|has no'");
}

# What one server answers, which is asked once.
my %here;

sub here
{
	my ($query, $ledger) = @_;
	return $here{$ledger}{$query} //= answer($node, $query, $ledger);
}

# How many answers are the same as of another ledger, which are refused, and which are others.
sub compare
{
	my ($ledger, $expected, @asked) = @_;
	my ($same, @refused, @other) = (0);
	foreach my $query (@asked)
	{
		my $found = answer($node, $query, $ledger);
		if ($found eq here($query, $expected)) { $same++; }
		elsif ($found =~ /(ERROR.*)/) { push @refused, "$query: $1"; }
		else { push @other, $query; }
	}
	return ($same, join("\n", @refused), join "\n", @other);
}

my $apart = q{SELECT create_distributed_table('TABLE', 'customer_id', colocate_with => 'none');};
my $copied = q{SELECT create_reference_table('TABLE');};
my $partition = 'CREATE TABLE %s.invoice (LIKE far.invoice, PRIMARY KEY (%s)) PARTITION BY %s;';
my %layouts = (
	everywhere => [ qr/^warning\|every server has all of everywhere.customer, where those of/m, 0,
		customer => $copied ],
	copied => [ qr/^warning\|every server has all of copied.invoice_line_item, where those of/m,
		'verify',
		invoice_line_item => $copied, credit_memo_application => $copied ],
	all_copied => [ qr/^$/, 0, map { $_ => $copied } @relations ],
	here => [ qr/^warning\|rows of here.customer are on one server, those of here.invoice on all/m,
		'verify', customer => '' ],
	apart => [ qr/^error\|apart.payment is not co-located with apart.customer/m, 1,
		map { $_ => $apart } grep { $_ ne 'exchange_rate' } @relations ],
	by_id => [ qr/^error\|by_id.invoice is distributed by invoice_id, not by customer_id/m, 1,
		before => 'ALTER TABLE by_id.invoice DROP CONSTRAINT invoice_pkey,
			ADD PRIMARY KEY (invoice_id);',
		invoice => q{SELECT create_distributed_table('TABLE', 'invoice_id');} ],
	keyless => [ qr/^error\|rows that name one are not joined by their customer, who is/m, 1,
		before => 'ALTER TABLE keyless.invoice DROP CONSTRAINT invoice_pkey;
			CREATE INDEX ON keyless.invoice (customer_id);' ],
	memoless => [ qr/^error\|rows that name one are not joined by their customer, who is/m, 0,
		before => 'ALTER TABLE memoless.credit_memo DROP CONSTRAINT credit_memo_pkey;
			CREATE INDEX ON memoless.credit_memo (customer_id);' ],
	nobodys => [ qr/^error\|rows are not joined by their customer, as they may have none/m, 1,
		before => 'ALTER TABLE nobodys.invoice_line_item
			DROP CONSTRAINT invoice_line_item_pkey, ALTER customer_id DROP NOT NULL;' ],
	hashes => [ qr/^$/, 0,
		'make invoice' => sprintf($partition, 'hashes', 'customer_id, invoice_id',
			'HASH (customer_id)') . join '', map { "CREATE TABLE hashes.p$_ PARTITION OF
				hashes.invoice FOR VALUES WITH (MODULUS 3, REMAINDER $_);" } 0 .. 2 ],
	ranges => [ qr/^$/, 0,
		'make invoice' => sprintf($partition, 'ranges', 'customer_id, invoice_id, due_date',
			'RANGE (due_date)') . "CREATE TABLE ranges.late PARTITION OF ranges.invoice
				FOR VALUES FROM (MINVALUE) TO ('2026-10-01');
			CREATE TABLE ranges.due PARTITION OF ranges.invoice DEFAULT;" ],
	has_columnar() ? (columns => [ qr/^$/, 0,
		after => "SELECT alter_table_set_access_method('columns.invoice', 'columnar');" ]) : ());
$node->safe_psql('postgres', 'CREATE EXTENSION citus_columnar') if has_columnar();
foreach my $ledger (sort keys %layouts)
{
	my ($finding, $refuses, %calls) = @{ $layouts{$ledger} };
	lay_out($ledger, %calls);
	like(findings($ledger), $finding, "$ledger: what check_ledger() finds");
	my ($same, $refused, $other) = compare($ledger, 'near', @fewer);
	is($other, '', '... no answer is another one');
	if ($refuses eq 'verify')
	{
		is(join("\n", grep { !/verify/ } split /\n/, $refused), '',
			'... verify() alone is refused');
	}
	elsif ($refuses)
	{
		ok($refused && $same > 20, '... some are refused') or diag "$same are the same";
	}
	else { is($refused, '', '... and none is refused'); }
	$node->safe_psql('postgres', "$quiet DROP SCHEMA $ledger CASCADE");
}

# A tenant's schema, which is all on one server.
$node->safe_psql('postgres', join ' ', "$quiet SELECT balance.create_ledger('tenant');",
	map({ my $columns = columns("near.$_");
		"INSERT INTO tenant.$_ ($columns) SELECT $columns FROM near.$_;" } @relations),
	"SELECT citus_schema_distribute('tenant')");
like(findings('tenant'), qr/^warning\|has days of the time zone of who asks/m,
	'tenant: what check_ledger() finds');
$node->safe_psql('postgres',
	"${quiet}SELECT balance.create_report_views('Asia/Kathmandu', 'tenant')");
is(findings('tenant'), '', '... and finds no more of a tenant whose views have a zone');
foreach my $query (@queries)
{
	is(answer($node, $query, 'tenant'), here($query, 'near'), "tenant: $query");
}
foreach my $view ('report_invoice_summary', 'report_metrics', 'book_customer_balance')
{
	like($node->safe_psql('postgres', "EXPLAIN (COSTS off) TABLE tenant.$view"),
		qr/Task Count: 1\b(?!.*Task Count)/s, "... $view of a tenant is one task");
}
like($node->safe_psql('postgres', "SELECT string_agg(DISTINCT reason, ' ')
	FROM balance.maintenance('tenant')"), qr/Citus lets no trigger see them/,
	'... no store is kept');

# Ids of other types, which are values of a column that rows are distributed by: of one
# customer there is still one task.
my $number = 'substr(customer_id, 2)';
my %types = (
	bigint => [ "$number\::bigint", sub { shift } ],
	numeric => [ "$number\::numeric", sub { shift } ],
	uuid => [ "lpad($number, 32, '0')::uuid", sub {
		'00000000-0000-0000-0000-' . sprintf '%012d', shift } ],
	'varchar(20)' => [ 'customer_id', sub { "c$_[0]" } ],
	'char(9)' => [ 'customer_id', sub { "c$_[0]" } ],
	name => [ 'customer_id', sub { "c$_[0]" } ],
	'public.citext' => [ 'upper(customer_id)', sub { "c$_[0]" } ]);
$node->safe_psql('postgres', 'CREATE EXTENSION citext');
foreach my $type (sort keys %types)
{
	my ($value, $id) = @{ $types{$type} };
	my ($kind) = $type =~ /(?:\w+\.)?(\w+)/;
	foreach my $ledger ("typed_$kind", "plain_$kind")
	{
		my @steps = "CREATE SCHEMA $ledger;";
		foreach my $relation (@relations)
		{
			my $columns = columns("far.$relation", '');
			my $of_customers = $relation ne 'exchange_rate';
			push @steps, "CREATE TABLE $ledger.$relation (LIKE far.$relation INCLUDING INDEXES);";
			push @steps, "ALTER TABLE $ledger.$relation ALTER customer_id TYPE $type USING $value;"
				if $of_customers;
			push @steps, distribute("$ledger.$relation") if $ledger eq "typed_$kind";
			push @steps, "INSERT INTO $ledger.$relation ($columns) SELECT "
				. $columns =~ s/\bcustomer_id/$value/r . " FROM far.$relation;";
		}
		$node->safe_psql('postgres', join "\n", $quiet, @steps,
			"SELECT balance.create_report_views('Asia/Kathmandu', '$ledger');");
	}
	is(findings("typed_$kind"), findings("plain_$kind"),
		"customers by $type: check_ledger() finds nothing of the cluster");
	my ($same, $refused, $other) = compare("typed_$kind", "plain_$kind",
		map { s/'c(\d+)'/"'" . $id->($1) . "'"/gre } @fewer);
	is($other, '', '... no answer is another one');
	is($refused, '', '... and none is refused');
	my $log = ($node->psql('postgres', "SET citus.log_remote_commands = on;
		SET client_min_messages = log; SELECT balance.invoice_summary('" . $id->(42)
		. "', ledger => 'typed_$kind')"))[2];
	is(scalar(() = $log =~ /issuing (?:SELECT|WITH)/g), 1, '... a document is one task');
	$node->safe_psql('postgres', "$quiet DROP SCHEMA typed_$kind, plain_$kind CASCADE");
}

# What is wrong is found where it is: rows of all kinds that break rules, here and there.
$node->safe_psql('postgres', join ' ', $quiet, map { my $ledger = $_; "CREATE SCHEMA $ledger;",
	map({ "CREATE TABLE $ledger.$_ (LIKE far.$_ INCLUDING INDEXES);" } @relations),
	"ALTER TABLE $ledger.deposit DROP CONSTRAINT deposit_pkey;" }
	'spoilt', 'spoilt_here');
foreach my $ledger ('spoilt', 'spoilt_here')
{
	$node->safe_psql('postgres', $quiet . $node->safe_psql('postgres', "SELECT string_agg(format(
		'ALTER TABLE %s ALTER %I DROP NOT NULL;', attrelid::regclass, attname), ' ')
		FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid AND relkind = 'r'
		WHERE relnamespace = '$ledger'::regnamespace AND attnum > 0 AND attnotnull
			AND attname <> 'customer_id' AND NOT EXISTS (SELECT FROM pg_index
			WHERE indrelid = attrelid AND indisprimary AND attnum = ANY (indkey))"));
}
$node->safe_psql('postgres', join ' ', map { distribute("spoilt.$_") } @relations);
$node->safe_psql('postgres', join ' ', 'SET search_path = spoilt_here;',
	map({ "INSERT INTO $_ SELECT * FROM far.$_;" } @relations), <<'SQL');
CREATE FUNCTION pg_temp.n(id text, after int) RETURNS int LANGUAGE sql AS
$$SELECT CASE WHEN substr(id, 2)::int > after THEN substr(id, 2)::int % 23 ELSE 99 END$$;
UPDATE invoice SET
	currency = (ARRAY['zzz', 'HRK', NULL, currency])[least(pg_temp.n(invoice_id, 100), 3) + 1],
	invoice_status = CASE pg_temp.n(invoice_id, 100) WHEN 4 THEN 'shipped'
		WHEN 5 THEN 'partially_paid' WHEN 6 THEN 'paid' WHEN 7 THEN 'void' ELSE invoice_status END,
	total = CASE pg_temp.n(invoice_id, 100) WHEN 8 THEN 'NaN' WHEN 9 THEN NULL WHEN 10 THEN 0.00001
		ELSE total END,
	amount_due = CASE pg_temp.n(invoice_id, 100) WHEN 11 THEN NULL ELSE amount_due END,
	amount_remaining = CASE pg_temp.n(invoice_id, 100) WHEN 12 THEN -1 WHEN 13 THEN amount_due + 1
		WHEN 14 THEN 'Infinity' ELSE amount_remaining END,
	due_date = CASE pg_temp.n(invoice_id, 100) WHEN 15 THEN '0001-12-31 BC' WHEN 16 THEN 'infinity'
		WHEN 17 THEN '2020-01-01' ELSE due_date END,
	issued_at = CASE pg_temp.n(invoice_id, 100) WHEN 18 THEN NULL WHEN 19 THEN '-infinity'
		ELSE issued_at END,
	number = CASE WHEN pg_temp.n(invoice_id, 100) IN (20, 21) THEN 'N' ELSE number END,
	voided_at = CASE WHEN pg_temp.n(invoice_id, 100) <> 22 THEN voided_at END;
UPDATE invoice_line_item SET price_type = CASE WHEN amount % 11 = 0 THEN '' ELSE price_type END,
	amount = CASE WHEN amount % 7 = 1 THEN NULL WHEN amount % 7 = 2 THEN 'NaN' ELSE amount END,
	invoice_id = CASE WHEN amount % 7 = 3 THEN 'nowhere' ELSE invoice_id END;
UPDATE credit_memo SET
	status = CASE pg_temp.n(credit_memo_id, 20) WHEN 0 THEN 'paid' WHEN 1 THEN NULL
		WHEN 2 THEN 'void' WHEN 3 THEN 'fully_applied' ELSE status END,
	currency = (ARRAY['zzz', 'HRK', 'usd', currency])[greatest(least(
		pg_temp.n(credit_memo_id, 20), 7) - 3, 1)],
	amount = CASE pg_temp.n(credit_memo_id, 20) WHEN 8 THEN -1 WHEN 9 THEN NULL ELSE amount END,
	amount_applied = CASE pg_temp.n(credit_memo_id, 20) WHEN 10 THEN -1 WHEN 11 THEN 9999999
		WHEN 12 THEN NULL ELSE amount_applied END,
	amount_refunded = CASE pg_temp.n(credit_memo_id, 20) WHEN 13 THEN -1 WHEN 14 THEN 9999999 END,
	invoice_id = CASE pg_temp.n(credit_memo_id, 20) WHEN 15 THEN 'nowhere' WHEN 16 THEN 'i1'
		ELSE invoice_id END,
	line_items = CASE pg_temp.n(credit_memo_id, 20) WHEN 17 THEN '[]'::jsonb END,
	expires_at = CASE pg_temp.n(credit_memo_id, 20) WHEN 18 THEN 'infinity'::timestamptz END;
UPDATE credit_memo_application SET
	amount_applied = CASE pg_temp.n(application_id, 20) WHEN 0 THEN 9999999 WHEN 1 THEN NULL
		WHEN 2 THEN -5 ELSE amount_applied END,
	credit_memo_id = CASE pg_temp.n(application_id, 20) WHEN 3 THEN 'none' ELSE credit_memo_id END,
	invoice_id = CASE pg_temp.n(application_id, 20) WHEN 4 THEN 'nowhere' WHEN 5 THEN 'i1'
		ELSE invoice_id END,
	reversed_at = CASE pg_temp.n(application_id, 20) WHEN 6 THEN '2000-01-01Z'::timestamptz END;
UPDATE payment SET
	amount = CASE pg_temp.n(payment_id, 100) WHEN 0 THEN 0 WHEN 1 THEN NULL WHEN 2 THEN 'NaN'
		ELSE amount END,
	currency = CASE pg_temp.n(payment_id, 100) WHEN 3 THEN 'zzz' WHEN 4 THEN 'brl'
		ELSE currency END,
	status = CASE pg_temp.n(payment_id, 100) WHEN 5 THEN 'lost' WHEN 6 THEN 'failed' END,
	invoice_id = CASE pg_temp.n(payment_id, 100) WHEN 7 THEN 'nowhere' WHEN 8 THEN 'i1'
		ELSE invoice_id END;
INSERT INTO deposit SELECT deposit_id, 'nobody', (ARRAY['usd', 'zzz', NULL])[amount % 3 + 1],
	status, CASE amount % 5 WHEN 0 THEN NULL WHEN 1 THEN 'NaN' ELSE 0.001 END
FROM deposit WHERE amount % 9 = 1;
INSERT INTO deposit SELECT * FROM deposit WHERE amount % 50 = 2;
UPDATE vcu_invoice SET status = CASE units % 40 WHEN 1 THEN 'x' ELSE status END,
	created_at = CASE units % 40 WHEN 2 THEN NULL WHEN 3 THEN 'infinity' ELSE created_at END,
	paid_at = CASE units % 40 WHEN 4 THEN NULL ELSE paid_at END;
UPDATE vcu_order SET units = CASE units % 40 WHEN 1 THEN NULL WHEN 2 THEN 'NaN' ELSE units END;
UPDATE exchange_rate SET rate = -1 WHERE currency = 'JPY';
UPDATE customer SET default_currency = 'zzz' WHERE customer_id IN ('c11', 'c12');
DELETE FROM customer WHERE customer_id IN ('c3', 'c4');
SQL
$node->safe_psql('postgres',
	join ' ', map { "INSERT INTO spoilt.$_ SELECT * FROM spoilt_here.$_;" } @relations);
my $rules = $node->safe_psql('postgres', "SELECT count(DISTINCT rule), count(*) > 2000
	FROM balance.verify('spoilt')");
like($rules, qr/^(3[5-9]|[4-9]\d)\|t$/, "rules that are broken where the rows are: $rules");
foreach my $query ('SELECT * FROM balance.verify(%s)',
	'SELECT rule, rows FROM balance.verify_summary(%s)',
	map { "SELECT * FROM balance.verify(%s, 'c$_')" } 1, 3, 11, 16, 42)
{
	my $asked = sprintf $query, "'LEDGER'";
	is(answer($node, $asked, 'spoilt'), answer($node, $asked, 'spoilt_here'), "spoilt: $asked");
}
$node->safe_psql('postgres', "${quiet}SELECT balance.create_report_views('Asia/Kathmandu', '$_')")
	foreach 'spoilt', 'spoilt_here';
my $raised = 0;
foreach my $query (grep { !/verify/ } @fewer)
{
	my ($there, $here) = map { answer($node, $query, $_, "\\set VERBOSITY sqlstate
		SET datestyle = ISO; SET TimeZone = 'Asia/Kathmandu';") } 'spoilt', 'spoilt_here';
	if ($here =~ /ERROR:  2\w+/)
	{
		$raised++;
		like($there, qr/ERROR:  2\w+/, "spoilt: $query raises, too");
	}
	else { is($there, $here, "spoilt: $query"); }
}
cmp_ok($raised, '>', 20, '... of what has rows that no document can tell');

# Balances that were maintained, of a table that went there with its triggers, are answered
# from its rows.
$node->safe_psql('postgres', $quiet . q{CREATE SCHEMA kept;
	CREATE TABLE kept.invoice (LIKE far.invoice INCLUDING INDEXES);
	INSERT INTO kept.invoice SELECT * FROM far.invoice WHERE customer_id = 'c1';
	SELECT balance.maintain('kept');
	SET citus.enable_unsafe_triggers = on;
	SELECT create_distributed_table('kept.invoice', 'customer_id');
	DELETE FROM kept.invoice WHERE number > 'N3'});
is($node->safe_psql('postgres', q{SELECT sum(n::int) FROM jsonb_path_query(
	balance.customer_balance('c1', 'kept'), '$[*].invoices.ready_for_payment.count') AS n}),
	$node->safe_psql('postgres', 'SELECT count(*) FROM kept.invoice'),
	'a store that no trigger feeds any more is not asked');
like(($node->psql('postgres', "SET citus.enable_schema_based_sharding = on;
	SELECT balance.create_ledger('second')"))[2], qr/citus_schema_distribute/,
	'nothing is made in a schema that would be a tenant');

# What the guide says to do is done to the letter, in a database of its own.
my ($section) = slurp_file('docs/guides/growing.md') =~ /^## Citus\n(.*?)^## /ms;
my @steps = $section =~ /^```pgsql\n(.*?)^```$/gms;
is(scalar @steps, 3, 'the guide has steps for a cluster');
my %hosts = (coordinator => $node, worker1 => $workers[0], worker2 => $workers[1]);
my $steps = join '', @steps;
$steps =~ s/'(\w+)\.example', 5432/"'" . $hosts{$1}->host . "', " . $hosts{$1}->port/ge;
$_->safe_psql('postgres', 'CREATE DATABASE guide') foreach values %hosts;
$_->safe_psql('guide', 'CREATE EXTENSION citus') foreach values %hosts;
$node->safe_psql('guide', "$quiet CREATE SCHEMA own;
	CREATE TABLE own.customer (customer_id text PRIMARY KEY);
	CREATE TABLE own.invoice (invoice_id text, customer_id text, currency text,
		invoice_status text, total numeric, amount_due numeric, amount_remaining numeric,
		PRIMARY KEY (customer_id, invoice_id));
	$steps");
foreach my $ledger ('billing', 'own', 'tenant')
{
	$node->safe_psql('guide', "INSERT INTO $ledger.customer (customer_id) VALUES ('c');
		INSERT INTO $ledger.invoice (invoice_id, customer_id, currency, invoice_status, total,
			amount_due, amount_remaining) VALUES ('i', 'c', 'usd', 'open', 5, 5, 5)");
	is($node->safe_psql('guide', "SELECT message FROM balance.check_ledger('$ledger')
		WHERE message !~ 'absent|has no'"), '',
		"the guide's $ledger: check_ledger() finds nothing");
	is($node->safe_psql('guide', "SELECT total_unpaid_amount FROM $ledger.report_invoice_summary;
		SELECT balance.invoice_summary('c', ledger => '$ledger')
			#>> '{summaries,0,total_unpaid_amount}'"), "5.00\n5.00", '... and it has answers');
}
is($workers[0]->safe_psql('guide', q{SELECT string_agg(extname, ' ' ORDER BY extname)
	FROM pg_extension WHERE extname IN ('citus', 'balance')}), 'balance citus',
	'... and workers have the extension');

$_->stop for reverse $node, @workers;
done_testing();
