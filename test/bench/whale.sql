-- One customer with a million invoices (or all there are), and a tenth of that of others'.
CREATE SCHEMA whale;
CREATE UNLOGGED TABLE whale.invoice AS
SELECT CASE WHEN n % 11 = 0 THEN customer_id ELSE 'whale' END AS customer_id, invoice_id, currency,
	invoice_status, payment_status, total, amount_due, amount_remaining, due_date
FROM (SELECT row_number() OVER () AS n, * FROM book.invoice LIMIT 1100000) i;
CREATE INDEX ON whale.invoice (customer_id);
VACUUM (FREEZE, ANALYZE) whale.invoice;
SELECT bench.add('balance: customer_balance()',
	ARRAY[$$SELECT balance.customer_balance('whale', 'whale')$$], 'document');
SELECT bench.add('balance by hand: to_customer_balance(tally_invoices())', ARRAY[$$
	SELECT balance.to_customer_balance(balance.tally_invoices(currency, invoice_status,
		payment_status, total), 'whale', 'whale') FROM whale.invoice
	WHERE customer_id = 'whale' $$], 'document');
SELECT bench.add('floor: count, sum',
	ARRAY['SELECT count(*), sum(total) FROM whale.invoice WHERE customer_id = ''whale''']);
SELECT bench.goal('time of the floor', 'balance: ', 'floor', '<=', 1.2, 1.2);
SELECT bench.check_answers();
CALL bench.compete();
