-- Rows that are named by an id which others have, too.  C: named_once.c

CREATE FUNCTION balance.named_once(copies bigint, relation text, id text)
RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;

COMMENT ON FUNCTION balance.named_once(bigint, text, text) IS
'True if copies, the number of rows of a relation that have an id, is NULL or not above 1; else '
'raises 21000 naming the relation and the id. What reads a ledger in time calls it of invoices and '
'credit memos that a payment or an application names, and documents, books and report views of '
'unpaid invoices that a line item names and memos that an application names: it could mean either.';
