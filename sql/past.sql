-- A ledger as it was at an instant.
SET timezone = 'UTC';
SELECT balance.create_ledger('past');
SET balance.ledger = 'past';
\pset format unaligned
CREATE FUNCTION pg_temp.sum(customer text, at timestamptz, zone text DEFAULT 'UTC') RETURNS text
LANGUAGE sql AS $$
	SELECT string_agg(concat_ws(' ', s ->> 'currency', s ->> 'total_invoice_count',
		s ->> 'total_revenue_amount', s ->> 'unpaid_invoice_count', s ->> 'total_unpaid_amount',
		s ->> 'overdue_invoice_count', s ->> 'total_overdue_amount',
	s ->> 'unpaid_usage_charges'), '; ')
	FROM jsonb_array_elements(balance.invoice_summary_at(customer, at, zone) -> 'summaries') s
$$;
INSERT INTO past.customer (customer_id) VALUES ('c'), ('d'), ('e'), ('x');
INSERT INTO past.invoice (invoice_id, customer_id, currency, invoice_status,
	payment_status, total,
	amount_due, amount_remaining, due_date, issued_at, finalized_at, voided_at)
VALUES ('paid', 'c', 'USD', 'paid', NULL, 100, 100, 0, '2026-01-31', '2025-12-31Z',
	'2026-01-01Z', NULL),
	('part', 'c', 'USD', 'open', NULL, 50, 50, 20, '2026-02-28', '2026-01-10Z', NULL, NULL),
	('void', 'c', 'USD', 'void', NULL, 7, 7, 0, NULL, '2026-01-10Z', NULL, '2026-02-01Z'),
	('back', 'c', 'EUR', 'open', NULL, 30, 30, 30, '2026-01-15', '2026-01-10Z', NULL, NULL),
	('draft', 'c', 'USD', 'draft', NULL, 1, 1, 1, NULL, '2026-01-01Z', NULL, NULL),
	('credit', 'c', 'USD', 'paid', NULL, -5, -5, 0, NULL, '2026-03-01Z', NULL, NULL),
	('free', 'd', 'USD', 'paid', NULL, 0, 0, 0, NULL, '2026-01-01Z', NULL, NULL),
	('later', 'd', 'USD', 'open', NULL, 9, 9, 9, NULL, '9000-01-01Z', NULL, NULL),
	('wrong', 'e', 'USD', 'open', NULL, 9, 9, 8, NULL, '2026-01-01Z', NULL, NULL),
	('when', 'e', 'USD', 'open', NULL, 9, 9, 9, NULL, NULL, NULL, NULL),
	('vague', 'e', 'USD', 'void', NULL, 9, 9, 9, NULL, '2026-01-05Z', NULL, NULL);
INSERT INTO past.invoice_line_item (invoice_id, price_type, amount)
VALUES ('paid', 'usage', 90), ('part', 'usage', 45), ('void', 'usage', 7);
INSERT INTO past.payment (payment_id, customer_id, currency, amount, paid_at, status, invoice_id)
VALUES ('1', 'c', 'USD', 40, '2026-01-20Z', NULL, 'paid'), ('2', 'c', 'usd', 50,
	'2026-02-10Z', 'paid', 'paid'),
	('3', 'c', 'USD', 10, '2026-02-10Z', 'failed', 'paid'),
	('4', 'c', 'USD', 30, '2026-01-05Z', 'paid', 'part'),
	('5', 'c', 'EUR', 30, '2026-01-20Z', 'paid', 'back'), ('6', 'c', 'EUR', -30,
	'2026-02-20Z', 'paid', 'back'),
	('7', 'c', 'USD', -5, '2026-03-05Z', 'paid', 'credit');
INSERT INTO past.credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	amount_applied, issue_date, reason, expires_at, amount_refunded, voided_at)
VALUES ('m', 'b', 'c', 'fully_applied', 'USD', 1000, 1000, '2026-01-15', 'other', NULL,
	NULL, NULL),
	('expired', 'b', 'c', 'issued', 'USD', 500, 0, '2026-01-15', 'other', '2026-03-01Z',
	NULL, NULL),
	('voided', 'b', 'c', 'void', 'USD', 300, 0, '2026-01-15', 'other', NULL, NULL, '2026-02-01Z'),
	('refunded', 'b', 'c', 'issued', 'EUR', 100, 0, '2026-01-15', 'other', NULL, 60, NULL),
	('draft', 'b', 'c', 'draft', 'EUR', 100, 0, '2026-01-15', 'other', NULL, NULL, NULL);
