# A cancel or a statement timeout is heeded inside of every aggregate and every
# function that may run long, and the session goes on.  That it arrives inside,
# and not only when all is done, is seen from which of two errors is raised: the
# statement divides by zero as soon as the function has returned.  How long the
# timeout is to be is found by running the function once to its end.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Tallies;
use Test::More;
use Time::HiRes qw(time);

my $node = PostgreSQL::Test::Cluster->new('interrupts');
$node->init(extra => [ '--no-locale', '--encoding=UTF8' ]);
# the functions are to run in the session itself, and not be compiled meanwhile
$node->append_conf('postgresql.conf', "jit = off\nmax_parallel_workers_per_gather = 0
	autovacuum = off\n");
$node->start;
my $tempdir = PostgreSQL::Test::Utils::tempdir;

# One position of some 9 MB, uncompressed, so that fetching it takes no time;
# a ledger whose one customer has all the rows, one with a customer for each, and one
# with a thousand partitions.
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION balance;
CREATE VIEW rows AS SELECT i, 'row ' || i AS id,
	(ARRAY['usd', 'eur', 'kwd'])[1 + i % 3] AS currency, i + 0.5 AS amount,
 date '0001-01-01' + i AS day, timestamptz '0001-01-01 00:00Z' + i * interval '1 hour' AS instant
 FROM generate_series(1, 300000) AS i;
CREATE TABLE big (p balance.position, zero int);
ALTER TABLE big ALTER p SET STORAGE EXTERNAL;
INSERT INTO big SELECT balance.tally_deposits(currency, id, amount)
 OPERATOR(balance.+) balance.tally_invoices(currency, 'open', NULL, amount, amount, amount, day),
   0 FROM rows;
CREATE TABLE written (t text, zero int);
ALTER TABLE written ALTER t SET STORAGE EXTERNAL;
INSERT INTO written SELECT p::text, 0 FROM big;
CREATE TABLE received (p balance.position, bad int);
CREATE TABLE book AS SELECT i, max(id) AS id, max(currency) AS currency, max(amount) AS amount,
	max(day) AS day, max(instant) AS instant, 0 AS zero,
 balance.tally_deposits(currency, id, amount) AS p FROM rows GROUP BY i;

SELECT balance.create_ledger('billing');
INSERT INTO billing.customer VALUES ('c');
INSERT INTO billing.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining, due_date)
 SELECT id, 'c', currency, 'open', i, i, i, day FROM rows WHERE i <= 200000;
INSERT INTO billing.invoice_line_item (invoice_id, amount) SELECT id, i FROM rows WHERE i <= 200000;
INSERT INTO billing.deposit SELECT id, 'c', currency, id, i FROM rows WHERE i <= 200000;
INSERT INTO billing.vcu_order SELECT id, 'c', currency, 'issued', amount FROM rows
WHERE i <= 200000;
INSERT INTO billing.vcu_invoice SELECT id, 'c', currency, 'paid', amount FROM rows
WHERE i <= 200000;
INSERT INTO billing.credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	amount_applied, issue_date, reason)
 SELECT id, 'b', 'c', 'issued', 'usd', i + 1, 1, '2026-01-01', 'other' FROM rows WHERE i <= 50000;
INSERT INTO billing.credit_memo_application SELECT id, id, id, 1 FROM rows WHERE i <= 50000;

CREATE SCHEMA whole;
CREATE TABLE whole.invoice AS SELECT invoice_id AS customer_id, invoice_id, currency,
	invoice_status, total, amount_due, amount_remaining, due_date FROM billing.invoice;
CREATE TABLE whole.vcu_order AS SELECT vcu_order_id AS customer_id, vcu_order_id, currency, status,
	units, created_at FROM billing.vcu_order;
