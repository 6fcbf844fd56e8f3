-- The whole book, tallied once: both documents from one position, against the
-- two statements that make one each.
SELECT bench.add('balance', ARRAY[$$
	SELECT customer_id, balance.to_customer_balance("position", 'book', customer_id) AS balance,
	       balance.to_invoice_summary("position", customer_id, 'usd', '2025-12-31 12:00+00',
	         'UTC') AS summary
	FROM (SELECT customer_id,
		balance.tally_invoices(currency, invoice_status, payment_status, total, amount_due,
		amount_remaining, due_date) AS "position"
	      FROM book.invoice GROUP BY customer_id) p $$], 'documents');
SELECT bench.add('through a table of positions', ARRAY[$$
	WITH p AS MATERIALIZED (
		SELECT customer_id,
			balance.tally_invoices(currency, invoice_status, payment_status, total, amount_due,
			amount_remaining, due_date) AS "position"
		FROM book.invoice GROUP BY customer_id)
	SELECT customer_id, balance.to_customer_balance("position", 'book', customer_id) AS balance,
	       balance.to_invoice_summary("position", customer_id, 'usd', '2025-12-31 12:00+00', 'UTC')
	         AS summary FROM p $$], 'documents');
SELECT bench.add('sql: two statements, text to jsonb',
	ARRAY['SELECT * FROM bench.balance_by_text', 'SELECT * FROM bench.summary_by_text'],
	'documents',
	'SELECT b.customer_id, b.document, s.document AS summary FROM bench.balance_by_text b
		FULL JOIN bench.summary_by_text s USING (customer_id)');
-- for information: what one gets by writing a third statement
SELECT bench.add('both in one sql statement, text to jsonb',
	ARRAY['SELECT * FROM bench.both_by_text'], 'documents');
SELECT bench.goal('times as fast as the best SQL, two statements', 'sql', 'balance', '>=', 5, 8);
SELECT bench.check_answers();
CALL bench.compete();
