-- A ledger of views over the tables of Flexprice, https://github.com/flexprice/flexprice, as of
-- August 2026.
-- Table, column and index names are Flexprice's own (migrations/baseline); of the columns only
-- those that matter.
\set SHOW_CONTEXT never
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
SET timezone = 'UTC';

---- Flexprice's tables ----
CREATE SCHEMA flexprice;
CREATE TABLE flexprice.customers (
	id varchar(50) PRIMARY KEY,
	external_id varchar(255) NOT NULL,
	name varchar(255) NOT NULL,
	email varchar(255),
	tenant_id varchar(50) NOT NULL,
	environment_id varchar(50) DEFAULT '',
	status varchar(20) NOT NULL DEFAULT 'published',
	created_at timestamptz NOT NULL DEFAULT '2025-01-01 00:00Z'
);
CREATE UNIQUE INDEX idx_tenant_environment_external_id_unique
	ON flexprice.customers (tenant_id, environment_id, external_id)
	WHERE external_id IS NOT NULL AND external_id <> '' AND status = 'published';
CREATE TABLE flexprice.invoices (
	id varchar(50) PRIMARY KEY,
	tenant_id varchar(50) NOT NULL,
	environment_id varchar(50) DEFAULT '',
	status varchar(20) NOT NULL DEFAULT 'published',
	customer_id varchar(50) NOT NULL,
	subscription_id varchar(50),
	invoice_type varchar(50) NOT NULL DEFAULT 'SUBSCRIPTION',
	invoice_status varchar(50) NOT NULL DEFAULT 'DRAFT',
	payment_status varchar(50) NOT NULL DEFAULT 'PENDING',
	invoice_number varchar(50),
	currency varchar(10) NOT NULL,
	total numeric(20,8),
	adjustment_amount numeric(20,8),
	refunded_amount numeric(20,8),
	amount_due numeric(20,8) NOT NULL,
	amount_paid numeric(20,8) NOT NULL,
	amount_remaining numeric(20,8) NOT NULL,
	due_date timestamptz,
	finalized_at timestamptz,
	created_at timestamptz NOT NULL DEFAULT '2026-01-01 00:00Z'
);
CREATE INDEX idx_tenant_customer_status
	ON flexprice.invoices (tenant_id, environment_id, customer_id, invoice_status, payment_status,
	status)
	WHERE status = 'published';
CREATE TABLE flexprice.invoice_line_items (
	id varchar(50) PRIMARY KEY,
	tenant_id varchar(50) NOT NULL,
	environment_id varchar(50) DEFAULT '',
	status varchar(20) NOT NULL DEFAULT 'published',
	invoice_id varchar(50) NOT NULL REFERENCES flexprice.invoices,
	customer_id varchar(50) NOT NULL,
	price_type varchar(50),
	amount numeric(20,8) NOT NULL,
	currency varchar(10) NOT NULL
);
CREATE INDEX invoicelineitem_tenant_id_environment_id_invoice_id_status
	ON flexprice.invoice_line_items (tenant_id, environment_id, invoice_id, status);
CREATE TABLE flexprice.wallets (
	id varchar(50) PRIMARY KEY,
	tenant_id varchar(50) NOT NULL,
	environment_id varchar(50) DEFAULT '',
	status varchar(20) NOT NULL DEFAULT 'published',
	customer_id varchar(50) NOT NULL,
	currency varchar(10) NOT NULL,
	wallet_status varchar(50) NOT NULL DEFAULT 'active',
	conversion_rate numeric(10,5) NOT NULL
);
CREATE INDEX wallet_tenant_id_environment_id_customer_id_status
	ON flexprice.wallets (tenant_id, environment_id, customer_id, status);
CREATE TABLE flexprice.wallet_transactions (
	id varchar(50) PRIMARY KEY,
	tenant_id varchar(50) NOT NULL,
	environment_id varchar(50) DEFAULT '',
	status varchar(20) NOT NULL DEFAULT 'published',
	wallet_id varchar(50) NOT NULL,
	type varchar NOT NULL DEFAULT 'credit',
	transaction_status varchar(50) NOT NULL DEFAULT 'pending',
	transaction_reason varchar(50) NOT NULL DEFAULT 'FREE_CREDIT_GRANT',
	amount numeric(20,9) NOT NULL,
	credits_available numeric(20,9) NOT NULL,
	conversion_rate numeric(10,5),
	idempotency_key varchar
);
CREATE INDEX wallettransaction_tenant_id_environment_id_wallet_id
	ON flexprice.wallet_transactions (tenant_id, environment_id, wallet_id);
