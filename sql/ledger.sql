-- Binding a ledger: relations and columns as they are, and what is wrong with them.
-- a server without contrib's modules has no citext
SELECT NOT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'citext') AS no_citext \gset
\if :no_citext
\quit
\endif
\set SHOW_CONTEXT never
\pset format unaligned
\pset tuples_only on
-- citext and its operators in a schema that nobody looks in, a table and a column with hostile
-- names
CREATE SCHEMA "odd ""; schema";
CREATE EXTENSION citext SCHEMA "odd ""; schema";
CREATE SCHEMA base;
CREATE SCHEMA views;
SET balance.ledger = 'views';
CREATE TYPE base.invoice_state AS ENUM ('DRAFT', 'FINALIZED', 'VOIDED');
CREATE DOMAIN base.money_amount AS numeric(20, 8) CHECK (VALUE IS NOT NULL);
CREATE TABLE base.cust (id uuid PRIMARY KEY, tenant uuid, cur varchar(3));
CREATE TABLE base.inv (id bigint PRIMARY KEY, cust uuid, cur char(3),
	state base.invoice_state, pay "odd ""; schema".citext, total base.money_amount, cents bigint,
	due timestamptz);
CREATE INDEX inv_cust ON base.inv (cust);
CREATE TABLE base."li""ne'; --" (inv bigint, kind base.invoice_state, "amo""unt; $1" int);
INSERT INTO base.cust
	VALUES ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '11111111-1111-1111-1111-111111111111', 'eur');
INSERT INTO base.inv
	VALUES (1, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'EUR', 'FINALIZED', 'Pending', 12.5, 1250,
	'2026-01-31 12:00Z'),
 (2, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'EUR', 'VOIDED', NULL, 99, 9900, NULL);
INSERT INTO base."li""ne'; --" VALUES (1, 'DRAFT', 12), (2, 'DRAFT', 99);
CREATE VIEW views.customer WITH (security_invoker) AS SELECT id AS customer_id,
	tenant AS wb_customer_id, cur AS default_currency FROM base.cust;
CREATE VIEW views.invoice WITH (security_invoker) AS SELECT id AS invoice_id, cust AS customer_id,
	cur AS currency, state AS invoice_status, pay AS payment_status, total,
	cents / 100.0 AS amount_due, total AS amount_remaining, due AS due_date FROM base.inv;
CREATE VIEW views.invoice_line_item WITH (security_invoker) AS SELECT inv AS invoice_id,
	kind AS price_type, "amo""unt; $1" AS amount FROM base."li""ne'; --";

