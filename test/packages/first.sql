-- What README's first steps give, on a server that the extension has just been installed on.
\set QUIET on
CREATE DATABASE first;
\connect first
CREATE EXTENSION balance;
SELECT balance.create_ledger('billing');
INSERT INTO billing.customer VALUES ('Cust_1', 'Wb_1');
INSERT INTO billing.invoice (invoice_id, customer_id, currency, invoice_status,
                             total, amount_due, amount_remaining, due_date)
VALUES ('inv_1', 'Cust_1', 'usd', 'finalized', 120.50, 120.50, 50.25, '2026-01-31');
SELECT jsonb_pretty(balance.customer_balance('Cust_1'));
DO $$
BEGIN
	ASSERT balance.customer_balance('Cust_1')->0->>'currency' = 'usd';
	ASSERT balance.customer_balance('Cust_1')::text LIKE '%120.5%';
	ASSERT (SELECT count(*) FROM balance.verify('billing')) = 0;
END
$$;
DROP EXTENSION balance;
\connect postgres
DROP DATABASE first;
