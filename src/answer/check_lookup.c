/*-------------------------------------------------------------------------
 *
 * check_lookup.c
 *	  Whether an index serves the look-ups that documents make.
 *
 * Planning runs code: the planner folds immutable functions, and estimates
 * with stable ones, of every view, policy and index that it meets.  So a
 * look-up is planned only where all of that code belongs to one role whose
 * privileges the caller has anyway, and it runs with that role's rights; else
 * its indexes are only looked at in the catalogue.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/htup_details.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "check_ledger.h"
#include "ledger/asked.h"
#include "ledger/cluster.h"
#include "ledger/identifier.h"
#include "ledger/match.h"
#include "ledger/named_once.h"
#include "ledger/settings.h"
#include "nodes/nodeFuncs.h"
#include "nodes/plannodes.h"
#include "optimizer/tlist.h"
#include "parser/analyze.h"
#include "parser/parsetree.h"
#include "tcop/tcopprot.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* ---- the plan ---- */

/* What a walk over the plan of a look-up found. */
typedef struct LookupPlan
{
	const PlannedStmt *statement;
	Bitmapset  *initial;		/* parameters that are computed beforehand */
	const Plan *filter;			/* the node that filters by the key, if any */
	const Var  *column;			/* the plain column it filters, if it is one */
} LookupPlan;

/* Whether an expression has the key in it, as given or as respelled. */
static bool
contains_parameter(Node *node, void *context)
{
	const LookupPlan *lookup = context;

	if (node == NULL)
		return false;
	if (IsA(node, Param))
	{
		const Param *param = (Param *) node;

		return param->paramkind == PARAM_EXTERN ||
			(param->paramkind == PARAM_EXEC &&
			 bms_is_member(param->paramid, lookup->initial));
	}
	return expression_tree_walker(node, contains_parameter, context);
}

/* The column of a condition "column = $1", or NULL if it is anything else. */
static const Var *
compared_column(Node *condition)
{
	Node	   *left;

	if (!IsA(condition, OpExpr) || list_length(((OpExpr *) condition)->args) != 2)
		return NULL;
	left = linitial(((OpExpr *) condition)->args);
	if (IsA(left, RelabelType))
		left = (Node *) ((RelabelType *) left)->arg;
	return IsA(left, Var) && ((Var *) left)->varattno > 0 ? (Var *) left : NULL;
}

static void walk_plan(LookupPlan *lookup, const Plan *plan);

static void
walk_plans(LookupPlan *lookup, List *plans)
{
	ListCell   *lc;

	foreach(lc, plans)
		walk_plan(lookup, lfirst(lc));
}

/* The conditions of an index scan, in terms of the index's columns. */
static List *
index_conditions(const Plan *plan)
{
	if (IsA(plan, IndexScan))
		return ((const IndexScan *) plan)->indexqual;
	if (IsA(plan, IndexOnlyScan))
		return ((const IndexOnlyScan *) plan)->indexqual;
	if (IsA(plan, BitmapIndexScan))
		return ((const BitmapIndexScan *) plan)->indexqual;
	return NIL;
}

/*
 * Whether an index scan has the key among its conditions but nothing on the
 * index's first column: then all of the index is read.
 */
static bool
reads_whole_index(LookupPlan *lookup, List *conditions)
{
	bool		has_key = false;
	bool		has_first = false;
	ListCell   *lc;

	foreach(lc, conditions)
	{
		const Var  *column = compared_column(lfirst(lc));

		has_key |= contains_parameter(lfirst(lc), lookup);
		has_first |= column == NULL || column->varattno == 1;
	}
	return has_key && !has_first;
}

/*
 * A look-up that an index serves has the key in an index condition.  Where it
 * is in a filter instead, everything below that is read.
 */
static void
walk_plan(LookupPlan *lookup, const Plan *plan)
{
	ListCell   *lc;

	if (plan == NULL || lookup->filter != NULL)
		return;
	foreach(lc, plan->initPlan)
	{
		ListCell   *parameter;

		foreach(parameter, ((const SubPlan *) lfirst(lc))->setParam)
			lookup->initial = bms_add_member(lookup->initial, lfirst_int(parameter));
	}
	foreach(lc, plan->qual)
	{
		if (IsA(plan, ForeignScan) || !contains_parameter(lfirst(lc), lookup))
			continue;
		lookup->filter = plan;
		lookup->column = compared_column(lfirst(lc));
		return;
	}
	if (reads_whole_index(lookup, index_conditions(plan)))
	{
		lookup->filter = plan;
		return;
	}
	walk_plan(lookup, plan->lefttree);
	walk_plan(lookup, plan->righttree);
	if (IsA(plan, Append))
		walk_plans(lookup, ((const Append *) plan)->appendplans);
	else if (IsA(plan, MergeAppend))
		walk_plans(lookup, ((const MergeAppend *) plan)->mergeplans);
	else if (IsA(plan, SubqueryScan))
		walk_plan(lookup, ((const SubqueryScan *) plan)->subplan);
}

