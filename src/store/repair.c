/*-------------------------------------------------------------------------
 *
 * repair.c
 *	  What a store lacks, added in one snapshot.
 *
 *-------------------------------------------------------------------------
 */
#include "maintenance.h"
#include "attempt.h"
#include "owner.h"

#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "executor/spi.h"
#include "ledger/template.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

/* ---- filling ---- */

/* A relation whose store is being filled. */
typedef struct Filling
{
	const LedgerRelation *relation;
	const KeptRelation *kept;
	Oid			store;
	bool		is_first;		/* what it had before is of no day */
	uint64		appended;
	Progress   *progress;
} Filling;

/* Add what the store lacks of a relation, in one snapshot. */
static void
append_missing(void *argument)
{
	Filling    *filling = argument;
	const LedgerRelation *relation = filling->relation;
	const KeptRelation *kept = filling->kept;
	StringInfoData sql;

	initStringInfo(&sql);
	append_change(&sql, relation, kept, qualified_name(relation->ledger->schema, kept->name),
				  stored_tally(STORED_ROWS " AS s", true));
	progress_phase(filling->progress, PHASE_APPENDING, relation->relid, 0);
	PushActiveSnapshot(GetTransactionSnapshot());
	filling->appended += append_query(sql.data, filling->store, kept->letter,
									  !filling->is_first, filling->progress);
	/* all rows could be read, so none is lost */
	(void) append_query("SELECT NULL::pg_catalog.text, (OPERATOR(pg_catalog.-)"
						" pg_catalog.sum(s.bad))::pg_catalog.int8,"
						" NULL::pg_catalog.timestamptz, '1{}'::balance.position\n"
						"FROM " STORED_ROWS " AS s\n"
						"HAVING pg_catalog.sum(s.bad) OPERATOR(pg_catalog.<>) 0",
						filling->store, lost_letter(kept), true, NULL);
	PopActiveSnapshot();
}

/*
 * The same as the relation's owner; why it cannot be done, or NULL.  Rows of a
 * view may raise errors that are only met in reading it.
 */
static const char *
fill_store(Filling *filling)
{
	Oid			relid = filling->relation->relid;
	const char *error = NULL;
	Caller		caller = act_as(relation_owner(relid));

	if (get_rel_relkind(relid) == RELKIND_VIEW)
	{
		error = attempt(append_missing, filling);
		if (error != NULL)
			(void) SPI_unregister_relation(STORED_ROWS);
	}
	else
		append_missing(filling);
	act_as_caller(caller);
	return error;
}

/* ---- repairing ---- */

static void
lock_members(Oid table, LOCKMODE lock)
{
	ListCell   *lc;

	foreach(lc, find_all_inheritors(table, NoLock, NULL))
		LockRelationOid(lfirst_oid(lc), lock);
}

/*
 * Writers go on: only a change of the relation or its triggers waits.  But an
 * enum's label or a view's function may change while a statement writes, which must
 * then have ended, and while this repair runs.
 */
static void
repair_relation(const LedgerRelation *relation, const KeptRelation *kept, Oid store,
				Progress *progress)
{
	const Ledger *ledger = relation->ledger;
	Oid			relid = relation->relid;
	Oid			table = kept_table(relid, kept);
	Filling		filling = {
		.relation = relation,
		.kept = kept,
		.store = store,
		.is_first = marked_signature(ledger, kept) == NULL,
		.progress = progress
	};
	const char *signature;
	const char *error;

	progress_phase(progress, PHASE_WAITING, relid, 0);
	drop_strays(relid, kept, store);
	create_triggers(relid, table, kept, store);
	lock_members(table, ShareUpdateExclusiveLock);
	/* what came between is made up for */
	create_triggers(relid, table, kept, store);
	lock_members(table, ShareUpdateExclusiveLock);
	do
	{
		CHECK_FOR_INTERRUPTS();
		signature = store_signature(relid, kept, store);
		if (!has_same_columns(ledger, kept, signature))
			lock_members(table, ShareRowExclusiveLock);
		error = fill_store(&filling);
	} while (error == NULL && strcmp(signature, store_signature(relid, kept, store)) != 0);
	if (error == NULL)
		mark(ledger, kept, signature, filling.appended > 0);
	else
		unmark(ledger, kept, psprintf(MARKED_UNREADABLE "%s", error));
}

/* All relations of the ledger that can be kept. */
void
repair_ledger(const Ledger *ledger, Oid store, Progress *progress)
{
	LockRelationOid(get_relname_relid(MARKER_NAME, ledger->schema),
					ShareUpdateExclusiveLock);
	mend_table(ledger, store);
	mend_table(ledger, find_history(ledger->schema));
	mend_table(ledger, find_marker(ledger->schema));
	for (int i = 0; i < NUM_KEPT_RELATIONS; i++)
	{
		LedgerRelation relation;

		if (!ledger_find(ledger, kept_relations[i].name, "i", &relation))
			continue;
		if (get_rel_relkind(relation.relid) == RELKIND_VIEW)
			lock_kept_views(relation.relid, &kept_relations[i]);
		if (why_not_kept(&relation, &kept_relations[i]) == NULL)
			repair_relation(&relation, &kept_relations[i], store, progress);
		else
			unmark(ledger, &kept_relations[i], NULL);
	}
}
