/*-------------------------------------------------------------------------
 *
 * signature.c
 *	  What must be as it was when a relation's store was built.
 *
 * Triggers that were disabled for a while, a column that was rewritten to the
 * same type, a partition that was away: all of them look as before, but not
 * their rows in the catalogue, which have another place or transaction then.
 * So a restored or upgraded ledger is another one, too.
 *
 * A transaction's changes can be seen for a moment before what it says of the
 * catalogue is heard of.  Whatever excludes readers is not the matter, as they
 * wait until both are out.  Triggers and partitions change without that, so a
 * reader looks at them in his own snapshot, too.
 *
 *-------------------------------------------------------------------------
 */
#include "store.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_class.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_trigger.h"
#include "common/hashfn.h"
#include "ledger/cluster.h"
#include "ledger/snapshot.h"
#include "position/cell.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "value/status.h"

/* ---- parts of it ---- */

static uint64
add_bytes(uint64 signature, const void *bytes, int length)
{
	return hash_combine64(signature, DatumGetUInt64(hash_any_extended(bytes, length, 0)));
}

uint64
signature_add_oid(uint64 signature, Oid oid)
{
	return add_bytes(signature, &oid, sizeof(oid));
}

/* A row of the catalogue: which transaction put it where. */
uint64
signature_add_tuple(uint64 signature, HeapTuple tuple)
{
	TransactionId xmin = HeapTupleHeaderGetRawXmin(tuple->t_data);

	signature = add_bytes(signature, &xmin, sizeof(xmin));
	return add_bytes(signature, &tuple->t_self, sizeof(tuple->t_self));
}

/* The same from a cache, to which it goes back; that there is none counts, too. */
uint64
signature_add_cached(uint64 signature, HeapTuple tuple)
{
	if (!HeapTupleIsValid(tuple))
		return signature_add_oid(signature, InvalidOid);
	signature = signature_add_tuple(signature, tuple);
	ReleaseSysCache(tuple);
	return signature;
}

/* Rows of a catalogue of which an OID is the first key of an index; NULL is now. */
static SysScanDesc
begin_catalog(Relation catalog, Oid index, AttrNumber column, Oid oid, Snapshot snapshot)
{
	ScanKeyData key;

	ScanKeyInit(&key, column, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(oid));
	return systable_beginscan(catalog, index, true, snapshot, 1, &key);
}

/*
 * The name of a trigger for a relation.  Several views may be of one table, so
 * theirs have a number.
 */
const char *
trigger_name(const char *name, Oid relid)
{
	return get_rel_relkind(relid) == RELKIND_VIEW ? psprintf("%s_%u", name, relid) : name;
}

/* Whether a trigger has such a name, for a relation with this suffix. */
static bool
is_trigger_of(const char *name, const char *suffix)
{
	size_t		length = strlen(TRIGGER_PREFIX);

	if (strncmp(name, TRIGGER_PREFIX, length) != 0)
		return false;
	length += strspn(name + length, "abcdefghijklmnopqrstuvwxyz");
	return strcmp(name + length, suffix) == 0;
}

/* A relation's triggers on a table, whatever state they are in; of all, ours are few. */
static uint64
add_triggers(uint64 signature, Oid table, const char *suffix, Snapshot snapshot)
{
	Relation	catalog = table_open(TriggerRelationId, AccessShareLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&keys[0], Anum_pg_trigger_tgrelid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(table));
	ScanKeyInit(&keys[1], Anum_pg_trigger_tgname, BTGreaterEqualStrategyNumber, F_NAMEGE,
				CStringGetDatum(TRIGGER_PREFIX));
	scan = systable_beginscan(catalog, TriggerRelidNameIndexId, true, snapshot, 2, keys);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		const char *name = NameStr(((Form_pg_trigger) GETSTRUCT(tuple))->tgname);

		if (is_trigger_of(name, suffix))
			signature = signature_add_tuple(signature, tuple);
		/* those of the system and of most users sort behind ours */
		else if (strncmp(name, TRIGGER_PREFIX, strlen(TRIGGER_PREFIX)) > 0)
			break;
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return signature;
}

/*
 * What the triggers and partitions of a table are in a snapshot.  A partition that
 * has none of its own has no children either.
 */
