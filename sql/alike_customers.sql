-- Customers that invoices take for one and what refers to them tells apart, and rows
-- without a customer: nothing counts twice, and nothing is left out.
CREATE SCHEMA alike;
SET search_path = alike;
\set SHOW_CONTEXT never
SET balance.ledger = 'alike';
SET TimeZone = 'UTC';
CREATE COLLATION nd (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE customer (customer_id text PRIMARY KEY);
INSERT INTO customer VALUES ('c1');
CREATE TABLE invoice (customer_id text COLLATE nd, invoice_id text, currency text,
	invoice_status text, total numeric, amount_due numeric, amount_remaining numeric,
	due_date date, issued_at timestamptz, voided_at timestamptz,
	PRIMARY KEY (customer_id, invoice_id));
CREATE TABLE payment (payment_id text PRIMARY KEY, customer_id text NOT NULL, currency text,
	amount numeric, paid_at timestamptz, invoice_id text);
CREATE TABLE credit_memo_application (application_id int, credit_memo_id int, invoice_id text,
	customer_id text NOT NULL, amount_applied bigint, applied_at timestamptz,
	reversed_at timestamptz);
INSERT INTO invoice VALUES
	('c1', 'v', 'usd', 'void', 100, 100, 0, '2026-01-20', '2026-01-10', '2026-02-10'),
	('c1', 'o', 'usd', 'open', 50, 50, 20, '2026-01-20', '2026-01-10', NULL);
INSERT INTO payment VALUES ('p1', 'c1', 'usd', 30, '2026-01-15', 'v'),
	('p2', 'c1', 'usd', 10, '2026-01-15', 'o'), ('p3', 'C1', 'usd', 20, '2026-01-16', 'o');
INSERT INTO credit_memo_application VALUES
	(1, 1, 'v', 'c1', 6000, '2026-01-11', NULL), (2, 1, 'v', 'C1', 7000, '2026-01-11', NULL);
SELECT opening, invoiced, voided, paid, closing
FROM balance.roll_forward('2026-01-01', '2026-02-28');
SELECT month, currency, invoiced, voided, paid, closing FROM balance.roll_forward_months()
WHERE month < '2026-03-01';
-- 130 applied to an invoice of 100, by two names of one customer
SELECT rule, relation, id, expected, found FROM balance.verify('alike')
WHERE rule LIKE 'applied%' ORDER BY 1, 2, 3;
-- no customer at all, where one is asked for by the key
INSERT INTO invoice VALUES ('c1', 'x', 'usd', 'paid', 1, 1, 0, '2026-01-20', '2026-01-10', NULL);
ALTER TABLE payment ALTER customer_id DROP NOT NULL;
INSERT INTO payment VALUES ('p4', NULL, 'usd', 5, '2026-01-15', 'nope');
SELECT rule, relation, id, expected, found FROM balance.verify('alike')
WHERE relation = 'payment' ORDER BY 1, 2, 3;
-- ids of invoices that line items take for one, and that no line item names: no error
CREATE TABLE invoice_line_item (invoice_id text COLLATE nd, price_type text, amount numeric);
TRUNCATE invoice, payment, credit_memo_application;
INSERT INTO customer VALUES ('c2'), ('c3');
ALTER TABLE invoice ALTER customer_id TYPE text COLLATE "default";
INSERT INTO invoice VALUES ('c1', 'a', 'usd', 'open', 1, 1, 1), ('c2', 'A', 'usd', 'open', 1, 1, 1),
	('c3', 'b', 'usd', 'open', 1, 1, 1);
INSERT INTO invoice_line_item VALUES ('b', 'usage', 7);
SELECT customer_id, document #> '{summaries,0,unpaid_usage_charges}' AS charges
FROM balance.invoice_summaries() ORDER BY customer_id;
SELECT balance.invoice_summary('c1') #> '{summaries,0,unpaid_usage_charges}' AS charges;
INSERT INTO invoice_line_item VALUES ('a', 'usage', 7);
\set VERBOSITY sqlstate
SELECT customer_id FROM balance.invoice_summaries();
\set VERBOSITY default
SELECT balance.invoice_summary('c2');
SELECT balance.invoice_summary('c3') #> '{summaries,0,unpaid_usage_charges}' AS charges;
SET client_min_messages = warning;
DROP SCHEMA alike CASCADE;
