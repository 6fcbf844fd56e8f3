-- A ledger of ordinary tables, which the caller owns.  C: create_ledger.c

CREATE FUNCTION balance.create_ledger(name text)
RETURNS regnamespace
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000
SET search_path = pg_catalog, pg_temp;

COMMENT ON FUNCTION balance.create_ledger(text) IS
'Makes a ledger: a schema of that name, if there is none yet, with tables for customers, invoices '
'and their line items, deposits, VCU invoices and orders, credit memos and their applications, '
'payments and exchange rates, with keys, checks and the indexes that make a look-up by customer '
'one index scan, and the report views of create_report_views(). All of it belongs to the caller; '
'the tables do not depend on the extension, the views go with it. Raises 42P07 if the schema has '
'one of the tables already, 42602 for a name that is empty or longer than 63 bytes, 42939 for a '
'schema of PostgreSQL or of an extension, 22004 for NULL.';
