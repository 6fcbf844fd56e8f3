-- Carbonext's VCU balance: the page's own sample, periods, exactness.
\set SHOW_CONTEXT never
\pset format unaligned
\pset tuples_only on
SELECT balance.create_ledger('carbonext');
SELECT balance.drop_report_views('carbonext');
SET balance.ledger = 'carbonext';
SET TimeZone = 'America/Sao_Paulo';
INSERT INTO carbonext.customer VALUES ('page'), ('p'), ('none');
INSERT INTO carbonext.vcu_order SELECT 'o' || row_number() OVER (),
	'page', c, s, u, false, '2021-10-21 12:00Z'
FROM (SELECT 'BRL', 'Issued', unnest('{20,10,200,20,2,200}'::numeric[])
	UNION ALL SELECT 'BRL', 'Billed', unnest('{20,20,10,10,10}'::numeric[])
      UNION ALL SELECT 'USD', 'Issued', unnest('{2,389}'::numeric[])
      	UNION ALL SELECT 'USD', 'Billed', unnest('{2,20,1}'::numeric[])) v(c, s, u);
INSERT INTO carbonext.vcu_invoice SELECT 'i' || row_number() OVER (),
	'page', c, s, u, '2021-10-21 12:00Z', CASE WHEN s = 'Paid' THEN timestamptz '2021-10-22 12:00Z'
	END
FROM (SELECT 'BRL', 'Paid', unnest('{20,30,35}'::numeric[]) UNION ALL VALUES ('BRL', 'Pending', 70),
	('USD', 'Paid', 6), ('USD', 'Pending', 23)) v(c, s, u);
SELECT jsonb_pretty(balance.vcu_balance('page'));
SELECT balance.vcu_balance('page') -> 'balancesByCurrency' =
 '[{"currency": "BRL", "vcuBalance": {"type": "VCU", "balance": 15, "credit": 85, "usedCredit": 0, '
   '"debt": 70, "futureDebt": 452}},
   {"currency": "USD",
     "vcuBalance": {"type": "VCU", "balance": -17, "credit": 6, "usedCredit": 0, "debt": 23,
     "futureDebt": 391}}]' AS as_the_page_says;
SELECT balance.vcu_balance('none');
SELECT balance.vcu_balance(NULL) IS NULL;

-- used credit: an order paid with balance is that and nothing else, unless cancelled or refunded;
-- 25 digits stay
INSERT INTO carbonext.vcu_order
	VALUES ('u1', 'none', 'usd', 'issued', 1.0000000000000000000000001, true, '2021-01-01 00:00Z'),
	('u2', 'none', 'usd', 'billed', 2, true, '2021-01-01 00:00Z'),
 ('u3', 'none', 'usd', 'cancelled', 4, true, '2021-01-01 00:00Z'),
 ('u4', 'none', 'usd', 'refunded', 8, true, '2021-01-01 00:00Z'),
 ('u5', 'none', 'eur', 'cancelled', 16, false, '2021-01-01 00:00Z');
INSERT INTO carbonext.vcu_invoice
	VALUES ('v1', 'none', 'usd', 'paid', 10.50, '2021-01-01 00:00Z', NULL),
	('v2', 'none', 'usd', 'overdue', 0.0000000000000000000000001, '2021-01-01 00:00Z', NULL),
	('v3', 'none', 'usd', 'refunded', 7, '2021-01-01 00:00Z', NULL);
SELECT balance.vcu_balance('none');

-- periods: paid invoices by the day of payment, all else by creation, both ends inclusive, days of
-- the session's zone
INSERT INTO carbonext.vcu_invoice VALUES
 ('p1', 'p', 'usd', 'paid', 1, '2026-01-01 12:00-03', '2026-03-01 12:00-03'),
 ('p2', 'p', 'usd', 'paid', 10, '2026-01-01 12:00-03', '2026-02-28 23:59:59.999999-03'),
 ('p3', 'p', 'usd', 'paid', 100, '2026-01-01 12:00-03', '2026-02-01 00:00-03'),
 ('p4', 'p', 'usd', 'paid', 1000, '2026-01-01 12:00-03', '2026-01-31 23:59:59.999999-03'),
 ('p5', 'p', 'usd', 'pending', 1, '2026-02-01 00:00-03', '2026-06-01 12:00-03'),
 ('p6', 'p', 'usd', 'pending', 10, '2026-03-01 00:00-03', NULL);
