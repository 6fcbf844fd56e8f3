/*-------------------------------------------------------------------------
 *
 * scan.c
 *	  Scans of a store, of the customers that a query asks for.
 *
 * stored_positions() in a query's FROM clause is a function, which the planner
 * can but run to its end.  Where the query compares its customer_id with
 * something, a custom scan looks these customers up instead, as an index scan of
 * the store would, be it a constant, a parameter or another relation's column in
 * a nested loop.  Whatever it was looked up by is checked again as a filter.  Where
 * it wants all customers, the scan returns them as they are read, one by one.
 *
 * Beside it stand the rows for where the store does not count.  While it does,
 * they cost nothing, which the planner cannot know of a one-time filter: so it is
 * told, lest it take a hash join for the cheaper one.
 *
 *-------------------------------------------------------------------------
 */
#include "positions.h"

#include "access/stratnum.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_type.h"
#include "commands/explain.h"
#if PG_VERSION_NUM >= 180000
#include "commands/explain_format.h"
#endif
#include "executor/executor.h"
#include "nodes/extensible.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/plancat.h"
#include "optimizer/restrictinfo.h"
#include "parser/parsetree.h"
#include "position/datum.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/ruleutils.h"
#include "utils/snapmgr.h"

static set_rel_pathlist_hook_type next_hook = NULL;

/* ---- what a query asks for ---- */

static bool
is_our_function(Oid function, const char *name)
{
	const char *found = get_func_name(function);

	return found != NULL && strcmp(found, name) == 0 &&
		get_func_namespace(function) == get_namespace_oid("balance", true);
}

/* The call of stored_positions() that a relation of the query is, or NULL. */
static FuncExpr *
stored_call(const RangeTblEntry *entry)
{
	const RangeTblFunction *function;

	if (entry->rtekind != RTE_FUNCTION || entry->funcordinality ||
		list_length(entry->functions) != 1)
		return NULL;
	function = linitial_node(RangeTblFunction, entry->functions);
	if (!IsA(function->funcexpr, FuncExpr) ||
		!is_our_function(((FuncExpr *) function->funcexpr)->funcid, "stored_positions"))
		return NULL;
	return (FuncExpr *) function->funcexpr;
}

/* Whether an expression is the relation's customer_id. */
static bool
is_customer(Node *expression, Index relid)
{
	while (IsA(expression, RelabelType))
		expression = (Node *) ((RelabelType *) expression)->arg;
	return IsA(expression, Var) && ((Var *) expression)->varno == relid &&
		((Var *) expression)->varattno == 1 && ((Var *) expression)->varlevelsup == 0;
}

/*
 * Whether values that an operator takes for equal are the same text, so that the
 * store's index finds them all.
 */
static bool
compares_text(Oid operator, Oid collation)
{
	if (OidIsValid(collation) && !get_collation_isdeterministic(collation))
		return false;
	switch (get_opcode(operator))
	{
		case F_TEXTEQ:
		case F_NAMEEQ:
		case F_UUID_EQ:
		case F_ENUM_EQ:
			return true;
		default:
			return get_op_opfamily_strategy(operator, INTEGER_BTREE_FAM_OID) ==
				BTEqualStrategyNumber;
	}
}

/* What the customer is compared with: a value or, for = ANY, an array; or NULL. */
static Expr *
asked_customer(const RestrictInfo *restriction, Index relid)
{
	Node	   *clause = (Node *) restriction->clause;
	List	   *arguments;
	Node	   *other;

	if (restriction->pseudoconstant || contain_volatile_functions(clause))
		return NULL;
	if (IsA(clause, ScalarArrayOpExpr))
	{
		const ScalarArrayOpExpr *any = (ScalarArrayOpExpr *) clause;

		arguments = any->args;
		if (!any->useOr || !compares_text(any->opno, any->inputcollid) ||
			!is_customer(linitial(arguments), relid))
			return NULL;
		other = lsecond(arguments);
	}
	else if (IsA(clause, OpExpr) && list_length(((OpExpr *) clause)->args) == 2)
	{
		const OpExpr *equals = (OpExpr *) clause;

		arguments = equals->args;
		if (!compares_text(equals->opno, equals->inputcollid))
			return NULL;
		other = is_customer(linitial(arguments), relid) ? lsecond(arguments) :
			is_customer(lsecond(arguments), relid) ? linitial(arguments) : NULL;
	}
	else
		return NULL;
	if (other == NULL || bms_is_member(relid, pull_varnos(NULL, other)))
		return NULL;
	return (Expr *) other;
}

