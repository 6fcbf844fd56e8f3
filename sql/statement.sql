-- A customer's statement: what was owed, what happened, what is owed.
\set SHOW_CONTEXT never
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SET client_min_messages = warning;
SELECT balance.create_ledger('stated');
SET balance.ledger = 'stated';
INSERT INTO stated.customer (customer_id) VALUES ('c1'), ('c2'), ('c3');
INSERT INTO stated.invoice (invoice_id, customer_id, currency, invoice_status, number, total,
	amount_due, amount_remaining, issued_at, finalized_at, voided_at) VALUES
	('i1', 'c1', 'usd', 'open', 'N1', 100, 100, 25, '2026-01-09', '2026-01-10', NULL),
	('i2', 'c1', 'EUR', 'paid', 'N2', 10, 10, 0, '2026-01-05', NULL, NULL),
	('i3', 'c2', 'jpy', 'open', NULL, 1000, 1000, 1000, '2026-01-01 23:30+00', NULL, NULL),
	('i4', 'c1', 'usd', 'void', 'N4', 50, 50, 50, '2026-01-20', NULL, '2026-02-03'),
	('i5', 'c1', 'usd', 'draft', 'N5', 7, 7, 7, NULL, NULL, NULL);
INSERT INTO stated.payment (payment_id, customer_id, currency, amount, paid_at, status, invoice_id)
VALUES ('p1', 'c1', 'usd', 80, '2026-01-15', 'succeeded', 'i1'),
	('p2', 'c1', 'usd', -20, '2026-02-15', NULL, 'i1'),
	('p3', 'c2', 'eur', 10, '2026-01-07', NULL, 'i2'),
	('p4', 'c1', 'usd', 5, '2026-02-01', 'paid', NULL),
	('p5', 'c1', 'usd', 500, '2026-02-01', 'failed', NULL);
INSERT INTO stated.credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	amount_applied, issue_date, reason)
VALUES ('m1', 'b', 'c1', 'partially_applied', 'usd', 5000, 1500, '2026-01-01', 'r');
INSERT INTO stated.credit_memo_application (application_id, credit_memo_id, invoice_id,
	amount_applied, applied_at, reversed_at) VALUES
	('a1', 'm1', 'i1', 1500, '2026-02-02', NULL), ('a2', 'm1', 'i4', 1000, '2026-01-22', NULL),
	('a3', 'm1', 'i1', 300, '2026-01-12', '2026-01-13'),
	('a4', 'm1', 'i1', 300, '2026-01-02', '2026-01-03');

---- each opening balance is the closing balance before
SELECT * FROM balance.statement('c1', '2026-01-01', '2026-01-31');
SELECT * FROM balance.statement('c1', '2026-02-01', '2026-02-28');
SELECT * FROM balance.statement('c1', '2026-03-01', '2026-03-31', 'usd');
SELECT jsonb_pretty(balance.statement_document('c1', '2026-02-02', '2026-02-02', 'usd'));
-- nothing yet, nothing in that currency, nobody
SELECT * FROM balance.statement('c1', '2025-02-01', '2025-02-28');
SELECT * FROM balance.statement('c1', '2025-02-01', '2025-02-28', 'gbp');
SELECT * FROM balance.statement('c3', '2025-02-01', '2025-02-28');
SELECT balance.statement_document('c3', '2025-02-01', '2025-02-28');
SELECT balance.statement_document('c3', '2025-02-01', '2025-02-28', 'jpy');
SELECT balance.statement_document(NULL, '2025-02-01', '2025-02-28') IS NULL AS none,
	(SELECT count(*) FROM balance.statement(NULL, '2025-02-01', '2025-02-28')) AS rows;
-- the days are those of the zone, also where clocks go back over midnight
SELECT zone, currency, day, kind, amount, balance FROM unnest('{UTC,Europe/Berlin}'::text[]) zone,
	balance.statement('c2', '2026-01-02', '2026-01-02', 'jpy', zone);
UPDATE stated.invoice SET issued_at = '2025-11-02 04:30+00' WHERE invoice_id = 'i3';
SELECT day, at, kind FROM balance.statement('c2', '2025-11-02', '2025-11-02', NULL,
	'America/Havana');
SELECT day, at, kind FROM balance.statement('c2', '2025-11-01', '2025-11-01', NULL,
	'America/Havana');

