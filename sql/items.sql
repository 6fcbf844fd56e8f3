-- The rows behind a number: their count and sum equal every numeric field of every document.
\set SHOW_CONTEXT never
SET TimeZone = 'UTC';
SET client_min_messages = warning;
SELECT balance.create_ledger('itemized');
SELECT balance.drop_report_views('itemized');
SET balance.ledger = 'itemized';
SELECT setseed(0.5);
INSERT INTO itemized.customer SELECT 'c' || g FROM generate_series(1, 12) g;
INSERT INTO itemized.invoice (invoice_id, customer_id, currency, invoice_status, payment_status,
	total, amount_due, amount_remaining, due_date)
SELECT 'i' || g, 'c' || 1 + g % 11, (ARRAY['usd', 'EUR', 'jpy', 'Kwd'])[1 + (random() * 3)::int],
	(ARRAY['draft', 'Open', 'partially-paid', 'PAID', 'voided', NULL])[1 + (random() * 5)::int],
       (ARRAY[NULL, 'failed', 'succeeded', 'Pending'])[1 + (random() * 3)::int],
       	round((random() * 1000)::numeric, 3), round((random() * 1000)::numeric, 8),
       	round((random() * 1000 - 100)::numeric, 2),
       CASE WHEN random() < 0.8 THEN '2026-02-01'::date + (random() * 40 - 20)::int END
FROM generate_series(1, 400) g;
INSERT INTO itemized.invoice_line_item SELECT 'i' || 1 + (random() * 399)::int,
	(ARRAY['usage', 'Usage', 'fixed', NULL])[1 + (random() * 3)::int],
	round((random() * 100)::numeric, 6) FROM generate_series(1, 800) g;
INSERT INTO itemized.deposit SELECT 'd' || g, 'c' || 1 + g % 11,
	(ARRAY['usd', 'eur', 'GBP'])[1 + (random() * 2)::int],
	(ARRAY['held', 'Held', 'a.count', ''])[1 + (random() * 3)::int],
	round((random() * 100)::numeric, 2) FROM generate_series(1, 100) g;
INSERT INTO itemized.vcu_invoice SELECT 'v' || g, 'c' || 1 + g % 11,
	(ARRAY['usd', 'brl'])[1 + (random())::int],
	(ARRAY['paid', 'Pending', 'overdue', 'cancelled'])[1 + (random() * 3)::int],
	round((random() * 100)::numeric, (random() * 25)::int),
	now() - random() * interval '99 days', CASE WHEN random() < 0.9
	THEN now() + (random() - 0.9) * interval '9 days' END FROM generate_series(1, 200) g;
INSERT INTO itemized.vcu_order SELECT 'o' || g, 'c' || 1 + g % 11,
	(ARRAY['usd', 'brl'])[1 + (random())::int],
	(ARRAY['issued', 'Billed', 'paid', 'refunded'])[1 + (random() * 3)::int],
	round((random() * 100)::numeric, (random() * 25)::int),
	random() < 0.3, now() + (random() - 0.9) * interval '9 days' FROM generate_series(1, 200) g;
INSERT INTO itemized.credit_memo (credit_memo_id, business_id, customer_id, status, currency,
	amount, amount_applied, issue_date, reason)
SELECT 'm' || g, 'b', 'c' || 1 + g % 11,
	(ARRAY['draft', 'issued', 'partially_applied', 'fully_applied', 'void'])[1
	+ (random() * 4)::int], (ARRAY['usd', 'JPY'])[1 + (random())::int], (random() * 1000)::int,
	(random() * 700)::int, '2026-01-01', 'other' FROM generate_series(1, 100) g;
INSERT INTO itemized.credit_memo_application SELECT 'a' || g, 'm' || 1 + (random() * 99)::int, 'i1',
	(random() * 50)::int FROM generate_series(1, 100) g;

-- every numeric field of every document, as (customer, currency, field, value), counts and sums
-- apart
CREATE TEMP TABLE figure (customer_id text, currency text, field text, is_count boolean,
	value numeric);
INSERT INTO figure
SELECT c.customer_id, e->>'currency', 'total_invoices_ready_for_payment', false,
	(e->>'total_invoices_ready_for_payment')::numeric
FROM itemized.customer c, jsonb_array_elements(balance.customer_balance(c.customer_id)) e
UNION ALL
SELECT c.customer_id, e->>'currency', part || '.' || f.key || suffix, is_count,
	(f.value->>unit)::numeric
FROM itemized.customer c, jsonb_array_elements(balance.customer_balance(c.customer_id)) e,
	(VALUES ('invoices'), ('deposits')) p(part), jsonb_each(e->part) f,
     (VALUES ('.count', true, 'count'), ('.total', false, 'total')) u(suffix, is_count, unit)
