-- Amounts and reports in a reporting currency, by rates that a ledger declares.
\set SHOW_CONTEXT never
SET TimeZone = 'UTC';
SET client_min_messages = warning;
SELECT balance.create_ledger('declared');
SET balance.ledger = 'declared';
INSERT INTO declared.exchange_rate (currency, reporting_currency, valid_from, rate) VALUES
	('USD', 'EUR', '2026-01-01', 0.9), ('usd', 'eur', '2026-02-01', 0.91),
	('JPY', 'EUR', '2026-01-15', 0.0061), ('EUR', 'JPY', '2026-01-15', 163.5),
	('KWD', 'EUR', '2026-01-01', 3);

---- the product, rounded once, half away from zero, to the reporting currency's minor unit
SELECT currency, amount, reporting_currency, on_day,
	balance.in_reporting_currency(currency, amount, reporting_currency, on_day)
FROM (VALUES
	('usd', 100.00, 'EUR', '2026-01-31'::date), ('USD', 100.00, 'eur', '2026-02-01'),
	('usd', 2.5, 'eur', '2027-01-01'), ('usd', -2.5, 'eur', '2027-01-01'),
	('usd', 0.005, 'eur', '2026-01-01'), ('usd', 0.00555555555555555555555555, 'eur', '2026-01-01'),
	('eur', 1.015, 'jpy', '2026-01-15'), ('eur', 0.00305810397553516819571865, 'jpy', '2026-01-15'),
	('eur', 0.00305810397553516819571866, 'jpy', '2026-01-15'),
	('eur', 1.23456, 'EUR', '2020-01-01'), ('usd', 0, 'eur', '2026-01-01'),
	('usd', NULL, 'eur', '2020-01-01'))
	AS asked (currency, amount, reporting_currency, on_day);
-- more digits than a double has, and no more roundings than one
SELECT balance.in_reporting_currency('usd', 12345678901234567890123456.78, 'eur', '2026-01-01');
SELECT balance.converted(100.00, 0.91, 'kwd'), balance.converted(0.5, 1, 'jpy'),
	balance.converted(-0.5, 1, 'jpy'), balance.converted(1, NULL, 'jpy');
-- over many rows it is round(amount * rate, minor unit), which is exact
SELECT count(*) AS unlike FROM generate_series(-2000, 2000) g,
	LATERAL (SELECT g * 0.0005 + (g % 7) * 0.00000001 AS amount) a
WHERE balance.converted(amount, 0.91, 'eur') <> round(amount * 0.91, 2)
	OR balance.in_reporting_currency('usd', amount, 'eur', '2026-03-01') <> round(amount * 0.91, 2);

---- what is missing is an error that names it, never 1
SELECT balance.in_reporting_currency('usd', 1, 'eur', '2025-12-31');
SELECT balance.in_reporting_currency('EUR', 1, 'usd', '2026-12-31');
SELECT balance.in_reporting_currency('gbp', 1, 'eur', '-infinity');
SELECT balance.in_reporting_currency(NULL, 1, 'eur', '2026-01-01');
SELECT balance.in_reporting_currency('usd', 1, NULL, '2026-01-01');
SELECT balance.in_reporting_currency('usd', 1, 'eur', NULL);
SELECT balance.in_reporting_currency('usd', NULL, 'nil', '2026-01-01');
SELECT balance.in_reporting_currency('usd', 'NaN', 'eur', '2026-01-01');
SELECT balance.in_reporting_currency('usd', '-Infinity', 'eur', '2026-01-01');
SELECT balance.converted(1, 1, 'XAU');
SELECT balance.converted(1, 0, 'eur');
SELECT balance.converted(1, -0.9, 'eur');
SELECT balance.converted(1, 'NaN', 'eur');
SELECT balance.converted(1, 'Infinity', 'eur');
SELECT balance.converted(1e-9000, 1e-9000, 'eur');
SELECT balance.known_rate(0.9, 1, 'USD', 'EUR', '2026-01-01'),
	balance.known_rate(0.9, 1, NULL, 'EUR', '2026-01-01');
SELECT balance.known_rate(NULL, 1, 'USD', 'EUR', '2026-01-01');

