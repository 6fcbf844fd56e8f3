-- The whole book: every customer's customer_balance document in one statement,
-- by balance and by hand-written SQL, in one session without parallel workers.
-- Variables: rows, customers, runs.
\set ON_ERROR_STOP on
\pset footer off
SET max_parallel_workers_per_gather = 0;
SET work_mem = '1GB';
SET jit = off;
SET client_min_messages = warning;

-- Amounts are stored with their currency's digits, so that the hand-written
-- side may print sums as they come and needs no formatting of its own.
CREATE UNLOGGED TABLE book AS
SELECT 'inv_' || g AS invoice_id,
       'Cust_' || abs(hashint8(g)::bigint) % :customers AS customer_id,
       (ARRAY['usd', 'eur', 'gbp', 'brl', 'jpy'])[1 + abs(hashint8(g + 1)::bigint) % 5] AS currency,
       (ARRAY['finalized', 'finalized', 'open', 'paid', 'draft', 'voided'])[1 + abs(hashint8(g + 2)::bigint) % 6] AS invoice_status,
       (ARRAY[NULL, 'pending', 'processing', 'failed', 'succeeded', 'refunded'])[1 + abs(hashint8(g + 3)::bigint) % 6] AS payment_status,
       (abs(hashint8(g + 4)::bigint) % 10000000)::numeric AS total
FROM generate_series(1, :rows) g;
UPDATE book SET total = round(total / 100, 2) WHERE currency <> 'jpy';
VACUUM (FULL, ANALYZE) book;

