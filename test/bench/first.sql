-- The first call in a new connection: all four documents of a customer, each against a
-- hand-written function in PL/pgSQL of the same answer.  What a connection takes by itself is
-- not counted; loading the library and reading the catalogue is.
SELECT balance.create_ledger('desk');
INSERT INTO desk.customer (customer_id, business_id, customer_name, default_currency)
SELECT (10000000 + n)::text, 'biz', 'Customer ' || n, 'usd' FROM generate_series(0, 99) n;
INSERT INTO desk.invoice (invoice_id, customer_id, currency, invoice_status, payment_status, total,
	amount_due, amount_remaining, due_date, number)
SELECT invoice_id, (10000000 + n % 100)::text, currency, invoice_status, payment_status, total,
	amount_due, amount_remaining, due_date, 'no ' || n
FROM (SELECT row_number() OVER () AS n, * FROM book.invoice LIMIT 10000) i;
INSERT INTO desk.invoice_line_item (invoice_id, price_type, amount)
SELECT invoice_id, (ARRAY['usage', 'fixed'])[n], total / 2
FROM desk.invoice, generate_series(1, 2) n;
INSERT INTO desk.deposit (deposit_id, customer_id, currency, status, amount)
SELECT 'dep_' || n, (10000000 + n % 100)::text, (ARRAY['usd', 'eur'])[1 + n % 2],
	(ARRAY['held', 'used'])[1 + n / 2 % 2], n * 1.25 FROM generate_series(1, 1000) n;
INSERT INTO desk.vcu_invoice (vcu_invoice_id, customer_id, currency, status, units, created_at)
SELECT 'vi_' || n, (10000000 + n % 100)::text, 'usd', (ARRAY['paid', 'pending'])[1 + n / 100 % 2],
	n, '2025-01-01' FROM generate_series(1, 2000) n;
INSERT INTO desk.vcu_order (vcu_order_id, customer_id, currency, status, units, pay_with_balance,
	created_at)
SELECT 'vo_' || n, (10000000 + n % 100)::text, 'usd',
	(ARRAY['issued', 'cancelled'])[1 + n / 100 % 2], n / 10.0, n / 200 % 2 = 0, '2025-01-01'
FROM generate_series(1, 2000) n;
INSERT INTO desk.credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	amount_applied, issue_date, created_at, updated_at, reason, number)
SELECT 'memo_' || n, 'biz', (10000000 + n % 100)::text, 'issued', 'usd', 1000 + n, 100,
	'2025-01-01', '2025-01-01 12:00+00', '2025-01-02 12:00+00', 'other', 'cm ' || n
FROM generate_series(1, 500) n;
INSERT INTO desk.credit_memo_application (application_id, credit_memo_id, invoice_id,
	amount_applied, applied_at, applied_by_user_id)
SELECT 'app_' || n, 'memo_' || n, (SELECT min(invoice_id) FROM desk.invoice), 100,
	'2025-01-02 12:00+00', 'user' FROM generate_series(1, 500) n;
ANALYZE;

