-- A ledger as it was.  C: past.c

CREATE FUNCTION balance.invoice_state_at(
	invoice_status text, payment_status text, dated timestamptz, voided_at timestamptz,
	amount_due numeric, amount_remaining numeric, settled numeric, settled_then numeric,
	changed boolean, until timestamptz)
RETURNS int
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE COST 10 PARALLEL SAFE;

COMMENT ON FUNCTION balance.invoice_state_at(text, text, timestamptz, timestamptz, numeric, numeric,
	numeric, numeric, boolean, timestamptz) IS
'What an invoice was at an instant before now, for the functions over a ledger: 0 not there, 1 '
'open, 2 paid, 3 void; below 0 where that cannot be told: -3 what remains is not amount_due less '
'what settled it, -2 it has no date, -1 it is void since nobody knows when. Amounts in major '
'units, NULL settled nothing; changed is whether any of it came later. Statuses as in '
'invoice_class(); an unknown word raises 22023, NaN and infinities raise 22003.';
