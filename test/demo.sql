-- What make demo shows: the four documents, the book as tables and a what-if,
-- over six made-up companies. Only the statements worth learning are echoed.
\pset footer off
\pset format unaligned
\pset tuples_only on
\echo '\n=== This is all it takes; then the ledger was filled with six companies. ===\n'
\set ECHO queries
CREATE EXTENSION balance;
\o /dev/null
SELECT balance.create_ledger('billing');
\o
SET search_path = billing, balance, public;
\set ECHO none
-- for make psql, so that what is shown here can be pasted there
ALTER DATABASE :"DBNAME" SET search_path = billing, balance, public;

INSERT INTO customer (customer_id, wb_customer_id, business_id, customer_name, default_currency)
VALUES
 ('Cust_cc871a3a-2b38-4689-a32d-14bf2e62b1ae',
   'Cust_c40bea18-c0c9-44b1-bd0c-43f5283e1670', 'biz_7f21',
  'Fjord Analytics GmbH', 'EUR'),
 ('cus_01JX8Z6T4W', NULL, 'biz_7f21', 'Harbor & Pine LLC',         'USD'),
 ('cus_01JXA9D2QK', NULL, 'biz_7f21', 'Kestrel Freight Ltd',       'GBP'),
 ('cus_01JXB3M8RV', NULL, 'biz_7f21', 'Sakura Robotics K.K.',      'JPY'),
 ('cus_01JXC5N1EH', NULL, 'biz_7f21', 'Gulf Pearl Trading W.L.L.', 'KWD'),
 ('mata-viva',      NULL, 'biz_7f21', 'Mata Viva Alimentos S.A.',  'BRL');
-- to write a customer's id once
\set fjord   Cust_cc871a3a-2b38-4689-a32d-14bf2e62b1ae
\set harbor  cus_01JX8Z6T4W
\set kestrel cus_01JXA9D2QK
\set sakura  cus_01JXB3M8RV
\set pearl   cus_01JXC5N1EH

-- the last column is the due date in days from today, so that some are always overdue
INSERT INTO invoice (invoice_id, number, customer_id, currency, invoice_status, payment_status,
                     total, amount_due, amount_remaining, due_date, issued_at)
SELECT 'Inv_' || number, 'INV-' || number, customer, currency, status, payment, total,
	total, remaining,
       current_date + days, now() + (coalesce(days, 0) - 30) * interval '1 day'
FROM (VALUES
 (1038, :'fjord',    'EUR', 'paid',               'succeeded',      1240.00,  0.00,     -45),
 (1041, :'fjord',    'EUR', 'finalized',          'failed',         1358.55,  1358.55,  -12),
 (1044, :'fjord',    'EUR', 'voided',             NULL,             1358.00,  1358.00,  -30),
 (1047, :'fjord',    'EUR', 'partially_paid',     'partially_paid', 2380.00,  1190.00,  -2),
 (1052, :'fjord',    'EUR', 'open',               NULL,             1416.21,  1416.21,  18),
 (1055, :'fjord',    'EUR', 'draft',              NULL,             96.40,    96.40,    NULL),
 (1039, :'harbor',   'USD', 'paid',               'succeeded',      8900.00,  0.00,     -38),
 (1043, :'harbor',   'USD', 'overdue',            'requires_action', 412.75,  412.75,   -23),
 (1049, :'harbor',   'USD', 'sent',               'processing',     8900.00,  8900.00,  9),
 (1050, :'harbor',   'GBP', 'issued',             NULL,             640.00,   640.00,   0),
 (1040, :'kestrel',  'GBP', 'open',               'partially_paid', 3120.00,  1560.00,  -5),
 (1053, :'kestrel',  'GBP', 'draft',              NULL,             275.50,   275.50,   30),
 (1056, :'kestrel',  'EUR', 'skipped',            NULL,             60.00,    60.00,    -8),
 (1057, :'kestrel',  'EUR', 'open',               'none',           810.00,   810.00,   -33),
 (1042, :'sakura',   'JPY', 'open',               'failed',         480000,   480000,   -3),
 (1051, :'sakura',   'JPY', 'pending_validation', NULL,             125000,   125000,   14),
 (1045, :'pearl',    'KWD', 'finalized',          'pending',        1250.750, 1250.750, 25),
 (1046, :'pearl',    'KWD', 'uncollectible',      'failed',         88.125,   88.125,   -90),
 (1048, 'mata-viva', 'BRL', 'issued',             NULL,             18400.00, 18400.00, -61),
 (1054, 'mata-viva', 'USD', 'paid',               'refunded',       350.00,   0.00,     -20)
) AS v (number, customer, currency, status, payment, total, remaining, days);

