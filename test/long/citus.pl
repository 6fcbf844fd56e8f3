# A ledger on a cluster of Citus, a coordinator and two workers in other time zones: every
# function answers as it does over the same rows on one server, and plans show that it
# is computed where the rows are.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Asked;

my $directory = `pg_config --pkglibdir` =~ s/\n//r;
plan skip_all => "there is no $directory/citus.so" unless -e "$directory/citus.so";

my @nodes;
foreach my $name ('coordinator', 'worker1', 'worker2')
{
	my $node = PostgreSQL::Test::Cluster->new($name);
	my $zone = $name eq 'coordinator' ? 'Pacific/Kiritimati' : 'America/Havana';
	$node->init(extra => [ '--no-locale', '--encoding=UTF8' ]);
	$node->append_conf('postgresql.conf', "shared_preload_libraries = 'citus'\njit = off
		timezone = '$zone'\ncitus.node_conninfo = 'sslmode=disable'\nmax_connections = 60
		max_prepared_transactions = 50\nwal_level = logical\ncitus.shard_count = 8
		citus.enable_statistics_collection = off\n");
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION citus; CREATE EXTENSION balance');
	push @nodes, $node;
}
my ($node, @workers) = @nodes;
$node->safe_psql('postgres', "SELECT citus_set_coordinator_host('" . $node->host . "', "
		. $node->port . ');' . join '',
	map { "SELECT citus_add_node('" . $_->host . "', " . $_->port . ');' } @workers);

# The rows of 200 customers, in tables that are distributed and in others.
my $quiet = "SET client_min_messages = error;\n";
$node->safe_psql('postgres', "$quiet SELECT balance.create_ledger('far', distributed => true);
	SELECT balance.create_ledger('near')");
is($node->safe_psql('postgres', q{SELECT count(*) FILTER (WHERE partmethod = 'h'),
	count(*) FILTER (WHERE partmethod = 'n'), count(DISTINCT colocationid)
	FROM pg_dist_partition}), '9|1|2', 'tables are distributed together');
$node->safe_psql('postgres', <<'SQL');
SET search_path = far;
INSERT INTO customer SELECT 'c' || i, 'wb', 'b' || i % 3, 'Name ' || i,
	(ARRAY['usd', NULL])[i % 2 + 1] FROM generate_series(0, 199) AS i;
INSERT INTO invoice (invoice_id, customer_id, currency, invoice_status, payment_status, number,
	total, amount_due, amount_remaining, due_date, issued_at, voided_at)
SELECT 'i' || i, 'c' || i % 200, (ARRAY['usd', 'EUR', 'jpy'])[i % 3 + 1],
	(ARRAY['open', 'finalized', 'paid', 'draft', 'void'])[i / 5 % 5 + 1], NULL, 'N' || i,
	i % 997, i % 997, CASE WHEN i / 5 % 5 = 2 THEN 0 ELSE i % 997
		- CASE WHEN i <= 600 AND i / 5 % 5 < 2 THEN (ARRAY[0.1, 0.1, 10])[i % 3 + 1]
			ELSE 0 END END,
	current_date - i % 120 + 3, now() - interval '150 days' - i * interval '1 minute',
	CASE WHEN i / 5 % 5 = 4 THEN now() - interval '100 days' END
FROM generate_series(1, 6000) AS i;
INSERT INTO invoice_line_item (invoice_id, customer_id, price_type, amount)
SELECT invoice_id, customer_id, (ARRAY['usage', 'seat'])[j], total / 2
FROM invoice, generate_series(1, 2) AS j;
INSERT INTO deposit SELECT 'd' || i, 'c' || i * 7 % 200, 'usd',
	(ARRAY['held', 'used'])[i % 2 + 1], i FROM generate_series(1, 400) AS i;
INSERT INTO vcu_invoice SELECT 'v' || i, 'c' || i % 180, 'brl',
	(ARRAY['paid', 'pending'])[i % 2 + 1], i, now() - i * interval '3 hours',
	now() - i * interval '2 hours' FROM generate_series(1, 800) AS i;
INSERT INTO vcu_order SELECT 'o' || i, 'c' || i % 190, 'brl',
	(ARRAY['issued', 'billed'])[i % 2 + 1], i, i % 5 = 0, now() - i * interval '3 hours'
FROM generate_series(1, 800) AS i;
INSERT INTO credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	amount_applied, issue_date, reason, invoice_id, created_at, updated_at)
SELECT 'm' || i, 'b' || i % 200 % 3, 'c' || i % 200, 'issued',
	(ARRAY['usd', 'EUR', 'jpy'])[i % 3 + 1], 100000, 10, '2026-01-01', 'service_issue', 'i' || i,
	now() - i * interval '1 day', now() FROM generate_series(1, 600) AS i;
INSERT INTO credit_memo_application (application_id, credit_memo_id, invoice_id, amount_applied,
	applied_at, customer_id)
SELECT 'a' || i, 'm' || i, 'i' || i, 10, now() - i * interval '1 hour', 'c' || i % 200
FROM generate_series(1, 600) AS i WHERE i / 5 % 5 < 2;
INSERT INTO payment (payment_id, customer_id, currency, amount, paid_at, invoice_id)
SELECT 'p' || substr(invoice_id, 2), customer_id, currency, amount_due,
	issued_at + interval '2 days', invoice_id FROM invoice WHERE invoice_status = 'paid';
INSERT INTO exchange_rate SELECT upper(c), 'USD', '2020-01-01', 2, 'us'
FROM unnest('{usd,eur,jpy,brl}'::text[]) AS c;
SQL
my $relations = $node->safe_psql('postgres', q{SELECT string_agg(relname, ' ' ORDER BY
	array_position('{customer,invoice,credit_memo}', relname::text)) FROM pg_class
	WHERE relnamespace = 'near'::regnamespace AND relkind = 'r'});
foreach my $relation (split / /, $relations)
{
	my $columns = $node->safe_psql('postgres', "SELECT string_agg(attname, ', ')
		FROM pg_attribute WHERE attrelid = 'near.$relation'::regclass AND attnum > 0
			AND NOT attisdropped AND attidentity = ''");
	$node->safe_psql('postgres', "INSERT INTO near.$relation ($columns)
		SELECT $columns FROM far.$relation");
}
$node->safe_psql('postgres', 'ANALYZE');

# The answer to a query over LEDGER, and what it raises.
sub answer
{
	my ($query, $ledger) = @_;
	my ($status, $out, $error) = $node->psql('postgres',
		"${quiet}SET datestyle = ISO; SET TimeZone = 'Asia/Kathmandu'; "
		. $query =~ s/LEDGER/$ledger/gr,
		on_error_stop => 0);
	return join "\n", (sort split /\n/, $out), $error =~ s/\b$ledger\b/LEDGER/gr;
}

my @queries = Asked::queries();

# Their days are of the zone of who asks, or of the views'.
$node->safe_psql('postgres', "${quiet}SELECT balance.create_report_views('Asia/Kathmandu', 'far')");
foreach my $query (@queries)
{
	my $expected = answer($query, 'near');
	unlike($expected, qr/ERROR/, "$query: an answer") unless $query =~ /verify/;
	is(answer($query, 'far'), $expected, $query);
}

# Documents are one task on one worker, and books and reports have no rows sent here.
foreach my $report (map({ "report_$_" } qw(customer_balance invoice_summary ageing vcu_balance
	metrics)), 'book_customer_balance', 'book_invoice_summary')
{
	my $plan = $node->safe_psql('postgres', "EXPLAIN (COSTS off) TABLE far.$report");
	like($plan, qr/Task Count: 8/, "$report is made where the rows are");
	unlike($plan, qr/Distributed Subplan/, '... in one step');
	like($node->safe_psql('postgres', "EXPLAIN (COSTS off) SELECT * FROM far.$report
		WHERE customer_id = 'c42'"), qr/Task Count: 1\b/, '... and of one customer where he lives');
}
foreach my $document ("customer_balance('c42'", "invoice_summary('c42'", "vcu_balance('c42'",
	"customer_credits('c5', currency => 'usd'",
	"statement_document('c5', current_date - 151, current_date")
{
	my (undef, undef, $log) = $node->psql('postgres', "SET citus.log_remote_commands = on;
		SET client_min_messages = log; SELECT balance.$document, ledger => 'far')");
	is(scalar(() = $log =~ /issuing (?:SELECT|WITH)/g), 1, "$document is one task");
}

# So is each query that verify() has of one customer, and of all of them, what is sent here has
# been sifted where it is.
sub sent
{
	my ($arguments) = @_;
	my (undef, undef, $log) = $node->psql('postgres', "SET citus.log_remote_commands = on;
		SET balance.log_queries = on; SET client_min_messages = log;
		SELECT * FROM balance.verify($arguments)");
	return (scalar(() = $log =~ /query over ledger/g),
		$log =~ /issuing ((?:SELECT|WITH) (?!assign_distributed).*)/g);
}
my ($asked, @sent) = sent("'far', 'c10'");
cmp_ok(scalar @sent, '>', 20, 'verify() of one customer asks where he lives');
cmp_ok(scalar @sent, '<=', $asked + 4, '... each query as one task');
($asked, @sent) = sent("'far'");
cmp_ok(scalar @sent, '>', 100, 'verify() of all customers asks everywhere');
is(join("\n", grep { !/breaks_no_rule|NOT \(EXISTS|HAVING|intermediate_result|LIMIT/ } @sent), '',
	'... and is sent nothing but what may be wrong');

# The book fills a table beside the customers, where they live.
$node->safe_psql('postgres', q{CREATE TABLE far.sent (customer_id text PRIMARY KEY, document jsonb);
	SELECT create_distributed_table('far.sent', 'customer_id', colocate_with => 'far.customer')});
my $send = 'INSERT INTO far.sent SELECT * FROM far.book_customer_balance';
unlike($node->safe_psql('postgres', "EXPLAIN (COSTS off) $send"),
	qr/pull to coordinator|repartition/, 'what is sent is made and kept where the rows are');
$node->safe_psql('postgres', $send);
is($node->safe_psql('postgres', q{SELECT count(*) FILTER (WHERE s.document = b.document)
	= count(*) AND count(*) > 100 FROM far.sent AS s
	FULL JOIN balance.customer_balances(ledger => 'near') AS b USING (customer_id)
	WHERE replace(s.document::text, '"far"', '"near"')::jsonb IS NOT NULL}), 't',
	'all of it, as on one server');

# What is asked of a worker's own zone raises.
$node->safe_psql('postgres', "${quiet}SELECT balance.create_report_views(NULL, 'far')");
like(($node->psql('postgres', 'TABLE far.report_ageing'))[2], qr/time zone of who asks/,
	'views without a zone of their own are refused');

# Balances are not maintained there, and it is said why.
like($node->safe_psql('postgres', "SELECT string_agg(DISTINCT reason, ' ')
	FROM balance.maintenance('far')"), qr/Citus lets no trigger see them/, 'no store is kept');
like(($node->psql('postgres', "SET citus.enable_schema_based_sharding = on;
	SELECT balance.create_ledger('tenant')"))[2], qr/citus_schema_distribute/,
	'and nothing is made in a schema that would be a tenant');

$_->stop for reverse @nodes;
done_testing();
