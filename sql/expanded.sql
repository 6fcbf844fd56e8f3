-- What an aggregate returns is read by projections before it is packed: the
-- answers must be those of the same position when it was stored.
\pset null -
SET search_path = balance, pg_temp;
SET client_min_messages = warning;
CREATE TEMP TABLE rows AS
SELECT n, n % 4 AS customer_id,
	(ARRAY['usd', 'EUR', 'jpy', 'kwd', 'gbp', 'chf', 'sek', 'nok', 'dkk'])[1 + n * 7 % 9]
	AS currency,
       (ARRAY['draft', 'open', 'finalized', 'paid', 'voided', NULL])[1 + n % 6] AS invoice_status,
       (ARRAY[NULL, 'pending', 'succeeded', 'Failed'])[1 + n % 4] AS payment_status,
       CASE n % 50 WHEN 7 THEN 1e30 + n WHEN 8 THEN n * 1e-10 WHEN 9 THEN 9e10 ELSE n * 1.37
       	END AS total,
       CASE n % 60 WHEN 8 THEN -1e25 WHEN 9 THEN 1e-20 ELSE n * 1.37 END AS amount_due,
       CASE n % 40 WHEN 7 THEN n * 1e-13 ELSE n * 0.37 END AS amount_remaining,
       CASE WHEN n % 11 = 0 THEN NULL WHEN n % 7 = 0 THEN 'infinity' ELSE date '2025-01-01'
       	+ n * 13 % 90 END AS due_date,
       CASE WHEN n % 11 = 0 THEN NULL ELSE timestamptz '2025-01-01 00:00+00'
       	+ n * 13 % 90 * interval '7 hours' END AS due_at,
       CASE WHEN n % 5 > 0 THEN n * 2.5 END AS deposit, 'state ' || repeat('x', n % 40)
       	AS deposit_status
FROM generate_series(1, 3000) n;

-- every projection, of the aggregate and of its stored result; what raises, raises the same
CREATE FUNCTION pg_temp.answers(p balance.position) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
	answers text[];
	answer text;
	query text;
BEGIN
	FOREACH query IN ARRAY ARRAY['SELECT to_customer_balance($1, ''wb'', ''c'')::text',
		'SELECT to_invoice_summary($1, ''c'', NULL, ''2025-02-14 10:00+00'', ''UTC'')::text',
		'SELECT to_vcu_balance($1, ''2025-01-01'', ''2025-02-01'')::text', 'SELECT $1::text',
			'SELECT $1::jsonb::text',
			'SELECT string_agg(a::text, '' '') FROM ageing($1, ''2025-02-14 10:00+00'', ''UTC'') a',
		'SELECT string_agg(r::text, '' '') FROM balance_rows($1) r',
			'SELECT string_agg(r::text, '' '') FROM credit_rows($1) r',
			'SELECT ($1 + $1 - $1 = $1)::text', 'SELECT (-(-$1) = $1)::text'] LOOP
		BEGIN
			EXECUTE query INTO answer USING p;
		EXCEPTION WHEN OTHERS THEN
			answer := SQLSTATE || ' ' || SQLERRM;
		END;
		answers := answers || COALESCE(answer, 'null');
	END LOOP;
	RETURN answers;
END $$;
-- the same in one expression, where nothing has flattened the argument yet
CREATE FUNCTION pg_temp.direct(p balance.position) RETURNS text[] LANGUAGE sql IMMUTABLE AS
$$SELECT ARRAY[to_customer_balance(p, 'wb', 'c')::text, to_invoice_summary(p, 'c', NULL,
	'2025-02-14 10:00+00', 'UTC')::text, p::text, (p + p - p = p)::text, (-(-p) = p)::text,
	(p::text::balance.position = p)::text]$$;
CREATE TEMP TABLE stored AS
SELECT kind, customer_id, p FROM (
	SELECT 'short' AS kind, customer_id,
		tally_invoices(currency, invoice_status, payment_status, total) AS p FROM rows
		GROUP BY customer_id
	UNION ALL SELECT 'date', customer_id,
		tally_invoices(currency, invoice_status, payment_status, total, amount_due,
		amount_remaining, due_date) FROM rows GROUP BY customer_id
	UNION ALL SELECT 'instant', customer_id,
		tally_invoices(currency, invoice_status, payment_status, total, amount_due,
		amount_remaining, due_at) FROM rows GROUP BY customer_id
	UNION ALL SELECT 'unknown', customer_id,
		tally_invoices(currency, invoice_status, payment_status, NULLIF(total, 1.37),
		NULLIF(amount_due, 2.74), NULLIF(amount_remaining, 1.11), due_date) FROM rows
		GROUP BY customer_id
	UNION ALL SELECT 'deposits', customer_id,
		tally_deposits(currency, deposit_status, COALESCE(deposit, 1)) FROM rows
		GROUP BY customer_id
	UNION ALL SELECT 'unknown deposits', customer_id,
		tally_deposits(currency, deposit_status, deposit) FROM rows GROUP BY customer_id
	UNION ALL SELECT 'memos', customer_id, tally_credit_memos(currency, 'issued', n, n / 2)
		FROM rows GROUP BY customer_id
	UNION ALL SELECT 'units', customer_id, tally_unit_invoices(currency, 'paid', total) FROM rows
		GROUP BY customer_id) s;
