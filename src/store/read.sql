-- What queries over a ledger ask of its store.  C: read.c, positions.c, scan.c

CREATE FUNCTION balance.store_counts(ledger regnamespace, relation text)
RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 100;

COMMENT ON FUNCTION balance.store_counts(regnamespace, text) IS
'Whether the store of a ledger counts for a relation, in the snapshot of the query and for its '
'caller: it was built for the catalogue as it is now, no row security applies, the caller may read '
'the relation''s columns, and no statement of this session is writing the relation. NULL where an '
'argument is NULL; 22023 for a relation that is never maintained.';

CREATE FUNCTION balance.stored_position(ledger regnamespace, relation text, customer_id text,
	until timestamptz)
RETURNS balance.position
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100;

COMMENT ON FUNCTION balance.stored_position(regnamespace, text, text, timestamptz) IS
'A customer''s position in a relation of a maintained ledger, from its store. NULL where the rows '
'must be read: an argument but the last is NULL, store_counts() says no, a row of the customer '
'cannot be tallied, or one of VCUs is dated after until. 22023 for a relation that is never '
'maintained.';

CREATE FUNCTION balance.stored_rows(
	ledger regnamespace, relation text,
	OUT customer_id text, OUT bad bigint, OUT latest timestamptz, OUT "position" balance.position)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED COST 10000 ROWS 10000;

COMMENT ON FUNCTION balance.stored_rows(regnamespace, text) IS
'The rows of a ledger''s store for a relation, which add up to its customers'' positions: the id '
'as text, how many rows cannot be tallied, after which instant none is dated (null but for VCUs), '
'and the position. No row where store_counts() says no.';

CREATE FUNCTION balance.stored_positions_support(internal)
RETURNS internal
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION balance.stored_positions_support(internal) IS
'For the planner: how many rows stored_positions() returns.';

CREATE FUNCTION balance.stored_positions(
	ledger regnamespace, relations text[], until timestamptz, by_currency boolean)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000 ROWS 10000
SUPPORT balance.stored_positions_support;

COMMENT ON FUNCTION balance.stored_positions(regnamespace, text[], timestamptz, boolean) IS
'The positions of a ledger''s customers in these relations together, from its store, as columns '
'customer_id (of any type that its text can be read as), currency text (in upper case) if '
'by_currency, and position. The position is NULL where the rows must be read: one of the '
'customer''s cannot be tallied, or one of VCUs is dated after until; the currencies are then '
'those of these rows. No row where an argument but until is NULL, or store_counts() says no of a '
'relation. 22023 for a relation that is never maintained, 42804 for other columns.';
