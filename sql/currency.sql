-- Currencies and how amounts look in them.
SET search_path = balance, public;

-- minor digits as ISO 4217 has them; never fewer digits than the sum needs
SELECT c AS currency, a AS amount, to_customer_balance(tally_invoices(c, 'open', NULL, a),
	'wb', 'c')
       #>> '{0,total_invoices_ready_for_payment}' AS total
FROM (SELECT *, row_number() OVER ()
	FROM (VALUES ('usd', 120.5), ('USD', 0), ('Usd', 120.500), ('usd', 0.00012345), ('usd', -0.5),
	('usd', 100),
             ('jpy', 1200), ('jpy', 1200.00), ('JPY', 0.5), ('kwd', 1.25), ('KWD', 0), ('clf', 1.5),
             ('clf', 12.34567),
             ('uyw', 1), ('isk', 7), ('iqd', 7), ('xau', 2), ('xau', 2.5), ('xxx', 1), ('xcg', 1),
             ('zwg', 1), ('sle', 1),
             ('usd', 9223372036854775807), ('usd', 92233720368547758.08), ('usd', 1e30),
             ('usd', -1e-30),
             ('usd', 123456789012345678901234.123456789012), ('usd', 1234567890123456789012345.1),
             ('usd', 0.0000000000001)) r) v(c, a, n)
GROUP BY c, a, n ORDER BY n;
-- codes that never were, or are no longer since before 1990; and what is no code at all
SELECT tally_deposits(c, 's', 1) FROM (VALUES ('XXA')) v(c);
\echo :LAST_ERROR_SQLSTATE
SELECT tally_deposits('BRC', 's', 1);
SELECT tally_deposits('', 's', 1);
SELECT tally_deposits('us', 's', 1);
SELECT tally_deposits('usd ', 's', 1);
SELECT tally_deposits('us1', 's', 1);
SELECT tally_deposits('U' || chr(254) || 'D', 's', 1);
SELECT tally_deposits(repeat('ü', 100), 's', 1);
SELECT tally_deposits(NULL, 's', 1);
\echo :LAST_ERROR_SQLSTATE

-- one in each spelling is one currency, and they come in code order
SELECT tally_deposits(c, 's', 1) FROM unnest('{usd,USD,Usd,eur,jpy,CHF,chf}'::text[]) c;

-- Withdrawn codes are known for ever: the last month counts where there are
-- several (HRK, RUR, VEF, ZWD), and what is still in force somewhere is in force
SELECT c AS currency, known_currency(c) AS known, currency_withdrawn(c) AS withdrawn, minor_unit(c)
FROM unnest('{hrk,Bgn,ANG,ZWL,RUR,VEF,ZWD,DEM,ITL,XFO,XEU,YUD,ARY,DDM,EUR,usd,IDR,ZWG,XAU}'::text[])
	c;
SELECT known_currency(c) AS known, known_currency(NULL) IS NULL
	AND currency_withdrawn(NULL) IS NULL AS null_for_null
FROM unnest('{XXA,BRC,USDT,"USD ",""}'::text[]) c;
SELECT currency_withdrawn('XXA');
\echo :LAST_ERROR_SQLSTATE
SELECT minor_unit('BRC');

-- a position with them goes through text, binary and arithmetic like any other
CREATE TEMP TABLE old AS
SELECT tally_invoices(c, 'paid', NULL, 753.45, 753.45, 0, DATE '2022-06-30')
	+ tally_deposits(c, 's', 0.5) AS p
FROM unnest('{HRK,itl,EUR,xfo}'::text[]) c;
SELECT p FROM old;
SELECT p::text::balance.position = p AS same, p - p AS nothing FROM old;
CREATE TEMP TABLE again (LIKE old);
\copy old TO 'results/currency_copy.bin' (FORMAT binary)
\copy again FROM 'results/currency_copy.bin' (FORMAT binary)
SELECT again.p = old.p AS same FROM again, old;
SELECT to_customer_balance(p, 'wb', 'c') -> 1 AS hrk,
       to_customer_balance(p, 'wb', 'c') #>> '{2,invoices,paid,total}' AS itl FROM old;

-- and through a constraint that old rows have to pass
CREATE TEMP TABLE checked (currency text CHECK (known_currency(currency)), note text);
INSERT INTO checked VALUES ('HRK', 'paid long ago');
UPDATE checked SET note = 'paid in 2022';
INSERT INTO checked VALUES ('XXA');