CREATE TEMP TABLE found AS
SELECT 'date' AS kind, customer_id,
	pg_temp.direct(tally_invoices(currency, invoice_status, payment_status, total, amount_due,
	amount_remaining, due_date)) AS answers FROM rows GROUP BY customer_id
UNION ALL SELECT 'instant', customer_id,
	pg_temp.direct(tally_invoices(currency, invoice_status, payment_status, total, amount_due,
	amount_remaining, due_at)) FROM rows GROUP BY customer_id
UNION ALL SELECT 'deposits', customer_id,
	pg_temp.direct(tally_deposits(currency, deposit_status, COALESCE(deposit, 1))) FROM rows
	GROUP BY customer_id;
SELECT f.kind, count(*), count(DISTINCT f.answers),
	bool_and(f.answers = pg_temp.direct(s.p)) AS same
FROM found f JOIN stored s USING (kind, customer_id) GROUP BY kind ORDER BY kind;
SELECT bool_and(pg_temp.answers(p) = pg_temp.answers(p::text::balance.position)), count(*)
	FROM stored;

-- sets of rows straight from an aggregate
SELECT kind, rows FROM (
	SELECT 'balance' AS kind, (SELECT md5(string_agg(r::text, '|')) FROM balance_rows(p) r)
		= (SELECT md5(string_agg(r::text, '|')) FROM balance_rows(p::text::balance.position) r)
		AS rows
	FROM (SELECT tally_invoices(currency, invoice_status, payment_status, total) AS p FROM rows
		WHERE n % 50 NOT IN (7, 8)) a
	UNION ALL SELECT 'ageing', (SELECT md5(string_agg(r::text, '|'))
		FROM ageing(p, '2025-02-14 10:00+00', 'UTC') r) = (SELECT md5(string_agg(r::text, '|'))
		FROM ageing(p::text::balance.position, '2025-02-14 10:00+00', 'UTC') r)
	FROM (SELECT tally_invoices(currency, invoice_status, payment_status, total, amount_due,
		amount_remaining, due_at) AS p FROM rows) a
	UNION ALL SELECT 'summary', (SELECT md5(string_agg(r::text, '|'))
		FROM invoice_rows(p, '2025-02-14 10:00+00', 'UTC') r)
		= (SELECT md5(string_agg(r::text, '|'))
		FROM invoice_rows(p::text::balance.position, '2025-02-14 10:00+00', 'UTC') r)
	FROM (SELECT tally_invoices(currency, invoice_status, payment_status, total, amount_due,
		amount_remaining, due_date) AS p FROM rows) a) k;

-- it is packed for whoever keeps it: tables, sorts, arrays, records, variables, other aggregates
CREATE TEMP TABLE kept AS
	SELECT tally_invoices(currency, invoice_status, payment_status, total, amount_due,
	amount_remaining, due_date) AS p FROM rows GROUP BY customer_id, currency ORDER BY 1;
SELECT count(*), count(DISTINCT p),
	bool_and(record_image_eq(ROW(p), ROW(p::text::balance.position))) AS canonical FROM kept;
SELECT (SELECT merge(p) FROM kept) = (SELECT merge(tallied)
	FROM (SELECT tally_invoices(currency, invoice_status, payment_status, total, amount_due,
	amount_remaining, due_date) AS tallied FROM rows GROUP BY n % 17) t) AS merged,
       (SELECT bool_and(pg_column_size(tallied) = 4 + octet_length(position_send(tallied)))
       	FROM (SELECT tally_invoices(currency, invoice_status, payment_status, total, amount_due,
       	amount_remaining, due_date) AS tallied FROM rows GROUP BY customer_id, currency) t) AS size,
       (SELECT bool_and(a[1] = a[2] AND record_image_eq(ROW(a[1]), ROW(a[2])))
       	FROM (SELECT ARRAY[tally_charges(currency, 'usage', total),
       	tally_charges(currency, 'usage', total)] AS a FROM rows GROUP BY customer_id) t) AS arrays;
