/*-------------------------------------------------------------------------
 *
 * unique.c
 *	  Ids that cannot be there twice, as a unique index says so.
 *
 * Where an index vouches for it, nobody needs to look for copies, or to choose one
 * of several rows that an id may name.  A view that only leaves out rows of a table,
 * or columns, has the table's word for it, by a sub-select, too.  An index that is
 * younger than the oldest snapshot around says nothing of what that sees; but a view
 * is composed for those who come, also where its index was made just before it.
 *
 *-------------------------------------------------------------------------
 */
#include "unique.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/transam.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "rewrite/rewriteHandler.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/snapmgr.h"
#include "utils/typcache.h"

/* Columns whose values, together, are or are not unique. */
typedef struct Key
{
	AttrNumber	id;
	AttrNumber	customer;		/* InvalidAttrNumber if the id is to be unique
								 * by itself */
	bool		later;			/* whether rows are read later, by a view */
} Key;

/* Whether an index takes two values for one wherever the column's own "=" does. */
static bool
compares_alike(Relation index, int i, Form_pg_attribute column)
{
	Oid			family = lookup_type_cache(getBaseType(column->atttypid),
										   TYPECACHE_BTREE_OPFAMILY)->btree_opf;

	return index->rd_opfamily[i] == family &&
		(index->rd_indcollation[i] == column->attcollation ||
		 get_collation_isdeterministic(column->attcollation));
}

/* Whether an index lets no two rows have the same key. */
static bool
vouches_for(Relation table, Relation index, Key key)
{
	const FormData_pg_index *form = index->rd_index;
	bool		has_id = false;

	if (!form->indisunique || !form->indisvalid || !form->indimmediate ||
		RelationGetIndexPredicate(index) != NIL ||
		(!key.later &&
		 !TransactionIdPrecedes(HeapTupleHeaderGetXmin(index->rd_indextuple->t_data),
								TransactionXmin)))
		return false;
	for (int i = 0; i < form->indnkeyatts; i++)
	{
		AttrNumber	column = form->indkey.values[i];

		if (column <= 0 || (column != key.id && column != key.customer) ||
			!compares_alike(index, i, TupleDescAttr(RelationGetDescr(table), column - 1)))
			return false;
		has_id |= column == key.id;
	}
	return has_id;
}

/* Whether any of a table's indexes does, for all of its rows. */
static bool
table_is_unique(Relation table, Key key)
{
	List	   *indexes;
	ListCell   *lc;
	bool		result = false;

	if (table->rd_rel->relkind != RELKIND_PARTITIONED_TABLE &&
		has_subclass(RelationGetRelid(table)))
		return false;
	indexes = RelationGetIndexList(table);
	foreach(lc, indexes)
	{
		Relation	index = index_open(lfirst_oid(lc), AccessShareLock);

		result |= vouches_for(table, index, key);
		index_close(index, NoLock);
	}
	list_free(indexes);
	return result;
}

/* The column of what alone a query reads that a column of it is; 0 if it is none. */
static AttrNumber
column_below(const Query *query, AttrNumber column)
{
	const TargetEntry *entry;
	const Var  *var;

	if (column == InvalidAttrNumber)
		return InvalidAttrNumber;
	entry = list_nth_node(TargetEntry, query->targetList, column - 1);
	var = (const Var *) entry->expr;
	return IsA(var, Var) && var->varlevelsup == 0 && var->varattno > 0 ?
		var->varattno : InvalidAttrNumber;
}

static bool relation_is_unique(Oid relid, Key key);

/* The same of a query that has each row of what it reads, which is one, once at most. */
static bool
query_is_unique(const Query *query, Key key)
{
	const RangeTblRef *only = list_length(query->jointree->fromlist) == 1 ?
		linitial(query->jointree->fromlist) : NULL;
	const RangeTblEntry *below;
	Key			key_below = key;

	check_stack_depth();
	if (only == NULL || !IsA(only, RangeTblRef) || query->setOperations != NULL ||
		query->groupClause != NIL || query->groupingSets != NIL || query->hasAggs ||
		query->hasTargetSRFs || query->cteList != NIL)
		return false;
	below = rt_fetch(only->rtindex, query->rtable);
	key_below.id = column_below(query, key.id);
	key_below.customer = column_below(query, key.customer);
	if (key_below.id == InvalidAttrNumber)
		return false;
	if (below->rtekind == RTE_SUBQUERY)
		return query_is_unique(below->subquery, key_below);
	return below->rtekind == RTE_RELATION && relation_is_unique(below->relid, key_below);
}

static bool
relation_is_unique(Oid relid, Key key)
{
	Relation	relation = relation_open(relid, AccessShareLock);
	bool		result = false;

	switch (relation->rd_rel->relkind)
	{
		case RELKIND_RELATION:
		case RELKIND_PARTITIONED_TABLE:
		case RELKIND_MATVIEW:
			result = table_is_unique(relation, key);
			break;
		case RELKIND_VIEW:
			result = query_is_unique(get_view_query(relation), key);
			break;
		default:
			break;
	}
	relation_close(relation, NoLock);
	return result;
}

/* Whether no two rows have the same id, or the same id and customer. */
bool
ledger_is_unique(const LedgerRelation *relation, const char *column, bool with_customer)
{
	Key			key = {
		.id = get_attnum(relation->relid, column),
		.customer = with_customer ? get_attnum(relation->relid, "customer_id") :
		InvalidAttrNumber,
		.later = relation->ledger->in_view
	};

	return key.id != InvalidAttrNumber && relation_is_unique(relation->relid, key);
}
