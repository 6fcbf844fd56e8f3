-- The data of a ledger.  C: verify.c, the rules: verify_rules.c

CREATE FUNCTION balance.verify(
	ledger regnamespace DEFAULT NULL, customer_id text DEFAULT NULL,
	OUT rule text, OUT relation text, OUT id text,
	OUT expected text, OUT found text)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 100;

COMMENT ON FUNCTION balance.verify(regnamespace, text) IS
'What is wrong with the data of a ledger (the setting balance.ledger where it is NULL), a row a '
'violation; about one customer, by look-ups, where customer_id is not NULL. Whatever makes a '
'document, book, report or item raise an error is among it.
Rules: duplicate_id, duplicate_number (of two invoices of a customer that are not void), '
'ambiguous_id (one to a column that refers to it and has coarser rules, such as citext, or that '
'lacks the customer with whom alone it is one), null_value, not_finite, date_out_of_range (years 1 '
'to 9999), unknown_currency, withdrawn_currency (of rows that are open or dated after it; not of '
'deposits), unknown_status, excess_decimals (of invoices and deposits: more than the currency''s '
'minor digits; line items may be finer), line_items_not_object;
store_differs (a customer of whom the store of maintained balances says something else than the '
'rows; in the whole ledger only);
unknown_customer, unknown_invoice, unknown_memo (rows that name one that is not there; who has '
'none at all is found in the whole ledger only), customer_unlike_invoice and customer_unlike_memo '
'(line items and applications that need not say whose they are, and say another than what they '
'belong to, which is what counts);
unexplained_remaining (of an open or paid invoice: expected is amount_due less the payments in its '
'currency that count and the applications in force), undated_invoice (no draft, and neither '
'finalized_at nor issued_at), undated_voiding (void without voided_at); these only where there are '
'payments at all;
remaining_over_due, negative_remaining (what remains lies between 0 and amount_due), '
'paid_with_remainder, partially_paid_without_remainder, due_before_issued, applied_over_due (by '
'all memos, in minor units);
negative_amount, negative_applied, negative_refunded (of memos), applied_over_amount, '
'refunded_over_amount, applied_unlike_applications (amount_applied is the sum of the memo''s '
'applications in force and of amount_refunded), fully_applied_with_remainder, void_memo_applied, '
'memo_across_currencies, memo_across_customers (its own invoice);
application_across_currencies, application_across_customers, application_to_void_invoice '
'(written-off and uncollectible ones aside), reversed_before_applied;
zero_amount (of payments), payment_across_currencies, payment_across_customers; rate_not_positive, '
'rate_of_itself, duplicate_rate (of exchange rates, codes in any case). Where a row names one that '
'is there twice, or is ambiguous, these rules look at the first by currency, customer and status.
Days are those of the session''s TimeZone, and dates and instants are told in ISO format. Every '
'relation is read once for its rows, once more for each relation that it refers to and, unless an '
'index vouches that there are none, for its duplicates, with at most 4 MB of work_mem; nothing is '
'changed. Raises 3F000 if there is no such schema, 42P01 if it has none of a ledger''s relations, '
'P0002 if there is no such customer and no row of his, 22023 if TimeZone is the name of no zone, '
'0A000 as session_zone(), 42703, 42804 or 42702 for columns that check_ledger() reports, 42501 '
'without the right to read, or for a setting of the caller''s as customer_balance(), 40001, to be '
'retried, where a relation that is read was rewritten, truncated or replaced after the '
'statement''s snapshot.';

CREATE FUNCTION balance.verify_summary(
	ledger regnamespace DEFAULT NULL,
	OUT rule text, OUT rows bigint, OUT example text, OUT what_to_do text)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 10;

COMMENT ON FUNCTION balance.verify_summary(regnamespace) IS
'What verify() finds in a ledger (the setting balance.ledger where it is NULL), a row a rule, the '
'most frequent first: how many rows violate it, the relation and id of one of them, and what to '
'do about it. Raises what verify() raises.';

CREATE FUNCTION balance.breaks_no_rule(
	relation text, zone text, names text[], VARIADIC shown "any")
RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE COST 20 PARALLEL SAFE;

COMMENT ON FUNCTION balance.breaks_no_rule(text, text, text[], "any") IS
'True of a row that certainly breaks no rule of verify() about a single row, NULL of any other '
'one: verify() asks this of each row of a relation and puts to its rules what is not certain. A '
'row is shown by a value for each name, of a column or of what else is known of the row, in a '
'zone. Raises 22023 for names and values that verify() does not show.';
