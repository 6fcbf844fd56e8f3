-- Maintained balances: what is kept, and when it counts.
SET client_min_messages = warning;
SET search_path = public, balance;
SELECT create_ledger('kept');
SET balance.ledger = 'kept';
INSERT INTO kept.customer (customer_id, business_id) SELECT 'c' || i, 'b'
FROM generate_series(1, 3) i;
INSERT INTO kept.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining, due_date)
SELECT 'i' || i, 'c' || 1 + i % 2, 'usd', 'open', i, i, i, '2026-01-01'
FROM generate_series(1, 10) i;

SELECT relation, valid, reason, stored_rows FROM maintenance();
SELECT repair();
SELECT fold();
SELECT stop_maintaining();
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT maintain();
ROLLBACK;
SELECT relation, valid, reason, stored_rows, waiting_rows, bad_rows FROM maintain();

-- the store, as sums
CREATE VIEW sums AS
SELECT source, customer_id, sum(bad) AS bad, merge(p) AS position
FROM kept.balance_store, position_from_packed(position) p
GROUP BY 1, 2 HAVING sum(bad) <> 0 OR merge(p) <> '1{}'
ORDER BY source, customer_id;
SELECT * FROM sums;

-- each kind of statement
INSERT INTO kept.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining)
VALUES ('a', 'c3', 'eur', 'draft', 1, 2, 3), ('b', 'c3', 'eur', 'paid', 10, 20, 0);
UPDATE kept.invoice SET total = 2 WHERE invoice_id = 'a';
UPDATE kept.invoice SET customer_id = 'c2' WHERE invoice_id = 'b';
DELETE FROM kept.invoice WHERE invoice_id = 'i1';
INSERT INTO kept.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining)
VALUES ('a', 'c3', 'eur', 'draft', 7, 7, 7), ('c', 'c3', 'eur', 'draft', 8, 8, 8)
	ON CONFLICT (invoice_id) DO UPDATE SET total = excluded.total;
MERGE INTO kept.invoice i USING (VALUES ('a'), ('c'), ('d')) v(id) ON i.invoice_id = v.id
WHEN MATCHED AND v.id = 'a' THEN DELETE
WHEN MATCHED THEN UPDATE SET invoice_status = 'open'
WHEN NOT MATCHED THEN INSERT (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining) VALUES (v.id, 'c3', 'jpy', 'open', 9, 9, 9);
COPY kept.deposit (deposit_id, customer_id, currency, status, amount) FROM stdin;
d1	c1	usd	ok	1.5
d2	c1	usd	ok	2.5
d3	c2	eur	pending	4
\.
BEGIN;
SAVEPOINT s;
DELETE FROM kept.deposit;
ROLLBACK TO s;
UPDATE kept.deposit SET status = 'ok' WHERE deposit_id = 'd3';
COMMIT;
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO kept.deposit (deposit_id, customer_id, currency, status, amount)
VALUES ('d4', 'c3', 'usd', 'ok', 1), ('d5', 'c3', 'usd', 'ok', 1);
UPDATE kept.deposit SET amount = 8 WHERE deposit_id = 'd4';
DELETE FROM kept.deposit WHERE deposit_id = 'd5';
COMMIT;
SELECT * FROM sums;
SELECT * FROM verify() WHERE rule = 'store_differs';

-- nothing is appended where nothing changes
SELECT count(*) AS before FROM kept.balance_store \gset
UPDATE kept.invoice SET number = 'n' || invoice_id;
UPDATE kept.invoice SET total = total;
DELETE FROM kept.invoice WHERE false;
SELECT count(*) <= :before AS nothing_appended FROM kept.balance_store;

-- a row that no document can tally is accepted as ever, and counted
INSERT INTO kept.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining) VALUES
	('x', 'c1', 'zzz', 'open', 1, 1, 1), ('y', 'c1', 'usd', 'wrong', 1, 1, 1),
		('z', 'c2', 'usd', 'open', '1e120', 1, 1);
SELECT relation, valid, bad_rows FROM maintenance();
SELECT customer_id, stored_position('kept', 'invoice', customer_id, now())
FROM kept.customer ORDER BY 1;
-- with the errors that its customer had before
SELECT invoice_summary('c1');
UPDATE kept.invoice SET currency = 'usd' WHERE invoice_id = 'x';
DELETE FROM kept.invoice WHERE invoice_id IN ('y', 'z');
SELECT relation, valid, bad_rows FROM maintenance();
SELECT customer_id, stored_position('kept', 'invoice', customer_id, now())
FROM kept.customer ORDER BY 1;

-- folded, a customer has a row for each relation
SELECT fold('kept', '{c1,nobody}') >= 0 AS folded;
SELECT source, count(*) FROM kept.balance_store WHERE customer_id = 'c1' GROUP BY 1 ORDER BY 1;
SELECT fold() >= 0 AS folded;
SELECT relation, valid, waiting_rows FROM maintenance();
SELECT fold();

