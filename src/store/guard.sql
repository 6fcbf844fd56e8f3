-- The trigger of a ledger's own tables.  C: guard.c

CREATE FUNCTION balance.store_guard()
RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;

COMMENT ON FUNCTION balance.store_guard() IS
'Trigger of the store: refuses what is written into it by hand with 55000, and skips what comes '
'from a publisher, or by COPY as from a dump.';