/* The table that an index goes onto; of a partition, it is the whole table. */
static Oid
whole_table(Oid relid)
{
	return get_rel_relispartition(relid) ? llast_oid(get_partition_ancestors(relid)) : relid;
}

/* The same by its name. */
static const char *
indexed_table(Oid relid)
{
	Oid			table = whole_table(relid);

	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(table)),
									  get_rel_name(table));
}

/* The command that makes an index, unique where it is to say that nothing is there twice. */
static const char *
create_index(const LedgerRelation *relation, const char *key, const char *table,
			 const char *column)
{
	bool		is_unique = strcmp(key, relation->spec->lookup) != 0;

	return psprintf("CREATE %sINDEX ON %s (%s);", is_unique ? "UNIQUE " : "", table, column);
}

/* Say what a filtered look-up reads, and which index would serve it. */
static void
report_filter(ReturnSetInfo *result, const LedgerRelation *relation, const char *key,
			  const LookupPlan *lookup)
{
	const char *name = relation->spec->name;
	const RangeTblEntry *scanned;
	const char *table_name;
	const char *column = NULL;
	const char *hint = "Create an index on the expression that is looked up.";

	if (!IsA(lookup->filter, SeqScan) && !IsA(lookup->filter, IndexScan) &&
		!IsA(lookup->filter, IndexOnlyScan) && !IsA(lookup->filter, BitmapIndexScan) &&
		!IsA(lookup->filter, BitmapHeapScan))
	{
		add_finding(result, name, key, SEVERITY_WARNING,
					psprintf("look-up by %s does not reach the tables below the view", key),
					"Let the view pass the column of an indexed table through: a DISTINCT, LIMIT, "
					"window or aggregate above it keeps the look-up out.");
		return;
	}
	if (index_conditions(lookup->filter) != NIL && lookup->filter->qual == NIL)
		hint = psprintf("Create an index that begins with the column behind %s, or let the view "
						"name the columns before it.", key);
	scanned = rt_fetch(((const Scan *) lookup->filter)->scanrelid,
					   lookup->statement->rtable);
	if (whole_table(scanned->relid) == relation->relid)
		column = key;
	else if (lookup->column != NULL &&
			 lookup->column->varno == ((const Scan *) lookup->filter)->scanrelid)
		column = quote_identifier(get_attname(scanned->relid,
											  lookup->column->varattno, false));

	table_name = indexed_table(scanned->relid);
	if (column != NULL)
		hint = create_index(relation, key, table_name, column);
	add_finding(result, name, key, SEVERITY_WARNING,
				psprintf("look-up by %s reads all of %s", key, table_name), hint);
}

/* ---- whose code it would run ---- */

/* The relations that a query names, in its subqueries too. */
static bool
collect_relations(Node *node, void *context)
{
	List	  **relids = context;

	if (node == NULL)
		return false;
	if (IsA(node, RangeTblEntry))
	{
		if (((RangeTblEntry *) node)->rtekind == RTE_RELATION)
			*relids = list_append_unique_oid(*relids, ((RangeTblEntry *) node)->relid);
		return false;
	}
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, collect_relations, context,
								 QTW_EXAMINE_RTES_BEFORE);
	return expression_tree_walker(node, collect_relations, context);
}

/*
 * Who may put code where the planner runs it: the owners of all relations that
 * are reached from some, of the functions that these use and of their domains.
 * A table's owner is one of them even if it has no code as yet, since another
 * session may add an index on an expression at any time.  Superusers are not
 * listed, and functions in C are theirs whoever owns them.
 */