CREATE UNIQUE INDEX idx_tenant_environment_idempotency_key
	ON flexprice.wallet_transactions (tenant_id, environment_id, idempotency_key)
	WHERE idempotency_key IS NOT NULL AND idempotency_key <> '' AND status = 'published';
CREATE TABLE flexprice.credit_notes (
	id varchar(50) PRIMARY KEY,
	tenant_id varchar(50) NOT NULL,
	environment_id varchar(50) DEFAULT '',
	status varchar(20) NOT NULL DEFAULT 'published',
	invoice_id varchar(50) NOT NULL,
	customer_id varchar(50) NOT NULL,
	credit_note_number varchar(50) NOT NULL,
	credit_note_status varchar(50) NOT NULL DEFAULT 'DRAFT',
	credit_note_type varchar(50) NOT NULL,
	refund_status varchar(50),
	reason varchar(50) NOT NULL,
	memo text NOT NULL,
	currency varchar(50) NOT NULL,
	total_amount numeric(20,8) NOT NULL,
	created_at timestamptz NOT NULL,
	updated_at timestamptz NOT NULL,
	finalized_at timestamptz,
	voided_at timestamptz
);
CREATE INDEX creditnote_tenant_id_environment_id_customer_id
	ON flexprice.credit_notes (tenant_id, environment_id, customer_id);

---- a book of our own ----
-- two environments of one tenant and another tenant; the same external id in each, and one given
-- again after it was archived
INSERT INTO flexprice.customers (id, external_id, name, tenant_id, environment_id, status) VALUES
	('cust_north', 'northwind', 'Northwind Traders', 'tenant_acme', 'env_live', 'published'),
	('cust_many', 'contoso', 'Contoso', 'tenant_acme', 'env_live', 'published'),
	('cust_words', 'wordy', 'Every Status Ltd', 'tenant_acme', 'env_live', 'published'),
	('cust_fab1', 'fabrikam', 'Fabrikam (closed)', 'tenant_acme', 'env_live', 'archived'),
	('cust_fab2', 'fabrikam', 'Fabrikam', 'tenant_acme', 'env_live', 'published'),
	('cust_sand', 'northwind', 'Northwind (sandbox)', 'tenant_acme', 'env_sandbox', 'published'),
	('cust_globex', 'northwind', 'Northwind at Globex', 'tenant_globex', 'env_globex', 'published');

-- Northwind: paid and partly refunded, partly paid, failed, draft, voided, skipped, four currencies
INSERT INTO flexprice.invoices (id, tenant_id, environment_id, customer_id, invoice_status,
	payment_status, invoice_number, currency, total, adjustment_amount, amount_due, amount_paid,
	amount_remaining, due_date) VALUES
	('inv_01', 'tenant_acme', 'env_live', 'cust_north', 'FINALIZED', 'PARTIALLY_REFUNDED', 'INV-1',
		'usd', 200, 0, 200, 200, 0, '2026-01-31 00:00Z'),
	('inv_02', 'tenant_acme', 'env_live', 'cust_north', 'FINALIZED', 'PENDING', 'INV-2', 'usd',
		120.50, 20.50, 100, 49.75, 50.25, '2026-02-15 00:00Z'),
	('inv_03', 'tenant_acme', 'env_live', 'cust_north', 'FINALIZED', 'FAILED', 'INV-3', 'usd', 80,
		0, 80, 0, 80, '2026-03-01 00:00Z'),
	('inv_04', 'tenant_acme', 'env_live', 'cust_north', 'DRAFT', 'PENDING', NULL, 'usd',
		10.00012345, 0, 10.00012345, 0, 10.00012345, NULL),
	('inv_05', 'tenant_acme', 'env_live', 'cust_north', 'VOIDED', 'PENDING', 'INV-5', 'usd', 999, 0,
		999, 0, 999, '2026-01-01 00:00Z'),
	('inv_06', 'tenant_acme', 'env_live', 'cust_north', 'SKIPPED', 'PENDING', NULL, 'usd', 0, 0, 0,
		0, 0, NULL),
	('inv_07', 'tenant_acme', 'env_live', 'cust_north', 'FINALIZED', 'SUCCEEDED', 'INV-7', 'usd',
		NULL, NULL, 30, 30, 0, NULL),
	('inv_08', 'tenant_acme', 'env_live', 'cust_north', 'FINALIZED', 'PROCESSING', 'INV-8', 'eur',
		42.42, 0, 42.42, 0, 42.42, '2026-02-28 23:59:59Z'),
	('inv_09', 'tenant_acme', 'env_live', 'cust_north', 'FINALIZED', 'PENDING', 'INV-9', 'jpy',
		1200, 0, 1200, 0, 1200, '2026-04-01 00:00Z'),
	('inv_10', 'tenant_acme', 'env_live', 'cust_north', 'FINALIZED', 'REFUNDED', 'INV-10', 'jpy',
		300, 0, 300, 300, 0, NULL),
	('inv_11', 'tenant_acme', 'env_live', 'cust_north', 'FINALIZED', 'OVERPAID', 'INV-11', 'kwd',
		1.250, 0, 1.250, 1.300, 0, NULL),
	('inv_s1', 'tenant_acme', 'env_sandbox', 'cust_sand', 'FINALIZED', 'PENDING', 'INV-1', 'usd',
		1000000, 0, 1000000, 0, 1000000, '2020-01-01 00:00Z');
