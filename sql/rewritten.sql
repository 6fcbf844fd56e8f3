-- What the transaction itself has rewritten is read as plain SQL reads it, by
-- any statement that begins after the change; others: specs/rewritten_relation.spec.
CREATE SCHEMA rewritten;
CREATE TABLE rewritten.bill (id text, customer_id text, currency text, status text, total numeric,
	note text);
CREATE VIEW rewritten.invoice AS SELECT id AS invoice_id, customer_id, currency,
	status AS invoice_status, total, total AS amount_due, total AS amount_remaining
	FROM rewritten.bill;
CREATE TABLE rewritten.deposit (deposit_id text, customer_id text, currency text, status text,
	amount numeric) PARTITION BY LIST (currency);
CREATE TABLE rewritten.deposit_usd PARTITION OF rewritten.deposit FOR VALUES IN ('usd');
CREATE FUNCTION rewritten.load(total numeric) RETURNS void LANGUAGE sql AS $$
	TRUNCATE rewritten.bill;
	INSERT INTO rewritten.bill VALUES ('b', 'c', 'usd', 'open', total) $$;
-- the same number, from a document, a book, the rows behind it and plain SQL
CREATE VIEW rewritten.figures AS SELECT
	balance.customer_balance('c', 'rewritten') -> 0 ->> 'total_invoices_ready_for_payment'
		AS document,
	balance.customer_balance('c', 'rewritten') -> 0 -> 'deposits' -> 'held' ->> 'total' AS held,
	(SELECT document -> 0 ->> 'total_invoices_ready_for_payment'
		FROM balance.customer_balances(ledger => 'rewritten')) AS book,
	(SELECT sum(amount)
		FROM balance.items('c', 'invoices.ready_for_payment.total', 'usd', ledger => 'rewritten'))
		AS items,
	(SELECT sum(total) FROM rewritten.bill) AS bills,
	(SELECT sum(amount) FROM rewritten.deposit) AS deposits;
INSERT INTO rewritten.bill VALUES ('b', 'c', 'usd', 'open', 1);
INSERT INTO rewritten.deposit VALUES ('d', 'c', 'usd', 'held', 5);
SELECT * FROM rewritten.figures;

-- each change, in both kinds of isolation, kept and taken back
BEGIN;
SELECT rewritten.load(2);
SELECT * FROM rewritten.figures;
SAVEPOINT s;
SELECT rewritten.load(3);
ALTER TABLE rewritten.bill ALTER note TYPE integer USING NULL;
SELECT * FROM rewritten.figures;
ROLLBACK TO s;
SELECT * FROM rewritten.figures;
COMMIT;
SELECT * FROM rewritten.figures;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT * FROM rewritten.figures;
SELECT rewritten.load(4);
SELECT * FROM rewritten.figures;
ALTER TABLE rewritten.deposit DETACH PARTITION rewritten.deposit_usd;
SELECT document, held, book, items, bills, deposits IS NULL AS none FROM rewritten.figures;
ALTER TABLE rewritten.deposit RENAME TO old_deposit;
ALTER TABLE rewritten.deposit_usd RENAME TO deposit;
SELECT document, held, book, items FROM rewritten.figures;
ROLLBACK;
SELECT * FROM rewritten.figures;
BEGIN ISOLATION LEVEL SERIALIZABLE;
CREATE TABLE rewritten.other_bill AS SELECT id, customer_id, currency, status, 6::numeric AS total
	FROM rewritten.bill;
CREATE OR REPLACE VIEW rewritten.invoice AS SELECT id AS invoice_id, customer_id, currency,
	status AS invoice_status, total, total AS amount_due, total AS amount_remaining
	FROM rewritten.other_bill;
SELECT document, book, items FROM rewritten.figures;
TRUNCATE rewritten.other_bill;
INSERT INTO rewritten.other_bill VALUES ('b', 'c', 'usd', 'open', 7);
SELECT document, book, items FROM rewritten.figures;
COMMIT;
CREATE OR REPLACE VIEW rewritten.invoice AS SELECT id AS invoice_id, customer_id, currency,
	status AS invoice_status, total, total AS amount_due, total AS amount_remaining
	FROM rewritten.bill;
DROP TABLE rewritten.other_bill;

-- tables of this session alone
BEGIN;
CREATE TEMP TABLE bill ON COMMIT DELETE ROWS AS SELECT * FROM rewritten.bill;
CREATE TEMP VIEW invoice AS SELECT customer_id, currency, status AS invoice_status, total
	FROM pg_temp.bill;
SELECT balance.customer_balance('c', pg_my_temp_schema()) -> 0 -> 'invoices' AS invoices;
TRUNCATE pg_temp.bill;
INSERT INTO pg_temp.bill VALUES ('b', 'c', 'usd', 'open', 9);
SELECT balance.customer_balance('c', pg_my_temp_schema()) -> 0 -> 'invoices' AS invoices;
COMMIT;
SELECT balance.customer_balance('c', pg_my_temp_schema()) AS emptied;

-- a statement that changes rows sees those that were there before, as in plain SQL
WITH paid AS (UPDATE rewritten.bill SET status = 'paid' RETURNING total)
SELECT (SELECT total FROM paid) AS paid, document, bills FROM rewritten.figures;
SELECT rewritten.load(8);

\set SHOW_CONTEXT never
-- a statement that began before: plain SQL would show nothing, and not say so
BEGIN;
DECLARE before CURSOR FOR SELECT document FROM generate_series(1, 2),
	LATERAL (SELECT balance.customer_balance(substr('c', 1, 1 + generate_series),
	'rewritten') -> 0 ->> 'total_invoices_ready_for_payment' AS document OFFSET 0) AS d;
FETCH before;
SELECT rewritten.load(9);
SELECT document, book FROM rewritten.figures;
SAVEPOINT s;
FETCH before;
ROLLBACK TO s;
SELECT document, book, items, bills FROM rewritten.figures;
COMMIT;
BEGIN ISOLATION LEVEL REPEATABLE READ;
DECLARE before CURSOR FOR SELECT document FROM generate_series(1, 2),
	LATERAL (SELECT balance.customer_balance(substr('c', 1, 1 + generate_series),
	'rewritten') -> 0 ->> 'total_invoices_ready_for_payment' AS document OFFSET 0) AS d;
FETCH before;
ALTER TABLE rewritten.deposit RENAME TO old_deposit;
FETCH before;
ROLLBACK;
SELECT * FROM rewritten.figures;

SET client_min_messages = warning;
DROP SCHEMA rewritten CASCADE;
