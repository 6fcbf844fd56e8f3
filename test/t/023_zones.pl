# What may be computed where the rows are, on another server, must not ask that server's
# settings: no view and no composed query calls a function whose answer depends on them.
# Every query that balance.log_queries shows is made a view of, whose tree is read.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('zones');
$node->init(extra => [ '--no-locale', '--encoding=UTF8' ]);
$node->append_conf('postgresql.conf', "jit = off\nbalance.log_queries = on\n");
$node->start;
my $examples = <<'SQL';
SET balance.ledger = 'LEDGER';
SELECT balance.customer_balance('c1');
SELECT balance.invoice_summary('c1');
SELECT balance.vcu_balance('c1');
SELECT balance.vcu_balance('c1', '2026-01-01', '2026-02-01');
SELECT balance.customer_credits('c1');
SELECT balance.position_at('c1');
SELECT balance.invoices_at('c1');
SELECT balance.customer_balance_at('c1');
SELECT balance.invoice_summary_at('c1');
SELECT balance.ageing_at('c1');
SELECT balance.open_items('c1');
SELECT balance.statement('c1', '2026-01-01', '2026-02-01');
SELECT balance.statement_document('c1', '2026-01-01', '2026-02-01');
SELECT balance.in_reporting_currency('usd', 1, 'eur', '2026-01-01');
SELECT balance.customer_balances();
SELECT balance.invoice_summaries();
SELECT balance.vcu_balances('2026-01-01');
SELECT balance.positions_at();
SELECT balance.all_invoices_at();
SELECT balance.aged_receivables();
SELECT balance.top_debtors('usd', 3);
SELECT balance.report_customer_balance_in('eur', '2026-01-01');
SELECT balance.report_invoice_summary_in('eur', '2026-01-01');
SELECT balance.report_ageing_in('eur', '2026-01-01');
SELECT balance.report_credit_expiry_in('eur', '2026-01-01');
SELECT balance.report_roll_forward_in('eur', '2026-01-01');
SELECT balance.items('c1', field, 'usd') FROM unnest('{total_invoices_ready_for_payment,
	deposits.held, total_overdue_amount, unpaid_usage_charges, balance, credit_memos.amount,
	credit_memos.applications.amount_applied}'::text[]) AS field;
SQL
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION balance;
SET client_min_messages = warning;
SELECT balance.create_ledger('plain');
SELECT balance.create_ledger('instants');
SELECT balance.drop_report_views('instants');
ALTER TABLE instants.invoice ALTER due_date TYPE timestamptz USING due_date;
SELECT balance.create_report_views('instants');
SELECT balance.create_ledger('kept');
SELECT balance.maintain('kept');
CREATE SCHEMA nobody;
SELECT format('CREATE VIEW nobody.%1$I WITH (security_invoker) AS TABLE plain.%1$I', relname)
FROM pg_class WHERE relnamespace = 'plain'::regnamespace AND relkind = 'r'
	AND relname <> 'customer' \gexec
SELECT balance.create_report_views('Asia/Tokyo', 'nobody');
INSERT INTO plain.customer (customer_id) VALUES ('c1');
INSERT INTO plain.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining, due_date)
VALUES ('i1', 'c1', 'usd', 'open', 1, 1, 1, '2026-01-01');
INSERT INTO instants.customer (customer_id) VALUES ('c1');
INSERT INTO kept.customer (customer_id) VALUES ('c1');
SQL
foreach my $ledger ('plain', 'instants', 'kept', 'nobody')
{
	$node->psql('postgres', $examples =~ s/LEDGER/$ledger/gr, on_error_stop => 0);
}

# The queries, with their parameters as values of their types.
my $log = slurp_file($node->logfile);
my %queries;
while ($log =~ /query[ ]over[ ]ledger[ ]"[^\n]*?":[ ](.*?)(?=\n\d{4}-\d\d-\d\d[ ])
		(?:\n[^\n]*DETAIL:\s+Parameters:\s([^\n]*)\.(?=\n))?/gsx)
{
	my ($query, $parameters) = ($1, $2 // '');
	my %type = $parameters =~ /(\$\d+) = (?:NULL|'(?:[^']|'')*')::([\w."]+)/g;
	$query =~ s/(\$\d+)/'(NULL::' . ($type{$1} \/\/ 'unknown_parameter') . ')'/ge;
	$queries{$query} = 1;
}
cmp_ok(scalar keys %queries, '>', 80, 'there are queries of many kinds');
my $script = "SET client_min_messages = warning;\nCREATE SCHEMA composed;\n";
my $n = 0;
foreach my $query (sort keys %queries)
{
	# a view's columns must have names of their own
	$script .= 'CREATE VIEW composed.q' . $n++ . " AS SELECT count(*) FROM ($query) AS q;\n";
}
$node->safe_psql('postgres', $script);

