-- The data of a ledger: every rule, broken alone.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SELECT balance.create_ledger('clean');
SELECT balance.drop_report_views('clean');
SET balance.ledger = 'clean';
INSERT INTO clean.customer VALUES ('c', NULL, NULL, NULL, 'usd'), ('d', NULL, NULL, NULL, NULL);
INSERT INTO clean.invoice
	VALUES ('i', 'c', 'usd', 'open', 'pending', 'INV-1', 10, 10, 5, '2026-01-31', '2026-01-01'),
	('credit', 'c', 'usd', 'open', NULL, NULL, -10, -10, -10, '2026-01-31', '2026-01-31 23:00Z'),
 ('fine', 'd', 'USD', 'Written-Off', 'REFUNDED', NULL, 10.500, 10, 0, NULL, '2026-01-01'),
 ('gold', 'd', 'xau', NULL, NULL, NULL, 1.234567, 1, 1, '2026-01-31', NULL);
INSERT INTO clean.invoice_line_item VALUES ('i', 'usage', 0.00012345), ('fine', 'seat', -3);
INSERT INTO clean.deposit VALUES ('d', 'c', 'jpy', 'whatever', 1200);
INSERT INTO clean.vcu_invoice
	VALUES ('v', 'c', 'brl', 'paid', 0.0000000000000000000000001, now(), NULL);
INSERT INTO clean.vcu_order VALUES ('o', 'c', 'brl', 'issued', 1, NULL);
INSERT INTO clean.credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	amount_applied, issue_date, reason) VALUES
 ('m', 'b', 'c', 'partially_applied', 'usd', 100, 70, '2026-01-01', 'other'),
 ('n', 'b', 'd', 'issued', 'eur', 100, 0, '2026-01-01', 'other');
INSERT INTO clean.credit_memo_application VALUES ('a', 'm', 'i', 30), ('b', 'm', 'i', 40);
SET work_mem = '64MB';
SELECT * FROM balance.verify();
SHOW work_mem;
RESET work_mem;

-- an index vouches for ids that are there once, but not for what a view makes of them, nor for
-- what it does not have: other rows than its own, or rows of a table that inherits
CREATE SCHEMA seen;
CREATE VIEW seen.invoice AS SELECT * FROM clean.invoice;
SELECT rule, relation, id, found FROM balance.verify('seen');
CREATE OR REPLACE VIEW seen.invoice AS SELECT i.* FROM clean.invoice AS i, generate_series(1, 2);
SELECT rule, relation, id, found FROM balance.verify('seen') ORDER BY 3;
CREATE OR REPLACE VIEW seen.invoice AS SELECT i.* FROM clean.invoice AS i
	CROSS JOIN generate_series(1, 3);
SELECT rule, relation, id, found FROM balance.verify('seen') ORDER BY 3;
CREATE OR REPLACE VIEW seen.invoice AS SELECT * FROM clean.invoice UNION ALL TABLE clean.invoice;
SELECT rule, relation, id, found FROM balance.verify('seen') ORDER BY 3;
CREATE OR REPLACE VIEW seen.invoice AS SELECT *, generate_series(1, 2) FROM clean.invoice;
SELECT rule, relation, id, found FROM balance.verify('seen') ORDER BY 3;
DROP VIEW seen.invoice;
-- one of other rules vouches as long as these take no two ids for one
CREATE COLLATION seen.caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE seen.invoice AS SELECT invoice_id, customer_id, currency, invoice_status, total,
	amount_due, amount_remaining FROM clean.invoice WHERE invoice_id <> 'fine';
INSERT INTO seen.invoice SELECT upper(invoice_id), customer_id, currency, invoice_status, 1, 1, 1
	FROM seen.invoice WHERE invoice_id = 'i';
