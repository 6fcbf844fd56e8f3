-- create_ledger: what it makes, whose it is, and what it refuses.
\set SHOW_CONTEXT never
\pset format unaligned
\pset tuples_only on
SELECT balance.create_ledger('made');
-- the relations and columns of the contract, required ones NOT NULL where the contract stars them
SELECT c.relname || '('
	|| string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull
	THEN '*' ELSE '' END, ', ' ORDER BY a.attnum) || ')'
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relnamespace = 'made'::regnamespace AND c.relkind = 'r' GROUP BY c.relname
	ORDER BY c.relname COLLATE "C";
SELECT conrelid::regclass, contype, pg_get_constraintdef(oid) FROM pg_constraint
	WHERE connamespace = 'made'::regnamespace AND contype <> 'n'
	ORDER BY conrelid::regclass::text COLLATE "C", contype, pg_get_constraintdef(oid) COLLATE "C";
SELECT indexdef FROM pg_indexes WHERE schemaname = 'made' AND indexname NOT LIKE '%pkey'
	ORDER BY indexname COLLATE "C";
SELECT count(*) FILTER (WHERE obj_description(oid) IS NULL) AS uncommented FROM pg_class
	WHERE relnamespace = 'made'::regnamespace AND relkind = 'r';
-- nothing in it depends on the extension, and nothing belongs to it
SELECT count(*) FROM pg_depend d JOIN pg_class c ON c.oid = d.objid
	AND d.classid = 'pg_class'::regclass
WHERE c.relnamespace = 'made'::regnamespace
	AND (d.deptype = 'e' OR d.refobjid IN (SELECT objid FROM pg_depend
	WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
	AND classid <> 'pg_language'::regclass AND classid <> 'pg_proc'::regclass));

-- a look-up by customer is one index scan
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT balance.tally_invoices(currency, invoice_status, payment_status, total)
	FROM made.invoice WHERE customer_id = 'c';
RESET enable_seqscan;

-- it refuses what it would spoil or cannot name, and leaves no half of it
SELECT balance.create_ledger('made');
\echo :LAST_ERROR_SQLSTATE
SELECT balance.create_ledger(NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT balance.create_ledger('');
\echo :LAST_ERROR_SQLSTATE
SELECT balance.create_ledger(repeat('ü', 32));
SELECT balance.create_ledger('pg_mine');
\echo :LAST_ERROR_SQLSTATE
SELECT balance.create_ledger('pg_catalog');
SELECT balance.create_ledger('information_schema');
\echo :LAST_ERROR_SQLSTATE
SELECT balance.create_ledger('balance');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM pg_class
	WHERE relnamespace IN ('balance'::regnamespace, 'information_schema'::regnamespace)
	AND relname IN ('invoice', 'report_metrics');
CREATE SCHEMA half CREATE VIEW deposit AS SELECT 1 AS one;
SELECT balance.create_ledger('half');
SELECT count(*) FROM pg_class WHERE relnamespace = 'half'::regnamespace;
-- a schema that is there is used
CREATE SCHEMA ready;
SELECT balance.create_ledger('ready');

-- hostile names, a hostile search_path
CREATE SCHEMA evil;
CREATE TABLE evil.pg_class (relname name, relnamespace oid);
CREATE FUNCTION evil.quote_ident(text) RETURNS text LANGUAGE sql AS $$ SELECT 'evil'::text $$;
CREATE FUNCTION evil.format(text, VARIADIC text[]) RETURNS text LANGUAGE sql
	AS $$ SELECT 'DROP SCHEMA made CASCADE'::text $$;
SET search_path = evil, pg_catalog;
SELECT balance.create_ledger('a "b''; DROP SCHEMA made CASCADE; -- @ledger %I $1');
SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	WHERE n.nspname = 'a "b''; DROP SCHEMA made CASCADE; -- @ledger %I $1' AND c.relkind = 'r';
RESET search_path;
SELECT balance.customer_balance('nobody', '"a ""b''; DROP SCHEMA made CASCADE; -- @ledger %I $1"');
SELECT balance.create_ledger(repeat('x', 63)), balance.create_ledger(repeat('x', 64));

-- it belongs to its caller
CREATE ROLE regress_balance_owner;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO regress_balance_owner',
	current_database()); END $$;
SET ROLE regress_balance_owner;
SELECT balance.create_ledger('owned');
RESET ROLE;
SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class WHERE relnamespace = 'owned'::regnamespace;
DO $$ BEGIN EXECUTE format('REVOKE CREATE ON DATABASE %I FROM regress_balance_owner',
	current_database()); END $$;
SET ROLE regress_balance_owner;
\set VERBOSITY sqlstate
SELECT balance.create_ledger('denied');
\set VERBOSITY default
RESET ROLE;
SET client_min_messages = warning;
DROP SCHEMA made, half, ready, evil, owned,
	"a ""b'; DROP SCHEMA made CASCADE; -- @ledger %I $1" CASCADE;
DROP ROLE regress_balance_owner;

-- a ledger as an older version made it gets what it lacks, and nothing else changes
SELECT balance.create_ledger('old');
SELECT balance.drop_report_views('old');
DROP TABLE old.payment, old.exchange_rate;
ALTER TABLE old.invoice DROP finalized_at, DROP voided_at;
ALTER TABLE old.credit_memo DROP expires_at, DROP amount_refunded;
ALTER TABLE old.credit_memo_application DROP reversed_at;
ALTER TABLE old.vcu_order DROP pay_with_balance;
INSERT INTO old.customer VALUES ('c');
INSERT INTO old.vcu_order VALUES ('o', 'c', 'USD', 'issued', 1);
SELECT balance.create_report_views('old');
DROP VIEW old.report_ageing;
SELECT * FROM balance.upgrade_ledger('old');
SELECT * FROM balance.upgrade_ledger('old');
SELECT message FROM balance.check_ledger('old');
-- only rows to come have a default; the tables are what create_ledger() makes
INSERT INTO old.vcu_order (vcu_order_id, customer_id, currency, status, units)
	VALUES ('p', 'c', 'USD', 'issued', 1);
SELECT vcu_order_id, pay_with_balance FROM old.vcu_order ORDER BY 1;
CREATE FUNCTION pg_temp.definition(schema text) RETURNS TABLE (what text) LANGUAGE sql AS $$
	SELECT concat_ws(' ', conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint
	WHERE connamespace = schema::regnamespace
	UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = schema
	UNION ALL SELECT concat_ws(' ', attrelid::regclass, attname, format_type(atttypid, atttypmod),
		attnotnull, pg_get_expr(adbin, adrelid), col_description(attrelid, attnum))
	FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
	WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = schema::regnamespace
		AND relkind = 'r') AND attnum > 0 AND NOT attisdropped
$$;
SELECT balance.create_ledger('new');
SELECT (SELECT count(*) FROM pg_temp.definition('new')) > 100 AS compared, d.*
FROM (SELECT replace(what, 'new.', '') FROM pg_temp.definition('new')
	EXCEPT SELECT replace(what, 'old.', '') FROM pg_temp.definition('old')) d;
-- what it refuses
CREATE VIEW new.v AS SELECT * FROM new.payment;
ALTER TABLE new.payment RENAME TO p;
ALTER VIEW new.v RENAME TO payment;
SELECT * FROM balance.upgrade_ledger('new');
CREATE SCHEMA none;
SELECT * FROM balance.upgrade_ledger('none');
SELECT * FROM balance.upgrade_ledger('nowhere');
SELECT * FROM balance.upgrade_ledger(NULL);
SET client_min_messages = warning;
DROP SCHEMA old, new, none CASCADE;
RESET client_min_messages;
