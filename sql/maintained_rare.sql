-- Maintained balances: what seldom happens to views, readers and markers.
SET client_min_messages = warning;
SET search_path = public, balance;
-- any bytes as a position
CREATE TYPE stored;
CREATE FUNCTION stored_in(cstring) RETURNS stored AS 'byteain'
	LANGUAGE internal IMMUTABLE STRICT;
CREATE FUNCTION stored_out(stored) RETURNS cstring AS 'byteaout'
	LANGUAGE internal IMMUTABLE STRICT;
CREATE TYPE stored (INPUT = stored_in, OUTPUT = stored_out, INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double, STORAGE = extended);
CREATE CAST (stored AS balance.position) WITHOUT FUNCTION;
CREATE TABLE papers (id int PRIMARY KEY, customer text, currency text, state text, amount numeric,
	secret text, note text, bytes stored);
INSERT INTO papers
SELECT i, 'c' || i % 3, CASE i % 2 WHEN 0 THEN 'usd' ELSE 'eur' END, 'open', i,
	's', 'n', '\x02'::stored
FROM generate_series(1, 30) i;
CREATE SCHEMA rare;
SET balance.ledger = 'rare';
-- columns that nobody reads, texts, and an order by what is not shown
CREATE VIEW rare.invoice AS
SELECT id::text AS invoice_id, customer AS customer_id, currency, state AS invoice_status,
	amount AS total, amount AS amount_due,
	amount AS amount_remaining, date '2026-01-01' AS due_date,
	note AS internal_note, secret AS seller_name
