-- Binding a ledger: relations and columns as they are, and what is wrong with them.
\set SHOW_CONTEXT never
\pset format unaligned
\pset tuples_only on
-- citext and its operators in a schema that nobody looks in, a table and a column with hostile names
CREATE SCHEMA "odd ""; schema";
CREATE EXTENSION citext SCHEMA "odd ""; schema";
CREATE SCHEMA base;
CREATE SCHEMA views;
SET balance.ledger = 'views';
CREATE TYPE base.invoice_state AS ENUM ('DRAFT', 'FINALIZED', 'VOIDED');
CREATE DOMAIN base.money_amount AS numeric(20, 8) CHECK (VALUE IS NOT NULL);
CREATE TABLE base.cust (id uuid PRIMARY KEY, tenant uuid, cur varchar(3));
CREATE TABLE base.inv (id bigint PRIMARY KEY, cust uuid, cur char(3), state base.invoice_state, pay "odd ""; schema".citext, total base.money_amount, cents bigint, due timestamptz);
CREATE INDEX inv_cust ON base.inv (cust);
CREATE TABLE base."li""ne'; --" (inv bigint, kind base.invoice_state, "amo""unt; $1" int);
INSERT INTO base.cust VALUES ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '11111111-1111-1111-1111-111111111111', 'eur');
INSERT INTO base.inv VALUES (1, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'EUR', 'FINALIZED', 'Pending', 12.5, 1250, '2026-01-31 12:00Z'),
 (2, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'EUR', 'VOIDED', NULL, 99, 9900, NULL);
INSERT INTO base."li""ne'; --" VALUES (1, 'DRAFT', 12), (2, 'DRAFT', 99);
CREATE VIEW views.customer WITH (security_invoker) AS SELECT id AS customer_id, tenant AS wb_customer_id, cur AS default_currency FROM base.cust;
CREATE VIEW views.invoice WITH (security_invoker) AS SELECT id AS invoice_id, cust AS customer_id, cur AS currency, state AS invoice_status, pay AS payment_status, total, cents / 100.0 AS amount_due, total AS amount_remaining, due AS due_date FROM base.inv;
CREATE VIEW views.invoice_line_item WITH (security_invoker) AS SELECT inv AS invoice_id, kind AS price_type, "amo""unt; $1" AS amount FROM base."li""ne'; --";

