-- Memory per group in the hash aggregate, in kB: of a position with 5 currencies
-- of 4 classes and no due dates, beyond what a group takes without any.
CREATE UNLOGGED TABLE bench.cells AS
SELECT (10000000 + customer)::text AS customer_id, currency, invoice_status,
	bench.random(customer * 100 + n, 12, 10000000) * 0.01 AS total
FROM generate_series(1, :customers) customer, generate_series(1, 5) n,
     unnest('{usd,eur,gbp,brl,jpy}'::text[]) currency,
       unnest('{open,paid,draft,void}'::text[]) invoice_status;
ANALYZE bench.cells;

-- the aggregate's share of the hash table, which has to have been one, and in memory
CREATE FUNCTION bench.hash_kb(query text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
	plan jsonb;
BEGIN
	EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ' || query INTO plan;
	plan := plan #> '{0,Plan}';
	IF plan ->> 'Strategy' IS DISTINCT FROM 'Hashed'
		OR (plan ->> 'HashAgg Batches')::int IS DISTINCT FROM 1
		OR (plan ->> 'Disk Usage')::int IS DISTINCT FROM 0 THEN
		RAISE 'no hash aggregate in memory: %', plan;
	END IF;
	RETURN (plan ->> 'Peak Memory Usage')::numeric;
END $$;

-- nothing may spill or be sorted, however many customers
SET enable_sort = off;
SET hash_mem_multiplier = 100;
INSERT INTO bench.measure (what, value, must, aim)
SELECT 'kB per group',
	(bench.hash_kb('SELECT customer_id,
	balance.tally_invoices(currency, invoice_status, NULL, total) FROM bench.cells
	GROUP BY customer_id')
                        -
                          bench.hash_kb('SELECT customer_id, count(*) FROM bench.cells
                          GROUP BY customer_id')) / :customers, 2.5, 1.2;
