/*-------------------------------------------------------------------------
 *
 * snapshot.c
 *	  Whether the statement's snapshot can still tell what it is asked.
 *
 * A document is answered in the snapshot of the statement that asks for it,
 * and that is older than the locks which the document's query then waits for.
 * What was truncated, rewritten, replaced or detached meanwhile is read as it
 * is now, with rows that the snapshot does not see, or not at all.  Plain SQL
 * has its locks before its snapshot, so in READ COMMITTED it never meets this;
 * in the other isolation levels it does, and says nothing.
 *
 * So whatever a query reads is compared with what the snapshot sees of it in
 * the catalogue.  That is done as the executor starts: all locks are held then,
 * the relations below views and the partitions are known, and so is what the
 * functions in views read, whose own queries start in the same way.  A hook is
 * the one place where all of this is to be had.
 *
 * New storage is the only sign of a rewritten relation, so CLUSTER,
 * VACUUM FULL and SET TABLESPACE, which keep what a snapshot sees, count too:
 * nothing in the catalogue tells them from what does not.
 *
 * TRUNCATE leaves no such sign in the transaction that made the storage, where
 * it empties it in place.  Only a cursor of that transaction can have an older
 * snapshot.  Plain SQL then refuses to truncate what the cursor's own query reads
 * and says nothing of what a function reads; neither do we.  The relation cache
 * knows that the storage is new, but not when it was emptied; a hook that does
 * would be called for every function and command of the session.
 *
 *-------------------------------------------------------------------------
 */
#include "snapshot.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_rewrite.h"
#include "executor/executor.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteSupport.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

static ExecutorStart_hook_type next_hook = NULL;

/* How many of the queries under way are ours. */
static int	watched = 0;

/* ---- what has been compared already ---- */

/*
 * A relation, or the names of a ledger, was found to be as some snapshot sees
 * it.  It is for later snapshots too, until something in the catalogue changes.
 */
typedef struct MarkKey
{
	Oid			object;			/* a relation or a schema */
	uint32		names;			/* of the schema; 0 for a relation */
} MarkKey;

typedef struct Mark
{
	MarkKey		key;
	uint64		generation;		/* when it was compared; 0 is never */
	SnapshotAge age;			/* of the snapshot */
} Mark;

/* A session that serves many ledgers must not keep growing.  Never measured. */
#define MAX_MARKS	16384

static HTAB *marks = NULL;
static uint64 relation_generation = 1;
static uint64 name_generation = 1;

/* Names may come to denote any relation; of the others, we know which matter. */
static void
note_relation_change(Datum argument, Oid relid)
{
	MarkKey		key = {.object = relid};

	name_generation++;
	if (!OidIsValid(relid) || marks == NULL ||
		hash_search(marks, &key, HASH_FIND, NULL) != NULL)
		relation_generation++;
}

static void
schema_changed(Datum argument, int cacheid, uint32 hashvalue)
{
	name_generation++;
}

static void
create_marks(void)
{
	HASHCTL		control = {
		.keysize = sizeof(MarkKey),
		.entrysize = sizeof(Mark)
	};
	static bool registered = false;

	if (marks != NULL)
	{
		hash_destroy(marks);
		marks = NULL;
	}
	relation_generation++;
	marks = hash_create("balance compared relations", 64, &control,
						HASH_ELEM | HASH_BLOBS);
	if (registered)
		return;
	CacheRegisterRelcacheCallback(note_relation_change, (Datum) 0);
	CacheRegisterSyscacheCallback(NAMESPACEOID, schema_changed, (Datum) 0);
	registered = true;
}

static uint64
generation_of(const MarkKey *key)
{
	return key->names == 0 ? relation_generation : name_generation;
}

SnapshotAge
snapshot_age(Snapshot snapshot)
{
	return (SnapshotAge)
	{
		.recovery = snapshot->takenDuringRecovery,
			.xmax = snapshot->xmax,
			.running = snapshot->takenDuringRecovery ? snapshot->subxcnt : snapshot->xcnt,
			.command = snapshot->curcid
	};
}