---- what cannot be told is refused
SELECT * FROM balance.statement('nobody', '2026-01-01', '2026-01-31');
SELECT * FROM balance.statement('c1', '2026-01-31', '2026-01-01');
SELECT * FROM balance.statement('c1', NULL, '2026-01-01');
SELECT * FROM balance.statement('c1', '2026-01-01', NULL);
SELECT * FROM balance.statement('c1', '2026-01-01', 'infinity');
SELECT * FROM balance.statement('c1', '2026-01-01', '2026-01-31', 'nil');
SELECT * FROM balance.statement('c1', '2026-01-01', '2026-01-31', NULL, '+02:00');
SELECT * FROM balance.statement('c1', '2026-01-01', '2026-01-31', NULL, NULL);
BEGIN;
UPDATE stated.invoice SET amount_remaining = 26 WHERE invoice_id = 'i1';
UPDATE stated.invoice SET voided_at = NULL WHERE invoice_id = 'i4';
UPDATE stated.invoice SET issued_at = NULL WHERE invoice_id = 'i2';
SAVEPOINT asked;
SELECT * FROM balance.statement('c1', '2026-01-01', '2026-01-31');
ROLLBACK TO asked;
-- of one currency, what is wrong in another does not matter
SELECT * FROM balance.statement('c1', '2026-01-01', '2026-01-31', 'eur');
ROLLBACK TO asked;
-- nor a void invoice that had not been issued
SELECT * FROM balance.statement('c1', '2026-01-01', '2026-01-10', 'usd');
ROLLBACK;
BEGIN;
UPDATE stated.invoice SET invoice_status = 'paid' WHERE invoice_id = 'i1';
SELECT * FROM balance.statement('c1', '2026-01-01', '2026-01-31');
ROLLBACK;
BEGIN;
UPDATE stated.invoice SET invoice_status = 'lost' WHERE invoice_id = 'i3';
SELECT count(*) FROM balance.statement('c1', '2026-01-01', '2026-01-31');
SELECT * FROM balance.statement('c2', '2026-01-01', '2026-01-31');
ROLLBACK;
-- views may hold what tables do not
CREATE SCHEMA loose;
CREATE TABLE loose.invoice AS SELECT invoice_id, customer_id, currency, invoice_status, total,
	amount_due, amount_remaining, issued_at FROM stated.invoice WHERE invoice_id = 'i3';
CREATE TABLE loose.payment AS SELECT payment_id, customer_id, currency, amount, paid_at
	FROM stated.payment WHERE false;
SELECT kind, amount, balance FROM balance.statement('c2', '2025-11-02', '2025-11-02', NULL, 'UTC',
	'loose');
-- movements without an id, invoices without one, amounts of any size
BEGIN;
INSERT INTO loose.payment SELECT id, 'c2', 'jpy', amount, '2026-01-05'
	FROM (VALUES ('p', 1e40), (NULL, 2e40), (NULL, -3e40)) AS v(id, amount);
INSERT INTO loose.invoice SELECT NULL, 'c2', 'jpy', 'open', a, a, a, '2026-01-05'
	FROM unnest('{7,8}'::numeric[]) a;
SELECT kind, document_id, amount, balance
	FROM balance.statement('c2', '2026-01-01', '2026-01-31', NULL, 'UTC', 'loose');
ROLLBACK;
INSERT INTO loose.payment VALUES ('p', 'c2', 'jpy', 'NaN', now());
SELECT * FROM balance.statement('c2', '2025-11-02', '2025-11-02', NULL, 'UTC', 'loose');
UPDATE loose.payment SET amount = 1, paid_at = NULL;
SELECT * FROM balance.statement('c2', '2025-11-02', '2025-11-02', NULL, 'UTC', 'loose');
UPDATE loose.payment SET paid_at = '2025-11-02', currency = NULL;
SELECT * FROM balance.statement('c2', '2025-11-02', '2025-11-02', NULL, 'UTC', 'loose');
UPDATE loose.payment SET currency = 'zzz';
SELECT * FROM balance.statement('c2', '2025-11-02', '2025-11-02', NULL, 'UTC', 'loose');
DROP TABLE loose.payment;
UPDATE loose.invoice SET amount_remaining = NULL;
SELECT * FROM balance.statement('c2', '2025-11-02', '2025-11-02', NULL, 'UTC', 'loose');
UPDATE loose.invoice SET amount_remaining = 1000, amount_due = NULL;
SELECT * FROM balance.statement('c2', '2025-11-02', '2025-11-02', NULL, 'UTC', 'loose');
DROP TABLE loose.invoice;
SELECT * FROM balance.statement('c2', '2025-11-02', '2025-11-02', NULL, 'UTC', 'loose');

---- at one instant
BEGIN;
-- by what they are, then by their own ids, whatever the amounts
INSERT INTO stated.payment (payment_id, customer_id, currency, amount, paid_at) VALUES
	('q2', 'c3', 'usd', 2, '2026-01-05'), ('q1', 'c3', 'usd', 3, '2026-01-05'),
	('q3', 'c3', 'usd', -1, '2026-01-05');
