-- The hand-written side: the best single statements found for the documents.
-- They know the vocabulary of statuses in one spelling, and nothing of errors.
\set ON_ERROR_STOP on
SET client_min_messages = warning;

-- 1 void, 2 paid, 3 draft, 4 open.  Inlined by the planner.
CREATE FUNCTION bench.class(invoice_status text, payment_status text)
RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN invoice_status IN ('voided', 'void', 'canceled', 'cancelled', 'skipped',
	'written_off', 'uncollectible') THEN 1
            WHEN invoice_status = 'paid'
              OR payment_status IN ('succeeded', 'paid', 'overpaid', 'refunded',
              'partially_refunded') THEN 2
            WHEN invoice_status IN ('draft', 'pending_validation') THEN 3 ELSE 4 END;

-- 1 void, 2 paid, 3 unpaid, 4 overdue.
CREATE FUNCTION bench.state(invoice_status text, payment_status text, due_date date)
RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN invoice_status IN ('voided', 'void', 'canceled', 'cancelled', 'skipped',
	'written_off', 'uncollectible') THEN 1
            WHEN invoice_status = 'paid'
              OR payment_status IN ('succeeded', 'paid', 'overpaid', 'refunded',
              'partially_refunded') THEN 2
            WHEN due_date < '2025-12-31' THEN 4 ELSE 3 END;

-- Both documents by customer, in two ways each: by jsonb functions, and by a
-- text that is made jsonb once a customer, which is faster.  Tried and slower than the
-- better of them, by CPU time over 1,000,000 invoices: classes as groups, with jsonb_object_agg
-- (1.5 times) or
-- string_agg (1.1); CASE for FILTER (1.1); words as groups and classes after that (1.7); one
-- level with a FILTER for each currency and class (1.6); summaries with disjoint states (1.0) or
-- states as groups (1.2).
CREATE VIEW bench.balance_cells AS
SELECT customer_id, currency, CASE WHEN currency = 'jpy' THEN '0' ELSE '0.00' END AS zero,
       count(*) FILTER (WHERE class = 1) AS n_void, sum(total) FILTER (WHERE class = 1) AS void,
       count(*) FILTER (WHERE class = 2) AS n_paid, sum(total) FILTER (WHERE class = 2) AS paid,
       count(*) FILTER (WHERE class = 3) AS n_draft, sum(total) FILTER (WHERE class = 3) AS draft,
       count(*) FILTER (WHERE class = 4) AS n_ready, sum(total) FILTER (WHERE class = 4) AS ready
FROM (SELECT customer_id, currency, total, bench.class(invoice_status, payment_status) AS class
	FROM book.invoice OFFSET 0) c
GROUP BY 1, 2;

CREATE VIEW bench.balance_by_jsonb AS
SELECT customer_id,
	jsonb_agg(jsonb_build_object('wb_customer_id', 'book', 'customer_id', customer_id,
	'currency', currency,
         'total_invoices_ready_for_payment', COALESCE(ready::text, zero), 'deposits', '{}'::jsonb,
         'invoices', jsonb_strip_nulls(jsonb_build_object(
            'ready_for_payment',
              jsonb_build_object('count', n_ready, 'total', COALESCE(ready::text, zero)),
            'paid', CASE WHEN n_paid > 0
              THEN jsonb_build_object('count', n_paid, 'total', paid::text) END,
            'pending_validation', CASE WHEN n_draft > 0
              THEN jsonb_build_object('count', n_draft, 'total', draft::text) END,
            'canceled', CASE WHEN n_void > 0
              THEN jsonb_build_object('count', n_void, 'total', void::text) END)))
            ORDER BY currency) AS document
FROM bench.balance_cells GROUP BY customer_id;

CREATE VIEW bench.balance_by_text AS
SELECT customer_id,
	('['
	|| string_agg('{"wb_customer_id": "book", "customer_id": ' || to_json(customer_id)::text
	|| ', "currency": "' || currency ||
         '", "total_invoices_ready_for_payment": "' || COALESCE(ready::text, zero)
           || '", "deposits": {}, "invoices": {"ready_for_payment": {"count": ' || n_ready
           || ', "total": "' || COALESCE(ready::text, zero) || '"}' ||
         CASE WHEN n_paid > 0 THEN ', "paid": {"count": ' || n_paid || ', "total": "' || paid
           || '"}' ELSE '' END ||
         CASE WHEN n_draft > 0 THEN ', "pending_validation": {"count": ' || n_draft
           || ', "total": "' || draft || '"}' ELSE '' END ||
         CASE WHEN n_void > 0 THEN ', "canceled": {"count": ' || n_void || ', "total": "' || void
           || '"}' ELSE '' END || '}}', ',' ORDER BY currency) || ']')::jsonb AS document
FROM bench.balance_cells GROUP BY customer_id;

CREATE VIEW bench.summary_cells AS
SELECT customer_id, currency, CASE WHEN currency = 'jpy' THEN '0' ELSE '0.00' END AS zero,
       count(*) FILTER (WHERE state > 1) AS n, sum(amount_due) FILTER (WHERE state > 1) AS revenue,
       count(*) FILTER (WHERE state > 2) AS n_unpaid, sum(amount_remaining)
         FILTER (WHERE state > 2) AS unpaid,
       count(*) FILTER (WHERE state > 3) AS n_overdue, sum(amount_remaining)
         FILTER (WHERE state > 3) AS overdue
