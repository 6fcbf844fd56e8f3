/*-------------------------------------------------------------------------
 *
 * store.c
 *	  The table of a ledger that keeps positions, row by row.
 *
 * Rows go in and out on the heap, past the executor: triggers of the table are
 * there to refuse everybody else, nobody who writes into a ledger needs a right
 * to its store, and a publication for all tables has no part in it.
 *
 *-------------------------------------------------------------------------
 */
#include "store.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "nodes/execnodes.h"
#include "position/datum.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

/* The store of a ledger, or InvalidOid. */
Oid
find_store(Oid schema)
{
	Oid			relid = get_relname_relid(STORE_NAME, schema);

	if (!OidIsValid(relid) || get_rel_relkind(relid) != RELKIND_RELATION ||
		get_attnum(relid, "position") != STORE_POSITION)
		return InvalidOid;
	return relid;
}

Store
open_store(Oid relid, LOCKMODE lock)
{
	Store		store = {
		.heap = table_open(relid, lock)
	};
	List	   *indexes = RelationGetIndexList(store.heap);

	if (list_length(indexes) != 1)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("store \"%s\" has %d indexes instead of its one",
						RelationGetRelationName(store.heap), list_length(indexes)),
				 errhint("Drop it, and call balance.maintain() again.")));
	store.index = index_open(linitial_oid(indexes), lock);
	list_free(indexes);
	return store;
}

/* The locks are kept to the end of the transaction, as the executor does. */
void
close_store(Store *store)
{
	index_close(store->index, NoLock);
	table_close(store->heap, NoLock);
}

/* Nothing is published: who subscribes to the ledger's rows keeps his own store. */
void
append_row(Store *store, StoreRow *row)
{
	HeapTuple	tuple = heap_form_tuple(RelationGetDescr(store->heap), row->values,
										row->nulls);
	IndexInfo  *info = BuildIndexInfo(store->index);

	heap_insert(store->heap, tuple, GetCurrentCommandId(true),
				HEAP_INSERT_NO_LOGICAL, NULL);
	(void) index_insert(store->index, &ROW_VALUE(row, STORE_CUSTOMER),
						&ROW_NULL(row, STORE_CUSTOMER), &tuple->t_self, store->heap,
						UNIQUE_CHECK_NO, false, info);
	heap_freetuple(tuple);
}

/* All rows of a customer; the id is not compared if it is NULL. */
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
		ScanKeyInit(&key, STORE_CUSTOMER, BTEqualStrategyNumber, F_TEXTEQ, customer);
	return systable_beginscan(store->heap, RelationGetRelid(store->index), true,
							  snapshot, 1, &key);
}

void
read_row(const Store *store, HeapTuple tuple, StoreRow *row)
{
	heap_deform_tuple(tuple, RelationGetDescr(store->heap), row->values, row->nulls);
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

Oid
relation_owner(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", relid);
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

/* Whether policies may hide rows of a table from somebody. */
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
