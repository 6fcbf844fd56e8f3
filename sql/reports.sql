-- Report views and the rows of a position.
\pset format unaligned
SET TimeZone = 'UTC';
SELECT balance.create_ledger('reported');
SET balance.ledger = 'reported';
SET search_path = reported;

INSERT INTO customer VALUES ('c1', 'wb_9', 'biz', 'Acme', 'usd'), ('c2', NULL, NULL, NULL, NULL),
	('idle', NULL, NULL, NULL, NULL);
INSERT INTO invoice (invoice_id, customer_id, currency, invoice_status, payment_status, total,
	amount_due, amount_remaining, due_date) VALUES
	('i1', 'c1', 'usd', 'finalized', 'failed', 120.5, 110, 50.25, current_date - 31),
	('i2', 'c1', 'USD', 'draft', NULL, 10, 10, 10, current_date),
	('i3', 'c1', 'usd', 'finalized', 'succeeded', 7, 7, 0, NULL),
	('i4', 'c1', 'jpy', 'voided', NULL, 1000, 1000, 1000, NULL),
	('i5', 'c1', 'kwd', 'open', NULL, 1.2345, 1.2345, 1.2345, NULL),
	('i6', 'c2', 'eur', 'skipped', NULL, 5, 5, 5, '2020-01-01');
INSERT INTO invoice_line_item (invoice_id, price_type, amount) VALUES ('i1', 'USAGE', 100),
	('i1', NULL, 20.5), ('i2', 'FIXED', 10), ('i3', 'usage', 7), ('i5', 'usage', 1);
INSERT INTO deposit VALUES ('d1', 'c1', 'usd', 'settled', 30), ('d2', 'c1', 'usd', 'paid', 0.5),
	('d3', 'c2', 'gbp', 'settled', 1);
INSERT INTO vcu_invoice (vcu_invoice_id, customer_id, currency, status, units)
	VALUES ('v1', 'c1', 'brl', 'Paid', 85), ('v2', 'c1', 'BRL', 'Pending', 70),
	('v3', 'c2', 'usd', 'cancelled', 5);
INSERT INTO vcu_order (vcu_order_id, customer_id, currency, status, units, pay_with_balance)
	VALUES ('o1', 'c1', 'brl', 'Issued', 452, false), ('o2', 'c1', 'brl', 'Issued', 0.125, true);
INSERT INTO vcu_order (vcu_order_id, customer_id, currency, status, units, created_at)
	VALUES ('later', 'c1', 'brl', 'Issued', 1, now() + interval '1 day');
INSERT INTO credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	amount_applied, issue_date, reason) VALUES
	('m1', 'biz', 'c1', 'issued', 'USD', 1000, 0, '2026-01-01', 'refund'),
	('m2', 'biz', 'c1', 'partially_applied', 'usd', 1000, 250, '2026-01-01', 'refund'),
	('m3', 'biz', 'c1', 'issued', 'usd', 500, 500, '2026-01-01', 'refund'),
	('m4', 'biz', 'c1', 'draft', 'kwd', 500, 0, '2026-01-01', 'refund'),
	('m5', 'biz', 'c2', 'issued', 'kwd', 1234, 0, '2026-01-01', 'refund');

SELECT * FROM report_customer_balance ORDER BY 1, 2, kind, state;
SELECT * FROM report_invoice_summary ORDER BY 1, 2;
SELECT * FROM report_ageing ORDER BY 1, 2, from_days NULLS FIRST, bucket;
SELECT * FROM report_vcu_balance ORDER BY 1, 2;
SELECT * FROM report_customer_credits ORDER BY 1, 2;
SELECT * FROM report_metrics WHERE customer_id = 'c1' AND currency IN ('BRL', 'USD')
	AND metric NOT LIKE 'ageing%' ORDER BY currency, metric;

-- the same figures as the documents'
SELECT count(*), bool_and(count = (d ->> 'count')::bigint AND total = (d ->> 'total')::numeric)
	AS equal
FROM report_customer_balance r, balance.customer_balance(customer_id) doc,
     jsonb_path_query_first(doc, '$[*] ? (@.currency == $c)',
     	jsonb_build_object('c', lower(currency))) e,
     LATERAL (SELECT e -> kind -> state) x(d);
SELECT count(*),
	bool_and(to_jsonb(r) - '{customer_id,currency,minor_unit}'::text[]
	= (SELECT jsonb_object_agg(key, value::text::numeric) FROM jsonb_each_text(s)
	WHERE key NOT IN ('customer_id', 'currency'))) AS equal
