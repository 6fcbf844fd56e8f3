/*-------------------------------------------------------------------------
 *
 * views.c
 *	  Views whose balances are kept: what they make of the rows of one table.
 *
 * A view over one table is a list of expressions and a condition.  They are
 * taken from the view's query tree, through the views and sub-selects below it,
 * until they are over the table's columns; a statement's rows are seen through
 * them before they are tallied.
 *
 * What they say of a row must never change.  So they may call immutable
 * functions only, of the system, of extensions in C, and such of SQL whose body
 * was parsed when they were created and becomes part of the expression.  A row
 * for which an expression raises an error is not refused: it is bad, as any
 * other that no document could tally, and lost if not even its customer can be
 * told.
 *
 *-------------------------------------------------------------------------
 */
#include "store.h"

#include "access/attmap.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/sysattr.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "catalog/pg_language.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "ledger/snapshot.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteHandler.h"
#include "rewrite/rewriteManip.h"
#include "rewrite/rewriteSupport.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/regproc.h"
#include "utils/resowner.h"
#include "utils/syscache.h"
#include "utils/tuplestore.h"

/* What a view, or the query of one, reads, and as whom. */
typedef struct ViewLevel
{
	Oid			relid;			/* of the view or table that is read */
	Oid			user;			/* InvalidOid: who asks */
	Bitmapset  *columns;		/* numbers less FirstLowInvalidHeapAttributeNumber */
} ViewLevel;

/* The table in expressions over it. */
#define VIEW_VARNO	1

/* A view, as the catalogue is now. */
typedef struct KeptView
{
	const char *reason;			/* why it is not kept, or NULL */
	Oid			table;			/* whose rows it shows */
	List	   *views;			/* it and those below it */
	List	   *levels;
	TupleDesc	shape;			/* of its own rows */
	Expr	  **columns;		/* over the table; NULL where not needed */
	Expr	   *condition;		/* or NULL */
	Bitmapset  *read;			/* columns of the table */
	List	   *functions;		/* that it calls */
	List	   *enums;
	bool		may_fail;		/* an expression may raise an error */
	bool		may_lose;		/* so may those that tell whose a row is */
} KeptView;

typedef struct ViewEntry
{
	Oid			relid;
	uint64		generation;		/* of the catalogue, when it was looked at */
	MemoryContext context;
	KeptView   *view;
} ViewEntry;

static HTAB *views = NULL;

/* ---- what may raise an error ---- */

/*
 * Whether an error is one of data, or of a query over them, and would come
 * again: not one of the machine, a conflict, or somebody's who interrupts.
 */
static bool
is_of_data(int sqlstate)
{
	switch (ERRCODE_TO_CATEGORY(sqlstate))
	{
		case ERRCODE_TRANSACTION_ROLLBACK:
		case ERRCODE_INSUFFICIENT_RESOURCES:
		case ERRCODE_OPERATOR_INTERVENTION:
		case ERRCODE_SYSTEM_ERROR:
		case ERRCODE_INTERNAL_ERROR:
			return false;
		default:
			return true;
	}
}

/*
 * Do what may raise an error; returns that error's message, or NULL.  Whatever
 * it did to the database is undone then.
 */
char *
attempt(void (*action) (void *), void *argument)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	char	   *volatile message = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		action(argument);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
		if (!is_of_data(error->sqlerrcode))
			ReThrowError(error);
		message = error->message != NULL ? error->message : pstrdup("unknown error");
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return message;
}

/* ---- taking a view apart ---- */

/* A column of what is read becomes the expression that it is. */
typedef struct Substitution
{
	Index		varno;
	List	   *columns;		/* target entries */
	bool		failed;
} Substitution;

static Node *
substitute(Node *node, Substitution *context)
{
	TargetEntry *entry;

	if (node == NULL)
		return NULL;
	if (IsA(node, Var))
	{
		entry = get_tle_by_resno(context->columns, ((Var *) node)->varattno);
		if (((Var *) node)->varno != context->varno || ((Var *) node)->varlevelsup != 0 ||
			entry == NULL)
		{
			context->failed = true;
			return node;
		}
		return copyObject((Node *) entry->expr);
	}
	return expression_tree_mutator(node, substitute, context);
}