-- soft-deleted ones have not happened
INSERT INTO flexprice.invoices (id, tenant_id, environment_id, status, customer_id, invoice_status,
	currency, total, amount_due, amount_paid, amount_remaining, due_date) VALUES
	('inv_x1', 'tenant_acme', 'env_live', 'deleted', 'cust_north', 'FINALIZED', 'usd', 5000, 5000,
		0, 5000, '2026-01-01 00:00Z'),
	('inv_x2', 'tenant_acme', 'env_live', 'archived', 'cust_north', 'FINALIZED', 'gbp', 7000, 7000,
		0, 7000, '2026-01-01 00:00Z');
INSERT INTO flexprice.invoice_line_items (id, tenant_id, environment_id, status, invoice_id,
	customer_id, price_type, amount, currency) VALUES
	('li_01', 'tenant_acme', 'env_live', 'published', 'inv_01', 'cust_north', 'USAGE', 200, 'usd'),
	('li_02', 'tenant_acme', 'env_live', 'published', 'inv_02', 'cust_north', 'USAGE', 70.50,
		'usd'),
	('li_03', 'tenant_acme', 'env_live', 'published', 'inv_02', 'cust_north', 'FIXED', 50, 'usd'),
	('li_04', 'tenant_acme', 'env_live', 'deleted', 'inv_02', 'cust_north', 'USAGE', 1000, 'usd'),
	('li_05', 'tenant_acme', 'env_live', 'published', 'inv_03', 'cust_north', NULL, 80, 'usd'),
	('li_06', 'tenant_acme', 'env_live', 'published', 'inv_04', 'cust_north', 'USAGE', 10.00012345,
		'usd'),
	('li_07', 'tenant_acme', 'env_live', 'published', 'inv_05', 'cust_north', 'USAGE', 999, 'usd'),
	('li_08', 'tenant_acme', 'env_live', 'published', 'inv_08', 'cust_north', 'FIXED', 42.42,
		'eur'),
	('li_09', 'tenant_acme', 'env_live', 'published', 'inv_09', 'cust_north', 'USAGE', 1200, 'jpy');

-- money paid in advance, gifts, and what was given back for credit notes; a credit of the JPY
-- wallet is worth 100 JPY
INSERT INTO flexprice.wallets (id, tenant_id, environment_id, customer_id, currency,
	conversion_rate) VALUES
	('wallet_usd', 'tenant_acme', 'env_live', 'cust_north', 'usd', 1),
	('wallet_jpy', 'tenant_acme', 'env_live', 'cust_north', 'jpy', 100);
