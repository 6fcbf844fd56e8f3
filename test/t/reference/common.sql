-- The contract in plain SQL, to compare the documents with: nothing here may
-- use the schema balance.  The tables are those of the ledger in search_path,
-- so the functions can be made before there is one.
SET check_function_bodies = off;
CREATE SCHEMA reference;

-- the currencies that random ledgers have, and what one minor unit is
CREATE TABLE reference.currency (code text PRIMARY KEY, unit numeric NOT NULL);
INSERT INTO reference.currency VALUES
 ('USD', 0.01), ('EUR', 0.01), ('GBP', 0.01), ('BRL', 0.01), ('ARS', 0.01), ('JPY', 1),
   ('KWD', 0.001), ('CLF', 0.0001), ('XAU', 1), ('HRK', 0.01), ('ITL', 1);

-- "compared without regard to case and to -/_/space"
CREATE FUNCTION reference.word(status text) RETURNS text IMMUTABLE LANGUAGE sql
RETURN translate(lower(status), '-_ ', '');

-- "at least the currency's minor digits and never fewer digits than the sum needs"
CREATE FUNCTION reference.decimal(amount numeric, unit numeric) RETURNS text IMMUTABLE LANGUAGE sql
RETURN round(coalesce(amount, 0), greatest(scale(unit), min_scale(amount)))::text;

-- "Date-times are RFC 3339 in UTC"
CREATE FUNCTION reference.date_time(instant timestamptz) RETURNS text IMMUTABLE LANGUAGE sql
RETURN rtrim(rtrim(to_char(instant AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0'),
	'.') || 'Z';

-- "class, first that fits"
CREATE FUNCTION reference.classified_invoice()
RETURNS TABLE (invoice_id text, customer_id text, code text, class text, total numeric,
	amount_due numeric, amount_remaining numeric)
LANGUAGE sql AS $$
SELECT invoice_id, customer_id, upper(currency),
	CASE
		WHEN reference.word(invoice_status) IN ('voided', 'void', 'canceled', 'cancelled', 'cancel',
			'deleted', 'reversed', 'skipped', 'writtenoff', 'uncollectible') THEN 'void'
		WHEN reference.word(invoice_status) IN ('paid', 'refunded', 'partiallyrefunded',
			'markedaspaid', 'autopaid', 'settled') THEN 'paid'
		WHEN reference.word(payment_status) IN ('succeeded', 'paid', 'overpaid', 'refunded',
			'partiallyrefunded') THEN 'paid'
		WHEN reference.word(invoice_status) IN ('draft', 'pendingvalidation', 'scheduled')
			THEN 'draft'
		WHEN reference.word(invoice_status) IN ('finalized', 'open', 'issued', 'sent', 'viewed',
			'posted', 'approved', 'authorized', 'authorised', 'overdue', 'pastdue', 'due',
			'paymentdue', 'unpaid', 'notpaid', 'partiallypaid', 'partlypaid',
				'partial') OR invoice_status IS NULL THEN 'open'
	END,
	total, amount_due, amount_remaining
FROM invoice
$$;

-- a document as rows, one for every value and every object or array
CREATE FUNCTION reference.flatten(document jsonb) RETURNS TABLE (path text, value jsonb) IMMUTABLE
LANGUAGE sql AS $$
WITH RECURSIVE node AS (
	SELECT '$' AS path, document AS value
	UNION ALL
	SELECT node.path || '.' || child.key, child.value
	FROM node, LATERAL (
		SELECT o.key, o.value
		FROM jsonb_each(CASE jsonb_typeof(node.value) WHEN 'object' THEN node.value END) o
		UNION ALL
		SELECT (a.n - 1)::text, a.value
		FROM jsonb_array_elements(CASE jsonb_typeof(node.value) WHEN 'array' THEN node.value END)
			WITH ORDINALITY a(value, n)
	) child
)
SELECT path, CASE jsonb_typeof(value) WHEN 'object' THEN '{}' WHEN 'array' THEN '[]'
	ELSE value END FROM node
$$;
