-- Carbonext's VCU balance of every customer in the ledger; days are those of
-- the session's time zone.
CREATE FUNCTION reference.vcu_balance(start_period date, end_period date)
RETURNS TABLE (customer_id text, document jsonb) LANGUAGE sql AS $$
WITH item AS (
	SELECT customer_id, upper(currency) AS code, units,
		CASE WHEN reference.word(status) = 'paid' THEN 'credit'
			WHEN reference.word(status) IN ('pending', 'overdue') THEN 'debt' END AS class,
		-- "Paid invoices fall in the period by the day they were paid, everything else by the day
		-- it was created"
		CASE WHEN reference.word(status) = 'paid' THEN coalesce(paid_at, created_at)
			ELSE created_at END AS instant
	FROM vcu_invoice
	UNION ALL
	SELECT customer_id, upper(currency), units,
		CASE WHEN reference.word(status) IN ('cancelled', 'refunded') THEN NULL
			WHEN pay_with_balance THEN 'used_credit'
			WHEN reference.word(status) = 'issued' THEN 'future_debt' END,
		created_at
	FROM vcu_order
),
balance AS (
	SELECT customer_id, code,
		coalesce(sum(units) FILTER (WHERE class = 'credit'), 0) AS credit,
		coalesce(sum(units) FILTER (WHERE class = 'used_credit'), 0) AS used_credit,
		coalesce(sum(units) FILTER (WHERE class = 'debt'), 0) AS debt,
		coalesce(sum(units) FILTER (WHERE class = 'future_debt'), 0) AS future_debt
	FROM item
	-- "both ends are inclusive days; an end left open runs to now"
	WHERE (start_period IS NULL OR instant::date >= start_period)
	AND CASE WHEN end_period IS NULL THEN instant <= now() ELSE instant::date <= end_period END
	GROUP BY customer_id, code
)
SELECT c.customer_id,
	jsonb_strip_nulls(jsonb_build_object('startPeriod', start_period, 'endPeriod', end_period))
	|| jsonb_build_object('balancesByCurrency', coalesce(
		jsonb_agg(jsonb_build_object('currency', b.code, 'vcuBalance', jsonb_build_object(
			'type', 'VCU',
			'balance', trim_scale(credit - used_credit - debt),
			'credit', trim_scale(credit),
			'usedCredit', trim_scale(used_credit),
			'debt', trim_scale(debt),
			'futureDebt', trim_scale(future_debt)
		)) ORDER BY b.code) FILTER (WHERE b.code IS NOT NULL), '[]'))
FROM customer c LEFT JOIN balance b USING (customer_id)
GROUP BY c.customer_id
$$;
