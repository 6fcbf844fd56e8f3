-- The whole book's documents on a PostgreSQL whose settings nobody has touched: 4 MB
-- of work_mem, JIT, parallel workers.  CPU time is not known of parallel work.  What the SQL
-- takes beside counting and adding up alone says how fast anything could be.
CREATE FUNCTION bench.add_untouched(name text, query text, answer text)
RETURNS void LANGUAGE sql AS $$
	SELECT bench.add(name, ARRAY[query], answer, NULL,
		(SELECT jsonb_object_agg(s.name, s.boot_val) FROM pg_settings s
		WHERE s.name IN ('work_mem', 'jit', 'max_parallel_workers_per_gather')))
$$;
SELECT bench.add_untouched('balance: customer_balance documents', $$
	SELECT customer_id,
		balance.to_customer_balance(balance.tally_invoices(currency, invoice_status, payment_status,
		total), 'book', customer_id) AS document
	FROM book.invoice GROUP BY customer_id $$, 'balance');
SELECT bench.add_untouched('balance: customer_balances()',
	$$ SELECT * FROM balance.customer_balances(ledger => 'book') $$, 'balance');
SELECT bench.add_untouched('balance sql: text to jsonb',
	'SELECT * FROM bench.balance_by_text', 'balance');
SELECT bench.add_untouched('summary: invoice_summary documents', $$
	SELECT customer_id, balance.to_invoice_summary(balance.tally_invoices(currency, invoice_status,
		payment_status, total, amount_due, amount_remaining, due_date), customer_id, 'usd',
		'2025-12-31 12:00+00', 'UTC') AS document
	FROM book.invoice GROUP BY customer_id $$, 'summary');
SELECT bench.add_untouched('summary sql: text to jsonb',
	'SELECT * FROM bench.summary_by_text', 'summary');
SELECT bench.add_untouched('floor: count, sum', $$
	SELECT customer_id, count(*), sum(total) FROM book.invoice GROUP BY customer_id $$, NULL);
SELECT bench.add_untouched('floor of a summary: count, three sums', $$
	SELECT customer_id, count(*), sum(total), sum(amount_due), sum(amount_remaining)
	FROM book.invoice GROUP BY customer_id $$, NULL);
SELECT bench.goal('customer_balance, times as fast as SQL', 'balance sql',
	'balance: customer_balance ', '>=', 3, 5);
SELECT bench.goal('customer_balances(), times as fast as SQL', 'balance sql',
	'balance: customer_balances', '>=', 3, 5);
SELECT bench.goal('invoice_summary, times as fast as SQL', 'summary sql', 'summary:', '>=', 3, 5);
SELECT bench.goal('count and sum alone, times as fast as SQL', 'balance sql', 'floor:', '>=', 3, 5);
SELECT bench.goal('count and three sums alone, times as fast as SQL', 'summary sql',
	'floor of a summary', '>=', 3, 5);
SELECT bench.check_answers();
CALL bench.compete();
