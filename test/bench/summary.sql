-- The whole book: every customer's invoice_summary document in one statement.
SELECT bench.add('balance', ARRAY[$$
	SELECT customer_id,
		balance.to_invoice_summary(balance.tally_invoices(currency, invoice_status, payment_status,
		total, amount_due, amount_remaining, due_date),
	                                               customer_id, 'usd', '2025-12-31 12:00+00',
	                                                 'UTC') AS document
	FROM book.invoice GROUP BY customer_id $$], 'document');
SELECT bench.add('sql: FILTER, text to jsonb', ARRAY['SELECT * FROM bench.summary_by_text'],
	'document');
SELECT bench.add('sql: FILTER, jsonb_build_object', ARRAY['SELECT * FROM bench.summary_by_jsonb'],
	'document');
SELECT bench.add('floor: count, three sums',
	ARRAY['SELECT customer_id, count(*), sum(total), sum(amount_due), sum(amount_remaining)
	FROM book.invoice GROUP BY customer_id']);
SELECT bench.goal('times as fast as the best SQL', 'sql', 'balance', '>=', 2.5, 4);
SELECT bench.check_answers();
CALL bench.compete();