/* Why a query is no list of expressions over one relation, or NULL. */
static const char *
why_not_simple(const Query *query)
{
	if (query->commandType != CMD_SELECT || query->setOperations != NULL)
		return "it is a UNION, INTERSECT or EXCEPT";
	if (query->hasAggs || query->groupClause != NIL || query->groupingSets != NIL ||
		query->havingQual != NULL)
		return "it aggregates";
	if (query->distinctClause != NIL)
		return "it is DISTINCT";
	if (query->hasWindowFuncs)
		return "it has window functions";
	if (query->limitCount != NULL || query->limitOffset != NULL)
		return "it has a LIMIT or OFFSET";
	if (query->hasTargetSRFs)
		return "it returns several rows for one";
	if (query->cteList != NIL)
		return "it has a WITH clause";
	if (query->rowMarks != NIL)
		return "it locks rows";
	if (list_length(query->jointree->fromlist) != 1)
		return query->jointree->fromlist == NIL ? "it reads no table" :
			"it reads several relations";
	if (!IsA(linitial(query->jointree->fromlist), RangeTblRef))
		return "it reads several relations";
	return NULL;
}

/* Replace what a view says of the relation below it by what that says. */
static const char *
descend(KeptView *view, List **columns, Node **condition, Index *varno,
		const Query *query)
{
	Substitution substitution = {*varno, query->targetList, false};

	*columns = (List *) substitute((Node *) *columns, &substitution);
	*condition = substitute(*condition, &substitution);
	if (substitution.failed)
		return "it reads system columns or whole rows";
	*condition = make_and_qual(*condition, copyObject(query->jointree->quals));
	return NULL;
}

/*
 * Go down from a query to the table that it reads.  The columns and the
 * condition begin as those of the query, and end as expressions over the table.
 */
static const char *
find_table(KeptView *view, const Query *query, List **columns, Node **condition,
		   Index *varno)
{
	bool		is_top = true;

	for (;;)
	{
		const char *reason = why_not_simple(query);
		const RangeTblEntry *entry;
		ViewLevel  *level;
		Relation	relation;

		if (reason != NULL)
			return reason;
		if (is_top)
		{
			*columns = copyObject(query->targetList);
			*condition = copyObject(query->jointree->quals);
		}
		else if ((reason = descend(view, columns, condition, varno, query)) != NULL)
			return reason;
		is_top = false;
		*varno = ((RangeTblRef *) linitial(query->jointree->fromlist))->rtindex;
		entry = rt_fetch(*varno, query->rtable);
		if (entry->tablesample != NULL)
			return "it reads a sample";
		if (entry->rtekind == RTE_SUBQUERY)
		{
			query = entry->subquery;
			continue;
		}
		if (entry->rtekind != RTE_RELATION)
			return "it reads what is not a table";
		level = palloc0(sizeof(ViewLevel));
		level->relid = entry->relid;
		read_rights(query, entry, &level->user, &level->columns);
		view->levels = lappend(view->levels, level);
		if (entry->relkind != RELKIND_VIEW)
		{
			view->table = entry->relid;
			return entry->relkind == RELKIND_RELATION ||
				entry->relkind == RELKIND_PARTITIONED_TABLE ? NULL :
				"it reads what is not a table";
		}
		view->views = lappend_oid(view->views, entry->relid);
		relation = relation_open(entry->relid, AccessShareLock);
		query = copyObject(get_view_query(relation));
		relation_close(relation, NoLock);
	}
}

/* ---- expressions whose value never changes ---- */

static bool check_functions(Node *node, KeptView *view);

static Form_pg_proc
get_function(HeapTuple tuple, Oid function)
{
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", function);
	return (Form_pg_proc) GETSTRUCT(tuple);
}

/* The body of a function in SQL as it was parsed; NULL if it has none like that. */
static Node *
parsed_body(Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Node	   *body = NULL;

	if (get_function(tuple, function)->prolang == SQLlanguageId)
	{
		bool		isnull;
		Datum		stored = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_prosqlbody, &isnull);

		if (!isnull)
			body = stringToNode(TextDatumGetCString(stored));
	}
	ReleaseSysCache(tuple);
	return body;
}

