-- The type: text and binary form, the group, order, jsonb.
SET search_path = balance, public;

-- the empty position
SELECT '1{}'::balance.position;
SELECT ' 1 { } '::balance.position;

-- every kind of cell, in canonical order
CREATE TEMP TABLE every (p balance.position);
INSERT INTO every VALUES
('1{EUR 3 draft(1 1.5 2.25 2.25) open(1 120.50 100?1 50.25) paid(1 10 10 0), '
 'USD 25 void(1 7 7 7) due(-infinity 1 1) due(0000-12-31 1 2) due(2026-01-31 2 3) '
   'due(infinity 1 1) '
 'due_at(2026-01-31T23:59:59.5Z 1 4) due_at(infinity 1 1) '
 'usage(1 5) fixed(2 -6.000) deposit("" 1 1) deposit("Settled" 1 3?1) '
   'deposit("a \"quoted\" \\ one" 1 2) '
 'credit(1 1) used_credit(2 2) debt(3 3) future_debt(4 0.0000000000000000000000001) '
 'memo_draft(1 100 0) memo_available(2 300 100) memo_spent(1 5 5) memo_void(1 1 0)}');
SELECT p FROM every;
SELECT jsonb_pretty(p::jsonb) FROM every;

-- no setting shows in the text
SET DateStyle = 'German'; SET TimeZone = 'Asia/Kathmandu'; SET IntervalStyle = 'postgres_verbose';
SELECT p = p::text::balance.position AS same, md5(p::text) = md5(p::text::balance.position::text)
	AS same_text FROM every;
SELECT '1{USD 0 due(2026-01-31 1 4) due_at(2026-01-31T23:59:59.5Z 1 4)}'::balance.position;
RESET DateStyle; RESET TimeZone; RESET IntervalStyle;

-- sums have one form, however they are written; rows that no cell counts show
SELECT '1{USD 9 open(1 001.500 0.0 -0.000)}'::balance.position;
SELECT '1{USD 0 open(0 0 0 0)}'::balance.position;

-- wide sums: many digits before or behind the point
SELECT '1{USD 1 '
	'credit(1 99999999999999999999999999999999999999.0000000000000000000000001)}'::balance.position;
SELECT '1{USD 1 credit(1 999999999999999999999999.999999999999)}'::balance.position
     + '1{USD 1 credit(1 0.000000000001)}'::balance.position;

-- bad text
SELECT ''::balance.position;
\echo :LAST_ERROR_SQLSTATE
SELECT '2{}'::balance.position;
SELECT '1{'::balance.position;
SELECT '1{}x'::balance.position;
SELECT '1{ZZZ 1}'::balance.position;
SELECT '1{usd 1}'::balance.position;
SELECT '1{USD}'::balance.position;
SELECT '1{USD 9223372036854775808}'::balance.position;
SELECT '1{USD 1 closed(1 1 1 1)}'::balance.position;
SELECT '1{USD 1 open(1 1 1)}'::balance.position;
SELECT '1{USD 1 open(1 1 1 1 1)}'::balance.position;
SELECT '1{USD 1 open(1 NaN 1 1)}'::balance.position;
SELECT '1{USD 1 open(1 Infinity 1 1)}'::balance.position;
SELECT '1{USD 1 open(1 1e3 1 1)}'::balance.position;
SELECT '1{USD 1 open(1 1. 1 1)}'::balance.position;
SELECT '1{USD 1 open(1 .5 1 1)}'::balance.position;
SELECT '1{USD 1 open(1 1? 1 1)}'::balance.position;
SELECT '1{USD 1 void(1 1?1 1 1)}'::balance.position;
SELECT '1{USD 1 due(2026-01-31 1 1?1)}'::balance.position;
SELECT '1{USD 1 due(today 1 1)}'::balance.position;
SELECT '1{USD 1 due(2026-02-29 1 1)}'::balance.position;
SELECT '1{USD 1 due(31.01.2026 1 1)}'::balance.position;
SELECT '1{USD 1 due_at(2026-01-31T24:00:00Z 1 1)}'::balance.position;
SELECT '1{USD 1 due_at(2026-01-31T12:00:00 1 1)}'::balance.position;
SELECT '1{USD 1 deposit("a 1 1)}'::balance.position;
SELECT '1{USD 1 deposit("a\'::balance.position;
SELECT '1{USD 1 paid(1 1 1 1) open(1 1 1 1)}'::balance.position;
SELECT '1{USD 1 open(1 1 1 1) open(1 1 1 1)}'::balance.position;
SELECT '1{USD 1 due(2026-01-31 1 1) due(2026-01-31 1 1)}'::balance.position;
SELECT '1{USD 2 deposit("b" 1 1) deposit("a" 1 1)}'::balance.position;
SELECT '1{USD 3 deposit("b" 1 1) deposit("a" 1 1) deposit("b" 1 1)}'::balance.position;
SELECT '1{USD 1, EUR 1}'::balance.position;
SELECT '1{USD 1, USD 1}'::balance.position;
\echo :LAST_ERROR_SQLSTATE
-- no bad text raises any other error, and from 16 on none does where it is but asked about
DO $$
DECLARE
	input text;
	valid boolean;
