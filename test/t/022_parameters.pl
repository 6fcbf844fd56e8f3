# Nothing hands the executor a list of no parameters, which a distributed engine has
# been seen to die of: every function that may run a query is called, over ledgers of
# several kinds, with test/long/parameters.c watching.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Calls qw(@calls $rows);

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
