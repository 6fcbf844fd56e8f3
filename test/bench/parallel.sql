-- The whole book's customer_balance documents by parallel workers.  On a machine
-- with fewer cores than processes at work they have to wait for each other.
SELECT bench.add('serial', ARRAY[$$
	SELECT customer_id,
		balance.to_customer_balance(balance.tally_invoices(currency, invoice_status, payment_status,
		total), 'book', customer_id) AS document
	FROM book.invoice GROUP BY customer_id $$], 'document');
INSERT INTO bench.contender (name, query, answer, settings)
SELECT p.name, c.query, c.answer, p.settings
	|| '{"parallel_setup_cost": 0, "parallel_tuple_cost": 0, "min_parallel_table_scan_size": 0}'
FROM bench.contender c,
	(VALUES ('parallel: two workers', '{"max_parallel_workers_per_gather": 2}'::jsonb),
	('parallel: two workers, the leader only gathers',
		'{"max_parallel_workers_per_gather": 2, "parallel_leader_participation": "off"}'),
	('one worker and the leader', '{"max_parallel_workers_per_gather": 1}')) p(name, settings)
WHERE suite = current_setting('bench.suite') AND c.name = 'serial';
INSERT INTO bench.contender (name, query, answer, settings)
SELECT 'sql: ' || p.name, ARRAY['SELECT * FROM bench.balance_by_text'], c.answer, p.settings
FROM bench.contender c, bench.contender p
WHERE c.suite = current_setting('bench.suite') AND p.suite = c.suite AND c.name = 'serial'
	AND p.name IN ('serial', 'parallel: two workers');
SELECT bench.goal('two workers against serial', 'serial', 'parallel', '>=', 1.6, 1.8);

-- what is planned is not always had
DO $$
DECLARE
	c record;
	setting record;
	plan text;
	launched int;
BEGIN
	FOR c IN SELECT * FROM bench.contender WHERE suite = current_setting('bench.suite')
		AND settings ? 'max_parallel_workers_per_gather' LOOP
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
