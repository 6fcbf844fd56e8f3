-- The book that the benchmarks read, which is also a ledger of its one relation:
-- rows invoices of that many customers, in random order as time makes them, due
-- on 365 days of which half are past on the day of the summaries.  Amounts are
-- stored with their currency's digits, so that hand-written SQL may print sums
-- as they come.  Every row is made from its number, so a size is always the same data.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
CREATE SCHEMA book;

CREATE UNLOGGED TABLE book.invoice AS
SELECT 'inv_' || n AS invoice_id, customer_id, currency, invoice_status, payment_status, total,
       total AS amount_due,
       CASE WHEN invoice_status = 'paid' OR payment_status IN ('succeeded', 'refunded')
         THEN 0 * total
            WHEN partly = 0 THEN round(total / 3, scale(total)) ELSE total END AS amount_remaining,
       due_date, due_date - 30 AS issued_on
FROM (SELECT n, (10000000 + bench.random(n, 1, :customers))::text AS customer_id, currency,
             (ARRAY['finalized', 'finalized', 'open', 'paid', 'draft', 'voided'])[1
               + bench.random(n, 3, 6)] AS invoice_status,
             (ARRAY[NULL, 'pending', 'processing', 'failed', 'succeeded', 'refunded'])[1
               + bench.random(n, 4, 6)] AS payment_status,
             CASE currency WHEN 'jpy' THEN bench.random(n, 5, 1000000)::numeric
               ELSE round(bench.random(n, 5, 10000000) * 0.01, 2) END AS total,
             bench.random(n, 6, 4) AS partly,
             date '2025-07-01' + bench.random(n, 7, 365) AS due_date
      FROM (SELECT n,
        (ARRAY['usd', 'eur', 'gbp', 'brl', 'jpy'])[1 + bench.random(n, 2, 5)] AS currency
            FROM generate_series(1::bigint, :rows) n OFFSET 0) a OFFSET 0) b;
CREATE INDEX invoice_customer_id_idx ON book.invoice (customer_id);
VACUUM (FREEZE, ANALYZE) book.invoice;
