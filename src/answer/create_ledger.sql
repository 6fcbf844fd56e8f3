-- A ledger of ordinary tables, which the caller owns.  C: create_ledger.c

CREATE FUNCTION balance.create_ledger(name text, distributed boolean DEFAULT false)
RETURNS regnamespace
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000
SET search_path = pg_catalog, pg_temp;

COMMENT ON FUNCTION balance.create_ledger(text, boolean) IS
'Makes a ledger: a schema of that name, if there is none yet, with tables for customers, invoices '
'and their line items, deposits, VCU invoices and orders, credit memos and their applications, '
'payments and exchange rates, with keys, checks and the indexes that make a look-up by customer '
'one index scan, and the report views of create_report_views(). All of it belongs to the caller; '
'the tables do not depend on the extension, the views go with it. If distributed, everything of a '
'customer can live where the customer lives: line items and applications have customer_id, too, '
'NOT NULL, and it is part of every key and foreign key, so an id is one only together with its '
'customer. On Citus the tables are then distributed by customer_id, exchange rates are on every '
'server, and report views have days of the TimeZone of this session, as a value; maintain() '
'refuses such tables. Elsewhere they are ordinary tables, to be partitioned or sharded. Raises '
'0A000 in a schema that is sharded by schema, and says in which order that works. Raises 42P07 if '
'the schema has one of the tables already, 42602 for a name that is empty or longer than 63 '
'bytes, 42939 for a schema of PostgreSQL or of an extension, 22004 for NULL.';
