-- Stored bytes that are no position, or no longer: an error, and no more.  What a damaged page
-- or a superuser's cast brings is never trusted, least of all the state of an aggregate, which
-- begins with a 0 and is full of offsets.
SET client_min_messages = warning;
CREATE SCHEMA damaged;
SET search_path = damaged, balance;
SELECT FROM setseed(0.25);

-- any bytes as a position, and back
CREATE TYPE stored;
CREATE FUNCTION stored_in(cstring) RETURNS stored AS 'byteain'
	LANGUAGE internal IMMUTABLE STRICT;
CREATE FUNCTION stored_out(stored) RETURNS cstring AS 'byteaout'
	LANGUAGE internal IMMUTABLE STRICT;
CREATE TYPE stored (INPUT = stored_in, OUTPUT = stored_out, INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double, STORAGE = extended);
CREATE CAST (stored AS balance.position) WITHOUT FUNCTION;
CREATE CAST (balance.position AS stored) WITHOUT FUNCTION;
CREATE FUNCTION raw(balance.position) RETURNS bytea LANGUAGE sql
	AS 'SELECT $1::stored::text::bytea';
CREATE FUNCTION of_raw(bytea) RETURNS balance.position LANGUAGE sql
	AS 'SELECT $1::text::stored::balance.position';

\set SHOW_CONTEXT never
SELECT of_raw('\x')::text;
SELECT of_raw('\x') = '1{}';
SELECT of_raw('\x00')::text;
SELECT of_raw('\x0036a701040000112233')::text;
SELECT of_raw(decode(repeat('00', 200), 'hex'))::text;
SELECT of_raw('\x7f')::text;

-- States as an aggregate without a final function leaves them in a table: with every section,
-- dues and instants, texts, sums that take a numeric, and journals that are kept in order.
CREATE AGGREGATE unfinished(balance.position) (SFUNC = merge_add, STYPE = balance.position,
	MSFUNC = merge_add, MINVFUNC = merge_remove, MSTYPE = balance.position);
CREATE AGGREGATE unfinished(text, text, text, numeric)
	(SFUNC = tally_invoices_add, STYPE = balance.position);
CREATE AGGREGATE unfinished(text, text, text, numeric, numeric, numeric, date)
	(SFUNC = tally_invoices_add, STYPE = balance.position);
CREATE AGGREGATE unfinished(text, text, text, numeric, numeric, numeric, timestamptz)
	(SFUNC = tally_invoices_add, STYPE = balance.position);
CREATE AGGREGATE unfinished(text, text, numeric)
	(SFUNC = tally_deposits_add, STYPE = balance.position);
CREATE TABLE row_of_a_book AS SELECT n,
	(ARRAY['usd', 'eur', 'gbp', 'brl', 'jpy'])[1 + n % 5] AS currency,
	(ARRAY['open', 'draft', 'paid', 'void', 'open'])[1 + n * 31 % 5] AS status,
	CASE WHEN n % 20 = 0 THEN 1e30 + n ELSE n * 7 / 100.0 END AS amount,
	date '2026-01-01' + n % 90 AS due
FROM generate_series(1, 400) n;
CREATE TABLE kept (name text, p balance.position);
INSERT INTO kept SELECT 'totals', unfinished(currency, status, NULL, amount)
FROM row_of_a_book WHERE n <= 12;
INSERT INTO kept SELECT 'dates of ' || most, unfinished(currency, status, NULL, amount, amount,
	amount, due)
FROM row_of_a_book, (VALUES (12), (400)) v(most) WHERE n <= most GROUP BY most;
INSERT INTO kept SELECT 'instants', unfinished(currency, status, NULL, amount, amount,
	nullif(amount, 0.35), due::timestamptz)
FROM row_of_a_book WHERE n <= 25;
INSERT INTO kept SELECT 'texts', unfinished(currency, 'status ' || n % 7, nullif(amount, 0.35))
FROM row_of_a_book WHERE n <= 25;
INSERT INTO kept SELECT 'everything', unfinished(p) FROM unnest(ARRAY[
	'1{EUR 3 open(2 1 1 1) void(1 0 0 0) due(2026-02-01 1 5.25) usage(1 2.5)
		deposit("held" 1 3)}',
	'1{USD 2 credit(1 5) memo_available(1 500 20), XAU 1}',
	'1{USD 1 open(1 1000000000000000000000000000000 0?1 0)}']::balance.position[]) p;
