# Random ledgers: every figure of every document against plain SQL, which is in
# reference/, and every way to a position against every other.  The environment
# may give BALANCE_SEED, as a failure prints it, and the number BALANCE_LEDGERS.
# BALANCE_BATCH of them share a schema, which is how a long run gets through many;
# a customer's id then ends in the seed of his ledger.
use strict;
use warnings;

use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RandomLedger;
use Test::More;

my $first_seed = $ENV{BALANCE_SEED} || time;
my $ledgers = $ENV{BALANCE_LEDGERS} || 15;
my $batch = $ENV{BALANCE_BATCH} || 1;
my $figures = 0;

my $node = PostgreSQL::Test::Cluster->new('differential');
$node->init(extra => [ '--locale=C', '--encoding=UTF8' ]);
$node->append_conf('postgresql.conf', "jit = off\n");    # the queries look expensive
$node->start;
$node->safe_psql('postgres', join '', 'CREATE EXTENSION balance;',
	map { slurp_file("$FindBin::RealBin/reference/$_.sql") }
	  qw(common position ageing customer_balance invoice_summary vcu_balance customer_credits));

# customer_credits of plain SQL knows when an error is due
$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION credits_or_error(customer_id text, business text, currency text)
RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	RETURN balance.customer_credits(customer_id, business, currency);
EXCEPTION WHEN OTHERS THEN
	RETURN jsonb_build_object('error', SQLSTATE);
END $$;
SQL

