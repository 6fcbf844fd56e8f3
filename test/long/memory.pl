# Little memory.  A backend that may take no more raises 53200, wherever it is
# denied, and goes on with right answers; with 64 kB of work_mem everything is
# done on disk, with equal answers; where temporary files may not grow, the error
# is 53400.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Tallies;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('memory');
$node->init(extra => [ '--no-locale', '--encoding=UTF8' ]);
$node->append_conf('postgresql.conf', "jit = off\nmax_parallel_workers_per_gather = 0\n");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION balance;
CREATE TABLE book AS SELECT i, 'c' || i % 8009 AS customer_id, 'row ' || i AS id,
	(ARRAY['usd', 'eur', 'kwd'])[1 + i % 3] AS currency, i + 0.5 AS amount,
 date '2026-01-01' + i % 3000 AS day, timestamptz '2026-01-01 00:00Z'
   + i * interval '1 hour' AS instant FROM generate_series(1, 40000) AS i;
SELECT balance.create_ledger('billing');
INSERT INTO billing.customer VALUES ('c');
INSERT INTO billing.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining, due_date)
 SELECT id, 'c', currency, 'open', i, i, i, day FROM book;
INSERT INTO billing.deposit SELECT id, 'c', currency, id, i FROM book;
INSERT INTO billing.credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	amount_applied, issue_date, reason)
 SELECT id, 'b', 'c', 'issued', 'usd', i + 1, 1, '2026-01-01', 'other' FROM book WHERE i % 3 = 0;
INSERT INTO billing.credit_memo_application SELECT id, id, id, 1 FROM book WHERE i % 3 = 0;
CREATE TABLE big AS
SELECT balance.tally_deposits(currency, id, amount) OPERATOR(balance.+)
	balance.tally_invoices(currency, 'open', NULL, amount, amount, amount, instant) AS p FROM book;
VACUUM ANALYZE;
SQL

# ---- 64 kB of work_mem