-- As whoever knows this ledger's few words would write them.
CREATE FUNCTION bench.hand_balance(id text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
	seller text;
BEGIN
	SELECT COALESCE(c.wb_customer_id, 'desk') INTO STRICT seller FROM desk.customer c
	WHERE c.customer_id = id;
	RETURN (SELECT COALESCE(jsonb_agg(jsonb_build_object('wb_customer_id', seller,
		'customer_id', id, 'currency', currency,
		'total_invoices_ready_for_payment', COALESCE(ready::text, zero),
		'deposits', COALESCE(deposits, '{}'), 'invoices', jsonb_strip_nulls(jsonb_build_object(
			'ready_for_payment', jsonb_build_object('count', COALESCE(n_ready, 0),
				'total', COALESCE(ready::text, zero)),
			'paid', CASE WHEN n_paid > 0
				THEN jsonb_build_object('count', n_paid, 'total', paid::text) END,
			'pending_validation', CASE WHEN n_draft > 0
				THEN jsonb_build_object('count', n_draft, 'total', draft::text) END,
			'canceled', CASE WHEN n_void > 0
				THEN jsonb_build_object('count', n_void, 'total', void::text) END)))
		ORDER BY currency), '[]')
	FROM (SELECT i.currency, CASE WHEN i.currency = 'jpy' THEN '0' ELSE '0.00' END AS zero,
			count(*) FILTER (WHERE class = 1) AS n_void,
			sum(total) FILTER (WHERE class = 1) AS void,
			count(*) FILTER (WHERE class = 2) AS n_paid,
			sum(total) FILTER (WHERE class = 2) AS paid,
			count(*) FILTER (WHERE class = 3) AS n_draft,
			sum(total) FILTER (WHERE class = 3) AS draft,
			count(*) FILTER (WHERE class = 4) AS n_ready,
			sum(total) FILTER (WHERE class = 4) AS ready
		FROM (SELECT currency, total, bench.class(invoice_status, payment_status) AS class
			FROM desk.invoice WHERE customer_id = id OFFSET 0) i GROUP BY 1) i
	FULL JOIN (SELECT currency, jsonb_object_agg(status,
			jsonb_build_object('count', n, 'total', amount::text)) AS deposits
		FROM (SELECT currency, status, count(*) AS n, round(sum(amount), 2) AS amount
			FROM desk.deposit WHERE customer_id = id GROUP BY 1, 2) s GROUP BY 1) d
	USING (currency));
END $$;
CREATE FUNCTION bench.hand_summary(id text, as_of timestamptz) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
	usual text;
	summaries jsonb;
BEGIN
	SELECT default_currency INTO STRICT usual FROM desk.customer c WHERE c.customer_id = id;
	SELECT jsonb_agg(jsonb_build_object('currency', currency, 'customer_id', id,
		'total_invoice_count', n, 'total_revenue_amount', revenue::text,
		'unpaid_invoice_count', n_unpaid, 'total_unpaid_amount', unpaid::text,
		'overdue_invoice_count', n_overdue, 'total_overdue_amount', overdue::text,
		'unpaid_usage_charges', COALESCE(usage, 0 * revenue)::text,
		'unpaid_fixed_charges', COALESCE(fixed, 0 * revenue)::text) ORDER BY currency)
	INTO summaries
	FROM (SELECT currency, count(*) FILTER (WHERE class > 1) AS n,
			COALESCE(sum(amount_due) FILTER (WHERE class > 1), zero) AS revenue,
			count(*) FILTER (WHERE class > 2) AS n_unpaid,
			COALESCE(sum(amount_remaining) FILTER (WHERE class > 2), zero) AS unpaid,
			count(*) FILTER (WHERE class > 2 AND due_date < as_of::date) AS n_overdue,
			COALESCE(sum(amount_remaining)
				FILTER (WHERE class > 2 AND due_date < as_of::date), zero) AS overdue
		FROM (SELECT currency, amount_due, amount_remaining, due_date,
				CASE currency WHEN 'jpy' THEN 0 ELSE 0.00 END AS zero,
				bench.class(invoice_status, payment_status) AS class
			FROM desk.invoice WHERE customer_id = id OFFSET 0) c GROUP BY currency, zero) i
	LEFT JOIN (SELECT i.currency,
			trim_scale(sum(l.amount) FILTER (WHERE price_type = 'usage')) + i.zero AS usage,
			trim_scale(sum(l.amount) FILTER (WHERE price_type = 'fixed')) + i.zero AS fixed
		FROM (SELECT invoice_id, currency, CASE currency WHEN 'jpy' THEN 0 ELSE 0.00 END AS zero
			FROM desk.invoice
			WHERE customer_id = id AND bench.class(invoice_status, payment_status) > 2 OFFSET 0) i
		JOIN desk.invoice_line_item l USING (invoice_id) GROUP BY i.currency, i.zero) c
	USING (currency);
	RETURN jsonb_build_object('customer_id', id, 'default_currency', usual,
		'summaries', COALESCE(summaries, '[]'));
END $$;
CREATE FUNCTION bench.hand_units(id text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
	PERFORM FROM desk.customer c WHERE c.customer_id = id;
	IF NOT FOUND THEN
		RAISE NO_DATA_FOUND;
	END IF;
	RETURN (SELECT jsonb_build_object('balancesByCurrency', COALESCE(jsonb_agg(
		jsonb_build_object('currency', upper(currency), 'vcuBalance', jsonb_build_object(
			'type', 'VCU', 'credit', trim_scale(credit), 'usedCredit', trim_scale(used),
			'debt', trim_scale(debt), 'futureDebt', trim_scale(future),
			'balance', trim_scale(credit - used - debt))) ORDER BY currency), '[]'))
	FROM (SELECT currency, COALESCE(sum(units) FILTER (WHERE class = 1), 0) AS credit,
			COALESCE(sum(units) FILTER (WHERE class = 2), 0) AS used,
			COALESCE(sum(units) FILTER (WHERE class = 3), 0) AS debt,
			COALESCE(sum(units) FILTER (WHERE class = 4), 0) AS future
		FROM (SELECT currency, units, CASE status WHEN 'paid' THEN 1 WHEN 'pending' THEN 3 END
				AS class FROM desk.vcu_invoice
			WHERE customer_id = id AND COALESCE(paid_at, created_at) <= now()
			UNION ALL SELECT currency, units,
				CASE WHEN status = 'issued' THEN CASE WHEN pay_with_balance THEN 2 ELSE 4 END END
			FROM desk.vcu_order WHERE customer_id = id AND created_at <= now()) u
		GROUP BY currency) u);
END $$;
CREATE FUNCTION bench.hand_time(instant timestamptz) RETURNS text LANGUAGE sql STABLE
RETURN to_char(instant AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');
CREATE FUNCTION bench.hand_credits(id text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
	name text;
	memos jsonb;
	available bigint;
	n bigint;
BEGIN
	SELECT customer_name INTO STRICT name FROM desk.customer c WHERE c.customer_id = id;
	SELECT jsonb_agg(jsonb_build_object('id', m.credit_memo_id, 'amount', amount, 'number', number,
			'reason', reason, 'status', status, 'currency', upper(currency),
			'voided_at', bench.hand_time(voided_at), 'created_at', bench.hand_time(created_at),
			'invoice_id', invoice_id, 'issue_date', issue_date, 'line_items', line_items,
			'updated_at', bench.hand_time(updated_at), 'business_id', business_id,
			'customer_id', id, 'description', description, 'applications', applications,
			'applied_date', bench.hand_time(COALESCE(applied_date, last_applied)),
			'can_be_voided', false,
			'customer_name', COALESCE(customer_name, name), 'voided_reason', voided_reason)
		|| jsonb_build_object('amount_applied', amount_applied, 'can_be_applied', true,
			'can_be_deleted', false, 'internal_notes', internal_notes, 'invoice_number',
			invoice_number, 'reason_display', initcap(reason),
			'amount_remaining', amount - amount_applied,
			'has_applications', applications IS NOT NULL,
			'amount_in_dollars', round(amount * 0.01, 2)::text,
			'amount_applied_in_dollars', round(amount_applied * 0.01, 2)::text,
			'amount_remaining_in_dollars', round((amount - amount_applied) * 0.01, 2)::text)
		ORDER BY issue_date, created_at, m.credit_memo_id), sum(amount - amount_applied), count(*)
	INTO memos, available, n
	FROM desk.credit_memo m LEFT JOIN (SELECT a.credit_memo_id, max(a.applied_at) AS last_applied,
			jsonb_agg(jsonb_build_object('id', a.application_id, 'applied_at',
				bench.hand_time(a.applied_at), 'invoice_id', a.invoice_id, 'amount_applied',
				a.amount_applied, 'credit_memo_id', a.credit_memo_id, 'applied_by_user_id',
				a.applied_by_user_id, 'amount_applied_dollars',
				round(a.amount_applied * 0.01, 2)::text) ORDER BY a.applied_at, a.application_id)
				AS applications
		FROM desk.credit_memo m JOIN desk.credit_memo_application a USING (credit_memo_id)
		WHERE m.customer_id = id AND a.reversed_at IS NULL GROUP BY 1) a USING (credit_memo_id)
	WHERE m.customer_id = id AND status IN ('issued', 'partially_applied')
		AND amount > amount_applied AND COALESCE(expires_at > now(), true);
	RETURN jsonb_build_object('customer_id', id, 'credit_memos', COALESCE(memos, '[]'),
		'customer_name', name, 'credit_memos_count', n, 'total_credits_available', available,
		'total_credits_available_dollars', round(available * 0.01, 2)::text);
END $$;

SELECT bench.add('balance: customer_balance()',
	ARRAY[$$SELECT balance.customer_balance($1, 'desk')$$], 'customer_balance');
SELECT bench.add('hand: customer_balance()', ARRAY['SELECT bench.hand_balance($1)'],
	'customer_balance');
SELECT bench.add('balance: invoice_summary()',
	ARRAY[$$SELECT balance.invoice_summary($1, '2025-12-31 12:00+00', 'UTC', 'desk')$$],
	'invoice_summary');
SELECT bench.add('hand: invoice_summary()',
	ARRAY[$$SELECT bench.hand_summary($1, '2025-12-31 12:00+00')$$], 'invoice_summary');
SELECT bench.add('balance: vcu_balance()',
	ARRAY[$$SELECT balance.vcu_balance($1, ledger => 'desk')$$], 'vcu_balance');
SELECT bench.add('hand: vcu_balance()', ARRAY['SELECT bench.hand_units($1)'], 'vcu_balance');
SELECT bench.add('balance: customer_credits()',
	ARRAY[$$SELECT balance.customer_credits($1, ledger => 'desk')$$], 'customer_credits');
SELECT bench.add('hand: customer_credits()', ARRAY['SELECT bench.hand_credits($1)'],
	'customer_credits');
SELECT bench.add('nothing: its parameter', ARRAY['SELECT $1']);
SELECT bench.goal(d || ', time of the hand-written function''s', 'balance: ' || d, 'hand: ' || d,
	'<=', 1.5, 1.2)
FROM unnest(ARRAY['customer_balance', 'invoice_summary', 'vcu_balance', 'customer_credits']) d;

-- equal for all customers, whom the statements get one at a time
UPDATE bench.contender SET check_query = format('SELECT asked.customer_id, q.*
	FROM desk.customer asked, LATERAL (%s) q', replace(query[1], '$1', 'asked.customer_id'))
WHERE suite = current_setting('bench.suite');
SELECT bench.check_answers();
