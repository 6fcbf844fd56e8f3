-- The shape of a ledger: what a DBA is told, one mistake at a time.
\pset null (null)
\set checked 'balance.check_ledger(''checked'') WHERE message !~ ''absent'''
\set indexed 'balance.check_ledger(''indexed'') WHERE message !~ ''absent'''
\set nothing 'balance.check_ledger(''nothing'') WHERE message !~ ''absent'''
SET client_min_messages = warning;
SELECT balance.create_ledger('checked');
SELECT balance.drop_report_views('checked');
-- a ledger that we made has nothing to mend
SELECT * FROM balance.check_ledger('checked');
SET balance.ledger = 'checked';
SELECT count(*) FROM balance.check_ledger();

-- columns that are missing, or that are not read
ALTER TABLE checked.invoice DROP total, ALTER amount_due TYPE float8,
	ALTER invoice_status TYPE int USING 0, DROP due_date, ADD due_date timestamp;
ALTER TABLE checked.deposit RENAME amount TO amounts;
ALTER TABLE checked.customer DROP wb_customer_id;
SELECT relation, "column", severity, message, hint FROM :checked;
-- what it says, the documents say too
\set SHOW_CONTEXT never
SELECT balance.invoice_summary('c');
-- which column is met first depends on the compiler
ALTER TABLE checked.invoice ALTER invoice_status TYPE text;
SELECT balance.customer_balance('c');
DROP SCHEMA checked CASCADE;

-- customers whose ids have another type elsewhere
SELECT balance.create_ledger('checked');
SELECT balance.drop_report_views('checked');
ALTER TABLE checked.deposit DROP CONSTRAINT deposit_customer_id_fkey,
	ALTER customer_id TYPE varchar(50);
ALTER TABLE checked.invoice DROP CONSTRAINT invoice_customer_id_fkey,
	ALTER customer_id TYPE uuid USING NULL;
SELECT relation, "column", severity, message, hint FROM :checked;
DROP SCHEMA checked CASCADE;

-- look-ups that no index serves: tables, partitions, views, what is put above the table
CREATE SCHEMA base;
CREATE TABLE base."In""voice" (id bigint, "cust omer" text, cur text, st text,
	amount numeric) PARTITION BY HASH (id);
CREATE TABLE base.inv_0 PARTITION OF base."In""voice" FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE base.inv_1 PARTITION OF base."In""voice" FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE SCHEMA checked;
CREATE VIEW checked.invoice WITH (security_invoker) AS SELECT id AS invoice_id,
	"cust omer" AS customer_id, cur AS currency, st AS invoice_status, amount AS total,
	amount AS amount_due, amount AS amount_remaining FROM base."In""voice";
CREATE VIEW checked.deposit WITH (security_invoker) AS SELECT DISTINCT ON (id) id AS deposit_id,
	"cust omer" AS customer_id, cur AS currency, st AS status, amount FROM base."In""voice";
CREATE VIEW checked.vcu_order WITH (security_invoker) AS SELECT id AS vcu_order_id,
	lower("cust omer") AS customer_id, cur AS currency, st AS status, amount AS units,
	now() AS created_at FROM base."In""voice";
SELECT relation, "column", severity, message, hint FROM :checked;
-- the hints cure
CREATE INDEX ON base."In""voice" ("cust omer");
CREATE INDEX ON base."In""voice" (lower("cust omer"));
SELECT relation, "column", message FROM :checked;
SHOW enable_seqscan;

-- an index whose first column the look-up does not name is read as a whole; the session's settings
-- do not matter
CREATE SCHEMA indexed;
CREATE TABLE indexed.customer (customer_id text PRIMARY KEY);
CREATE TABLE indexed.deposit (deposit_id text, customer_id text, currency text, status text,
	amount numeric);
CREATE INDEX ON indexed.deposit (currency, customer_id);
CREATE TABLE indexed.invoice (tenant int, invoice_id text, customer_id text, currency text,
	invoice_status text, total numeric, amount_due numeric, amount_remaining numeric);
