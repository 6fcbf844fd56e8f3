-- create_ledger(distributed => true): everything of a customer can live with the customer,
-- and an id is one only together with its customer.
\a
\t on
SET search_path = balance, pg_temp;
SET client_min_messages = warning;
SELECT create_ledger('far', distributed => true);
SELECT create_ledger('near');
SELECT create_ledger('none', NULL);

-- keys, and the indexes that are not of keys
SELECT conrelid::regclass, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'far'::regnamespace AND contype IN ('p', 'f')
ORDER BY conrelid, contype DESC, 2;
SELECT replace(indexdef, 'CREATE INDEX ', '') FROM pg_indexes
WHERE schemaname = 'far' AND indexdef !~ 'UNIQUE|upper' ORDER BY 1;
-- other ledgers have no such column, which would be ambiguous in joins of their users
SELECT attrelid::regclass, attname, attnotnull FROM pg_attribute
WHERE attrelid IN ('far.invoice_line_item'::regclass, 'far.credit_memo_application'::regclass,
	'near.invoice_line_item'::regclass, 'near.credit_memo_application'::regclass)
	AND attname = 'customer_id' ORDER BY 1;
SELECT severity, relation, message FROM check_ledger('far') WHERE severity <> 'notice';
SELECT * FROM upgrade_ledger('far');

-- two customers whose ids are the same
SET balance.ledger = 'far';
INSERT INTO far.customer (customer_id, wb_customer_id) VALUES ('c1', 'wb'), ('c2', 'wb');
INSERT INTO far.invoice (invoice_id, customer_id, currency, invoice_status, number, total,
	amount_due, amount_remaining, due_date, issued_at)
VALUES ('i', 'c1', 'usd', 'open', 'N1', 10, 10, 6, '2026-01-01', '2025-12-01Z'),
	('i', 'c2', 'usd', 'open', 'N2', 20, 20, 18, '2026-01-01', '2025-12-01Z');
INSERT INTO far.invoice_line_item (invoice_id, customer_id, price_type, amount)
VALUES ('i', 'c1', 'usage', 10), ('i', 'c2', 'usage', 15), ('i', 'c2', NULL, 5);
INSERT INTO far.payment (payment_id, customer_id, currency, amount, paid_at, invoice_id)
VALUES ('p', 'c1', 'usd', 3, '2025-12-02Z', 'i'), ('p', 'c2', 'usd', 2, '2025-12-02Z', 'i');
INSERT INTO far.credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	amount_applied, issue_date, reason, invoice_id)
VALUES ('m', 'b', 'c1', 'issued', 'usd', 500, 100, '2025-12-01', 'r', 'i'),
	('m', 'b', 'c2', 'issued', 'usd', 900, 0, '2025-12-01', 'r', 'i');
INSERT INTO far.credit_memo_application (application_id, credit_memo_id, invoice_id, amount_applied,
	applied_at, customer_id) VALUES ('a', 'm', 'i', 100, '2025-12-03Z', 'c1');
SELECT customer_id, total_unpaid_amount, unpaid_usage_charges, unpaid_fixed_charges
FROM far.report_invoice_summary ORDER BY 1;
SELECT c, s -> 'unpaid_usage_charges', s -> 'unpaid_fixed_charges'
FROM unnest('{c1,c2}'::text[]) c, jsonb_array_elements(invoice_summary(c) -> 'summaries') s;
SELECT customer_id, document #> '{summaries,0,unpaid_usage_charges}' FROM invoice_summaries()
ORDER BY 1;
SELECT c, m -> 'invoice_number', m -> 'amount_remaining', jsonb_array_length(m -> 'applications')
FROM unnest('{c1,c2}'::text[]) c, jsonb_array_elements(customer_credits(c) -> 'credit_memos') m;
SELECT c, position_at(c, '2025-12-02 12:00Z') - invoices_at(c, '2025-12-02 12:00Z')
	IS NOT NULL AS told, invoices_at(c, '2025-12-02 12:00Z') FROM unnest('{c1,c2}'::text[]) c;
