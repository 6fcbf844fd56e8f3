-- Positions of all customers as of a past instant, and roll-forwards of a month and of all months,
-- from 1.5 payments an invoice, against the best SQL for the same figures; statements of customers
-- with 100 documents, against reading the same rows.

-- The same figures are those that are known to be true. SQL that adds up payments until an instant
-- gives a number where a payment is missing or has no date, too, and then it is another number than
-- positions_at() gives, which is none: so the SQL that competes compares what remains with all
-- payments, as positions_at() does. That takes a second sum in the same pass over the payments, and
-- rows of payments made since, which the SQL without the check leaves out beforehand: it is
-- measured beside, as what people write, with no goal.
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

-- What was owed from one balance to the next, with the days that sales are outstanding and how much
-- of what could be collected was. What competes checks the remainders, as what dates do not explain
-- is refused; it knows that nothing here is paid back, voided or credited.
SELECT bench.add('period, balance', ARRAY[$$
	SELECT currency, opening, invoiced, paid, closing, days_sales_outstanding,
		collection_effectiveness
	FROM balance.roll_forward('2025-07-01', '2025-07-31', NULL, 'UTC', 'paid') $$], 'period');
SELECT bench.add('period, sql', ARRAY[$$
	SELECT currency, opening, invoiced, paid, closing, round(closing * 31 / invoiced, 2) AS dso,
		round((opening + invoiced - closing) * 100
			/ (opening + invoiced - closing + late), 2) AS cei
	FROM (SELECT currency, i.before - p.before AS opening, invoiced, paid,
			i.before + invoiced - p.before - paid AS closing,
			late / CASE WHEN unexplained = 0 THEN 1 END AS late
		FROM (SELECT currency, sum(amount_due) FILTER (WHERE issued_at < '2025-07-01Z') AS before,
				sum(amount_due) FILTER (WHERE issued_at >= '2025-07-01Z') AS invoiced,
				sum(rest) FILTER (WHERE rest > 0 AND due_date < '2025-07-31') AS late,
				count(*) FILTER (WHERE amount_remaining <> amount_due - settled) AS unexplained
			FROM (SELECT i.currency, i.amount_due, i.amount_remaining, i.issued_at, i.due_date,
					i.amount_due - coalesce(p.settled_then, 0) AS rest,
					coalesce(p.settled, 0) AS settled
				FROM paid.invoice i LEFT JOIN (SELECT invoice_id, sum(amount) AS settled,
					sum(amount) FILTER (WHERE paid_at < '2025-08-01Z') AS settled_then
					FROM paid.payment GROUP BY 1) p USING (invoice_id)
				WHERE i.issued_at < '2025-08-01Z') i
			GROUP BY 1) i
		JOIN (SELECT currency, sum(amount) FILTER (WHERE paid_at < '2025-07-01Z') AS before,
				sum(amount) FILTER (WHERE paid_at >= '2025-07-01Z') AS paid
			FROM paid.payment WHERE paid_at < '2025-08-01Z' GROUP BY 1) p USING (currency)) r $$],
	'period');
SELECT bench.goal('time of SQL for a month', 'period, balance', 'period, sql', '<=', 1.5, 1.0);
SELECT bench.add('months, balance', ARRAY[$$
	SELECT month, currency, opening, invoiced, paid, closing, days_sales_outstanding,
		collection_effectiveness
	FROM balance.roll_forward_months(NULL, 'UTC', 'paid') WHERE month < '2026-01-01' $$], 'months');