CREATE INDEX ON indexed.invoice (tenant, customer_id);
SET enable_indexscan = off; SET enable_bitmapscan = off; SET enable_indexonlyscan = off;
SELECT relation, message, hint FROM :indexed;
RESET enable_indexscan; RESET enable_bitmapscan; RESET enable_indexonlyscan;
ALTER TABLE indexed.invoice RENAME TO base_invoice;
CREATE VIEW indexed.invoice WITH (security_invoker) AS SELECT * FROM indexed.base_invoice
	WHERE tenant = 7;
CREATE INDEX ON indexed.deposit (customer_id);
SELECT relation, message, hint FROM :indexed;
-- also where the id is respelled first, for another type
ALTER TABLE indexed.customer ALTER customer_id TYPE char(20);
DROP INDEX indexed.deposit_customer_id_idx;
SELECT relation, message, hint FROM :indexed AND relation = 'deposit';
DROP SCHEMA indexed CASCADE;

-- a materialized view that cannot be read
CREATE SCHEMA scanned;
CREATE MATERIALIZED VIEW scanned."In" AS SELECT 'd' AS deposit_id, 'c' AS customer_id,
	'usd' AS currency, 'held' AS status, 1 AS amount WITH NO DATA;
CREATE VIEW scanned.deposit WITH (security_invoker) AS SELECT * FROM scanned."In";
CREATE MATERIALIZED VIEW scanned.customer AS SELECT 'c' AS customer_id WITH NO DATA;
SELECT balance.customer_balance('c', 'scanned');
SELECT relation, message, hint FROM balance.check_ledger('scanned') WHERE severity = 'error';
REFRESH MATERIALIZED VIEW scanned."In";
REFRESH MATERIALIZED VIEW scanned.customer;
SELECT relation, message, hint FROM balance.check_ledger('scanned') WHERE severity = 'error';
DROP SCHEMA scanned CASCADE;

-- row security that would not apply through a view, at any depth
ALTER TABLE base."In""voice" ENABLE ROW LEVEL SECURITY;
DROP VIEW checked.deposit, checked.vcu_order;
CREATE VIEW base.owners AS SELECT * FROM checked.invoice;
CREATE VIEW checked.customer AS SELECT DISTINCT customer_id FROM base.owners;
SELECT relation, severity, message, hint FROM :checked;
CREATE VIEW base.direct AS SELECT id, "cust omer", cur FROM base."In""voice";
CREATE VIEW checked.deposit WITH (security_invoker) AS SELECT id AS deposit_id,
	"cust omer" AS customer_id, cur AS currency, cur AS status, 1 AS amount FROM base.direct;
CREATE MATERIALIZED VIEW checked.vcu_invoice AS SELECT id AS vcu_invoice_id,
	"cust omer" AS customer_id, cur AS currency, cur AS status, 1 AS units, now() AS created_at
	FROM base."In""voice";
CREATE INDEX ON checked.vcu_invoice (customer_id);
SELECT relation, severity, replace(message, 'rights of ' || current_user, 'rights of me')
	AS message, hint FROM :checked;
ALTER VIEW base.direct SET (security_invoker = true);
DROP MATERIALIZED VIEW checked.vcu_invoice;
SELECT relation, severity, message FROM :checked;

-- no relation, not a relation, no schema, no right
CREATE SCHEMA nothing;
SELECT * FROM :nothing;
CREATE TYPE nothing.invoice AS (customer_id text);
SELECT * FROM :nothing;
SELECT * FROM balance.check_ledger('nowhere');
SELECT * FROM balance.check_ledger(4294967295::oid);
\echo :LAST_ERROR_SQLSTATE
SET balance.ledger = 'nowhere';
SELECT * FROM balance.check_ledger();
\echo :LAST_ERROR_SQLSTATE
CREATE ROLE regress_balance_nobody;
SET ROLE regress_balance_nobody;
SELECT relation, severity, message FROM :checked LIMIT 2;
RESET ROLE;
DROP ROLE regress_balance_nobody;
DROP SCHEMA checked, base, nothing CASCADE;
