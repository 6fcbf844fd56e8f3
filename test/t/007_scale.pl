# A book of 1,000,000 invoices (BALANCE_SCALE gives another number): every
# document of it, with little memory and with parallel workers, and cancelled.
use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $invoices = $ENV{BALANCE_SCALE} || 1_000_000;
my $customers = 10_000;
my $shared_buffers = 16;    # MB
my $work_mem = 4;

my $node = PostgreSQL::Test::Cluster->new('scale');
$node->init(extra => [ '--locale=C', '--encoding=UTF8' ]);
$node->append_conf('postgresql.conf', <<"CONF");
shared_buffers = ${shared_buffers}MB
work_mem = ${work_mem}MB
max_wal_size = 10GB
balance.ledger = 'book'
TimeZone = 'UTC'
CONF
$node->start;
my $has_auto_explain = $node->psql('postgres', q{LOAD 'auto_explain'}) == 0;

# Bare tables, as only the reading counts here, but for the key that spares looking for ids
# that are there twice.  The amounts have more digits than a float; every twentieth invoice has
# a line item.
$node->safe_psql('postgres', <<"SQL");
CREATE EXTENSION balance;
CREATE SCHEMA book;
CREATE UNLOGGED TABLE book.customer AS SELECT 'Cust_' || g AS customer_id
FROM generate_series(0, $customers - 1) g;
CREATE UNLOGGED TABLE book.invoice AS
SELECT g AS invoice_id, 'Cust_' || abs(hashint4(g)::bigint) % $customers AS customer_id,
	(ARRAY['usd', 'eur', 'gbp', 'brl', 'jpy'])[1 + g % 5] AS currency,
	(ARRAY['open', 'finalized', 'paid', 'draft', 'void', 'open', 'issued'])[1 + g % 7]
		AS invoice_status,
	123456789012345 + g % 99991 * 0.01 AS total, g % 9973 * 0.01 AS amount_due,
		g % 997 * 0.01 AS amount_remaining,
	date '2026-01-01' + g % 365 AS due_date
FROM generate_series(1, $invoices) g;
ALTER TABLE book.invoice ADD PRIMARY KEY (invoice_id);
CREATE UNLOGGED TABLE book.invoice_line_item AS SELECT g AS invoice_id, 'usage' AS price_type,
	0.00001 * g AS amount FROM generate_series(20, $invoices, 20) g;
ANALYZE;
-- balances in plain SQL
CREATE UNLOGGED TABLE figure AS
SELECT count(*) AS invoices, currency, CASE WHEN invoice_status IN ('paid', 'draft', 'void')
	THEN invoice_status ELSE 'open' END AS class, due_date < '2026-06-30' AS overdue,
	sum(total) AS total, sum(amount_due) AS amount_due, sum(amount_remaining) AS amount_remaining
FROM book.invoice GROUP BY 2, 3, 4;
CREATE UNLOGGED TABLE document (customer_id text, document jsonb);
SQL

# What a query says, one value.
sub answer { return scalar $node->safe_psql('postgres', shift); }

my $listed = answer('SELECT count(DISTINCT customer_id) FROM book.invoice');
my $spilled = q{SELECT temp_bytes FROM pg_stat_database WHERE datname = 'postgres'};
my $folder = PostgreSQL::Test::Utils::tempdir();

# Copies a book into a file in a session of its own, and returns the sorted
# lines, the peak of the session's memory in MB and what it logged.
sub book
{
	my ($call, $settings) = @_;
	my $explain = $has_auto_explain
	  ? "LOAD 'auto_explain';\nSET auto_explain.log_min_duration = 0;
	    SET auto_explain.log_nested_statements = on;\nSET auto_explain.log_analyze = on;
	    SET auto_explain.log_timing = off;\nSET client_min_messages = log;\n"
	  : '';
	my $file = "$folder/book";
	my ($code, $out, $err) = $node->psql('postgres', <<"SQL", on_error_stop => 1, timeout => 600);
$settings
SELECT pg_backend_pid() AS pid \\gset
$explain
COPY (SELECT * FROM $call) TO '$file';
RESET client_min_messages;
\\setenv PID :pid
\\! grep VmHWM /proc/\$PID/status; grep -Eom1 'libasan|vgpreload' /proc/\$PID/maps
SQL
	is($code, 0, "copied $call") or diag $err;
	my ($peak) = $out =~ /VmHWM:\s*(\d+) kB/;
	# a watcher keeps memory of its own there, and what was freed for a while
	$peak = undef if $out =~ /^(?:libasan|vgpreload)$/m;
	return ([ sort split /^/, slurp_file($file) ], defined $peak ? $peak / 1024 : undef, $err);
}