CREATE UNIQUE INDEX ON seen.invoice (invoice_id COLLATE "C");
SELECT rule, relation, id, found FROM balance.verify('seen');
ALTER TABLE seen.invoice ALTER invoice_id TYPE text COLLATE seen.caseless;
SELECT rule, relation, id, found FROM balance.verify('seen');
DROP TABLE seen.invoice;
CREATE TABLE seen.customer (customer_id text PRIMARY KEY);
CREATE TABLE seen.another (LIKE seen.customer) INHERITS (seen.customer);
INSERT INTO seen.customer VALUES ('c'), ('d');
INSERT INTO seen.another VALUES ('c');
CREATE TABLE seen.deposit (LIKE clean.deposit);
CREATE UNIQUE INDEX ON seen.deposit (deposit_id) WHERE currency <> 'eur';
CREATE UNIQUE INDEX ON seen.deposit (deposit_id, amount);
CREATE UNIQUE INDEX ON seen.deposit ((deposit_id || amount));
INSERT INTO seen.deposit VALUES ('x', 'c', 'eur', 's', 1), ('x', 'd', 'eur', 's', 2);
CREATE TABLE seen.vcu_order (LIKE clean.vcu_order, UNIQUE (vcu_order_id) DEFERRABLE);
BEGIN;
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO seen.vcu_order SELECT 'o', 'd', 'brl', 'issued', 1, NULL, '2026-01-01Z'
FROM generate_series(1, 2);
SELECT rule, relation, id, found FROM balance.verify('seen') ORDER BY 2;
ROLLBACK;
DROP SCHEMA seen CASCADE;

-- tables without constraints, so that anything can be wrong with them
DO $$ DECLARE r record; BEGIN
	FOR r IN SELECT conrelid::regclass AS t, quote_ident(conname) AS c FROM pg_constraint
		WHERE connamespace = 'clean'::regnamespace AND contype <> 'n' ORDER BY contype = 'p' LOOP
		EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %s', r.t, r.c);
	END LOOP;
	FOR r IN SELECT attrelid::regclass AS t, quote_ident(attname) AS c FROM pg_attribute
		JOIN pg_class k ON k.oid = attrelid
	         WHERE relnamespace = 'clean'::regnamespace AND relkind = 'r' AND attnotnull
	         	AND attnum > 0 AND attidentity = '' LOOP
		EXECUTE format('ALTER TABLE %s ALTER %s DROP NOT NULL', r.t, r.c);
	END LOOP;
END $$;
-- breaks one thing, shows what verify says of it and for which customers, and takes it back
CREATE TYPE violation AS (rule text, relation text, id text, expected text, found text, whose text);
CREATE FUNCTION broken(change text) RETURNS SETOF violation LANGUAGE plpgsql AS $$
DECLARE all_rows violation[];
BEGIN
	BEGIN
		EXECUTE change;
		all_rows :=
			ARRAY(SELECT ROW (v.*, (SELECT string_agg(c, ',') FROM unnest('{c,d}'::text[]) c
			WHERE v IN (SELECT o FROM balance.verify('clean', c) o)))
			FROM balance.verify('clean') v ORDER BY v.relation, v.rule, v.id);
		IF EXISTS (SELECT FROM unnest('{c,d}'::text[]) c, balance.verify('clean', c) o
			WHERE o NOT IN (SELECT v FROM balance.verify('clean') v)) THEN
			RAISE 'a customer has what the ledger has not';
		END IF;
		RAISE 'undo' USING ERRCODE = 'UNDO1';
	EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
	END;
	RETURN QUERY SELECT * FROM unnest(all_rows);
END $$;
SELECT count(*) FROM broken('SELECT');

-- ids
SELECT * FROM broken($$INSERT INTO clean.customer VALUES ('d')$$);
SELECT * FROM broken($$INSERT INTO clean.invoice SELECT * FROM clean.invoice
	WHERE invoice_id = 'fine'$$);
SELECT * FROM broken($$INSERT INTO clean.invoice SELECT * FROM clean.invoice
	WHERE invoice_id = 'i'$$);