SELECT balance.vcu_balance('p', '2026-02-01', '2026-02-28');
SELECT balance.vcu_balance('p', '2026-02-01', '2026-02-01');
SELECT balance.vcu_balance('p', start_period => '2026-02-28');
SELECT balance.vcu_balance('p', end_period => '2026-01-31');
SELECT balance.vcu_balance('p', '1900-01-01', '1900-12-31');
-- an open end runs to now: what lies ahead is not in it, what was written just now is
INSERT INTO carbonext.vcu_order
	VALUES ('f1', 'p', 'jpy', 'issued', 1, false, now() + interval '1 day');
SELECT balance.vcu_balance('p', '2026-04-01');
SELECT balance.vcu_balance('p', '2026-04-01', (now() + interval '2 days')::date) #>
	'{balancesByCurrency,0,currency}';
BEGIN;
UPDATE carbonext.vcu_order SET created_at = clock_timestamp() WHERE vcu_order_id = 'f1';
SELECT balance.vcu_balance('p', '2026-04-01') #> '{balancesByCurrency,0,currency}';
ROLLBACK;
-- the day a row falls in is the session's
SET TimeZone = 'UTC';
SELECT balance.vcu_balance('p', '2026-02-01',
	'2026-02-28') #> '{balancesByCurrency,0,vcuBalance,credit}';

-- also where a day begins twice, as its clocks go back over midnight, or at one o'clock
INSERT INTO carbonext.customer VALUES ('dst');
INSERT INTO carbonext.vcu_order
	VALUES ('h1', 'dst', 'usd', 'issued', 1, false, '2023-11-05 04:30Z'),
	('h2', 'dst', 'usd', 'issued', 10, false, '2023-11-05 05:30Z'),
	('h3', 'dst', 'usd', 'issued', 100, false, '2023-11-05 03:59:59Z'),
 ('s1', 'dst', 'eur', 'issued', 1, false, '2018-11-04 03:00Z'),
 ('s2', 'dst', 'eur', 'issued', 10, false, '2018-11-04 02:59:59Z');
SET TimeZone = 'America/Havana';
SELECT balance.vcu_balance('dst', '2023-11-05',
	'2023-11-05') #> '{balancesByCurrency,0,vcuBalance,futureDebt}',
	balance.vcu_balance('dst', '2023-11-04',
	'2023-11-04') #> '{balancesByCurrency,0,vcuBalance,futureDebt}';
SET TimeZone = 'America/Sao_Paulo';
SELECT balance.vcu_balance('dst', '2018-11-04',
	'2018-11-04') #> '{balancesByCurrency,0,vcuBalance,futureDebt}',
	balance.vcu_balance('dst', '2018-11-03',
	'2018-11-03') #> '{balancesByCurrency,0,vcuBalance,futureDebt}';
SET TimeZone = 'UTC';

SET search_path = balance, public;
SELECT to_vcu_balance('1{}', NULL, NULL), to_vcu_balance('1{}', '2026-01-01', '2026-01-01'),
	to_vcu_balance(NULL, NULL, NULL) IS NULL;
SELECT to_vcu_balance(tally_unit_invoices('usd', 'paid', 1.500)
	+ tally_invoices('eur', 'open', NULL, NULL), NULL, '2026-01-01');
SELECT to_vcu_balance(tally_unit_invoices('usd', 'paid', NULL), NULL, NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT to_vcu_balance('1{}', '2026-01-02', '2026-01-01');
\echo :LAST_ERROR_SQLSTATE
SELECT vcu_balance('p', '2026-01-02', '2026-01-01');
\echo :LAST_ERROR_SQLSTATE
SELECT vcu_balance('p', '-infinity');
\echo :LAST_ERROR_SQLSTATE
SELECT vcu_balance('p', NULL, 'infinity');
SELECT vcu_balance('p', NULL, '5874897-12-31');
SELECT vcu_balance('p', '0001-01-01 BC');
SELECT vcu_balance('p', NULL, '9999-12-31') ->> 'endPeriod';
SELECT vcu_balance('nobody');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO carbonext.vcu_order VALUES ('x1', 'p', 'usd', 'lost', 1, false, '2026-01-01');
SELECT vcu_balance('p');
\echo :LAST_ERROR_SQLSTATE
DELETE FROM carbonext.vcu_order WHERE vcu_order_id = 'x1';
ALTER TABLE carbonext.vcu_order ALTER created_at DROP NOT NULL;
INSERT INTO carbonext.vcu_order VALUES ('x1', 'p', 'usd', 'issued', 1, false, NULL);
SELECT vcu_balance('p');
\echo :LAST_ERROR_SQLSTATE
-- either relation will do
DROP TABLE carbonext.vcu_order;
SELECT vcu_balance('p', NULL, '2026-01-31');
DROP TABLE carbonext.vcu_invoice;
SELECT vcu_balance('p');
\echo :LAST_ERROR_SQLSTATE
SET client_min_messages = warning;
DROP SCHEMA carbonext CASCADE;
