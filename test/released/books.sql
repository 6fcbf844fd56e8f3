-- A database as somebody may have it: ledgers, one of them maintained, and stored
-- positions with all that can hang on them.  make release dumps it once for each
-- version, to test/released/VERSION; pg_upgrade takes it from major to major.
\encoding UTF8
SET search_path = pg_catalog;
SELECT balance.create_ledger('billing');
INSERT INTO billing.customer VALUES ('c1', 'wb', 'b', 'Zoé', 'eur'),
 ('c2', NULL, NULL, NULL, NULL);
INSERT INTO billing.invoice VALUES
 ('i1', 'c1', 'eur', 'open', NULL, 'n', 120.5, 120.5, 20.5, '2026-01-31', '2026-01-01'),
 ('i2', 'c2', 'kwd', 'paid', NULL, NULL, 1.234, 1, 0, NULL, NULL);
INSERT INTO billing.invoice_line_item (invoice_id, price_type, amount)
 VALUES ('i1', 'usage', 0.00012345);
INSERT INTO billing.deposit VALUES ('d', 'c1', 'eur', 'payé', 7);
INSERT INTO billing.vcu_order
 VALUES ('o', 'c2', 'brl', 'issued', 20, false, '2026-01-01 00:00Z');
INSERT INTO billing.credit_memo (credit_memo_id, business_id, customer_id, status, currency,
	amount, issue_date, created_at, updated_at, reason)
 VALUES ('m', 'b', 'c1', 'issued', 'eur',
	100, '2026-01-10', '2026-01-10', '2026-01-11', 'refund');

SELECT balance.create_ledger('kept_books');
INSERT INTO kept_books.customer SELECT * FROM billing.customer;
SELECT relation, valid FROM balance.maintain('kept_books');
INSERT INTO kept_books.invoice SELECT * FROM billing.invoice;
INSERT INTO kept_books.deposit SELECT * FROM billing.deposit;
UPDATE kept_books.deposit SET amount = 8.125;

CREATE TABLE public.stored (id int, p balance.position PRIMARY KEY);
INSERT INTO public.stored
SELECT i, balance.tally_invoices('usd', 'open', NULL, i, i, i, date '2026-01-01' + i)
	OPERATOR(balance.+)
	balance.tally_deposits('eur', 'payé ' || i, 10::numeric ^ (i % 50))
FROM generate_series(1, 200) AS i GROUP BY i;
-- toasted, negative, empty
CREATE TABLE public.kept (id int, p balance.position,
	document jsonb GENERATED ALWAYS AS (balance.to_customer_balance(p, 'w', 'c')) STORED,
	CHECK (p OPERATOR(balance.-) p OPERATOR(balance.=) '1{}'));
INSERT INTO public.kept SELECT -1, balance.tally_deposits('usd', md5(i::text), i)
FROM generate_series(1, 500) AS i;
INSERT INTO public.kept SELECT -id, OPERATOR(balance.-) p FROM public.stored WHERE id > 1
UNION ALL SELECT 0, '1{}';
CREATE INDEX ON public.kept USING hash (p);
CREATE INDEX ON billing.invoice (due_date)
WHERE balance.invoice_class(invoice_status, payment_status) = 'open';
CREATE VIEW public.shown AS SELECT p, balance.to_customer_balance(p, 'w', 'c') AS document
FROM (SELECT balance.merge(p) AS p FROM public.stored) AS s;
