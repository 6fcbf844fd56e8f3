-- Maintained balances: every answer is the same from the store and from the rows.
SET client_min_messages = warning;
SET search_path = public, balance;
SET TimeZone = 'UTC';

-- all that is asked of a ledger, as queries of one column
CREATE FUNCTION questions(ledger text, customers text[]) RETURNS SETOF text LANGUAGE sql AS $$
WITH c AS (SELECT quote_literal(c) AS id FROM unnest(customers) c),
views AS (SELECT format('%I.%I', ledger, relname) AS v, relname FROM pg_class WHERE relnamespace = to_regnamespace(ledger) AND relname ~ '^report_' AND relkind = 'v')
SELECT format('customer_balance(%s, %L)', id, ledger) FROM c
UNION ALL SELECT format('invoice_summary(%s, %L, %L, %L)', id, '2026-06-01', 'UTC', ledger) FROM c
UNION ALL SELECT format('vcu_balance(%s, %s, %s, %L)', id, p[1], p[2], ledger) FROM c, (VALUES ('{NULL,NULL}'::text[]), ('{"''2026-01-02''",NULL}'), ('{NULL,"''2026-01-02''"}')) p(p)
UNION ALL SELECT format('customer_credits(%s, ledger => %L)', id, ledger) FROM c
UNION ALL SELECT format('r FROM items(%s, %L, %L, ledger => %L) r', id, f, cur, ledger) FROM c, unnest('{invoices.paid,total_unpaid_amount,total_overdue_amount,unpaid_fixed_charges,deposits.ok,credit,futureDebt}'::text[]) f, unnest('{usd,eur,zzz}'::text[]) cur
UNION ALL SELECT format('r FROM %s(%s) r', f, a) FROM unnest('{true,false}'::text[]) e, LATERAL (VALUES
	('customer_balances', format('%s, %L', e, ledger)), ('invoice_summaries', format('%L, %L, %s, %L', '2026-06-01', 'UTC', e, ledger)),
	('vcu_balances', format('NULL, NULL, %s, %L', e, ledger)), ('vcu_balances', format('%L, NULL, %s, %L', '2026-01-02', e, ledger))) v(f, a)
UNION ALL SELECT format('r FROM top_debtors(%L, 5, %L, %L, %L) r', cur, '2026-06-01', 'UTC', ledger) FROM unnest('{usd,eur,jpy}'::text[]) cur
UNION ALL SELECT format('r FROM %s r%s', v, w) FROM views, unnest(ARRAY['', ' WHERE currency = ''USD''', ' WHERE currency <> ''EUR''', ' WHERE customer_id IS NULL',
	' WHERE upper(currency) = ''EUR'' AND customer_id IS NOT NULL', format(' JOIN (SELECT unnest(%L::text[]) AS id OFFSET 0) x ON x.id = customer_id::text', customers[2:3]),
	format(' WHERE customer_id::text <> ALL (%L)', customers[1:2])]) w
UNION ALL SELECT format('r FROM %s r WHERE customer_id::text = %s', v, id) FROM views, c
UNION ALL SELECT format('r FROM %s r WHERE customer_id = %s', v, id) FROM views, c
UNION ALL SELECT format('r FROM %s r WHERE customer_id = %s AND currency = ''USD''', v, id) FROM views, c
UNION ALL SELECT format('r FROM %I.report_metrics r WHERE metric = %L', ledger, m) FROM unnest('{invoices.paid.count,ageing.current.amount,deposits.ok.total,credit}'::text[]) m
$$;

