-- Flexprice's customer invoice summary.  C: invoice_summary.c

CREATE FUNCTION balance.to_invoice_summary("position" balance.position, customer_id text,
	default_currency text, as_of timestamptz, zone text)
RETURNS jsonb
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE COST 100 PARALLEL SAFE;

COMMENT ON FUNCTION balance.to_invoice_summary(balance.position, text, text, timestamptz, text) IS
'The object that Flexprice documents as "Get customer invoice summary", of a position. as_of '
'decides only what of it is overdue: a due date is past due from the next day in the time zone '
'named by zone, a due instant from the instant after; every other figure is that of the position, '
'whatever as_of is. zone is a name as day_in() takes it, no offset. Amounts are decimal strings in '
'major units. A NULL default_currency gives the currency with the most counted invoices. A NULL '
'position or customer_id gives NULL; a NULL as_of or zone raises 22004, as do amounts that are '
'unknown; what is no name of a time zone and an unknown currency raise 22023.';

CREATE FUNCTION balance.invoice_rows(
	"position" balance.position, as_of timestamptz DEFAULT now(),
	zone text DEFAULT balance.session_zone(),
	OUT currency text, OUT minor_unit int,
	-- FIGURES(INVOICE_SUMMARY)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 20 ROWS 2;

COMMENT ON FUNCTION balance.invoice_rows(balance.position, timestamptz, text) IS
'The figures of to_invoice_summary() as rows, one per currency (in upper case), under the names of '
'Flexprice''s "Get customer invoice summary". Amounts are in major units; minor_unit is the number '
'of decimals of the currency, NULL where ISO 4217 has none. as_of decides only what is overdue: a '
'due date is past due from the next day in the time zone named by zone, a due instant from the '
'instant after as_of; every other figure is that of the position. No rows for a NULL position; a '
'NULL as_of or zone and unknown amounts raise 22004, what is no name of a time zone 22023. Where '
'zone is left out, errors as session_zone().';