SELECT (SELECT array_agg(p ORDER BY p) FROM kept) = (SELECT array_agg(tallied ORDER BY tallied)
	FROM (SELECT tally_invoices(currency, invoice_status, payment_status, total, amount_due,
	amount_remaining, due_date) AS tallied FROM rows GROUP BY customer_id, currency) t) AS sorted,
       (SELECT tally_charges(currency, 'usage', total) - tally_charges(currency, 'usage', total)
       	FROM rows) = '1{}' AS gone,
       (SELECT (r).p = '1{USD 1 usage(1 5)}'
       	FROM (SELECT ROW(1, tally_charges('usd', 'usage', 5))::record AS x,
       	tally_charges('usd', 'usage', 5) AS p) r) AS record;
DO $$
DECLARE
	a balance.position;
	b balance.position;
BEGIN
	SELECT balance.tally_charges(currency, 'usage', total),
		balance.tally_charges(currency, 'fixed', total) INTO a, b FROM pg_temp.rows;
	a := a + b;
	ASSERT a - b = (SELECT balance.tally_charges(currency, 'usage', total) FROM pg_temp.rows);
	ASSERT balance.position_final(a) = a;
END $$;

-- two of them add up slot by slot, and where a slot overflows, exactly
SELECT tally_charges('usd', 'usage', 9e10) + tally_charges('usd', 'usage', 9e10) AS sum,
	tally_charges('usd', 'usage', 9e10) - tally_charges('usd', 'usage', -9e10) AS difference,
       tally_invoices('usd', 'open', NULL, 9e10, 1, 1, date '2025-01-01')
       	+ tally_invoices('usd', 'open', NULL, 9e10, 2, 2, date '2025-01-01') AS invoices,
       tally_invoices('usd', 'open', NULL, 1)
       	+ tally_invoices('usd', 'open', NULL, 1, 2, 2, date '2025-01-01') AS unknown,
       tally_invoices('usd', 'open', NULL, 1, 2, 2, date '2025-01-01')
       	+ tally_invoices('usd', 'open', NULL, 1) AS unknown_too
FROM (VALUES (1)) v;
-- what no slot takes, of cells that count no rows, taken away
SELECT '1{}'::balance.position - merge(p::balance.position)
	FROM (VALUES ('1{USD 0 usage(0 1000000000000000000000000000000)}'),
	('1{EUR 0 open(0 0 1000000000000000000000000000000 0)}')) v(p);
SELECT merge('1{USD 9223372036854775807 usage(9223372036854775807 1)}')
	+ tally_charges('usd', 'usage', 1) FROM (VALUES (1)) v;

-- sliding frames, of which most of the journal is kept in order, against the same frames tallied
-- anew
CREATE AGGREGATE pg_temp.anew(text, text, text, numeric, numeric, numeric,
	date) (SFUNC = tally_invoices_add, STYPE = balance.position, FINALFUNC = position_final);
CREATE AGGREGATE pg_temp.anew(text, text, text, numeric, numeric, numeric,
	timestamptz) (SFUNC = tally_invoices_add, STYPE = balance.position, FINALFUNC = position_final);
CREATE AGGREGATE pg_temp.anew(text, text, numeric) (SFUNC = tally_deposits_add,
	STYPE = balance.position, FINALFUNC = position_final);
SELECT count(*),
	count(DISTINCT a) > 700 AS different, bool_and(a = x AND record_image_eq(ROW(a), ROW(x)))
	AS dates, bool_and(b = y) AS instants, bool_and(c = z) AS deposits,
       bool_and(to_jsonb(s) = to_jsonb(t)) AS summaries
FROM (SELECT tally_invoices(currency, invoice_status, payment_status, total, amount_due,
	amount_remaining, due_date) OVER f AS a,
             pg_temp.anew(currency, invoice_status, payment_status, total, amount_due,
             	amount_remaining, due_date) OVER f AS x,
             tally_invoices(currency, invoice_status, payment_status, total, amount_due,
             	amount_remaining, due_at) OVER f AS b,
             pg_temp.anew(currency, invoice_status, payment_status, total, amount_due,
             	amount_remaining, due_at) OVER f AS y,
             tally_deposits(currency, deposit_status, deposit) OVER f AS c,
             	pg_temp.anew(currency, deposit_status, deposit) OVER f AS z,
             to_invoice_summary(tally_invoices(currency, invoice_status, payment_status, total,
             	amount_due, amount_remaining, due_date) OVER f, 'c', NULL, '2025-02-14 10:00+00',
             	'UTC') AS s,
             to_invoice_summary(pg_temp.anew(currency, invoice_status, payment_status, total,
             	amount_due, amount_remaining, due_date) OVER f, 'c', NULL, '2025-02-14 10:00+00',
             	'UTC') AS t
      FROM rows WHERE n <= 800
      	WINDOW f AS (ORDER BY n ROWS BETWEEN 150 PRECEDING AND 1 FOLLOWING)) w;
