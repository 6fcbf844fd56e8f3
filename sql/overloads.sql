-- Functions that somebody has put beside ours: no call that the extension
-- makes itself chooses one of them, whatever the types in the ledger.
\set SHOW_CONTEXT never
\pset format unaligned
\pset tuples_only on
SET TimeZone = 'UTC';
SELECT balance.create_ledger('plain');
CREATE SCHEMA odd;
CREATE TYPE odd.word AS ENUM ('open', 'draft', 'void', 'paid', 'issued', 'held');
CREATE DOMAIN odd.label AS varchar(20);
CREATE DOMAIN odd.money AS numeric(12, 3);
CREATE TABLE odd.customer (customer_id odd.label, wb_customer_id varchar, business_id name,
	customer_name odd.label, default_currency char(3));
CREATE TABLE odd.invoice (invoice_id bigint, customer_id varchar(20), currency char(3),
	invoice_status odd.word, payment_status odd.label, number int, total odd.money, amount_due int,
	amount_remaining smallint, due_date timestamptz, issued_at timestamptz,
	voided_at timestamptz);
CREATE TABLE odd.payment (payment_id uuid, customer_id odd.label, currency char(3),
	amount odd.money, paid_at timestamptz, status odd.label, invoice_id int);
CREATE TABLE odd.invoice_line_item (invoice_id bigint, price_type odd.label, amount odd.money);
CREATE TABLE odd.deposit (deposit_id uuid, customer_id odd.label, currency odd.label,
	status odd.word, amount bigint);
CREATE TABLE odd.vcu_invoice (vcu_invoice_id int, customer_id varchar, currency varchar,
	status odd.word, units int, created_at timestamptz, paid_at timestamptz);
CREATE TABLE odd.vcu_order (vcu_order_id int, customer_id varchar, currency varchar,
	status odd.word, units odd.money, created_at timestamptz);
CREATE TABLE odd.credit_memo (credit_memo_id smallint, business_id varchar, customer_id varchar,
	status odd.label, currency odd.label, amount int, amount_applied int, issue_date date,
	created_at timestamptz, updated_at timestamptz, reason odd.label);
CREATE TABLE odd.credit_memo_application (application_id uuid, credit_memo_id int,
	invoice_id bigint, amount_applied int, applied_at timestamptz);
INSERT INTO plain.customer SELECT 'c' || g FROM generate_series(1, 5) g;
INSERT INTO odd.customer SELECT 'c' || g FROM generate_series(1, 5) g;
INSERT INTO plain.invoice SELECT g, 'c' || g % 5 + 1, 'usd',
	(ARRAY['open', 'draft', 'void', 'paid'])[g % 4 + 1], NULL, g, g, g, g, '2026-01-01',
	'2025-12-01' FROM generate_series(1, 40) g;
UPDATE plain.invoice SET amount_remaining = 0 WHERE invoice_status = 'paid';
UPDATE plain.invoice SET voided_at = '2026-01-09' WHERE invoice_status = 'void';
INSERT INTO odd.invoice SELECT invoice_id::int, customer_id, currency, invoice_status::odd.word,
	NULL, g.invoice_id::int, total, amount_due, amount_remaining, due_date, issued_at, voided_at
	FROM plain.invoice g;
INSERT INTO plain.invoice_line_item (invoice_id, price_type, amount) SELECT g,
	(ARRAY['usage', 'fixed'])[g % 2 + 1], g FROM generate_series(1, 40) g;
INSERT INTO odd.invoice_line_item SELECT invoice_id::int, price_type, amount
	FROM plain.invoice_line_item;
INSERT INTO plain.deposit SELECT g, 'c' || g % 5 + 1, 'eur', 'held', g
	FROM generate_series(1, 10) g;
INSERT INTO odd.deposit SELECT gen_random_uuid(), customer_id, currency, 'held', amount
	FROM plain.deposit;
INSERT INTO plain.vcu_invoice SELECT g, 'c' || g % 5 + 1, 'brl', 'paid', g, '2026-01-01',
	'2026-01-02' FROM generate_series(1, 10) g;
INSERT INTO odd.vcu_invoice SELECT vcu_invoice_id::int, customer_id, currency, 'paid', units,
	created_at, paid_at FROM plain.vcu_invoice;
INSERT INTO plain.vcu_order SELECT g, 'c' || g % 5 + 1, 'brl', 'issued', g, false, '2026-01-01'
	FROM generate_series(1, 10) g;
INSERT INTO odd.vcu_order SELECT vcu_order_id::int, customer_id, currency, 'issued', units,
	created_at FROM plain.vcu_order;
INSERT INTO plain.credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	amount_applied, issue_date, reason) SELECT g, 'b', 'c' || g % 5 + 1, 'issued', 'usd', g * 100,
	10, '2026-01-01', 'refund' FROM generate_series(1, 10) g;
INSERT INTO odd.credit_memo SELECT credit_memo_id::int, business_id, customer_id, status, currency,
	amount, amount_applied, issue_date, created_at, updated_at, reason FROM plain.credit_memo;