-- VCUs that count later
INSERT INTO kept.vcu_order (vcu_order_id, customer_id, currency, status, pay_with_balance,
	units, created_at)
VALUES ('o1', 'c1', 'brl', 'issued', true, 5, '2026-01-01'),
	('o2', 'c2', 'brl', 'issued', true, 5, '2999-01-01');
SELECT customer_id, stored_position('kept', 'vcu_order', customer_id, '2026-12-31')
FROM kept.customer ORDER BY 1;
UPDATE kept.vcu_order SET created_at = '2998-01-01' WHERE vcu_order_id = 'o1';
SELECT stored_position('kept', 'vcu_order', 'c1', '2026-12-31') IS NULL AS is_later;

-- nobody else writes there
INSERT INTO kept.balance_store VALUES ('i', 'c1', 0, NULL, '\x02');
UPDATE kept.balance_store SET bad = 1;
DELETE FROM kept.balance_store;
TRUNCATE kept.balance_store;
DELETE FROM kept.balance_maintained;
-- what a publisher sends is skipped
SET session_replication_role = replica;
INSERT INTO kept.balance_store VALUES ('i', 'c1', 0, NULL, '\x02');
RESET session_replication_role;
SELECT count(*) FROM kept.balance_store WHERE position = '\x02' AND source = 'i';
-- and whoever insists is found out
ALTER TABLE kept.balance_store DISABLE TRIGGER balance_guard;
INSERT INTO kept.balance_store
VALUES ('d', 'c3', 0, NULL, position_send('1{USD 1 deposit("ok" 1 1000)}'));
ALTER TABLE kept.balance_store ENABLE ALWAYS TRIGGER balance_guard;
-- which shows where a look-up has its figures from
SELECT customer_balance('c3')::text ~ '1008' AS from_store;
SELECT * FROM verify() WHERE rule = 'store_differs';
SELECT relation, valid FROM repair() WHERE relation = 'deposit';
SELECT * FROM verify() WHERE rule = 'store_differs';

-- whatever may have changed the rows unseen makes the store not count
CREATE FUNCTION state(name text) RETURNS text LANGUAGE sql AS $$
SELECT concat_ws(' ', valid, reason, store_counts('kept', name)) FROM maintenance()
WHERE relation = name
$$;
ALTER TABLE kept.deposit DISABLE TRIGGER "!balance_insert";
INSERT INTO kept.deposit (deposit_id, customer_id, currency, status, amount)
VALUES ('unseen', 'c1', 'usd', 'ok', 100);
ALTER TABLE kept.deposit ENABLE TRIGGER "!balance_insert";
SELECT state('deposit');
SELECT position FROM sums WHERE source = 'd' AND customer_id = 'c1';
SELECT valid FROM repair() WHERE relation = 'deposit';
SELECT position FROM sums WHERE source = 'd' AND customer_id = 'c1';
SELECT drop_report_views() > 0 AS dropped;
ALTER TABLE kept.deposit ALTER amount TYPE numeric USING amount * 2;
SELECT state('deposit');
SELECT valid FROM repair() WHERE relation = 'deposit';
SELECT position FROM sums WHERE source = 'd' AND customer_id = 'c1';
ALTER TABLE kept.deposit DROP COLUMN amount;
DELETE FROM kept.deposit WHERE deposit_id = 'unseen';
SELECT state('deposit');
ALTER TABLE kept.deposit ADD COLUMN amount numeric;
SELECT state('deposit');
SELECT valid FROM repair() WHERE relation = 'deposit';
ALTER TABLE kept.deposit SET UNLOGGED;
SELECT state('deposit');
ALTER TABLE kept.deposit SET LOGGED;
SELECT valid FROM repair() WHERE relation = 'deposit';
-- these do not
ALTER TABLE kept.deposit ADD COLUMN note text;
CREATE INDEX ON kept.deposit (note);
ANALYZE kept.deposit;
CLUSTER kept.deposit USING deposit_pkey;
SELECT state('deposit');
-- nor does a renamed ledger, as the triggers know their store
ALTER SCHEMA kept RENAME TO keeps;
INSERT INTO keeps.deposit (deposit_id, customer_id, currency, status, amount)
VALUES ('renamed', 'c1', 'usd', 'ok', 3);
ALTER SCHEMA keeps RENAME TO kept;
ALTER TABLE kept.deposit RENAME TO deposits;
INSERT INTO kept.deposits (deposit_id, customer_id, currency, status, amount)
VALUES ('renamed too', 'c1', 'usd', 'ok', 4);
ALTER TABLE kept.deposits RENAME TO deposit;
SELECT state('deposit');
SELECT * FROM verify() WHERE rule = 'store_differs';
TRUNCATE kept.deposit;
SELECT * FROM sums WHERE source = 'd';
SELECT state('deposit');