$node->safe_psql('postgres',
	'CREATE TABLE positions AS SELECT customer_id, balance.tally_deposits(currency, id, amount) AS p
	FROM book GROUP BY i, 1');
for my $name (sort keys %tallies)
{
	my $from = $name eq 'merge' ? 'positions' : 'book';
	my $groups = "SELECT customer_id, $tallies{$name} AS p FROM $from GROUP BY 1";
	my $explain = "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) $groups";
	my $out = $node->safe_psql('postgres', <<"SQL");
SET search_path = public, balance;
SET enable_sort = off;
SET work_mem = '1GB';
CREATE TEMP TABLE wide AS $groups;
SET work_mem = '64kB';
$explain;
CREATE TEMP TABLE narrow AS $groups;
SET work_mem = '1GB';
SELECT count(*), count(*) FILTER (WHERE w.p = n.p) FROM wide AS w
	FULL JOIN narrow AS n USING (customer_id);
SQL
	like($out, qr/HashAggregate.*Batches: (?!1 )\d+ .*Disk Usage/s, "$name: spills");
	like($out, qr/\n8009\|8009$/, "$name: with equal answers");
}
# sorted, as verify() and the documents do it
my $checks = q{SELECT count(*) FROM balance.verify();
	SELECT md5(balance.customer_balance('c')::text),
	md5(balance.invoice_summary('c', '2030-01-01', 'UTC')::text),
	md5(balance.customer_credits('c')::text),
 (SELECT md5(string_agg(i::text, ',' ORDER BY id)) FROM balance.items('c', 'total_overdue_amount',
   'usd', '2030-01-01', 'UTC') AS i)};
my $documents = $node->safe_psql('postgres', "SET work_mem = '1GB'; $checks");
like($documents, qr/^0\n(\w+\|){3}\w+$/, 'there are documents');
is($node->safe_psql('postgres', "SET work_mem = '64kB'; $checks"), $documents,
	'documents, items and verify() with little work_mem');

# ---- temp_file_limit: a disk that is full for this session

for my $sql ("SELECT count(*)
	FROM (SELECT customer_id, $tallies{tally_deposits} FROM book GROUP BY 1) AS x",
	'SELECT count(*) FROM balance.verify()')
{
	my (undef, $out, $err) = $node->psql('postgres',
		"\\set VERBOSITY sqlstate
			SET search_path = public, balance; SET work_mem = '64kB';
			SET temp_file_limit = '100kB'; SET enable_sort = off;\n$sql;\n"
		  . "RESET ALL;\n$checks", on_error_stop => 0);
	like($err, qr/\Apsql:<stdin>:\d+: ERROR:  53400\z/, "temp_file_limit: $sql");
	is($out, $documents, '... and the session goes on');
}
is($node->safe_psql('postgres', 'SELECT count(*) FROM pg_ls_tmpdir()'), 0,
	'no temporary file is left');

# ---- no more memory

# A session that says how much memory it has, is then given a little more, and
# runs a statement; then it may take what it wants.
sub run_with
{
	my ($more, $sql) = @_;
	my (undef, $out, $err) = $node->psql('postgres', <<"SQL", on_error_stop => 0);
\\set VERBOSITY sqlstate
SET search_path = public, balance;
SET work_mem = '1GB';
SELECT tally_deposits('usd', 'a', 1) IS NULL, customer_balance('nobody', 'billing');
SELECT pg_backend_pid() AS pid \\gset
\\setenv PID :pid
\\setenv KILOBYTES '/^VmSize:/ { print \$2 }'
\\! prlimit --pid \$PID --as=\$((\$(awk "\$KILOBYTES" /proc/\$PID/status) * 1024 + $more)):
\\echo answer
$sql;
\\echo end
\\! prlimit --pid \$PID --as=unlimited:
SELECT p FROM (SELECT tally_deposits('usd', 'held', 1.5) AS p FROM generate_series(1, 2)) AS x;
SQL
	my ($answer) = $out =~ /^answer\n(.*)^end\n1\{USD 2 deposit\("held" 2 3\)\}$/ms;
	my ($state) = $err
		=~ /\A(?:psql:<stdin>:\d+: ERROR:  P0002\n)(?:psql:<stdin>:\d+: ERROR:  (\w+))?\s*\z/;
	return ($answer, $state, $out, $err);
}

my %hungry = (
	'tally_deposits' => "SELECT md5($tallies{tally_deposits}::text) FROM book",
	'tally_invoices' => "SELECT md5($tallies{'tally_invoices, instant'}::text) FROM book",
	'many groups' => "SELECT md5(string_agg(p::text, ' ' ORDER BY p))
		FROM (SELECT $tallies{'tally_invoices, date'} AS p FROM book GROUP BY i) AS x",
	'+' => 'SELECT md5((p + p)::text) FROM big',
	'input' => 'SELECT p::text::balance.position = p FROM big',
	'send' => 'SELECT md5(position_send(p)) FROM big',
	'jsonb' => 'SELECT md5(p::jsonb::text) FROM big',
	'to_customer_balance' => q{SELECT md5(to_customer_balance(p, 'w', 'c')::text) FROM big},
	'ageing' => q{SELECT count(a), md5(string_agg(a::text, ' ')) FROM big,
		ageing(p, '2030-01-01 00:00Z', 'UTC') AS a},
	'customer_balance' => q{SELECT md5(customer_balance('c', 'billing')::text)},
	'invoice_summary' => q{
		SELECT md5(invoice_summary('c', '2030-01-01 00:00Z', 'UTC', 'billing')::text)},
	'customer_credits' => q{SELECT md5(customer_credits('c', ledger => 'billing')::text)},
	'items' => q{SELECT md5(string_agg(i::text, ',' ORDER BY id))
		FROM items('c', 'total_overdue_amount', 'usd', '2030-01-01 00:00Z', 'UTC', 'billing') AS i},
	'verify' => q{SELECT count(*) FROM verify('billing')},
	'check_ledger' => q{SELECT count(*) FROM check_ledger('billing')});

SKIP:
{
	skip 'there is no prlimit', 3 * keys %hungry unless defined `prlimit --version 2>/dev/null`;
	for my $name (sort keys %hungry)
	{
		my ($expected) = run_with(1 << 40, $hungry{$name});
		ok(length($expected // '') > 1, "$name: has an answer");
		# from nothing at all to enough: each time denied somewhere else
		my (%states, @wrong);
		for (my $more = 100_000; $more < 1 << 31 && ($states{''} // 0) < 2; $more *= 1.5)
		{
			my ($answer, $state, $out, $err) = run_with(int $more, $hungry{$name});
			$states{ $state // '' }++;
			next
			  if defined $answer
				&& (defined $state ? $state eq '53200' && $answer eq '' : $answer eq $expected);
			push @wrong, "with $more bytes more: $out $err";
		}
		note explain \%states;
		is(join("\n", @wrong), '', "$name: the right answer or 53200, and the session goes on");
		ok($states{''}, '... once it has enough');
		# what needs little may find it in memory that it has
		ok($states{53200}, '... and not before') unless $name =~ /^(check_ledger|verify)$/;
	}
}

# ---- documents that no jsonb can hold

for my $case ([ 'a string', 1, 300_000_000 ], [ 'an array', 2, 150_000_000 ],
	[ 'what is noted', 8, 150_000_000 ])
{
	my ($what, $currencies, $length) = @$case;
	my $position = '1{'
		.
		join(', ', map { "$_ 1 paid(1 1 1 0)" }
		(qw(AED AFN ALL AMD AOA ARS AUD AWG))[0 .. $currencies - 1]) . '}';
	my ($ret, $out, $err) = $node->psql('postgres',
		"\\set VERBOSITY verbose
			SELECT pg_column_size(
				balance.to_customer_balance('$position', 'b', repeat('x', $length)))");
	like($err, qr/ERROR:  54000: document is too large/, "too long for a document: $what");
}
is($node->safe_psql('postgres',
	q{
	SELECT pg_column_size(balance.to_customer_balance('1{USD 1 paid(1 1 1 0)}', 'b',
	repeat('x', 200000000))) > 200000000}),
	't', 'but not 200 MB');

$node->stop;
done_testing();
