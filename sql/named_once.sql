-- An invoice or a memo that is there twice, and named by what settles it: whatever reads the
-- ledger in time refuses, as no two ways to add up would say the same; verify() has it.
\set SHOW_CONTEXT never
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
CREATE SCHEMA again;
SET search_path = again;
SET balance.ledger = 'again';
CREATE TABLE invoice (invoice_id text, customer_id text, currency text, invoice_status text,
	total numeric, amount_due numeric, amount_remaining numeric, due_date date,
	issued_at timestamptz);
CREATE TABLE payment (payment_id text, customer_id text, currency text, amount numeric,
	paid_at timestamptz, status text, invoice_id text);
CREATE TABLE credit_memo (credit_memo_id text, business_id text, customer_id text, status text,
	currency text, amount bigint, amount_applied bigint, issue_date date, created_at timestamptz,
	updated_at timestamptz, reason text, expires_at timestamptz);
CREATE TABLE credit_memo_application (application_id text, credit_memo_id text, invoice_id text,
	amount_applied bigint, applied_at timestamptz);
INSERT INTO invoice VALUES
	('i1', 'c1', 'usd', 'open', 100, 100, 60, '2026-01-20', '2026-01-10'),
	('i2', 'c1', 'usd', 'open', 30, 30, 30, '2026-01-20', '2026-01-10'),
	('i3', 'c2', 'usd', 'open', 7, 7, 7, '2026-01-20', '2026-01-10');
INSERT INTO payment VALUES ('p1', 'c1', 'usd', 40, '2026-01-15', NULL, 'i1'),
	('p2', 'c2', 'usd', 1, '2026-01-15', NULL, NULL);

