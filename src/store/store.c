/*-------------------------------------------------------------------------
 *
 * store.c
 *	  The table of a ledger that keeps positions, row by row.
 *
 * Rows go in and out on the heap, past the executor: triggers of the table are
 * there to refuse all others, a role that writes into a ledger needs no right to
 * its store, and a publication for all tables has no part in it.
 *
 *-------------------------------------------------------------------------
 */
#include "store.h"
#include "owner.h"

#include "access/detoast.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "mb/pg_wchar.h"
#include "position/datum.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "value/datetime.h"

/* ---- its shape ---- */

/*
 * Positions are kept packed in bytea: the store belongs to the ledger's owner, and
 * what has the extension's type goes with the extension.
 */
static const Oid column_types[NUM_STORE_COLUMNS] = {
	CHAROID, TEXTOID, INT8OID, TIMESTAMPTZOID, BYTEAOID, DATEOID, TEXTOID
};

static const Oid marker_types[NUM_MARKER_COLUMNS] = {
	TEXTOID, TEXTOID, DATEOID, DATEMULTIRANGEOID
};

/* Whether a table has the columns that it was made with, where they were. */
static bool
has_types(TupleDesc columns, const Oid *types, int n)
{
	if (columns->natts < n)
		return false;
	for (int i = 0; i < n; i++)
	{
		Form_pg_attribute column = TupleDescAttr(columns, i);

		if (column->attisdropped || column->atttypid != types[i])
			return false;
	}
	return true;
}

static bool
has_columns(TupleDesc columns)
{
	return has_types(columns, column_types, NUM_STORE_COLUMNS);
}

/* A table of a ledger that has columns of these types, or InvalidOid. */
static Oid
find_of_shape(Oid schema, const char *name, const Oid *types, int n)
{
	Oid			relid = get_relname_relid(name, schema);
	Relation	heap;
	bool		has_shape;

	if (!OidIsValid(relid) || get_rel_relkind(relid) != RELKIND_RELATION)
		return InvalidOid;
	heap = try_table_open(relid, AccessShareLock);
	if (heap == NULL)
		return InvalidOid;
	has_shape = has_types(RelationGetDescr(heap), types, n);
	table_close(heap, NoLock);
	return has_shape ? relid : InvalidOid;
}

/* The store of a ledger, or InvalidOid. */
Oid
find_store(Oid schema)
{
	return find_of_shape(schema, STORE_NAME, column_types, NUM_STORE_COLUMNS);
}

/* What the store's rows were on each day; its rows are like those of the store. */
Oid
find_history(Oid schema)
{
	return find_of_shape(schema, HISTORY_NAME, column_types, NUM_STORE_COLUMNS);
}

/* What says for which state of the catalogue the store counts, or InvalidOid. */
Oid
find_marker(Oid schema)
{
	return find_of_shape(schema, MARKER_NAME, marker_types, NUM_MARKER_COLUMNS);
}

pg_noreturn static void
report_altered(const Store *store, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("store \"%s\" was altered so that balance cannot write to it",
					RelationGetRelationName(store->heap)),
			 errdetail_internal("%s", detail),
			 errhint("Undo that, or call balance.stop_maintaining().")));
}

/*
 * Rows go past the executor, so what an owner has added to the store must be
 * such that a row may go without it, and be one of many.
 */
static void
require_writable(const Store *store)
{
	TupleDesc	columns = RelationGetDescr(store->heap);

	if (!has_columns(columns))
		report_altered(store, "Its columns are others.");
	for (int i = NUM_STORE_COLUMNS; i < columns->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(columns, i);

		if (!column->attisdropped && (column->attnotnull || column->attgenerated != '\0'))
			report_altered(store, psprintf("Its column \"%s\" cannot be null.",
										   NameStr(column->attname)));
	}
	for (int i = 0; i < store->target->ri_NumIndices; i++)
	{
		Relation	index = store->target->ri_IndexRelationDescs[i];

		if (index->rd_index->indisunique || index->rd_index->indisexclusion)
			report_altered(store, psprintf("Its index \"%s\" wants rows to differ.",
										   RelationGetRelationName(index)));
	}
}

/* ---- opening ---- */

