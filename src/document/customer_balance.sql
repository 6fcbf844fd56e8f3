-- Wingback's customer balance.  C: customer_balance.c

CREATE FUNCTION balance.to_customer_balance("position" balance.position, wb_customer_id text,
	customer_id text)
RETURNS jsonb
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE COST 100 PARALLEL SAFE;

COMMENT ON FUNCTION balance.to_customer_balance(balance.position, text, text) IS
'The array that Wingback documents as "Get Current Customer Balance": per currency with an '
'invoice or a deposit, invoices by state and deposits by status. Totals are decimal strings in '
'major units. A NULL position or customer_id gives NULL, a NULL wb_customer_id raises 22004, and '
'so does a total that is unknown because of NULL amounts.';

CREATE FUNCTION balance.balance_rows(
	"position" balance.position,
	OUT currency text, OUT minor_unit int, OUT kind text, OUT state text,
	OUT count bigint, OUT total numeric)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 8;

COMMENT ON FUNCTION balance.balance_rows(balance.position) IS
'The figures of to_customer_balance() as rows, one per currency (in upper case), kind (invoices '
'or deposits) and state: for invoices ready_for_payment (always), paid, pending_validation and '
'canceled, for deposits their own statuses. count is a number of rows, total in major units; '
'minor_unit is the number of decimals of the currency, NULL where ISO 4217 has none. No rows for '
'a NULL position; unknown totals raise 22004.';
