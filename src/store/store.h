/*-------------------------------------------------------------------------
 *
 * store.h
 *	  Maintained balances: positions that are kept beside a ledger's rows.
 *
 * Invariant: in every snapshot, for each customer and relation, the sum of the
 * store's visible rows is the tally of the relation's visible rows.  All that
 * writes the store keeps it: a trigger adds what its statement changed, a fold
 * replaces rows by their sum, a repair adds the difference that its snapshot
 * shows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_STORE_H
#define BALANCE_STORE_H

#include "compat.h"

#include "access/genam.h"
#include "commands/trigger.h"
#include "executor/tuptable.h"
#include "funcapi.h"
#include "ledger/progress.h"
#include "ledger/source.h"
#include "nodes/execnodes.h"
#include "utils/date.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"

#define STORE_NAME		"balance_store"
#define MARKER_NAME		"balance_maintained"
#define HISTORY_NAME	"balance_history"
#define TRIGGER_PREFIX	"!balance_"

/* The columns of the store. */
enum
{
	STORE_SOURCE = 1,			/* the letter of a relation */
	STORE_CUSTOMER,				/* the id's text, or NULL; see customer_key() */
	STORE_BAD,					/* how many rows no document could tally */
	STORE_LATEST,				/* no row is dated after this; or NULL */
	STORE_POSITION,				/* packed, as bytes: they survive the type */
	STORE_DAY,					/* of recording, in UTC; NULL if folded */
	STORE_LONG_CUSTOMER,		/* the id's text where STORE_CUSTOMER has less */
	NUM_STORE_COLUMNS = STORE_LONG_CUSTOMER,
	NUM_ROW_VALUES = STORE_DAY
};

/* The columns of a query for rows of the store: from the customer to the position. */
#define NUM_CHANGE_COLUMNS	(STORE_POSITION - STORE_SOURCE)

/* The whole id of a row s, as SQL. */
#define SQL_WHOLE_ID	"COALESCE(s.long_customer_id, s.customer_id)"

/* A row of the store; its customer is the whole id, however long. */
typedef struct StoreRow
{
	Datum		values[NUM_ROW_VALUES];
	bool		nulls[NUM_ROW_VALUES];
} StoreRow;

#define ROW_VALUE(row, column)	((row)->values[(column) - 1])
#define ROW_NULL(row, column)	((row)->nulls[(column) - 1])

/*
 * A store that is open.  Its index by customer is NULL if that was dropped, and
 * the rest as long as it is for reading only.
 */
typedef struct Store
{
	Relation	heap;
	Relation	index;
	ResultRelInfo *target;		/* with all indexes, users' included */
	EState	   *estate;			/* for the expressions of those */
	TupleTableSlot *slot;		/* the row that is being written */
} Store;

#define NUM_MARKER_COLUMNS	4

/* What the marker of a store says of a relation. */
typedef struct Marker
{
	bool		found;
	char	   *signature;
	DateADT		built;			/* when it was last filled or repaired */
	Datum		unrecorded;		/* days of which the history does not tell */
} Marker;

/* The rows of a customer, added up. */
typedef struct Stored
{
	Datum	   *positions;
	int			n;
	int			allocated;
	int64		bad;
	TimestampTz latest;
} Stored;

/* A relation whose positions are kept. */
typedef struct KeptRelation
{
	const char *name;
	char		letter;			/* of its rows in the store */
	const SourceSpec *source;
} KeptRelation;

enum
{
#define KEPT(relation, letter, source)	KEPT_##relation,
#include "ledger/columns.def"
	NUM_KEPT_RELATIONS
};

extern const KeptRelation kept_relations[NUM_KEPT_RELATIONS];

/* store.c */
extern Oid	find_store(Oid schema);
extern Oid	find_marker(Oid schema);
extern Store open_store(Oid relid);
extern Store open_store_to_write(Oid relid);
extern Oid	find_history(Oid schema);
extern void close_store(Store *store);
extern void append_row(Store *store, StoreRow *row);
extern SysScanDesc scan_customer(const Store *store, Datum customer,
								 bool customer_is_null, Snapshot snapshot);
extern void read_row(const Store *store, HeapTuple tuple, StoreRow *row);
extern void read_slot(TupleTableSlot *slot, StoreRow *row);
extern SnapshotData snapshot_until_now(void);
extern bool delete_row(const Store *store, ItemPointer place);
extern struct varlena *row_position(const StoreRow *row);
extern void put_sum(StoreRow *row, const Stored *stored);
extern bool says_something(const StoreRow *row);
extern bool is_zero_position(Datum position);
extern StoreRow row_of_no_customer(char letter, int64 bad, DateADT day);
extern Datum zero_position(void);
extern DateADT recording_day(void);

