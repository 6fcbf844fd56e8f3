-- The status words as a release knows them: vocabulary, word, class; an order
-- has two, without and with pay_with_balance.  A release writes this to
-- test/released/words, which never loses a line: see test/t/013_released_lists.pl.
CREATE FUNCTION pg_temp.class(vocabulary text, word text) RETURNS text LANGUAGE sql
RETURN CASE vocabulary
	WHEN 'invoice_status' THEN balance.invoice_class(word, NULL)
	WHEN 'payment_status' THEN balance.invoice_class(NULL, word)
	WHEN 'credit_memo' THEN balance.credit_memo_class(word)
	WHEN 'unit_invoice' THEN balance.unit_invoice_class(word)
	WHEN 'unit_order' THEN concat_ws(',', balance.unit_order_class(word, false),
	                                 balance.unit_order_class(word, true))
END;
-- the error for an unknown word lists the known ones
CREATE FUNCTION pg_temp.words(vocabulary text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	accepted text;
BEGIN
	PERFORM pg_temp.class(vocabulary, '?');
EXCEPTION WHEN invalid_parameter_value THEN
	GET STACKED DIAGNOSTICS accepted = PG_EXCEPTION_DETAIL;
	RETURN QUERY SELECT regexp_split_to_table(substring(accepted FROM 'Accepted are (.*)\.'), ', ');
END $$;
SELECT concat_ws(' ', vocabulary, word, pg_temp.class(vocabulary, word))
FROM unnest('{invoice_status,payment_status,credit_memo,unit_invoice,unit_order}'::text[])
     WITH ORDINALITY v(vocabulary, n),
     LATERAL pg_temp.words(vocabulary) WITH ORDINALITY w(word, m)
ORDER BY n, m;
