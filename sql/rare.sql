-- What is rarely met: the far ends of amounts, dates and identifiers, and ledgers that lack a
-- relation.
\set SHOW_CONTEXT never
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
SET timezone = 'UTC';
SET search_path = balance, public;

-- sums past 128 bits, and back
SELECT count, amount = 200 * (10::numeric ^ 24 - 1)
	FROM ageing((SELECT tally_invoices('usd', 'open', NULL, x, x, x, date '2026-01-01' + i)
	FROM generate_series(1, 200) i, trunc(10::numeric ^ 24 - 1) x), '2030-01-01', 'UTC', '{1}')
		WHERE bucket = '1+';

-- sums that leave 64 bits and come back, row by row
SELECT count(*), bool_and(p::text = format('1{USD %s usage(%s %s)}', n, n, trim_scale(s))) FROM (
	SELECT tally_charges('usd', 'usage', x) OVER w AS p, count(*) OVER w AS n, sum(x) OVER w AS s
	FROM (SELECT 90000000000.25 * CASE WHEN i % 20 < 12 THEN 1 ELSE -1 END
		FROM generate_series(1, 100) i) t(x)
		WINDOW w AS (ROWS BETWEEN 9 PRECEDING AND CURRENT ROW)) t;
SELECT total_credits_available, total_credits_available_dollars
	FROM credit_rows('1{USD 1 memo_available(1 1234567890123456789012345678901 0)}');
-- a position that has nothing of what is asked for has no rows, and so has no position
SELECT count(b), count(i), count(u)
	FROM (VALUES ('1{USD 1 memo_draft(1 5 0)}'::balance.position), (NULL)) t(p)
	LEFT JOIN LATERAL balance_rows(p) b ON true
		LEFT JOIN LATERAL invoice_rows(p, '2026-01-01', 'UTC') i ON true
		LEFT JOIN LATERAL unit_rows(p) u ON true;

-- dates and instants as only a position's text spells them
SELECT '1{USD 2 open(2 0 0 2) due(-0043-03-15 1 1) '
	'due_at(-0043-03-15T12:00:00Z 1 1)}'::balance.position;
SELECT p = (SELECT tally_invoices('usd', 'open', NULL, 1, 1, 1, date '0044-03-15 BC'))
	FROM (SELECT balance.position '1{USD 1 open(1 1 1 1) due(-0043-03-15 1 1)}') t(p);
SELECT '1{USD 1 open(1 0 0 1) due(2026-13-01 1 1)}'::balance.position;
SELECT '1{USD 1 open(1 0 0 1) due(5874898-01-01 1 1)}'::balance.position;
SELECT '1{USD 1 open(1 0 0 1) due_at(2026-01-01 1 1)}'::balance.position;
SELECT '1{USD 1 open(1 0 0 1) due_at(2026-01-01T24:00:00Z 1 1)}'::balance.position;
SELECT '1{USD 1 open(1 0 0 1) due_at(294277-01-01T00:00:00Z 1 1)}'::balance.position;

-- as many known rows as no bigint can hold
SELECT '1{USD -9223372036854775808 deposit("a" -9223372036854775808 0)}'::balance.position
	- '1{USD 1 deposit("a" 1 0)}'::balance.position;
SELECT '1{USD -9223372036854775808 open(-9223372036854775808 0?-9223372036854775808 0?0 '
	'0?0)}'::balance.position + '1{USD 0 open(0 0?-1 0 0)}'::balance.position;

SELECT ageing('1{USD -9223372036854775808 open(-9223372036854775808 0 0 0) due(2026-01-01 1 0)}',
	'2026-01-01', 'UTC');

-- amounts due that come after others that were unknown
SELECT merge(p ORDER BY i), merge(p ORDER BY -i)
	FROM (VALUES (1, '1{USD 1 open(1 5 0?1 0?1)}'::balance.position),
	(2, '1{USD 1 open(1 5 4 3)}')) t(i, p);

SELECT known_status('invoice', 'paid');
SELECT in_period('2026-01-31 23:00Z', NULL, '2026-01-31', NULL),
	in_period('2026-01-31 23:00Z', '2026-02-01', NULL, NULL);
