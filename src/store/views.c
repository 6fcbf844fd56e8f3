/*-------------------------------------------------------------------------
 *
 * views.c
 *	  Views whose balances are kept: what they make of the rows of one table.
 *
 * A view over one table is a list of expressions and a condition.  They are
 * taken from the view's query tree, through the views and sub-selects below it,
 * until they are over the table's columns (view_tree.c); what they say of a row
 * must never change (view_expressions.c).  A statement's rows are seen through
 * them before they are tallied (view_rows.c).
 *
 *-------------------------------------------------------------------------
 */
#include "views.h"

#include "access/relation.h"
#include "access/sysattr.h"
#include "access/xact.h"
#include "attempt.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "ledger/snapshot.h"
#include "optimizer/clauses.h"
#include "owner.h"
#include "rewrite/rewriteHandler.h"
#include "rewrite/rewriteManip.h"
#include "rewrite/rewriteSupport.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

typedef struct ViewEntry
{
	Oid			relid;
	uint64		generation;		/* of the catalogue, when it was looked at */
	MemoryContext context;
	KeptView   *view;
} ViewEntry;

static HTAB *views = NULL;

/*
 * Whether what is kept of a relation may depend on a column: on all but texts,
 * other ids, and instants from which nothing counts.
 */
static bool
is_column_kept(const RelationSpec *relation, const char *name)
{
	const ColumnSpec *column = search_column_spec(relation, name);

	if (column == NULL)
		return false;
	switch (column->kind)
	{
		case COLUMN_IDENTIFIER:
			return strcmp(name, "customer_id") == 0;
		case COLUMN_TEXT:
		case COLUMN_JSON:
			return false;
		case COLUMN_INSTANT:
			return column->required || (relation->dated != NULL &&
										strstr(relation->dated, psprintf("{%s}", name)) != NULL);
		default:
			return true;
	}
}

/* A row must tell whose it is, before it can be bad. */
static void
plan_view(KeptView *view, const KeptRelation *kept, List *columns, Node *condition,
		  Index varno)
{
	const RelationSpec *relation = find_relation_spec(kept->name);
	ListCell   *lc;

	ChangeVarNodes((Node *) columns, varno, VIEW_VARNO, 0);
	ChangeVarNodes(condition, varno, VIEW_VARNO, 0);
	view->columns = palloc0(view->shape->natts * sizeof(Expr *));
	view->condition = plan_expression(view, (Expr *) condition);
	view->may_lose = view->may_fail;
	foreach(lc, columns)
	{
		const TargetEntry *entry = lfirst(lc);
		const char *name = NULL;

		if (entry->resjunk)
			continue;
		name = NameStr(TupleDescAttr(view->shape, entry->resno - 1)->attname);
		if (!is_column_kept(relation, name))
			continue;
		view->columns[entry->resno - 1] = plan_expression(view, entry->expr);
		if (strcmp(name, "customer_id") == 0)
			view->may_lose |= contain_leaked_vars((Node *) view->columns[entry->resno - 1]);
	}
}

/* A view that is to be looked at. */
typedef struct Look
{
	KeptView   *view;
	Oid			relid;
	const KeptRelation *kept;
} Look;

static void
look_at_view(void *argument)
{
	const Look *look = argument;
	KeptView   *view = look->view;
	Relation	relation = try_relation_open(look->relid, AccessShareLock);
	List	   *columns = NIL;
	Node	   *condition = NULL;
	Index		varno = 0;

	view->reason = "it is gone";
	if (relation == NULL)
		return;
	view->views = list_make1_oid(look->relid);
	view->shape = CreateTupleDescCopy(RelationGetDescr(relation));
	view->reason = find_table(view, copyObject(get_view_query(relation)), &columns,
							  &condition, &varno);
	if (view->reason == NULL)
		plan_view(view, look->kept, columns, condition, varno);
	relation_close(relation, NoLock);
}

/*
 * The same, but constants that cannot be computed do not fail the statement.  In
 * a parallel query one may not catch an error; but then it reads the view.
 */
static void
try_view(const Look *look)
{
	const char *error = NULL;

	if (IsInParallelMode())
		look_at_view(unconstify(Look *, look));
	else
		error = attempt(look_at_view, unconstify(Look *, look));
	if (error != NULL)
		look->view->reason = psprintf("it cannot be planned: %s", error);
}

static void
forget_view(ViewEntry *entry)
{
	entry->generation = 0;
	entry->view = NULL;
	if (entry->context != NULL)
		MemoryContextDelete(entry->context);
	entry->context = NULL;
}

static ViewEntry *
find_entry(Oid relid)
{
	HASHCTL		control = {
		.keysize = sizeof(Oid),
		.entrysize = sizeof(ViewEntry)
	};
	ViewEntry  *entry;
	bool		found;

	if (views == NULL)
		views = hash_create("balance kept views", 32, &control, HASH_ELEM | HASH_BLOBS);
	entry = hash_search(views, &relid, HASH_ENTER, &found);
	if (!found)
	{
		entry->generation = 0;
		entry->context = NULL;
		entry->view = NULL;
	}
	return entry;
}

/*
 * A view as it is now, locked until the end of the transaction.  It is looked at
 * with all rights, so that it is the same for all roles: planning runs only
 * functions that a superuser has written.  Whether a role may call them is checked
 * when it reads.
 */