INSERT INTO past.credit_memo_application (application_id, credit_memo_id, invoice_id,
	amount_applied, applied_at, reversed_at)
VALUES ('a', 'm', 'paid', 1000, '2026-01-25Z', NULL), ('b', 'm', 'part', 500,
	'2026-01-16Z', '2026-01-17Z');
-- the life of a customer's invoices, day by day
SELECT d::date, pg_temp.sum('c', d) FROM unnest('{2025-12-31,2026-01-01,2026-01-10,2026-01-16,
 2026-01-17,2026-01-20,2026-01-25,2026-02-01,2026-02-10,2026-02-20,2026-03-01,
 2026-03-05}'::timestamptz[]) d;
SELECT pg_temp.sum('c', now());
-- the instant counts: the microsecond before, and a date's day in a zone
SELECT pg_temp.sum('c', '2026-01-31 23:59:59.999999Z'), pg_temp.sum('c', '2026-02-01Z'),
	pg_temp.sum('c', '2026-02-01Z', 'Pacific/Honolulu');
SELECT d::date, balance.customer_balance_at('c',
	d) FROM unnest('{2026-01-17,2026-02-01,2026-03-05}'::timestamptz[]) d;
SELECT * FROM balance.ageing_at('c', '2026-02-05Z', 'UTC') WHERE count <> 0;
SELECT customer_id, currency,
	amounts FROM balance.aged_receivables(now() + interval '1 day') ORDER BY 1, 2;
SELECT invoice_id, state, due, days_late, amount_remaining FROM balance.open_items('c',
	'2026-02-05Z', 'UTC');
SELECT invoice_id, state, days_late > 100 AS late, amount_remaining FROM balance.open_items('c');
-- credit memos
SELECT d::date,
	r.* FROM unnest('{2026-01-14,2026-01-15,2026-01-16,2026-01-17,2026-01-25,2026-02-01,
 2026-03-01,2026-03-02}'::timestamptz[]) d, balance.credit_rows(balance.position_at('c',
	d, 'UTC')) r;
SELECT count(*) FROM balance.credit_rows(balance.position_at('c', '2026-01-15Z',
	'Pacific/Honolulu'));
SELECT total_credits_available FROM balance.customer_credits('c', currency => 'EUR')
 x(d), jsonb_to_record(d) r(total_credits_available bigint);
-- what is recorded with a date to come is there now
SELECT pg_temp.sum('d', now()), pg_temp.sum('d', now() - interval '1 second'),
	pg_temp.sum('d', '-infinity'),
	pg_temp.sum('d', 'infinity');
SELECT pg_temp.sum('x', '2026-01-01Z'), balance.position_at('x', '2026-01-01Z'),
	balance.position_at(NULL);
-- refused
SELECT balance.position_at('e', '2026-02-01Z');
SELECT balance.invoices_at('e', '2026-01-02Z');
SELECT balance.position_at('e', '2025-12-01Z');
SELECT count(*) FROM balance.positions_at('2026-02-01Z');
SELECT * FROM balance.aged_receivables('2026-02-01Z');
SELECT pg_temp.sum('e', now());
SELECT rule, id FROM balance.verify('past', 'e');
DELETE FROM past.invoice WHERE customer_id = 'e';
SELECT customer_id, position FROM balance.positions_at('2026-02-01Z', 'UTC') ORDER BY 1;
SELECT customer_id, position OPERATOR(balance.=) balance.position_at(customer_id,
	'2026-02-01Z', 'UTC') FROM balance.positions_at('2026-02-01Z', 'UTC') ORDER BY 1;
SELECT * FROM balance.aged_receivables('2026-02-05Z', 'UTC', '{3,10}', 'usd');
SELECT bool_and(position OPERATOR(balance.=) balance.position_at(customer_id, now(),
	'UTC')), count(*) FROM balance.positions_at(now(), 'UTC');