SELECT in_period(now(), NULL, NULL, NULL);
SELECT in_period(now(), '2026-01-31', NULL, now(), NULL);
SELECT in_period(now(), NULL, NULL, 'infinity', NULL);

-- ledgers that lack a relation
CREATE SCHEMA few;
SET balance.ledger = 'few';
CREATE TABLE few.vcu_order (vcu_order_id uuid, customer_id uuid, currency text, status text,
	units int, created_at timestamptz);
INSERT INTO few.vcu_order
	VALUES (NULL, 'a0000000-0000-0000-0000-000000000001', 'usd', 'issued', 3, '2026-01-01');
SELECT vcu_balance('a0000000-0000-0000-0000-000000000001');
SELECT vcu_balance('{a0000000-0000-0000-0000-000000000001}')
	= vcu_balance('a0000000-0000-0000-0000-000000000001');
-- not an identifier of that type, so no row is found
SELECT vcu_balance('{a0000000-0000-0000-0000-000000000001');
SELECT vcu_balance('a');
SELECT count(*) FROM items('a0000000-0000-0000-0000-000000000001', 'futureDebt', 'usd');
ALTER TABLE few.vcu_order RENAME TO orders;
CREATE TABLE few.deposit (deposit_id text, customer_id varchar(20),
	currency text, status text, amount int);
SELECT items('a', 'futureDebt', 'usd');
-- whose line item it is, nobody knows
CREATE TABLE few.invoice_line_item (invoice_id text, amount numeric);
INSERT INTO few.invoice_line_item VALUES ('i', 'NaN');
SELECT rule, relation, id FROM verify('few');
SELECT rule, relation, id FROM verify('few', 'c');

-- a customer_id that PostgreSQL reads as text, without an index
SELECT relation, "column", message, hint FROM check_ledger('few') WHERE relation = 'deposit';
-- look-ups through a sorted union
CREATE TABLE few.a (deposit_id text, customer_id text, currency text, status text, amount int);
CREATE TABLE few.b (LIKE few.a);
CREATE INDEX ON few.a (customer_id);
CREATE INDEX ON few.b (deposit_id);
DROP TABLE few.deposit;
CREATE VIEW few.deposit AS (SELECT * FROM few.a UNION ALL SELECT * FROM few.b) ORDER BY deposit_id;
SELECT relation, "column", message, hint FROM check_ledger('few')
	WHERE relation = 'deposit' AND "column" = 'customer_id';
-- and without a sort, as both tables have an index in that order
CREATE INDEX ON few.a (customer_id, deposit_id);
CREATE OR REPLACE VIEW few.deposit AS
SELECT * FROM (SELECT * FROM few.a UNION ALL SELECT * FROM few.b) u ORDER BY deposit_id;
SET enable_sort = off;
EXPLAIN (COSTS OFF) SELECT * FROM few.deposit WHERE customer_id = 'a';
SELECT relation, "column", message, hint FROM check_ledger('few')
	WHERE relation = 'deposit' AND "column" = 'customer_id';
RESET enable_sort;
DROP VIEW few.deposit;

-- what is looked up by is not there, or cannot be
CREATE TABLE few.deposit (deposit_id text, currency text, status text, amount int);
SELECT relation, "column", message FROM check_ledger('few') WHERE relation = 'deposit';
ALTER TABLE few.deposit ADD customer_id date;
SELECT relation, "column", message FROM check_ledger('few') WHERE relation = 'deposit';

-- a memo without an id
CREATE TABLE few.credit_memo (credit_memo_id text, business_id text, customer_id text, status text,
	currency text, amount bigint, amount_applied bigint,
	issue_date date, created_at timestamptz, updated_at timestamptz, reason text);
INSERT INTO few.credit_memo
	VALUES (NULL, 'b', 'c', 'issued', 'usd', 5, 0, '2026-01-01', '2026-01-01', '2026-01-01',
	'goodwill');
SELECT customer_credits('c');

-- a kind of text that cannot be compared
CREATE TYPE few.odd;
CREATE FUNCTION few.odd_in(cstring) RETURNS few.odd LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION few.odd_out(few.odd) RETURNS cstring
	LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE few.odd (INPUT = few.odd_in, OUTPUT = few.odd_out, LIKE = text, CATEGORY = 'S');
