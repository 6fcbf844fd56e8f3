-- What a customer owes in the end.
\set SHOW_CONTEXT never
SET TimeZone = 'UTC';
SET client_min_messages = warning;
SELECT balance.create_ledger('netted');
SET balance.ledger = 'netted';
INSERT INTO netted.customer (customer_id) VALUES ('c1'), ('c2'), ('c3');
INSERT INTO netted.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining, issued_at) VALUES
	('open', 'c1', 'usd', 'open', 100, 100, 40, '2026-01-01'),
	('draft', 'c1', 'USD', 'draft', 7, 7, 7, '2026-01-01'),
	('void', 'c1', 'usd', 'void', 50, 50, 30, '2026-01-01'),
	('over', 'c1', 'usd', 'paid', 10, 10, -5, '2026-01-01'),
	('even', 'c1', 'usd', 'paid', 10, 10, 0, '2026-01-01'),
	('credit', 'c1', 'usd', 'paid', -10, -10, 2, '2026-01-01'),
	('euro', 'c1', 'eur', 'open', 8.125, 8.125, 8.125, '2026-01-01');
INSERT INTO netted.payment (payment_id, customer_id, currency, amount, paid_at, status, invoice_id)
VALUES ('p1', 'c1', 'usd', 60, '2026-01-15', 'paid', 'open'),
	('p2', 'c1', 'usd', 2, '2026-01-15', NULL, 'draft'),
	('p3', 'c1', 'usd', 20, '2026-01-15', NULL, 'void'),
	('p4', 'c2', 'usd', 15, '2026-01-15', NULL, 'over'),
	('p5', 'c1', 'usd', 1000, '2026-01-15', 'failed', NULL),
	('p6', 'c1', 'gbp', 9, '2026-01-15', NULL, 'euro'),
	('p7', 'c1', 'usd', -1, '2026-01-15', NULL, NULL),
	('p8', 'c2', 'usd', 500, '2026-01-15', NULL, NULL);
INSERT INTO netted.deposit (deposit_id, customer_id, currency, status, amount) VALUES
	('d1', 'c1', 'usd', 'held', 11), ('d2', 'c1', 'usd', 'On-Hold', 1),
	('d3', 'c1', 'usd', 'refunded', 300), ('d4', 'c2', 'jpy', 'paid', 4000);
INSERT INTO netted.credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	amount_applied, amount_refunded, issue_date, reason, expires_at)
VALUES ('m1', 'b', 'c1', 'partially_applied', 'usd', 500, 150, 100, '2026-01-01', 'r', NULL),
	('m2', 'b', 'c1', 'issued', 'usd', 900, 0, 0, '2026-01-01', 'r', '2026-02-01'),
	('m3', 'b', 'c1', 'issued', 'kwd', 1250, 0, 0, '2026-01-01', 'r', NULL);
SELECT * FROM balance.unapplied_cash('c1');
SELECT * FROM balance.net_rows('c1');
SELECT * FROM balance.net_rows('c1', '{held,refunded}');
-- what does not say whether it is held
SELECT * FROM balance.net_rows('c2');
SELECT * FROM balance.net_rows('c2', '{paid}');
SELECT status, balance.deposit_is_held(status) FROM unnest('{Held,on hold,refunded,NULL}'::text[])
	status;
SELECT balance.known_status('deposit', 'held'), balance.known_status('deposit', 'paid');
-- nobody, nothing
SELECT * FROM balance.net_rows('c3');
SELECT * FROM balance.net_rows(NULL);
SELECT * FROM balance.net_rows('nobody');
SELECT * FROM balance.unapplied_cash('nobody');
-- what is in no currency is in no row without a word
ALTER TABLE netted.payment ALTER currency DROP NOT NULL;
BEGIN;
INSERT INTO netted.payment (payment_id, customer_id, currency, amount, paid_at)
VALUES ('p9', 'c1', NULL, 5, '2026-01-15');
SAVEPOINT asked;
SELECT * FROM balance.unapplied_cash('c1');
ROLLBACK TO asked;
SELECT * FROM balance.net_rows('c1');
ROLLBACK TO asked;
UPDATE netted.payment SET currency = 'nil' WHERE payment_id = 'p9';
SELECT * FROM balance.unapplied_cash('c1');
ROLLBACK;
-- the query is kept: it is another one as soon as a relation is
BEGIN;
ALTER TABLE netted.payment RENAME TO paid;
SELECT * FROM balance.unapplied_cash('c1');
ALTER TABLE netted.customer RENAME TO somebody;
SELECT * FROM balance.unapplied_cash('nobody');
ROLLBACK;
SELECT * FROM balance.unapplied_cash('c1');
-- what is missing holds nothing, but for invoices
DROP TABLE netted.payment, netted.deposit CASCADE;
SELECT * FROM balance.net_rows('c1');
ALTER TABLE netted.invoice RENAME TO i;
SELECT * FROM balance.net_rows('c1');
DROP SCHEMA netted CASCADE;