/* ---- estimates ---- */

/* How many rows a ledger's store has, or -1 if there is none. */
static double
count_store(Oid schema)
{
	Oid			store = get_relname_relid(STORE_NAME, schema);
	Relation	relation = OidIsValid(store) ? try_table_open(store, AccessShareLock) : NULL;
	BlockNumber pages;
	double		rows;
	double		visible;

	if (relation == NULL)
		return -1;
	estimate_rel_size(relation, NULL, &pages, &rows, &visible);
	table_close(relation, NoLock);
	return rows;
}

/*
 * How many rows stored_positions() returns: at most those of the store.  Being
 * asked for that has the library loaded, and its paths known, as soon as a query
 * with the function in it is planned.
 */
PG_FUNCTION_INFO_V1(stored_positions_support);
Datum
stored_positions_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);
	SupportRequestRows *estimate = (SupportRequestRows *) request;
	const Const *schema;
	double		rows;

	if (!IsA(request, SupportRequestRows) || !IsA(estimate->node, FuncExpr))
		PG_RETURN_POINTER(NULL);
	schema = linitial(((FuncExpr *) estimate->node)->args);
	if (!IsA(schema, Const) || schema->constisnull)
		PG_RETURN_POINTER(NULL);
	rows = count_store(DatumGetObjectId(schema->constvalue));
	if (rows < 0)
		PG_RETURN_POINTER(NULL);
	estimate->rows = Max(rows, 1);
	PG_RETURN_POINTER(request);
}

/* ---- paths ---- */

static Plan *plan_scan(PlannerInfo *root, RelOptInfo *relation, CustomPath *path,
					   List *columns, List *clauses, List *plans);
static Node *create_scan_state(CustomScan *scan);

static const CustomPathMethods path_methods = {
	.CustomName = "Balance Store",
	.PlanCustomPath = plan_scan
};

static const CustomScanMethods scan_methods = {
	.CustomName = "Balance Store",
	.CreateCustomScanState = create_scan_state
};

static bool
is_usable(const RestrictInfo *restriction, RelOptInfo *relation)
{
	return asked_customer(restriction, relation->relid) != NULL &&
		restriction_is_securely_promotable(unconstify(RestrictInfo *, restriction), relation);
}

static CustomPath *
make_scan_path(RelOptInfo *relation, ParamPathInfo *parameters, double rows, Cost cost)
{
	CustomPath *path = makeNode(CustomPath);

	path->path.pathtype = T_CustomScan;
	path->path.parent = relation;
	path->path.pathtarget = relation->reltarget;
	path->path.param_info = parameters;
	path->path.rows = rows;
	path->path.startup_cost = 0;
	path->path.total_cost = cost;
	path->flags = CUSTOMPATH_SUPPORT_PROJECTION;
	path->methods = &path_methods;
	return path;
}

/*
 * Add a path for what is asked together with some other relations, or with none:
 * a few pages, which are mostly in memory, so less than the whole store in any case.
 */
static void
add_scan_path(PlannerInfo *root, RelOptInfo *relation, Relids outer)
{
	ParamPathInfo *parameters = get_baserel_parampathinfo(root, relation, outer);
	double		rows = parameters != NULL ? parameters->ppi_rows : relation->rows;

	add_path(relation, (Path *) make_scan_path(relation, parameters, rows,
											   random_page_cost / 2 + rows * cpu_tuple_cost));
}

/*
 * Add a path for all customers.  It costs what the function does, but returns them
 * one by one, while the function's are all kept before the first is seen.
 */
static void
add_whole_scan_path(RelOptInfo *relation)
{
	const Path *function = linitial(relation->pathlist);

	add_path(relation, (Path *) make_scan_path(relation, function->param_info, relation->rows,
											   function->total_cost));
}