-- each way to ask what the customer, or all, owed: the sum, or the error
CREATE TABLE way (name text, query text);
INSERT INTO way VALUES
	('position_at', $$SELECT sum(total_unpaid_amount) FROM balance.invoice_rows(
		balance.position_at('c1', '2026-02-01'), '2026-02-01', 'UTC')$$),
	('invoices_at', $$SELECT sum(total_unpaid_amount) FROM balance.invoice_rows(
		balance.invoices_at('c1', '2026-02-01'), '2026-02-01', 'UTC')$$),
	('customer_balance_at', $$SELECT balance.customer_balance_at('c1', '2026-02-01')
		#>> '{0,invoices,ready_for_payment,count}'$$),
	('invoice_summary_at', $$SELECT balance.invoice_summary_at('c1', '2026-02-01')
		#>> '{summaries,0,total_unpaid_amount}'$$),
	('ageing_at', $$SELECT sum(amount) FROM balance.ageing_at('c1', '2026-02-01')$$),
	('open_items', $$SELECT sum(amount_remaining) FROM balance.open_items('c1', '2026-02-01')$$),
	('statement', $$SELECT balance FROM balance.statement('c1', '2026-01-01', '2026-01-31')
		WHERE kind = 'closing_balance'$$),
	('statement_document', $$SELECT balance.statement_document('c1', '2026-01-01', '2026-01-31')
		#>> '{balances,0,closing_balance}'$$),
	('roll_forward_items', $$SELECT sum(amount) FROM balance.roll_forward_items('c1', 'closing',
		'2026-01-01', '2026-01-31')$$),
	('unapplied_cash', $$SELECT count(*) FROM balance.unapplied_cash('c1')$$),
	('net_rows', $$SELECT net FROM balance.net_rows('c1')$$);
INSERT INTO way VALUES
	('all: positions_at', $$SELECT sum(r.total_unpaid_amount) FROM
		balance.positions_at('2026-02-01') AS p,
		balance.invoice_rows(p.position, now(), 'UTC') r$$),
	('all: all_invoices_at', $$SELECT sum(r.total_unpaid_amount) FROM
		balance.all_invoices_at('2026-02-01') AS p,
		balance.invoice_rows(p.position, now(), 'UTC') r$$),
	('all: aged_receivables', $$SELECT sum(total_amount)
		FROM balance.aged_receivables('2026-02-01')$$),
	('all: roll_forward', $$SELECT closing FROM balance.roll_forward('2026-01-01', '2026-01-31')$$),
	('all: customer_roll_forwards', $$SELECT sum(closing)
		FROM balance.customer_roll_forwards('2026-01-01', '2026-01-31')$$),
	('all: roll_forward_months', $$SELECT closing FROM balance.roll_forward_months()
		WHERE month = '2026-01-01'$$),
	('all: roll_forward_items', $$SELECT sum(amount) FROM balance.roll_forward_items(NULL,
		'closing', '2026-01-01', '2026-01-31')$$);
CREATE FUNCTION told(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE query INTO answer;
	RETURN trim_scale(answer::numeric)::text;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE VIEW answers AS SELECT told(query) AS told, string_agg(name, ', ' ORDER BY name) AS ways
FROM way GROUP BY told(query) ORDER BY told(query);
TABLE answers;

-- there twice, and nothing names it: each row counts, everywhere
INSERT INTO invoice SELECT * FROM invoice WHERE invoice_id = 'i2';
TABLE answers;
-- a payment names it
BEGIN;
INSERT INTO payment VALUES ('p3', 'c1', 'usd', 5, '2026-01-16', NULL, 'i2');
UPDATE invoice SET amount_remaining = 25 WHERE invoice_id = 'i2';
TABLE answers;
\set ON_ERROR_ROLLBACK on
SELECT * FROM balance.statement('c1', '2026-01-01', '2026-01-31');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM balance.roll_forward_months();
\echo :LAST_ERROR_SQLSTATE
SELECT rule, relation, id, found FROM balance.verify() WHERE rule = 'duplicate_id';
SELECT rule, relation, id, found FROM balance.verify(customer_id => 'c1')
WHERE rule = 'duplicate_id';
-- who has nothing to do with it may be told of
SELECT balance FROM balance.statement('c2', '2026-01-01', '2026-01-31')
WHERE kind = 'closing_balance';
ROLLBACK;
-- an application does
BEGIN;
INSERT INTO credit_memo VALUES ('m1', 'b', 'c1', 'partially_applied', 'usd', 900, 500,
	'2026-01-01', now(), now(), 'r', NULL);
INSERT INTO credit_memo_application VALUES ('a1', 'm1', 'i2', 500, '2026-01-16');
UPDATE invoice SET amount_remaining = 25 WHERE invoice_id = 'i2';
TABLE answers;
ROLLBACK;
-- the other one is another customer's
BEGIN;
DELETE FROM invoice WHERE invoice_id = 'i2';
INSERT INTO invoice SELECT invoice_id, 'c2', currency, invoice_status, total, amount_due,
	amount_remaining, due_date, issued_at FROM invoice WHERE invoice_id = 'i1';
TABLE answers;
SELECT told($$SELECT balance FROM balance.statement('c2', '2026-01-01', '2026-01-31')$$);
SELECT rule, relation, id, found FROM balance.verify(customer_id => 'c2')
WHERE rule = 'duplicate_id';
ROLLBACK;

-- of a memo what is left is not told, but what is owed does not need it
BEGIN;
DELETE FROM invoice WHERE invoice_id = 'i2';
INSERT INTO credit_memo SELECT 'm1', 'b', 'c1', 'issued', 'usd', 900, 0, '2026-01-01', now(),
	now(), 'r', NULL FROM generate_series(1, 2);
TABLE answers;
INSERT INTO credit_memo_application VALUES ('a1', 'm1', 'i1', 500, '2026-02-16');
UPDATE credit_memo SET amount_applied = 500;
UPDATE invoice SET amount_remaining = 55 WHERE invoice_id = 'i1';
TABLE answers;
ROLLBACK;

-- invoices that are one together with their customer, and applications that do not say whose
-- they are: verify() tells, also where only charges are added up
CREATE SCHEMA shared;
SET search_path = shared;
CREATE TABLE invoice (LIKE again.invoice, PRIMARY KEY (customer_id, invoice_id));
CREATE TABLE invoice_line_item (invoice_id text, price_type text, amount numeric);
CREATE TABLE credit_memo_application (LIKE again.credit_memo_application);
CREATE TABLE payment (LIKE again.payment);
INSERT INTO invoice VALUES
	('1', 'c1', 'usd', 'open', 100, 100, 60, '2026-01-20', '2026-01-10'),
	('1', 'c2', 'usd', 'open', 100, 100, 60, '2026-01-20', '2026-01-10'),
	('2', 'c2', 'usd', 'open', 100, 100, 100, '2026-01-20', '2026-01-10'),
	('2', 'c1', 'usd', 'open', 100, 100, 100, '2026-01-20', '2026-01-10'),
	('3', 'c1', 'usd', 'open', 100, 100, 100, '2026-01-20', '2026-01-10');
INSERT INTO payment VALUES ('p1', 'c1', 'usd', 40, '2026-01-15', NULL, '1'),
	('p2', 'c2', 'usd', 40, '2026-01-15', NULL, '1');
INSERT INTO invoice_line_item VALUES ('2', 'usage', 100), ('3', 'usage', 100);
SELECT DISTINCT rule, relation, id, expected, found FROM balance.verify('shared');
SELECT DISTINCT rule, relation, id, expected, found FROM balance.verify('shared', 'c1');
-- payments say whose they are
SELECT balance FROM balance.statement('c1', '2026-01-01', '2026-01-31', ledger => 'shared')
WHERE kind = 'closing_balance';
INSERT INTO credit_memo_application VALUES ('a1', 'm1', '1', 0, '2026-01-16');
SELECT * FROM balance.statement('c1', '2026-01-01', '2026-01-31', ledger => 'shared');
SELECT * FROM balance.positions_at('2026-02-01', ledger => 'shared');

-- where a row could name several, verify() looks at the same one, in whatever order they are read,
-- for all customers and for one, and tells of a row once
CREATE SCHEMA several;
SET search_path = several;
CREATE COLLATION nd (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE invoice (LIKE again.invoice);
CREATE TABLE payment (LIKE again.payment);
ALTER TABLE payment ALTER invoice_id TYPE text COLLATE nd;
INSERT INTO payment VALUES ('p1', 'c1', 'usd', 40, '2026-01-15', NULL, 'A1'),
	('p2', 'c1', 'gbp', 40, '2026-01-15', NULL, 'b');
CREATE TABLE ways (id text, customer_id text, currency text);
INSERT INTO ways VALUES ('A1', 'c3', 'usd'), ('a1', 'c2', 'eur'), ('b', 'c2', 'usd'),
	('b', 'c1', 'chf');
CREATE FUNCTION found(customer text, descending boolean) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	TRUNCATE invoice;
	INSERT INTO invoice SELECT id, customer_id, currency, 'open', 100, 100, 100, NULL,
		'2026-01-10' FROM ways
	ORDER BY CASE WHEN descending THEN ascii(currency) ELSE - ascii(currency) END;
	RETURN QUERY SELECT concat_ws(' ', v.rule, v.id, v.expected, v.found)
	FROM balance.verify('several', customer) AS v WHERE v.rule ~ 'across|ambig|dupl' ORDER BY 1;
END $$;
SELECT found(NULL, false);
SELECT found(NULL, false) EXCEPT ALL SELECT found(NULL, true);
SELECT found('c1', false);
SELECT found('c1', false) EXCEPT ALL SELECT found('c1', true);
-- also where it is the customers who cannot be told apart
TRUNCATE payment;
ALTER TABLE invoice ADD PRIMARY KEY (customer_id, invoice_id);
ALTER TABLE payment ALTER invoice_id TYPE text COLLATE "default",
	ALTER customer_id TYPE text COLLATE nd;
INSERT INTO payment VALUES ('p1', 'c2', 'jpy', 40, '2026-01-15', NULL, 'b');
INSERT INTO ways VALUES ('b', 'C2', 'eur');
SELECT found(NULL, false);
SELECT found('c2', true);

-- NULLs
SELECT balance.named_once(NULL, 'invoice', 'i'), balance.named_once(1, NULL, NULL);
SELECT balance.named_once(2, NULL, NULL);
SET client_min_messages = warning;
DROP SCHEMA again, shared, several CASCADE;