INSERT INTO plain.credit_memo_application SELECT g, g, g, 10, '2026-01-03'
	FROM generate_series(1, 10) g;
INSERT INTO odd.credit_memo_application SELECT gen_random_uuid(),
	credit_memo_id::int, invoice_id::int, amount_applied, applied_at
	FROM plain.credit_memo_application;
-- what explains what the invoices have left
INSERT INTO plain.payment (payment_id, customer_id, currency, amount, paid_at, invoice_id)
SELECT invoice_id, i.customer_id, currency, amount_due - amount_remaining
	- coalesce(a.amount_applied / 100.0, 0), '2026-01-05', invoice_id
FROM plain.invoice i LEFT JOIN plain.credit_memo_application a USING (invoice_id);
INSERT INTO odd.payment SELECT gen_random_uuid(), customer_id, currency, amount, paid_at, status,
	invoice_id::int FROM plain.payment;

-- Everything that reads a ledger, by calls that name their arguments, which no
-- planted function does.
CREATE FUNCTION pg_temp.answers(ledger regnamespace) RETURNS TABLE (what text, answer text)
	LANGUAGE plpgsql AS $$
DECLARE
	asked text;
	rows text;
BEGIN
	FOREACH asked IN ARRAY '{c1,c2,c3,c4,c5}'::text[] LOOP
		RETURN QUERY SELECT asked || ' customer_balance',
			balance.customer_balance(customer_id => asked, ledger => ledger)::text;
		RETURN QUERY SELECT asked || ' invoice_summary',
			balance.invoice_summary(customer_id => asked, ledger => ledger)::text;
		RETURN QUERY SELECT asked || ' vcu_balance',
			balance.vcu_balance(customer_id => asked, end_period => '2026-02-01',
			ledger => ledger)::text;
		RETURN QUERY SELECT asked || ' customer_credits',
			balance.customer_credits(customer_id => asked, ledger => ledger)::text;
		RETURN QUERY SELECT format('%s items %s', asked, f),
			string_agg(i::text, ' ' ORDER BY i::text)
			FROM
				unnest('{invoices.paid,deposits.held,total_overdue_amount,unpaid_usage_charges,
					 balance,credit,futureDebt,total_credits_available,
					 credit_memos.applications.amount_applied}'::text[]) f,
				unnest('{usd,eur,brl}'::text[]) c,
					balance.items(customer_id => asked, field => f, currency => c,
					ledger => ledger) i GROUP BY f;
		RETURN QUERY SELECT asked || ' statement', balance.statement_document(customer_id => asked,
			start_period => '2026-01-02', end_period => '2026-02-01', ledger => ledger)::text;
		RETURN QUERY SELECT asked || ' position_at', balance.position_at(customer_id => asked,
			as_of => '2026-01-04', ledger => ledger)::text;
		RETURN QUERY SELECT asked || ' net_rows', string_agg(n::text, ' ')
			FROM balance.net_rows(customer_id => asked, ledger => ledger) n;
		RETURN QUERY SELECT asked || ' open_items', string_agg(i::text, ' ') FROM
			balance.open_items(customer_id => asked, as_of => '2026-01-04', ledger => ledger) i;
	END LOOP;
	FOR what, rows IN VALUES
		('books',
			format('SELECT customer_id, document FROM balance.customer_balances(ledger => %L)',
			ledger)),
		('summaries',
			format('SELECT customer_id, document
				FROM balance.invoice_summaries(include_empty => true, ledger => %L)', ledger)),
		('units',
			format('SELECT customer_id, document FROM balance.vcu_balances(ledger => %L)', ledger)),
		('top_debtors',
			format('SELECT * FROM balance.top_debtors(currency => %L, n => 5, ledger => %L)', 'usd',
			ledger)),
		('positions_at', format('SELECT * FROM balance.positions_at(as_of => %L, ledger => %L)',
			'2026-01-04', ledger)),
		('aged_receivables',
			format('SELECT * FROM balance.aged_receivables(as_of => %L, ledger => %L)',
			'2026-01-04', ledger)),
		('customer_roll_forwards',
			format('SELECT * FROM
				balance.customer_roll_forwards(start_period => %L, end_period => %L,
				ledger => %L)', '2026-01-02', '2026-02-01', ledger)),
		('roll_forward_items',
			format('SELECT * FROM balance.roll_forward_items(customer_id => %L, field => %L,
				start_period => %L, end_period => %L, ledger => %L)', 'c1', 'closing',
				'2026-01-02', '2026-02-01', ledger)),
		('verify',
			format('SELECT rule, relation, id, expected, found FROM balance.verify(ledger => %L)',
			ledger)),
		('check_ledger', format('SELECT * FROM balance.check_ledger(ledger => %L)', ledger)),
		('views', format('SELECT * FROM balance.create_report_views(ledger => %L)', ledger))
	LOOP
		EXECUTE format('SELECT string_agg(r::text, E''\n'' ORDER BY r::text) FROM (%s) r',
			rows) INTO answer;
		RETURN NEXT;
	END LOOP;
	FOR what IN SELECT c.oid::regclass FROM pg_class c WHERE relnamespace = ledger AND relkind = 'v'
		ORDER BY relname LOOP
		EXECUTE format('SELECT string_agg(r::text, E''\n'' ORDER BY r::text) FROM %s r',
			what) INTO answer;
		RETURN NEXT;
		RETURN QUERY SELECT 'definition of ' || what, pg_get_viewdef(what::regclass);
	END LOOP;
END $$;

-- Beside each function: its text as varchar or anything, its numbers as other
-- numbers, an argument less, an array of the rest; or one more with a default.
CREATE FUNCTION pg_temp.plant(defaults boolean) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
	name text;
	arguments text;
	n int := 0;
BEGIN
	FOR name, arguments IN
		WITH ours AS (
			SELECT p.proname::text AS name, p.pronargs AS n,
				(SELECT array_agg(format_type(t, NULL) ORDER BY o)
				FROM unnest(p.proargtypes) WITH ORDINALITY u(t, o)) AS types
			FROM pg_proc p JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
				AND d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
			WHERE p.pronamespace = 'balance'::regnamespace AND p.pronargs > 0
				AND NOT p.proargtypes::oid[] && '{internal,cstring,text[]}'::regtype[]::oid[])
		SELECT DISTINCT o.name, x.arguments FROM ours o, LATERAL (VALUES
			(replace(array_to_string(types, ','), 'text', 'varchar')),
			(replace(array_to_string(types, ','), 'text', 'bpchar')),
			(replace(array_to_string(types, ','), 'text', 'anyelement')),
			(replace(array_to_string(types, ','), 'text', 'anynonarray')),
			(replace(array_to_string(types, ','), 'text', 'odd.word')),
			(replace(array_to_string(types, ','), 'text', 'odd.label')),
			(replace(array_to_string(types, ','), 'numeric', 'bigint')),
			(replace(array_to_string(types, ','), 'numeric', 'int')),
			(replace(array_to_string(types, ','), 'numeric', 'float8')),
			(replace(array_to_string(types, ','), 'bigint', 'int')),
			(replace(array_to_string(types, ','), 'bigint', 'numeric')),
			(replace(array_to_string(types, ','), 'regnamespace', 'oid')),
			(replace(array_to_string(types, ','), 'regnamespace', 'text')),
			(replace(array_to_string(types, ','), 'date', 'timestamp')),
			(replace(array_to_string(types, ','), 'balance."position"', 'anyelement')),
			(CASE WHEN o.n > 1 THEN array_to_string(types[:o.n - 1], ',') || ', VARIADIC '
				|| types[o.n] || '[]' END),
			('VARIADIC ' || types[1] || '[]'),
			(array_to_string(types[:o.n - 1], ',')), (types[1])) x(arguments)
		WHERE x.arguments IS NOT NULL AND NOT defaults
		UNION
		SELECT o.name, array_to_string(types, ',') || ', int DEFAULT 1' FROM ours o WHERE defaults
	LOOP
		BEGIN
			EXECUTE format('CREATE FUNCTION balance.%I(%s) RETURNS jsonb AS %L LANGUAGE plpgsql',
				name, arguments, $f$ BEGIN RAISE 'caught'; END $f$);
			n := n + 1;
		EXCEPTION WHEN duplicate_function OR invalid_function_definition
			OR invalid_parameter_value THEN
			NULL;
		END;
	END LOOP;
	RETURN n;
END $$;

CREATE TEMP TABLE before AS SELECT l.ledger, a.*
	FROM unnest('{plain,odd}'::regnamespace[]) l(ledger), pg_temp.answers(l.ledger) a;
SELECT ledger, count(*), count(answer),
	count(*) FILTER (WHERE answer LIKE '%"total": "%') > 0 AS some FROM before GROUP BY 1
	ORDER BY 1;
BEGIN;
SELECT pg_temp.plant(false) > 500 AS planted;
DISCARD PLANS;
(SELECT ledger, what, answer FROM before) EXCEPT ALL (SELECT l.ledger, a.*
	FROM unnest('{plain,odd}'::regnamespace[]) l(ledger), pg_temp.answers(l.ledger) a);
-- a new ledger is made as it is without them
SELECT balance.create_ledger(name => 'made');
SELECT count(*) FROM pg_class WHERE relnamespace = 'made'::regnamespace AND relkind = 'v';
-- they do catch what others say carelessly
SELECT balance.customer_balance('c1'::varchar, 'plain'::regnamespace);
ROLLBACK;
-- an argument more that has a default makes a call ambiguous, and so an error
BEGIN;
SELECT pg_temp.plant(true) > 50 AS planted;
DISCARD PLANS;
\set VERBOSITY terse
SELECT balance.customer_balance(customer_id => 'c1', ledger => 'plain');
ROLLBACK;
SET client_min_messages = warning;
DROP SCHEMA plain, odd CASCADE;