CREATE SCHEMA parts;
CREATE TABLE parts.invoice (LIKE billing.invoice) PARTITION BY HASH (customer_id);
CREATE TABLE parts.deposit (LIKE billing.deposit) PARTITION BY HASH (customer_id);
SELECT format('CREATE TABLE parts.%s_%s PARTITION OF parts.%s FOR
	VALUES WITH (MODULUS 500, REMAINDER %s)', name, i, name, i)
FROM unnest('{invoice,deposit}'::text[]) AS name, generate_series(0, 499) AS i \gexec
VACUUM ANALYZE;
CHECKPOINT;
SQL
# what position_recv() reads, and then a second column of no bytes, which is no integer
$node->safe_psql('postgres',
	"COPY (SELECT p, ''::text FROM big) TO '$tempdir/binary' (FORMAT binary)");

my $afterwards = q{SELECT balance.tally_deposits('usd', 'held', 1.5)::text};

# The seconds that a statement takes, and its SQLSTATE.  What the session says
# next must be right.
sub run
{
	my ($sql, $setting) = @_;
	my $start = time;
	my (undef, $out, $err) = $node->psql('postgres',
		"\\set VERBOSITY sqlstate\n$setting;\nSET search_path = public, balance;
			$sql;\n\\echo :LAST_ERROR_SQLSTATE\nRESET statement_timeout;\n$afterwards;\n",
		on_error_stop => 0);
	my $seconds = time - $start;
	my ($state) = $err =~ /ERROR:  (\w+)/;
	like($out, qr/1\{USD 1 deposit\("held" 1 1.5\)\}$/, 'the session goes on') or diag $err;
	return ($seconds, $state // '');
}

# A statement that ends in an error of its own, unless it is cancelled before.
sub is_cancelled
{
	my ($name, $sql, $own) = @_;
	subtest $name => sub {
		my ($seconds, $state) = run($sql, '');
		is($state, $own, 'it runs to its end');
		# On a busy machine one run may take longer than the next.
		my ($again) = run($sql, '');
		$seconds = $again if $again < $seconds;
		for my $part (2, 3)
		{
			my $timeout = int(1000 * $seconds / $part);
			(undef, $state) = run($sql, "SET statement_timeout = $timeout");
			note "timeout of $timeout ms: $state";
			last unless $state eq $own;
		}
		is($state, '57014', 'it is cancelled inside');
	};
}

my %functions = (
	'+' => 'p OPERATOR(balance.+) p',
	'-' => 'p OPERATOR(balance.-) p',
	'unary -' => 'OPERATOR(balance.-) p',
	'output' => 'p::text',
	'send' => 'position_send(p)',
	'jsonb' => 'p::jsonb',
	'to_customer_balance' => q{to_customer_balance(p, 'wb', 'c')},
	'to_invoice_summary' => q{to_invoice_summary(p, 'c', 'usd', now(), 'UTC')},
	'to_vcu_balance' => 'to_vcu_balance(p, NULL, NULL)',
	'merge_add' => 'merge_add(p, p)',
	'merge_remove' => 'merge_remove(p, p)',
	'position_combine' => 'position_combine(p, p)');
is_cancelled($_, "SELECT ($functions{$_}) IS NULL, 1 / zero FROM big", '22012')
  for sort keys %functions;
is_cancelled($_->[0], "SELECT $_->[0]($_->[1]), 1 / zero FROM big", '22012')
  for [ 'ageing', q{p, now(), 'UTC'} ], [ 'balance_rows', 'p' ],
    [ 'invoice_rows', q{p, now(), 'UTC'} ], [ 'unit_rows', 'p' ], [ 'credit_rows', 'p' ];
is_cancelled('ageing by many bounds',
	q{SELECT ageing(p, now(), 'UTC', bounds), 1 / zero FROM big,
	(SELECT array_agg(i) FROM generate_series(1, 200000) AS i) AS x(bounds)}, '22012');
is_cancelled('input', 'SELECT t::balance.position IS NULL, 1 / zero FROM written', '22012');
is_cancelled('receive', "COPY received FROM '$tempdir/binary' (FORMAT binary)", '08P01');

is_cancelled($_, "SELECT $tallies{$_} IS NULL, 1 / min(zero) FROM book", '22012')
  for sort keys %tallies;
is_cancelled('a sliding window',
	q{SELECT count(*), 1 / min(zero)
		FROM (SELECT tally_invoices(currency, 'paid', NULL, amount) OVER
		(ORDER BY i ROWS 9 PRECEDING), zero FROM book) AS x}, '22012');

my %readers = (
	'customer_balance' => q{(SELECT balance.customer_balance('c') IS NULL)},
	'invoice_summary' => q{(SELECT balance.invoice_summary('c') IS NULL)},
	'vcu_balance' => q{(SELECT balance.vcu_balance('c') IS NULL)},
	'customer_credits' => q{(SELECT balance.customer_credits('c') IS NULL)},
	'verify' => '(SELECT count(*) FROM balance.verify())',
	'verify of one customer' => q{(SELECT count(*) FROM balance.verify(NULL, 'c'))},
	'customer_balances' => q{(SELECT count(*) FROM balance.customer_balances(ledger => 'whole'))},
	'invoice_summaries' => q{(SELECT count(*) FROM balance.invoice_summaries(ledger => 'whole'))},
	'vcu_balances' => q{(SELECT count(*) FROM balance.vcu_balances(ledger => 'whole'))},
	'top_debtors' => q{
		(SELECT count(*) FROM balance.top_debtors('usd', 100000, ledger => 'whole'))},
	'check_ledger' => q{(SELECT count(*) FROM balance.check_ledger('parts'))},
	'items' => q{(SELECT count(*) FROM balance.items('c', 'total_unpaid_amount', 'usd'))},
	'items of charges' => q{(SELECT count(*)
		FROM balance.items('c', 'unpaid_fixed_charges', 'usd'))},
	'items of units' => q{(SELECT count(*) FROM balance.items('c', 'balance', 'usd'))},
	'items of memos' => q{(SELECT count(*)
		FROM balance.items('c', 'total_credits_available', 'usd'))});
is_cancelled($_, "SELECT $readers{$_}, 1 / zero FROM (SELECT 0 AS zero OFFSET 0) AS x", '22012')
  for sort keys %readers;

# Cancelled by somebody else, as soon as it runs; twice, in one session.
append_to_file("$tempdir/session", <<"SQL");
\\set VERBOSITY sqlstate
SELECT balance.position_add(p, p) FROM big;
SELECT count(*) FROM balance.verify();
$afterwards;
SQL
my ($out, $err) = ('', '');
my $psql =
	IPC::Run::start([ 'psql', '-XqAt', '-d', $node->connstr('postgres'), '-f', "$tempdir/session" ],
	'>', \$out, '2>', \$err);
for my $function ('position_add', 'verify')
{
	ok($node->poll_query_until('postgres',
			"SELECT count(pg_cancel_backend(pid)) > 0 FROM pg_stat_activity
				WHERE state = 'active' AND pid <> pg_backend_pid()
				AND query LIKE 'SELECT %$function(%'"),
		"pg_cancel_backend() in $function");
}
$psql->finish;
is(() = $err =~ /ERROR:  57014$/mg, 2, 'both were cancelled') or diag $err;
is($out, qq(1{USD 1 deposit("held" 1 1.5)}\n), 'and the session went on');

# create_ledger() leaves either a whole ledger or nothing, wherever it ends; the first is a
# whole one, as 0 is no timeout.
my (%left, $whole);
for my $timeout (0 .. 40)
{
	$node->psql('postgres', "SET statement_timeout = $timeout;
		SELECT balance.create_ledger('tried')");
	my $tables = $node->safe_psql('postgres',
		q{SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
		WHERE nspname = 'tried' AND relkind = 'r';
		SET client_min_messages = warning; DROP SCHEMA IF EXISTS tried CASCADE});
	$whole //= $tables;
	$left{$tables}++;
}
note explain \%left;
cmp_ok($whole, '>=', 8, 'create_ledger() makes a table for each relation');
is(join(' ', sort { $a <=> $b } keys %left), "0 $whole", '... and is whole or not there');

$node->stop;
done_testing();
