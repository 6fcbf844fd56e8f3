-- Payments, exchange rates and the columns with dates: their words, and what
-- verify() says of them.
SET timezone = 'UTC';
SELECT w, balance.payment_counts(w) FROM unnest('{succeeded,paid,settled,completed,captured,
 pending,processing,authorized,failed,canceled,cancelled,voided,NULL,"SETTLED "}'::text[])
 WITH ORDINALITY u(w, n) ORDER BY n;
SELECT balance.payment_counts('bounced');
SELECT balance.known_status('payment', 'captured'), balance.known_status('payment', 'bounced');
SELECT c, balance.major_units(123456789, c) FROM unnest('{usd,JPY,KWD,XAU}'::text[]) u(c);
SELECT balance.major_units(1, 'USDT');

SELECT balance.create_ledger('paid');
SET balance.ledger = 'paid';
ALTER TABLE paid.payment DROP CONSTRAINT payment_customer_id_fkey,
	DROP CONSTRAINT payment_invoice_id_fkey, DROP CONSTRAINT payment_currency_check,
	DROP CONSTRAINT payment_amount_check;
ALTER TABLE paid.exchange_rate DROP CONSTRAINT exchange_rate_rate_check;
INSERT INTO paid.customer (customer_id) VALUES ('c'), ('d');
INSERT INTO paid.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining, issued_at, voided_at)
VALUES ('open', 'c', 'USD', 'open', 100, 100, 100, '2026-01-01Z', NULL),
	('part', 'c', 'usd', 'open', 100, 100, 60.5, '2026-01-01Z', NULL),
	('paid', 'c', 'USD', 'paid', 100, 100, 0, '2026-01-01Z', NULL),
	('yen', 'c', 'JPY', 'paid', 100, 100, 0, '2026-01-01Z', NULL),
	('draft', 'c', 'USD', 'draft', 100, 100, 100, NULL, NULL),
	('undated', 'c', 'USD', 'open', 1, 1, 1, NULL, NULL),
	('void', 'c', 'USD', 'void', 1, 1, 0, '2026-01-01Z', NULL),
	('voided', 'c', 'USD', 'void', 1, 1, 0, '2026-01-01Z', '2026-02-01Z'),
	('of_d', 'd', 'USD', 'open', 10, 10, 10, '2026-01-01Z', NULL);
INSERT INTO paid.credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	amount_applied, issue_date, reason, amount_refunded)
VALUES ('m', 'b', 'c', 'partially_applied', 'JPY', 100, 40, '2026-01-01', 'other', NULL),
	('with', 'b', 'c', 'partially_applied', 'USD', 10000, 6000, '2026-01-01', 'other', 6000),
	('without', 'b', 'c', 'issued', 'USD', 10000, 0, '2026-01-01', 'other', 6000),
	('too_much', 'b', 'c', 'issued', 'USD', 100, 101, '2026-01-01', 'other', 101),
	('negative', 'b', 'c', 'issued', 'USD', 100, 0, '2026-01-01', 'other', -1);
INSERT INTO paid.credit_memo_application (application_id, credit_memo_id, invoice_id,
	amount_applied, applied_at, reversed_at)
VALUES ('a', 'm', 'yen', 40, '2026-01-02Z', NULL),
	('r', 'm', 'yen', 50, '2026-01-02Z', '2026-01-03Z'),
	('early', 'm', 'yen', 1, '2026-01-02Z', '2026-01-01Z');
-- without payments nobody wants a history
SELECT rule, relation, id, expected, found FROM balance.verify()
ORDER BY rule, relation, id, expected;
INSERT INTO paid.payment (payment_id, customer_id, currency, amount, paid_at, status, invoice_id)
VALUES (1, 'c', 'USD', 39.5, '2026-01-05Z', NULL, 'part'),
	(2, 'c', 'usd', 120, '2026-01-06Z', 'Succeeded', 'paid'),
	(3, 'c', 'USD', -20, '2026-01-07Z', 'paid', 'paid'),
	(4, 'c', 'USD', 50, '2026-01-08Z', 'failed', 'paid'),
	(5, 'c', 'JPY', 60, '2026-01-09Z', NULL, 'yen');
SELECT rule, relation, id, expected, found FROM balance.verify()
WHERE relation IN ('invoice', 'payment');
-- each kind of fault, in the whole ledger and of one customer
INSERT INTO paid.payment (payment_id, customer_id, currency, amount, paid_at, status, invoice_id)
VALUES ('zero', 'c', 'USD', 0, '2026-01-05Z', NULL, NULL),
	('nobody', 'x', 'USD', 1, '2026-01-05Z', NULL, NULL),
	('nothing', 'c', 'USD', 1, '2026-01-05Z', NULL, 'gone'),
	('currency', 'c', 'EUR', 1, '2026-01-05Z', NULL, 'open'),
	('customer', 'c', 'USD', 1, '2026-01-05Z', NULL, 'of_d'),
	('word', 'c', 'USD', 1, '2026-01-05Z', 'bounced', 'open'),
	('code', 'c', 'USDT', 1, '2026-01-05Z', NULL, NULL),
	('late', 'c', 'USD', 1, '10000-01-01Z', NULL, NULL),
	('never', 'c', 'USD', 1, 'infinity', NULL, NULL),
	('NaN', 'c', 'USD', 'NaN', '2026-01-05Z', NULL, 'open'),
	('fine', 'c', 'USD', 0.001, '2026-01-05Z', NULL, NULL),
	('old', 'c', 'DEM', 1, '2026-01-05Z', NULL, NULL);
INSERT INTO paid.exchange_rate VALUES ('USD', 'EUR', '2026-01-01', 0.9), ('USD', 'EUR',
 '2026-01-02', 0), ('usd', 'USD', '2026-01-01', 1), ('XXY', 'EUR', '2026-01-01', 1),
 ('GBP', 'EUR', '2026-01-01', 'NaN'), ('CHF', 'EUR', 'infinity', 1),
 ('SEK', 'EUR', '2026-01-01', 0.09), ('sek', 'eur', '2026-01-01', 0.09),
 ('SEK', 'eur', '2026-01-02', 0.09), ('sek', 'DKK', '2026-01-01', 0.65);
-- whose error is told by verify() below
\set SHOW_CONTEXT never
SELECT balance.in_reporting_currency('SEK', 1, 'EUR', '2026-01-01');
SELECT balance.in_reporting_currency('SEK', 1, 'EUR', '2026-01-02');
SELECT rule, relation, id, expected, found FROM balance.verify()
WHERE relation IN ('invoice', 'payment', 'exchange_rate')
ORDER BY rule, relation, id, expected;
SELECT rule, relation, id, expected, found FROM balance.verify('paid', 'c')
WHERE relation IN ('invoice', 'payment', 'exchange_rate')
EXCEPT ALL SELECT * FROM balance.verify('paid');
SELECT rule, relation, id, expected, found FROM balance.verify('paid', 'd')
ORDER BY rule, relation, id, expected;
SELECT rule, what_to_do FROM balance.verify_summary() ORDER BY 1;
-- a payment relation that lacks what is optional
ALTER TABLE paid.payment DROP status, DROP invoice_id;
SELECT rule, relation, id, expected, found FROM balance.verify() WHERE rule LIKE 'unexplained%';
SET client_min_messages = warning;
DROP SCHEMA paid CASCADE;
