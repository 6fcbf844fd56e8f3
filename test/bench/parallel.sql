-- Whole books by parallel workers: of all customers, and of a tenth as many, in plain SQL, by
-- the functions and by the views.  On a machine with fewer cores than processes at work they
-- have to wait for each other: so there is also what CPU time the busiest of them takes, and
-- what workers gain for counting and adding up by PostgreSQL alone.
CREATE SCHEMA few;
CREATE UNLOGGED TABLE few.invoice AS SELECT * FROM book.invoice;
UPDATE few.invoice SET customer_id =
	(10000000 + (customer_id::int - 10000000) % greatest(:customers / 10, 1))::text;
VACUUM (FULL, FREEZE, ANALYZE) few.invoice;
SELECT balance.create_report_views(ledger::regnamespace)
FROM unnest(ARRAY['book', 'few']) ledger;

CREATE FUNCTION bench.add_parallel(ledger text, what text, query text, answer text)
RETURNS void LANGUAGE sql AS $$
	SELECT bench.add(format('%s, %s: %s', ledger, what, workers.name),
		ARRAY[format(query, ledger)], ledger || answer, NULL, workers.settings)
	FROM (VALUES ('serial', '{}'::jsonb), ('two workers', '{"max_parallel_workers_per_gather": 2,
		"parallel_setup_cost": 0, "parallel_tuple_cost": 0, "min_parallel_table_scan_size": 0}'))
		workers(name, settings)
$$;
SELECT bench.add_parallel(ledger, 'balances in SQL', $$
	SELECT customer_id,
		balance.to_customer_balance(balance.tally_invoices(currency, invoice_status, payment_status,
		total), '%1$s', customer_id) AS document
	FROM %1$s.invoice GROUP BY customer_id $$, ' balances'),
	bench.add_parallel(ledger, 'customer_balances()',
		$$ SELECT * FROM balance.customer_balances(ledger => '%1$s') $$, ' balances'),
	bench.add_parallel(ledger, 'view of balances',
		'SELECT customer_id, document FROM %1$s.book_customer_balance', ' balances'),
	bench.add_parallel(ledger, 'summaries in SQL', $$
	SELECT customer_id, balance.to_invoice_summary(balance.tally_invoices(currency, invoice_status,
		payment_status, total, amount_due, amount_remaining, due_date), customer_id, NULL,
		'2025-12-31 12:00+00', 'UTC') AS document
	FROM %1$s.invoice GROUP BY customer_id $$, ' summaries'),
	bench.add_parallel(ledger, 'count and sum alone', $$
	SELECT customer_id, count(*), sum(total) FROM %1$s.invoice GROUP BY customer_id $$, ' sum'),
	bench.add_parallel(ledger, 'count and three sums alone', $$
	SELECT customer_id, count(*), sum(total), sum(amount_due) AS due,
		sum(amount_remaining) AS remaining
	FROM %1$s.invoice GROUP BY customer_id $$, ' sums'),
	bench.add_parallel(ledger, 'invoice_summaries()', $$ SELECT *
	FROM balance.invoice_summaries('2025-12-31 12:00+00', 'UTC', ledger => '%1$s') $$, ' summaries')
FROM unnest(ARRAY['book', 'few']) ledger;
SELECT bench.goal('two workers against serial: ' || name, name || ': serial',
	name || ': two workers', '>=', 1.6, 1.8)
FROM (SELECT DISTINCT substring(name FROM '(.*): serial') AS name
	FROM bench.contender WHERE suite = current_setting('bench.suite')) c
WHERE name IS NOT NULL ORDER BY name;

-- what is planned is not always had; of a function's own query EXPLAIN tells nothing
DO $$
DECLARE
	c record;
	setting record;
	plan text;
	launched int;
BEGIN
	FOR c IN SELECT * FROM bench.contender WHERE suite = current_setting('bench.suite')
		AND settings ? 'max_parallel_workers_per_gather' AND name !~ '\(\)' LOOP
		FOR setting IN SELECT * FROM jsonb_each_text(c.settings) LOOP
			PERFORM set_config(setting.key, setting.value, true);
		END LOOP;
		launched := 0;
		FOR plan IN EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF) ' || c.query[1] LOOP
			launched := launched + COALESCE(substring(plan FROM 'Workers Launched: (\d+)')::int, 0);
		END LOOP;
		IF launched <> (c.settings ->> 'max_parallel_workers_per_gather')::int THEN
			RAISE '"%" had % workers', c.name, launched;
		END IF;
		FOR setting IN SELECT * FROM jsonb_each_text(c.settings) LOOP
			EXECUTE format('RESET %I', setting.key);
		END LOOP;
	END LOOP;
END $$;
SELECT bench.check_answers();
CALL bench.compete();

-- The CPU time of workers is known of those that have ended, whose parent is the postmaster:
-- its children's in user and system mode, of which Linux counts a hundred a second.
CREATE FUNCTION bench.cpu_of_workers() RETURNS float8 LANGUAGE sql VOLATILE
RETURN (SELECT (s[14]::float8 + s[15]::float8) * 10
	FROM string_to_array(substring(pg_read_file('/proc/'
		|| split_part(pg_read_file('postmaster.pid'), E'\n', 1) || '/stat', 0, 1000, true)
		FROM '\) (.*)$'), ' ') s);

-- Workers share the rows as they come to them, so each of two has about half of their time.
CREATE FUNCTION bench.busiest(query text[], settings jsonb) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
	workers float8 := bench.cpu_of_workers();
	leader float8 := bench.cpu();
BEGIN
	PERFORM bench.time(query, settings);
	leader := bench.cpu() - leader;
	PERFORM pg_sleep(0.2);
	RETURN greatest(leader, (bench.cpu_of_workers() - workers) / 2);
END $$;
CREATE TABLE bench.busiest_of (name text, round int, ms float8);
INSERT INTO bench.busiest_of
SELECT name, round, bench.busiest(query, settings)
FROM bench.contender, generate_series(1, current_setting('bench.runs')::int) round
WHERE suite = current_setting('bench.suite') AND bench.cpu_of_workers() IS NOT NULL
ORDER BY round, place;
INSERT INTO bench.measure (what, value, must, aim)
SELECT 'CPU time of the busiest of three against serial: ' || substring(name FROM '(.*):'),
	percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE name LIKE '%workers')
	/ percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE name LIKE '%serial'),
	0.625, 0.556
FROM bench.busiest_of GROUP BY 1 ORDER BY 1;
