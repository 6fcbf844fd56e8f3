-- Hints of check_ledger() are SQL that cures: each is pasted into a view as it is.
\pset null (null)
SET client_min_messages = warning;
SET timezone = 'America/New_York';
CREATE SCHEMA raw;
CREATE SCHEMA hinted;
CREATE TYPE raw.code AS ENUM ('USD', 'JPY', 'KWD');
-- a ledger of plain views, which fits
CREATE TABLE raw.customer AS SELECT 'c'::text AS customer_id, 's'::text AS wb_customer_id,
	'b'::text AS business_id, 'Cust'::text AS customer_name, 'USD'::text AS default_currency;
CREATE TABLE raw.invoice AS SELECT 'i'::text AS invoice_id, 'c'::text AS customer_id,
	'KWD'::text AS currency, 'open'::text AS invoice_status, NULL::text AS payment_status,
 'n'::text AS number, 12.345 AS total, 12.345 AS amount_due, 12.345 AS amount_remaining,
 	'2026-03-01'::date AS due_date, '2026-02-01 00:00Z'::timestamptz AS issued_at;
CREATE TABLE raw.invoice_line_item AS SELECT 'i'::text AS invoice_id, 'usage'::text AS price_type,
	12.345 AS amount;
CREATE TABLE raw.deposit AS SELECT 'd'::text AS deposit_id, 'c'::text AS customer_id,
	'USD'::text AS currency, 'paid'::text AS status, 12.34 AS amount;
CREATE TABLE raw.vcu_invoice AS SELECT 'v'::text AS vcu_invoice_id, 'c'::text AS customer_id,
	'USD'::text AS currency, 'paid'::text AS status, 12.5 AS units, '2026-02-01 00:00Z'::timestamptz
	AS created_at, '2026-03-01 00:00Z'::timestamptz AS paid_at;
CREATE TABLE raw.vcu_order AS SELECT 'o'::text AS vcu_order_id, 'c'::text AS customer_id,
	'USD'::text AS currency, 'paid'::text AS status, 12.5 AS units, true AS pay_with_balance,
	'2026-02-01 00:00Z'::timestamptz AS created_at;
CREATE TABLE raw.credit_memo AS SELECT 'm'::text AS credit_memo_id, 'b'::text AS business_id,
	'c'::text AS customer_id, 'issued'::text AS status, 'KWD'::text AS currency,
	12345::bigint AS amount, 1000::bigint AS amount_applied,
 '2026-02-01'::date AS issue_date, '2026-02-01 00:00Z'::timestamptz AS created_at,
 	'2026-02-01 00:00Z'::timestamptz AS updated_at, 'other'::text AS reason,
 	'i'::text AS invoice_id, 'n'::text AS number,
 '2026-02-01 00:00Z'::timestamptz AS applied_date, ''::text AS description,
 	''::text AS internal_notes, '{"a": 1}'::jsonb AS line_items, NULL::timestamptz AS voided_at,
 	NULL::text AS voided_reason, 'Cust'::text AS customer_name, 'n'::text AS invoice_number;
CREATE TABLE raw.credit_memo_application AS SELECT 'a'::text AS application_id,
	'm'::text AS credit_memo_id, 'i'::text AS invoice_id, 1000::bigint AS amount_applied,
	'2026-02-01 00:00Z'::timestamptz AS applied_at, 'u'::text AS applied_by_user_id;

