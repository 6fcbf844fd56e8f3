-- The data of a ledger.  C: verify.c

CREATE FUNCTION balance.verify(
	ledger regnamespace DEFAULT NULL, customer_id text DEFAULT NULL,
	OUT rule text, OUT relation text, OUT id text,
	OUT expected text, OUT found text)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100000 ROWS 100;

COMMENT ON FUNCTION balance.verify(regnamespace, text) IS
'What is wrong with the data of a ledger (the setting balance.ledger where it is NULL), a row a violation; of one customer where customer_id is not NULL. Rules: duplicate_id, null_value, not_finite, unknown_currency, unknown_status, excess_decimals (of invoices and deposits: more than the currency''s minor digits; line items may be finer), remaining_over_due, negative_remaining (what remains lies between 0 and amount_due), due_before_issued (days are those of the session''s TimeZone), applied_over_amount, applied_unlike_applications, application_across_currencies, application_across_customers. Reads every relation once and changes nothing. Raises 3F000 if there is no such schema, 42703 or 42804 for columns that check_ledger() reports, 42501 without the right to read.';
