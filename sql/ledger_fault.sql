-- Errors of a ledger's data say so, and how to find the rows; bad arguments do not.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SELECT balance.create_ledger('Odd "led''ger\') AS made \gset
SET balance.ledger = 'Odd "led''ger\';
SET search_path = 'Odd "led''ger\', pg_catalog;
INSERT INTO customer VALUES ('c', NULL, NULL), ('o''brien\', NULL, NULL), ('d', NULL, 'b');
INSERT INTO invoice VALUES ('i', 'c', 'usd', 'opne', NULL, NULL, 1, 1, 1),
	('j', 'o''brien\', 'usd', 'open', NULL, NULL, 1, 1, 1),
	('k', 'd', 'usd', 'open', NULL, NULL, 1, 1, 1);
INSERT INTO deposit VALUES ('d', 'o''brien\', 'zzz', 'held', 1);
INSERT INTO vcu_order VALUES ('v', 'c', 'usd', 'lost', 1);
INSERT INTO credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	issue_date, reason)
VALUES ('m', 'b', 'c', 'issued', 'usd', 1, '-infinity', 'other'),
	('n', 'b', 'd', 'issued', 'usd', 1, '2026-01-01', 'other'),
	('o', 'b', 'd', 'issued', 'eur', 1, '2026-01-01', 'other');

-- what is said of an error, and what a page answers
CREATE FUNCTION public.said(statement text, OUT code text, OUT message text, OUT detail text,
	OUT hint text, OUT flexprice text, OUT dayzero text)
LANGUAGE plpgsql AS $$ BEGIN
	EXECUTE statement;
	message := 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
		detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	flexprice := (SELECT e ->> 'http_status_code' || ' ' || (e #>> '{body,code}')
		FROM balance.error_body('invoice-summary', code, message, detail) e);
	detail := regexp_replace(detail, 'Accepted are [^.]*', 'Accepted are some');
	dayzero := balance.error_body('customer-credits', code, message, detail) ->> 'http_status_code';
END $$;
\x
\pset format unaligned
-- of the data: documents, books, items, debtors
SELECT * FROM public.said($$SELECT balance.customer_balance('c')$$);
SELECT * FROM public.said($$SELECT balance.customer_balance('o''brien\')$$);
SELECT * FROM public.said($$SELECT balance.vcu_balance('c')$$);
SELECT * FROM public.said($$SELECT balance.customer_credits('c')$$);
SELECT * FROM public.said($$SELECT * FROM balance.customer_balances()$$);
SELECT * FROM public.said($$SELECT * FROM balance.items('c', 'invoices.paid', 'usd')$$);
SELECT * FROM public.said($$SELECT * FROM balance.top_debtors('usd', 10)$$);
-- the HINT is a statement that finds them
SELECT substring(hint FROM 'To find the rows: (.*)') AS find
	FROM public.said($$SELECT balance.customer_balance('o''brien\')$$) \gset
:find
SELECT substring(hint FROM 'To find the rows: (.*)') AS find
	FROM public.said($$SELECT * FROM balance.vcu_balances()$$) \gset
:find
-- from 19 on there is no off
SELECT set_config('standard_conforming_strings',
	CASE WHEN current_setting('server_version_num')::int < 190000 THEN 'off' ELSE 'on' END, false)
	AS strings \gset
:find
RESET standard_conforming_strings;
-- of the arguments: nothing is said of the data
SELECT message, flexprice, dayzero, detail LIKE '%At fault%' OR hint LIKE '%verify%' AS blamed
	FROM unnest(ARRAY[
	$$SELECT balance.customer_balance('nobody')$$,
	$$SELECT balance.invoice_summary('c', now(), 'Mars')$$,
	$$SELECT balance.invoice_summary('c', NULL)$$,
	$$SELECT balance.vcu_balance('c', '2026-02-01', '2026-01-01')$$,
	$$SELECT balance.customer_credits('d')$$,
	$$SELECT balance.customer_credits('d', NULL, 'zzz')$$,
	$$SELECT balance.customer_credits('d', 'another business')$$,
	$$SELECT * FROM balance.items('d', 'paid', 'usd')$$,
	$$SELECT * FROM balance.items('d', 'invoices.paid', 'zzz')$$,
	$$SELECT * FROM balance.top_debtors('zzz', 10)$$,
	$$SELECT * FROM balance.top_debtors('usd', 10, zone => 'Mars')$$,
	$$SELECT * FROM balance.top_debtors('usd', -1)$$,
	$$SELECT * FROM balance.customer_balances(include_empty => NULL)$$]) AS s, public.said(s);
-- another customer's rows are no error, and afterwards nothing is blamed
SELECT balance.customer_balance('d');
SELECT * FROM public.said($$SELECT balance.invoice_class('opne', NULL)$$);
SELECT * FROM public.said($$SELECT 1 / 0$$);
-- a customer who is there twice
ALTER TABLE customer DROP CONSTRAINT customer_pkey CASCADE;
INSERT INTO customer VALUES ('d');
SELECT * FROM public.said($$SELECT balance.customer_credits('d')$$);

-- views: what they raise is the data's, a caught error and a notice are nobody's,
-- and of two ledgers one within the other the inner one is at fault
CREATE FUNCTION public.noticed() RETURNS numeric LANGUAGE plpgsql AS $$ BEGIN
	RAISE WARNING USING ERRCODE = '22012', MESSAGE = 'only a warning';
	RETURN 1 / 0;
EXCEPTION WHEN division_by_zero THEN
	RETURN 7;
END $$;
CREATE SCHEMA outside;
CREATE VIEW outside.invoice AS SELECT 'i' AS invoice_id, 'c' AS customer_id, 'usd' AS currency,
	'open' AS invoice_status, public.noticed() AS total, 1 AS amount_due, 1 AS amount_remaining;
SELECT balance.customer_balance('c', 'outside') -> 0 -> 'total_invoices_ready_for_payment' AS total;
CREATE OR REPLACE VIEW outside.invoice AS SELECT 'i' AS invoice_id, 'c' AS customer_id,
	'usd' AS currency, 'open' AS invoice_status, 1 / pg_catalog.length(pg_catalog.substr('x', 2))
	+ 1.0 AS total, 1 AS amount_due, 1 AS amount_remaining;
SELECT * FROM public.said($$SELECT balance.customer_balance('c', 'outside')$$);
CREATE OR REPLACE VIEW outside.invoice AS SELECT 'i' AS invoice_id, 'c' AS customer_id,
	'usd' AS currency, 'open' AS invoice_status,
 1.0 + pg_catalog.jsonb_array_length(balance.customer_balance('c',
 	pg_catalog.regnamespacein('"Odd ""led''ger\"'))) AS total, 1 AS amount_due,
 	1 AS amount_remaining;
SELECT * FROM public.said($$SELECT balance.customer_balance('c', 'outside')$$);
\x
RESET search_path;
DROP SCHEMA outside CASCADE;
DROP SCHEMA "Odd ""led'ger\" CASCADE;
DROP FUNCTION said, noticed;
