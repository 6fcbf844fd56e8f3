-- Maintained balances: whatever happens to a ledger or to its store, the store adds
-- up to the rows or does not count, and repair() makes it count again.
SET client_min_messages = warning;
SET search_path = public, balance;
SELECT create_ledger('life');
SET balance.ledger = 'life';
SELECT drop_report_views() > 0 AS dropped;
ALTER TABLE life.invoice_line_item DROP CONSTRAINT invoice_line_item_invoice_id_fkey;
INSERT INTO life.customer (customer_id, business_id)
	SELECT 'c' || i, 'b' FROM generate_series(1, 3) i;
INSERT INTO life.invoice (invoice_id, customer_id, currency, invoice_status,
	total, amount_due, amount_remaining, due_date)
SELECT 'i' || i, 'c' || 1 + i % 3, 'usd', 'open', i, i, i, '2026-01-01'
	FROM generate_series(1, 9) i;
SELECT relation, valid FROM maintain();

-- Whether the invoices of the store are those that are there.  What does not count
-- may say what it likes.
CREATE FUNCTION is_right() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	same boolean;
BEGIN
	EXECUTE $q$
	WITH kept AS (SELECT customer_id, sum(bad)::int AS bad, merge(p) AS position
		FROM life.balance_store, position_from_packed(position) p WHERE source = 'i'
		GROUP BY 1 HAVING sum(bad) <> 0 OR merge(p) <> '1{}'),
	rows AS (SELECT customer_id::text COLLATE "C", 0, tally_invoices(currency::text,
			invoice_status::text, to_jsonb(i) ->> 'payment_status',
			total, amount_due, amount_remaining, due_date)
		FROM life.invoice i GROUP BY 1)
	SELECT NOT EXISTS ((TABLE kept EXCEPT TABLE rows) UNION ALL (TABLE rows EXCEPT TABLE kept))$q$
	INTO same;
	RETURN same;
END $$;
CREATE FUNCTION state() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	counts boolean := store_counts('life', 'invoice');
BEGIN
	RETURN CASE WHEN NOT counts THEN 'does not count'
		WHEN is_right() THEN 'counts' ELSE 'WRONG' END;
END $$;
CREATE FUNCTION write() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO life.invoice (invoice_id, customer_id, currency, invoice_status,
		total, amount_due, amount_remaining)
	VALUES (gen_random_uuid(), 'c1', 'eur', 'open', 1, 1, 1),
		(gen_random_uuid(), 'c2', 'eur', 'open', 1, 1, 1);
	UPDATE life.invoice SET total = total + 1, customer_id = 'c3'
	WHERE currency::text = 'eur' AND customer_id::text = 'c1';
	DELETE FROM life.invoice WHERE currency::text = 'eur' AND customer_id::text = 'c2';
