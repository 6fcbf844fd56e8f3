-- Maintained balances of views: which are kept, and how rows are seen through them.
SET client_min_messages = warning;
SET search_path = public, balance;
CREATE SCHEMA app;
CREATE TYPE app.state AS ENUM ('open', 'paid', 'draft');
CREATE TABLE app.papers (gone int, id int PRIMARY KEY, kind text, tenant text, customer int,
	currency text, state app.state, cents bigint, rest text, due timestamp, deleted_at timestamptz);
ALTER TABLE app.papers DROP COLUMN gone;
CREATE FUNCTION app.digits(currency text) RETURNS int LANGUAGE sql IMMUTABLE
RETURN CASE WHEN currency = 'jpy' THEN 0 ELSE 2 END;
CREATE FUNCTION app.major(cents bigint, currency text) RETURNS numeric LANGUAGE sql IMMUTABLE
RETURN cents * CASE app.digits(currency) WHEN 0 THEN 1 ELSE 0.01 END;
CREATE VIEW app.live AS SELECT * FROM app.papers WHERE deleted_at IS NULL;

-- two relations of one table, one through two views, one through a sub-select
CREATE SCHEMA acme;
SET balance.ledger = 'acme';
CREATE VIEW acme.invoice WITH (security_invoker) AS
SELECT 'I' || id::text AS invoice_id, customer AS customer_id, currency,
	state::text AS invoice_status, app.major(cents, currency) AS total,
	app.major(cents, currency) AS amount_due, rest::numeric AS amount_remaining,
	due AT TIME ZONE 'UTC' AS due_date, now() AS issued_at
FROM app.live WHERE kind = 'invoice' AND tenant = 'acme';
CREATE VIEW acme.deposit AS
SELECT d.id AS deposit_id, d.customer AS customer_id, d.currency, 'ok' AS status,
	d.cents * 0.01 AS amount
FROM (SELECT * FROM app.live WHERE kind = 'deposit' ORDER BY id) d WHERE d.tenant = 'acme';
-- and the same rows of somebody else
CREATE SCHEMA other;
CREATE VIEW other.deposit AS
SELECT id AS deposit_id, customer::text AS customer_id, currency, tenant AS status, cents AS amount
FROM app.papers WHERE kind = 'deposit';
-- which nobody maintains
CREATE SCHEMA bare;
CREATE VIEW bare.invoice AS SELECT * FROM acme.invoice OFFSET 0;
CREATE VIEW bare.deposit AS SELECT * FROM acme.deposit OFFSET 0;

INSERT INTO app.papers (id, kind, tenant, customer, currency, state, cents, rest, due)
SELECT i, CASE i % 3 WHEN 0 THEN 'deposit' ELSE 'invoice' END,
	CASE i % 5 WHEN 0 THEN 'else' ELSE 'acme' END, i % 3,
	CASE i % 4 WHEN 0 THEN 'jpy' ELSE 'usd' END, 'open', i * 100, i, '2026-01-01'
FROM generate_series(1, 20) i;
SELECT relation, valid, reason, bad_rows FROM maintain();
SELECT relation, valid, reason, bad_rows FROM maintain('other');
SELECT relation, valid, reason FROM maintain('bare');

CREATE VIEW sums AS
SELECT 'acme' AS ledger, source, customer_id, sum(bad) AS bad, merge(p) AS position
FROM acme.balance_store, position_from_packed(position) p GROUP BY 2, 3
UNION ALL
SELECT 'other', source, customer_id, sum(bad), merge(p)
FROM other.balance_store, position_from_packed(position) p GROUP BY 2, 3;
CREATE VIEW shown AS
SELECT * FROM sums WHERE bad <> 0 OR position <> '1{}' ORDER BY 1, 2, 3;
-- what is wrong with the store, and with what is answered from it
CREATE VIEW faults AS
SELECT id, expected, found FROM verify('acme') WHERE rule = 'store_differs'
UNION ALL SELECT id, expected, found FROM verify('other') WHERE rule = 'store_differs'
UNION ALL SELECT * FROM (
	SELECT c, replace(customer_balance(c, 'bare')::text, 'bare', 'acme') AS found,
		customer_balance(c, 'acme')::text AS stored
	FROM generate_series(0, 3) i, LATERAL (VALUES (i::text)) v (c)) d
