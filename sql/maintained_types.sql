-- What a statement changes is tallied without a query where the types of the columns allow it:
-- the same comes out as of a query, which verify() asks.
SET client_min_messages = warning;
SET search_path = public, balance;
CREATE SCHEMA types;
CREATE TYPE types.word AS ENUM ('open', 'paid', 'Partially-Paid', 'nonsense');
CREATE DOMAIN types.money AS numeric(140, 4);
CREATE DOMAIN types.code AS varchar(8);

-- ids, words and amounts of each type, in one ledger each
CREATE FUNCTION types.try(name text, id_type text, word_type text, code_type text,
	money_type text, due_type text, ids text[], words text[], codes text[], amounts text[])
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
	bad bigint;
	customers bigint;
BEGIN
	EXECUTE format('CREATE SCHEMA %I; SET LOCAL search_path = %1$I, balance, pg_catalog', name);
	-- columns in another order, and one that was dropped
	EXECUTE format($q$CREATE TABLE invoice (amount_remaining int, invoice_id int, customer_id %s,
		currency %3$s, invoice_status %2$s, payment_status %2$s, amount_due %4$s, total %4$s,
		due_date %5$s)$q$, id_type, word_type, code_type, money_type, due_type);
	ALTER TABLE invoice DROP COLUMN amount_remaining;
	EXECUTE format('ALTER TABLE invoice ADD amount_remaining %s', money_type);
	PERFORM maintain(name::regnamespace);
	EXECUTE format($q$INSERT INTO invoice
		SELECT row_number() OVER (), i::%s, c::%3$s, w::%2$s, p::%2$s, a::%4$s, b::%4$s,
			d::%5$s, b::%4$s
		FROM unnest($1) i, unnest($2) w, unnest($2) p, unnest($3) c,
			unnest($4, $4[2:] || $4[1]) x(a, b),
			unnest('{NULL,2026-01-01,infinity}'::text[]) d$q$,
		id_type, word_type, code_type, money_type, due_type) USING ids, words, codes, amounts;
	UPDATE invoice SET total = amount_due,
		customer_id = (SELECT customer_id FROM invoice ORDER BY invoice_id LIMIT 1)
		WHERE invoice_id % 3 = 0;
	DELETE FROM invoice WHERE invoice_id % 5 = 0;
	SELECT count(DISTINCT customer_id), sum(s.bad) INTO customers, bad FROM balance_store s;
	SELECT count(*) INTO n FROM verify(name::regnamespace) v WHERE rule = 'store_differs';
	RETURN format('%s customers, %s bad, %s differ', customers, bad, n);
END $$;

SELECT types.try('t1', 'text', 'text', 'text', 'numeric', 'date', '{NULL,"",a,A,"a ",ä}',
	'{NULL,open,OPEN,Partially-Paid,nonsense,""}', '{NULL,usd,EUR,zzz,us}',
	'{NULL,0,-1.50,1e99,9.99e99,1e100,-1e100,NaN,Infinity,-Infinity,'
	'1e-130,123456789012345678901234567890.123456789}');
SELECT types.try('t2', 'varchar(9)', 'types.word', 'types.code', 'types.money', 'timestamptz',
	'{NULL,"",a,A,"a "}',
	'{NULL,open,Partially-Paid,nonsense}', '{NULL,usd,EUR,zzz,us}',
	'{NULL,0,-1.50,1e99,1e100,NaN}');
SELECT types.try('t3', 'char(9)', 'char(15)', 'char(5)', 'bigint', 'date', '{NULL,"",a,A,"a "}',
	'{NULL,open,paid,Partially-Paid,nonsense}', '{NULL,usd,EUR,zzz,us}',
	'{NULL,0,-1,9223372036854775807,-9223372036854775808}');
SELECT types.try('t4', 'name', 'name', 'name', 'integer', 'timestamptz', '{NULL,"",a,A,"a "}',
	'{NULL,open,paid,nonsense}', '{NULL,usd,EUR,zzz,us}', '{NULL,0,-1,2147483647,-2147483648}');
SELECT types.try('t5', 'smallint', 'text', 'text', 'smallint', 'date',
	'{NULL,0,-1,32767,-32768}',
	'{NULL,open,paid,nonsense}', '{NULL,usd,EUR,zzz,us}', '{NULL,0,-1,32767,-32768}');
SELECT types.try('t6', 'integer', 'text', 'text', 'numeric', 'date',
	'{NULL,0,-1,2147483647,-2147483648}',
	'{NULL,open,paid}', '{NULL,usd,zzz}', '{NULL,0,-1}');
SELECT types.try('t7', 'bigint', 'text', 'text', 'numeric', 'date',
	'{NULL,0,-1,9223372036854775807,-9223372036854775808}',
	'{NULL,open,paid}', '{NULL,usd,zzz}', '{NULL,0,-1}');
SELECT types.try('t8', 'numeric', 'text', 'text', 'numeric', 'date',
	'{NULL,0,0.00,-1.50,-1.5,1e30,NaN,Infinity}',
	'{NULL,open,paid}', '{NULL,usd,zzz}', '{NULL,0,-1}');
SELECT types.try('t9', 'uuid', 'text', 'text', 'numeric', 'date',
	'{NULL,A0EEBC999C0B4EF8BB6D6BB9BD380A11,a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}',
	'{NULL,open,paid}', '{NULL,usd,zzz}', '{NULL,0,-1}');
SELECT types.try('t10', 'types.word', 'types.word', 'text', 'numeric', 'date',
	'{NULL,open,Partially-Paid}',
	'{NULL,open,paid}', '{NULL,usd,zzz}', '{NULL,0,-1}');

-- values that are stored compressed or elsewhere
CREATE SCHEMA large;
CREATE TABLE large.deposit (deposit_id int, customer_id text, currency text,
	status text, amount numeric);
SELECT valid FROM maintain('large');
INSERT INTO large.deposit VALUES (1, repeat('c', 3000), 'usd', repeat('s', 100000),
	('1' || repeat('0', 3000))::numeric),
	(2, repeat('c', 3000), 'usd', repeat('s', 100000), ('0.' || repeat('1', 5000))::numeric),
	(3, repeat('c', 3000), repeat('usd', 100000), 's', 1);
UPDATE large.deposit SET amount = amount + 1;
SELECT sum(bad), length(merge(position_from_packed(position))::text) FROM large.balance_store;
SELECT count(*) FROM verify('large') WHERE rule = 'store_differs';

-- what needs more memory than there is goes to the store in parts
SET work_mem = '64kB';
SET hash_mem_multiplier = 1;
CREATE SCHEMA many;
CREATE TABLE many.deposit (deposit_id int, customer_id int, currency text,
	status text, amount numeric);
SELECT valid FROM maintain('many');
INSERT INTO many.deposit SELECT i, i % 3000, 'usd', 'ok', i FROM generate_series(1, 9000) i;
SELECT count(*) > 3000 AS in_parts, count(DISTINCT customer_id) FROM many.balance_store;
RESET work_mem;
UPDATE many.deposit SET amount = amount + 1 WHERE customer_id < 10;
SELECT count(*) FROM verify('many') WHERE rule = 'store_differs';
SELECT fold('many') > 3000 AS folded;
SELECT count(*) FROM many.balance_store;
RESET hash_mem_multiplier;

DROP SCHEMA types, t1, t2, t3, t4, t5, t6, t7, t8, t9, t10, large, many CASCADE;
