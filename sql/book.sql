-- The whole book: every customer's document in one pass, and who owes most.
\pset format unaligned
SET TimeZone = 'UTC';
\set SHOW_CONTEXT never
SELECT balance.create_ledger('booked');
SET balance.ledger = 'booked';
INSERT INTO booked.customer SELECT 'c' || g, CASE WHEN g % 2 = 0 THEN 'wb' || g END, 'biz', NULL,
	CASE WHEN g % 3 = 0 THEN 'eur' END FROM generate_series(1, 60) g;
-- c1 to c10 have nothing, c11 to c20 deposits only
INSERT INTO booked.invoice (invoice_id, customer_id, currency, invoice_status, payment_status,
	total, amount_due, amount_remaining, due_date)
SELECT g, 'c' || 21 + g % 40, (ARRAY['usd', 'EUR', 'jpy'])[1 + g / 7 % 3],
	(ARRAY['open', 'draft', 'void', NULL])[1 + g / 3 % 4],
	(ARRAY[NULL, 'failed', 'paid'])[1 + g / 5 % 3], g * 1.25, g * 1.5, g, date '2026-06-01' + g % 60
FROM generate_series(1, 400) g;
INSERT INTO booked.invoice_line_item (invoice_id, price_type, amount) SELECT 1 + g % 400,
	(ARRAY['usage', 'fixed', NULL])[1 + g % 3], g / 8.0 FROM generate_series(1, 900) g;
INSERT INTO booked.deposit SELECT g, 'c' || 11 + g % 30, (ARRAY['usd', 'gbp'])[1 + g % 2],
	(ARRAY['settled', 'paid'])[1 + g / 2 % 2], g FROM generate_series(1, 100) g;
INSERT INTO booked.vcu_invoice SELECT g, 'c' || 11 + g % 20, 'brl',
	(ARRAY['paid', 'pending', 'cancelled'])[1 + g % 3], g, '2026-01-15'::timestamptz
	+ g * interval '1 day', CASE WHEN g % 3 = 0 THEN '2026-02-01'::timestamptz
	+ g * interval '1 day' END FROM generate_series(1, 60) g;
INSERT INTO booked.vcu_order SELECT g, 'c' || 31 + g % 20, 'brl',
	(ARRAY['issued', 'billed'])[1 + g % 2], g, g % 4 = 0, '2026-01-15'::timestamptz
	+ g * interval '1 day' FROM generate_series(1, 60) g;
ANALYZE;

-- each document is the one that the customer gets, and none is missing
SELECT count(*), count(DISTINCT customer_id),
	bool_and(document = balance.customer_balance(customer_id)) AS equal, min(length(customer_id))
	FROM balance.customer_balances();
SELECT count(*), bool_and(document = balance.customer_balance(customer_id)) AS equal,
	count(*) FILTER (WHERE document = '[]') AS empty
	FROM balance.customer_balances(include_empty => true);
SELECT count(*),
	bool_and(document = balance.invoice_summary(customer_id, '2026-06-30 12:00Z', 'Asia/Tokyo'))
	AS equal FROM balance.invoice_summaries('2026-06-30 12:00Z', zone => 'Asia/Tokyo');
SELECT count(*), bool_and(document = balance.invoice_summary(customer_id)) AS equal,
	count(*) FILTER (WHERE document -> 'summaries' = '[]') AS empty
	FROM balance.invoice_summaries(include_empty => true);
SELECT count(*), bool_and(document = balance.vcu_balance(customer_id)) AS equal
	FROM balance.vcu_balances();
SELECT count(*), bool_and(document = balance.vcu_balance(customer_id, '2026-02-01', '2026-02-14'))
	AS equal FROM balance.vcu_balances('2026-02-01', '2026-02-14');
SELECT count(*), bool_and(document = balance.vcu_balance(customer_id, '2026-02-01')) AS equal,
	count(*) FILTER (WHERE document -> 'balancesByCurrency' = '[]') AS empty
	FROM balance.vcu_balances('2026-02-01', include_empty => true);
SELECT * FROM balance.customer_balances() WHERE customer_id = 'c11';
-- in a snapshot of its own
BEGIN;
DELETE FROM booked.deposit;
SELECT count(*) FROM balance.customer_balances();
ROLLBACK;

