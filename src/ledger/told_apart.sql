-- Identifiers that a column does not tell apart.  C: told_apart.c

CREATE FUNCTION balance.told_apart(ids bigint, relation_column text, id text)
RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1;

COMMENT ON FUNCTION balance.told_apart(bigint, text, text) IS
'True if ids, the number of identifiers that a column of a relation takes for one and the same, '
'is NULL or not above 1; else raises 21000 naming the column and the identifier. Report views and '
'documents call it where an id has coarser rules in the relation that refers to it, such as '
'citext, than where it stands: a row could belong to either.';