SELECT bench.add('months, sql', ARRAY[$$
	WITH change AS (
		SELECT currency, date_trunc('month', issued_at AT TIME ZONE 'UTC')::date AS month,
			sum(amount_due) AS invoiced, 0 AS paid, 0 AS late FROM paid.invoice GROUP BY 1, 2
		UNION ALL
		SELECT currency, date_trunc('month', paid_at AT TIME ZONE 'UTC')::date, 0, sum(amount), 0
		FROM paid.payment GROUP BY 1, 2
		UNION ALL
		SELECT currency, month, 0, 0, sum(greatest(rest, 0) - greatest(rest - amount, 0))
		FROM (SELECT s.*, sum(amount) OVER (PARTITION BY invoice_id COLLATE "C" ORDER BY month
				ROWS UNBOUNDED PRECEDING) AS rest
			FROM (SELECT invoice_id, currency, month, sum(amount) AS amount
				FROM (SELECT invoice_id, currency, amount_due AS amount, greatest(
						date_trunc('month', issued_at AT TIME ZONE 'UTC')::date,
						date_trunc('month', due_date + 1)::date) AS month FROM paid.invoice
					UNION ALL
					SELECT invoice_id, i.currency, - p.amount, greatest(
						date_trunc('month', paid_at AT TIME ZONE 'UTC')::date,
						date_trunc('month', due_date + 1)::date)
					FROM paid.payment p JOIN paid.invoice i USING (invoice_id)) m
				WHERE month <= current_date
				GROUP BY 1, 2, 3) s) s
		GROUP BY 1, 2),
	unexplained AS (
		SELECT count(*) AS n FROM paid.invoice i LEFT JOIN (SELECT invoice_id,
			sum(amount) AS settled FROM paid.payment GROUP BY 1) p USING (invoice_id)
		WHERE amount_remaining <> amount_due - coalesce(settled, 0))
	SELECT month, currency, closing - invoiced + paid AS opening, invoiced, paid, closing,
		CASE WHEN invoiced > 0 THEN round(closing * ((month + interval '1 month')::date - month)
			/ invoiced, 2) END AS dso,
		CASE WHEN paid + late > 0 THEN round(paid * 100 / (paid + late), 2) END AS cei
	FROM (SELECT month, currency, sum(invoiced) AS invoiced, sum(paid) AS paid,
			sum(sum(invoiced) - sum(paid)) OVER w AS closing,
			sum(sum(late)) OVER w / CASE WHEN (SELECT n FROM unexplained) = 0 THEN 1 END AS late
		FROM (TABLE change UNION ALL SELECT currency, generate_series(first, current_date,
				interval '1 month')::date, 0, 0, 0
			FROM (SELECT currency, min(month) AS first FROM change GROUP BY 1) k) c
		GROUP BY 1, 2 WINDOW w AS (PARTITION BY currency ORDER BY month)) r
	WHERE month < '2026-01-01' $$], 'months');
SELECT bench.goal('time of SQL for all months', 'months, balance', 'months, sql', '<=', 1.5, 1.0);

-- 40 invoices and 60 payments each; functions, so that both sides are prepared statements.
CREATE SCHEMA stated;
CREATE TABLE stated.customer (customer_id text PRIMARY KEY);
INSERT INTO stated.customer SELECT 'c' || c FROM generate_series(1, 500) c;
CREATE TABLE stated.invoice AS
SELECT 'i' || c || '-' || i AS invoice_id, 'c' || c AS customer_id, 'USD'::text AS currency,
	'open'::text AS invoice_status, 'N' || i AS number, 100.25 AS total, 100.25 AS amount_due,
	100.25 - CASE WHEN i % 2 = 0 THEN 80 ELSE 40 END AS amount_remaining,
	timestamptz '2025-01-01Z' + i * interval '9 days' AS issued_at
FROM generate_series(1, 500) c, generate_series(1, 40) i;
CREATE TABLE stated.payment AS
SELECT 'p' || invoice_id || p AS payment_id, customer_id, currency, 40.00 AS amount,
	issued_at + p * interval '3 days' AS paid_at, invoice_id
FROM stated.invoice, generate_series(1, CASE WHEN amount_remaining < 50 THEN 2 ELSE 1 END) p;
ALTER TABLE stated.invoice ADD PRIMARY KEY (invoice_id);
ALTER TABLE stated.payment ADD PRIMARY KEY (payment_id);
CREATE INDEX ON stated.invoice (customer_id);
CREATE INDEX ON stated.payment (invoice_id);
CREATE INDEX ON stated.payment (customer_id);
VACUUM ANALYZE stated.customer, stated.invoice, stated.payment;
CREATE FUNCTION bench.statements() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	c text;
	n bigint := 0;
BEGIN
	FOR c IN SELECT customer_id FROM stated.customer LOOP
		n := n + (SELECT count(*) + 0 * max(pg_column_size(s)) FROM balance.statement(c,
			'2024-01-01', '2026-12-31', NULL, 'UTC', 'stated') s);
	END LOOP;
	RETURN n;