INSERT INTO stated.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining, issued_at) VALUES ('i6', 'c3', 'usd', 'open', 9, 9, 6, '2026-01-05');
INSERT INTO stated.credit_memo_application (application_id, credit_memo_id, invoice_id,
	amount_applied, applied_at) VALUES
	('a6', 'm1', 'i6', 100, '2026-01-05'), ('a7', 'm1', 'i6', 200, '2026-01-05');
SELECT kind, document_id, amount, balance FROM balance.statement('c3', '2026-01-01', '2026-01-31');
ROLLBACK;

---- voided before it was issued: it was never owed
BEGIN;
INSERT INTO stated.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining, issued_at, voided_at) VALUES
	('v1', 'c3', 'usd', 'void', 10, 10, 10, '2026-01-05', '2026-01-03');
SELECT day, kind, balance FROM balance.statement('c3', '2026-01-01', '2026-01-31');
ROLLBACK;

---- paid, and something left
BEGIN;
INSERT INTO stated.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining, issued_at) VALUES
	('n1', 'c3', 'usd', 'paid', -10, -10, -4, '2026-01-05');
INSERT INTO stated.payment (payment_id, customer_id, currency, amount, paid_at, invoice_id)
VALUES ('r1', 'c3', 'usd', -6, '2026-01-06', 'n1');
SAVEPOINT less;
-- of a credit not all was paid out
SELECT * FROM balance.statement('c3', '2026-01-01', '2026-01-31');
ROLLBACK TO less;
-- or too much
UPDATE stated.payment SET amount = -12 WHERE payment_id = 'r1';
UPDATE stated.invoice SET amount_remaining = 2 WHERE invoice_id = 'n1';
SELECT kind, amount, balance FROM balance.statement('c3', '2026-01-01', '2026-01-31');
-- what is no number explains nothing
CREATE SCHEMA nan;
CREATE TABLE nan.invoice AS SELECT invoice_id, customer_id, currency, invoice_status, total,
	amount_due, 'NaN'::numeric AS amount_remaining, issued_at FROM stated.invoice
	WHERE invoice_id = 'n1';
SELECT * FROM balance.statement('c3', '2026-01-01', '2026-01-31', NULL, 'UTC', 'nan');
ROLLBACK;

---- a view that changes the ledger as it is read: the query is run again, and each line is there
-- once
CREATE SCHEMA grows;
CREATE TABLE grows.base AS SELECT 'i'::text AS invoice_id, 'c'::text AS customer_id,
	'usd'::text AS currency, 'open'::text AS invoice_status, 9.00 AS total, 9.00 AS amount_due,
	9.00 AS amount_remaining, timestamptz '2026-01-05' AS issued_at;
CREATE FUNCTION grows.grow() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	CREATE TABLE IF NOT EXISTS grows.payment (payment_id text, customer_id text, currency text,
		amount numeric, paid_at timestamptz);
	RETURN true;
END $$;
CREATE VIEW grows.invoice AS SELECT * FROM grows.base WHERE grows.grow();
SELECT kind, amount, balance FROM balance.statement('c', '2026-01-01', '2026-01-31', NULL, 'UTC',
	'grows');
DROP TABLE grows.payment;
SELECT invoice_id, amount_remaining
FROM balance.open_items('c', '2026-01-31', 'UTC', 'grows');

---- where clocks are put back over midnight, a line is of the day that has begun
INSERT INTO stated.payment (payment_id, customer_id, currency, amount, paid_at)
SELECT 'b' || at, 'c2', 'cad', 1, at FROM unnest('{2009-11-01 02:29Z,2009-11-01 02:30:30Z,
	2009-11-01 02:45Z,2009-11-01 03:30Z}'::timestamptz[]) at;
SELECT day, at, at AT TIME ZONE 'America/St_Johns' AS local, kind, balance
FROM balance.statement('c2', '2009-10-31', '2009-11-01', 'cad', 'America/St_Johns');
SELECT day, kind, balance
FROM balance.statement('c2', '2009-10-31', '2009-10-31', 'cad', 'America/St_Johns');
-- a day that there was not
SELECT day, kind, balance
FROM balance.statement('c2', '2011-12-30', '2011-12-30', 'cad', 'Pacific/Apia');

---- many lines
INSERT INTO stated.payment (payment_id, customer_id, currency, amount, paid_at)
SELECT 'x' || g, 'c3', 'usd', 0.01, '2026-01-01'::timestamptz + g * interval '1 minute'
FROM generate_series(1, 100000) g;
SELECT count(*), sum(amount), min(balance) FROM balance.statement('c3', '2026-01-01', '2026-12-31');
SELECT jsonb_array_length(d->'balances'->0->'movements'), d->'balances'->0->>'closing_balance'
FROM balance.statement_document('c3', '2026-01-01', '2026-12-31') d;

DROP SCHEMA loose CASCADE;