WHERE found <> stored;
SELECT * FROM shown;
SELECT * FROM faults;

-- each kind of statement, on the table, through the views, and between relations
INSERT INTO app.papers VALUES (30, 'invoice', 'acme', 1, 'eur', 'draft', 5, '1'),
	(31, 'invoice', 'else', 1, 'eur', 'draft', 5, '1'),
	(32, 'memo', 'acme', 1, 'eur', NULL, 5, '1');
INSERT INTO app.live (id, kind, tenant, customer, currency, cents)
VALUES (33, 'deposit', 'acme', 3, 'eur', 700);
UPDATE app.papers SET cents = cents + 1 WHERE id < 4;
UPDATE app.papers SET kind = 'deposit' WHERE id = 4;
UPDATE app.papers SET tenant = 'else' WHERE id IN (1, 3);
UPDATE app.papers SET tenant = 'acme' WHERE id = 5;
UPDATE app.live SET deleted_at = now() WHERE id IN (7, 9);
UPDATE app.papers SET customer = 2 WHERE id IN (6, 8);
DELETE FROM app.live WHERE id IN (2, 12, 20);
INSERT INTO app.papers VALUES (8, 'invoice', 'acme', 1, 'eur', 'paid', 5, '1')
ON CONFLICT (id) DO UPDATE SET state = excluded.state;
MERGE INTO app.papers p USING (VALUES (8), (11), (40)) v (id) ON p.id = v.id
WHEN MATCHED AND p.id = 8 THEN DELETE
WHEN MATCHED THEN UPDATE SET state = 'paid'
WHEN NOT MATCHED THEN INSERT (id, kind, tenant, customer, currency, cents)
	VALUES (v.id, 'deposit', 'acme', 0, 'usd', 1);
COPY app.papers (id, kind, tenant, customer, currency, state, cents, rest) FROM stdin;
50	invoice	acme	3	usd	open	100	1
51	invoice	else	3	usd	open	100	1
\.
BEGIN;
SAVEPOINT s;
DELETE FROM app.papers;
ROLLBACK TO s;
SET LOCAL session_replication_role = replica;
UPDATE app.papers SET cents = 2000 WHERE id IN (10, 11);
DELETE FROM app.papers WHERE id = 13;
COMMIT;
SELECT * FROM faults;
SELECT * FROM shown;

-- what a view does not show, or does not read, appends nothing
SELECT count(*) AS before FROM acme.balance_store \gset
INSERT INTO app.papers (id, kind, tenant, customer, currency, cents)
VALUES (60, 'deposit', 'else', 1, 'usd', 1);
UPDATE app.papers SET cents = cents, id = id + 100 WHERE id = 60;
SELECT count(*) - :before AS appended FROM acme.balance_store;

-- a row that fails an expression is accepted, and is bad
UPDATE app.papers SET rest = 'x' WHERE id = 11;
INSERT INTO app.papers VALUES (61, 'invoice', 'acme', 0, 'usd', 'open', 1, 'y'),
	(62, 'invoice', 'acme', 3, 'usd', 'open', 200, '2'),
	(63, 'deposit', 'acme', 3, 'usd', NULL, 1, 'z');
SELECT relation, valid, bad_rows FROM maintenance();
SELECT c, stored_position('acme', 'invoice', c, now()) IS NULL AS from_rows,
	customer_balance(c) IS NOT NULL AS balance FROM (VALUES ('0'), ('1'), ('2'), ('3')) v (c);
\set SHOW_CONTEXT never
SELECT invoice_summary('2', '2026-06-01', 'UTC');
SELECT invoice_summary('0', '2026-06-01', 'UTC');
-- it cannot be built anew of them, and says why
SELECT relation, valid, reason FROM repair();
SELECT relation, valid, reason FROM maintenance();
DELETE FROM app.papers WHERE id = 61;
UPDATE app.papers SET rest = '1' WHERE id = 11;
SELECT relation, valid, reason, bad_rows FROM repair();
SELECT * FROM faults;

