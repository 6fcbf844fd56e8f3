/*-------------------------------------------------------------------------
 *
 * cluster.c
 *	  Whether there is a cluster, and whether rows are on other servers.
 *
 * Citus is spoken to in SQL alone, by the functions and tables that it documents, so
 * nothing of it is needed to build or run without it.
 *
 *-------------------------------------------------------------------------
 */
#include "cluster.h"

#include "access/relation.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "rewrite/rewriteHandler.h"
#include "settings.h"
#include "template.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"

/* Whether the database is that of a cluster's coordinator, or could be. */
bool
has_cluster(void)
{
	return OidIsValid(get_extension_oid("citus", true));
}

/* Whether a query finds anything; SPI is connected. */
bool
cluster_finds(const char *sql, Oid type, Datum value)
{
	if (SPI_execute_with_args(sql_fill(sql), 1, &type, &value, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read the catalogue of a cluster");
	return SPI_processed > 0;
}

/* Whether the rows of a table are on other servers. */
bool
is_cluster_table(Oid relid)
{
	bool		result;

	if (!has_cluster() ||
		!OidIsValid(get_relname_relid("pg_dist_partition", PG_CATALOG_NAMESPACE)))
		return false;
	SPI_connect();
	result = cluster_finds("SELECT 1 FROM pg_dist_partition AS p WHERE p.logicalrelid::oid = $1",
						   OIDOID, ObjectIdGetDatum(relid));
	SPI_finish();
	return result;
}

/* Whether the session has loaded what makes a cluster, which it has from its start or never. */
static bool
cluster_is_loaded(void)
{
	static int	loaded = -1;

	if (loaded < 0)
		loaded = GetConfigOption("citus.shard_count", true, false) != NULL;
	return loaded > 0;
}

/*
 * Begin to write dates as every server reads them, and to have them back as no DateStyle
 * shows: a cluster sends the values of a query as the session writes them, and to a
 * server of another style 05/03 is another day.  And nothing is estimated or planned on
 * trust, as a session may want it for queries of its own.  What is returned is for
 * end_settings().
 */
int
begin_plain_values(void)
{
	static const char *const settings[][2] = {
		{"datestyle", "ISO"},
		{"intervalstyle", "postgres"},
		{"citus.enable_binary_protocol", "on"},
		{"citus.count_distinct_error_rate", "0"},
		{"citus.limit_clause_row_fetch_count", "-1"},
		{"citus.subquery_pushdown", "off"}
	};

	return cluster_is_loaded() ? begin_settings(settings, lengthof(settings)) : 0;
}

/* ---- below views ---- */

static Oid	find_below(Oid relid, bool (*is_one) (Oid relid));

/* What is looked for, and the view whose query is read: it may list itself, as OLD and NEW. */
typedef struct Sought
{
	bool		(*is_one) (Oid relid);
	Oid			view;
	Oid			found;
} Sought;

static bool
names_sought(Node *node, void *context)
{
	Sought	   *sought = context;
	const RangeTblEntry *rte = (const RangeTblEntry *) node;

	if (node == NULL)
		return false;
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, names_sought, sought, QTW_EXAMINE_RTES_BEFORE);
	if (!IsA(node, RangeTblEntry))
		return expression_tree_walker(node, names_sought, sought);
	if (rte->rtekind == RTE_RELATION && rte->relid != sought->view)
		sought->found = find_below(rte->relid, sought->is_one);
	return OidIsValid(sought->found);
}

/* A relation of a kind, or one that is read below it if it is a view; InvalidOid if none. */
static Oid
find_below(Oid relid, bool (*is_one) (Oid relid))
{
	Sought		sought = {.is_one = is_one, .view = relid};
	Relation	view;

	check_stack_depth();
	if (is_one(relid))
		return relid;
	if (get_rel_relkind(relid) != RELKIND_VIEW)
		return InvalidOid;
	view = relation_open(relid, AccessShareLock);
	(void) names_sought((Node *) get_view_query(view), &sought);
	relation_close(view, NoLock);
	return sought.found;
}

static bool
is_foreign(Oid relid)
{
	ListCell   *lc;

	if (get_rel_relkind(relid) == RELKIND_FOREIGN_TABLE)
		return true;
	if (get_rel_relkind(relid) == RELKIND_VIEW || !has_subclass(relid))
		return false;
	foreach(lc, find_all_inheritors(relid, AccessShareLock, NULL))
		if (get_rel_relkind(lfirst_oid(lc)) == RELKIND_FOREIGN_TABLE)
		return true;
	return false;
}

/* Whether a relation is a foreign table, has one as a part, or reads one as a view. */
bool
reads_foreign_table(Oid relid)
{
	return OidIsValid(find_below(relid, is_foreign));
}

/* ---- row security ---- */

/*
 * Whether a policy of a table asks for a setting, as far as its expression tells, or
 * calls a function that may.
 */
static bool
asks_for_setting(Oid relid)
{
	static const char *const query =
		"SELECT 1 FROM pg_policy AS p WHERE p.polrelid = $1 AND p.polcmd = ANY ('{r,*}')\n"
		" AND (strpos(pg_get_expr(p.polqual, p.polrelid), 'current_setting') > 0\n"
		"  OR EXISTS (SELECT FROM pg_depend AS d JOIN pg_proc AS f ON f.oid = d.refobjid\n"
		"   WHERE d.classid = 'pg_catalog.pg_policy'::regclass AND d.objid = p.oid\n"
		"    AND d.refclassid = 'pg_catalog.pg_proc'::regclass AND f.provolatile <> 'i'))";
	bool		result;

	SPI_connect();
	result = cluster_finds(query, OIDOID, ObjectIdGetDatum(relid));
	SPI_finish();
	return result;
}

/* Whether rows of a table are on other servers and, there, hidden by what is not known. */
static bool
hides_rows_elsewhere(Oid relid)
{
	return check_enable_rls(relid, InvalidOid, true) == RLS_ENABLED &&
		is_cluster_table(relid) && asks_for_setting(relid);
}

/*
 * Refuse a query of a ledger's relations, as their names tell, if rows of it are on
 * other servers and row security there would ask for what the caller has set here: no
 * setting comes along, so rows would be missing.
 */
void
require_policies_answered(const Ledger *ledger, uint32 names)
{
	if (!cluster_is_loaded())
		return;
	for (int i = 0; i < NUM_LEDGER_RELATIONS; i++)
	{
		Oid			relid = (names & (1U << i)) == 0 ? InvalidOid :
			get_relname_relid(ledger_relations[i].name, ledger->schema);

		if (OidIsValid(relid))
			relid = find_below(relid, hides_rows_elsewhere);
		if (!OidIsValid(relid))
			continue;
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("row security of relation \"%s.%s\" asks for a setting of the session",
						get_namespace_name(get_rel_namespace(relid)), get_rel_name(relid)),
				 errdetail("Its rows are on other servers, to which no setting comes, so some "
						   "would be missing."),
				 errhint("Let its policies ask for current_user, and call no function of your "
						 "own that is not immutable.")));
	}
}