-- uuid, varchar, char, enum, citext, domain, bigint and int columns, any spelling of a uuid
SELECT balance.customer_balance('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11');
SELECT balance.customer_balance('{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}') = balance.customer_balance('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11');
SELECT balance.invoice_summary('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '2026-02-01', 'UTC');
-- what cannot be an id of the column's type is no customer
SELECT balance.customer_balance(x) FROM unnest('{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12}'::text[]) x;
SELECT balance.customer_balance('Cust_1');
SELECT balance.customer_balance('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1');
SELECT balance.customer_balance('a0eebc99--9c0b-4ef8-bb6d-6bb9bd380a11');
-- without a customer relation nobody is unknown
DROP VIEW views.customer;
SELECT balance.customer_balance('Cust_1');
SELECT balance.customer_balance('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11');
-- a change of a relation is followed by the plan that is kept: integer ids, then text, then citext
CREATE OR REPLACE FUNCTION pg_temp.ids(type text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
 DROP VIEW IF EXISTS views.invoice;
 EXECUTE format('CREATE VIEW views.invoice AS SELECT %s AS customer_id, 1 AS invoice_id, ''usd''::text AS currency, ''open''::text AS invoice_status, 5 AS total', type);
END $$;
DROP VIEW views.invoice_line_item, views.invoice;
SELECT pg_temp.ids('7::smallint'); SELECT balance.customer_balance('7') <> '[]', balance.customer_balance('07'), balance.customer_balance('70000'), balance.customer_balance(' 7'), balance.customer_balance('7x');
SELECT pg_temp.ids('7'); SELECT balance.customer_balance('7') <> '[]', balance.customer_balance('+7'), balance.customer_balance('99999999999');
SELECT pg_temp.ids('7::bigint'); SELECT balance.customer_balance('7') <> '[]', balance.customer_balance('99999999999999999999999'), balance.customer_balance('');
SELECT pg_temp.ids('''Ab''::text'); SELECT balance.customer_balance('Ab') <> '[]', balance.customer_balance('ab');
SELECT pg_temp.ids('''Ab''::varchar(9)'); SELECT balance.customer_balance('Ab') <> '[]', balance.customer_balance('ab');
SELECT pg_temp.ids('''Ab''::char(9)'); SELECT balance.customer_balance('Ab') <> '[]', balance.customer_balance('ab');
SELECT pg_temp.ids('''Ab''::"odd ""; schema".citext'); SELECT balance.customer_balance('Ab') <> '[]', balance.customer_balance('ab') <> '[]', balance.customer_balance('b');
SELECT pg_temp.ids('''DRAFT''::base.invoice_state'); SELECT balance.customer_balance('DRAFT') <> '[]', balance.customer_balance('Cust'), balance.customer_balance(repeat('x', 100));

-- errors say what to write: relation, column, type
SELECT pg_temp.ids('1.5'); SELECT balance.customer_balance('1.5');
\echo :LAST_ERROR_SQLSTATE
DROP VIEW views.invoice;
SELECT balance.customer_balance('7');
\echo :LAST_ERROR_SQLSTATE
SELECT balance.invoice_summary('7');
SELECT balance.customer_credits('7');
CREATE TABLE views.invoice (customer_id text, invoice_id text, currency text, invoice_status text, total float8);
SELECT balance.customer_balance('7');
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE views.invoice ALTER total TYPE money USING NULL;
SELECT balance.customer_balance('7');
ALTER TABLE views.invoice DROP total;
SELECT balance.customer_balance('7');
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE views.invoice ADD total numeric, ADD amount_due numeric, ADD amount_remaining numeric, ADD due_date timestamp;
SELECT balance.customer_balance('7');
SELECT balance.invoice_summary('7');
ALTER TABLE views.invoice DROP due_date, ALTER invoice_status TYPE int USING 0;
SELECT balance.invoice_summary('7');
DROP TABLE views.invoice;
CREATE SEQUENCE views.invoice;
SELECT balance.customer_balance('7');
\echo :LAST_ERROR_SQLSTATE
DROP SEQUENCE views.invoice;
-- a relation that appears is used from then on, and so is a column
CREATE TABLE views.deposit (deposit_id int, customer_id text, currency text, status text, amount numeric);
INSERT INTO views.deposit VALUES (1, '7', 'usd', 'held', 5);
SELECT balance.customer_balance('7');
CREATE TABLE views.customer (customer_id text);
SELECT balance.customer_balance('7');
INSERT INTO views.customer VALUES ('7');
SELECT balance.customer_balance('7') -> 0 ->> 'wb_customer_id';
ALTER TABLE views.customer ADD wb_customer_id int DEFAULT 42;
SELECT balance.customer_balance('7') -> 0 ->> 'wb_customer_id';
-- one customer there twice has no balance
INSERT INTO views.customer VALUES ('7');
SELECT balance.customer_balance('7');
\echo :LAST_ERROR_SQLSTATE
DELETE FROM views.customer WHERE ctid = (SELECT max(ctid) FROM views.customer);
-- a schema that is renamed, dropped and made again
ALTER SCHEMA views RENAME TO renamed;
SELECT balance.customer_balance('7');
SELECT balance.customer_balance('7', 'renamed') -> 0 -> 'deposits';
ALTER SCHEMA renamed RENAME TO views;
SELECT balance.customer_balance('7') -> 0 -> 'deposits';
SET balance.ledger = '';
SELECT balance.customer_balance('7');
SET balance.ledger = 'VIEWS';
SELECT balance.customer_balance('7');
SET client_min_messages = warning;
DROP SCHEMA base, views, "odd ""; schema" CASCADE;