-- if nobody can tell whose such a row is, everybody is answered from the rows
CREATE SCHEMA lost;
CREATE VIEW lost.deposit AS
SELECT id AS deposit_id, rest::int AS customer_id, currency, 'ok' AS status, cents AS amount
FROM app.papers WHERE kind = 'lost' AND 10 / cents > 1;
INSERT INTO app.papers (id, kind, rest, currency, cents)
VALUES (70, 'lost', '7', 'usd', 2), (71, 'lost', '8', 'usd', 3);
SELECT valid FROM maintain('lost');
SELECT stored_position('lost', 'deposit', '7', NULL), store_counts('lost', 'deposit');
INSERT INTO app.papers (id, kind, rest, currency, cents) VALUES
	(72, 'lost', 'whose', 'usd', 3), (73, 'lost', '8', 'usd', 0), (74, 'lost', '8', 'usd', 4);
SELECT stored_position('lost', 'deposit', '7', NULL), store_counts('lost', 'deposit');
SELECT source, customer_id, bad, position FROM lost.balance_store WHERE source = 'D';
DELETE FROM app.papers WHERE id = 72;
SELECT stored_position('lost', 'deposit', '7', NULL), store_counts('lost', 'deposit');
UPDATE app.papers SET cents = 5 WHERE id = 73;
SELECT stored_position('lost', 'deposit', '8', NULL), store_counts('lost', 'deposit');
INSERT INTO app.papers (id, kind, rest, currency, cents) VALUES (72, 'lost', 'whose', 'usd', 3);
ALTER TABLE app.papers DISABLE TRIGGER USER;
DELETE FROM app.papers WHERE id = 72;
ALTER TABLE app.papers ENABLE TRIGGER USER;
SELECT valid FROM repair('lost');
SELECT stored_position('lost', 'deposit', '7', NULL), store_counts('lost', 'deposit');
SELECT sum(bad) FROM lost.balance_store WHERE source = 'D';
SELECT stop_maintaining('lost');
SELECT valid FROM repair();
SELECT valid FROM repair('other');

-- whatever may change what a view says makes the store not count
CREATE FUNCTION view_state() RETURNS text LANGUAGE sql AS $$
SELECT string_agg(concat_ws(' ', relation || ':', valid, reason, store_counts('acme', relation)),
	E'\n' ORDER BY relation) FROM maintenance('acme')
$$;
SELECT view_state();
CREATE OR REPLACE VIEW acme.deposit AS
SELECT d.id AS deposit_id, d.customer AS customer_id, d.currency, 'ok' AS status,
	d.cents * 0.1 AS amount
