/*-------------------------------------------------------------------------
 *
 * read.c
 *	  Reading a store: whether it counts for a snapshot, and what it says.
 *
 * These functions stand in the queries over a ledger, beside the rows that they
 * save reading.  No role has rights to the store itself: a role that may read the
 * columns of a relation may know what they add up to.
 *
 *-------------------------------------------------------------------------
 */
#include "store.h"

#include "access/table.h"
#include "catalog/index.h"
#include "catalog/pg_inherits.h"
#include "funcapi.h"
#include "ledger/snapshot.h"
#include "miscadmin.h"
#include "position/datum.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

/* ---- whether it counts ---- */

/* Whether the caller may read all columns that the store was made of. */
bool
may_read(Oid relid, const KeptRelation *kept)
{
	if (pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) == ACLCHECK_OK)
		return true;
	for (const ColumnSpec *column = find_relation_spec(kept->name)->columns;
		 column->name; column++)
	{
		AttrNumber	number = get_attnum(relid, column->name);

		if (number != InvalidAttrNumber &&
			pg_attribute_aclcheck(relid, number, GetUserId(), ACL_SELECT) != ACLCHECK_OK)
			return false;
	}
	return true;
}

/*
 * Whether a view has rows whose customer cannot be told: they fail all queries
 * of it, until they are gone.  They are found by the store's index only.
 */
static bool
has_lost_rows(Oid relid, const KeptRelation *kept, Snapshot snapshot)
{
	Store		store = open_store(relid);
	SysScanDesc scan = scan_customer(&store, (Datum) 0, true, snapshot);
	bool		has_index = store.index != NULL;
	HeapTuple	tuple;
	StoreRow	row;
	int64		lost = 0;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		CHECK_FOR_INTERRUPTS();
		read_row(&store, tuple, &row);
		if (DatumGetChar(ROW_VALUE(&row, STORE_SOURCE)) == lost_letter(kept))
			lost += DatumGetInt64(ROW_VALUE(&row, STORE_BAD));
	}
	systable_endscan(scan);
	close_store(&store);
	return lost != 0 || !has_index;
}

/*
 * The store of a ledger's relation if it counts for the snapshot and for the
 * caller, else InvalidOid.
 */
static Oid
counting_store(Oid schema, const KeptRelation *kept, Snapshot snapshot)
{
	Oid			store = find_store(schema);
	Oid			relid = get_relname_relid(kept->name, schema);
	Oid			table;
	Marker		marker;

	if (!OidIsValid(store) || !OidIsValid(relid) ||
		schema_aclcheck(schema, GetUserId(), ACL_USAGE) != ACLCHECK_OK ||
		!may_read(relid, kept) ||
		check_enable_rls(relid, InvalidOid, true) == RLS_ENABLED)
		return InvalidOid;
	table = kept_table(relid, kept);
	if (!OidIsValid(table) ||
		is_being_written(table) || is_from_within(snapshot) ||
		!may_read_below(relid, kept))
		return InvalidOid;
	marker = read_marker(schema, kept, snapshot);
	if (!marker_is_valid(&marker, relid, kept, store, snapshot) ||
		(view_may_lose(relid, kept) && has_lost_rows(store, kept, snapshot)))
		return InvalidOid;
	return store;
}

/* Whether it does now, as far as a plan is concerned. */
bool
store_counts_for(Oid schema, const KeptRelation *kept, Snapshot snapshot)
{
	return kept != NULL && OidIsValid(counting_store(schema, kept, snapshot));
}

/* What can be maintained, for an error. */
/* INDENT OFF */
static const char kept_names[] =
#define KEPT(relation, letter, source)	", " #relation
#include "ledger/columns.def"
;
/* INDENT ON */

/* The relation of a name, which must be one that is kept. */
const KeptRelation *
require_kept(const char *name)
{
	const KeptRelation *kept = find_kept(name);

	if (kept == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("relation \"%s\" is none that is maintained", name),
				 errdetail("There are %s.", kept_names + strlen(", "))));
	return kept;
}

