-- Currencies and how amounts look in them.
SET search_path = balance, public;

-- minor digits as ISO 4217 has them; never fewer digits than the sum needs
SELECT c AS currency, a AS amount, to_customer_balance(tally_invoices(c, 'open', NULL, a), 'wb', 'c')
       #>> '{0,total_invoices_ready_for_payment}' AS total
FROM (SELECT *, row_number() OVER () FROM (VALUES ('usd', 120.5), ('USD', 0), ('Usd', 120.500), ('usd', 0.00012345), ('usd', -0.5), ('usd', 100),
             ('jpy', 1200), ('jpy', 1200.00), ('JPY', 0.5), ('kwd', 1.25), ('KWD', 0), ('clf', 1.5), ('clf', 12.34567),
             ('uyw', 1), ('isk', 7), ('iqd', 7), ('xau', 2), ('xau', 2.5), ('xxx', 1), ('xcg', 1), ('zwg', 1), ('sle', 1),
             ('usd', 9223372036854775807), ('usd', 92233720368547758.08), ('usd', 1e30), ('usd', -1e-30),
             ('usd', 123456789012345678901234.123456789012), ('usd', 1234567890123456789012345.1),
             ('usd', 0.0000000000001)) r) v(c, a, n)
GROUP BY c, a, n ORDER BY n;
-- codes that are no longer, or never were, in force; and what is no code at all
SELECT tally_deposits(c, 's', 1) FROM (VALUES ('HRK')) v(c);
\echo :LAST_ERROR_SQLSTATE
SELECT tally_deposits('BGN', 's', 1);
SELECT tally_deposits('ANG', 's', 1);
SELECT tally_deposits('ZWL', 's', 1);
SELECT tally_deposits('XXA', 's', 1);
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