const KeptView *
get_view(Oid relid, const KeptRelation *kept)
{
	uint64		now = store_generation();
	ViewEntry  *entry = find_entry(relid);
	MemoryContext context;
	MemoryContext caller;
	Look		look = {.relid = relid, .kept = kept};
	Caller		acting;

	if (entry->view != NULL && entry->generation == now)
		return entry->view;
	context = AllocSetContextCreate(CurrentMemoryContext, "balance kept view",
									ALLOCSET_SMALL_SIZES);
	caller = MemoryContextSwitchTo(context);
	look.view = palloc0(sizeof(KeptView));
	acting = act_as(BOOTSTRAP_SUPERUSERID);
	try_view(&look);
	act_as_caller(acting);
	MemoryContextSwitchTo(caller);
	entry = find_entry(relid);
	forget_view(entry);
	MemoryContextSetParent(context, CacheMemoryContext);
	entry->context = context;
	entry->view = look.view;
	entry->generation = now;
	return entry->view;
}

/* ---- what others ask ---- */

/* The table whose statements change what is kept of a relation, or InvalidOid. */
Oid
kept_table(Oid relid, const KeptRelation *kept)
{
	const KeptView *view;

	if (get_rel_relkind(relid) != RELKIND_VIEW)
		return relid;
	view = get_view(relid, kept);
	return view->reason == NULL ? view->table : InvalidOid;
}

/* Why a view cannot be kept, whatever its table is, or NULL. */
const char *
why_view_not_kept(Oid relid, const KeptRelation *kept)
{
	const char *reason = get_view(relid, kept)->reason;

	return reason == NULL ? NULL : pstrdup(reason);
}

/*
 * Lock a view and those below it as reading them would.  Whether this
 * transaction had not yet locked one, which may have changed until then.
 */
bool
lock_kept_views(Oid relid, const KeptRelation *kept)
{
	bool		is_new = false;
	ListCell   *lc;

	foreach(lc, get_view(relid, kept)->views)
	{
		LOCKTAG		tag;

		SET_LOCKTAG_RELATION(tag, MyDatabaseId, lfirst_oid(lc));
		is_new |= LockAcquire(&tag, AccessShareLock, false, false) == LOCKACQUIRE_OK;
	}
	AcceptInvalidationMessages();
	return is_new;
}

/* Whether a view and those below it are what a snapshot sees of them. */
bool
views_are_as_seen(Oid relid, const KeptRelation *kept, Snapshot snapshot)
{
	ListCell   *lc;

	if (get_rel_relkind(relid) != RELKIND_VIEW)
		return true;
	foreach(lc, get_view(relid, kept)->views)
	{
		if (!relation_is_as_seen(lfirst_oid(lc), snapshot))
			return false;
	}
	return true;
}

/* Whether a view can have rows whose customer cannot be told. */
bool
view_may_lose(Oid relid, const KeptRelation *kept)
{
	return get_rel_relkind(relid) == RELKIND_VIEW && get_view(relid, kept)->may_lose;
}

static bool
may_read_level(const ViewLevel *level)
{
	Oid			user = OidIsValid(level->user) ? level->user : GetUserId();
	int			column = -1;

	if (pg_class_aclcheck(level->relid, user, ACL_SELECT) == ACLCHECK_OK)
		return true;
	if (bms_is_empty(level->columns))
		return pg_attribute_aclcheck_all(level->relid, user, ACL_SELECT,
										 ACLMASK_ANY) == ACLCHECK_OK;
	while ((column = bms_next_member(level->columns, column)) >= 0)
		if (column + FirstLowInvalidHeapAttributeNumber == InvalidAttrNumber ||
			pg_attribute_aclcheck(level->relid, column + FirstLowInvalidHeapAttributeNumber,
								  user, ACL_SELECT) != ACLCHECK_OK)
			return false;
	return true;
}

/* Whether the caller could read a view, given that he may select from it. */
bool
may_read_below(Oid relid, const KeptRelation *kept)
{
	const KeptView *view;
	ListCell   *lc;

	if (get_rel_relkind(relid) != RELKIND_VIEW)
		return true;
	view = get_view(relid, kept);
	foreach(lc, view->levels)
	{
		if (!may_read_level(lfirst(lc)))
			return false;
	}
	foreach(lc, view->functions)
	{
		if (function_aclcheck(lfirst_oid(lc), GetUserId()) != ACLCHECK_OK)
			return false;
	}
	return true;
}

/* ---- its signature ---- */

/* The columns of a table below a view, or of one of its partitions. */
uint64
signature_add_read(uint64 signature, Oid relid, const KeptRelation *kept, Oid member)
{
	const KeptView *view = get_view(relid, kept);
	int			number = -1;

	while ((number = bms_next_member(view->read, number)) >= 0)
	{
		const char *name = get_attname(view->table, number, true);

		signature = signature_add_cached(signature, name == NULL ? NULL :
										 SearchSysCacheAttName(member, name));
	}
	return signature;
}

/* What a view is made of. */
uint64
signature_add_view(uint64 signature, Oid relid, const KeptRelation *kept)
{
	const KeptView *view = get_view(relid, kept);
	ListCell   *lc;

	foreach(lc, view->views)
		signature = signature_add_cached(signature_add_oid(signature, lfirst_oid(lc)),
										 SearchSysCache2(RULERELNAME,
														 ObjectIdGetDatum(lfirst_oid(lc)),
														 CStringGetDatum(ViewSelectRuleName)));
	foreach(lc, view->functions)
		signature = signature_add_cached(signature_add_oid(signature, lfirst_oid(lc)),
										 SearchSysCache1(PROCOID,
														 ObjectIdGetDatum(lfirst_oid(lc))));
	foreach(lc, view->enums)
		signature = signature_add_labels(signature, lfirst_oid(lc));
	return signature_add_oid(signature, view->table);
}
