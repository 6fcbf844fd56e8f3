-- The whole book, by currency.
\ir begin.sql

\echo @receivables
\warn @receivables
WITH summary AS MATERIALIZED (
	SELECT customer_id, currency, minor_unit, total_unpaid_amount AS unpaid,
		unpaid_invoice_count AS invoices, total_overdue_amount AS overdue,
		overdue_invoice_count AS overdue_invoices
	FROM :"ledger".report_invoice_summary
), ranked AS (
	SELECT *, row_number() OVER (PARTITION BY currency
		ORDER BY unpaid DESC, overdue DESC, customer_id) AS rank,
		sum(unpaid) OVER (PARTITION BY currency) AS owed
	FROM summary WHERE invoices > 0
)
SELECT json_build_object('currencies', (
	SELECT COALESCE(json_agg(c ORDER BY currency), '[]') FROM (
		SELECT currency, minor_unit, count(*) FILTER (WHERE invoices > 0)::text AS customers,
			sum(invoices)::text AS invoices, sum(unpaid)::text AS unpaid,
			sum(overdue)::text AS overdue, sum(overdue_invoices)::text AS overdue_invoices,
			CASE WHEN sum(unpaid) > 0 AND sum(overdue) BETWEEN 0 AND sum(unpaid)
				THEN round(100 * sum(overdue) / sum(unpaid), 1)::text END AS share
		FROM summary GROUP BY currency, minor_unit) c
), 'debtors', (
	SELECT COALESCE(json_agg(d ORDER BY currency, rank), '[]') FROM (
		SELECT currency, rank, customer_id, name, minor_unit, invoices::text, unpaid::text,
			overdue::text, overdue_invoices::text,
			CASE WHEN owed > 0 AND unpaid BETWEEN 0 AND owed
				THEN round(100 * unpaid / owed, 1)::text END AS share
		FROM ranked LEFT JOIN (:names) AS n USING (customer_id)
		WHERE rank <= 20) d
));

\echo @ageing
\warn @ageing
WITH ageing AS (
	SELECT currency, minor_unit, bucket, from_days, sum(count) AS count, sum(amount) AS amount
	FROM :"ledger".report_ageing GROUP BY currency, minor_unit, bucket, from_days
)
SELECT COALESCE(json_agg(a ORDER BY currency, place, from_days), '[]') FROM (
	SELECT currency, minor_unit, bucket, from_days, count::text, amount::text,
		CASE bucket WHEN 'current' THEN 0 WHEN 'no_due_date' THEN 2 ELSE 1 END AS place,
		CASE WHEN min(amount) OVER c >= 0 AND sum(amount) OVER c > 0
			THEN round(100 * amount / sum(amount) OVER c, 1)::text END AS share
	FROM ageing WINDOW c AS (PARTITION BY currency)) a;

\echo @deposits
\warn @deposits
SELECT COALESCE(json_agg(d ORDER BY currency, state), '[]') FROM (
	SELECT currency, minor_unit, state, count(*)::text AS customers, sum(count)::text AS count,
		sum(total)::text AS amount
	FROM :"ledger".report_customer_balance WHERE kind = 'deposits'
	GROUP BY currency, minor_unit, state) d;

\echo @credits
\warn @credits
SELECT COALESCE(json_agg(c ORDER BY currency), '[]') FROM (
	SELECT currency, minor_unit, count(*)::text AS customers,
		sum(credit_memos_count)::text AS count,
		sum(total_credits_available_dollars)::text AS amount
	FROM :"ledger".report_customer_credits GROUP BY currency, minor_unit) c;

\echo @expiry
\warn @expiry
SELECT COALESCE(json_agg(e ORDER BY currency, month), '[]') FROM (
	SELECT currency, minor_unit, to_char(month, 'YYYY-MM') AS month, count(*)::text AS customers,
		sum(count)::text AS count, sum(amount)::text AS amount
	FROM :"ledger".report_credit_expiry GROUP BY currency, minor_unit, month) e;

\echo @roll_forward
\warn @roll_forward
SELECT COALESCE(json_agg(r ORDER BY currency, month), '[]') FROM (
	SELECT to_char(month, 'YYYY-MM') AS month, currency, minor_unit, opening::text,
		invoiced::text, voided::text, paid::text, refunded::text, credited::text, closing::text,
		days_sales_outstanding::text AS days, collection_effectiveness::text AS collected
	FROM :"ledger".report_roll_forward) r;

COMMIT;