# how often a node is in the plan of a query
$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION planned(query text, node text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
	line text;
	times int := 0;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		times := times + (strpos(line, node) > 0)::int;
	END LOOP;
	RETURN times;
END $$;
SQL

# A part of a script: two queries for (customer_id, document) are compared, and
# the documents that differ once more as rows of single values.  The first row of
# the answer is the number of values.
sub comparison
{
	my ($title, $expected, $found) = @_;
	return <<"SQL";
\\echo --- $title
WITH expected AS MATERIALIZED (SELECT customer_id, document
	FROM ($expected) q(customer_id, document)),
found AS MATERIALIZED (SELECT customer_id, document FROM ($found) q(customer_id, document)),
-- documents, then values
missing_document AS MATERIALIZED (TABLE expected EXCEPT ALL TABLE found),
surplus_document AS MATERIALIZED (TABLE found EXCEPT ALL TABLE expected),
missing_value AS (SELECT customer_id, f.* FROM missing_document, reference.flatten(document) f),
surplus_value AS (SELECT customer_id, f.* FROM surplus_document, reference.flatten(document) f),
missing AS (TABLE missing_value EXCEPT ALL TABLE surplus_value),
surplus AS (TABLE surplus_value EXCEPT ALL TABLE missing_value),
difference AS (
	(SELECT format('customer %s, %s: expected %s, found %s', customer_id, path, m.value, s.value)
	FROM missing m FULL JOIN surplus s USING (customer_id, path)
	ORDER BY customer_id, path LIMIT 10)
	UNION ALL
	(SELECT format('customer %s: expected %s', customer_id, document) FROM missing_document
		ORDER BY 1 LIMIT 1)
	UNION ALL
	(SELECT format('customer %s: found %s', customer_id, document) FROM surplus_document
		ORDER BY 1 LIMIT 1)
)
SELECT coalesce(sum((SELECT count(*) FROM jsonb_path_query(document, 'strict \$.**'))), 0)::text
FROM expected
UNION ALL
SELECT * FROM difference;
SQL
}

# Runs a script of comparisons, each of which is a test.
sub compare
{
	my ($label, $script) = @_;
	my (undef, @answers) = split /^--- (.*)\n/m, $node->safe_psql('postgres', $script) . "\n";
	while (my ($title, $answer) = splice @answers, 0, 2)
	{
		my ($count, @differences) = split /\n/, $answer;
		$figures += $count;
		ok($count > 0 && !@differences, "$label: $title")
		  or diag join "\n", "of $count figures these differ:", @differences;
	}
}

sub documents
{
	my ($n) = @_;
	my @as_of = map { "('$_->[0]'::timestamptz, '$_->[1]')" }
	  map { RandomLedger::pick(@RandomLedger::as_of) } 1 .. 3;
	my $as_of =
		"(VALUES (now(), current_setting('TimeZone')), " . join(', ', @as_of) . ') a(as_of, zone)';
	my $of = "concat_ws(' as of ', customer_id, as_of, zone)";
	my $script = comparison(
		'customer_balance',
		'SELECT * FROM reference.customer_balance()',
		'SELECT customer_id, balance.customer_balance(customer_id) FROM customer');
	$script .= comparison(
		'invoice_summary',
		"SELECT $of, document FROM $as_of, reference.invoice_summary(as_of, zone)",
		"SELECT $of, balance.invoice_summary(customer_id, as_of, zone) FROM $as_of, customer");
	for ([ 'UTC', undef, undef ], map { [ RandomLedger::period() ] } 1 .. 4)
	{
		my ($zone, @ends) = @$_;
		my $period = join ', ', map { RandomLedger::quote($_) } @ends;
		$script .= "SET TimeZone = '$zone';\n" . comparison(
			"vcu_balance of $period in $zone",
			"SELECT * FROM reference.vcu_balance($period)",
			"SELECT customer_id, balance.vcu_balance(customer_id, $period) FROM customer");
	}
	my $with = "concat_ws(', ', customer_id, business, currency)";
	# every spelling of every currency, or in a large ledger some
	my $spellings = 'SELECT currency FROM credit_memo'
	  . ($n > 1 ? ' ORDER BY hashtext(credit_memo_id) LIMIT 3' : '');
	my $arguments = "unnest('{NULL,b1,b2}'::text[]) business,
		(SELECT NULL UNION ($spellings)) c(currency)";
	$script .= comparison(
		'customer_credits',
		"SELECT $with, document FROM $arguments, reference.customer_credits(business, currency)",
		"SELECT $with, public.credits_or_error(customer_id, business, currency)
			FROM $arguments, customer");

	# Figures that are shown otherwise (report views, functions over a whole
	# book) have their comparisons here; what they should be, in reference/.
	return $script;
}

# What is tallied in one go, by customer, and the same in random parts.
my $charged = '(SELECT invoice_id, price_type, amount FROM invoice_line_item) l';
my %tallies = (
	invoice => 'balance.tally_invoices(currency, invoice_status, payment_status,
		total, amount_due, amount_remaining, due_date)',
	"invoice JOIN $charged USING (invoice_id)" =>
	  q{balance.tally_charges(currency, price_type, amount)
	    FILTER (WHERE balance.invoice_class(invoice_status, payment_status) IN ('draft', 'open'))},
	deposit => 'balance.tally_deposits(currency, status, amount)',
	vcu_invoice => 'balance.tally_unit_invoices(currency, status, units)',
	vcu_order => 'balance.tally_unit_orders(currency, status, pay_with_balance, units)',
	credit_memo => 'balance.tally_credit_memos(currency, status, amount, amount_applied)');

# All tallies once more in parallel workers and by partitions, of which each
# sees some of a customer's rows.
sub split_tallies
{
	my ($n) = @_;
	my $script = '';
	my (@plain, @parallel, @partitions, @split);
	for my $from (sort keys %tallies)
	{
		my ($rows, $parts) = map { "${_}_" . @plain } 'some', 'parts';
		my ($of_rows, $of_parts) =
		  map { "SELECT customer_id, $tallies{$from} AS p FROM $_ GROUP BY customer_id" }
		  $rows, $parts;
		$script .= <<"SQL";
CREATE TABLE $rows AS SELECT *, row_number() OVER () AS n FROM $from;
ALTER TABLE $rows SET (parallel_workers = 2);
CREATE TABLE $parts (LIKE $rows) PARTITION BY HASH (n);
CREATE TABLE ${parts}_a PARTITION OF $parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE ${parts}_b PARTITION OF $parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO $parts SELECT * FROM $rows;
ANALYZE $rows, $parts;
SET max_parallel_workers_per_gather = 0;
CREATE TEMP TABLE plain_$rows AS $of_rows;
-- makes it dear to hand rows on
SET cpu_tuple_cost = 1;
SET enable_partitionwise_aggregate = on;
CREATE TEMP TABLE tallied_$parts AS $of_parts;
CREATE TEMP TABLE plans_$rows AS SELECT public.planned('$of_parts', 'Partial') AS partial;
RESET cpu_tuple_cost;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
CREATE TEMP TABLE tallied_$rows AS $of_rows;
INSERT INTO plans_$rows SELECT public.planned('$of_rows', 'Workers Planned: 2')
	+ public.planned('$of_rows', 'Partial');
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET enable_partitionwise_aggregate;
SQL
		push @plain, "SELECT '$from ' || customer_id, to_jsonb(p::text) FROM plain_$rows";
		push @parallel, "SELECT '$from ' || customer_id, to_jsonb(p::text) FROM tallied_$rows";
		push @partitions, "SELECT '$from ' || customer_id, to_jsonb(p::text) FROM tallied_$parts";
		push @split, "SELECT '$from', to_jsonb(array_agg(partial)) FROM plans_$rows";
	}
	$script =~ s/(planned\()'(SELECT .*?)', '([A-Z])/$1\$\$$2\$\$, '$3/gs;
	my $plain = join ' UNION ALL ', @plain;
	$script .= comparison('tallied by partitions', $plain, join ' UNION ALL ', @partitions)
	  . comparison('tallied in parallel', $plain, join ' UNION ALL ', @parallel);
	# for a few rows nothing makes the planner split them
	return $script if $n < 10;
	my $as_wanted = join ' UNION ALL ', map { "SELECT '$_', '[2, 2]'::jsonb" } sort keys %tallies;
	return $script . comparison('and they were split', $as_wanted, join ' UNION ALL ', @split);
}

sub positions
{
	my ($seed, $n) = @_;
	my $file = PostgreSQL::Test::Utils::tempdir() . '/part';
	my $tables = join '', map {
		" LEFT JOIN (SELECT customer_id, $tallies{$_} AS p FROM $_ GROUP BY customer_id)
			AS \"$_\" USING (customer_id)"
	} sort keys %tallies;
	my $sum = join ' + ', map { "coalesce(\"$_\".p, '1{}')" } sort keys %tallies;
	my $parts = join ' UNION ALL ', map {
		"SELECT customer_id, $tallies{$_} FROM $_ GROUP BY customer_id, floor(4 * random())"
	} sort keys %tallies;
	my $script = <<"SQL";
SELECT FROM setseed($seed % 1000 / 1000.0);
CREATE TEMP TABLE whole AS SELECT customer_id, $sum AS p FROM customer$tables;
CREATE TEMP TABLE stored (customer_id text, p balance.position);
INSERT INTO stored $parts UNION ALL SELECT customer_id, NULL FROM customer;
CREATE TEMP TABLE copied (LIKE stored);
\\copy stored TO '$file' (FORMAT binary)
\\copy copied FROM '$file' (FORMAT binary)
SQL

	$script .= comparison(
		'position',
		'SELECT * FROM reference.position()',
		'SELECT customer_id, p::jsonb FROM whole');
	$script .= comparison(
		'to_customer_balance',
		'SELECT customer_id, balance.customer_balance(customer_id) FROM customer',
		'SELECT customer_id,
			balance.to_customer_balance(p, coalesce(wb_customer_id, current_schema()), customer_id)
			FROM whole JOIN customer USING (customer_id)');
	$script .= comparison(
		'to_invoice_summary',
		'SELECT customer_id,
			balance.invoice_summary(customer_id,
			\'2024-03-30 12:00Z\', \'Asia/Tokyo\') FROM customer',
		'SELECT customer_id,
			balance.to_invoice_summary(p, customer_id, default_currency,
			\'2024-03-30 12:00Z\', \'Asia/Tokyo\') FROM whole JOIN customer USING (customer_id)');
	$script .= comparison(
		'to_vcu_balance',
		'SELECT customer_id, balance.vcu_balance(customer_id, NULL, \'2999-12-31\') FROM customer',
		'SELECT customer_id, balance.to_vcu_balance(p, NULL, \'2999-12-31\') FROM whole');

	my $as_of = join ', ', map { "('$_->[0]'::timestamptz, '$_->[1]')" }
	  map { RandomLedger::pick(@RandomLedger::as_of) } 1 .. 3;
	my $bounds = RandomLedger::pick('1', '2', '1,2', '1,2,3', '2,3,7', '1,2147483646');
	my $given = "(VALUES $as_of) a(as_of, zone)
		CROSS JOIN (VALUES ('{30,60,90}'::int[]), ('{$bounds}')) b(bounds)";
	my $of = "concat_ws(' ', customer_id, 'as of', as_of, zone, bounds::text)";
	$script .= comparison(
		'ageing',
		"SELECT $of, document FROM $given, reference.ageing(as_of, zone, bounds)",
		"SELECT $of, (SELECT coalesce(jsonb_agg(to_jsonb(f) - 'n' ORDER BY n), '[]')
			FROM balance.ageing(p, as_of, zone, bounds) WITH ORDINALITY f(currency, bucket,
				from_days, to_days, count, amount, n))
		 FROM whole CROSS JOIN $given");

	# equal in every respect, not only by their operator
	my $aspects =
		'jsonb_build_array(p::text, p::jsonb, balance.position_send(p), balance.position_hash(p))';
	my %ways = (
		stored => [ 'p', 'stored' ],
		text => [ 'p::text::balance.position', 'stored' ],
		binary => [ 'p', 'copied' ]);
	$script .= comparison(
		"merged from $_ parts in another order",
		"SELECT customer_id, $aspects FROM whole",
		"SELECT customer_id, $aspects
			FROM (SELECT customer_id, balance.merge($ways{$_}[0] ORDER BY random()) AS p
			FROM $ways{$_}[1] GROUP BY customer_id) q"
	) for sort keys %ways;
	$script .= comparison(
		'all customers',
		"SELECT '', $aspects || to_jsonb(true) FROM (SELECT balance.merge(p) AS p FROM whole) q",
		"SELECT '', $aspects || to_jsonb(p = (SELECT balance.merge(p) FROM whole))
			FROM (SELECT balance.merge(p) AS p FROM copied) q");

	# in workers, and in partitions, each of which sees some rows of a customer
	$script .= split_tallies($n);
	$script .= comparison(
		'without what was added, nothing is left',
		"SELECT customer_id, to_jsonb('1{}'::text) FROM customer",
		'SELECT customer_id, to_jsonb((w.p + balance.merge(s.p) - w.p + -w.p)::text) FROM whole w
			JOIN stored s USING (customer_id) GROUP BY customer_id, w.p');

	# a sliding frame takes out rows that it had, unlike the same frame summed anew
	my (@anew, @sliding);
	for my $from (sort keys %tallies)
	{
		my $rows = 'rows_' . @anew;
		my $name = "concat_ws(' ', customer_id, '$rows', n)";
		$script .= "CREATE TEMP TABLE $rows AS SELECT *,
			row_number() OVER (PARTITION BY customer_id) AS n FROM $from;\n"
		  . "CREATE INDEX ON $rows (customer_id, n);\nANALYZE $rows;\n";
		push @anew, <<"SQL";
SELECT $name, to_jsonb((SELECT $tallies{$from} FROM $rows f
	WHERE f.customer_id = r.customer_id AND f.n BETWEEN r.n - 2 AND r.n + 1)::text) FROM $rows r
SQL
		push @sliding, <<"SQL";
SELECT $name, to_jsonb(($tallies{$from}
	OVER (PARTITION BY customer_id ORDER BY n ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING))::text)
	FROM $rows
SQL
	}
	$script .= comparison('sliding frames', join(' UNION ALL ', @anew),
		join(' UNION ALL ', @sliding));
	return $script;
}

my $last_seed = $first_seed + $ledgers - 1;
for (my $seed = $first_seed; $seed <= $last_seed; $seed += $batch)
{
	my $n = $seed + $batch - 1 > $last_seed ? $last_seed - $seed + 1 : $batch;
	my $label = "BALANCE_SEED=$seed BALANCE_LEDGERS=$n" . ($n > 1 ? " BALANCE_BATCH=$n" : '');
	my $script = RandomLedger::sql(
		seed => $seed,
		name => "ledger_$seed",
		due_type => ($batch > 1 ? $seed / $batch : $seed) % 2 ? 'date' : 'timestamptz',
		ledgers => $n);
	$node->safe_psql('postgres', "$script\nANALYZE;");
	my $session = "SET search_path = ledger_$seed, balance;
		SET balance.ledger = 'ledger_$seed';\n";
	compare($label, $session . documents($n));
	compare($label, $session . positions($seed, $n));
	$node->safe_psql('postgres', "SET client_min_messages = warning;
		DROP SCHEMA ledger_$seed CASCADE");
}

# More invoices than a page of them has, and than anyone looks at; the amounts
# due fit 128 bits each, but not their sum.
$node->safe_psql('postgres', <<'SQL');
SELECT balance.create_ledger('large');
SET search_path = large;
SET session_replication_role = replica;    -- checks no foreign keys, for speed
INSERT INTO customer VALUES ('page'), ('crowd');
INSERT INTO invoice (invoice_id, customer_id, currency, invoice_status, payment_status, total,
	amount_due, amount_remaining, due_date)
SELECT g, CASE WHEN g <= 60 THEN 'page' ELSE 'crowd' END, (ARRAY['usd', 'JPY', 'kwd'])[1 + g % 3],
	(ARRAY['open', 'draft', 'paid', 'void'])[1 + g % 4],
		(ARRAY[NULL, 'failed', 'succeeded', 'pending'])[1 + g % 5],
	g / 100.0, g % 9973 / 1000.0 + 999999999999999999999900, g % 997,
		CASE WHEN g % 7 > 0 THEN date '2024-01-01' + g % 2000 END
FROM generate_series(1, 120060) g;
INSERT INTO invoice_line_item (invoice_id, price_type, amount)
SELECT g, CASE WHEN h = 1 THEN 'usage' END, g % 100 / 8.0 FROM generate_series(1, 120060, 5) g,
	generate_series(1, 2) h;
INSERT INTO deposit SELECT g, 'crowd', 'usd', 'status ' || g % 300, g / 64.0
FROM generate_series(1, 100000) g;
INSERT INTO vcu_order SELECT g, 'crowd', 'brl', 'issued', g / 4.0, g % 3 = 0,
	timestamptz '2024-01-01Z' + g * interval '1 minute' FROM generate_series(1, 100000) g;
INSERT INTO credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	issue_date, created_at, reason)
SELECT g, 'b1', 'crowd', 'issued', 'eur', g, '2024-01-01',
	timestamptz '2024-01-01Z' + g % 100 * interval '1 hour', 'other' FROM generate_series(1, 300) g;
ANALYZE;
SQL
my $session = "SET search_path = large;\nSET balance.ledger = 'large';\nSET work_mem = '64MB';\n";
compare('a large ledger', $session . documents(1));
# here not a row's amount but a part's is what 128 bits cannot take
compare('a large ledger', $session . comparison(
		'merged from single rows',
		"SELECT customer_id, to_jsonb($tallies{invoice}::text) FROM invoice
			WHERE amount_remaining < 99 GROUP BY customer_id",
		"SELECT customer_id, to_jsonb(balance.merge(p)::text) FROM (
			SELECT customer_id, $tallies{invoice} AS p FROM invoice WHERE amount_remaining < 99
			GROUP BY customer_id, invoice_id
		) q GROUP BY customer_id"));
cmp_ok($figures, '>', 1000 * $ledgers, 'figures compared');
note "$figures figures compared";

$node->stop;
done_testing();
