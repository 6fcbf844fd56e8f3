-- A ledger of ordinary tables, which the caller owns.

CREATE FUNCTION balance.create_ledger(name text)
RETURNS regnamespace
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $create_ledger$
DECLARE
	taken text;
BEGIN
	IF name IS NULL THEN
		RAISE null_value_not_allowed USING MESSAGE = 'name must not be null';
	ELSIF name = '' OR octet_length(name) > 63 THEN
		RAISE invalid_name USING
			MESSAGE = format('"%s" is not a name for a ledger', name),
			DETAIL = 'A ledger is a schema, whose name has 1 to 63 bytes.';
	ELSIF starts_with(name, 'pg_') OR name = 'information_schema' THEN
		RAISE reserved_name USING
			MESSAGE = format('schema "%s" cannot be a ledger', name),
			DETAIL = 'Schemas of that name are PostgreSQL''s own.',
			HINT = 'Choose another name.';
	END IF;

	-- an extension's schema is dropped with it, or could not be any more
	SELECT e.extname INTO taken
	FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid JOIN pg_namespace n ON n.oid = d.objid
	WHERE d.classid = 'pg_namespace'::regclass AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND n.nspname = name;
	IF FOUND THEN
		RAISE reserved_name USING
			MESSAGE = format('schema "%s" cannot be a ledger', name),
			DETAIL = format('It belongs to extension "%s".', taken),
			HINT = 'Choose another name.';
	END IF;

	-- a schema that is there already is used, but nothing in it is touched
	SELECT c.relname INTO taken
	FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE n.nspname = name AND c.relname IN (
		'customer', 'invoice', 'invoice_line_item', 'deposit', 'vcu_invoice',
		'vcu_order', 'credit_memo', 'credit_memo_application',
		'report_customer_balance', 'report_invoice_summary', 'report_ageing',
		'report_vcu_balance', 'report_customer_credits', 'report_metrics')
	ORDER BY c.relname LIMIT 1;
	IF FOUND THEN
		RAISE duplicate_table USING
			MESSAGE = format('relation "%s" already exists in schema "%s"', taken, name),
			HINT = 'Choose another name; the existing ledger is left as it is.';
	END IF;
	IF NOT EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = name) THEN
		EXECUTE format('CREATE SCHEMA %I', name);
		EXECUTE format('COMMENT ON SCHEMA %I IS %L', name, 'A ledger for balance.');
	END IF;

	-- The tables know nothing of the extension, so that they outlive it.
	-- Checks refuse only what no document could show: statuses and currencies
	-- are judged by the documents, which say what is wrong with them.
	EXECUTE replace($ddl$
		CREATE TABLE @ledger.customer (
			customer_id text PRIMARY KEY,
			wb_customer_id text,
			business_id text,
			customer_name text,
			default_currency text CHECK (default_currency ~ '^[A-Za-z]{3}$')
		);
		COMMENT ON TABLE @ledger.customer IS 'Customers. Documents raise P0002 for anyone else.';
		COMMENT ON COLUMN @ledger.customer.wb_customer_id IS 'Id of the seller (tenant), as Wingback shows it; the ledger''s name where it is null.';
		COMMENT ON COLUMN @ledger.customer.business_id IS 'Id of the business, as DayZero shows it.';
		COMMENT ON COLUMN @ledger.customer.default_currency IS 'ISO 4217 code, in any case.';

		CREATE TABLE @ledger.invoice (
			invoice_id text PRIMARY KEY,
			customer_id text NOT NULL REFERENCES @ledger.customer,
			currency text NOT NULL CHECK (currency ~ '^[A-Za-z]{3}$'),
			invoice_status text,
			payment_status text,
			number text,
			total numeric NOT NULL CHECK (total > '-Infinity' AND total < 'Infinity'),
			amount_due numeric NOT NULL CHECK (amount_due > '-Infinity' AND amount_due < 'Infinity'),
			amount_remaining numeric NOT NULL CHECK (amount_remaining > '-Infinity' AND amount_remaining < 'Infinity'),
			due_date date,
			issued_at timestamptz
		);
		CREATE INDEX ON @ledger.invoice (customer_id);
		CREATE INDEX invoice_currency_idx ON @ledger.invoice (upper(currency COLLATE "C"));
		COMMENT ON TABLE @ledger.invoice IS 'Invoices, amounts in major units.';
		COMMENT ON COLUMN @ledger.invoice.currency IS 'ISO 4217 code, in any case.';
		COMMENT ON COLUMN @ledger.invoice.invoice_status IS 'A word that balance.invoice_class() knows; null is open.';
		COMMENT ON COLUMN @ledger.invoice.payment_status IS 'A word that balance.invoice_class() knows, or null.';
		COMMENT ON COLUMN @ledger.invoice.total IS 'What the invoice is over; a partial payment does not reduce it.';
		COMMENT ON COLUMN @ledger.invoice.amount_due IS 'What was to be paid for it.';
		COMMENT ON COLUMN @ledger.invoice.amount_remaining IS 'What is still to be paid for it.';
		COMMENT ON COLUMN @ledger.invoice.due_date IS 'The last day to pay; null is without a due date.';

		CREATE TABLE @ledger.invoice_line_item (
			invoice_id text NOT NULL REFERENCES @ledger.invoice ON DELETE CASCADE,
			price_type text,
			amount numeric NOT NULL CHECK (amount > '-Infinity' AND amount < 'Infinity'),
			line_item_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY
		);
		CREATE INDEX ON @ledger.invoice_line_item (invoice_id);
		COMMENT ON TABLE @ledger.invoice_line_item IS 'What an invoice is made of, in major units of its currency.';
		COMMENT ON COLUMN @ledger.invoice_line_item.price_type IS 'usage; anything else and null is fixed.';

		CREATE TABLE @ledger.deposit (
			deposit_id text PRIMARY KEY,
			customer_id text NOT NULL REFERENCES @ledger.customer,
			currency text NOT NULL CHECK (currency ~ '^[A-Za-z]{3}$'),
			status text NOT NULL,
			amount numeric NOT NULL CHECK (amount > '-Infinity' AND amount < 'Infinity')
		);
		CREATE INDEX ON @ledger.deposit (customer_id);
		CREATE INDEX deposit_currency_idx ON @ledger.deposit (upper(currency COLLATE "C"));
		COMMENT ON TABLE @ledger.deposit IS 'Deposit transactions, in major units; the statuses are your own.';

		CREATE TABLE @ledger.vcu_invoice (
			vcu_invoice_id text PRIMARY KEY,
			customer_id text NOT NULL REFERENCES @ledger.customer,
			currency text NOT NULL CHECK (currency ~ '^[A-Za-z]{3}$'),
			status text NOT NULL,
			units numeric NOT NULL CHECK (units > '-Infinity' AND units < 'Infinity'),
			created_at timestamptz NOT NULL DEFAULT now(),
			paid_at timestamptz
		);
		CREATE INDEX ON @ledger.vcu_invoice (customer_id);
		CREATE INDEX vcu_invoice_currency_idx ON @ledger.vcu_invoice (upper(currency COLLATE "C"));
		COMMENT ON TABLE @ledger.vcu_invoice IS 'Invoices over verified carbon units.';
		COMMENT ON COLUMN @ledger.vcu_invoice.status IS 'A word that balance.unit_invoice_class() knows.';
		COMMENT ON COLUMN @ledger.vcu_invoice.paid_at IS 'When it was paid, which decides the period of a paid invoice.';

		CREATE TABLE @ledger.vcu_order (
			vcu_order_id text PRIMARY KEY,
			customer_id text NOT NULL REFERENCES @ledger.customer,
			currency text NOT NULL CHECK (currency ~ '^[A-Za-z]{3}$'),
			status text NOT NULL,
			units numeric NOT NULL CHECK (units > '-Infinity' AND units < 'Infinity'),
			pay_with_balance boolean DEFAULT false,
			created_at timestamptz NOT NULL DEFAULT now()
		);
		CREATE INDEX ON @ledger.vcu_order (customer_id);
		CREATE INDEX vcu_order_currency_idx ON @ledger.vcu_order (upper(currency COLLATE "C"));
		COMMENT ON TABLE @ledger.vcu_order IS 'Orders of verified carbon units.';
		COMMENT ON COLUMN @ledger.vcu_order.status IS 'A word that balance.unit_order_class() knows.';

		CREATE TABLE @ledger.credit_memo (
			credit_memo_id text PRIMARY KEY,
			business_id text NOT NULL,
			customer_id text NOT NULL REFERENCES @ledger.customer,
			status text NOT NULL,
			currency text NOT NULL CHECK (currency ~ '^[A-Za-z]{3}$'),
			amount bigint NOT NULL,
			amount_applied bigint NOT NULL DEFAULT 0,
			issue_date date NOT NULL,
			created_at timestamptz NOT NULL DEFAULT now(),
			updated_at timestamptz NOT NULL DEFAULT now(),
			reason text NOT NULL,
			invoice_id text REFERENCES @ledger.invoice,
			number text,
			applied_date timestamptz,
			description text,
			internal_notes text,
			line_items jsonb CHECK (jsonb_typeof(line_items) = 'object'),
			voided_at timestamptz,
			voided_reason text,
			customer_name text,
			invoice_number text
		);
		CREATE INDEX ON @ledger.credit_memo (customer_id);
		CREATE INDEX credit_memo_currency_idx ON @ledger.credit_memo (upper(currency COLLATE "C"));
		CREATE INDEX ON @ledger.credit_memo (invoice_id);
		COMMENT ON TABLE @ledger.credit_memo IS 'Credit memos, amounts in minor units.';
		COMMENT ON COLUMN @ledger.credit_memo.status IS 'draft, issued, partially_applied, fully_applied or void.';
		COMMENT ON COLUMN @ledger.credit_memo.amount_applied IS 'The sum of the memo''s applications, in minor units.';
		COMMENT ON COLUMN @ledger.credit_memo.applied_date IS 'When credits were last applied; the last application''s where it is null.';
		COMMENT ON COLUMN @ledger.credit_memo.customer_name IS 'The customer''s name on the memo; the customer''s own where it is null.';
		COMMENT ON COLUMN @ledger.credit_memo.invoice_number IS 'Number of the invoice that is credited; looked up where it is null.';

		CREATE TABLE @ledger.credit_memo_application (
			application_id text PRIMARY KEY,
			credit_memo_id text NOT NULL REFERENCES @ledger.credit_memo,
			invoice_id text NOT NULL REFERENCES @ledger.invoice,
			amount_applied bigint NOT NULL,
			applied_at timestamptz NOT NULL DEFAULT now(),
			applied_by_user_id text
		);
		CREATE INDEX ON @ledger.credit_memo_application (credit_memo_id);
		CREATE INDEX ON @ledger.credit_memo_application (invoice_id);
		COMMENT ON TABLE @ledger.credit_memo_application IS 'What was applied of a memo to an invoice, in minor units.';
	$ddl$, '@ledger', quote_ident(name));
	PERFORM balance.create_report_views(quote_ident(name)::regnamespace);
	RETURN quote_ident(name)::regnamespace;
END
$create_ledger$;

COMMENT ON FUNCTION balance.create_ledger(text) IS
'Makes a ledger: a schema of that name, if there is none yet, with tables for customers, invoices and their line items, deposits, VCU invoices and orders, credit memos and their applications, with keys, checks and the indexes that make a look-up by customer one index scan, and the report views of create_report_views(). All of it belongs to the caller; the tables do not depend on the extension, the views go with it. Raises 42P07 if the schema has one of the tables already, 42602 for a name that is empty or longer than 63 bytes, 42939 for a schema of PostgreSQL or of an extension, 22004 for NULL.';