SELECT * FROM broken($$INSERT INTO clean.deposit SELECT d.*
	FROM clean.deposit d, generate_series(1, 2)$$);
SELECT * FROM broken($$INSERT INTO clean.vcu_invoice SELECT * FROM clean.vcu_invoice$$);
SELECT * FROM broken($$INSERT INTO clean.vcu_order SELECT * FROM clean.vcu_order$$);
SELECT * FROM broken($$INSERT INTO clean.credit_memo SELECT * FROM clean.credit_memo
	WHERE credit_memo_id = 'n'$$);
SELECT * FROM broken($$UPDATE clean.credit_memo_application SET application_id = 'a'$$);
SELECT * FROM broken($$UPDATE clean.deposit SET deposit_id = NULL$$);
-- amounts
SELECT * FROM broken($$UPDATE clean.invoice SET amount_remaining = 10.01 WHERE invoice_id = 'i'$$);
SELECT * FROM broken($$UPDATE clean.invoice SET amount_remaining = 1 WHERE invoice_id = 'credit'$$);
SELECT * FROM broken($$UPDATE clean.invoice SET amount_remaining = -0.01 WHERE invoice_id = 'i'$$);
SELECT * FROM broken($$UPDATE clean.invoice SET amount_remaining = -10.01
	WHERE invoice_id = 'credit'$$);
SELECT * FROM broken($$UPDATE clean.invoice SET total = 10.005 WHERE invoice_id = 'i'$$);
SELECT * FROM broken($$UPDATE clean.invoice SET amount_due = 10.005, amount_remaining = 0.001
	WHERE invoice_id = 'i'$$);
SELECT * FROM broken($$UPDATE clean.deposit SET amount = 0.5$$);
SELECT * FROM broken($$UPDATE clean.deposit SET amount = 'NaN'$$);
SELECT * FROM broken($$UPDATE clean.vcu_order SET units = '-Infinity'$$);
SELECT * FROM broken($$UPDATE clean.invoice_line_item
	SET amount = 'Infinity' WHERE invoice_id = 'i'$$);
SELECT * FROM broken($$UPDATE clean.invoice SET total = NULL WHERE invoice_id = 'i'$$);
-- words
SELECT * FROM broken($$UPDATE clean.invoice
	SET invoice_status = 'shipped' WHERE invoice_id = 'i'$$);
SELECT * FROM broken($$UPDATE clean.invoice SET payment_status = '' WHERE invoice_id = 'i'$$);
SELECT * FROM broken($$UPDATE clean.vcu_invoice SET status = 'issued'$$);
SELECT * FROM broken($$UPDATE clean.vcu_order SET status = 'overdue'$$);
SELECT * FROM broken($$UPDATE clean.credit_memo SET status = 'paid' WHERE credit_memo_id = 'n'$$);
SELECT * FROM broken($$UPDATE clean.customer
	SET default_currency = 'hrx' WHERE customer_id = 'c'$$);
SELECT * FROM broken($$UPDATE clean.invoice SET currency = 'zzz' WHERE invoice_id = 'fine'$$);
SELECT * FROM broken($$UPDATE clean.deposit SET currency = 'BGX'$$);
SELECT * FROM broken($$UPDATE clean.vcu_invoice SET currency = 'x'$$);
SELECT * FROM broken($$UPDATE clean.vcu_order SET currency = ''$$);
SELECT * FROM broken($$UPDATE clean.credit_memo SET currency = NULL WHERE credit_memo_id = 'n'$$);
-- dates
SELECT * FROM broken($$UPDATE clean.invoice SET due_date = '2025-12-31' WHERE invoice_id = 'i'$$);
SELECT * FROM broken($$UPDATE clean.vcu_order SET created_at = NULL$$);
-- credit memos
SELECT * FROM broken($$UPDATE clean.credit_memo SET amount = 69 WHERE credit_memo_id = 'm'$$);
SELECT * FROM broken($$UPDATE clean.credit_memo SET amount_applied = 71
	WHERE credit_memo_id = 'm'$$);