-- usage is priced with eight decimals, and invoices are rounded
INSERT INTO invoice_line_item (invoice_id, price_type, amount) VALUES
 ('Inv_1041', 'fixed', 1200.00), ('Inv_1041', 'usage', 1284311 * 0.00012345),
 ('Inv_1047', 'fixed', 2380.00),
 ('Inv_1052', 'fixed', 1200.00), ('Inv_1052', 'usage', 1751377 * 0.00012345),
 ('Inv_1055', 'usage', 780883 * 0.00012345),
 ('Inv_1043', 'usage', 550334 * 0.00075000),
 ('Inv_1049', 'fixed', 8900.00), ('Inv_1050', 'fixed', 640.00),
 ('Inv_1040', 'fixed', 3120.00), ('Inv_1053', 'usage', 137750 * 0.00200000),
 ('Inv_1057', 'fixed', 810.00),
 ('Inv_1042', 'fixed', 480000), ('Inv_1051', 'usage', 125000),
 ('Inv_1045', 'fixed', 1250.750), ('Inv_1048', 'fixed', 18400.00);

INSERT INTO deposit (deposit_id, customer_id, currency, status, amount) VALUES
 ('dep_301', :'fjord',   'EUR', 'held', 500.00),  ('dep_302', :'fjord',  'EUR', 'held',     250.00),
 ('dep_304', :'kestrel', 'GBP', 'held', 1000.00), ('dep_303', :'harbor', 'USD', 'refunded', 100.00),
 ('dep_306', :'pearl',   'KWD', 'held', 300.500), ('dep_305', :'sakura', 'JPY', 'held',     200000);

-- amounts of credit memos are in minor units: cents, yen, fils; the last column is their age in
-- days
INSERT INTO credit_memo (credit_memo_id, number, business_id, customer_id, status, currency, amount,
	amount_applied,
                         reason, description, invoice_id, issue_date, created_at, updated_at)
SELECT 'cm_5' || n, 'CM-0' || n, 'biz_7f21', customer, status, currency, amount, applied, reason,
	description, invoice,
       current_date - days, current_date - days + time '09:41',
         current_date - days / 2 + time '16:05'
FROM (VALUES
 (14, :'fjord',   'fully_applied',     'EUR', 4000,  4000, 'goodwill',      NULL, NULL, 50),
 (15, :'pearl',   'issued',            'KWD', 7500,  0,    'refund',        NULL, NULL, 40),
 (16, :'kestrel', 'void',              'GBP', 9900,  0,    'other',         NULL, NULL, 31),
 (17, :'fjord',   'partially_applied', 'EUR', 12050, 5000, 'pricing_error',
   'Old price list was used', 'Inv_1047', 20),
 (18, :'harbor',  'issued',            'USD', 25000, 0,    'refund',        NULL, NULL, 11),
 (19, :'sakura',  'issued',            'JPY', 30000, 0,    'other',         NULL, NULL, 4),
 (20, :'pearl',   'draft',             'KWD', 15250, 0,    'pricing_error', NULL, NULL, 2)
) AS v (n, customer, status, currency, amount, applied, reason, description, invoice, days);
INSERT INTO credit_memo_application (application_id, credit_memo_id, invoice_id, amount_applied,
                                     applied_at, applied_by_user_id)
