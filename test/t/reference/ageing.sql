-- Open amounts of every customer by days past due: an array of rows.
CREATE FUNCTION reference.ageing(as_of timestamptz, zone text, bounds int[])
RETURNS TABLE (customer_id text, document jsonb) LANGUAGE sql AS $$
WITH range AS (
	-- "bounds are the last days of the ranges", the first of which begins with day 1
	SELECT n, coalesce(lag(b) OVER (ORDER BY n), 0) + 1 AS from_days, b AS to_days
	FROM unnest(bounds || NULL::int) WITH ORDINALITY u(b, n)
),
bucket AS (
	SELECT 0 AS n, 'current' AS name, NULL::int AS from_days, NULL::int AS to_days
	UNION ALL
	SELECT n, CASE WHEN to_days IS NULL THEN from_days - 1 || '+'
		WHEN to_days = from_days THEN from_days::text ELSE from_days || '-' || to_days END,
			from_days, to_days FROM range
	UNION ALL
	SELECT 2147483647, 'no_due_date', NULL, NULL
),
bill AS (
	SELECT b.customer_id, code, class, b.amount_remaining, due_date IS NULL AS undated,
		CASE pg_typeof(due_date) WHEN 'date'::regtype
			THEN due_date::date < (as_of AT TIME ZONE zone)::date
			ELSE due_date::timestamptz < as_of END AS past_due,
		-- the day it was due, for instants that of the zone
		CASE pg_typeof(due_date) WHEN 'date'::regtype THEN due_date::date
			ELSE (due_date::timestamptz AT TIME ZONE zone)::date END AS day
	FROM reference.classified_invoice() b JOIN invoice USING (invoice_id)
),
aged AS (
	SELECT customer_id, code, amount_remaining, CASE
		WHEN undated THEN 2147483647
		WHEN NOT past_due THEN 0
		WHEN NOT isfinite(day) OR NOT isfinite(as_of) THEN (SELECT max(n) FROM range)
		-- past due is at least one day, though the instant were of today
		ELSE (SELECT max(n) FROM range
			WHERE greatest((as_of AT TIME ZONE zone)::date - day, 1) >= from_days) END AS n
	FROM bill WHERE class IN ('draft', 'open')
),
row AS (
	SELECT c.customer_id, c.code, b.n,
		jsonb_build_object('currency', c.code, 'bucket', name, 'from_days', from_days,
		'to_days', to_days,
		'count', count(a.n), 'amount', coalesce(sum(amount_remaining), 0)) AS object
	FROM (SELECT DISTINCT customer_id, code FROM bill) c CROSS JOIN bucket b
		LEFT JOIN aged a USING (customer_id, code, n)
	GROUP BY c.customer_id, c.code, b.n, name, from_days, to_days
)
SELECT c.customer_id,
	coalesce(jsonb_agg(object ORDER BY code, n) FILTER (WHERE object IS NOT NULL), '[]')
FROM customer c LEFT JOIN row USING (customer_id)
GROUP BY c.customer_id
$$;