FROM (SELECT * FROM app.live WHERE kind = 'deposit') d WHERE d.tenant = 'acme';
SELECT view_state();
SELECT * FROM faults;
SELECT valid FROM repair();
SELECT * FROM faults;
-- a view below it
CREATE OR REPLACE VIEW app.live AS
SELECT * FROM app.papers WHERE deleted_at IS NULL OR deleted_at > '2999-01-01';
SELECT view_state();
SELECT valid FROM repair();
-- a function, also one that is called by one, and one that is as it was
CREATE OR REPLACE FUNCTION app.digits(currency text) RETURNS int LANGUAGE sql IMMUTABLE
RETURN CASE WHEN currency IN ('jpy', 'krw') THEN 0 ELSE 2 END;
SELECT view_state();
UPDATE app.papers SET currency = 'krw' WHERE id = 14;
SELECT valid FROM repair();
SELECT * FROM faults;
CREATE OR REPLACE FUNCTION app.digits(currency text) RETURNS int LANGUAGE sql IMMUTABLE
RETURN CASE WHEN currency IN ('jpy', 'krw') THEN 0 ELSE 2 END;
SELECT view_state();
SELECT valid FROM repair();
-- a label
ALTER TYPE app.state RENAME VALUE 'paid' TO 'void';
SELECT view_state();
SELECT valid FROM repair();
SELECT * FROM faults;
-- row security, which may hide rows, triggers, and a table that is not logged
ALTER TABLE app.papers ENABLE ROW LEVEL SECURITY;
SELECT view_state();
SELECT relation, valid FROM repair();
ALTER TABLE app.papers DISABLE ROW LEVEL SECURITY;
SELECT valid FROM repair();
ALTER TABLE app.papers DISABLE TRIGGER USER;
SELECT view_state();
ALTER TABLE app.papers ENABLE TRIGGER USER;
SELECT valid FROM repair();
ALTER TABLE app.papers SET UNLOGGED;
SELECT view_state();
ALTER TABLE app.papers SET LOGGED;
SELECT valid FROM repair();
-- a column under another name
ALTER TABLE app.papers RENAME tenant TO lodger;
SELECT view_state();
ALTER TABLE app.papers RENAME lodger TO tenant;
SELECT valid FROM repair();
-- these do not: columns that are not read, the table's name, and the other ledger's end
ALTER TABLE app.papers ADD COLUMN note text;
ALTER TABLE app.papers RENAME TO sheets;
ALTER TABLE app.sheets DROP COLUMN note;
SELECT view_state();
ALTER TABLE app.sheets RENAME TO papers;
CREATE OR REPLACE VIEW faults AS
SELECT id, expected, found FROM verify('acme') WHERE rule = 'store_differs';
CREATE OR REPLACE VIEW sums AS
SELECT 'acme' AS ledger, source, customer_id, sum(bad) AS bad, merge(p) AS position
FROM acme.balance_store, position_from_packed(position) p GROUP BY 2, 3;
SELECT stop_maintaining('other');
SELECT view_state();
UPDATE app.papers SET cents = cents + 1;
SELECT * FROM faults;
-- two triggers of one statement fold the same customers, with commands of others between
CREATE FUNCTION app.change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO app.changes DEFAULT VALUES; RETURN NULL; END $$;
CREATE TABLE app.changes (n int GENERATED ALWAYS AS IDENTITY);
CREATE TRIGGER "!balance_u" AFTER UPDATE ON app.papers EXECUTE FUNCTION app.change();
DO $$ BEGIN FOR i IN 1 .. 300 LOOP UPDATE app.papers SET cents = cents + 1; END LOOP; END $$;
SELECT * FROM faults;
DROP TABLE app.changes CASCADE;
DROP FUNCTION app.change CASCADE;
SELECT bool_and(valid) FROM maintenance();

-- a view that is made anew is another one
DROP VIEW bare.deposit, acme.deposit;
INSERT INTO app.papers (id, kind, tenant, customer, currency, cents)
VALUES (80, 'deposit', 'acme', 1, 'usd', 1);
CREATE VIEW acme.deposit AS
SELECT id AS deposit_id, customer AS customer_id, currency, 'ok' AS status, cents AS amount
FROM app.papers WHERE kind = 'deposit';
SELECT view_state();
SELECT valid FROM repair();
SELECT count(*) FROM pg_trigger WHERE tgname ~ '^!balance' AND tgrelid = 'app.papers'::regclass;

TRUNCATE app.papers;
SELECT * FROM shown;
DROP VIEW faults, shown, sums;
SELECT stop_maintaining();
DROP SCHEMA bare, lost, other CASCADE;

