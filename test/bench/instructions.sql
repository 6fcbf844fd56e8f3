-- Instructions by callgrind, which do not depend on what else the machine does: what the
-- look-up of a customer of a hundred invoices, his report and verify() consist of.
CREATE TABLE bench.counted (
	place int GENERATED ALWAYS AS IDENTITY,
	subject text,
	what text,
	statement text,	-- with $1 for the customer, if it is called for one after the other
	causes text[],	-- functions whose part of it is told, with what they call
	instructions numeric
);
CREATE TABLE bench.cause (place int, nth int, function text, instructions numeric);

CREATE SCHEMA hundred;
CREATE TABLE hundred.invoice AS
SELECT (10000000 + row_number() OVER () % 1000)::text AS customer_id, invoice_id, currency,
	invoice_status, payment_status, total, amount_due, amount_remaining, due_date
FROM (SELECT * FROM book.invoice LIMIT 100000) i;
CREATE INDEX ON hundred.invoice (customer_id);
SELECT balance.create_report_views('hundred');
CREATE TABLE hundred.document AS SELECT customer_id, document::text AS document
FROM balance.customer_balances(ledger => 'hundred');
CREATE UNIQUE INDEX ON hundred.document (customer_id);

CREATE SCHEMA sound;
CREATE TABLE sound.customer AS
SELECT customer_id, 'biz' AS business_id FROM hundred.invoice GROUP BY customer_id;
CREATE TABLE sound.invoice AS
SELECT invoice_id, customer_id, currency, 'open' AS invoice_status, total, amount_due,
	amount_due AS amount_remaining, due_date FROM hundred.invoice;
CREATE TABLE sound.invoice_line_item AS
SELECT 'line_' || invoice_id AS invoice_line_item_id, invoice_id, 'usage' AS price_type,
	amount_due AS amount FROM sound.invoice;
ALTER TABLE sound.customer ADD PRIMARY KEY (customer_id);
ALTER TABLE sound.invoice ADD PRIMARY KEY (invoice_id);
CREATE INDEX ON sound.invoice (customer_id);
CREATE INDEX ON sound.invoice_line_item (invoice_id);
VACUUM (FREEZE, ANALYZE) hundred.invoice, hundred.document, sound.customer, sound.invoice,
	sound.invoice_line_item;

INSERT INTO bench.counted (subject, what, statement, causes)
SELECT subject, what, replace(statement, 'TALLY',
	'balance.tally_invoices(currency, invoice_status, payment_status, total)'), causes
FROM (VALUES
	('look-up', 'a statement of one value', '$1', NULL::text[]),
	('look-up', 'floor: count(*), sum(total)',
		'count(*), sum(total) FROM hundred.invoice WHERE customer_id = $1', NULL),
	('look-up', 'tally_invoices(...)',
		'TALLY IS NULL FROM hundred.invoice WHERE customer_id = $1', NULL),
	('look-up', '(SELECT tally_invoices(...)), which is packed',
		'(SELECT TALLY FROM hundred.invoice WHERE customer_id = $1) IS NULL', '{state_pack}'),
	('look-up', 'to_customer_balance(tally_invoices(...))',
		$$balance.to_customer_balance(TALLY, 'hundred', $1) FROM hundred.invoice
		WHERE customer_id = $1$$, '{project_customer_balance}'),
	('look-up', 'customer_balance()', $$balance.customer_balance($1, 'hundred')$$,
		'{SPI_execute_plan_extended,ledger_execute_for,copy_unpacked,project_customer_balance,'
		'position_currencies,document_end,document_amount}'),
	('look-up', 'view book_customer_balance',
		'document FROM hundred.book_customer_balance WHERE customer_id = $1', NULL),
	('look-up', 'the text of the document, kept in a table',
		'length(document) FROM hundred.document WHERE customer_id = $1', NULL),
	('look-up', 'the same, made jsonb by PostgreSQL',
		'length(document), document::jsonb FROM hundred.document WHERE customer_id = $1', NULL),
	('report', 'count(*), sum(total) by customer and currency',
		'customer_id, upper(currency COLLATE "C"), count(*), sum(total) FROM hundred.invoice
		WHERE customer_id = $1 GROUP BY 1, 2', NULL),
	('report', 'tally_invoices(...) by the same',
		'customer_id, upper(currency COLLATE "C"), TALLY IS NULL FROM hundred.invoice
		WHERE customer_id = $1 GROUP BY 1, 2', NULL),
	('report', 'count(*), sum(total) by these and state, by hand', $$
		customer_id, upper(currency COLLATE "C"), bench.class(invoice_status, payment_status),
		count(*), sum(total) FROM hundred.invoice WHERE customer_id = $1 GROUP BY 1, 2, 3$$, NULL),
	('report', 'view report_customer_balance',
		'* FROM hundred.report_customer_balance WHERE customer_id = $1',
		'{balance_rows,spi_printtup}'),
	('verify', 'floor: count(*) of both',
		'SELECT (SELECT count(*) FROM sound.invoice),
		(SELECT count(*) FROM sound.invoice_line_item)', NULL),
	('verify', 'verify()', $$SELECT * FROM balance.verify('sound')$$, '{breaks_no_rule}'),
	('verify', 'reading the columns of both', $$SELECT (SELECT count(due_date) FROM sound.invoice),
		(SELECT count(amount) FROM sound.invoice_line_item)$$, NULL),
	('verify', 'whether their customers and invoices are there', $$SET work_mem = '4MB'; SELECT
		(SELECT count(*) FROM sound.invoice i WHERE NOT EXISTS
			(SELECT FROM sound.customer c WHERE c.customer_id = i.customer_id)),
		(SELECT count(*) FROM sound.invoice_line_item l WHERE NOT EXISTS
			(SELECT FROM sound.invoice i WHERE i.invoice_id = l.invoice_id))$$, NULL))
	v(subject, what, statement, causes);

-- Of a call, or of an invoice and its line; times the floor, of reports times the document.
CREATE VIEW bench.instructions_report AS
SELECT c.subject, c.what, round(c.instructions) AS instructions,
	round(c.instructions / f.instructions, 2) AS times
FROM (SELECT subject, what, instructions, place, 0 AS nth FROM bench.counted
	UNION ALL SELECT subject, 'of it: ' || function, c.instructions, place, nth
	FROM bench.cause c JOIN bench.counted USING (place)) c
JOIN bench.counted f ON f.what = CASE c.subject WHEN 'report' THEN 'customer_balance()'
	WHEN 'verify' THEN 'floor: count(*) of both' ELSE 'floor: count(*), sum(total)' END
ORDER BY c.place, c.nth;