SELECT 'cma_8' || n, 'cm_5' || n, invoice, amount,
	current_date - days / 2 + time '16:05', 'user_ines'
FROM (VALUES (14, 'Inv_1038', 4000, 50), (17, 'Inv_1047', 5000, 20))
	AS v (n, invoice, amount, days);

-- when it was paid and voided, so that the past can be told
INSERT INTO payment (payment_id, customer_id, currency, amount, paid_at, method, invoice_id)
SELECT 'pay_' || right(invoice_id, 4), customer_id, currency,
	amount_due - amount_remaining - balance.major_units(coalesce(applied, 0), currency),
	issued_at + interval '17 days', 'transfer', invoice_id
FROM invoice LEFT JOIN (SELECT invoice_id, sum(amount_applied) AS applied
	FROM credit_memo_application GROUP BY 1) a USING (invoice_id)
WHERE amount_remaining < amount_due;
INSERT INTO payment (payment_id, customer_id, currency, amount, paid_at, method)
VALUES ('pay_2001', :'harbor', 'USD', 150.00, now() - interval '6 days', 'card');
UPDATE invoice SET voided_at = issued_at + interval '9 days'
WHERE invoice_class(invoice_status, payment_status) = 'void';

-- the example on the page of vcu_balance
INSERT INTO vcu_order (vcu_order_id, customer_id, currency, status, units, created_at)
SELECT 'ord_' || row_number() OVER (), 'mata-viva', currency, status, units,
	now() - interval '60 days'
FROM (VALUES ('BRL', 'Issued', '{20,10,200,20,2,200}'::int[]),
	('BRL', 'Billed', '{20,20,10,10,10}'),
             ('USD', 'Issued', '{2,389}'),
               ('USD', 'Billed', '{2,20,1}')) AS v (currency, status, list),
     unnest(list) AS units;
INSERT INTO vcu_invoice (vcu_invoice_id, customer_id, currency, status, units, created_at, paid_at)
SELECT 'vcu_' || row_number() OVER (), 'mata-viva', currency, status, units,
	now() - interval '30 days',
       CASE status WHEN 'Paid' THEN now() - interval '9 days' END
FROM (VALUES ('BRL', 'Paid', '{20,30,35}'::int[]), ('BRL', 'Pending', '{70}'),
             ('USD', 'Paid', '{6}'), ('USD', 'Pending', '{23}')) AS v (currency, status, list),
     unnest(list) AS units;
ANALYZE;

\set ECHO queries
\echo '\n=== 1. What Fjord Analytics owes and holds: the shape of Wingback''s API ===\n'
SELECT jsonb_pretty(customer_balance(:'fjord'));
\echo '\n=== 2. The invoices of Harbor & Pine: the shape of Flexprice''s API'
\echo '    (due today is not overdue) ===\n'
SELECT jsonb_pretty(invoice_summary(:'harbor'));
\echo '\n=== 3. The carbon units of Mata Viva: the shape of Carbonext''s API,'
\echo '    and the figures of its own page ===\n'
SELECT jsonb_pretty(vcu_balance('mata-viva'));
\echo '\n=== 4. The credits of Fjord Analytics: the shape of DayZero''s API'
\echo '    (nulls left out here) ===\n'
SELECT jsonb_pretty(jsonb_strip_nulls(customer_credits(:'fjord')));
\pset tuples_only off
\pset format aligned
\echo '\n=== 5. The whole book, from report views: the same figures as in the documents,'
\echo '    as rows and numbers ===\n'
SELECT currency, coalesce(c.customer_name, '    all customers') AS customer,
       sum(total_unpaid_amount) AS owed, sum(total_overdue_amount) AS overdue,
       sum(held.total) AS "deposits held",
       nullif(sum(total_credits_available_dollars), 0) AS "credits available"
