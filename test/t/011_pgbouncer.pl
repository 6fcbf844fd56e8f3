# The documents through PgBouncer in transaction pooling, where every
# transaction may run on another server connection.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../clients";
use Book;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More tests => 38;

my $clients = "$FindBin::RealBin/../clients";
my $pgbouncer = find_program('pgbouncer', '/usr/sbin');
skip_rest('there is no pgbouncer') unless $pgbouncer;

my ($node, %server) = book_server();
my $folder = PostgreSQL::Test::Utils::tempdir_short();
my $port = PostgreSQL::Test::Cluster::get_free_port();
my $pool = 2;
my $log = '';

# A pool of two server connections for app, reached by a socket only.
my $server = 'host=' . $node->host . ' port=' . $node->port . ' user=app';
append_to_file("$folder/pgbouncer.ini", <<"INI");
[databases]
postgres = $server pool_size=$pool
one = $server dbname=postgres pool_size=1
archive = $server dbname=postgres connect_query='SET balance.ledger = archive'
[pgbouncer]
listen_addr =
listen_port = $port
unix_socket_dir = $folder
unix_socket_mode = 0700
auth_type = any
admin_users = app
pool_mode = transaction
server_login_retry = 0
INI
my $service = start_service(\$log, {}, $pgbouncer, "$folder/pgbouncer.ini");
my %pooled = (PGHOST => $folder, PGPORT => $port, PGUSER => 'app', PGDATABASE => 'postgres');

# What psql prints for these statements, each a transaction of its own, and
# what it complains about.
sub ask
{
	my ($database, @statements) = @_;
	my ($output, $errors) = ('', '');
	local @ENV{ keys %pooled } = values %pooled;
	IPC::Run::run([ 'psql', '-XAtq', '-v', 'VERBOSITY=sqlstate', '-d', $database ],
		'<', \join('', map { "$_;\n" } @statements), '>', \$output, '2>', \$errors);
	$errors =~ s/^psql:<stdin>:\d+: //gm;
	return $output . $errors;
}

sub pgbench
{
	my ($name, $mode, @scripts) = @_;
	my ($output, $number) = ('', 0);
	local @ENV{ keys %pooled } = values %pooled;
	my @files = map { my $file = "$folder/" . $number++; append_to_file($file, $_) unless -e $file;
		('-f', $file) } @scripts;
	my $done = IPC::Run::run([ 'pgbench', '-n', '-M', $mode, qw(-c 8 -j 2 -t 40), @files ], '<',
		\undef, '>&', \$output);
	like($output, qr{actually processed: 320/320\s}, $name) or diag $output;
}