/* ---- the same for a whole query ---- */

/*
 * What a query has been told of a relation's store.  Its parts ask for it one by
 * one, and all of them must go to the same source, whatever others do meanwhile
 * to the catalogue.  What was true of a snapshot stays true of it.
 */
typedef struct Decision
{
	struct Decision *next;
	MemoryContext query;		/* it ends with this */
	MemoryContextCallback callback;
	Oid			schema;
	char		letter;
	Oid			user;
	bool		row_security;
	SnapshotAge age;			/* of the snapshot */
	Oid			store;
} Decision;

static Decision *decisions = NULL;

static void
forget_decision(void *argument)
{
	Decision  **link = &decisions;

	while (*link != NULL && *link != argument)
		link = &(*link)->next;
	if (*link != NULL)
		*link = (*link)->next;
}

/* Whether two are of the same query, as it is run now. */
static bool
same_question(const Decision *a, const Decision *b)
{
	return a->query == b->query && a->schema == b->schema && a->letter == b->letter &&
		a->user == b->user && a->row_security == b->row_security &&
		same_age(&a->age, &b->age);
}

/*
 * The store if it counts and can be read to the end of the query.  The rows of a
 * relation that was rewritten since the snapshot are not what they were, and
 * the query is to find that out as it does without a store.
 */
static Oid
lock_counting_store(Oid schema, const KeptRelation *kept, Snapshot snapshot)
{
	Oid			store = counting_store(schema, kept, snapshot);
	Oid			relid = get_relname_relid(kept->name, schema);
	Relation	relation;
	ListCell   *lc;

	if (!OidIsValid(store))
		return InvalidOid;
	relation = try_table_open(store, AccessShareLock);
	if (relation == NULL)
		return InvalidOid;
	table_close(relation, NoLock);
	foreach(lc, find_all_inheritors(kept_table(relid, kept), NoLock, NULL))
	{
		if (!relation_is_as_seen(lfirst_oid(lc), snapshot))
			return InvalidOid;
	}
	return views_are_as_seen(relid, kept, snapshot) ? store : InvalidOid;
}

/* The store that a query of this memory context reads, or InvalidOid. */
Oid
decide_store(MemoryContext query, Oid schema, const KeptRelation *kept, Snapshot snapshot)
{
	Decision	asked = {
		.query = query,
		.schema = schema,
		.letter = kept->letter,
		.user = GetUserId(),
		.row_security = row_security,
		.age = snapshot_age(snapshot)
	};
	Decision   *decision;

	for (decision = decisions; decision != NULL; decision = decision->next)
		if (same_question(decision, &asked))
			return decision->store;
	asked.store = lock_counting_store(schema, kept, snapshot);
	decision = MemoryContextAlloc(query, sizeof(Decision));
	*decision = asked;
	decision->callback.func = forget_decision;
	decision->callback.arg = decision;
	MemoryContextRegisterResetCallback(query, &decision->callback);
	decision->next = decisions;
	decisions = decision;
	return decision->store;
}

PG_FUNCTION_INFO_V1(store_counts);
Datum
store_counts(PG_FUNCTION_ARGS)
{
	const KeptRelation *kept = require_kept(text_to_cstring(PG_GETARG_TEXT_PP(1)));

	PG_RETURN_BOOL(OidIsValid(decide_store(fcinfo->flinfo->fn_mcxt, PG_GETARG_OID(0), kept,
										   GetActiveSnapshot())));
}

/* ---- a customer ---- */

void
begin_stored(Stored *stored)
{
	memset(stored, 0, sizeof(Stored));
	stored->allocated = 8;
	stored->positions = palloc(stored->allocated * sizeof(Datum));
	stored->latest = DT_NOBEGIN;
}

/* Add a row. */
void
add_stored(Stored *stored, const StoreRow *row)
{
	if (stored->n == stored->allocated)
	{
		stored->allocated *= 2;
		stored->positions = repalloc_huge(stored->positions,
										  stored->allocated * sizeof(Datum));
	}
	stored->positions[stored->n++] = PointerGetDatum(row_position(row));
	stored->bad += DatumGetInt64(ROW_VALUE(row, STORE_BAD));
	if (!ROW_NULL(row, STORE_LATEST))
		stored->latest = Max(stored->latest, DatumGetTimestampTz(ROW_VALUE(row, STORE_LATEST)));
}

