-- The aggregates: rows to a position.
SET search_path = balance, public;

CREATE TEMP TABLE inv (id int, currency text, status text, payment text, total numeric, due numeric,
	remaining numeric, day date, instant timestamptz);
INSERT INTO inv VALUES
 (1, 'usd', 'open', NULL, 120.50, 120.50, 120.50, '2026-01-31', '2026-01-31 12:00+00'),
 (2, 'USD', 'partially_paid', 'partially_paid', 100, 100, 60, '2026-01-31', '2026-01-31 12:00+00'),
 (3, 'usd', 'draft', NULL, 10, 10, 10, NULL, NULL),
 (4, 'usd', 'paid', 'succeeded', 50, 50, 0, '2026-01-15', '2026-01-15 12:00+00'),
 (5, 'usd', 'void', NULL, 999, NULL, NULL, '2026-01-01', '2026-01-01 12:00+00'),
 (6, 'jpy', 'finalized', 'failed', 1200, 1200, 1200, '2026-02-28', '2026-02-28 12:00+00'),
 (7, 'eur', 'sent', NULL, NULL, 5, NULL, '2026-02-28', '2026-02-28 12:00+00');

SELECT tally_invoices(currency, status, payment, total, due, remaining, day) FROM inv;
SELECT tally_invoices(currency, status, payment, total, due, remaining, instant) FROM inv;
-- the short form is the long form with unknown amounts due
SELECT tally_invoices(currency, status, payment, total) FROM inv;
SELECT tally_invoices(currency, status, payment, total)
	= tally_invoices(currency, status, payment, total, NULL, NULL, NULL::date) AS same FROM inv;

-- empty input, FILTER, DISTINCT, GROUPING SETS, HAVING
SELECT tally_invoices(currency, status, payment, total) FROM inv WHERE false;
SELECT tally_invoices(currency, status, payment, total) FILTER (WHERE id > 100) FROM inv;
SELECT tally_deposits(DISTINCT c, s, a), tally_deposits(c, s, a)
	FROM (VALUES ('usd', 'a', 1), ('usd', 'a', 1.0), ('usd', 'b', 1)) v(c, s, a);
SELECT lower(currency) AS currency, tally_invoices(currency, status, payment, total)
	FILTER (WHERE id <> 7) AS p
FROM inv GROUP BY ROLLUP (lower(currency)) HAVING count(*) > 0 ORDER BY 1 NULLS LAST;

-- the other tallies
SELECT tally_charges(c, t, a)
	FROM (VALUES ('usd', 'usage', 1.5), ('usd', 'USAGE', 1), ('usd', 'fixed', 2), ('usd', NULL, 3),
	('usd', 'seat', NULL)) v(c, t, a);
SELECT tally_deposits(c, s, a)
	FROM (VALUES ('usd', 'settled', 1.5), ('usd', 'Settled', 1), ('eur', 'settled', NULL),
	('usd', '', -1)) v(c, s, a);
SELECT tally_unit_invoices(c, s, u)
	FROM (VALUES ('usd', 'Pending', 1), ('usd', 'overdue', 2), ('usd', 'PAID', 4),
	('usd', 'cancelled', 8), ('usd', 'refunded', NULL), ('brl', 'refunded', 1)) v(c, s, u);
SELECT tally_unit_orders(c, s, w, u)
	FROM (VALUES ('usd', 'Issued', false, 1), ('usd', 'issued', NULL, 2),
	('usd', 'issued', true, 4), ('usd', 'billed', true, 8),
  ('usd', 'billed', false, 16), ('usd', 'paid', false, 32), ('usd', 'cancelled', true, 64),
  ('usd', 'refunded', true, 128)) v(c, s, w, u);
SELECT tally_credit_memos(c, s, a, p)
	FROM (VALUES ('usd', 'draft', 100, 0), ('usd', 'issued', 200, 0),
	('usd', 'partially_applied', 300, 100), ('usd', 'fully_applied', 400, 400),
  ('usd', 'void', NULL, NULL), ('eur', 'issued', 9223372036854775807, 9223372036854775807),
  ('eur', 'issued', 9223372036854775807, -9223372036854775808),
  ('gbp', 'issued', NULL, 1)) v(c, s, a, p);