/* Whether an index finds the rows of a customer. */
static bool
is_by_customer(Relation index)
{
	return index->rd_rel->relam == BTREE_AM_OID && index->rd_index->indisvalid &&
		index->rd_index->indkey.values[0] == STORE_CUSTOMER &&
		index->rd_indcollation[0] == C_COLLATION_OID &&
		heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, NULL);
}

/* To read; the locks are kept to the end of the transaction, as the executor does. */
Store
open_store(Oid relid)
{
	Store		store = {
		.heap = table_open(relid, AccessShareLock)
	};
	List	   *indexes = RelationGetIndexList(store.heap);
	ListCell   *lc;

	foreach(lc, indexes)
	{
		Relation	index = index_open(lfirst_oid(lc), AccessShareLock);

		if (is_by_customer(index))
		{
			store.index = index;
			break;
		}
		index_close(index, NoLock);
	}
	list_free(indexes);
	return store;
}

/* Whether something has to be computed for an index. */
static bool
is_computed(const IndexInfo *info)
{
	return info->ii_Expressions != NIL || info->ii_Predicate != NIL;
}

/* To write, with all of its indexes: an owner may have added some. */
Store
open_store_to_write(Oid relid)
{
	Store		store = {
		.heap = table_open(relid, RowExclusiveLock)
	};

	store.target = makeNode(ResultRelInfo);
	InitResultRelInfo(store.target, store.heap, 0, NULL, 0);
	ExecOpenIndices(store.target, false);
	require_writable(&store);
	for (int i = 0; i < store.target->ri_NumIndices; i++)
	{
		Relation	index = store.target->ri_IndexRelationDescs[i];

		if (store.index == NULL && is_by_customer(index))
			store.index = index;
		if (store.estate == NULL && is_computed(store.target->ri_IndexRelationInfo[i]))
			store.estate = CreateExecutorState();
	}
	store.slot = MakeSingleTupleTableSlot(RelationGetDescr(store.heap), &TTSOpsVirtual);
	return store;
}

void
close_store(Store *store)
{
	if (store->target == NULL && store->index != NULL)
		index_close(store->index, NoLock);
	if (store->slot != NULL)
		ExecDropSingleTupleTableSlot(store->slot);
	if (store->estate != NULL)
		FreeExecutorState(store->estate);
	if (store->target != NULL)
		ExecCloseIndices(store->target);
	table_close(store->heap, NoLock);
}

/* ---- customers ---- */

/* An id of more bytes is too long for an index, or makes one too large to be of use. */
#define MAX_KEY_SIZE	(BLCKSZ / 8)

/* Whether a key stands in the store for an id. */
static bool
is_long(Datum id)
{
	return toast_raw_datum_size(id) - VARHDRSZ > MAX_KEY_SIZE;
}

/*
 * What the store has in place of an id, by which it is found.  The key of a long
 * one has its beginning and its digest, and is never that of a short one, as it is
 * longer than that can be.
 */
static Datum
customer_key(Datum id)
{
	text	   *whole;
	Datum		digest;
	StringInfoData key;

	if (!is_long(id))
		return id;
	whole = DatumGetTextPP(id);
	digest = DirectFunctionCall1(sha256_bytea, PointerGetDatum(whole));
	initStringInfo(&key);
	appendBinaryStringInfo(&key, VARDATA_ANY(whole),
						   pg_mbcliplen(VARDATA_ANY(whole), VARSIZE_ANY_EXHDR(whole),
										MAX_KEY_SIZE));
	appendStringInfoString(&key,
						   TextDatumGetCString(DirectFunctionCall2(binary_encode, digest,
																   CStringGetTextDatum("hex"))));
	return PointerGetDatum(cstring_to_text_with_len(key.data, key.len));
}

/* ---- writing ---- */

/* What is computed for an index of the store, is so with its owner's rights. */
static void
insert_computed(Store *store, Relation index, IndexInfo *info)
{
	Datum		values[INDEX_MAX_KEYS];
	bool		nulls[INDEX_MAX_KEYS];
	bool		wanted = true;
	Caller		caller = act_as(store->heap->rd_rel->relowner);

	GetPerTupleExprContext(store->estate)->ecxt_scantuple = store->slot;
	if (info->ii_Predicate != NIL)
	{
		if (info->ii_PredicateState == NULL)
			info->ii_PredicateState = ExecPrepareQual(info->ii_Predicate, store->estate);
		wanted = ExecQual(info->ii_PredicateState, GetPerTupleExprContext(store->estate));
	}
	if (wanted)
		FormIndexDatum(info, store->slot, store->estate, values, nulls);
	act_as_caller(caller);
	if (wanted)
		(void) index_insert(index, values, nulls, &store->slot->tts_tid, store->heap,
							UNIQUE_CHECK_NO, false, info);
	ResetPerTupleExprContext(store->estate);
}

