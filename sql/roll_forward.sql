-- What was owed from one balance to the next, over a period and month by month.
\set SHOW_CONTEXT never
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SET client_min_messages = warning;
SELECT balance.create_ledger('rolled');
SET balance.ledger = 'rolled';
-- an open, an overpaid, a void, a draft and a credit invoice, and money of no invoice
INSERT INTO rolled.customer (customer_id) VALUES ('c1'), ('c2'), ('c3');
INSERT INTO rolled.invoice (invoice_id, customer_id, currency, invoice_status, number, total,
	amount_due, amount_remaining, due_date, issued_at, voided_at) VALUES
	('i1', 'c1', 'usd', 'open', 'N1', 100, 100, 25, '2026-02-10', '2026-01-10', NULL),
	('i2', 'c2', 'usd', 'paid', 'N2', 60, 60, -5, '2026-02-28', '2026-01-20', NULL),
	('i3', 'c2', 'jpy', 'open', NULL, 1000, 1000, 1000, NULL, '2026-01-31 23:30+00', NULL),
	('i4', 'c1', 'usd', 'void', 'N4', 50, 50, 50, '2026-02-05', '2026-01-20', '2026-02-03'),
	('i5', 'c1', 'usd', 'draft', 'N5', 7, 7, 7, NULL, '2026-01-05', NULL),
	('i6', 'c3', 'usd', 'open', 'N6', -20, -20, -20, '2026-03-31', '2026-02-20', NULL);
INSERT INTO rolled.payment (payment_id, customer_id, currency, amount, paid_at, status, invoice_id)
VALUES ('p1', 'c1', 'usd', 80, '2026-02-15', 'succeeded', 'i1'),
	('p2', 'c1', 'usd', -20, '2026-03-15', NULL, 'i1'),
	('p3', 'c2', 'usd', 65, '2026-02-07', NULL, 'i2'),
	('p4', 'c1', 'usd', 5, '2026-02-01', 'paid', NULL),
	('p5', 'c1', 'usd', 500, '2026-02-01', 'failed', NULL),
	('p6', 'c1', 'usd', 3, '2026-01-06', 'paid', 'i5');
INSERT INTO rolled.credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	amount_applied, issue_date, reason)
VALUES ('m1', 'b', 'c1', 'partially_applied', 'usd', 5000, 1500, '2026-01-01', 'r');
INSERT INTO rolled.credit_memo_application (application_id, credit_memo_id, invoice_id,
	amount_applied, applied_at, reversed_at) VALUES
	('a1', 'm1', 'i1', 1500, '2026-02-02', NULL), ('a2', 'm1', 'i4', 1000, '2026-01-22', NULL),
	('a3', 'm1', 'i1', 300, '2026-01-12', '2026-02-13');

---- a period, and by customer
SELECT * FROM balance.roll_forward('2026-01-01', '2026-01-31');
SELECT * FROM balance.roll_forward('2026-02-01', '2026-02-28', 'USD');
SELECT * FROM balance.roll_forward('2026-02-01', '2026-02-28', 'gbp');
SELECT * FROM balance.roll_forward('2025-02-01', '2025-02-28');
SELECT * FROM balance.customer_roll_forwards('2026-02-01', '2026-02-28');
-- the days are those of the zone
SELECT * FROM balance.roll_forward('2026-01-01', '2026-01-31', 'jpy', 'Europe/Berlin');
-- the first instant behind a period is not in it
SELECT paid, closing FROM balance.roll_forward('2026-01-07', '2026-01-31', 'usd');
SELECT paid, closing FROM balance.roll_forward('2026-01-07', '2026-02-01', 'usd');
SELECT count(*), sum(amount)
FROM balance.roll_forward_items(NULL, 'closing', '2026-01-07', '2026-01-31', 'usd');

---- the rows behind a number
SELECT number, amount, items, amount = items AS same
FROM (SELECT key AS number, value::numeric AS amount,
		(SELECT coalesce(sum(i.amount), 0) FROM
			balance.roll_forward_items(NULL, key, '2026-02-01', '2026-02-28', 'usd') i) AS items
	FROM balance.roll_forward('2026-02-01', '2026-02-28', 'usd') r, jsonb_each_text(to_jsonb(r))
	WHERE key IN ('opening', 'invoiced', 'voided', 'paid', 'refunded', 'credited', 'closing')) n
ORDER BY number;
SELECT * FROM balance.roll_forward_items(NULL, 'credited', '2026-02-01', '2026-02-28');
SELECT * FROM balance.roll_forward_items('c2', 'closing', '2026-02-01', '2026-02-28', 'usd');
SELECT * FROM balance.roll_forward_items('nobody', 'closing', '2026-02-01', '2026-02-28');
SELECT * FROM balance.roll_forward_items('c2', 'balance', '2026-02-01', '2026-02-28');
SELECT * FROM balance.roll_forward_items('c2', NULL, '2026-02-01', '2026-02-28');