-- the answer, or the error
CREATE FUNCTION ask(question text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text; hint text; detail text;
BEGIN
	EXECUTE format('SELECT string_agg(a::text, E''\n'' ORDER BY a::text COLLATE "C") FROM (SELECT %s) x(a)', question) INTO answer;
	RETURN coalesce(answer, 'nothing');
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT, detail = PG_EXCEPTION_DETAIL;
	RETURN concat_ws(' ', SQLSTATE, SQLERRM, detail, hint);
END $$;

-- the same with and without a store, which comes back as what was done is undone
CREATE FUNCTION differences(ledger text, customers text[]) RETURNS TABLE (question text, from_store text, from_rows text) LANGUAGE plpgsql AS $$
DECLARE questions text[] := ARRAY(SELECT questions(ledger, customers)); n int := cardinality(questions); kept text[]; found text[];
BEGIN
	IF EXISTS (SELECT FROM maintenance(ledger::regnamespace) WHERE NOT valid) THEN RAISE 'not valid'; END IF;
	kept := ARRAY(SELECT ask(q) FROM unnest(questions) WITH ORDINALITY u(q, i) ORDER BY i);
	BEGIN
		PERFORM stop_maintaining(ledger::regnamespace);
		found := ARRAY(SELECT ask(q) FROM unnest(questions) WITH ORDINALITY u(q, i) ORDER BY i);
		RAISE 'undone';
	EXCEPTION WHEN raise_exception THEN
	END;
	RETURN QUERY SELECT questions[i], kept[i], found[i] FROM generate_series(1, n) i WHERE kept[i] IS DISTINCT FROM found[i];
END $$;

SELECT create_ledger('kept');
SET balance.ledger = 'kept';
INSERT INTO kept.customer (customer_id, business_id, wb_customer_id) SELECT 'c' || i, 'b', CASE WHEN i % 2 = 0 THEN 'seller' END FROM generate_series(1, 8) i;
ALTER TABLE kept.invoice DROP CONSTRAINT invoice_customer_id_fkey, DROP CONSTRAINT invoice_total_check, ALTER customer_id DROP NOT NULL;
ALTER TABLE kept.deposit ALTER amount DROP NOT NULL;
INSERT INTO kept.invoice (invoice_id, customer_id, currency, invoice_status, payment_status, total, amount_due, amount_remaining, due_date)
SELECT 'i' || i, 'c' || 1 + i % 5, (ARRAY['usd', 'EUR', 'jpy'])[1 + i % 3], (ARRAY['open', 'paid', 'draft', 'void'])[1 + i % 4], CASE WHEN i % 7 = 0 THEN 'failed' END,
	i, i, CASE WHEN i % 4 = 1 THEN 0 ELSE i END, CASE WHEN i % 6 > 0 THEN date '2026-05-01' + i END FROM generate_series(1, 60) i;
INSERT INTO kept.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due, amount_remaining) VALUES ('null', NULL, 'usd', 'open', 1, 1, 1), ('whose', 'nobody', 'usd', 'open', 2, 2, 2);
INSERT INTO kept.invoice_line_item (invoice_id, price_type, amount) SELECT 'i' || i, (ARRAY['usage', 'fixed'])[1 + i % 2], i FROM generate_series(1, 60) i;
INSERT INTO kept.deposit (deposit_id, customer_id, currency, status, amount) SELECT 'd' || i, 'c' || 2 + i % 5, (ARRAY['usd', 'eur'])[1 + i % 2], (ARRAY['ok', 'wait'])[1 + i % 2], i FROM generate_series(1, 20) i;
INSERT INTO kept.vcu_order (vcu_order_id, customer_id, currency, status, pay_with_balance, units, created_at)
SELECT 'o' || i, 'c' || 1 + i % 4, 'brl', 'issued', i % 3 = 0, i, timestamptz '2026-01-01' + i * interval '1 day' FROM generate_series(1, 9) i;
INSERT INTO kept.vcu_order (vcu_order_id, customer_id, currency, status, units, created_at) VALUES ('later', 'c2', 'usd', 'issued', 1, '2999-01-01'), ('only later', 'c6', 'usd', 'issued', 1, '2999-01-01');
INSERT INTO kept.vcu_invoice (vcu_invoice_id, customer_id, currency, status, units, created_at, paid_at) VALUES ('v1', 'c1', 'brl', 'paid', 7, '2026-01-01', '2026-01-02'), ('v2', 'c3', 'brl', 'paid', 7, '2026-01-01', '2998-01-02'), ('v3', 'c3', 'brl', 'pending', 9, '2026-01-03', NULL);
INSERT INTO kept.credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount, amount_applied, issue_date, reason) VALUES ('m', 'b', 'c1', 'issued', 'usd', 100, 0, '2026-01-01', 'other');
SELECT bool_and(valid) FROM maintain();
SELECT count(*) > 0 AS made FROM create_report_views();
\set customers '''{c1,c2,c3,c4,c5,c6,c7,nobody,missing}'''
SELECT count(*) > 500 AS many FROM questions('kept', :customers);
SELECT * FROM differences('kept', :customers);

-- after statements of each kind, folded or not
UPDATE kept.invoice SET amount_remaining = 0, invoice_status = 'paid' WHERE invoice_id = ANY ('{i4,i8,i12}');
DELETE FROM kept.invoice WHERE customer_id = 'c5';
UPDATE kept.invoice SET customer_id = 'c7' WHERE invoice_id IN ('i1', 'null');
INSERT INTO kept.deposit (deposit_id, customer_id, currency, status, amount) VALUES ('d', 'c1', 'eur', 'ok', NULL);
DELETE FROM kept.vcu_order WHERE vcu_order_id = 'o9';
SELECT * FROM differences('kept', :customers);
SELECT fold() > 0 AS folded;
SELECT * FROM differences('kept', :customers);