static void
insert_into_indexes(Store *store)
{
	for (int i = 0; i < store->target->ri_NumIndices; i++)
	{
		Relation	index = store->target->ri_IndexRelationDescs[i];
		IndexInfo  *info = store->target->ri_IndexRelationInfo[i];
		Datum		values[INDEX_MAX_KEYS];
		bool		nulls[INDEX_MAX_KEYS];

		if (!info->ii_ReadyForInserts)
			continue;
		if (is_computed(info))
		{
			insert_computed(store, index, info);
			continue;
		}
		FormIndexDatum(info, store->slot, NULL, values, nulls);
		(void) index_insert(index, values, nulls, &store->slot->tts_tid, store->heap,
							UNIQUE_CHECK_NO, false, info);
	}
}

/* Nothing is published: a subscriber to the ledger's rows keeps a store of its own. */
void
append_row(Store *store, StoreRow *row)
{
	TupleTableSlot *slot = ExecClearTuple(store->slot);
	CommandId	command = GetCurrentCommandId(true);
	HeapTuple	tuple;

	memset(slot->tts_isnull, true, slot->tts_tupleDescriptor->natts * sizeof(bool));
	memcpy(slot->tts_values, row->values, sizeof(row->values));
	memcpy(slot->tts_isnull, row->nulls, sizeof(row->nulls));
	if (!ROW_NULL(row, STORE_CUSTOMER) && is_long(ROW_VALUE(row, STORE_CUSTOMER)))
	{
		slot->tts_values[STORE_CUSTOMER - 1] = customer_key(ROW_VALUE(row, STORE_CUSTOMER));
		slot->tts_values[STORE_LONG_CUSTOMER - 1] = ROW_VALUE(row, STORE_CUSTOMER);
		slot->tts_isnull[STORE_LONG_CUSTOMER - 1] = false;
	}
	ExecStoreVirtualTuple(slot);
	tuple = heap_form_tuple(slot->tts_tupleDescriptor, slot->tts_values, slot->tts_isnull);
	heap_insert(store->heap, tuple, command, HEAP_INSERT_NO_LOGICAL, NULL);
	note_append(command);
	slot->tts_tid = tuple->t_self;
	insert_into_indexes(store);
	heap_freetuple(tuple);
}

/* ---- reading ---- */

/*
 * All rows of a customer.  Those of no customer, which no query asks for, are found
 * by an index only.
 */
SysScanDesc
scan_customer(const Store *store, Datum customer, bool customer_is_null,
			  Snapshot snapshot)
{
	ScanKeyData key;

	if (customer_is_null)
		ScanKeyEntryInitialize(&key, SK_ISNULL | SK_SEARCHNULL, STORE_CUSTOMER,
							   InvalidStrategy, InvalidOid, InvalidOid, InvalidOid,
							   (Datum) 0);
	else
		ScanKeyInit(&key, STORE_CUSTOMER, BTEqualStrategyNumber, F_TEXTEQ,
					customer_key(customer));
	return systable_beginscan(store->heap, store->index == NULL ? InvalidOid :
							  RelationGetRelid(store->index), store->index != NULL,
							  snapshot, 1, &key);
}

/* The columns of a row, and none of those that an owner has added. */
void
read_row(const Store *store, HeapTuple tuple, StoreRow *row)
{
	TupleDesc	columns = RelationGetDescr(store->heap);
	bool		is_short;
	Datum		id = heap_getattr(tuple, STORE_LONG_CUSTOMER, columns, &is_short);

	for (int i = 0; i < NUM_ROW_VALUES; i++)
		row->values[i] = heap_getattr(tuple, i + 1, columns, &row->nulls[i]);
	if (!is_short)
		ROW_VALUE(row, STORE_CUSTOMER) = id;
}