-- deposits have no dates
INSERT INTO past.deposit VALUES ('d', 'c', 'USD', 'held', 5);
SELECT balance.customer_balance_at('c', '2026-02-01Z');
SELECT balance.customer_balance_at('c', now()) = balance.customer_balance('c');
SELECT balance.position_at('c', '2026-02-01Z');
-- arguments
SELECT balance.position_at('c', NULL);
SELECT balance.customer_balance_at(NULL, now()), balance.invoice_summary_at(NULL, now(), 'UTC'),
	(SELECT count(*) FROM balance.open_items(NULL));
SELECT balance.position_at('c', '2026-02-01Z', '+05:30');
SELECT balance.position_at('nobody', '2026-02-01Z');
SELECT balance.position_at('c', '2026-02-01Z', 'UTC', 'public');
UPDATE past.payment SET status = 'bounced' WHERE payment_id = '1';
\set VERBOSITY terse
SELECT balance.position_at('c', '2026-02-01Z');
\set VERBOSITY default
UPDATE past.payment SET status = NULL WHERE payment_id = '1';
-- what is not known: what was due, when a memo was voided, who a customer is
SELECT balance.invoice_state_at('open', 'pending', now(), NULL, d, r, s, s, c, now()) AS state
FROM (VALUES (10, 10, 0, false), (10, 4, 6, true), (NULL, 10, 0, false), (10, NULL, 0, false),
	(NULL, 10, 0, true), (10, 4, 5, true)) v(d, r, s, c);
INSERT INTO past.credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	amount_applied, issue_date, reason) VALUES ('when', 'b', 'x', 'void', 'USD', 1, 0,
	'2026-01-01', 'other');