-- rows of one date add up beyond what a short entry counts, and vanish with the last of them
SELECT n, p FROM (SELECT n,
	tally_invoices('usd', 'open', NULL, 1, 1, 1, CASE WHEN n < 1200 THEN date '2025-01-01' + n % 2
	END) OVER (ORDER BY n ROWS BETWEEN 899 PRECEDING AND CURRENT ROW) AS p
	FROM generate_series(1, 2100) n) w
WHERE n IN (1, 900, 1500, 2097, 2098, 2099);
-- a currency whose last row has left a frame is gone
SELECT count(*), bool_and(a = b) FROM (
	SELECT to_invoice_summary(tally_invoices(currency, invoice_status, payment_status, total,
		amount_due, amount_remaining, due_date) OVER f, 'c', NULL, '2025-02-14 10:00+00', 'UTC')
		AS a,
	       to_invoice_summary(pg_temp.anew(currency, invoice_status, payment_status, total,
	       	amount_due, amount_remaining, due_date) OVER f, 'c', NULL, '2025-02-14 10:00+00', 'UTC')
	       	AS b
	FROM rows WHERE n <= 300 WINDOW f AS (ORDER BY n ROWS BETWEEN 3 PRECEDING AND CURRENT ROW)) w;
-- support functions by hand, on a position without invoices
SELECT tally_invoices_add('1{USD 1 usage(1 5)}', 'usd', 'open', NULL, 1),
	tally_invoices_add('1{USD 1 usage(1 5)}', 'usd', 'open', NULL, 1, 2, 3, date '2025-01-01');

-- documents are byte for byte what the server writes for the same text
SELECT f.kind, bool_and(record_image_eq(ROW(d), ROW(d::text::jsonb))) AS identical,
	max(jsonb_array_length(d)) AS currencies
FROM (SELECT kind, to_customer_balance(p, 'wb', customer_id::text) AS d FROM stored
	WHERE kind IN ('date', 'deposits')) f GROUP BY kind ORDER BY kind;
SELECT bool_and(record_image_eq(ROW(d), ROW(d::text::jsonb))) AS identical, count(*)
FROM (SELECT to_invoice_summary(p, repeat('c', customer_id), 'jpy', '2025-02-14 10:00+00', 'UTC')
	FROM stored WHERE kind = 'date' UNION ALL SELECT to_vcu_balance(p, '2025-01-01', '2025-02-01')
	FROM stored WHERE kind = 'units' UNION ALL SELECT p::jsonb FROM stored) x(d);
-- keys come in any order, of any length, with what needs escaping, and more than have offsets
SELECT count(*), bool_and(record_image_eq(ROW(d), ROW(d::text::jsonb))) AS identical,
	bool_and((SELECT count(*) FROM jsonb_each(d -> 0 -> 'deposits')) = keys) AS complete
