-- What create_ledger() has made since.  C: upgrade_ledger.c

CREATE FUNCTION balance.upgrade_ledger(
	name text,
	OUT relation text, OUT "column" text, OUT action text)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000 ROWS 10
SET search_path = pg_catalog, pg_temp;

COMMENT ON FUNCTION balance.upgrade_ledger(text) IS
'Adds to a ledger that create_ledger() of an older version made what it lacks of today''s: tables, '
'optional columns with their checks, keys, indexes and comments, and report views. A row for each '
'step: what was created, or added to. No row is changed: a column that is added is null, and has '
'its default for rows to come only. None if nothing is missing. A maintained ledger is answered '
'from its rows from then on; repair() builds its store anew. Raises 42809 if a relation of the '
'ledger is no table, 42P01 if it has none, 3F000 if there is no such schema, 42501 for tables of '
'somebody else, 42P07 for a view of a report''s name that is not ours, 22004 for NULL.';
