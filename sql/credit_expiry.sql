-- What credit memos have left, by when it expires.
\set SHOW_CONTEXT never
SET TimeZone = 'UTC';
SET client_min_messages = warning;
SET DateStyle = 'ISO';
SELECT balance.create_ledger('expiring');
INSERT INTO expiring.customer (customer_id) VALUES ('c1'), ('c2');
-- the year 9000 will do for what is to come
INSERT INTO expiring.credit_memo (credit_memo_id, business_id, customer_id, status, currency,
	amount, amount_applied, amount_refunded, issue_date, reason, expires_at)
VALUES ('never', 'b', 'c1', 'partially_applied', 'usd', 500, 100, NULL, '2026-01-01', 'r', NULL),
	('always', 'b', 'c1', 'issued', 'usd', 50, 0, NULL, '2026-01-01', 'r', 'infinity'),
	('march', 'b', 'c1', 'issued', 'usd', 900, 0, 200, '2026-01-01', 'r', '9000-03-31 23:30Z'),
	('march too', 'b', 'c1', 'issued', 'USD', 1, 0, NULL, '2026-01-01', 'r', '9000-03-01Z'),
	('yen', 'b', 'c1', 'issued', 'jpy', 900, 0, NULL, '2026-01-01', 'r', '9000-03-31 23:30Z'),
	('other', 'b', 'c2', 'issued', 'usd', 33, 0, NULL, '2026-01-01', 'r', '9000-03-31 23:30Z'),
	('over', 'b', 'c1', 'issued', 'usd', 900, 0, NULL, '2026-01-01', 'r', '2026-03-01'),
	('spent', 'b', 'c1', 'issued', 'usd', 900, 900, NULL, '2026-01-01', 'r', '9000-03-01'),
	('draft', 'b', 'c1', 'draft', 'usd', 900, 0, NULL, '2026-01-01', 'r', '9000-03-01');
SELECT * FROM expiring.report_credit_expiry ORDER BY 1, 2, 4;
-- the months are those of the session's zone
SET TimeZone = 'Europe/Berlin';
SELECT * FROM expiring.report_credit_expiry WHERE customer_id = 'c1' AND currency = 'USD'
ORDER BY 4;
SET TimeZone = '-02:00';
SELECT * FROM expiring.report_credit_expiry;
SET TimeZone = 'UTC';
-- they add up to the other report
SELECT * FROM (SELECT customer_id, currency, sum(count) AS n, sum(amount) AS amount
		FROM expiring.report_credit_expiry GROUP BY 1, 2) e
	FULL JOIN expiring.report_customer_credits c USING (customer_id, currency)
WHERE (n, amount) IS DISTINCT FROM (credit_memos_count, total_credits_available_dollars);
-- at its instant a memo has not expired
BEGIN;
UPDATE expiring.credit_memo SET expires_at = now() WHERE credit_memo_id = 'yen';
SELECT count FROM expiring.report_credit_expiry WHERE currency = 'JPY';
SELECT jsonb_path_query(balance.customer_credits('c1', 'b', 'jpy', 'expiring'), 'strict $.**.id');
UPDATE expiring.credit_memo SET expires_at = now() - interval '1 microsecond'
WHERE credit_memo_id = 'yen';
SELECT count FROM expiring.report_credit_expiry WHERE currency = 'JPY';
SELECT jsonb_path_query(balance.customer_credits('c1', 'b', 'jpy', 'expiring'), 'strict $.**.id');
ROLLBACK;
-- a condition reaches the index
SET enable_seqscan = off;
CREATE FUNCTION pg_temp.plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query; END $$;
SELECT trim(line) FROM pg_temp.plan($$SELECT sum(amount) FROM expiring.report_credit_expiry
	WHERE customer_id = 'c1'$$) line WHERE line ~ 'Index Cond';
-- of memos that cannot expire there is no such view
BEGIN;
SELECT balance.drop_report_views('expiring');
ALTER TABLE expiring.credit_memo DROP expires_at;
SELECT count(*) FROM balance.create_report_views('expiring') v WHERE v::text ~ 'expiry';
ROLLBACK;
-- what cannot be told is an error
UPDATE expiring.credit_memo SET status = 'lost' WHERE credit_memo_id = 'yen';
SELECT count(*) FROM expiring.report_credit_expiry;
DROP SCHEMA expiring CASCADE;
