-- balance.log_queries: what is run over a ledger, with the values that it is run with.
SET log_statement = 'none';
SET log_duration = off;
SET log_min_duration_statement = -1;
CREATE SCHEMA logged;
CREATE TABLE logged.customer (customer_id integer PRIMARY KEY);
CREATE TABLE logged.deposit (
	deposit_id text, customer_id integer, currency text, status text, amount numeric);
INSERT INTO logged.customer VALUES (1);
INSERT INTO logged.deposit VALUES ('d', 1, 'usd', 'it''s here', 7);
SET balance.ledger = 'logged';

-- off, which is the default, nothing is said
SET client_min_messages = log;
SELECT jsonb_array_length(balance.customer_balance('1'));
SHOW balance.log_queries;

-- on, every look-up says it, with a plan that is kept, too
SET balance.log_queries = on;
SELECT jsonb_array_length(balance.customer_balance('1'));
SELECT jsonb_array_length(balance.customer_balance('1'));

-- an id that no integer spells is passed as NULL
SELECT balance.customer_balance('one');

-- a query that is not kept and has no parameters
SELECT customer_id FROM balance.customer_balances();

-- one query with several parameters, whose values are SQL
SELECT amount FROM balance.items('1', 'deposits.it''s here.total', 'usd');

-- the client sees it only if it asks for it
SET client_min_messages = notice;
SELECT jsonb_array_length(balance.customer_balance('1'));

-- what is logged can be run, here as a person would who has it explained
PREPARE logged(pg_catalog.int4) AS
SELECT true, c.customer_id::pg_catalog.text, NULL::pg_catalog.text, deposits.position
FROM (SELECT balance.tally_deposits(d.currency::pg_catalog.text, d.status::pg_catalog.text,
	d.amount::pg_catalog.numeric)
 FROM logged.deposit d WHERE d.customer_id OPERATOR(pg_catalog.=) $1) AS deposits(position)
LEFT JOIN logged.customer c ON c.customer_id OPERATOR(pg_catalog.=) $1;
EXECUTE logged('1'::pg_catalog.int4);

-- everybody may, as with PostgreSQL's own debug_print_plan
CREATE ROLE regress_balance_logging;
SET ROLE regress_balance_logging;
SET balance.log_queries = off;
SHOW balance.log_queries;
RESET ROLE;
DROP ROLE regress_balance_logging;
SET client_min_messages = warning;
DROP SCHEMA logged CASCADE;
