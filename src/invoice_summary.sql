-- Flexprice's customer invoice summary.  C: invoice_summary.c

CREATE FUNCTION balance.to_invoice_summary(
	"position" balance.position, customer_id text, default_currency text,
	as_of timestamptz, zone text)
RETURNS jsonb
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100;

COMMENT ON FUNCTION balance.to_invoice_summary(balance.position, text, text, timestamptz, text) IS
'The object that Flexprice documents as "Get customer invoice summary", as of an instant. A due date is past due from the next day in the time zone named by zone, a due instant from the instant after. Amounts are decimal strings in major units. A NULL default_currency gives the currency with the most counted invoices. A NULL position or customer_id gives NULL; a NULL as_of or zone raises 22004, as do amounts that are unknown; an unknown zone or currency raises 22023.';

CREATE FUNCTION balance.invoice_summary(
	customer_id text, as_of timestamptz DEFAULT now(),
	zone text DEFAULT current_setting('TimeZone'),
	ledger regnamespace DEFAULT NULL)
RETURNS jsonb
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000;

COMMENT ON FUNCTION balance.invoice_summary(text, timestamptz, text, regnamespace) IS
'A customer''s invoice summary as Flexprice documents it, over the ledger''s invoice and invoice_line_item relations (the setting balance.ledger where ledger is NULL). Amounts are decimal strings in major units. A due date is past due from the next day in zone, a due instant from the instant after. NULL for a NULL customer_id. Raises P0002 if the ledger has customers but not this one, 22023 for an unknown status, currency or zone, 22004 for NULL amounts.';