BEGIN
	FOREACH input
		IN ARRAY ARRAY['x', '1{USD 9223372036854775808}',
		'1{USD -9223372036854775808 open(1 1 1 1)}',
		'1{USD -2 draft(9223372036854775807 0 0 0) open(1 0 0 0)}',
		format('1{USD 1 credit(1 %s)}', repeat('9', 131073)),
			format('1{USD 1 credit(1 0.%s)}', repeat('9', 16384))]
	LOOP
		valid := true;
		IF current_setting('server_version_num')::int >= 160000 THEN
			EXECUTE 'SELECT pg_input_is_valid($1, ''balance.position'')' INTO valid USING input;
		ELSE
			BEGIN
				PERFORM input::balance.position;
			EXCEPTION WHEN invalid_text_representation THEN
				valid := false;
			END;
		END IF;
		IF valid THEN
			RAISE 'taken for a position: %', left(input, 60);
		END IF;
	END LOOP;
END
$$;
-- the widest amounts there are; the least counts
SELECT length(format('1{USD 1 credit(1 %s.%s)}', repeat('9', 131072),
	repeat('9', 16383))::balance.position::text);
SELECT '1{USD -9223372036854775808 open(-9223372036854775808 0?-9223372036854775808 0 '
	'0)}'::balance.position;
-- so many unknown rows that those which are known would be no bigint
SELECT '1{USD 1 open(1 1?-9223372036854775807 1 1)}'::balance.position;

-- binary form: what is sent reads back; what is not canonical is refused
SELECT encode(position_send('1{USD 2 open(1 12.5 0 0?-3) due(2000-01-02 -1 0)}'), 'hex');
CREATE TEMP TABLE copied (LIKE every);
\copy every TO 'results/position_copy.bin' (FORMAT binary)
\copy copied FROM 'results/position_copy.bin' (FORMAT binary)
SELECT count(*), bool_and(e.p = c.p) FROM every e, copied c;

