-- Cases reduced from public bug reports of billing and accounting systems. What is marked "Later"
-- is what a later release is to mend; all else is as it is to stay.
\set SHOW_CONTEXT never
\set VERBOSITY terse
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
SET TimeZone = 'UTC';
SELECT balance.create_ledger('strict');
CREATE SCHEMA loose;
-- tables without constraints, so that anything can be in them
SELECT format('CREATE TABLE loose.%I AS TABLE strict.%I WITH NO DATA', relname, relname)
FROM pg_class WHERE relnamespace = 'strict'::regnamespace AND relkind = 'r' ORDER BY relname \gexec
CREATE SCHEMA field;
SET search_path = field, balance, pg_catalog;
-- what verify() says of a customer
CREATE FUNCTION told(customer_id text) RETURNS text LANGUAGE sql AS $$
	SELECT COALESCE(string_agg(rule || ':' || id, ',' ORDER BY rule, id), 'nothing')
	FROM balance.verify('loose', told.customer_id)
$$;
-- how many invoices are unpaid, and how much of them; the same of those overdue
CREATE FUNCTION unpaid(customer_id text, currency text,
	as_of timestamptz DEFAULT '2026-06-30 12:00Z', zone text DEFAULT 'UTC') RETURNS text
LANGUAGE sql AS $$
	SELECT concat_ws(' ', s->>'unpaid_invoice_count', s->>'total_unpaid_amount',
		s->>'overdue_invoice_count', s->>'total_overdue_amount')
	FROM jsonb_array_elements(balance.invoice_summary(unpaid.customer_id, as_of, zone, 'loose')
		->'summaries') s
	WHERE s->>'currency' = unpaid.currency
$$;
CREATE FUNCTION credits(customer_id text) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', d->>'credit_memos_count', d->>'total_credits_available',
		d->>'total_credits_available_dollars')
	FROM balance.customer_credits(credits.customer_id, ledger => 'loose') d
$$;
CREATE FUNCTION invoices(customer_id text) RETURNS balance.position LANGUAGE sql AS $$
	SELECT balance.tally_invoices(currency, invoice_status, payment_status, total, amount_due,
		amount_remaining, due_date)
	FROM loose.invoice i WHERE i.customer_id = invoices.customer_id
$$;
CREATE PROCEDURE cust(id text, currency text DEFAULT NULL) LANGUAGE sql AS $$
	INSERT INTO loose.customer (customer_id, business_id, default_currency)
	VALUES (id, 'biz', currency)
$$;
CREATE PROCEDURE inv(id text, customer_id text, currency text, status text, payment text,
	total numeric, due numeric, remaining numeric, due_date date DEFAULT '2026-05-31',
	issued_at timestamptz DEFAULT '2026-05-01Z') LANGUAGE sql AS $$
	INSERT INTO loose.invoice (invoice_id, customer_id, currency, invoice_status, payment_status,
		number, total, amount_due, amount_remaining, due_date, issued_at)
	VALUES (id, customer_id, currency, status, payment,
		'N-' || id, total, due, remaining, due_date, issued_at)
$$;
CREATE PROCEDURE memo(id text, customer_id text, currency text, status text, amount bigint,
	applied bigint, invoice_id text DEFAULT NULL) LANGUAGE sql AS $$
	INSERT INTO loose.credit_memo (credit_memo_id, business_id, customer_id, status, currency,
		amount, amount_applied, issue_date, created_at, updated_at, reason, invoice_id)
	VALUES (id, 'biz', customer_id, status, currency, amount, applied, '2026-05-01',
		'2026-05-01Z', '2026-05-01Z', 'other', invoice_id)
$$;
CREATE PROCEDURE app(id text, memo_id text, invoice_id text, amount bigint) LANGUAGE sql AS $$
	INSERT INTO loose.credit_memo_application
		(application_id, credit_memo_id, invoice_id, amount_applied, applied_at)
	VALUES (id, memo_id, invoice_id, amount, '2026-05-02Z')
$$;
CREATE PROCEDURE dep(id text, customer_id text, currency text, status text, amount numeric)
LANGUAGE sql AS $$
	INSERT INTO loose.deposit (deposit_id, customer_id, currency, status, amount)
	VALUES (id, customer_id, currency, status, amount)