static List *
code_owners(List *relids)
{
	static const char *const query =
		"WITH RECURSIVE reached(classid, objid) AS (\n"
		" SELECT 'pg_catalog.pg_class'::regclass::oid, o.oid FROM unnest($1) o(oid)\n"
		" UNION\n"
		" SELECT n.classid, n.objid FROM reached r CROSS JOIN LATERAL (\n"
	/* what it depends on */
		"  SELECT d.refclassid AS classid, d.refobjid AS objid FROM pg_depend d\n"
		"  WHERE d.classid = r.classid AND d.objid = r.objid\n"
	/* what belongs to it: rules, checks, policies, indexes and so on */
		"  UNION ALL SELECT d.classid, d.objid FROM pg_depend d\n"
		"  WHERE d.refclassid = r.classid AND d.refobjid = r.objid\n"
		"  AND d.deptype = ANY ('{a,i,P,S}') AND r.classid = ANY ($2)\n"
	/* its partitions and children */
		"  UNION ALL SELECT r.classid, i.inhrelid FROM pg_inherits i\n"
		"  WHERE i.inhparent = r.objid AND r.classid = 'pg_catalog.pg_class'::regclass\n"
		" ) n\n"
	/* a foreign key runs nothing here */
		" WHERE n.classid = ANY ($2) AND NOT EXISTS (SELECT FROM pg_constraint c\n"
		"  WHERE n.classid = 'pg_catalog.pg_constraint'::regclass\n"
		"  AND c.oid = n.objid AND c.contype = 'f')\n"
		"), owners(oid) AS (\n"
		" SELECT c.relowner FROM reached r JOIN pg_class c ON c.oid = r.objid\n"
		" WHERE r.classid = 'pg_catalog.pg_class'::regclass\n"
		" UNION SELECT p.proowner FROM reached r JOIN pg_proc p ON p.oid = r.objid\n"
		" JOIN pg_language l ON l.oid = p.prolang AND NOT l.lanname = ANY ('{internal,c}')\n"
		" WHERE r.classid = 'pg_catalog.pg_proc'::regclass\n"
		" UNION SELECT t.typowner FROM reached r JOIN pg_type t\n"
		"  ON t.oid = r.objid AND t.typtype = 'd'\n"
		" WHERE r.classid = 'pg_catalog.pg_type'::regclass)\n"
		"SELECT a.oid FROM owners o JOIN pg_roles a ON a.oid = o.oid AND NOT a.rolsuper\n"
		"ORDER BY a.rolname";

	/* where code hangs together, by class */
	static const char *const classes =
		"SELECT array_agg(c.oid) FROM pg_class c\n"
		"WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relname = ANY\n"
		" ('{pg_class,pg_proc,pg_type,pg_cast,pg_operator,pg_opclass,pg_opfamily,pg_amop,"
		"pg_amproc,pg_rewrite,pg_constraint,pg_policy,pg_attrdef,pg_statistic_ext}')";
	Oid			types[] = {OIDARRAYOID, OIDARRAYOID};
	Datum		values[2];
	int			nrelids = 0;
	Datum	   *oids = palloc(sizeof(Datum) * list_length(relids));
	List	   *owners = NIL;
	ListCell   *lc;
	bool		isnull;

	foreach(lc, relids)
		oids[nrelids++] = ObjectIdGetDatum(lfirst_oid(lc));
	values[0] = PointerGetDatum(construct_array(oids, nrelids, OIDOID, sizeof(Oid),
												true, TYPALIGN_INT));
	read_catalog(classes, 0, NULL, NULL);
	values[1] = result_value(0, 1, &isnull);
	read_catalog(query, 2, types, values);
	for (uint64 row = 0; row < SPI_processed; row++)
		owners = lappend_oid(owners, DatumGetObjectId(result_value(row, 1, &isnull)));
	return owners;
}

/*
 * The role as which a look-up may be planned, or InvalidOid.  Code of superusers
 * alone needs no more than the caller's rights.
 */
static Oid
planning_role(List *owners)
{
	if (owners == NIL)
		return GetUserId();
	if (list_length(owners) == 1 &&
		has_privs_of_role(GetUserId(), linitial_oid(owners)))
		return linitial_oid(owners);
	return InvalidOid;
}

/* ---- planning ---- */

/*
 * The planner asks whether the role may read what a view reads; what is missing
 * for the caller is a finding of its own, and nothing is read here.
 */
static bool
waive_all_rights(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (!IsA(node, Query))
		return expression_tree_walker(node, waive_all_rights, context);
	waive_rights((Query *) node);
	return query_tree_walker((Query *) node, waive_all_rights, context, 0);
}