static uint64
add_members(uint64 signature, Oid table, bool is_root, const char *suffix, Snapshot snapshot)
{
	List	   *children = NIL;
	ListCell   *lc;

	CHECK_FOR_INTERRUPTS();
	signature = add_triggers(signature_add_oid(signature, table), table, suffix, snapshot);
	if (is_root || get_rel_relkind(table) == RELKIND_PARTITIONED_TABLE)
	{
		Relation	catalog = table_open(InheritsRelationId, AccessShareLock);
		SysScanDesc scan = begin_catalog(catalog, InheritsParentIndexId,
										 Anum_pg_inherits_inhparent, table, snapshot);
		HeapTuple	tuple;

		while (HeapTupleIsValid(tuple = systable_getnext(scan)))
		{
			signature = signature_add_tuple(signature, tuple);
			children = lappend_oid(children, ((Form_pg_inherits) GETSTRUCT(tuple))->inhrelid);
		}
		systable_endscan(scan);
		table_close(catalog, AccessShareLock);
	}
	foreach(lc, children)
		signature = add_members(signature, lfirst_oid(lc), false, suffix, snapshot);
	list_free(children);
	return signature;
}

/* The labels of an enum are what its rows read as. */
uint64
signature_add_labels(uint64 signature, Oid type)
{
	Relation	catalog = table_open(EnumRelationId, AccessShareLock);
	SysScanDesc scan = begin_catalog(catalog, EnumTypIdLabelIndexId,
									 Anum_pg_enum_enumtypid, type, NULL);
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		const FormData_pg_enum *form = (Form_pg_enum) GETSTRUCT(tuple);

		signature = signature_add_oid(signature, form->oid);
		signature = add_bytes(signature, NameStr(form->enumlabel),
							  strlen(NameStr(form->enumlabel)));
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return signature;
}

/* The columns of a relation that a ledger may read, by name. */
static uint64
add_columns(uint64 signature, Oid relid, const RelationSpec *spec)
{
	for (const ColumnSpec *column = spec->columns; column->name; column++)
	{
		HeapTuple	tuple = SearchSysCacheAttName(relid, column->name);
		Oid			type;

		if (!HeapTupleIsValid(tuple))
		{
			signature = signature_add_oid(signature, InvalidOid);
			continue;
		}
		type = getBaseType(((Form_pg_attribute) GETSTRUCT(tuple))->atttypid);
		signature = signature_add_tuple(signature, tuple);
		signature = signature_add_oid(signature, type);
		if (type_is_enum(type))
			signature = signature_add_labels(signature, type);
		ReleaseSysCache(tuple);
	}
	return signature;
}

/*
 * Where the rows of a table are.  An unlogged table loses them in a crash, and is
 * as it was when it is logged again, but for its TOAST table: ALTER TABLE makes
 * another one whenever it rewrites, while CLUSTER, VACUUM FULL and TRUNCATE keep
 * it.  A table of narrow columns has none, and its file must be the same.
 */
static uint64
add_storage(uint64 signature, Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Form_pg_class form;

	if (!HeapTupleIsValid(tuple))
		return signature_add_oid(signature, InvalidOid);
	form = (Form_pg_class) GETSTRUCT(tuple);
	signature = add_bytes(signature, &form->relpersistence, 1);
	signature = signature_add_oid(signature, OidIsValid(form->reltoastrelid) ?
								  form->reltoastrelid : form->relfilenode);
	ReleaseSysCache(tuple);
	return signature;
}

/* The store or its history: its rows, and the columns that they were written by. */
static uint64
add_store(uint64 signature, Oid store)
{
	signature = add_storage(signature_add_oid(signature, store), store);
	for (int column = 1; column <= NUM_STORE_COLUMNS; column++)
		signature = signature_add_cached(signature,
										 SearchSysCache2(ATTNUM, ObjectIdGetDatum(store),
														 Int16GetDatum(column)));
	return signature;
}

/* ---- the whole ---- */

/*
 * The signature of a relation and its partitions, for its store, as text.  The
 * place of a row in the catalogue is only right in the cache if what others have
 * committed was heard of: AcceptInvalidationMessages() is the caller's.
 */