FROM (SELECT customer_id, currency, amount_due, amount_remaining,
	bench.state(invoice_status, payment_status, due_date) AS state FROM book.invoice OFFSET 0) s
GROUP BY 1, 2;

CREATE VIEW bench.summary_by_jsonb AS
SELECT customer_id,
	jsonb_build_object('customer_id', customer_id, 'default_currency', 'usd', 'summaries',
	jsonb_agg(jsonb_build_object('currency', currency, 'customer_id', customer_id,
         'total_invoice_count', n, 'total_revenue_amount', COALESCE(revenue::text, zero),
           'unpaid_invoice_count', n_unpaid, 'total_unpaid_amount', COALESCE(unpaid::text, zero),
         'overdue_invoice_count', n_overdue, 'total_overdue_amount', COALESCE(overdue::text, zero),
           'unpaid_usage_charges', zero, 'unpaid_fixed_charges', zero)
         ORDER BY currency)) AS document
FROM bench.summary_cells GROUP BY customer_id;

CREATE VIEW bench.summary_by_text AS
SELECT customer_id,
	('{"customer_id": ' || to_json(customer_id)::text
	|| ', "default_currency": "usd", "summaries": [' ||
         string_agg('{"currency": "' || currency || '", "customer_id": '
           || to_json(customer_id)::text || ', "total_invoice_count": ' || n
           || ', "total_revenue_amount": "' || COALESCE(revenue::text, zero) ||
         '", "unpaid_invoice_count": ' || n_unpaid || ', "total_unpaid_amount": "'
           || COALESCE(unpaid::text, zero) || '", "overdue_invoice_count": ' || n_overdue
           || ', "total_overdue_amount": "' || COALESCE(overdue::text, zero) ||
         '", "unpaid_usage_charges": "' || zero || '", "unpaid_fixed_charges": "' || zero || '"}',
           ',' ORDER BY currency) || ']}')::jsonb AS document
FROM bench.summary_cells GROUP BY customer_id;

-- The two documents in one statement, which reads the rows once.
CREATE VIEW bench.both_by_text AS
SELECT customer_id,
	('['
	|| string_agg('{"wb_customer_id": "book", "customer_id": ' || to_json(customer_id)::text
	|| ', "currency": "' || currency ||
         '", "total_invoices_ready_for_payment": "' || COALESCE(ready::text, zero)
           || '", "deposits": {}, "invoices": {"ready_for_payment": {"count": ' || n_ready
           || ', "total": "' || COALESCE(ready::text, zero) || '"}' ||
         CASE WHEN n_paid > 0 THEN ', "paid": {"count": ' || n_paid || ', "total": "' || paid
           || '"}' ELSE '' END ||
         CASE WHEN n_draft > 0 THEN ', "pending_validation": {"count": ' || n_draft
           || ', "total": "' || draft || '"}' ELSE '' END ||
         CASE WHEN n_void > 0 THEN ', "canceled": {"count": ' || n_void || ', "total": "' || void
           || '"}' ELSE '' END || '}}', ',' ORDER BY currency) || ']')::jsonb AS balance,
       ('{"customer_id": ' || to_json(customer_id)::text
         || ', "default_currency": "usd", "summaries": [' ||
         string_agg('{"currency": "' || currency || '", "customer_id": '
           || to_json(customer_id)::text || ', "total_invoice_count": ' || n
           || ', "total_revenue_amount": "' || COALESCE(revenue::text, zero) ||
         '", "unpaid_invoice_count": ' || n_unpaid || ', "total_unpaid_amount": "'
           || COALESCE(unpaid::text, zero) || '", "overdue_invoice_count": ' || n_overdue
           || ', "total_overdue_amount": "' || COALESCE(overdue::text, zero) ||
         '", "unpaid_usage_charges": "' || zero || '", "unpaid_fixed_charges": "' || zero || '"}',
           ',' ORDER BY currency) || ']}')::jsonb AS summary
FROM (SELECT customer_id, currency, CASE WHEN currency = 'jpy' THEN '0' ELSE '0.00' END AS zero,
             count(*) FILTER (WHERE class = 1) AS n_void, sum(total)
               FILTER (WHERE class = 1) AS void,
             count(*) FILTER (WHERE class = 2) AS n_paid, sum(total)
               FILTER (WHERE class = 2) AS paid,
             count(*) FILTER (WHERE class = 3) AS n_draft, sum(total)
               FILTER (WHERE class = 3) AS draft,
             count(*) FILTER (WHERE class = 4) AS n_ready, sum(total)
               FILTER (WHERE class = 4) AS ready,
             count(*) FILTER (WHERE class > 1) AS n, sum(amount_due)
               FILTER (WHERE class > 1) AS revenue,
             count(*) FILTER (WHERE class > 2) AS n_unpaid, sum(amount_remaining)
               FILTER (WHERE class > 2) AS unpaid,
             count(*) FILTER (WHERE class > 2 AND due_date < '2025-12-31') AS n_overdue,
               sum(amount_remaining) FILTER (WHERE class > 2 AND due_date < '2025-12-31') AS overdue
      FROM (SELECT customer_id, currency, total, amount_due, amount_remaining, due_date,
        bench.class(invoice_status, payment_status) AS class FROM book.invoice OFFSET 0) c
      GROUP BY 1, 2) i
GROUP BY customer_id;
