-- One position of all rows, against the groups from which SQL could make the same.
SELECT bench.add('balance', ARRAY[$$
	SELECT balance.tally_invoices(currency, invoice_status, payment_status, total, amount_due,
		amount_remaining, due_date) FROM book.invoice $$],
	'figures', $$
	WITH p
		AS MATERIALIZED
		(SELECT balance.tally_invoices(currency, invoice_status, payment_status, total, amount_due,
		amount_remaining, due_date) AS "position" FROM book.invoice)
	SELECT lower(currency), 'count, total of ' || state, count::numeric, total FROM p,
		balance.balance_rows("position") UNION ALL
	SELECT lower(currency), 'unpaid', unpaid_invoice_count, total_unpaid_amount FROM p,
		balance.invoice_rows("position", '2025-12-31 12:00+00', 'UTC') UNION ALL
	SELECT lower(currency), 'overdue', overdue_invoice_count, total_overdue_amount FROM p,
		balance.invoice_rows("position", '2025-12-31 12:00+00', 'UTC') UNION ALL
	SELECT lower(currency), 'revenue', total_invoice_count, total_revenue_amount FROM p,
		balance.invoice_rows("position", '2025-12-31 12:00+00', 'UTC') $$);
SELECT bench.add('sql: groups', ARRAY[$$
	SELECT currency, invoice_status, payment_status, due_date, count(*), sum(total),
		sum(amount_due), sum(amount_remaining)
	FROM book.invoice GROUP BY 1, 2, 3, 4 $$],
	'figures', $$
	WITH g AS MATERIALIZED (
		SELECT currency, bench.class(invoice_status, payment_status) AS class, due_date,
			count(*) AS n, sum(total) AS total, sum(amount_due) AS due,
			sum(amount_remaining) AS remaining
		FROM book.invoice GROUP BY invoice_status, payment_status, 1, 2, 3)
	SELECT currency,
		'count, total of '
		|| (ARRAY['canceled', 'paid', 'pending_validation', 'ready_for_payment'])[class],
		sum(n) AS count, sum(total) AS total FROM g GROUP BY currency, class UNION ALL
	SELECT currency, 'unpaid', sum(n), sum(remaining) FROM g WHERE class > 2
	GROUP BY currency UNION ALL
	SELECT currency, 'overdue', sum(n), sum(remaining) FROM g
	WHERE class > 2 AND due_date < '2025-12-31' GROUP BY currency UNION ALL
	SELECT currency, 'revenue', sum(n), sum(due) FROM g WHERE class > 1 GROUP BY currency $$);
SELECT bench.add('floor: count, three sums',
	ARRAY['SELECT count(*), sum(total), sum(amount_due), sum(amount_remaining) FROM book.invoice']);
SELECT bench.goal('time of the groups', 'balance', 'sql', '<=', 0.8, 0.5);
SELECT bench.check_answers();
CALL bench.compete();