FROM papers ORDER BY secret, id;
SELECT create_report_views();
CREATE FUNCTION faults() RETURNS TABLE (rule text, id text, expected text, found text)
LANGUAGE sql AS 'SELECT rule, id, expected, found FROM balance.verify(''rare'')
	WHERE rule = ''store_differs''';
SELECT relation, valid, reason FROM maintain();
INSERT INTO papers VALUES (100, 'c0', 'usd', 'open', 1000, 's', 'n');
UPDATE papers SET amount = amount + 1 WHERE id % 7 = 0;
SELECT * FROM faults();
SELECT relation, valid FROM maintenance();

-- whether a view shows more than a row is seen through sub-selects and functions' bodies
CREATE FUNCTION reason_of(view text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE 'DROP SCHEMA IF EXISTS tried CASCADE; CREATE SCHEMA tried';
	EXECUTE 'CREATE VIEW tried.invoice AS ' || view;
	RETURN (SELECT reason FROM balance.maintain('tried') WHERE relation = 'invoice');
END$$;
CREATE FUNCTION highest() RETURNS numeric LANGUAGE sql IMMUTABLE
RETURN (SELECT max(amount) FROM papers);
SELECT reason_of($$SELECT id::text AS invoice_id, customer AS customer_id, currency,
	state AS invoice_status, amount AS total, amount AS amount_due,
	amount AS amount_remaining, date '2026-01-01' AS due_date FROM (SELECT * FROM papers) p
	WHERE p IS NOT NULL$$);
SELECT reason_of($$SELECT id::text AS invoice_id, customer AS customer_id, currency,
	state AS invoice_status, highest() AS total, amount AS amount_due,
	amount AS amount_remaining, date '2026-01-01' AS due_date FROM papers$$);
-- a constant that cannot be computed
SELECT reason_of($$SELECT id::text AS invoice_id, customer AS customer_id, currency,
	state AS invoice_status, amount AS total, 1 / 0 + amount AS amount_due,
	amount AS amount_remaining, date '2026-01-01' AS due_date FROM papers$$);
DROP SCHEMA tried CASCADE;

-- a view that becomes another: rows are read, which are right
CREATE OR REPLACE VIEW rare.invoice AS
SELECT id::text AS invoice_id, customer AS customer_id, currency, state AS invoice_status,
	amount AS total, amount AS amount_due,
	amount AS amount_remaining, date '2026-01-01' AS due_date,
	note AS internal_note, secret AS seller_name
FROM papers WHERE id < 10
UNION ALL
SELECT id::text, customer, currency, state, amount, amount, amount, date '2026-01-01',
	note, secret
FROM papers WHERE id >= 10 AND id < 20;
SELECT relation, valid FROM maintenance();
SELECT state, currency, count, total FROM rare.report_customer_balance WHERE customer_id = 'c1';
CREATE OR REPLACE VIEW rare.invoice AS
SELECT id::text AS invoice_id, customer AS customer_id, currency, state AS invoice_status,
	amount AS total, amount AS amount_due,
	amount AS amount_remaining, date '2026-01-01' AS due_date,
	note AS internal_note, secret AS seller_name
FROM papers;
SELECT relation, valid FROM repair();
SELECT * FROM faults();

-- whom a report view is asked for, and how
CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
PREPARE of_customer(text) AS
SELECT customer_id, state, currency, total FROM rare.report_customer_balance
WHERE customer_id = $1 COLLATE any_case ORDER BY currency;
EXECUTE of_customer('C1');
SELECT DISTINCT customer_id FROM rare.report_customer_balance
WHERE customer_id = ANY ('{C1,c2}'::text[] COLLATE any_case) ORDER BY 1;
SELECT DISTINCT customer_id FROM rare.report_customer_balance
WHERE customer_id > ANY ('{c1,c0}'::text[]) ORDER BY 1;
SELECT DISTINCT customer_id FROM rare.report_customer_balance
WHERE customer_id = concat('c', CASE WHEN random() < 2 THEN 1 END) ORDER BY 1;
-- nobody is asked for, as only the execution shows
SET plan_cache_mode = force_generic_plan;
PREPARE exactly(text, text[]) AS
SELECT (SELECT count(*) FROM rare.report_customer_balance WHERE customer_id = $1) AS one,
	(SELECT count(*) FROM rare.report_customer_balance WHERE customer_id = ANY ($2)) AS some;
EXECUTE exactly('c1', '{c1,NULL,c2}');
EXECUTE exactly(NULL, NULL);
EXECUTE exactly('c9', '{}');
RESET plan_cache_mode;

-- rows of the store by a schema that is not known beforehand, or has no store
SELECT n.nspname, count(p.customer_id) FROM pg_namespace n LEFT JOIN LATERAL
	stored_positions(n.oid, ARRAY['invoice'], NULL, false) p(customer_id text, p balance.position)
	ON true
WHERE n.nspname = 'rare' GROUP BY 1;
CREATE SCHEMA empty;
SELECT count(*)
FROM stored_positions('empty', ARRAY['invoice'], NULL, false)
	AS p(customer_id text, p balance.position);
DROP SCHEMA empty;

-- two queries at once, of which the first ends first
BEGIN;
DECLARE a CURSOR FOR SELECT customer_id, total FROM rare.report_customer_balance
	WHERE currency = 'USD' ORDER BY 1;
FETCH 1 FROM a;
DECLARE b CURSOR FOR SELECT customer_id, total FROM rare.report_customer_balance
	WHERE currency = 'EUR' ORDER BY 1;
FETCH 1 FROM b;
CLOSE a;
FETCH 1 FROM b;
CLOSE b;
COMMIT;

-- a parallel query that is the first to look at a view since something has changed
CREATE TABLE kinds AS SELECT 'invoice'::text AS kind FROM generate_series(1, 1000);
ANALYZE kinds;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT store_counts('rare', min(kind)) FROM kinds;
RESET min_parallel_table_scan_size;

-- who may read columns only, or may not call a function that a view calls
CREATE ROLE regress_balance_rare;
CREATE FUNCTION doubled(n numeric) RETURNS numeric LANGUAGE sql IMMUTABLE RETURN n * 2;
CREATE SCHEMA called;
CREATE VIEW called.invoice AS
SELECT id::text AS invoice_id, customer AS customer_id, currency, state AS invoice_status,
	doubled(amount) AS total, amount AS amount_due, amount AS amount_remaining,
	date '2026-01-01' AS due_date FROM papers;
CREATE SCHEMA constant;
CREATE VIEW constant.invoice WITH (security_invoker) AS
SELECT '1'::text AS invoice_id, 'c1'::text AS customer_id, 'usd'::text AS currency,
	'open'::text AS invoice_status, 1.0::numeric AS total, 1.0::numeric AS amount_due,
	1.0::numeric AS amount_remaining, date '2026-01-01' AS due_date FROM papers;
GRANT USAGE ON SCHEMA rare, called, constant TO regress_balance_rare;
GRANT SELECT ON called.invoice, constant.invoice TO regress_balance_rare;
GRANT SELECT (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining, due_date, seller_name) ON rare.invoice TO regress_balance_rare;
REVOKE EXECUTE ON FUNCTION doubled FROM PUBLIC;
SELECT relation, valid FROM repair('rare');
SELECT relation, valid FROM maintain('called');
SELECT relation, valid FROM maintain('constant');
SELECT store_counts('rare', 'invoice'), store_counts('called', 'invoice'),
	store_counts('constant', 'invoice');
SET ROLE regress_balance_rare;
SELECT store_counts('rare', 'invoice'), store_counts('called', 'invoice'),
	store_counts('constant', 'invoice');
\set SHOW_CONTEXT never
SELECT customer_balance('c1', 'called');
SELECT customer_balance('c1', 'constant');
RESET ROLE;
GRANT SELECT (note) ON papers TO regress_balance_rare;
SET ROLE regress_balance_rare;
SELECT store_counts('constant', 'invoice');
SELECT jsonb_path_query(customer_balance('c1', 'constant'), '$.**.total') AS total;
SELECT sum(total) FROM constant.invoice;
RESET ROLE;

-- a marker that somebody has made a hole in says nothing
ALTER TABLE rare.balance_maintained ALTER COLUMN signature DROP NOT NULL,
	DISABLE TRIGGER ALL;
UPDATE rare.balance_maintained SET signature = NULL;
SELECT store_counts('rare', 'invoice');
SELECT relation, valid, reason FROM maintenance('rare');
ALTER TABLE rare.balance_maintained ENABLE TRIGGER ALL;
SELECT relation, valid, reason FROM repair('rare');

-- ids of which equal ones may look different, where no customer says how they do
CREATE SCHEMA numbered;
CREATE TABLE numbered.invoice (invoice_id text, customer_id numeric, currency text,
	invoice_status text, total numeric, amount_due numeric, amount_remaining numeric, due_date date,
	issued_at timestamptz DEFAULT '2026-01-01 UTC');
INSERT INTO numbered.invoice VALUES ('a', 1.0, 'usd', 'open', 1, 1, 1, '2026-01-01'),
	('b', 1, 'usd', 'open', 2, 2, 2, '2026-01-01');
SELECT create_report_views('numbered');
CREATE TABLE before AS SELECT * FROM numbered.report_customer_balance;
SELECT relation, valid, reason FROM maintain('numbered');
SELECT customer_id, state, total FROM numbered.report_customer_balance ORDER BY 1;
SELECT * FROM before EXCEPT ALL SELECT * FROM numbered.report_customer_balance;
SELECT * FROM customer_balances(false, 'numbered');
SELECT * FROM top_debtors('usd', 5, '2026-06-01Z', 'UTC', 'numbered');

-- a row with bytes of a later version is bad, but damage is nobody's row, and raised
CREATE SCHEMA broken;
CREATE VIEW broken.invoice AS
SELECT id::text AS invoice_id, customer AS customer_id, currency,
	state AS invoice_status, amount + length((bytes::balance.position)::text) - 3 AS total,
	amount AS amount_due, amount AS amount_remaining, date '2026-01-01' AS due_date FROM papers;
SELECT relation, valid, reason, bad_rows FROM maintain('broken');
INSERT INTO papers VALUES (200, 'c0', 'usd', 'open', 7, 's', 'n', '\x02');
INSERT INTO papers VALUES (201, 'c0', 'usd', 'open', 7, 's', 'n', '\x00');
-- which cannot be told from a state of an aggregate that is damaged
INSERT INTO papers VALUES (202, 'c0', 'usd', 'open', 7, 's', 'n',
	('\x' || repeat('00', 200))::stored);
SELECT id FROM papers WHERE id >= 200;
SELECT source, bad FROM broken.balance_store WHERE bad <> 0;

-- an optional column that dates rows
CREATE SCHEMA dated;
CREATE TABLE orders (id int, customer int, paid timestamptz, units int);
CREATE VIEW dated.vcu_invoice AS SELECT id AS vcu_invoice_id, customer AS customer_id,
	'usd' AS currency, 'paid' AS status, units, timestamptz '2026-01-01 UTC' AS created_at,
	paid AS paid_at FROM orders;
SELECT relation, valid, reason FROM maintain('dated');
INSERT INTO orders VALUES (1, 7, '2026-01-02 UTC', 5);
SELECT vcu_balance('7', NULL, NULL, 'dated'),
	(SELECT count(*) FROM verify('dated') WHERE rule = 'store_differs') AS differences;
SET client_min_messages = error;
DROP SCHEMA dated CASCADE;
DROP TABLE orders;
SET client_min_messages = warning;

-- a store that does not fit work_mem is compared with its relation
CREATE SCHEMA large;
CREATE TABLE large.deposit AS SELECT i AS deposit_id, 'c' || i AS customer_id, 'usd' AS currency,
	'held' AS status, i AS amount FROM generate_series(1, 3000) i;
SELECT valid FROM maintain('large');
ALTER TABLE large.deposit DISABLE TRIGGER USER;
UPDATE large.deposit SET amount = 0 WHERE deposit_id = 7;
ALTER TABLE large.deposit ENABLE TRIGGER USER;
SET work_mem = '64kB';
SELECT valid FROM repair('large');
RESET work_mem;
SELECT count(*) AS differences FROM verify('large') WHERE rule = 'store_differs';
SET client_min_messages = error;
DROP SCHEMA large CASCADE;
SET client_min_messages = warning;

-- a customer of more currencies than one is thought to have
CREATE SCHEMA many;
CREATE TABLE many.deposit AS SELECT i AS deposit_id, 'c' || i % 2 AS customer_id,
	(ARRAY['usd', 'eur', 'jpy', 'gbp', 'chf', 'cad', 'aud', 'nzd', 'sek', 'nok', 'dkk', 'pln',
		'czk', 'huf', 'ron', 'inr', 'krw', 'mxn', 'brl'])[i % 19 + 1] AS currency,
	'held' AS status, i AS amount FROM generate_series(1, 200) i;
SELECT create_report_views('many');
CREATE TABLE many_before AS SELECT * FROM many.report_customer_balance;
SELECT count(*), count(DISTINCT currency) FROM many_before WHERE customer_id = 'c1';
SELECT valid FROM maintain('many');
UPDATE many.deposit SET amount = amount + 1 WHERE deposit_id % 3 = 0;
SELECT count(*), sum(now.total - before.total) AS more
FROM many.report_customer_balance now JOIN many_before before USING (customer_id, state, currency);
UPDATE many.deposit SET amount = amount - 1 WHERE deposit_id % 3 = 0;
(TABLE many_before EXCEPT ALL SELECT * FROM many.report_customer_balance)
UNION ALL (SELECT * FROM many.report_customer_balance EXCEPT ALL TABLE many_before);
SELECT * FROM many.report_customer_balance WHERE customer_id = 'c1'
EXCEPT ALL SELECT * FROM many_before;
SET client_min_messages = error;
DROP SCHEMA many CASCADE;
DROP TABLE many_before;
SET client_min_messages = warning;

-- a statement that fails in the middle of another: both are forgotten, the outer one first
CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO papers (id) SELECT 1 / (i - 1) FROM generate_series(1, 1) i;
	RETURN new;
END $$;
CREATE TRIGGER fail BEFORE INSERT ON papers FOR EACH ROW WHEN (new.id = 300)
	EXECUTE FUNCTION fail();
INSERT INTO papers (id) VALUES (300);
SELECT store_counts('rare', 'invoice');
DROP TRIGGER fail ON papers;
DROP FUNCTION fail;

-- a relation that is not there has no recorded position
SELECT recorded_position('rare', 'vcu_order', 'c1', '2026-01-01');

-- report views are made anew where there are any, and where there is something to report
DROP VIEW rare.report_ageing;
CREATE TABLE rare.vcu_order (vcu_order_id int, customer_id text, currency text, status text,
	units int, created_at timestamptz);
SELECT create_report_views('rare');
ALTER TABLE rare.vcu_order RENAME TO orders;
SELECT stop_maintaining('rare');
SELECT count(*) FROM pg_class WHERE relnamespace = 'rare'::regnamespace AND relname ~ '^report_';
DROP OWNED BY regress_balance_rare;
DROP ROLE regress_balance_rare;
DROP SCHEMA rare, called, constant, broken, numbered CASCADE;
DROP FUNCTION faults, reason_of, highest, doubled;
DROP TABLE papers, kinds, before;
DROP TYPE stored CASCADE;