-- who owes most
SELECT * FROM balance.top_debtors('USD', 3, '2026-06-30');
SELECT count(*),
	bool_and(total_unpaid_amount = (s ->> 'total_unpaid_amount')::numeric
	AND total_overdue_amount = (s ->> 'total_overdue_amount')::numeric
	AND unpaid_invoice_count = (s ->> 'unpaid_invoice_count')::int
		AND overdue_invoice_count = (s ->> 'overdue_invoice_count')::int) AS equal
FROM balance.top_debtors('eur', 1000, '2026-06-30 12:00Z', zone => 'Asia/Tokyo') t,
	jsonb_array_elements(balance.invoice_summary(t.customer_id, '2026-06-30 12:00Z',
	'Asia/Tokyo') -> 'summaries') s WHERE s ->> 'currency' = 'eur';
SELECT count(*) FROM balance.invoice_summaries(), jsonb_array_elements(document -> 'summaries') s
	WHERE s ->> 'currency' = 'eur' AND (s ->> 'total_unpaid_amount')::numeric > 0;
SELECT array_agg(total_unpaid_amount) = array_agg(total_unpaid_amount
	ORDER BY total_unpaid_amount DESC, total_overdue_amount DESC, customer_id COLLATE "C")
	AS ordered FROM balance.top_debtors('jpy', 1000);
SELECT count(*) FROM balance.top_debtors('usd', 0);
SELECT count(*) FROM balance.top_debtors('CHF', 10);
SELECT * FROM balance.top_debtors('usd', -1);
SELECT * FROM balance.top_debtors('dollar', 1);
SELECT * FROM balance.top_debtors('usd', 1, now(), zone => 'Mars');
\set VERBOSITY sqlstate
SELECT * FROM balance.top_debtors(NULL, 1);
SELECT * FROM balance.top_debtors('usd', NULL);
SELECT * FROM balance.top_debtors('usd', 1, NULL);
SELECT * FROM balance.top_debtors('usd', 1, zone => NULL);
SELECT * FROM balance.customer_balances(include_empty => NULL);
SELECT * FROM balance.invoice_summaries(NULL);
SELECT * FROM balance.invoice_summaries(zone => NULL);
SELECT * FROM balance.invoice_summaries(zone => 'Mars');
SELECT * FROM balance.vcu_balances('2026-02-01', '2026-01-01');
SELECT * FROM balance.vcu_balances('infinity');
\set VERBOSITY default

-- a subquery of a view is evaluated once for each row, not again to see who has any
CREATE SCHEMA once;
CREATE SEQUENCE once.calls;
CREATE FUNCTION once.paid(amount numeric) RETURNS numeric LANGUAGE plpgsql STABLE
	AS $$ BEGIN PERFORM nextval('once.calls'); RETURN amount; END $$;
CREATE TABLE once.customer (customer_id text);
INSERT INTO once.customer SELECT 'c' || g FROM generate_series(1, 5) g;
CREATE TABLE once.bill AS SELECT g AS id, 'c' || g % 4 + 1 AS account, 10::numeric AS amount
	FROM generate_series(1, 20) g;
CREATE VIEW once.invoice AS SELECT id AS invoice_id, account AS customer_id, 'usd' AS currency,
	'open' AS invoice_status, amount AS amount_due, amount AS amount_remaining,
	(SELECT once.paid(b.amount)) AS total FROM once.bill b;
