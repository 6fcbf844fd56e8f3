-- Ledgers with old currencies: withdrawn codes are shown everywhere, and void rows in no currency
-- count nowhere.
\set SHOW_CONTEXT never
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SELECT balance.create_ledger('older');
SET balance.ledger = 'older';
ALTER TABLE older.invoice DROP CONSTRAINT invoice_currency_check;
INSERT INTO older.customer (customer_id, business_id, default_currency) VALUES ('hr', 'b', 'HRK'),
	('void', 'b', NULL), ('only', 'b', NULL);
INSERT INTO older.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining, due_date) VALUES
 ('kuna', 'hr', 'HRK', 'paid', 753.45, 753.45, 0, '2022-06-30'),
 ('lira', 'hr', 'itl', 'open', 1936, 1936, 1936, '2001-06-30'),
 ('euro', 'hr', 'EUR', 'open', 60, 60, 60, '2026-05-31'),
 ('usdt', 'void', 'USDT', 'void', 12.345678, 12.345678, 12.345678, '2026-05-31'),
 ('real', 'void', 'EUR', 'open', 7, 7, 7, '2026-05-31'),
 ('none', 'only', '', 'canceled', 1, 1, 1, '2026-05-31');
INSERT INTO older.invoice_line_item VALUES ('lira', 'usage', 1936), ('usdt', 'usage', 12);
INSERT INTO older.deposit VALUES ('d', 'hr', 'hrk', 'settled', 10);
INSERT INTO older.vcu_invoice (vcu_invoice_id, customer_id, currency, status, units)
	VALUES ('v', 'hr', 'HRK', 'paid', 5), ('w', 'void', 'XXA', 'cancelled', 5);
INSERT INTO older.vcu_order (vcu_order_id, customer_id, currency, status, units, pay_with_balance)
	VALUES ('o', 'void', 'XXA', 'refunded', 5, true);
INSERT INTO older.credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	amount_applied, issue_date, reason) VALUES
 ('m', 'b', 'hr', 'issued', 'HRK', 1050, 0, '2022-01-01', 'other'),
 ('n', 'b', 'void', 'void', 'XXA', 1050, 0, '2022-01-01', 'other');

-- the documents
SELECT e FROM jsonb_array_elements(balance.customer_balance('hr')) e;
SELECT balance.invoice_summary('hr', '2026-06-30', 'UTC') - 'summaries' || '{"currencies": 3}';
SELECT s FROM jsonb_array_elements(balance.invoice_summary('hr', '2026-06-30',
	'UTC') -> 'summaries') s;
SELECT balance.vcu_balance('hr');
SELECT d -> 'total_credits_available_dollars', d #>> '{credit_memos,0,currency}'
	FROM balance.customer_credits('hr') d;
SELECT id, amount FROM balance.items('hr', 'invoices.paid', 'hrk');
SELECT balance.customer_balance('void');
SELECT balance.invoice_summary('void', '2026-06-30', 'UTC');
SELECT balance.vcu_balance('void');
SELECT balance.customer_credits('void') -> 'credit_memos';
SELECT balance.customer_balance('only'), balance.invoice_summary('only', '2026-06-30', 'UTC'),
	balance.vcu_balance('only');

-- the books and the report views
SELECT customer_id, jsonb_array_length(document) FROM balance.customer_balances(true) ORDER BY 1;
SELECT customer_id, jsonb_array_length(document -> 'summaries')
	FROM balance.invoice_summaries('2026-06-30', 'UTC') ORDER BY 1;
SELECT customer_id, document FROM balance.vcu_balances() ORDER BY 1;
SELECT customer_id, total_unpaid_amount FROM balance.top_debtors('itl', 1, '2026-06-30', 'UTC');
SELECT * FROM older.report_customer_balance ORDER BY 1, 2, 4, 5;
SELECT customer_id, currency, minor_unit, total_unpaid_amount FROM older.report_invoice_summary
	ORDER BY 1, 2;
SELECT customer_id, currency, bucket, amount FROM older.report_ageing WHERE amount > 0
	ORDER BY 1, 2;
SELECT * FROM older.report_vcu_balance ORDER BY 1, 2;
SELECT * FROM older.report_customer_credits ORDER BY 1, 2;
SELECT customer_id, total_unpaid_amount FROM older.report_invoice_summary WHERE currency = 'USDT';

-- a void row's currency is told, all the same
SELECT relation, id, found FROM balance.verify('older') WHERE rule = 'unknown_currency'
	ORDER BY 1, 2;
-- and matters as soon as it counts
UPDATE older.invoice SET invoice_status = 'draft' WHERE invoice_id = 'usdt';
SELECT balance.customer_balance('void');
SELECT * FROM balance.customer_balances();
DROP SCHEMA older CASCADE;
