-- What a ledger does without, and what may have been meant.
\pset null (null)
\pset format unaligned
SET client_min_messages = warning;
SELECT balance.create_ledger('lean');
-- a whole ledger has nothing to tell, whatever else its tables have
DO $$
DECLARE
	name text;
	extra text;
BEGIN
	FOREACH name IN ARRAY '{customer,invoice,invoice_line_item,deposit,vcu_invoice,vcu_order,
	 credit_memo,credit_memo_application}'::text[] LOOP
		FOREACH extra IN ARRAY '{id,created_by,updated_by,created_on,deleted_at,metadata,notes,
		 tags,external_id,tenant_id,version,email,phone_number,country,tax,tax_amount,subtotal,
		 discount,po_number,name,url,source,quantity,sku,price,type,paid_amount,due_amount,
		 "dueDate"}'::text[] LOOP
			EXECUTE format('ALTER TABLE lean.%I ADD %s text', name, extra);
		END LOOP;
	END LOOP;
END $$;
CREATE TABLE lean.invoices AS SELECT * FROM lean.invoice;
CREATE TABLE lean.deposits AS SELECT * FROM lean.deposit;
SELECT * FROM balance.check_ledger('lean');
DROP SCHEMA lean CASCADE;

-- the least that each document needs
CREATE SCHEMA lean;
CREATE TABLE lean.customer (customer_id text PRIMARY KEY);
CREATE TABLE lean.invoice (invoice_id text UNIQUE, customer_id text UNIQUE, currency text,
 invoice_status text, total numeric, amount_due numeric, amount_remaining numeric);
CREATE TABLE lean.invoice_line_item (invoice_id text UNIQUE, amount numeric);
CREATE TABLE lean.vcu_invoice (vcu_invoice_id text, customer_id text UNIQUE, currency text,
 status text, units numeric, created_at timestamptz);
CREATE TABLE lean.vcu_order (vcu_order_id text, customer_id text UNIQUE, currency text,
 status text, units numeric, created_at timestamptz);
CREATE TABLE lean.credit_memo (credit_memo_id text UNIQUE, business_id text,
 customer_id text UNIQUE, status text, currency text, amount bigint, amount_applied bigint,
 issue_date date, created_at timestamptz, updated_at timestamptz, reason text);
CREATE TABLE lean.credit_memo_application (application_id text, credit_memo_id text UNIQUE,
 invoice_id text, amount_applied bigint, applied_at timestamptz);
SELECT relation, "column", severity, message FROM balance.check_ledger('lean');
-- extra columns that are none of the absent ones
CREATE TABLE extra AS SELECT unnest('{id,created_by,updated_by,created_on,deleted_at,metadata,
 notes,tags,external_id,tenant_id,version,email,phone_number,country,tax,tax_amount,subtotal,
 discount,po_number,url,source,quantity,sku,price,type,paid_amount,paid_by,issued_by,is_paid,
 voided_by,reference,code,date,status_code,balance}'::text[]) AS name;
DO $$
DECLARE
	relation text;
	extra text;
BEGIN
	FOR relation, extra IN SELECT c.relname, e.name FROM pg_class c, extra e
	 WHERE c.relnamespace = 'lean'::regnamespace AND c.relkind = 'r' LOOP
		EXECUTE format('ALTER TABLE lean.%I ADD %I text', relation, extra);
	END LOOP;
END $$;
SELECT relation, "column", message FROM balance.check_ledger('lean')
 WHERE message LIKE '%is not read%';
DROP TABLE extra;
DROP SCHEMA lean CASCADE;