FROM report_invoice_summary r,
	jsonb_array_elements(balance.invoice_summary(customer_id) -> 'summaries') s
	WHERE s ->> 'currency' = lower(r.currency);
SELECT count(*), bool_and(a.total = s.total_unpaid_amount AND a.overdue = s.total_overdue_amount)
	AS equal
FROM (SELECT customer_id, currency, sum(amount) AS total,
	sum(amount) FILTER (WHERE from_days IS NOT NULL) AS overdue FROM report_ageing GROUP BY 1, 2) a
	JOIN report_invoice_summary s USING (customer_id, currency);
SELECT balance.vcu_balance('c1');
SELECT balance.customer_credits('c1', currency => 'usd') - 'credit_memos';
-- a metric names the rows behind it
SELECT count(*), bool_and(CASE unit WHEN 'count' THEN value = n ELSE value = amount END) AS equal
FROM report_metrics m, LATERAL (SELECT count(*) AS n, COALESCE(sum(amount), 0) AS amount
	FROM balance.items(customer_id, metric, currency)) i
WHERE metric NOT LIKE 'ageing.%' AND metric <> 'total_credits_available_dollars';

-- a condition on the customer or the currency reaches their indexes, and no row of anybody else is
-- read
INSERT INTO customer SELECT 'x' || g FROM generate_series(1, 500) g;
INSERT INTO invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining) SELECT g, 'x' || g % 500 + 1, CASE g % 500 WHEN 0 THEN 'chf' ELSE 'usd' END,
	'open', 1, 1, 1 FROM generate_series(1, 5000) g;
INSERT INTO invoice_line_item (invoice_id, amount) SELECT g, 1 FROM generate_series(1, 5000) g;
INSERT INTO deposit SELECT g, 'x' || g % 500 + 1, CASE g % 500 WHEN 0 THEN 'chf' ELSE 'usd' END,
	'settled', 1 FROM generate_series(1, 5000) g;
INSERT INTO vcu_invoice SELECT g, 'x' || g % 500 + 1, CASE g % 500 WHEN 0 THEN 'chf' ELSE 'usd' END,
	'paid', 1, '2026-01-01' FROM generate_series(1, 5000) g;
INSERT INTO vcu_order SELECT g, 'x' || g % 500 + 1, CASE g % 500 WHEN 0 THEN 'chf' ELSE 'usd' END,
	'issued', 1, false, '2026-01-01' FROM generate_series(1, 5000) g;
INSERT INTO credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	issue_date, reason) SELECT g, 'biz', 'x' || g % 500 + 1, 'issued', CASE g % 500 WHEN 0
	THEN 'chf' ELSE 'usd' END, 1, '2026-01-01', 'refund' FROM generate_series(1, 5000) g;
ANALYZE;
CREATE FUNCTION pg_temp.scans(query text) RETURNS TABLE (relation text, conditions text)
	LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
	RETURN QUERY
	WITH RECURSIVE nodes(node, relation) AS (
		SELECT plan::jsonb -> 0 -> 'Plan', plan::jsonb -> 0 -> 'Plan' ->> 'Relation Name'
		UNION ALL
		SELECT child, COALESCE(child ->> 'Relation Name', nodes.relation)
		FROM nodes, jsonb_array_elements(node -> 'Plans') child)
	SELECT n.relation,
		string_agg(DISTINCT COALESCE(node ->> 'Index Cond', CASE node ->> 'Node Type'
		WHEN 'Seq Scan' THEN 'all rows' END), ' and ')
	FROM nodes n WHERE n.relation IS NOT NULL GROUP BY 1 ORDER BY n.relation COLLATE "C";
END $$;
SELECT report, s.*
	FROM unnest('{report_customer_balance,report_invoice_summary,report_ageing,report_vcu_balance,
		 report_customer_credits,report_metrics}'::text[]) report,
	pg_temp.scans(format($$SELECT * FROM %I WHERE customer_id = 'x7'$$, report)) s
		WHERE relation <> 'customer';
SELECT report, s.*
	FROM unnest('{report_customer_balance,report_invoice_summary,report_ageing,report_vcu_balance,
		 report_customer_credits}'::text[]) report,
	pg_temp.scans(format($$SELECT * FROM %I WHERE currency = 'CHF'$$, report)) s
		WHERE relation <> 'customer';
SELECT sum(total_unpaid_amount), sum(unpaid_fixed_charges) FROM report_invoice_summary
	WHERE currency = 'CHF';
