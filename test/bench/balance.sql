-- The whole book: every customer's customer_balance document in one statement.
SELECT bench.add('balance', ARRAY[$$
	SELECT customer_id,
		balance.to_customer_balance(balance.tally_invoices(currency, invoice_status, payment_status,
		total), 'book', customer_id) AS document
	FROM book.invoice GROUP BY customer_id $$], 'document');
SELECT bench.add('customer_balances()',
	ARRAY['SELECT * FROM balance.customer_balances(ledger => ''book'')'], 'document');
SELECT bench.add('sql: FILTER, text to jsonb', ARRAY['SELECT * FROM bench.balance_by_text'],
	'document');
SELECT bench.add('sql: FILTER, jsonb_build_object', ARRAY['SELECT * FROM bench.balance_by_jsonb'],
	'document');
SELECT bench.add('floor: count, sum',
	ARRAY['SELECT customer_id, count(*), sum(total) FROM book.invoice GROUP BY customer_id']);
SELECT bench.goal('times as fast as the best SQL', 'sql', 'balance', '>=', 6, 8);
SELECT bench.goal('time of the floor', 'balance', 'floor', '<=', 2.2, 1.6);
SELECT bench.check_answers();
CALL bench.compete();