FROM (SELECT
	to_customer_balance(tally_deposits('usd', CASE n % 4 WHEN 0 THEN 'é' || n WHEN 1
	THEN '"' || repeat('z', n) WHEN 2 THEN n::text ELSE '\' || chr(200 + n) END, n), '', '') AS d,
	max(n) AS keys
      FROM generate_series(0, 100) k, generate_series(1, k) n GROUP BY k) x WHERE keys IS NOT NULL;

-- What cancels out is not there, whatever form it is read in: random sums and differences of a few
-- positions, every projection over the state and over what is stored of it.
\set at '\'2026-02-01 00:00Z\', \'UTC\''
\set all '(SELECT string_agg(r::text, \'|\') FROM '
\set rows :all 'ageing(p, ' :at ') r), ' :all 'invoice_rows(p, ' :at ') r), '
\set rows :rows :all 'balance_rows(p) r), ' :all 'unit_rows(p) r), ' :all 'credit_rows(p) r), '
\set documents 'to_customer_balance(p, \'wb\', \'c\')::text, '
\set documents :documents 'to_invoice_summary(p, \'c\', NULL, ' :at ')::text, '
\set documents :documents 'to_vcu_balance(p, NULL, NULL)::text, p::jsonb::text, p::text'
\set answers 'ARRAY[' :rows :documents ']'
SELECT :answers
	FROM (SELECT merge(p) AS p
	FROM (VALUES ('1{USD 1 open(1 1 1 1) due(2020-01-01 1 1)}'::balance.position),
	(-'1{USD 1 open(1 1 1 1) due(2020-01-01 1 1)}'::balance.position),
	('1{USD 1 credit(1 5)}')) v(p)) s;
SELECT setseed(0.11);
CREATE TEMP TABLE part AS
SELECT n, n / 4 AS g, CASE WHEN random() < 0.5 THEN p ELSE -p END AS p
FROM generate_series(1, 3000) n,
	LATERAL (SELECT
	(ARRAY['1{}', '1{USD 1 open(1 1 1 1) due(2026-01-01 1 1)}',
	'1{USD 1 draft(1 1 1 1) due(2026-01-01 1 1)}', '1{USD 1 open(1 2 2 2) due(2026-03-01 1 2)}',
	'1{USD 2 open(2 2 2 2) due(2026-01-01 2 2)}',
	'1{USD 1 open(1 1 1 1) due_at(2026-01-31T12:00:00Z 1 1)}', '1{USD 0 due(2026-01-01 1 1)}',
		'1{USD 0 due_at(2026-02-01T00:00:00Z 0 7)}',
		'1{USD 200 open(200 200 200 200) due(2026-01-01 200 200)}', '1{USD 1 open(1 1 1 1)}',
		'1{USD 1 paid(1 5 5 0)}', '1{USD 1 void(1 5 5 5)}',
	'1{USD 0 open(0 1 1 1)}', '1{USD 1 usage(1 3)}', '1{USD 1 fixed(1 3)}',
		'1{USD 1 deposit("held" 1 4)}', '1{USD 0 deposit("held" 0 1)}', '1{USD 1 credit(1 5)}',
		'1{USD 1 debt(1 5)}', '1{USD 1}', '1{USD 1 memo_available(1 500 100)}',
		'1{USD 1 memo_spent(1 500 500)}',
	'1{EUR 1 open(1 1 1 1) due(2026-01-01 1 1)}', '1{EUR 1 credit(1 5)}'])[1
		+ floor(24 * random())::int + n * 0]::balance.position) t(p);
CREATE TEMP TABLE whole AS SELECT g, merge(p) AS p FROM part GROUP BY g;
CREATE TEMP TABLE sliding AS SELECT n AS g,
	merge(p) OVER (ORDER BY n ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS p FROM part;
CREATE TEMP TABLE invoices AS SELECT n AS g,
	tally_invoices('usd', 'open', NULL, 1, 1, 1, CASE WHEN n % 3 > 0 THEN date '2026-01-01' + n % 7
	END) FILTER (WHERE n % 10 < 4) OVER f AS p
FROM generate_series(1, 200) n WINDOW f AS (ORDER BY n ROWS BETWEEN 2 PRECEDING AND CURRENT ROW);
CREATE TEMP TABLE answered (form text, g int, answers text[]);
INSERT INTO answered SELECT 'merge', g, :answers
	FROM (SELECT g, merge(p) AS p FROM part GROUP BY g) s;
INSERT INTO answered SELECT 'sliding', g, :answers
	FROM (SELECT n AS g, merge(p) OVER (ORDER BY n ROWS BETWEEN 3 PRECEDING AND CURRENT ROW) AS p
	FROM part) s;
INSERT INTO answered SELECT 'invoices', g, :answers
	FROM (SELECT n AS g,
	tally_invoices('usd', 'open', NULL, 1, 1, 1, CASE WHEN n % 3 > 0 THEN date '2026-01-01' + n % 7
	END) FILTER (WHERE n % 10 < 4) OVER f AS p
	FROM generate_series(1, 200) n
		WINDOW f AS (ORDER BY n ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)) s;
SELECT form, count(*), bool_and(a.answers = s.answers) AS same,
	count(*) FILTER (WHERE s.answers[1] IS NULL) > 0 AS some_without_invoices
FROM answered a
	JOIN (SELECT 'merge' AS form, g, :answers AS answers FROM whole
	UNION ALL SELECT 'sliding', g, :answers FROM sliding UNION ALL SELECT 'invoices', g, :answers
	FROM invoices) s USING (form, g) GROUP BY form ORDER BY form;