# With memory for a part of the book only, without workers and with them.
my %ways = (
	'alone' => 'SET max_parallel_workers_per_gather = 0;',
	'with workers' => 'SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0;
		SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;');

# PostgreSQL's own aggregates take memory beyond work_mem as well when they
# spill, so this much is fair, and some for the customers' positions: together
# less than 100 bytes for an invoice.
my (undef, $fair) =
	book('(SELECT customer_id, jsonb_agg(total) FROM book.invoice GROUP BY customer_id) q',
	$ways{alone});
$node->poll_query_until('postgres', "SELECT ($spilled) > 0");

for my $call ('balance.customer_balances()',
	q{balance.invoice_summaries('2026-06-30', zone => 'UTC')})
{
	my %lines;
	for my $way (sort keys %ways)
	{
		my $spilled_before = answer($spilled);
		my ($lines, $peak, $log) = book($call, $ways{$way});
		is(scalar @$lines, $listed, "$call $way: a line for each customer");
		$lines{$way} = join '', @$lines;
		note sprintf '%.1f MB of documents, peak %.1f MB', length($lines{$way}) / 1e6, $peak // -1;
		ok($node->poll_query_until('postgres', "SELECT ($spilled) > $spilled_before"),
			'... it spilled');
	  SKIP:
		{
			skip 'the memory of the server alone is not known', 1 unless defined $peak;
			cmp_ok($peak, '<', $fair + 100 * $invoices / 2**20, '... in bounded memory');
		}
	  SKIP:
		{
			skip 'no auto_explain', 1 unless $has_auto_explain;
			is($log =~ /Workers Launched: [1-9]/ ? 'with workers' : 'alone', $way,
				"... $way indeed");
		}
	}
	ok($lines{alone} eq $lines{'with workers'}, '... the same documents');

	# the last file, as a table
	$node->safe_psql('postgres', "TRUNCATE document; COPY document FROM '$folder/book'");
	if ($call =~ /balances/)
	{
		is(answer(<<'SQL'), '0', '... which add up to plain sums');
WITH shown AS (
	SELECT d ->> 'currency' AS currency, CASE key WHEN 'ready_for_payment' THEN 'open'
		WHEN 'pending_validation' THEN 'draft' WHEN 'canceled' THEN 'void' ELSE key END AS class,
		sum((state ->> 'count')::int)::text AS n,
			sum((state ->> 'total')::numeric)::numeric AS total
	FROM document, jsonb_array_elements(document) d, jsonb_each(d -> 'invoices') s(key, state)
	GROUP BY 1, 2
),
	summed AS (SELECT currency, class, sum(invoices)::text, sum(total)::numeric FROM figure
	GROUP BY 1, 2)
SELECT (SELECT count(*) FROM (TABLE shown EXCEPT TABLE summed) q)
	+ (SELECT count(*) FROM (TABLE summed EXCEPT TABLE shown) q)
SQL
	}
	else
	{
		is(answer(<<'SQL'), '0', '... which add up to plain sums');
WITH shown AS (
	SELECT s ->> 'currency' AS currency, key, sum(figure::numeric) FROM document,
		jsonb_array_elements(document -> 'summaries') s, jsonb_each_text(s) f(key, figure)
	WHERE key NOT IN ('currency', 'customer_id') GROUP BY 1, 2
), summed AS (
	SELECT currency, f.* FROM (SELECT currency,
		sum(invoices) FILTER (WHERE class <> 'void') AS n, sum(amount_due)
			FILTER (WHERE class <> 'void') AS revenue,
		sum(invoices) FILTER (WHERE class IN ('open', 'draft')) AS unpaid_n,
			sum(amount_remaining) FILTER (WHERE class IN ('open', 'draft')) AS unpaid,
		sum(invoices) FILTER (WHERE class IN ('open', 'draft') AND overdue) AS overdue_n,
			sum(amount_remaining) FILTER (WHERE class IN ('open', 'draft') AND overdue) AS overdue
		FROM figure GROUP BY 1) q LEFT JOIN
		(SELECT currency, sum(amount) AS charges FROM book.invoice
			JOIN book.invoice_line_item USING (invoice_id)
			WHERE invoice_status NOT IN ('paid', 'void') GROUP BY 1) c USING (currency),
	LATERAL (VALUES ('total_invoice_count', n), ('total_revenue_amount', revenue),
		('unpaid_invoice_count', unpaid_n), ('total_unpaid_amount', unpaid),
		('overdue_invoice_count', overdue_n), ('total_overdue_amount', overdue),
			('unpaid_usage_charges', coalesce(charges, 0)),
			('unpaid_fixed_charges', 0)) f(key, value)
)
SELECT (SELECT count(*) FROM (TABLE shown EXCEPT TABLE summed) q)
	+ (SELECT count(*) FROM (TABLE summed EXCEPT TABLE shown) q)
SQL
	}
}

# A ledger that never ends: who cannot be interrupted in it does not come back.
# In its rows nothing is to be found but that they are rows.
$node->safe_psql('postgres', <<'SQL');
CREATE SCHEMA endless;
CREATE VIEW endless.rows AS SELECT g AS invoice_id, g AS deposit_id, g AS vcu_order_id,
	'Cust_' || g % 100 AS customer_id, 'usd' AS currency, 'open' AS invoice_status,
	'issued' AS status,
	1 AS total, 1 AS amount_due, 1 AS amount_remaining, 1 AS amount, 1 AS units,
		timestamptz '2026-01-01' AS created_at
	FROM (SELECT generate_series(1, 9000000000000000000) AS g) q;
CREATE VIEW endless.invoice AS TABLE endless.rows;
CREATE VIEW endless.deposit AS TABLE endless.rows;
CREATE VIEW endless.vcu_order AS TABLE endless.rows;
SELECT FROM balance.create_report_views('endless');
SQL
my @endless = (
	q{balance.customer_balances(ledger => 'endless')},
		q{balance.invoice_summaries(ledger => 'endless')},
		q{balance.vcu_balances(ledger => 'endless')},
	q{balance.top_debtors('usd', 3, ledger => 'endless')}, 'endless.report_customer_balance',
		'endless.report_vcu_balance');

# In one session, whose next statement is answered each time.
my $script = join '',
	map { "SELECT count(*) FROM $_;\n\\echo :LAST_ERROR_SQLSTATE\nSELECT 'goes on';\n" } @endless;
my $both = "57014\ngoes on\n" x @endless;
my $out;
$node->psql('postgres', "SET statement_timeout = '200ms';\n$script", stdout => \$out,
	on_error_stop => 0, timeout => 120, timed_out => \my $late);
is("$out\n", $both, 'statement_timeout ends all of them');
die 'something does not heed interrupts' if $late;

# The same, cancelled by another session when it is seen to run.
append_to_file("$folder/cancelled.sql", $script);
my $err;
$out = '';
my $psql =
	IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres')
	. " application_name='cancelled'", '-f', "$folder/cancelled.sql" ],
	'>', \$out, '2>', \$err, IPC::Run::timeout(180));
for my $n (0 .. $#endless)
{
	my $query = "SELECT count(*) FROM $endless[$n];" =~ s/'/''/gr;
	my $running = "backend_type = 'client backend' AND application_name = 'cancelled'
		AND state = 'active' AND query = '$query' AND now() - query_start > '50ms'";
	ok($node->poll_query_until('postgres',
		"SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE $running"),
		"cancelled $endless[$n]");
}
$psql->finish;
is($out, $both, '... and each ended with that, and its session went on');

$node->stop;
done_testing();
