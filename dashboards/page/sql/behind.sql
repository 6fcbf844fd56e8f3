-- Whose a number of the overview is: its customers, the largest first, 100 of them, with how many
-- there are and what all of them add up to.  The variables source, currency and what say which.
\ir begin.sql

SELECT :'source' IN ('unpaid', 'overdue') AS of_invoices, :'source' = 'ageing' AS of_ageing,
	:'source' = 'deposits' AS of_deposits, :'source' = 'credits' AS of_credits,
	:'source' = 'expiry' AS of_expiry, balance.minor_unit(:'currency') AS minor_unit \gset

\echo @customers
\warn @customers
WITH behind AS MATERIALIZED (
\if :of_invoices
	SELECT customer_id, CASE :'source' WHEN 'overdue' THEN overdue_invoice_count
			ELSE unpaid_invoice_count END AS count,
		CASE :'source' WHEN 'overdue' THEN total_overdue_amount
			ELSE total_unpaid_amount END AS amount
	FROM :"ledger".report_invoice_summary WHERE currency = :'currency'
\elif :of_ageing
	SELECT customer_id, count, amount
	FROM :"ledger".report_ageing WHERE currency = :'currency' AND bucket = :'what'
\elif :of_deposits
	SELECT customer_id, count, total AS amount FROM :"ledger".report_customer_balance
	WHERE currency = :'currency' AND kind = 'deposits' AND state = :'what'
\elif :of_credits
	SELECT customer_id, credit_memos_count AS count, total_credits_available_dollars AS amount
	FROM :"ledger".report_customer_credits WHERE currency = :'currency'
\elif :of_expiry
	SELECT customer_id, count, amount FROM :"ledger".report_credit_expiry
	WHERE currency = :'currency'
		AND to_char(month, 'YYYY-MM') IS NOT DISTINCT FROM NULLIF(:'what', '')
\else
	SELECT customer_id, count(*) AS count, sum(amount) AS amount
	FROM balance.roll_forward_items(NULL, :'source', (:'what' || '-01')::date,
		((:'what' || '-01')::date + interval '1 month - 1 day')::date, :'currency',
		ledger => :'ledger_name') GROUP BY customer_id
\endif
), largest AS (
	SELECT * FROM behind WHERE count > 0 ORDER BY amount DESC, customer_id LIMIT 100
)
SELECT json_build_object('minor_unit', :minor_unit,
	'customers', (SELECT count(*)::text FROM behind WHERE count > 0),
	'count', (SELECT COALESCE(sum(count), 0)::text FROM behind),
	'amount', (SELECT COALESCE(sum(amount), 0)::text FROM behind),
	'rows', (SELECT COALESCE(json_agg(r ORDER BY place), '[]') FROM (
		SELECT row_number() OVER (ORDER BY amount DESC, customer_id) AS place, customer_id, name,
			count::text, amount::text
		FROM largest LEFT JOIN (:names) n USING (customer_id)) r));

COMMIT;
