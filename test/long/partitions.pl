# A book in partitions, by range, by hash and by both: partition-wise plans have
# the aggregates where they should, complete ones where the groups lie within the
# partitions and partial ones elsewhere, and the answers are those of one table.
# So are the documents of a ledger over partitioned tables, whose look-ups read
# one partition only.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('partitions');
$node->init(extra => [ '--no-locale', '--encoding=UTF8' ]);
$node->append_conf('postgresql.conf', "jit = off\nmax_parallel_workers_per_gather = 0\n");
$node->start;
my $columns =
	'(invoice_id text, customer_id text, currency text, invoice_status text, payment_status text,
	total numeric, amount_due numeric, amount_remaining numeric, due_date date,
	issued_at timestamptz, p balance.position)';
$node->safe_psql('postgres', <<"SQL");
CREATE EXTENSION balance;
CREATE SCHEMA one; CREATE SCHEMA ranges; CREATE SCHEMA hashes; CREATE SCHEMA nested;
CREATE TABLE one.invoice $columns;
INSERT INTO one.invoice SELECT 'i' || i, 'c' || i % 199,
	(ARRAY['usd', 'eur', 'jpy', 'kwd', 'brl'])[1 + i % 5],
	(ARRAY['open', 'finalized', 'paid', 'draft', 'void'])[1 + i / 5 % 5],
 (ARRAY[NULL, 'failed', 'succeeded'])[1 + i / 7 % 3], CASE WHEN i % 1000 = 0 THEN 1e40
   ELSE (i * 7919 % 100003) / 100.0 END, i, i / 4.0, date '2026-01-01' + i % 365,
   timestamptz '2026-01-01 00:00Z' + i * interval '1 minute',
 balance.tally_deposits('usd', 'held', i) FROM generate_series(1, 20000) AS i GROUP BY i;
CREATE TABLE ranges.invoice $columns PARTITION BY RANGE (due_date);
-- of very different sizes, one of them empty
CREATE TABLE ranges.p1 PARTITION OF ranges.invoice FOR VALUES FROM (MINVALUE) TO ('2026-01-03');
CREATE TABLE ranges.p2 PARTITION OF ranges.invoice FOR VALUES FROM ('2026-01-03') TO ('2026-12-01');
CREATE TABLE ranges.p3 PARTITION OF ranges.invoice FOR VALUES FROM ('2026-12-01') TO ('2027-06-01');
CREATE TABLE ranges.p4 PARTITION OF ranges.invoice FOR VALUES FROM ('2027-06-01') TO (MAXVALUE);
CREATE TABLE hashes.invoice $columns PARTITION BY HASH (customer_id);
CREATE TABLE nested.invoice $columns PARTITION BY HASH (customer_id);
SELECT format('CREATE TABLE %s.p%s PARTITION OF %1\$s.invoice FOR
	VALUES WITH (MODULUS 4, REMAINDER %2\$s) %s', s, i, CASE s
	WHEN 'nested' THEN 'PARTITION BY RANGE (due_date)' END)