$$;

-- A. statuses and amounts that disagree
CALL cust('c01');
CALL inv('c01', 'c01', 'USD', 'open', NULL, 0, 0, 0);
CALL inv('c01b', 'c01', 'USD', 'open', NULL, 25, 25, 25, '2026-07-31');
-- A01a (MuckRock/squarelet#671): open invoice of 0 past due: contract counts class open
SELECT unpaid('c01', 'usd');
CALL cust('c02');
CALL inv('c02', 'c02', 'USD', 'partially_paid', NULL, 100, 100, 0);
-- A02a (invoiceninja#1087, odoo#8135): nothing remains, status never moved to paid: amount
SELECT split_part(unpaid('c02', 'usd'), ' ', 2);
-- A02b (invoiceninja#1087, odoo#8135): … and verify tells
SELECT told('c02');
-- A02c (invoiceninja#1087): top_debtors lists nobody who owes nothing
SELECT count(*) FROM balance.top_debtors('usd', 1000, '2026-06-30Z', 'UTC', 'loose')
WHERE customer_id = 'c02';
CALL cust('c03');
CALL inv('c03', 'c03', 'USD', 'finalized', 'succeeded', 100, 100, 100);
CALL inv('c03b', 'c03', 'USD', 'paid', NULL, 50, 50, 50);
-- A03a (killbill-adyen#77, hyperswitch#13917): chargeback put the remainder back, status still
-- paid: class decides
SELECT unpaid('c03', 'usd');
CALL cust('c04');
CALL inv('c04', 'c04', 'USD', 'finalized', 'dispute_lost', 100, 100, 100);
-- A04a (lago-api#1822/#1823): a dispute that was lost leaves the invoice open
SELECT unpaid('c04', 'usd');
-- A04b (the same): … and this is no violation
SELECT told('c04');
CALL cust('c05');
CALL inv('c05', 'c05', 'CAD', 'finalized', 'partially_refunded', 31.5, 31.5, 0);
-- A05 (bcgov/entity#29987, civicrm#16506): refund of a part after payment opens nothing
SELECT unpaid('c05', 'cad');
CALL cust('c06');
CALL inv('c06', 'c06', 'EUR', 'draft', NULL, 80, 80, 80);
-- A06 (rachoon#65, killbill#582): a draft past its date: contract counts drafts as unpaid and
-- overdue
SELECT unpaid('c06', 'eur');
CALL cust('c07');
CALL inv('c07', 'c07', 'EUR', 'DELETED', NULL, 80, 80, 80);
-- A07a (Xero-Java#130, lago-api#5905): soft delete as a status word is void
SELECT unpaid('c07', 'eur');
-- A07b (the same): … and this is no violation
SELECT told('c07');
-- A08a (fossasia#7260, Rebilly#751): PAID_, Partially-Paid, WRITTEN OFF, Pending Validation
SELECT s, balance.invoice_class(s, NULL)
FROM unnest('{"PAID ",Partially-Paid,WRITTEN OFF,Pending Validation}'::text[]) s;
-- A08b (CSV imports (CR LF)): "paid" with a carriage return is no word
SELECT balance.known_status('invoice_status', E'paid\r');
-- A09a (CSV imports, PHP ("" for NULL)): empty invoice status: an error
SELECT balance.invoice_class('', NULL);
-- A09b (CSV imports, PHP ("" for NULL)): empty payment status: an error
SELECT balance.invoice_class('open', '');
-- A10 (rachoon#65 (de), erpnext lists (fr)): bezahlt, payée: errors
SELECT balance.invoice_class('bezahlt', NULL);
SELECT balance.invoice_class('payée', NULL);
CALL cust('c11');
CALL inv('c11', 'c11', 'USD', 'written_off', NULL, 100, 100, 30);
CALL inv('c11b', 'c11', 'USD', 'open', NULL, 5, 5, 5, '2026-07-31');
-- A11 (erpnext#8058): part paid, the rest written off: void never counts
SELECT unpaid('c11', 'usd');
CALL cust('c12');
CALL inv('c12', 'c12', 'USD', 'paid', NULL, 70, 70, NULL);
CALL inv('c12b', 'c12', 'USD', 'open', NULL, 10, 10, 10);
-- A12a (lago paid invoices synced without a remainder (NULL)): a paid
-- invoice's unknown remainder is needed by no figure
SELECT unpaid('c12', 'usd');
-- A12b (the same): and not by ageing
SELECT sum(amount) FROM balance.ageing(invoices('c12'), '2026-06-30Z', 'UTC');

-- B. credit memos
CALL cust('c20');
CALL memo('c20', 'c20', 'USD', 'void', 10000, 0);
CALL memo('c20b', 'c20', 'USD', 'issued', 2500, 0);
-- B01 (lago-api#587): voided memo with its amount still there
SELECT credits('c20');
CALL cust('c21');
CALL inv('c21', 'c21', 'USD', 'open', NULL, 100, 100, 60);
CALL memo('c21', 'c21', 'USD', 'voided', 4000, 4000);
CALL app('c21', 'c21', 'c21', 4000);
-- B02a (killbill#1464, lago-api#5653): memo voided after it was applied: not available
SELECT credits('c21');
-- B02b (killbill#1464, lago-api#5653): … and verify tells that a void memo still reduces an invoice
SELECT told('c21');
CALL cust('c22');
CALL inv('c22', 'c22', 'USD', 'voided', NULL, 100, 100, 0);
CALL memo('c22', 'c22', 'USD', 'fully_applied', 10000, 10000);
CALL app('c22', 'c22', 'c22', 10000);
-- B03 (lago-api#5653): an invoice was voided after a memo was applied to it: verify tells
SELECT told('c22');
CALL cust('c23');
CALL inv('c23', 'c23', 'USD', 'open', NULL, 100, 100, 40);
CALL memo('c23', 'c23', 'USD', 'fully_applied', 5000, 6000);
CALL app('c23', 'c23', 'c23', 6000);
-- B04 (DSS tracker#61): more applied than the memo has
SELECT told('c23');
CALL cust('c24');
CALL inv('c24', 'c24', 'USD', 'paid', NULL, 100, 100, 0);
CALL memo('c24a', 'c24', 'USD', 'fully_applied', 8000, 8000);
CALL memo('c24b', 'c24', 'USD', 'fully_applied', 8000, 8000);
CALL app('c24a', 'c24a', 'c24', 8000);
CALL app('c24b', 'c24b', 'c24', 8000);
-- B05 (guardian/support#1443, lago-api#4945): 160 of credit applied to an invoice of 100: verify
-- tells
SELECT told('c24');
CALL cust('c25');
CALL memo('c25', 'c25', 'EUR', 'issued', 10000, 0, NULL);
-- B06 (erpnext#16355, #55916): standalone memo, no invoice
SELECT credits('c25'), told('c25');
CALL cust('c26');
CALL memo('c26', 'c26', 'USD', 'partially_applied', 10000, 4000);
CALL app('c26', 'c26', 'gone', 4000);
-- B07a (lago deleted drafts (#5905)): application to an invoice that is not there: verify tells
SELECT told('c26');
CALL app('c26o', 'nomemo', 'c02', 700);
-- B07b (the same): … and to a memo that is not there
SELECT rule, relation, id, found FROM balance.verify('loose') WHERE id = 'c26o';
-- B08 (proliferate#1582, vm0#10304): memo status expired
SELECT balance.credit_memo_class('expired');
CALL cust('c27');
CALL memo('c27', 'c27', 'USD', 'partially_applied', 10000, 6000);
-- B09a (lago-api#556, #559): 60 of a memo of 100 paid out, 40 available
SELECT credits('c27');
-- B09b (lago-api#556, #559): … and this is no violation.  Later: nothing tells what was paid out.
SELECT told('c27');
CALL cust('c28');
CALL memo('c28', 'c28', 'USD', 'fully_applied', 10000, 7000);
CALL inv('c28', 'c28', 'USD', 'paid', NULL, 70, 70, 0);
CALL app('c28', 'c28', 'c28', 7000);
-- B10 (invoiceninja#9007): memo "fully applied" with 30 left: verify tells
SELECT told('c28');
CALL cust('c29');
CALL memo('c29', 'c29', 'USD', 'issued', -5000, 0);
CALL memo('c29b', 'c29', 'USD', 'issued', 2000, 0);
-- B11a (erpnext returns, odoo refunds (negative amounts)): a negative memo has nothing left: not
-- listed
SELECT credits('c29');
-- B11b (erpnext returns, odoo refunds (negative amounts)): … and verify tells
SELECT told('c29');
CALL cust('c2a');
CALL cust('c2b');
CALL inv('c2a', 'c2a', 'EUR', 'open', NULL, 90, 90, 90);
CALL memo('c2a', 'c2a', 'USD', 'issued', 9000, 0, 'c2a');
CALL memo('c2b', 'c2b', 'EUR', 'issued', 100, 0, 'c2a');
-- B12a (kezi-ERP#60): memo in another currency than the invoice that it credits: verify tells
SELECT told('c2a');
CALL cust('c2c');
CALL memo('c2c', 'c2c', 'MGA', 'issued', 5000, 0);
-- B13 (woocommerce-gateway-stripe#883, polar#11557): Stripe has MGA without decimals, ISO 4217 two:
-- the contract is ISO
SELECT credits('c2c');

-- C. deposits, unapplied cash, overpayment
CALL cust('c30');
CALL inv('c30', 'c30', 'USD', 'open', NULL, 100, 100, 100);
CALL dep('c30', 'c30', 'USD', 'unapplied', 300);
-- C01 (LedgerSMB#1290): unapplied cash beside what is open
SELECT e->>'total_invoices_ready_for_payment', e#>>'{deposits,unapplied,total}'
FROM jsonb_array_elements(balance.customer_balance('c30', 'loose')) e;
CALL cust('c31');
CALL inv('c31', 'c31', 'EUR', 'finalized', 'overpaid', 51.15, 51.15, -5.95);
-- C02a (InvoiceShelf#299, invoiceninja#9007): overpaid by 5.95: nothing unpaid
SELECT unpaid('c31', 'eur');
-- C02b (InvoiceShelf#299, invoiceninja#9007): … and verify tells
SELECT told('c31');
CALL cust('c32');
CALL inv('c32', 'c32', 'EUR', 'open', NULL, 51.15, 51.15, -5.95);
CALL inv('c32b', 'c32', 'EUR', 'open', NULL, 20, 20, 20);
-- C03 (erpnext#8829): the same, status open: Σ amount_remaining, and verify tells
SELECT unpaid('c32', 'eur'), told('c32');
CALL cust('c33');
CALL dep('c33a', 'c33', 'USD', 'paid', 1);
CALL dep('c33b', 'c33', 'USD', 'Paid', 2);
CALL dep('c33c', 'c33', 'USD', 'PAID ', 4);
-- C04 (fossasia#7260): deposit statuses as given: one key a spelling
SELECT balance.customer_balance('c33', 'loose')#>'{0,deposits}';
CALL cust('c34');
CALL dep('c34a', 'c34', 'USD', 'succeeded', 100);
CALL dep('c34b', 'c34', 'USD', 'charged_back', -100);
-- C05 (FOSSBilling#32): deposit charged back as a negative row of its own status
SELECT balance.customer_balance('c34', 'loose')#>'{0,deposits}';

-- D. ageing and dates
CALL cust('c40');
CALL inv('c40', 'c40', 'USD', 'open', NULL, 40, 40, 40, '2026-06-15', '2026-03-15Z');
-- D01a (OCA/account-financial-reporting#396, #114): aged by due date
SELECT bucket, amount FROM balance.ageing(invoices('c40'), '2026-06-30Z', 'UTC') WHERE count > 0;
-- D01b (OCA/account-financial-reporting#396, #114): aged by invoice date: tally that date as due
SELECT bucket, amount
FROM balance.ageing((SELECT balance.tally_invoices(currency, invoice_status, payment_status, total,
  amount_due, amount_remaining, issued_at::date) FROM loose.invoice WHERE customer_id = 'c40'),
 '2026-06-30Z', 'UTC') WHERE count > 0;
CALL cust('c41');
CALL inv('c41', 'c41', 'USD', 'paid', NULL, 100, 100, 0, '2026-05-15', '2026-04-30Z');
-- D02a (OCA#707, OCA/account-payment#386): open on 31 May, paid on 30 June: as of 31 May 100 are
-- owed.  Later: as_of decides only what is overdue, until a ledger has dates of payment.
SELECT unpaid('c41', 'usd', '2026-05-31 12:00Z');
CALL cust('c42');
CALL inv('c42', 'c42', 'USD', 'open', NULL, 100, 100, 100, '2026-07-15', '2026-06-15Z');
-- D02b (oncourse#643): issued on 15 June: as of 31 May there is nothing.  Later, as D02a.
SELECT unpaid('c42', 'usd', '2026-05-31 12:00Z');
-- D03 (erpnext#51596, simpleinvoices#51): not yet due is in current, and the buckets add up
SELECT bucket, amount FROM balance.ageing(invoices('c42'), '2026-06-30Z', 'UTC') WHERE count > 0;
CALL cust('c43');
CALL inv('c43', 'c43', 'EUR', 'open', NULL, 100, 100, 50, '2026-05-31');
CALL inv('c43', 'c43', 'EUR', 'open', NULL, 0, 0, 50, '2026-07-31');
-- D04 (odoo#210974, erpnext#26969, #13007): one invoice in two instalments, the first overdue.
-- Later: a ledger has no instalments; as two rows of one id they are two invoices to the count.
SELECT unpaid('c43', 'eur'), told('c43');
CALL cust('c44');
CALL inv('c44', 'c44', 'EUR', 'open', NULL, 83.79176, 83.79176, 0.00176);
-- D05a (simpleinvoices#10, erpnext#20369): 0.00176 left over from rounding: exact
SELECT unpaid('c44', 'eur');
-- D05b (simpleinvoices#10, erpnext#20369): … and verify tells
SELECT told('c44');
CALL cust('c45');
CALL inv('c45', 'c45', 'EUR', 'open', NULL, 10, 10, 10, 'infinity');
CALL inv('c45b', 'c45', 'EUR', 'open', NULL, 7, 7, 7, '9999-12-31');
-- D06 (sentinels for "never"): due infinity and 9999-12-31 are not overdue
SELECT unpaid('c45', 'eur');
CALL cust('c46');
CALL inv('c46', 'c46', 'INR', 'open', NULL, 10, 10, 10, '2026-03-10', '2026-03-01Z');
-- D07a (flexprice#2043): 20:00Z is the next day in India: overdue
SELECT unpaid('c46', 'inr', '2026-03-10 20:00Z', 'Asia/Kolkata');
-- D07b (yugabyte#1738, nextras/dbal#62, datafusion#25170): the zone as +05:30: the same, or an
-- error
SELECT unpaid('c46', 'inr', '2026-03-10 20:00Z', '+05:30');

-- E. currencies
CALL cust('c50');
CALL inv('c50', 'c50', 'HRK', 'paid', NULL, 753.45, 753.45, 0, '2022-06-30', '2022-06-01Z');
CALL inv('c50b', 'c50', 'EUR', 'open', NULL, 60, 60, 60);
-- E01b (freeall/currency-codes#41): paid before the HRK was withdrawn, which is no violation
SELECT told('c50');
-- E01c (freeall/currency-codes#41, woocommerce-payments#5265): old paid HRK invoice beside an open
-- EUR one: 60 EUR are owed
SELECT unpaid('c50', 'eur');
-- E02 (eInvoicing-EN16931#373, mage2pro/core#454): codes that were renamed stay known
SELECT c, balance.known_currency(c), balance.currency_withdrawn(c)
FROM unnest('{BYN,HRK,BGN,VES,VED,VEF,ZWG,ZWL,SLE,SLL,XCG,ANG,MRU,STN,CUC}'::text[]) c;
CALL cust('c51');
CALL inv('c51', 'c51', 'USDT', 'open', NULL, 12.345678, 12.345678, 12.345678);
CALL inv('c51b', 'c51', 'USD', 'open', NULL, 1, 1, 1);
-- E03a (btcpayserver#15, invoice-dragon#2, invoiceninja#11152): USDT is no code: an error
SELECT unpaid('c51', 'usd');
-- E03b (btcpayserver#15, invoice-dragon#2): a ledger can be told about BTC or credits of one's own.
-- Later: units of a ledger's own are refused.
SELECT split_part(unpaid('c51', 'usdt'), ' ', 2);
CALL cust('c52');
CALL inv('c52', 'c52', 'USD ', 'open', NULL, 1, 1, 1);
-- E04 (btcpayserver#2146, commcare-connect#488): "USD " with a space: an error that shows it
SELECT unpaid('c52', 'usd');
CALL cust('c53', '');
CALL inv('c53', 'c53', 'USD', 'open', NULL, 1, 1, 1);
-- E05a (CSV imports, PHP ("" for NULL)): default_currency "": unknown, an error
SELECT balance.invoice_summary('c53', '2026-06-30Z', 'UTC', 'loose')->>'default_currency';
-- E05b (the same): … and verify tells
SELECT told('c53');
CALL cust('c54', 'HRK');
CALL inv('c54', 'c54', 'EUR', 'open', NULL, 1, 1, 1);
-- E06 (woocommerce-payments#5265): default_currency left at HRK, all invoices in EUR: it is shown,
-- and verify tells
SELECT balance.invoice_summary('c54', '2026-06-30Z', 'UTC', 'loose')->>'default_currency',
 told('c54');

-- F. customers
CALL inv('c60', 'c60', 'USD', 'open', NULL, 500, 500, 500);
-- F01a (invoiceninja#149, lago deleted customers): invoice of a customer that was deleted: no
-- document
SELECT unpaid('c60', 'usd');
-- F01b (the same): … and verify tells of 500 that no document shows
SELECT rule, relation, id, found FROM balance.verify('loose') WHERE id = 'c60';
CALL cust('c61');
CALL cust('c62');
CALL inv('c61', 'c61', 'EGP', 'open', NULL, 10, 10, 10);
CALL inv('c62', 'c62', 'USD', 'open', NULL, 7, 7, 7);
-- F02 (erpnext#40636, invoiceninja#6367): two customers merged: positions add, currencies apart
SELECT s->'currency', s->'total_unpaid_amount'
FROM jsonb_array_elements(balance.to_invoice_summary(invoices('c61') + invoices('c62'), 'c61', NULL,
 '2026-06-30Z', 'UTC')->'summaries') s;
CALL cust('p1');
CALL cust('p2');
CALL cust('p3');
CALL inv('p1', 'p1', 'USD', 'open', NULL, 10, 10, 10);
CALL inv('p2', 'p2', 'USD', 'open', NULL, 5, 5, 5);
CALL inv('p3', 'p3', 'EUR', 'open', NULL, 7, 7, 7);
CREATE TEMP TABLE parent AS SELECT * FROM (VALUES ('p2', 'p1'), ('p3', 'p2')) v(child, parent);
-- F03 (killbill#459, #1922): parent, child and grandchild rolled up by a recursive query
WITH RECURSIVE t AS (SELECT 'p1' c UNION ALL SELECT child FROM parent JOIN t ON parent = c)
SELECT r.currency, r.unpaid_invoice_count, r.total_unpaid_amount
FROM (SELECT balance.merge(invoices(c)) AS p FROM t) x,
 balance.invoice_rows(p, '2026-06-30Z', 'UTC') r;
CALL cust('c63');
CALL inv('c63', 'c63', 'USD', 'open', NULL, 30, 30, 30);
CALL inv('c63dup', 'c63', 'USD', 'open', NULL, 30, 30, 30);
UPDATE loose.invoice SET number = 'N-c63' WHERE invoice_id = 'c63dup';
-- F04 (invoiceninja#6367): one number twice: verify tells
SELECT told('c63');
CALL cust('c64');
CALL inv('c64', 'c64', 'USD', 'open', NULL, 30, 30, 30);
CALL inv('c64', 'c64', 'USD', 'open', NULL, 30, 30, 30);
-- F05 (n8n#8147): the same row synced twice
SELECT told('c64');
INSERT INTO loose.invoice_line_item (invoice_id, price_type, amount) VALUES ('nowhere', 'usage', 9);
-- F06 (LedgerSMB#6490): line of an invoice that is not there: verify tells
SELECT rule, relation, id, found FROM balance.verify('loose') WHERE relation = 'invoice_line_item';
DROP SCHEMA strict, loose, field CASCADE;