-- a row that counts nowhere still makes its currency present
SELECT to_vcu_balance(tally_unit_orders('usd', 'cancelled', false, 5), NULL, NULL);

-- in no known currency it counts nowhere at all; what counts is an error, and so is no currency
SELECT tally_invoices(c, s, NULL, 1, 1, 1, DATE '2026-01-31')
	FROM (VALUES ('usd', 'open'), ('USDT', 'void'), ('', 'canceled')) v(c, s);
SELECT tally_invoices('USDT', 'void', NULL, 1), tally_unit_invoices('USDT', 'cancelled', 1),
	tally_unit_orders('USDT', 'refunded', true, 1),
       tally_credit_memos('USDT', 'void', 1, 0);
SELECT id, tally_invoices(c, s, NULL, 1) OVER (ORDER BY id ROWS 1 PRECEDING)
FROM (VALUES (1, 'USDT', 'void'), (2, 'USDT', 'void'), (3, 'usd', 'open'), (4, 'USDT', 'void'),
	(5, 'USDT', 'void')) v(id, c, s) ORDER BY id;
SELECT tally_invoices('USDT', 'paid', NULL, 1);
SELECT tally_invoices('USDT', 'voyd', NULL, 1);
SELECT tally_invoices(NULL, 'void', NULL, 1);
SELECT tally_charges('USDT', 'usage', 1);
SELECT tally_unit_invoices('USDT', 'paid', 1);
SELECT tally_unit_orders('USDT', 'cancelled', false, 1),
	tally_unit_orders('USDT', 'issued', false, 1);
SELECT tally_credit_memos('USDT', 'fully_applied', 1, 1);

-- NULLs and impossible amounts
SELECT tally_invoices(NULL, 'open', NULL, 1);
\echo :LAST_ERROR_SQLSTATE
SELECT tally_deposits('usd', NULL, 1);
\echo :LAST_ERROR_SQLSTATE
SELECT tally_unit_invoices('usd', NULL, 1);
SELECT tally_unit_orders('usd', NULL, false, 1);
SELECT tally_credit_memos('usd', NULL, 1, 1);
SELECT tally_invoices('usd', 'open', NULL, 'NaN');
\echo :LAST_ERROR_SQLSTATE
SELECT tally_charges('usd', 'usage', 'Infinity');
SELECT tally_deposits('usd', 's', '-Infinity');
SELECT tally_invoices('usd', 'open', NULL, 1, 1, 'NaN', NULL::date);
SELECT tally_invoices('usd', 'shipped', NULL, 1);
\echo :LAST_ERROR_SQLSTATE
SELECT tally_unit_invoices('usd', 'issued', 1);
SELECT tally_unit_orders('usd', 'overdue', false, 1);
SELECT tally_credit_memos('usd', 'paid', 1, 1);

-- past numeric's range
SELECT length(tally_deposits('usd', 's', n)::text)
	FROM (VALUES (('9' || repeat('0', 131071))::numeric)) v(n);
SELECT tally_deposits('usd', 's', n)
	FROM (VALUES (('9' || repeat('0', 131071))::numeric),
	(('9' || repeat('0', 131071))::numeric)) v(n);
\echo :LAST_ERROR_SQLSTATE

-- wide amounts: every digit counts, and they cancel out exactly
SELECT tally_charges('usd', 'usage', a) FROM (VALUES (9223372036854775807), (1)) v(a);
SELECT tally_charges('usd', 'usage', a)
	FROM (VALUES (170141183460469231731687303.715884105727),
	(170141183460469231731687303.715884105727)) v(a);
SELECT tally_charges('usd', 'usage', a)
	FROM (VALUES (1e40), (0.0000000000000000000000001), (-1e40), (1.5)) v(a);
SELECT tally_charges('usd', 'usage', a)
	FROM (VALUES (1e40), (0.0000000000000000000000001), (-1e40),
	(-0.0000000000000000000000001)) v(a);
SELECT tally_charges('usd', 'usage', 999999999999999999999999.999999999999)
	FROM generate_series(1, 1000);
SELECT tally_invoices('usd', 'open', NULL, a, a, a, '2026-01-31'::date)
	FROM (VALUES (1e40), (-1e40), (1e-20)) v(a);
SELECT tally_deposits('usd', 's', a) FROM (VALUES (1e40), (-1e40), (1e-20)) v(a);