INSERT INTO flexprice.wallet_transactions (id, tenant_id, environment_id, status, wallet_id, type,
	transaction_status, transaction_reason, amount, credits_available, idempotency_key) VALUES
	('wtxn_1', 'tenant_acme', 'env_live', 'published', 'wallet_usd', 'credit', 'completed',
		'PURCHASED_CREDIT_INVOICED', 500, 450.25, NULL),
	('wtxn_2', 'tenant_acme', 'env_live', 'published', 'wallet_usd', 'credit', 'completed',
		'PURCHASED_CREDIT_DIRECT', 25.5, 25.5, NULL),
	('wtxn_3', 'tenant_acme', 'env_live', 'published', 'wallet_usd', 'credit', 'pending',
		'PURCHASED_CREDIT_INVOICED', 100, 0, NULL),
	('wtxn_4', 'tenant_acme', 'env_live', 'published', 'wallet_usd', 'credit', 'failed',
		'PURCHASED_CREDIT_DIRECT', 40, 0, NULL),
	('wtxn_5', 'tenant_acme', 'env_live', 'published', 'wallet_usd', 'credit', 'completed',
		'FREE_CREDIT_GRANT', 15, 15, NULL),
	('wtxn_6', 'tenant_acme', 'env_live', 'published', 'wallet_usd', 'debit', 'completed',
		'INVOICE_PAYMENT', 49.75, 0, NULL),
	('wtxn_7', 'tenant_acme', 'env_live', 'deleted', 'wallet_usd', 'credit', 'completed',
		'PURCHASED_CREDIT_DIRECT', 3000, 3000, NULL),
	('wtxn_8', 'tenant_acme', 'env_live', 'published', 'wallet_usd', 'credit', 'completed',
		'CREDIT_NOTE', 60, 35.5, 'cn_1'),
	('wtxn_9', 'tenant_acme', 'env_live', 'published', 'wallet_jpy', 'credit', 'completed',
		'CREDIT_NOTE', 300, 3, 'cn_2');
INSERT INTO flexprice.credit_notes (id, tenant_id, environment_id, status, invoice_id, customer_id,
	credit_note_number, credit_note_status, credit_note_type, reason, memo, currency, total_amount,
	created_at, updated_at, finalized_at, voided_at) VALUES
	('cn_1', 'tenant_acme', 'env_live', 'published', 'inv_01', 'cust_north', 'CN-1', 'FINALIZED',
		'REFUND', 'BILLING_ERROR', 'Billed twice', 'usd', 60, '2026-02-01 09:00Z',
		'2026-02-02 10:00Z', '2026-02-02 10:00Z', NULL),
	('cn_2', 'tenant_acme', 'env_live', 'published', 'inv_10', 'cust_north', 'CN-2', 'FINALIZED',
		'REFUND', 'SERVICE_ISSUE', 'Outage', 'jpy', 300, '2026-02-03 09:00Z', '2026-02-03 09:00Z',
		'2026-02-03 09:00Z', NULL),
	('cn_3', 'tenant_acme', 'env_live', 'published', 'inv_02', 'cust_north', 'CN-3', 'FINALIZED',
		'ADJUSTMENT', 'DUPLICATE', 'Seat counted twice', 'usd', 20.50, '2026-02-04 09:00Z',
		'2026-02-04 09:00Z', '2026-02-04 09:00Z', NULL),
	('cn_4', 'tenant_acme', 'env_live', 'published', 'inv_01', 'cust_north', 'CN-4', 'DRAFT',
		'REFUND', 'ORDER_CHANGE', '', 'usd', 11, '2026-02-05 09:00Z', '2026-02-05 09:00Z', NULL,
		NULL),
	('cn_5', 'tenant_acme', 'env_live', 'published', 'inv_01', 'cust_north', 'CN-5', 'VOIDED',
		'REFUND', 'FRAUDULENT', '', 'usd', 12, '2026-02-06 09:00Z', '2026-02-07 09:00Z', NULL,
		'2026-02-07 09:00Z'),
	('cn_6', 'tenant_acme', 'env_live', 'deleted', 'inv_01', 'cust_north', 'CN-6', 'FINALIZED',
		'REFUND', 'UNSATISFACTORY', '', 'usd', 13, '2026-02-08 09:00Z', '2026-02-08 09:00Z',
		'2026-02-08 09:00Z', NULL);

-- Contoso: 120 invoices over 10.01 EUR of two lines each, more than a page of any list
INSERT INTO flexprice.invoices (id, tenant_id, environment_id, customer_id, invoice_status,
	currency, total, amount_due, amount_paid, amount_remaining, due_date)
	SELECT 'inv_c' || n, 'tenant_acme', 'env_live', 'cust_many', 'FINALIZED', 'eur', 10.01, 10.01,
		0, 10.01, timestamptz '2025-01-01 00:00Z' + n * interval '5 days'
	FROM generate_series(1, 120) n;