extern bool has_row_security(Oid relid);

/* marker.c */
extern Marker read_marker(Oid schema, const KeptRelation *kept, Snapshot snapshot);
extern bool marker_is_valid(const Marker *marker, Oid relid, const KeptRelation *kept,
							Oid store, Snapshot snapshot);

/* relations.c */
extern const KeptRelation *find_kept(const char *name);
extern char lost_letter(const KeptRelation *kept);
extern bool kept_columns_fit(const LedgerRelation *relation, const KeptRelation *kept);
extern const char *why_not_kept(const LedgerRelation *relation,
								const KeptRelation *kept);
extern void append_change(StringInfo sql, const LedgerRelation *relation,
						  const KeptRelation *kept, const char *plus,
						  const char *minus);
extern const char *stored_tally(const char *rows, bool is_packed);

/* views.c */
extern Oid	kept_table(Oid relid, const KeptRelation *kept);
extern const char *why_view_not_kept(Oid relid, const KeptRelation *kept);
extern bool lock_kept_views(Oid relid, const KeptRelation *kept);
extern bool views_are_as_seen(Oid relid, const KeptRelation *kept, Snapshot snapshot);
extern bool view_may_lose(Oid relid, const KeptRelation *kept);
extern bool may_read_below(Oid relid, const KeptRelation *kept);
extern uint64 signature_add_view(uint64 signature, Oid relid, const KeptRelation *kept);
extern uint64 signature_add_read(uint64 signature, Oid relid, const KeptRelation *kept,
								 Oid member);

/* view_rows.c */
extern Tuplestorestate *view_rows(Oid relid, const KeptRelation *kept, Relation member,
								  Tuplestorestate *from, int64 *lost);

/* tally.c */
typedef struct RowTally RowTally;
typedef void (*PutChange) (StoreRow *row, void *receiver);
extern void rewind_rows(Tuplestorestate *rows);
extern RowTally *plan_tally(const KeptRelation *kept, Oid shape);
extern void tally_rows(const RowTally *tally, TupleDesc shape, Tuplestorestate *new_rows,
					   Tuplestorestate *old_rows, PutChange put, void *receiver);

/* signature.c */
extern uint64 signature_add_oid(uint64 signature, Oid oid);
extern uint64 signature_add_cached(uint64 signature, HeapTuple tuple);
extern uint64 signature_add_tuple(uint64 signature, HeapTuple tuple);
extern uint64 signature_add_labels(uint64 signature, Oid type);
extern const char *trigger_name(const char *name, Oid relid);
extern uint64 store_generation(void);
extern const char *store_signature(Oid relid, const KeptRelation *kept, Oid store);
extern bool signature_is_of(const char *signature, Oid relid, const KeptRelation *kept,
							Oid store, Snapshot snapshot);
extern Oid	trigger_store(Oid trigger);
extern Oid	trigger_relation(Oid trigger);
extern List *store_writers(Oid store);

/* triggers.c */
extern const TriggerData *get_trigger_data(FunctionCallInfo fcinfo, const char *function);

/* append.c */
#define STORED_ROWS	"balance_stored"
extern uint64 append_query(const char *sql, Oid store, char letter, bool is_of_today,
						   Progress *progress);

/* read.c */
extern bool may_read(Oid relid, const KeptRelation *kept);

/* writers.c */
extern void store_init(void);
extern void note_append(CommandId command);
extern bool is_from_within(Snapshot snapshot);
extern bool is_being_written(Oid relid);
extern bool is_replica(void);
extern bool is_applying(void);

/* read.c */
extern const KeptRelation *require_kept(const char *name);
extern bool store_counts_for(Oid schema, const KeptRelation *kept, Snapshot snapshot);
extern Oid	decide_store(MemoryContext query, Oid schema, const KeptRelation *kept,
						 Snapshot snapshot);
extern void begin_stored(Stored *stored);
extern void add_stored(Stored *stored, const StoreRow *row);
extern bool is_left_to_rows(const Stored *stored, const TimestampTz *until);
extern struct varlena *stored_sum(const Stored *stored);

/* scan.c */
extern void store_scan_init(void);

/* fold.c */
extern int64 fold_customer(Store *store, Datum customer, bool customer_is_null,
						   bool completely);

#endif							/* BALANCE_STORE_H */
