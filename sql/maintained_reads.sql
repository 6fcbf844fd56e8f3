-- Maintained balances: every answer is the same from the store and from the rows.
SET client_min_messages = warning;
SET search_path = public, balance;
SET TimeZone = 'UTC';

-- all that is asked of a ledger, each a column and what comes behind it
CREATE FUNCTION questions(ledger text, customers text[]) RETURNS SETOF text LANGUAGE sql AS $$
WITH c AS (SELECT quote_literal(c) AS id, n FROM unnest(customers) WITH ORDINALITY u(c, n)),
v AS (
	SELECT format('%I.%I', ledger, relname) AS name FROM pg_class
	WHERE relnamespace = to_regnamespace(ledger) AND relname ~ '^report_' AND relkind = 'v'
),
asked(question) AS (
	SELECT format('customer_balance(%s, %L)', id, ledger) FROM c
	UNION ALL SELECT format('invoice_summary(%s, ''2026-06-01'', ''UTC'', %L)', id, ledger) FROM c
	UNION ALL SELECT format('vcu_balance(%s, %s, %L)', id, period, ledger) FROM c,
		unnest(ARRAY['NULL, NULL', '''2026-01-02'', NULL', 'NULL, ''2026-01-02''']) period
	UNION ALL SELECT format('customer_credits(%s, ledger => %L)', id, ledger) FROM c
	UNION ALL SELECT format('r FROM items(%s, %L, %L, ledger => %L) r', id, f, currency, ledger)
	FROM c, unnest('{usd,eur}'::text[]) currency, unnest('{invoices.paid,total_unpaid_amount,
		total_overdue_amount,unpaid_fixed_charges,deposits.ok,credit,futureDebt}'::text[]) f
	WHERE n < 5
	UNION ALL SELECT format('r FROM %s, %L) r', f, ledger) FROM unnest(ARRAY[
		'customer_balances(false', 'customer_balances(true',
		'invoice_summaries(''2026-06-01'', ''UTC'', false',
		'invoice_summaries(''2026-06-01'', ''UTC'', true',
		'vcu_balances(NULL, NULL, false', 'vcu_balances(NULL, NULL, true',
		'vcu_balances(''2026-01-02'', NULL, false', 'vcu_balances(''2026-01-02'', NULL, true',
		'top_debtors(''usd'', 5, ''2026-06-01'', ''UTC''', 'top_debtors(''eur'', 3, now(), ''UTC'''
	]) f
	UNION ALL SELECT format('r FROM %s r %s', name, condition) FROM v, unnest(ARRAY[
		'', 'WHERE currency = ''USD''', 'WHERE currency <> ''EUR''', 'WHERE customer_id IS NULL',
		'WHERE upper(currency) = ''EUR'' AND customer_id IS NOT NULL',
		format('JOIN unnest(%L::text[]) AS x ON x = customer_id::text', customers[1:3]),
		format('WHERE customer_id::text <> ALL (%L)', customers[1:2])]) condition
	UNION ALL SELECT format('r FROM %s r WHERE customer_id = %s', name, id) FROM v, c
	UNION ALL SELECT format('r FROM %s r WHERE customer_id = %s AND currency = ''USD''', name, id)
	FROM v, c WHERE n < 4
	UNION ALL SELECT format('r FROM %I.report_metrics r WHERE metric = %L', ledger, m)
	FROM unnest('{invoices.paid.count,ageing.current.amount,deposits.ok.total,credit}'::text[]) m
)
SELECT question FROM asked
$$;