# Functions and operators that a tree calls, and conversions by way of text.
my $find = <<'SQL';
CREATE FUNCTION unsteady(view oid) RETURNS SETOF text LANGUAGE sql AS $$
SELECT DISTINCT p.oid::regprocedure::text
FROM pg_rewrite AS r, regexp_matches(r.ev_action::text, ':(?:op)?funcid (\d+)', 'g') AS m
JOIN pg_proc AS p ON p.oid = m[1]::oid
WHERE r.ev_class = view AND p.provolatile <> 'i'
UNION
SELECT 'a text of instants' FROM pg_rewrite AS r
WHERE r.ev_class = view AND r.ev_action ~ '{COERCEVIAIO :arg {VAR[^{}]*:vartype (1184|1114|1082) '
$$;
CREATE VIEW control AS SELECT now()::date AS a, now() < '2026-01-01'::date AS b,
	current_setting('TimeZone') AS c;
CREATE VIEW control_of_text AS SELECT issued_at::text FROM plain.invoice;
SQL
$node->safe_psql('postgres', $find);
is($node->safe_psql('postgres', q{SELECT string_agg(f, ' ' ORDER BY f)
	FROM unnest('{control,control_of_text}'::regclass[]) AS v, unsteady(v) AS f}),
	'a text of instants current_setting(text) date(timestamp with time zone) now() '
		. 'timestamptz_lt_date(timestamp with time zone,date)',
	'what depends on settings is found');

# A clock has no zone; what asks a store runs where the store is; jsonb has instants in
# one form, with an offset, and they are the same whatever that is.  A roll-forward is a
# query of its own over the ledger, and is told its zone.
my $allowed = q{'{now(), statement_timestamp(), balance.session_zone(), to_jsonb(anyelement),
	"balance.roll_forward_months(text,text,regnamespace)",
	"balance.store_counts(regnamespace,text)",
	"balance.stored_position(regnamespace,text,text,timestamp with time zone)",
	"balance.stored_positions(regnamespace,text[],timestamp with time zone,boolean)"}'::text[]};
is($node->safe_psql('postgres', <<"SQL"), '', 'views ask for no setting but the session\'s zone');
SELECT c.oid::regclass, f FROM pg_class AS c, unsteady(c.oid) AS f
WHERE relnamespace::regnamespace::text IN ('plain', 'instants', 'kept', 'nobody')
	AND relkind = 'v' AND f <> ALL ($allowed) ORDER BY 1, 2
SQL
is($node->safe_psql('postgres', <<"SQL"), '', 'nor for that, where they are made for a zone');
SELECT c.oid::regclass FROM pg_class AS c, unsteady(c.oid) AS f
WHERE relnamespace = 'nobody'::regnamespace AND f = 'balance.session_zone()'
SQL
is($node->safe_psql('postgres', <<"SQL"), '', 'composed queries have every zone as a value');
SELECT f, left(pg_get_viewdef(c.oid), 2000) FROM pg_class AS c, unsteady(c.oid) AS f
WHERE relnamespace = 'composed'::regnamespace AND f <> ALL ($allowed)
	OR f = 'balance.session_zone()' AND relnamespace = 'composed'::regnamespace ORDER BY 1, 2
SQL

# Where another server has opened the session, nothing is taken for the zone of who asks.
foreach my $name ('citus_internal gpid=10000000042', 'citus_run_command gpid=7', 'postgres_fdw')
{
	my $set = "SET application_name = '$name'; \\set VERBOSITY verbose\n";
	like(($node->psql('postgres', $set . $_))[2],
		qr/ERROR:  0A000: .*time zone of who asks.*create_report_views\(zone, ledger\)/s,
		"$name: $_")
	  foreach 'TABLE plain.report_ageing', 'TABLE plain.report_invoice_summary',
	  q{SELECT balance.ageing('1{USD 1 open(1 0 0 0)}')},
	  q{SELECT balance.vcu_balance('c1', '2026-01-01', ledger => 'plain')};
	is(($node->psql('postgres', "$set TABLE plain.report_customer_balance; SELECT count(*)
		FROM nobody.report_ageing; SELECT balance.vcu_balance('c1', ledger => 'plain');
		SELECT balance.invoice_summary('c1', now(), 'UTC', 'plain')"))[2], '',
		"$name: what has a zone, or no days");
}

# Nor is the ledger that happens to be set here taken for that of who asks, where a cluster has
# sent a call; what is set on the way counts.
$node->safe_psql('postgres', "ALTER DATABASE postgres SET balance.ledger = 'plain'");
foreach my $name ('citus_internal gpid=10000000042', 'postgres_fdw', 'psql')
{
	my $set = "SET application_name = '$name'; \\set VERBOSITY verbose\n";
	my $error = ($node->psql('postgres', "$set SELECT balance.customer_balance('c1')"))[2];
	like($error, $name =~ /citus/ ? qr/ERROR:  0A000: the ledger that is set by who asks/ : qr/^$/,
		"$name: the ledger of this database");
	is(($node->psql('postgres', "$set SET balance.ledger = 'plain';
		SELECT balance.customer_balance('c1')"))[2], '', '... and one that is set');
}
$node->safe_psql('postgres', 'ALTER DATABASE postgres RESET balance.ledger');

$node->stop;
done_testing();