/*
 * Whether a snapshot sees whatever that of an age saw.  Snapshots have an order
 * in time: xmax never goes back, and while it stands, running transactions only
 * become fewer.  Within a transaction its commands count besides.
 */
static bool
is_later(Snapshot snapshot, const SnapshotAge *age)
{
	SnapshotAge own = snapshot_age(snapshot);

	if (own.recovery != age->recovery)
		return false;
	if (own.xmax != age->xmax)
		return TransactionIdFollows(own.xmax, age->xmax);
	if (own.running != age->running)
		return own.running < age->running;
	return own.command >= age->command;
}

/* Whether nothing has changed since a mark was set that holds for a snapshot. */
static bool
is_marked(const MarkKey *key, Snapshot snapshot)
{
	const Mark *mark = hash_search(marks, key, HASH_FIND, NULL);

	return mark != NULL && mark->generation == generation_of(key) &&
		is_later(snapshot, &mark->age);
}

/*
 * Have an entry before comparing, so that a change that comes meanwhile is
 * known to matter; what it returns is as of before, too.
 */
static uint64
prepare_mark(const MarkKey *key)
{
	Mark	   *mark;
	bool		found;

	mark = hash_search(marks, key, HASH_ENTER, &found);
	if (!found)
		mark->generation = 0;
	return generation_of(key);
}

static void
set_mark(const MarkKey *key, uint64 generation, Snapshot snapshot)
{
	Mark	   *mark = hash_search(marks, key, HASH_ENTER, NULL);

	mark->generation = generation;
	mark->age = snapshot_age(snapshot);
}

/* ---- the catalogue as a snapshot sees it ---- */

/* Retrying helps if another transaction did it, but not if this one did. */
pg_noreturn static void
report_rewritten(const char *schema, const char *relation, bool by_itself)
{
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("relation \"%s.%s\" was rewritten after this statement's snapshot",
					schema, relation),
			 errdetail("It or a partition of it was truncated, rewritten, replaced or dropped."),
			 by_itself ? errhint("Ask in a statement that begins after the change.") :
			 IsolationUsesXactSnapshot() ? errhint("Retry the transaction.") :
			 errhint("Retry the statement.")));
}

/* Copies of the rows of a catalogue that a snapshot sees; the latest ones for NULL. */
static List *
find_rows(Oid catalog_id, Oid index, Snapshot snapshot, const ScanKeyData *keys, int nkeys)
{
	Relation	catalog = table_open(catalog_id, AccessShareLock);
	ScanKeyData own[2];			/* that a scan may write to */
	SysScanDesc scan;
	List	   *rows = NIL;
	HeapTuple	tuple;

	memcpy(own, keys, nkeys * sizeof(ScanKeyData));
	scan = systable_beginscan(catalog, index, true, snapshot, nkeys, own);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
		rows = lappend(rows, heap_copytuple(tuple));
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return rows;
}

/* A relation's row in pg_class, or NULL. */
static const FormData_pg_class *
find_class(Oid relid, Snapshot snapshot)
{
	ScanKeyData key;
	List	   *rows;

	ScanKeyInit(&key, Anum_pg_class_oid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(relid));
	rows = find_rows(RelationRelationId, ClassOidIndexId, snapshot, &key, 1);
	return rows == NIL ? NULL : (Form_pg_class) GETSTRUCT((HeapTuple) linitial(rows));
}

/* The first column, an OID, of a row that has a name and, maybe, a schema. */
static Oid
find_name(Oid catalog_id, Oid index, AttrNumber name_column, const char *name,
		  AttrNumber schema_column, Oid schema, Snapshot snapshot)
{
	ScanKeyData keys[2];
	List	   *rows;

	ScanKeyInit(&keys[0], name_column, BTEqualStrategyNumber, F_NAMEEQ,
				CStringGetDatum(name));
	ScanKeyInit(&keys[1], schema_column, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(schema));
	rows = find_rows(catalog_id, index, snapshot, keys, OidIsValid(schema) ? 2 : 1);
	return rows == NIL ? InvalidOid : *(Oid *) GETSTRUCT((HeapTuple) linitial(rows));
}

