-- Flexprice's invoice summary: the projection and the document.
\set SHOW_CONTEXT never
\pset format unaligned
\pset tuples_only on
SELECT balance.create_ledger('flexprice');
SELECT balance.drop_report_views('flexprice');
SET balance.ledger = 'flexprice';
SET TimeZone = 'UTC';
INSERT INTO flexprice.customer (customer_id, default_currency) VALUES ('c1', 'EUR'), ('c2', NULL),
	('none', NULL), ('void', NULL), ('bad', 'zzz');
INSERT INTO flexprice.invoice (invoice_id, customer_id, currency, invoice_status, payment_status,
	total, amount_due, amount_remaining, due_date) VALUES
 ('i1', 'c1', 'usd', 'finalized', 'pending', 100, 90, 40.5, '2026-01-31'),
 ('i2', 'c1', 'usd', 'draft', NULL, 10, 10, 10, '2026-02-01'),
 ('i3', 'c1', 'usd', 'finalized', 'succeeded', 55, 55, 0, '2026-01-01'),
 ('i4', 'c1', 'usd', 'voided', NULL, 1000, 1000, 1000, '2026-01-01'),
 ('i5', 'c1', 'usd', 'finalized', 'failed', 1, 1, 1, NULL),
 ('i6', 'c1', 'jpy', 'finalized', NULL, 500, 500, 500, '2026-01-30'),
 ('j1', 'c2', 'usd', 'finalized', NULL, 1, 1, 1, NULL),
 ('j2', 'c2', 'eur', 'finalized', NULL, 1, 1, 1, NULL),
 ('j3', 'c2', 'eur', 'void', NULL, 1, 1, 1, NULL), ('j4', 'c2', 'chf', 'void', NULL, 1, 1, 1, NULL),
 ('j5', 'c2', 'chf', 'void', NULL, 1, 1, 1, NULL),
 ('v1', 'void', 'gbp', 'void', NULL, 5, 5, 5, '2020-01-01');
INSERT INTO flexprice.invoice_line_item VALUES
 ('i1', 'usage', 30.125), ('i1', 'USAGE', 9.875), ('i1', 'fixed', 50), ('i1', NULL, 0.5),
 ('i2', 'usage', 10),
 ('i3', 'usage', 777), ('i4', 'usage', 888), ('i6', 'seat', 500);

SELECT jsonb_pretty(balance.invoice_summary('c1', '2026-01-31 12:00+00', 'UTC'));
-- the currency with the most counted invoices, ties by code; void ones do not count, but their
-- currency is there
SELECT balance.invoice_summary('c2', '2026-01-31 12:00+00', 'UTC');
SELECT balance.invoice_summary('void', '2026-01-31 12:00+00', 'UTC');
SELECT balance.invoice_summary('none');
SELECT balance.invoice_summary(NULL) IS NULL;
-- all defaults: now, in the session's zone
SELECT balance.invoice_summary('c1') = balance.invoice_summary('c1', now(), 'UTC', 'flexprice');

-- the day after the due date, in the zone that is asked for: (as_of, zone) to overdue count and
-- amount
SELECT a, z, s #>> '{summaries,1,overdue_invoice_count}', s #>> '{summaries,1,total_overdue_amount}'
FROM (VALUES ('2026-01-31 23:59:59+00', 'UTC'), ('2026-02-01 00:00:00+00', 'UTC'),
	('2026-02-01 00:00:00+00', 'Etc/GMT+12'), ('2026-02-01 11:59:59+00', 'Etc/GMT+12'),
  ('2026-02-01 12:00:00+00', 'Etc/GMT+12'), ('2026-01-31 09:59:59+00', 'Pacific/Kiritimati'),
  ('2026-01-31 10:00:00+00', 'Pacific/Kiritimati'),
  ('2026-01-31 18:14:59+00', 'Asia/Kathmandu'), ('2026-01-31 18:15:00+00', 'Asia/Kathmandu'),
  ('infinity', 'UTC'), ('-infinity', 'UTC')) v(a, z),
  LATERAL balance.invoice_summary('c1', a::timestamptz, z) s;

-- due instants are past due from the instant after
ALTER TABLE flexprice.invoice ALTER due_date TYPE timestamptz USING due_date::timestamptz;
SELECT a, s #>> '{summaries,1,overdue_invoice_count}'
FROM (VALUES ('2026-01-31 00:00:00+00'), ('2026-01-31 00:00:00.000001+00')) v(a),
	LATERAL balance.invoice_summary('c1', a::timestamptz, 'Asia/Tokyo') s;