/*
 * Plan a query as a role, as maintenance commands run a table owner's code,
 * with sequential scans as the last resort: what then still filters has no
 * index to use, be it through views, joins or partitions.  An error restores
 * role and settings when it ends the transaction.
 */
static PlannedStmt *
plan_as(Oid role, Query *query, const char *sql)
{
	static const char *const settings[][2] = {
		{"search_path", "pg_catalog, pg_temp"},
		{"enable_seqscan", "off"},
		{"enable_indexscan", "on"},
		{"enable_indexonlyscan", "on"},
		{"enable_bitmapscan", "on"}
	};
	Oid			caller;
	int			context;
	int			level;
	PlannedStmt *statement;

	(void) waive_all_rights((Node *) query, NULL);
	GetUserIdAndSecContext(&caller, &context);
	SetUserIdAndSecContext(role, context | SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION);
	level = begin_settings(settings, lengthof(settings));
	statement = plan_query(query, sql);
	end_settings(level);
	SetUserIdAndSecContext(caller, context);
	return statement;
}

/* ---- without planning ---- */

/* Whether rows of a subquery are rows of what it reads, one by one. */
static bool
passes_rows_through(const Query *query)
{
	return query->setOperations == NULL && query->groupClause == NIL &&
		query->groupingSets == NIL && query->distinctClause == NIL &&
		query->limitCount == NULL && query->limitOffset == NULL &&
		!query->hasAggs && !query->hasWindowFuncs && !query->hasTargetSRFs;
}

/*
 * The table and column behind a column of a query's range table entry, where
 * it is passed through as it is; false where it is not.
 */
static bool
trace_column(const Query *query, int varno, AttrNumber attnum, Oid *relid,
			 AttrNumber *column)
{
	const RangeTblEntry *rte = rt_fetch(varno, query->rtable);
	Node	   *expression = NULL;

	if (rte->rtekind == RTE_RELATION)
	{
		*relid = rte->relid;
		*column = attnum;
		return attnum > 0;
	}
	if (rte->rtekind == RTE_SUBQUERY && passes_rows_through(rte->subquery))
	{
		query = rte->subquery;
		expression = (Node *) get_tle_by_resno(query->targetList, attnum)->expr;
	}
	else if (rte->rtekind == RTE_JOIN)
		expression = list_nth(rte->joinaliasvars, attnum - 1);
	if (expression != NULL && IsA(expression, RelabelType))
		expression = (Node *) ((RelabelType *) expression)->arg;
	if (expression == NULL || !IsA(expression, Var) ||
		((Var *) expression)->varlevelsup > 0)
		return false;
	return trace_column(query, ((Var *) expression)->varno,
						((Var *) expression)->varattno, relid, column);
}

/* Whether an index of a table is of use for a column; a view may give those before it. */
static bool
has_index(Oid relid, AttrNumber column, bool through_view)
{
	static const char *const query =
		"SELECT FROM pg_index i\n"
		"JOIN pg_class c ON c.oid = i.indexrelid\n"
		"JOIN pg_am a ON a.oid = c.relam AND a.amname = ANY ('{btree,hash}')\n"
		"WHERE i.indrelid = $1 AND i.indisvalid AND i.indpred IS NULL\n"
		"AND (i.indkey[0] = $2 OR $3 AND $2 = ANY (i.indkey::int2[]))";
	Oid			types[] = {OIDOID, INT2OID, BOOLOID};
	Datum		values[] = {ObjectIdGetDatum(relid), Int16GetDatum(column),
	BoolGetDatum(through_view)};

	read_catalog(query, 3, types, values);
	return SPI_processed > 0;
}

/* Whether rows are looked up by what they belong to and its customer. */
static bool
is_looked_up_with_customer(const LedgerRelation *relation, const char *key)
{
	LedgerRelation owner;

	return relation->spec->belongs_to != NULL &&
		ledger_find(relation->ledger, relation->spec->belongs_to, "o", &owner) &&
		ledger_joins_customer(relation, key, &owner);
}

/* Compare indexes by their columns; false if that tells nothing. */
static bool
check_indexes(ReturnSetInfo *result, const LedgerRelation *relation, const char *key,
			  const Query *query)
{
	AttrNumber	attnum = get_attnum(relation->relid, key);
	Oid			relid;
	AttrNumber	column;
	const char *table;

	/* the relation is the first that the query names */
	if (!trace_column(query, 1, attnum, &relid, &column) ||
		get_rel_relkind(relid) == RELKIND_FOREIGN_TABLE)
		return false;
	table = indexed_table(relid);
	if (!has_index(relid, column, relid != relation->relid ||
				   is_looked_up_with_customer(relation, key)))
		add_finding(result, relation->spec->name, key, SEVERITY_WARNING,
					psprintf("look-up by %s reads all of %s", key, table),
					create_index(relation, key, table,
								 quote_identifier(get_attname(relid, column, false))));
	return true;
}

