-- Whatever is done to the store of maintained balances, or by whomever.
SET client_min_messages = warning;
SET search_path = public, balance;
SELECT create_ledger('altered');
SET balance.ledger = 'altered';
INSERT INTO altered.customer (customer_id, business_id) SELECT 'c' || i, 'b'
	FROM generate_series(1, 2) i;
INSERT INTO altered.deposit (deposit_id, customer_id, currency, status, amount)
	VALUES ('d1', 'c1', 'usd', 'ok', 1);
SELECT relation, valid FROM maintain() WHERE relation = 'deposit';
CREATE FUNCTION state() RETURNS text LANGUAGE sql AS $$
SELECT concat_ws(' ', valid, reason, store_counts('altered', 'deposit'))
	FROM maintenance() WHERE relation = 'deposit'
$$;
CREATE FUNCTION differences() RETURNS bigint LANGUAGE sql AS $$
SELECT count(*) FROM verify() WHERE rule = 'store_differs'
$$;

-- rows that go without a trigger: an unlogged table that is logged again may have been in a crash
SELECT drop_report_views() > 0 AS dropped;
ALTER TABLE altered.deposit SET UNLOGGED;
SELECT state();
ALTER TABLE altered.deposit SET LOGGED;
SELECT state();
SELECT valid FROM repair() WHERE relation = 'deposit';
-- the same of the store and of the marker
ALTER TABLE altered.balance_store SET UNLOGGED;
SELECT state();
ALTER TABLE altered.balance_store SET LOGGED;
SELECT state();
SELECT valid FROM repair() WHERE relation = 'deposit';
ALTER TABLE altered.balance_store ALTER latest TYPE timestamptz USING NULL;
SELECT state();
SELECT valid FROM repair() WHERE relation = 'deposit';
-- a table that is another one
CREATE TABLE altered.copy AS TABLE altered.deposit;
DROP TABLE altered.deposit;
SELECT state();
ALTER TABLE altered.copy RENAME TO deposit;
SELECT state();
SELECT valid FROM repair() WHERE relation = 'deposit';
SELECT differences();
-- what moves rows, or takes them away by TRUNCATE, keeps the store
ALTER TABLE altered.deposit ADD PRIMARY KEY (deposit_id);
SELECT valid FROM repair() WHERE relation = 'deposit';
CLUSTER altered.deposit USING deposit_pkey;
SELECT state();
BEGIN;
TRUNCATE altered.deposit;
SELECT state(), differences();
ROLLBACK;
SELECT state(), differences();
-- a table of narrow columns has no TOAST table to tell by
CREATE SCHEMA narrow;
CREATE TYPE narrow.state AS ENUM ('ok', 'pending');
CREATE TABLE narrow.deposit (deposit_id int
	, customer_id int, currency varchar(3), status narrow.state, amount bigint);
INSERT INTO narrow.deposit VALUES (1, 1, 'usd', 'ok', 1);
SELECT valid FROM maintain('narrow');
ALTER TABLE narrow.deposit SET UNLOGGED;
ALTER TABLE narrow.deposit SET LOGGED;
SELECT valid, reason FROM maintenance('narrow');
SELECT valid FROM repair('narrow');
UPDATE narrow.deposit SET status = 'pending', currency = 'EUR ';
SELECT count(*) FROM verify('narrow') WHERE rule = 'store_differs';

-- indexes that an owner adds are kept as well, those that it drops are not missed
CREATE INDEX by_source ON altered.balance_store (source, customer_id) INCLUDE (bad);
CREATE INDEX by_length ON altered.balance_store (length(customer_id)) WHERE length(customer_id) > 1;
INSERT INTO altered.deposit (deposit_id, customer_id, currency, status, amount)
	VALUES ('d2', 'c1', 'usd', 'ok', 2), ('d3', 'c2', 'usd', 'ok', 2);
SET enable_seqscan = off;
SELECT count(*) FROM altered.balance_store WHERE source = 'd' AND customer_id = 'c2';
SELECT count(*) FROM altered.balance_store WHERE length(customer_id) = 2 AND customer_id = 'c2';
RESET enable_seqscan;
REINDEX TABLE altered.balance_store;
SELECT state(), differences();
DROP INDEX altered.balance_store_customer_id;
UPDATE altered.deposit SET amount = 3;
SELECT customer_balance('c2')::text ~ '3.00' AS found, state(), differences();
SELECT fold('altered', '{c1}') >= 0 AS folded;
SELECT valid FROM repair() WHERE relation = 'deposit';
SELECT indexdef FROM pg_indexes
	WHERE schemaname = 'altered' AND tablename = 'balance_store' ORDER BY 1;
DROP INDEX altered.by_source, altered.by_length;
-- but not such as want rows to differ
CREATE UNIQUE INDEX no_two ON altered.balance_store (customer_id, source, position);
UPDATE altered.deposit SET amount = 4;
DROP INDEX altered.no_two;
UPDATE altered.deposit SET amount = 4;
SELECT state(), differences();