INSERT INTO flexprice.invoice_line_items (id, tenant_id, environment_id, invoice_id, customer_id,
	price_type, amount, currency)
	SELECT 'li_c' || n || kind, 'tenant_acme', 'env_live', 'inv_c' || n, 'cust_many', kind, amount,
		'eur'
	FROM generate_series(1, 120) n, (VALUES ('USAGE', 4.01), ('FIXED', 6)) line (kind, amount);
-- one invoice over 1 USD for each of Flexprice's invoice statuses with each of its payment statuses
INSERT INTO flexprice.invoices (id, tenant_id, environment_id, customer_id, invoice_status,
	payment_status, currency, total, amount_due, amount_paid, amount_remaining)
	SELECT 'inv_w_' || s || '_' || p, 'tenant_acme', 'env_live', 'cust_words', s, p, 'usd', 1, 1, 0,
		CASE WHEN p IN ('SUCCEEDED', 'OVERPAID', 'REFUNDED', 'PARTIALLY_REFUNDED') THEN 0 ELSE 1 END
	FROM unnest('{DRAFT,FINALIZED,VOIDED,SKIPPED}'::text[]) s,
		unnest('{INITIATED,PENDING,PROCESSING,SUCCEEDED,OVERPAID,FAILED,REFUNDED,PARTIALLY_REFUNDED,
			 VOIDED}'::text[]) p;
-- and 500 other customers, so that plans are those of a real book
INSERT INTO flexprice.customers (id, external_id, name, tenant_id, environment_id)
	SELECT 'cust_' || c, 'ext_' || c, 'Customer ' || c, 'tenant_acme', 'env_live'
		FROM generate_series(1, 500) c;
INSERT INTO flexprice.invoices (id, tenant_id, environment_id, customer_id, invoice_status,
	payment_status, currency, total, amount_due, amount_paid, amount_remaining)
	SELECT 'inv_' || c || '_' || n, 'tenant_acme', 'env_live', 'cust_' || c, 'FINALIZED',
		'SUCCEEDED', 'usd', n, n, n, 0
	FROM generate_series(1, 500) c, generate_series(1, 10) n;
INSERT INTO flexprice.invoice_line_items (id, tenant_id, environment_id, invoice_id, customer_id,
	price_type, amount, currency)
	SELECT 'li' || substr(id, 4), tenant_id, environment_id, id, customer_id, 'FIXED', total,
		currency FROM flexprice.invoices WHERE customer_id ~ '^cust_[0-9]';
INSERT INTO flexprice.wallets (id, tenant_id, environment_id, customer_id, currency,
	conversion_rate)
	SELECT 'wallet_' || c, 'tenant_acme', 'env_live', 'cust_' || c, 'usd', 1
		FROM generate_series(1, 500) c;
INSERT INTO flexprice.wallet_transactions (id, tenant_id, environment_id, wallet_id,
	transaction_status, transaction_reason, amount, credits_available, idempotency_key)
	SELECT 'wtxn_' || c || '_' || n, 'tenant_acme', 'env_live', 'wallet_' || c, 'completed',
		'PURCHASED_CREDIT_DIRECT', n, n, 'key_' || c || '_' || n
	FROM generate_series(1, 500) c, generate_series(1, 10) n;
INSERT INTO flexprice.credit_notes (id, tenant_id, environment_id, invoice_id, customer_id,
	credit_note_number, credit_note_status, credit_note_type, reason, memo, currency, total_amount,
	created_at, updated_at, finalized_at)
	SELECT 'cn_' || c || '_' || n, 'tenant_acme', 'env_live', 'inv_' || c || '_1', 'cust_' || c,
		'CN-' || c || '-' || n, 'FINALIZED', 'ADJUSTMENT', 'DUPLICATE', '', 'usd', 1,
		'2026-01-01 00:00Z', '2026-01-01 00:00Z', '2026-01-01 00:00Z'
	FROM generate_series(1, 500) c, generate_series(1, 10) n;
ANALYZE flexprice.customers, flexprice.invoices, flexprice.invoice_line_items, flexprice.wallets,
	flexprice.wallet_transactions, flexprice.credit_notes;

---- the ledger: one schema for each tenant and environment ----
-- Flexprice's indexes begin with tenant and environment; naming both in the views is what lets a
-- look-up by customer use them.
CREATE SCHEMA acme;
CREATE VIEW acme.customer WITH (security_invoker) AS
SELECT id AS customer_id, tenant_id AS wb_customer_id, tenant_id AS business_id,
	name AS customer_name,
       external_id