SELECT balance.position_at('x', '2026-02-01Z');
INSERT INTO past.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining) VALUES ('when', 'x', 'USD', 'void', 1, 1, 0);
SELECT balance.position_at('x', '2026-02-01Z');
DELETE FROM past.invoice WHERE invoice_id = 'when';
DELETE FROM past.credit_memo WHERE credit_memo_id = 'when';
\set SHOW_CONTEXT never
BEGIN;
SET LOCAL client_min_messages = warning;
ALTER TABLE past.customer DROP CONSTRAINT customer_pkey CASCADE;
INSERT INTO past.customer (customer_id) VALUES ('c');
SELECT count(*) FROM balance.positions_at('2026-02-01Z', 'UTC');
ROLLBACK;
\set SHOW_CONTEXT errors
-- without a relation of customers, and with one relation alone
ALTER TABLE past.customer RENAME TO somebody;
SELECT customer_id, position FROM balance.positions_at('2026-02-01Z', 'UTC') ORDER BY 1;
ALTER TABLE past.credit_memo RENAME TO m;
ALTER TABLE past.invoice_line_item RENAME TO l;
SELECT customer_id, position FROM balance.all_invoices_at('2026-01-11Z') ORDER BY 1;
SELECT balance.position_at('d', '2026-02-01Z');
-- of invoices alone, what was applied explains nothing any more
ALTER TABLE past.credit_memo_application RENAME TO a;
SELECT customer_id FROM balance.all_invoices_at('2026-01-11Z') ORDER BY 1;
-- without customers, ids are told as in a book: numbers by value, text by its bytes
SET client_min_messages = warning;
CREATE SCHEMA spelled;
CREATE FUNCTION pg_temp.spell(type text, invoice text, memo text) RETURNS void LANGUAGE plpgsql
AS $$
BEGIN
	DROP TABLE IF EXISTS spelled.invoice, spelled.credit_memo;
	EXECUTE format('CREATE TABLE spelled.invoice AS
		SELECT invoice_id, %2$L::%1$s AS customer_id, currency, invoice_status, payment_status,
			total, amount_due, amount_remaining, due_date, issued_at - interval %3$L AS issued_at
		FROM past.invoice WHERE invoice_id = %4$L', type, invoice, '7000 years', 'later');
	EXECUTE format('CREATE TABLE spelled.credit_memo AS
		SELECT credit_memo_id, business_id, %2$L::%1$s AS customer_id, status, currency, amount,
			amount_applied, issue_date, reason
		FROM past.m WHERE credit_memo_id = %3$L', type, memo, 'expired');
END $$;
CREATE FUNCTION pg_temp.spelled() RETURNS TABLE (book text, present text, past text)
LANGUAGE sql AS $$
	SELECT (SELECT string_agg(customer_id, ',' ORDER BY customer_id)
			FROM balance.invoice_summaries(ledger => 'spelled')),
		(SELECT string_agg(customer_id || ' ' || position::text, ','
				ORDER BY customer_id COLLATE "C")
			FROM balance.positions_at(now(), 'UTC', 'spelled')),
		(SELECT string_agg(customer_id || ' ' || position::text, ','
				ORDER BY customer_id COLLATE "C")
			FROM balance.positions_at('2026-02-01Z', 'UTC', 'spelled'))
$$;
SELECT pg_temp.spell('numeric', '1.0', '1.00');
SELECT * FROM pg_temp.spelled();
SELECT pg_temp.spell('char(4)', 'a', 'A');
SELECT * FROM pg_temp.spelled();
SELECT pg_temp.spell('uuid', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11',
	'a0eebc999c0b4ef8bb6d6bb9bd380a11');
SELECT * FROM pg_temp.spelled();
UPDATE spelled.invoice SET issued_at = NULL;
SELECT * FROM pg_temp.spelled();
---- due at an instant; what is paid in another currency; paid, and nobody says what is left
CREATE SCHEMA plain;
CREATE TABLE plain.invoice (invoice_id text, customer_id text, currency text, invoice_status text,
	total numeric, amount_due numeric, amount_remaining numeric, due_date timestamptz,
	issued_at timestamptz);
CREATE TABLE plain.payment (payment_id text, customer_id text, currency text, amount numeric,
	paid_at timestamptz, invoice_id text);
INSERT INTO plain.invoice VALUES
	('i', 'c', 'usd', 'open', 9, 9, 9, '2026-01-20 10:00Z', '2026-01-01Z');
SELECT days_late FROM balance.open_items('c', '2026-01-20 09:00Z', 'UTC', 'plain');
SELECT days_late FROM balance.open_items('c', '2026-01-20 11:00Z', 'UTC', 'plain');
SELECT days_late FROM balance.open_items('c', '2026-01-22 11:00Z', 'UTC', 'plain');
INSERT INTO plain.payment VALUES ('p', 'c', 'eur', 9, '2026-01-10Z', 'i');
SELECT days_late FROM balance.open_items('c', '2026-01-22 11:00Z', 'UTC', 'plain');
UPDATE plain.payment SET currency = 'usd', amount = 8;
UPDATE plain.invoice SET invoice_status = 'paid', amount_remaining = NULL;
SELECT count(*) FROM balance.open_items('c', '2026-01-22 11:00Z', 'UTC', 'plain');
UPDATE plain.payment SET amount = 9;
SELECT count(*) FROM balance.open_items('c', '2026-01-22 11:00Z', 'UTC', 'plain');
-- more was applied of a memo than a bigint holds, and reversed: it had nothing left then
CREATE TABLE plain.credit_memo (credit_memo_id text, business_id text, customer_id text,
	status text, currency text, amount bigint, amount_applied bigint, issue_date date,
	created_at timestamptz, updated_at timestamptz, reason text);
CREATE TABLE plain.credit_memo_application (application_id text, credit_memo_id text,
	invoice_id text, amount_applied bigint, applied_at timestamptz, reversed_at timestamptz);
INSERT INTO plain.credit_memo VALUES ('m', 'b', 'c', 'issued', 'usd', 9223372036854775807, 5,
	'2026-01-01', '2026-01-01Z', '2026-01-01Z', 'r');
INSERT INTO plain.credit_memo_application VALUES ('a', 'm', 'j', 5, '2026-01-02Z', NULL),
	('b', 'm', 'j', 9223372036854775807, '2026-01-10Z', '2026-01-20Z');
SELECT day, r.total_credits_available, r.credit_memos_count
FROM unnest('{2026-01-09,2026-01-15,2026-01-25}'::date[]) AS day
LEFT JOIN LATERAL balance.credit_rows(balance.position_at('c', day, 'UTC', 'plain')) AS r ON true;
DROP SCHEMA past, spelled, plain CASCADE;