---- rates that are none
CREATE SCHEMA undeclared;
SELECT balance.in_reporting_currency('usd', 1, 'eur', '2026-01-01', 'undeclared');
CREATE TABLE undeclared.exchange_rate (currency text, reporting_currency text, valid_from date,
	rate numeric);
INSERT INTO undeclared.exchange_rate VALUES ('usd', 'eur', '2026-01-01', 0.9),
	('USD', 'Eur', '2026-01-01', 0.9), ('usd', 'eur', '2026-01-02', NULL),
	('usd', 'eur', '2026-01-03', 0), ('usd', 'eur', '2026-01-04', -1),
	('usd', 'eur', '2026-01-05', 'NaN'), ('usd', 'eur', '2026-01-06', 'Infinity'),
	('usd', 'eur', '2026-01-07', 0.9), (NULL, 'eur', '2026-01-08', 0.9);
SELECT balance.in_reporting_currency('usd', 1, 'eur', '2026-01-01', 'undeclared');
SELECT balance.in_reporting_currency('usd', 1, 'eur', '2026-01-02', 'undeclared');
SELECT balance.in_reporting_currency('usd', 1, 'eur', '2026-01-03', 'undeclared');
SELECT balance.in_reporting_currency('usd', 1, 'eur', '2026-01-04', 'undeclared');
SELECT balance.in_reporting_currency('usd', 1, 'eur', '2026-01-05', 'undeclared');
SELECT balance.in_reporting_currency('usd', 1, 'eur', '2026-01-06', 'undeclared');
SELECT balance.in_reporting_currency('usd', 1, 'eur', '2026-01-07', 'undeclared');

---- reports
INSERT INTO declared.customer (customer_id, wb_customer_id) VALUES ('c1', 'seller'), ('c2', NULL);
INSERT INTO declared.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining, due_date) VALUES
	('i1', 'c1', 'usd', 'open', 100, 100, 33.335, '2026-01-01'),
	('i2', 'c1', 'EUR', 'paid', 10, 10, 0.005, NULL),
	('i3', 'c2', 'jpy', 'open', 1000, 1000, 1000, '2999-01-01');
INSERT INTO declared.invoice_line_item (invoice_id, price_type, amount) VALUES ('i1', 'usage', 0.5);
INSERT INTO declared.deposit VALUES ('d1', 'c1', 'usd', 'held', 5.5);
SELECT * FROM balance.report_customer_balance_in('eur', '2026-02-01') ORDER BY 1, 2, 5, 6;
SELECT customer_id, currency, total_revenue_amount AS revenue, total_unpaid_amount AS unpaid,
	unpaid_usage_charges AS usage, rate, rate_day, total_revenue_amount_in AS revenue_in,
	total_unpaid_amount_in AS unpaid_in, total_overdue_amount_in AS overdue_in,
	unpaid_usage_charges_in AS usage_in, unpaid_fixed_charges_in AS fixed_in
FROM balance.report_invoice_summary_in('EUR', '2026-02-01') ORDER BY 1, 2;
SELECT customer_id, currency, bucket, count, amount, reporting_currency, rate, rate_day, amount_in
FROM balance.report_ageing_in('EUR', '2026-01-20') WHERE count > 0 ORDER BY 1, 2;
-- the same rows as the views', each amount as the function of one converts it
SELECT count(*) AS rows, count(*) FILTER (WHERE v IS NULL OR f IS NULL OR
	f.total_in <> balance.in_reporting_currency(f.currency, f.total, 'eur', '2026-02-01')) AS unlike
FROM balance.report_customer_balance_in('eur', '2026-02-01') f
FULL JOIN declared.report_customer_balance v ON (v.customer_id, v.currency, v.minor_unit,
	v.wb_customer_id, v.kind, v.state, v.count, v.total) = (f.customer_id, f.currency,
	f.minor_unit, f.wb_customer_id, f.kind, f.state, f.count, f.total);
SELECT count(*) AS rows, count(*) FILTER (WHERE v IS NULL OR f IS NULL OR
	f.amount_in <> balance.in_reporting_currency(f.currency, f.amount, 'eur', '2026-02-01'))
	AS unlike