UNION ALL
SELECT c.customer_id, s->>'currency', f.key, f.key LIKE '%count', f.value::numeric
FROM itemized.customer c,
	jsonb_array_elements(balance.invoice_summary(c.customer_id, '2026-02-03 22:00Z',
	'Asia/Tokyo')->'summaries') s, jsonb_each_text(s - 'currency' - 'customer_id') f
UNION ALL
SELECT c.customer_id, b->>'currency', f.key, false, f.value::numeric
FROM itemized.customer c,
	jsonb_array_elements(balance.vcu_balance(c.customer_id)->'balancesByCurrency') b,
	jsonb_each_text((b->'vcuBalance') - 'type') f
UNION ALL
SELECT c.customer_id, cur, f, f LIKE '%count',
	(balance.customer_credits(c.customer_id, NULL, cur)->>f)::numeric
FROM itemized.customer c, unnest('{usd,jpy}'::text[]) cur,
	unnest('{total_credits_available,credit_memos_count}'::text[]) f
UNION ALL
SELECT c.customer_id, cur, 'credit_memos.' || f, false, sum((m->>f)::numeric)
FROM itemized.customer c, unnest('{usd,jpy}'::text[]) cur,
	unnest('{amount,amount_applied,amount_remaining}'::text[]) f,
	jsonb_array_elements(balance.customer_credits(c.customer_id, NULL, cur)->'credit_memos') m
	GROUP BY 1, 2, 3
UNION ALL
SELECT c.customer_id, cur, 'credit_memos.applications.amount_applied', false,
	sum((a->>'amount_applied')::numeric)
FROM itemized.customer c, unnest('{usd,jpy}'::text[]) cur,
	jsonb_array_elements(balance.customer_credits(c.customer_id, NULL, cur)->'credit_memos') m,
	jsonb_array_elements(m->'applications') a GROUP BY 1, 2, 3;

SELECT count(*) > 1000 AS many, count(DISTINCT field) AS fields,
	count(*) FILTER (WHERE value <> items) AS differing
FROM figure f,
	LATERAL (SELECT CASE WHEN is_count THEN count(*) ELSE COALESCE(sum(amount), 0) END AS items
                        FROM balance.items(f.customer_id, f.field, f.currency,
                        	CASE WHEN f.field ~ '^(total|unpaid|overdue)_.*(count|amount|charges)$'
                        	THEN '2026-02-03 22:00Z' ELSE now() END, 'Asia/Tokyo')) i;
SELECT field, count(*) > 0 AS checked FROM figure GROUP BY field ORDER BY field COLLATE "C";

-- what a row looks like
INSERT INTO itemized.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining, due_date)
	VALUES ('x1', 'c12', 'usd', 'open', 120.50, 120.50, 50.25, '2026-01-31'),
	('x2', 'c12', 'usd', 'open', 1, 1, 1, '2026-03-31');
INSERT INTO itemized.vcu_order VALUES ('x1', 'c12', 'usd', 'issued', 5, true, '2026-01-31');
SELECT relation, id, class, amount, item->>'due_date' AS due
	FROM balance.items('c12', 'total_overdue_amount', 'USD', '2026-02-01', 'UTC');
SELECT relation, id, class, amount, jsonb_typeof(item) FROM balance.items('c12', 'balance', 'usd');
SELECT relation, id, class, amount FROM balance.items('c12', 'total_unpaid_amount', 'usd')
	ORDER BY amount;
SELECT count(*) FROM balance.items('c12', 'total_overdue_amount', 'eur');
-- due instants
ALTER TABLE itemized.invoice ALTER due_date TYPE timestamptz;
SELECT id FROM balance.items('c12', 'overdue_invoice_count', 'usd', '2026-03-31 00:00:00.000001Z');
SELECT id FROM balance.items('c12', 'overdue_invoice_count', 'usd', '2026-03-31 00:00:00Z');

-- bad input
SELECT * FROM balance.items('c12', 'invoices.shipped', 'usd');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM balance.items('c12', '', 'usd');
SELECT * FROM balance.items('c12', 'invoices.paid.sum', 'usd');
SELECT count(*) FROM balance.items('c12', 'deposits.', 'usd');
SELECT * FROM balance.items('c12', 'debt', 'zzz');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM balance.items('c12', 'debt', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM balance.items(NULL, 'debt', 'usd');
SELECT * FROM balance.items('c12', NULL, 'usd');
SELECT * FROM balance.items('c12', 'debt', 'usd', NULL);
SELECT * FROM balance.items('c12', 'debt', 'usd', zone => NULL);
SELECT * FROM balance.items('c12', 'debt', 'usd', zone => 'Mars');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM balance.items('nobody', 'debt', 'usd');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*)
	FROM balance.items('c12', 'debt', 'usd', 'infinity') a,
	balance.items('c12', 'overdue_invoice_count', 'usd', '-infinity') b;