-- binary input, from bytes, in the wrapping of a COPY; a server that runs elsewhere or as somebody
-- else writes no file here
CREATE FUNCTION pg_temp.received(bytes text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	copied bytea := '\x5047434f50590aff0d0a00 00000000 00000000 0001' || int4send(length(bytes) / 2)
		|| decode(bytes, 'hex') || '\xffff';
	escaped text;
	p balance.position;
	detail text;
BEGIN
	SELECT string_agg(format('\%s%s%s', byte >> 6, byte >> 3 & 7, byte & 7), ''
		ORDER BY i) INTO escaped
	FROM generate_series(0, length(copied) - 1) i, get_byte(copied, i) byte;
	CREATE TEMP TABLE got (p balance.position);
	EXECUTE format('COPY got FROM PROGRAM %L (FORMAT binary)', format('printf ''%s''', escaped));
	SELECT got.p INTO p FROM got;
	DROP TABLE got;
	RETURN p;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN SQLSTATE || ' ' || SQLERRM || ' / ' || detail;
END $$;
SELECT what, pg_temp.received(replace(bytes, ' ', '')) FROM (VALUES
 ('as sent', '02 36a7 01 02 00'),
 ('unknown by the bigint', '01 36a7 01380f6d01ff01feffffffffffffffff0100011202010200000000'),
 ('empty', '02'),
 ('no bytes', ''),
 ('version 1', '01 36a7 01 02 00'),
 ('version 1, not canonical', '01 36a7 08 02 03 c413 00 00'),
 ('a later version', '03'),
 ('a measure too many', '02 36a7 48 02 00 00 00 00 00'),
 ('a measure too few', '02 36a7 43 02 02 02 00 02 02 00 00'),
 ('cut in a currency', '02 36'),
 ('cut in a cell', '02 36a7 01'),
 ('cut at the end', '02 36a7 01 02'),
 ('junk behind', '02 36a7 01 02 00 00'),
 ('unknown currency', '02 0000 01 02 00'),
 ('unknown tag', '02 36a7 13 02 00'),
 ('a zero cell', '02 36a7 01 00 00'),
 ('an empty currency', '02 36a7 00'),
 ('currency twice', '02 36a7 01 02 00 36a7 01 02 00'),
 ('tags out of order', '02 36a7 28 02 00 00 01 02 00'),
 ('tag twice', '02 36a7 01 02 01 02 00'),
 ('a sum past 128 bits', '02 36a7 28 02 02 ffffffffffffffffffffffffffffffffffff03 00 00'),
 ('a long varint', '02 36a7 01 8280 00 00'),
 ('more than 64 bits', '02 36a7 01 ffffffffffffffffff7f 00'),
 ('more than 128 bits', '02 36a7 28 02 01 ffffffffffffffffffffffffffffffffffffff7f 00 00'),
 ('usage 12.5', '02 36a7 28 02 02 fa01 00 00'),
 ('trailing zero', '02 36a7 28 02 03 c413 00 00'),
 ('zero with digits', '02 36a7 28 02 02 00 00 00'),
 ('a scale of 13', '02 36a7 28 02 0e 02 00 00'),
 ('small as wide', '02 36a7 28 02 ff 0a 0001 0000 0000 0000 0001 00 00'),
 ('wide 1e-16', '02 36a7 28 02 ff 0a 0001 fffc 0000 0010 0001 00 00'),
 ('wide NaN', '02 36a7 28 02 ff 08 0000 0000 c000 0000 00 00'),
 ('wide infinity', '02 36a7 28 02 ff 08 0000 0000 d000 0020 00 00'),
 ('wide cut', '02 36a7 28 02 ff 0a 0002 fffc 0000 0010 0001 00 00'),
 ('wide too long', '02 36a7 28 02 ff 0c 0001 fffc 0000 0010 0001 0001 00 00'),
 ('wide of nothing', '02 36a7 28 02 ff 00 00 00'),
 ('a length past the end', '02 36a7 2a ffffffffff0f 61 02 00 00'),
 ('a bad digit', '02 36a7 28 02 ff 0a 0001 fffc 0000 0010 2710 00 00'),
 ('due 2000-01-02', '02 36a7 26 02 02 00 00'),
 ('due past 32 bits', '02 36a7 26 8080 8080 8040 02 00 00'),
 ('due past the last date', '02 36a7 26 fcff ffff 0f 02 00 00'),
 ('due infinity', '02 36a7 26 feff ffff 0f 02 00 00'),
 ('due_at before the first instant', '02 36a7 27 fdff ffff ffff ffff ff01 02 00 00'),
 ('status not UTF-8', '02 36a7 2a 01 ff 02 00 00 00'),
 ('status with a zero byte', '02 36a7 2a 01 00 02 00 00 00'),
 ('unknown void amounts', '02 36a7 65 02 00 02 00 00 00 00 00')) v(what, bytes);

-- the group
CREATE TEMP TABLE three (a balance.position, b balance.position, c balance.position);
INSERT INTO three VALUES
('1{EUR 2 open(2 120.50 100 50.25) due(2026-01-31 1 50.25), USD 1}',
 '1{EUR 1 open(1 -120.50 0?1 0) due(2026-01-31 -1 -50.25) deposit("held" 1 5), JPY 1 '
   'paid(1 1200 1200 0)}',
 '1{CLF 1 credit(1 0.0000000000000000000000001), EUR 1 memo_available(1 9223372036854775807 1)}');
SELECT a + b AS sum, a - b AS difference, -b AS negative FROM three;
SELECT a + b - b = a AS inverse, a + b = b + a AS commutes, (a + b) + c = a + (b + c) AS associates,
       a - a = '1{}' AS zero, -(-a) = a AS twice, a - b = -(b - a) AS anti FROM three;
SELECT merge(x) = (SELECT a + b + c FROM three) AS merged
FROM (SELECT a FROM three UNION ALL SELECT b FROM three UNION ALL SELECT c FROM three
	UNION ALL SELECT NULL) u(x);
SELECT merge(NULL), merge(a) FILTER (WHERE false) FROM three;
SELECT '1{USD 9223372036854775807}'::balance.position + '1{USD 1}'::balance.position;
\echo :LAST_ERROR_SQLSTATE
SELECT - '1{USD -9223372036854775808}'::balance.position;
-- no position whose rows cannot be shown, whatever their parts come to on the way
SELECT '1{EUR 9223372036854775807 draft(5 0 0 0) open(-5 0 0 0)}'::balance.position;
SELECT '1{USD 9223372036854775807 draft(9223372036854775807 0 0 0)}'::balance.position
	+ '1{USD 1 open(1 0 0 0)}'::balance.position;

-- equality, sorting, hashing
SELECT '1{USD 1 open(1 1.50 1 1)}'::balance.position = '1{USD 1 open(1 1.5 1 1)}' AS equal,
       '1{USD 1}'::balance.position <> '1{EUR 1}' AS different;
SELECT DISTINCT p FROM (VALUES ('1{EUR 1}'::balance.position), ('1{USD 1}'), ('1{EUR 1}')) v(p)
	ORDER BY p;
SELECT p, count(*) FROM (VALUES ('1{EUR 1}'::balance.position), ('1{USD 1}'), ('1{EUR 1}')) v(p)
	GROUP BY p ORDER BY p;
SELECT merge(DISTINCT p)
	FROM (VALUES ('1{EUR 1}'::balance.position), ('1{USD 1}'), ('1{EUR 1}')) v(p);
SELECT position_hash('1{USD 1}') = position_hash(' 1{USD 1 }'),
	position_hash_extended('1{USD 1}', 7) = position_hash_extended('1{USD 1}', 7);
SELECT a < b OR a > b, a <= a, a >= a, NOT a < a, NOT a > a, position_cmp(a, a) FROM three;
CREATE TEMP TABLE keyed (p balance.position PRIMARY KEY);
INSERT INTO keyed VALUES ('1{EUR 1}');
INSERT INTO keyed VALUES ('1{EUR 1 }');
DROP TABLE every, copied, three, keyed;
