-- Carbonext's VCU balance.  C: vcu_balance.c

CREATE FUNCTION balance.to_vcu_balance(
	"position" balance.position, start_period date, end_period date)
RETURNS jsonb
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100;

COMMENT ON FUNCTION balance.to_vcu_balance(balance.position, date, date) IS
'The object that Carbonext documents as "Balance": units per currency, as exact JSON numbers, balance = credit - usedCredit - debt. The period is only shown; it does not filter. A NULL position gives NULL, a NULL end of the period is open and not shown. A start after its end or an infinite day raises 22023, unknown units raise 22004.';

CREATE FUNCTION balance.in_period(
	instant timestamptz, start_period date, end_period date, until timestamptz)
RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 5;

COMMENT ON FUNCTION balance.in_period(timestamptz, date, date, timestamptz) IS
'Whether an instant lies in a period, as vcu_balance() has it: from start_period to end_period, both inclusive days of the session''s TimeZone, which must be the name of a zone (22023); a NULL start is open, and a NULL end runs to the instant until, inclusive. A NULL instant raises 22004, so that a row without its date never drops out silently; so does a NULL until that is needed.';

CREATE FUNCTION balance.vcu_balance(
	customer_id text, start_period date DEFAULT NULL,
	end_period date DEFAULT NULL, ledger regnamespace DEFAULT NULL)
RETURNS jsonb
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000;

COMMENT ON FUNCTION balance.vcu_balance(text, date, date, regnamespace) IS
'A customer''s VCU balance as Carbonext documents it, over the ledger''s vcu_invoice and vcu_order relations (the setting balance.ledger where ledger is NULL). Units are exact JSON numbers. Paid invoices fall in the period by the day they were paid (by the day they were created where paid_at is NULL), everything else by the day it was created; days are those of the session''s TimeZone, which must be the name of a zone, both ends are inclusive, an open end runs to the start of the statement. NULL for a NULL customer_id. Raises P0002 if the ledger has customers but not this one, 22023 for a start after its end or outside the years 0001 to 9999, and for an unknown status or currency in the period; 22004 for NULL units or dates; 40001, to be retried, where a relation that is read was rewritten, truncated or replaced after the statement''s snapshot. In a SECURITY DEFINER function pass the ledger, or SET balance.ledger in its definition: what its caller has set raises 42501.';

CREATE FUNCTION balance.unit_rows(
	"position" balance.position,
	OUT currency text, OUT minor_unit int, OUT balance numeric, OUT credit numeric,
	OUT "usedCredit" numeric, OUT debt numeric, OUT "futureDebt" numeric)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 2;

COMMENT ON FUNCTION balance.unit_rows(balance.position) IS
'The figures of to_vcu_balance() as rows, one per currency (in upper case), under the names of Carbonext''s "Balance": VCUs, balance = credit - usedCredit - debt. minor_unit is the number of decimals of the currency, NULL where ISO 4217 has none; units may have more. No rows for a NULL position; unknown units raise 22004.';

CREATE FUNCTION balance.vcu_balances(
	start_period date DEFAULT NULL, end_period date DEFAULT NULL,
	include_empty boolean DEFAULT false, ledger regnamespace DEFAULT NULL,
	OUT customer_id text, OUT document jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000;

COMMENT ON FUNCTION balance.vcu_balances(date, date, boolean, regnamespace) IS
'vcu_balance() of every customer of the ledger (the setting balance.ledger where it is NULL), in one pass over its VCU invoices and orders and in no order. Customers without any row in the period are left out, or listed with no balances if include_empty. If the ledger has a relation "customer", rows of anyone who is not in it have no document; without one, whoever has a row is a customer. Units, period, time zone and errors as vcu_balance(); one bad row raises for all, verify() finds them. A NULL include_empty raises 22004.';