ALTER TABLE flexprice.invoice DROP due_date;
SELECT balance.invoice_summary('c1', '2026-02-28 12:00+00',
	'UTC') #> '{summaries,1,overdue_invoice_count}';
-- without line items there are no charges to show
DROP TABLE flexprice.invoice_line_item;
SELECT balance.invoice_summary('c1') #> '{summaries,1,unpaid_usage_charges}';

SET search_path = balance, public;
SELECT to_invoice_summary('1{}', 'c', NULL, 'now', 'UTC');
SELECT to_invoice_summary(NULL, 'c', NULL, 'now', 'UTC') IS NULL,
	to_invoice_summary('1{}', NULL, NULL, 'now', 'UTC') IS NULL;
SELECT to_invoice_summary('1{USD 1 open(1 -5 -5 -5) due(2026-01-31 1 -5)}', 'c', 'Jpy',
	'2026-02-01 00:00+00', 'UTC');
SELECT to_invoice_summary('1{}', 'c', NULL, NULL, 'UTC');
\echo :LAST_ERROR_SQLSTATE
SELECT to_invoice_summary('1{}', 'c', NULL, 'now', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT to_invoice_summary('1{}', 'c', NULL, 'now', 'Mars/Olympus');
-- abbreviations would mean what a setting says
SELECT to_invoice_summary('1{}', 'c', NULL, 'now', 'IST');
\echo :LAST_ERROR_SQLSTATE
SELECT to_invoice_summary('1{}', 'c', 'xyz', 'now', 'UTC');
\echo :LAST_ERROR_SQLSTATE
-- what is unknown raises only if the summary needs it
SELECT to_invoice_summary(tally_invoices('usd', 'open', NULL, 1), 'c', NULL, 'now', 'UTC');
\echo :LAST_ERROR_SQLSTATE
SELECT to_invoice_summary(tally_invoices('usd', 'open', NULL, 1, 1, NULL, NULL::date),
	'c', NULL, 'now', 'UTC');
SELECT to_invoice_summary(tally_charges('usd', 'usage', NULL), 'c', NULL, 'now', 'UTC');
SELECT to_invoice_summary(tally_invoices('usd', 'paid', NULL, NULL, 1, NULL, NULL::date)
	+ tally_invoices('usd', 'void', NULL, NULL, NULL, NULL, NULL::date), 'c', NULL, 'now', 'UTC');

SELECT invoice_summary('nobody');
\echo :LAST_ERROR_SQLSTATE
SELECT invoice_summary('c1', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT invoice_summary('c1', zone => NULL);
SELECT invoice_summary('c1', zone => 'Mars/Olympus');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO flexprice.customer (customer_id, default_currency) VALUES ('bad', 'zz');
SELECT invoice_summary('bad');
SET client_min_messages = warning;
DROP SCHEMA flexprice CASCADE;

-- charges are read through an index on the customers of what may be unpaid
SELECT create_ledger('charged');
INSERT INTO charged.customer (customer_id, business_id) VALUES ('c1', 'b'), ('c2', 'b');
INSERT INTO charged.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining)
SELECT 'i' || i, 'c1', 'usd', CASE i % 1000 WHEN 0 THEN 'open' ELSE 'paid' END, 1, 1, 0
FROM generate_series(1, 5000) i;
INSERT INTO charged.invoice_line_item (invoice_id, price_type, amount)
SELECT invoice_id, 'usage', 2 FROM charged.invoice;
CREATE INDEX unpaid ON charged.invoice (customer_id)
	WHERE balance.may_be_unpaid(invoice_status, payment_status);
VACUUM ANALYZE charged.invoice;
VACUUM ANALYZE charged.invoice_line_item;
SELECT invoice_summary('c1', '2026-01-01', 'UTC', 'charged') ->
	'summaries' -> 0 -> 'unpaid_usage_charges' AS charges;
SELECT pg_stat_force_next_flush();
SELECT idx_scan > 0 AS is_used FROM pg_stat_user_indexes WHERE indexrelname = 'unpaid';
-- where an unknown word is an error as ever, of its own customer alone
INSERT INTO charged.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining) VALUES ('x', 'c2', 'usd', 'bogus', 1, 1, 1);
SELECT invoice_summary('c2', '2026-01-01', 'UTC', 'charged');
SELECT invoice_summary('c1', '2026-01-01', 'UTC', 'charged') ->
	'summaries' -> 0 -> 'unpaid_usage_charges' AS charges;
DROP SCHEMA charged CASCADE;