FROM flexprice.customers
WHERE tenant_id = 'tenant_acme' AND environment_id = 'env_live' AND status = 'published';

-- rows from before there was a total have NULL: it is what is due and what was adjusted
CREATE VIEW acme.invoice WITH (security_invoker) AS
SELECT id AS invoice_id, customer_id, currency, invoice_status, payment_status,
	invoice_number AS number,
       COALESCE(total, amount_due + COALESCE(adjustment_amount, 0)) AS total,
       amount_due, amount_remaining, due_date, finalized_at AS issued_at
FROM flexprice.invoices
WHERE tenant_id = 'tenant_acme' AND environment_id = 'env_live' AND status = 'published';

CREATE VIEW acme.invoice_line_item WITH (security_invoker) AS
SELECT invoice_id, price_type, amount
FROM flexprice.invoice_line_items
WHERE tenant_id = 'tenant_acme' AND environment_id = 'env_live' AND status = 'published';

-- a deposit is a wallet's credit that the customer bought; granted ones are no deposits
CREATE VIEW acme.deposit WITH (security_invoker) AS
SELECT t.id AS deposit_id, w.customer_id, w.currency, t.transaction_status AS status, t.amount
FROM flexprice.wallets w
JOIN flexprice.wallet_transactions t ON t.wallet_id = w.id
WHERE w.tenant_id = 'tenant_acme' AND w.environment_id = 'env_live' AND w.status = 'published'
  AND t.tenant_id = 'tenant_acme' AND t.environment_id = 'env_live' AND t.status = 'published'
  AND t.type = 'credit'
  	AND t.transaction_reason IN ('PURCHASED_CREDIT_INVOICED', 'PURCHASED_CREDIT_DIRECT');

-- Credit memos are in minor units. A fraction of one is not rounded: it is unknown, which raises an
-- error.
CREATE FUNCTION acme.minor_digits(currency text) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
	WHEN lower(currency) IN ('bif', 'clp', 'djf', 'gnf', 'isk', 'jpy', 'kmf', 'krw', 'pyg', 'rwf',
		'ugx', 'vnd', 'vuv', 'xaf', 'xof', 'xpf') THEN 0
	WHEN lower(currency) IN ('bhd', 'iqd', 'jod', 'kwd', 'lyd', 'omr', 'tnd') THEN 3
	WHEN lower(currency) IN ('clf', 'uyw') THEN 4
	ELSE 2
