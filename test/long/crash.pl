# Backends and the whole server are killed while books are written.  After the
# recovery verify() finds nothing, every transaction that was reported done is
# there, and the positions kept beside the rows are those of the rows; the same
# holds on a standby that takes over.  An argument "rounds=N" kills N times each.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my ($rounds) = map { /^rounds=(\d+)$/ } @ARGV;
$rounds //= 3;

my $node = PostgreSQL::Test::Cluster->new('crash');
$node->init(allows_streaming => 1, extra => [ '--no-locale', '--encoding=UTF8' ]);
# a slow standby finds what it has yet to read
$node->append_conf('postgresql.conf', "restart_after_crash = on
	max_parallel_workers_per_gather = 2\ncheckpoint_timeout = 30s\nwal_keep_size = 2GB\n");
$node->start;
my $tempdir = PostgreSQL::Test::Utils::tempdir;

# A transaction issues an invoice with two line items, pays a part of it by a
# memo, of which it takes what is left, and adds all that to the position that
# is kept.  It is one statement, so that it is done when psql is.
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION balance;
SELECT balance.create_ledger('billing');
INSERT INTO billing.customer SELECT 'c' || i FROM generate_series(0, 9) AS i;
INSERT INTO billing.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining)
 SELECT 'first ' || i, 'c' || i, 'usd', 'open', 1, 1, 1 FROM generate_series(0, 9) AS i;
INSERT INTO billing.credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	issue_date, reason)
 SELECT 'm' || i, 'b', 'c' || i, 'issued', 'usd', 1000000000, '2026-01-01', 'refund'
 FROM generate_series(0, 9) AS i;
CREATE TABLE kept (customer_id text PRIMARY KEY, p balance.position);
INSERT INTO kept SELECT customer_id,
	balance.tally_invoices(currency, invoice_status, payment_status, total, amount_due,
	amount_remaining, due_date) FROM billing.invoice GROUP BY 1;
CREATE INDEX ON kept (p);
CREATE INDEX ON kept USING hash (p);
-- a row whose position is toasted as it grows
CREATE TABLE done (writer text, n int, p balance.position, PRIMARY KEY (writer, n));

