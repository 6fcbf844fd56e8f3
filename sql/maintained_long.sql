-- Customers whose ids no index of theirs has room for are kept like all others.
SET client_min_messages = warning;
SET search_path = public, balance;
CREATE SCHEMA long;
CREATE TABLE long.invoice (invoice_id int, customer_id text, currency text, invoice_status text,
	total numeric, amount_due numeric, amount_remaining numeric, due_date timestamptz);
CREATE TABLE long.deposit (deposit_id int, customer_id text, currency text, status text,
	amount numeric);
SELECT relation, valid FROM maintain('long');

-- two that differ in the end only, those at the edge of what is kept as it is, and one
-- of characters of several bytes; none can be compressed
CREATE FUNCTION long.text(bytes int) RETURNS text LANGUAGE sql AS $$
SELECT left(string_agg(md5(i::text), '' ORDER BY i), bytes)
FROM generate_series(1, bytes / 32 + 1) i
$$;
CREATE TABLE long.client AS SELECT * FROM (VALUES
	(1, long.text(5000) || 'x'), (2, long.text(5000) || 'y'), (3, long.text(1024)),
	(4, long.text(1025)), (5, 'a' || repeat('é', 2000)), (6, 'short')) c (n, id);
INSERT INTO long.invoice SELECT n * 10 + i, id, 'usd', 'open', n * i, n * i, n * i, '2026-01-01'
FROM long.client, generate_series(1, 3) i;
INSERT INTO long.deposit SELECT n, id, 'eur', 'ok', n FROM long.client;
SELECT source, count(*), count(DISTINCT customer_id) AS keys,
	max(octet_length(customer_id)) AS bytes, count(long_customer_id) AS long
FROM long.balance_store GROUP BY 1 ORDER BY 1;

-- what somebody may ask for, from the store and from the rows
CREATE SCHEMA rows;
CREATE VIEW rows.invoice AS SELECT * FROM long.invoice;
CREATE VIEW rows.deposit AS SELECT * FROM long.deposit;
SELECT count(*) > 0 AS made FROM create_report_views('long') a, create_report_views('rows') b;
CREATE FUNCTION long.same(document text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT replace(document, 'rows', 'long')
$$;
CREATE FUNCTION long.differences() RETURNS TABLE (what text, n int) LANGUAGE sql AS $$
SELECT 'document', n FROM long.client
WHERE customer_balance(id, 'long')::text <> long.same(customer_balance(id, 'rows')::text)
UNION ALL SELECT 'summary', n FROM long.client
WHERE invoice_summary(id, '2026-06-01', 'UTC', 'long')
	<> invoice_summary(id, '2026-06-01', 'UTC', 'rows')
UNION ALL (SELECT 'book', n FROM (SELECT b::text FROM customer_balances(ledger => 'long') b
	EXCEPT ALL SELECT long.same(b::text) FROM customer_balances(ledger => 'rows') b) b (b)
	LEFT JOIN long.client ON position(id IN b) > 0)
UNION ALL SELECT 'view', n FROM long.client c WHERE
	(SELECT string_agg(v::text, '' ORDER BY v::text) FROM long.report_customer_balance v
		WHERE v.customer_id = c.id) IS DISTINCT FROM
	(SELECT long.same(string_agg(v::text, '' ORDER BY v::text))
		FROM rows.report_customer_balance v WHERE v.customer_id = c.id)
UNION ALL SELECT rule, n FROM verify('long') v LEFT JOIN long.client c ON c.id = v.id
WHERE rule = 'store_differs' $$;
CREATE FUNCTION long.owed() RETURNS TABLE (n int, owed text) LANGUAGE sql AS $$
SELECT n, invoice_summary(id, '2026-06-01', 'UTC', 'long') #>> '{summaries,0,total_unpaid_amount}'
FROM long.client $$;
SELECT * FROM long.owed() ORDER BY n;
SELECT * FROM long.differences();
SELECT n, b.customer_id = id AS whole FROM customer_balances(ledger => 'long') b
	JOIN long.client ON id = customer_id ORDER BY n;

-- from one statement to many, in one customer or between two
UPDATE long.invoice SET amount_remaining = amount_remaining + 100 WHERE invoice_id % 10 = 1;
UPDATE long.invoice SET customer_id = (SELECT id FROM long.client WHERE n = 2)
WHERE invoice_id = 12;
DELETE FROM long.invoice WHERE invoice_id IN (13, 43);
INSERT INTO long.invoice SELECT 99, id, 'zzz', 'open', 1, 1, 1 FROM long.client WHERE n = 5;
SELECT source, sum(bad) FROM long.balance_store GROUP BY 1 ORDER BY 1;
SELECT n, customer_balance(id, 'long')::text = long.same(customer_balance(id, 'rows')::text)
	AS same FROM long.client WHERE n <> 5 ORDER BY n;
DELETE FROM long.invoice WHERE invoice_id = 99;
SELECT * FROM long.differences();
SELECT fold('long') >= 0 AS folded;
SELECT source, count(*) FROM long.balance_store GROUP BY 1 ORDER BY 1;
SELECT * FROM long.owed() ORDER BY n;
SELECT * FROM long.differences();
UPDATE long.deposit SET amount = amount + 1;
SELECT count(fold('long', ARRAY[id])) AS folded FROM long.client;
SELECT source, count(*) FROM long.balance_store GROUP BY 1 ORDER BY 1;
SELECT * FROM long.differences();

-- what was there before it was maintained, and what was written past the triggers
ALTER TABLE long.invoice DISABLE TRIGGER USER;
UPDATE long.invoice SET amount_remaining = amount_remaining * 2;
ALTER TABLE long.invoice ENABLE TRIGGER USER;
SELECT relation, valid FROM repair('long');
SELECT * FROM long.owed() ORDER BY n;
SELECT * FROM long.differences();
SELECT n, position_recorded(id, (now() AT TIME ZONE 'UTC')::date, 'long') =
	(SELECT merge(p) FROM (
		SELECT tally_invoices(currency, invoice_status, NULL, total, amount_due,
			amount_remaining, due_date) FROM long.invoice WHERE customer_id = id
		UNION ALL SELECT tally_deposits(currency, status, amount) FROM long.deposit
		WHERE customer_id = id) x (p)) AS recorded
FROM long.client ORDER BY n;
TRUNCATE long.deposit;
SELECT * FROM long.differences();
SELECT stop_maintaining('long');
SELECT relation, valid FROM maintain('long');
SELECT * FROM long.differences();

DROP SCHEMA rows, long CASCADE;
