-- The rows of every report view in plain SQL, over the tables of the ledger in
-- search_path.  A row is an object of its columns, so that none can be missing.

-- null for gold, which ISO 4217 gives no minor unit
CREATE FUNCTION reference.minor_unit(code text) RETURNS int STABLE LANGUAGE sql AS
$$ SELECT scale(unit) FROM reference.currency c WHERE c.code = minor_unit.code
	AND c.code <> 'XAU' $$;

-- a document as the rows that report views show of it
CREATE FUNCTION reference.balance_rows(document jsonb) RETURNS SETOF jsonb LANGUAGE sql AS $$
SELECT jsonb_build_object(
	'customer_id', e -> 'customer_id',
	'currency', upper(e ->> 'currency'),
	'minor_unit', reference.minor_unit(upper(e ->> 'currency')),
	'wb_customer_id', e -> 'wb_customer_id',
	'kind', kind,
	'state', state.key,
	'count', state.value -> 'count',
	'total', (state.value ->> 'total')::numeric)
FROM jsonb_array_elements(document) e, unnest('{invoices,deposits}'::text[]) kind,
	jsonb_each(e -> kind) state
$$;

CREATE FUNCTION reference.summary_rows(document jsonb) RETURNS SETOF jsonb LANGUAGE sql AS $$
SELECT jsonb_build_object(
	'customer_id', s -> 'customer_id',
	'currency', upper(s ->> 'currency'),
	'minor_unit', reference.minor_unit(upper(s ->> 'currency')))
	|| (SELECT jsonb_object_agg(key, value::numeric) FROM jsonb_each_text(s)
		WHERE key NOT IN ('customer_id', 'currency'))
FROM jsonb_array_elements(document -> 'summaries') s
$$;

CREATE FUNCTION reference.unit_rows(customer_id text, document jsonb)
RETURNS SETOF jsonb LANGUAGE sql AS $$
SELECT jsonb_build_object(
	'customer_id', customer_id,
	'currency', b -> 'currency',
	'minor_unit', reference.minor_unit(b ->> 'currency'))
	|| (b -> 'vcuBalance') - 'type'
FROM jsonb_array_elements(document -> 'balancesByCurrency') b
$$;

CREATE FUNCTION reference.ageing_rows(customer_id text, document jsonb)
RETURNS SETOF jsonb LANGUAGE sql AS $$
SELECT a || jsonb_build_object(
	'customer_id', customer_id,
	'minor_unit', reference.minor_unit(code),
	'amount', reference.decimal((a ->> 'amount')::numeric, unit)::numeric)
FROM jsonb_array_elements(document) a JOIN reference.currency ON code = a ->> 'currency'
$$;

-- a currency is there with a memo that is available and has something left
CREATE FUNCTION reference.credit_rows() RETURNS SETOF jsonb LANGUAGE sql AS $$
WITH memo AS (
	SELECT customer_id, upper(currency) AS code, amount::numeric - amount_applied AS remaining,
		reference.word(status) IN ('issued', 'partiallyapplied') AS available
	FROM credit_memo
)
SELECT jsonb_build_object(
	'customer_id', customer_id,
	'currency', code,
	'minor_unit', reference.minor_unit(code),
	'customer_name', c.customer_name,
	'total_credits_available', coalesce(sum(remaining) FILTER (WHERE available), 0),
	'total_credits_available_dollars',
		reference.decimal(sum(remaining * unit) FILTER (WHERE available), unit)::numeric,
	'credit_memos_count', count(*) FILTER (WHERE available))
FROM memo JOIN reference.currency USING (code) JOIN customer c USING (customer_id)
WHERE available AND remaining > 0
GROUP BY customer_id, c.customer_name, code, unit
$$;

-- all reports but the long form
CREATE FUNCTION reference.reports(as_of timestamptz, zone text)
RETURNS TABLE (report text, r jsonb) LANGUAGE sql AS $$
SELECT 'report_customer_balance', r FROM reference.customer_balance(),
	reference.balance_rows(document) r
UNION ALL
SELECT 'report_invoice_summary', r FROM reference.invoice_summary(as_of, zone),
	reference.summary_rows(document) r
UNION ALL
SELECT 'report_ageing', r FROM reference.ageing(as_of, zone, '{30,60,90}') a,
	reference.ageing_rows(a.customer_id, document) r
UNION ALL
SELECT 'report_vcu_balance', r FROM reference.vcu_balance(NULL, NULL) b,
	reference.unit_rows(b.customer_id, document) r
UNION ALL
SELECT 'report_customer_credits', reference.credit_rows()
$$;

-- the long form of a row: its figures, by what they are called elsewhere
CREATE FUNCTION reference.metrics(report text, r jsonb) RETURNS SETOF jsonb LANGUAGE sql AS $$
SELECT jsonb_build_object(
	'customer_id', r -> 'customer_id',
	'currency', r -> 'currency',
	'minor_unit', r -> 'minor_unit',
	'metric',
		concat_ws('.', r ->> 'kind', r ->> 'state', CASE WHEN r ? 'bucket' THEN 'ageing' END,
		r ->> 'bucket', key),
	'unit', CASE WHEN key ~ 'count$' THEN 'count' WHEN report ~ 'vcu' THEN 'VCU'
		WHEN key ~ 'available$' THEN 'minor' ELSE 'major' END,
	'value', value)
FROM jsonb_each(r)
WHERE key NOT IN ('customer_id', 'currency', 'minor_unit', 'wb_customer_id', 'customer_name',
	'kind', 'state', 'bucket', 'from_days', 'to_days')
$$;

-- who owes most, in order, of the rows of invoice summaries
CREATE FUNCTION reference.top_debtors(summaries jsonb[], currency text, n int)
RETURNS SETOF jsonb LANGUAGE sql AS $$
SELECT (SELECT jsonb_object_agg(key, value) FROM jsonb_each(r)
	WHERE key ~ '^(customer_id|currency|minor_unit)$|unpaid_amount|unpaid_invoice|overdue')
FROM unnest(summaries) r
WHERE r ->> 'currency' = upper(top_debtors.currency) AND (r ->> 'total_unpaid_amount')::numeric > 0
ORDER BY (r ->> 'total_unpaid_amount')::numeric DESC, (r ->> 'total_overdue_amount')::numeric DESC,
	r ->> 'customer_id' COLLATE "C" LIMIT n
$$;