/* Whether a function is compiled. */
static bool
is_compiled(Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Oid			language = get_function(tuple, function)->prolang;

	ReleaseSysCache(tuple);
	return language == INTERNALlanguageId || language == ClanguageId;
}

/* What the body of a function calls is looked at as what a view calls. */
static bool
check_body(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Query))
	{
		const Query *query = (Query *) node;

		if (query->commandType != CMD_SELECT || query->rtable != NIL)
		{
			((KeptView *) context)->reason = "it calls a function that reads more than the row";
			return true;
		}
		return query_tree_walker((Query *) node, check_body, context, 0);
	}
	return check_functions(node, context) ||
		expression_tree_walker(node, check_body, context);
}

/*
 * Whether a function may give another result some day.  Labels of an enum may
 * be renamed, but they are in the signature.
 */
static bool
check_function(Oid function, void *context)
{
	KeptView   *view = context;
	Node	   *body;

	if (list_member_oid(view->functions, function))
		return false;
	view->functions = lappend_oid(view->functions, function);
	if (function == F_ENUM_OUT || function == F_ENUM_IN)
		return false;
	if (func_volatile(function) != PROVOLATILE_IMMUTABLE)
		view->reason = psprintf("it calls %s, which is not immutable",
								format_procedure_qualified(function));
	if (view->reason != NULL || function < FirstNormalObjectId)
		return view->reason != NULL;
	if (is_compiled(function) &&
		OidIsValid(getExtensionOfObject(ProcedureRelationId, function)))
		return false;
	body = parsed_body(function);
	if (body != NULL)
		return check_body(body, view);
	view->reason = psprintf("it calls %s, of which nobody knows what it calls",
							format_procedure_qualified(function));
	return true;
}

static bool
check_functions(Node *node, KeptView *view)
{
	return check_functions_in_node(node, check_function, view);
}

/* Types whose text depends on a setting, though their output is immutable. */
static bool
prints_by_setting(Oid type)
{
	type = getBaseType(type);
	return type == FLOAT4OID || type == FLOAT8OID || type == INTERVALOID ||
		type == BYTEAOID;
}

/* Whether an expression is of a kind that depends on nothing but the row. */
static bool
is_of_row(Node *node)
{
	switch (nodeTag(node))
	{
		case T_Var:
			return ((Var *) node)->varattno > 0;
		case T_CoerceViaIO:
			return !prints_by_setting(exprType((Node *) ((CoerceViaIO *) node)->arg)) &&
				!prints_by_setting(((CoerceViaIO *) node)->resulttype);
		case T_MinMaxExpr:
			return ((MinMaxExpr *) node)->minmaxtype < FirstNormalObjectId;
		case T_Const:
		case T_FuncExpr:
		case T_NamedArgExpr:
		case T_OpExpr:
		case T_DistinctExpr:
		case T_NullIfExpr:
		case T_ScalarArrayOpExpr:
		case T_BoolExpr:
		case T_RelabelType:
		case T_CollateExpr:
		case T_CaseExpr:
		case T_CaseWhen:
		case T_CaseTestExpr:
		case T_ArrayExpr:
		case T_CoalesceExpr:
		case T_NullTest:
		case T_BooleanTest:
		case T_List:
			return true;
		default:
			return false;
	}
}

/* Look at an expression; true if the view cannot be kept for it. */
static bool
check_node(Node *node, void *context)
{
	KeptView   *view = context;

	if (node == NULL)
		return false;
	if (!is_of_row(node))
	{
		view->reason = IsA(node, Var) ? "it reads system columns or whole rows" :
			IsA(node, SubLink) ? "it has a sub-select in an expression" :
			"it has an expression that may depend on more than the row";
		return true;
	}
	if (IsA(node, Var) || IsA(node, CoerceViaIO))
	{
		Oid			type = getBaseType(exprType(node));

		if (type_is_enum(type))
			view->enums = list_append_unique_oid(view->enums, type);
	}
	if (IsA(node, Var))
		view->read = bms_add_member(view->read, ((Var *) node)->varattno);
	return check_functions(node, view) ||
		expression_tree_walker(node, check_node, view);
}

