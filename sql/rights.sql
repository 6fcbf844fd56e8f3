-- Whose rights count: the caller's, on every call, whatever plan is kept.
\set SHOW_CONTEXT never
\pset format unaligned
\pset tuples_only on
CREATE ROLE regress_balance_app;
CREATE ROLE regress_balance_red;
CREATE ROLE regress_balance_blue;
SELECT balance.create_ledger('shared');
SET balance.ledger = 'shared';
ALTER TABLE shared.invoice ADD tenant text, ALTER customer_id DROP NOT NULL;
ALTER TABLE shared.customer DROP CONSTRAINT customer_pkey CASCADE, ADD tenant text;
INSERT INTO shared.customer (customer_id, wb_customer_id, tenant)
	VALUES ('c', 'Wb_red', 'regress_balance_red'), ('c', 'Wb_blue', 'regress_balance_blue'),
	('only_blue', 'Wb_blue', 'regress_balance_blue');
INSERT INTO shared.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining, tenant) VALUES
 ('r1', 'c', 'usd', 'open', 1, 1, 1, 'regress_balance_red'),
 ('b1', 'c', 'usd', 'open', 20, 20, 20, 'regress_balance_blue'),
 ('b2', 'c', 'eur', 'open', 300, 300, 300, 'regress_balance_blue');

-- two tenants under row security, in one session, with the plans that are kept
GRANT USAGE ON SCHEMA shared TO regress_balance_red, regress_balance_blue, regress_balance_app;
GRANT SELECT ON ALL TABLES IN SCHEMA shared TO regress_balance_red, regress_balance_blue;
ALTER TABLE shared.invoice ENABLE ROW LEVEL SECURITY;
ALTER TABLE shared.customer ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON shared.invoice USING (tenant = current_user);
CREATE POLICY own ON shared.customer USING (tenant = current_user);
SET plan_cache_mode = force_generic_plan;
SET ROLE regress_balance_red;
SELECT balance.customer_balance('c');
SET ROLE regress_balance_blue;
SELECT balance.customer_balance('c');
SELECT balance.invoice_summary('c') #> '{summaries,0,total_unpaid_amount}';
SET ROLE regress_balance_red;
SELECT balance.customer_balance('c');
SELECT balance.invoice_summary('c') #> '{summaries,0,total_unpaid_amount}';
SELECT balance.customer_balance('only_blue');
SELECT relation, id, amount FROM balance.items('c', 'total_invoices_ready_for_payment', 'usd');
SELECT rule, relation, id FROM balance.verify();
PREPARE one AS SELECT balance.customer_balance('c') -> 0 ->> 'wb_customer_id';
EXECUTE one;
SET ROLE regress_balance_blue;
EXECUTE one;
SELECT relation, id, amount FROM balance.items('c', 'total_invoices_ready_for_payment', 'usd');
RESET ROLE;
-- the owner sees the customer of both
SELECT rule, relation, id FROM balance.verify();
-- the owner of the tables sees both, and so no single customer
EXECUTE one;
SET row_security = off;
SET ROLE regress_balance_red;
\set VERBOSITY sqlstate
SELECT balance.customer_balance('c');
\set VERBOSITY default
RESET row_security;

-- rights that are missing, given and taken between calls
SET ROLE regress_balance_app;
SELECT balance.customer_balance('c');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM balance.items('c', 'debt', 'usd');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM balance.verify();
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM balance.check_ledger();
RESET ROLE;
GRANT SELECT ON shared.customer, shared.invoice TO regress_balance_app;
SET ROLE regress_balance_app;
SELECT balance.customer_balance('c');
RESET ROLE;
GRANT SELECT ON shared.deposit TO regress_balance_app;
CREATE POLICY app ON shared.customer TO regress_balance_app USING (tenant = 'regress_balance_red');
CREATE POLICY app ON shared.invoice TO regress_balance_app USING (true);
SET ROLE regress_balance_app;
SELECT balance.customer_balance('c') -> 1 -> 'total_invoices_ready_for_payment';
RESET ROLE;
REVOKE SELECT ON shared.invoice FROM regress_balance_app;
SET ROLE regress_balance_app;
SELECT balance.customer_balance('c');
RESET ROLE;
-- only the columns that the document reads are asked for
GRANT SELECT (customer_id, currency, invoice_status, payment_status, total)
	ON shared.invoice TO regress_balance_app;
