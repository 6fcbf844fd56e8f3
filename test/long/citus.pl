# A ledger on a cluster of Citus, a coordinator and two workers in other time zones: every
# function answers as it does over the same rows on one server, and plans show that it
# is computed where the rows are.  BALANCE_SCALE says how many invoices there are; of many
# it is told what a book costs, too.
use strict;
use warnings;
use PostgreSQL::Test::Utils;
use Test::More;
use Asked;
use Citus;

plan skip_all => 'the server has no citus.so' unless has_citus();

my $invoices = $ENV{BALANCE_SCALE} || 6000;
my ($node, @workers) = start_cluster();
my @nodes = ($node, @workers);
fill($node, $invoices, $invoices > 10_000 ? $invoices / 50 : 200);
is($node->safe_psql('postgres', q{SELECT count(*) FILTER (WHERE partmethod = 'h'),
	count(*) FILTER (WHERE partmethod = 'n'), count(DISTINCT colocationid)
	FROM pg_dist_partition}), '9|1|2', 'tables are distributed together');

my @queries = Asked::queries();

# Their days are of the zone of who asks, or of the views'.
$node->safe_psql('postgres', "${quiet}SELECT balance.create_report_views('Asia/Kathmandu', 'far')");
foreach my $query (@queries)
{
	my $expected = answer($node, $query, 'near');
	unlike($expected, qr/ERROR/, "$query: an answer") unless $query =~ /verify/;
	is(answer($node, $query, 'far'), $expected, $query);
}