/* After planning: a function that is still there must be compiled. */
static bool
check_planned_function(Oid function, void *context)
{
	KeptView   *view = context;

	if (!is_compiled(function))
		view->reason = psprintf("it calls %s, which is no single expression",
								format_procedure_qualified(function));
	return view->reason != NULL;
}

static bool
check_planned(Node *node, void *context)
{
	if (node == NULL)
		return false;
	return check_functions_in_node(node, check_planned_function, context) ||
		expression_tree_walker(node, check_planned, context);
}

/* An expression as it is evaluated, unless there is a reason against it. */
static Expr *
plan_expression(KeptView *view, Expr *expression)
{
	if (view->reason != NULL || expression == NULL ||
		check_node((Node *) expression, view))
		return NULL;
	expression = expression_planner(expression);
	/* the bodies of functions are part of it now */
	if (check_node((Node *) expression, view) || check_planned((Node *) expression, view))
		return NULL;
	view->may_fail |= contain_leaked_vars((Node *) expression);
	return expression;
}

/* ---- a view as a whole ---- */

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
	Relation	relation = relation_open(look->relid, AccessShareLock);
	List	   *columns = NIL;
	Node	   *condition = NULL;
	Index		varno = 0;

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
 * with all rights, so that it is the same for everybody: what planning runs are
 * functions that nobody but a superuser has written.  Whether somebody may call
 * them is asked when he reads.
 */
static const KeptView *
get_view(Oid relid, const KeptRelation *kept)
{
	uint64		now = store_generation();
	ViewEntry  *entry = find_entry(relid);
	MemoryContext context;
	MemoryContext caller;
	Look		look = {.relid = relid, .kept = kept};
	Oid			user;
	int			security;

	if (entry->view != NULL && entry->generation == now)
		return entry->view;
	context = AllocSetContextCreate(CurrentMemoryContext, "balance kept view",
									ALLOCSET_SMALL_SIZES);
	caller = MemoryContextSwitchTo(context);
	look.view = palloc0(sizeof(KeptView));
	GetUserIdAndSecContext(&user, &security);
	SetUserIdAndSecContext(BOOTSTRAP_SUPERUSERID, security | STORE_SECURITY);
	try_view(&look);
	SetUserIdAndSecContext(user, security);
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

/* Lock a view and those below it as whoever reads them would. */
void
lock_kept_views(Oid relid, const KeptRelation *kept)
{
	ListCell   *lc;

	foreach(lc, get_view(relid, kept)->views)
		LockRelationOid(lfirst_oid(lc), AccessShareLock);
}

/* Whether a view and those below it are what a snapshot sees of them. */
bool
views_are_as_seen(Oid relid, const KeptRelation *kept, Snapshot snapshot)
{
	ListCell   *lc;

	if (get_rel_relkind(relid) != RELKIND_VIEW)
		return true;
	foreach(lc, get_view(relid, kept)->views)
		if (!relation_is_as_seen(lfirst_oid(lc), snapshot))
			return false;
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
		if (!may_read_level(lfirst(lc)))
			return false;
	foreach(lc, view->functions)
		if (function_aclcheck(lfirst_oid(lc), GetUserId()) != ACLCHECK_OK)
			return false;
	return true;
}

/* ---- its signature ---- */

/* Where the catalogue has the rule of a view. */
static uint64
add_rule(uint64 signature, Oid relid)
{
	HeapTuple	tuple = SearchSysCache2(RULERELNAME, ObjectIdGetDatum(relid),
										CStringGetDatum(ViewSelectRuleName));

	if (!HeapTupleIsValid(tuple))
		return signature_add_oid(signature, InvalidOid);
	signature = signature_add_tuple(signature, tuple);
	ReleaseSysCache(tuple);
	return signature;
}

static uint64
add_function(uint64 signature, Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));

	if (!HeapTupleIsValid(tuple))
		return signature_add_oid(signature, InvalidOid);
	signature = signature_add_oid(signature, function);
	signature = signature_add_tuple(signature, tuple);
	ReleaseSysCache(tuple);
	return signature;
}