static bool
is_customer_of_class(PlannerInfo *root, RelOptInfo *relation, EquivalenceClass *class,
					 EquivalenceMember *member, void *argument)
{
	return is_customer((Node *) member->em_expr, relation->relid);
}

/* Whether a list has a set of relations, which PostgreSQL 15 does not take for a node. */
static bool
has_set(const List *sets, Relids set)
{
	ListCell   *lc;

	foreach(lc, sets)
	{
		if (bms_equal(lfirst(lc), set))
			return true;
	}
	return false;
}

/* The sets of other relations by whose columns a customer can be looked up. */
static List *
outer_relations(PlannerInfo *root, RelOptInfo *relation)
{
	List	   *clauses = list_copy(relation->joininfo);
	List	   *found = NIL;
	ListCell   *lc;

	if (relation->has_eclass_joins)
	{
		List	   *implied =
			generate_implied_equalities_for_column(root, relation, is_customer_of_class, NULL,
												   relation->lateral_referencers);

		clauses = list_concat(clauses, implied);
	}
	foreach(lc, clauses)
	{
		RestrictInfo *clause = lfirst_node(RestrictInfo, lc);
		Relids		outer;

		if (!join_clause_is_movable_to(clause, relation) || !is_usable(clause, relation))
			continue;
		outer = bms_union(clause->clause_relids, relation->lateral_relids);
		outer = bms_del_member(outer, relation->relid);
		if (!bms_is_empty(outer) && !has_set(found, outer))
			found = lappend(found, outer);
	}
	return found;
}

/* Whether an expression has the whole row, which the scan does not return. */
static bool
has_whole_row(Node *expression, Index relid)
{
	Bitmapset  *columns = NULL;

	pull_varattnos(expression, relid, &columns);
	return bms_is_member(InvalidAttrNumber - FirstLowInvalidHeapAttributeNumber, columns);
}

static bool
wants_whole_row(RelOptInfo *relation)
{
	List	   *clauses = list_concat_copy(relation->baserestrictinfo, relation->joininfo);

	return has_whole_row((Node *) relation->reltarget->exprs, relation->relid) ||
		has_whole_row((Node *) extract_actual_clauses(clauses, false), relation->relid);
}

static void
add_scan_paths(PlannerInfo *root, RelOptInfo *relation)
{
	bool		is_asked = false;
	ListCell   *lc;

	if (wants_whole_row(relation))
		return;
	foreach(lc, relation->baserestrictinfo)
		is_asked = is_asked || is_usable(lfirst_node(RestrictInfo, lc), relation);
	if (is_asked)
		add_scan_path(root, relation, relation->lateral_relids);
	else
		add_whole_scan_path(relation);
	foreach(lc, outer_relations(root, relation))
		add_scan_path(root, relation, lfirst(lc));
}

/* ---- rows that are read only where the store does not count ---- */

/* Whether some expression asks that of a store which counts now. */
static bool
asks_counting_store(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, asks_counting_store, context, 0);
	if (IsA(node, FuncExpr) && is_our_function(((FuncExpr *) node)->funcid, "store_counts"))
	{
		const FuncExpr *call = (FuncExpr *) node;
		const Const *schema = linitial(call->args);
		const Const *name = lsecond(call->args);

		return IsA(schema, Const) && IsA(name, Const) && !schema->constisnull &&
			!name->constisnull && ActiveSnapshotSet() &&
			store_counts_for(DatumGetObjectId(schema->constvalue),
							 find_kept(TextDatumGetCString(name->constvalue)),
							 GetActiveSnapshot());
	}
	return expression_tree_walker(node, asks_counting_store, context);
}

/* A subquery WHERE NOT (SELECT store_counts(...)), as the views have it. */
static bool
is_left_out(const RangeTblEntry *entry)
{
	Node	   *condition;

	if (entry->rtekind != RTE_SUBQUERY || entry->subquery->jointree == NULL)
		return false;
	condition = entry->subquery->jointree->quals;
	if (condition == NULL || !is_notclause(condition) ||
		!IsA(get_notclausearg(condition), SubLink))
		return false;
	return asks_counting_store((Node *) ((SubLink *) get_notclausearg(condition))->subselect,
							   NULL);
}

