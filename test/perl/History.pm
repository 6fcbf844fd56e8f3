# Random ledgers with a history: of each invoice when it was issued, paid, credited and
# voided; and, written another way than the extension does, what was owed at an instant.
package History;
use strict;
use warnings;

use Exporter 'import';
our @EXPORT = qw(make_history);

# Makes the ledger of that name in the node's database, and the function
# owed_before(customer_id, currency, instant) over it.
sub make_history
{
	my ($node, $ledger, $seed, $invoices) = @_;
	$node->safe_psql('postgres', <<"SQL");
SET client_min_messages = warning;
SELECT balance.create_ledger('$ledger');
SET search_path = $ledger;
SELECT setseed(($seed % 1000000) / 1000000.0);
INSERT INTO customer (customer_id) SELECT 'c' || g FROM generate_series(1, 12) g;
CREATE FUNCTION one_of(VARIADIC words text[]) RETURNS text VOLATILE LANGUAGE sql
	AS 'SELECT words[1 + floor(random() * cardinality(words))::int]';
CREATE FUNCTION some_instant() RETURNS timestamptz VOLATILE LANGUAGE sql
	AS 'SELECT date_trunc(one_of(''day'', ''hour'', ''second''),
		now() - random() * interval ''200 days'')';
INSERT INTO invoice (invoice_id, customer_id, currency, invoice_status, number, total, amount_due,
	amount_remaining, issued_at, finalized_at, voided_at)
SELECT 'i' || g, 'c' || 1 + floor(random() * 11), one_of('usd', 'EUR', 'jpy', 'Kwd'),
	one_of('draft', 'void', 'open', 'open', 'open', 'open', 'open'), 'N' || g, 1,
	round((random() * 1000)::numeric, floor(random() * 4)::int) + 1, 0,
	some_instant(), CASE WHEN random() < 0.3 THEN some_instant() END, some_instant()
FROM generate_series(1, $invoices) g;
UPDATE invoice SET issued_at = now() + interval '3 days' WHERE random() < 0.05;
UPDATE invoice SET voided_at = NULL WHERE invoice_status <> 'void';
UPDATE invoice SET finalized_at = issued_at, issued_at = NULL WHERE random() < 0.2;
INSERT INTO payment (payment_id, customer_id, currency, amount, paid_at, status, invoice_id)
SELECT 'p' || g, CASE WHEN random() < 0.9 THEN i.customer_id ELSE 'c3' END,
	CASE WHEN random() < 0.9 THEN i.currency ELSE 'usd' END,
	round((random() * 500 - 100)::numeric, floor(random() * 4)::int), some_instant(),
	one_of('paid', 'Succeeded', NULL, NULL, NULL, 'failed', 'pending'),
	CASE WHEN random() < 0.85 THEN i.invoice_id END
FROM generate_series(1, $invoices) g
JOIN invoice i ON i.invoice_id = 'i' || 1 + (g * 7919) % $invoices;
UPDATE payment SET paid_at = now() + interval '1 day' WHERE random() < 0.03;
INSERT INTO credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	amount_applied, issue_date, reason)
SELECT 'm', 'b', 'c1', 'issued', 'usd', 1, 0, '2020-01-01', 'r';
INSERT INTO credit_memo_application (application_id, credit_memo_id, invoice_id, amount_applied,
	applied_at)
SELECT 'a' || g, 'm', 'i' || 1 + (g * 104729) % $invoices, floor(random() * 9000), some_instant()
FROM generate_series(1, $invoices / 2) g;
UPDATE credit_memo_application SET reversed_at = applied_at + random() * interval '90 days'
WHERE random() < 0.3;
-- what is left by what is dated, and the status that says so
UPDATE invoice i SET amount_remaining = amount_due
	- coalesce((SELECT sum(amount) FROM payment p WHERE p.invoice_id = i.invoice_id
		AND upper(p.currency) = upper(i.currency)
		AND lower(coalesce(p.status, 'paid')) IN ('paid', 'succeeded')), 0)
	- coalesce((SELECT sum(amount_applied) FROM credit_memo_application a
		WHERE a.invoice_id = i.invoice_id AND reversed_at IS NULL), 0)
		/ 10 ^ CASE upper(currency) WHEN 'JPY' THEN 0 WHEN 'KWD' THEN 3 ELSE 2 END::numeric;
UPDATE invoice SET invoice_status = one_of('paid', 'settled')
WHERE invoice_status = 'open' AND amount_remaining <= 0;

-- What was owed before an instant, invoice by invoice: of those that had been issued and
-- not voided what was left, less the money that none of these had taken.
CREATE FUNCTION owed_before(customer text, code text, instant timestamptz) RETURNS numeric
STABLE LANGUAGE sql SET search_path = $ledger AS \$\$
WITH life AS (
	SELECT invoice_id, customer_id, upper(currency) AS currency, amount_due,
		least(coalesce(finalized_at, issued_at), now()) AS since,
		CASE WHEN voided_at IS NOT NULL THEN
			least(greatest(voided_at, coalesce(finalized_at, issued_at)), now()) END AS until
	FROM invoice WHERE invoice_status <> 'draft'
), standing AS (
	SELECT * FROM life WHERE since < instant AND (until < instant) IS NOT TRUE
), money AS (
	SELECT coalesce(i.customer_id, p.customer_id) AS customer_id, upper(p.currency) AS currency,
		CASE WHEN upper(i.currency) = upper(p.currency) THEN i.invoice_id END AS invoice_id,
		p.amount
	FROM payment p LEFT JOIN invoice i USING (invoice_id)
	WHERE lower(coalesce(p.status, 'paid')) IN ('paid', 'succeeded')
		AND least(p.paid_at, now()) < instant
), used AS (
	SELECT a.invoice_id, a.amount_applied
		/ 10 ^ CASE s.currency WHEN 'JPY' THEN 0 WHEN 'KWD' THEN 3 ELSE 2 END::numeric AS amount
	FROM credit_memo_application a JOIN standing s USING (invoice_id)
	WHERE least(applied_at, now()) < instant AND (least(reversed_at, now()) < instant
		AND reversed_at IS NOT NULL) IS NOT TRUE
)
SELECT coalesce((SELECT sum(s.amount_due - coalesce((SELECT sum(m.amount) FROM money m
		WHERE m.invoice_id = s.invoice_id), 0)
	- coalesce((SELECT sum(u.amount) FROM used u WHERE u.invoice_id = s.invoice_id), 0))
	FROM standing s WHERE s.customer_id = customer AND s.currency = code), 0)
	- coalesce((SELECT sum(m.amount) FROM money m WHERE m.customer_id = customer
		AND m.currency = code AND NOT EXISTS
			(SELECT FROM standing s WHERE s.invoice_id = m.invoice_id)), 0)
\$\$;
SQL
	return;
}

1;
