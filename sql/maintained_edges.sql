-- What maintained balances refuse or leave alone, and when rows are read in spite of a store.
SET client_min_messages = warning;
SET search_path = public, balance;
SELECT create_ledger('edges');
SET balance.ledger = 'edges';
SELECT drop_report_views() > 0 AS dropped;
INSERT INTO edges.customer (customer_id, business_id) VALUES ('c1', 'b');
INSERT INTO edges.deposit (deposit_id, customer_id, currency, status, amount)
	VALUES ('d1', 'c1', 'usd', 'ok', 1);
SELECT relation, valid FROM maintain();
CREATE FUNCTION edges.state(name text) RETURNS text LANGUAGE sql AS $$
SELECT concat_ws(' ', valid, reason, store_counts('edges', name)) FROM maintenance()
	WHERE relation = name
$$;

-- trigger functions are no functions to call
SELECT balance.store_statement();
\echo :LAST_ERROR_SQLSTATE
SELECT balance.store_row();
SELECT balance.store_truncate();
SELECT balance.store_guard();

-- triggers that somebody has made himself find no store, and do nothing
CREATE TABLE edges.aside (LIKE edges.deposit);
CREATE TRIGGER mine AFTER INSERT ON edges.aside REFERENCING NEW TABLE AS new_rows
	FOR EACH STATEMENT EXECUTE FUNCTION balance.store_statement('deposit', '0');
CREATE TRIGGER mine_by_row AFTER INSERT OR UPDATE OR DELETE ON edges.aside
	FOR EACH ROW EXECUTE FUNCTION balance.store_row('deposit', '0');
ALTER TABLE edges.aside ENABLE ALWAYS TRIGGER mine, ENABLE ALWAYS TRIGGER mine_by_row;
CREATE TRIGGER mine_too BEFORE TRUNCATE ON edges.aside
	FOR EACH STATEMENT EXECUTE FUNCTION balance.store_truncate('deposit', '0');
SELECT count(*) AS before FROM edges.balance_store \gset
INSERT INTO edges.aside VALUES ('a', 'c1', 'usd', 'ok', 100);
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE edges.aside SET amount = 200;
INSERT INTO edges.aside VALUES ('b', 'c1', 'usd', 'ok', 100);
COMMIT;
TRUNCATE edges.aside;
SELECT count(*) - :before AS appended FROM edges.balance_store;
DROP TABLE edges.aside;
SELECT edges.state('deposit');

-- a trigger of maintained relations that fires out of its turn leaves the row to the other one
ALTER TABLE edges.deposit ENABLE ALWAYS TRIGGER "!balance_row";
INSERT INTO edges.deposit VALUES ('d2', 'c1', 'usd', 'ok', 2);
SELECT count(*) AS differing FROM verify() WHERE rule = 'store_differs';
SELECT edges.state('deposit');
ALTER TABLE edges.deposit ENABLE REPLICA TRIGGER "!balance_row";
SELECT valid FROM repair() WHERE relation = 'deposit';
SELECT edges.state('deposit');

