/*-------------------------------------------------------------------------
 *
 * match.c
 *	  Which rows belong together: when an identifier in one relation is an
 *	  identifier in another, or an argument, whatever types they have.
 *
 * One rule for documents, books, views, items() and verify():
 *
 * The column that refers decides (an invoice's customer_id, a line item's
 * invoice_id).  The id that is referred to is taken as text, respelled in the
 * type of that column, and compared as that type and the column's collation
 * compare.  So an index on the column that refers serves, and where two ids
 * are one to that column, a row that has it belongs to both.
 *
 * Columns that compare by the same rules are compared as they are, which comes
 * to the same.
 *
 *-------------------------------------------------------------------------
 */
#include "match.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/sysattr.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "template.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/syscache.h"

/* The same where the column is at hand. */
const char *
id_equals(IdColumn id, const char *value)
{
	const char *operator_name;

	(void) equality_operator(id.type, &operator_name);
	return sql_fill("{id} {equals} {value}",
					"id", bare_id(id), "equals", operator_name, "value", value);
}

/* The id that is referred to, as the column that refers spells it. */
const char *
id_referred(IdColumn from, IdColumn to)
{
	if (!ids_agree(from, to))
		return id_respelled(from, id_text(to), false);
	return psprintf("%s%s", bare_id(to),
					from.collation == to.collation ? "" : collate_as(from));
}

/* ---- whose a row is ---- */

/*
 * Whether a column that a ledger need not have has a value in every row, as far as
 * its table says; what is no table of ours has it, or would not show it.
 */
static bool
is_never_null(const LedgerRelation *relation, const char *column)
{
	char		relkind = get_rel_relkind(relation->relid);
	HeapTuple	tuple;
	bool		result;

	if (relkind != RELKIND_RELATION && relkind != RELKIND_PARTITIONED_TABLE)
		return true;
	tuple = SearchSysCacheAttName(relation->relid, column);
	if (!HeapTupleIsValid(tuple))
		return false;
	result = ((Form_pg_attribute) GETSTRUCT(tuple))->attnotnull;
	ReleaseSysCache(tuple);
	return result;
}

/* Whether an id of a relation is one only together with its customer. */
bool
ledger_key_has_customer(const LedgerRelation *relation)
{
	Relation	heap = relation_open(relation->relid, AccessShareLock);
	Bitmapset  *key = RelationGetIndexAttrBitmap(heap, INDEX_ATTR_BITMAP_PRIMARY_KEY);
	AttrNumber	customer = get_attnum(relation->relid, "customer_id");
	bool		result = bms_is_member(customer - FirstLowInvalidHeapAttributeNumber, key);

	bms_free(key);
	relation_close(heap, NoLock);
	return result;
}

/*
 * Whether what a row refers to is its own customer's.  A line item and an
 * application need not say whose they are; where they do, it is so that they live
 * with their customer, and each of their joins is one of customers.  So is any other
 * to a relation whose key has the customer in it.
 */
bool
ledger_joins_customer(const LedgerRelation *a, const char *a_column, const LedgerRelation *b)
{
	const ColumnSpec *said = search_column_spec(a->spec, "customer_id");

	if (strcmp(a_column, "customer_id") == 0 || a->spec == b->spec || said == NULL ||
		!ledger_has_column(a, "customer_id") || !ledger_has_column(b, "customer_id"))
		return false;
	return said->required ? ledger_key_has_customer(b) : is_never_null(a, "customer_id");
}

/* The columns of a relation by which others are joined to it, or it to others. */
const char *
ledger_join_keys(const LedgerRelation *relation, const char *key, bool joins_customer)
{
	return joins_customer ?
		psprintf("%s.%s, %s.customer_id", relation->alias, key, relation->alias) :
		psprintf("%s.%s", relation->alias, key);
}

/* ---- which rows belong together ---- */

/* The condition that an id in one relation is one in another. */
static const char *
join_ids(const LedgerRelation *a, const char *a_column,
		 const LedgerRelation *b, const char *b_column)
{
	IdColumn	from = id_column(a, a_column);
	IdColumn	to = id_column(b, b_column);

	/* no index on labels is worth a look-up of each */
	if (from.kind == ID_ENUM && !ids_agree(from, to))
		return sql_fill("{from} = {to}", "from", id_text(from), "to", id_text(to));
	return id_equals(from, id_referred(from, to));
}

/* The condition that the rows of one relation refer to those of another. */
const char *
ledger_join(const LedgerRelation *a, const char *a_column,
			const LedgerRelation *b, const char *b_column)
{
	const char *joined = join_ids(a, a_column, b, b_column);

	if (!ledger_joins_customer(a, a_column, b))
		return joined;
	return sql_fill("{joined} AND {customer}", "joined", joined,
					"customer", ledger_join_ids(a, "customer_id", b, "customer_id"));
}

/* The condition that a column equals a value which was respelled for it. */
const char *
ledger_join_known(const LedgerRelation *a, const char *a_column,
				  const char *value)
{
	return id_equals(id_column(a, a_column), value);
}

/* ---- ids in a store, which are text ---- */

/* The condition that a column is the id of a text that was made of one of its ids. */
const char *
ledger_is_kept_id(const LedgerRelation *relation, const char *column, const char *text)
{
	IdColumn	id = id_column(relation, column);

	return id_equals(id, sql_fill("({text}::{type}{collate})", "text", text,
								  "type", qualified_type(id.type), "collate", collate_as(id)));
}

/*
 * How to declare a column of kept ids that is to stand beside ledger_id_value(),
 * or beside ledger_id_text() where collation is NULL.  NULL where ids that are
 * equal do not all look alike, as it cannot be told what they looked like.
 */
const char *
ledger_kept_id(const LedgerRelation *relation, const char *column,
			   const LedgerRelation *collation)
{
	IdColumn	id = id_column(relation, column);
	IdColumn	other;

	if (collation == NULL)
		return sql_fill("pg_catalog.text COLLATE \"C\"");
	if (id.kind == ID_CHAR || id.kind == ID_NUMERIC)
		return NULL;
	other = id_column(collation, column);
	return psprintf("%s%s", qualified_type(id.type == other.type ? id.type : TEXTOID),
					collate_as(other));
}

/*
 * The same beside the column as it is.  Where it is only going to be compared,
 * it does not matter what equal ids looked like.
 */
const char *
ledger_kept_column(const LedgerRelation *relation, const char *column, bool compared)
{
	IdColumn	id = id_column(relation, column);

	if (!compared && (id.kind == ID_CHAR || id.kind == ID_NUMERIC))
		return NULL;
	return psprintf("%s%s", qualified_type(id.type), collate_as(id));
}

/*
 * The condition that two columns refer to the same id: the coarser one decides,
 * else their text.
 */
const char *
ledger_join_ids(const LedgerRelation *a, const char *a_column,
				const LedgerRelation *b, const char *b_column)
{
	IdColumn	one = id_column(a, a_column);
	IdColumn	other = id_column(b, b_column);

	if (other.kind == ID_COARSE && one.kind != ID_COARSE)
		return join_ids(b, b_column, a, a_column);
	if (one.kind == ID_COARSE || ids_agree(one, other))
		return join_ids(a, a_column, b, b_column);
	return sql_fill("{one} = {other}", "one", id_text(one), "other", id_text(other));
}