SELECT c, kind, amount, balance
FROM unnest('{c1,c2}'::text[]) c, statement(c, '2025-12-01', '2025-12-31', 'usd', 'UTC');
SELECT id, amount FROM items('c2', 'unpaid_usage_charges', 'usd');
SELECT * FROM verify() ORDER BY 1, 2, 3;
SELECT * FROM verify('far', 'c1') ORDER BY 1, 2, 3;

-- of one customer an id is still one
ALTER TABLE far.deposit DROP CONSTRAINT deposit_pkey;
INSERT INTO far.deposit VALUES ('d', 'c1', 'usd', 'held', 1), ('d', 'c1', 'usd', 'held', 1);
SELECT * FROM verify() UNION ALL SELECT * FROM verify('far', 'c1');

-- a line item of somebody else's invoice counts for nobody, and verify() says so
ALTER TABLE far.invoice_line_item DROP CONSTRAINT invoice_line_item_customer_id_invoice_id_fkey;
ALTER TABLE far.credit_memo_application
	DROP CONSTRAINT credit_memo_application_customer_id_invoice_id_fkey;
DELETE FROM far.payment WHERE customer_id = 'c2';
DELETE FROM far.credit_memo WHERE customer_id = 'c2';
DELETE FROM far.invoice WHERE customer_id = 'c2';
SELECT customer_id, unpaid_usage_charges FROM far.report_invoice_summary;
SELECT rule, relation, expected, found, count(*) FROM verify() GROUP BY 1, 2, 3, 4 ORDER BY 1;

-- where the column may be null, as nobody must fill it, it is not looked at
ALTER TABLE near.invoice_line_item ADD customer_id text;
SELECT create_report_views('near') \g /dev/null
INSERT INTO near.customer (customer_id) VALUES ('c1');
INSERT INTO near.invoice (invoice_id, customer_id, currency, invoice_status, total, amount_due,
	amount_remaining) VALUES ('i', 'c1', 'usd', 'open', 10, 10, 6);
INSERT INTO near.invoice_line_item (invoice_id, price_type, amount) VALUES ('i', 'usage', 10);
SELECT unpaid_usage_charges FROM near.report_invoice_summary;
UPDATE near.invoice_line_item SET customer_id = 'c1';
ALTER TABLE near.invoice_line_item ALTER customer_id SET NOT NULL;
SELECT create_report_views('near') \g /dev/null
SELECT pg_get_viewdef('near.report_invoice_summary') ~ 'l.customer_id = i.customer_id' AS joined,
	(SELECT unpaid_usage_charges FROM near.report_invoice_summary);

-- a view shows whose its rows are, or does not have the column
ALTER TABLE near.invoice_line_item RENAME TO lines;
CREATE VIEW near.invoice_line_item AS TABLE near.lines;
SELECT create_report_views('near') \g /dev/null
SELECT pg_get_viewdef('near.report_invoice_summary') ~ 'l.customer_id = i.customer_id' AS joined,
	(SELECT unpaid_usage_charges FROM near.report_invoice_summary);

-- a table that is missing is made in the same way; balances can be maintained
DROP TABLE far.payment;
SELECT * FROM upgrade_ledger('far');
SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'far.payment'::regclass
	AND contype IN ('p', 'f') ORDER BY 1;
-- and so is a column
SELECT drop_report_views('far') > 0 AS dropped;
ALTER TABLE far.credit_memo DROP COLUMN invoice_id, DROP COLUMN expires_at;
SELECT * FROM upgrade_ledger('far');
SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'far.credit_memo'::regclass
	AND contype = 'f' ORDER BY 1;
SELECT relation, valid FROM maintain('far') ORDER BY 1;
UPDATE far.invoice SET total = 11;
SELECT customer_balance('c1') #>> '{0,total_invoices_ready_for_payment}';
DROP SCHEMA far, near CASCADE;