END $$;
-- The rows alone: the customer, and what a statement needs to know of the invoices, their
-- payments and those of no invoice, under its conditions; in no order, as that is no reading, no
-- running balance, and nobody checks that the invoices are explained. Inlined where it is called.
-- Of all sides each column is asked for, or the planner leaves out the making of some.
CREATE FUNCTION bench.statement_rows(c text, first timestamptz, until timestamptz)
RETURNS TABLE (currency text, at timestamptz, rank int, kind text, document_id text, number text,
	amount numeric, remaining numeric) LANGUAGE sql STABLE AS $$
	SELECT * FROM (
		SELECT upper(currency) AS currency, issued_at AS at, 1 AS rank, 'invoice' AS kind,
			invoice_id AS id, number, amount_due, amount_remaining
		FROM stated.invoice WHERE customer_id = c AND invoice_status <> 'draft'
		UNION ALL SELECT upper(p.currency), paid_at, 3, 'payment', payment_id, i.number,
			- amount, NULL
		FROM stated.invoice i JOIN stated.payment p USING (invoice_id) WHERE i.customer_id = c
		UNION ALL SELECT upper(currency), paid_at, 3, 'payment', payment_id, NULL, - amount, NULL
		FROM stated.payment p WHERE customer_id = c AND NOT EXISTS (SELECT FROM stated.invoice i
			WHERE i.invoice_id = p.invoice_id)) r
	WHERE at >= first AND at < until OFFSET 0
$$;
CREATE FUNCTION bench.statement_rows() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	c text;
	n bigint := 0;
BEGIN
	FOR c IN SELECT customer_id FROM stated.customer LOOP
		n := n + (SELECT count(*) + max((SELECT 1 FROM stated.customer WHERE customer_id = c))
			+ 0 * max(pg_column_size(r))
			FROM bench.statement_rows(c, '2024-01-01Z', '2027-01-01Z') r) + 1;
	END LOOP;
	RETURN n;
END $$;
-- in a statement's order
CREATE FUNCTION bench.statement_lines() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	c text;
	n bigint := 0;
BEGIN
	FOR c IN SELECT customer_id FROM stated.customer LOOP
		n := n + (SELECT count(*) + max((SELECT 1 FROM stated.customer WHERE customer_id = c))
			+ 0 * max(pg_column_size(r))
			FROM (SELECT * FROM bench.statement_rows(c, '2024-01-01Z', '2027-01-01Z')
				ORDER BY currency, at, rank, document_id OFFSET 0) r) + 1;
	END LOOP;
	RETURN n;
END $$;
-- with the running balance, as people write it
CREATE FUNCTION bench.statement_balances() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	c text;
	n bigint := 0;
BEGIN
	FOR c IN SELECT customer_id FROM stated.customer LOOP
		n := n + (SELECT count(*) + max((SELECT 1 FROM stated.customer WHERE customer_id = c))
			+ 0 * max(pg_column_size(r))
			FROM (SELECT r.*, sum(amount) OVER (PARTITION BY currency ORDER BY at, rank,
				document_id ROWS UNBOUNDED PRECEDING) AS balance
				FROM bench.statement_rows(c, '2024-01-01Z', '2027-01-01Z') r OFFSET 0) r) + 1;
	END LOOP;
	RETURN n;
END $$;
SELECT bench.add('statements', ARRAY['SELECT bench.statements()'], 'lines', $$
	SELECT c.customer_id, s.currency, at, kind, document_id, number, amount, balance
	FROM stated.customer c, balance.statement(c.customer_id, '2024-01-01', '2026-12-31', NULL,
		'UTC', 'stated') s
	WHERE at IS NOT NULL $$);
SELECT bench.add('the rows of statements', ARRAY['SELECT bench.statement_rows()'], 'lines', $$
	SELECT c.customer_id, r.currency, at, kind, document_id, number, amount, sum(amount) OVER (
		PARTITION BY c.customer_id, r.currency ORDER BY at, rank, document_id
		ROWS UNBOUNDED PRECEDING)
	FROM stated.customer c, bench.statement_rows(c.customer_id, '2024-01-01Z', '2027-01-01Z') r $$);
SELECT bench.add('sql: rows in order', ARRAY['SELECT bench.statement_lines()']);
SELECT bench.add('sql: rows and running balances', ARRAY['SELECT bench.statement_balances()']);
SELECT bench.goal('time of reading its rows', 'statements', 'the rows of statements', '<=', 1.3,
	1.1);

SELECT bench.check_answers();
CALL bench.compete();