/* Whether a view's rule is stored where it was: that changes as it is replaced. */
static bool
same_view(Oid view, Snapshot snapshot)
{
	ScanKeyData keys[2];
	List	   *then;
	List	   *now;

	ScanKeyInit(&keys[0], Anum_pg_rewrite_ev_class, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(view));
	ScanKeyInit(&keys[1], Anum_pg_rewrite_rulename, BTEqualStrategyNumber,
				F_NAMEEQ, CStringGetDatum(ViewSelectRuleName));
	then = find_rows(RewriteRelationId, RewriteRelRulenameIndexId, snapshot, keys, 2);
	now = find_rows(RewriteRelationId, RewriteRelRulenameIndexId, NULL, keys, 2);
	return then != NIL && now != NIL &&
		ItemPointerEquals(&((HeapTuple) linitial(then))->t_self,
						  &((HeapTuple) linitial(now))->t_self);
}

/* ---- partitions and inheritance ---- */

static List *
find_children(Oid parent, Snapshot snapshot)
{
	ScanKeyData key;

	ScanKeyInit(&key, Anum_pg_inherits_inhparent, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(parent));
	return find_rows(InheritsRelationId, InheritsParentIndexId, snapshot, &key, 1);
}

#define CHILD(row)	((Form_pg_inherits) GETSTRUCT(row))

static HeapTuple
find_child(const List *children, Oid relid)
{
	ListCell   *lc;

	foreach(lc, children)
	{
		if (CHILD((HeapTuple) lfirst(lc))->inhrelid == relid)
			return lfirst(lc);
	}
	return NULL;
}

/*
 * Whether the children that are read are those that the snapshot sees.  One that
 * leaves is read by snapshots that do not see it leave.  One that is newer than
 * the snapshot adds nothing, unless it has a row; see same_relation().
 */
static bool
same_children(Oid parent, Snapshot snapshot)
{
	List	   *then = find_children(parent, snapshot);
	List	   *now = find_children(parent, NULL);
	bool		same = true;
	ListCell   *lc;

	foreach(lc, now)
	{
		HeapTuple	child = lfirst(lc);
		HeapTuple	seen = find_child(then, CHILD(child)->inhrelid);

		if (seen == NULL)
			same &= find_class(CHILD(child)->inhrelid, snapshot) == NULL;
		else
			same &= ItemPointerEquals(&seen->t_self, &child->t_self) ||
				(CHILD(child)->inhdetachpending && !CHILD(seen)->inhdetachpending);
	}
	foreach(lc, then)
	{
		HeapTuple	child = lfirst(lc);

		same &= CHILD(child)->inhdetachpending ||
			find_child(now, CHILD(child)->inhrelid) != NULL;
	}
	list_free_deep(then);
	list_free_deep(now);
	return same;
}

/* ---- relations ---- */

/*
 * Whether the snapshot sees a row in a relation that is newer than itself: one
 * that was frozen as it was written, by COPY or CREATE MATERIALIZED VIEW.
 */
static bool
has_row(Oid relid, Snapshot snapshot)
{
	Relation	relation = table_open(relid, AccessShareLock);
	SysScanDesc scan = systable_beginscan(relation, InvalidOid, false, snapshot,
										  0, NULL);
	bool		found = HeapTupleIsValid(systable_getnext(scan));

	systable_endscan(scan);
	table_close(relation, NoLock);
	return found;
}

/* Whether a relation is what the snapshot sees of it, as far as that tells. */
static bool
same_relation(Oid relid, char relkind, Snapshot snapshot)
{
	const FormData_pg_class *then;
	const FormData_pg_class *now;

	if (relkind == RELKIND_VIEW)
		return same_view(relid, snapshot);
	then = find_class(relid, snapshot);
	if (then != NULL)
	{
		now = find_class(relid, NULL);
		if (now == NULL || now->relfilenode != then->relfilenode)
			return false;
	}
	else if (RELKIND_HAS_STORAGE(relkind) && has_row(relid, snapshot))
		return false;
	return same_children(relid, snapshot);
}

