-- check_ledger() runs nobody's code with anybody else's rights.
\pset null (null)
SET client_min_messages = warning;
CREATE ROLE regress_balance_attacker;
CREATE ROLE regress_balance_victim;
CREATE ROLE regress_balance_dba SUPERUSER;
CREATE SCHEMA trap AUTHORIZATION regress_balance_attacker;
GRANT ALL ON SCHEMA trap TO PUBLIC;
-- who ran code, wherever planning runs it
CREATE TABLE trap.ran (place text, role text);
GRANT ALL ON trap.ran TO PUBLIC;
CREATE FUNCTION trap.log(place text) RETURNS text LANGUAGE plpgsql VOLATILE SET search_path = ''
	AS $$
BEGIN
	INSERT INTO trap.ran VALUES (place, current_user);
	IF place = 'view' THEN
		ALTER ROLE regress_balance_attacker SUPERUSER;
	END IF;
	RETURN place;
EXCEPTION WHEN insufficient_privilege THEN
	INSERT INTO trap.ran VALUES (place, current_user);
	RETURN place;
END $$;
ALTER FUNCTION trap.log(text) OWNER TO regress_balance_attacker;
SET ROLE regress_balance_attacker;
CREATE FUNCTION trap.code(place text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	RETURN trap.log(place);
END $$;
CREATE FUNCTION trap.same(text, text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	PERFORM trap.code('operator');
	RETURN $1 = $2;
END $$;
CREATE OPERATOR trap.=== (LEFTARG = text, RIGHTARG = text, FUNCTION = trap.same, RESTRICT = eqsel);
CREATE FUNCTION trap.stable(place text) RETURNS text LANGUAGE plpgsql STABLE
	AS $$ BEGIN RETURN trap.code(place); END $$;
CREATE DOMAIN trap.word AS text CHECK (trap.code('domain') IS NOT NULL);
CREATE TABLE trap.base (id text, customer text, cur text, st text, amount numeric, tenant text,
	CHECK (trap.code('check') <> cur));
INSERT INTO trap.base SELECT i, i, 'USD', 'open', 1, 't' FROM generate_series(1, 100) i;
ANALYZE trap.base;
CREATE INDEX ON trap.base (customer, (cur || trap.code('index')));
CREATE INDEX ON trap.base (id) WHERE cur > trap.code('predicate');
ALTER TABLE trap.base ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON trap.base USING (tenant <> trap.code('policy'));
GRANT SELECT ON trap.base TO PUBLIC;
CREATE VIEW trap.deposit AS SELECT id AS deposit_id, customer AS customer_id, cur AS currency,
	st AS status, amount FROM trap.base
 WHERE cur <> trap.code('view') AND st OPERATOR(trap.===) 'open' AND tenant = trap.stable('stable');
CREATE VIEW trap.customer AS SELECT customer AS customer_id, trap.code('target')::trap.word
	AS customer_name FROM trap.base;
RESET ROLE;
DELETE FROM trap.ran;
\c -
SET client_min_messages = warning;
-- the attacker's ledger, checked by a superuser: nothing runs but as its owner
SELECT count(*) FROM balance.check_ledger('trap') WHERE severity <> 'notice';
SELECT DISTINCT role FROM trap.ran;
SELECT count(DISTINCT place) >= 4 AS index_predicate_view_stable FROM trap.ran
	WHERE place IN ('index', 'predicate', 'view', 'stable');
SELECT rolsuper FROM pg_roles WHERE rolname = 'regress_balance_attacker';
DELETE FROM trap.ran;
-- checked by somebody else: nothing runs at all
SET ROLE regress_balance_victim;
SELECT relation, "column", severity, message, hint FROM balance.check_ledger('trap')
	WHERE "column" = 'customer_id';
RESET ROLE;
SELECT * FROM trap.ran;
-- what no index could be found for without planning is for the owner to look at
CREATE VIEW trap.vcu_invoice AS SELECT id AS vcu_invoice_id, lower(customer) AS customer_id,
	cur AS currency, st AS status, amount AS units, now() AS created_at FROM trap.base
	WHERE cur <> trap.code('view');
ALTER VIEW trap.vcu_invoice OWNER TO regress_balance_attacker;
GRANT SELECT ON trap.vcu_invoice TO PUBLIC;
SET ROLE regress_balance_victim;
SELECT relation, "column", severity, message, hint FROM balance.check_ledger('trap')
	WHERE relation = 'vcu_invoice' AND "column" = 'customer_id';
RESET ROLE;
DROP VIEW trap.vcu_invoice;
SELECT * FROM trap.ran;
-- somebody's ledger over the attacker's tables, views and functions, at any depth: whoever asks
CREATE SCHEMA over AUTHORIZATION regress_balance_dba;
GRANT USAGE ON SCHEMA over TO PUBLIC;
SET ROLE regress_balance_dba;
CREATE VIEW over.deposit AS SELECT * FROM trap.deposit;
CREATE TABLE over.invoice (invoice_id text, customer_id text, currency text, invoice_status text,
	total numeric, amount_due numeric, amount_remaining numeric);
CREATE INDEX ON over.invoice (customer_id, (currency || trap.code('their index')));
CREATE VIEW over.vcu_order AS SELECT invoice_id AS vcu_order_id, customer_id, currency,
	invoice_status AS status, total AS units, now() AS created_at
 FROM over.invoice WHERE currency <> trap.code('their view');
DELETE FROM trap.ran;
SELECT count(*) FROM balance.check_ledger('over') WHERE severity <> 'notice';
SELECT * FROM trap.ran WHERE role <> 'regress_balance_attacker';
SET ROLE regress_balance_attacker;
SELECT count(*) FROM balance.check_ledger('over') WHERE severity <> 'notice';
RESET ROLE;
SELECT * FROM trap.ran WHERE role <> 'regress_balance_attacker';
SELECT rolname FROM pg_roles WHERE rolname LIKE 'regress\_balance\_%' AND rolsuper;
-- two owners: not planned, the indexes are compared
ALTER VIEW over.deposit OWNER TO regress_balance_victim;
ALTER VIEW over.vcu_order OWNER TO regress_balance_victim;
ALTER TABLE over.invoice OWNER TO regress_balance_victim;
DELETE FROM trap.ran;
SELECT relation, "column", severity, message, hint FROM balance.check_ledger('over')
	WHERE "column" = 'customer_id';
DROP INDEX over.invoice_customer_id_expr_idx;
CREATE INDEX ON over.invoice (customer_id, currency);
CREATE OR REPLACE VIEW over.deposit WITH (security_invoker) AS SELECT id AS deposit_id,
	(customer || '')::text AS customer_id, cur AS currency, st AS status, amount FROM trap.base;
CREATE VIEW over.customer AS SELECT b.customer::varchar AS customer_id FROM trap.base b
	JOIN over.invoice i ON i.invoice_id = b.id;
ALTER VIEW over.customer OWNER TO regress_balance_victim;
SELECT relation, "column", severity, message, hint FROM balance.check_ledger('over')
	WHERE "column" = 'customer_id';
-- a column that a join has merged of two types, too
CREATE TABLE over.account (customer_id varchar(20));
CREATE INDEX account_index ON over.account (customer_id);
CREATE VIEW over.vcu_invoice AS SELECT i.invoice_id AS vcu_invoice_id, customer_id, i.currency,
	i.invoice_status AS status, i.total AS units, now() AS created_at
	FROM over.account JOIN over.invoice i USING (customer_id) WHERE trap.code('join') <> i.currency;
ALTER VIEW over.vcu_invoice OWNER TO regress_balance_victim;
SELECT relation, "column", severity, message, hint FROM balance.check_ledger('over')
	WHERE relation = 'vcu_invoice' AND "column" = 'customer_id';
DROP INDEX over.account_index;
SELECT relation, "column", severity, message, hint FROM balance.check_ledger('over')
	WHERE relation = 'vcu_invoice' AND "column" = 'customer_id';
DROP VIEW over.vcu_invoice;
DROP TABLE over.account;
DROP INDEX trap.base_customer_expr_idx;
SELECT relation, "column", severity, message, hint FROM balance.check_ledger('over')
	WHERE relation = 'customer' AND "column" = 'customer_id';
SELECT * FROM trap.ran;
-- the session is as it was, after an error in that code too
SET ROLE regress_balance_attacker;
CREATE OR REPLACE FUNCTION trap.code(place text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	RAISE 'stopped as %, with search_path %', current_user, current_setting('search_path');
END $$;
RESET ROLE;
\set SHOW_CONTEXT never
SELECT count(*) FROM balance.check_ledger('trap');
SELECT current_user = session_user, current_setting('search_path'),
	current_setting('enable_seqscan');
SET ROLE regress_balance_attacker;
CREATE OR REPLACE FUNCTION trap.code(place text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	RETURN set_config('role', 'regress_balance_dba', false);
END $$;
RESET ROLE;
SELECT count(*) FROM balance.check_ledger('trap');
DROP SCHEMA trap, over CASCADE;
DROP ROLE regress_balance_attacker, regress_balance_victim, regress_balance_dba;
