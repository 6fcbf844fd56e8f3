-- Ids that could mean two rows, in what tells of today: whose a line item or an application is
-- cannot be told then, so whoever would count it refuses, and nobody else does.
\set SHOW_CONTEXT never
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SET client_min_messages = warning;
CREATE SCHEMA today;
SET search_path = today;
SET balance.ledger = 'today';
CREATE TABLE invoice (invoice_id text, customer_id text, currency text, invoice_status text,
	number text, total numeric, amount_due numeric, amount_remaining numeric, due_date date,
	issued_at timestamptz);
CREATE TABLE invoice_line_item (invoice_id text, price_type text, amount numeric);
CREATE TABLE credit_memo (credit_memo_id text, business_id text, customer_id text, status text,
	currency text, amount bigint, amount_applied bigint, issue_date date, created_at timestamptz,
	updated_at timestamptz, reason text, invoice_id text);
CREATE TABLE credit_memo_application (application_id text, credit_memo_id text, invoice_id text,
	amount_applied bigint, applied_at timestamptz);
INSERT INTO invoice VALUES ('1', 'c1', 'usd', 'open', 'N1', 10, 10, 10, '2026-01-20', '2026-01-10'),
	('1', 'c2', 'usd', 'open', 'N2', 20, 20, 20, '2026-01-20', '2026-01-10'),
	('2', 'c3', 'usd', 'open', 'N3', 5, 5, 5, '2026-01-20', '2026-01-10');
INSERT INTO invoice_line_item VALUES ('2', 'usage', 5);
SELECT count(*) FROM balance.create_report_views();