/* The columns of a table below a view, or of one of its partitions. */
uint64
signature_add_read(uint64 signature, Oid relid, const KeptRelation *kept, Oid member)
{
	const KeptView *view = get_view(relid, kept);
	int			number = -1;

	while ((number = bms_next_member(view->read, number)) >= 0)
	{
		const char *name = get_attname(view->table, number, true);
		HeapTuple	tuple = name == NULL ? NULL : SearchSysCacheAttName(member, name);

		if (!HeapTupleIsValid(tuple))
		{
			signature = signature_add_oid(signature, InvalidOid);
			continue;
		}
		signature = signature_add_tuple(signature, tuple);
		ReleaseSysCache(tuple);
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
		signature = add_rule(signature_add_oid(signature, lfirst_oid(lc)), lfirst_oid(lc));
	foreach(lc, view->functions)
		signature = add_function(signature, lfirst_oid(lc));
	foreach(lc, view->enums)
		signature = signature_add_labels(signature, lfirst_oid(lc));
	return signature_add_oid(signature, view->table);
}

/* ---- seeing rows through a view ---- */

typedef struct ReaderKey
{
	Oid			view;
	Oid			member;			/* the table, or a partition of it */
} ReaderKey;

/* Its expressions, ready for the rows of a table. */
typedef struct ViewReader
{
	ReaderKey	key;
	uint64		generation;
	MemoryContext context;		/* NULL: there is nothing of it */
	bool		may_fail;
	TupleDesc	shape;			/* of the view's rows */
	ExprContext *row;
	TupleTableSlot *slot;
	ExprState  *condition;
	ExprState **columns;
	int			customer;		/* which column that is */
} ViewReader;

static HTAB *readers = NULL;

static void
forget_reader(ViewReader *reader)
{
	if (reader->context != NULL)
		MemoryContextDelete(reader->context);
	reader->context = NULL;
}

static ViewReader *
find_reader(Oid view, Oid member)
{
	HASHCTL		control = {
		.keysize = sizeof(ReaderKey),
		.entrysize = sizeof(ViewReader)
	};
	ReaderKey	key;
	ViewReader *reader;
	bool		found;

	if (readers == NULL)
		readers = hash_create("balance view readers", 32, &control, HASH_ELEM | HASH_BLOBS);
	memset(&key, 0, sizeof(key));
	key.view = view;
	key.member = member;
	reader = hash_search(readers, &key, HASH_ENTER, &found);
	if (!found)
		reader->context = NULL;
	return reader;
}

/* Columns of the table as columns of a partition of it, which may have others. */
static AttrMap *
map_columns(const KeptView *view, Oid member)
{
	int			number = -1;
	int			last = bms_prev_member(view->read, -1);
	AttrMap    *map = make_attrmap(Max(last, 1));

	while ((number = bms_next_member(view->read, number)) >= 0)
		map->attnums[number - 1] = get_attnum(member, get_attname(view->table, number, false));
	return map;
}

static ExprState *
prepare_expression(const KeptView *view, Expr *expression, const AttrMap *map)
{
	bool		whole_row;

	if (expression == NULL)
		return NULL;
	return ExecInitExpr((Expr *) map_variable_attnos((Node *) expression, VIEW_VARNO, 0,
													 map, InvalidOid, &whole_row), NULL);
}

/* Have a view's expressions ready for the rows of a table. */
static void
prepare_reader(ViewReader *reader, const KeptView *view, Relation member)
{
	AttrMap    *map = map_columns(view, RelationGetRelid(member));

	reader->may_fail = view->may_fail;
	reader->shape = CreateTupleDescCopy(view->shape);
	reader->slot = MakeSingleTupleTableSlot(CreateTupleDescCopy(RelationGetDescr(member)),
											&TTSOpsMinimalTuple);
	reader->row = CreateStandaloneExprContext();
	reader->condition = prepare_expression(view, view->condition, map);
	reader->columns = palloc0(view->shape->natts * sizeof(ExprState *));
	for (int i = 0; i < view->shape->natts; i++)
	{
		reader->columns[i] = prepare_expression(view, view->columns[i], map);
		if (strcmp(NameStr(TupleDescAttr(view->shape, i)->attname), "customer_id") == 0)
			reader->customer = i;
	}
}

static ViewReader *
get_reader(Oid relid, const KeptRelation *kept, Relation member)
{
	uint64		now = store_generation();
	ViewReader *reader = find_reader(relid, RelationGetRelid(member));
	MemoryContext context;
	MemoryContext caller;
	Oid			user;
	int			security;

	if (reader->context != NULL && reader->generation == now)
		return reader;
	forget_reader(reader);
	context = AllocSetContextCreate(CurrentMemoryContext, "balance view reader",
									ALLOCSET_SMALL_SIZES);
	caller = MemoryContextSwitchTo(context);
	/* nobody's right to write depends on the view's owner's to call a function */
	GetUserIdAndSecContext(&user, &security);
	SetUserIdAndSecContext(BOOTSTRAP_SUPERUSERID, security | STORE_SECURITY);
	prepare_reader(reader, get_view(relid, kept), member);
	SetUserIdAndSecContext(user, security);
	MemoryContextSwitchTo(caller);
	MemoryContextSetParent(context, CacheMemoryContext);
	reader->context = context;
	reader->generation = now;
	return reader;
}

/* Rows that are seen through a view. */
typedef struct ViewRows
{
	ViewReader *reader;
	Tuplestorestate *from;
	Tuplestorestate *to;
	bool		customer_only;	/* nothing else of a row can be had */
} ViewRows;

static Datum
evaluate(const ViewReader *reader, ExprState *expression, bool *isnull)
{
	return ExecEvalExprSwitchContext(expression, reader->row, isnull);
}

/* Put the row that is in the slot, if the view shows it. */
static void
put_row(void *context)
{
	const ViewRows *rows = context;
	const ViewReader *reader = rows->reader;
	int			n = reader->shape->natts;
	Datum	   *values;
	bool	   *nulls;
	MemoryContext caller = MemoryContextSwitchTo(reader->row->ecxt_per_tuple_memory);

	values = palloc0(n * sizeof(Datum));
	nulls = palloc(n * sizeof(bool));
	MemoryContextSwitchTo(caller);
	reader->row->ecxt_scantuple = reader->slot;
	if (reader->condition != NULL)
	{
		bool		isnull;
		Datum		shown = evaluate(reader, reader->condition, &isnull);

		if (isnull || !DatumGetBool(shown))
			return;
	}
	for (int i = 0; i < n; i++)
	{
		nulls[i] = true;
		if (reader->columns[i] != NULL && (!rows->customer_only || i == reader->customer))
			values[i] = evaluate(reader, reader->columns[i], &nulls[i]);
	}
	tuplestore_putvalues(rows->to, reader->shape, values, nulls);
}

static bool
next_row(const ViewRows *rows)
{
	CHECK_FOR_INTERRUPTS();
	ResetExprContext(rows->reader->row);
	return tuplestore_gettupleslot(rows->from, true, false, rows->reader->slot);
}

static void
put_rows(void *context)
{
	while (next_row(context))
		put_row(context);
}

/*
 * Row by row: one of which only the customer is known has no currency, which
 * makes it bad.  Returns how many are lost.
 */
static int64
put_rows_that_fail(ViewRows *rows)
{
	int64		lost = 0;

	while (next_row(rows))
	{
		rows->customer_only = false;
		if (attempt(put_row, rows) == NULL)
			continue;
		rows->customer_only = true;
		lost += attempt(put_row, rows) != NULL;
	}
	return lost;
}

/*
 * What a view shows of rows of its table or of a partition, which is the
 * caller's to end, and how many of them are lost.
 */
Tuplestorestate *
view_rows(Oid relid, const KeptRelation *kept, Relation member, Tuplestorestate *from,
		  int64 *lost)
{
	ViewRows	rows = {
		.reader = get_reader(relid, kept, member),
		.from = from,
		.to = tuplestore_begin_heap(true, false, work_mem)
	};

	*lost = 0;
	rewind_rows(from);
	if (!rows.reader->may_fail)
		put_rows(&rows);
	else if (attempt(put_rows, &rows) != NULL)
	{
		tuplestore_rescan(from);
		tuplestore_clear(rows.to);
		*lost = put_rows_that_fail(&rows);
		/* what has failed may have left its expression in any state */
		rows.reader->generation = 0;
	}
	ExecClearTuple(rows.reader->slot);
	return rows.to;
}
