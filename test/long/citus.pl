# A ledger on a cluster of Citus, a coordinator and two workers in other time zones: every
# function answers as it does over the same rows on one server, and plans show that it
# is computed where the rows are.  BALANCE_SCALE says how many invoices there are; of many
# it is told what a book costs, too.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Asked;

my $directory = `pg_config --pkglibdir` =~ s/\n//r;
plan skip_all => "there is no $directory/citus.so" unless -e "$directory/citus.so";

my $invoices = $ENV{BALANCE_SCALE} || 6000;
my $customers = $invoices > 10_000 ? $invoices / 50 : 200;
my $lines = $invoices > 10_000 ? 1 : 2;
my $memos = 3 * $customers;

my @nodes;
foreach my $name ('coordinator', 'worker1', 'worker2')
{
	my $node = PostgreSQL::Test::Cluster->new($name);
	my $zone = $name eq 'coordinator' ? 'Pacific/Kiritimati' : 'America/Havana';
	$node->init(extra => [ '--no-locale', '--encoding=UTF8' ]);
	$node->append_conf('postgresql.conf', "shared_preload_libraries = 'citus'\njit = off
		timezone = '$zone'\ncitus.node_conninfo = 'sslmode=disable'\nmax_connections = 60
		max_prepared_transactions = 50\nwal_level = logical\ncitus.shard_count = 8
		citus.enable_statistics_collection = off\n");
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION citus; CREATE EXTENSION balance');
	push @nodes, $node;
}
my ($node, @workers) = @nodes;
$node->safe_psql('postgres', "SELECT citus_set_coordinator_host('" . $node->host . "', "
		. $node->port . ');' . join '',
	map { "SELECT citus_add_node('" . $_->host . "', " . $_->port . ');' } @workers);

# The rows of 200 customers or more, in tables that are distributed and in others.
my $quiet = "SET client_min_messages = error;\n";
$node->safe_psql('postgres', "$quiet SELECT balance.create_ledger('far', distributed => true);
	SELECT balance.create_ledger('near')");
is($node->safe_psql('postgres', q{SELECT count(*) FILTER (WHERE partmethod = 'h'),
	count(*) FILTER (WHERE partmethod = 'n'), count(DISTINCT colocationid)
	FROM pg_dist_partition}), '9|1|2', 'tables are distributed together');
$node->safe_psql('postgres', <<"SQL");
SET search_path = far;
INSERT INTO customer SELECT 'c' || i, 'wb', 'b' || i % 3, 'Name ' || i,
	(ARRAY['usd', NULL])[i % 2 + 1] FROM generate_series(0, $customers - 1) AS i;
INSERT INTO invoice (invoice_id, customer_id, currency, invoice_status, payment_status, number,
	total, amount_due, amount_remaining, due_date, issued_at, voided_at)
SELECT 'i' || i, 'c' || i % $customers, (ARRAY['usd', 'EUR', 'jpy'])[i % 3 + 1],
	(ARRAY['open', 'finalized', 'paid', 'draft', 'void'])[i / 5 % 5 + 1], NULL, 'N' || i,
	i % 997, i % 997, CASE WHEN i / 5 % 5 = 2 THEN 0 ELSE i % 997
		- CASE WHEN i <= $memos AND i / 5 % 5 < 2 THEN (ARRAY[0.1, 0.1, 10])[i % 3 + 1]
			ELSE 0 END END,
	current_date - i % 120 + 3, now() - interval '150 days' - i * interval '1 minute',
	CASE WHEN i / 5 % 5 = 4 THEN now() - interval '100 days' END
FROM generate_series(1, $invoices) AS i;
INSERT INTO invoice_line_item (invoice_id, customer_id, price_type, amount)
SELECT invoice_id, customer_id, (ARRAY['usage', 'seat'])[j], total / 2
FROM invoice, generate_series(1, $lines) AS j;
INSERT INTO deposit SELECT 'd' || i, 'c' || i * 7 % $customers, 'usd',
	(ARRAY['held', 'used'])[i % 2 + 1], i FROM generate_series(1, 2 * $customers) AS i;
INSERT INTO vcu_invoice SELECT 'v' || i, 'c' || i % ($customers - 20), 'brl',
	(ARRAY['paid', 'pending'])[i % 2 + 1], i, now() - i % 800 * interval '3 hours',
	now() - i % 800 * interval '2 hours' FROM generate_series(1, 4 * $customers) AS i;
INSERT INTO vcu_order SELECT 'o' || i, 'c' || i % ($customers - 10), 'brl',
	(ARRAY['issued', 'billed'])[i % 2 + 1], i, i % 5 = 0, now() - i % 800 * interval '3 hours'
FROM generate_series(1, 4 * $customers) AS i;
INSERT INTO credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	amount_applied, issue_date, reason, invoice_id, created_at, updated_at)
SELECT 'm' || i, 'b' || i % $customers % 3, 'c' || i % $customers, 'issued',
	(ARRAY['usd', 'EUR', 'jpy'])[i % 3 + 1], 100000, 10, '2026-01-01', 'service_issue', 'i' || i,
	now() - i % 600 * interval '1 day', now() FROM generate_series(1, $memos) AS i;
INSERT INTO credit_memo_application (application_id, credit_memo_id, invoice_id, amount_applied,
	applied_at, customer_id)
SELECT 'a' || i, 'm' || i, 'i' || i, 10, now() - i % 600 * interval '1 hour', 'c' || i % $customers
FROM generate_series(1, $memos) AS i WHERE i / 5 % 5 < 2;
INSERT INTO payment (payment_id, customer_id, currency, amount, paid_at, invoice_id)
SELECT 'p' || substr(invoice_id, 2), customer_id, currency, amount_due,
	issued_at + interval '2 days', invoice_id FROM invoice WHERE invoice_status = 'paid';
INSERT INTO exchange_rate SELECT upper(c), 'USD', '2020-01-01', 2, 'us'
FROM unnest('{usd,eur,jpy,brl}'::text[]) AS c;
SQL
my $relations = $node->safe_psql('postgres', q{SELECT string_agg(relname, ' ' ORDER BY
	array_position('{customer,invoice,credit_memo}', relname::text)) FROM pg_class
	WHERE relnamespace = 'near'::regnamespace AND relkind = 'r'});
foreach my $relation (split / /, $relations)
{
	my $columns = $node->safe_psql('postgres', "SELECT string_agg(attname, ', ')
		FROM pg_attribute WHERE attrelid = 'near.$relation'::regclass AND attnum > 0
			AND NOT attisdropped AND attidentity = ''");
	$node->safe_psql('postgres', "INSERT INTO near.$relation ($columns)
		SELECT $columns FROM far.$relation");
}
$node->safe_psql('postgres', 'ANALYZE');

# The answer to a query over LEDGER, and what it raises.
sub answer
{
	my ($query, $ledger, $settings, $server) = @_;
	my ($status, $out, $error) = ($server // $node)->psql('postgres',
		$quiet . ($settings // "SET datestyle = ISO; SET TimeZone = 'Asia/Kathmandu'; ")
		. $query =~ s/LEDGER/$ledger/gr,
		on_error_stop => 0);
	return join "\n", (sort split /\n/, $out), $error =~ s/\b$ledger\b/LEDGER/gr;
}

my @queries = Asked::queries();

# Their days are of the zone of who asks, or of the views'.
$node->safe_psql('postgres', "${quiet}SELECT balance.create_report_views('Asia/Kathmandu', 'far')");
foreach my $query (@queries)
{
	my $expected = answer($query, 'near');
	unlike($expected, qr/ERROR/, "$query: an answer") unless $query =~ /verify/;
	is(answer($query, 'far'), $expected, $query);
}

# However the session writes dates, which nobody on a worker is told.
my @dated = grep { /current_date|invoice_summar|ageing_at\('c42'|total_overdue/ } @queries;
foreach my $style ($invoices > 10_000 ? () : ('SQL, DMY', 'Postgres, DMY', 'German'))
{
	my $settings = "SET datestyle = '$style'; SET TimeZone = 'Asia/Kolkata'; ";
	is(answer($_, 'far', $settings), answer($_, 'near', $settings), "$_, with dates in $style")
		foreach @dated;
}

# Documents are one task on one worker, and books and reports have no rows sent here.
foreach my $report (map({ "report_$_" } qw(customer_balance invoice_summary ageing vcu_balance
	metrics)), 'book_customer_balance', 'book_invoice_summary')
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

# So is each query that verify() has of one customer, and of all of them, what is sent here has
# been sifted where it is.
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
like(($node->psql('postgres', 'TABLE far.report_ageing'))[2], qr/time zone of who asks/,
	'views without a zone of their own are refused');
like($node->safe_psql('postgres', "SELECT relation, message FROM balance.check_ledger('far')"),
	qr/^report_ageing\|has days of the time zone of who asks/m, '... as check_ledger() tells');
$node->safe_psql('postgres', "${quiet}SELECT balance.create_report_views('Asia/Kathmandu', 'far')");

# A worker that is asked itself, and one that writes dates in a style of its own, as text.
my @few = $invoices > 10_000 ? () :
	grep { /c42|customer_balances|invoice_summaries|roll/ } @queries;
is(answer($_, 'far', undef, $workers[0]), answer($_, 'near'), "$_, on a worker") foreach @few;
$_->append_conf('postgresql.conf', 'datestyle = German'), $_->reload foreach @workers;
my $text = "SET datestyle = ISO; SET TimeZone = 'Asia/Kathmandu';
	SET citus.enable_binary_protocol = off; ";
is(answer($_, 'far', $text), answer($_, 'near', $text), "$_, from workers that write German dates")
	foreach grep { /balance\./ } @few;
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
is(answer($writes, 'far'), answer($writes, 'near'), 'what a transaction writes it reads');

# Row security that asks for a setting, which no worker is told of, is refused.
$node->safe_psql('postgres', join '', "$quiet CREATE ROLE app LOGIN;
	GRANT USAGE ON SCHEMA balance TO app;",
	map { "GRANT USAGE ON SCHEMA $_ TO app; GRANT SELECT ON ALL TABLES IN SCHEMA $_ TO app;
	CREATE POLICY mine ON $_.invoice USING (customer_id = current_setting('app.mine', true));
	ALTER TABLE $_.invoice ENABLE ROW LEVEL SECURITY;" } 'far', 'near');
my $mine = "SET ROLE app; SET app.mine = 'c42'; SELECT balance.customer_balance('c42', 'LEDGER')";
like(answer($mine, 'near'), qr/"total"/, 'row security by a setting');
like(answer($mine, 'far'), qr/asks for a setting of the session/, '... has no answer on workers');
like($node->safe_psql('postgres', "SELECT message FROM balance.check_ledger('far')"),
	qr/row security of far.invoice is asked on its servers/, '... which check_ledger() tells');
$node->safe_psql('postgres', join '', $quiet, map { "DROP POLICY mine ON $_.invoice;
	CREATE POLICY mine ON $_.invoice USING (current_user = 'app' AND customer_id = 'c42');" }
	'far', 'near');
is(answer($mine, 'far'), answer($mine, 'near') =~ s/"near"/"far"/gr, 'one by role is answered');
$node->safe_psql('postgres', "$quiet DROP POLICY mine ON $_.invoice;
	ALTER TABLE $_.invoice DISABLE ROW LEVEL SECURITY") foreach 'far', 'near';

# What check_ledger() finds of a cluster.
is($node->safe_psql('postgres', "SELECT * FROM balance.check_ledger('far')"), '',
	'nothing is wrong with a ledger of create_ledger()');
$node->safe_psql('postgres', 'SET citus.enable_ddl_propagation = off;
	CREATE INDEX here ON far.deposit (status)');
like($node->safe_psql('postgres', "SELECT message FROM balance.check_ledger('far')"),
	qr/(shards on .* lack indexes that their tables have: \d of far.deposit\n?){2}/,
	'shards that lack an index');
$node->safe_psql('postgres', 'SET citus.enable_ddl_propagation = off; DROP INDEX far.here');

# Tables of somebody's own, wherever they are: the same answers, or errors that it tells of.
sub lay_out
{
	my ($ledger, %calls) = @_;
	my @tables = split / /, $relations;
	$node->safe_psql('postgres', join "\n", $quiet, "CREATE SCHEMA $ledger;",
		map({ "CREATE TABLE $ledger.$_ (LIKE far.$_ INCLUDING INDEXES);" } @tables),
		$calls{before} // '',
		map({ my $call = $calls{$_} // ($_ eq 'exchange_rate' ?
				"create_reference_table('%s')" : "create_distributed_table('%s', 'customer_id')");
			$call ? 'SELECT ' . sprintf($call, "$ledger.$_") . ';' : () } @tables),
		map({ "INSERT INTO $ledger.$_ SELECT * FROM far.$_;" } @tables), $calls{after} // '');
}

sub findings
{
	my ($ledger) = @_;
	return $node->safe_psql('postgres', "SELECT severity, message
		FROM balance.check_ledger('$ledger') WHERE message !~ 'absent|has no'");
}
my $apart = "create_distributed_table('%s', 'customer_id', colocate_with => 'none')";
my $copied = "create_reference_table('%s')";
my $has_columnar = -e "$directory/citus_columnar.so";
my %layouts = (
	everywhere => [ qr/^warning\|every server has all of everywhere.customer, where those of/m, 0,
		customer => $copied ],
	copied => [ qr/^warning\|every server has all of copied.invoice_line_item, where those of/m, 0,
		invoice_line_item => $copied, credit_memo_application => $copied ],
	here => [ qr/^warning\|rows of here.customer are on one server, those of here.invoice on all/m,
		0, customer => '' ],
	apart => [ qr/^error\|apart.payment is not co-located with apart.customer/m, 1,
		map { $_ => $apart } split / /, $relations =~ s/exchange_rate//r ],
	by_id => [ qr/^error\|by_id.invoice is distributed by invoice_id, not by customer_id/m, 1,
		before => 'ALTER TABLE by_id.invoice DROP CONSTRAINT invoice_pkey,
			ADD PRIMARY KEY (invoice_id);',
		invoice => "create_distributed_table('%s', 'invoice_id')" ],
	keyless => [ qr/^error\|rows that name one are not joined by their customer, who is/m, 1,
		before => 'ALTER TABLE keyless.invoice DROP CONSTRAINT invoice_pkey;
			CREATE INDEX ON keyless.invoice (customer_id);' ],
	nobodys => [ qr/^error\|rows are not joined by their customer, as they may have none/m, 1,
		before => 'ALTER TABLE nobodys.invoice_line_item
			DROP CONSTRAINT invoice_line_item_pkey, ALTER customer_id DROP NOT NULL;' ],
	$has_columnar ? (columns => [ qr/^$/, 0,
		after => "SELECT alter_table_set_access_method('columns.invoice', 'columnar');" ]) : ());
$node->safe_psql('postgres', 'CREATE EXTENSION citus_columnar') if $has_columnar;
foreach my $ledger ($invoices > 10_000 ? () : sort keys %layouts)
{
	my ($finding, $refuses, %calls) = @{ $layouts{$ledger} };
	lay_out($ledger, %calls);
	like(findings($ledger), $finding, "$ledger: what check_ledger() finds");
	my ($same, $refused, @other) = (0, 0);
	foreach my $query (grep { /balance\.(?!report|verify)/ } @queries)
	{
		my $found = answer($query, $ledger);
		if ($found eq answer($query, 'near')) { $same++; }
		elsif ($found =~ /ERROR/) { $refused++; }
		else { push @other, $query; }
	}
	is(join("\n", @other), '', '... no answer is another one');
	ok($refuses ? $refused > 0 && $same > 20 : $refused == 0, '... and none is refused for nothing')
		or diag "$same same, $refused refused";
	$node->safe_psql('postgres', "$quiet DROP SCHEMA $ledger CASCADE");
}

# Balances are not maintained there, and it is said why.
like($node->safe_psql('postgres', "SELECT string_agg(DISTINCT reason, ' ')
	FROM balance.maintenance('far')"), qr/Citus lets no trigger see them/, 'no store is kept');
like(($node->psql('postgres', "SET citus.enable_schema_based_sharding = on;
	SELECT balance.create_ledger('tenant')"))[2], qr/citus_schema_distribute/,
	'and nothing is made in a schema that would be a tenant');

# One that was, and went there with its triggers, is answered from its rows.
$node->safe_psql('postgres', $quiet . q{CREATE SCHEMA kept;
	CREATE TABLE kept.invoice (LIKE far.invoice INCLUDING INDEXES);
	INSERT INTO kept.invoice SELECT * FROM far.invoice WHERE customer_id = 'c1';
	SELECT balance.maintain('kept');
	SET citus.enable_unsafe_triggers = on;
	SELECT create_distributed_table('kept.invoice', 'customer_id');
	DELETE FROM kept.invoice WHERE number > 'N3'});
is($node->safe_psql('postgres', q{SELECT sum(n::int) FROM jsonb_path_query(
	balance.customer_balance('c1', 'kept'), '$[*].invoices.ready_for_payment.count') AS n}),
	$node->safe_psql('postgres', 'SELECT count(*) FROM kept.invoice'),
	'a store that no trigger feeds any more is not asked');
$node->safe_psql('postgres', "$quiet DROP SCHEMA kept CASCADE");

# The extension goes once its views have, or with CASCADE.
like(($node->psql('postgres', 'DROP EXTENSION balance'))[2], qr/view far.report_ageing depends on/,
	'report views keep the extension');
$node->safe_psql('postgres', "BEGIN; $quiet DROP EXTENSION balance CASCADE; ROLLBACK");
$node->safe_psql('postgres', "$quiet SELECT balance.drop_report_views(nspname::regnamespace)
	FROM pg_namespace WHERE nspname = ANY ('{far,near}'); DROP EXTENSION balance");
is($_->safe_psql('postgres', "SELECT count(*) FROM pg_extension WHERE extname = 'balance'"), 0,
	'it goes from ' . $_->name) foreach @nodes;

# A server that lacks it, or has another version, is found.
$node->safe_psql('postgres', "$quiet CREATE EXTENSION balance;
	SELECT balance.create_report_views('Asia/Kathmandu', 'far')");
$workers[0]->safe_psql('postgres', "$quiet SET citus.enable_ddl_propagation = off;
	DROP EXTENSION balance CASCADE");
$workers[1]->safe_psql('postgres', "UPDATE pg_extension SET extversion = '0.0.9'
	WHERE extname = 'balance'");
my $found = $node->safe_psql('postgres',
	"SELECT severity, message FROM balance.check_ledger('far')");
like($found, qr/error\|\S+:@{[ $workers[0]->port ]} has no extension balance/ , 'one without it');
like($found, qr/warning\|\S+:@{[ $workers[1]->port ]} has version 0.0.9/, '... and an older one');

$_->stop for reverse @nodes;
done_testing();