END $$;
-- What it is, and after writing, after repair(), after writing then and as a replica.
CREATE FUNCTION tell(what text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	reason text := (SELECT m.reason FROM maintenance() m WHERE relation = 'invoice');
	states text[] := ARRAY[state()];
BEGIN
	PERFORM write();
	states := states || state();
	PERFORM repair();
	states := states || state();
	PERFORM write();
	states := states || state();
	SET LOCAL session_replication_role = replica;
	PERFORM write();
	SET LOCAL session_replication_role = origin;
	states := states || state();
	RETURN concat_ws(', ', what || ': ' || states[1],
		'written: ' || nullif(states[2], states[1]), 'repaired: ' || states[3],
		'written: ' || nullif(states[4], states[3]),
		'as a replica: ' || nullif(states[5], states[4]),
		'(' || reason || ')');
END $$;

-- ---- the relation ----

SELECT tell('nothing');
ALTER TABLE life.invoice ADD note text;
SELECT tell('another column');
ALTER TABLE life.invoice ALTER note SET DEFAULT 'x', ALTER note SET STORAGE EXTERNAL,
	ALTER note SET STATISTICS 7;
ALTER TABLE life.invoice DROP COLUMN note;
SELECT tell('that column changed and dropped');
ALTER TABLE life.invoice ALTER total SET DEFAULT 1;
SELECT tell('a default');
ALTER TABLE life.invoice ALTER total TYPE numeric(20,2);
SELECT tell('a type');
ALTER TABLE life.invoice ALTER total TYPE numeric USING total * 2;
SELECT tell('a type and what is in it');
ALTER TABLE life.invoice RENAME payment_status TO was_status;
SELECT tell('a column was renamed');
ALTER TABLE life.invoice ADD payment_status text DEFAULT 'paid';
SELECT tell('and another took its name');
ALTER TABLE life.invoice DROP COLUMN payment_status;
SELECT tell('which was dropped');
ALTER TABLE life.invoice RENAME amount_due TO was_due;
ALTER TABLE life.invoice ALTER was_due DROP NOT NULL,
	ADD amount_due numeric GENERATED ALWAYS AS (total - 1) STORED;
CREATE OR REPLACE FUNCTION write() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO life.invoice (invoice_id, customer_id, currency, invoice_status, total,
	amount_remaining)
	VALUES (gen_random_uuid(), 'c1', 'eur', 'open', 1, 1),
		(gen_random_uuid(), 'c2', 'eur', 'open', 1, 1);
	UPDATE life.invoice SET total = total + 1, customer_id = 'c3'
	WHERE currency::text = 'eur' AND customer_id::text = 'c1';
	DELETE FROM life.invoice WHERE currency::text = 'eur' AND customer_id::text = 'c2';
END $$;
SELECT tell('a generated column');
CREATE TYPE life.code AS ENUM ('usd', 'eur', 'gbp');
DROP INDEX life.invoice_currency_idx;
ALTER TABLE life.invoice DROP CONSTRAINT invoice_currency_check,
	ALTER currency TYPE life.code USING lower(currency)::life.code;
SELECT tell('a type of its own');
ALTER TYPE life.code RENAME VALUE 'usd' TO 'chf';
SELECT tell('one of its values renamed');
ALTER TYPE life.code ADD VALUE 'jpy';
SELECT tell('a value more');
CREATE DOMAIN life.name AS text;
ALTER TABLE life.invoice ALTER customer_id TYPE life.name;
SELECT tell('a domain');
ALTER DOMAIN life.name ADD CHECK (VALUE <> '');
SELECT tell('with a check');
ALTER TABLE life.invoice ALTER customer_id TYPE varchar(100) COLLATE "POSIX";
SELECT tell('a collation');
ALTER TABLE life.invoice ALTER customer_id TYPE char(10) COLLATE "C";
SELECT tell('char(n)');
ALTER TABLE life.invoice ALTER customer_id TYPE text;
SELECT tell('text');
-- what was rewritten, moved or given away
CLUSTER life.invoice USING invoice_pkey;
SELECT tell('clustered');
VACUUM FULL life.invoice;
SELECT tell('vacuumed in full');
ALTER TABLE life.invoice SET (fillfactor = 50), REPLICA IDENTITY FULL, SET WITHOUT CLUSTER,
	SET ACCESS METHOD heap;
SELECT tell('its parameters');
CREATE ROLE regress_balance_life;
GRANT CREATE, USAGE ON SCHEMA life TO regress_balance_life;
ALTER TABLE life.invoice OWNER TO regress_balance_life;
SELECT write(), state();
ALTER TABLE life.invoice OWNER TO CURRENT_USER;
ALTER TABLE life.invoice ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
SELECT tell('row security');
ALTER TABLE life.invoice DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY;
-- nothing refers to it any more
ALTER TABLE life.credit_memo_application DROP CONSTRAINT credit_memo_application_invoice_id_fkey;
ALTER TABLE life.credit_memo DROP CONSTRAINT credit_memo_invoice_id_fkey;
ALTER TABLE life.payment DROP CONSTRAINT payment_invoice_id_fkey;
ALTER TABLE life.invoice SET UNLOGGED;
SELECT tell('unlogged');
ALTER TABLE life.invoice SET LOGGED;
SELECT tell('logged again');
ALTER TABLE life.invoice ADD CONSTRAINT positive CHECK (total > -1000),
	ADD UNIQUE (invoice_id, total);
ALTER TABLE life.invoice DROP CONSTRAINT positive;
SELECT tell('constraints');
CREATE RULE also AS ON INSERT TO life.deposit DO ALSO
	UPDATE life.invoice SET total = total + 1 WHERE customer_id = NEW.customer_id;
CREATE RULE instead AS ON DELETE TO life.deposit DO INSTEAD
	UPDATE life.invoice SET total = total + 1 WHERE customer_id = OLD.customer_id;
INSERT INTO life.deposit (deposit_id, customer_id, currency, status, amount)
VALUES ('d', 'c1', 'usd', 'ok', 1);
DELETE FROM life.deposit;
SELECT tell('rules');
DROP RULE also ON life.deposit;
DROP RULE instead ON life.deposit;

-- names
ALTER TABLE life.invoice RENAME TO bill;
UPDATE life.bill SET total = total + 1;
ALTER TABLE life.bill RENAME TO invoice;
SELECT tell('it had another name');
ALTER SCHEMA life RENAME TO death;
UPDATE death.invoice SET total = total + 1;
ALTER SCHEMA death RENAME TO life;
SELECT tell('its schema had');
CREATE SCHEMA elsewhere;
ALTER TABLE life.invoice SET SCHEMA elsewhere;
UPDATE elsewhere.invoice SET total = total + 1;
ALTER TABLE elsewhere.invoice SET SCHEMA life;
SELECT tell('it was in another schema');
ALTER TABLE life.invoice RENAME TO old_invoice;
CREATE TABLE life.invoice (LIKE life.old_invoice INCLUDING ALL);
SELECT tell('it was replaced');
-- the one that it was is not the ledger's any more
UPDATE life.old_invoice SET total = total + 1000;
SELECT state();
DROP TABLE life.invoice;
ALTER TABLE life.old_invoice RENAME TO invoice;
SELECT tell('and is back');
BEGIN;
ALTER TABLE life.invoice RENAME TO old_invoice;
CREATE TABLE life.invoice AS TABLE life.old_invoice LIMIT 3;
SELECT state();
ROLLBACK;
SELECT tell('that was rolled back');

-- its triggers
ALTER TABLE life.invoice DISABLE TRIGGER "!balance_insert";
SELECT tell('a trigger disabled');
ALTER TABLE life.invoice DISABLE TRIGGER "!balance_insert";
SELECT write();
ALTER TABLE life.invoice ENABLE TRIGGER "!balance_insert";
SELECT tell('a trigger that was');
ALTER TABLE life.invoice DISABLE TRIGGER USER;
SELECT tell('all of users disabled');
ALTER TABLE life.invoice DISABLE TRIGGER ALL;
SELECT tell('all disabled');
ALTER TABLE life.invoice DISABLE TRIGGER ALL;
ALTER TABLE life.invoice ENABLE TRIGGER ALL;
SELECT tell('as a dump with --disable-triggers leaves them');
ALTER TABLE life.invoice ENABLE TRIGGER "!balance_update";
SELECT tell('enabled as others are');
ALTER TABLE life.invoice ENABLE REPLICA TRIGGER "!balance_delete";
SELECT tell('enabled for replicas');
ALTER TRIGGER "!balance_insert" ON life.invoice RENAME TO zzz;
SELECT tell('renamed');
ALTER TRIGGER "!balance_insert" ON life.invoice RENAME TO zzz;
ALTER TRIGGER "!balance_update" ON life.invoice RENAME TO "!balance_insert";
ALTER TRIGGER zzz ON life.invoice RENAME TO "!balance_update";
SELECT tell('two with names exchanged');
DROP TRIGGER "!balance_truncate" ON life.invoice;
SELECT tell('dropped');
CREATE OR REPLACE TRIGGER "!balance_delete" AFTER DELETE ON life.invoice
	REFERENCING OLD TABLE AS gone
	FOR EACH STATEMENT EXECUTE FUNCTION balance.store_statement('invoice', '1');
SELECT tell('replaced');
BEGIN;
ALTER TABLE life.invoice DISABLE TRIGGER ALL;
SELECT write();
SELECT state();
ROLLBACK;
SELECT tell('disabled, and rolled back');
BEGIN;
SAVEPOINT s;
ALTER TABLE life.invoice DISABLE TRIGGER ALL;
SELECT write();
ROLLBACK TO s;
SELECT state();
COMMIT;
SELECT tell('to a savepoint');

-- children and partitions
CREATE TABLE life.child () INHERITS (life.invoice);
SELECT tell('a child');
ALTER TABLE life.child NO INHERIT life.invoice;
SELECT tell('without it');
CREATE TABLE life.root (LIKE life.invoice INCLUDING GENERATED) PARTITION BY LIST (customer_id);
ALTER TABLE life.invoice RENAME TO one;
ALTER TABLE life.root RENAME TO invoice;
ALTER TABLE life.invoice ATTACH PARTITION life.one DEFAULT;
SELECT tell('it is a partition now');
ALTER TABLE life.invoice ALTER amount_due DROP EXPRESSION;
SELECT tell('without generated columns');
CREATE TABLE life.two PARTITION OF life.invoice FOR VALUES IN ('c4') PARTITION BY LIST (currency);
CREATE TABLE life.two_eur PARTITION OF life.two FOR VALUES IN ('eur');
SELECT tell('partitions more');
INSERT INTO life.two (invoice_id, customer_id, currency, invoice_status,
	total, amount_due, amount_remaining) VALUES ('p', 'c4', 'eur', 'open', 5, 5, 5);
UPDATE life.invoice SET customer_id = 'c1' WHERE invoice_id = 'p';
UPDATE life.invoice SET customer_id = 'c4' WHERE invoice_id = 'p';
SELECT tell('rows that move');
ALTER TABLE life.one DISABLE TRIGGER "!balance_row";
SELECT tell('one trigger of one partition disabled');
ALTER TABLE ONLY life.invoice DISABLE TRIGGER ALL;
SELECT tell('those of the root alone');
TRUNCATE life.two;
SELECT tell('a partition truncated');
ALTER TABLE life.invoice DETACH PARTITION life.one;
SELECT valid FROM repair() WHERE relation = 'invoice';
UPDATE life.one SET total = total + 1000;
SELECT state();
ALTER TABLE life.invoice ATTACH PARTITION life.one DEFAULT;
SELECT tell('attached');
CREATE INDEX ON life.invoice (total);
SELECT tell('an index');
DROP TABLE life.two;
SELECT tell('a partition dropped');

-- ---- the store ----

SELECT fold() >= 0 AS folded;
SELECT tell('folded');
VACUUM life.balance_store;
REINDEX TABLE CONCURRENTLY life.balance_store;
SELECT tell('indexed anew');
VACUUM FULL life.balance_store;
SELECT tell('vacuumed in full');
TRUNCATE life.balance_store;
SET session_replication_role = replica;
TRUNCATE life.balance_store;
DELETE FROM life.balance_store;
UPDATE life.balance_store SET bad = 7;
DELETE FROM life.balance_maintained;
RESET session_replication_role;
SELECT tell('emptied');
ALTER TABLE life.balance_store ALTER latest TYPE text;
ALTER TABLE life.balance_store ALTER latest TYPE timestamptz USING NULL;
SELECT tell('a type changed and back');
ALTER TABLE life.balance_store SET UNLOGGED;
SELECT state();
ALTER TABLE life.balance_store SET LOGGED;
SELECT tell('unlogged for a while');
DROP TABLE life.balance_maintained;
SELECT write(), state(), (SELECT string_agg(DISTINCT reason, ', ') FROM maintenance());
SELECT repair();
SELECT bool_and(valid) FROM maintain();
SELECT tell('its marker dropped, and maintained again');
DROP TABLE life.balance_store;
SELECT write(), state(), (SELECT string_agg(DISTINCT reason, ', ') FROM maintenance());
SELECT bool_and(valid) FROM maintain();
SELECT tell('dropped, and maintained again');

ALTER TABLE life.balance_maintained ALTER signature TYPE int USING 1;
SELECT write(), state();
\set VERBOSITY terse
ALTER TABLE life.balance_store ALTER position TYPE text USING 'x';
\set VERBOSITY default
SELECT state();
SELECT write();
DROP TABLE life.balance_store;
DROP TABLE life.balance_maintained;
SELECT bool_and(valid) FROM maintain();
SELECT tell('its marker changed, and maintained again');

-- ---- a snapshot from within a statement ----

-- A cursor that a statement opens sees some of what it writes, and is read afterwards.
CREATE FUNCTION open_cursor() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	torn refcursor := 'torn';
BEGIN
	IF NOT EXISTS (SELECT FROM pg_cursors WHERE name = 'torn') THEN
		OPEN torn NO SCROLL FOR SELECT customer_id, (customer_balance(customer_id, 'life')
				#>> '{0,total_invoices_ready_for_payment}')::numeric
			= (SELECT sum(total) FROM life.invoice i WHERE i.customer_id = c.customer_id
				AND i.currency = (SELECT min(currency) FROM life.invoice j
					WHERE j.customer_id = c.customer_id)) AS agrees
		FROM life.customer c ORDER BY 1;
	END IF;
	RETURN NULL;
END $$;
CREATE FUNCTION open_within() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	CREATE TABLE IF NOT EXISTS life.note ();
	PERFORM open_cursor();
	RETURN NEW;
END $$;
UPDATE life.invoice SET invoice_status = 'open';
SELECT state();
BEGIN;
UPDATE life.invoice SET total = total + 1 WHERE customer_id = 'c1' RETURNING open_cursor();
FETCH ALL torn;
COMMIT;
BEGIN;
CREATE TRIGGER within BEFORE UPDATE ON life.invoice
	FOR EACH ROW EXECUTE FUNCTION open_within();
UPDATE life.invoice SET total = total + 1;
FETCH ALL torn;
SELECT state();
ROLLBACK;
DROP FUNCTION open_within();

-- ---- session_replication_role ----

-- A function may set it in the middle of a statement: which triggers fire for a row,
-- and which for the statement, is decided at different times.
CREATE FUNCTION set_role(role text) RETURNS text LANGUAGE sql
RETURN set_config('session_replication_role', role, false);
CREATE FUNCTION toggle_role() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_role(CASE current_setting('session_replication_role')
		WHEN 'origin' THEN 'replica' ELSE 'origin' END);
	RETURN NEW;
END $$;
CREATE FUNCTION switched(command text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	role text;
BEGIN
	FOREACH role IN ARRAY ARRAY['origin', 'replica', 'local'] LOOP
		PERFORM set_role(role);
		EXECUTE command;
		PERFORM set_role('origin');
		RETURN NEXT concat(role, ': ', state());
	END LOOP;
END $$;
SELECT valid FROM repair() WHERE relation = 'invoice';
SELECT switched($$UPDATE life.invoice SET total = total + 1 RETURNING set_role('replica')$$);
SELECT switched($$UPDATE life.invoice SET total = total + 1 RETURNING set_role('origin')$$);
SELECT switched($$UPDATE life.invoice SET total = total + 1
	RETURNING set_role((ARRAY['origin', 'replica'])[1 + length(invoice_id) % 2])$$);
SELECT switched($$DELETE FROM life.invoice WHERE customer_id = (SELECT min(customer_id)
	FROM life.invoice) RETURNING set_role('replica')$$);
SELECT switched($$INSERT INTO life.invoice (invoice_id, customer_id, currency, invoice_status,
	total, amount_due, amount_remaining)
	SELECT gen_random_uuid(), 'c' || 1 + i % 3, 'eur', 'open', i, i, i FROM generate_series(1, 9) i
	RETURNING set_role('replica')$$);
CREATE TRIGGER toggle BEFORE INSERT OR UPDATE ON life.invoice
	FOR EACH ROW EXECUTE FUNCTION toggle_role();
ALTER TABLE life.invoice ENABLE ALWAYS TRIGGER toggle;
SELECT switched($$UPDATE life.invoice SET total = total + 1$$);
SELECT switched($$UPDATE life.invoice SET total = total + 1 WHERE customer_id = 'c2'$$);
COPY life.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining) FROM stdin;
copied	c1	eur	open	1	1	1
copied too	c2	eur	open	1	1	1
copied last	c1	eur	open	1	1	1
\.
RESET session_replication_role;
SELECT state();
DROP TRIGGER toggle ON life.invoice;
CREATE TRIGGER "!!" AFTER UPDATE ON life.invoice FOR EACH ROW EXECUTE FUNCTION toggle_role();
ALTER TABLE life.invoice ENABLE ALWAYS TRIGGER "!!";
SELECT switched($$UPDATE life.invoice SET total = total + 1$$);
SELECT switched($$UPDATE life.invoice SET total = total + 1 WHERE customer_id = 'c2'$$);
DROP TRIGGER "!!" ON life.invoice;
CREATE TRIGGER "!!" BEFORE UPDATE ON life.invoice EXECUTE FUNCTION toggle_role();
CREATE TRIGGER zz AFTER UPDATE ON life.invoice FOR EACH ROW EXECUTE FUNCTION toggle_role();
SELECT switched($$UPDATE life.invoice SET total = total + 1$$);
DROP TRIGGER "!!" ON life.invoice;
DROP TRIGGER zz ON life.invoice;
DROP FUNCTION set_role(text), toggle_role(), switched(text);

-- ---- the extension ----

-- Its functions are needed, so it does not go by itself.  If it must, the rows stay.
SELECT create_report_views() > 0 AS made;
\set VERBOSITY terse
DROP EXTENSION balance;
\set VERBOSITY default
SELECT state();
CREATE TABLE kept_rows AS TABLE life.balance_store;
DROP EXTENSION balance CASCADE;
SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE tgname ~ 'balance';
SELECT count(*) FROM pg_views WHERE schemaname = 'life' AND viewname ~ '^report';
SELECT count(*) > 0 AS survives,
	NOT EXISTS (TABLE life.balance_store EXCEPT TABLE kept_rows) AS whole
FROM life.balance_store;
INSERT INTO life.invoice (invoice_id, customer_id, currency, invoice_status,
	total, amount_due, amount_remaining) VALUES ('without', 'c1', 'eur', 'open', 5, 5, 5);
CREATE EXTENSION balance;
SELECT state(), (SELECT string_agg(DISTINCT reason, ', ') FROM maintenance());
INSERT INTO life.invoice (invoice_id, customer_id, currency, invoice_status,
	total, amount_due, amount_remaining) VALUES ('again', 'c1', 'eur', 'open', 5, 5, 5);
SELECT bool_and(valid) FROM repair();
SELECT state();
DELETE FROM life.balance_store;
UPDATE life.balance_maintained SET signature = '';
DELETE FROM life.balance_history;
DELETE FROM life.invoice WHERE invoice_id = 'without';
SELECT tell('the extension dropped and made again');
DROP TABLE kept_rows;

-- Bytes that are no position, past the guard: an error, and a way out.
ALTER TABLE life.balance_store DISABLE TRIGGER USER;
SELECT customer_balance('c1') IS NOT NULL AS works;
CREATE FUNCTION with_bytes(bytes bytea) RETURNS TABLE (what text, error text) LANGUAGE plpgsql AS $$
DECLARE
	message text;
BEGIN
	FOR what IN VALUES ('customer_balance(''c1'')'), ('stored_rows(''life'', ''invoice'')'),
		('customer_balances()'), ('repair()'), ('verify()'),
		('position_recorded(''c1'', (now() AT TIME ZONE ''UTC'')::date)') LOOP
		BEGIN
			UPDATE life.balance_store SET position = bytes;
			EXECUTE 'SELECT count(*) FROM ' || what INTO message;
			RAISE 'no error' USING ERRCODE = 'ZZZZZ';
		EXCEPTION WHEN OTHERS THEN
			error := concat(SQLSTATE, ' ', SQLERRM);
		END;
		RETURN NEXT;
	END LOOP;
END $$;
SELECT fold() >= 0 AS folded;
SELECT * FROM with_bytes('\x');
SELECT * FROM with_bytes('\x00');
SELECT * FROM with_bytes('\x02ffffffff');
SELECT * FROM with_bytes('\xdeadbeef');
SELECT count(*) AS refused FROM generate_series(0, 255) i, with_bytes(set_byte('\x024e', 1, i))
WHERE error !~ '^XX001';
UPDATE life.balance_store SET position = '\x00';
SELECT stop_maintaining();
SELECT bool_and(valid) FROM maintain();
SELECT tell('built anew');
DROP FUNCTION with_bytes(bytea);

SELECT stop_maintaining();
SELECT count(*) FROM pg_trigger WHERE tgname ~ '^!balance';
DROP SCHEMA life, elsewhere CASCADE;
DROP ROLE regress_balance_life;
DROP FUNCTION open_cursor(), tell(text), write(), state(), is_right();