-- columns that may be: relation, its absent column, spellings of it
CREATE TEMP TABLE spelling (relation text, wanted text, type text, spellings text[]);
INSERT INTO spelling VALUES
 ('invoice', 'due_date', 'date', '{due_on,due_at,due,"dueDate","DueDate",duedate,date_due,
  due_dt,due_datetime,invoice_due_date,payment_due_date,due_dates,"due date"}'),
 ('invoice', 'payment_status', 'text', '{"paymentStatus",payment_state,paymentstatus,
  payment_stauts,paymnt_status,payment_status_code}'),
 ('invoice', 'issued_at', 'timestamptz', '{issue_date,issued_on,"issuedAt",date_issued,issued}'),
 ('invoice', 'number', 'text', '{invoice_number,invoice_no,"invoiceNumber",inv_no,nr}'),
 ('invoice', 'total', 'numeric', '{total_amount,total_cents,invoice_total,totals,amount_total}'),
 ('invoice', 'amount_remaining', 'numeric', '{remaining_amount,remaining,amount_remaning,
  "amountRemaining"}'),
 ('invoice', 'customer_id', 'text', '{customer,cust_id,customer_uuid,customer_no,"customerId",
  custmer_id,customer_ref}'),
 ('invoice', 'invoice_status', 'text', '{status,state,"invoiceStatus",inv_status}'),
 ('invoice', 'currency', 'text', '{currency_code,curr,ccy,currencies,curency}'),
 ('invoice', 'invoice_id', 'text', '{id,uuid,invoice,invoice_uuid,"InvoiceID"}'),
 ('deposit', 'amount', 'numeric', '{amounts,amt,deposit_amount,amount_cents,ammount}'),
 ('deposit', 'status', 'text', '{state,deposit_status,stauts}'),
 ('customer', 'customer_name', 'text', '{name,cust_name,"customerName"}'),
 ('customer', 'default_currency', 'text', '{currency,currency_code,default_ccy,
  "defaultCurrency"}'),
 ('customer', 'wb_customer_id', 'text', '{wb_id,"wbCustomerId"}'),
 ('vcu_invoice', 'paid_at', 'timestamptz', '{paid_on,paid_date,"paidAt",date_paid,paid}'),
 ('vcu_order', 'units', 'numeric', '{unit,vcu_units,untis}'),
 ('vcu_order', 'pay_with_balance', 'boolean', '{paid_with_balance,"payWithBalance"}'),
 ('invoice_line_item', 'price_type', 'text', '{"priceType",price_kind}'),
 ('credit_memo', 'voided_at', 'timestamptz', '{void_date,voided_on}'),
 ('credit_memo', 'internal_notes', 'text', '{internal_note,"internalNotes"}'),
 ('credit_memo_application', 'amount_applied', 'bigint', '{applied_amount,applied}');
