-- Every cell of every customer's position, of all rows of the ledger.
CREATE FUNCTION reference.position() RETURNS TABLE (customer_id text, document jsonb)
LANGUAGE sql AS $$
WITH bill AS (
	SELECT b.*, CASE WHEN pg_typeof(due_date) = 'date'::regtype
		OR NOT isfinite(due_date) THEN due_date::text
		ELSE reference.date_time(due_date::timestamptz) END AS due,
		due_date::timestamptz AS due_order
	FROM reference.classified_invoice() b JOIN invoice USING (invoice_id)
),
-- one row for each that is tallied; without a key it counts nowhere
item (customer_id, code, part, key, a, b, c) AS (
	SELECT customer_id, code, 'invoices', class, total, amount_due, amount_remaining FROM bill
	UNION ALL
	SELECT bill.customer_id, code, 'charges', CASE lower(price_type) WHEN 'usage' THEN 'usage'
		ELSE 'fixed' END, amount, NULL, NULL
	FROM bill JOIN invoice_line_item USING (invoice_id) WHERE class IN ('draft', 'open')
	UNION ALL
	SELECT customer_id, upper(currency), 'deposits', status, amount, NULL, NULL FROM deposit
	UNION ALL
	SELECT customer_id, upper(currency), 'units',
		CASE reference.word(status) WHEN 'paid' THEN 'credit' WHEN 'pending' THEN 'debt'
			WHEN 'overdue' THEN 'debt' END, units, NULL, NULL
	FROM vcu_invoice
	UNION ALL
	SELECT customer_id, upper(currency), 'units',
		CASE WHEN reference.word(status) IN ('cancelled', 'refunded') THEN NULL
			WHEN pay_with_balance THEN 'used_credit'
			WHEN reference.word(status) = 'issued' THEN 'future_debt' END, units, NULL, NULL
	FROM vcu_order
	UNION ALL
	SELECT customer_id, upper(currency), 'credit_memos',
		CASE reference.word(status) WHEN 'draft' THEN 'draft' WHEN 'issued' THEN 'available'
			WHEN 'partiallyapplied' THEN 'available'
			WHEN 'fullyapplied' THEN 'spent' WHEN 'applied' THEN 'spent' WHEN 'void' THEN 'void'
				WHEN 'voided' THEN 'void' END,
		amount, amount_applied, NULL
	FROM credit_memo
),
cell AS (
	SELECT customer_id, code, part, key, jsonb_build_object('count', count(*)) || CASE part
		WHEN 'invoices' THEN jsonb_build_object('total', sum(a), 'amount_due', sum(b),
			'amount_remaining', sum(c))
		WHEN 'units' THEN jsonb_build_object('units', sum(a))
		WHEN 'credit_memos' THEN jsonb_build_object('amount', sum(a), 'applied', sum(b))
		ELSE jsonb_build_object('amount', sum(a)) END AS object
	FROM item WHERE key IS NOT NULL GROUP BY customer_id, code, part, key
),
open_amount AS (
	SELECT customer_id, code, due_order,
		jsonb_build_object('due', due, 'count', count(*), 'amount_remaining',
		sum(amount_remaining)) AS object
	FROM bill WHERE class IN ('draft', 'open') GROUP BY customer_id, code, due_order, due
),
part AS (
	SELECT customer_id, code, part, jsonb_object_agg(key, object) AS object FROM cell
	GROUP BY customer_id, code, part
	UNION ALL
	SELECT customer_id, code, 'open_amounts', jsonb_agg(object ORDER BY due_order) FROM open_amount
	GROUP BY customer_id, code
	UNION ALL
	SELECT customer_id, code, 'rows', to_jsonb(count(*)) FROM item GROUP BY customer_id, code
),
by_currency AS (
	SELECT customer_id, code, jsonb_object_agg(part, object) AS object FROM part
	GROUP BY customer_id, code
)
SELECT c.customer_id, coalesce(jsonb_object_agg(code, object) FILTER (WHERE code IS NOT NULL), '{}')
FROM customer c LEFT JOIN by_currency USING (customer_id)
GROUP BY c.customer_id
$$;