-- a statement in the middle of writing is answered from the rows
CREATE FUNCTION counts_now() RETURNS boolean
LANGUAGE plpgsql AS $$ BEGIN RETURN store_counts('kept', 'invoice'); END $$;
CREATE FUNCTION count_trigger() RETURNS trigger
LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'counts: %', counts_now(); RETURN NULL; END $$;
SELECT counts_now();
UPDATE kept.invoice SET total = 1 WHERE invoice_id = 'c' RETURNING counts_now();
CREATE TRIGGER after_row AFTER UPDATE ON kept.invoice FOR EACH ROW EXECUTE FUNCTION count_trigger();
UPDATE kept.invoice SET total = 2 WHERE invoice_id = 'c';
DROP TRIGGER after_row ON kept.invoice;
UPDATE kept.deposit SET amount = 2 WHERE counts_now();
SELECT counts_now();

-- row security, and rights
CREATE ROLE regress_balance_reader;
GRANT USAGE ON SCHEMA kept TO regress_balance_reader;
SET ROLE regress_balance_reader;
SELECT store_counts('kept', 'invoice'), stored_position('kept', 'invoice', 'c1', now());
SELECT maintain('kept');
SELECT fold('kept');
RESET ROLE;
GRANT SELECT ON kept.invoice TO regress_balance_reader;
SET ROLE regress_balance_reader;
SELECT store_counts('kept', 'invoice'), stored_position('kept', 'invoice', 'c1', now());
RESET ROLE;
ALTER TABLE kept.invoice ENABLE ROW LEVEL SECURITY;
SELECT store_counts('kept', 'invoice');
SET ROLE regress_balance_reader;
SELECT store_counts('kept', 'invoice');
RESET ROLE;
ALTER TABLE kept.invoice DISABLE ROW LEVEL SECURITY;
SELECT store_counts('kept', 'nothing');

-- what cannot be kept is named
CREATE SCHEMA views;
CREATE VIEW views.invoice AS SELECT DISTINCT * FROM kept.invoice;
CREATE UNLOGGED TABLE views.deposit AS SELECT * FROM kept.deposit;
CREATE TABLE views.vcu_order (vcu_order_id int);
SELECT relation, valid, reason FROM maintain('views');
SELECT stop_maintaining('views');

-- partitions: new ones, ones that leave, and their own TRUNCATE
CREATE SCHEMA parts;
CREATE TABLE parts.deposit (deposit_id int, customer_id int, currency text, status text, amount int)
	PARTITION BY LIST (customer_id);
CREATE TABLE parts.one PARTITION OF parts.deposit FOR VALUES IN (1);
CREATE TABLE parts.two PARTITION OF parts.deposit FOR VALUES IN (2);
SELECT relation, valid FROM maintain('parts');
INSERT INTO parts.deposit VALUES (1, 1, 'usd', 'ok', 10), (2, 2, 'usd', 'ok', 20);
INSERT INTO parts.one VALUES (3, 1, 'usd', 'ok', 30);
UPDATE parts.deposit SET customer_id = 2 WHERE deposit_id = 1;
CREATE VIEW part_sums AS SELECT customer_id, merge(p) AS position
FROM parts.balance_store, position_from_packed(position) p
GROUP BY 1 HAVING merge(p) <> '1{}' ORDER BY 1;
SELECT * FROM part_sums;
TRUNCATE parts.two;
SELECT * FROM part_sums;
ALTER TABLE parts.deposit DETACH PARTITION parts.one;
INSERT INTO parts.one VALUES (4, 1, 'usd', 'ok', 40);
SELECT valid, reason FROM maintenance('parts');
SELECT valid FROM repair('parts');
SELECT * FROM part_sums;
ALTER TABLE parts.deposit ATTACH PARTITION parts.one FOR VALUES IN (1);
CREATE TABLE parts.three PARTITION OF parts.deposit FOR VALUES IN (3);
INSERT INTO parts.three VALUES (5, 3, 'usd', 'ok', 50);
SELECT valid, reason FROM maintenance('parts');
SELECT valid FROM repair('parts');
INSERT INTO parts.three VALUES (6, 3, 'usd', 'ok', 60);
SELECT * FROM part_sums;
SELECT * FROM verify('parts') WHERE rule = 'store_differs';
SET session_replication_role = replica;
INSERT INTO parts.three VALUES (7, 3, 'usd', 'ok', 70);
RESET session_replication_role;
SELECT * FROM part_sums;
DROP VIEW part_sums, sums;

-- the end
BEGIN;
\set VERBOSITY terse
DROP EXTENSION balance;
\set VERBOSITY default
ROLLBACK;
SELECT stop_maintaining('kept'), stop_maintaining('kept');
SELECT count(*) FROM pg_trigger WHERE tgname ~ '^!balance' AND tgrelid::regclass::text ~ 'kept';
DROP SCHEMA kept, views, parts CASCADE;
DROP ROLE regress_balance_reader;