/* The same from a slot. */
void
read_slot(TupleTableSlot *slot, StoreRow *row)
{
	slot_getsomeattrs(slot, NUM_STORE_COLUMNS);
	memcpy(row->values, slot->tts_values, sizeof(row->values));
	memcpy(row->nulls, slot->tts_isnull, sizeof(row->nulls));
	if (!slot->tts_isnull[STORE_LONG_CUSTOMER - 1])
		ROW_VALUE(row, STORE_CUSTOMER) = slot->tts_values[STORE_LONG_CUSTOMER - 1];
}

/*
 * The active snapshot, but with what this transaction has done until now: a row
 * that it has deleted is not to be deleted again.
 */
SnapshotData
snapshot_until_now(void)
{
	SnapshotData snapshot = *GetActiveSnapshot();

	snapshot.curcid = GetCurrentCommandId(false);
	return snapshot;
}

/* Delete a row, unless another transaction has or is about to. */
bool
delete_row(const Store *store, ItemPointer place)
{
	TM_FailureData failure;

	return delete_tuple(store->heap, place, GetCurrentCommandId(true), &failure) == TM_Ok;
}

/*
 * The position of a row, copied out of the page.  A superuser can get past the
 * guard, so the bytes are checked: here for being packed at all, and further when
 * they are read.
 */
struct varlena *
row_position(const StoreRow *row)
{
	struct varlena *packed =
		(struct varlena *) PG_DETOAST_DATUM_COPY(ROW_VALUE(row, STORE_POSITION));

	uint8		version = VARSIZE_ANY_EXHDR(packed) == 0 ? 0 : *(uint8 *) VARDATA_ANY(packed);

	if (version < POSITION_PACKED_1 || version > POSITION_PACKED)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("a row of a store has no position that can be read"),
				 errdetail("Its bytes are damaged, or of a later version of balance."),
				 errhint("balance.stop_maintaining() removes the store, and balance.maintain()"
						 " builds it anew.")));
	return packed;
}

/* Put a sum into a row; whose it is, and of when, it says already. */
void
put_sum(StoreRow *row, const Stored *stored)
{
	Datum		position = PointerGetDatum(stored_sum(stored));

	ROW_VALUE(row, STORE_BAD) = Int64GetDatum(stored->bad);
	ROW_VALUE(row, STORE_LATEST) = TimestampTzGetDatum(stored->latest);
	ROW_NULL(row, STORE_LATEST) = TIMESTAMP_IS_NOBEGIN(stored->latest);
	ROW_VALUE(row, STORE_POSITION) = PointerGetDatum(packed_from_datum(position));
}

bool
says_something(const StoreRow *row)
{
	return DatumGetInt64(ROW_VALUE(row, STORE_BAD)) != 0 || !ROW_NULL(row, STORE_LATEST) ||
		!is_zero_position(PointerGetDatum(row_position(row)));
}

/* Whether a position says nothing: in packed form it is its version alone. */
bool
is_zero_position(Datum position)
{
	return VARSIZE_ANY_EXHDR(packed_from_datum(position)) == 1;
}

/* The position that says nothing, packed. */
Datum
zero_position(void)
{
	struct varlena *sum = sum_of_positions(NULL, NULL, 0);

	return PointerGetDatum(packed_from_datum(PointerGetDatum(sum)));
}

/* A row of a day that belongs to no customer, and has no position. */
StoreRow
row_of_no_customer(char letter, int64 bad, DateADT day)
{
	StoreRow	row = {0};

	ROW_VALUE(&row, STORE_SOURCE) = CharGetDatum(letter);
	ROW_NULL(&row, STORE_CUSTOMER) = true;
	ROW_VALUE(&row, STORE_BAD) = Int64GetDatum(bad);
	ROW_NULL(&row, STORE_LATEST) = true;
	ROW_VALUE(&row, STORE_POSITION) = zero_position();
	ROW_VALUE(&row, STORE_DAY) = DateADTGetDatum(day);
	return row;
}

/* Today in UTC, whatever the session's zone is: the day that a change is of. */
DateADT
recording_day(void)
{
	return day_in_utc(GetCurrentTimestamp());
}

/* ---- tables ---- */

/* Whether policies may hide rows of a table from anyone. */
bool
has_row_security(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	bool		result;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", relid);
	result = ((Form_pg_class) GETSTRUCT(tuple))->relrowsecurity;
	ReleaseSysCache(tuple);
	return result;
}
