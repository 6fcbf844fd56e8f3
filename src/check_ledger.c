/*-------------------------------------------------------------------------
 *
 * check_ledger.c
 *	  What is wrong with the shape of a ledger: columns, look-ups, row
 *	  security.  Its data is the concern of verify.c.
 *
 *-------------------------------------------------------------------------
 */
#include "ledger.h"

#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "nodes/nodeFuncs.h"
#include "nodes/plannodes.h"
#include "parser/parsetree.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/plancache.h"
#include "utils/tuplestore.h"

/* Columns of the result. */
enum
{
	FINDING_RELATION,
	FINDING_COLUMN,
	FINDING_SEVERITY,
	FINDING_MESSAGE,
	FINDING_HINT,
	FINDING_COLUMNS
};

/* An error keeps a document from being made, a warning makes it slow or unsafe. */
static void
add_finding(ReturnSetInfo *result, const char *relation, const char *column,
			const char *severity, const char *message, const char *hint)
{
	const char *texts[FINDING_COLUMNS] = {
		relation, column, severity, message, hint
	};
	Datum		values[FINDING_COLUMNS] = {0};
	bool		nulls[FINDING_COLUMNS];

	for (int i = 0; i < FINDING_COLUMNS; i++)
	{
		nulls[i] = texts[i] == NULL;
		if (!nulls[i])
			values[i] = CStringGetTextDatum(texts[i]);
	}
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* ---- columns ---- */

/* Whether all columns are there and readable; what is not, is reported. */
static void
check_columns(ReturnSetInfo *result, const LedgerRelation *relation)
{
	for (const ColumnSpec *column = relation->spec->columns; column->name; column++)
	{
		Oid			type = ledger_column_type(relation, column->name);
		const char *words = column_type_words(column->type);

		if (!OidIsValid(type))
		{
			if (column->required)
				add_finding(result, relation->spec->name, column->name, "error",
							"required column is missing",
							psprintf("Add it, or provide it in a view; it must be %s.", words));
		}
		else if (!column_type_fits(type, column->type))
			add_finding(result, relation->spec->name, column->name, "error",
						psprintf("column is of type %s", format_type_be(type)),
						psprintf("Cast it in a view; it must be %s.", words));
	}
}

/*
 * Ids of a customer that the relations have in different types are matched as
 * well as can be, but an index may not serve, and an id may match no row.
 */
static void
check_customer_type(ReturnSetInfo *result, const LedgerRelation *relation)
{
	LedgerRelation customer;
	Oid			type = ledger_column_type(relation, "customer_id");
	Oid			customer_type;

	if (!OidIsValid(type) ||
		!ledger_find(relation->ledger, "customer", "c", &customer))
		return;
	customer_type = ledger_column_type(&customer, "customer_id");
	if (OidIsValid(customer_type) && !ledger_types_agree(customer_type, type))
		add_finding(result, relation->spec->name, "customer_id", "warning",
					psprintf("column is of type %s, that of relation customer of type %s",
							 format_type_be(type), format_type_be(customer_type)),
					"Give both the same type, by a cast in a view if need be.");
}

/* ---- look-ups ---- */

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

/* Say what a filtered look-up reads, and which index would serve it. */
static void
report_filter(ReturnSetInfo *result, const LedgerRelation *relation,
			  const LookupPlan *lookup)
{
	const char *name = relation->spec->name;
	const char *key = relation->spec->lookup;
	const RangeTblEntry *scanned;
	Oid			table;
	const char *table_name;
	const char *column = NULL;
	const char *hint = "Create an index on the expression that is looked up.";

	if (!IsA(lookup->filter, SeqScan) && !IsA(lookup->filter, IndexScan) &&
		!IsA(lookup->filter, IndexOnlyScan) && !IsA(lookup->filter, BitmapIndexScan) &&
		!IsA(lookup->filter, BitmapHeapScan))
	{
		add_finding(result, name, key, "warning",
					psprintf("look-up by %s does not reach the tables below the view", key),
					"Let the view pass the column of an indexed table through: a DISTINCT, LIMIT, window or aggregate above it keeps the look-up out.");
		return;
	}
	if (index_conditions(lookup->filter) != NIL && lookup->filter->qual == NIL)
		hint = psprintf("Create an index that begins with the column behind %s, or let the view name the columns before it.", key);
	scanned = rt_fetch(((const Scan *) lookup->filter)->scanrelid,
					   lookup->statement->rtable);
	if (lookup->column != NULL && lookup->column->varno == ((const Scan *) lookup->filter)->scanrelid)
		column = quote_identifier(get_attname(scanned->relid,
											  lookup->column->varattno, false));

	/* of a partition, it is the whole table that wants the index */
	table = get_rel_relispartition(scanned->relid) ?
		llast_oid(get_partition_ancestors(scanned->relid)) : scanned->relid;
	table_name = quote_qualified_identifier(get_namespace_name(get_rel_namespace(table)),
											get_rel_name(table));
	if (column != NULL)
		hint = psprintf("CREATE INDEX ON %s (%s);", table_name, column);
	add_finding(result, name, key, "warning",
				psprintf("look-up by %s reads all of %s", key, table_name), hint);
}

/*
 * Plan the look-up that documents make, with sequential scans as the last
 * resort: what then still filters has no index to use, be it through views,
 * joins or partitions.
 */
static void
check_lookup(ReturnSetInfo *result, const LedgerRelation *relation)
{
	LedgerQuery query = {.nparameters = 0};
	Oid			type = ledger_column_type(relation, relation->spec->lookup);
	static const char *const settings[][2] = {
		{"enable_seqscan", "off"},
		{"enable_indexscan", "on"},
		{"enable_indexonlyscan", "on"},
		{"enable_bitmapscan", "on"}
	};
	int			guc_level;
	SPIPlanPtr	plan;
	CachedPlan *cached;
	LookupPlan	lookup = {0};

	if (!OidIsValid(type) || !column_type_fits(type, COLUMN_IDENTIFIER))
		return;
	guc_level = NewGUCNestLevel();
	for (int i = 0; i < lengthof(settings); i++)
		(void) set_config_option(settings[i][0], settings[i][1], PGC_USERSET,
								 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	initStringInfo(&query.sql);
	appendStringInfo(&query.sql, "SELECT FROM %s WHERE ", ledger_from(relation));
	appendStringInfoString(&query.sql,
						   ledger_equals(&query, relation, relation->spec->lookup, 0));
	plan = SPI_prepare(query.sql.data, query.nparameters, query.type);
	cached = plan == NULL ? NULL : SPI_plan_get_cached_plan(plan);
	if (cached == NULL)
		elog(ERROR, "could not plan a look-up");
	lookup.statement = linitial_node(PlannedStmt, cached->stmt_list);
	walk_plan(&lookup, lookup.statement->planTree);
	if (lookup.filter != NULL)
		report_filter(result, relation, &lookup);
	ReleaseCachedPlan(cached, NULL);	/* not saved, so not owned */
	SPI_freeplan(plan);
	AtEOXact_GUC(true, guc_level);
}

/* ---- row security ---- */

/*
 * Report views that read a table with row security as their owner, at any depth
 * below the relation.  A materialized view always does.
 */
static void
check_row_security(ReturnSetInfo *result, const LedgerRelation *relation)
{
	static const char *const query =
		"WITH RECURSIVE used AS (\n"
		" SELECT c.oid FROM pg_catalog.pg_class c WHERE c.oid OPERATOR(pg_catalog.=) $1\n"
		" UNION\n"
		" SELECT d.refobjid FROM used u\n"
		" JOIN pg_catalog.pg_rewrite r ON r.ev_class OPERATOR(pg_catalog.=) u.oid\n"
		" JOIN pg_catalog.pg_depend d ON d.objid OPERATOR(pg_catalog.=) r.oid\n"
		"  AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::pg_catalog.regclass\n"
		"  AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass)\n"
		"SELECT DISTINCT v.oid::pg_catalog.regclass::pg_catalog.text, t.oid::pg_catalog.regclass::pg_catalog.text,\n"
		" pg_catalog.pg_get_userbyid(v.relowner)::pg_catalog.text, v.relkind OPERATOR(pg_catalog.=) 'm'\n"
		"FROM used u JOIN pg_catalog.pg_class v ON v.oid OPERATOR(pg_catalog.=) u.oid\n"
		" AND v.relkind OPERATOR(pg_catalog.=) ANY ('{v,m}')\n"
		" AND NOT (v.relkind OPERATOR(pg_catalog.=) 'v' AND COALESCE((SELECT o.option_value::pg_catalog.bool\n"
		"  FROM pg_catalog.pg_options_to_table(v.reloptions) o\n"
		"  WHERE o.option_name OPERATOR(pg_catalog.=) 'security_invoker'), false))\n"
		"JOIN pg_catalog.pg_rewrite r ON r.ev_class OPERATOR(pg_catalog.=) v.oid\n"
		"JOIN pg_catalog.pg_depend d ON d.objid OPERATOR(pg_catalog.=) r.oid\n"
		" AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::pg_catalog.regclass\n"
		" AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass\n"
		"JOIN pg_catalog.pg_class t ON t.oid OPERATOR(pg_catalog.=) d.refobjid AND t.relrowsecurity\n"
		"ORDER BY 1, 2";
	Oid			type = OIDOID;
	Datum		relid = ObjectIdGetDatum(relation->relid);

	if (SPI_execute_with_args(query, 1, &type, &relid, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not look for row security");
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		char	   *view = text_to_cstring(result_text(row, 1));
		bool		isnull;
		bool		materialized = DatumGetBool(result_value(row, 4, &isnull));

		add_finding(result, relation->spec->name, NULL, "warning",
					psprintf("%s reads %s, which has row security, with the rights of %s",
							 view, text_to_cstring(result_text(row, 2)),
							 text_to_cstring(result_text(row, 3))),
					materialized ?
					"Use a plain view with security_invoker: what a materialized view holds is the same for everyone." :
					psprintf("ALTER VIEW %s SET (security_invoker = true);", view));
	}
}

/* ---- all of it ---- */

static bool
check_relation(ReturnSetInfo *result, const Ledger *ledger,
			   const RelationSpec *spec)
{
	LedgerRelation relation = {
		.ledger = ledger,
		.spec = spec,
		.alias = "r",
		.relid = get_relname_relid(spec->name, ledger->schema)
	};

	if (!OidIsValid(relation.relid))
		return false;
	if (!ledger_is_readable(relation.relid))
	{
		add_finding(result, spec->name, NULL, "error", "not a table or view",
					"Give the ledger a table or view of this name.");
		return true;
	}
	check_columns(result, &relation);
	check_customer_type(result, &relation);
	check_lookup(result, &relation);
	check_row_security(result, &relation);
	return true;
}

PG_FUNCTION_INFO_V1(check_ledger);
Datum
check_ledger(PG_FUNCTION_ARGS)
{
	Ledger		ledger = ledger_getarg(fcinfo, 0);
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	bool		any = false;

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	for (int i = 0; i < NUM_LEDGER_RELATIONS; i++)
		any |= check_relation(result, &ledger, &ledger_relations[i]);
	if (!any)
		add_finding(result, NULL, NULL, "error",
					psprintf("schema \"%s\" has none of a ledger's relations", ledger.name),
					"Create views over your tables in it, or a ledger with balance.create_ledger().");
	SPI_finish();
	return (Datum) 0;
}