-- the answer, or the error
CREATE FUNCTION ask(question text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
	hint text;
	detail text;
BEGIN
	EXECUTE format('SELECT string_agg(a::text, %L ORDER BY a::text COLLATE "C")
		FROM (SELECT %s) x(a)', E'\n', question) INTO answer;
	RETURN coalesce(answer, 'nothing');
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT, detail = PG_EXCEPTION_DETAIL;
	RETURN concat_ws(' ', SQLSTATE, SQLERRM, detail, hint);
END $$;

-- the same with and without a store, which comes back as what was done is undone
CREATE FUNCTION differences(ledger text, customers text[])
RETURNS TABLE (question text, from_store text, from_rows text) LANGUAGE plpgsql AS $$
DECLARE
	asked text[] := ARRAY(SELECT questions(ledger, customers));
	kept text[];
	found text[];
BEGIN
	IF EXISTS (SELECT FROM maintenance(ledger::regnamespace) WHERE NOT valid) THEN
		RAISE 'not valid';
	END IF;
	kept := ARRAY(SELECT ask(q) FROM unnest(asked) WITH ORDINALITY u(q, i) ORDER BY i);
	BEGIN
		PERFORM stop_maintaining(ledger::regnamespace);
		found := ARRAY(SELECT ask(q) FROM unnest(asked) WITH ORDINALITY u(q, i) ORDER BY i);
		RAISE 'undone';
	EXCEPTION WHEN raise_exception THEN
	END;
	RETURN QUERY SELECT asked[i], kept[i], found[i] FROM generate_subscripts(asked, 1) i
		WHERE kept[i] IS DISTINCT FROM found[i];
END $$;

SELECT create_ledger('kept');
SET balance.ledger = 'kept';
INSERT INTO kept.customer (customer_id, business_id, wb_customer_id)
SELECT 'c' || i, 'b', CASE WHEN i % 2 = 0 THEN 'seller' END FROM generate_series(1, 8) i;
ALTER TABLE kept.invoice DROP CONSTRAINT invoice_customer_id_fkey,
	DROP CONSTRAINT invoice_total_check, ALTER customer_id DROP NOT NULL;
ALTER TABLE kept.deposit ALTER amount DROP NOT NULL;
INSERT INTO kept.invoice (invoice_id, customer_id, currency, invoice_status, payment_status, total,
	amount_due, amount_remaining, due_date)
SELECT 'i' || i, 'c' || 1 + i % 5, (ARRAY['usd', 'EUR', 'jpy'])[1 + i % 3],
	(ARRAY['open', 'paid', 'draft', 'void'])[1 + i % 4], CASE WHEN i % 7 = 0 THEN 'failed' END,
	i, i, CASE WHEN i % 4 = 1 THEN 0 ELSE i END,
	CASE WHEN i % 6 > 0 THEN date '2026-05-01' + i END FROM generate_series(1, 60) i;
INSERT INTO kept.invoice (invoice_id, customer_id, currency, total, amount_due, amount_remaining,
	invoice_status)
VALUES ('null', NULL, 'usd', 1, 1, 1, 'open'), ('whose', 'nobody', 'usd', 2, 2, 2, 'open');
INSERT INTO kept.invoice_line_item (invoice_id, price_type, amount)
SELECT 'i' || i, (ARRAY['usage', 'fixed'])[1 + i % 2], i FROM generate_series(1, 60) i;
INSERT INTO kept.deposit (deposit_id, customer_id, currency, status, amount)
SELECT 'd' || i, 'c' || 2 + i % 5, (ARRAY['usd', 'eur'])[1 + i % 2],
	(ARRAY['ok', 'wait'])[1 + i % 2], i FROM generate_series(1, 20) i;
INSERT INTO kept.vcu_order (vcu_order_id, customer_id, currency, status, pay_with_balance, units,
	created_at)
SELECT 'o' || i, 'c' || 1 + i % 4, 'brl', 'issued', i % 3 = 0, i,
	timestamptz '2026-01-01' + i * interval '1 day' FROM generate_series(1, 9) i
UNION ALL SELECT id, customer, 'usd', 'issued', false, 1, '2999-01-01'
FROM (VALUES ('later', 'c2'), ('only later', 'c6')) v(id, customer);
INSERT INTO kept.vcu_invoice (vcu_invoice_id, customer_id, currency, status, units, created_at,
	paid_at)
VALUES ('v1', 'c1', 'brl', 'paid', 7, '2026-01-01', '2026-01-02'),
	('v2', 'c3', 'brl', 'paid', 7, '2026-01-01', '2998-01-02'),
	('v3', 'c3', 'brl', 'pending', 9, '2026-01-03', NULL);
INSERT INTO kept.credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	amount_applied, issue_date, reason)
VALUES ('m', 'b', 'c1', 'issued', 'usd', 100, 0, '2026-01-01', 'other');
SELECT bool_and(valid) FROM maintain();
\set customers '''{c1,c2,c3,c4,c5,c6,c7,nobody,missing}'''
SELECT count(*) > 200 AS many FROM questions('kept', :customers);
SELECT * FROM differences('kept', :customers);

-- after statements of each kind, folded or not
UPDATE kept.invoice SET amount_remaining = 0, invoice_status = 'paid'
WHERE invoice_id = ANY ('{i4,i8,i12}');
DELETE FROM kept.invoice WHERE customer_id = 'c5';
UPDATE kept.invoice SET customer_id = 'c7' WHERE invoice_id IN ('i1', 'null');
INSERT INTO kept.deposit (deposit_id, customer_id, currency, status, amount)
VALUES ('d', 'c1', 'eur', 'ok', NULL);
DELETE FROM kept.vcu_order WHERE vcu_order_id = 'o9';
SELECT * FROM differences('kept', :customers);
SELECT fold() > 0 AS folded;
SELECT * FROM differences('kept', :customers);
DELETE FROM kept.deposit WHERE deposit_id = 'd';

-- a row that no document can tally: its customer's errors are what they were, nobody else has any
CREATE FUNCTION differences_with(insertion text, VARIADIC v text[] DEFAULT '{}')
RETURNS TABLE (question text, from_store text, from_rows text) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format(insertion, VARIADIC v);
	RETURN QUERY SELECT * FROM differences('kept', '{c1,c2,c3,nobody}');
	RETURN QUERY SELECT 'bad rows: ' || (SELECT sum(bad_rows) FROM maintenance()), NULL, NULL;
	DELETE FROM kept.invoice WHERE invoice_id = 'bad';
	DELETE FROM kept.vcu_order WHERE vcu_order_id = 'bad';
END $$;
SELECT d.* FROM (VALUES ('zzz', 'open', '1', '1'), ('usd', 'wrong', '1', '1'),
	('eur', 'open', 'NaN', '1'), ('usd', 'open', '1', '1e120')) v(c, s, t, a), differences_with(
	'INSERT INTO kept.invoice (invoice_id, customer_id, currency, invoice_status, total,
		amount_due, amount_remaining) VALUES (''bad'', ''c1'', %L, %L, %L, %L, 1)', c, s, t, a) d;
SELECT * FROM differences_with('INSERT INTO kept.vcu_order (vcu_order_id, customer_id, currency,
	status, units, created_at) VALUES (''bad'', ''c1'', ''usd'', ''wrong'', 1, ''2026-01-01'')');
SELECT * FROM differences('kept', :customers);

-- a report reads the customers that are asked for, be it through another relation
CREATE FUNCTION scans(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		IF line ~ 'Balance Store|Customer:|Relations:|on stored_positions' THEN
			RETURN NEXT regexp_replace(btrim(line, ' ->'),
				'\$0|\(InitPlan \w+\)\.col1', 'InitPlan');
		END IF;
	END LOOP;
END $$;
ANALYZE kept.customer, kept.balance_store;
SELECT * FROM scans('SELECT * FROM kept.report_ageing');
SELECT * FROM scans('SELECT * FROM kept.report_ageing WHERE customer_id = ''c1''');
SELECT * FROM scans('SELECT * FROM kept.report_ageing WHERE customer_id IN (''c1'', ''c2'')');
SELECT * FROM scans('SELECT * FROM kept.report_invoice_summary WHERE customer_id = ANY (ARRAY(
	SELECT customer_id FROM kept.customer WHERE wb_customer_id = ''seller''))');
SELECT * FROM scans('SELECT * FROM kept.report_ageing JOIN kept.customer USING (customer_id)
	WHERE wb_customer_id = ''c1''');
SELECT * FROM scans('SELECT * FROM kept.report_customer_balance r
	JOIN kept.customer c USING (customer_id) WHERE c.business_id = ''none''');
SELECT * FROM scans('SELECT * FROM kept.report_ageing r
	JOIN kept.customer c ON r.customer_id = c.customer_id AND r.customer_id = c.wb_customer_id');
SELECT * FROM scans('SELECT * FROM kept.report_ageing WHERE upper(customer_id) = ''C1''');
DROP FUNCTION scans;

-- which answers are from the store: those that show what was smuggled in
CREATE FUNCTION smuggle() RETURNS void LANGUAGE sql AS $$
ALTER TABLE kept.balance_store DISABLE TRIGGER balance_guard;
INSERT INTO kept.balance_store
VALUES ('i', 'c8', 0, NULL, balance.position_send('1{USD 1 open(1 4711 4711 4711)}'));
ALTER TABLE kept.balance_store ENABLE ALWAYS TRIGGER balance_guard;
$$;
CREATE FUNCTION smuggled() RETURNS SETOF text LANGUAGE sql AS $$
SELECT DISTINCT substring(q, '^(?:r FROM )?(?:kept\.)?(\w+)') FROM questions('kept', '{c8}') q
WHERE ask(q) ~ '4711' ORDER BY 1
$$;
SELECT smuggle();
SELECT smuggled();
SELECT count(*) FROM verify() WHERE rule = 'store_differs';

-- all customers come in the order of the store's index or, where there is none, sorted: as often
-- as they are asked for, and as far
BEGIN;
CREATE TEMP TABLE in_order ON COMMIT DROP AS SELECT * FROM kept.report_customer_balance;
CREATE TEMP TABLE book ON COMMIT DROP AS SELECT * FROM customer_balances(true);
DROP INDEX kept.balance_store_customer_id;
SELECT count(*) FROM kept.report_ageing WHERE amount = 4711;
(TABLE in_order EXCEPT ALL TABLE kept.report_customer_balance)
UNION ALL (TABLE kept.report_customer_balance EXCEPT ALL TABLE in_order);
(TABLE book EXCEPT ALL SELECT * FROM customer_balances(true))
UNION ALL (SELECT * FROM customer_balances(true) EXCEPT ALL TABLE book);
ROLLBACK;
BEGIN;
DECLARE one_by_one CURSOR FOR SELECT customer_id, bucket FROM kept.report_ageing;
SAVEPOINT before;
FETCH 1 FROM one_by_one;
ROLLBACK TO before;
INSERT INTO kept.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining) VALUES ('later', 'c1', 'usd', 'open', 4711, 4711, 4711);
MOVE FORWARD ALL FROM one_by_one;
CLOSE one_by_one;
ROLLBACK;
SELECT count(*), count(DISTINCT r) FROM generate_series(1, 3) n
CROSS JOIN LATERAL (SELECT count(*) AS r FROM kept.report_ageing WHERE n > 0 OFFSET 0) r;
SELECT count(*) FROM (SELECT FROM kept.report_ageing LIMIT 1) one;

SELECT bool_and(valid) FROM repair();
SELECT * FROM differences('kept', :customers);

-- where row security applies, nothing of it is seen
SELECT smuggle();
CREATE ROLE regress_balance_reader;
GRANT USAGE ON SCHEMA kept TO regress_balance_reader;
GRANT SELECT ON kept.customer, kept.invoice, kept.invoice_line_item, kept.report_ageing,
	kept.report_invoice_summary TO regress_balance_reader;
ALTER TABLE kept.invoice ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody ON kept.invoice USING (true);
SET ROLE regress_balance_reader;
SELECT smuggled();
RESET ROLE;
ALTER TABLE kept.invoice DISABLE ROW LEVEL SECURITY;
SET ROLE regress_balance_reader;
SELECT smuggled();
RESET ROLE;

-- nor where the caller may not read the relation, through a view of somebody who may
CREATE VIEW kept.everybodys AS SELECT * FROM kept.report_ageing WHERE amount = 4711;
GRANT SELECT ON kept.everybodys TO regress_balance_reader;
SELECT count(*) FROM kept.everybodys;
REVOKE SELECT ON kept.invoice FROM regress_balance_reader;
SET ROLE regress_balance_reader;
SELECT count(*) FROM kept.everybodys;
SELECT count(*)
FROM stored_positions('kept', '{invoice}', NULL, false) AS s(id text, p balance.position);
RESET ROLE;
DROP VIEW kept.everybodys;

-- plans that are kept change over, and back
SET plan_cache_mode = force_generic_plan;
PREPARE ask AS SELECT
	(SELECT count(*) FROM customer_balances(false) WHERE document::text ~ '4711') AS book,
	(SELECT count(*) FROM kept.report_ageing WHERE amount = 4711) AS view,
	(SELECT count(*) FROM kept.report_ageing WHERE amount = 4711 AND customer_id = $1) AS one;
EXECUTE ask('c8');
ALTER TABLE kept.invoice DISABLE TRIGGER "!balance_insert";
EXECUTE ask('c8');
BEGIN;
SELECT stop_maintaining();
EXECUTE ask('c8');
ROLLBACK;
ALTER TABLE kept.invoice ENABLE TRIGGER "!balance_insert";
EXECUTE ask('c8');
SELECT bool_and(valid) FROM repair();
SELECT smuggle();
EXECUTE ask('c8');
RESET plan_cache_mode;

-- in a statement that writes, the rows tell
CREATE FUNCTION seen() RETURNS bigint LANGUAGE sql VOLATILE AS
'SELECT count(*) FROM kept.report_ageing WHERE amount = 4711';
SELECT seen();
UPDATE kept.invoice SET number = 'n' WHERE invoice_id = 'i2' RETURNING seen();
SELECT seen();

-- rows as a whole, and those that are locked beside it
SELECT s FROM stored_positions('kept', '{invoice}', NULL, false) AS s(id text, p balance.position)
WHERE id = 'c8';
SELECT r.customer_id, amount FROM kept.report_ageing r JOIN kept.customer c USING (customer_id)
WHERE c.customer_id = 'c8' AND amount > 0 FOR UPDATE OF c;

-- whoever calls it with other columns is told
SELECT * FROM stored_positions('kept', '{invoice}', NULL, true) AS s(id text, p balance.position);
SELECT * FROM stored_positions('kept', '{invoice}', NULL, false) AS s(id text, p text);
SELECT * FROM stored_positions('kept', '{memo}', NULL, false) AS s(id text, p balance.position);
SELECT * FROM stored_positions('kept', NULL, NULL, false) AS s(id text, p balance.position);

-- ids of each type, in tables without keys
CREATE DOMAIN regress_balance_id AS varchar(40);
CREATE TYPE regress_balance_ids AS ENUM ('b', 'a', 'c');
CREATE FUNCTION differences_of(type text, ids text[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	CREATE SCHEMA typed;
	EXECUTE format('CREATE TABLE typed.customer AS SELECT id::%s AS customer_id, id AS name
		FROM unnest($1) id', type) USING ids;
	EXECUTE format('CREATE TABLE typed.invoice AS SELECT i AS invoice_id, $1[1 + i %% 3]::%s
		AS customer_id, ''usd''::varchar(3) AS currency, ''open'' AS invoice_status, i AS total,
		i::numeric AS amount_due, i::bigint AS amount_remaining, timestamptz ''2026-01-01''
		AS due_date FROM generate_series(1, 9) i', type) USING ids;
	EXECUTE format('CREATE TABLE typed.deposit AS SELECT i AS deposit_id, $1[1 + i %% 2]::%s
		AS customer_id, ''eur''::char(3) AS currency, ''ok'' AS status, i AS amount
		FROM generate_series(1, 3) i', type) USING ids;
	PERFORM create_report_views('typed');
	PERFORM maintain('typed');
	EXECUTE format('UPDATE typed.invoice SET customer_id = $1[1]::%s WHERE invoice_id = 1', type)
	USING ids;
	RETURN QUERY SELECT d::text FROM differences('typed', ids) d;
	RETURN QUERY SELECT concat_ws(' ', type, 'stored:', count(*) > 0) FROM typed.balance_store;
	DROP SCHEMA typed CASCADE;
END $$;
SELECT d FROM (VALUES ('int', '{1,-2,30}'::text[]), ('bigint', '{1,-2,3000000000}'),
	('uuid', '{00000000-0000-0000-0000-00000000000a,00000000-0000-0000-0000-00000000000b,
		00000000-0000-0000-0000-00000000000c}'),
	('varchar(5)', '{a,b,c}'), ('name', '{a,b,c}'), ('char(5)', '{a,b,c}'),
	('numeric', '{1.5,2.50,3}'), ('regress_balance_id', '{a,b,c}'),
	('regress_balance_ids', '{a,b,c}'), ('text COLLATE "C"', '{a,b,c}')
) t(type, ids), differences_of(type, ids) d;
DROP FUNCTION differences_of;
DROP DOMAIN regress_balance_id;
DROP TYPE regress_balance_ids;
DROP SCHEMA kept CASCADE;
DROP FUNCTION seen, smuggle, smuggled, differences_with, differences, ask, questions;
DROP ROLE regress_balance_reader;
