# Nothing hands the executor a list of no parameters, which a distributed engine has
# been seen to die of: every function that may run a query is called, over ledgers of
# several kinds, with test/long/parameters.c watching.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($cc, $cflags, $include) = map { `pg_config $_` =~ s/\n//r } '--cc', '--cflags',
	'--includedir-server';
my ($compiler) = split ' ', $cc;
plan skip_all => "there is no $compiler" unless grep { -x "$_/$compiler" } split /:/, $ENV{PATH};
plan skip_all => "there is no $include/postgres.h" unless -e "$include/postgres.h";

my $library = PostgreSQL::Test::Utils::tempdir . '/parameters.so';
is(system("$cc $cflags -fPIC -shared -I'$include' -o '$library' test/long/parameters.c >&2"), 0,
	'the library is compiled');

my $node = PostgreSQL::Test::Cluster->new('parameters');
$node->init(extra => [ '--no-locale', '--encoding=UTF8' ]);
$node->append_conf('postgresql.conf', "jit = off\nsession_preload_libraries = '$library'\n"
		. "track_functions = all\nmax_parallel_workers_per_gather = 0\n");
$node->start;
$node->safe_psql('postgres', "CREATE EXTENSION balance;
	CREATE FUNCTION run_with_empty_list() RETURNS void AS '$library' LANGUAGE C");
like(($node->psql('postgres', 'SELECT run_with_empty_list()'))[2],
	qr/ERROR: .*an empty list of parameters/, 'a list of none is refused');

# Rows of all kinds in a ledger of tables, one of views that knows no customers, and
# one whose balances are maintained.
my $rows = <<'SQL';
INSERT INTO customer (customer_id) VALUES ('c1'), ('c2');
INSERT INTO invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining, due_date, issued_at)
VALUES ('i1', 'c1', 'usd', 'open', 5, 5, 5, '2026-01-01', '2025-12-01Z'),
	('i2', 'c2', 'eur', 'paid', 7, 7, 0, NULL, '2025-12-01Z');
INSERT INTO invoice_line_item (invoice_id, price_type, amount) VALUES ('i1', 'usage', 5);
INSERT INTO deposit VALUES ('d1', 'c1', 'usd', 'held', 3);
INSERT INTO vcu_invoice (vcu_invoice_id, customer_id, currency, status, units)
VALUES ('v1', 'c1', 'brl', 'pending', 2);
INSERT INTO vcu_order (vcu_order_id, customer_id, currency, status, units)
VALUES ('o1', 'c1', 'brl', 'issued', 2);
INSERT INTO credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	issue_date, reason) VALUES ('m1', 'b', 'c1', 'issued', 'usd', 900, '2026-01-01', 'goodwill');
INSERT INTO payment (payment_id, customer_id, currency, amount, paid_at, invoice_id)
VALUES ('p2', 'c2', 'eur', 7, '2025-12-05Z', 'i2');
INSERT INTO exchange_rate VALUES ('usd', 'eur', '2025-01-01', 0.9, 'us'),
	('eur', 'eur', '2025-01-01', 1, 'us');
SQL
$node->safe_psql('postgres', <<"SQL");
SELECT balance.create_ledger('plain');
SET search_path = plain;
$rows
CREATE SCHEMA nobody;
SELECT format('CREATE VIEW nobody.%1\$I WITH (security_invoker) AS TABLE plain.%1\$I', relname)
FROM pg_class WHERE relnamespace = 'plain'::regnamespace AND relkind = 'r'
	AND relname <> 'customer' \\gexec
SELECT balance.create_report_views('nobody');
SELECT balance.create_ledger('kept');
SELECT balance.maintain('kept');
SET search_path = kept;
$rows
UPDATE deposit SET amount = 4;
SQL