-- which views are kept
CREATE SCHEMA shapes;
SET balance.ledger = 'shapes';
CREATE FUNCTION app.cast_it(t text) RETURNS numeric LANGUAGE plpgsql IMMUTABLE
AS $$ BEGIN RETURN t; END $$;
CREATE FUNCTION app.text_body(n bigint) RETURNS numeric LANGUAGE sql IMMUTABLE
AS 'SELECT n * 0.01';
CREATE FUNCTION app.calls_it(t text) RETURNS numeric LANGUAGE sql IMMUTABLE
RETURN app.cast_it(t);
CREATE FUNCTION app.strict_one(n bigint) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT
RETURN CASE WHEN n IS NULL THEN 0 ELSE n END;
CREATE DOMAIN app.positive AS numeric CHECK (VALUE > 0);
CREATE FUNCTION kept_as(query text, columns text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
	EXECUTE format('CREATE VIEW shapes.deposit%s AS %s', columns, query);
	SELECT coalesce(reason, 'kept') INTO result FROM maintain('shapes');
	DROP VIEW shapes.deposit;
	RETURN result;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLERRM;
END $$;
CREATE FUNCTION kept_with(amount text, rest text) RETURNS text LANGUAGE sql AS $$
SELECT kept_as(format('SELECT id AS deposit_id, customer AS customer_id, currency, %L AS status,'
	' %s AS amount %s', 'ok', amount, rest))
$$;
CREATE TABLE rests (n int GENERATED ALWAYS AS IDENTITY, rest text);
COPY rests (rest) FROM stdin;
FROM app.papers
FROM ONLY app.papers ORDER BY id
FROM app.papers LIMIT 1
FROM app.papers OFFSET 0
FROM app.papers FOR UPDATE
FROM app.papers CROSS JOIN (SELECT) x
FROM app.papers, (SELECT) x
FROM app.papers TABLESAMPLE SYSTEM (100)
FROM (VALUES (1, 2, 'usd', 3)) v (id, customer, currency, cents)
FROM json_to_recordset('[]') v (id int, customer int, currency text, cents int)
FROM app.papers WHERE tenant = current_user
FROM app.papers WHERE due < localtimestamp
FROM app.papers WHERE deleted_at::date > '2026-01-01'
FROM app.papers WHERE random() < 0.5
FROM app.papers WHERE id IN (SELECT id FROM app.live)
FROM app.papers WHERE EXISTS (SELECT)
FROM app.papers WHERE papers IS NOT NULL
FROM app.papers WHERE xmin IS NOT NULL
FROM app.papers WHERE state::text = 'open' AND lower(tenant) IN ('a', 'b')
FROM app.papers WHERE (deleted_at > '2026-01-01') IS TRUE AND GREATEST(id, cents) > NULLIF(id, 3)
FROM app.papers GROUP BY id
FROM app.papers UNION ALL SELECT id, customer, currency, 'ok', 1 FROM app.papers
FROM app.papers WHERE 1 / (id - id) = 1
FROM app.papers WHERE CASE WHEN id > 1 THEN 1 / 0 END = 1
\.
SELECT rest, kept_with('cents', rest) FROM rests ORDER BY n;
TRUNCATE rests RESTART IDENTITY;
COPY rests (rest) FROM stdin;
cents * 0.01
sum(cents) OVER ()
generate_series(1, 2)
(SELECT 1)
app.cast_it(rest)
app.text_body(cents)
app.calls_it(rest)
app.strict_one(cents)
rest::numeric
rest::app.positive
extract(day FROM due)::int
extract(day FROM deleted_at)::int
length(due::text)
length((cents::float8)::text)
round(cents, 2)
COALESCE(cents, 0)
(ARRAY[cents, id])[1]
balance.known_currency(currency)::int
\.
SELECT rest AS amount, kept_with(rest, 'FROM app.papers') FROM rests ORDER BY n;
TRUNCATE rests RESTART IDENTITY;
COPY rests (rest) FROM stdin;
SELECT DISTINCT 1, customer, currency, '', 1 FROM app.papers
WITH w AS (SELECT 1) SELECT 1, customer, currency, '', 1 FROM app.papers
SELECT 1, customer, currency, '', rest FROM app.papers
SELECT 1, oid::int, 'usd', '', relpages FROM pg_class
SELECT 1, 2, 'usd', '', 3
\.
ALTER TABLE rests ADD COLUMN columns text
	DEFAULT '(deposit_id, customer_id, currency, status, amount)';
SELECT rest, kept_as(rest, columns) FROM rests ORDER BY n;
DROP TABLE rests;
CREATE MATERIALIZED VIEW app.snapshot AS SELECT * FROM app.papers;
CREATE UNLOGGED TABLE app.notes (id int, customer int, currency text, cents int);
CREATE TABLE app.parts (id int, customer int, currency text, cents int)
PARTITION BY LIST (customer);
CREATE TABLE app.part PARTITION OF app.parts FOR VALUES IN (1);
SELECT t, kept_with('cents', 'FROM app.' || t)
FROM (VALUES ('snapshot'), ('notes'), ('parts'), ('part')) v (t);

-- a partitioned table, whose partitions have their columns elsewhere
CREATE TABLE app.other_part (note text, cents int, currency text, id int, customer int);
ALTER TABLE app.other_part DROP COLUMN note;
ALTER TABLE app.parts ATTACH PARTITION app.other_part FOR VALUES IN (2);
CREATE VIEW shapes.deposit AS
SELECT id AS deposit_id, customer AS customer_id, currency, 'ok' AS status, cents AS amount
FROM app.parts WHERE cents > 0;
SELECT valid FROM maintain();
INSERT INTO app.parts VALUES (1, 1, 'usd', 1), (2, 2, 'usd', 2), (3, 2, 'usd', -3);
INSERT INTO app.other_part VALUES (4, 'usd', 4, 2);
UPDATE app.parts SET customer = 2 WHERE id = 1;
SET session_replication_role = replica;
INSERT INTO app.parts VALUES (5, 1, 'usd', 16), (6, 2, 'usd', 32);
RESET session_replication_role;
CREATE VIEW sums AS
SELECT customer_id, sum(bad), merge(position_from_packed(position))
FROM shapes.balance_store GROUP BY 1 ORDER BY 1;
SELECT * FROM sums;
SELECT * FROM verify() WHERE rule = 'store_differs';
TRUNCATE app.other_part;
SELECT * FROM sums;
DROP VIEW sums;

-- a view of a relation that is kept, too
SELECT create_ledger('base');
SELECT relation, valid FROM maintain('base') WHERE relation = 'deposit';
CREATE OR REPLACE VIEW shapes.deposit AS
SELECT amount::int AS deposit_id, customer_id::int, currency, status, amount::int FROM base.deposit;
SELECT valid FROM repair();
SELECT tgrelid::regclass FROM pg_trigger
WHERE tgname ~ '^!balance_insert' AND tgrelid >= 'app.papers'::regclass::oid
ORDER BY tgrelid, tgname;
INSERT INTO base.customer (customer_id, business_id) VALUES (7, 'b');
INSERT INTO base.deposit (deposit_id, customer_id, currency, status, amount)
VALUES ('d', '7', 'usd', 'ok', 70);
SELECT ledger, customer_balance('7', ledger::regnamespace) #>> '{0,deposits,ok,total}' AS deposits,
	stored_position(ledger::regnamespace, 'deposit', '7', NULL)
FROM (VALUES ('base'), ('shapes')) v (ledger);
SELECT stop_maintaining('base');
UPDATE base.deposit SET amount = 80;
SELECT stored_position('shapes', 'deposit', '7', NULL);

-- rights: of who asks for the view, of the view's owner for the table, or of both
CREATE ROLE regress_balance_asker;
GRANT USAGE ON SCHEMA shapes, base, app TO regress_balance_asker;
CREATE FUNCTION counts_for_asker() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE result boolean;
BEGIN
	SET LOCAL ROLE regress_balance_asker;
	result := store_counts('shapes', 'deposit');
	RESET ROLE;
	RETURN result;
END $$;
SELECT counts_for_asker();
GRANT SELECT ON shapes.deposit TO regress_balance_asker;
SELECT counts_for_asker();
ALTER VIEW shapes.deposit SET (security_invoker);
SELECT counts_for_asker();
GRANT SELECT (customer_id, currency, status, amount) ON base.deposit TO regress_balance_asker;
SELECT valid FROM repair();
SELECT counts_for_asker();
ALTER VIEW shapes.deposit RESET (security_invoker);
REVOKE SELECT (customer_id, currency, status, amount) ON base.deposit FROM regress_balance_asker;
SELECT valid FROM repair();
SELECT counts_for_asker();
SELECT stop_maintaining();
DROP FUNCTION counts_for_asker, kept_as, kept_with, view_state;
DROP SCHEMA shapes, base, acme, app CASCADE;
DROP ROLE regress_balance_asker;
