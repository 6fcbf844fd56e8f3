-- Mutated positions, read by a server: whatever is not refused with one of the
-- errors that bad input has reads back as it was written, adds up, and can be
-- shown.  Variables: seed, mutations, file (where the server may write).
-- Prints lines that begin with ok or not ok.
\set QUIET on
SET client_min_messages = warning;
SET search_path = public, balance;
SELECT FROM setseed((:seed % 1000000) / 1000000.0);

-- positions of random rows, with few and many cells
CREATE TABLE valid (n serial, p balance.position NOT NULL);

CREATE FUNCTION pick(VARIADIC choices text[]) RETURNS text VOLATILE LANGUAGE sql
RETURN choices[1 + floor(random() * cardinality(choices))::int];

CREATE FUNCTION amount() RETURNS numeric VOLATILE LANGUAGE sql
RETURN CASE WHEN random() < 0.1 THEN NULL
	ELSE pick('0', '1', '-1', '120.50', '0.000000000001', '-0.0000000000000000000000001',
	'9223372036854775807', '170141183460469231731687303.715884105727', '-1e40', '12345.678',
		'99999999999999999999999.5')::numeric END;

INSERT INTO valid (p)
SELECT balance.tally_invoices(pick('EUR', 'usd', 'JPY'), pick('draft', 'open', 'paid', 'void'),
	NULL, amount(), amount(), amount(),
		CASE
			WHEN random() < 0.8
			THEN (pick('2026-01-31', '-infinity', '2024-02-29', '4713-01-01 BC'))::date END)
	+ balance.tally_deposits(pick('EUR', 'XAU'),
		pick('settled', 'it''s "odd" \ {}', '', '☃', repeat('x', 200)), amount())
	+ balance.tally_charges('EUR', pick('usage', 'fixed'), amount())
	+ balance.tally_unit_orders('BRL', pick('issued', 'billed'), random() < 0.5, amount())
	+ balance.tally_credit_memos('KWD', pick('draft', 'issued', 'void'),
		pick('1', '-5', '9223372036854775807')::bigint, 1)
	- balance.tally_invoices(pick('EUR', 'CHF'), 'open', NULL, amount(), amount(), amount(),
		now() + random() * interval '1000 days')
FROM generate_series(1, 60) g, generate_series(1, 4) GROUP BY g % 3, g;
INSERT INTO valid (p) VALUES ('1{}');

-- one change of a string of characters or bytes, given as an array
CREATE FUNCTION mutated(parts anyarray, other anyarray, extra anyelement)
RETURNS anyarray VOLATILE LANGUAGE plpgsql AS $$
DECLARE
	n int := cardinality(parts);
	i int := 1 + floor(random() * n);
	j int := 1 + floor(random() * n);
	k int := 1 + floor(random() * cardinality(other));
BEGIN
	RETURN CASE floor(random() * 6)
		WHEN 0 THEN parts[:i - 1] || parts[i + 1:]
		WHEN 1 THEN parts[:i - 1] || extra || parts[i:]
		WHEN 2 THEN parts[:i - 1] || extra || parts[i + 1:]
		WHEN 3 THEN parts[:i - 1] || parts[j] || parts[i + 1:]
		WHEN 4 THEN parts[:least(i, j)] || parts[least(i, j):]
		ELSE parts[:i] || other[k:] END;
END $$;

-- the errors that bad input may raise: bad text, bad bytes, out of range, bad encoding
CREATE TABLE expected_error (kind text, sqlstate text);
INSERT INTO expected_error VALUES
	('text', '22P02'),
	('binary', '22P03'), ('binary', '0A000'), ('binary', '22003'), ('binary', '22021'),
	-- and what is computed of a position that was accepted: a sum beyond bigint, an unknown amount
	('laws', '22003'),
	('shown', '22003'), ('shown', '22004');

CREATE TABLE result (kind text, input text, sqlstate text, message text);
CREATE TABLE received (p balance.position);

-- "whatever is accepted round-trips and obeys the laws"
CREATE PROCEDURE judge(kind text, input text, p balance.position, other balance.position)
LANGUAGE plpgsql AS $$
DECLARE
	broken text;
BEGIN
	INSERT INTO result VALUES (kind, input);
	IF p::text::balance.position <> p OR position_send(p::text::balance.position)
		<> position_send(p) OR p::text::balance.position::text <> p::text THEN
		INSERT INTO result VALUES ('broken', p::text, NULL, 'does not round-trip');
	END IF;
	BEGIN
		broken := CASE
			WHEN p + other <> other + p THEN 'a + b = b + a'
			WHEN p + other - other <> p THEN 'a + b - b = a'
			WHEN (p - p)::text <> '1{}' THEN 'a - a = nothing'
			WHEN - (- p) <> p THEN '-(-a) = a'
			WHEN (SELECT balance.merge(v) FROM unnest(ARRAY[p, other, -p]) v) <> other
				THEN 'merge' END;
		IF broken IS NOT NULL THEN
			INSERT INTO result VALUES ('broken', format('%s and %s', p, other), NULL, broken);
		END IF;
	EXCEPTION WHEN OTHERS THEN
		INSERT INTO result VALUES ('laws', p::text, SQLSTATE, SQLERRM);
	END;
	BEGIN
		PERFORM p::jsonb, balance.to_customer_balance(p, 'w', 'c'),
			balance.to_vcu_balance(p, NULL, NULL);
		PERFORM balance.to_invoice_summary(p, 'c', 'eur', '2026-02-01Z', 'Asia/Tokyo');
		PERFORM FROM balance.ageing(p, '2026-02-01Z', 'UTC');
	EXCEPTION WHEN OTHERS THEN
		INSERT INTO result VALUES ('shown', p::text, SQLSTATE, SQLERRM);
	END;