static const char *
compute_signature(Oid relid, const KeptRelation *kept, Oid store, uint64 seen)
{
	const RelationSpec *spec = find_relation_spec(kept->name);
	Oid			history = find_history(get_rel_namespace(store));
	Oid			table = kept_table(relid, kept);
	bool		is_view = table != relid;
	uint64		triggers = signature_add_oid(seen, relid);
	uint64		columns = 0;
	uint64		words = vocabulary_signature();
	uint64		storage = add_store(0, store);
	ListCell   *lc;

	/* where its rows went to other servers, triggers there know of no store */
	if (is_cluster_table(table))
		return "none";
	/* who dropped the history, for which we have waited, may have dropped all */
	if (!OidIsValid(table) || get_rel_relkind(table) == '\0')
		return "none";
	if (OidIsValid(history))
		storage = add_store(storage, history);
	if (is_view)
		columns = signature_add_view(add_columns(columns, relid, spec), relid, kept);
	foreach(lc, find_all_inheritors(table, NoLock, NULL))
	{
		Oid			member = lfirst_oid(lc);
		bool		has_policy = is_view && has_row_security(member);

		CHECK_FOR_INTERRUPTS();
		triggers = signature_add_oid(triggers, member);
		triggers = add_bytes(triggers, &has_policy, 1);
		columns = is_view ? signature_add_read(columns, relid, kept, member) :
			add_columns(columns, member, spec);
		storage = add_storage(storage, member);
	}
	words = add_bytes(words, kept->source->aggregate, strlen(kept->source->aggregate));
	return psprintf("%016llx %016llx %016llx %016llx.%d", (unsigned long long) triggers,
					(unsigned long long) columns, (unsigned long long) storage,
					(unsigned long long) words, POSITION_PACKED);
}

/* What was computed, until anything changes. */
typedef struct SignatureEntry
{
	Oid			relid;
	Oid			store;
	uint64		generation;
	uint64		seen;			/* triggers and partitions, as they were then */
	bool		is_seen;		/* so by a snapshot */
	SnapshotAge age;			/* of the last one */
	char		signature[96];
} SignatureEntry;

#define MAX_SIGNATURES	4096

static HTAB *signatures = NULL;
static uint64 generation = 1;

static void
relation_changed(Datum argument, Oid relid)
{
	generation++;
}

static void
object_changed(Datum argument, int cacheid, uint32 hashvalue)
{
	generation++;
}

