-- Ledgers whose amounts are integers in minor units: total_minor in place of total, and so on.
CREATE SCHEMA cents;
SET search_path = cents;
CREATE TABLE invoice (invoice_id int PRIMARY KEY, customer_id text, currency text,
	invoice_status text, total_minor bigint, amount_due_minor int, amount_remaining_minor smallint,
	due_date date, issued_at timestamptz DEFAULT '2026-01-01Z');
CREATE TABLE invoice_line_item (invoice_id int, price_type text, amount_minor bigint);
CREATE TABLE deposit (deposit_id int PRIMARY KEY, customer_id text, currency text, status text,
	amount_minor bigint);
CREATE TABLE payment (payment_id int PRIMARY KEY, customer_id text, currency text,
	amount_minor bigint, paid_at timestamptz, invoice_id int);
INSERT INTO invoice VALUES (1, 'a', 'usd', 'open', 1250, 1250, 1250, '2026-01-31'),
	(2, 'a', 'JPY', 'open', 1250, 1250, 1250, '2026-01-31'),
	(3, 'a', 'kwd', 'open', 1250, 1250, 250, '2026-01-31'),
	(4, 'a', 'CLF', 'paid', 1250, 1250, 0, NULL), (5, 'a', 'xau', 'draft', 1250, 1250, 1250, NULL);
INSERT INTO invoice_line_item VALUES (1, 'usage', 1250), (2, 'usage', 1250), (3, NULL, 1250);
INSERT INTO deposit VALUES (1, 'a', 'usd', 'held', 9223372036854775807),
	(2, 'a', 'kwd', 'held', -1);
INSERT INTO payment VALUES (1, 'a', 'kwd', 1000, '2026-01-10Z', 3),
	(2, 'a', 'clf', 1250, '2026-01-10Z', 4);
CREATE INDEX ON invoice (customer_id);
CREATE INDEX ON invoice_line_item (invoice_id);
CREATE INDEX ON deposit (customer_id);
CREATE INDEX ON payment (customer_id);
CREATE INDEX ON payment (invoice_id);
SELECT relation, "column", severity, message FROM balance.check_ledger('cents')
WHERE severity <> 'notice' OR "column" LIKE '%total%' OR "column" LIKE '%amount%';
SELECT * FROM balance.verify('cents');

-- each answer is in major units of the currency
SELECT jsonb_pretty(balance.customer_balance('a', 'cents'));
SELECT s->>'currency' AS currency, s->>'total_revenue_amount' AS revenue,
	s->>'total_unpaid_amount' AS unpaid, s->>'unpaid_usage_charges' AS usage,
	s->>'unpaid_fixed_charges' AS fixed
FROM jsonb_array_elements(balance.invoice_summary('a', '2026-02-02Z', 'UTC', 'cents')
	->'summaries') s;
SELECT currency, relation, id, amount, item->'total_minor' AS total_minor
FROM unnest('{USD,JPY,KWD}'::text[]) currency, balance.items('a', 'total_unpaid_amount', currency,
	'2026-02-02Z', 'UTC', 'cents') i (relation, id, class, amount, item);
SELECT * FROM balance.statement('a', '2026-01-01', '2026-01-31', NULL, 'UTC', 'cents');
SELECT balance.position_at('a', '2026-01-05Z', 'UTC', 'cents');
SELECT count(*) > 0 AS made FROM balance.create_report_views('UTC', 'cents');
SELECT currency, state, count, total FROM report_customer_balance ORDER BY 1, 2;
SET balance.log_queries = on;
SET client_min_messages = log;
SELECT length(balance.customer_balance('a', 'cents')::text) > 0 AS logged;
RESET client_min_messages;
RESET balance.log_queries;