END $$;

CREATE PROCEDURE mutate_text(n int) LANGUAGE plpgsql AS $$
DECLARE
	one balance.position;
	other balance.position;
	mutant text;
	p balance.position;
BEGIN
	FOR i IN 1 .. n LOOP
		SELECT v.p INTO one FROM valid v ORDER BY random() LIMIT 1;
		SELECT v.p INTO other FROM valid v ORDER BY random() LIMIT 1;
		mutant := one::text;
		FOR changes IN 1 .. 1 + floor(random() * 2) LOOP
			mutant := array_to_string(mutated(string_to_array(mutant, NULL),
				string_to_array(other::text, NULL),
				CASE WHEN random() < 0.9
					THEN pick('0', '9', '-', '.', '?', ' ', '(', ')', '{', '}', '"', '\', ',', 'E',
					'U', '1', '☃', E'\n') ELSE chr(1 + (random() * 55000)::int) END), '');
		END LOOP;
		BEGIN
			p := mutant;
		EXCEPTION WHEN OTHERS THEN
			INSERT INTO result VALUES ('text', mutant, SQLSTATE, SQLERRM);
			CONTINUE;
		END;
		CALL judge('text', mutant, p, other);
	END LOOP;
END $$;

-- to and from an array of bytes
CREATE FUNCTION bytes_of(b bytea) RETURNS text[] IMMUTABLE LANGUAGE sql
RETURN (SELECT array_agg(substr(encode(b, 'hex'), 2 * i + 1, 2) ORDER BY i)
	FROM generate_series(0, length(b) - 1) i);

-- position_recv() cannot be called; COPY does, of a file with one row
CREATE PROCEDURE mutate_binary(n int, file text) LANGUAGE plpgsql AS $$
DECLARE
	one balance.position;
	other balance.position;
	mutant text[];
	bytes bytea;
	large oid;
	p balance.position;
BEGIN
	FOR i IN 1 .. n LOOP
		SELECT v.p INTO one FROM valid v ORDER BY random() LIMIT 1;
		SELECT v.p INTO other FROM valid v ORDER BY random() LIMIT 1;
		mutant := bytes_of(position_send(one));
		FOR changes IN 1 .. 1 + floor(random() * 2) LOOP
			mutant := mutated(mutant, bytes_of(position_send(other)),
				lpad(to_hex(floor(random() * 256)::int), 2, '0'));
		END LOOP;
		bytes := decode(array_to_string(mutant, ''), 'hex');
		large := lo_from_bytea(0, '\x5047434f50590aff0d0a00' || int4send(0) || int4send(0) ||
			int2send(1::int2) || int4send(length(bytes)) || bytes || int2send(-1::int2));
		PERFORM lo_export(large, file), lo_unlink(large);
		BEGIN
			DELETE FROM received;
			EXECUTE format('COPY received FROM %L (FORMAT binary)', file);
			SELECT r.p INTO p FROM received r;
		EXCEPTION WHEN OTHERS THEN
			INSERT INTO result VALUES ('binary', encode(bytes, 'hex'), SQLSTATE, SQLERRM);
			CONTINUE;
		END;
		CALL judge('binary', encode(bytes, 'hex'), p, other);
	END LOOP;
END $$;

CALL mutate_text(:mutations / 2);
CALL mutate_binary(:mutations / 2, :'file');

SELECT kind, coalesce(sqlstate, 'accepted'), count(*) FROM result GROUP BY 1, 2 ORDER BY 1, 2;
-- the worst of each kind
SELECT DISTINCT ON (kind, sqlstate) kind, sqlstate, message, left(input, 2000) FROM result
WHERE kind = 'broken' OR sqlstate IS NOT NULL
	AND (kind, sqlstate) NOT IN (SELECT e.kind, e.sqlstate FROM expected_error e)
ORDER BY kind, sqlstate, length(input);
SELECT CASE WHEN count(*)
	FILTER (WHERE sqlstate IS NOT NULL AND (kind, sqlstate) NOT
	IN (SELECT e.kind, e.sqlstate FROM expected_error e)) > 0
		OR count(*) FILTER (WHERE kind = 'broken') > 0
		OR count(*) FILTER (WHERE sqlstate IS NULL) = 0 OR count(*)
			FILTER (WHERE sqlstate IS NOT NULL) = 0
	THEN 'not ok' ELSE 'ok' END,
	format('%s mutants of a position as %s: %s refused, %s accepted', count(*), k, count(sqlstate),
		count(*) - count(sqlstate))
FROM (VALUES ('text'), ('binary')) kinds(k) JOIN result ON kind = k GROUP BY k
UNION ALL
SELECT CASE WHEN count(*)
	FILTER (WHERE (kind, sqlstate) NOT IN (SELECT e.kind, e.sqlstate FROM expected_error e)
	OR kind = 'broken') > 0
	THEN 'not ok' ELSE 'ok' END, 'what was accepted obeys the laws and can be shown'
FROM result WHERE kind IN ('broken', 'laws', 'shown');