SELECT * FROM broken($$UPDATE clean.credit_memo SET amount_applied = 1
	WHERE credit_memo_id = 'n'$$);
SELECT * FROM broken($$UPDATE clean.invoice SET currency = 'eur' WHERE invoice_id = 'i'$$);
SELECT * FROM broken($$UPDATE clean.invoice SET customer_id = 'd' WHERE invoice_id = 'i'$$);

-- what is not there
SELECT * FROM broken($$DELETE FROM clean.customer WHERE customer_id = 'd'$$);
SELECT * FROM broken($$DELETE FROM clean.customer WHERE customer_id = 'c'$$);
SELECT * FROM broken($$DELETE FROM clean.invoice WHERE invoice_id = 'i'$$);
SELECT * FROM broken($$INSERT INTO clean.invoice_line_item VALUES ('nowhere', 'usage', 9)$$);
SELECT * FROM broken($$DELETE FROM clean.credit_memo WHERE credit_memo_id = 'm'$$);
SELECT * FROM broken($$UPDATE clean.credit_memo
	SET invoice_id = 'gone' WHERE credit_memo_id = 'n'$$);
SELECT * FROM broken($$UPDATE clean.credit_memo SET invoice_id = 'i'$$);
-- who says whose he is without having to: nobody, the right one, another, one that is not there
SELECT * FROM broken($$ALTER TABLE clean.invoice_line_item ADD customer_id varchar;
ALTER TABLE clean.credit_memo_application ADD customer_id varchar;
INSERT INTO clean.invoice_line_item (invoice_id, amount, customer_id) VALUES ('i', 1, 'c'),
	('i', 1, 'd'), ('fine', 1, 'x');
UPDATE clean.credit_memo_application SET customer_id = 'd' WHERE application_id = 'b'$$);
-- once, also of what is there twice
SELECT * FROM broken($$ALTER TABLE clean.invoice_line_item ADD customer_id text;
UPDATE clean.invoice_line_item SET customer_id = 'd' WHERE invoice_id = 'i';
INSERT INTO clean.invoice SELECT i.* FROM clean.invoice i, generate_series(1, 2)
	WHERE invoice_id = 'i'$$);
-- where each row has to, it is the invoice of its customer that counts and is not there
SELECT * FROM broken($$ALTER TABLE clean.invoice_line_item ADD customer_id text;
UPDATE clean.invoice_line_item SET customer_id = 'd';
ALTER TABLE clean.invoice_line_item ALTER customer_id SET NOT NULL$$);
SELECT * FROM broken($$UPDATE clean.credit_memo
	SET invoice_id = 'fine' WHERE credit_memo_id = 'm'$$);
SELECT * FROM broken($$INSERT INTO clean.credit_memo_application
	VALUES ('x', 'nomemo', 'noinvoice', 1)$$);
-- a status that contradicts the amounts
SELECT * FROM broken($$UPDATE clean.invoice SET invoice_status = 'paid' WHERE customer_id = 'c'$$);
SELECT * FROM broken($$UPDATE clean.invoice
	SET payment_status = 'succeeded', amount_due = NULL WHERE invoice_id = 'i'$$);
SELECT * FROM broken($$UPDATE clean.invoice
	SET invoice_status = 'Partially-Paid ', amount_remaining = 0 WHERE invoice_id = 'i'$$);
SELECT * FROM broken($$UPDATE clean.invoice
	SET payment_status = 'PARTIALLY_PAID', amount_remaining = 0 WHERE invoice_id = 'i'$$);
SELECT * FROM broken($$UPDATE clean.invoice
	SET invoice_status = 'paid', payment_status = 'partially_paid', amount_remaining = 0
	WHERE invoice_id = 'i'$$);
SELECT * FROM broken($$UPDATE clean.credit_memo
	SET status = 'fully_applied' WHERE credit_memo_id = 'm'$$);