CREATE FUNCTION position_of(row_of_a_book) RETURNS balance.position LANGUAGE sql AS $$
	SELECT tally_invoices($1.currency, $1.status, NULL, $1.amount, $1.amount, $1.amount, $1.due)
$$;
CREATE TABLE kept_in_a_frame AS SELECT n, unfinished(position_of(r)) OVER w AS p,
	merge(position_of(r)) OVER w AS packed
FROM row_of_a_book r WINDOW w AS (ORDER BY n ROWS 150 PRECEDING);
INSERT INTO kept SELECT 'in a frame', p FROM kept_in_a_frame WHERE n = 400;
-- each is a state, and means what it did
SELECT name, get_byte(raw(p), 0) AS form, length(raw(p)) > 2000 AS is_long,
	p = p::text::balance.position AND p = position_final(p) AND p + p - p = p AS same FROM kept;
SELECT count(*), bool_and(p = packed AND p::text = packed::text) AS same FROM kept_in_a_frame;

-- One fault at a time, which has its own words.  A state has its numbers at fixed places: of
-- currencies at 2 and of places at 4, from 8 on where its sections are (totals, uncounted,
-- invoices and so on), at 32 where the journal is, with its lengths at 36 and 40, and from
-- 44 on the currencies in their places.  Offsets count the four bytes of its length.
CREATE FUNCTION put(bytes bytea, at int, new bytea) RETURNS bytea LANGUAGE sql AS $$
	SELECT overlay(bytes PLACING new FROM 1 + at FOR length(new))
$$;
CREATE FUNCTION word(n int) RETURNS bytea LANGUAGE sql AS $$
	SELECT decode(string_agg(lpad(to_hex(n >> i & 255), 2, '0'), '' ORDER BY i), 'hex')
	FROM generate_series(0, 24, 8) i
$$;
CREATE FUNCTION word_at(bytes bytea, at int) RETURNS int LANGUAGE sql AS $$
	SELECT sum(get_byte(bytes, at + i) << 8 * i) FROM generate_series(0, 3) i
