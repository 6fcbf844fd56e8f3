# A book spread over two more servers, whose settings, user and encoding are not
# ours: hash partitions behind postgres_fdw, asked at the same time.  What is
# computed there is seen from the plans; the answers are those of one table.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('coordinator');
$node->init(extra => [ '--no-locale', '--encoding=UTF8' ]);
$node->append_conf('postgresql.conf', "jit = off\nmax_parallel_workers_per_gather = 0
	timezone = 'Asia/Kathmandu'\n");
$node->start;
plan skip_all => 'there is no postgres_fdw'
  unless $node->safe_psql('postgres',
	q{SELECT count(*) FROM pg_available_extensions WHERE name = 'postgres_fdw'});

my $columns =
	'invoice_id text, customer_id text, currency text, invoice_status text, payment_status text,
	total numeric, amount_due numeric, amount_remaining numeric, due_date date,
	issued_at timestamptz, word text';
my @servers;
for my $i (0, 1)
{
	my $server = PostgreSQL::Test::Cluster->new("shard$i");
	push @servers, $server;
	$server->init(extra => [ '--no-locale', '--encoding=' . ('UTF8', 'LATIN1')[$i] ]);
	$server->append_conf('postgresql.conf',
		"jit = off\nlog_statement = all\ntimezone = 'America/Havana'\ndatestyle = 'German'
		extra_float_digits = -15\nwork_mem = '256kB'\n");
	$server->start;
	$server->safe_psql('postgres', <<"SQL");
CREATE EXTENSION balance;
CREATE TABLE invoice ($columns);
CREATE INDEX ON invoice (customer_id);
-- with no rights but those on its table
CREATE ROLE reader LOGIN;
GRANT SELECT, INSERT ON invoice TO reader;
SQL
}
my $shards = join '', map { <<"SQL" } 0, 1;
CREATE SERVER shard$_ FOREIGN DATA WRAPPER postgres_fdw OPTIONS
	(host '@{[ $servers[$_]->host ]}', port '@{[ $servers[$_]->port ]}', dbname 'postgres',
	async_capable 'true', extensions 'balance', use_remote_estimate 'true');
CREATE USER MAPPING FOR CURRENT_USER SERVER shard$_ OPTIONS (user 'reader',
	password_required 'false');
CREATE FOREIGN TABLE many.p$_ PARTITION OF many.invoice FOR VALUES
	WITH (MODULUS 2, REMAINDER $_) SERVER shard$_ OPTIONS (schema_name 'public',
	table_name 'invoice');
SQL
$node->safe_psql('postgres', <<"SQL");
CREATE EXTENSION balance;
CREATE EXTENSION postgres_fdw;
CREATE SCHEMA one; CREATE SCHEMA many;
CREATE TABLE one.invoice ($columns);
INSERT INTO one.invoice SELECT 'i' || i, 'c' || i % 199,
	(ARRAY['usd', 'eur', 'jpy', 'kwd', 'brl'])[1 + i % 5],
	(ARRAY['open', 'finalized', 'paid', 'draft', 'void'])[1 + i / 5 % 5],
 (ARRAY[NULL, 'failed', 'succeeded'])[1 + i / 7 % 3], CASE WHEN i % 1000 = 0 THEN 1e40
   ELSE (i * 7919 % 100003) / 100.0 END, i, CASE WHEN i % 977 <> 0 THEN i / 7.0 END,
   date '2026-01-01' + i % 365,
 timestamptz '2026-01-01 00:00Z' + i * interval '1 minute',
   (ARRAY['payé', 'à part', 'held', ''])[1 + i % 4] FROM generate_series(1, 10000) AS i;
CREATE TABLE one.customer AS SELECT DISTINCT customer_id, 'wb'::text AS wb_customer_id
FROM one.invoice;
CREATE VIEW many.customer AS TABLE one.customer;
CREATE TABLE many.invoice ($columns) PARTITION BY HASH (customer_id);
$shards
INSERT INTO many.invoice TABLE one.invoice;
ANALYZE;
SQL
$_->safe_psql('postgres', 'ANALYZE') for @servers;
like($node->safe_psql('postgres',
	q{SELECT string_agg((n > 1000)::text, ' ')
	FROM (SELECT count(*) AS n FROM many.invoice GROUP BY tableoid) AS x}), qr/^true true$/,
	'both shards have a part');

my %tallies = (
	'tally_invoices' => 'currency, invoice_status, payment_status, total, amount_due,
		amount_remaining, due_date',
	'tally_invoices, instants' => 'currency, invoice_status, payment_status, total, amount_due,
		amount_remaining, issued_at',
	'tally_invoices, short' => 'currency, invoice_status, payment_status, total',
	'tally_charges' => 'currency, word, total',
	'tally_deposits' => 'currency, word, total',
	'tally_unit_invoices' => q{currency, 'paid'::text, total},
	'tally_unit_orders' => q{currency, 'issued'::text, true, total},
	'tally_credit_memos' => q{currency, 'issued'::text, amount_due::bigint,
		length(customer_id)::bigint});
my $wise = 'SET enable_partitionwise_aggregate = on;';

# The plan as it is, and the answers over the shards and over the one table.
sub compare
{
	my ($title, $query, $plan, $not) = @_;
	my $many = $query =~ s/BOOK/many.invoice/gr;
	my $one = $query =~ s/many\.p\d|BOOK/one.invoice/gr;
	my $explained = $node->safe_psql('postgres', "$wise EXPLAIN (VERBOSE, COSTS OFF) $many");
	like($explained, $plan, "$title: the plan");
	unlike($explained, $not, '... and nothing more') if $not;
	my $expected = $node->safe_psql('postgres', $one);
	ok(length $expected, '... has an answer');
	is($node->safe_psql('postgres', $wise . $many), $expected,
		"$title: the answer is that of one table");
	# sessions there have whatever settings their server has
	my $others = "SET TimeZone = 'Pacific/Kiritimati'; SET DateStyle = 'SQL, DMY';
		SET extra_float_digits = 0;";
	is($node->safe_psql('postgres', "$others $wise $many"),
		$node->safe_psql('postgres', "$others $one"), '... under other settings too');
	return;
}

# Grouped by the key of the partitions: whole aggregates, at the same time
for my $name (sort keys %tallies)
{
	my ($function) = $name =~ /^(\w+)/;
	compare("$name by customer",
		"SELECT customer_id, balance.$function($tallies{$name}) FROM BOOK GROUP BY 1 ORDER BY 1",
		qr/Append\n
			(.*Async[ ]Foreign[ ]Scan\n.*Relations:[ ]Aggregate[ ]on[ ]\(many\.p\d
			.*Remote[ ]SQL:[ ]SELECT[ ]customer_id,[ ]balance\.$function\(.*GROUP[ ]BY[ ]1.*){2}/sx,
		qr/Partial|HashAggregate/);
}
compare('a document by customer',
	q{SELECT customer_id,
	balance.to_customer_balance(balance.tally_invoices(currency, invoice_status, payment_status,
	total), 'wb', customer_id) FROM BOOK GROUP BY 1 ORDER BY 1},
	qr/(Async Foreign Scan.*Remote SQL: SELECT .*balance\.tally_invoices\(.*){2}/s);
compare('a filter',
	q{SELECT customer_id, balance.tally_invoices(currency, invoice_status, payment_status, total)
	FILTER (WHERE due_date < '2026-06-01') FROM BOOK GROUP BY 1 ORDER BY 1},
	qr/(Async Foreign Scan.*Remote SQL: SELECT .*balance\.tally_invoices\(.*FILTER \(WHERE.*){2}/s);
compare('a class',
	q{SELECT customer_id, count(*) FROM BOOK
	WHERE balance.invoice_class(invoice_status, payment_status) = 'open' GROUP BY 1 ORDER BY 1},
	qr/(Remote[ ]SQL:[ ]SELECT[ ]customer_id,[ ]count\(\*\)[ ]FROM[ ].*
		[ ]WHERE[ ].*balance\.invoice_class\(.*){2}/sx);

# Grouped otherwise PostgreSQL ships no partial aggregate, so all rows come here
# and are summed up beside the scans ...
compare('by currency',
	'SELECT currency, balance.tally_invoices(currency, invoice_status, payment_status, total)
	FROM BOOK GROUP BY 1 ORDER BY 1',
	qr/Finalize.*(Partial[ ]\w*Aggregate.*Foreign[ ]Scan[ ]on[ ]many\.p\d
		.*Remote[ ]SQL:[ ]SELECT[ ]currency.*){2}/sx,
	qr/Remote SQL: SELECT [^\n]*tally_invoices/);
# ... but positions can be computed there and merged here, in two levels.
for my $name (sort keys %tallies)
{
	my ($function) = $name =~ /^(\w+)/;
	my $levels = 'SELECT currency, balance.merge(p)
		FROM (' . join('
		UNION ALL
		',
		map { "SELECT currency, balance.$function($tallies{$name}) AS p FROM many.p$_ GROUP BY 1" }
		0, 1) . ') AS parts GROUP BY 1 ORDER BY 1';
	my $explained = $node->safe_psql('postgres', "EXPLAIN (VERBOSE, COSTS OFF) $levels");
	like($explained,
		qr/balance\.merge\(.*(Async[ ]Foreign[ ]Scan
			.*Remote[ ]SQL:[ ]SELECT[ ]currency,[ ]balance\.$function\(.*GROUP[ ]BY[ ]1.*){2}/sx,
		"$name merged by currency: the plan");
	is($node->safe_psql('postgres', $levels),
		$node->safe_psql('postgres',
		"SELECT currency, balance.$function($tallies{$name}) FROM one.invoice GROUP BY 1
		ORDER BY 1"), "$name merged by currency: the answer");
}
compare('merged from customers',
	q{SELECT balance.merge(p)
	FROM (SELECT customer_id,
	balance.tally_invoices(currency, invoice_status, payment_status, total, amount_due,
	amount_remaining, due_date) AS p FROM BOOK GROUP BY 1) AS x},
	qr/balance\.merge\(.*(Async[ ]Foreign[ ]Scan
		.*Remote[ ]SQL:[ ]SELECT[ ].*balance\.tally_invoices\(.*){2}/sx);

# A clock in the query is not shipped, an argument is.
compare('as of now',
	q{SELECT customer_id, balance.tally_invoices(currency, invoice_status, payment_status, total)
	FILTER (WHERE due_date < CURRENT_DATE) FROM BOOK GROUP BY 1 ORDER BY 1},
	qr/HashAggregate|GroupAggregate/, qr/Remote SQL: SELECT [^\n]*tally_invoices/);

# What the shards were asked, in their own words.
like(slurp_file($_->logfile),
	qr/DECLARE c\d+ CURSOR FOR\s+SELECT customer_id, balance\.tally_invoices\(/,
	$_->name . ' has computed positions') for @servers;

# Without the option "extensions" nothing of ours is shipped, with the same answer.
$node->safe_psql('postgres', 'ALTER SERVER shard0 OPTIONS (DROP extensions);
	ALTER SERVER shard1 OPTIONS (DROP extensions)');
compare('without the option',
	'SELECT customer_id, balance.tally_invoices(currency, invoice_status, payment_status, total)
	FROM BOOK GROUP BY 1 ORDER BY 1',
	qr/Foreign Scan/, qr/Remote SQL: SELECT [^\n]*tally_invoices/);
$node->safe_psql('postgres', q{ALTER SERVER shard0 OPTIONS (ADD extensions 'balance');
	ALTER SERVER shard1 OPTIONS (ADD extensions 'balance')});

# Rows as they are stored there: positions travel as text.
$_->safe_psql('postgres',
	'CREATE TABLE kept AS SELECT customer_id, balance.tally_deposits(currency, word, total) AS p
	FROM invoice GROUP BY 1; GRANT SELECT ON kept TO reader; ANALYZE kept') for @servers;
$node->safe_psql('postgres', join '',
	'CREATE TABLE kept (customer_id text, p balance.position) PARTITION BY HASH (customer_id);',
	map { "CREATE FOREIGN TABLE kept$_ PARTITION OF kept FOR
	VALUES WITH (MODULUS 2, REMAINDER $_) SERVER shard$_ OPTIONS (table_name 'kept');" } 0, 1);
is($node->safe_psql('postgres', 'SELECT customer_id, p FROM kept ORDER BY 1;
	SELECT balance.merge(p) FROM kept'),
	$node->safe_psql('postgres',
		'SELECT customer_id, balance.tally_deposits(currency, word, total) FROM one.invoice
		GROUP BY 1 ORDER BY 1;
		SELECT balance.tally_deposits(currency, word, total) FROM one.invoice'),
		'stored positions come over');
my $levels =
	'SELECT balance.merge(p)
	FROM (SELECT balance.merge(p) AS p FROM kept0 UNION ALL SELECT balance.merge(p)
	FROM kept1) AS x';
like($node->safe_psql('postgres', "EXPLAIN (VERBOSE, COSTS OFF) $levels"),
	qr/(Async Foreign Scan.*Remote SQL: SELECT balance\.merge\(p\) FROM public\.kept.*){2}/s,
	'... and are merged there');
is($node->safe_psql('postgres', $levels),
	$node->safe_psql('postgres',
	'SELECT balance.tally_deposits(currency, word, total) FROM one.invoice'),
	'... with the same sum');
my $p = $node->safe_psql('postgres', 'SELECT p FROM kept LIMIT 1');
like($node->safe_psql('postgres',
	"EXPLAIN (VERBOSE, COSTS OFF) SELECT customer_id FROM kept
	WHERE p OPERATOR(balance.=) '" . $p =~ s/'/''/gr . "'"),
	qr/(Remote SQL: .* WHERE \(\(p OPERATOR\(balance\.=\) .*){2}/s, '... and compared there');
is($node->safe_psql('postgres',
	"SELECT count(*) FROM kept WHERE p OPERATOR(balance.=) '" . $p =~ s/'/''/gr . "'"), 1, '...
	and found');

# A ledger over shards: documents are the same, and a look-up asks one shard only.
my $documents = <<'SQL';
SELECT c, balance.customer_balance(c),
	(SELECT count(*) FROM balance.items(c, 'total_invoices_ready_for_payment', 'eur'))
FROM generate_series(0, 198, 7) AS i, LATERAL (SELECT 'c' || i AS c) AS id ORDER BY 1;
SELECT rule, relation, count(*), min(id) FROM balance.verify() GROUP BY 1, 2 ORDER BY 1, 2;
SQL
is($node->safe_psql('postgres', "SET balance.ledger = 'many'; $documents"),
	$node->safe_psql('postgres', "SET balance.ledger = 'one'; $documents"),
	'documents, items and verify() over shards');
my $home =
	$node->safe_psql('postgres',
	q{SELECT right(tableoid::regclass::text, 1) FROM many.invoice
	WHERE customer_id = 'c7' LIMIT 1});
my %asked = map { $_ => -s $servers[$_]->logfile } 0, 1;
$node->safe_psql('postgres', q{SET plan_cache_mode = force_custom_plan;
	SELECT balance.customer_balance('c7', 'many')});
like(substr(slurp_file($servers[$home]->logfile), $asked{$home}), qr/c7/,
	'the shard of the customer is asked');
unlike(substr(slurp_file($servers[1 - $home]->logfile), $asked{ 1 - $home }), qr/c7/,
	'... and no other');

# Days are those of who asks, or of the zone that the views were made for, whatever
# zone the shards are in; of known amounts, as reports raise for others.
$_->safe_psql('postgres', 'UPDATE ' . ($_ == $node ? 'one.' : '') . 'invoice
	SET amount_remaining = 0 WHERE amount_remaining IS NULL') for $node, @servers;
$node->safe_psql('postgres', "SELECT balance.create_report_views('$_')") for 'one', 'many';
foreach my $zone ('Pacific/Kiritimati', 'America/Havana', 'Pacific/Pago_Pago')
{
	my @days = map { my $ledger = $_; $node->safe_psql('postgres', "SET TimeZone = '$zone';
		SELECT * FROM $ledger.report_ageing ORDER BY 1, 2, 4;
		SELECT * FROM $ledger.report_invoice_summary ORDER BY 1, 2;
		SELECT * FROM balance.invoice_summaries(ledger => '$ledger') ORDER BY 1;
		SELECT c, balance.invoice_summary(c, ledger => '$ledger')
		FROM generate_series(0, 198, 21) AS i, LATERAL (SELECT 'c' || i AS c) AS id ORDER BY 1")
	} 'one', 'many';
	is($days[1], $days[0], "days of $zone over shards");
}
$node->safe_psql('postgres', "SELECT balance.create_report_views('Asia/Tokyo', '$_')")
  for 'one', 'many';
my @tokyo = map { $node->safe_psql('postgres', "SET TimeZone = 'America/Havana';
	SELECT * FROM $_.report_ageing ORDER BY 1, 2, 4") } 'one', 'many';
is($tokyo[1], $tokyo[0], "days of the views' own zone over shards");
# a foreign table of a report would have days of the zone that postgres_fdw sets
$node->safe_psql('postgres', "CREATE FOREIGN TABLE foreign_ageing (customer_id text, bucket text)
	SERVER shard0 OPTIONS (schema_name 'public', table_name 'report_ageing',
	use_remote_estimate 'false')");
$servers[0]->safe_psql('postgres', "SELECT balance.create_report_views('public');
	GRANT SELECT ON report_ageing TO reader");
like(($node->psql('postgres', 'TABLE foreign_ageing'))[2],
	qr/ERROR:.*time zone of who asks is not known/, 'whose zone it is, is asked');
$servers[0]->safe_psql('postgres', "SELECT balance.create_report_views('Asia/Tokyo', 'public')");
cmp_ok($node->safe_psql('postgres', 'SELECT count(bucket) FROM foreign_ageing'), '>', 0,
	'... and it is known if the view was made for one');

# The debtors of a currency are asked for in it and added up there, whatever the letters.
my $debtors = "SELECT * FROM balance.top_debtors('usd', 5, '2026-06-15', 'UTC', LEDGER)";
my ($one, $many) = map { $node->safe_psql('postgres', $wise . $debtors =~ s/LEDGER/'$_'/r) }
	'one', 'many';
like($one, qr/^c\d+\|USD/, 'there are debtors');
is($many, $one, '... the same over shards');
$node->safe_psql('postgres', 'CREATE SCHEMA seen; CREATE VIEW seen.invoice AS TABLE many.invoice');
foreach my $ledger ('many', 'seen')
{
	my ($log) = ($node->psql('postgres', "SET balance.log_queries = on;
		SET client_min_messages = log; " . $debtors =~ s/LEDGER/'$ledger'/r))[2] =~
		/query over ledger "\w+": (.*)/s;
	my ($query, $values) = $log =~ /(.*)^DETAIL:  Parameters: (.*)\.$/ms;
	my %values = $values =~ /(\$\d+) = ('[^']*'::[\w.]+)/g;
	$query =~ s/(\$\d+)/$values{$1}/g;
	like($node->safe_psql('postgres', "$wise EXPLAIN (VERBOSE, COSTS OFF) $query"),
		qr/(Remote[ ]SQL:[ ]SELECT[ ]customer_id,[ ]balance\.tally_invoices\(.*[ ]WHERE[ ]
			[^\n]*currency[^\n]*'USD'.*){2}/sx, "... asked for in their currency, of $ledger");
}

# What the guide says to do is done to the letter, in a database of its own.
my ($guide) = slurp_file('docs/guides/growing.md') =~
	/^## Shards behind postgres_fdw\n.*?^```pgsql\n(.*?)^```$/ms;
$guide =~ s/'shard(\d)\.example', port '5432'/
	"'" . $servers[$1]->host . "', port '" . $servers[$1]->port . "'"/ge;
$node->safe_psql('postgres', 'CREATE DATABASE guide');
$node->safe_psql('guide', "CREATE EXTENSION balance; $guide ANALYZE spread.invoice");
my $states = 'SELECT customer_id, currency, state, count, total FROM %s.report_customer_balance
	ORDER BY 1, 2, 3';
is($node->safe_psql('guide', $wise . sprintf $states, 'spread'),
	$node->safe_psql('postgres', sprintf $states, 'one'), "the guide's ledger over shards");
like($node->safe_psql('guide', "$wise EXPLAIN (VERBOSE, COSTS OFF) SELECT customer_id,
	balance.tally_invoices(currency, invoice_status, payment_status, total)
	FROM spread.invoice GROUP BY 1"),
	qr/(Async Foreign Scan.*Remote SQL: SELECT customer_id, balance.tally_invoices.*){2}/s,
	'... asks both at the same time');

# A shard that is not there, or has no such extension, is an error, not a smaller sum.
my $total =
	'SELECT balance.merge(p)
	FROM (SELECT customer_id,
	balance.tally_invoices(currency, invoice_status, payment_status, total) AS p FROM many.invoice
	GROUP BY 1) AS x';
my $sum = $node->safe_psql('postgres', $wise . $total);
$servers[1]->stop;
my (undef, undef, $err) = $node->psql('postgres',
	"\\set VERBOSITY sqlstate\n$wise SET enable_partition_pruning = on;\n$total");
like($err, qr/ERROR:  08001/, 'a shard that is away is an error');
$servers[1]->start;
is($node->safe_psql('postgres', $wise . $total), $sum, '... and when it is back, all is as before');
$servers[0]->safe_psql('postgres', 'DROP EXTENSION balance CASCADE');
(undef, undef, $err) = $node->psql('postgres', "\\set VERBOSITY sqlstate\n$wise\n$total");
like($err, qr/ERROR:  (3F000|42883)/, 'so is one without the extension');

$_->stop for $node, @servers;
done_testing();
