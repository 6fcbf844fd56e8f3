-- Wingback's customer balance.  C: customer_balance.c

CREATE FUNCTION balance.to_customer_balance(
	"position" balance.position, wb_customer_id text, customer_id text)
RETURNS jsonb
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100;

COMMENT ON FUNCTION balance.to_customer_balance(balance.position, text, text) IS
'The array that Wingback documents as "Get Current Customer Balance": per currency with an invoice or a deposit, invoices by state and deposits by status. Totals are decimal strings in major units. A NULL position or customer_id gives NULL, a NULL wb_customer_id raises 22004, and so does a total that is unknown because of NULL amounts.';

CREATE FUNCTION balance.customer_balance(
	customer_id text, ledger regnamespace DEFAULT NULL)
RETURNS jsonb
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000;

COMMENT ON FUNCTION balance.customer_balance(text, regnamespace) IS
'A customer''s balance as Wingback documents it, over the ledger''s invoice and deposit relations (the setting balance.ledger where ledger is NULL). Totals are decimal strings in major units. NULL for a NULL customer_id. Raises P0002 if the ledger has customers but not this one, 22023 for an unknown status or currency, 22004 for NULL amounts; 40001, to be retried, where a relation that is read was rewritten, truncated or replaced after the statement''s snapshot. In a SECURITY DEFINER function pass the ledger, or SET balance.ledger in its definition: what its caller has set raises 42501.';

CREATE FUNCTION balance.balance_rows(
	"position" balance.position,
	OUT currency text, OUT minor_unit int, OUT kind text, OUT state text,
	OUT count bigint, OUT total numeric)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 8;

COMMENT ON FUNCTION balance.balance_rows(balance.position) IS
'The figures of to_customer_balance() as rows, one per currency (in upper case), kind (invoices or deposits) and state: for invoices ready_for_payment (always), paid, pending_validation and canceled, for deposits their own statuses. count is a number of rows, total in major units; minor_unit is the number of decimals of the currency, NULL where ISO 4217 has none. No rows for a NULL position; unknown totals raise 22004.';

CREATE FUNCTION balance.customer_balances(
	include_empty boolean DEFAULT false, ledger regnamespace DEFAULT NULL,
	OUT customer_id text, OUT document jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 1000;

COMMENT ON FUNCTION balance.customer_balances(boolean, regnamespace) IS
'customer_balance() of every customer of the ledger (the setting balance.ledger where it is NULL), in one pass over its invoices and deposits and in no order. Customers without any document are left out, or listed with [] if include_empty. If the ledger has a relation "customer", rows of anyone who is not in it have no document; without one, whoever has a row is a customer. Units and errors as customer_balance(); one bad row raises for all, verify() finds them. A NULL include_empty raises 22004.';
