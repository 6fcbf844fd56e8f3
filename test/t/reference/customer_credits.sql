-- DayZero's customer credits of every customer in the ledger, or the SQLSTATE
-- that is raised instead.
CREATE FUNCTION reference.customer_credits(business text, currency text)
RETURNS TABLE (customer_id text, document jsonb) LANGUAGE sql
-- what is left of the memos is guessed too low, and everything is joined to it
SET enable_nestloop = off AS $$
WITH memo AS (
	SELECT m.*, upper(m.currency) AS code, unit, m.amount::numeric - m.amount_applied AS remaining,
		CASE reference.word(status) WHEN 'issued' THEN 'issued'
			ELSE 'partially_applied' END AS documented_status
	FROM credit_memo m JOIN reference.currency c ON c.code = upper(m.currency)
	WHERE reference.word(status) IN ('issued', 'partiallyapplied') AND amount > amount_applied
	AND (business IS NULL OR business_id = business)
	AND (customer_credits.currency IS NULL OR upper(m.currency) = upper(customer_credits.currency))
),
application AS (
	SELECT credit_memo_id, max(applied_at) AS last,
		jsonb_agg(jsonb_build_object(
			'id', application_id,
			'credit_memo_id', credit_memo_id,
			'invoice_id', a.invoice_id,
			'amount_applied', a.amount_applied,
			'amount_applied_dollars', (a.amount_applied * unit)::text,
			'applied_at', reference.date_time(applied_at),
			'applied_by_user_id', applied_by_user_id
		) ORDER BY applied_at, application_id) AS applications
	FROM memo JOIN credit_memo_application a USING (credit_memo_id) GROUP BY credit_memo_id
),
listed AS (
	SELECT m.customer_id, m.credit_memo_id, m.created_at, code, unit, remaining, jsonb_build_object(
		'id', m.credit_memo_id,
		'business_id', m.business_id,
		'customer_id', m.customer_id,
		'invoice_id', m.invoice_id,
		'number', m.number,
		'status', documented_status,
		'currency', code,
		'amount', amount,
		'amount_in_dollars', (amount * unit)::text,
		'amount_applied', amount_applied,
		'amount_applied_in_dollars', (amount_applied * unit)::text,
		'amount_remaining', remaining,
		'amount_remaining_in_dollars', (remaining * unit)::text,
		'issue_date', to_char(issue_date, 'YYYY-MM-DD'),
		'applied_date', reference.date_time(coalesce(applied_date, a.last)),
		'created_at', reference.date_time(created_at),
		'updated_at', reference.date_time(updated_at),
		'reason', reason,
		'reason_display', initcap(replace(reason, '_', ' ')),
		'description', description,
		'internal_notes', internal_notes,
		'line_items', line_items,
		'voided_at', reference.date_time(m.voided_at),
		'voided_reason', voided_reason,
		'customer_name', coalesce(m.customer_name, c.customer_name),
		'invoice_number', coalesce(invoice_number, i.number),
		'applications', coalesce(applications, '[]'),
		'can_be_applied', true,
		'can_be_voided', documented_status = 'issued' AND amount_applied = 0,
		'can_be_deleted', false,
		'has_applications', amount_applied <> 0
	) AS object
	FROM memo m JOIN customer c USING (customer_id)
	LEFT JOIN invoice i ON i.invoice_id = m.invoice_id
	LEFT JOIN application a USING (credit_memo_id)
)
SELECT c.customer_id, CASE
	WHEN c.business_id <> business THEN '{"error": "P0002"}'
	WHEN count(DISTINCT code) > 1 THEN '{"error": "22023"}'
	ELSE jsonb_build_object(
		'customer_id', c.customer_id,
		'customer_name', c.customer_name,
		'total_credits_available', coalesce(sum(remaining), 0),
		'total_credits_available_dollars', (coalesce(sum(remaining), 0) * coalesce(max(unit),
			(SELECT unit FROM reference.currency WHERE code = upper(customer_credits.currency)),
				0.01))::text,
		'credit_memos_count', count(object),
		'credit_memos',
			coalesce(jsonb_agg(object ORDER BY created_at DESC, credit_memo_id)
			FILTER (WHERE object IS NOT NULL), '[]'))
	END
FROM customer c LEFT JOIN listed USING (customer_id)
GROUP BY c.customer_id
$$;
