-- Maintained balances.  C: maintain.c, position_recorded.c

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
'Raises 3F000 if there is no such ledger. Only in READ COMMITTED (25001), by the owner of the '
'schema who owns the relations, too (42501). Calling it again is repair().
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
'the ledger is not maintained, 3F000 where there is none, 42501 for others than the owner.';

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
'SELECT on the store (42501). Raises 3F000 if there is no such ledger.';

CREATE FUNCTION balance.fold(ledger regnamespace DEFAULT NULL, customers text[] DEFAULT NULL)
RETURNS bigint
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 10000;

COMMENT ON FUNCTION balance.fold(regnamespace, text[]) IS
'Replaces the rows of each customer in the store of a ledger (the setting balance.ledger where it '
'is NULL) by their sum: of these customers, or of all where customers is NULL. Returns how many '
'rows it took away. Never waits; what other sessions fold at the time is left alone. Writers fold '
'a little by themselves. Raises 55000 where the ledger is not maintained, 3F000 where there is '
'none, 42501 for others than the owner.';

CREATE FUNCTION balance.prune_history(before date, ledger regnamespace DEFAULT NULL)
RETURNS bigint
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 10000;

COMMENT ON FUNCTION balance.prune_history(date, regnamespace) IS
'Deletes what each day changed from the history of a maintained ledger (the setting balance.ledger '
'where it is NULL), for days before this one (of UTC; at most today). From then on '
'position_recorded() tells of no day before the last of them. Returns how many rows went. Raises '
'22004 for a NULL before, 55000 where the ledger is not maintained, 3F000 where there is none, '
'42501 for others than the owner.';

CREATE FUNCTION balance.stop_maintaining(ledger regnamespace DEFAULT NULL)
RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION balance.stop_maintaining(regnamespace) IS
'Drops the store of a ledger (the setting balance.ledger where it is NULL) and its triggers; false '
'if there is none. Waits for writers. Raises 3F000 if there is no such ledger, 42501 for others '
'than the owner.';

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
'that has not begun, and where rows of the customer could not be tallied then; P0002 if the ledger '
'has customers but not this one, and nothing was recorded; 42501 without the rights to read the '
'relations, or under row security; 22004 for a NULL day; other errors as customer_balance().';