FROM unnest('{hashes,nested}'::text[]) AS s, generate_series(0, 3) AS i \\gexec
SELECT format('CREATE TABLE nested.p%s_%s PARTITION OF nested.p%1\$s FOR VALUES
	FROM (%3\$s) TO (%4\$s)', i, j, CASE j WHEN 0 THEN 'MINVALUE' ELSE '''2026-06-01''' END,
	CASE j WHEN 0 THEN '''2026-06-01''' ELSE 'MAXVALUE' END) FROM generate_series(0, 3) AS i,
	generate_series(0, 1) AS j \\gexec
INSERT INTO ranges.invoice TABLE one.invoice;
INSERT INTO hashes.invoice TABLE one.invoice;
INSERT INTO nested.invoice TABLE one.invoice;
CREATE TABLE one.customer (customer_id text PRIMARY KEY, wb_customer_id text);
INSERT INTO one.customer SELECT DISTINCT customer_id, 'wb' FROM one.invoice;
SELECT format('CREATE VIEW %s.customer WITH (security_invoker) AS TABLE one.customer', s)
FROM unnest('{ranges,hashes,nested}'::text[]) AS s \\gexec
SELECT format('CREATE INDEX ON %s.invoice (customer_id)', s)
FROM unnest('{one,ranges,hashes,nested}'::text[]) AS s \\gexec
VACUUM ANALYZE;
SQL

my %tallies = (
	'invoices' => 'balance.tally_invoices(currency, invoice_status, payment_status,
		total, amount_due, amount_remaining, due_date)',
	'instants' => 'balance.tally_invoices(currency, invoice_status, payment_status,
		total, amount_due, amount_remaining, issued_at)',
	'short' => 'balance.tally_invoices(currency, invoice_status, payment_status, total)',
	'charges' => q{balance.tally_charges(currency, invoice_status, total)},
	'deposits' => q{balance.tally_deposits(currency, invoice_status, total)},
	'unit_invoices' => q{balance.tally_unit_invoices(currency, 'paid', total)},
	'unit_orders' => q{balance.tally_unit_orders(currency, 'issued', true, total)},
	'credit_memos' => q{balance.tally_credit_memos(currency, 'issued', amount_due::bigint, 1)},
	'merge' => 'balance.merge(p)',
	'filtered' => q{balance.tally_invoices(currency, invoice_status, payment_status, total)
		FILTER (WHERE total < 500)},
	'with others' => q{balance.merge(p), count(*), sum(total),
		balance.tally_charges(currency, NULL, total)});
# Those of the one table are asked for more than once.
my %answers;
sub answer_to
{
	my ($sql) = @_;
	return $answers{$sql} //= $node->safe_psql('postgres', $sql);
}

my $wise = 'SET enable_partitionwise_aggregate = on; SET enable_partitionwise_join = on;';

# Groups, and the schemas whose partitions they lie within.
my %groups = (
	'customer_id' => { hashes => 1, nested => 0 },
	'customer_id, due_date' => { hashes => 1, nested => 1, ranges => 1 },
	'due_date' => { ranges => 1 },
	'currency' => {},
	'' => {});
for my $group (sort keys %groups)
{
	for my $schema ('ranges', 'hashes', 'nested')
	{
		for my $name (sort keys %tallies)
		{
			my $query = $group ? "SELECT $group, $tallies{$name} FROM %s.invoice GROUP BY $group
				ORDER BY $group" : "SELECT $tallies{$name} FROM %s.invoice";
			my $partitioned = sprintf $query, $schema;
			my $plan = $node->safe_psql('postgres', "$wise EXPLAIN (COSTS OFF) $partitioned");
			my $complete = $groups{$group}{$schema};
			# where one level of two has the key, it is complete for that level
			like($plan, $complete ? qr/Append\n.*Aggregate/s
				: qr/(Finalize|Append).*Partial \w*Aggregate/s,
				"$name by ($group) over $schema: the plan") or diag $plan;
			unlike($plan, qr/Partial/, '... is complete in each partition') if $complete;
			is(answer_to("$wise $partitioned"), answer_to(sprintf $query, 'one'),
				"$name by ($group) over $schema: the answer");
		}
	}
}

# Moving frames and grouping sets over partitions
for my $query (
	'SELECT invoice_id,
		balance.tally_invoices(currency, invoice_status, payment_status, total) OVER
		(PARTITION BY customer_id ORDER BY invoice_id ROWS 3 PRECEDING) FROM %s.invoice ORDER BY 1',
	'SELECT customer_id, currency,
		balance.tally_invoices(currency, invoice_status, payment_status, total) FROM %s.invoice
		GROUP BY CUBE (1, 2) ORDER BY 1, 2')
{
	is($node->safe_psql('postgres', $wise . sprintf $query, $_),
		$node->safe_psql('postgres', sprintf $query, 'one'), "over $_: $query")
	  for 'ranges', 'hashes', 'nested';
}

# A ledger over them
my $documents = <<'SQL';
SELECT c, balance.customer_balance(c), balance.invoice_summary(c, '2026-06-15', 'UTC'),
	(SELECT count(*) FROM balance.items(c, 'total_unpaid_amount', 'eur'))
FROM generate_series(0, 198, 7) AS i, LATERAL (SELECT 'c' || i AS c) AS id ORDER BY 1;
SELECT rule, relation, count(*), min(id) FROM balance.verify() GROUP BY 1, 2 ORDER BY 1, 2;
SQL
my $expected = $node->safe_psql('postgres', "SET balance.ledger = 'one'; $documents");
like($expected, qr/^c0\|\[\{/, 'there are documents');
is($node->safe_psql('postgres', "SET balance.ledger = '$_'; $documents"), $expected,
	"documents and verify() over $_") for 'ranges', 'hashes', 'nested';
is($node->safe_psql('postgres', "SELECT * FROM balance.check_ledger('$_')"),
	$node->safe_psql('postgres', "SELECT * FROM balance.check_ledger('one')"),
	"check_ledger() over $_") for 'ranges', 'hashes', 'nested';
# what a transaction has read
for my $plan ('force_custom_plan', 'force_generic_plan')
{
	is($node->safe_psql('postgres', <<"SQL"), "t\n1", "a look-up reads one partition, $plan");
SET plan_cache_mode = $plan;
BEGIN;
SELECT balance.invoice_summary('c7', '2026-06-15', 'UTC', 'hashes') IS NOT NULL;
SELECT count(*) FROM pg_stat_xact_user_tables WHERE schemaname = 'hashes'
	AND seq_scan + coalesce(idx_scan, 0) > 0;
COMMIT;
SQL
}

# One session asks more ledgers than it remembers relations and stores of: 1,200 with four
# relations each, by several documents, and by name and by setting.
$node->safe_psql('postgres', <<'SQL');
DO $$ BEGIN
	FOR i IN 1 .. 1200 LOOP
		EXECUTE format('CREATE SCHEMA many%1$s
			CREATE TABLE invoice (invoice_id int, customer_id text, currency text,
				invoice_status text, total int, amount_due int, amount_remaining int)
			CREATE TABLE deposit (deposit_id int, customer_id text, currency text, status text,
				amount int)
			CREATE TABLE vcu_invoice (vcu_invoice_id int, customer_id text, currency text,
				status text, units int, created_at timestamptz)
			CREATE TABLE vcu_order (vcu_order_id int, customer_id text, currency text,
				status text, units int, created_at timestamptz);
			INSERT INTO many%1$s.invoice
			VALUES (1, ''c'', ''usd'', ''open'', %1$s, %1$s, %1$s)', i);
		PERFORM balance.maintain(('many' || i)::regnamespace);
		COMMIT;
	END LOOP;
END $$;
SQL
is($node->safe_psql('postgres', <<'SQL'), 'asked 4800 1200 1200 1200 1200', 'many ledgers');
CREATE TABLE asked (counting int, balances bool, summaries bool, debtors bool, by_setting bool);
DO $$ BEGIN
	FOR i IN 1 .. 1200 LOOP
		PERFORM set_config('balance.ledger', 'many' || i, false);
		INSERT INTO asked SELECT (SELECT count(*)
				FROM unnest('{invoice,deposit,vcu_invoice,vcu_order}'::text[]) r
				WHERE balance.store_counts(l, r)),
			(balance.customer_balance('c', l)
				#>> '{0,invoices,ready_for_payment,total}')::numeric = i,
			(balance.invoice_summary('c', now(), 'UTC', l) #>> '{summaries,0,total_unpaid_amount}')
				::numeric = i,
			(SELECT sum(total_unpaid_amount) = i FROM balance.top_debtors('usd', 1, ledger => l)),
			(balance.customer_balance('c') #>> '{0,invoices,ready_for_payment,total}')::numeric = i
				AND balance.invoice_summary('c', now(), 'UTC') = balance.invoice_summary('c', now(),
				'UTC', l) AND balance.vcu_balance('c') = balance.vcu_balance('c', ledger => l)
		FROM CAST('many' || i AS regnamespace) l;
		COMMIT;
	END LOOP;
END $$;
SELECT concat_ws(' ', 'asked', sum(counting), count(*) FILTER (WHERE balances),
	count(*) FILTER (WHERE summaries), count(*) FILTER (WHERE debtors),
	count(*) FILTER (WHERE by_setting)) FROM asked;
SQL

$node->stop;
done_testing();
