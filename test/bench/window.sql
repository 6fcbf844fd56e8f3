-- A sliding window: at every invoice the position of its customer's last 90 days,
-- by inverse transitions, against the same frames tallied anew by the same
-- aggregate declared without them. Every row has a frame of its own; the gain
-- is in proportion to the rows of a frame, so there are smaller and larger ones.
CREATE AGGREGATE balance.tally_anew(currency text, invoice_status text, payment_status text,
	total numeric) (
	SFUNC = balance.tally_invoices_add, STYPE = balance.position,
		FINALFUNC = balance.position_final, FINALFUNC_MODIFY = READ_ONLY);
CREATE AGGREGATE balance.tally_anew(currency text, invoice_status text, payment_status text,
	total numeric, amount_due numeric, amount_remaining numeric, due date) (
	SFUNC = balance.tally_invoices_add, STYPE = balance.position,
		FINALFUNC = balance.position_final, FINALFUNC_MODIFY = READ_ONLY);

-- So many of the book's rows, so many of a customer, evenly over three years, in
-- the order of the window, so that nobody sorts while being timed.
CREATE FUNCTION bench.slide(form text, columns text, nrows bigint, a_customer int, must numeric,
	aim numeric) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	name text := format('frames_%s', nrows);
	tallied text :=
		format('SELECT %%s(%s) OVER w AS position
		FROM bench.%I WINDOW w AS (PARTITION BY customer_id
		ORDER BY issued_at RANGE BETWEEN ''90 days'' PRECEDING AND CURRENT ROW)', columns, name);
	counted text :=
		format('SELECT count(*) OVER w AS n, sum(total) OVER w
		FROM bench.%I WINDOW w AS (PARTITION BY customer_id
		ORDER BY issued_at RANGE BETWEEN ''90 days'' PRECEDING AND CURRENT ROW)', name);
	frame int;
BEGIN
	EXECUTE format($q$
		CREATE UNLOGGED TABLE bench.%I AS
		SELECT customer_id, issued_at, currency, invoice_status, payment_status, total, amount_due,
			amount_remaining, issued_at::date + 30 AS due_date
		FROM (SELECT n / %s AS customer_id,
			'2023-01-01'::timestamptz + n %% %s * ('3 years'::interval / %s) AS issued_at, currency,
			invoice_status, payment_status, total, amount_due, amount_remaining
		      FROM (SELECT row_number() OVER () - 1 AS n, * FROM book.invoice LIMIT %s) i) i
		ORDER BY customer_id, issued_at $q$, name, a_customer, a_customer, a_customer, nrows);
	EXECUTE format('CREATE INDEX ON bench.%I (customer_id, issued_at)', name);
	EXECUTE format('ANALYZE bench.%I', name);
	EXECUTE format('SELECT avg(n) FROM (%s) q', counted) INTO frame;
	name := format('%s, %s rows, %s a frame', form, nrows, frame);
	PERFORM bench.add('slides: ' || name, ARRAY[format(tallied, 'balance.tally_invoices')], name,
		format('SELECT row_number() OVER (), position FROM (%s) q',
		format(tallied, 'balance.tally_invoices')));
	PERFORM bench.add('anew: ' || name, ARRAY[format(tallied, 'balance.tally_anew')], name,
		format('SELECT row_number() OVER (), position FROM (%s) q',
		format(tallied, 'balance.tally_anew')));
	PERFORM bench.add('floor: count, sum, as ' || name, ARRAY[counted]);
	PERFORM bench.goal('times as fast as anew: ' || name, 'anew: ' || name, 'slides: ' || name,
		'>=', must, aim);
END $$;
SELECT bench.slide('balances', 'currency, invoice_status, payment_status, total', :rows / 5, 1000,
	20, 50);
SELECT bench.slide('balances', 'currency, invoice_status, payment_status, total',
	:rows / 100, 10000, 20, 50);
SELECT bench.slide('with due dates',
	'currency, invoice_status, payment_status, total, amount_due, amount_remaining, due_date',
	:rows / 50, 1000, 8, 20);
SELECT bench.slide('with due dates',
	'currency, invoice_status, payment_status, total, amount_due, amount_remaining, due_date',
	:rows / 200, 5000, 30, 60);
SELECT bench.check_answers();
CALL bench.compete();