SELECT * FROM broken($$UPDATE clean.credit_memo
	SET status = 'void' WHERE credit_memo_id IN ('m', 'n')$$);
SELECT * FROM broken($$UPDATE clean.credit_memo
	SET status = 'void', amount_applied = 0 WHERE credit_memo_id = 'm'$$);
SELECT * FROM broken($$UPDATE clean.credit_memo SET status = 'issued' WHERE credit_memo_id = 'm'$$);
SELECT * FROM broken($$UPDATE clean.invoice
	SET invoice_status = 'canceled' WHERE invoice_id = 'i'$$);
SELECT * FROM broken($$UPDATE clean.invoice
	SET invoice_status = 'Written Off' WHERE invoice_id = 'i'$$);
-- applications against the invoice, of all memos and in minor units: 10.00 is 1000, of gold 1 is 1
SELECT * FROM broken($$UPDATE clean.credit_memo_application SET amount_applied = 960
	WHERE application_id = 'b';
	UPDATE clean.credit_memo SET amount = 2000, amount_applied = 990 WHERE credit_memo_id = 'm'$$);
SELECT * FROM broken($$UPDATE clean.credit_memo_application SET amount_applied = 971
	WHERE application_id = 'b';
	UPDATE clean.credit_memo SET amount = 2000, amount_applied = 1001 WHERE credit_memo_id = 'm'$$);
SELECT * FROM broken($$UPDATE clean.credit_memo_application
	SET invoice_id = 'gold' WHERE application_id = 'a'$$);
SELECT * FROM broken($$UPDATE clean.credit_memo_application
	SET invoice_id = 'credit' WHERE application_id = 'a'$$);
SELECT * FROM broken($$UPDATE clean.credit_memo
	SET amount = -1, status = 'draft' WHERE credit_memo_id = 'n'$$);
SELECT * FROM broken($$UPDATE clean.credit_memo SET amount_applied = -1
	WHERE credit_memo_id = 'n'$$);
-- one number twice: for one customer, for one invoice that is there twice, for two customers, on
-- void ones and on none
SELECT * FROM broken($$UPDATE clean.invoice SET number = 'INV-1' WHERE customer_id = 'c'$$);
SELECT * FROM broken($$INSERT INTO clean.invoice SELECT * FROM clean.invoice
	WHERE invoice_id = 'i'$$);
SELECT * FROM broken($$UPDATE clean.invoice
	SET number = 'INV-1' WHERE invoice_id IN ('i', 'gold')$$);
SELECT * FROM broken($$UPDATE clean.invoice
	SET number = 'INV-1', invoice_status = CASE invoice_id WHEN 'credit' THEN 'void' ELSE 'open' END
	WHERE customer_id = 'c'$$);
SELECT * FROM broken($$UPDATE clean.invoice SET number = '' WHERE customer_id = 'c'$$);
-- withdrawn currencies: what is open or later, of a customer, and of an old row
SELECT * FROM broken($$UPDATE clean.customer
	SET default_currency = 'HRK' WHERE customer_id = 'c'$$);
SELECT * FROM broken($$UPDATE clean.invoice
	SET currency = 'itl', amount_due = 10, total = 10, amount_remaining = 5
	WHERE invoice_id = 'gold'$$);
SELECT * FROM broken($$UPDATE clean.invoice
	SET currency = 'hrk', issued_at = '2023-01-31 23:59:59Z' WHERE invoice_id = 'fine'$$);
SELECT * FROM broken($$UPDATE clean.invoice
	SET currency = 'hrk', issued_at = '2023-02-01Z' WHERE invoice_id = 'fine'$$);
SELECT * FROM broken($$UPDATE clean.invoice
	SET currency = 'hrk', issued_at = NULL WHERE invoice_id = 'fine'$$);
SELECT * FROM broken($$UPDATE clean.invoice
	SET currency = 'hrk', invoice_status = 'nonsense', issued_at = 'infinity'
	WHERE invoice_id = 'fine'$$);
