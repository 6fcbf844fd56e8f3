-- The aggregates of amounts in minor units: the same positions as those of major units.
SET search_path = balance, public;

CREATE TEMP TABLE inv (id int, currency text, status text, payment text, total bigint, due bigint,
	remaining bigint, day date, instant timestamptz);
INSERT INTO inv VALUES
 (1, 'usd', 'open', NULL, 12050, 12050, 12050, '2026-01-31', '2026-01-31 12:00+00'),
 (2, 'JPY', 'partially_paid', NULL, 1200, 1200, 600, '2026-01-31', '2026-01-31 12:00+00'),
 (3, 'kwd', 'draft', NULL, 1250, 1250, 1250, NULL, NULL),
 (4, 'CLF', 'paid', 'succeeded', 10001, 10001, 0, '2026-01-15', '2026-01-15 12:00+00'),
 (5, 'usd', 'void', NULL, 99900, NULL, NULL, '2026-01-01', '2026-01-01 12:00+00'),
 (6, 'XAU', 'finalized', 'failed', 3, 3, 3, '2026-02-28', '2026-02-28 12:00+00'),
 (7, 'dem', 'sent', NULL, NULL, 5, NULL, '2026-02-28', '2026-02-28 12:00+00');

SELECT tally_invoices_minor(currency, status, payment, total, due, remaining, day) FROM inv;
SELECT tally_invoices_minor(currency, status, payment, total, due, remaining, instant) FROM inv;
SELECT tally_invoices_minor(currency, status, payment, total) FROM inv;
SELECT tally_invoices_minor(currency, status, payment, total)
	= tally_invoices_minor(currency, status, payment, total, NULL, NULL, NULL::date) AS same
FROM inv;
SELECT tally_charges_minor(c, t, a) FROM (VALUES ('usd', 'usage', 150), ('jpy', 'USAGE', 1),
	('kwd', 'fixed', 2), ('usd', NULL, 3), ('usd', 'seat', NULL)) v(c, t, a);
SELECT tally_deposits_minor(c, s, a) FROM (VALUES ('usd', 'settled', 150), ('jpy', 'Settled', 1),
	('eur', 'settled', NULL), ('clf', '', -1)) v(c, s, a);
SELECT tally_invoices_minor(currency, status, payment, total) FILTER (WHERE id > 100),
	tally_charges_minor('usd', 'usage', 1) FILTER (WHERE false) FROM inv;
-- smaller integers are minor units, too; what may have decimals is not
SELECT tally_invoices_minor('usd', 'open', NULL, 1::smallint), tally_deposits_minor('usd', 'a', 1);
-- whose words differ by version
\set VERBOSITY sqlstate
SELECT tally_invoices_minor('usd', 'open', NULL, 1.00);
SELECT tally_charges_minor('usd', 'usage', 1::float8);
SELECT tally_deposits_minor('usd', 'held', 1::numeric);

\set VERBOSITY default
-- each currency that there is or was, with amounts up to the ends of bigint
CREATE TEMP TABLE cases AS
SELECT row_number() OVER (ORDER BY c, a) AS id, c, a, round(major_units(a, c), 12) AS major,
	(ARRAY['open','paid','void','draft'])[1 + abs(a % 4)] AS status, DATE '2026-01-01' AS day
FROM (SELECT chr(65 + i / 676) || chr(65 + i / 26 % 26) || chr(65 + i % 26) AS c
	FROM generate_series(0, 26 * 26 * 26 - 1) i) codes,
	(VALUES (0), (1), (-1), (99), (12345), (922337203685), (92233720368547759),
	(-92233720368547759), (9223372036854775807), (-9223372036854775808)) v(a)
