-- How time grows with rows, customers, currencies and due dates, all else equal:
-- linear in rows, and for one customer's look-up flat in the number of others.
-- A quarter of the rows and customers is 8 times; every figure is a median.
CREATE FUNCTION bench.grow(dimension text, rows bigint, customers int, currencies int, due_dates int, times int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	name text := format('%s_%s', dimension, times);
	tallied text := 'balance.tally_invoices(currency, invoice_status, payment_status, total, amount_due, amount_remaining, due_date)';
BEGIN
	EXECUTE format('CREATE SCHEMA %I', name);
	EXECUTE format($q$
		CREATE UNLOGGED TABLE %I.invoice AS
		SELECT 'inv_' || n AS invoice_id, (10000000 + bench.random(n, 1, %s))::text AS customer_id,
		       (ARRAY['usd', 'eur', 'gbp', 'brl', 'cad', 'aud', 'nzd', 'chf'])[1 + bench.random(n, 2, %s)] AS currency, 'open' AS invoice_status, NULL AS payment_status,
		       total, total AS amount_due, total AS amount_remaining, date '2026-01-01' + bench.random(n, 7, %s) AS due_date
		FROM (SELECT n, round(bench.random(n, 5, 10000000) * 0.01, 2) AS total FROM generate_series(1::bigint, %s) n OFFSET 0) s $q$,
		name, customers, currencies, due_dates, rows);
	EXECUTE format('CREATE INDEX ON %I.invoice (customer_id)', name);
	EXECUTE format('ANALYZE %I.invoice', name);
	PERFORM bench.add(format('%s x %s: positions of all customers', dimension, times), ARRAY[format('SELECT customer_id, %s FROM %I.invoice GROUP BY customer_id', tallied, name)]);
	PERFORM bench.add(format('%s x %s: position of all rows', dimension, times), ARRAY[format('SELECT %s FROM %I.invoice', tallied, name)]);
	PERFORM bench.add(format('%s x %s: 200 look-ups', dimension, times), ARRAY[format('SELECT balance.customer_balance((10000000 + bench.random(n, 13, %s))::text, %L) FROM generate_series(1, 200) n', customers, name)]);
END $$;
SELECT bench.grow('rows', :rows * t / 32, greatest(:customers / 32, 1), 2, 30, t) FROM unnest('{1,2,4,8}'::int[]) t;
-- as many invoices of each
SELECT bench.grow('customers', :rows * t / 32, greatest(:customers * t / 32, 1), 2, 30, t) FROM unnest('{1,2,4,8}'::int[]) t;
SELECT bench.grow('currencies', :rows / 8, greatest(:customers / 8, 1), t, 30, t) FROM unnest('{1,2,4,8}'::int[]) t;
SELECT bench.grow('due dates', :rows / 8, greatest(:customers / 8, 1), 2, 50 * t, t) FROM unnest('{1,2,4,8}'::int[]) t;
CALL bench.compete();