SET ROLE regress_balance_app;
SELECT balance.customer_balance('c') -> 1 -> 'total_invoices_ready_for_payment';
SELECT balance.invoice_summary('c');
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
GRANT SELECT ON shared.credit_memo, shared.credit_memo_application TO regress_balance_app;
REVOKE SELECT ON shared.customer FROM regress_balance_app;
GRANT SELECT (customer_id, customer_name, business_id, tenant)
	ON shared.customer TO regress_balance_app;
GRANT SELECT (invoice_id, number) ON shared.invoice TO regress_balance_app;
ALTER TABLE shared.customer ADD customers int, ADD balance int;
SET ROLE regress_balance_app;
SELECT balance.customer_credits('c') -> 'credit_memos_count';
RESET ROLE;
ALTER TABLE shared.customer DROP customers, DROP balance;
REVOKE USAGE ON SCHEMA shared FROM regress_balance_app;
SET ROLE regress_balance_app;
SELECT balance.customer_balance('c');
\echo :LAST_ERROR_SQLSTATE
SELECT balance.customer_balance('c', 'shared');
RESET ROLE;
RESET plan_cache_mode;

-- a hostile search_path changes nothing
CREATE SCHEMA evil;
CREATE FUNCTION evil.eq(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.eq);
CREATE FUNCTION evil.tally_invoices(text, text, text, numeric) RETURNS balance.position LANGUAGE sql
	AS $$ SELECT '1{}'::balance.position $$;
CREATE FUNCTION evil.lt(numeric, numeric) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE OPERATOR evil.< (LEFTARG = numeric, RIGHTARG = numeric, FUNCTION = evil.lt);
CREATE OPERATOR evil.> (LEFTARG = numeric, RIGHTARG = numeric, FUNCTION = evil.lt);
CREATE FUNCTION evil.upper(text) RETURNS text LANGUAGE sql AS $$ SELECT 'X'::text $$;
CREATE TABLE evil.invoice (customer_id text);
CREATE DOMAIN evil.text AS int; CREATE DOMAIN evil.numeric AS int;
ALTER TABLE shared.customer DISABLE ROW LEVEL SECURITY;
DELETE FROM shared.customer WHERE tenant = 'regress_balance_blue' AND customer_id = 'c';
SELECT balance.customer_balance('c') AS usual \gset
SET search_path = evil, balance, pg_catalog;
SELECT balance.customer_balance('c')::pg_catalog.text OPERATOR(pg_catalog.=) :'usual';
SELECT balance.customer_balance('nobody');
SELECT id FROM balance.items('c', 'total_overdue_amount', 'usd', '2100-01-01');
SELECT rule, id FROM balance.verify();
SELECT message FROM balance.check_ledger();
RESET search_path;
DISCARD PLANS;
SET search_path = evil, balance, pg_catalog;
SELECT balance.customer_balance('c')::pg_catalog.text OPERATOR(pg_catalog.=) :'usual';
RESET search_path;

-- nothing is written: the documents work in a read-only transaction
BEGIN READ ONLY;
SELECT balance.customer_balance('c')::text = :'usual', balance.invoice_summary('c') IS NOT NULL,
	balance.vcu_balance('c') IS NOT NULL, balance.customer_credits('c') IS NOT NULL;
COMMIT;
-- and read the snapshot of the statement that calls them
WITH added AS (INSERT INTO shared.invoice (invoice_id, customer_id, currency, invoice_status, total,
	amount_due, amount_remaining) VALUES ('n', 'c', 'usd', 'open', 1000, 1, 1) RETURNING 1)
SELECT balance.customer_balance('c')::text = :'usual' FROM added;
SELECT balance.customer_balance('c')::text = :'usual';
SET client_min_messages = warning;
DROP SCHEMA shared, evil CASCADE;
DROP ROLE regress_balance_app, regress_balance_red, regress_balance_blue;

-- a SECURITY DEFINER function reads the ledger that it names or that the
-- database has, never the one that its caller has set
CREATE ROLE regress_balance_definer;
CREATE ROLE regress_balance_caller;
CREATE ROLE regress_balance_member IN ROLE regress_balance_definer;
SELECT balance.create_ledger('theirs');
INSERT INTO theirs.customer VALUES ('c', 'theirs');
CREATE SCHEMA lure AUTHORIZATION regress_balance_caller;
GRANT USAGE ON SCHEMA lure TO PUBLIC;
GRANT USAGE ON SCHEMA theirs TO regress_balance_definer;
GRANT SELECT ON ALL TABLES IN SCHEMA theirs TO regress_balance_definer;
CREATE SCHEMA wrapped AUTHORIZATION regress_balance_definer;
GRANT USAGE ON SCHEMA wrapped TO PUBLIC;
SET ROLE regress_balance_caller;
CREATE FUNCTION lure.trap() RETURNS text LANGUAGE sql STABLE
	AS $$ SELECT 'run as ' || current_user $$;