SELECT balance.create_ledger('lean');
SELECT balance.drop_report_views('lean');
CREATE FUNCTION found(relation text, wanted text, type text,
 spelling text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	BEGIN
		EXECUTE format('ALTER TABLE lean.%I DROP %I CASCADE, ADD %I %s', relation, wanted,
		 spelling, type);
		SELECT string_agg(substring(f.message FROM 'is it (.*)\?'), ', ') INTO answer
		FROM balance.check_ledger('lean') f WHERE f.relation = found.relation
		 AND f."column" = spelling;
		RAISE 'all back';
	EXCEPTION WHEN raise_exception THEN
		RETURN answer;
	END;
END $$;
SELECT relation, wanted, u AS spelling, found(relation, wanted, type, u) FROM spelling,
 unnest(spellings) u
WHERE found(relation, wanted, type, u) IS DISTINCT FROM wanted;
SELECT count(*) FROM spelling, unnest(spellings);
ALTER TABLE lean.invoice RENAME due_date TO "due On";
SELECT * FROM balance.check_ledger('lean');
-- a name without a word is like none
ALTER TABLE lean.invoice RENAME "due On" TO "_";
SELECT * FROM balance.check_ledger('lean');
DROP FUNCTION found;
DROP SCHEMA lean CASCADE;

-- relations that may be
SELECT balance.create_ledger('lean');
SELECT balance.drop_report_views('lean');
CREATE FUNCTION found(wanted text, spelling text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	BEGIN
		EXECUTE format('DROP TABLE lean.%I CASCADE', wanted);
		EXECUTE format('CREATE TABLE lean.%I ()', spelling);
		SELECT string_agg(substring(f.message FROM 'is it (.*)\?'), ', ') INTO answer
		 FROM balance.check_ledger('lean') f;
		RAISE 'all back';
	EXCEPTION WHEN raise_exception THEN
		RETURN answer;
	END;
END $$;
SELECT wanted, u AS spelling, found(wanted, u) FROM (VALUES
 ('customer', '{customers,Customer,tbl_customer,custmer,cust}'::text[]), ('invoice', '{invoices,
  INVOICE,invoice_old,invoice_2025,invoice_v,inv,invocie}'),
 ('invoice_line_item', '{invoice_line_items,line_items,invoice_lines,invoice_items,
  "invoiceLineItem",invoicelineitem}'), ('deposit', '{deposits,deposit_view,despoit}'),
 ('vcu_order', '{vcu_orders,"VcuOrder"}'), ('credit_memo', '{credit_memos,creditmemo,
  credit_note,credit_notes}'), ('credit_memo_application', '{credit_memo_applications,
  credit_applications,credit_memo_allocation}')) v(wanted, spellings), unnest(spellings) u
WHERE found(wanted, u) IS DISTINCT FROM wanted;
-- and that may not
SELECT u AS spelling, found('invoice', u) FROM unnest('{invoicing,invoice_payments,invoice_tax,
 invoice_sequence_log,product,audit_log}'::text[]) u WHERE found('invoice',
 u) IS NOT NULL;
SELECT u AS spelling, found('customer', u) FROM unnest('{customer_address,customer_account,
 users,invoice_customer}'::text[]) u WHERE found('customer', u) IS NOT NULL;
SELECT u AS spelling, found('deposit', u) FROM unnest('{refund,
 deposit_account,_}'::text[]) u WHERE found('deposit', u) IS NOT NULL;
DROP FUNCTION found;
-- a schema of one's own tables, none of which is read
CREATE SCHEMA mine;
CREATE TABLE mine.invoices ();
CREATE TABLE mine.customers ();
CREATE TABLE mine.line_items ();
SELECT relation, severity, message FROM balance.check_ledger('mine');
DROP SCHEMA mine CASCADE;
-- what may be the absent customers: by their columns, if these are more than an id
CREATE SCHEMA mine;
CREATE TABLE mine.invoice (invoice_id text, customer_id text UNIQUE, currency text,
	invoice_status text, total numeric, amount_due numeric, amount_remaining numeric)
	PARTITION BY LIST (customer_id);
CREATE TABLE mine.invoice_rest PARTITION OF mine.invoice DEFAULT;
CREATE TABLE mine.payer (customer_id text UNIQUE);
CREATE VIEW mine.people AS SELECT customer_id, customer_id AS customer_name FROM mine.payer;
CREATE TABLE mine.login (customer_id text, said text, UNIQUE (customer_id, said));
CREATE UNIQUE INDEX ON mine.login (customer_id) WHERE said = 'yes';
SELECT count(*) FROM balance.create_report_views('mine');
SELECT relation, severity, message, hint FROM balance.check_ledger('mine')
 WHERE message !~ 'absent';
DROP SCHEMA mine CASCADE;
-- renamed: foreign keys tell, wherever it is, and its columns
CREATE SCHEMA elsewhere;
ALTER TABLE lean.invoice RENAME TO facturas;
SELECT * FROM balance.check_ledger('lean');
ALTER TABLE lean.facturas SET SCHEMA elsewhere;
SELECT relation, severity, message FROM balance.check_ledger('lean');
ALTER TABLE lean.deposit RENAME TO anticipos;
SELECT relation, severity, message, hint FROM balance.check_ledger('lean')
 WHERE relation = 'deposit';
CREATE VIEW lean.deposit WITH (security_invoker) AS SELECT * FROM lean.anticipos;
CREATE VIEW lean.invoice WITH (security_invoker) AS SELECT * FROM elsewhere.facturas;
SELECT * FROM balance.check_ledger('lean');
DROP SCHEMA lean, elsewhere CASCADE;

-- report views that read something else than the documents
SELECT balance.create_ledger('lean');
ALTER TABLE lean.deposit RENAME TO old_deposit;
SELECT relation, severity, message, hint FROM balance.check_ledger('lean')
 WHERE severity = 'warning';
CREATE TABLE lean.deposit (LIKE lean.old_deposit INCLUDING ALL);
SELECT relation, severity, message, hint FROM balance.check_ledger('lean');
SELECT count(*) FROM balance.create_report_views('lean');
SELECT * FROM balance.check_ledger('lean');
SELECT balance.drop_report_views('lean');
ALTER TABLE lean.invoice DROP due_date, DROP payment_status;
ALTER TABLE lean.invoice_line_item RENAME TO aside;
SELECT count(*) FROM balance.create_report_views('lean');
ALTER TABLE lean.invoice ADD due_date date, ADD payment_status text;
ALTER TABLE lean.aside RENAME TO invoice_line_item;
SELECT relation, severity, message, hint FROM balance.check_ledger('lean');
SELECT balance.drop_report_views('lean');
SELECT count(*) FROM balance.create_report_views('lean');
SELECT * FROM balance.check_ledger('lean');
-- somebody's own view of such a name is none of ours
SELECT balance.drop_report_views('lean');
CREATE VIEW lean.report_ageing AS SELECT 1 AS one FROM pg_class;
SELECT * FROM balance.check_ledger('lean');
DROP SCHEMA lean CASCADE;
