-- DayZero's customer credits.  C: customer_credits.c

CREATE FUNCTION balance.customer_credits(
	customer_id text, business_id text DEFAULT NULL,
	currency text DEFAULT NULL, ledger regnamespace DEFAULT NULL)
RETURNS jsonb
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000;

COMMENT ON FUNCTION balance.customer_credits(text, text, text, regnamespace) IS
'A customer''s available credits as DayZero documents them ("Get customer available credits"), '
'over the ledger''s credit_memo and credit_memo_application relations (the setting balance.ledger '
'where ledger is NULL). Amounts are integers in minor units, and strings in major units with the '
'currency''s minor digits; date-times are RFC 3339 in UTC. Available is a memo that is issued or '
'partially applied, has something left and, if it has expires_at, has not expired: it has not at '
'expires_at itself, judged at now(). amount_applied is what has been used of it, the applications '
'in force (those without reversed_at, which alone are listed) and amount_refunded, and at least '
'the latter; remaining is amount less that. With business_id only that business''s memos, with '
'currency only those in it. NULL for a NULL customer_id. Raises P0002 if the ledger has customers '
'but not this one, or not of this business; 22023 if the memos span several currencies and none '
'was asked for, and for an unknown status or currency; 22004 for NULLs in required columns; other '
'errors as customer_balance(). In a SECURITY DEFINER function pass the ledger, as there.';
