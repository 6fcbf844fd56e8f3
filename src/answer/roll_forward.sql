-- How what is owed got from one balance to the next.  C: roll_forward.c

CREATE FUNCTION balance.roll_forward(
	start_period date, end_period date, currency text DEFAULT NULL,
	zone text DEFAULT balance.session_zone(), ledger regnamespace DEFAULT NULL,
	OUT currency text, OUT minor_unit int, OUT opening numeric, OUT invoiced numeric,
	OUT voided numeric, OUT paid numeric, OUT refunded numeric, OUT credited numeric,
	OUT closing numeric, OUT days_sales_outstanding numeric, OUT collection_effectiveness numeric)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 5;

COMMENT ON FUNCTION balance.roll_forward(date, date, text, text, regnamespace) IS
'What all customers of the ledger (the setting balance.ledger where it is NULL) owed over a '
'period, a row for each currency, or the one that is asked for, in which anything had happened by '
'its end: opening + invoiced - voided - paid + refunded - credited = closing, exact, in major '
'units. They are sums of the movements that statement() lists, and balances are as there: what '
'open invoices have left less unapplied cash. paid is what came in and refunded what went out, '
'whether or not an invoice takes it; credited is what was applied of credit memos less what was '
'taken back, also because an invoice was voided. Both ends are inclusive days in zone, a name as '
'day_in() takes it. days_sales_outstanding is closing / invoiced * days, the days of the period '
'that have begun by now(), NULL unless invoiced is above 0. collection_effectiveness is (opening + '
'invoiced - closing) / (opening + invoiced - current) * 100, where current is closing less what '
'invoices have left that is past due at the end, NULL unless the divisor is above 0; their '
'quotient is below 100 while anything is past due. Both are as the Credit Research Foundation '
'defines them, its N being 1: credit sales are those of the period. Both are rounded to two '
'decimals, half away from zero. An invoice without a due date is never past due. If the ledger has '
'a relation "customer", only rows of those in it count. Raises 22023 where invoices are not '
'explained by their dates, with how many there are; other errors as statement().';

CREATE FUNCTION balance.customer_roll_forwards(
	start_period date, end_period date, currency text DEFAULT NULL,
	zone text DEFAULT balance.session_zone(), ledger regnamespace DEFAULT NULL,
	OUT customer_id text, OUT currency text, OUT minor_unit int, OUT opening numeric,
	OUT invoiced numeric, OUT voided numeric, OUT paid numeric, OUT refunded numeric,
	OUT credited numeric, OUT closing numeric, OUT days_sales_outstanding numeric,
	OUT collection_effectiveness numeric)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000;

COMMENT ON FUNCTION balance.customer_roll_forwards(date, date, text, text, regnamespace) IS
'roll_forward() of each customer, a row for each customer and currency; they add up to its rows. '
'Units, days, NULLs and errors as roll_forward().';

CREATE FUNCTION balance.roll_forward_months(
	currency text DEFAULT NULL, zone text DEFAULT balance.session_zone(),
	ledger regnamespace DEFAULT NULL,
	OUT month date, OUT currency text, OUT minor_unit int, OUT opening numeric,
	OUT invoiced numeric, OUT voided numeric, OUT paid numeric, OUT refunded numeric,
	OUT credited numeric, OUT closing numeric, OUT days_sales_outstanding numeric,
	OUT collection_effectiveness numeric)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 100;

COMMENT ON FUNCTION balance.roll_forward_months(text, text, regnamespace) IS
'roll_forward() of each month, in one pass: month is its first day, and each currency has every '
'month from its first movement to that of now(); what is dated -infinity has no month and is in '
'the first opening, and a currency without any other movement has the month of now() alone. A '
'month''s opening is the closing of the one before. Units, days, NULLs and errors as '
'roll_forward().';

CREATE FUNCTION balance.roll_forward_items(
	customer_id text, field text, start_period date, end_period date, currency text DEFAULT NULL,
	zone text DEFAULT balance.session_zone(), ledger regnamespace DEFAULT NULL,
	OUT customer_id text, OUT currency text, OUT at timestamptz, OUT kind text,
	OUT document_id text, OUT number text, OUT amount numeric)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000;

COMMENT ON FUNCTION balance.roll_forward_items(text, text, date, date, text, text,
	regnamespace) IS
'The movements behind one number of roll_forward(), where customer_id is NULL, or of a customer''s '
'row of customer_roll_forwards(): the sum of amount is the number. field is opening, invoiced, '
'voided, paid, refunded, credited or closing; kind, document_id and number are those of '
'statement(). In order of currency and time. Another field raises 22023, a NULL one 22004, an '
'unknown customer P0002; units, days and other errors as roll_forward().';
