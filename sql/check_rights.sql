-- A missing right is a finding, with the GRANT that gives it.
\pset null (null)
SET client_min_messages = warning;
CREATE ROLE "regress_balance App";
CREATE ROLE regress_balance_owner;
CREATE SCHEMA "my Base";
CREATE TABLE "my Base"."In""voice" (id text PRIMARY KEY, customer text, currency text, status text,
	amount numeric, "due Date" date, secret text);
CREATE INDEX ON "my Base"."In""voice" (customer);
CREATE FUNCTION "my Base"."in EUR"(amount numeric, VARIADIC rates numeric[]) RETURNS numeric
	LANGUAGE sql IMMUTABLE AS 'SELECT amount';
REVOKE EXECUTE ON FUNCTION "my Base"."in EUR" FROM PUBLIC;
CREATE SCHEMA "my Ledger";
CREATE TABLE "my Ledger".customer (customer_id text PRIMARY KEY, wb_customer_id text,
	business_id text, customer_name text, default_currency text);
-- in a view with its own rights, in one with the caller's, and in one over the other
CREATE VIEW "my Base"."middle" WITH (security_invoker) AS SELECT * FROM "my Base"."In""voice";
CREATE VIEW "my Ledger".invoice WITH (security_invoker) AS SELECT id AS invoice_id,
	customer AS customer_id, currency, status AS invoice_status, amount AS total,
	amount AS amount_due, "my Base"."in EUR"(amount, 1) AS amount_remaining, "due Date" AS due_date
	FROM "my Base"."middle";
CREATE VIEW "my Ledger".deposit AS SELECT id AS deposit_id, customer AS customer_id, currency,
	status, amount FROM "my Base"."In""voice";
CREATE FUNCTION findings() RETURNS TABLE (relation text, "column" text, message text, hint text)
	LANGUAGE sql AS
$$ SELECT relation, "column", message, hint FROM balance.check_ledger('"my Ledger"') WHERE severity
	= 'error' $$;
SELECT * FROM findings();
-- a view's owner who has lost his rights keeps everybody out
ALTER VIEW "my Ledger".deposit OWNER TO regress_balance_owner;
SELECT * FROM findings();
SET ROLE "regress_balance App";
SELECT * FROM findings();
RESET ROLE;
-- to do what the hints say, as often as there are any, cures
CREATE PROCEDURE cure() LANGUAGE plpgsql AS $$
DECLARE
	hint text;
BEGIN
	FOR i IN 1..10 LOOP
		SET ROLE "regress_balance App";
		hint := (SELECT string_agg(f.hint, ' ') FROM findings() f);
		RESET ROLE;
		EXIT WHEN hint IS NULL;
		EXECUTE hint;
	END LOOP;
END $$;
CALL cure();
SET ROLE "regress_balance App";
SELECT * FROM findings();
SELECT balance.customer_balance('c', '"my Ledger"');
\echo :LAST_ERROR_SQLSTATE
SELECT balance.invoice_summary('c', ledger => '"my Ledger"');
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
-- rights to some columns
REVOKE SELECT ON "my Ledger".customer, "my Base"."In""voice"
	FROM "regress_balance App", regress_balance_owner;
GRANT SELECT (customer_id) ON "my Ledger".customer TO "regress_balance App";
GRANT SELECT (id, customer, secret) ON "my Base"."In""voice" TO "regress_balance App";
GRANT SELECT (id, customer, currency, status) ON "my Base"."In""voice" TO regress_balance_owner;
SET ROLE "regress_balance App";
SELECT * FROM findings();
RESET ROLE;
CALL cure();
SET ROLE "regress_balance App";
SELECT * FROM findings();
RESET ROLE;
SELECT has_column_privilege('regress_balance App', '"my Base"."In""voice"', 'amount', 'SELECT'),
	has_table_privilege('regress_balance App', '"my Base"."In""voice"', 'SELECT');
INSERT INTO "my Ledger".customer VALUES ('c');
SET ROLE "regress_balance App";
SELECT balance.invoice_summary('c', ledger => '"my Ledger"');
RESET ROLE;
DROP FUNCTION findings;
DROP PROCEDURE cure;
DROP SCHEMA "my Base", "my Ledger" CASCADE;
DROP ROLE "regress_balance App", regress_balance_owner;