SELECT * FROM broken($$UPDATE clean.vcu_invoice
	SET currency = 'hrk', created_at = '2020-01-01Z', paid_at = '2020-01-01Z'$$);
SELECT * FROM broken($$UPDATE clean.vcu_invoice
	SET currency = 'hrk', created_at = '2020-01-01Z', status = 'overdue'$$);
SELECT * FROM broken($$UPDATE clean.vcu_order SET currency = 'hrk', created_at = '2020-01-01Z'$$);
SELECT * FROM broken($$UPDATE clean.vcu_order
	SET currency = 'hrk', created_at = '2024-01-01Z', status = 'billed'$$);
SELECT * FROM broken($$UPDATE clean.credit_memo
	SET currency = 'hrk', issue_date = '2020-01-01', status = 'void' WHERE credit_memo_id = 'n'$$);
SELECT * FROM broken($$UPDATE clean.credit_memo
	SET currency = 'hrk', issue_date = '2020-01-01' WHERE credit_memo_id = 'n'$$);
SELECT * FROM broken($$UPDATE clean.deposit SET currency = 'ITL'$$);
-- what is no object, as jsonb and as json, which can hold more
SELECT * FROM broken($$UPDATE clean.credit_memo SET line_items = '[]' WHERE credit_memo_id = 'n'$$);
SELECT * FROM broken($$UPDATE clean.credit_memo SET line_items = '{"a": 1}'$$);
SELECT * FROM broken($$ALTER TABLE clean.credit_memo ALTER line_items TYPE json;
UPDATE clean.credit_memo SET line_items = CASE credit_memo_id WHEN 'n' THEN '"x"'
	ELSE '{"é": "\ud83d\ude00 \\u0000 1e99999 \" 1e99999"}' END::json$$);
SELECT * FROM broken($$ALTER TABLE clean.credit_memo ALTER line_items TYPE json;
UPDATE clean.credit_memo SET line_items = CASE credit_memo_id WHEN 'n' THEN '{"x": "\u0000"}'
	ELSE '{"x": 1e-300, "y": 1e999999}' END::json$$);
SELECT * FROM broken($$ALTER TABLE clean.credit_memo ALTER line_items TYPE json;
UPDATE clean.credit_memo SET line_items = '{"x": "\ud83d"}' WHERE credit_memo_id = 'n'$$);
-- years that no document has
SELECT * FROM broken($$UPDATE clean.invoice SET due_date = '20260-01-31' WHERE invoice_id = 'i'$$);
SELECT * FROM broken($$UPDATE clean.invoice
	SET due_date = 'infinity', issued_at = '-infinity' WHERE invoice_id = 'i'$$);
SELECT * FROM broken($$UPDATE clean.credit_memo
	SET issue_date = '9999-12-31', created_at = '0001-01-01Z',
	updated_at = '9999-12-31 23:59:59.999999Z' WHERE credit_memo_id = 'n'$$);
SELECT * FROM broken($$UPDATE clean.credit_memo
	SET issue_date = '0001-12-31 BC', created_at = '10000-01-01Z',
	updated_at = '0001-12-31 23:59:59.999999Z BC', voided_at = '4714-11-24Z BC',
	applied_date = '294276-12-31Z' WHERE credit_memo_id = 'n'$$);
SELECT * FROM broken($$UPDATE clean.credit_memo_application
	SET applied_at = '10000-01-01Z' WHERE application_id = 'a';
	UPDATE clean.vcu_order SET created_at = 'infinity';
	UPDATE clean.vcu_invoice SET paid_at = '10000-01-01Z'$$);
SET DateStyle = 'SQL, DMY';
SELECT * FROM broken($$UPDATE clean.credit_memo
	SET issue_date = '0001-12-31 BC', created_at = '10000-01-01Z' WHERE credit_memo_id = 'n'$$);
RESET DateStyle;

