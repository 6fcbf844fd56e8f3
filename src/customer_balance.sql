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
'A customer''s balance as Wingback documents it, over the ledger''s invoice and deposit relations (the setting balance.ledger where ledger is NULL). Totals are decimal strings in major units. NULL for a NULL customer_id. Raises P0002 if the ledger has customers but not this one, 22023 for an unknown status or currency, 22004 for NULL amounts.';