ALTER TABLE few.credit_memo ALTER customer_id TYPE few.odd USING NULL;
SELECT customer_credits('c');
DROP SCHEMA few CASCADE;

-- ledgers asked one by the other
CREATE FUNCTION public.amount_of(n int) RETURNS numeric LANGUAGE plpgsql AS $$
BEGIN
	RETURN CASE WHEN n = 0 THEN 1 ELSE 1 + (balance.customer_balance('c',
		('deep' || n - 1)::regnamespace) #>> '{0,deposits,held,total}')::numeric END;
END $$;
DO $$ BEGIN
	FOR n IN 0 .. 130 LOOP
		EXECUTE format('CREATE SCHEMA deep%1$s; CREATE VIEW deep%1$s.deposit AS
			SELECT 1 AS deposit_id, ''c'' AS customer_id, ''usd'' AS currency, ''held'' AS status,
			public.amount_of(%1$s) AS amount', n);
	END LOOP;
END $$;
SELECT customer_balance('c', 'deep130') FROM generate_series(1, 2);
SELECT customer_balance('c', 'deep2');
DO $$ BEGIN
	FOR n IN 0 .. 130 LOOP
		EXECUTE format('DROP SCHEMA deep%s CASCADE', n);
	END LOOP;
END $$;
DROP FUNCTION public.amount_of;

-- more ledgers asked by one than a session keeps plans for, while that one's is in use
DO $$ BEGIN
	FOR n IN 1 .. 1030 LOOP
		EXECUTE format('CREATE SCHEMA many%1$s; CREATE VIEW many%1$s.deposit AS
			SELECT 1 AS deposit_id, ''c'' AS customer_id, ''usd'' AS currency, ''held'' AS status,
			%1$s AS amount', n);
		IF n % 100 = 0 THEN
			COMMIT;
		END IF;
	END LOOP;
END $$;
CREATE SCHEMA sum;
CREATE VIEW sum.deposit AS SELECT 1 AS deposit_id, 'c' AS customer_id, 'usd' AS currency,
	'held' AS status, (SELECT sum((balance.customer_balance('c', ('many' || n)::regnamespace)
	#>> '{0,deposits,held,total}')::numeric) FROM generate_series(1, 1030) n) AS amount;
SELECT customer_balance('c', 'sum') #>> '{0,deposits,held,total}' FROM generate_series(1, 2);
SELECT sum(n) FROM generate_series(1, 1030) n;
DO $$ BEGIN
	FOR n IN 1 .. 1030 LOOP
		EXECUTE format('DROP SCHEMA many%s CASCADE', n);
		IF n % 100 = 0 THEN
			COMMIT;
		END IF;
	END LOOP;
END $$;
DROP SCHEMA sum CASCADE;

-- tables of a server that nobody can reach, as a part of a relation and as one
CREATE FOREIGN DATA WRAPPER nobody;
CREATE SERVER nowhere FOREIGN DATA WRAPPER nobody;
CREATE SCHEMA far;
CREATE TABLE far.invoice (invoice_id text, customer_id text, currency text, invoice_status text,
	total numeric, amount_due numeric, amount_remaining numeric) PARTITION BY LIST (currency);
CREATE FOREIGN TABLE far.part PARTITION OF far.invoice FOR VALUES IN ('usd') SERVER nowhere;
SELECT top_debtors('usd', 1, ledger => 'far');
DROP TABLE far.invoice;
CREATE FOREIGN TABLE far.invoice (invoice_id text, customer_id text, currency text,
	invoice_status text, total numeric, amount_due numeric, amount_remaining numeric)
	SERVER nowhere;
CREATE TABLE far.invoice_line_item (invoice_id text, amount numeric);
SELECT top_debtors('usd', 1, ledger => 'far');
SELECT customer_balance('c', 'far');
SELECT invoice_summary('c', ledger => 'far');
SELECT rule FROM verify('far');
DROP SCHEMA far CASCADE;
DROP FOREIGN DATA WRAPPER nobody CASCADE;