-- dates that a document cannot show, amounts that are missing, ids that are
SELECT * FROM broken($$UPDATE clean.credit_memo
	SET issue_date = 'infinity', created_at = '-infinity' WHERE credit_memo_id = 'n'$$);
SELECT * FROM broken($$UPDATE clean.invoice SET amount_due = NULL WHERE invoice_id = 'i'$$);
SELECT * FROM broken($$INSERT INTO clean.deposit SELECT NULL, customer_id, currency, status, amount
	FROM clean.deposit, generate_series(1, 2)$$);
-- copies beside a row do not multiply what is said of it
SELECT * FROM
	broken($$INSERT INTO clean.credit_memo SELECT m.* FROM clean.credit_memo m,
		generate_series(1, 2) WHERE credit_memo_id = 'm';
 INSERT INTO clean.invoice SELECT i.* FROM clean.invoice i, generate_series(1, 2)
 	WHERE invoice_id = 'i'; UPDATE clean.credit_memo_application SET applied_at = NULL
 	WHERE application_id = 'a'$$);
-- ids of several types are compared as the documents compare them
SELECT * FROM broken($$ALTER TABLE clean.credit_memo ALTER credit_memo_id TYPE char(9),
	ALTER customer_id TYPE name$$);
SELECT * FROM broken($$ALTER TABLE clean.credit_memo ALTER credit_memo_id TYPE text COLLATE "C";
ALTER TABLE clean.credit_memo_application ALTER credit_memo_id TYPE text COLLATE "POSIX"$$);
SELECT * FROM
	broken($$UPDATE clean.credit_memo SET credit_memo_id = CASE credit_memo_id
		WHEN 'm' THEN 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11' ELSE credit_memo_id END;
 UPDATE clean.credit_memo_application SET credit_memo_id = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11';
 ALTER TABLE clean.credit_memo_application ALTER credit_memo_id TYPE uuid USING
 	credit_memo_id::uuid$$);
-- a copy with another customer is a copy
BEGIN;
INSERT INTO clean.invoice SELECT invoice_id, 'd', currency, invoice_status, payment_status, number,
	total, amount_due, amount_remaining, due_date, issued_at FROM clean.invoice
	WHERE invoice_id = 'i';
SELECT rule, relation, id, found FROM balance.verify('clean', 'c');
SELECT rule, relation, id, found FROM balance.verify('clean', 'd');
ROLLBACK;

-- for people: the rules, how many rows, an example and what to do
SELECT * FROM balance.verify_summary();
BEGIN;
UPDATE clean.invoice SET amount_remaining = NULL, currency = 'zzz';
UPDATE clean.deposit SET deposit_id = NULL, customer_id = 'x';
UPDATE clean.credit_memo SET line_items = '[]';
SELECT * FROM balance.verify_summary('clean');
ROLLBACK;
SELECT * FROM balance.verify_summary('nowhere');

-- one customer's violations only, through whatever owns the row
UPDATE clean.invoice SET amount_remaining = -1 WHERE invoice_id IN ('i', 'fine');
UPDATE clean.invoice_line_item SET amount = NULL;
UPDATE clean.credit_memo_application SET applied_at = NULL WHERE application_id = 'a';
SELECT * FROM balance.verify('clean', 'c');
SELECT * FROM balance.verify('clean', 'd');
SELECT count(*) FROM balance.verify('clean', 'nobody');
-- due instants, and relations that are missing
ALTER TABLE clean.invoice ALTER due_date TYPE timestamptz;
UPDATE clean.invoice SET due_date = issued_at - interval '1 microsecond', amount_remaining = 0
	WHERE invoice_id = 'i';
SELECT rule, id, expected, found FROM balance.verify('clean', 'c') WHERE relation = 'invoice';
DROP TABLE clean.invoice, clean.customer;
SELECT rule, relation, id FROM balance.verify('clean');
DROP TABLE clean.credit_memo_application;
SELECT rule, relation, id FROM balance.verify('clean');
DROP TABLE clean.credit_memo, clean.vcu_order, clean.vcu_invoice, clean.deposit,
	clean.invoice_line_item, clean.payment, clean.exchange_rate;