-- each way to ask for charges and applications: what is told, or the error
CREATE TABLE way (name text, query text);
INSERT INTO way SELECT replace(name, '$1', c), replace(query, '$1', c)
FROM unnest('{c1,c2,c3}'::text[]) c, (VALUES
	('$1 summary', $$SELECT balance.invoice_summary('$1')
		#>> '{summaries,0,unpaid_usage_charges}'$$),
	('$1 view', $$SELECT sum(unpaid_usage_charges) FROM report_invoice_summary
		WHERE customer_id = '$1'$$),
	('$1 metrics', $$SELECT sum(value) FROM report_metrics WHERE customer_id = '$1'
		AND metric = 'unpaid_usage_charges'$$),
	('$1 book view', $$SELECT document #>> '{summaries,0,unpaid_usage_charges}'
		FROM book_invoice_summary WHERE customer_id = '$1'$$),
	('$1 items', $$SELECT sum(amount) FROM balance.items('$1', 'unpaid_usage_charges', 'usd')$$),
	('$1 summary_at', $$SELECT balance.invoice_summary_at('$1', '2026-02-01')
		#>> '{summaries,0,unpaid_usage_charges}'$$)) AS w(name, query);
INSERT INTO way VALUES
	('all: book', $$SELECT sum((document #>> '{summaries,0,unpaid_usage_charges}')::numeric)
		FROM balance.invoice_summaries()$$),
	('all: book view', $$SELECT sum((document #>> '{summaries,0,unpaid_usage_charges}')::numeric)
		FROM book_invoice_summary$$),
	('all: view', $$SELECT sum(unpaid_usage_charges) FROM report_invoice_summary$$),
	('all: metrics', $$SELECT sum(value) FROM report_metrics
		WHERE metric = 'unpaid_usage_charges'$$),
	('all: positions_at', $$SELECT sum(r.unpaid_usage_charges) FROM
		balance.positions_at('2026-02-01') p, balance.invoice_rows(p.position, now(), 'UTC') r$$);
CREATE FUNCTION told(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE query INTO answer;
	RETURN trim_scale(answer::numeric)::text;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
CREATE VIEW answers AS SELECT told(query) AS told,
	string_agg(name, ', ' ORDER BY name COLLATE "C") AS ways
FROM way GROUP BY told(query) ORDER BY told(query) COLLATE "C";
-- there twice, and no line item names it
TABLE answers;
INSERT INTO invoice_line_item VALUES ('1', 'usage', 10);
-- one does, and the customers are two; of him alone who has nothing to do with it is told
TABLE answers;
\set ON_ERROR_ROLLBACK on
BEGIN;
SELECT balance.invoice_summary('c1');
SELECT * FROM balance.invoice_summaries();
SELECT * FROM report_invoice_summary;
\echo :LAST_ERROR_SQLSTATE
SELECT DISTINCT rule, relation, id, found FROM balance.verify();
SELECT DISTINCT rule, relation, id, found FROM balance.verify(customer_id => 'c2');
-- what counts no line item is told all the same: each row is an invoice
SELECT balance.customer_balance('c1') #>> '{0,invoices,ready_for_payment,total}' AS c1,
	(SELECT sum(total_unpaid_amount) FROM balance.top_debtors('usd', 3)) AS owed;
-- one of them is paid: its customer has no charges, which can be told
UPDATE invoice SET invoice_status = 'paid', amount_remaining = 0 WHERE customer_id = 'c2';
TABLE answers;
-- all are: line items count nowhere today, and of the past nothing tells
UPDATE invoice SET invoice_status = 'paid', amount_remaining = 0 WHERE invoice_id = '1';
TABLE answers;
ROLLBACK;
-- both are one customer's
BEGIN;
UPDATE invoice SET customer_id = 'c1' WHERE invoice_id = '1';
TABLE answers;
SELECT * FROM report_invoice_summary;
ROLLBACK;
-- an id is one together with its customer, whom line items do not name; then they do
BEGIN;
ALTER TABLE invoice ADD PRIMARY KEY (customer_id, invoice_id);
TABLE answers;
SELECT DISTINCT rule, relation, id, found FROM balance.verify();
ALTER TABLE invoice_line_item ADD customer_id text NOT NULL DEFAULT 'c1';
UPDATE invoice_line_item SET customer_id = 'c3' WHERE invoice_id = '2';
SELECT count(*) FROM balance.create_report_views();
TABLE answers;
ROLLBACK;
-- they name the customer, and no key says that his ids are there once
BEGIN;
ALTER TABLE invoice_line_item ADD customer_id text NOT NULL DEFAULT 'c1';
UPDATE invoice_line_item SET customer_id = 'c3' WHERE invoice_id = '2';
SELECT count(*) FROM balance.create_report_views();
TABLE answers;
UPDATE invoice SET customer_id = 'c1' WHERE invoice_id = '1';
TABLE answers;
UPDATE invoice SET invoice_status = 'paid', amount_remaining = 0 WHERE invoice_id = '1';
TABLE answers;
ROLLBACK;
-- amounts in minor units
BEGIN;
SELECT balance.drop_report_views();
ALTER TABLE invoice_line_item RENAME amount TO amount_minor;
ALTER TABLE invoice_line_item ALTER amount_minor TYPE int;
SELECT count(*) FROM balance.create_report_views();
TABLE answers;
ROLLBACK;
-- invoices of a store, line items of their rows
BEGIN;
SELECT relation, valid FROM balance.maintain('today');
TABLE answers;
ROLLBACK;

-- where an index vouches, nothing is looked for; a view is made with or without, and check_ledger
-- tells when it ought to be made anew
CREATE VIEW looks AS SELECT relname FROM pg_class JOIN pg_depend d ON d.objid =
	(SELECT oid FROM pg_rewrite WHERE ev_class = pg_class.oid)
WHERE relnamespace = 'today'::regnamespace AND relname <> 'looks'
	AND d.refobjid = 'balance.named_once(bigint,text,text)'::regprocedure ORDER BY 1;
CREATE VIEW findings AS SELECT relation, "column", severity, message, hint
FROM balance.check_ledger() WHERE relation ~ '^(report|book)_' OR "column" ~ '(invoice|memo)_id'
ORDER BY relation COLLATE "C", "column";
TABLE looks;
TABLE findings;
BEGIN;
CREATE INDEX ON invoice (invoice_id);
CREATE INDEX ON invoice_line_item (invoice_id);
TABLE findings;
DELETE FROM invoice WHERE customer_id = 'c2';
ALTER TABLE invoice ADD UNIQUE (invoice_id);
TABLE findings;
SELECT count(*) FROM balance.create_report_views();
TABLE looks;
TABLE findings;
TABLE answers;
ALTER TABLE invoice DROP CONSTRAINT invoice_invoice_id_key;
INSERT INTO invoice SELECT '1', 'c2', 'usd', 'open', 'N2', 20, 20, 20;
-- what is composed anew refuses, a view that was made before does not, and check_ledger says so
TABLE findings;
SELECT told(query), name FROM way WHERE name ~ 'all: (book|view)' ORDER BY name COLLATE "C";
ROLLBACK;
-- the tables of create_ledger have keys, also in the transaction that makes them
BEGIN;
SELECT balance.create_ledger('keyed');
SELECT relation, message FROM balance.check_ledger('keyed') WHERE severity <> 'notice';
SELECT pg_get_viewdef('keyed.report_invoice_summary'::regclass) ~ 'named_once' AS looks;
ROLLBACK;

-- applications of a memo, and the number of the invoice that a memo credits
TRUNCATE invoice, invoice_line_item, way;
INSERT INTO credit_memo SELECT 'm1', 'b', c, 'issued', 'usd', 100, 0, '2026-01-01',
	'2026-01-01', '2026-01-01', 'r', '1' FROM unnest('{c1,c2}'::text[]) c;
INSERT INTO credit_memo SELECT 'm3', 'b', 'c3', 'issued', 'usd', 100, 30, '2026-01-01',
	'2026-01-01', '2026-01-01', 'r', NULL;
INSERT INTO credit_memo_application VALUES ('a3', 'm3', '3', 30, '2026-01-02');
INSERT INTO way SELECT replace(name, '$1', c), replace(query, '$1', c)
FROM unnest('{c1,c2,c3}'::text[]) c, (VALUES
	('$1 credits', $$SELECT sum((a ->> 'amount_applied')::int) FROM
		jsonb_path_query(balance.customer_credits('$1'), '$.credit_memos[*].applications[*]') a$$),
	('$1 items', $$SELECT sum(amount) FROM balance.items('$1',
		'credit_memos.applications.amount_applied', 'usd')$$),
	('$1 number', $$SELECT ltrim(balance.customer_credits('$1')
		#>> '{credit_memos,0,invoice_number}', 'N')$$)) AS w(name, query);
TABLE answers;
INSERT INTO invoice VALUES ('1', 'c1', 'usd', 'open', 'N1', 10, 10, 10);
TABLE answers;
INSERT INTO credit_memo_application VALUES ('a1', 'm1', '1', 30, '2026-01-02');
UPDATE credit_memo SET amount_applied = 30;
TABLE answers;
SELECT balance.customer_credits('c1');
SELECT DISTINCT rule, relation, id, found FROM balance.verify() WHERE rule ~ 'dupl|ambig';
-- of memos that have nothing left none is listed
BEGIN;
UPDATE credit_memo SET status = 'fully_applied', amount_applied = 100 WHERE customer_id = 'c2';
TABLE answers;
ROLLBACK;
DELETE FROM credit_memo WHERE customer_id = 'c2';
INSERT INTO invoice VALUES ('1', 'c2', 'usd', 'open', 'N2', 10, 10, 10);
TABLE answers;
DROP SCHEMA today CASCADE;