FROM balance.report_ageing_in('eur', '2026-02-01') f
FULL JOIN declared.report_ageing v ON (v.customer_id, v.currency, v.minor_unit, v.bucket, v.count,
	v.amount) = (f.customer_id, f.currency, f.minor_unit, f.bucket, f.count, f.amount);
INSERT INTO declared.credit_memo (credit_memo_id, business_id, customer_id, status, currency,
	amount, amount_applied, issue_date, reason, expires_at) VALUES
	('m1', 'b', 'c1', 'issued', 'usd', 1001, 0, '2026-01-01', 'r', '2999-02-10Z'),
	('m2', 'b', 'c1', 'issued', 'eur', 50, 20, '2026-01-01', 'r', NULL);
SELECT * FROM balance.report_customer_credits_in('eur', '2026-02-01') ORDER BY 1, 2;
SELECT customer_id, currency, month, amount, rate, rate_day, amount_in
FROM balance.report_credit_expiry_in('EUR', '2026-02-01') ORDER BY 1, 2;
BEGIN;
UPDATE declared.invoice SET amount_remaining = amount_due * 0, issued_at = '2026-01-10';
INSERT INTO declared.payment (payment_id, customer_id, currency, amount, paid_at, invoice_id)
SELECT invoice_id, customer_id, currency, amount_due, '2026-01-20', invoice_id
FROM declared.invoice;
SELECT month, currency, opening, invoiced, paid, closing, rate, rate_day, opening_in, invoiced_in,
	voided_in, paid_in, refunded_in, credited_in, closing_in
FROM balance.report_roll_forward_in('EUR', '2026-02-01') WHERE month = '2026-01-01' ORDER BY 2;
ROLLBACK;
SELECT * FROM balance.report_roll_forward_in('EUR', '2026-02-01');
SELECT * FROM balance.report_ageing_in('EUR', '2026-01-10');
SELECT * FROM balance.report_ageing_in(NULL, '2026-01-10');
SELECT * FROM balance.report_ageing_in('EUR', NULL);
SELECT * FROM balance.report_ageing_in('EUR', '2026-01-10', 'undeclared');
-- ids of another type are text here
CREATE SCHEMA numbered;
CREATE VIEW numbered.invoice AS SELECT 7.00::numeric AS customer_id, 1 AS invoice_id,
	'usd' AS currency, 'open' AS invoice_status, 1.5 AS total, 1.5 AS amount_due,
	1.5 AS amount_remaining;
CREATE VIEW numbered.exchange_rate AS SELECT 'usd' AS currency, 'eur' AS reporting_currency,
	'2026-01-01'::date AS valid_from, 2 AS rate;
SELECT customer_id, total, total_in
FROM balance.report_customer_balance_in('eur', '2026-02-01', 'numbered');
SELECT * FROM balance.report_customer_credits_in('eur', '2026-02-01', 'numbered');
SELECT * FROM balance.report_credit_expiry_in('eur', '2026-02-01', 'numbered');
-- memos without an end are in no month
CREATE VIEW numbered.credit_memo AS SELECT 7.0 AS customer_id, 1 AS credit_memo_id,
	'b'::text AS business_id, 'issued' AS status, 'usd' AS currency, 150 AS amount,
	0 AS amount_applied, '2026-01-01'::date AS issue_date, now() AS created_at, now() AS updated_at,
	'r'::text AS reason;
SELECT customer_id, month, amount, amount_in
FROM balance.report_credit_expiry_in('eur', '2026-02-01', 'numbered');
-- and where relations have ids of several types
CREATE VIEW numbered.deposit AS SELECT '7.00'::text AS customer_id, 1 AS deposit_id,
	'usd' AS currency, 'held' AS status, 3 AS amount;
SELECT customer_id, kind, total, total_in
FROM balance.report_customer_balance_in('eur', '2026-02-01', 'numbered') ORDER BY 1, 2;

---- with the caller's rights
CREATE ROLE regress_declared;
GRANT USAGE ON SCHEMA declared TO regress_declared;
SET ROLE regress_declared;
SELECT balance.in_reporting_currency('usd', 1, 'eur', '2026-01-01');
RESET ROLE;
DROP OWNED BY regress_declared;
DROP ROLE regress_declared;