-- found by something else about the customer, in the two ways that README gives; a plain join reads
-- all rows
CREATE FUNCTION pg_temp.reads_all_of(query text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(relation, ' ') FROM pg_temp.scans(query)
		WHERE conditions LIKE '%all rows%' AND relation <> 'customer'
$$;
UPDATE customer SET customer_name = 'Xanthe' WHERE customer_id = 'x7';
SELECT report, pg_temp.reads_all_of(format($$SELECT * FROM customer c JOIN %I r USING (customer_id)
	WHERE c.customer_name = 'Xanthe'$$, report)) IS NOT NULL AS joined,
	pg_temp.reads_all_of(format($$SELECT * FROM %I WHERE customer_id = ANY (ARRAY(SELECT customer_id
		FROM customer WHERE customer_name = 'Xanthe'))$$, report)) AS in_array,
	pg_temp.reads_all_of(format($$SELECT * FROM customer c, LATERAL (SELECT * FROM %I r
		WHERE r.customer_id = c.customer_id OFFSET 0) r
		WHERE c.customer_name = 'Xanthe'$$, report)) AS lateral
FROM unnest('{report_customer_balance,report_invoice_summary,report_ageing,report_vcu_balance,
	 report_customer_credits,report_metrics}'::text[]) report;
CREATE VIEW named_summary AS SELECT c.customer_name, r.*
	FROM customer c, LATERAL (SELECT * FROM report_invoice_summary r
	WHERE r.customer_id = c.customer_id OFFSET 0) r;
SELECT pg_temp.reads_all_of($$SELECT * FROM named_summary
	WHERE customer_name = 'Xanthe' AND currency = 'USD'$$);
SELECT customer_id, total_unpaid_amount FROM named_summary
	WHERE customer_name = 'Xanthe' AND currency = 'USD';
SELECT count(*)
	FROM (TABLE report_invoice_summary EXCEPT ALL SELECT r.*
	FROM customer c, LATERAL (SELECT * FROM report_invoice_summary r
	WHERE r.customer_id = c.customer_id OFFSET 0) r) q;
DROP VIEW named_summary;
-- of the long form, nothing is read for metrics that are not asked for, but deposits, whose names
-- are in the rows
CREATE FUNCTION pg_temp.reads(condition text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(relation, ' ')
		FROM pg_temp.scans('SELECT * FROM report_metrics WHERE ' || condition)
$$;
SELECT condition, pg_temp.reads(condition)
	FROM unnest(ARRAY['true', $$metric = 'total_unpaid_amount'$$,
		$$metric IN ('unpaid_usage_charges', 'total_overdue_amount')$$,
	$$metric = 'ageing.90+.amount'$$, $$metric LIKE 'ageing.%.amount'$$,
		$$metric = 'invoices.paid.total'$$, $$metric = 'deposits.settled.total'$$,
		$$metric IN ('balance', 'debt')$$,
	$$metric = 'total_credits_available'$$, $$metric = 'nothing'$$, $$unit = 'VCU'$$,
		$$unit = 'minor'$$]) c(condition);
-- each is in one report, under its name
SELECT count(*), count(*) FILTER (WHERE o.value IS DISTINCT FROM m.value) AS differ
FROM report_metrics m FULL JOIN (
	SELECT customer_id, currency,
		concat_ws('.', kind, state, CASE WHEN bucket IS NOT NULL THEN 'ageing' END, bucket, key)
		AS metric, value::numeric
	FROM (SELECT customer_id, currency, kind, state, NULL AS bucket, to_jsonb(r) AS r
		FROM report_customer_balance r
		UNION ALL SELECT customer_id, currency, NULL, NULL, bucket, to_jsonb(r) FROM report_ageing r
		UNION ALL SELECT customer_id, currency, NULL, NULL, NULL, to_jsonb(r)
			FROM report_invoice_summary r
		UNION ALL SELECT customer_id, currency, NULL, NULL, NULL, to_jsonb(r)
			FROM report_vcu_balance r
		UNION ALL SELECT customer_id, currency, NULL, NULL, NULL, to_jsonb(r)
			FROM report_customer_credits r) r, jsonb_each_text(r.r)
	WHERE key NOT IN ('customer_id', 'currency', 'minor_unit', 'wb_customer_id', 'customer_name',
		'kind', 'state', 'bucket', 'from_days', 'to_days')) o USING (customer_id, currency, metric);

-- the rows of any position, for any GROUP BY; a total has several currencies
SELECT r.* FROM (SELECT balance.tally_invoices(currency, invoice_status, payment_status, total,
	amount_due, amount_remaining, due_date) AS p FROM invoice) t,
	balance.invoice_rows(p, '2026-06-30', 'UTC') r;
SELECT (balance.balance_rows(balance.tally_invoices(currency, invoice_status, payment_status,
	total))).* FROM invoice WHERE customer_id = 'c1';
SELECT r.* FROM (SELECT balance.tally_unit_orders(currency, status, pay_with_balance, units) AS p
	FROM vcu_order WHERE customer_id = 'c1') t, balance.unit_rows(p) r;
SELECT r.* FROM (SELECT balance.tally_credit_memos(currency, status, amount, amount_applied) AS p
	FROM credit_memo) t, balance.credit_rows(p) r;
-- codes without a minor unit; more digits than the currency has; a difference
SELECT * FROM
	balance.invoice_rows('1{USD 1 open(1 0.00012345 0.00012345 1), XAU 1 open(1 1.5 1.5 1.5)}',
	now());
SELECT * FROM balance.balance_rows('1{JPY -1 open(-1 -5 -5 -5) deposit("a b" 1 0.5)}');
SELECT * FROM balance.balance_rows('1{}'), balance.invoice_rows('1{}'), balance.unit_rows('1{}'),
	balance.credit_rows('1{}');
SELECT * FROM balance.balance_rows(NULL), balance.invoice_rows(NULL), balance.unit_rows(NULL),
	balance.credit_rows(NULL);

-- errors
\set VERBOSITY sqlstate
SELECT * FROM balance.invoice_rows('1{}', NULL);
SELECT * FROM balance.invoice_rows('1{}', now(), NULL);
SELECT * FROM balance.invoice_rows('1{}', now(), 'Mars');
SELECT r.* FROM (SELECT balance.tally_invoices('usd', 'open', NULL, 1, NULL, 1, NULL::date) AS p) t,
	balance.invoice_rows(p) r;
SELECT r.* FROM (SELECT balance.tally_invoices('usd', 'open', NULL, NULL) AS p) t,
	balance.balance_rows(p) r;
SELECT r.* FROM (SELECT balance.tally_credit_memos('usd', 'issued', NULL, 1) AS p) t,
	balance.credit_rows(p) r;
SELECT r.* FROM (SELECT balance.tally_unit_invoices('usd', 'paid', NULL) AS p) t,
	balance.unit_rows(p) r;
\set VERBOSITY default

-- over views of one's own: made as far as the ledger goes, with ids of their own types, and again
-- after a change
CREATE SCHEMA odd;
CREATE TABLE odd.bills (no bigint PRIMARY KEY, account bigint, cur varchar(3),
	state text, cents bigint);
CREATE INDEX ON odd.bills (account);
CREATE VIEW odd.invoice WITH (security_invoker) AS SELECT no AS invoice_id, account AS customer_id,
	cur AS currency, state AS invoice_status, cents * 0.01 AS total, cents * 0.01 AS amount_due,
	cents * 0.01 AS amount_remaining FROM odd.bills;
INSERT INTO odd.bills SELECT g, g % 100, 'usd', 'open', 150 FROM generate_series(1, 1000) g;
SELECT * FROM balance.create_report_views('odd');
ANALYZE odd.bills;
SELECT * FROM pg_temp.scans('SELECT * FROM odd.report_invoice_summary WHERE customer_id = 7');
SELECT * FROM odd.report_customer_balance WHERE customer_id = 7;
CREATE VIEW odd.customer AS SELECT '7' AS customer_id, 'seller' AS wb_customer_id
	UNION ALL SELECT '7', 'again';
CREATE VIEW odd.deposit AS SELECT 1 AS deposit_id, 7::bigint AS customer_id, 'usd' AS currency,
	'in' AS status, 3 AS amount;
GRANT SELECT ON odd.report_ageing TO PUBLIC;
SELECT balance.create_report_views('odd');
-- one customer there twice doubles no amount, and whose attribute to show nobody can tell
SELECT customer_id, currency, kind, state, count, total FROM odd.report_customer_balance
	WHERE customer_id = 7 ORDER BY kind;
SELECT * FROM odd.report_customer_balance WHERE customer_id = 7;
SELECT count(DISTINCT wb_customer_id) FROM odd.report_customer_balance;
SELECT count(*), min(wb_customer_id) FROM odd.report_customer_balance WHERE customer_id <> 7;
SELECT sum(total_unpaid_amount) FROM odd.report_invoice_summary WHERE customer_id = 7;
\set SHOW_CONTEXT never
SELECT * FROM balance.top_debtors('usd', 1, ledger => 'odd');
SELECT count(*) FROM balance.top_debtors('eur', 1, ledger => 'odd');
SELECT count(*) FROM balance.customer_balances(ledger => 'odd');
\set SHOW_CONTEXT errors
SELECT rule, relation, id, found FROM balance.verify('odd', '7') WHERE relation = 'customer';
CREATE SCHEMA twice;
CREATE TABLE twice.customer (customer_id text, customer_name text);
INSERT INTO twice.customer
	VALUES ('a', 'one'), ('a', 'one'), ('b', 'two'), (NULL, 'x'), (NULL, 'y');
CREATE TABLE twice.credit_memo (LIKE reported.credit_memo INCLUDING DEFAULTS);
INSERT INTO twice.credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	issue_date, reason) SELECT c, 'biz', c, 'issued', 'usd', 1, '2026-01-01', 'refund'
	FROM unnest('{a,b,c}'::text[]) c;
SELECT count(*) FROM balance.create_report_views('twice');
SELECT customer_id, customer_name FROM twice.report_customer_credits WHERE customer_id > 'a'
	ORDER BY 1;
SELECT customer_id, total_credits_available FROM twice.report_customer_credits ORDER BY 1;
SELECT customer_name FROM twice.report_customer_credits WHERE customer_id = 'a';
DROP SCHEMA twice CASCADE;
SELECT balance.customer_is_one(NULL, NULL, NULL), balance.customer_is_one(1, 'a', 'l'),
	balance.customer_is_one(0, 'a', 'l');
SELECT balance.customer_is_one(2, 'a', 'l');
SELECT balance.customer_is_one(2, NULL, NULL);
SELECT relname, relacl IS NOT NULL AS granted, reloptions FROM pg_class
	WHERE relnamespace = 'odd'::regnamespace AND relname LIKE 'report%' ORDER BY relname;
SELECT count(*) FILTER (WHERE col_description(a.attrelid, a.attnum) IS NULL) AS uncommented_columns,
	count(*) FILTER (WHERE obj_description(attrelid) NOT LIKE 'Report of balance: %')
	AS uncommented_views
FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
	WHERE relname LIKE 'report%' AND relkind = 'v' AND attnum > 0;
-- what is not ours is not touched
SELECT balance.drop_report_views('odd');
SELECT balance.drop_report_views('odd');
CREATE TABLE odd.report_metrics ();
SELECT balance.create_report_views('odd');
DROP TABLE odd.report_metrics;
CREATE VIEW odd.report_ageing AS SELECT 1 AS mine;
SELECT balance.create_report_views('odd');
SELECT balance.drop_report_views('odd') AS not_ours;
SELECT count(*) FROM pg_class WHERE relnamespace = 'odd'::regnamespace AND relname LIKE 'report%';
CREATE SCHEMA bare;
SELECT balance.create_report_views('bare');
SELECT balance.create_report_views('nowhere');

-- the reader's rights count, not the maker's
CREATE ROLE regress_balance_reporter;
GRANT USAGE ON SCHEMA reported TO regress_balance_reporter;
GRANT SELECT ON ALL TABLES IN SCHEMA reported TO regress_balance_reporter;
REVOKE SELECT ON invoice FROM regress_balance_reporter;
SET ROLE regress_balance_reporter;
SELECT count(*) FROM report_vcu_balance;
SELECT count(*) FROM report_invoice_summary;
SELECT balance.create_report_views('reported');
RESET ROLE;
DROP OWNED BY regress_balance_reporter;
DROP ROLE regress_balance_reporter;
RESET search_path;

-- they go with the extension, which needs no CASCADE for them; what others have built on them stays
-- in its way
DROP SCHEMA odd, bare CASCADE;
SELECT count(*) FROM balance.create_report_views('reported');
-- one that is there with less than it has now, as of an earlier version, gets the rest
SELECT obj_description('reported.report_ageing'::regclass) AS comment \gset
DROP VIEW reported.report_ageing;
CREATE VIEW reported.report_ageing AS SELECT NULL::text AS customer_id;
COMMENT ON VIEW reported.report_ageing IS :'comment';
SELECT v FROM balance.create_report_views('reported') v WHERE v::text ~ 'ageing';
SELECT count(*) FROM pg_attribute WHERE attrelid = 'reported.report_ageing'::regclass;
CREATE VIEW reported.mine AS SELECT 1 FROM reported.report_ageing;
DROP EXTENSION balance;
DROP VIEW reported.mine;
DROP EXTENSION balance;
SELECT relname, relkind FROM pg_class WHERE relnamespace = 'reported'::regnamespace
	AND relkind IN ('r', 'v') ORDER BY 1;
CREATE EXTENSION balance;
SELECT count(*) FROM balance.create_report_views('reported');
SELECT count(*) FROM reported.report_invoice_summary;
DROP SCHEMA reported CASCADE;