/* Say what was not planned, and why, where indexes do not tell either. */
static void
check_unplanned(ReturnSetInfo *result, const LedgerRelation *relation, const char *key,
				const Query *query, List *owners)
{
	const char *name = relation->spec->name;
	StringInfoData roles;
	ListCell   *lc;

	if (check_indexes(result, relation, key, query))
		return;
	initStringInfo(&roles);
	foreach(lc, owners)
		appendStringInfo(&roles, "%s%s", roles.len > 0 ? ", " : "",
						 quote_identifier(GetUserNameFromId(lfirst_oid(lc), false)));
	add_finding(result, name, key, SEVERITY_NOTICE,
				psprintf("look-up by %s was not planned, as that may run code of %s", key,
						 roles.data),
				list_length(owners) == 1 ?
				psprintf("Let %s call check_ledger().", roles.data) :
				psprintf("Look for a sequential scan yourself: "
						 "EXPLAIN SELECT FROM %s.%s WHERE %s = '...';",
						 quote_identifier(relation->ledger->name), name, key));
}

/* Whether a query's plan is made on other servers, where its tables' indexes are. */
static bool
is_planned_elsewhere(Query *query)
{
	List	   *relids = NIL;
	ListCell   *lc;

	if (!has_cluster())
		return false;
	(void) collect_relations((Node *) query, &relids);
	foreach(lc, relids)
		if (is_cluster_table(lfirst_oid(lc)))
		return true;
	return false;
}

/* ---- all of it ---- */

/* Judge a look-up by a column that documents make, as far as it may be planned. */
static void
check_lookup_by(ReturnSetInfo *result, const LedgerRelation *relation, const char *key)
{
	LedgerQuery query = {.nparameters = 0, .unchecked = true};
	Query	   *parsed;
	List	   *relids = NIL;
	List	   *owners;
	Oid			role;
	LookupPlan	lookup = {0};

	if (!ledger_is_identifier(relation, key))
		return;
	initStringInfo(&query.sql);
	appendStringInfo(&query.sql, "SELECT FROM %s WHERE ", ledger_from(relation));
	appendStringInfoString(&query.sql,
						   ledger_equals(&query, relation, key, 0));
	if (is_looked_up_with_customer(relation, key))
		appendStringInfo(&query.sql, " AND %s",
						 ledger_equals(&query, relation, "customer_id", 1));

	/* neither parsing nor rewriting runs anything, but both lock what is read */
	parsed = parse_analyze_fixedparams(linitial_node(RawStmt, pg_parse_query(query.sql.data)),
									   query.sql.data, query.type, query.nparameters, NULL);
	(void) collect_relations((Node *) parsed, &relids);
	parsed = linitial_node(Query, pg_rewrite_query(parsed));
	if (is_planned_elsewhere(parsed))
	{
		if (!check_indexes(result, relation, key, parsed))
			add_finding(result, relation->spec->name, key, SEVERITY_NOTICE,
						psprintf("look-up by %s was not planned, as rows are on other servers",
								 key),
						psprintf("Look for a sequential scan yourself: "
								 "EXPLAIN SELECT FROM %s.%s WHERE %s = '...';",
								 quote_identifier(relation->ledger->name),
								 relation->spec->name, key));
		return;
	}
	owners = code_owners(relids);
	role = planning_role(owners);
	if (!OidIsValid(role))
	{
		check_unplanned(result, relation, key, parsed, owners);
		return;
	}
	lookup.statement = plan_as(role, parsed, query.sql.data);
	walk_plan(&lookup, lookup.statement->planTree);
	if (lookup.filter != NULL)
		report_filter(result, relation, key, &lookup);
}

/*
 * Judge the look-ups that documents make of a relation: by what they are asked for, and
 * by its own ids where these may be there twice.
 */
void
check_lookup(ReturnSetInfo *result, const LedgerRelation *relation)
{
	check_lookup_by(result, relation, relation->spec->lookup);
	if (ledger_looks_for_copies(relation))
		check_lookup_by(result, relation, relation->spec->key);
}