CREATE VIEW lure.customer AS SELECT lure.trap() AS wb_customer_id, 'c' AS customer_id;
CREATE VIEW lure.deposit AS SELECT '1' AS deposit_id, 'c' AS customer_id, 'usd' AS currency,
	lure.trap() AS status, 1 AS amount;
GRANT SELECT ON ALL TABLES IN SCHEMA lure TO PUBLIC;
SET ROLE regress_balance_definer;
CREATE FUNCTION wrapped.bare() RETURNS text
	LANGUAGE sql SECURITY DEFINER RETURN balance.customer_balance('c')::text;
CREATE FUNCTION wrapped.passed() RETURNS text
	LANGUAGE sql SECURITY DEFINER RETURN balance.customer_balance('c', 'theirs')::text;
CREATE FUNCTION wrapped.own() RETURNS text
	LANGUAGE sql SECURITY DEFINER SET balance.ledger
	= 'theirs' RETURN balance.customer_balance('c')::text;
CREATE FUNCTION wrapped.chosen() RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
	SET LOCAL balance.ledger = 'theirs';
	RETURN balance.customer_balance('c');
END $$;
CREATE FUNCTION wrapped.within() RETURNS text
	LANGUAGE plpgsql SECURITY DEFINER SET balance.ledger = 'theirs'
	AS $$ BEGIN RETURN lure.inner(); END $$;
CREATE FUNCTION wrapped.all_of_them() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
	call text;
BEGIN
	FOREACH call IN ARRAY '{customer_balance(''c''),invoice_summary(''c''),vcu_balance(''c''),
		customer_credits(''c''),customer_balances(),invoice_summaries(),vcu_balances(),verify(),
		check_ledger(),create_report_views(),drop_report_views()}'::text[]
		|| $f${"top_debtors('usd', 1)","items('c', 'debt', 'usd')"}$f$::text[] LOOP
		BEGIN
			EXECUTE 'SELECT * FROM balance.' || call;
			RAISE NOTICE '% was not refused', call;
		EXCEPTION WHEN insufficient_privilege THEN
			CONTINUE;
		END;
	END LOOP;
END $$;
-- the trap would work
SET balance.ledger = 'lure';
SELECT balance.customer_balance('c') -> 0 -> 'deposits';
SET ROLE regress_balance_caller;
SET balance.ledger = 'lure';
SELECT wrapped.bare();
SELECT wrapped.all_of_them();
SELECT wrapped.passed(), wrapped.own(), wrapped.chosen();
BEGIN;
SET LOCAL balance.ledger = 'theirs';
SELECT wrapped.bare();
ROLLBACK;
CREATE FUNCTION lure.set_for_it() RETURNS text LANGUAGE plpgsql SET balance.ledger = 'theirs'
	AS $$ BEGIN RETURN wrapped.bare(); END $$;
SELECT lure.set_for_it();
-- what a definer has chosen, a function of the caller's within reads with the caller's rights
CREATE FUNCTION lure.inner() RETURNS text
	LANGUAGE sql SECURITY DEFINER RETURN balance.customer_balance('c')::text;
SELECT wrapped.within();
-- one's own setting is one's own after SET ROLE, and for whoever has the definer's rights
SELECT balance.customer_balance('c') -> 0 -> 'deposits';
RESET ROLE;
SET balance.ledger = 'theirs';
SELECT wrapped.bare();
SET ROLE regress_balance_definer;
SELECT balance.customer_balance('c'), wrapped.bare();
SET ROLE regress_balance_member;
SELECT wrapped.bare();
SET ROLE regress_balance_caller;
SELECT wrapped.bare();
SET balance.ledger = 'theirs';
SELECT wrapped.bare();
RESET ROLE;
SET client_min_messages = warning;
DROP SCHEMA theirs, lure, wrapped CASCADE;
DROP ROLE regress_balance_definer, regress_balance_caller, regress_balance_member;