---- month by month: as periods, up to the month of now()
SELECT * FROM balance.roll_forward_months() WHERE month < '2026-05-01';
SELECT count(*) = 12 * (extract(year FROM now()) - 2026) + extract(month FROM now()) AS all_months,
	max(month) = date_trunc('month', now()) AS to_now
FROM rolled.report_roll_forward WHERE currency = 'JPY';
SELECT m.month, m.currency FROM rolled.report_roll_forward m LEFT JOIN LATERAL
	balance.roll_forward(m.month, (m.month + interval '1 month')::date - 1, m.currency) r ON true
WHERE (m.opening, m.invoiced, m.voided, m.paid, m.refunded, m.credited, m.closing,
		m.days_sales_outstanding, m.collection_effectiveness)
	IS DISTINCT FROM (r.opening, r.invoiced, r.voided, r.paid, r.refunded, r.credited, r.closing,
		r.days_sales_outstanding, r.collection_effectiveness);
-- due at an instant: not at the end of its day
BEGIN;
SELECT balance.drop_report_views('rolled');
ALTER TABLE rolled.invoice ALTER due_date TYPE timestamptz USING due_date + time '23:59:59.999999';
SELECT month, collection_effectiveness FROM balance.roll_forward_months('usd')
WHERE month < '2026-05-01';
SELECT r.collection_effectiveness FROM balance.roll_forward('2026-02-01', '2026-02-28', 'usd') r;
ROLLBACK;
-- clocks that are put back over midnight have a month's last day twice
SELECT balance.month_of_instant(t, 'America/St_Johns') AS month,
	t AT TIME ZONE 'America/St_Johns' AS local
FROM unnest('{2009-11-01 02:29:59.999999Z,2009-11-01 02:30Z,2009-11-01 02:31Z,2009-12-01 03:29Z,
	2009-12-01 03:30Z,infinity,-infinity}'::timestamptz[]) t;
SELECT due, balance.month_past_due_date(due) FROM unnest('{2026-01-30,2026-01-31,2025-12-31,
	2024-02-28,2024-02-29,0001-12-31 BC,infinity,-infinity}'::date[]) due;
SELECT due, balance.month_past_due_instant(due, 'Europe/Berlin')
FROM unnest('{2026-01-31 22:59:59.999998Z,2026-01-31 22:59:59.999999Z,infinity,
	-infinity}'::timestamptz[]) due;
SELECT balance.month_of_instant(now(), 'nowhere');

---- refused
SELECT * FROM balance.roll_forward('2026-02-28', '2026-02-01');
SELECT * FROM balance.roll_forward(NULL, '2026-02-01');
SELECT * FROM balance.roll_forward('2026-02-01', '2026-02-28', NULL, NULL);
SELECT * FROM balance.roll_forward('2026-02-01', '2026-02-28', 'nil');
SELECT * FROM balance.roll_forward('2026-02-01', '2026-02-28', zone => 'nowhere');
BEGIN;
UPDATE rolled.invoice SET amount_remaining = 26 WHERE invoice_id = 'i1';
UPDATE rolled.invoice SET voided_at = NULL WHERE invoice_id = 'i4';
UPDATE rolled.invoice SET issued_at = NULL WHERE invoice_id = 'i3';
SAVEPOINT asked;
SELECT * FROM balance.roll_forward('2026-02-01', '2026-02-28');
ROLLBACK TO asked;
SELECT * FROM balance.roll_forward('2026-02-01', '2026-02-28', 'jpy');
ROLLBACK TO asked;
SELECT * FROM rolled.report_roll_forward;
ROLLBACK TO asked;
SELECT * FROM balance.roll_forward_items('c1', 'paid', '2026-02-01', '2026-02-28');
ROLLBACK TO asked;
-- nothing of another currency, of another customer, or that was not yet there, matters
SELECT count(*) FROM balance.roll_forward_items('c3', 'opening', '2026-02-01', '2026-02-28');
SELECT closing FROM balance.roll_forward('2026-01-01', '2026-01-05', 'eur');
ROLLBACK;

---- a payment without a currency is in no row, and not without a word
ALTER TABLE rolled.payment ALTER currency DROP NOT NULL;
BEGIN;
INSERT INTO rolled.payment (payment_id, customer_id, currency, amount, paid_at, invoice_id)
VALUES ('p8', 'c2', NULL, 5, '2026-02-03', 'i2');
SAVEPOINT asked;
SELECT * FROM balance.roll_forward('2026-02-01', '2026-02-28');
ROLLBACK TO asked;
SELECT * FROM balance.customer_roll_forwards('2026-02-01', '2026-02-28');
ROLLBACK TO asked;
SELECT * FROM rolled.report_roll_forward;
ROLLBACK TO asked;
SELECT * FROM balance.roll_forward_items(NULL, 'paid', '2026-02-01', '2026-02-28');
ROLLBACK TO asked;
SELECT paid, closing FROM balance.roll_forward('2026-02-01', '2026-02-28', 'usd');
-- nor is one whose amount or instant is unknown, of an invoice that is void or a draft
UPDATE rolled.payment SET currency = 'usd', invoice_id = 'i4' WHERE payment_id = 'p8';
ALTER TABLE rolled.payment ALTER amount DROP NOT NULL, ALTER paid_at DROP NOT NULL,
	DROP CONSTRAINT payment_amount_check;
