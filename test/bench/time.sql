-- Positions of all customers as of a past instant, from 1.5 payments an invoice, against the best
-- SQL for the same figures, with the check that what remains is explained, and without it.
CREATE SCHEMA paid;
CREATE TABLE paid.customer (customer_id text PRIMARY KEY);
INSERT INTO paid.customer SELECT DISTINCT customer_id::text FROM book.invoice;
CREATE TABLE paid.invoice AS
SELECT invoice_id::text AS invoice_id, customer_id::text AS customer_id,
	upper(currency) AS currency, 'open'::text AS invoice_status,
	total, total AS amount_due, total / 4 AS amount_remaining,
	date '2025-01-01' + (row_number() OVER () % 365)::int AS due_date,
	timestamptz '2024-12-01Z' + (row_number() OVER () % 365)::int * interval '1 day' AS issued_at
FROM book.invoice WHERE total IS NOT NULL;
UPDATE paid.invoice SET invoice_status = 'paid', amount_remaining = 0
WHERE hashtext(invoice_id) % 2 = 0;
CREATE TABLE paid.payment AS
SELECT invoice_id || p AS payment_id, customer_id, currency,
	CASE WHEN invoice_status = 'paid' THEN total / 2 ELSE total - total / 4 END AS amount,
	issued_at + p * interval '20 days' AS paid_at, invoice_id
FROM paid.invoice, generate_series(1, CASE invoice_status WHEN 'paid' THEN 2 ELSE 1 END) p;
ALTER TABLE paid.invoice ADD PRIMARY KEY (invoice_id);
ALTER TABLE paid.payment ADD PRIMARY KEY (payment_id);
CREATE INDEX ON paid.payment (invoice_id);
VACUUM ANALYZE paid.customer, paid.invoice, paid.payment;

SELECT bench.add('balance', ARRAY[$$
	SELECT customer_id, position FROM balance.positions_at('2025-07-01Z', 'UTC', 'paid') $$],
	'figures', $$
	SELECT customer_id, lower(currency), r.unpaid_invoice_count, r.total_unpaid_amount,
		r.overdue_invoice_count, r.total_overdue_amount, r.total_revenue_amount
	FROM balance.positions_at('2025-07-01Z', 'UTC', 'paid') p,
		balance.invoice_rows(p.position, '2025-07-01Z', 'UTC') r $$);
SELECT bench.add('sql: with the check', ARRAY[$$
	SELECT customer_id, currency, count(*) FILTER (WHERE rest > 0),
		sum(rest) FILTER (WHERE rest > 0), count(*) FILTER (WHERE rest > 0 AND late),
		sum(rest) FILTER (WHERE rest > 0 AND late), sum(amount_due),
		count(*) FILTER (WHERE amount_remaining <> amount_due - settled) AS unexplained
	FROM (SELECT i.customer_id, i.currency, i.amount_due, i.amount_remaining,
			i.amount_due - coalesce(p.settled_then, 0) AS rest, coalesce(p.settled, 0) AS settled,
			i.due_date < '2025-07-01' AS late
		FROM paid.invoice i LEFT JOIN (SELECT invoice_id, sum(amount) AS settled,
			sum(amount) FILTER (WHERE paid_at <= '2025-07-01Z') AS settled_then
			FROM paid.payment GROUP BY 1) p USING (invoice_id)
		WHERE i.issued_at <= '2025-07-01Z') q
	GROUP BY 1, 2 $$],
	'figures', $$
	SELECT customer_id, lower(currency), count(*) FILTER (WHERE rest > 0) AS unpaid,
		coalesce(sum(rest) FILTER (WHERE rest > 0), 0) AS unpaid_amount,
		count(*) FILTER (WHERE rest > 0 AND late) AS overdue,
		coalesce(sum(rest) FILTER (WHERE rest > 0 AND late), 0) AS overdue_amount,
		sum(amount_due) AS revenue
	FROM (SELECT i.customer_id, i.currency, i.amount_due,
			i.amount_due - coalesce((SELECT sum(amount) FROM paid.payment p
				WHERE p.invoice_id = i.invoice_id AND paid_at <= '2025-07-01Z'), 0) AS rest,
			i.due_date < '2025-07-01' AS late
		FROM paid.invoice i WHERE i.issued_at <= '2025-07-01Z') q
	GROUP BY 1, 2 $$);
SELECT bench.add('sql: unchecked', ARRAY[$$
	SELECT customer_id, currency, count(*) FILTER (WHERE rest > 0),
		sum(rest) FILTER (WHERE rest > 0), count(*) FILTER (WHERE rest > 0 AND late),
		sum(rest) FILTER (WHERE rest > 0 AND late), sum(amount_due)
	FROM (SELECT i.customer_id, i.currency, i.amount_due,
			i.amount_due - coalesce(p.settled, 0) AS rest, i.due_date < '2025-07-01' AS late
		FROM paid.invoice i LEFT JOIN (SELECT invoice_id, sum(amount) AS settled
			FROM paid.payment WHERE paid_at <= '2025-07-01Z' GROUP BY 1) p USING (invoice_id)
		WHERE i.issued_at <= '2025-07-01Z') q
	GROUP BY 1, 2 $$]);
SELECT bench.goal('time of the checked SQL', 'balance', 'sql: with', '<=', 1.5, 1.0);
SELECT bench.check_answers();
CALL bench.compete();
