-- All rules over a clean ledger with a line item for each invoice, against counting
-- the rows of both.
CREATE SCHEMA checked;
CREATE TABLE checked.customer AS
SELECT customer_id, 'book' AS business_id FROM book.invoice GROUP BY customer_id;
CREATE TABLE checked.invoice AS
SELECT invoice_id, customer_id, currency, invoice_status,
	CASE WHEN invoice_status NOT IN ('draft', 'voided') THEN payment_status END AS payment_status,
	total, amount_due, CASE WHEN amount_remaining > 0 AND invoice_status = 'paid'
		OR payment_status IN ('succeeded', 'refunded') THEN 0 ELSE amount_remaining END
	AS amount_remaining, due_date FROM book.invoice;
CREATE TABLE checked.invoice_line_item AS
SELECT 'line_' || invoice_id AS invoice_line_item_id, invoice_id,
	CASE WHEN total % 2 < 1 THEN 'usage' ELSE 'fixed' END AS price_type, amount_due AS amount
FROM checked.invoice;
ALTER TABLE checked.customer ADD PRIMARY KEY (customer_id);
ALTER TABLE checked.invoice ADD PRIMARY KEY (invoice_id);
CREATE INDEX ON checked.invoice (customer_id);
CREATE INDEX ON checked.invoice_line_item (invoice_id);
VACUUM (FREEZE, ANALYZE) checked.customer, checked.invoice, checked.invoice_line_item;
DO $$
DECLARE
	rules text = (SELECT string_agg(DISTINCT rule, ', ') FROM balance.verify('checked'));
BEGIN
	IF rules IS NOT NULL THEN
		RAISE 'the ledger is not clean: %', rules;
	END IF;
END $$;
SELECT bench.add('verify', ARRAY['SELECT * FROM balance.verify(''checked'')']);
SELECT bench.add('floor: count', ARRAY['SELECT count(*) FROM checked.invoice',
	'SELECT count(*) FROM checked.invoice_line_item']);
SELECT bench.goal('time of counting both', 'verify', 'floor', '<=', 6, 4);
CALL bench.compete();
