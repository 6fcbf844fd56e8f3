-- The shape of a ledger.  C: check_ledger.c

CREATE FUNCTION balance.check_ledger(
	ledger regnamespace DEFAULT NULL,
	OUT relation text, OUT "column" text, OUT severity text,
	OUT message text, OUT hint text)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 10000 ROWS 10;

COMMENT ON FUNCTION balance.check_ledger(regnamespace) IS
'What is wrong with the shape of a ledger (the setting balance.ledger where it is NULL), a row a finding. Severity error: a document cannot be made (a required column is missing, or a column has a type that is not read, or a right is missing: to the schema, a relation or a column, also below a view, as view and caller read it; the hint is the GRANT). Severity warning: slow or unsafe (a look-up that no index serves, a view that reads a table with row security as its owner). No rows: nothing found. Severity notice: a look-up that was not planned. Reads no rows; verify() checks the data. Plans look-ups, which runs immutable and stable functions of the ledger''s views, policies and indexes: with the rights of the one role that owns them all, if the caller has its privileges, and else not at all. Raises 3F000 if there is no such schema.';