-- many of everything in one state, against plain sums
WITH r AS (SELECT g,
	(ARRAY['usd','eur','jpy','kwd','clf','gbp','brl','chf','sek','nok','dkk','pln'])[1 + g % 12]
	AS c, g % 977 AS d, (g * 7919 % 10007) / 100.0 AS a FROM generate_series(1, 20000) g),
     p AS (SELECT tally_invoices(c, 'open', NULL, a, a, a, '2026-01-01'::date + d)
     	+ tally_deposits(c, 'status ' || d, a) AS p FROM r),
     j AS (SELECT key, value FROM p, jsonb_each(p::jsonb))
SELECT count(*) AS currencies,
       sum(jsonb_array_length(value->'open_amounts')) = (SELECT count(*)
       	FROM (SELECT DISTINCT c, d FROM r) x) AS all_dues,
       sum((SELECT sum((e->>'amount_remaining')::numeric)
       	FROM jsonb_array_elements(value->'open_amounts') e)) = (SELECT sum(a) FROM r) AS due_sum,
       sum((SELECT sum((e.value->>'amount')::numeric) FROM jsonb_each(value->'deposits') e))
       	= (SELECT sum(a) FROM r) AS deposit_sum,
       sum((value #>> '{invoices,open,total}')::numeric) = (SELECT sum(a) FROM r) AS total
FROM j;

-- the same rows split anyhow, in any order, merged any way
SELECT setseed(0.25);
CREATE TEMP TABLE rows AS
SELECT g AS id, (ARRAY['usd','eur','jpy'])[1 + (random() * 2)::int] AS currency,
	(ARRAY['open','paid','void','draft'])[1 + (random() * 3)::int] AS status,
       CASE WHEN random() < 0.95 THEN round((random() * 1000)::numeric, (random() * 14)::int)
       	END AS amount, '2026-01-01'::date + (random() * 50)::int AS day, (random() * 9)::int AS part
FROM generate_series(1, 500) g;
CREATE TEMP TABLE parts AS
SELECT part, tally_invoices(currency, status, NULL, amount, amount, amount, day) AS p FROM rows
	GROUP BY part
UNION ALL SELECT 100, tally_invoices(currency, status, NULL, amount, amount, amount, day) FROM rows
	WHERE false;
SELECT merge(p ORDER BY part DESC) = whole AS descending, merge(p ORDER BY md5(part::text)) = whole
	AS shuffled,
       merge(p::text::balance.position) = whole AS through_text, merge(p - p) = '1{}' AS nothing
FROM parts, (SELECT tally_invoices(currency, status, NULL, amount, amount, amount, day
	ORDER BY md5(id::text)) AS whole FROM rows) w GROUP BY whole;

-- sliding windows: exact inverse transitions, equal to the frame tallied anew
SELECT bool_and(slid
	= (SELECT tally_invoices(r.currency, r.status, NULL, r.amount, r.amount, r.amount, r.day)
	FROM rows r WHERE r.id BETWEEN w.id - 7 AND w.id + 3)) AS invoices,
       bool_and(short = (SELECT tally_invoices(r.currency, r.status, NULL, r.amount) FROM rows r
       	WHERE r.id BETWEEN w.id - 7 AND w.id + 3)) AS short_form,
       bool_and(merged = slid) AS merged, count(*)
FROM (SELECT id, tally_invoices(currency, status, NULL, amount, amount, amount, day) OVER f AS slid,
             tally_invoices(currency, status, NULL, amount) OVER f AS short,
             merge(one) OVER f AS merged
      FROM (SELECT *, tally_invoices_add(NULL, currency, status, NULL, amount, amount, amount, day)
      	AS one FROM rows) x
      WINDOW f AS (ORDER BY id ROWS BETWEEN 7 PRECEDING AND 3 FOLLOWING)) w;
SELECT bool_and(a = (SELECT tally_deposits(currency, status, amount) FROM rows r
	WHERE r.id BETWEEN w.id - 2 AND w.id - 1)) AS deposits,
       bool_and(b = (SELECT tally_charges(currency, status, amount) FROM rows r
       	WHERE r.id BETWEEN w.id - 2 AND w.id - 1)) AS charges,
       bool_and(c = (SELECT tally_unit_invoices(currency, 'paid', amount) FROM rows r
       	WHERE r.id BETWEEN w.id - 2 AND w.id - 1)) AS unit_invoices,
       bool_and(d = (SELECT tally_unit_orders(currency, 'issued', id % 2 = 0, amount) FROM rows r
       	WHERE r.id BETWEEN w.id - 2 AND w.id - 1)) AS unit_orders,
       bool_and(e = (SELECT tally_credit_memos(currency, 'issued', id, part) FROM rows r
       	WHERE r.id BETWEEN w.id - 2 AND w.id - 1)) AS credit_memos,
       count(*)
FROM (SELECT id, tally_deposits(currency, status, amount) OVER f AS a,
	tally_charges(currency, status, amount) OVER f AS b,
             tally_unit_invoices(currency, 'paid', amount) OVER f AS c,
             	tally_unit_orders(currency, 'issued', id % 2 = 0, amount) OVER f AS d,
             tally_credit_memos(currency, 'issued', id, part) OVER f AS e
      FROM rows WINDOW f AS (ORDER BY id ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING)) w;
-- the same with dues that many rows share, instants, amounts of all sizes and NULLs, in frames
-- from one row to more than a journal is kept in order for; frames of 15 and 90 rows lose just
-- such a row as they get, but for what it is due
CREATE TEMP TABLE due_rows AS
SELECT id, (ARRAY['usd', 'eur', 'jpy'])[1 + id % 3] AS currency,
	(ARRAY['open', 'draft', 'open', 'paid', 'void'])[1 + id * 7 % 5] AS status,
	id * 37 % 1000 / 100.0 AS plain, 10 AS alike,
	CASE id % 41 WHEN 0 THEN 1e15 WHEN 1 THEN NULL WHEN 2 THEN 1e-12 WHEN 3 THEN -5
		WHEN 4 THEN 92000000000 ELSE id / 1e8 END AS odd,
	CASE WHEN id % 11 > 0 THEN '2026-01-01'::date + id * id % 97 END AS day,
	'2026-01-01'::date + id / 1000 AS busy_day,
	'2026-01-01 00:00+00'::timestamptz + (id * 7919 % 3000) * interval '1 minute' AS instant
FROM generate_series(1, 3000) id;
CREATE FUNCTION slides(amounts text, due text, frame int)
RETURNS TABLE (amounts_of text, due_of text, frame_of int, compared bigint, differing bigint)
LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('
		SELECT %1$L, %2$L, %3$s, count(*), count(*) FILTER (WHERE slid IS DISTINCT FROM
			(SELECT tally_invoices(r.currency, r.status, NULL, r.%1$I, r.%1$I, r.%1$I, r.%2$I)
			FROM due_rows r WHERE r.id BETWEEN w.id - %3$s + 1 AND w.id))
		FROM (SELECT id, tally_invoices(currency, status, NULL, %1$I, %1$I, %1$I, %2$I)
			OVER (ORDER BY id ROWS %3$s - 1 PRECEDING) AS slid FROM due_rows) w
		WHERE id %% (1 + %3$s / 8) = 0 AND id > %3$s', amounts, due, frame);
END $$;
SELECT s.* FROM unnest(ARRAY['plain', 'alike', 'odd']) amounts,
	unnest(ARRAY['day', 'busy_day', 'instant']) due, unnest(ARRAY[1, 7, 15, 90, 700, 2500]) frame,
	slides(amounts, due, frame) s ORDER BY 1, 2, 3;
-- and nothing of a row that has left the frame stays behind
SELECT tally_charges(c, t, a) OVER (ORDER BY n ROWS BETWEEN CURRENT ROW AND CURRENT ROW)
FROM (VALUES (1, 'usd', 'usage', 1e40), (2, 'usd', 'usage', NULL), (3, 'jpy', 'fixed', 1e-20),
	(4, 'usd', 'usage', 5)) v(n, c, t, a);

-- support functions called by hand take and give whole positions
SELECT tally_invoices_add(NULL, 'usd', 'open', NULL, 1),
	tally_invoices_remove('1{USD 1 open(1 1 0?1 0?1)}', 'usd', 'open', NULL, 1),
       position_combine(NULL, NULL), position_combine('1{USD 1}', NULL),
       	position_combine(NULL, '1{USD 1}'), position_final(NULL);
DROP FUNCTION slides;
DROP TABLE inv, rows, parts, due_rows;
