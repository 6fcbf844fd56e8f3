-- What the customer owes and holds today, and the invoices and memos behind it.
\ir begin.sql

\echo @name
\warn @name
SELECT json_build_object('name', (SELECT max(name) FROM (:names) n
	WHERE customer_id = :'customer'));

\echo @net
\warn @net
SELECT COALESCE(json_agg(n ORDER BY currency), '[]') FROM (
	SELECT n.currency, n.minor_unit, n.unpaid::text,
		COALESCE(s.total_overdue_amount, 0)::text AS overdue, n.unapplied_cash::text,
		n.deposits_held::text, n.credit_available::text, n.net::text
	FROM balance.net_rows(:'customer', ledger => :'ledger_name') n
	LEFT JOIN (SELECT * FROM :"ledger".report_invoice_summary
		WHERE customer_id = :'customer') s USING (currency)) n;

\echo @invoices
\warn @invoices
WITH owed AS MATERIALIZED (
	SELECT currency, minor_unit FROM :"ledger".report_invoice_summary
	WHERE customer_id = :'customer' AND unpaid_invoice_count > 0
)
SELECT COALESCE(json_agg(i ORDER BY currency, due NULLS LAST, id), '[]') FROM (
	SELECT currency, minor_unit, u.id, u.item ->> 'number' AS number, u.class,
		(u.item ->> 'due_date')::timestamptz::date AS due,
		CASE WHEN o.id IS NOT NULL
			THEN (current_date - (u.item ->> 'due_date')::timestamptz::date)::text END AS days_late,
		u.item ->> 'total' AS total, u.amount::text
	FROM owed, LATERAL balance.items(:'customer', 'total_unpaid_amount', currency,
			ledger => :'ledger_name') u
	LEFT JOIN LATERAL balance.items(:'customer', 'total_overdue_amount', currency,
			ledger => :'ledger_name') o ON o.id = u.id) i;

\echo @deposits
\warn @deposits
SELECT COALESCE(json_agg(d ORDER BY currency, state), '[]') FROM (
	SELECT currency, minor_unit, state, count::text, total::text AS amount
	FROM :"ledger".report_customer_balance
	WHERE customer_id = :'customer' AND kind = 'deposits') d;

\echo @credits
\warn @credits
SELECT COALESCE(json_agg(m ORDER BY currency, expires NULLS LAST, id), '[]') FROM (
	SELECT c.currency, c.minor_unit, i.id, i.item ->> 'number' AS number, i.class,
		i.item ->> 'reason' AS reason, i.item ->> 'issue_date' AS issued,
		(i.item ->> 'expires_at')::timestamptz::date AS expires,
		balance.major_units(i.amount, c.currency)::text AS amount
	FROM (SELECT * FROM :"ledger".report_customer_credits WHERE customer_id = :'customer') c,
		LATERAL balance.items(:'customer', 'total_credits_available', c.currency,
			ledger => :'ledger_name') i) m;

COMMIT;
