-- Who owes the most.  C: top_debtors.c

CREATE FUNCTION balance.top_debtors(
	currency text, n integer, as_of timestamptz DEFAULT now(),
	zone text DEFAULT balance.session_zone(),
	ledger regnamespace DEFAULT NULL,
	OUT customer_id text, OUT currency text, OUT minor_unit int,
	OUT total_unpaid_amount numeric, OUT unpaid_invoice_count bigint,
	OUT total_overdue_amount numeric, OUT overdue_invoice_count bigint)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 10;

COMMENT ON FUNCTION balance.top_debtors(text, integer, timestamptz, text, regnamespace) IS
'The n customers who owe the most in a currency (in any case) over the ledger''s invoices (the '
'setting balance.ledger where it is NULL): those with something unpaid, by total_unpaid_amount, '
'then total_overdue_amount, then customer_id. The figures are those of invoice_summary(), in major '
'units, and today''s, also for an as_of in the past: as_of decides only what is overdue, a due '
'date from the next day in zone, the name of a time zone, a due instant from the instant after '
'as_of. minor_unit is the number of decimals of the currency. If the ledger has a relation '
'"customer", only those in it count; one who appears more than once and has invoices in the '
'currency raises 21000. Only invoices in the currency are looked at: one whose currency is no code '
'raises no error here, but verify() finds it. A negative n or an unknown currency or zone raises '
'22023, other NULLs 22004; other errors as invoice_summary().';
