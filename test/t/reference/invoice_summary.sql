-- Flexprice's invoice summary of every customer in the ledger.
CREATE FUNCTION reference.invoice_summary(as_of timestamptz, zone text)
RETURNS TABLE (customer_id text, document jsonb) LANGUAGE sql AS $$
WITH bill AS (
	SELECT b.*, class <> 'void' AS counted, class IN ('draft', 'open') AS unpaid,
		-- "a date is past due from the next day in zone on, a timestamptz from the instant after"
		CASE pg_typeof(i.due_date) WHEN 'date'::regtype
			THEN i.due_date::date < (as_of AT TIME ZONE zone)::date
			ELSE i.due_date::timestamptz < as_of END AS past_due
	FROM reference.classified_invoice() b JOIN invoice i USING (invoice_id)
),
summary AS (
	SELECT customer_id, code,
		count(*) FILTER (WHERE counted) AS invoices,
		sum(amount_due) FILTER (WHERE counted) AS revenue,
		count(*) FILTER (WHERE unpaid) AS unpaid_invoices,
		sum(amount_remaining) FILTER (WHERE unpaid) AS unpaid,
		count(*) FILTER (WHERE unpaid AND past_due) AS overdue_invoices,
		sum(amount_remaining) FILTER (WHERE unpaid AND past_due) AS overdue
	FROM bill GROUP BY customer_id, code
),
charges AS (
	SELECT b.customer_id, b.code,
		sum(l.amount) FILTER (WHERE lower(l.price_type) = 'usage') AS usage,
		sum(l.amount) FILTER (WHERE lower(l.price_type) IS DISTINCT FROM 'usage') AS fixed
	FROM bill b JOIN invoice_line_item l USING (invoice_id)
	WHERE b.unpaid GROUP BY b.customer_id, b.code
)
SELECT c.customer_id, jsonb_build_object(
	'customer_id', c.customer_id,
	-- "the customer's own, else the currency with the most counted invoices (ties by code), else
	-- ''"
	'default_currency', lower(coalesce(c.default_currency,
		(SELECT s.code FROM summary s WHERE s.customer_id = c.customer_id AND s.invoices > 0
			ORDER BY s.invoices DESC, s.code LIMIT 1), '')),
	'summaries', coalesce((
		SELECT jsonb_agg(jsonb_build_object(
			'customer_id', c.customer_id,
			'currency', lower(code),
			'total_invoice_count', s.invoices,
			'total_revenue_amount', reference.decimal(s.revenue, unit),
			'unpaid_invoice_count', s.unpaid_invoices,
			'total_unpaid_amount', reference.decimal(s.unpaid, unit),
			'overdue_invoice_count', s.overdue_invoices,
			'total_overdue_amount', reference.decimal(s.overdue, unit),
			'unpaid_usage_charges', reference.decimal(g.usage, unit),
			'unpaid_fixed_charges', reference.decimal(g.fixed, unit)
		) ORDER BY code)
		FROM summary s JOIN reference.currency USING (code) LEFT JOIN charges g
			USING (customer_id, code)
		WHERE s.customer_id = c.customer_id), '[]'))
FROM customer c
$$;