-- columns, checks, row security and triggers of the owner's own
ALTER TABLE altered.balance_store ADD COLUMN note text, ADD CHECK (bad > 100) NOT VALID;
ALTER TABLE altered.balance_store ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE altered.balance_maintained ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'never'; END $$;
CREATE TRIGGER never AFTER INSERT OR UPDATE OR DELETE ON altered.balance_store
	FOR EACH ROW EXECUTE FUNCTION never();
UPDATE altered.deposit SET amount = 5;
SELECT fold() >= 0 AS folded;
SELECT state(), differences();
SELECT count(note) FROM altered.balance_store;
ALTER TABLE altered.balance_store ALTER note SET DEFAULT 'x';
ALTER TABLE altered.balance_store ADD COLUMN must text NOT NULL DEFAULT 'x';
UPDATE altered.deposit SET amount = 6;
ALTER TABLE altered.balance_store DROP COLUMN must;
UPDATE altered.deposit SET amount = 6;
SELECT state(), differences();
ALTER TABLE altered.balance_store DROP COLUMN latest;
UPDATE altered.deposit SET amount = 7;
SELECT valid, reason FROM maintain() WHERE relation = 'deposit';
UPDATE altered.deposit SET amount = 7;
SELECT state(), differences();
SELECT stop_maintaining();

-- the store belongs to the owner of the schema, who need not own the tables
\set VERBOSITY terse
CREATE ROLE regress_balance_schema;
CREATE ROLE regress_balance_table;
CREATE ROLE regress_balance_member IN ROLE regress_balance_schema;
CREATE ROLE regress_balance_writer;
CREATE SCHEMA owned AUTHORIZATION regress_balance_schema;
GRANT USAGE, CREATE ON SCHEMA owned TO regress_balance_table, regress_balance_writer;
SET ROLE regress_balance_table;
CREATE TABLE owned.deposit (deposit_id text
	, customer_id text, currency text, status text, amount numeric);
INSERT INTO owned.deposit VALUES ('d1', 'c1', 'usd', 'ok', 1);
GRANT INSERT, UPDATE, DELETE ON owned.deposit TO regress_balance_writer;
SELECT maintain('owned');
RESET ROLE;
SET ROLE regress_balance_schema;
SELECT maintain('owned');
RESET ROLE;
SELECT valid FROM maintain('owned');
SELECT relname, relowner::regrole FROM pg_class
	WHERE relnamespace = 'owned'::regnamespace AND relkind = 'r' ORDER BY 1;
-- who writes needs no right to the store
SET ROLE regress_balance_writer;
INSERT INTO owned.deposit VALUES ('d2', 'c1', 'usd', 'ok', 2);
SELECT count(*) FROM owned.balance_store;
SELECT fold('owned');
RESET ROLE;
SELECT count(*) FROM verify('owned') WHERE rule = 'store_differs';
-- with the triggers there, the owner of the schema goes on alone, also through a role or a function
ALTER TABLE owned.deposit DISABLE TRIGGER "!balance_insert";
INSERT INTO owned.deposit VALUES ('d3', 'c1', 'usd', 'ok', 3);
ALTER TABLE owned.deposit ENABLE ALWAYS TRIGGER "!balance_insert";
SET ROLE regress_balance_member;
SELECT valid, reason FROM maintenance('owned');
SELECT valid FROM repair('owned');
SELECT fold('owned') >= 0 AS folded;
RESET ROLE;
SELECT merge(position_from_packed(position)) FROM owned.balance_store;
CREATE FUNCTION owned.mend() RETURNS boolean LANGUAGE sql SECURITY DEFINER
	SET search_path = '' AS $$
SELECT valid FROM balance.repair('owned'); SELECT balance.fold('owned') >= 0
$$;
ALTER FUNCTION owned.mend() OWNER TO regress_balance_schema;
ALTER TABLE owned.deposit DISABLE TRIGGER "!balance_insert";
INSERT INTO owned.deposit VALUES ('d4', 'c1', 'usd', 'ok', 4);
ALTER TABLE owned.deposit ENABLE ALWAYS TRIGGER "!balance_insert";
SET ROLE regress_balance_writer;
SELECT valid FROM repair('owned');
SELECT owned.mend();
RESET ROLE;
SELECT merge(position_from_packed(position)) FROM owned.balance_store;
SELECT valid FROM maintenance('owned');
-- a trigger can be made by the table's owner only
DROP TRIGGER "!balance_insert" ON owned.deposit;
SET ROLE regress_balance_schema;
SELECT repair('owned');
SELECT stop_maintaining('owned');
RESET ROLE;
SELECT count(*) FROM pg_trigger WHERE tgrelid = 'owned.deposit'::regclass;

DROP SCHEMA altered, narrow, owned CASCADE;
DROP ROLE regress_balance_member, regress_balance_schema, regress_balance_table,
	regress_balance_writer;
DROP FUNCTION state(), differences(), never();
