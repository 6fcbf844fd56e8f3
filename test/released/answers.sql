-- What is asked of books.sql, before and after whatever is done to it.
\encoding UTF8
SET search_path = pg_catalog;
SET balance.ledger = 'billing';
SELECT id, md5(p::text), balance.position_hash(p) FROM public.stored ORDER BY id;
SELECT id, p FROM public.stored WHERE id % 50 = 0 ORDER BY id;
SELECT customer_id, balance.customer_balance(customer_id),
	balance.invoice_summary(customer_id, '2026-06-01 00:00Z', 'UTC'),
	balance.vcu_balance(customer_id), balance.customer_credits(customer_id)
FROM billing.customer ORDER BY 1;
SELECT customer_id, balance.customer_balance(customer_id, ledger => 'kept_books')
FROM kept_books.customer ORDER BY 1;
SELECT p, document FROM public.shown ORDER BY p;
SELECT id FROM public.kept ORDER BY p, id;
SELECT md5(string_agg(document::text, ' ' ORDER BY id)) FROM public.kept;
SELECT count(*) FROM balance.verify('billing');
-- every row is found by its indexes
SET enable_seqscan = off;
SELECT count(*) FROM public.stored AS a,
	LATERAL (SELECT FROM public.stored AS b WHERE b.p OPERATOR(balance.=) a.p OFFSET 0) AS found;
SELECT count(*) FROM public.kept AS a,
	LATERAL (SELECT FROM public.kept AS b WHERE b.p OPERATOR(balance.=) a.p OFFSET 0) AS found;
