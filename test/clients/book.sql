-- The books that the client programs ask about; what they must hear is in
-- expected.json.  All of it is read by app, who owns nothing.
CREATE EXTENSION balance;
SELECT balance.create_ledger(l) FROM unnest('{billing,archive,secret}'::text[]) l;

INSERT INTO billing.customer (customer_id, wb_customer_id, business_id, customer_name,
	default_currency) VALUES
	('Cust_1', 'Wb_1', 'b1', 'Jürgen "Jo" O''Neil & Söhne', 'EUR'),
	('Cust_2', 'Wb_1', 'b1', NULL, NULL);
INSERT INTO billing.invoice (invoice_id, customer_id, currency, invoice_status, payment_status,
	number, total, amount_due, amount_remaining, due_date) VALUES
	('i1', 'Cust_1', 'usd', 'finalized', 'pending', 'INV-1', 120.50, 120.50, 50.25, '2026-01-31'),
	('i2', 'Cust_1', 'usd', 'finalized', 'succeeded', NULL, 12345678901234567.89,
		12345678901234567.89, 0, '2026-01-01'),
	('i3', 'Cust_1', 'kwd', 'draft', NULL, NULL, 1.25, 1.25, 1.25, '2026-02-28'),
	('i4', 'Cust_1', 'usd', 'voided', NULL, NULL, 7, 7, 7, NULL);
INSERT INTO billing.invoice_line_item VALUES ('i1', 'usage', 20.50), ('i1', 'fixed', 100),
	('i3', NULL, 1.25);
INSERT INTO billing.deposit VALUES ('d1', 'Cust_1', 'usd', 'settled', 0.00012345),
	('d2', 'Cust_1', 'jpy', 'settled', 1200);
-- neither the sum nor any of these fits a double
INSERT INTO billing.vcu_invoice VALUES
	('v1', 'Cust_1', 'usd', 'paid', 10.1234567890123456789012345, '2026-01-10 12:00Z',
		'2026-01-20 12:00Z'),
	('v2', 'Cust_1', 'usd', 'pending', 0.0000000000000000000000001, '2026-01-10 12:00Z', NULL),
	('v3', 'Cust_1', 'brl', 'paid', 9007199254740993, '2026-01-10 12:00Z', '2026-01-31 12:00Z'),
	('v4', 'Cust_1', 'brl', 'paid', 1, '2026-01-10 12:00Z', '2026-02-02 12:00Z');
INSERT INTO billing.vcu_order
VALUES ('o1', 'Cust_1', 'usd', 'issued', 0.5, false, '2026-01-15 12:00Z');
INSERT INTO billing.credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	amount_applied, issue_date, created_at, updated_at, reason, invoice_id, number, line_items)
VALUES
	('m1', 'b1', 'Cust_1', 'partially_applied', 'usd', 12050, 5000, '2026-01-10',
		'2026-01-10 09:00Z', '2026-01-12 09:00Z', 'pricing_error', 'i1', 'CM-001',
		'{"rate": 0.10}'),
	('m2', 'b1', 'Cust_2', 'issued', 'jpy', 1200, 0, '2026-01-10', '2026-01-10 09:00Z',
		'2026-01-10 09:00Z', 'refund', NULL, NULL, NULL),
	('m3', 'b1', 'Cust_2', 'issued', 'kwd', 1250, 0, '2026-01-10', '2026-01-10 09:00Z',
		'2026-01-10 09:00Z', 'refund', NULL, NULL, NULL);
INSERT INTO billing.credit_memo_application
VALUES ('a1', 'm1', 'i1', 5000, '2026-01-12 09:00Z', 'u7');

INSERT INTO archive.customer (customer_id) VALUES ('Cust_1');
INSERT INTO archive.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining) VALUES
	('i1', 'Cust_1', 'gbp', 'paid', 42, 42, 0);

-- the password comes from the test, as it is for this run only
CREATE ROLE app LOGIN;
GRANT USAGE ON SCHEMA billing, archive TO app;
GRANT SELECT ON ALL TABLES IN SCHEMA billing, archive TO app;
