-- DayZero's customer credits: which memos are listed, every field, totals.
\set SHOW_CONTEXT never
\pset format unaligned
\pset tuples_only on
SELECT balance.create_ledger('dayzero');
SET balance.ledger = 'dayzero';
SET TimeZone = 'Asia/Tokyo';
INSERT INTO dayzero.customer (customer_id, business_id, customer_name, default_currency) VALUES
 ('c1', 'b1', 'Acme Ltd', 'usd'), ('none', 'b1', NULL, NULL), ('many', 'b1', 'Many', NULL),
 ('free', NULL, 'No business', NULL);
INSERT INTO dayzero.invoice (invoice_id, customer_id, currency, total, amount_due, amount_remaining,
	number) VALUES ('i1', 'c1', 'usd', 1, 1, 1, 'INV-1'), ('i2', 'c1', 'usd', 1, 1, 1, NULL);
INSERT INTO dayzero.credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	amount_applied, issue_date, created_at, updated_at, reason, invoice_id, number, description,
	internal_notes, line_items, customer_name, invoice_number, applied_date) VALUES
 ('m1', 'b1', 'c1', 'Partially-Applied', 'usd', 12050, 5000, '2026-01-10', '2026-01-10 09:00:00.5Z',
 	'2026-01-12 09:00Z', 'pricing_error', 'i1', 'CM-001', 'Overcharged', 'ask Jo',
 	'{"a": [1, {"b": 2.50}]}', NULL, NULL, NULL),
 ('m2', 'b1', 'c1', 'issued', 'USD', 1, 0, '2026-01-11', '2026-01-11 09:00Z', '2026-01-11 09:00Z',
 	'refund', NULL, NULL, NULL, NULL, NULL, 'Acme Limited', 'OLD-9', '2026-01-01 00:00Z'),
 ('m4', 'b1', 'c1', 'issued', 'usd', 100, 0, '2026-01-11', '2026-01-11 09:00Z', '2026-01-11 09:00Z',
 	'OTHER', 'i2', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 ('m3', 'b1', 'c1', 'issued', 'usd', 100, 0, '2026-01-11', '2026-01-11 09:00Z', '2026-01-11 09:00Z',
 	'goodwill-gesture', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 ('x1', 'b1', 'c1', 'issued', 'usd', 100, 100, '2026-01-11', '2026-01-11 09:00Z',
 	'2026-01-11 09:00Z', 'other', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 ('x2', 'b1', 'c1', 'draft', 'usd', 100, 0, '2026-01-11', '2026-01-11 09:00Z', '2026-01-11 09:00Z',
 	'other', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 ('x3', 'b1', 'c1', 'fully_applied', 'usd', 100, 100, '2026-01-11', '2026-01-11 09:00Z',
 	'2026-01-11 09:00Z', 'other', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 ('x4', 'b1', 'c1', 'void', 'eur', 100, 0, '2026-01-11', '2026-01-11 09:00Z', '2026-01-11 09:00Z',
 	'other', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 ('x5', 'b1', 'c1', 'issued', 'usd', 100, 200, '2026-01-11', '2026-01-11 09:00Z',
 	'2026-01-11 09:00Z', 'other', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 ('o1', 'b2', 'many', 'issued', 'jpy', 1200, 0, '2026-01-11', '2026-01-11 09:00Z',
 	'2026-01-11 09:00Z', 'other', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 ('o2', 'b1', 'many', 'issued', 'kwd', 1250, 0, '2026-01-11', '2026-01-11 09:00Z',
 	'2026-01-11 09:00Z', 'other', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 ('o3', 'b1', 'many', 'issued', 'kwd', 1, 0, '2026-01-11', '2026-01-11 09:00Z', '2026-01-11 09:00Z',
 	'other', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 ('f1', 'b9', 'free', 'issued', 'clf', 9223372036854775807, 0, '2026-01-11', '2026-01-11 09:00Z',
 	'2026-01-11 09:00Z', 'other', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 ('f2', 'b9', 'free', 'issued', 'clf', 9223372036854775807, -1, '2026-01-11', '2026-01-11 10:00Z',
 	'2026-01-11 09:00Z', 'other', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO dayzero.credit_memo_application VALUES
 ('a2', 'm1', 'i2', 2000, '2026-01-12 09:00Z', 'u7'),
 ('a3', 'm1', 'i1', 1000, '2026-01-11 08:30:00.123456Z', NULL),
 ('a1', 'm1', 'i1', 2000, '2026-01-12 09:00Z', NULL),
 ('a4', 'x3', 'i1', 100, '2026-01-12 09:00Z', NULL);

-- all fields of the page; newest first, ties by id; applications oldest first, ties by id; UTC
SELECT jsonb_pretty(balance.customer_credits('c1'));
SELECT balance.customer_credits('none');
SELECT balance.customer_credits('none', currency => 'jpy');
SELECT balance.customer_credits(NULL) IS NULL;
SELECT m->>'reason', m->>'reason_display'
	FROM jsonb_array_elements(balance.customer_credits('c1')->'credit_memos') m;
-- past a bigint
SELECT d->'total_credits_available', d->'total_credits_available_dollars'
	FROM balance.customer_credits('free') d;
-- the abilities of what is listed
SELECT m->'id', m->'can_be_applied', m->'can_be_voided', m->'can_be_deleted', m->'has_applications'
	FROM jsonb_array_elements(balance.customer_credits('c1')->'credit_memos') m;

-- currencies are never added up
SELECT balance.customer_credits('many');
\echo :LAST_ERROR_SQLSTATE
SELECT d->'total_credits_available', d->>'total_credits_available_dollars', d->'credit_memos_count'
	FROM balance.customer_credits('many', currency => 'Jpy') d;
SELECT d->'total_credits_available', d->>'total_credits_available_dollars', d->'credit_memos_count'
	FROM balance.customer_credits('many', NULL, 'kwd') d;
SELECT d->'total_credits_available', d->>'total_credits_available_dollars', d->'credit_memos_count'
	FROM balance.customer_credits('many', NULL, 'eur') d;
SELECT balance.customer_credits('many', NULL, 'zzz');
\echo :LAST_ERROR_SQLSTATE
-- only one business's memos; a customer of another business is not found
SELECT d->'total_credits_available', d->'credit_memos_count'
	FROM balance.customer_credits('many', 'b1') d;
SELECT balance.customer_credits('c1', 'b2');
\echo :LAST_ERROR_SQLSTATE
SELECT d->'credit_memos_count' FROM balance.customer_credits('free', 'b9') d;
SELECT d->'credit_memos_count' FROM balance.customer_credits('free', 'b1') d;
SELECT balance.customer_credits('nobody');
\echo :LAST_ERROR_SQLSTATE

-- what the page requires must be there
ALTER TABLE dayzero.credit_memo ALTER amount DROP NOT NULL, ALTER amount_applied DROP NOT NULL,
	ALTER status DROP NOT NULL, ALTER currency DROP NOT NULL, ALTER reason DROP NOT NULL,
	ALTER issue_date DROP NOT NULL,
 DROP CONSTRAINT credit_memo_line_items_check;
UPDATE dayzero.credit_memo SET amount = NULL WHERE credit_memo_id = 'm2';
SELECT balance.customer_credits('c1');
\echo :LAST_ERROR_SQLSTATE
UPDATE dayzero.credit_memo SET amount = 1, status = NULL WHERE credit_memo_id = 'm2';
SELECT balance.customer_credits('c1');
UPDATE dayzero.credit_memo SET status = 'issued', currency = NULL WHERE credit_memo_id = 'm2';
SELECT balance.customer_credits('c1');
UPDATE dayzero.credit_memo SET currency = 'usd', reason = NULL WHERE credit_memo_id = 'm2';
SELECT balance.customer_credits('c1');
UPDATE dayzero.credit_memo SET reason = 'other', issue_date = 'infinity'
	WHERE credit_memo_id = 'm2';
SELECT balance.customer_credits('c1');
\echo :LAST_ERROR_SQLSTATE
UPDATE dayzero.credit_memo SET issue_date = '2026-01-01', updated_at = 'infinity'
	WHERE credit_memo_id = 'm2';
SELECT balance.customer_credits('c1');
UPDATE dayzero.credit_memo SET updated_at = '2026-01-01', line_items = '[1]'
	WHERE credit_memo_id = 'm2';
SELECT balance.customer_credits('c1');
\echo :LAST_ERROR_SQLSTATE
UPDATE dayzero.credit_memo SET line_items = NULL, status = 'sent' WHERE credit_memo_id = 'm2';
SELECT balance.customer_credits('c1');
\echo :LAST_ERROR_SQLSTATE
-- and so they are when nothing of the memo is left, or another currency is asked for
UPDATE dayzero.credit_memo SET amount_applied = 1 WHERE credit_memo_id = 'm2';
SELECT balance.customer_credits('c1');
SELECT balance.customer_credits('c1', NULL, 'jpy');
UPDATE dayzero.credit_memo SET status = 'draft', currency = 'zzz' WHERE credit_memo_id = 'm2';
SELECT balance.customer_credits('c1', NULL, 'usd');
\echo :LAST_ERROR_SQLSTATE
-- of a void one the currency does not matter, unless there is none
UPDATE dayzero.credit_memo SET status = 'void' WHERE credit_memo_id = 'm2';
SELECT d->'credit_memos_count' FROM balance.customer_credits('c1', NULL, 'usd') d;
UPDATE dayzero.credit_memo SET currency = NULL WHERE credit_memo_id = 'm2';
SELECT balance.customer_credits('c1', NULL, 'usd');
UPDATE dayzero.credit_memo SET status = 'issued', currency = 'usd', amount_applied = 0
	WHERE credit_memo_id = 'm2';
-- an application counts as something applied, whatever the memo says
INSERT INTO dayzero.credit_memo_application
	VALUES ('odd', 'm2', 'i1', 5, '2026-01-12 09:00Z', NULL);
SELECT m->'amount_applied', m->'can_be_voided', m->'has_applications'
	FROM jsonb_array_elements(balance.customer_credits('c1')->'credit_memos') m
	WHERE m->>'id' = 'm2';
DELETE FROM dayzero.credit_memo_application WHERE application_id = 'odd';
-- without applications, invoices or customers the document is still whole
SET client_min_messages = warning;
DROP TABLE dayzero.credit_memo_application;
SELECT d->'credit_memos'->2->'applications', d->'credit_memos'->2->'applied_date'
	FROM balance.customer_credits('c1') d;
DROP TABLE dayzero.invoice CASCADE;
SELECT m->'invoice_number'
	FROM jsonb_array_elements(balance.customer_credits('c1')->'credit_memos') m;
DROP TABLE dayzero.customer CASCADE;
SELECT d->'customer_name', d->'credit_memos_count' FROM balance.customer_credits('c1') d;
SELECT balance.customer_credits('nobody');
-- codes are matched byte by byte, whatever the collation thinks of an i
SELECT COALESCE((SELECT format('%I', collname) FROM pg_collation WHERE collname = 'tr-x-icu'),
	'"C"') AS turkish \gset
DROP VIEW dayzero.report_credit_expiry;
ALTER TABLE dayzero.credit_memo ALTER currency TYPE text COLLATE :turkish;
UPDATE dayzero.credit_memo SET currency = 'inr' WHERE credit_memo_id = 'm2';
SELECT d->'total_credits_available' FROM balance.customer_credits('c1', currency => 'inr') d;
SELECT id, amount FROM balance.items('c1', 'total_credits_available', 'InR');
-- memos that are used up are not read: an index has those that may be listed, and those that are
-- an error, as ever of their own customer alone
SET client_min_messages = warning;
SELECT balance.create_ledger('used');
INSERT INTO used.customer (customer_id, business_id) VALUES ('c1', 'b'), ('c2', 'b');
INSERT INTO used.credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	amount_applied, issue_date, reason)
SELECT 'm' || i, 'b', 'c1', (ARRAY['issued','fully_applied','void','draft'])[1 + i % 4], 'usd', 100,
	CASE WHEN i % 1000 = 0 THEN 40 ELSE 100 END, '2026-01-01', 'other'
FROM generate_series(1, 5000) i;
CREATE INDEX ON used.credit_memo (customer_id)
	WHERE balance.may_be_available(status, currency, amount, amount_applied);
VACUUM ANALYZE used.credit_memo;
SELECT d->'total_credits_available', d->'credit_memos_count'
FROM balance.customer_credits('c1', ledger => 'used') d;
SELECT pg_stat_force_next_flush();
SELECT pg_get_expr(indpred, indrelid), idx_scan > 0 AS is_used, idx_tup_read < 20 AS has_few
FROM pg_stat_user_indexes JOIN pg_index USING (indexrelid)
WHERE schemaname = 'used' AND indpred IS NOT NULL;
INSERT INTO used.credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	amount_applied, issue_date, reason)
VALUES ('x', 'b', 'c2', 'sent', 'usd', 1, 1, '2026-01-01', '');
SELECT balance.customer_credits('c2', ledger => 'used');
UPDATE used.credit_memo SET status = 'fully_applied', currency = 'xxy' WHERE credit_memo_id = 'x';
SELECT balance.customer_credits('c2', ledger => 'used');
SELECT d->'credit_memos_count' FROM balance.customer_credits('c1', ledger => 'used') d;
SELECT balance.may_be_available(status, currency, amount, 5) AS may_be, count(*),
	string_agg(concat_ws('/', status, amount), ' ' ORDER BY status, amount)
		FILTER (WHERE currency = 'usd' AND amount IS NOT NULL) AS memos
FROM unnest('{draft,issued,partially_applied,fully_applied,applied,void,sent,NULL}'::text[]) status,
	unnest('{usd,xxy,NULL}'::text[]) currency, unnest('{4,5,6,NULL}'::int8[]) amount
GROUP BY 1 ORDER BY 1;
-- amounts of a domain; of another type they are refused
DELETE FROM used.credit_memo WHERE credit_memo_id = 'x';
DROP INDEX used.credit_memo_customer_id_idx1;
SELECT balance.drop_report_views('used') > 0 AS dropped;
CREATE DOMAIN used.cents AS int CHECK (value >= 0);
ALTER TABLE used.credit_memo ALTER amount TYPE used.cents, ALTER amount_applied TYPE used.cents;
SELECT d->'total_credits_available', d->'credit_memos_count'
FROM balance.customer_credits('c1', ledger => 'used') d;
ALTER TABLE used.credit_memo ALTER amount TYPE numeric;
SELECT balance.customer_credits('c1', ledger => 'used');
DROP SCHEMA used CASCADE;
DROP TABLE dayzero.credit_memo;
SELECT balance.customer_credits('c1');
\echo :LAST_ERROR_SQLSTATE
DROP SCHEMA dayzero CASCADE;