-- uuid, varchar, char, enum, citext, domain, bigint and int columns, any spelling of a uuid
SELECT balance.customer_balance('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11');
SELECT balance.customer_balance('{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}')
	= balance.customer_balance('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11');
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
 EXECUTE format('CREATE VIEW views.invoice AS SELECT %s AS customer_id, 1 AS invoice_id,
   ''usd''::text AS currency, ''open''::text AS invoice_status, 5 AS total', type);
END $$;
DROP VIEW views.invoice_line_item, views.invoice;
SELECT pg_temp.ids('7::smallint');
SELECT balance.customer_balance('7') <> '[]', balance.customer_balance('07'),
	balance.customer_balance('70000'), balance.customer_balance(' 7'),
	balance.customer_balance('7x');
SELECT pg_temp.ids('7');
SELECT balance.customer_balance('7') <> '[]', balance.customer_balance('+7'),
	balance.customer_balance('99999999999');
SELECT pg_temp.ids('7::bigint');
SELECT balance.customer_balance('7') <> '[]', balance.customer_balance('99999999999999999999999'),
	balance.customer_balance('');
SELECT pg_temp.ids('''Ab''::text');
SELECT balance.customer_balance('Ab') <> '[]', balance.customer_balance('ab');
SELECT pg_temp.ids('''Ab''::varchar(9)');
SELECT balance.customer_balance('Ab') <> '[]', balance.customer_balance('ab');
SELECT pg_temp.ids('''Ab''::char(9)');
SELECT balance.customer_balance('Ab') <> '[]', balance.customer_balance('ab');
SELECT pg_temp.ids('''Ab''::"odd ""; schema".citext');
SELECT balance.customer_balance('Ab') <> '[]', balance.customer_balance('ab') <> '[]',
	balance.customer_balance('b');
SELECT pg_temp.ids('''DRAFT''::base.invoice_state');
SELECT balance.customer_balance('DRAFT') <> '[]', balance.customer_balance('Cust'),
	balance.customer_balance(repeat('x', 100));

-- errors say what to write: relation, column, type
SELECT pg_temp.ids('1.5::float8'); SELECT balance.customer_balance('1.5');
\echo :LAST_ERROR_SQLSTATE
DROP VIEW views.invoice;
SELECT balance.customer_balance('7');
\echo :LAST_ERROR_SQLSTATE
SELECT balance.invoice_summary('7');
SELECT balance.customer_credits('7');
CREATE TABLE views.invoice (customer_id text, invoice_id text, currency text, invoice_status text,
	total float8);
SELECT balance.customer_balance('7');
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE views.invoice ALTER total TYPE money USING NULL;
SELECT balance.customer_balance('7');
ALTER TABLE views.invoice DROP total;
SELECT balance.customer_balance('7');
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE views.invoice ADD total numeric, ADD amount_due numeric, ADD amount_remaining numeric,
	ADD due_date timestamp;
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
CREATE TABLE views.deposit (deposit_id int, customer_id text, currency text, status text,
	amount numeric);
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
-- ids that the relations spell in types of their own: what the customer relation says counts
SET balance.ledger = 'mixed';
SET client_min_messages = warning;
CREATE SCHEMA mixed;
CREATE FUNCTION pg_temp.mixed(customer text, invoice text, line text, asked text[]) RETURNS SETOF
	text LANGUAGE plpgsql AS $$
DECLARE one text;
BEGIN
 DROP SCHEMA mixed CASCADE;
 CREATE SCHEMA mixed;
 EXECUTE format('CREATE VIEW mixed.customer AS SELECT %s AS customer_id', customer);
 EXECUTE format('CREATE VIEW mixed.invoice AS SELECT %s AS customer_id, %s AS invoice_id,
   ''usd''::text AS currency, ''open''::text AS invoice_status, 5 AS total, 5 AS amount_due,
   5 AS amount_remaining', invoice, invoice);
 EXECUTE format('CREATE VIEW mixed.invoice_line_item AS SELECT %s AS invoice_id, 7 AS amount',
 	line);
 FOREACH one IN ARRAY asked LOOP
  BEGIN
   RETURN NEXT format('%s: %s %s', one,
   	balance.customer_balance(one) #>> '{0,total_invoices_ready_for_payment}',
   	balance.invoice_summary(one) #>> '{summaries,0,unpaid_fixed_charges}');
  EXCEPTION WHEN no_data_found THEN RETURN NEXT format('%s: %s', one, SQLERRM);
  END;
 END LOOP;
END $$;
SELECT pg_temp.mixed($$'acme'::"odd ""; schema".citext$$, $$'acme'::text$$,
	$$'ACME'::"odd ""; schema".citext$$, '{acme,ACME,other}');
SELECT pg_temp.mixed($$'acme'::char(8)$$, $$'acme'::varchar$$, $$'acme'::char(6)$$,
	'{acme,"acme "}');
SELECT pg_temp.mixed($$'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid$$,
	$$'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::text$$,
	$$'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid$$, '{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}');
-- a uuid is referred to as PostgreSQL prints it, so this line item is of no invoice
SELECT pg_temp.mixed($$'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::text$$,
	$$'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid$$,
	$$'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::varchar$$, '{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}');
SELECT pg_temp.mixed($$7::bigint$$, $$7::smallint$$, $$7$$, '{7,07}');
SELECT pg_temp.mixed($$7$$, $$'7'::text$$, $$7::bigint$$, '{7}');
SELECT pg_temp.mixed($$'x'::text COLLATE "C"$$, $$'x'::text COLLATE "POSIX"$$,
	$$'x'::text COLLATE "C"$$, '{x}');
SELECT pg_temp.mixed($$'x'::name$$, $$'x'::text$$, $$'x'::name$$, '{x}');
SELECT pg_temp.mixed(format('%L::name', repeat('x', 63)),
	$$'x'::text$$, $$'x'::name$$, ARRAY[repeat('x', 63), repeat('x', 64)]);
CREATE DOMAIN base.state_domain AS base.invoice_state;
SELECT pg_temp.mixed($$'DRAFT'::base.state_domain$$, $$'DRAFT'::base.state_domain$$,
	$$'DRAFT'::base.invoice_state$$, '{DRAFT,draft}');
-- an operator that moves is found again
SELECT pg_temp.mixed($$'acme'::"odd ""; schema".citext$$, $$'acme'::"odd ""; schema".citext$$,
	$$'acme'::"odd ""; schema".citext$$, '{ACME}');
CREATE SCHEMA moved;
ALTER EXTENSION citext SET SCHEMA moved;
SELECT balance.customer_balance('Acme') #>> '{0,total_invoices_ready_for_payment}';
ALTER EXTENSION citext SET SCHEMA "odd ""; schema";

-- another customer's bad row is nobody else's error, even if the id has to be computed
CREATE SCHEMA bad;
CREATE TABLE bad.o (id int, customer_no int, currency text, status text, units numeric,
	created_at timestamptz, price_type text);
INSERT INTO bad.o VALUES (1, 1, 'usd', 'issued', 5, '2026-01-01', 'usage'),
	(2, 2, 'zzz', 'mystery', 'NaN', NULL, NULL);
CREATE FUNCTION bad.id(int) RETURNS text LANGUAGE plpgsql COST 100000
	AS $$ BEGIN RETURN 'cus_' || $1; END $$;
CREATE VIEW bad.vcu_order AS SELECT id AS vcu_order_id, bad.id(customer_no) AS customer_id,
	currency, status, units, created_at FROM bad.o;
CREATE VIEW bad.vcu_invoice AS SELECT id AS vcu_invoice_id, bad.id(customer_no) AS customer_id,
	currency, replace(status, 'issued', 'paid') AS status, units, created_at FROM bad.o;
CREATE VIEW bad.invoice AS SELECT id AS invoice_id, bad.id(customer_no) AS customer_id, currency,
	status AS invoice_status, units AS total, units AS amount_due, units AS amount_remaining
	FROM bad.o;
CREATE VIEW bad.invoice_line_item AS SELECT id AS invoice_id, units AS amount, price_type
	FROM bad.o;
CREATE VIEW bad.credit_memo AS SELECT id AS credit_memo_id, 'b' AS business_id,
	bad.id(customer_no) AS customer_id, status, currency, id AS amount, 0 AS amount_applied,
	'2026-01-01'::date AS issue_date, created_at, created_at AS updated_at, status AS reason
	FROM bad.o;
SET balance.ledger = 'bad';
SELECT balance.vcu_balance('cus_1') #> '{balancesByCurrency,0,vcuBalance,balance}',
	balance.invoice_summary('cus_1') #> '{summaries,0,unpaid_usage_charges}',
	balance.customer_credits('cus_1') -> 'total_credits_available',
 balance.customer_balance('cus_1') #> '{0,total_invoices_ready_for_payment}';
SELECT f, count(*), sum(amount)
	FROM unnest('{debt,futureDebt,credit,total_unpaid_amount,unpaid_usage_charges,
		 total_credits_available}'::text[]) f, balance.items('cus_1', f, 'usd') GROUP BY f
	ORDER BY f COLLATE "C";

-- a view that changes its own ledger and asks again while the query runs
CREATE SCHEMA sneaky;
CREATE TABLE sneaky.base AS SELECT 'c'::text AS customer_id, 'usd'::text AS currency, g AS total
	FROM generate_series(1, 5) g;
CREATE FUNCTION sneaky.status() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	IF to_regclass('sneaky.deposit') IS NULL THEN
		CREATE TABLE sneaky.deposit (customer_id text, currency text, status text, amount numeric);
		PERFORM balance.customer_balance('c', 'sneaky');
	END IF;
	RETURN 'open';
END $$;
CREATE VIEW sneaky.invoice AS SELECT customer_id, currency, sneaky.status() AS invoice_status, total
	FROM sneaky.base;
SELECT balance.customer_balance('c', 'sneaky') #> '{0,invoices}';
SELECT balance.customer_balance('c', 'sneaky') #> '{0,invoices}';

-- more ledgers than plans are kept
DO $$
BEGIN
	FOR g IN 1 .. 1100 LOOP
		EXECUTE
			format('CREATE SCHEMA many_%s CREATE VIEW deposit AS SELECT ''c'' AS customer_id,
				''usd'' AS currency, ''held'' AS status, %s AS amount', g, g);
	END LOOP;
END $$;
SELECT count(*),
	sum((balance.customer_balance('c', format('many_%s', g)::regnamespace) #>>
	'{0,deposits,held,total}')::numeric)
	FROM generate_series(1, 1100) g, generate_series(1, 2) again;
SELECT count(*) BETWEEN 1000 AND 1100 AS bounded
FROM pg_backend_memory_contexts WHERE name = 'CachedPlanSource';
DO $$ BEGIN FOR g IN 1 .. 1100 LOOP EXECUTE format('DROP SCHEMA many_%s CASCADE', g); END LOOP;
END $$;
DROP SCHEMA mixed, bad, sneaky, moved CASCADE;
DROP SCHEMA base, views, "odd ""; schema" CASCADE;