static void
create_signatures(void)
{
	HASHCTL		control = {
		.keysize = sizeof(Oid),
		.entrysize = sizeof(SignatureEntry)
	};
	static bool registered = false;

	if (signatures != NULL)
		hash_destroy(signatures);
	signatures = hash_create("balance store signatures", 16, &control,
							 HASH_ELEM | HASH_BLOBS);
	if (registered)
		return;
	CacheRegisterRelcacheCallback(relation_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(TYPEOID, object_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(ENUMOID, object_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(PROCOID, object_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(NAMESPACEOID, object_changed, (Datum) 0);
	registered = true;
}

/* How often the catalogue has changed, as far as a store is concerned. */
uint64
store_generation(void)
{
	if (signatures == NULL)
		create_signatures();
	return generation;
}

/* Triggers and partitions of a relation's table in a snapshot. */
static uint64
members_as_seen(Oid relid, const KeptRelation *kept, Snapshot snapshot)
{
	Oid			table = kept_table(relid, kept);

	return OidIsValid(table) ?
		add_members(0, table, true, table == relid ? "" : psprintf("_%u", relid), snapshot) : 0;
}

static SignatureEntry *
get_signature(Oid relid, const KeptRelation *kept, Oid store)
{
	SignatureEntry *entry;
	uint64		now;
	bool		found;

	if (signatures == NULL || hash_get_num_entries(signatures) > MAX_SIGNATURES)
		create_signatures();
	AcceptInvalidationMessages();
	entry = hash_search(signatures, &relid, HASH_FIND, &found);
	now = generation;
	if (!found || entry->generation != now || entry->store != store)
	{
		uint64		seen = members_as_seen(relid, kept, NULL);
		const char *signature = compute_signature(relid, kept, store, seen);

		entry = hash_search(signatures, &relid, HASH_ENTER, NULL);
		entry->generation = now;
		entry->store = store;
		entry->seen = seen;
		entry->is_seen = false;
		strlcpy(entry->signature, signature, sizeof(entry->signature));
	}
	return entry;
}

const char *
store_signature(Oid relid, const KeptRelation *kept, Oid store)
{
	return pstrdup(get_signature(relid, kept, store)->signature);
}

/*
 * Whether a signature is that of the catalogue, as it is now and as the snapshot
 * sees it.  If no transaction has ended since another one that saw it, it does.
 */
bool
signature_is_of(const char *signature, Oid relid, const KeptRelation *kept, Oid store,
				Snapshot snapshot)
{
	SignatureEntry *entry = get_signature(relid, kept, store);
	SnapshotAge age = snapshot_age(snapshot);

	if (strcmp(entry->signature, signature) != 0)
		return false;
	if (entry->is_seen && same_age(&entry->age, &age))
		return true;
	if (members_as_seen(relid, kept, snapshot) != entry->seen)
		return false;
	entry->age = age;
	entry->is_seen = true;
	return true;
}

/* ---- triggers ---- */

/* A trigger's row of pg_trigger, up to its fields of a fixed length. */
static bool
find_trigger(Oid trigger, FormData_pg_trigger *form)
{
	Relation	catalog = table_open(TriggerRelationId, AccessShareLock);
	SysScanDesc scan = begin_catalog(catalog, TriggerOidIndexId, Anum_pg_trigger_oid,
									 trigger, NULL);
	HeapTuple	tuple = systable_getnext(scan);
	bool		found = HeapTupleIsValid(tuple);

	if (found)
		memcpy(form, GETSTRUCT(tuple), offsetof(FormData_pg_trigger, tgattr));
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return found;
}

/* The trigger that a partition's was cloned from, or the trigger itself. */
static Oid
original_trigger(Oid trigger)
{
	FormData_pg_trigger form;

	while (find_trigger(trigger, &form) && OidIsValid(form.tgparentid))
		trigger = form.tgparentid;
	return trigger;
}

/* The table that a trigger is on. */
Oid
trigger_relation(Oid trigger)
{
	FormData_pg_trigger form;

	return find_trigger(trigger, &form) ? form.tgrelid : InvalidOid;
}

/*
 * The store that a trigger writes to.  It is a dependency of the trigger's, not
 * a name: so it survives renaming, and a restored trigger has none until the
 * ledger is repaired.
 */
Oid
trigger_store(Oid trigger)
{
	Relation	catalog = table_open(DependRelationId, AccessShareLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;
	Oid			store = InvalidOid;

	ScanKeyInit(&keys[0], Anum_pg_depend_classid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(TriggerRelationId));
	ScanKeyInit(&keys[1], Anum_pg_depend_objid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(original_trigger(trigger)));
	scan = systable_beginscan(catalog, DependDependerIndexId, true, NULL, 2, keys);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		const FormData_pg_depend *form = (Form_pg_depend) GETSTRUCT(tuple);

		if (form->refclassid == RelationRelationId && form->refobjsubid == STORE_POSITION &&
			form->deptype == DEPENDENCY_AUTO)
			store = form->refobjid;
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return store;
}

/* All triggers that write to a store, but for those that were cloned from them. */
List *
store_writers(Oid store)
{
	Relation	catalog = table_open(DependRelationId, AccessShareLock);
	ScanKeyData keys[3];
	SysScanDesc scan;
	HeapTuple	tuple;
	List	   *triggers = NIL;

	ScanKeyInit(&keys[0], Anum_pg_depend_refclassid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(RelationRelationId));
	ScanKeyInit(&keys[1], Anum_pg_depend_refobjid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(store));
	ScanKeyInit(&keys[2], Anum_pg_depend_refobjsubid, BTEqualStrategyNumber, F_INT4EQ,
				Int32GetDatum(STORE_POSITION));
	scan = systable_beginscan(catalog, DependReferenceIndexId, true, NULL, 3, keys);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		const FormData_pg_depend *form = (Form_pg_depend) GETSTRUCT(tuple);

		if (form->classid == TriggerRelationId && form->deptype == DEPENDENCY_AUTO)
			triggers = lappend_oid(triggers, form->objid);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return triggers;
}