CREATE TEMP TABLE contender (name text, query text);
INSERT INTO contender VALUES
('floor: count, sum', $$
SELECT customer_id, count(*), sum(total) AS document FROM book GROUP BY customer_id $$),
('balance', $$
SELECT customer_id, balance.to_customer_balance(balance.tally_invoices(currency, invoice_status, payment_status, total), 'Wb_1', customer_id) AS document
FROM book GROUP BY customer_id $$),
('sql: classes, then object_agg', $$
SELECT customer_id, jsonb_agg(jsonb_build_object('wb_customer_id', 'Wb_1', 'customer_id', customer_id, 'currency', currency,
         'total_invoices_ready_for_payment', COALESCE(invoices #>> '{ready_for_payment,total}', zero), 'deposits', '{}'::jsonb,
         'invoices', CASE WHEN invoices ? 'ready_for_payment' THEN invoices ELSE invoices || jsonb_build_object('ready_for_payment', jsonb_build_object('count', 0, 'total', zero)) END) ORDER BY currency) AS document
FROM (SELECT customer_id, currency, CASE WHEN currency = 'jpy' THEN '0' ELSE '0.00' END AS zero,
             jsonb_object_agg(class, jsonb_build_object('count', n, 'total', total::text)) AS invoices
      FROM (SELECT customer_id, currency,
                   CASE WHEN invoice_status IN ('voided', 'void', 'canceled', 'cancelled', 'skipped', 'written_off', 'uncollectible') THEN 'canceled'
                        WHEN invoice_status = 'paid' OR payment_status IN ('succeeded', 'paid', 'overpaid', 'refunded', 'partially_refunded') THEN 'paid'
                        WHEN invoice_status IN ('draft', 'pending_validation') THEN 'pending_validation' ELSE 'ready_for_payment' END AS class,
                   count(*) AS n, sum(total) AS total
            FROM book GROUP BY 1, 2, 3) c
      GROUP BY 1, 2) i
GROUP BY customer_id $$),
('sql: FILTER per class', $$
SELECT customer_id, jsonb_agg(jsonb_build_object('wb_customer_id', 'Wb_1', 'customer_id', customer_id, 'currency', currency,
         'total_invoices_ready_for_payment', COALESCE(ready::text, zero), 'deposits', '{}'::jsonb,
         'invoices', jsonb_strip_nulls(jsonb_build_object(
            'ready_for_payment', jsonb_build_object('count', n_ready, 'total', COALESCE(ready::text, zero)),
            'paid', CASE WHEN n_paid > 0 THEN jsonb_build_object('count', n_paid, 'total', paid::text) END,
            'pending_validation', CASE WHEN n_draft > 0 THEN jsonb_build_object('count', n_draft, 'total', draft::text) END,
            'canceled', CASE WHEN n_void > 0 THEN jsonb_build_object('count', n_void, 'total', void::text) END))) ORDER BY currency) AS document
FROM (SELECT customer_id, currency, CASE WHEN currency = 'jpy' THEN '0' ELSE '0.00' END AS zero,
             count(*) FILTER (WHERE class = 1) AS n_void, sum(total) FILTER (WHERE class = 1) AS void,
             count(*) FILTER (WHERE class = 2) AS n_paid, sum(total) FILTER (WHERE class = 2) AS paid,
             count(*) FILTER (WHERE class = 3) AS n_draft, sum(total) FILTER (WHERE class = 3) AS draft,
             count(*) FILTER (WHERE class = 4) AS n_ready, sum(total) FILTER (WHERE class = 4) AS ready
      FROM (SELECT customer_id, currency, total,
                   CASE WHEN invoice_status IN ('voided', 'void', 'canceled', 'cancelled', 'skipped', 'written_off', 'uncollectible') THEN 1
                        WHEN invoice_status = 'paid' OR payment_status IN ('succeeded', 'paid', 'overpaid', 'refunded', 'partially_refunded') THEN 2
                        WHEN invoice_status IN ('draft', 'pending_validation') THEN 3 ELSE 4 END AS class
            FROM book OFFSET 0) c
      GROUP BY 1, 2) i
GROUP BY customer_id $$);

-- all that make documents make the same ones
DO $$
DECLARE
	c record;
	differing bigint;
BEGIN
	CREATE TEMP TABLE document AS SELECT NULL::text AS customer_id, NULL::jsonb AS document WHERE false;
	EXECUTE 'INSERT INTO document ' || (SELECT query FROM contender WHERE name = 'balance');
	FOR c IN SELECT * FROM contender WHERE name LIKE 'sql%' LOOP
		EXECUTE format('SELECT count(*) FROM (%s) q FULL JOIN document d USING (customer_id) WHERE q.document IS DISTINCT FROM d.document', c.query) INTO differing;
		IF differing > 0 THEN
			RAISE '% documents of "%" differ', differing, c.name;
		END IF;
	END LOOP;
END $$;

-- in turn, each run timed in the server; one run before them is not counted
CREATE TEMP TABLE run (name text, ms float8);
SELECT set_config('bench.runs', :'runs', false) AS runs \gset
DO $$
DECLARE
	c record;
	started timestamptz;
	size bigint;
BEGIN
	FOR i IN 0 .. current_setting('bench.runs')::int LOOP
		FOR c IN SELECT * FROM contender LOOP
			started := clock_timestamp();
			EXECUTE format('SELECT sum(pg_column_size(document)) FROM (%s) q', c.query) INTO size;
			IF i > 0 THEN
				INSERT INTO run VALUES (c.name, extract(epoch FROM clock_timestamp() - started) * 1000);
			END IF;
		END LOOP;
	END LOOP;
END $$;

\echo
SELECT version();
SELECT count(*) AS invoices, count(DISTINCT customer_id) AS customers, count(DISTINCT currency) AS currencies, :runs AS runs,
       current_setting('work_mem') AS work_mem, current_setting('shared_buffers') AS shared_buffers FROM book;
\echo Whole book, customer_balance documents, equal on all sides.  Medians:
SELECT name, round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)::numeric) AS "ms",
       round((percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) / (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FROM run WHERE name = 'balance'))::numeric, 2) AS "times balance"
FROM run GROUP BY name ORDER BY 2;
