-- The rows behind a number.  C: items.c

CREATE FUNCTION balance.items(
	customer_id text, field text, currency text,
	as_of timestamptz DEFAULT now(),
	zone text DEFAULT balance.session_zone(),
	ledger regnamespace DEFAULT NULL,
	OUT relation text, OUT id text, OUT class text, OUT amount numeric, OUT item jsonb)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000 ROWS 100;

COMMENT ON FUNCTION balance.items(text, text, text, timestamptz, text, regnamespace) IS
'The rows behind one number of a document: their count, or the sum of amount, equals it. field is '
'the number''s path in its document, without the currency: total_invoices_ready_for_payment, '
'invoices.paid, deposits.<status>, total_overdue_amount, unpaid_usage_charges, balance, '
'usedCredit, total_credits_available, credit_memos.amount_applied and so on. class is the row''s '
'class or status, item the whole row, for which one needs SELECT on all of its columns. ".count" '
'and ".total" behind an invoice state or a deposit status are understood; a status that itself '
'ends so wants the suffix once more. Amounts are in the unit of the number: major units, VCUs, or '
'minor units for credits; in a balance, what is owed is negative. The rows are today''s, also for '
'an as_of in the past: as_of and zone, the name of a time zone, decide only what of them is '
'overdue; VCU rows run to as_of. What the document raises for a row of the customer that it cannot '
'count, this raises, too. NULLs raise 22004, an unknown field, currency or zone 22023, an unknown '
'customer P0002. Other errors as customer_balance() and, of a zone that is left out, '
'session_zone().';
