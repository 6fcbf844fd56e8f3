-- Every figure of figures.def is a column, a field of items() and a metric.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SELECT balance.create_ledger('figured');
SET balance.ledger = 'figured';
INSERT INTO figured.customer VALUES ('c');
INSERT INTO figured.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining, due_date)
SELECT status, 'c', 'usd', status, 4, 3, 2, '2001-01-01'
FROM unnest('{draft,open,paid,void}'::text[]) status;
INSERT INTO figured.invoice_line_item VALUES ('open', 'usage', 5), ('open', 'fixed', 6);
INSERT INTO figured.deposit VALUES ('d', 'c', 'usd', 'held', 7);
INSERT INTO figured.vcu_invoice VALUES ('v', 'c', 'usd', 'paid', 8, now(), now()),
	('w', 'c', 'usd', 'pending', 8, now(), NULL);
INSERT INTO figured.vcu_order VALUES ('o', 'c', 'usd', 'issued', 8, true, now()),
	('p', 'c', 'usd', 'issued', 8, false, now());
INSERT INTO figured.credit_memo (credit_memo_id, business_id, customer_id, status, currency,
	amount, amount_applied, issue_date, reason)
VALUES ('m', 'b', 'c', 'issued', 'usd', 9, 1, '2026-01-01', 'other');
INSERT INTO figured.credit_memo_application VALUES ('a', 'm', 'open', 1);

-- the figures: what reports have behind what all of them have
CREATE TEMP TABLE figure AS
SELECT report, place - 3 AS place, a.attname::text AS name,
	col_description(a.attrelid, a.attnum) AS comment
FROM (VALUES ('report_invoice_summary', 'invoice_rows'), ('report_vcu_balance', 'unit_rows'),
	('report_customer_credits', 'credit_rows')) v(report, rows),
	LATERAL (SELECT a.*, row_number() OVER (ORDER BY attnum) AS place FROM pg_attribute a
		WHERE attrelid = ('figured.' || report)::regclass AND attnum > 0
		AND attname <> 'customer_name') a
WHERE place > 3;
SELECT report, count(*), count(comment) AS comments FROM figure GROUP BY report ORDER BY report;

-- the functions of rows have the same, in the same order, behind currency and minor_unit
WITH result AS (
	SELECT p.proname, a.name, row_number() OVER (PARTITION BY p.oid ORDER BY a.place) - 2 AS place
	FROM pg_proc p, unnest(p.proargnames, p.proargmodes) WITH ORDINALITY a(name, mode, place)
	WHERE p.pronamespace = 'balance'::regnamespace
	AND p.proname IN ('invoice_rows', 'unit_rows', 'credit_rows') AND a.mode = 'o')
SELECT proname, r.name, r.place, f.name, f.place
FROM (SELECT * FROM result WHERE place > 0) r FULL JOIN figure f USING (name, place)
WHERE r.name IS NULL OR f.name IS NULL;

-- the fields, as items() names them itself
CREATE FUNCTION pg_temp.fields() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
BEGIN
	PERFORM balance.items('c', 'no such field', 'usd');
EXCEPTION WHEN invalid_parameter_value THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
	RETURN QUERY SELECT replace(field, '<status>', 'held') FROM regexp_split_to_table(
		rtrim(regexp_replace(detail, '^The fields are ', ''), '.'), ', ') field;
END $$;
CREATE TEMP TABLE field AS SELECT * FROM pg_temp.fields() name;
-- each of them can be asked for, and has a row here
SELECT name, (SELECT count(*) FROM balance.items('c', name, 'usd')) AS items
FROM field ORDER BY name COLLATE "C";

-- a figure that is no field is shown once more in another unit
SELECT name FROM figure WHERE name NOT IN (SELECT name FROM field);
-- a figure that is no metric
SELECT name FROM figure WHERE name NOT IN (SELECT metric FROM figured.report_metrics);
-- a metric that is no field
SELECT metric FROM figured.report_metrics
WHERE metric !~ '^ageing\.' AND regexp_replace(metric, '\.(count|total)$', '') NOT IN
	(SELECT name FROM field) ORDER BY metric;
-- the metrics and their units, as items() counts and adds up
SELECT metric, unit, value, items FROM figured.report_metrics,
	LATERAL (SELECT CASE WHEN unit = 'count' THEN count(*) ELSE sum(amount) END AS items
		FROM balance.items(customer_id, metric, currency)) i
WHERE metric !~ '^ageing\.|dollars$' ORDER BY metric COLLATE "C";
DROP SCHEMA figured CASCADE;
