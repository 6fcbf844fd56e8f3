-- Views of the whole book: a document for each customer, made in the query itself.
\a
\t on
SET search_path = balance, pg_temp;
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SELECT create_ledger('shelf');
SET balance.ledger = 'shelf';
INSERT INTO shelf.customer (customer_id, wb_customer_id, default_currency)
SELECT 'c' || i, 'wb' || i, 'eur' FROM generate_series(1, 200) AS i;
INSERT INTO shelf.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining, due_date)
SELECT 'i' || i, 'c' || i % 150 + 1, 'usd', 'open', i, i, i, current_date - 1
FROM generate_series(1, 3000) AS i;
INSERT INTO shelf.deposit SELECT 'd' || i, 'c' || i + 100, 'usd', 'held', i
FROM generate_series(1, 80) AS i;
ANALYZE shelf.invoice, shelf.deposit, shelf.customer;

-- the same as the functions', of invoices and deposits, of one of them, of neither
CREATE FUNCTION pg_temp.differences() RETURNS TABLE (book text, different bigint, of bigint)
LANGUAGE sql AS $$
SELECT 'customer_balance', count(*) FILTER (WHERE b IS DISTINCT FROM v), count(*)
FROM customer_balances() b FULL JOIN shelf.book_customer_balance v USING (customer_id)
UNION ALL SELECT 'invoice_summary', count(*) FILTER (WHERE b IS DISTINCT FROM v), count(*)
FROM invoice_summaries() b FULL JOIN shelf.book_invoice_summary v USING (customer_id)
$$;
SELECT * FROM pg_temp.differences();
SELECT customer_id, document #>> '{0,invoices,ready_for_payment,count}',
	document #>> '{0,deposits,held,total}', document #>> '{0,wb_customer_id}'
FROM shelf.book_customer_balance WHERE customer_id = ANY ('{c1,c120,c170,c190}') ORDER BY 1;
SELECT customer_id, document = invoice_summary('c7') AS same, document -> 'default_currency'
FROM shelf.book_invoice_summary WHERE customer_id = 'c7';

-- of one customer his rows alone are read
CREATE FUNCTION pg_temp.conditions(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		IF line ~ 'Index Cond' THEN
			RETURN NEXT regexp_replace(trim(line), '::text', '', 'g');
		END IF;
	END LOOP;
END $$;
SET enable_seqscan = off;
SELECT count(*) > 2 AND bool_and(c ~ 'c7') AS his_alone
FROM pg_temp.conditions($$SELECT * FROM shelf.book_customer_balance
	WHERE customer_id = 'c7'$$) AS c WHERE c ~ 'c7';
RESET enable_seqscan;

-- it fills a table, a document for each row
CREATE TEMP TABLE sent (customer_id text PRIMARY KEY, document jsonb);
INSERT INTO sent SELECT customer_id, document FROM shelf.book_customer_balance;
SELECT count(*), count(DISTINCT document) FROM sent;

-- the key that customers had may go after the view was made
ALTER TABLE shelf.customer DROP CONSTRAINT customer_pkey CASCADE;
INSERT INTO shelf.customer (customer_id, wb_customer_id) VALUES ('c7', 'again');
SELECT count(document) FROM shelf.book_customer_balance;
\echo :LAST_ERROR_SQLSTATE
SELECT count(document) FROM shelf.book_customer_balance WHERE customer_id = 'c8';
DELETE FROM shelf.customer WHERE wb_customer_id = 'again';

-- what documents read and the views do not is found, and mended
ALTER TABLE shelf.customer DROP wb_customer_id CASCADE;
SELECT count(*) FROM create_report_views('shelf');
ALTER TABLE shelf.customer ADD wb_customer_id text;
SELECT relation, message FROM check_ledger('shelf') WHERE relation ~ 'book';
SELECT count(*) FROM create_report_views('shelf');
SELECT count(*) FROM check_ledger('shelf') WHERE relation ~ 'book';
SELECT document #>> '{0,wb_customer_id}' FROM shelf.book_customer_balance WHERE customer_id = 'c7';

-- of a ledger that is maintained, and of one that does not know its customers
SELECT count(*) FROM maintain('shelf') WHERE valid;
SELECT * FROM pg_temp.differences();
INSERT INTO shelf.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining) VALUES ('new', 'c190', 'jpy', 'open', 5, 5, 5);
SELECT * FROM pg_temp.differences();
SELECT id, document -> 0 ->> 'currency' FROM (VALUES ('c190'), ('c7'), ('nobody')) AS a(id)
JOIN shelf.book_customer_balance v ON v.customer_id = a.id ORDER BY 1;
SELECT stop_maintaining('shelf') \g /dev/null
DROP VIEW shelf.report_customer_balance, shelf.report_customer_credits,
	shelf.book_customer_balance, shelf.book_invoice_summary;
DROP TABLE shelf.customer CASCADE;
SELECT count(*) FROM create_report_views('shelf');
SELECT * FROM pg_temp.differences();
DELETE FROM shelf.invoice;
SELECT count(*), min(document::text) FROM shelf.book_customer_balance WHERE customer_id = 'c180';
SELECT drop_report_views('shelf');
DROP SCHEMA shelf CASCADE;
