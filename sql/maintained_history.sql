-- Maintained balances: what the books said at the end of a day.
SET client_min_messages = warning;
SET search_path = public, balance;
SELECT create_ledger('past');
SET balance.ledger = 'past';
INSERT INTO past.customer (customer_id, business_id) VALUES ('a', 'b'), ('n', 'b');
INSERT INTO past.deposit (deposit_id, customer_id, currency, status, amount)
VALUES ('d1', 'a', 'usd', 'ok', 1);

-- nobody can wait for a day to end, so days are moved back
CREATE FUNCTION pass(days int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE name text;
BEGIN
	FOREACH name IN ARRAY ARRAY['balance_store', 'balance_history', 'balance_maintained'] LOOP
		EXECUTE format('ALTER TABLE past.%I DISABLE TRIGGER balance_guard', name);
	END LOOP;
	UPDATE past.balance_store SET day = day - days;
	UPDATE past.balance_history SET day = day - days;
	UPDATE past.balance_maintained SET built = built - days, unrecorded =
		(SELECT range_agg(daterange(lower(r) - days, upper(r) - days)) FROM unnest(unrecorded) r);
	FOREACH name IN ARRAY ARRAY['balance_store', 'balance_history', 'balance_maintained'] LOOP
		EXECUTE format('ALTER TABLE past.%I ENABLE ALWAYS TRIGGER balance_guard', name);
	END LOOP;
END $$;
CREATE FUNCTION today() RETURNS date LANGUAGE sql AS $$ SELECT (now() AT TIME ZONE 'UTC')::date $$;
-- or which error there is, with days as they are from today
CREATE FUNCTION recorded_or_error(id text, day date) RETURNS text LANGUAGE plpgsql AS $$
DECLARE detail text;
BEGIN
	RETURN position_recorded(id, day);
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN format('%s %s. %s', SQLSTATE, SQLERRM, detail);
END $$;
CREATE FUNCTION in_days_ago(message text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN -1 .. 30 LOOP
		message := replace(message, (today() - i)::text, i || ' days ago');
	END LOOP;
	RETURN message;
END $$;
CREATE FUNCTION recorded(id text, VARIADIC days int[])
RETURNS TABLE (days_ago int, recorded text) LANGUAGE sql AS $$
SELECT a, in_days_ago(recorded_or_error(id, today() - a)) FROM unnest(days) WITH ORDINALITY u (a, n)
ORDER BY n
$$;
SET DateStyle = ISO;

SELECT * FROM recorded('a', 0, 1);
SELECT relation, valid FROM maintain();
-- what was there before counts as of today
SELECT * FROM recorded('a', -1, 0, 1);
SELECT prune_history(today());

-- a day on which something came, one on which nothing did, one with a correction, and today
INSERT INTO past.deposit (deposit_id, customer_id, currency, status, amount)
VALUES ('d2', 'a', 'usd', 'ok', 2);
INSERT INTO past.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining, due_date) VALUES ('i', 'a', 'usd', 'open', 10, 10, 10, '2020-01-01');
SELECT pass(2);
UPDATE past.deposit SET amount = 20 WHERE deposit_id = 'd2';
DELETE FROM past.deposit WHERE deposit_id = 'd1';
SELECT pass(1);
UPDATE past.invoice SET invoice_status = 'void';
INSERT INTO past.vcu_order (vcu_order_id, customer_id, currency, status, pay_with_balance, units,
	created_at) VALUES ('o', 'a', 'brl', 'issued', true, 5, '2999-01-01');
SELECT * FROM recorded('a', 0, 1, 2, 3, 4);
-- folding changes nothing of that, nor does more of it
CREATE TABLE before AS SELECT * FROM recorded('a', -1, 0, 1, 2, 3, 4, 5);
-- while the history is elsewhere, writers, each of whom may fold, fold rows of the same day only
CREATE SCHEMA elsewhere;
ALTER TABLE past.balance_history SET SCHEMA elsewhere;
SELECT fold();
DO $$ BEGIN
	FOR i IN 1 .. 200 LOOP
		UPDATE past.deposit SET amount = amount + 1;
		UPDATE past.deposit SET amount = amount - 1;
	END LOOP;
END $$;
SELECT count(*) < 350 AS folded FROM past.balance_store;
ALTER TABLE elsewhere.balance_history SET SCHEMA past;
DROP SCHEMA elsewhere;
SELECT * FROM recorded('a', -1, 0, 1, 2, 3, 4, 5) EXCEPT SELECT * FROM before;
SELECT fold() > 0 AS folded;
SELECT fold();
SELECT * FROM recorded('a', -1, 0, 1, 2, 3, 4, 5) EXCEPT SELECT * FROM before;
SELECT source, position_from_packed(position), today() - day AS ago FROM past.balance_history
WHERE customer_id = 'a' ORDER BY 1, 3, 2;
SELECT count(*), count(day) FROM past.balance_store WHERE customer_id = 'a';
-- a day has one row for each relation, however often it is folded
UPDATE past.deposit SET amount = amount + 1;
SELECT fold('past', '{a}') > 0 AS folded;
UPDATE past.deposit SET amount = amount + 1;
SELECT fold() > 0 AS folded;
SELECT position_from_packed(position), today() - day AS ago FROM past.balance_history
WHERE customer_id = 'a' AND source = 'd' ORDER BY 2, 1;
SELECT * FROM recorded('a', 0, 1);
-- what comes and goes within a day leaves nothing
INSERT INTO past.deposit (deposit_id, customer_id, currency, status, amount)
VALUES ('d3', 'n', 'usd', 'ok', 3);
DELETE FROM past.deposit WHERE deposit_id = 'd3';
SELECT fold() > 0 AS folded;
SELECT count(*) FROM past.balance_history WHERE customer_id = 'n';
SELECT * FROM recorded('n', 0, 1);
SELECT * FROM recorded('nobody', 0);
-- who is no customer any more has been one
INSERT INTO past.deposit (deposit_id, customer_id, currency, status, amount)
VALUES ('d3', 'n', 'usd', 'ok', 3);
SELECT pass(1);
DELETE FROM past.deposit WHERE customer_id = 'n';
DELETE FROM past.customer WHERE customer_id = 'n';
SELECT * FROM recorded('n', 0, 1);

-- a row that could not be tallied
INSERT INTO past.deposit (deposit_id, customer_id, currency, status, amount)
VALUES ('bad', 'a', 'zzz', 'ok', 3);
SELECT pass(1);
DELETE FROM past.deposit WHERE deposit_id = 'bad';
SELECT * FROM recorded('a', 0, 1);
SELECT fold() > 0 AS folded;
SELECT * FROM recorded('a', 0, 1);

-- what nobody could see: since when is not known, but for days that somebody witnessed
SELECT pass(3);
ALTER TABLE past.deposit DISABLE TRIGGER USER;
INSERT INTO past.deposit (deposit_id, customer_id, currency, status, amount)
VALUES ('d4', 'a', 'usd', 'ok', 100);
ALTER TABLE past.deposit ENABLE TRIGGER USER;
SELECT * FROM recorded('a', 0, 1, 3, 4, 5);
SELECT valid FROM repair() WHERE relation = 'deposit';
SELECT * FROM recorded('a', 0, 1, 3, 4, 5);
SELECT pass(1);
SELECT * FROM recorded('a', 0, 1, 2, 4, 5);
UPDATE past.deposit SET amount = 101 WHERE deposit_id = 'd4';
SELECT pass(1);
SELECT drop_report_views() > 0 AS dropped;
ALTER TABLE past.deposit ALTER amount TYPE numeric USING amount * 2;
SELECT valid FROM repair() WHERE relation = 'deposit';
SELECT * FROM recorded('a', 0, 1, 2, 3, 5, 6);
-- a repair of what is valid changes nothing
SELECT valid FROM repair() WHERE relation = 'deposit';
SELECT unrecorded = (SELECT m.unrecorded FROM past.balance_maintained m WHERE relation = 'invoice')
	AS alike FROM past.balance_maintained WHERE relation = 'deposit';
-- but if it lacked something nevertheless, nothing is known
ALTER TABLE past.balance_store DISABLE TRIGGER balance_guard;
INSERT INTO past.balance_store
VALUES ('d', 'a', 0, NULL, position_send('1{USD 1 deposit("ok" 1 1000)}'));
ALTER TABLE past.balance_store ENABLE ALWAYS TRIGGER balance_guard;
SELECT valid FROM repair() WHERE relation = 'deposit';
SELECT * FROM recorded('a', 0, 1);

-- days that are given up
UPDATE past.invoice SET invoice_status = 'open';
SELECT pass(2);
UPDATE past.invoice SET invoice_status = 'paid';
SELECT pass(2);
SELECT fold() > 0 AS folded;
SELECT * FROM recorded('a', 0, 1, 2, 3, 4);
SELECT prune_history(today() - 2) > 0 AS pruned;
SELECT min(today() - day) FROM past.balance_history;
SELECT * FROM recorded('a', 0, 1, 2, 3, 4);
SELECT prune_history(today() - 2);
SELECT prune_history('infinity') > 0 AS pruned, prune_history('-infinity');
SELECT * FROM recorded('a', 0, 1, 2);

-- within a statement that writes, and of the same transaction
CREATE FUNCTION ask() RETURNS text LANGUAGE plpgsql AS $$
BEGIN RETURN in_days_ago(recorded_or_error('a', today())); END $$;
UPDATE past.deposit SET amount = 5 WHERE deposit_id = 'd2' RETURNING ask();
BEGIN;
UPDATE past.deposit SET amount = 6;
SELECT * FROM recorded('a', 0);
ROLLBACK;

-- rights
CREATE ROLE regress_balance_past;
CREATE FUNCTION recorded_for_role() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	SET LOCAL ROLE regress_balance_past;
	RETURN position_recorded('a', today()) IS NOT NULL;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT recorded_for_role();
GRANT USAGE ON SCHEMA past TO regress_balance_past;
GRANT SELECT ON past.customer TO regress_balance_past;
SELECT recorded_for_role();
GRANT SELECT ON ALL TABLES IN SCHEMA past TO regress_balance_past;
SELECT recorded_for_role();
SET ROLE regress_balance_past;
SELECT prune_history('2020-01-01');
RESET ROLE;
ALTER TABLE past.deposit ENABLE ROW LEVEL SECURITY;
SELECT recorded_for_role();
ALTER TABLE past.deposit DISABLE ROW LEVEL SECURITY;

-- arguments, a relation that is not kept, and a history that is gone
SELECT position_recorded(NULL, today()), position_recorded('a', NULL);
SELECT prune_history(NULL);
SELECT recorded_position('past', 'customer', 'a', today());
SELECT recorded_position('past', 'deposit', NULL, today()) IS NULL AS nobodys;
ALTER TABLE past.invoice RENAME TO bill;
CREATE VIEW past.invoice AS SELECT DISTINCT * FROM past.bill;
SELECT relation, valid FROM repair();
SELECT * FROM recorded('a', 0);
DROP VIEW past.invoice;
SELECT * FROM recorded('a', 0);

-- a history that was unlogged, and is empty after a crash
SELECT repair();
SELECT pass(3);
SELECT * FROM recorded('a', 0, 1, 2);
ALTER TABLE past.balance_history SET UNLOGGED;
SELECT relation, valid FROM maintenance() WHERE relation = 'deposit';
ALTER TABLE past.balance_history DISABLE TRIGGER ALL;
TRUNCATE past.balance_history;
ALTER TABLE past.balance_history ENABLE ALWAYS TRIGGER balance_guard;
ALTER TABLE past.balance_history SET LOGGED;
SELECT relation, valid, reason FROM maintenance() WHERE relation = 'deposit';
SELECT repair();
SELECT * FROM recorded('a', 0, 1, 2, 3);
DROP TABLE past.balance_history;
SELECT * FROM recorded('a', 0);
SELECT repair();
SELECT relation, valid FROM maintain();
SELECT * FROM recorded('a', 0);

-- sums that are added up have no days any more
ALTER TABLE past.balance_store DISABLE TRIGGER balance_guard;
INSERT INTO past.balance_store (source, customer_id, bad, position)
SELECT 'd', 'a', 0, position_send(p::balance.position)
FROM unnest('{"1{USD 1 deposit(\"ok\" 1 5)}","1{USD -1 deposit(\"ok\" -1 -5)}"}'::text[]) p;
ALTER TABLE past.balance_store ENABLE ALWAYS TRIGGER balance_guard;
SELECT fold();
SELECT count(*) AS sums, count(day) AS days FROM past.balance_store WHERE source = 'd';
SELECT count(*) AS differences FROM verify() WHERE rule = 'store_differs';
SELECT stop_maintaining();
SELECT prune_history('2020-01-01');
DROP FUNCTION pass, today, recorded, recorded_or_error, in_days_ago, ask, recorded_for_role;
DROP TABLE before;
DROP SCHEMA past CASCADE;
DROP ROLE regress_balance_past;
