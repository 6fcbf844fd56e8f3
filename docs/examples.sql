-- The examples of docs/reference.md, which `make reference` writes anew: each is the
-- SQL behind a line `--- name` and stands there with what it prints.  The first one is
-- the ledger that all of them are over.
--- ledger
SET search_path = public;
SET TimeZone = 'UTC';
SELECT balance.create_ledger('billing');
SET balance.ledger = 'billing';
INSERT INTO billing.customer (customer_id, wb_customer_id, business_id, customer_name)
VALUES ('acme', 'seller_1', 'b_1', 'Acme Ltd'), ('bolt', 'seller_1', 'b_1', 'Bolt GmbH');
INSERT INTO billing.invoice (invoice_id, number, customer_id, currency, invoice_status, total,
	amount_due, amount_remaining, due_date, issued_at, finalized_at, voided_at)
VALUES ('i1', 'A-1', 'acme', 'USD', 'open', 120.50, 120.50, 50.25, '2026-01-31', '2026-01-01',
		'2026-01-01', NULL),
	('i2', 'A-2', 'acme', 'USD', 'open', 80, 80, 80, '2026-03-31', '2026-03-01', '2026-03-01',
		NULL),
	('i3', 'A-3', 'acme', 'EUR', 'paid', 10, 10, 0, '2026-02-28', '2026-02-01', '2026-02-01', NULL),
	('i4', 'A-4', 'acme', 'EUR', 'void', 5, 5, 5, '2026-02-28', '2026-02-01', '2026-02-01',
		'2026-02-15'),
	('i5', 'B-1', 'bolt', 'JPY', 'open', 48000, 48000, 48000, '2026-04-30', '2026-03-15',
		'2026-03-15', NULL);
INSERT INTO billing.invoice_line_item (invoice_id, price_type, amount)
VALUES ('i1', 'fixed', 100), ('i1', 'usage', 20.50), ('i2', 'fixed', 80), ('i5', 'usage', 48000);
INSERT INTO billing.payment (payment_id, customer_id, currency, amount, paid_at, status, invoice_id)
VALUES ('p1', 'acme', 'USD', 70.25, '2026-02-10', 'succeeded', 'i1'),
	('p2', 'acme', 'EUR', 10, '2026-02-20', 'succeeded', 'i3'),
	('p3', 'acme', 'USD', 25, '2026-03-20', 'succeeded', NULL);
INSERT INTO billing.deposit (deposit_id, customer_id, currency, status, amount)
VALUES ('d1', 'acme', 'USD', 'held', 500);
INSERT INTO billing.credit_memo (credit_memo_id, number, business_id, customer_id, status, currency,
	amount, amount_applied, reason, issue_date, created_at, updated_at)
VALUES ('m1', 'CM-1', 'b_1', 'acme', 'issued', 'USD', 2500, 0, 'goodwill', '2026-03-05',
	'2026-03-05', '2026-03-05');
INSERT INTO billing.vcu_order (vcu_order_id, customer_id, currency, status, units, created_at)
VALUES ('o1', 'acme', 'USD', 'issued', 300, '2026-01-10');
INSERT INTO billing.vcu_invoice (vcu_invoice_id, customer_id, currency, status, units, created_at,
	paid_at)