END;
CREATE FUNCTION acme.minor_units(amount numeric, currency text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
	WHEN amount = trunc(amount, acme.minor_digits(currency))
	THEN (amount * 10::numeric ^ acme.minor_digits(currency))::bigint
END;

-- Finalizing a credit note uses it up: an adjustment lowers its invoice, a refund goes to the
-- wallet under the note's id as
-- idempotency key. So what a refund still has to give is what its wallet transaction has, at the
-- rate of its credits.
CREATE VIEW acme.credit_memo WITH (security_invoker) AS
SELECT n.id AS credit_memo_id, n.tenant_id AS business_id, n.customer_id, n.invoice_id,
	n.credit_note_number AS number,
       CASE
           WHEN n.credit_note_status = 'VOIDED' THEN 'void'
           WHEN n.credit_note_status <> 'FINALIZED' THEN n.credit_note_status
           WHEN r.remaining = n.total_amount THEN 'issued'
           WHEN r.remaining > 0 THEN 'partially_applied'
           ELSE 'fully_applied'
       END AS status,
       n.currency, acme.minor_units(n.total_amount, n.currency) AS amount,
       acme.minor_units(n.total_amount - r.remaining, n.currency) AS amount_applied,
       (COALESCE(n.finalized_at, n.created_at) AT TIME ZONE 'UTC')::date AS issue_date,
       n.created_at, n.updated_at, n.reason, NULLIF(n.memo, '') AS description, n.voided_at
FROM flexprice.credit_notes n
LEFT JOIN flexprice.wallet_transactions t
       ON t.tenant_id = 'tenant_acme' AND t.environment_id = 'env_live' AND t.status = 'published'
      AND t.idempotency_key = n.id AND t.idempotency_key <> '' AND t.type = 'credit'
LEFT JOIN flexprice.wallets w ON w.id = t.wallet_id
CROSS JOIN LATERAL (SELECT CASE
           WHEN n.credit_note_status <> 'FINALIZED' THEN n.total_amount
           WHEN n.credit_note_type = 'REFUND'
           	THEN COALESCE(t.credits_available * COALESCE(t.conversion_rate, w.conversion_rate), 0)
           ELSE 0
       END) r (remaining)
WHERE n.tenant_id = 'tenant_acme' AND n.environment_id = 'env_live' AND n.status = 'published';

SET balance.ledger = 'acme';

-- no document lacks anything but what Flexprice has not, and no look-up lacks an index; of the data
-- one draft has more decimals than its currency, and keeps them
SELECT * FROM balance.check_ledger();
SELECT * FROM balance.verify();

---- the documents ----
-- USD ready 120.50 + 80, paid 200 + 30, canceled 999 + 0; JPY 1200 open and 300 refunded; KWD has
-- three digits; no GBP, since
-- that invoice is archived. Deposits 500 + 25.5 completed, without the grant, the debit, the refund
-- and the deleted one.
SELECT jsonb_array_elements(balance.customer_balance('cust_north'));
-- USD counts 5 of 7, without the void two: revenue 200 + 100 + 80 + 10.00012345 + 30, unpaid 50.25
-- + 80 + 10.00012345, overdue
-- 50.25 (what is due at the very instant is not), usage 70.50 + 10.00012345, fixed 50 + 80
SELECT jsonb_array_elements(balance.invoice_summary('cust_north', '2026-03-01 00:00Z') ->
	'summaries');
SELECT balance.invoice_summary('cust_north', '2026-03-01 00:00Z') - 'summaries';
-- the rows behind two of the numbers
SELECT relation, id, class, amount
	FROM balance.items('cust_north', 'total_unpaid_amount', 'usd', '2026-03-01 00:00Z') ORDER BY id;
SELECT item ->> 'invoice_id', class, amount
	FROM balance.items('cust_north', 'unpaid_fixed_charges', 'usd', '2026-03-01 00:00Z') ORDER BY 1;
-- due dates are instants: one second later the failed invoice of 80 is overdue too, in whatever
-- zone
SELECT balance.invoice_summary('cust_north', '2026-03-01 00:00:01Z',
	zone) #>> '{summaries,3,total_overdue_amount}'
	FROM (VALUES ('Pacific/Honolulu'), ('Pacific/Auckland')) z (zone);
-- refunds of 60 USD, 24.50 of it spent, and 300 JPY; the total has no currency, so they are not
-- added up
SELECT balance.customer_credits('cust_north');
SELECT jsonb_pretty(balance.customer_credits('cust_north', currency => 'usd'));
SELECT balance.customer_credits('cust_north', 'tenant_acme', 'JPY') - 'credit_memos';
SELECT balance.customer_credits('cust_north', 'tenant_acme', 'JPY') #> '{credit_memos,0}' ->>
	'amount_remaining_in_dollars';
-- nothing here is measured in units
SELECT balance.vcu_balance('cust_north');

---- what such systems get wrong ----
-- a list of at most 50 would add up 500.50 of 1201.20
SELECT jsonb_pretty(balance.customer_balance('cust_many') #> '{0,invoices}');
-- an invoice of two lines counts once: usage 120 x 4.01, fixed 120 x 6; overdue are the 84 due in
-- the 424 days before March 2026
SELECT balance.invoice_summary('cust_many', '2026-03-01 00:00Z') #> '{summaries,0}';
-- all 4 x 9 statuses: 18 void; of draft and finalized each 4 of 9 settled, hence paid 8, draft 5,
-- open 5
SELECT balance.customer_balance('cust_words') #> '{0,invoices}';
SELECT balance.invoice_summary('cust_words', '2026-03-01 00:00Z') #> '{summaries,0}' ->>
	'unpaid_invoice_count';
SELECT credit_memo_id, status, balance.credit_memo_class(status), amount, amount_applied
	FROM acme.credit_memo WHERE customer_id = 'cust_north' ORDER BY 1;
-- a word that comes with a later release is an error, not a number that is too small
BEGIN;
UPDATE flexprice.invoices SET invoice_status = 'DISPUTED' WHERE id = 'inv_02';
SELECT balance.customer_balance('cust_north');
ROLLBACK;
BEGIN;
UPDATE flexprice.credit_notes SET credit_note_status = 'DISPUTED' WHERE id = 'cn_3';
SELECT balance.customer_credits('cust_north');
ROLLBACK;
-- half a cent cannot be shown in minor units, and is not rounded
BEGIN;
UPDATE flexprice.wallet_transactions SET credits_available = 35.505 WHERE id = 'wtxn_8';
SELECT balance.customer_credits('cust_north', currency => 'usd');
ROLLBACK;

---- customers, environments, tenants ----
-- by the id that the customer has in your own system; the archived namesake is gone, and who is
-- there without invoices has none
SELECT balance.customer_balance(customer_id) = balance.customer_balance('cust_north')
	FROM acme.customer WHERE external_id = 'northwind';
SELECT customer_id, balance.customer_balance(customer_id) FROM acme.customer
	WHERE external_id = 'fabrikam';
SELECT balance.customer_balance('cust_fab1');
-- another environment and another tenant are other ledgers
SELECT balance.customer_balance('cust_sand');
SELECT balance.customer_balance('cust_globex');
SELECT balance.customer_credits('cust_north', 'tenant_globex');
CREATE SCHEMA acme_sandbox;
CREATE VIEW acme_sandbox.customer WITH (security_invoker) AS
SELECT id AS customer_id, tenant_id AS wb_customer_id FROM flexprice.customers
WHERE tenant_id = 'tenant_acme' AND environment_id = 'env_sandbox' AND status = 'published';
CREATE VIEW acme_sandbox.invoice WITH (security_invoker) AS
SELECT id AS invoice_id, customer_id, currency, invoice_status, payment_status, total, amount_due,
	amount_remaining, due_date
FROM flexprice.invoices WHERE tenant_id = 'tenant_acme' AND environment_id = 'env_sandbox'
	AND status = 'published';
SELECT balance.customer_balance('cust_sand', 'acme_sandbox');
SELECT balance.customer_balance('cust_north', 'acme_sandbox');

---- plans ----
-- the whole key of Flexprice's index is used, tenant and environment too
CREATE FUNCTION pg_temp.index_conditions(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	plan jsonb;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT JSON, COSTS OFF) ' || query INTO plan;
	RETURN QUERY SELECT jsonb_path_query(plan, 'strict $.**."Index Cond"') #>> '{}';
END $$;
SELECT pg_temp.index_conditions($$SELECT balance.tally_invoices(i.currency::text,
	i.invoice_status::text, i.payment_status::text, i.total) FROM acme.invoice i
	WHERE i.customer_id = 'cust_42'$$);
-- What one transaction scanned, tables only if sequentially: none, and the indexes are those that
-- Flexprice has for this. The
-- plans are made before, since planning itself looks at the ends of some indexes. Joins by a
-- primary key are left out, as releases
-- differ in their choice of them.
CREATE TEMP VIEW scanned AS
	SELECT relname FROM pg_class
	WHERE relnamespace = 'flexprice'::regnamespace AND relkind IN ('r', 'i')
		AND pg_stat_get_xact_numscans(oid) > 0 AND relname NOT LIKE '%pkey'
	ORDER BY relname COLLATE "C";
SET plan_cache_mode = force_generic_plan;
SELECT count(balance.customer_balance(c)), count(balance.invoice_summary(c)),
	count(balance.customer_credits(c)) FROM (VALUES ('cust_42')) v (c);
SELECT pg_stat_force_next_flush();
BEGIN;
SELECT balance.customer_balance('cust_42') #>> '{0,deposits,completed,count}';
SELECT * FROM scanned;
COMMIT;
SELECT pg_stat_force_next_flush();
BEGIN;
SELECT balance.invoice_summary('cust_many') #>> '{summaries,0,unpaid_fixed_charges}';
SELECT * FROM scanned;
COMMIT;
SELECT pg_stat_force_next_flush();
BEGIN;
SELECT balance.customer_credits('cust_42') ->> 'credit_memos_count';
SELECT * FROM scanned;
COMMIT;
SELECT pg_stat_force_next_flush();
BEGIN;
SELECT customer_id FROM acme.customer WHERE external_id = 'ext_42';
SELECT * FROM scanned;
COMMIT;

DROP VIEW scanned;
DROP SCHEMA acme, acme_sandbox, flexprice CASCADE;
