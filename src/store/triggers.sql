-- Triggers of maintained relations.  C: triggers.c, truncate.c

CREATE FUNCTION balance.store_statement()
RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;

COMMENT ON FUNCTION balance.store_statement() IS
'Trigger of maintained relations: appends to the store what a statement changed. Arguments: the '
'relation''s name in a ledger, and its OID.';

CREATE FUNCTION balance.store_row()
RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;

COMMENT ON FUNCTION balance.store_row() IS
'The same by row, in the apply workers of logical replication, where no triggers of statements '
'fire.';

CREATE FUNCTION balance.store_truncate()
RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;

COMMENT ON FUNCTION balance.store_truncate() IS
'The same for TRUNCATE. In REPEATABLE READ and SERIALIZABLE it raises 40001 if there are rows that '
'the transaction''s snapshot does not see.';