-- The relation's view, with expressions in place of some of its columns; a
-- line item beside its invoice i, an application beside its memo m.
CREATE PROCEDURE raw.make(relation text, replaced jsonb) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('DROP VIEW IF EXISTS hinted.%I', relation);
	EXECUTE format(E'CREATE VIEW hinted.%I AS SELECT %s\nFROM raw.%I r%s', relation,
		(SELECT string_agg(COALESCE(replaced ->> a.attname, 'r.' || a.attname), E'\n, '
			ORDER BY a.attnum)
		 FROM pg_attribute a WHERE a.attrelid = ('raw.' || relation)::regclass AND a.attnum > 0
		 	AND NOT a.attisdropped),
		relation,
		CASE relation WHEN 'invoice_line_item'
			THEN
			' JOIN (SELECT invoice_id AS id, currency FROM raw.invoice) i ON i.id = r.invoice_id'
			WHEN 'credit_memo_application'
				THEN
				' JOIN (SELECT credit_memo_id AS id, currency FROM raw.credit_memo) m ON m.id
					= r.credit_memo_id' ELSE '' END);
END $$;
CREATE FUNCTION raw.documents() RETURNS text LANGUAGE sql AS $$
SELECT concat_ws(E'\n', balance.customer_balance('c', 'hinted'),
	balance.invoice_summary('c', '2026-03-02 12:00Z', 'UTC', 'hinted'),
 balance.vcu_balance('c', '2026-01-01', '2026-03-31', 'hinted'),
 	balance.customer_credits('c', ledger => 'hinted')) $$;
DO $$
DECLARE
	relation text;
BEGIN
	FOR relation IN SELECT relname FROM pg_class WHERE relnamespace = 'raw'::regnamespace
		AND relkind = 'r' LOOP
		CALL raw.make(relation, '{}');
	END LOOP;
END $$;
SELECT relation, "column", severity, message FROM balance.check_ledger('hinted')
	WHERE message NOT LIKE 'look-up by % reads all of %';
\pset format unaligned
\pset tuples_only on
SELECT raw.documents();

-- each type in place of the right one: what is found, and whether its hint gives the same documents
-- again
CREATE FUNCTION raw.try(relation text, name text, type text, expression text DEFAULT '%I::%s')
RETURNS TABLE (finding text, hint text, right_again boolean, clean boolean) LANGUAGE plpgsql AS $$
DECLARE
	expected text := raw.documents();
BEGIN
	BEGIN
		EXECUTE format('DROP VIEW hinted.%I', relation);
		EXECUTE format('ALTER TABLE raw.%I ALTER %I TYPE %s USING ' || expression, relation, name,
			type, name, type);
		CALL raw.make(relation, '{}');
		SELECT f.severity || ': ' || f.message, f.hint INTO finding, hint
		FROM balance.check_ledger('hinted') f WHERE f.relation = try.relation AND f."column" = name
			AND f.message LIKE 'column is%';
		CALL raw.make(relation, jsonb_build_object(name, substring(hint FROM '^In a view: (.*)')));
		clean := NOT EXISTS (SELECT FROM balance.check_ledger('hinted') f
			WHERE f."column" = name AND f.message LIKE 'column is%');
		right_again := raw.documents() = expected;
		RAISE 'all back';
	EXCEPTION WHEN raise_exception THEN
		NULL;
	END;
	RETURN NEXT;
END $$;
-- instants
SELECT * FROM raw.try('credit_memo', 'created_at', 'timestamp', '%I AT TIME ZONE ''UTC''');
SELECT * FROM raw.try('vcu_order', 'created_at', 'date', '(%I AT TIME ZONE ''UTC'')::date');
SELECT * FROM raw.try('vcu_invoice', 'paid_at', 'bigint', 'extract(epoch FROM %I)');
SELECT * FROM raw.try('credit_memo', 'updated_at', 'numeric', 'extract(epoch FROM %I)');
SELECT * FROM raw.try('credit_memo', 'updated_at', 'float8', 'extract(epoch FROM %I)');
SELECT * FROM raw.try('credit_memo_application', 'applied_at', 'text');
-- due dates: the day, or the instant
SELECT * FROM raw.try('invoice', 'due_date', 'timestamp');
SELECT * FROM raw.try('invoice', 'due_date', 'int', 'extract(epoch FROM %I)');
SELECT * FROM raw.try('invoice', 'due_date', 'numeric', 'extract(epoch FROM %I)');
SELECT * FROM raw.try('invoice', 'due_date', 'float8', 'extract(epoch FROM %I)');
SELECT * FROM raw.try('invoice', 'due_date', 'text');
-- days
SELECT * FROM raw.try('credit_memo', 'issue_date', 'timestamp');
SELECT * FROM raw.try('credit_memo', 'issue_date', 'timestamptz',
	'%I::timestamp AT TIME ZONE ''UTC''');
SELECT * FROM raw.try('credit_memo', 'issue_date', 'int', 'extract(epoch FROM %I)');
SELECT * FROM raw.try('credit_memo', 'issue_date', 'varchar(10)');
-- money in major units
SELECT * FROM raw.try('invoice', 'total', 'bigint', '%I * 1000');
SELECT * FROM raw.try('invoice_line_item', 'amount', 'int', '%I * 1000');
SELECT * FROM raw.try('deposit', 'amount', 'smallint', '%I * 100');
SELECT * FROM raw.try('invoice', 'total', 'float8');
SELECT * FROM raw.try('invoice', 'amount_remaining', 'float4');
SELECT * FROM raw.try('invoice_line_item', 'amount', 'float4');
SELECT * FROM raw.try('deposit', 'amount', 'money');
SELECT * FROM raw.try('deposit', 'amount', 'text');
SELECT * FROM raw.try('vcu_order', 'units', 'float8');
-- money in minor units
SELECT * FROM raw.try('credit_memo', 'amount', 'numeric', '%I / 1000.0');
SELECT * FROM raw.try('credit_memo', 'amount', 'float8', '%I / 1000.0');
SELECT * FROM raw.try('credit_memo', 'amount', 'text');
SELECT * FROM raw.try('credit_memo_application', 'amount_applied', 'numeric', '%I / 1000.0');
-- flags, words, ids, objects
SELECT * FROM raw.try('vcu_order', 'pay_with_balance', 'smallint', '%I::int');
SELECT * FROM raw.try('vcu_order', 'pay_with_balance', 'numeric', '%I::int');
SELECT * FROM raw.try('vcu_order', 'pay_with_balance', 'text');
SELECT * FROM raw.try('invoice', 'invoice_status', 'int', '1');
SELECT * FROM raw.try('credit_memo', 'line_items', 'text');
SELECT * FROM raw.try('invoice', 'number', 'jsonb', 'NULL');
-- from what nobody makes the like, neither of money nor of units
BEGIN;
DROP VIEW hinted.invoice, hinted.vcu_order;
ALTER TABLE raw.invoice ALTER total TYPE boolean USING true;
ALTER TABLE raw.vcu_order ALTER units TYPE date USING '2026-02-01';
CALL raw.make('invoice', '{}');
CALL raw.make('vcu_order', '{}');
SELECT relation, "column", severity, message, hint FROM balance.check_ledger('hinted')
	WHERE message LIKE 'column is of type%';
ROLLBACK;
-- units are converted like money where they have no rule of their own
SELECT * FROM raw.try('vcu_order', 'units', 'text');
-- a currency that is no text, and digits that no float has
UPDATE raw.invoice SET total = 9007199254740993.001, amount_due = 0.1, amount_remaining = 0.3;
UPDATE raw.credit_memo SET amount = 9007199254740993, currency = 'USD';
SELECT * FROM raw.try('credit_memo', 'amount', 'numeric', '%I / 100.0');
SELECT * FROM raw.try('invoice', 'total', 'bigint', '%I * 1000');
SELECT * FROM raw.try('invoice', 'amount_remaining', 'float8', '0.1::float8 + 0.2');
DROP VIEW hinted.credit_memo, hinted.credit_memo_application;
ALTER TABLE raw.credit_memo ALTER currency TYPE raw.code USING currency::raw.code;
CALL raw.make('credit_memo', '{}');
CALL raw.make('credit_memo_application', '{}');
SELECT * FROM raw.try('credit_memo', 'amount', 'money', '(%I / 100.0)::numeric::money');
SELECT raw.documents();
DROP SCHEMA hinted, raw CASCADE;