SELECT count(*), sum((document #>> '{0,total_invoices_ready_for_payment}')::numeric)
	FROM balance.customer_balances(ledger => 'once');
SELECT count(*) FROM balance.customer_balances(ledger => 'once', include_empty => true);
SELECT last_value AS calls_in_two_books FROM once.calls;
SELECT count(*) FROM balance.create_report_views('once');
SELECT count(*), sum(total) FROM once.report_customer_balance;
SELECT last_value AS and_a_report FROM once.calls;

-- ids of other types, spelled in several ways; ids of nobody whom the ledger knows; no ids
CREATE SCHEMA mixed;
CREATE TABLE mixed.customer (customer_id uuid);
CREATE TABLE mixed.invoice (invoice_id int, customer_id text, currency text, invoice_status text,
	total int, amount_due int, amount_remaining int);
CREATE TABLE mixed.deposit (deposit_id int, customer_id uuid, currency text, status text,
	amount int);
INSERT INTO mixed.customer SELECT ('a0000000-0000-0000-0000-00000000000' || g)::uuid
	FROM generate_series(1, 4) g UNION ALL SELECT NULL;
INSERT INTO mixed.invoice
	VALUES (1, 'a0000000-0000-0000-0000-000000000001', 'usd', 'open', 1, 1, 1),
	(2, 'A0000000-0000-0000-0000-000000000001', 'usd', 'open', 2, 2, 2),
	(3, 'a0000000-0000-0000-0000-000000000002', 'usd', 'open', 4, 4, 4),
	(4, 'stranger', 'usd', 'open', 8, 8, 8), (5, NULL, 'usd', 'open', 16, 16, 16);
INSERT INTO mixed.deposit VALUES (1, 'a0000000-0000-0000-0000-000000000002', 'usd', 'in', 1),
	(2, 'a0000000-0000-0000-0000-000000000003', 'usd', 'in', 2),
	(3, 'b0000000-0000-0000-0000-000000000003', 'usd', 'in', 4);
SELECT right(customer_id, 1) AS c, document -> 0 -> 'total_invoices_ready_for_payment' AS open,
	document -> 0 -> 'deposits' AS deposits FROM balance.customer_balances(ledger => 'mixed')
	ORDER BY 1;
SELECT count(*), bool_and(document = balance.customer_balance(customer_id, 'mixed')) AS equal
	FROM balance.customer_balances(true, 'mixed');
SELECT right(customer_id, 1) AS c, total_unpaid_amount
	FROM balance.top_debtors('usd', 10, ledger => 'mixed');
SELECT customer_id, count(*) FROM balance.invoice_summaries(now(), 'UTC', true, 'mixed') GROUP BY 1
	ORDER BY 1;
INSERT INTO mixed.customer VALUES ('a0000000-0000-0000-0000-000000000001');
SELECT * FROM balance.customer_balances(ledger => 'mixed');
DROP TABLE mixed.customer;
-- who has a row is a customer where the ledger does not say
SELECT customer_id, document -> 0 -> 'total_invoices_ready_for_payment' AS open,
	document -> 0 -> 'deposits' AS deposits, document -> 0 ->> 'wb_customer_id' AS wb
	FROM balance.customer_balances(ledger => 'mixed') ORDER BY customer_id COLLATE "C";
SELECT customer_id, total_unpaid_amount FROM balance.top_debtors('usd', 10, ledger => 'mixed');
DROP TABLE mixed.invoice;
SELECT count(*) FROM balance.customer_balances(true, 'mixed');
DROP TABLE mixed.deposit;
SELECT * FROM balance.customer_balances(ledger => 'mixed');
SELECT * FROM balance.invoice_summaries(ledger => 'mixed');
SELECT * FROM balance.vcu_balances(ledger => 'mixed');
SELECT * FROM balance.top_debtors('usd', 1, ledger => 'mixed');
-- one bad row fails the book, and says so
INSERT INTO booked.invoice VALUES ('bad', 'c7', 'usd', 'lost', NULL, NULL, 1, 1, 1);
SELECT * FROM balance.customer_balances();
DELETE FROM booked.invoice WHERE invoice_id = 'bad';

-- the book is tallied by parallel workers where PostgreSQL allows
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET parallel_leader_participation = off;
CREATE FUNCTION booked.whose() RETURNS text LANGUAGE plpgsql PARALLEL SAFE AS $$
BEGIN RETURN CASE WHEN pg_backend_pid() = current_setting('booked.leader')::int THEN 'leader'
	ELSE 'worker' END; END $$;
SELECT set_config('booked.leader', pg_backend_pid()::text, false) IS NOT NULL AS leader;
INSERT INTO booked.deposit SELECT g, 'c' || g % 10 + 1, 'usd', 'settled', g
	FROM generate_series(1001, 9000) g;
ANALYZE booked.deposit;
CREATE SCHEMA watched;
CREATE VIEW watched.deposit AS SELECT deposit_id, customer_id, currency, booked.whose() AS status,
	amount FROM booked.deposit;
SELECT k AS tallied_by, sum((s ->> 'count')::int)
	FROM balance.customer_balances(ledger => 'watched'),
	jsonb_array_elements(document) e, jsonb_each(e -> 'deposits') d(k, s) GROUP BY 1;
\set VERBOSITY terse
SET client_min_messages = warning;
DROP SCHEMA once, booked, mixed, watched CASCADE;
