-- Amounts and reports in a reporting currency.  C: reporting_currency.c

CREATE FUNCTION balance.in_reporting_currency(
	currency text, amount numeric, reporting_currency text, on_day date,
	ledger regnamespace DEFAULT NULL)
RETURNS numeric
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000;

COMMENT ON FUNCTION balance.in_reporting_currency(text, numeric, text, date, regnamespace) IS
'An amount in major units in another currency, by the rates that the ledger declares in its '
'relation exchange_rate (the setting balance.ledger where ledger is NULL): the rate of the latest '
'valid_from up to and including on_day, the exact product, rounded once, half away from zero, to '
'the minor unit of the reporting currency. The same currency is itself, unrounded. Rates are used '
'in the direction in which they are declared only. NULL for a NULL amount; other NULLs raise '
'22004. No rate raises P0002 with both currencies and the day: it is never 1. Several rates of one '
'day raise 21000; a rate that is not positive, an unknown currency, and a reporting currency '
'without a minor unit 22023; NaN and infinities 22003; 42P01 if there is no such relation; other '
'errors as customer_balance().';

CREATE FUNCTION balance.report_customer_balance_in(
	reporting_currency text, on_day date, ledger regnamespace DEFAULT NULL,
	OUT customer_id text, OUT currency text, OUT minor_unit int, OUT wb_customer_id text,
	OUT kind text, OUT state text, OUT count bigint, OUT total numeric,
	OUT reporting_currency text, OUT rate numeric, OUT rate_day date, OUT total_in numeric)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000;

CREATE FUNCTION balance.report_invoice_summary_in(
	reporting_currency text, on_day date, ledger regnamespace DEFAULT NULL,
	OUT customer_id text, OUT currency text, OUT minor_unit int,
	OUT total_revenue_amount numeric, OUT total_unpaid_amount numeric,
	OUT total_overdue_amount numeric, OUT total_invoice_count bigint,
	OUT unpaid_invoice_count bigint, OUT overdue_invoice_count bigint,
	OUT unpaid_usage_charges numeric, OUT unpaid_fixed_charges numeric,
	OUT reporting_currency text, OUT rate numeric, OUT rate_day date,
	OUT total_revenue_amount_in numeric, OUT total_unpaid_amount_in numeric,
	OUT total_overdue_amount_in numeric, OUT unpaid_usage_charges_in numeric,
	OUT unpaid_fixed_charges_in numeric)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000;

CREATE FUNCTION balance.report_ageing_in(
	reporting_currency text, on_day date, ledger regnamespace DEFAULT NULL,
	OUT customer_id text, OUT currency text, OUT minor_unit int,
	OUT bucket text, OUT from_days int, OUT to_days int, OUT count bigint, OUT amount numeric,
	OUT reporting_currency text, OUT rate numeric, OUT rate_day date, OUT amount_in numeric)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000;

CREATE FUNCTION balance.report_customer_credits_in(
	reporting_currency text, on_day date, ledger regnamespace DEFAULT NULL,
	OUT customer_id text, OUT currency text, OUT minor_unit int, OUT customer_name text,
	OUT total_credits_available numeric, OUT total_credits_available_dollars numeric,
	OUT credit_memos_count bigint,
	OUT reporting_currency text, OUT rate numeric, OUT rate_day date,
	OUT total_credits_available_dollars_in numeric)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000;

CREATE FUNCTION balance.report_credit_expiry_in(
	reporting_currency text, on_day date, ledger regnamespace DEFAULT NULL,
	OUT customer_id text, OUT currency text, OUT minor_unit int,
	OUT month date, OUT count bigint, OUT amount numeric,
	OUT reporting_currency text, OUT rate numeric, OUT rate_day date, OUT amount_in numeric)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000;

CREATE FUNCTION balance.report_roll_forward_in(
	reporting_currency text, on_day date, ledger regnamespace DEFAULT NULL,
	OUT month date, OUT currency text, OUT minor_unit int, OUT opening numeric,
	OUT invoiced numeric, OUT voided numeric, OUT paid numeric, OUT refunded numeric,
	OUT credited numeric, OUT closing numeric, OUT days_sales_outstanding numeric,
	OUT collection_effectiveness numeric,
	OUT reporting_currency text, OUT rate numeric, OUT rate_day date,
	OUT opening_in numeric, OUT invoiced_in numeric, OUT voided_in numeric, OUT paid_in numeric,
	OUT refunded_in numeric, OUT credited_in numeric, OUT closing_in numeric)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 100;

-- DEFINE REPORTIN(report; amounts)
COMMENT ON FUNCTION balance.{report}_in(text, date, regnamespace) IS
'The rows of {report} of the ledger (the setting balance.ledger where it is NULL) with '
'{amounts} in a reporting currency, too, in its major units: the row''s own columns, rate and '
'rate_day, the day from which the rate is valid, and behind them each amount as '
'in_reporting_currency() converts what the row shows, rounded once; so a sum over rows is one of '
'rounded amounts. Of rows in the reporting currency rate is 1, rate_day NULL and the amount as it '
'is. Figures are as of now and days those of the session''s TimeZone, which must be the name of a '
'zone (22023); on_day decides the rate alone. A customer_id is text. Raises P0002 where a row''s '
'currency has no rate on that day, 22004 for a NULL reporting_currency or on_day; other errors as '
'in_reporting_currency() and, of the zone, session_zone().';

-- END
-- REPORTIN(report_customer_balance; total)
-- REPORTIN(report_invoice_summary; all amounts)
-- REPORTIN(report_ageing; amount)
-- REPORTIN(report_customer_credits; total_credits_available_dollars)
-- REPORTIN(report_credit_expiry; amount)
-- REPORTIN(report_roll_forward; opening to closing, all months by the rate of the one day,)