/* The same, and remembered. */
static bool
is_as_seen(Oid relid, char relkind, Snapshot snapshot)
{
	MarkKey		key = {.object = relid};
	uint64		generation;

	if (is_marked(&key, snapshot))
		return true;
	generation = prepare_mark(&key);
	if (!same_relation(relid, relkind, snapshot))
		return false;
	set_mark(&key, generation, snapshot);
	return true;
}

/* The same for a table that is going to be read without a query of ours. */
bool
relation_is_as_seen(Oid relid, Snapshot snapshot)
{
	if (marks == NULL || hash_get_num_entries(marks) > MAX_MARKS)
		create_marks();
	return is_as_seen(relid, get_rel_relkind(relid), snapshot);
}

static void
check_relation_read(Oid relid, char relkind, Snapshot snapshot)
{
	SnapshotData own = *snapshot;

	if (is_as_seen(relid, relkind, snapshot))
		return;
	own.curcid = GetCurrentCommandId(false);
	report_rewritten(get_namespace_name(get_rel_namespace(relid)), get_rel_name(relid),
					 same_relation(relid, relkind, &own));
}

/*
 * Check what a query is about to read.  A table that the executor has not
 * opened was planned away or pruned, but it may be the parent of others.
 */
static void
check_query(const QueryDesc *query)
{
	const EState *estate = query->estate;

	if (hash_get_num_entries(marks) > MAX_MARKS)
		create_marks();
	for (Index i = 1; i <= estate->es_range_table_size; i++)
	{
		const RangeTblEntry *entry = rt_fetch(i, estate->es_range_table);

		/* views are subqueries that have a relation, too */
		if (!OidIsValid(entry->relid) || entry->relid < FirstNormalObjectId)
			continue;
		if (entry->relkind != RELKIND_VIEW && !entry->inh &&
			entry->relkind != RELKIND_PARTITIONED_TABLE &&
			estate->es_relations[i - 1] == NULL)
			continue;
		check_relation_read(entry->relid, entry->relkind, query->snapshot);
	}
}

static void
start_executor(QueryDesc *query, int flags)
{
	if (next_hook != NULL)
		next_hook(query, flags);
	else
		standard_ExecutorStart(query, flags);
	if (watched > 0 && query->snapshot != NULL && IsMVCCSnapshot(query->snapshot))
		check_query(query);
}

/* ---- the names of a ledger ---- */

/* Which number the snapshot sees each column of a relation's to have, or 0. */
static AttrNumber *
find_columns(Oid relid, const RelationSpec *spec, int ncolumns, Snapshot snapshot)
{
	AttrNumber *numbers = palloc0(sizeof(AttrNumber) * ncolumns);
	ScanKeyData keys[2];
	ListCell   *lc;

	ScanKeyInit(&keys[0], Anum_pg_attribute_attrelid, BTEqualStrategyNumber,
				F_OIDEQ, ObjectIdGetDatum(relid));
	ScanKeyInit(&keys[1], Anum_pg_attribute_attnum, BTGreaterStrategyNumber,
				F_INT2GT, Int16GetDatum(0));
	foreach(lc, find_rows(AttributeRelationId, AttributeRelidNumIndexId, snapshot, keys, 2))
	{
		const FormData_pg_attribute *form = (Form_pg_attribute) GETSTRUCT((HeapTuple) lfirst(lc));

		for (int i = 0; i < ncolumns; i++)
			if (strcmp(spec->columns[i].name, NameStr(form->attname)) == 0)
				numbers[i] = form->attnum;
	}
	return numbers;
}