SAVEPOINT asked;
UPDATE rolled.payment SET amount = NULL WHERE payment_id = 'p8';
SELECT * FROM balance.roll_forward('2026-02-01', '2026-02-28');
ROLLBACK TO asked;
UPDATE rolled.payment SET amount = 'NaN', invoice_id = 'i5' WHERE payment_id = 'p8';
SELECT * FROM balance.roll_forward('2026-02-01', '2026-02-28');
ROLLBACK TO asked;
UPDATE rolled.payment SET paid_at = NULL, invoice_id = 'i5' WHERE payment_id = 'p8';
SELECT * FROM balance.roll_forward('2026-02-01', '2026-02-28');
ROLLBACK TO asked;
ROLLBACK;

---- payments of no invoice, of one in another currency and of one that is not there
BEGIN;
ALTER TABLE rolled.payment DROP CONSTRAINT payment_invoice_id_fkey;
INSERT INTO rolled.payment (payment_id, customer_id, currency, amount, paid_at, invoice_id) VALUES
	('p8', 'c2', 'jpy', 70, '2026-02-03', 'i2'), ('p9', 'c3', 'usd', 8, '2026-02-03', 'i9'),
	('p10', 'c3', 'usd', -2, '2026-01-03', NULL);
SELECT customer_id, currency, opening, paid, refunded, closing
FROM balance.customer_roll_forwards('2026-02-01', '2026-02-28');
SELECT currency, opening, paid, refunded, closing
FROM balance.roll_forward('2026-02-01', '2026-02-28');
SELECT month, currency, opening, paid, refunded, closing
FROM balance.roll_forward_months() WHERE month < '2026-04-01';
-- where a payment names no invoice, all are
ALTER TABLE rolled.payment DROP COLUMN invoice_id CASCADE;
UPDATE rolled.invoice SET amount_remaining = amount_due, invoice_status = 'open'
WHERE invoice_id = 'i2';
UPDATE rolled.invoice SET amount_remaining = amount_due - 15 WHERE invoice_id = 'i1';
SELECT currency, opening, paid, refunded, closing
FROM balance.roll_forward('2026-02-01', '2026-02-28');
SELECT month, currency, paid, refunded, closing
FROM balance.roll_forward_months() WHERE month < '2026-04-01';
ROLLBACK;
-- who is there twice has rows of which it cannot be told whose they are
BEGIN;
ALTER TABLE rolled.customer DROP CONSTRAINT customer_pkey CASCADE;
INSERT INTO rolled.customer (customer_id) VALUES ('c3'), ('c4'), ('c4');
SELECT * FROM balance.roll_forward('2026-02-01', '2026-02-28');
ROLLBACK;
BEGIN;
ALTER TABLE rolled.customer DROP CONSTRAINT customer_pkey CASCADE;
INSERT INTO rolled.customer (customer_id) VALUES ('c4'), ('c4');
SELECT currency, closing FROM balance.roll_forward('2026-02-01', '2026-02-28');
ROLLBACK;

---- without a relation of customers; without payments there is no view
BEGIN;
ALTER TABLE rolled.customer RENAME TO somebody;
ALTER TABLE rolled.payment DROP CONSTRAINT payment_customer_id_fkey;
INSERT INTO rolled.payment (payment_id, customer_id, currency, amount, paid_at)
VALUES ('p7', 'nobody', 'usd', 1000, '2026-01-06');
SELECT customer_id, currency, opening, closing FROM balance.customer_roll_forwards('2026-02-01',
	'2026-02-28');
SELECT closing FROM balance.roll_forward('2026-02-01', '2026-02-28', 'usd');
ALTER TABLE rolled.somebody RENAME TO customer;
SELECT closing FROM balance.roll_forward('2026-02-01', '2026-02-28', 'usd');
ROLLBACK;
BEGIN;
ALTER TABLE rolled.payment RENAME TO p;
SELECT * FROM balance.create_report_views('rolled') v
WHERE v::text ~ 'roll_forward';
UPDATE rolled.invoice i SET amount_remaining = amount_due - COALESCE((
	SELECT balance.major_units(sum(amount_applied), i.currency)
	FROM rolled.credit_memo_application a
	WHERE a.invoice_id = i.invoice_id AND reversed_at IS NULL), 0);
UPDATE rolled.invoice SET invoice_status = 'open', payment_status = NULL
	WHERE balance.invoice_class(invoice_status, payment_status) = 'paid';
SELECT month, currency, invoiced, voided, paid, credited, closing FROM rolled.report_roll_forward
	WHERE month < '2026-03-01';
ROLLBACK;
-- a schema that is renamed takes its view along
ALTER SCHEMA rolled RENAME TO "Rolled twice";
SELECT month, currency, closing FROM "Rolled twice".report_roll_forward WHERE month = '2026-02-01';
DROP SCHEMA "Rolled twice" CASCADE;