static void
set_cost(Path *path, double rows, Cost cost)
{
	path->rows = rows;
	path->startup_cost = 0;
	path->total_cost = cost;
}

/* Estimates for a subquery, whose own plans would have others. */
static void
set_subquery_cost(RelOptInfo *relation, double rows, Cost cost)
{
	ListCell   *lc;

	relation->rows = rows;
	foreach(lc, relation->pathlist)
	{
		Path	   *path = lfirst(lc);

		if (IsA(path, SubqueryScanPath))
			set_cost(((SubqueryScanPath *) path)->subpath, rows, cost);
		set_cost(path, rows, cost);
	}
}

/* ---- rows that are read for some customers only ---- */

/* A subquery of stored_positions() alone. */
static bool
is_stored_subquery(const RangeTblEntry *entry)
{
	return entry->rtekind == RTE_SUBQUERY && list_length(entry->subquery->rtable) == 1 &&
		stored_call(linitial_node(RangeTblEntry, entry->subquery->rtable)) != NULL;
}

/*
 * What is tallied for customers of whom the store has no position: the planner
 * takes it to be all of them, and has it compiled, if it may.
 */
static void
forget_tallies(RelOptInfo *relation)
{
	QualCost   *tally = &relation->reltarget->cost;
	ListCell   *lc;

	foreach(lc, relation->pathlist)
	{
		Path	   *path = lfirst(lc);

		path->startup_cost -= tally->startup;
		path->total_cost -= tally->startup + path->rows * tally->per_tuple;
	}
	tally->startup = tally->per_tuple = 0;
}

static void
set_paths(PlannerInfo *root, RelOptInfo *relation, Index index, RangeTblEntry *entry)
{
	if (next_hook != NULL)
		next_hook(root, relation, index, entry);
	if (IS_DUMMY_REL(relation))
		return;
	if (stored_call(entry) != NULL)
	{
		forget_tallies(relation);
		add_scan_paths(root, relation);
	}
	else if (is_stored_subquery(entry))
		set_subquery_cost(relation, relation->rows, relation->rows * cpu_tuple_cost);
	else if (is_left_out(entry))
		set_subquery_cost(relation, 1, 0);
}

void
store_scan_init(void)
{
	RegisterCustomScanMethods(&scan_methods);
	next_hook = set_rel_pathlist_hook;
	set_rel_pathlist_hook = set_paths;
}

/* ---- the plan ---- */

/* The columns of the function, which are what the scan returns. */
static List *
scan_columns(const RangeTblEntry *entry, Index relid)
{
	const RangeTblFunction *function = linitial_node(RangeTblFunction, entry->functions);
	List	   *columns = NIL;

	for (int i = 0; i < list_length(function->funccoltypes); i++)
	{
		Var		   *column = makeVar(relid, i + 1, list_nth_oid(function->funccoltypes, i),
									 list_nth_int(function->funccoltypmods, i),
									 list_nth_oid(function->funccolcollations, i), 0);
		char	   *name = pstrdup(strVal(list_nth(entry->eref->colnames, i)));

		columns = lappend(columns, makeTargetEntry((Expr *) column, i + 1, name, false));
	}
	return columns;
}

/*
 * The expressions are the function's arguments and, behind them, who is asked for,
 * unless that is everybody.
 */
static Plan *
plan_scan(PlannerInfo *root, RelOptInfo *relation, CustomPath *path, List *columns,
		  List *clauses, List *plans)
{
	CustomScan *scan = makeNode(CustomScan);
	const RangeTblEntry *entry = planner_rt_fetch(relation->relid, root);
	Expr	   *asked = NULL;
	ListCell   *lc;

	foreach(lc, clauses)
	{
		if (asked == NULL && is_usable(lfirst_node(RestrictInfo, lc), relation))
			asked = asked_customer(lfirst_node(RestrictInfo, lc), relation->relid);
	}
	scan->scan.plan.targetlist = columns;
	scan->scan.plan.qual = extract_actual_clauses(clauses, false);
	scan->scan.scanrelid = 0;
	scan->custom_exprs = list_copy(stored_call(entry)->args);
	if (asked != NULL)
		scan->custom_exprs = lappend(scan->custom_exprs, asked);
	scan->custom_scan_tlist = scan_columns(entry, relation->relid);
	scan->flags = path->flags;
	scan->methods = &scan_methods;
	return (Plan *) scan;
}