VALUES ('v1', 'acme', 'USD', 'paid', 200, '2026-01-12', '2026-01-20');
INSERT INTO billing.exchange_rate (currency, reporting_currency, valid_from, rate, source)
VALUES ('USD', 'EUR', '2026-01-01', 0.85, 'ECB'), ('JPY', 'EUR', '2026-01-01', 0.0055, 'ECB');
--- customer_balance
SELECT jsonb_pretty(balance.customer_balance('acme'));
--- customer_balances
SELECT customer_id, jsonb_array_length(document) AS currencies FROM balance.customer_balances()
ORDER BY 1;
--- invoice_summary
SELECT jsonb_pretty(balance.invoice_summary('bolt', '2026-06-01', 'UTC'));
--- invoice_summaries
SELECT customer_id, document -> 'summaries' -> 0 ->> 'total_overdue_amount' AS overdue
FROM balance.invoice_summaries('2026-06-01', 'UTC') ORDER BY 1;
--- vcu_balance
SELECT jsonb_pretty(balance.vcu_balance('acme'));
--- vcu_balances
SELECT customer_id, document -> 'balancesByCurrency' -> 0 -> 'vcuBalance' AS usd
FROM balance.vcu_balances('2026-01-01', '2026-01-31');
--- customer_credits
SELECT jsonb_pretty(balance.customer_credits('acme', 'b_1') #- '{credits}');
--- error_body
SELECT jsonb_pretty(balance.error_body('invoice-summary', 'P0002',
	'customer "nobody" does not exist'));
--- version
SELECT balance.version();
--- items
SELECT relation, id, class, amount
FROM balance.items('acme', 'total_overdue_amount', 'usd', '2026-06-01', 'UTC');
--- top_debtors
SELECT customer_id, total_unpaid_amount, unpaid_invoice_count, total_overdue_amount
FROM balance.top_debtors('usd', 10, '2026-06-01', 'UTC');
--- report_customer_balance
SELECT customer_id, currency, kind, state, count, total FROM billing.report_customer_balance
ORDER BY customer_id, currency, kind, state;
--- report_invoice_summary
SELECT customer_id, currency, total_revenue_amount, total_unpaid_amount, unpaid_invoice_count
FROM billing.report_invoice_summary ORDER BY customer_id, currency;
--- position_at
SELECT balance.position_at('acme', '2026-01-15', 'UTC');
--- positions_at
SELECT customer_id, r.currency, r.total_unpaid_amount
FROM balance.positions_at('2026-02-01', 'UTC') p,
	balance.invoice_rows(p.position, '2026-02-01', 'UTC') r ORDER BY 1, 2;
--- invoices_at
SELECT balance.invoices_at('acme', '2026-01-15');
--- all_invoices_at
SELECT * FROM balance.all_invoices_at('2026-01-15');
--- customer_balance_at
SELECT jsonb_pretty(balance.customer_balance_at('bolt', now()));
--- invoice_summary_at
SELECT balance.invoice_summary_at('acme', '2026-02-05', 'UTC') -> 'summaries' -> 1
	->> 'total_unpaid_amount' AS usd_unpaid_then;
--- ageing_at
SELECT * FROM balance.ageing_at('acme', '2026-03-10', 'UTC') WHERE count > 0;
--- aged_receivables
SELECT customer_id, currency, amounts, total_amount
FROM balance.aged_receivables('2026-06-01', bounds => '{60}') ORDER BY 1, 2;
--- open_items
SELECT currency, invoice_id, due, days_late, amount_remaining
FROM balance.open_items('acme', '2026-06-01', 'UTC');
--- statement
SELECT currency, day, kind, document_id, amount, balance
FROM balance.statement('acme', '2026-02-01', '2026-03-31', 'USD', 'UTC');
--- statement_document
SELECT jsonb_pretty(balance.statement_document('acme', '2026-02-01', '2026-02-28', 'USD', 'UTC'));
--- roll_forward
SELECT currency, opening, invoiced, voided, paid, refunded, credited, closing,
	days_sales_outstanding AS dso, collection_effectiveness AS cei
FROM balance.roll_forward('2026-02-01', '2026-02-28', NULL, 'UTC');
--- customer_roll_forwards
SELECT customer_id, currency, opening, closing
FROM balance.customer_roll_forwards('2026-02-01', '2026-02-28', NULL, 'UTC') ORDER BY 1, 2;
--- roll_forward_months
SELECT month, opening, invoiced, paid, credited, closing
FROM balance.roll_forward_months('usd', 'UTC') ORDER BY month LIMIT 4;
--- roll_forward_items
SELECT customer_id, at::date AS day, kind, document_id, amount
FROM balance.roll_forward_items(NULL, 'paid', '2026-02-01', '2026-02-28', 'usd', 'UTC');
--- net_rows
SELECT currency, unpaid, unapplied_cash, deposits_held, credit_available, net
FROM balance.net_rows('acme');
--- unapplied_cash
SELECT * FROM balance.unapplied_cash('acme');
--- in_reporting_currency
SELECT balance.in_reporting_currency('JPY', 48000, 'EUR', '2026-06-01');
--- report_customer_balance_in
SELECT customer_id, currency, kind, state, total, rate, rate_day, total_in
FROM balance.report_customer_balance_in('EUR', '2026-06-01') WHERE total > 0
ORDER BY 1, 2, 3, 4;
--- report_invoice_summary_in
SELECT customer_id, currency, total_unpaid_amount, rate, total_unpaid_amount_in
FROM balance.report_invoice_summary_in('EUR', '2026-06-01') ORDER BY 1, 2;
--- report_ageing_in
SELECT customer_id, currency, sum(amount) AS amount, sum(amount_in) AS amount_in
FROM balance.report_ageing_in('EUR', '2026-06-01') GROUP BY 1, 2 ORDER BY 1, 2;
--- report_customer_credits_in
SELECT customer_id, currency, total_credits_available_dollars AS available, rate,
	total_credits_available_dollars_in AS available_in
FROM balance.report_customer_credits_in('EUR', '2026-06-01') ORDER BY 1, 2;
--- report_credit_expiry_in
SELECT customer_id, currency, month, amount, amount_in
FROM balance.report_credit_expiry_in('EUR', '2026-06-01') ORDER BY 1, 2, 3;
--- report_roll_forward_in
SELECT month, currency, closing, rate, closing_in
FROM balance.report_roll_forward_in('EUR', '2026-06-01')
WHERE month < '2026-04-01' ORDER BY 1, 2;
--- create_ledger
SELECT balance.create_ledger('second');
--- upgrade_ledger
DROP TABLE second.exchange_rate;
SELECT * FROM balance.upgrade_ledger('second');
--- check_ledger
SELECT relation, "column", severity, message FROM balance.check_ledger('billing');
--- verify
UPDATE billing.invoice SET amount_remaining = 200 WHERE invoice_id = 'i2';
SELECT * FROM balance.verify('billing', 'acme');
--- verify_summary
SELECT rule, rows, example FROM balance.verify_summary('billing');
UPDATE billing.invoice SET amount_remaining = 80 WHERE invoice_id = 'i2';
--- create_report_views
SELECT balance.create_report_views('second');
--- drop_report_views
SELECT balance.drop_report_views('second');
--- progress
SELECT pid, function_name, ledger, relation, phase, done, total FROM balance.progress();
--- maintain
SELECT relation, valid, stored_rows FROM balance.maintain('billing');
--- maintenance
SELECT relation, valid, reason FROM balance.maintenance('billing');
--- fold
SELECT balance.fold('billing') >= 0 AS folded;
--- repair
ALTER TABLE billing.deposit DISABLE TRIGGER USER;
ALTER TABLE billing.deposit ENABLE TRIGGER USER;
SELECT relation, valid FROM balance.repair('billing') WHERE relation = 'deposit';
--- position_recorded
SELECT balance.position_recorded('bolt', (now() AT TIME ZONE 'UTC')::date);
--- prune_history
SELECT balance.prune_history('2026-01-01', 'billing');
--- stop_maintaining
SELECT balance.stop_maintaining('billing');
--- tally_invoices
SELECT balance.tally_invoices(currency, invoice_status, payment_status, total, amount_due,
	amount_remaining, due_date) FROM billing.invoice WHERE customer_id = 'acme';
--- tally_charges
SELECT balance.tally_charges(i.currency, l.price_type, l.amount)
FROM billing.invoice_line_item l JOIN billing.invoice i USING (invoice_id);
--- tally_deposits
SELECT balance.tally_deposits(currency, status, amount) FROM billing.deposit;
--- tally_invoices_minor
SELECT balance.tally_invoices_minor(currency, 'open', NULL, cents, cents, cents, '2026-05-01'::date)
FROM (VALUES ('usd', 1250), ('jpy', 1250), ('kwd', 1250)) v (currency, cents);
--- tally_charges_minor
SELECT balance.tally_charges_minor('kwd', 'usage', 1250);
--- tally_deposits_minor
SELECT balance.tally_deposits_minor('eur', 'held', 2000);
--- tally_unit_invoices
SELECT balance.tally_unit_invoices(currency, status, units) FROM billing.vcu_invoice;
--- tally_unit_orders
SELECT balance.tally_unit_orders(currency, status, pay_with_balance, units)
FROM billing.vcu_order;
--- tally_credit_memos
SELECT balance.tally_credit_memos(currency, status, amount, amount_applied)
FROM billing.credit_memo;
--- merge
SELECT balance.merge(p) FROM (VALUES ('1{USD 1 deposit("held" 1 500)}'::balance.position),
	('1{USD 1 deposit("held" 1 20.50)}')) v (p);
--- to_customer_balance
SELECT jsonb_pretty(balance.to_customer_balance(balance.tally_deposits('eur', 'held', 20),
	'seller_1', 'acme'));
--- balance_rows
SELECT * FROM balance.balance_rows('1{USD 1 deposit("held" 1 500)}');
--- to_invoice_summary
SELECT balance.to_invoice_summary(balance.tally_invoices('eur', 'open', NULL, 9, 9, 9, NULL::date),
	'acme', 'EUR', '2026-06-01', 'UTC') -> 'summaries' -> 0 -> 'total_unpaid_amount' AS unpaid;
--- invoice_rows
SELECT r.currency, r.total_revenue_amount, r.total_unpaid_amount
FROM (SELECT balance.tally_invoices('eur', 'open', NULL, 9, 9, 9, NULL::date)) t (p),
	balance.invoice_rows(t.p, '2026-06-01', 'UTC') r;
--- to_vcu_balance
SELECT jsonb_pretty(balance.to_vcu_balance(balance.tally_unit_invoices('usd', 'paid', 200),
	NULL, NULL));
--- unit_rows
SELECT r.* FROM (SELECT balance.tally_unit_invoices('usd', 'paid', 200)) t (p),
	balance.unit_rows(t.p) r;
--- in_period
SELECT balance.in_period('2026-01-31 18:00Z', '2026-01-01', '2026-01-31', '2026-06-01');
--- credit_rows
SELECT r.currency, r.total_credits_available, r.total_credits_available_dollars
FROM (SELECT balance.tally_credit_memos('usd', 'issued', 2500, 1000)) t (p),
	balance.credit_rows(t.p) r;
--- ageing
SELECT r.* FROM (SELECT balance.tally_invoices('eur', 'open', NULL, 9, 9, 9, '2026-05-01'::date))
	t (p), balance.ageing(t.p, '2026-06-01', 'UTC') r WHERE r.count > 0;
--- position_to_jsonb
SELECT jsonb_pretty(balance.position_to_jsonb('1{USD 1 deposit("held" 1 500)}'));
--- minor_unit
SELECT balance.minor_unit('usd'), balance.minor_unit('jpy'), balance.minor_unit('kwd');
--- major_units
SELECT balance.major_units(12345, 'usd'), balance.major_units(12345, 'kwd');
--- known_currency
SELECT balance.known_currency('usd'), balance.known_currency('hrk'), balance.known_currency('US$');
--- currency_withdrawn
SELECT balance.currency_withdrawn('hrk'), balance.currency_withdrawn('eur');
--- invoice_class
SELECT balance.invoice_class('Past due', NULL), balance.invoice_class('open', 'succeeded');
--- may_be_unpaid
SELECT balance.may_be_unpaid('open', NULL), balance.may_be_unpaid('void', NULL);
--- charge_class
SELECT balance.charge_class('usage'), balance.charge_class('licence');
--- credit_memo_class
SELECT balance.credit_memo_class('issued'), balance.credit_memo_class('void');
--- may_be_available
SELECT balance.may_be_available('issued', 'usd', 300, 300),
	balance.may_be_available('issued', 'usd', 300, 200);
--- unit_invoice_class
SELECT balance.unit_invoice_class('paid'), balance.unit_invoice_class('overdue');
--- unit_order_class
SELECT balance.unit_order_class('issued', true), balance.unit_order_class('issued', false);
--- payment_counts
SELECT balance.payment_counts('succeeded'), balance.payment_counts('failed');
--- deposit_is_held
SELECT balance.deposit_is_held('held'), balance.deposit_is_held('refunded');
--- known_status
SELECT balance.known_status('invoice_status', 'sent') AS sent,
	balance.known_status('invoice_status', 'odd') AS odd;
--- session_zone
SELECT balance.session_zone();
--- day_in
SELECT balance.day_in('2026-03-31 23:30Z', 'UTC') AS utc,
	balance.day_in('2026-03-31 23:30Z', 'Europe/Berlin') AS berlin;
