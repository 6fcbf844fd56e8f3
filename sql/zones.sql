-- A time zone is a name of the time zone database, in any case, wherever it is asked for.
\a
SET search_path = balance, pg_temp;
SET client_min_messages = warning;
SELECT create_ledger('zoned') \g /dev/null
SET client_min_messages = notice;
SET balance.ledger = 'zoned';
INSERT INTO zoned.customer VALUES ('c');
INSERT INTO zoned.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining, due_date) VALUES ('i', 'c', 'usd', 'open', 1, 1, 1, '2026-06-29');
INSERT INTO zoned.vcu_order (vcu_order_id, customer_id, currency, status, units, created_at)
	VALUES ('o', 'c', 'usd', 'issued', 1, '2026-06-29 23:00Z');

-- what each way to ask says of a zone: the name is known to all or to none
CREATE FUNCTION pg_temp.told(query text, zone text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	hint text;
	detail text;
BEGIN
	EXECUTE query USING zone;
	RETURN 'known';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT, detail = PG_EXCEPTION_DETAIL;
	RETURN SQLSTATE || ' ' || SQLERRM || ', hint ' || left(hint, 20) || detail;
END $$;
CREATE TEMP TABLE way (query) AS VALUES
	($$SELECT * FROM ageing('1{}', '2026-06-30 12:00Z', $1)$$),
	($$SELECT * FROM invoice_rows('1{}', '2026-06-30 12:00Z', $1)$$),
	($$SELECT to_invoice_summary('1{}', 'c', NULL, '2026-06-30 12:00Z', $1)$$),
	($$SELECT invoice_summary('c', '2026-06-30 12:00Z', $1)$$),
	($$SELECT * FROM invoice_summaries('2026-06-30 12:00Z', $1)$$),
	($$SELECT * FROM top_debtors('usd', 1, '2026-06-30 12:00Z', $1)$$),
	($$SELECT * FROM items('c', 'total_overdue_amount', 'usd', '2026-06-30 12:00Z', $1)$$);
SELECT zone, count(*) AS ways, array_agg(DISTINCT pg_temp.told(query, zone)) AS told
FROM unnest('{UTC,utc,Europe/Berlin,EUROPE/berlin,America/Argentina/Ushuaia,Etc/GMT+3,GMT,
	 gmt}'::text[]) WITH ORDINALITY z(zone, n), way GROUP BY n, zone ORDER BY n;
SELECT zone, count(*) AS ways, array_agg(DISTINCT pg_temp.told(query, zone)) AS told
FROM unnest(ARRAY['+05:30', '-8', '5', '0', '5.5', 'UTC+5:30', 'UTC+0', 'GMT+3', 'GMT-14:00',
	'XYZ3', 'xyz3', 'Foo-12', '<+05>-05', 'CET-1CEST', 'CET-1CEST,M3.5.0,M10.5.0/3', 'IST', 'BST',
	'PDT', 'Z',
	'', ' ', 'UTC ', ' UTC', ':UTC', ':XYZ3', '/UTC', 'Europe', 'Europe/', 'Europe/Berlin/',
		'../zoneinfo/UTC', 'zone.tab', 'Mars', 'local', 'default',
		-- files of the database that name no place; the first is the machine's
		'localtime', 'LocalTime', 'posixrules', 'Factory', 'factory'])
	WITH ORDINALITY z(zone, n), way
GROUP BY n, zone ORDER BY n;

SELECT length(zone), left(pg_temp.told(query, zone), 20) AS told, count(*)
	FROM (VALUES (repeat('x', 254)), (repeat('x', 255)), (repeat('x', 256)),
	(repeat('x', 4000))) v(zone), way GROUP BY 1, 2 ORDER BY 1;

-- the session's own, too, where it decides; the error says whose it is
CREATE TEMP TABLE asked (query) AS VALUES
	($$SELECT * FROM ageing('1{}')$$), ($$SELECT * FROM invoice_rows('1{}')$$),
	($$SELECT invoice_summary('c')$$), ($$SELECT * FROM invoice_summaries()$$),
	($$SELECT * FROM top_debtors('usd', 1)$$),
	($$SELECT * FROM items('c', 'total_overdue_amount', 'usd')$$),
	($$SELECT * FROM zoned.report_ageing$$), ($$SELECT * FROM zoned.report_invoice_summary$$),
	($$SELECT vcu_balance('c', '2026-06-30')$$), ($$SELECT vcu_balance('c', NULL, '2026-06-30')$$),
	($$SELECT * FROM vcu_balances('2026-06-30')$$),
	($$SELECT in_period(now(), '2026-06-30', NULL, now())$$);
CREATE FUNCTION pg_temp.session_zone(zone text, OUT setting text, OUT ways bigint, OUT told text[])
	LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('TimeZone', zone, false);
	SELECT current_setting('TimeZone'), count(*),
		array_agg(DISTINCT pg_temp.told(query || ' -- $1', NULL)) INTO setting, ways, told
		FROM pg_temp.asked;
END $$;
SELECT s.* FROM unnest('{Asia/Kolkata,+05:30,5,XYZ3,Factory,UTC}'::text[]) zone,
	pg_temp.session_zone(zone) s;
SET TIME ZONE INTERVAL '-08:00';
SELECT invoice_summary('c');
SELECT jsonb_array_length(invoice_summary('c', now(), 'UTC') -> 'summaries') AS passed;
-- where no day decides, none is asked for
SELECT vcu_balance('c') -> 'balancesByCurrency' -> 0 -> 'vcuBalance' -> 'futureDebt' AS future_debt,
	in_period(now(), NULL, NULL, now());
SET TimeZone = 'Asia/Tokyo';
SELECT vcu_balance('c', '2026-06-30', '2026-06-30') -> 'balancesByCurrency' -> 0 -> 'vcuBalance' ->
	'futureDebt' AS in_tokyo;
SET TimeZone = 'UTC';
SELECT vcu_balance('c', '2026-06-30', '2026-06-30') -> 'balancesByCurrency' AS in_utc;
SET client_min_messages = warning;

-- report views in days of a zone, which stay as they are made anew until they get another
SELECT create_report_views('asia/tokyo', 'zoned') \g /dev/null
CREATE VIEW pg_temp.made AS SELECT c.relname,
	substring(obj_description(c.oid) FROM '[Tt]ime ?[Zz]one(?: \w+/\w+)?') AS days,
	pg_get_viewdef(c.oid) ~ 'Asia/Tokyo' AS has_value,
	pg_get_viewdef(c.oid) ~ 'session_zone' AS asks
FROM pg_class c WHERE relnamespace = 'zoned'::regnamespace AND relkind = 'v';
SELECT * FROM made ORDER BY 1;
SET TimeZone = 'UTC';
UPDATE zoned.invoice SET due_date = (now() AT TIME ZONE 'Asia/Tokyo')::date - 1;
SELECT bucket FROM zoned.report_ageing WHERE count > 0;
SELECT create_report_views('zoned') \g /dev/null
SELECT count(*) AS with_value FROM made WHERE has_value;
SELECT relation FROM maintain('zoned') WHERE valid ORDER BY 1;
SELECT bucket FROM zoned.report_ageing WHERE count > 0;
SELECT count(*) AS with_value FROM made WHERE has_value;
SELECT create_report_views(NULL, 'zoned') \g /dev/null
SELECT count(*) FILTER (WHERE has_value) AS with_value, count(*) FILTER (WHERE asks) AS asking
FROM made;
SELECT create_report_views('Mars', 'zoned');
SELECT create_report_views('+05:30', 'zoned');

-- days of a zone, which has summers where an abbreviation of its name has none
SELECT zone, day_in('2026-06-30 22:30Z', zone), session_zone()
FROM unnest('{europe/BERLIN,UTC,Asia/Tokyo}'::text[]) AS zone;
-- not every system has zones with such names any more
SELECT bool_and(day_in('2026-06-30 22:30Z', name) = '2026-07-01') IS NOT FALSE AS has_summer
FROM pg_timezone_names WHERE name IN ('CET', 'MET');
SELECT day_in('infinity', 'UTC'), day_in('-infinity', 'UTC'), day_in(NULL, 'UTC') IS NULL AS none;
SELECT day_in(now(), 'IST');
-- where clocks never change, days are sums; before 2000 they are negative
SELECT zone, count(*) AS instants, count(*) FILTER (WHERE day_in(t, zone)
	IS DISTINCT FROM (t AT TIME ZONE zone)::date) AS wrong
FROM unnest('{UTC,Etc/GMT+5,Etc/GMT-14,Europe/Berlin}'::text[]) zone,
	unnest('{0001-12-01 BC,0001-06-01,1969-12-31,1999-12-31,2000-01-01,2026-11-26,294276-01-01}'
		::text[]) day, generate_series(-30, 30) hour, unnest('{-1,0,1}'::int[]) microseconds,
	LATERAL (SELECT (day || ' 00:00Z')::timestamptz + hour * interval '1 hour'
		+ microseconds * interval '1 microsecond' AS t) i
GROUP BY zone ORDER BY zone COLLATE "C";
DROP SCHEMA zoned CASCADE;
