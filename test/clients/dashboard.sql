-- The books that the dashboard shows, with days from today's, and what the test that compares it
-- needs to say the same in plain SQL.
CREATE VIEW month AS SELECT date_trunc('month', current_date) AS m;
SELECT balance.create_ledger(l) FROM unnest('{book,large,empty,viewless}'::text[]) l;
SELECT balance.drop_report_views('viewless');

INSERT INTO book.customer (customer_id, customer_name) VALUES ('c1', '<b>Bold</b> & "Söhne"'),
	('c2', 'Ärger AG'), ('c3', NULL), ('c4', 'Paid & Done');
INSERT INTO book.invoice (invoice_id, number, customer_id, currency, invoice_status, total,
	amount_due, amount_remaining, due_date, issued_at)
SELECT id, id, customer, currency, status, due, due, remaining, current_date + days,
	m - interval '1 month' * months + interval '2 days 12 hours'
FROM month, (VALUES
	('e1', 'c1', 'EUR', 'open',  100.00, 60.50, -12, 1),
	('e2', 'c1', 'EUR', 'draft',   5.00,  5.00, NULL, 1),
	('e3', 'c2', 'EUR', 'open',   10.00, 10.00, -40, 1),
	('e4', 'c2', 'EUR', 'paid',    7.00,  0.00, -40, 1),
	('u1', 'c2', 'USD', 'open',  12345678901234567890.12, 12345678901234567890.12, -5, 1),
	('u2', 'c3', 'USD', 'open',  0.1234567, 0.1234567, NULL, 1),
	('b1', 'c3', 'BRL', 'sent',  18400.00, 18400.00, -61, 2),
	('j1', 'c2', 'JPY', 'open',  605000, 605000, 0, 1),
	('k1', 'c1', 'KWD', 'open',  1.250, 1.250, -100, 2),
	('k2', 'c3', 'KWD', 'open',  2.5, 2.5, 10, 1),
	('k3', 'c4', 'KWD', 'paid',  10, 0, -20, 2),
	('g1', 'c4', 'GBP', 'paid',  42, 0, -20, 2)
) AS v (id, customer, currency, status, due, remaining, days, months);
INSERT INTO book.payment (payment_id, customer_id, currency, amount, paid_at, invoice_id)
SELECT id, customer, currency, amount, m - interval '1 month' + interval '5 days 12 hours', invoice
FROM month, (VALUES ('p1', 'c1', 'EUR', 39.5, 'e1'), ('p2', 'c2', 'EUR', 7, 'e4'),
	('p3', 'c4', 'KWD', 10, 'k3'), ('p4', 'c4', 'GBP', 42, 'g1')
) AS v (id, customer, currency, amount, invoice);
INSERT INTO book.deposit VALUES ('d1', 'c1', 'EUR', 'held', 500), ('d2', 'c1', 'EUR', 'held', 250),
	('d3', 'c2', 'JPY', 'held', 1000), ('d4', 'c2', 'EUR', 'refunded', 5);
INSERT INTO book.credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	amount_applied, issue_date, created_at, updated_at, reason, expires_at)
SELECT id, 'b1', customer, 'issued', currency, amount, 0, current_date, now(), now(), 'refund',
	m + months * interval '1 month' + interval '14 days'
FROM month, (VALUES ('m1', 'c1', 'EUR', 7050, 3), ('m2', 'c3', 'JPY', 30000, NULL))
	AS v (id, customer, currency, amount, months);

INSERT INTO large.customer (customer_id, customer_name)
SELECT 'k' || i, 'Customer No. ' || i FROM generate_series(1, 10000) i;
INSERT INTO large.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining, due_date, issued_at)
SELECT 'i' || i, 'k' || i % 10000 + 1, 'USD', CASE WHEN i < 30000 THEN 'open' ELSE 'paid' END,
	i * 0.01, i * 0.01, CASE WHEN i < 30000 THEN i * 0.01 ELSE 0 END, current_date - i % 120 + 20,
	m - interval '20 days' FROM month, generate_series(0, 49999) i;
INSERT INTO large.payment (payment_id, customer_id, currency, amount, paid_at, invoice_id)
SELECT 'p' || invoice_id, customer_id, currency, total, m - interval '10 days', invoice_id
FROM month, large.invoice WHERE amount_remaining = 0 AND total <> 0;
ANALYZE;

-- whose invoices are never read to the end
CREATE SCHEMA slow;
CREATE VIEW slow.invoice WITH (security_invoker) AS
SELECT * FROM book.invoice WHERE pg_sleep(600) IS NOT NULL;
SELECT balance.create_report_views('slow');

CREATE ROLE clerk LOGIN;
GRANT USAGE ON SCHEMA book, large, empty, slow, viewless TO app, clerk;
GRANT SELECT ON ALL TABLES IN SCHEMA book, large, empty, slow, viewless TO app, clerk;
REVOKE SELECT ON book.credit_memo FROM clerk;

-- an amount as the page is to show it, of which no digit is lost
CREATE FUNCTION shown(amount numeric, currency text) RETURNS text LANGUAGE sql AS $$
	SELECT CASE WHEN amount < 0 THEN '−' ELSE '' END
		|| ltrim(to_char(trunc(abs(amount)), '999,999,999,999,999,999,999,990'))
		|| COALESCE('.' || NULLIF(rpad(rtrim(split_part(amount::text, '.', 2), '0'),
			greatest(digits, length(rtrim(split_part(amount::text, '.', 2), '0'))), '0'), ''), '')
	FROM (SELECT CASE currency WHEN 'JPY' THEN 0 WHEN 'KWD' THEN 3 ELSE 2 END AS digits) c
$$;
CREATE FUNCTION counted(bigint, text) RETURNS text LANGUAGE sql AS $$
	SELECT format('%s %s%s', $1, $2, CASE WHEN $1 <> 1 THEN 's' END)
$$;
CREATE VIEW owed AS SELECT *, current_date - due_date AS late FROM book.invoice
WHERE invoice_status IN ('open', 'draft', 'sent');
CREATE VIEW memo AS SELECT currency, expires_at,
	amount / CASE currency WHEN 'JPY' THEN 1 ELSE 100.0 END AS major FROM book.credit_memo;
-- the months of the dinars, in which nothing was voided or credited
CREATE VIEW months AS SELECT month, invoiced, paid,
	COALESCE(sum(invoiced - paid) OVER (ORDER BY month ROWS BETWEEN UNBOUNDED PRECEDING
		AND 1 PRECEDING), 0) AS opening
FROM (SELECT month,
		COALESCE((SELECT sum(amount_due) FROM book.invoice WHERE currency = 'KWD'
			AND date_trunc('month', issued_at) = month), 0) AS invoiced,
		COALESCE((SELECT sum(amount) FROM book.payment WHERE currency = 'KWD'
			AND date_trunc('month', paid_at) = month), 0) AS paid
	FROM month f, generate_series(m - interval '2 months', m, '1 month') g (month)) s;
