-- The same book in one table, in 8 partitions by hash of the customer and in 12 by the month
-- in which an invoice is due: what books and look-ups take in each.  Behind it, how many
-- bytes invoices and positions are.
CREATE SCHEMA hashes;
CREATE TABLE hashes.invoice (LIKE book.invoice) PARTITION BY HASH (customer_id);
SELECT format('CREATE UNLOGGED TABLE hashes.p%s PARTITION OF hashes.invoice
	FOR VALUES WITH (MODULUS 8, REMAINDER %1$s)', i) FROM generate_series(0, 7) i \gexec
CREATE SCHEMA ranges;
CREATE TABLE ranges.invoice (LIKE book.invoice) PARTITION BY RANGE (due_date);
SELECT format('CREATE UNLOGGED TABLE ranges.p%s PARTITION OF ranges.invoice
	FOR VALUES FROM (%L) TO (%L)', i, date '2025-07-01' + i * interval '1 month',
	date '2025-07-01' + (i + 1) * interval '1 month') FROM generate_series(0, 11) i \gexec
INSERT INTO hashes.invoice TABLE book.invoice;
INSERT INTO ranges.invoice TABLE book.invoice;
CREATE INDEX ON hashes.invoice (customer_id);
CREATE INDEX ON ranges.invoice (customer_id);
VACUUM (FREEZE, ANALYZE) hashes.invoice, ranges.invoice;

CREATE TEMP TABLE layout (place, ledger, name, settings) AS VALUES
	(1, 'book', 'one table', '{}'::jsonb),
	(2, 'hashes', 'hash', '{}'),
	(3, 'hashes', 'hash, partition-wise', '{"enable_partitionwise_aggregate": "on"}'),
	(4, 'ranges', 'range of dates', '{}'),
	(5, 'ranges', 'range of dates, partition-wise', '{"enable_partitionwise_aggregate": "on"}'),
	(6, 'book', 'one table, 2 workers', '{"max_parallel_workers_per_gather": 2}'),
	(7, 'hashes', 'hash, partition-wise, 2 workers',
		'{"enable_partitionwise_aggregate": "on", "max_parallel_workers_per_gather": 2}'),
	(8, 'ranges', 'range of dates, partition-wise, 2 workers',
		'{"enable_partitionwise_aggregate": "on", "max_parallel_workers_per_gather": 2}');
SELECT bench.add('all documents: ' || name,
	ARRAY[format('SELECT * FROM balance.customer_balances(ledger => %L)', ledger)],
	'documents', format('SELECT customer_id, document #- ''{0,wb_customer_id}'' FROM
		(SELECT customer_id, jsonb_agg(d - ''wb_customer_id'') AS document
		FROM balance.customer_balances(ledger => %L), jsonb_array_elements(document) d
		GROUP BY 1) b', ledger), settings)
FROM layout ORDER BY place;
SELECT bench.add('positions of all customers: ' || name, ARRAY[format(
	'SELECT customer_id, balance.tally_invoices(currency, invoice_status, payment_status, total,
	amount_due, amount_remaining, due_date) AS p FROM %I.invoice GROUP BY 1', ledger)],
	'positions', NULL, settings)
FROM layout ORDER BY place;
SELECT bench.add('a thousand look-ups: ' || name, ARRAY[format(
	'SELECT balance.customer_balance((10000000 + bench.random(n, 13, %s))::text, %L)
	FROM generate_series(1, 1000) n', :customers, ledger)], NULL, NULL, settings)
FROM layout WHERE settings = '{}' ORDER BY place;
SELECT bench.add('one position of all: one table', ARRAY[
	'SELECT balance.tally_invoices(currency, invoice_status, payment_status, total,
	amount_due, amount_remaining, due_date) FROM book.invoice']);
CREATE UNLOGGED TABLE bench.kept AS
SELECT customer_id, balance.tally_invoices(currency, invoice_status, payment_status, total,
	amount_due, amount_remaining, due_date) AS p FROM book.invoice GROUP BY 1;
ALTER TABLE bench.kept ADD PRIMARY KEY (customer_id);
VACUUM (FREEZE, ANALYZE) bench.kept;
SELECT bench.add('one position of all: kept positions', ARRAY[
	'SELECT balance.merge(p) FROM bench.kept']);
SELECT bench.add('all documents: kept positions', ARRAY[
	'SELECT customer_id, balance.to_customer_balance(p, ''book'', customer_id) FROM bench.kept']);
SELECT bench.check_answers();
CALL bench.compete();
