-- The totals of DayZero's customer credits, as rows.  C: credit_memos.c

CREATE FUNCTION balance.credit_rows(
	"position" balance.position,
	OUT currency text, OUT minor_unit int,
	-- FIGURES(CUSTOMER_CREDITS)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 2;

COMMENT ON FUNCTION balance.credit_rows(balance.position) IS
'What the tallied credit memos of class available have left (the page counts those that have '
'something left: tally with FILTER (WHERE amount > amount_applied)), a row per currency (in upper '
'case) with a credit memo, under the names of DayZero''s "Get customer available credits": '
'total_credits_available in minor units, total_credits_available_dollars the same in major units '
'of the currency, credit_memos_count how many memos. minor_unit is the number of decimals of the '
'currency, NULL where ISO 4217 has none. No rows for a NULL position; unknown amounts raise 22004.';

CREATE FUNCTION balance.may_be_available(status text, currency text, amount bigint,
	amount_applied bigint)
RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE COST 5 PARALLEL SAFE;

COMMENT ON FUNCTION balance.may_be_available(text, text, bigint, bigint) IS
'Whether a credit memo is of class available and amount more than amount_applied, both in minor '
'units, or is one that customer_credits() cannot show, for an unknown status or currency or a '
'NULL: for an index on memos that still have something to give, as customer_credits() looks for '
'these. Raises no error.';