/* ---- running ---- */

typedef struct StoreScanState
{
	CustomScanState state;
	List	   *arguments;		/* ExprStates */
	ExprState  *asked;			/* NULL: all customers */
	Oid			asked_type;
	MemoryContext context;		/* of one reading */
	StoreReading reading;
	bool		is_begun;
	bool		has_reading;	/* else there is nothing to be read */
	int			next;			/* of the rows found */
} StoreScanState;

/* A value as the store has it. */
static Datum
customer_text(Datum value, Oid type)
{
	Oid			output;
	bool		is_varlena;

	if (getBaseType(type) == TEXTOID || getBaseType(type) == VARCHAROID)
		return PointerGetDatum(PG_DETOAST_DATUM_COPY(value));
	getTypeOutputInfo(type, &output, &is_varlena);
	return CStringGetTextDatum(OidOutputFunctionCall(output, value));
}

static int
compare_texts(const void *a, const void *b)
{
	return DatumGetInt32(DirectFunctionCall2(bttext_pattern_cmp, *(const Datum *) a,
											 *(const Datum *) b));
}

/* Ask for the customers of an array, each once. */
static void
ask_for_array(StoreReading *reading, ArrayType *array)
{
	Oid			type = ARR_ELEMTYPE(array);
	int16		length;
	bool		by_value;
	char		align;
	Datum	   *values;
	bool	   *nulls;
	int			n;
	int			found = 0;

	get_typlenbyvalalign(type, &length, &by_value, &align);
	deconstruct_array(array, type, length, by_value, align, &values, &nulls, &n);
	for (int i = 0; i < n; i++)
		if (!nulls[i])
			values[found++] = customer_text(values[i], type);
	qsort(values, found, sizeof(Datum), compare_texts);
	reading->asked = values;
	for (int i = 0; i < found; i++)
		if (i == 0 || compare_texts(&values[reading->nasked - 1], &values[i]) != 0)
			values[reading->nasked++] = values[i];
}

/* Ask for those whom the query compares with; false if that is nobody. */
static bool
ask_for_customers(StoreScanState *scan, ExprContext *context)
{
	StoreReading *reading = &scan->reading;
	bool		isnull;
	Datum		asked;

	if (scan->asked == NULL)
		return true;
	asked = ExecEvalExprSwitchContext(scan->asked, context, &isnull);
	if (isnull)
		return false;
	reading->is_asked = true;
	reading->nasked = reading->next_asked = 0;
	if (OidIsValid(get_element_type(scan->asked_type)))
	{
		ask_for_array(reading, DatumGetArrayTypeP(asked));
		return true;
	}
	reading->asked = palloc(sizeof(Datum));
	reading->asked[reading->nasked++] = customer_text(asked, scan->asked_type);
	return true;
}

/* Begin to read what the arguments tell; they may change from scan to scan. */
static void
begin_reading(StoreScanState *scan)
{
	ExprContext *context = scan->state.ss.ps.ps_ExprContext;
	EState	   *estate = scan->state.ss.ps.state;
	MemoryContext caller = MemoryContextSwitchTo(scan->context);
	Datum		arguments[NUM_STORED_ARGUMENTS];
	bool		nulls[NUM_STORED_ARGUMENTS];
	int			i = 0;
	ListCell   *lc;

	foreach(lc, scan->arguments)
	{
		arguments[i] = ExecEvalExprSwitchContext((ExprState *) lfirst(lc), context, &nulls[i]);
		i++;
	}
	scan->reading.snapshot = estate->es_snapshot;
	scan->is_begun = true;
	scan->has_reading = begin_reading_store(&scan->reading, estate->es_query_cxt, arguments,
											nulls);
	if (scan->has_reading && !ask_for_customers(scan, context))
	{
		end_reading_store(&scan->reading);
		scan->has_reading = false;
	}
	MemoryContextSwitchTo(caller);
}

static void
end_reading(StoreScanState *scan)
{
	if (scan->has_reading)
		end_reading_store(&scan->reading);
	scan->is_begun = scan->has_reading = false;
	scan->reading.nfound = scan->next = 0;
	MemoryContextReset(scan->context);
}