FROM report_invoice_summary JOIN customer c USING (customer_id)
     LEFT JOIN (SELECT * FROM report_customer_balance WHERE kind = 'deposits'
       AND state = 'held') held
       USING (customer_id, currency)
     LEFT JOIN report_customer_credits USING (customer_id, currency)
GROUP BY currency, ROLLUP (c.customer_name)
HAVING grouping(c.customer_name) = 0 OR count(*) > 1
ORDER BY currency, c.customer_name;
\echo '=== 6. What is unpaid, by days past due (made a table by psql''s \\crosstabview);'
\echo '    and who owes most ===\n'
SELECT currency, bucket, nullif(sum(amount), 0) AS unpaid
FROM report_ageing
GROUP BY currency, bucket, from_days
ORDER BY bucket = 'no_due_date', from_days NULLS FIRST, currency
\crosstabview
SELECT customer_name, total_unpaid_amount, unpaid_invoice_count, total_overdue_amount,
	overdue_invoice_count
FROM top_debtors('eur', 10) JOIN customer USING (customer_id);
\echo '=== 7. The statement that Fjord Analytics gets, of 90 days: what was owed before, what'
\echo '    happened, and what is owed after each of it ===\n'
SELECT day, kind, coalesce(number, document_id) AS document, amount, balance
FROM statement(:'fjord', current_date - 90, current_date, 'EUR');
\echo '    At the end of last month, this was unpaid, by days past due then;'
SELECT currency, bucket, nullif(sum(amount), 0) AS unpaid
FROM aged_receivables(date_trunc('month', now()) - interval '1 microsecond'),
     unnest(buckets, amounts) WITH ORDINALITY AS b(bucket, amount, place)
GROUP BY currency, bucket, place ORDER BY place, currency
\crosstabview
\echo '    what all customers owed, month by month;'
SELECT to_char(month, 'YYYY-MM') AS month, opening, invoiced, voided, paid, credited, closing
FROM report_roll_forward WHERE currency = 'EUR';
\echo '    and what Harbor & Pine owes in the end.'
SELECT currency, unpaid, unapplied_cash, deposits_held, credit_available, net
FROM net_rows(:'harbor');
\echo '=== 8. Positions add and subtract. What if INV-1057 were voided? Nothing is written. ==='
\echo '    open(1 810 810 810) is one open invoice: its total, what was due for it, what remains.\n'
\x on
WITH today AS (
    SELECT tally_invoices(currency, invoice_status, payment_status, total, amount_due,
      amount_remaining, due_date)
           AS position
    FROM invoice WHERE customer_id = :'kestrel' AND currency = 'EUR'),
void AS (
    SELECT tally_invoices(currency, 'void', payment_status, total, amount_due,
      amount_remaining, due_date)
         - tally_invoices(currency, invoice_status, payment_status, total, amount_due,
           amount_remaining, due_date)
           AS change
    FROM invoice WHERE number = 'INV-1057')
SELECT position, change, position + change AS "then",
	position + change - change = position AS "and back"
FROM today, void;
\x off
\echo '=== 9. The ledger maintained: the same answers, from a store that statements keep right.'
\echo '    EXPLAIN shows which customer of the store is read; the rows wait below a filter. ===\n'
SELECT relation, valid, stored_rows FROM maintain();
BEGIN;
UPDATE invoice SET amount_remaining = 0, invoice_status = 'paid' WHERE number = 'INV-1057';
SELECT currency, sum(amount) AS unpaid
FROM report_ageing JOIN customer USING (customer_id)
WHERE customer_name = 'Kestrel Freight Ltd' GROUP BY currency;
EXPLAIN (COSTS OFF) SELECT * FROM report_ageing WHERE customer_id = :'kestrel';
SELECT count(*) AS "differences between store and rows"
FROM verify() WHERE rule = 'store_differs';
ROLLBACK;
SELECT stop_maintaining();
\echo '=== 10. A word that nobody knows is refused, never counted in or out.'
\echo '    This error belongs here. ===\n'
\set ON_ERROR_STOP off
SELECT credit_memo_class('isued');
