-- The vocabulary of statuses.  C: status.c

CREATE FUNCTION balance.invoice_class(invoice_status text, payment_status text)
RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE COST 5 PARALLEL SAFE;

COMMENT ON FUNCTION balance.invoice_class(text, text) IS
'Class of an invoice: void, paid, draft or open. Case, "-", "_" and spaces do not matter. A NULL '
'invoice_status is open, a NULL payment_status says nothing. An unknown word raises 22023 and the '
'error lists the known ones; no release takes one away or changes its class.';

CREATE FUNCTION balance.may_be_unpaid(invoice_status text, payment_status text)
RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE COST 5 PARALLEL SAFE;

COMMENT ON FUNCTION balance.may_be_unpaid(text, text) IS
'Whether an invoice is a draft or open, or has a word that invoice_class() does not know: for an '
'index on invoices that may have to be paid, as invoice_summary looks for the charges of these. A '
'NULL invoice_status is open, a NULL payment_status says nothing. Raises no error.';

CREATE FUNCTION balance.charge_class(price_type text)
RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE COST 2 PARALLEL SAFE;

COMMENT ON FUNCTION balance.charge_class(text) IS
'Class of a line item: usage for the price type usage, in any case, and fixed for all else and '
'NULL.';

CREATE FUNCTION balance.credit_memo_class(status text)
RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT COST 5 PARALLEL SAFE;

COMMENT ON FUNCTION balance.credit_memo_class(text) IS
'Class of a credit memo: draft, available (issued, partially_applied), spent (fully_applied, '
'applied) or void. NULL for NULL. An unknown word raises 22023.';

CREATE FUNCTION balance.unit_invoice_class(status text)
RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT COST 5 PARALLEL SAFE;

COMMENT ON FUNCTION balance.unit_invoice_class(text) IS
'Class of a VCU invoice: credit (paid), debt (pending, overdue) or none (cancelled, refunded). '
'NULL for NULL. An unknown word raises 22023.';

CREATE FUNCTION balance.unit_order_class(status text, pay_with_balance boolean)
RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE COST 5 PARALLEL SAFE;

COMMENT ON FUNCTION balance.unit_order_class(text, boolean) IS
'Class of a VCU order: used_credit (paid with balance, and neither cancelled nor refunded), '
'future_debt (issued) or none (billed, paid, cancelled, refunded). A NULL status gives NULL, a '
'NULL pay_with_balance is false. An unknown word raises 22023.';

CREATE FUNCTION balance.payment_counts(status text)
RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE COST 5 PARALLEL SAFE;

COMMENT ON FUNCTION balance.payment_counts(text) IS
'Whether a payment of that status has been made: succeeded, paid, settled, completed, captured '
'and NULL count; pending, processing, authorized, failed, canceled and voided do not. Case, "-", '
'"_" and spaces do not matter. An unknown word raises 22023.';

CREATE FUNCTION balance.deposit_is_held(status text)
RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT COST 5 PARALLEL SAFE;

COMMENT ON FUNCTION balance.deposit_is_held(text) IS
'Whether a deposit of that status is still held for the customer: held, on_hold, available, '
'unapplied and unused are; pending, processing, failed, canceled, void, voided, applied, used, '
'consumed, released, refunded, returned, forfeited and expired are not. Case, "-", "_" and spaces '
'do not matter. NULL for NULL. An unknown word raises 22023: also paid and the like, which do not '
'say whether the money has been used. Documents show deposits of all statuses; net_rows() asks.';

CREATE FUNCTION balance.known_status(vocabulary text, status text)
RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT COST 2 PARALLEL SAFE;

COMMENT ON FUNCTION balance.known_status(text, text) IS
'Whether a status is a word of a vocabulary: invoice_status, payment_status, credit_memo, '
'unit_invoice, unit_order, payment (of payment_counts()) or deposit (of deposit_is_held()). Case, '
'"-", "_" and spaces do not matter. NULL for NULL. Another vocabulary raises 22023.';
