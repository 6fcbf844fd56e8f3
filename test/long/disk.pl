# A disk that is full.  The argument "disk=FOLDER" names a file system of some
# 64 MB that is ours to fill.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my ($disk) = map { /^disk=(.*)$/ } @ARGV;
plan skip_all => 'there is no file system to fill: it takes root to mount one' unless $disk;

# What is kept free for the time when space is made.
sub reserve
{
	my ($megabytes) = @_;
	append_to_file("$disk/reserve", "\0" x ($megabytes << 20));
}

# A server with a ledger, whose tables or whose log are on that disk.
sub make_node
{
	my ($name, $sql, @initdb) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(extra => [ '--no-locale', '--encoding=UTF8', @initdb ]);
	$node->append_conf('postgresql.conf',
		"jit = off\nmax_parallel_workers_per_gather = 0\nrestart_after_crash = on
		log_statement = none\n");
	$node->start;
	$node->safe_psql('postgres', <<"SQL");
CREATE EXTENSION balance;
$sql;
SELECT balance.create_ledger('billing');
INSERT INTO billing.customer VALUES ('c');
CREATE TABLE kept (id int PRIMARY KEY, p balance.position NOT NULL);
SQL
	return $node;
}

# Invoices with their lines and the position of them, a batch in a transaction.
sub batch
{
	my ($n, $rows) = @_;
	return <<"SQL";
BEGIN;
INSERT INTO billing.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining)
 SELECT '$n ' || i, 'c', 'usd', 'open', i, i, i FROM generate_series(1, $rows) AS i;
INSERT INTO billing.invoice_line_item (invoice_id, amount) SELECT '$n ' || i, i
FROM generate_series(1, $rows) AS i;
INSERT INTO kept SELECT $n,
	balance.tally_invoices('usd', 'open', NULL, i, i, i, NULL::date) OPERATOR(balance.+)
	balance.tally_charges('usd', NULL, i) FROM generate_series(1, $rows) AS i;
COMMIT;
SQL
}

# Nothing is wrong, the rows are those of whole batches, and how many of these.
my $agrees = <<'SQL';
SELECT (SELECT count(*) FROM balance.verify()),
	(SELECT balance.merge(p) FROM kept) OPERATOR(balance.=)
 ((SELECT balance.tally_invoices(currency, invoice_status, payment_status, total, amount_due,
   amount_remaining, due_date) FROM billing.invoice) OPERATOR(balance.+)
  (SELECT balance.tally_charges('usd', price_type, amount) FROM billing.invoice_line_item)),
 balance.invoice_summary('c', '2026-01-01', 'UTC')
   = (SELECT balance.to_invoice_summary(balance.merge(p), 'c', NULL, '2026-01-01', 'UTC')
   FROM kept),
 (SELECT count(*) FROM kept)
SQL

# ---- no room for tables

mkdir "$disk/tables";
my $node = make_node('tables', "CREATE TABLESPACE small LOCATION '$disk/tables';
	SET default_tablespace = small");
reserve(44);
my ($n, $state) = (0, '');
while ($state eq '' && $n < 1000)
{
	my (undef, undef, $err) = $node->psql('postgres', "\\set VERBOSITY sqlstate\n"
		. batch($n, 2000));
	($state) = $err =~ /ERROR:  (\w+)/ or $n++;
	$state //= '';
}
is($state, '53100', "tables fill the disk, after $n batches");
is($node->safe_psql('postgres', $agrees), "0|t|t|$n",
	'whatever was committed is there, and nothing else');
unlink "$disk/reserve" or die $!;
$node->safe_psql('postgres', batch($n++, 2000));
is($node->safe_psql('postgres', $agrees), "0|t|t|$n", 'with some room, all goes on');

# ---- no room for temporary files

my $spill =
	q{SELECT count(*)
	FROM (SELECT i, balance.tally_deposits('usd', i::text, i) FROM generate_series(1, 1000000) AS i
	GROUP BY 1) AS x};
my $verify = 'SELECT count(*) FROM balance.verify()';
reserve(1) while (split ' ', `df --output=avail -m $disk | tail -n1`)[0] > 1;
for my $sql ($spill, $verify)
{
	my (undef, $out, $err) = $node->psql('postgres',
		"\\set VERBOSITY sqlstate
			SET work_mem = '64kB'; SET enable_indexscan = off; SET enable_indexonlyscan = off;
			SET temp_tablespaces = small;\n$sql;\nRESET ALL;\n$agrees", on_error_stop => 0);
	like($err, qr/ERROR:  53100$/, "temporary files fill the disk: $sql");
	is($out, "0|t|t|$n", '... and the session goes on');
}
is($node->safe_psql('postgres',
	"SELECT count(*) FROM pg_ls_tmpdir((SELECT oid FROM pg_tablespace WHERE spcname = 'small'))"),
	0, 'no temporary file is left');

# ---- no room for the log, which ends every session

$node->safe_psql('postgres', 'DROP SCHEMA billing CASCADE; DROP TABLE kept; DROP TABLESPACE small');
$node->stop;
unlink "$disk/reserve" or die $!;
mkdir "$disk/log";
# no checkpoint makes room
$node = make_node('log', '', '--waldir', "$disk/log/pg_wal", '--wal-segsize=1');
$node->append_conf('postgresql.conf', "max_wal_size = 10GB\ncheckpoint_timeout = 1h\n");
$node->restart;
reserve(24);
$n = 0;
my $err = '';
for (; $n < 1000 && $err !~ /connection|terminat|shut|recovery/; $n++)
{
	(undef, undef, $err) = $node->psql('postgres', batch($n, 2000));
}
like(slurp_file($node->logfile), qr/PANIC:.*No space left on device/, 'the log fills the disk');
unlink "$disk/reserve" or die $!;
# It has restarted itself, or has given up for want of space.
if (!$node->poll_query_until('postgres', 'SELECT 1', '1'))
{
	$node->_update_pid(-1);
	$node->start;
}
# the last batch either was committed or not; both are whole
like($node->safe_psql('postgres', $agrees), qr/^0\|t\|t\|\d+$/,
	'with some room, it recovers, and all agrees');
$node->safe_psql('postgres', batch(5000, 10));
like($node->safe_psql('postgres', $agrees), qr/^0\|t\|t\|\d+$/, '... and goes on');
$node->command_ok([ 'pg_amcheck', '--install-missing', '--heapallindexed', '-d', 'postgres' ],
	'... sound');
$node->stop;
done_testing();