WHERE known_currency(c);
SELECT array_agg(DISTINCT minor_unit(c) ORDER BY minor_unit(c)) AS minor_units FROM cases;
SELECT major_units(a, c) AS major, a / power(10::numeric, COALESCE(minor_unit(c), 0)) AS by_hand
FROM cases WHERE major_units(a, c) <> a / power(10::numeric, COALESCE(minor_unit(c), 0));
SELECT count(*) > 2500 AS many,
	bool_and(tally_invoices_minor_add(NULL, c, status, NULL, a, a, a, day)
		= tally_invoices_add(NULL, c, status, NULL, major, major, major, day)) AS with_dates,
	bool_and(tally_invoices_minor_add(NULL, c, status, NULL, a, a, a, day::timestamptz)
		= tally_invoices_add(NULL, c, status, NULL, major, major, major, day::timestamptz))
		AS with_instants,
	bool_and(tally_invoices_minor_add(NULL, c, status, NULL, a)
		= tally_invoices_add(NULL, c, status, NULL, major)) AS totals,
	bool_and(tally_invoices_minor_remove(NULL, c, status, NULL, a)
		= tally_invoices_remove(NULL, c, status, NULL, major)) AS removed,
	bool_and(tally_charges_minor_add(NULL, c, status, a)
		= tally_charges_add(NULL, c, status, major)) AS charges,
	bool_and(tally_deposits_minor_add(NULL, c, status, a)
		= tally_deposits_add(NULL, c, status, major)) AS deposits
FROM cases;
-- all of them in one state, by parts, and in sliding windows
SELECT tally_invoices_minor(c, status, NULL, a, a, a, day)
	= tally_invoices(c, status, NULL, major, major, major, day) AS invoices,
	tally_invoices_minor(c, status, NULL, a) = tally_invoices(c, status, NULL, major) AS totals,
	tally_charges_minor(c, status, a) = tally_charges(c, status, major) AS charges,
	tally_deposits_minor(c, status, a) = tally_deposits(c, status, major) AS deposits,
	tally_invoices_minor(c, status, NULL, a, a, a, day)
	= (SELECT merge(p) FROM (SELECT tally_invoices_minor(c, status, NULL, a, a, a, day) AS p
		FROM cases GROUP BY id % 7) parts) AS by_parts
FROM cases;
SELECT bool_and(a = b) AS invoices, bool_and(c = d) AS charges, bool_and(e = f) AS deposits,
	count(*) > 2500 AS many
FROM (SELECT tally_invoices_minor(c, status, NULL, a, a, a, day) OVER w,
	tally_invoices(c, status, NULL, major, major, major, day) OVER w,
	tally_charges_minor(c, status, a) OVER w, tally_charges(c, status, major) OVER w,
	tally_deposits_minor(c, status, a) OVER w, tally_deposits(c, status, major) OVER w
	FROM cases WINDOW w AS (ORDER BY id ROWS BETWEEN 12 PRECEDING AND 3 PRECEDING))
	AS s(a, b, c, d, e, f);
-- two kinds of amounts in one position
SELECT tally_invoices_minor('kwd', 'open', NULL, 1250) + tally_invoices('kwd', 'open', NULL, 1.25);

-- what is no currency has no minor units; the errors are those of major units
SELECT tally_invoices_minor('USDT', 'void', NULL, 1);
SELECT tally_invoices_minor('USDT', 'open', NULL, 1);
\echo :LAST_ERROR_SQLSTATE
SELECT tally_charges_minor('USDT', 'usage', 1);
SELECT tally_deposits_minor('', 'held', 1);
SELECT tally_invoices_minor(NULL, 'void', NULL, 1);
\echo :LAST_ERROR_SQLSTATE
SELECT tally_charges_minor(NULL, 'usage', 1);
SELECT tally_deposits_minor('usd', NULL, 1);
SELECT tally_invoices_minor('usd', 'shipped', NULL, 1);
SELECT to_customer_balance(tally_invoices_minor('usd', 'open', NULL, NULL), 'a', 'b');
SELECT to_customer_balance(tally_invoices_minor(c, 'open', NULL, 1250), 'a', 'b')
	-> 0 -> 'total_invoices_ready_for_payment' AS ready
FROM unnest('{usd,jpy,kwd,clf,xau}'::text[]) c GROUP BY c ORDER BY c;
DROP TABLE inv, cases;