# psql may be gone before it is asked, as long as nobody listens
my ($ready, $tries) = ('', 100);
while (($ready = eval { ask('postgres', 'SELECT 1') } // '') ne "1\n" && $tries--)
{
	select undef, undef, undef, 0.1;
}
is($ready, "1\n", 'pgbouncer is there') or die $log;

# what the documents say without a pool is what they must say through one
$node->safe_psql('postgres', q{
	CREATE SCHEMA test;
	GRANT USAGE ON SCHEMA test TO app;
	GRANT pg_read_all_stats TO app;
	CREATE TABLE test.wanted AS
	SELECT l::text AS ledger,
		balance.customer_balance('Cust_1', l) AS balance,
		balance.vcu_balance('Cust_1', '2026-01-01', '2026-01-31', l) AS units,
		balance.invoice_summary('Cust_1', '2026-02-15', 'UTC', l) AS summary,
		balance.customer_credits('Cust_1', ledger => l) AS credits
	FROM unnest('{billing,archive}'::regnamespace[]) l;
	GRANT SELECT ON test.wanted TO app;
	CREATE FUNCTION test.same(got jsonb, wanted jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
	BEGIN
		ASSERT got = wanted, format('%s instead of %s', got, wanted);
		RETURN true;
	END $$;
	CREATE FUNCTION test.raises(query text) RETURNS text LANGUAGE plpgsql AS $$
	BEGIN
		EXECUTE query;
		RETURN 'nothing';
	EXCEPTION WHEN OTHERS THEN
		RETURN SQLSTATE;
	END $$;
	CREATE FUNCTION test.plans() RETURNS bigint LANGUAGE sql AS $$
		SELECT count(*) FROM pg_backend_memory_contexts
		WHERE name = 'CachedPlanSource' AND ident ~ '(billing|archive)\.'
	$$;
});
my $documents = q{
SELECT test.same(balance.customer_balance('Cust_1', LEDGER), balance),
	test.same(balance.vcu_balance('Cust_1', '2026-01-01', '2026-01-31', LEDGER), units),
	test.same(balance.invoice_summary('Cust_1', '2026-02-15', 'UTC', LEDGER), summary),
	test.same(balance.customer_credits('Cust_1', ledger => LEDGER), credits)
FROM test.wanted };
my $by_argument = '\set archive random(0, 1)' .
	($documents =~ s/LEDGER/ledger::regnamespace/gr)
	  . q{WHERE (ledger = 'archive') = (:archive = 1);
};
my $by_setting = q{\set archive random(0, 1)
BEGIN;
SELECT set_config('balance.ledger', CASE WHEN :archive = 1 THEN 'archive' ELSE 'billing' END,
	true);} .
	($documents =~ s/LEDGER/NULL/gr) . q{WHERE ledger = current_setting('balance.ledger');
COMMIT;
};
my $fails = q{SELECT test.same(to_jsonb(test.raises(query)), to_jsonb(state)) FROM (VALUES
	('SELECT balance.customer_balance(''nobody'')', 'P0002'),
	('SELECT balance.customer_credits(''Cust_2'')', '22023'),
	('SELECT balance.customer_balance(''Cust_1'', ''secret'')', '42501'),
	('SELECT balance.customer_balance(''Cust_1'', ''nowhere'')', '3F000')) v(query, state);
};
pgbench("the ledger as an argument and as a transaction's setting, and errors; $_ protocol", $_,
	$by_argument, $by_setting, $fails)
  for 'simple', 'extended';
my $servers = () = ask('pgbouncer', 'SHOW SERVERS') =~ /^S\|app\|postgres\|/gm;
is($servers, $pool, "with eight clients on $pool server connections");

# one server connection, so that all clients share it
my $balance = "SELECT balance.customer_balance('Cust_1') -> 0 ->> 'currency'";
is(ask('one', $balance), "jpy\n", 'no ledger named');
is(ask('one', 'BEGIN; SET LOCAL balance.ledger = archive', $balance, 'COMMIT', $balance),
	"gbp\njpy\n",
	'SET LOCAL holds for its transaction');
ask('one', 'SET balance.ledger = archive');
is(ask('one', $balance), "gbp\n", 'a plain SET reaches other clients, so it is not to be used');
is(ask('one', "SELECT balance.customer_balance('Cust_1', 'billing') -> 0 ->> 'currency'"), "jpy\n",
	'which the argument is safe from');
ask('one', 'RESET balance.ledger');
is(ask('archive', $balance), "gbp\n", "a database of pgbouncer's with a ledger of its own");
is(ask('one', $balance, "SELECT balance.customer_balance('nobody')", $balance),
	"jpy\njpy\nERROR:  P0002\n", 'after an error');
is(ask('one', 'BEGIN', "SELECT balance.vcu_balance('Cust_1', '2026-02-01', '2026-01-01')", $balance,
	'ROLLBACK', $balance),
	"jpy\nERROR:  22023\nERROR:  25P02\n", 'after an error in a transaction');

# plans stay with the server connection, and follow what they read
my @plans = split /\n/, ask('one', 'SELECT test.plans()', ($balance) x 50, 'SELECT test.plans()');
cmp_ok($plans[0], '>', 0, 'plans are kept');
is($plans[-1], $plans[0], 'and do not pile up');
my $seller = "SELECT balance.customer_balance('Cust_1') -> 0 ->> 'wb_customer_id'";
is(ask('one', $seller), "Wb_1\n", 'the seller from its column');
$node->safe_psql('postgres', 'ALTER TABLE billing.customer RENAME wb_customer_id TO seller');
is(ask('one', $seller), "billing\n", 'which is gone');
$node->safe_psql('postgres', 'ALTER TABLE billing.customer RENAME seller TO wb_customer_id');
is(ask('one', $seller), "Wb_1\n", 'and there again');

# the server crashes, and pgbouncer finds the one that has recovered
my $before = -s $node->logfile;
$node->stop('immediate');
$node->start;
like(slurp_file($node->logfile, $before), qr/automatic recovery in progress/,
	'the server recovers from a crash');
$tries = 50;
while (ask('one', $balance) ne "jpy\n" && $tries--)
{
	select undef, undef, undef, 0.1;
}
is(ask('one', $balance), "jpy\n", 'after a crash of the server');

SKIP:
{
	skip 'psycopg: there is no python3-psycopg', 20
	  if system("/usr/bin/python3 -c 'import psycopg' 2>/dev/null") != 0;
	run_checks('psycopg', 19, \%pooled, '/usr/bin/python3', "$clients/client.py",
		"$clients/expected.json", qw(psycopg pooled));
}

stop_service($service);
$node->stop('immediate');
