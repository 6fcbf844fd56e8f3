-- Maintained balances.  C: maintain.c, position_recorded.c, src/store/

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

CREATE FUNCTION balance.store_guard()
RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;

COMMENT ON FUNCTION balance.store_guard() IS
'Trigger of the store: refuses what is written into it by hand with 55000, and skips what comes '
'from a publisher, or by COPY as from a dump.';

CREATE FUNCTION balance.maintain(
	ledger regnamespace DEFAULT NULL,
	OUT relation text, OUT valid boolean, OUT reason text,
	OUT stored_rows bigint, OUT waiting_rows bigint, OUT size bigint, OUT bad_rows bigint)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000 ROWS 4;

COMMENT ON FUNCTION balance.maintain(regnamespace) IS
'Maintains the balances of a ledger (the setting balance.ledger where it is NULL): creates the '
'tables balance_store and balance_maintained in it, which belong to the schema''s owner, and '
'triggers on its invoice, deposit, vcu_invoice and vcu_order and their partitions, and fills the '
'store. Each statement that changes them appends its exact change from then on. Returns what '
'maintenance() returns; relations that cannot be kept are named there.
Writers of a relation wait for it until the end of the transaction where its triggers are made. '
'Only in READ COMMITTED (25001), by the owner of the schema who owns the relations, too (42501). '
'Calling it again is repair().
DROP EXTENSION needs CASCADE while there are triggers, and leaves the tables: after CREATE '
'EXTENSION the rows answer until repair().';

CREATE FUNCTION balance.repair(
	ledger regnamespace DEFAULT NULL,
	OUT relation text, OUT valid boolean, OUT reason text,
	OUT stored_rows bigint, OUT waiting_rows bigint, OUT size bigint, OUT bad_rows bigint)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000 ROWS 4;

COMMENT ON FUNCTION balance.repair(regnamespace) IS
'Makes the store of a maintained ledger (the setting balance.ledger where it is NULL) right and '
'valid again, after whatever made it invalid: makes triggers that are missing, and adds what the '
'store lacks, as one snapshot shows it, while writers go on; they wait only where a trigger must '
'be made. Returns what maintenance() returns. Only in READ COMMITTED (25001). Raises 55000 where '
'the ledger is not maintained, 42501 for others than the owner.';

CREATE FUNCTION balance.maintenance(
	ledger regnamespace DEFAULT NULL,
	OUT relation text, OUT valid boolean, OUT reason text,
	OUT stored_rows bigint, OUT waiting_rows bigint, OUT size bigint, OUT bad_rows bigint)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 10000 ROWS 4;

COMMENT ON FUNCTION balance.maintenance(regnamespace) IS
'How the maintenance of a ledger is going (the setting balance.ledger where it is NULL), a row a '
'relation that can be kept and is there: whether its store is valid, or why not; its rows in the '
'store, how many of them fold() would do away with, their size in bytes without indexes, and how '
'many rows of the relation no document can tally (NULLs where the ledger is not maintained). Needs '
'SELECT on the store (42501).';

CREATE FUNCTION balance.fold(ledger regnamespace DEFAULT NULL, customers text[] DEFAULT NULL)
RETURNS bigint
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 10000;

COMMENT ON FUNCTION balance.fold(regnamespace, text[]) IS
'Replaces the rows of each customer in the store of a ledger (the setting balance.ledger where it '
'is NULL) by their sum: of these customers, or of all where customers is NULL. Returns how many '
'rows it took away. Never waits; what other sessions fold at the time is left alone. Writers fold '
'a little by themselves. Raises 55000 where the ledger is not maintained, 42501 for others than '
'the owner.';

CREATE FUNCTION balance.prune_history(before date, ledger regnamespace DEFAULT NULL)
RETURNS bigint
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 10000;

COMMENT ON FUNCTION balance.prune_history(date, regnamespace) IS
'Deletes what each day changed from the history of a maintained ledger (the setting '
'balance.ledger where it is NULL), for days before this one (of UTC; at most today). From then on '
'position_recorded() tells of no day before the last of them. Returns how many rows went. Raises '
'22004 for a NULL before, 55000 where the ledger is not maintained, 42501 for others than the '
'owner.';

CREATE FUNCTION balance.stop_maintaining(ledger regnamespace DEFAULT NULL)
RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION balance.stop_maintaining(regnamespace) IS
'Drops the store of a ledger (the setting balance.ledger where it is NULL) and its triggers; false '
'if there is none. Waits for writers. Raises 42501 for others than the owner.';

-- what the books said

CREATE FUNCTION balance.position_recorded(
	customer_id text, day date, ledger regnamespace DEFAULT NULL)
RETURNS balance.position
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 1000;

COMMENT ON FUNCTION balance.position_recorded(text, date, regnamespace) IS
'What the books of a maintained ledger (the setting balance.ledger where it is NULL) said of a '
'customer at the end of a day of UTC: the position of all that statements had written into its '
'invoice, deposit, vcu_invoice and vcu_order by then, whatever it is dated and whatever was '
'corrected later. Charges and credit memos are not in it. Today it is what they say now. A '
'transaction counts on the days on which it wrote, so a day is final when those that wrote on it '
'have ended. NULL for a NULL customer_id.
Raises 55000 for days of which it was not recorded, with these in DETAIL: before maintain(), that '
'prune_history() has taken, or on which it is not known that the store counted; 22023 for a day '
'that has not begun, and where rows of the customer could not be tallied then; P0002 if the '
'ledger has customers but not this one, and nothing was recorded; 42501 without the rights to '
'read the relations, or under row security; 22004 for a NULL day.';

-- what queries over a ledger ask

CREATE FUNCTION balance.recorded_position(
	ledger regnamespace, relation text, customer_id text, day date)
RETURNS balance.position
AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL RESTRICTED COST 100;

COMMENT ON FUNCTION balance.recorded_position(regnamespace, text, text, date) IS
'What position_recorded() adds up: the position of one relation, for the id as its column prints '
'it. NULL for an argument that is NULL or a relation that is not there. Errors as '
'position_recorded(), also where the customer_id alone is NULL.';

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
