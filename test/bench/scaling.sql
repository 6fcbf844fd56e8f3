-- How time grows with rows, customers, currencies, due dates and ledgers, all else being
-- equal but that customers bring their invoices: it should be linear in rows, and
-- for the look-up of one customer flat in the number of others, as far as reading
-- rows of a larger table is: that is told by the look-ups of count and sum.
CREATE FUNCTION bench.grow(dimension text, times int, nrows bigint, customers int, currencies int,
	due_dates int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	name text := format('%s_%s', replace(dimension, ' ', '_'), times);
	tallied text := 'balance.tally_invoices(currency, invoice_status, payment_status, total, '
		'amount_due, amount_remaining, due_date)';
BEGIN
	EXECUTE format('CREATE SCHEMA %I', name);
	EXECUTE format($q$
		CREATE UNLOGGED TABLE %I.invoice AS
		SELECT 'inv_' || n AS invoice_id, (10000000 + bench.random(n, 1, %s))::text AS customer_id,
		       (ARRAY(SELECT currency FROM unnest(string_to_array('usd,eur,gbp,brl,cad,aud,nzd,chf,'
		         'sek,nok,dkk,pln,czk,huf,ron,inr,mxn,ars,cop,pen,zar,ngn,kes,ghs,egp,mad,ils,sar,'
		         'aed,qar,thb,myr,sgd,php,hkd,twd,cny,uah,try,gel', ',')) currency))[1
		         + bench.random(n, 2, %s)] AS currency, 'open' AS invoice_status,
		         NULL AS payment_status,
		       total, total AS amount_due, total AS amount_remaining,
		         date '2026-01-01' + bench.random(n, 7, %s) AS due_date
		FROM (SELECT n, round(bench.random(n, 5, 10000000) * 0.01, 2) AS total
			FROM generate_series(1::bigint, %s) n OFFSET 0) s $q$,
		name, customers, currencies, due_dates, nrows);
	EXECUTE format('CREATE INDEX ON %I.invoice (customer_id)', name);
	EXECUTE format('ANALYZE %I.invoice', name);
	PERFORM bench.add(format('%s x %s: positions by customer', dimension, times),
		ARRAY[format('SELECT customer_id, %s FROM %I.invoice GROUP BY customer_id',
		tallied, name)]);
	PERFORM bench.add(format('%s x %s: one position of all', dimension, times),
		ARRAY[format('SELECT %s FROM %I.invoice', tallied, name)]);
	PERFORM bench.add(format('%s x %s: a thousand look-ups', dimension, times),
		ARRAY[format('SELECT balance.customer_balance((10000000 + bench.random(n, 13, %s))::text,
		%L) FROM generate_series(1, 1000) n', customers, name)]);
	PERFORM bench.add(format('%s x %s: a thousand look-ups of count, sum only', dimension, times),
		ARRAY[format('SELECT l.* FROM generate_series(1, 1000) n,
		LATERAL (SELECT count(*), sum(total) FROM %I.invoice
		WHERE customer_id = (10000000 + bench.random(n, 13, %s))::text) l', name, customers)]);
END $$;
SELECT bench.grow('rows', t, :rows * t / 32, greatest(:customers / 32, 1), 2, 50)
FROM unnest('{1,2,4,8}'::int[]) t;
SELECT bench.grow('customers', t, :rows * t / 32, greatest(:customers * t / 32, 1), 2, 50)
FROM unnest('{1,2,4,8}'::int[]) t;
SELECT bench.grow('currencies', t, :rows / 8, greatest(:customers / 8, 1), t, 50)
FROM unnest('{1,5,40}'::int[]) t;
SELECT bench.grow('due dates', t, :rows / 8, greatest(:customers / 8, 1), 2, 10 * t)
FROM unnest('{1,100,10000}'::int[]) t;
-- one customer of all rows, and a customer a row
SELECT bench.grow('customers of the same rows', t, :rows / 8, t, 2, 50)
FROM unnest(ARRAY[1, greatest(:rows / 800, 1), :rows / 8]) t;

-- look-ups of all the ledgers there are, a thousand in all, in turn: each has its own plans
CREATE FUNCTION bench.grow_ledgers(n int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1 .. n LOOP
		EXECUTE format('CREATE SCHEMA ledger_%s', i);
		EXECUTE format('CREATE TABLE ledger_%s.invoice AS SELECT * FROM rows_1.invoice
			WHERE customer_id = (SELECT min(customer_id) FROM rows_1.invoice)', i);
		EXECUTE format('CREATE INDEX ON ledger_%s.invoice (customer_id)', i);
		EXECUTE format('ANALYZE ledger_%s.invoice', i);
	END LOOP;
END $$;
SELECT bench.grow_ledgers(1000);
SELECT bench.add(format('ledgers x %s: a thousand look-ups', t), ARRAY[format($$
	SELECT balance.customer_balance((SELECT min(customer_id) FROM rows_1.invoice),
		('ledger_' || 1 + n %% %s)::regnamespace) FROM generate_series(1, 1000) n $$, t)])
FROM unnest('{1,100,1000}'::int[]) t;
CALL bench.compete();

-- The exponent is the slope of a straight line through the logarithms of all sizes: 1 is
-- linear, 0 does not grow.
CREATE VIEW bench.scaling_report AS
SELECT work, dimension AS grows, string_agg(times::text, ', ' ORDER BY times) AS times,
	string_agg(round(ms::numeric, 1)::text, ', ' ORDER BY times) AS ms,
	round(regr_slope(ln(ms), ln(times))::numeric, 2) AS exponent,
	round(regr_slope(ln(cpu_ms), ln(times))::numeric, 2) AS "by CPU time"
FROM bench.median, regexp_match(name, '^(.*) x (\d+): (.*)$') m,
	LATERAL (SELECT m[1] AS dimension, m[2]::int AS times, m[3] AS work) parts
WHERE suite = 'scaling' GROUP BY work, dimension ORDER BY work, dimension;