-- a row that nothing counts could be one of those asked for: an error, as in the document
CREATE SCHEMA anything;
SELECT format('CREATE TABLE anything.%I AS TABLE itemized.%I WITH NO DATA', relname, relname)
FROM pg_class WHERE relnamespace = 'itemized'::regnamespace AND relkind = 'r'
ORDER BY relname \gexec
SET balance.ledger = 'anything';
SET search_path = anything;
CREATE FUNCTION pg_temp.item_ids(field text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN (SELECT string_agg(concat_ws(' ', id, amount), ', ' ORDER BY id)
		FROM balance.items('c', field, 'usd'));
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE FUNCTION pg_temp.with_row(change text, field text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE change;
	result := pg_temp.item_ids(field);
	RAISE 'undo' USING ERRCODE = 'UNDO1';
EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
	RETURN result;
END $$;
INSERT INTO customer VALUES ('c');
INSERT INTO invoice VALUES ('i', 'c', 'usd', 'open', NULL, NULL, 1, 1, 1, '2026-01-01');
INSERT INTO invoice_line_item VALUES ('i', 'usage', 1);
INSERT INTO deposit VALUES ('d', 'c', 'usd', 'held', 1);
INSERT INTO vcu_invoice VALUES ('v', 'c', 'usd', 'paid', 1, '2026-01-01');
INSERT INTO vcu_order VALUES ('o', 'c', 'usd', 'issued', 1, NULL, '2026-01-01');
INSERT INTO credit_memo (credit_memo_id, customer_id, status, currency, amount, amount_applied)
 VALUES ('m', 'c', 'issued', 'usd', 100, 0);
INSERT INTO credit_memo_application (application_id, credit_memo_id, amount_applied)
 VALUES ('a', 'm', 1);
SELECT field, pg_temp.with_row('INSERT INTO ' || insert, field) FROM (VALUES
 ('total_unpaid_amount', 'customer VALUES (''other'')'),
 ('total_unpaid_amount', 'invoice VALUES (2, ''c'', ''usd '', ''open'')'),
 ('total_overdue_amount', 'invoice VALUES (2, ''c'', NULL, ''open'')'),
 ('invoices.paid', 'invoice VALUES (2, ''c'', ''eur'', ''settling'')'),
 ('invoices.ready_for_payment', 'invoice VALUES (2, ''c'', ''usd'', ''open'')'),
 ('unpaid_usage_charges', 'invoice_line_item VALUES (''i'', ''usage'', ''NaN'')'),
 ('deposits.held', 'deposit VALUES (2, ''c'', ''usd'', NULL, 5)'),
 ('deposits.held', 'deposit VALUES (2, ''c'', ''u$d'', ''held'', 5)'),
 ('deposits.held', 'deposit VALUES (2, ''other'', ''u$d'', ''held'', 5)'),
 ('credit', 'vcu_invoice VALUES (2, ''c'', ''usd'', NULL, 5, ''2026-01-01'')'),
 ('futureDebt', 'vcu_invoice VALUES (2, ''c'', NULL, ''paid'', 5, ''2026-01-01'')'),
 ('balance', 'vcu_order VALUES (2, ''c'', ''usd'', NULL, 5, true, ''2026-01-01'')'),
 ('total_credits_available',
  'credit_memo (credit_memo_id, customer_id, currency, amount, amount_applied)
   VALUES (2, ''c'', ''usd'', 5, 0)'),
 ('total_credits_available',
  'credit_memo (credit_memo_id, customer_id, status, currency, amount)
   VALUES (2, ''c'', ''issued'', ''usd'', 5)'),
 ('credit_memos.applications.amount_applied',
  'credit_memo (credit_memo_id, customer_id, status, amount, amount_applied)
   VALUES (2, ''c'', ''issued'', 5, 0)')
) v(field, insert);
RESET search_path;
SET balance.ledger = 'itemized';
DROP SCHEMA anything CASCADE;
DROP TABLE itemized.deposit, itemized.credit_memo_application;
SELECT * FROM balance.items('c12', 'deposits.held', 'usd');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM balance.items('c12', 'credit_memos.applications.amount_applied', 'usd');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM balance.items('c12', 'debt', 'usd', ledger => 'nowhere');
\echo :LAST_ERROR_SQLSTATE
DROP SCHEMA itemized CASCADE;