static TupleTableSlot *
next_row(ScanState *state)
{
	StoreScanState *scan = (StoreScanState *) state;
	TupleTableSlot *slot = ExecClearTuple(state->ss_ScanTupleSlot);
	int			n = slot->tts_tupleDescriptor->natts;
	const FoundRow *row;

	if (!scan->is_begun)
		begin_reading(scan);
	if (!scan->has_reading)
		return slot;
	if (scan->next == scan->reading.nfound)
	{
		MemoryContext caller = MemoryContextSwitchTo(scan->context);
		bool		found = next_customer(&scan->reading);

		MemoryContextSwitchTo(caller);
		scan->next = 0;
		if (!found)
			return slot;
	}
	row = &scan->reading.found[scan->next++];
	memcpy(slot->tts_values, row->values, n * sizeof(Datum));
	memcpy(slot->tts_isnull, row->nulls, n * sizeof(bool));
	return ExecStoreVirtualTuple(slot);
}

/*
 * When a row of another table is looked at again after somebody else has changed
 * it, a scan of no table of its own is to put its rows itself.  They are those of
 * the statement's snapshot, as before.
 */
static bool
recheck_row(ScanState *state, TupleTableSlot *slot)
{
	return !TupIsNull(next_row(state));
}

static TupleTableSlot *
execute_scan(CustomScanState *state)
{
	return ExecScan(&state->ss, next_row, recheck_row);
}

static void
begin_scan(CustomScanState *state, EState *estate, int flags)
{
	StoreScanState *scan = (StoreScanState *) state;
	List	   *expressions = ((CustomScan *) state->ss.ps.plan)->custom_exprs;

	for (int i = 0; i < NUM_STORED_ARGUMENTS; i++)
		scan->arguments = lappend(scan->arguments,
								  ExecInitExpr(list_nth(expressions, i), &state->ss.ps));
	if (list_length(expressions) > NUM_STORED_ARGUMENTS)
	{
		scan->asked_type = exprType(llast(expressions));
		scan->asked = ExecInitExpr(llast(expressions), &state->ss.ps);
	}
	scan->reading.columns = state->ss.ss_ScanTupleSlot->tts_tupleDescriptor;
	scan->context = AllocSetContextCreate(estate->es_query_cxt, "balance scan of a store",
										  ALLOCSET_DEFAULT_SIZES);
}

static void
rescan(CustomScanState *state)
{
	ExecClearTuple(state->ss.ss_ScanTupleSlot);
	end_reading((StoreScanState *) state);
	ExecScanReScan(&state->ss);
}

static void
end_scan(CustomScanState *state)
{
	ExecClearTuple(state->ss.ss_ScanTupleSlot);
	end_reading((StoreScanState *) state);
}

/* Which store, and who is asked for. */
static void
explain_scan(CustomScanState *state, List *ancestors, ExplainState *es)
{
	static const char *const labels[] = {
		[STORED_LEDGER] = "Ledger",
		[STORED_RELATIONS] = "Relations",
		[NUM_STORED_ARGUMENTS] = "Customer"
	};
	CustomScan *scan = (CustomScan *) state->ss.ps.plan;
	List	   *context = set_deparse_context_plan(es->deparse_cxt, &scan->scan.plan, ancestors);

	for (int i = 0; i < list_length(scan->custom_exprs); i++)
		if (labels[i] != NULL)
			ExplainPropertyText(labels[i],
								deparse_expression(list_nth(scan->custom_exprs, i), context,
												   true, false), es);
}

static const CustomExecMethods exec_methods = {
	.CustomName = "Balance Store",
	.BeginCustomScan = begin_scan,
	.ExecCustomScan = execute_scan,
	.EndCustomScan = end_scan,
	.ReScanCustomScan = rescan,
	.ExplainCustomScan = explain_scan
};

static Node *
create_scan_state(CustomScan *scan)
{
	StoreScanState *state = (StoreScanState *) newNode(sizeof(StoreScanState),
													   T_CustomScanState);

	state->state.methods = &exec_methods;
	return (Node *) state;
}