SELECT * FROM balance.verify('clean');
SELECT * FROM balance.verify('nowhere');
CREATE VIEW clean.deposit AS SELECT 1 AS deposit_id;
SELECT * FROM balance.verify('clean');
\echo :LAST_ERROR_SQLSTATE
-- the longest name, the shortest customer, no ledger at all
SELECT balance.create_ledger(repeat('"', 63)) = ('"' || repeat('""', 63) || '"')::regnamespace
	AS made;
SELECT count(*) FROM balance.verify(('"' || repeat('""', 63) || '"')::regnamespace, ''),
	balance.check_ledger(('"' || repeat('""', 63) || '"')::regnamespace);
SELECT balance.items('', 'debt', 'usd', ledger => ('"' || repeat('""', 63) || '"')::regnamespace);
DO $$ BEGIN EXECUTE format('DROP SCHEMA %I CASCADE', repeat('"', 63)); END $$;
RESET balance.ledger;
SELECT count(*) FROM balance.verify(NULL, NULL);
-- a zone without a name
SET TimeZone = '+05:30';
SELECT count(*) FROM balance.verify('clean');
SET TimeZone = 'UTC';
-- a row that is shown as verify() shows it, one of which it is not certain, and none
SELECT id, balance.breaks_no_rule('payment', 'UTC',
	'{payment_id,customer_id,currency,amount,paid_at,status}', id, 2, currency, amount, paid_at,
	status) AS certain
FROM (VALUES ('fine', 'usd', 5, now(), NULL), (NULL, 'usd', 5, now(), NULL),
	('zero', 'usd', 0, now(), 'paid'), ('finer', 'usd', 0.001, now(), 'paid'),
	('large', 'usd', 1e20, now(), NULL), ('old', 'HRK', 5, now(), NULL),
	('word', 'usd', 5, now(), 'lost'), ('late', 'usd', 5, '10000-01-01Z', NULL),
	('metal', 'xau', 0.00000001, now(), 'settled'))
	AS p(id, currency, amount, paid_at, status);
SELECT balance.breaks_no_rule('nothing', 'UTC', '{customer_id}', 1);
SELECT balance.breaks_no_rule('customer', '+05:30', '{customer_id}', 1);
SELECT balance.breaks_no_rule('customer', NULL, '{customer_id}', 1);
SELECT balance.breaks_no_rule('customer', 'UTC', '{customer_id,default_currency}', 1);
SELECT balance.breaks_no_rule('customer', 'UTC', '{default_currency}', 'usd'::text);
SELECT balance.breaks_no_rule('customer', 'UTC', '{customer_id,default_currency}', 1, 1);
SELECT balance.breaks_no_rule('customer', 'UTC', '{customer_id,fact_paid}', 1, 1);
SELECT balance.breaks_no_rule('customer', 'UTC', ARRAY[name], 1)
FROM (VALUES ('customer_id'::text), ('x')) AS n(name);
SELECT balance.breaks_no_rule('customer', 'UTC', '{customer_id}', VARIADIC '{1}'::int[]);
-- as text whatever is set
SET DateStyle = 'German';
SET TimeZone = 'Asia/Tokyo';
SELECT balance.iso_text('2026-01-31'::date), balance.iso_text('0044-03-15 BC'::date),
	balance.iso_text('infinity'::date), balance.iso_text('2026-01-31 12:00:00.5Z', 'Asia/Kolkata'),
	balance.iso_text('-infinity', 'UTC');
SELECT balance.iso_text('2026-01-31 12:00Z', 'IST');
RESET DateStyle;
RESET TimeZone;
DROP FUNCTION broken;
DROP TYPE violation;
DROP SCHEMA clean CASCADE;