# Calls over a ledger, LEDGER; CUSTOMER is one who is in it, or NULL to be nobody.
my @calls = (
	map({ my $report = $_; "SELECT * FROM LEDGER.report_$report" }
		qw(customer_balance invoice_summary ageing vcu_balance customer_credits metrics
			credit_expiry roll_forward)),
	map({ "SELECT balance.$_('c1', ledger => 'LEDGER')" }
		qw(customer_balance invoice_summary vcu_balance customer_credits position_at invoices_at
		  net_rows unapplied_cash customer_balance_at invoice_summary_at ageing_at open_items)),
	q{SELECT balance.items('c1', 'unpaid_invoice_count', 'usd', ledger => 'LEDGER')},
	map({ "SELECT balance.$_(ledger => 'LEDGER')" }
		qw(customer_balances invoice_summaries vcu_balances positions_at all_invoices_at
		  aged_receivables roll_forward_months verify verify_summary fold maintenance
		  create_report_views)),
	map({ "SELECT balance.$_('c1', '2026-01-01', '2026-02-01', ledger => 'LEDGER')" }
		qw(statement statement_document)),
	map({ "SELECT balance.$_('2026-01-01', '2026-02-01', ledger => 'LEDGER')" }
		qw(roll_forward customer_roll_forwards)),
	map({ "SELECT balance.roll_forward_items($_, 'closing', '2026-01-01', '2026-02-01',
		ledger => 'LEDGER')" } q{'c1'}, 'NULL'),
	map({ "SELECT balance.${_}_in('eur', '2026-01-01', 'LEDGER')" }
		qw(report_customer_balance report_invoice_summary report_ageing report_customer_credits
			report_credit_expiry report_roll_forward)),
	"SELECT balance.in_reporting_currency('usd', 1, 'eur', '2026-01-01', 'LEDGER')",
	q{SELECT balance.verify('LEDGER', 'c1')},
	q{SELECT balance.check_ledger('LEDGER')},
	q{SELECT balance.top_debtors('usd', 3, ledger => 'LEDGER')},
	q{SELECT balance.version()},
	q{SELECT balance.progress()},
	q{SELECT balance.in_period(now(), NULL, NULL, now())},
	q{SELECT balance.store_counts('LEDGER', 'invoice')},
	q{SELECT balance.stored_position('LEDGER', 'invoice', 'c1', NULL)},
	q{SELECT balance.stored_rows('LEDGER', 'invoice')},
	q{SELECT balance.recorded_position('LEDGER', 'invoice', 'c1',
		(now() AT TIME ZONE 'UTC')::date)},
	q{SELECT s FROM ROWS FROM (balance.stored_positions('LEDGER', '{invoice}', NULL, false)
		AS (customer_id text, p balance.position)) AS s},
	q{SELECT balance.position_recorded('c1', (now() AT TIME ZONE 'UTC')::date, 'LEDGER')},
	q{SELECT balance.prune_history('2020-01-01', 'LEDGER')});
my @kept_only = ('recorded_position', 'position_recorded', 'prune_history', 'stored_rows', 'fold');
foreach my $ledger ('plain', 'nobody', 'kept')
{
	foreach my $call (@calls)
	{
		my ($function) = $call =~ /balance\.(\w+)/;
		next if $ledger ne 'kept' && grep { $_ eq ($function // '') } @kept_only;
		my ($status, undef, $error) = $node->psql('postgres', $call =~ s/LEDGER/$ledger/gr);
		is($error, '', $call =~ s/LEDGER/$ledger/gr);
	}
}

# What makes, changes and ends: once each.
foreach my $call ("BEGIN; SELECT balance.upgrade_ledger('plain'); COMMIT",
	"SELECT balance.drop_report_views('plain')",
	"SELECT balance.create_report_views('UTC', 'plain')",
	'TRUNCATE kept.vcu_order',
	q{SET session_replication_role = replica; UPDATE kept.deposit SET amount = 5},
	'ALTER TABLE kept.invoice DISABLE TRIGGER ALL',
	'ALTER TABLE kept.invoice ENABLE TRIGGER ALL',
	"SELECT balance.repair('kept')",
	"SELECT balance.stop_maintaining('kept')")
{
	my (undef, undef, $error) = $node->psql('postgres', $call);
	is($error, '', $call);
}

# What can run a query is what is not immutable: all of that was called.
is($node->safe_psql('postgres', <<'SQL'), '', 'no function was forgotten');
SELECT string_agg(p.proname, ' ' ORDER BY p.proname)
FROM pg_proc AS p
JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'balance'
LEFT JOIN pg_stat_user_functions AS s ON s.funcid = p.oid
WHERE p.prokind = 'f' AND p.provolatile <> 'i' AND s.calls IS NULL
SQL
unlike(slurp_file($node->logfile), qr/an empty list of parameters for: (?!SELECT 1)/,
	'and none of them handed over a list of none');

$node->stop;
done_testing();
