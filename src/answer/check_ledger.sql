-- The shape of a ledger.  C: check_ledger.c

CREATE FUNCTION balance.check_ledger(
	ledger regnamespace DEFAULT NULL,
	OUT relation text, OUT "column" text, OUT severity text,
	OUT message text, OUT hint text)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 10000 ROWS 10;

COMMENT ON FUNCTION balance.check_ledger(regnamespace) IS
'What is wrong with the shape of a ledger (the setting balance.ledger where it is NULL), a row a '
'finding. Severity error: a document cannot be made (a required column is missing, a column has a '
'type that is not read, a materialized view has not been populated, or a right is missing: to the '
'schema, to a relation or a column, or below a view, as the view''s owner or the caller reads it). '
'Severity warning: slow, unsafe or at odds '
'(a look-up that no index serves, a view that reads a table with row security as its owner, report '
'views that read something else than the documents, a relation that foreign keys refer to and no '
'document reads). Severity notice: which figures lack what is absent, what is not read but looks '
'like a misspelling of what would be, money in major units of an integer type, a look-up that was '
'not planned. Where rows are on other servers of a cluster, these are asked, too: error, tables '
'that are not beside their customers, ids that are not joined by the customer, servers without the '
'extension; warning, shards without an index of their table, another version, row security, days '
'of no zone, dates that are written otherwise. The hint says what to do: a statement, or an item '
'for a view''s select list where it begins with "In a view". No rows: nothing to tell, as of a '
'ledger of create_ledger(). Reads no rows; verify() checks the data. Plans look-ups, which runs '
'immutable and stable functions of the ledger''s views, policies and indexes: with the rights of '
'the one role that owns them all, if the caller has its privileges, and else not at all. Raises '
'3F000 if there is no such schema, 42501 for a setting of the caller''s as customer_balance().';