/* Whether the rows must tell: one is bad, or is dated after the instant. */
bool
is_left_to_rows(const Stored *stored, const TimestampTz *until)
{
	return stored->bad != 0 ||
		(!TIMESTAMP_IS_NOBEGIN(stored->latest) && (until == NULL || stored->latest > *until));
}

/* What it adds up to, not packed. */
struct varlena *
stored_sum(const Stored *stored)
{
	return sum_of_positions(stored->positions, palloc0(stored->n * sizeof(bool) + 1),
							stored->n);
}

static void
read_stored(Oid relid, char letter, Datum customer, Snapshot snapshot, Stored *stored)
{
	Store		store = open_store(relid);
	SysScanDesc scan = scan_customer(&store, customer, false, snapshot);
	HeapTuple	tuple;
	StoreRow	row;

	begin_stored(stored);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		CHECK_FOR_INTERRUPTS();
		read_row(&store, tuple, &row);
		if (DatumGetChar(ROW_VALUE(&row, STORE_SOURCE)) == letter)
			add_stored(stored, &row);
	}
	systable_endscan(scan);
	close_store(&store);
}

/*
 * A customer's position in a relation, or NULL where the rows must tell: the store
 * does not count, one of the customer's rows is bad or dated after the instant.
 */
PG_FUNCTION_INFO_V1(stored_position);
Datum
stored_position(PG_FUNCTION_ARGS)
{
	const KeptRelation *kept;
	Snapshot	snapshot = GetActiveSnapshot();
	Stored		stored;
	struct varlena *position;
	TimestampTz until;
	Oid			store;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	kept = require_kept(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	store = counting_store(PG_GETARG_OID(0), kept, snapshot);
	if (!OidIsValid(store))
		PG_RETURN_NULL();
	read_stored(store, kept->letter, PG_GETARG_DATUM(2), snapshot, &stored);
	until = PG_ARGISNULL(3) ? 0 : PG_GETARG_TIMESTAMPTZ(3);
	if (is_left_to_rows(&stored, PG_ARGISNULL(3) ? NULL : &until))
		PG_RETURN_NULL();
	position = stored_sum(&stored);
	/* packed when it is stored or sent, as an aggregate's result is */
	if (state_is(position))
		PG_RETURN_DATUM(state_expanded((PositionState *) position));
	PG_RETURN_POINTER(position);
}

/* ---- all customers ---- */

/* All rows of a relation, if the store counts. */
PG_FUNCTION_INFO_V1(stored_rows);
Datum
stored_rows(PG_FUNCTION_ARGS)
{
	const KeptRelation *kept = require_kept(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Snapshot	snapshot = GetActiveSnapshot();
	Oid			relid = decide_store(fcinfo->flinfo->fn_mcxt, PG_GETARG_OID(0), kept, snapshot);
	Store		store;
	SysScanDesc scan;
	HeapTuple	tuple;
	StoreRow	row;

	InitMaterializedSRF(fcinfo, 0);
	if (!OidIsValid(relid))
		return (Datum) 0;
	store = open_store(relid);
	scan = systable_beginscan(store.heap, InvalidOid, false, snapshot, 0, NULL);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		CHECK_FOR_INTERRUPTS();
		read_row(&store, tuple, &row);
		if (DatumGetChar(ROW_VALUE(&row, STORE_SOURCE)) != kept->letter)
			continue;
		ROW_VALUE(&row, STORE_POSITION) =
			DirectFunctionCall1(position_from_packed, PointerGetDatum(row_position(&row)));
		tuplestore_putvalues(result->setResult, result->setDesc, &row.values[1],
							 &row.nulls[1]);
	}
	systable_endscan(scan);
	close_store(&store);
	return (Datum) 0;
}