$$;
CREATE FUNCTION fault(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
BEGIN
	RETURN of_raw(bytes)::text;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN concat_ws(' ', SQLSTATE, SQLERRM, detail);
END $$;
CREATE VIEW whole AS SELECT form, b, word_at(b, 32) - 4 AS journal, word_at(b, 4) AS places
FROM (SELECT form, raw(unfinished(p))
	FROM (VALUES ('dues', '1{USD 1 open(1 1 1 1) due(2026-01-01 1 5) due(2026-01-02 1 5)
			deposit("held" 1 3)}'::balance.position),
		('wide', '1{USD 1 open(1 1000000000000000000000000000000 0?1 0)}')) v(form, p)
	GROUP BY form
	UNION ALL SELECT 'totals', raw(unfinished(c, 'open', NULL, 1))
	FROM (VALUES ('usd'), ('eur')) v(c)) s(form, b);
SELECT w.form, what, fault(bytes) FROM whole w,
LATERAL (VALUES
	('dues', 1, 'nothing', b),
	('wide', 2, 'nothing', b),
	('totals', 3, 'nothing', b),
	('totals', 4, 'no place', put(b, 4, word(0))),
	('totals', 5, 'too many places', put(b, 4, word(70000))),
	('totals', 6, 'places beyond the end', put(b, 4, word(2000))),
	('totals', 7, 'a currency of no code', put(b, position('\xa736'::bytea IN b) - 1, '\x0000')),
	('totals', 8, 'each currency one place on', put(b, 44, substr(b, 43 + 2 * places, 2)
		|| substr(b, 45, 2 * places - 2))),
	('totals', 9, 'three currencies', put(b, 2, '\x03')),
	('totals', 10, 'a section further on', put(b, 8, word(word_at(b, 8) + 8))),
	('totals', 11, 'two sections of invoices', put(put(b || decode(repeat('00', 128 * places),
		'hex'), 16, word(journal + 4)), 32, word(journal + 4 + 128 * places))),
	('totals', 12, 'a journal further on', put(b, 32, word(journal + 4 + 8))),
	('totals', 13, 'a journal beyond the end', substr(b, 1, journal - 8)),
	('totals', 14, 'a journal that is used beyond the end', put(b, 36,
		word(length(b) - journal + 8))),
	('dues', 15, 'more is sorted than used', put(b, 40, word(word_at(b, 36) + 8))),
	('dues', 16, 'half an entry', put(b, 36, word(8))),
	('dues', 17, 'half an entry is sorted', put(b, 40, word(8))),
	('dues', 18, 'no tag', put(b, journal + 2, '\x00')),
	('dues', 19, 'a tag of a later version', put(b, journal + 2, '\xc8')),
	('dues', 20, 'a deposit that is no long entry', put(b, journal + 2, '\x0a')),
	('dues', 21, 'an instant that is cut off', put(put(b, 36, word(16)), journal + 2, '\x07')),
	('dues', 22, 'a long entry that is cut off', put(b, 36, word(32 + 40))),
	('dues', 23, 'a long entry too short', put(b, journal + 32 + 16, word(40))),
	('dues', 24, 'a long entry too long', put(b, journal + 32 + 16, word(1024))),
	('dues', 25, 'a long entry of odd length', put(b, journal + 32 + 16, word(52))),
	('dues', 26, 'a measure less than none', put(b, journal + 32 + 4, word(-1))),
	('dues', 27, 'a measure too many', put(b, journal + 32 + 4, word(1))),
	('dues', 28, 'a text less than none', put(b, journal + 32 + 24, '\xffffffffffffffff')),
	('dues', 29, 'a text too long', put(b, journal + 32 + 24, word(9))),
	('dues', 30, 'bytes that are no text', put(b, journal + 32 + 48, '\xff')),
	('dues', 31, 'a currency without a place', put(b, journal, '\xa90c')),
	('dues', 32, 'a day after the last', put(b, journal + 4, word(2147483646))),
	('dues', 33, 'all is sorted', put(b, 40, word(word_at(b, 36)))),
	('dues', 34, 'the first day is the last', put(put(b, 40, word(word_at(b, 36))), journal + 4,
		word(10000))),
	('wide', 35, 'rows of a slot', put(b, journal + 32, word(1))),
	('wide', 36, 'usage without its section', put(b, journal + 2, '\x08')),
	('wide', 37, 'unknown of void rows', put(b, journal + 56 + 2, '\x05')),
	('wide', 38, 'a numeric with a short header', put(b, journal + 48, word(33))),
	('wide', 39, 'a numeric beyond its entry', put(b, journal + 48, word(4 * 16))),
	('wide', 40, 'a numeric without a header', put(b, journal + 48, word(4 * 4))),
	('wide', 41, 'half a digit', put(b, journal + 48, word(4 * 7))),
	('wide', 42, 'not a number', put(b, journal + 52, '\x00c0')),
	('wide', 43, 'half a header', put(b, journal + 48, word(4 * 6) || '\x0000')),
	('wide', 44, 'a negative digit', put(b, journal + 54, '\xffff')),
	('wide', 45, 'a digit too great', put(b, journal + 54, '\x1027')),
	('wide', 46, 'the greatest digit', put(b, journal + 54, '\x0f27'))
) v(form, n, what, bytes) WHERE w.form = v.form ORDER BY n;
-- the least number of 128 bits, which alone has no counterpart among them
SELECT p::text, (-p)::text, -(-p) = p + '1{}' AS same
FROM of_raw(('\x0236a72a0468656c64020d' || repeat('ff', 18) || '030000')::bytea) p;
-- the same as it is sent: a length, and then words, from the number of digits on
SELECT what, fault(bytes)
FROM raw('1{USD 1 open(1 1000000000000000000000000000000 0?1 0)}') b,
LATERAL (VALUES
	(1, 'nothing', b),
	(2, 'a length less than the header', put(b, 6, '\x07')),
	(3, 'two digits', put(b, 7, '\x0002')),
	(4, 'no sign', put(b, 11, '\x1234')),
	(5, 'not a number', put(b, 11, '\xc000')),
	(6, 'infinite', put(b, 11, '\xd000')),
	(7, 'a scale too great', put(b, 13, '\x4000')),
	(8, 'a digit too great', put(b, 15, '\x2710'))
) v(n, what, bytes) ORDER BY n;

-- The same with other bytes: a few that are random or at a bound, a 32-bit number that is, one
-- that is a little off, a piece of another; cut off, or with more behind.  Most are wrong near
-- the beginning, where the offsets are, and some are packed positions.
CREATE FUNCTION random_byte() RETURNS bytea LANGUAGE sql VOLATILE AS $$
	SELECT set_byte('\x00', 0, (ARRAY[0, 1, 2, 127, 128, 255, (random() * 255)::int,
		(random() * 255)::int])[1 + floor(random() * 8)])
$$;
CREATE FUNCTION mutant(bytes bytea) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
	size int := length(bytes);
	word int;
BEGIN
	FOR i IN 0..floor(random() * 3) LOOP
		word := 4 * floor(CASE WHEN random() < 0.5 THEN least(size, 64) ELSE size END
			* random() / 4);
		CONTINUE WHEN word + 4 > size;
		bytes := CASE floor(random() * 6)
			WHEN 0 THEN put(bytes, word + floor(random() * 4)::int, random_byte())
			WHEN 1 THEN put(bytes, word, (ARRAY['\x00000000', '\xffffffff', '\xffffff7f',
				'\x00000080', '\x01000000', '\x00010000', '\xf8ffffff', '\x10000000'])[1
				+ floor(random() * 8)]::bytea)
			WHEN 2 THEN put(bytes, word, random_byte() || random_byte() || '\x0000')
			WHEN 3 THEN set_byte(bytes, word, (256 + get_byte(bytes, word)
				+ (ARRAY[-16, -8, -1, 1, 8, 16])[1 + floor(random() * 6)]) % 256)
			WHEN 4 THEN put(bytes, word, substr(bytes, 1 + 4 * (random() * (size - 4) / 4)::int,
				4))
			ELSE put(bytes, word, random_byte())
		END;
	END LOOP;
	RETURN CASE floor(random() * 12)
		WHEN 0 THEN substr(bytes, 1, floor(random() * size)::int)
		WHEN 1 THEN bytes || decode(repeat('00', floor(random() * 64)::int), 'hex')
		ELSE bytes END;
END $$;
CREATE TABLE damaged (id int GENERATED ALWAYS AS IDENTITY, name text, p stored);
INSERT INTO damaged (name, p) SELECT name, mutant(raw(p))::text::stored
FROM kept, generate_series(1, 120);
INSERT INTO damaged (name, p) SELECT name || ', packed', mutant(raw(p + '1{}'))::text::stored
FROM kept, generate_series(1, 30);

-- Each way in: by itself, and by aggregates that are partly ours, whose states another function
-- has made.  What can be read as a state reads the same in every way.
CREATE FUNCTION second(balance.position, balance.position) RETURNS balance.position LANGUAGE sql
	AS 'SELECT $2';
CREATE AGGREGATE ended_by_us(balance.position) (SFUNC = second, STYPE = balance.position,
	FINALFUNC = position_final);
CREATE AGGREGATE ended_by_adding(balance.position) (SFUNC = second, STYPE = balance.position,
	FINALFUNC = merge_add, FINALFUNC_EXTRA);
CREATE AGGREGATE combined(balance.position) (SFUNC = position_combine, STYPE = balance.position,
	FINALFUNC = position_final);
CREATE AGGREGATE removed_by_us(balance.position) (SFUNC = merge_add, STYPE = balance.position,
	MSFUNC = second, MINVFUNC = merge_remove, MSTYPE = balance.position,
	MFINALFUNC = position_final);
CREATE AGGREGATE added_by_us(balance.position) (SFUNC = merge_add, STYPE = balance.position,
	MSFUNC = merge_add, MINVFUNC = second, MSTYPE = balance.position,
	MFINALFUNC = position_final);
CREATE TABLE way (name text, query text, is_same boolean);
INSERT INTO way VALUES
	('text', '$1::text', true),
	('sum', '($1 + ''1{}'')::text', true),
	('difference', '(-(-$1) + $1 - $1)::text', true),
	('position_final', 'position_final($1)::text', true),
	('position_combine', 'position_combine(NULL, $1)::text', true),
	('merge_add', 'merge_add($1, $1)::text', false),
	('tally_deposits_add', 'tally_deposits_add($1, ''bgn'', ''new'', 5)::text', false),
	('position_send', 'position_send($1)::text', false),
	('comparison', '($1 < ''1{USD 1}'' OR $1 = $1)::text', false),
	('hash', 'position_hash($1)::text', false),
	('jsonb', '$1::jsonb::text', false),
	('customer_balance', 'to_customer_balance($1, ''wb'', ''c'')::text', false),
	('invoice_summary', 'to_invoice_summary($1, ''c'', ''usd'', ''2026-02-01Z'', ''UTC'')::text',
		false),
	('vcu_balance', 'to_vcu_balance($1, ''2026-01-01'', ''2026-02-01'')::text', false),
	('ageing', '(SELECT string_agg(a::text, '' '') FROM ageing($1, ''2026-02-01Z'', ''UTC'') a)',
		false),
	('credit_rows', '(SELECT string_agg(r::text, '' '') FROM credit_rows($1) r)', false),
	('merge', '(SELECT merge(q) FROM unnest(ARRAY[NULL, $1]) q)::text', true),
	('ended_by_us', '(SELECT ended_by_us(q) FROM unnest(ARRAY[$1]) q)::text', true),
	('ended_by_adding', '(SELECT ended_by_adding(q) FROM unnest(ARRAY[$1]) q)::text', true),
	('combined', '(SELECT combined(q) FROM unnest(ARRAY[$1]) q)::text', true),
	('removed_by_us', 'in_a_frame(''removed_by_us(q) OVER (ORDER BY n ROWS CURRENT ROW)'', $1)',
		false),
	('added_by_us', 'in_a_frame(''added_by_us(q) OVER (ORDER BY n ROWS 1 PRECEDING)'', $1)', false);
CREATE FUNCTION in_a_frame(call text, p balance.position) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
	EXECUTE format('SELECT string_agg(p::text, '' '')
		FROM (SELECT %s AS p FROM unnest(ARRAY[$1, $1, $1]) WITH ORDINALITY u(q, n)) w', call)
	INTO answer USING p;
	RETURN answer;
END $$;
CREATE TABLE tried (id int, is_state boolean, way text, sqlstate text, message text, answer text);
CREATE FUNCTION try(id int, p stored, way way) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	answer text;
	is_state boolean := p::text ~ '^\\x00';
BEGIN
	EXECUTE 'SELECT ' || way.query INTO answer USING p::balance.position;
	INSERT INTO tried VALUES (id, is_state, way.name, NULL, NULL, answer);
EXCEPTION WHEN OTHERS THEN
	INSERT INTO tried VALUES (id, is_state, way.name, SQLSTATE, SQLERRM);
END $$;
SELECT FROM damaged d, way, try(d.id, d.p, way) ORDER BY d.id \g /dev/null

-- numbers out of range and amounts that are not known are nothing that damages do not bring
SELECT DISTINCT ON (way, sqlstate) way, sqlstate, message FROM tried
WHERE sqlstate NOT IN ('XX001', '0A000', '22003', '22004') ORDER BY way, sqlstate, message;
SELECT is_state, count(*) > 3000 AS many,
	count(*) FILTER (WHERE sqlstate = 'XX001') > 1000 AS refused,
	count(answer) > 500 AS answered,
	array_agg(DISTINCT message) FILTER (WHERE sqlstate = 'XX001') AS messages
FROM tried GROUP BY is_state ORDER BY is_state;
SELECT id, array_agg(DISTINCT answer) FROM tried JOIN way ON way = name AND is_same
WHERE is_state AND answer IS NOT NULL GROUP BY id HAVING count(DISTINCT answer) > 1;
-- what is refused is refused in every way
SELECT id, way FROM tried WHERE is_state AND sqlstate IS NULL
AND id IN (SELECT id FROM tried WHERE sqlstate = 'XX001');

-- a state that travels through a tuple is looked at there, too
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 1;
ALTER FUNCTION second(balance.position, balance.position) PARALLEL SAFE;
CREATE AGGREGATE met(balance.position) (SFUNC = second, STYPE = balance.position,
	COMBINEFUNC = position_combine, FINALFUNC = position_final, PARALLEL = SAFE);
CREATE TABLE one_damaged AS SELECT of_raw(put(raw(p), 28, '\xffffff7f')) AS p
FROM kept WHERE name = 'totals';
EXPLAIN (COSTS OFF) SELECT met(p)::text FROM one_damaged;
SELECT met(p)::text FROM one_damaged;
DROP SCHEMA damaged CASCADE;