CREATE FUNCTION transact(writer text, n int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	who text := 'c' || n % 10;
	id text := writer || ' ' || n;
	cents int := 1 + n % 97;
	change balance.position;
BEGIN
	INSERT INTO billing.invoice (invoice_id, customer_id, currency, invoice_status, total,
		amount_due, amount_remaining, due_date)
	VALUES (id, who, 'usd', 'open', n, n, n - cents * 0.01, date '2026-01-01' + n);
	INSERT INTO billing.invoice_line_item (invoice_id, amount) VALUES (id, n - 1), (id, 1);
	UPDATE billing.credit_memo SET amount_applied = amount_applied + cents
	WHERE credit_memo_id = 'm' || n % 10;
	INSERT INTO billing.credit_memo_application VALUES (id, 'm' || n % 10, id, cents);
	SELECT balance.tally_invoices('usd', 'open', NULL, n, n, n - cents * 0.01,
		date '2026-01-01' + n) INTO change;
	UPDATE kept SET p = p OPERATOR(balance.+) change WHERE customer_id = who;
	INSERT INTO done VALUES (writer, n, change);
END $$;
SQL
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;

# What must hold at any time, in one snapshot.
my $invariants = <<'SQL';
SELECT (SELECT count(*) FROM balance.verify()) AS violations,
 (SELECT count(*) FROM kept
   WHERE p OPERATOR(balance.<>)
   (SELECT balance.tally_invoices(currency, invoice_status, payment_status, total, amount_due,
   amount_remaining, due_date)
   FROM billing.invoice AS i WHERE i.customer_id = kept.customer_id)) AS kept_otherwise,
 (SELECT balance.merge(kept.p) OPERATOR(balance.=) (SELECT balance.merge(p)
   FROM (SELECT p FROM done UNION ALL
   SELECT balance.tally_invoices(currency, invoice_status, payment_status, total, amount_due,
     amount_remaining, due_date) FROM billing.invoice WHERE invoice_id LIKE 'first%') AS x)
   FROM kept) AS merged,
 (SELECT bool_and(balance.invoice_summary(customer_id, '2026-01-01', 'UTC')
   = balance.to_invoice_summary(p OPERATOR(balance.+)
   (SELECT balance.tally_charges(i.currency, l.price_type, l.amount) FROM billing.invoice AS i
     JOIN billing.invoice_line_item AS l USING (invoice_id) WHERE i.customer_id = kept.customer_id),
   customer_id, NULL, '2026-01-01', 'UTC')) FROM kept) AS summaries
SQL
my $holds = '0|0|t|t';

my @writers;
my $generation = 0;

# Writers, which say what is done, and readers in the middle of something long.
sub start_sessions
{
	my $script = '';
	$generation++;
	for my $writer ('a' .. 'c')
	{
		my $name = "$writer$generation";
		my $file = "$tempdir/$name.sql";
		append_to_file($file, join '', map { "SELECT transact('$name', $_);\n\\echo $_\n" }
			1 .. 20000);
		my %session = (name => $name, out => '', err => '');
		$session{run} =
			IPC::Run::start([ 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d',
			$node->connstr('postgres'), '-f', $file ],
			'>', \$session{out}, '2>', \$session{err});
		push @writers, \%session;
	}
	my %reader = (name => 'reader', out => '', err => '');
	$reader{run} = IPC::Run::start([ 'psql', '-XqAt', '-d', $node->connstr('postgres'),
			'-c',
				q{SELECT balance.tally_deposits('usd', i::text, i) IS NULL,
				balance.tally_invoices('usd', 'open', NULL, i, i, i, '2026-01-01')
				FROM generate_series(1, 100000000) AS i} ],
		'>', \$reader{out}, '2>', \$reader{err});
	push @writers, \%reader;
	ok($node->poll_query_until('postgres',
		"SELECT count(DISTINCT writer) = 3 AND count(*) > 100 FROM done
		WHERE writer LIKE '_$generation'")
		  && $node->poll_query_until('postgres',
		    q{SELECT count(*) > 0 FROM pg_stat_activity WHERE state = 'active'
		    AND query LIKE 'SELECT balance.tally_deposits%'}),
		"all sessions are at work, $generation");
}

# All is there that was reported, and all agrees.
sub check
{
	my ($server, $title) = @_;
	is($server->safe_psql('postgres', $invariants), $holds, "$title: all agrees");
	# an empty row is that of SELECT transact()
	my $reported = join ' UNION ALL ', map {
		my ($name, $n) = ($_->{name}, ($_->{out} =~ /^(\d+)\n/mg)[-1] // 0);
		"SELECT '$name', $n"
	} grep { $_->{name} ne 'reader' } @writers;
	is($server->safe_psql('postgres',
			"SELECT count(*) > 0, coalesce(sum(n), 0) > 100,
				string_agg(CASE WHEN n <> (SELECT count(*) FROM done AS d
				WHERE d.writer = r.writer AND d.n <= r.n) THEN writer END, ' ')
				FROM ($reported) AS r(writer, n)"),
		't|t|', "$title: whatever was reported done is there");
}

sub end_sessions
{
	$_->{run}->finish for @writers;
}

# The server dies by signal 9, with all of its processes, as a container does:
# a backend that is busy would not notice for long that its postmaster is gone.
sub kill_server
{
	my $pid = (split /\n/, slurp_file($node->data_dir . '/postmaster.pid'))[0];
	# some end while we look
	my @children = map { m{/(\d+)/} }
		grep { (-e $_ && eval { slurp_file($_) } // '') =~ /\) \w $pid / } glob '/proc/[0-9]*/stat';
	$node->kill9;
	kill 9, @children;
	# whoever is the parent now may be slow to notice
	for (1 .. 600)
	{
		last unless kill 0, $pid, @children;
		usleep(100_000);
	}
	is(kill(0, $pid, @children), 0, 'the server is gone');
}

for my $round (1 .. $rounds)
{
	start_sessions();
	my $victim = $node->safe_psql('postgres', $round % 2
		? q{SELECT pid FROM pg_stat_activity WHERE query LIKE 'SELECT balance.tally_deposits%'
			AND pid <> pg_backend_pid()}
		: q{SELECT pid FROM pg_stat_activity WHERE query LIKE 'SELECT transact%'
			AND pid <> pg_backend_pid() LIMIT 1});
	is(kill(9, $victim), 1, "backend killed, $round");
	end_sessions();
	ok($node->poll_query_until('postgres', 'SELECT true'), "the server recovers, $round");
	check($node, "backend killed, $round");

	start_sessions();
	kill_server();
	end_sessions();
	$node->start;
	check($node, "server killed, $round");
}
$node->command_ok([ 'pg_amcheck', '--install-missing', '--heapallindexed', '-d', 'postgres' ],
	'tables and indexes are sound');

# the standby takes over from a server that was killed, with what it got
start_sessions();
$node->wait_for_catchup($standby);
is($standby->safe_psql('postgres', $invariants), $holds, 'a standby that follows: all agrees');
kill_server();
end_sessions();
$standby->promote;
is($standby->safe_psql('postgres', $invariants), $holds, 'promoted: all agrees');
$standby->safe_psql('postgres', "SELECT transact('standby', 1)");
is($standby->safe_psql('postgres', $invariants), $holds, 'promoted and written to: all agrees');
$standby->command_ok([ 'pg_amcheck', '--install-missing', '--heapallindexed', '-d', 'postgres' ],
	'... and sound');
$standby->stop;

done_testing();