# However the session writes dates, which nobody on a worker is told.
my @dated = grep { /current_date|invoice_summar|ageing_at\('c42'|total_overdue/ } @queries;
foreach my $style ($invoices > 10_000 ? () : ('SQL, DMY', 'Postgres, DMY', 'German'))
{
	my $settings = "SET datestyle = '$style'; SET TimeZone = 'Asia/Kolkata'; ";
	is(answer($node, $_, 'far', $settings), answer($node, $_, 'near', $settings),
		"$_, with dates in $style") foreach @dated;
}

# Documents are one task on one worker, and books and reports have no rows sent here.
foreach my $report (map({ "report_$_" } qw(customer_balance invoice_summary ageing vcu_balance
	customer_credits credit_expiry metrics)), 'book_customer_balance', 'book_invoice_summary')
{
	my $plan = $node->safe_psql('postgres', "EXPLAIN (COSTS off) TABLE far.$report");
	like($plan, qr/Task Count: 8/, "$report is made where the rows are");
	unlike($plan, qr/Distributed Subplan/, '... in one step');
	like($node->safe_psql('postgres', "EXPLAIN (COSTS off) SELECT * FROM far.$report
		WHERE customer_id = 'c42'"), qr/Task Count: 1\b/, '... and of one customer where he lives');
}
foreach my $document ("customer_balance('c42'", "invoice_summary('c42'", "vcu_balance('c42'",
	"customer_credits('c5', currency => 'usd'",
	"statement_document('c5', current_date - 151, current_date", "open_items('c5'",
	"unapplied_cash('c5'", "items('c5', 'total_unpaid_amount', 'usd'")
{
	my (undef, undef, $log) = $node->psql('postgres', "SET citus.log_remote_commands = on;
		SET client_min_messages = log; SELECT balance.$document, ledger => 'far')");
	is(scalar(() = $log =~ /issuing (?:SELECT|WITH)/g), 1, "$document is one task");
}

# Of books and roll-forwards nothing is sent here that has not been added up where it is.
foreach my $book ('customer_balances(', 'invoice_summaries(', 'vcu_balances(', 'positions_at(',
	'all_invoices_at(', 'aged_receivables(', q{top_debtors('usd', 5, },
	map({ "$_(current_date - 151, current_date - 90, " } qw(roll_forward customer_roll_forwards)),
	'roll_forward_months(')
{
	my (undef, undef, $log) = $node->psql('postgres', "SET citus.log_remote_commands = on;
		SET client_min_messages = log; SELECT * FROM balance.${book}ledger => 'far')");
	my @sent = $log =~ /issuing ((?:SELECT|WITH) (?!assign_distributed).*)/g;
	is(scalar @sent % 8, 0, "balance.$book...) is asked of all shards");
	cmp_ok(scalar @sent, '<=', $book =~ /months/ ? 40 : $book =~ /roll/ ? 24 : 8, '... at once');
	is(join("\n", grep { !/GROUP BY/ } @sent), '', '... which add up');
}
foreach my $query (grep { /roll_forward(_months)?\(/ } @queries)
{
	is(answer($node, $query, 'far', "SET datestyle = ISO; SET TimeZone = 'Asia/Kathmandu';
		SET citus.max_intermediate_result_size = '64kB';"), answer($node, $query, 'near'),
		"$query, of which little is sent");
}

# Each query that verify() has of one customer is one task, and of all of them, what is sent here
# has been sifted where it is.
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

# What a book costs: the CPU time of all servers for it, those of ended processes included,
# against that of the one server.  It is told, not judged.
sub cpu
{
	my $ticks = 0;
	foreach my $server (@nodes)
	{
		my ($master) = slurp_file($server->data_dir . '/postmaster.pid') =~ /^(\d+)/;
		foreach my $pid ($master, split /\s+/, `cat /proc/$master/task/*/children`)
		{
			my $stat = eval { slurp_file("/proc/$pid/stat") } or next;
			my @times = (split / /, $stat =~ s/.*\) //sr)[11 .. 14];
			$ticks += $times[0] + $times[1] + ($pid == $master ? $times[2] + $times[3] : 0);
		}
	}
	return $ticks / 100;
}

# The median of five runs of a session that has run it before, without parallel workers here.
sub cost
{
	my ($query) = @_;
	my $session = $node->background_psql('postgres');
	$session->query_safe('SET max_parallel_workers_per_gather = 0');
	my @costs;
	foreach my $run (0 .. 5)
	{
		my $before = cpu();
		$session->query_safe("COPY ($query) TO '/dev/null'");
		push @costs, cpu() - $before if $run > 0;
	}
	$session->quit;
	return (sort { $a <=> $b } @costs)[2];
}
foreach my $book ('TABLE LEDGER.book_customer_balance', 'TABLE LEDGER.book_invoice_summary',
	q{SELECT * FROM balance.customer_balances(ledger => 'LEDGER')},
	q{SELECT * FROM balance.invoice_summaries(ledger => 'LEDGER')})
{
	last if $invoices <= 10_000 || !-e '/proc/self/task';
	my ($near, $far) = map { cost($book =~ s/LEDGER/$_/r) } 'near', 'far';
	note sprintf('%s: %.2f s of CPU on one server, %.2f s on the cluster, %.2f times', $book,
		$near, $far, $far / $near);
}

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
like(($node->psql('postgres', "SELECT * FROM far.report_ageing $_"))[2], qr/time zone of who asks/,
	"views without a zone of their own are refused $_") foreach '', q{WHERE customer_id = 'c42'};
like($node->safe_psql('postgres', "SELECT relation, message FROM balance.check_ledger('far')"),
	qr/^report_ageing\|has days of the time zone of who asks/m, '... as check_ledger() tells');
$node->safe_psql('postgres', "${quiet}SELECT balance.create_report_views('Asia/Kathmandu', 'far')");

# A worker that is asked itself, and one that writes dates in a style of its own, as text.
my @few = $invoices > 10_000 ? () :
	grep { /c42|customer_balances|invoice_summaries|roll/ } @queries;
is(answer($workers[0], $_, 'far'), answer($node, $_, 'near'), "$_, on a worker") foreach @few;
$_->append_conf('postgresql.conf', 'datestyle = German'), $_->reload foreach @workers;
my $text = "SET datestyle = ISO; SET TimeZone = 'Asia/Kathmandu';
	SET citus.enable_binary_protocol = off; ";
is(answer($node, $_, 'far', $text), answer($node, $_, 'near', $text),
	"$_, from workers that write German dates") foreach grep { /balance\./ } @few;
like($node->safe_psql('postgres', "SELECT message FROM balance.check_ledger('far')"),
	qr/writes dates in style German/, '... of which check_ledger() warns');
$_->append_conf('postgresql.conf', 'datestyle = ISO'), $_->reload foreach @workers;

# What a transaction has written it reads, also behind a savepoint and by kept plans.
my $writes = join '; ', 'BEGIN', q{INSERT INTO LEDGER.invoice (invoice_id, customer_id, currency,
	invoice_status, total, amount_due, amount_remaining, due_date)
	SELECT 'x' || i, 'c' || i, 'usd', 'open', i, i, i, '2026-01-01'
	FROM generate_series(1, 9) AS i},
	'SAVEPOINT a', q{UPDATE LEDGER.deposit SET amount = amount + 1},
	q{SELECT * FROM balance.customer_balances(ledger => 'LEDGER') WHERE customer_id < 'c2'},
	'ROLLBACK TO a', q{PREPARE p(text) AS SELECT balance.customer_balance($1, 'LEDGER')},
	map({ "EXECUTE p('c$_')" } 1 .. 9), q{SELECT * FROM LEDGER.report_ageing}, 'ROLLBACK',
	q{SELECT * FROM balance.customer_balances(ledger => 'LEDGER') WHERE customer_id < 'c2'};
is(answer($node, $writes, 'far'), answer($node, $writes, 'near'),
	'what a transaction writes it reads');

$_->stop for reverse @nodes;
done_testing();