-- what verify finds is said in major units, too
UPDATE invoice SET amount_remaining_minor = 1251 WHERE invoice_id = 2;
INSERT INTO deposit VALUES (3, 'a', 'usd', 'held', NULL), (4, 'b', 'usdt', 'held', 5);
INSERT INTO invoice_line_item VALUES (1, 'usage', NULL);
INSERT INTO invoice VALUES (6, 'a', 'usdt', 'void', 5, 5, 0);
SELECT rule, relation, id, expected, found FROM balance.verify('cents');
SELECT balance.customer_balance('b', 'cents');
SELECT balance.customer_balance('a', 'cents');
DELETE FROM deposit WHERE deposit_id > 2;
DELETE FROM invoice_line_item WHERE amount_minor IS NULL;
UPDATE invoice SET amount_remaining_minor = 1250 WHERE invoice_id = 2;
-- a void invoice in no currency leaves no trace; an open one is an error wherever it counts
\set SHOW_CONTEXT never
SELECT count(*) FROM jsonb_array_elements(balance.customer_balance('a', 'cents'));
UPDATE invoice SET invoice_status = 'open' WHERE invoice_id = 6;
SELECT balance.customer_balance('a', 'cents');
SELECT * FROM balance.statement('a', '2026-01-01', '2026-01-31', NULL, 'UTC', 'cents');
SELECT * FROM balance.open_items('a', '2026-01-05Z', 'UTC', 'cents');
SELECT * FROM balance.roll_forward('2026-01-01', '2026-01-31', NULL, 'UTC', 'cents');
DELETE FROM invoice WHERE invoice_id = 6;

-- an amount in both units is refused
SELECT balance.drop_report_views('cents') > 0 AS dropped;
ALTER TABLE deposit ADD amount numeric;
SELECT balance.customer_balance('a', 'cents');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM balance.verify('cents');
SELECT relation, "column", severity, message, hint FROM balance.check_ledger('cents')
WHERE relation = 'deposit' AND severity <> 'notice';
SELECT balance.invoice_summary('a', '2026-02-02Z', 'UTC', 'cents') IS NOT NULL AS not_read;
ALTER TABLE deposit DROP amount;
-- so is what may have decimals
ALTER TABLE deposit ALTER amount_minor TYPE numeric;
SELECT balance.customer_balance('a', 'cents');
\echo :LAST_ERROR_SQLSTATE
SELECT relation, "column", severity, message, hint FROM balance.check_ledger('cents')
WHERE relation = 'deposit' AND severity <> 'notice';
ALTER TABLE deposit ALTER amount_minor TYPE float8 USING 1;
SELECT "column", message, hint FROM balance.check_ledger('cents') WHERE relation = 'deposit';
ALTER TABLE deposit ALTER amount_minor TYPE bigint;
-- and what has none of them
ALTER TABLE deposit RENAME amount_minor TO amount_cents;
SELECT balance.customer_balance('a', 'cents');
SELECT "column", severity, message, hint FROM balance.check_ledger('cents')
WHERE relation = 'deposit';
ALTER TABLE deposit RENAME amount_cents TO amount_minor;
SELECT "column", severity, message FROM balance.check_ledger('cents') WHERE relation = 'deposit';

-- a ledger that is upgraded keeps its minor units
BEGIN;
ALTER TABLE invoice ALTER invoice_id TYPE text;
SELECT relation, "column" FROM balance.upgrade_ledger('cents')
WHERE relation IN ('invoice', 'deposit', 'payment', 'invoice_line_item');
SELECT relation, "column", message FROM balance.check_ledger('cents')
WHERE severity = 'error' OR "column" LIKE '%minor';
ROLLBACK;

-- a store of them, and what becomes of it when another unit comes
SELECT relation, valid FROM balance.maintain('cents') ORDER BY 1;
UPDATE deposit SET amount_minor = 1250;
INSERT INTO deposit VALUES (9, 'a', 'usdt', 'held', 1);
SELECT relation, valid, bad_rows FROM balance.maintenance('cents') ORDER BY 1;
DELETE FROM deposit WHERE deposit_id = 9;
SELECT balance.customer_balance('a', 'cents')->0->'deposits' AS clf,
	balance.customer_balance('a', 'cents')->2->'deposits' AS kwd;
ALTER TABLE deposit ADD amount numeric;
UPDATE deposit SET amount = 99;
SELECT relation, valid FROM balance.maintenance('cents') ORDER BY 1;
SELECT balance.customer_balance('a', 'cents');
ALTER TABLE deposit DROP amount_minor;
SELECT balance.customer_balance('a', 'cents')->2->'deposits' AS kwd;
SELECT relation, valid FROM balance.repair('cents') ORDER BY 1;
SELECT count(*) FROM balance.verify('cents');
SELECT balance.stop_maintaining('cents');
SET client_min_messages = warning;
DROP SCHEMA cents CASCADE;