/*
 * Whether the columns that a document may read are those that the snapshot
 * sees: none is gone, renamed or replaced, and none is new that has a value in
 * old rows.  A new one that has none is as good as missing.
 */
static bool
same_columns(Oid relid, const RelationSpec *spec, Snapshot snapshot)
{
	int			ncolumns = 0;
	AttrNumber *then;
	bool		same = true;

	while (spec->columns[ncolumns].name != NULL)
		ncolumns++;
	then = find_columns(relid, spec, ncolumns, snapshot);
	for (int i = 0; same && i < ncolumns; i++)
	{
		HeapTuple	tuple = SearchSysCacheAttName(relid, spec->columns[i].name);
		const FormData_pg_attribute *now;

		if (!HeapTupleIsValid(tuple))
		{
			same = then[i] == InvalidAttrNumber;
			continue;
		}
		now = (Form_pg_attribute) GETSTRUCT(tuple);
		same = now->attnum == then[i] ||
			(then[i] == InvalidAttrNumber && !now->atthasmissing);
		ReleaseSysCache(tuple);
	}
	pfree(then);
	return same;
}

/*
 * Whether a name of the ledger denotes the relation that the snapshot sees by
 * it.  One that is newer than the snapshot has no rows for it, as long as no
 * other one had its name.
 */
static bool
same_name(const Ledger *ledger, const RelationSpec *spec, Snapshot snapshot)
{
	Oid			now = get_relname_relid(spec->name, ledger->schema);
	Oid			then = find_name(RelationRelationId, ClassNameNspIndexId,
								 Anum_pg_class_relname, spec->name,
								 Anum_pg_class_relnamespace, ledger->schema,
								 snapshot);

	if (OidIsValid(then))
		return now == then && same_columns(now, spec, snapshot);
	return !OidIsValid(now) || find_class(now, snapshot) == NULL;
}

/* The first relation whose name means something else to the snapshot, or NULL. */
static const char *
find_changed_name(const Ledger *ledger, uint32 names, Snapshot snapshot)
{
	Oid			then = ledger->schema;

	if (ledger->by_setting)
		then = find_name(NamespaceRelationId, NamespaceNameIndexId,
						 Anum_pg_namespace_nspname, ledger->name,
						 InvalidAttrNumber, InvalidOid, snapshot);
	for (int i = 0; i < NUM_LEDGER_RELATIONS; i++)
		if ((names & (1U << i)) != 0 &&
			((OidIsValid(then) && then != ledger->schema) ||
			 !same_name(ledger, &ledger_relations[i], snapshot)))
			return ledger_relations[i].name;
	return NULL;
}

/*
 * Raise an error unless all names that a query was composed for mean what they
 * mean to the snapshot.  Their relations must be locked; names is a set of bits.
 */
static void
check_names(const Ledger *ledger, uint32 names, Snapshot snapshot)
{
	MarkKey		key = {ledger->schema, names << 1 | ledger->by_setting};
	uint64		generation;
	const char *changed;

	if (names == 0 || is_marked(&key, snapshot))
		return;
	generation = prepare_mark(&key);
	changed = find_changed_name(ledger, names, snapshot);
	if (changed != NULL)
	{
		SnapshotData own = *snapshot;

		own.curcid = GetCurrentCommandId(false);
		report_rewritten(ledger->name, changed,
						 find_changed_name(ledger, names, &own) == NULL);
	}
	set_mark(&key, generation, snapshot);
}

/* ---- watching ---- */

/*
 * From here on to ledger_unwatch() all queries are checked as they start.  The
 * names of the ledger are checked now.
 */
void
ledger_watch(const Ledger *ledger, uint32 names)
{
	if (marks == NULL)
		create_marks();
	check_names(ledger, names, GetActiveSnapshot());
	watched++;
}

/* To be called in PG_FINALLY, as long as ledger_watch() itself has not failed. */
void
ledger_unwatch(void)
{
	watched--;
}

void
snapshot_init(void)
{
	next_hook = ExecutorStart_hook;
	ExecutorStart_hook = start_executor;
}
