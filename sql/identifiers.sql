-- Identifiers whose types or collations differ: one rule for all that reads them.
-- a server without contrib's modules has no citext
SELECT NOT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'citext') AS no_citext \gset
\if :no_citext
\quit
\endif
\set SHOW_CONTEXT never
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
CREATE SCHEMA odd;
CREATE EXTENSION citext SCHEMA odd;
CREATE SCHEMA ids;
SET balance.ledger = 'ids';
-- a ledger with two customers, of whom one owes 100 and the other 7, and all that reads it
CREATE FUNCTION pg_temp.answer(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE query INTO result;
	RETURN result;
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE || ' '
	|| regexp_replace(SQLERRM, 'the id ".*"', 'an id');
END $$;
CREATE FUNCTION pg_temp.ledger(customer text, invoice text, one text, other text) RETURNS TABLE
	(what text, answer text) LANGUAGE plpgsql AS $$
BEGIN
	DROP SCHEMA ids CASCADE;
	CREATE SCHEMA ids;
	EXECUTE format('CREATE TABLE ids.customer (customer_id %s, wb_customer_id text)', customer);
	EXECUTE format('CREATE TABLE ids.invoice (invoice_id int, customer_id %s, currency char(5),
		invoice_status char(20), total numeric, amount_due numeric, amount_remaining numeric)',
		invoice);
	EXECUTE format('INSERT INTO ids.customer VALUES (%L, ''w1''), (%L, ''w2'')', one, other);
	EXECUTE format('INSERT INTO ids.invoice VALUES (1, %L, ''usd'', ''open'', 100, 100, 100),
		(2, %L, ''usd'', ''open'', 7, 7, 7)', one, other);
	PERFORM balance.create_report_views('ids');
	RETURN QUERY SELECT w, pg_temp.answer(q) FROM (VALUES
		('one',
			format(
				'SELECT balance.customer_balance(%L) #>> ''{0,total_invoices_ready_for_payment}''',
				one)),
		('other',
			format(
				'SELECT balance.customer_balance(%L) #>> ''{0,total_invoices_ready_for_payment}''',
				other)),
		('book',
			'SELECT string_agg(customer_id || '' ''
				|| (document #>> ''{0,total_invoices_ready_for_payment}''), '', ''
				ORDER BY customer_id COLLATE "C") FROM balance.customer_balances()'),
		('view',
			'SELECT string_agg(customer_id || '' '' || wb_customer_id || '' '' || total, '', ''
				ORDER BY total DESC) FROM ids.report_customer_balance'),
		('items',
			format('SELECT string_agg(id, '', '' ORDER BY id)
				FROM balance.items(%L, ''total_unpaid_amount'', ''usd'')', one)),
		('debtors',
			'SELECT string_agg(customer_id || '' '' || total_unpaid_amount, '', '')
				FROM balance.top_debtors(''usd'', 9)'),
		('verify',
			'SELECT string_agg(concat_ws('' '', rule, relation, id, found), '', ''
				ORDER BY id COLLATE "C") FROM balance.verify() WHERE rule ~ ''_id$'''),
		('check',
			'SELECT string_agg(severity || '' '' || message, '', '') FROM balance.check_ledger()
				WHERE message !~ ''look-up|right|absent''')) v(w, q);
END $$;
SELECT * FROM pg_temp.ledger('char(10)', 'char(10)', 'cust_1', 'cust_2');
SELECT * FROM pg_temp.ledger('text', 'char(10)', 'cust_1', 'cust_2');
SELECT * FROM pg_temp.ledger('char(8)', 'text', 'cust_1', 'cust_2');
CREATE DOMAIN odd.code AS char(10);
SELECT * FROM pg_temp.ledger('odd.code', 'odd.code', 'cust_1', 'cust_2');
-- to citext they are one customer
SELECT * FROM pg_temp.ledger('text', 'odd.citext', 'cust_1', 'CUST_1');
SELECT balance.customer_balance('CUST_1');
SELECT * FROM pg_temp.ledger('text', 'odd.citext', 'cust_1', 'cust_2');
SELECT * FROM pg_temp.ledger('odd.citext', 'text', 'cust_1', 'cust_2');
-- and so are two spellings of a uuid
SELECT * FROM pg_temp.ledger('text', 'uuid', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
	'A0EEBC999C0B4EF8BB6D6BB9BD380A11');
SELECT * FROM pg_temp.ledger('varchar', 'uuid', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11',
	'b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11');
-- trailing blanks are part of a text, and of no char(n)
SELECT * FROM pg_temp.ledger('text', 'char(10)', 'cust_1', 'cust_1 ');
-- 1 and 1.0 are one number; what a caller passes may be in any scale, but not in another notation
SELECT * FROM pg_temp.ledger('numeric', 'numeric(12,2)', '1', '2.50');
SELECT x,
	pg_temp.answer(
	format('SELECT balance.customer_balance(%L) #>> ''{0,total_invoices_ready_for_payment}''', x))
FROM unnest('{1,1.0,2.5,2.5000,01,+1,1e0," 1",1.,.5,-0,0x1,1_0,NaN,-NaN,inf,""}'::text[]) x;
SELECT pg_temp.answer(format('SELECT balance.customer_balance(%L)', repeat('9', 200000))) ~ 'P0002';
SELECT * FROM pg_temp.ledger('int', 'numeric', '1', '2');
SELECT * FROM pg_temp.ledger('text', 'numeric', '1', '2');
SELECT * FROM pg_temp.ledger('numeric', 'text', '1', '2');

-- ids of customers that the type of the invoices cannot hold are none of theirs
SELECT * FROM pg_temp.ledger('text', 'int2', '1', '2');
INSERT INTO ids.customer VALUES ('abc'), ('99999'), (repeat('9', 40)), ('01'), ('-'), ('');
SELECT customer_id, document #>> '{0,total_invoices_ready_for_payment}'
	FROM balance.customer_balances() ORDER BY 1;
SELECT string_agg(balance.customer_balance(customer_id)::text, ' ') FROM ids.customer
	WHERE wb_customer_id IS NULL;

-- an index on the column that refers serves, whatever the customer's type; so does one on the
-- customer's for what is alike
CREATE FUNCTION pg_temp.indexed(customer text, invoice text) RETURNS SETOF text LANGUAGE plpgsql
	AS $$
BEGIN
	PERFORM pg_temp.ledger(customer, invoice, '7', '8');
	CREATE INDEX ON ids.invoice (customer_id);
	CREATE INDEX ON ids.customer (customer_id);
	RETURN QUERY SELECT format('%s, %s: %s', customer, invoice, string_agg(message, '; '))
		FROM balance.check_ledger() WHERE message ~ 'look-up';
END $$;
SELECT pg_temp.indexed(c, i) FROM unnest('{text,char(9),int,numeric,odd.citext}'::text[]) c,
	unnest('{text,varchar,char(9),int,int8,numeric,name,odd.citext}'::text[]) i;

-- without a customer relation an id is its text where types differ, and rules that are coarser are
-- refused
DROP SCHEMA ids CASCADE;
CREATE SCHEMA ids;
CREATE TABLE ids.invoice (invoice_id int, customer_id char(10),
	currency text, invoice_status text, total numeric, amount_due numeric,
	amount_remaining numeric);
CREATE TABLE ids.deposit (deposit_id int, customer_id text, currency text, status text,
	amount numeric);
INSERT INTO ids.invoice VALUES (1, 'cust_1', 'usd', 'open', 100, 100, 100);
INSERT INTO ids.deposit VALUES (1, 'cust_1', 'usd', 'in', 1), (2, 'cust_1 ', 'usd', 'in', 2);
SELECT '"' || customer_id || '"', document #>> '{0,total_invoices_ready_for_payment}',
	document #>> '{0,deposits,in,total}', document = balance.customer_balance(customer_id)
	FROM balance.customer_balances() ORDER BY 1;
SELECT relation, severity, message FROM balance.check_ledger() WHERE message ~ 'type';
ALTER TABLE ids.invoice ALTER customer_id TYPE odd.citext;
SELECT balance.customer_balance('cust_1');
SELECT * FROM balance.customer_balances();
SELECT * FROM balance.top_debtors('usd', 1);
SELECT * FROM balance.create_report_views('ids');
SELECT relation, severity, message, hint FROM balance.check_ledger() WHERE message ~ 'type';
CREATE TABLE ids.customer (customer_id text);
INSERT INTO ids.customer VALUES ('cust_1');
SELECT balance.customer_balance('cust_1');
-- a memo's customer is its invoice's by the coarser rules of the two, whichever has them
CREATE TABLE ids.credit_memo (credit_memo_id int, business_id text, customer_id text, status text,
	currency text, amount bigint, amount_applied bigint, issue_date date, created_at timestamptz,
	updated_at timestamptz, reason text, invoice_id int);
INSERT INTO ids.credit_memo SELECT n, 'b', id, 'issued', 'usd', 1, 0, '2026-01-01', '2026-01-01Z',
	'2026-01-01Z', 'other', 1
FROM unnest('{cust_1,CUST_1,cust_2}'::text[]) WITH ORDINALITY i(id, n);
SELECT id, found FROM balance.verify() WHERE rule = 'memo_across_customers';
ALTER TABLE ids.credit_memo ALTER customer_id TYPE odd.citext;
ALTER TABLE ids.invoice ALTER customer_id TYPE text;
SELECT id, found FROM balance.verify() WHERE rule = 'memo_across_customers';
DROP TABLE ids.credit_memo;

-- sources whose collations differ
ALTER TABLE ids.invoice ALTER customer_id TYPE text COLLATE "C";
ALTER TABLE ids.deposit ALTER customer_id TYPE varchar COLLATE "POSIX";
SELECT count(*) FROM balance.create_report_views('ids');
SELECT customer_id, kind, total FROM ids.report_customer_balance WHERE customer_id = 'cust_1'
	ORDER BY kind;
SELECT sum(value) FROM ids.report_metrics WHERE customer_id = 'cust_1' AND unit = 'major';

-- the function by itself
SELECT balance.told_apart(NULL, NULL, NULL), balance.told_apart(1, 'invoice.customer_id', 'a');
\set SHOW_CONTEXT errors
SELECT balance.told_apart(2, 'invoice.customer_id', 'a');
SELECT balance.told_apart(3, NULL, NULL);
DROP SCHEMA ids, odd CASCADE;