-- while a table is being written its rows are read, by whatever way they are written
CREATE FUNCTION edges.held(ledger text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
	RETURN (balance.customer_balance('c1', ledger::regnamespace) #>> '{0,deposits,ok,total}')
		|| ' ' || balance.store_counts(ledger::regnamespace, 'deposit');
END $$;
CREATE FUNCTION edges.tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE WARNING 'held: %', edges.held(TG_ARGV[0]);
	RETURN NEW;
END $$;
CREATE TRIGGER tell BEFORE INSERT OR UPDATE ON edges.deposit
	FOR EACH ROW EXECUTE FUNCTION edges.tell('edges');
INSERT INTO edges.deposit VALUES ('d3', 'c1', 'usd', 'ok', 4), ('d4', 'c1', 'usd', 'ok', 8);
COPY edges.deposit FROM STDIN;
d5	c1	usd	ok	16
d6	c1	usd	ok	32
\.
SELECT edges.held('edges');
BEGIN;
SET LOCAL session_replication_role = replica;
SELECT edges.held('edges');
COMMIT;
SELECT edges.held('edges');
-- also where the library is loaded by the statement that writes
\c -
SET client_min_messages = warning;
INSERT INTO edges.deposit VALUES ('d7', 'c1', 'usd', 'ok', 64), ('d8', 'c1', 'usd', 'ok', 128);
SELECT edges.held('edges');
SET search_path = public, balance;
SET balance.ledger = 'edges';
SELECT count(*) AS differing FROM verify() WHERE rule = 'store_differs';

-- a partition that is written by itself is one of its table
CREATE SCHEMA parts;
CREATE TABLE parts.customer (customer_id text);
INSERT INTO parts.customer VALUES ('c1');
CREATE TABLE parts.deposit (deposit_id text, customer_id text, currency text, status text,
	amount numeric) PARTITION BY LIST (status);
CREATE TABLE parts.deposit_ok PARTITION OF parts.deposit FOR VALUES IN ('ok');
SELECT valid FROM maintain('parts');
CREATE TRIGGER tell BEFORE INSERT ON parts.deposit_ok
	FOR EACH ROW EXECUTE FUNCTION edges.tell('parts');
INSERT INTO parts.deposit_ok VALUES ('p1', 'c1', 'usd', 'ok', 1), ('p2', 'c1', 'usd', 'ok', 2);
SELECT edges.held('parts');

-- what cannot be kept, and why
CREATE SCHEMA no;
CREATE FOREIGN DATA WRAPPER edges_wrapper;
CREATE SERVER edges_server FOREIGN DATA WRAPPER edges_wrapper;
CREATE TABLE no.deposit (deposit_id text, customer_id text, currency text, status text,
	amount numeric) PARTITION BY LIST (status);
CREATE FOREIGN TABLE no.deposit_far PARTITION OF no.deposit FOR VALUES IN ('far')
	SERVER edges_server;
CREATE MATERIALIZED VIEW no.vcu_invoice AS SELECT 'v' AS vcu_invoice_id, 'c1' AS customer_id,
	'brl' AS currency, 'paid' AS status, 1.0 AS units, now() AS created_at;
CREATE TABLE no.vcu_order (vcu_order_id text, customer_id inet, currency text, status text,
	units numeric, created_at timestamptz);
CREATE VIEW no.invoice AS SELECT oid AS invoice_id, relname::text AS customer_id, 'usd' AS currency,
	'open' AS invoice_status, 1.0 AS total, 1.0 AS amount_due, 1.0 AS amount_remaining
	FROM pg_class;
SELECT relation, valid, reason FROM maintain('no');
SELECT relation, valid, reason FROM maintenance('no');

-- a table of that name that is none of ours is no store
CREATE SCHEMA strange;
CREATE TABLE strange.deposit (deposit_id text, customer_id text, currency text, status text,
	amount numeric);
INSERT INTO strange.deposit VALUES ('s', 'c1', 'usd', 'ok', 3);
CREATE TABLE strange.balance_store (n int);
SELECT edges.held('strange');
SELECT relation, valid, reason FROM maintenance('strange');
SELECT relation, valid, reason FROM maintain('strange');
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE strange.balance_store ADD a int, ADD b int, ADD c int, ADD d int, ADD e int;
SELECT edges.held('strange');
SELECT relation, valid, reason FROM maintain('strange');
SELECT stop_maintaining('strange');
ALTER TABLE strange.balance_store RENAME TO mine;
CREATE TABLE strange.balance_maintained (n int);
SELECT relation, valid, reason FROM maintain('strange');
DROP TABLE strange.balance_maintained;
SELECT relation, valid, reason FROM maintain('strange');
SELECT edges.held('strange');
SELECT stop_maintaining('strange');

-- TRUNCATE of what the transaction's snapshot sees
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT edges.held('edges');
TRUNCATE edges.deposit;
SELECT edges.held('edges');
ROLLBACK;
SELECT edges.held('edges');

-- a marker of a version that reads rows in another way
ALTER TABLE edges.balance_maintained DISABLE TRIGGER USER;
UPDATE edges.balance_maintained SET signature = left(signature, -1) || 'x'
	WHERE relation = 'deposit';
ALTER TABLE edges.balance_maintained ENABLE TRIGGER USER;
SELECT edges.state('deposit');
SELECT valid FROM repair() WHERE relation = 'deposit';
-- and none at all
ALTER TABLE edges.balance_maintained DISABLE TRIGGER USER;
DELETE FROM edges.balance_maintained WHERE relation = 'deposit';
ALTER TABLE edges.balance_maintained ENABLE TRIGGER USER;
SELECT edges.state('deposit');
SELECT edges.held('edges');
SELECT valid FROM repair() WHERE relation = 'deposit';
SELECT edges.held('edges');

-- what queries ask of the store, of nobody and of what there is not
SELECT stored_position('edges', 'deposit', NULL, now()),
	stored_position('strange', 'deposit', 'c1', now());
SELECT count(*) FROM stored_rows('strange', 'deposit');
SELECT count(*) > 0 AS some FROM stored_rows('edges', 'deposit');
SELECT create_report_views() IS NOT NULL AS made LIMIT 1;
SELECT customer_id, kind, state, total FROM edges.report_customer_balance
	WHERE customer_id IN ('c1', 'nobody', 'c1', NULL) AND kind = 'deposits';
SELECT customer_id, kind, state, total FROM edges.report_customer_balance
	WHERE customer_id = ANY ('{nobody}') AND kind = 'deposits';

-- what was recorded, of nobody and of what there is not
SELECT recorded_position('edges', 'deposit', 'c1', NULL),
	recorded_position('strange', 'invoice', 'c1', current_date);
CREATE SCHEMA nothing;
CREATE TABLE nothing.customer (customer_id text);
SELECT position_recorded('c1', current_date, 'nothing');
\echo :LAST_ERROR_SQLSTATE
CREATE ROLE regress_balance_stranger;
SET ROLE regress_balance_stranger;
SELECT recorded_position('edges', 'deposit', 'c1', current_date);
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
DROP ROLE regress_balance_stranger;

DROP SCHEMA nothing, parts, no, strange, edges CASCADE;
DROP SERVER edges_server;
DROP FOREIGN DATA WRAPPER edges_wrapper;
