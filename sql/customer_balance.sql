-- Wingback's customer balance: the projection and the document.
\set SHOW_CONTEXT never
\pset format unaligned
\pset tuples_only on
SELECT balance.create_ledger('wingback');
SET balance.ledger = 'wingback';
INSERT INTO wingback.customer VALUES ('Cust_1', 'Wb_1'), ('Cust_none', 'Wb_1'), ('Cust_own', NULL),
	('Cust_void', 'Wb_1');
INSERT INTO wingback.invoice (invoice_id, customer_id, currency, invoice_status, payment_status,
	total, amount_due, amount_remaining, due_date) VALUES
 -- without any started payment, with one in progress, with one that failed, and a partial payment,
 -- which does not reduce the total
 ('i1', 'Cust_1', 'usd', 'finalized', NULL, 100.25, 100.25, 100.25, '2020-01-01'),
 ('i2', 'Cust_1', 'usd', 'open', 'processing', 20.25, 20.25, 20.25, NULL),
 ('i3', 'Cust_1', 'USD', 'overdue', 'failed', 0.5, 0.5, 0.5, '2020-01-01'),
 ('i4', 'Cust_1', 'usd', 'partially_paid', 'partially_paid', 1000, 1000, 1, NULL),
 ('i5', 'Cust_1', 'usd', 'paid', 'succeeded', 7, 7, 0, NULL),
 ('i6', 'Cust_1', 'usd', 'issued', 'refunded', 8, 8, 0, NULL),
 ('i7', 'Cust_1', 'usd', 'draft', NULL, 9, 9, 9, NULL),
 ('i8', 'Cust_1', 'usd', 'written_off', 'failed', 11, 11, 11, NULL),
 ('i9', 'Cust_1', 'eur', 'draft', NULL, 3, 3, 3, NULL),
 ('ia', 'Cust_own', 'jpy', 'sent', NULL, 1200, 1200, 1200, NULL),
 ('ib', 'Cust_void', 'brl', 'skipped', NULL, 5, 5, 5, NULL);
INSERT INTO wingback.deposit VALUES
 ('d1', 'Cust_1', 'usd', 'settled', 50), ('d2', 'Cust_1', 'USD', 'settled', 0.75),
 ('d3', 'Cust_1', 'usd', 'Pending Review', 1),
 ('d4', 'Cust_1', 'gbp', 'held', 12);

SELECT jsonb_pretty(balance.customer_balance('Cust_1'));
-- a known customer without any
SELECT balance.customer_balance('Cust_none');
-- the ledger's name where it has no seller; ready_for_payment even at zero
SELECT balance.customer_balance('Cust_own');
SELECT balance.customer_balance('Cust_void');
SELECT balance.customer_balance(NULL), balance.customer_balance(NULL) IS NULL;
-- the ledger as an argument
RESET balance.ledger;
SELECT balance.customer_balance('Cust_own', 'wingback')
	= balance.customer_balance('Cust_own', ledger => 'wingback'::regnamespace);
-- total_invoices_ready_for_payment is string-equal to the consolidated total
SELECT bool_and(e->>'total_invoices_ready_for_payment' = e #>> '{invoices,ready_for_payment,total}')
FROM jsonb_array_elements(balance.customer_balance('Cust_1', 'wingback')) e;

-- the projection alone, over any table; unknown amounts raise only where they are needed
SET search_path = balance, public;
SELECT to_customer_balance('1{}', 'wb', 'c');
SELECT to_customer_balance(NULL, 'wb', 'c') IS NULL, to_customer_balance('1{}', 'wb', NULL) IS NULL;
SELECT to_customer_balance('1{}', NULL, 'c');
\echo :LAST_ERROR_SQLSTATE
SELECT to_customer_balance(tally_invoices('usd', 'open', NULL, NULL)
	+ tally_invoices('usd', 'paid', NULL, NULL), 'wb', 'c');
\echo :LAST_ERROR_SQLSTATE
SELECT to_customer_balance(tally_invoices('usd', 'void', NULL, NULL), 'wb', 'c');
SELECT to_customer_balance(tally_deposits('usd', 'held', NULL), 'wb', 'c');
-- charges, units and memos are not this document's business
SELECT to_customer_balance(tally_charges('usd', 'usage', NULL)
	+ tally_unit_invoices('brl', 'paid', NULL) + tally_credit_memos('eur', 'issued', NULL, NULL),
	'wb', 'c');
-- a difference shows what changed, with its sign
SELECT to_customer_balance(tally_invoices('usd', 'paid', NULL, 10)
	- tally_invoices('usd', 'open', NULL, 10), 'wb', 'c');
SELECT to_customer_balance(tally_invoices('usd', 'paid', NULL, 10)
	- tally_invoices('usd', 'paid', NULL, 7), 'wb', 'c');

-- byte for byte what the server's own functions write: counts of each length, numbers that
-- pad, keys in and out of order, more of them than an offset is written for
SELECT count(*) AS documents,
	count(*) FILTER (WHERE record_image_eq(ROW(document), ROW(document::text::jsonb))) AS the_same
FROM (SELECT to_customer_balance(('1{EUR ' || n + 1 + deposits || ' paid(' || n
		|| ' 0.05 0 0) void(1 ' || n || ' 0 0)' || listed || ', JPY 1 open(1 ' || n
		|| ' 0 0)}')::balance.position,
		repeat('s', deposits % 5), repeat('c', deposits)) AS document
	FROM unnest('{1,9,10,99,9999,10000,10001,99999999,100000000,123456789012,
		1000000000000,10000000000000000,9223372036854775000,-1,-10000}'::int8[]) n,
		unnest('{0,1,2,3,15,16,31,32,33,70}'::int[]) deposits,
		LATERAL (SELECT COALESCE(string_agg(format(' deposit("%s" 1 %s)', status, i), ''
				ORDER BY status COLLATE "C"), '') AS listed
			FROM generate_series(1, deposits) i, LATERAL (SELECT repeat('k', 1 + i * 7 % 11) || i
				AS status) s) l) made;

-- errors over a ledger
SELECT customer_balance('nobody', 'wingback');
\echo :LAST_ERROR_SQLSTATE
SELECT customer_balance('', 'wingback');
SELECT customer_balance('Cust_1');
\echo :LAST_ERROR_SQLSTATE
SELECT customer_balance('Cust_1', 0);
\echo :LAST_ERROR_SQLSTATE
SELECT customer_balance('Cust_1', 'nowhere');
\echo :LAST_ERROR_SQLSTATE
UPDATE wingback.invoice SET invoice_status = 'shipped' WHERE invoice_id = 'i9';
SELECT customer_balance('Cust_1', 'wingback');
\echo :LAST_ERROR_SQLSTATE
UPDATE wingback.invoice SET invoice_status = 'draft', currency = 'ZZZ' WHERE invoice_id = 'i9';
SELECT customer_balance('Cust_1', 'wingback');
\echo :LAST_ERROR_SQLSTATE
SET client_min_messages = warning;
DROP SCHEMA wingback CASCADE;
