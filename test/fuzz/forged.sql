-- Every function of the extension that SQL can call, by hand: with arguments of
-- the right types that no aggregate, document or report would give it, and with
-- states that were begun elsewhere.  Variable: seed.  Prints lines that begin
-- with ok or not ok.
SET client_min_messages = warning;
SET search_path = public, balance;
SET balance.ledger = 'billing';
SELECT FROM setseed((:seed % 1000000) / 1000000.0);

-- states that nobody finished, in a table: an aggregate of one's own without a final function
CREATE AGGREGATE public.unfinished(text, text, text, numeric, numeric, numeric, date)
	(SFUNC = balance.tally_invoices_add, STYPE = balance.position);
CREATE AGGREGATE public.unfinished_deposits(text, text, numeric)
	(SFUNC = balance.tally_deposits_add, STYPE = balance.position);
-- and one that removes what was never there, from a position that is at its bounds
CREATE AGGREGATE public.below(text, text, text, numeric, numeric, numeric, date)
	(SFUNC = balance.tally_invoices_remove, STYPE = balance.position,
	INITCOND = '1{EUR -9223372036854775807 open(-9223372036854775807 0 0 0), USD 2 open(2 1 0 0)}',
		FINALFUNC = balance.position_final);
CREATE TABLE forged (p balance.position);
INSERT INTO forged VALUES (NULL), ('1{}'), ('1{EUR 0}'),
	('1{EUR 9223372036854775807 open(9223372036854775807 1 1 1)}'),
	('1{USD -1 open(-1 -1 -1 -1) due(-infinity -3 4) due(infinity 3 4)}'),
		('1{XAU 1 deposit("" 1 0?-5)}'),
	('1{KWD 3 due_at(294276-12-31T23:59:59.999999Z 1 1) '
		'usage(3 170141183460469231731687303.715884105727)}');
INSERT INTO forged
SELECT unfinished(currency, invoice_status, payment_status, total, amount_due, amount_remaining,
	due_date) FROM billing.invoice GROUP BY currency;
INSERT INTO forged SELECT unfinished_deposits(currency, status, amount) FROM billing.deposit
GROUP BY customer_id;
INSERT INTO forged SELECT unfinished_deposits('eur', repeat('x', g), g)
FROM generate_series(1, 2000, 10) g;

CREATE TABLE as_it_was AS SELECT p::text AS t FROM forged;

-- values by type, as SQL
CREATE TABLE sample (type regtype, value text);
INSERT INTO sample VALUES
	('balance.position', '(SELECT p FROM forged ORDER BY random() LIMIT 1)'),
	('text', 'NULL'), ('text', ''''''), ('text', '''eur'''), ('text', '''USD'''),
		('text', '''open'''), ('text', '''paid'''), ('text', '''issued'''), ('text', '''usage'''),
	('text', '''Europe/Berlin'''), ('text', '''c1'''), ('text', 'repeat(''x'', 100000)'),
		('text', '''☃'''), ('text', '''customer-credits'''), ('text', '''22023'''),
		('text', '''total_overdue_amount'''),
	('text', '(SELECT customer_id FROM billing.customer ORDER BY random() LIMIT 1)'),
	('numeric', 'NULL'), ('numeric', '0'), ('numeric', '''NaN'''), ('numeric', '''-Infinity'''),
		('numeric', '12.50'), ('numeric', '1e131071'), ('numeric', '-1e-16383'),
		('numeric', '170141183460469231731687303.715884105727'),
	('date', 'NULL'), ('date', '''infinity'''), ('date', '''-infinity'''),
		('date', '''5874897-12-31'''), ('date', '''4713-01-01 BC'''), ('date', '''2024-02-29'''),
	('timestamptz', 'NULL'), ('timestamptz', '''infinity'''), ('timestamptz', '''-infinity'''),
		('timestamptz', '''294276-12-31 23:59:59.999999Z'''),
		('timestamptz', '''4714-11-24 00:00Z BC'''), ('timestamptz', '''2024-02-29Z'''),
	('bigint', 'NULL'), ('bigint', '0'), ('bigint', '9223372036854775807'),
		('bigint', '(-9223372036854775808)'), ('int', 'NULL'), ('int', '2147483647'), ('int', '-1'),
	('boolean', 'NULL'), ('boolean', 'true'), ('boolean', 'false'),
	('int[]', 'NULL'), ('int[]', '''{}'''), ('int[]', '''{30,60,90}'''), ('int[]', '''{NULL}'''),
		('int[]', '''{{1,2},{3,4}}'''), ('int[]', '''{5,2147483646}'''),
		('int[]', '''{0,2147483647}'''), ('int[]', '''[-5:-4]={1,2}'''),
	('regnamespace', 'NULL'), ('regnamespace', '''billing'''), ('regnamespace', '''pg_catalog'''),
		('regnamespace', '1'), ('regnamespace', '0'), ('name', '''made'''), ('name', '''''');

CREATE TABLE called (function text, sqlstate text, message text, query text);

CREATE PROCEDURE call_all(rounds int) LANGUAGE plpgsql AS $$
DECLARE
	f record;
	query text;
