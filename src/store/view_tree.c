/*-------------------------------------------------------------------------
 *
 * view_tree.c
 *	  Taking a view's query tree apart, down to the table that it reads.
 *
 *-------------------------------------------------------------------------
 */
#include "views.h"

#include "access/relation.h"
#include "catalog/pg_class.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteHandler.h"
#include "storage/lmgr.h"

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
const char *
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
