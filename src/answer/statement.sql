-- A customer's statement, as rows and as a document.  C: statement.c

CREATE FUNCTION balance.statement(
	customer_id text, start_period date, end_period date, currency text DEFAULT NULL,
	zone text DEFAULT balance.session_zone(), ledger regnamespace DEFAULT NULL,
	OUT currency text, OUT day date, OUT at timestamptz, OUT kind text, OUT document_id text,
	OUT number text, OUT amount numeric, OUT balance numeric)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000 ROWS 100;

COMMENT ON FUNCTION balance.statement(text, date, date, text, text, regnamespace) IS
'A customer''s statement of a period over the ledger (the setting balance.ledger where it is '
'NULL): per currency, in the order of its code, a row opening_balance, what happened in the order '
'in which it did, and a row closing_balance. kind is invoice (+ amount_due, when it was finalized, '
'else issued), credit (- what was applied of a memo, when it was), payment (- amount, when it was '
'paid), refund (+, a payment below 0), credit_reversal (+ what had been applied, when it was '
'reversed or the invoice voided) or void (- amount_due, when it was voided). document_id is that '
'of the invoice, the payment or the memo, number that of the invoice which it is of. amount, NULL '
'beside a balance, and balance, the running one, are in major units. The balance is what open '
'invoices have left less unapplied cash: payments that count (payment_counts()) and of which there '
'is no invoice that is owed. Drafts are not owed, a void invoice is not from voided_at on. Both '
'ends of the period are inclusive days in zone, the name of a time zone; the opening balance of a '
'period is the closing balance of the one before. What is dated after now() counts as of now(). '
'currency, in any case, shows that one alone, also where nothing ever happened in it. No rows for '
'a NULL customer_id. Raises 22023 where an invoice is not explained by its dates, as verify() '
'tells (unexplained_remaining, undated_invoice, undated_voiding, paid_with_remainder), for a start '
'after its end or outside the years 0001 to 9999, and for an unknown status, currency or zone; '
'P0002 if the ledger has customers but not this one; 22004 for other NULLs, also of amounts and '
'dates; 22003 for amounts that are not finite; 21000 where an invoice is there twice and a payment '
'or an application names it; other errors as customer_balance() and, of a zone that is left out, '
'session_zone().';

CREATE FUNCTION balance.statement_document(
	customer_id text, start_period date, end_period date, currency text DEFAULT NULL,
	zone text DEFAULT balance.session_zone(), ledger regnamespace DEFAULT NULL)
RETURNS jsonb
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000;

COMMENT ON FUNCTION balance.statement_document(text, date, date, text, text, regnamespace) IS
'statement() as one object: customer_id, start_period, end_period, zone, and balances, of each '
'currency its code in upper case, opening_balance, movements and closing_balance. Amounts are '
'decimal strings in major units with at least the currency''s minor digits, days YYYY-MM-DD in '
'zone, instants RFC 3339 in UTC. NULL for a NULL customer_id; errors as statement().';
