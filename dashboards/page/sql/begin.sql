-- What each of these scripts begins with: one snapshot for all that it answers, nothing
-- written, and the ledger: the variable ledger, else the setting balance.ledger, else its default.
-- A script prints @name before each part, on both outputs, then the part as JSON, amounts in it
-- as text; a part that fails leaves the others alone.
\set ON_ERROR_STOP on
\set VERBOSITY verbose
\set SHOW_CONTEXT never
\pset format unaligned
\pset tuples_only on
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
\echo @book
\warn @book
\if :{?ledger}
\else
SELECT COALESCE(NULLIF(current_setting('balance.ledger', true), ''), 'billing') AS ledger \gset
\endif
SELECT quote_ident(:'ledger') AS ledger_name \gset

SELECT json_build_object('ledger', :'ledger', 'database', current_database(),
	'role', current_user, 'zone', current_setting('TimeZone'),
	'as_of', to_char(now(), 'YYYY-MM-DD HH24:MI:SS'), 'today', current_date,
	'extension', to_regnamespace('balance') IS NOT NULL,
	'exists', to_regnamespace(:'ledger_name') IS NOT NULL,
	'views', (SELECT count(*) FROM pg_class
		WHERE relnamespace = to_regnamespace(:'ledger_name') AND relkind = 'v'
		AND relname = ANY ('{report_invoice_summary,report_ageing,report_customer_balance,
			report_customer_credits,report_credit_expiry,report_roll_forward}')));

-- names, where there are any and the caller may read them
SELECT CASE WHEN count(*) = 2
	THEN format('SELECT customer_id::text AS customer_id, customer_name::text AS name '
		'FROM %s.customer', :'ledger_name')
	ELSE 'SELECT NULL::text AS customer_id, NULL::text AS name WHERE false' END AS names,
	count(*) = 2 AS has_names
FROM pg_attribute
WHERE attrelid = to_regclass(:'ledger_name' || '.customer') AND NOT attisdropped
	AND attname IN ('customer_id', 'customer_name')
	AND has_column_privilege(attrelid, attnum, 'SELECT') \gset

\set ON_ERROR_STOP off
\set ON_ERROR_ROLLBACK on