BEGIN
	FOR f IN
		SELECT p.oid::regprocedure::text AS signature, p.oid::regproc::text AS name,
			p.proargtypes::oid[]::regtype[] AS types, prokind, proretset
		FROM pg_proc p, generate_series(1, rounds)
		WHERE pronamespace = 'balance'::regnamespace
			AND NOT proargtypes::oid[] && ARRAY['internal'::regtype, 'cstring'::regtype]::oid[]
		AND proname <> 'create_ledger'
		ORDER BY p.oid
	LOOP
		SELECT string_agg(format('(%s)::%s',
			coalesce((SELECT s.value FROM sample s WHERE s.type = t
			ORDER BY random() + n * 0 LIMIT 1), 'NULL'), t), ', ' ORDER BY n)
		INTO query FROM unnest(f.types) WITH ORDINALITY u(t, n);
		query := format('SELECT * FROM %s(%s) AS f', f.name, query);
		IF f.prokind = 'a' THEN
			query := format('SELECT * FROM (SELECT %s AS f FROM generate_series(1, 5)) q',
				substring(query FROM 'FROM (.*) AS f$'));
		END IF;
		BEGIN
			-- f::text, so that a position is written, too
			EXECUTE format('SELECT count(f::text) FROM (%s) f', query);
			INSERT INTO called VALUES (f.signature);
		EXCEPTION WHEN OTHERS THEN
			INSERT INTO called VALUES (f.signature, SQLSTATE, SQLERRM, query);
		END;
	END LOOP;
END $$;
CALL call_all(150);

-- one after another on one state outside of an aggregate, and on stored ones inside
CREATE FUNCTION attempt(title text, query text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE query INTO answer;
	INSERT INTO called VALUES (title);
EXCEPTION WHEN OTHERS THEN
	INSERT INTO called VALUES (title, SQLSTATE, SQLERRM, query);
END $$;
SELECT
FROM attempt('one''s own aggregate that starts below',
	'SELECT below(currency, invoice_status, payment_status, total, amount_due, amount_remaining,
	due_date)::text FROM billing.invoice');
SELECT
FROM attempt('stored states merged',
	'SELECT merge(p)::text FROM (SELECT p FROM forged ORDER BY random()) f');
SELECT
FROM attempt('stored states in a frame',
	'SELECT max(length((merge(p) OVER (ROWS 2 PRECEDING))::text)) FROM forged');
SELECT
FROM attempt('stored states sorted and hashed',
	'SELECT count(DISTINCT p) + count(DISTINCT position_hash(p)) FROM forged');
SELECT
FROM attempt('stored states as keys',
	'SELECT count(*) FROM forged a JOIN forged b ON a.p = b.p GROUP BY a.p LIMIT 1');
SELECT
FROM attempt('state functions in a row',
	'SELECT position_combine(merge_remove(tally_deposits_add(p, ''eur'', ''x'', 5), p),
		position_final(p))::text FROM forged
	 WHERE p IS NOT NULL AND p::text !~ ''\d{19}'' ORDER BY random() LIMIT 1');
SELECT
FROM attempt('state functions on every stored state',
	'SELECT count(tally_deposits_add(p, ''eur'', ''new'', 5)::text)
		+ count(merge_remove(p, ''1{USD 1}'')::text) FROM forged WHERE p::text !~ ''\d{19}''');
CREATE AGGREGATE public.mixed(balance.position) (SFUNC = balance.position_combine,
	STYPE = balance.position);
CREATE AGGREGATE public.subtracting(balance.position) (SFUNC = balance.position_subtract,
	STYPE = balance.position, INITCOND = '1{}');
SELECT
FROM attempt('a combine function as a transition function', 'SELECT mixed(p)::text FROM forged');
SELECT
FROM attempt('an operator as a transition function', 'SELECT subtracting(p)::text FROM forged');

-- An unfinished state equals its position in all respects, and nobody wrote into what is stored.
SELECT CASE WHEN EXISTS (SELECT p::text FROM forged EXCEPT ALL TABLE as_it_was) THEN 'not ok'
	ELSE 'ok' END, 'stored states are as they were';
SELECT CASE
	WHEN bool_and(p = position_final(p) AND p::text = position_final(p)::text
	AND position_hash(p) = position_hash(position_final(p))
	AND (p + p - p) = p AND p::text::balance.position = p) THEN 'ok' ELSE 'not ok' END,
		'unfinished states are positions'
FROM forged WHERE p IS NOT NULL AND p::text !~ '\d{19}';

SELECT format('%s: %s %s in %s', function, sqlstate, message, left(query, 1000)) FROM (
	SELECT DISTINCT ON (function, sqlstate) * FROM called WHERE sqlstate ~ '^XX' ORDER BY function,
		sqlstate, length(query)) q;
SELECT CASE WHEN count(*) FILTER (WHERE sqlstate ~ '^XX') > 0 OR count(sqlstate) = 0
	OR count(*) = count(sqlstate) THEN 'not ok' ELSE 'ok' END,
	format('%s calls of %s functions by hand, %s of them refused', count(*),
		count(DISTINCT function), count(sqlstate)) FROM called;
