-- Partial aggregation: the plans are what they claim to be, and the answers are the same.
SET search_path = balance, public;
CREATE TABLE book (id int, customer_id text, currency text, status text, payment text,
	total numeric, due numeric, remaining numeric, day date);
INSERT INTO book SELECT g, 'c' || g % 97, (ARRAY['usd','eur','gbp','jpy','brl'])[1 + g % 5],
	(ARRAY['open','finalized','paid','draft','void'])[1 + g / 5 % 5],
	(ARRAY[NULL,'failed','succeeded'])[1 + g / 7 % 3],
 CASE WHEN g % 1000 = 0 THEN 1e40 ELSE (g * 7919 % 100003) / 100.0 END, g / 3.0,
 	CASE WHEN g % 500 = 1 THEN NULL ELSE g / 7.0 END, '2026-01-01'::date + g % 400
FROM generate_series(1, 60000) g;
ANALYZE book;

CREATE FUNCTION plan_has(query text, VARIADIC nodes text[]) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE line text; plan text := '';
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP plan := plan || line || E'\n';
	END LOOP;
	RETURN NOT EXISTS (SELECT FROM unnest(nodes) n WHERE plan NOT LIKE '%' || n || '%');
END $$;

SET max_parallel_workers_per_gather = 0;
CREATE TABLE serial_total AS
	SELECT tally_invoices(currency, status, payment, total, due, remaining, day) AS p,
	tally_deposits(currency, status, total) AS d FROM book;
CREATE TABLE serial_groups AS SELECT customer_id,
	tally_invoices(currency, status, payment, total, due, remaining, day) AS p FROM book GROUP BY 1;
SELECT count(*), (SELECT merge(p) FROM serial_groups) = (SELECT p FROM serial_total) AS sums_up
	FROM serial_groups;

SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 3;
SELECT plan_has($$SELECT tally_invoices(currency, status, payment, total, due, remaining, day)
	FROM book$$, 'Finalize Aggregate', 'Gather', 'Partial Aggregate',
		'Parallel Seq Scan') AS parallel;
SELECT tally_invoices(currency, status, payment, total, due, remaining, day) = (SELECT p
	FROM serial_total) AS same, tally_deposits(currency, status, total) = (SELECT d
	FROM serial_total) AS same_deposits FROM book;
SELECT plan_has($$SELECT customer_id, tally_invoices(currency, status, payment, total, due,
	remaining, day) FROM book
	GROUP BY 1$$, 'Finalize', 'Gather', 'Partial HashAggregate', 'Parallel Seq Scan') AS parallel;
SELECT count(*) AS groups, bool_and(s.p = g.p) AS same
FROM (SELECT customer_id, tally_invoices(currency, status, payment, total, due, remaining, day) AS p
	FROM book GROUP BY 1) g FULL JOIN serial_groups s USING (customer_id);
-- workers only, and partitions of very different sizes
SET parallel_leader_participation = off;
SELECT count(*) AS groups, bool_and(s.p = g.p) AS same
FROM (SELECT customer_id, tally_invoices(currency, status, payment, total, due, remaining, day) AS p
	FROM book GROUP BY 1) g FULL JOIN serial_groups s USING (customer_id);
SELECT tally_invoices(currency, status, payment, total, due, remaining, day) AS empty FROM book
	WHERE id < 0;
RESET parallel_leader_participation;
-- projections go along
SELECT plan_has($$SELECT customer_id, to_customer_balance(tally_invoices(currency, status, payment,
	total), 'wb', customer_id) FROM book
	GROUP BY 1$$, 'Finalize', 'Gather', 'Partial HashAggregate') AS parallel;

-- sorted partial aggregation, where states travel through Gather Merge
SET enable_hashagg = off;
SELECT count(*) AS groups, bool_and(s.p = g.p) AS same
FROM (SELECT customer_id, tally_invoices(currency, status, payment, total, due, remaining, day) AS p
	FROM book GROUP BY 1) g FULL JOIN serial_groups s USING (customer_id);