-- rows that no document can tally: their customers' errors are what they were, and nobody else's
INSERT INTO kept.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due, amount_remaining) VALUES
	('x', 'c1', 'zzz', 'open', 1, 1, 1), ('y', 'c3', 'usd', 'wrong', 1, 1, 1), ('z', 'c4', 'eur', 'open', 'NaN', 1, 1), ('w', 'c6', 'usd', 'open', 1, '1e120', 1);
SELECT * FROM differences('kept', :customers);
INSERT INTO kept.vcu_order (vcu_order_id, customer_id, currency, status, units, created_at) VALUES ('bad', 'c7', 'usd', 'wrong', 1, '2026-01-01');
SELECT * FROM differences('kept', :customers);
DELETE FROM kept.invoice WHERE invoice_id IN ('x', 'y', 'z', 'w');
DELETE FROM kept.vcu_order WHERE vcu_order_id = 'bad';
DELETE FROM kept.deposit WHERE deposit_id = 'd';
SELECT * FROM differences('kept', :customers);

-- which of them are from the store: those that show what was smuggled in
ALTER TABLE kept.balance_store DISABLE TRIGGER balance_guard;
INSERT INTO kept.balance_store VALUES ('i', 'c8', 0, NULL, '1{USD 1 open(1 4711 4711 4711)}');
SELECT DISTINCT substring(q, '^(?:r FROM )?(?:kept\.)?(\w+)') AS answer FROM questions('kept', '{c8}') q WHERE ask(q) ~ '4711' ORDER BY 1;
SELECT count(*) FROM verify() WHERE rule = 'store_differs';
SELECT bool_and(valid) FROM repair();
SELECT * FROM differences('kept', :customers);

-- where it does not count, nothing of it is seen
INSERT INTO kept.balance_store VALUES ('i', 'c8', 0, NULL, '1{USD 1 open(1 4711 4711 4711)}');
ALTER TABLE kept.balance_store ENABLE ALWAYS TRIGGER balance_guard;
CREATE ROLE regress_balance_reader;
GRANT USAGE ON SCHEMA kept TO regress_balance_reader;
GRANT SELECT ON kept.customer, kept.invoice, kept.invoice_line_item, kept.report_ageing, kept.report_invoice_summary TO regress_balance_reader;
CREATE FUNCTION smuggled() RETURNS SETOF text LANGUAGE sql AS $$
SELECT DISTINCT substring(q, '^(?:r FROM )?(?:kept\.)?(\w+)') FROM questions('kept', '{c8}') q WHERE ask(q) ~ '4711' ORDER BY 1
$$;
SELECT count(*) > 0 AS seen FROM smuggled();
ALTER TABLE kept.invoice ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody ON kept.invoice USING (true);
SET ROLE regress_balance_reader;
SELECT * FROM smuggled();
RESET ROLE;
ALTER TABLE kept.invoice DISABLE ROW LEVEL SECURITY;
SET ROLE regress_balance_reader;
SELECT * FROM smuggled();
RESET ROLE;
-- plans that are kept change over, and back
SET plan_cache_mode = force_generic_plan;
PREPARE book AS SELECT count(*) FROM customer_balances(false) WHERE document::text ~ '4711';
PREPARE view AS SELECT count(*) FROM kept.report_ageing WHERE amount = 4711;
PREPARE one AS SELECT count(*) FROM kept.report_ageing WHERE amount = 4711 AND customer_id = $1;
EXECUTE book; EXECUTE view; EXECUTE one('c8');
ALTER TABLE kept.invoice DISABLE TRIGGER "!balance_insert";
EXECUTE book; EXECUTE view; EXECUTE one('c8');
BEGIN;
SELECT count(*) FROM stop_maintaining();
EXECUTE book; EXECUTE view; EXECUTE one('c8');
ROLLBACK;
ALTER TABLE kept.invoice ENABLE TRIGGER "!balance_insert";
EXECUTE book; EXECUTE view; EXECUTE one('c8');
SELECT bool_and(valid) FROM repair();
ALTER TABLE kept.balance_store DISABLE TRIGGER balance_guard;
INSERT INTO kept.balance_store VALUES ('i', 'c8', 0, NULL, '1{USD 1 open(1 4711 4711 4711)}');
ALTER TABLE kept.balance_store ENABLE ALWAYS TRIGGER balance_guard;
EXECUTE book; EXECUTE view; EXECUTE one('c8');
DROP SCHEMA kept CASCADE;
DROP FUNCTION smuggled, differences, ask, questions;
DROP ROLE regress_balance_reader;
