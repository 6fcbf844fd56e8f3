-- Maintained balances, and a hand in the catalogue, other owners, other schemas, event
-- triggers: what the store says is right, or it does not count.
SET client_min_messages = warning;
SET search_path = public, balance;
CREATE SCHEMA k;
CREATE TABLE k.customer (customer_id text);
INSERT INTO k.customer SELECT 'c' || i FROM generate_series(1, 3) i;
CREATE TABLE k.deposit (customer_id text, currency text, status text, amount numeric,
	deposit_id serial);
INSERT INTO k.deposit SELECT 'c' || 1 + i % 3, 'usd', 'ok', i FROM generate_series(1, 30) i;
SELECT relation, valid, reason FROM maintain('k');
CREATE FUNCTION state() RETURNS text LANGUAGE sql AS $$
WITH kept AS (SELECT customer_id, merge(p) FROM k.balance_store, position_from_packed(position) p
	WHERE source = 'd' GROUP BY 1 HAVING merge(p) <> '1{}'),
rows AS (SELECT customer_id, tally_deposits(currency, status, amount) FROM k.deposit GROUP BY 1)
SELECT CASE WHEN NOT store_counts('k', 'deposit') THEN 'does not count'
	WHEN EXISTS ((TABLE kept EXCEPT TABLE rows) UNION ALL (TABLE rows EXCEPT TABLE kept))
	THEN 'WRONG' ELSE 'counts' END
$$;
CREATE FUNCTION write_and_tell() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO k.deposit VALUES ('c1', 'usd', 'ok', 1), ('c2', 'usd', 'ok', 1);
	UPDATE k.deposit SET amount = amount + 1;
	DELETE FROM k.deposit WHERE deposit_id = (SELECT max(deposit_id) FROM k.deposit);
	RETURN concat_ws(', ', state(), (SELECT reason FROM maintenance('k')));
END $$;
SELECT write_and_tell();

-- a hand in the catalogue, of which nobody is told
UPDATE pg_trigger SET tgenabled = 'D'
WHERE tgname = '!balance_insert' AND tgrelid = 'k.deposit'::regclass;
SELECT state();
\c
SET client_min_messages = warning;
SET search_path = public, balance;
SELECT write_and_tell();
SELECT valid FROM repair('k');
SELECT write_and_tell();
BEGIN;
DELETE FROM pg_trigger WHERE tgname = '!balance_update' AND tgrelid = 'k.deposit'::regclass;
SELECT state();
SELECT valid FROM repair('k');
SELECT state();
ROLLBACK;
SELECT write_and_tell();
BEGIN;
UPDATE pg_depend SET refobjsubid = 1 WHERE classid = 'pg_trigger'::regclass
	AND refobjid = 'k.balance_store'::regclass;
ALTER TABLE k.deposit ALTER currency SET STATISTICS 100;
SELECT write_and_tell();
ROLLBACK;
SELECT write_and_tell();
BEGIN;
UPDATE pg_class SET relhastriggers = false WHERE oid = 'k.deposit'::regclass;
ALTER TABLE k.deposit ALTER currency SET STATISTICS 100;
SELECT write_and_tell();
ROLLBACK;
SELECT write_and_tell();

BEGIN;
UPDATE pg_trigger SET tgnargs = 1 WHERE tgname = '!balance_insert'
	AND tgrelid = 'k.deposit'::regclass;
ALTER TABLE k.deposit ALTER currency SET STATISTICS 100;
SELECT write_and_tell();
ROLLBACK;
SELECT write_and_tell();

-- owners
CREATE ROLE regress_balance_probe;
GRANT USAGE, CREATE ON SCHEMA k TO regress_balance_probe;
GRANT SELECT (customer_id) ON k.deposit TO regress_balance_probe;
SELECT write_and_tell();
ALTER TABLE k.deposit OWNER TO regress_balance_probe;
SELECT write_and_tell();
REASSIGN OWNED BY regress_balance_probe TO CURRENT_USER;
SELECT write_and_tell();
ALTER TABLE k.balance_store OWNER TO regress_balance_probe;
SELECT write_and_tell(), fold('k') >= 0 AS folded;
ALTER TABLE k.balance_store OWNER TO CURRENT_USER;
ALTER SCHEMA k OWNER TO regress_balance_probe;
SELECT write_and_tell();
ALTER SCHEMA k OWNER TO CURRENT_USER;
SELECT valid FROM repair('k');
SELECT write_and_tell();

-- schemas
CREATE SCHEMA other;
ALTER TABLE k.balance_store SET SCHEMA other;
INSERT INTO k.deposit VALUES ('c2', 'usd', 'ok', 1);
SELECT store_counts('k', 'deposit'), reason FROM maintenance('k');
ALTER TABLE other.balance_store SET SCHEMA k;
SELECT write_and_tell();
ALTER TABLE k.balance_history SET SCHEMA other;
SELECT write_and_tell();
ALTER TABLE other.balance_history SET SCHEMA k;
SELECT write_and_tell();
ALTER TABLE k.balance_maintained SET SCHEMA other;
SELECT write_and_tell();
ALTER TABLE other.balance_maintained SET SCHEMA k;
SELECT write_and_tell();
ALTER SCHEMA k RENAME TO renamed;
INSERT INTO renamed.deposit VALUES ('c2', 'usd', 'ok', 1);
SELECT store_counts('renamed', 'deposit'),
	(SELECT count(*) FROM verify('renamed') WHERE rule = 'store_differs') AS differences;
ALTER SCHEMA renamed RENAME TO k;
SELECT write_and_tell();

-- the extension
ALTER EXTENSION balance UPDATE;
SELECT write_and_tell();
ALTER EXTENSION balance ADD TABLE k.balance_store;
SELECT write_and_tell();
ALTER EXTENSION balance DROP TABLE k.balance_store;
ALTER FUNCTION store_statement() SET work_mem = '1MB';
SELECT write_and_tell();
ALTER FUNCTION store_statement() RESET work_mem;

-- an event trigger that reads the ledger while its triggers are made
CREATE FUNCTION look() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM customer_balance('c1', 'k');
	UPDATE k.deposit SET amount = amount + 1;
END $$;
CREATE EVENT TRIGGER look ON ddl_command_end EXECUTE FUNCTION look();
ALTER TABLE k.deposit DISABLE TRIGGER USER;
ALTER TABLE k.deposit ENABLE TRIGGER USER;
SELECT state();
SELECT valid FROM repair('k');
DROP EVENT TRIGGER look;
SELECT write_and_tell();

-- two ledgers over one table
CREATE SCHEMA v;
CREATE VIEW v.customer AS TABLE k.customer;
CREATE VIEW v.deposit AS SELECT * FROM k.deposit WHERE currency = 'usd';
SELECT valid, reason FROM maintain('v');
SELECT write_and_tell();
SELECT store_counts('v', 'deposit'),
	(SELECT count(*) FROM verify('v') WHERE rule = 'store_differs') AS differences;

-- no customer, no position; but no recorded one where the day is not
SELECT position_recorded(NULL, '2000-01-01', 'k'),
	recorded_position('k', 'deposit', 'c1', NULL);
\set VERBOSITY terse
SELECT recorded_position('k', 'deposit', NULL, '2000-01-01') IS NULL AS raises;
\set VERBOSITY default
DROP SCHEMA k CASCADE;
SELECT store_counts('v', 'deposit');
DROP SCHEMA other, v CASCADE;
DROP ROLE regress_balance_probe;
DROP FUNCTION state(), write_and_tell(), look();