RESET enable_hashagg;
-- hash aggregation that spills
SET work_mem = '64kB'; SET max_parallel_workers_per_gather = 0;
SELECT count(*) AS groups, bool_and(s.p = g.p) AS same
FROM (SELECT customer_id, tally_invoices(currency, status, payment, total, due, remaining, day) AS p
	FROM book GROUP BY 1) g FULL JOIN serial_groups s USING (customer_id);
SELECT count(*) AS groups,
	(SELECT merge(p)
	FROM (SELECT tally_invoices(currency, status, payment, total, due, remaining, day) AS p
	FROM book GROUP BY id / 3) x) = (SELECT p FROM serial_total) AS same
	FROM (SELECT 1 FROM book GROUP BY id / 3) y;
RESET work_mem;

-- partition-wise, with an empty partition
CREATE TABLE parts (LIKE book) PARTITION BY RANGE (id);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (7);
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (7) TO (1000000);
CREATE TABLE parts_3 PARTITION OF parts FOR VALUES FROM (1000000) TO (2000000);
INSERT INTO parts SELECT * FROM book;
ANALYZE parts;
SET enable_partitionwise_aggregate = on;
SELECT plan_has($$SELECT customer_id, tally_invoices(currency, status, payment, total, due,
	remaining, day) FROM parts
	GROUP BY 1$$, 'Finalize', 'Append', 'Partial HashAggregate', 'parts_3') AS partitionwise;
SELECT count(*) AS groups, bool_and(s.p = g.p) AS same
FROM (SELECT customer_id, tally_invoices(currency, status, payment, total, due, remaining, day) AS p
	FROM parts GROUP BY 1) g FULL JOIN serial_groups s USING (customer_id);

-- partial states whose counts cancel out while a wide sum is left
CREATE TABLE changes (part int, p balance.position) PARTITION BY LIST (part);
CREATE TABLE changes_1 PARTITION OF changes FOR VALUES IN (1);
CREATE TABLE changes_2 PARTITION OF changes FOR VALUES IN (2);
INSERT INTO changes SELECT part,
	unnest(ARRAY['1{USD 1 usage(1 10000000000000000000000000000000000000000)}',
	'1{USD -1 usage(-1 0)}']::balance.position[]) FROM generate_series(1, 2) part;
SELECT plan_has($$SELECT merge(p) FROM changes$$, 'Finalize', 'Append', 'Partial Aggregate')
	AS partitionwise;
SELECT merge(p) FROM changes;
DROP TABLE changes;

-- stored, and merged from the stored form; a user's own aggregate over our support functions
CREATE TABLE stored AS SELECT id % 10 AS part,
	tally_invoices(currency, status, payment, total, due, remaining, day) AS p FROM book GROUP BY 1;
SELECT merge(p) = (SELECT p FROM serial_total) AS same FROM stored;
SELECT bool_and(p = p::text::balance.position) AS round_trip FROM stored;
CREATE AGGREGATE own_tally(text, text, text, numeric) (SFUNC = balance.tally_invoices_add,
	STYPE = balance.position);
CREATE TABLE unfinished AS SELECT customer_id, own_tally(currency, status, payment, total) AS p
	FROM book GROUP BY 1;
SELECT count(*) AS groups,
	bool_and(u.p = g.p AND u.p <= g.p AND position_hash(u.p) = position_hash(g.p)
	AND u.p::text = g.p::text AND u.p::jsonb = g.p::jsonb
	AND position_send(u.p) = position_send(g.p) AND u.p - g.p = '1{}'
  AND to_customer_balance(u.p, 'w', 'c') = to_customer_balance(g.p, 'w', 'c')) AS same,
  	(SELECT merge(p) FROM unfinished) = merge(g.p) AS merged
FROM unfinished u JOIN (SELECT customer_id, tally_invoices(currency, status, payment, total) AS p
	FROM book GROUP BY 1) g USING (customer_id);
DROP AGGREGATE own_tally(text, text, text, numeric);
DROP TABLE book, serial_total, serial_groups, parts, stored, unfinished;
DROP FUNCTION plan_has;
