-- Wingback's customer balance.  C: customer_balance.c

-- FUNCTION(to_customer_balance("position" balance.position, wb_customer_id text, customer_id text);
--	jsonb; IMMUTABLE PARALLEL SAFE COST 100)
'The array that Wingback documents as "Get Current Customer Balance": per currency with an '
'invoice or a deposit, invoices by state and deposits by status. Totals are decimal strings in '
'major units. A NULL position or customer_id gives NULL, a NULL wb_customer_id raises 22004, and '
'so does a total that is unknown because of NULL amounts.';

-- FUNCTION(balance_rows("position" balance.position, OUT currency text, OUT minor_unit int,
--	OUT kind text, OUT state text, OUT count bigint, OUT total numeric); SETOF record;
--	IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 8)
'The figures of to_customer_balance() as rows, one per currency (in upper case), kind (invoices '
'or deposits) and state: for invoices ready_for_payment (always), paid, pending_validation and '
'canceled, for deposits their own statuses. count is a number of rows, total in major units; '
'minor_unit is the number of decimals of the currency, NULL where ISO 4217 has none. No rows for '
'a NULL position; unknown totals raise 22004.';
