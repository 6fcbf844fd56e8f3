-- What-if and history by arithmetic: nothing is written, and nothing is tallied again.
SET search_path = balance, public;
SET TimeZone = 'UTC';
CREATE TEMP TABLE invoices (id int, customer text, currency text, status text, payment_status text,
	total numeric, due numeric, remaining numeric, due_on date, issued_on date);
INSERT INTO invoices SELECT g, 'c' || g % 7, (ARRAY['usd', 'eur', 'jpy'])[1 + g % 3],
	(ARRAY['open', 'draft', 'void', 'open'])[1 + g / 3 % 4],
	(ARRAY[NULL, 'paid', 'failed'])[1 + g / 5 % 3],
	g + 0.25, g + 0.25, g / 2.0, date '2026-01-01' + g % 200, date '2025-12-28' + g % 190
		FROM generate_series(1, 2000) g;
CREATE TEMP VIEW tallied AS SELECT customer,
	tally_invoices(currency, status, payment_status, total, due, remaining, due_on) AS p
	FROM invoices GROUP BY customer;

-- voiding invoice 13 of customer c6: take it out as it is, put it in as it would be
CREATE TEMP TABLE what_if AS SELECT p
	- (SELECT tally_invoices(currency, status, payment_status, total, due, remaining, due_on)
		FROM invoices WHERE id = 13)
	+ (SELECT tally_invoices(currency, 'voided', payment_status, total, due, remaining, due_on)
		FROM invoices WHERE id = 13) AS p
FROM tallied WHERE customer = 'c6';
SELECT r.currency, r.total_unpaid_amount - n.total_unpaid_amount AS less_unpaid,
	r.unpaid_invoice_count - n.unpaid_invoice_count AS fewer
FROM tallied t, what_if w, invoice_rows(t.p, '2026-06-30') r
	JOIN LATERAL invoice_rows(w.p, '2026-06-30') n USING (currency)
	WHERE t.customer = 'c6' AND r.currency = 'EUR';
BEGIN;
UPDATE invoices SET status = 'voided' WHERE id = 13;
SELECT t.p = w.p AS same_as_doing_it FROM tallied t, what_if w WHERE customer = 'c6';
ROLLBACK;

-- applying 7.50 of a memo to invoice 13: less remains, of the invoice and of the memo
SELECT r.currency, r.total_unpaid_amount, n.total_unpaid_amount AS after_applying,
	c.total_credits_available_dollars AS credit_left
FROM (SELECT p, p + tally_credit_memos('eur', 'issued', 1000, 0)
	- (SELECT tally_invoices(currency, status, payment_status, total, due, remaining, due_on)
		FROM invoices WHERE id = 13)
	+ (SELECT tally_invoices(currency, status, payment_status, total, due, remaining - 7.50, due_on)
		FROM invoices WHERE id = 13)
	- tally_credit_memos('eur', 'issued', 1000, 0)
		+ tally_credit_memos('eur', 'partially_applied', 1000, 750) AS q
	FROM tallied WHERE customer = 'c6' GROUP BY p) t,
	invoice_rows(p, '2026-06-30') r JOIN LATERAL invoice_rows(q, '2026-06-30') n USING (currency)
		JOIN LATERAL credit_rows(q) c USING (currency) WHERE r.currency = 'EUR';

-- each month stored; a quarter is the sum of its months, whatever way it is added
CREATE TEMP TABLE months AS SELECT date_trunc('month', issued_on)::date AS month,
	tally_invoices(currency, status, payment_status, total, due, remaining, due_on) AS p
	FROM invoices GROUP BY 1;
SELECT quarter, months,
	p = (SELECT tally_invoices(currency, status, payment_status, total, due, remaining, due_on)
	FROM invoices WHERE date_trunc('quarter', issued_on) = quarter) AS equal
FROM (SELECT date_trunc('quarter', month) AS quarter, count(*) AS months, merge(p) AS p FROM months
	GROUP BY 1) q ORDER BY quarter;
SELECT a.p + b.p = (SELECT merge(p) FROM months WHERE month IN ('2026-01-01', '2026-02-01'))
	AS added FROM months a, months b WHERE a.month = '2026-01-01' AND b.month = '2026-02-01';
SELECT sum(total_revenue_amount) = (SELECT total_revenue_amount
	FROM (SELECT merge(p) AS p FROM months) y, invoice_rows(p, now()) WHERE currency = 'USD')
	AS revenue_adds_up FROM months, invoice_rows(p, now()) WHERE currency = 'USD';
-- a running total over the months, and a sliding quarter
SELECT month, (SELECT total_invoice_count FROM invoice_rows(running, now()) WHERE currency = 'USD')
	AS so_far, (SELECT total_invoice_count FROM invoice_rows(quarter, now()) WHERE currency = 'USD')
	AS last_three
FROM (SELECT month, merge(p) OVER (ORDER BY month) AS running,
	merge(p) OVER (ORDER BY month ROWS 2 PRECEDING) AS quarter FROM months) m ORDER BY month;

-- yesterday's position stored: today less yesterday is what happened in between
CREATE TEMP TABLE yesterday AS SELECT * FROM tallied;
UPDATE invoices SET payment_status = 'paid', remaining = 0 WHERE id = 13;
INSERT INTO invoices
	VALUES (3000, 'c6', 'eur', 'open', NULL, 99.99, 99.99, 99.99, '2026-12-31', '2026-07-10');
SELECT r.* FROM tallied t JOIN yesterday y USING (customer), balance_rows(t.p - y.p) r
	WHERE t.p <> y.p;
SELECT customer, t.p - y.p AS difference, (t.p - y.p) + y.p = t.p AS adds_up FROM tallied t
	JOIN yesterday y USING (customer) WHERE t.p <> y.p;
