-- Wingback's customer balance of every customer in the ledger.
CREATE FUNCTION reference.customer_balance() RETURNS TABLE (customer_id text, document jsonb)
LANGUAGE sql AS $$
WITH item AS (
	SELECT customer_id, code, 'invoices' AS part, total AS amount,
		CASE class WHEN 'open' THEN 'ready_for_payment' WHEN 'draft' THEN 'pending_validation'
			WHEN 'void' THEN 'canceled' ELSE class END AS state
	FROM reference.classified_invoice()
	UNION ALL
	SELECT customer_id, upper(currency), 'deposits', amount, status FROM deposit
),
-- "ready_for_payment is always there, even at zero"
item_or_none AS (
	TABLE item
	UNION ALL
	SELECT DISTINCT customer_id, code, 'invoices', NULL::numeric, 'ready_for_payment' FROM item
),
consolidated AS (
	SELECT customer_id, code, part, state,
		jsonb_build_object('count', count(amount), 'total', reference.decimal(sum(amount), unit))
			AS consolidation
	FROM item_or_none JOIN reference.currency USING (code)
	GROUP BY customer_id, code, unit, part, state
),
by_currency AS (
	SELECT customer_id, code,
		jsonb_object_agg(state, consolidation) FILTER (WHERE part = 'invoices') AS invoices,
		jsonb_object_agg(state, consolidation) FILTER (WHERE part = 'deposits') AS deposits
	FROM consolidated GROUP BY customer_id, code
)
SELECT c.customer_id, coalesce(
	jsonb_agg(jsonb_build_object(
		'wb_customer_id', coalesce(c.wb_customer_id, current_schema()),
		'customer_id', c.customer_id,
		'currency', lower(b.code),
		'total_invoices_ready_for_payment', b.invoices -> 'ready_for_payment' -> 'total',
		'invoices', b.invoices,
		'deposits', coalesce(b.deposits, '{}')
	) ORDER BY b.code) FILTER (WHERE b.code IS NOT NULL), '[]')
FROM customer c LEFT JOIN by_currency b USING (customer_id)
GROUP BY c.customer_id
$$;
