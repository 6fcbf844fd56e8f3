/*-------------------------------------------------------------------------
 *
 * asked.c
 *	  Which id in a relation is the one that a document's argument names.
 *
 * What a caller passes is an id of the customer relation, in any spelling that
 * the type of its column takes; all else is read by the id that stands there.
 * A ledger without that relation takes it for an id of each relation.  If these
 * compare by different rules, the id is its text alone, and a column whose
 * rules are coarser than text is refused with 42804.
 *
 *-------------------------------------------------------------------------
 */
#include "asked.h"

#include "catalog/pg_type.h"
#include "match.h"
#include "template.h"
#include "told_apart.h"
#include "utils/lsyscache.h"

/*
 * The condition that a customer's id and another one are one to a column that
 * refers.  The few spellings of a uuid are looked up, as an index may serve.
 */
static const char *
is_alike(IdColumn from, IdColumn to, IdColumn other)
{
	const char *value = id_respelled(from, id_text(to), false);
	const char *operator_name;

	(void) equality_operator(from.type, &operator_name);
	if (from.kind != ID_UUID)
		return sql_fill("{other} {equals} {value}",
						"other", id_respelled(from, id_text(other), false),
						"equals", operator_name, "value", value);
	return sql_fill("{id} = ANY (ARRAY[{uuid}::text, upper({uuid}::text),"
					" replace({uuid}::text, '-', ''),"
					" replace(upper({uuid}::text), '-', '')]{collate})",
					"id", to.kind == ID_TEXT ? bare_id(other) : id_text(other), "uuid", value,
					"collate", to.kind == ID_TEXT ? collate_as(to) : sql_fill(" COLLATE \"C\""));
}

/*
 * Whether the relations of a ledger that says nowhere who its customers are
 * compare their ids by different rules: then an id is its text.
 */
bool
ledger_spelling_decides(const Ledger *ledger, bool unchecked)
{
	LedgerRelation found[NUM_LEDGER_RELATIONS] = {{0}};
	int			n = 0;
	bool		decides = false;

	for (int i = 0; i < NUM_LEDGER_RELATIONS; i++)
	{
		LedgerRelation *relation = &found[n];

		relation->ledger = ledger;
		relation->spec = &ledger_relations[i];
		relation->alias = "r";
		relation->relid = get_relname_relid(relation->spec->name, ledger->schema);
		if (!OidIsValid(relation->relid) || !ledger_is_readable(relation->relid) ||
			strcmp(relation->spec->lookup, "customer_id") != 0)
			continue;
		if (!ledger_is_identifier(relation, "customer_id"))
			continue;
		n++;
		decides |= !ledger_ids_agree(&found[0], "customer_id", relation, "customer_id");
	}
	for (int i = 0; decides && !unchecked && i < n; i++)
		if (ledger_is_coarse(&found[i], "customer_id"))
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("relations of ledger \"%s\" tell customer ids apart by different rules",
							ledger->name),
					 errdetail("To \"%s.customer_id\" ids of different spelling may be one, and no "
							   "relation \"customer\" says which there are.",
							   found[i].spec->name),
					 errhint("Give all of them one type and collation, by a cast in a view if need "
							 "be, or the ledger a relation \"customer\".")));
	return decides;
}

/*
 * The customer's id as it stands in the customer relation, respelled for a
 * column that compares by other rules; NULL where the argument itself will do.
 */
static const char *
respelled_customer(LedgerQuery *query, IdColumn from, int argument)
{
	LedgerRelation customer;
	LedgerRelation alike;
	IdColumn	to;
	IdColumn	other;
	const char *id;
	const char *source;

	if (!ledger_find(from.relation->ledger, "customer", "respelled", &customer))
		return ledger_spelling_decides(from.relation->ledger, query->unchecked) ?
			id_respelled(from, ledger_parameter(query, TEXTOID, argument), true) : NULL;
	other = to = id_column(&customer, "customer_id");
	if (ids_agree(from, to))
		return NULL;
	id = sql_fill("min({id})", "id", id_text(to));
	source = ledger_from(&customer);
	if (id_confuses(from, to) && !query->unchecked)
	{
		alike = customer;
		alike.alias = "alike";
		other.relation = &alike;
		id = sql_guard(ledger_told_apart(from.relation, from.name,
										 sql_fill("count(DISTINCT {id})",
												  "id", id_text(other)),
										 id),
					   id);
		source = sql_fill("{customer} JOIN {alike} ON {is_alike}",
						  "customer", source, "alike", ledger_from(&alike),
						  "is_alike", is_alike(from, to, other));
	}
	return sql_fill("(SELECT {respelled}"
					" FROM (SELECT {id} FROM {source} WHERE {asked}) AS own(id))",
					"respelled", id_respelled(from, "own.id", false), "id", id,
					"source", source, "asked",
					ledger_equals(query, &customer, "customer_id", argument));
}

/* What a column's id is that one of the document's text arguments names. */
static const char *
asked_value(LedgerQuery *query, IdColumn id, int argument)
{
	const char *operator_name;
	const char *value = NULL;
	Oid			left;
	Oid			right;

	op_input_types(equality_operator(id.type, &operator_name), &left, &right);
	if (strcmp(id.name, "customer_id") == 0 &&
		strcmp(id.relation->spec->name, "customer") != 0)
		value = respelled_customer(query, id, argument);
	return value != NULL ? value :
		ledger_parameter(query, IsPolymorphicType(right) ? id.type : right, argument);
}

/*
 * A condition that a column equals one of the document's text arguments.  The
 * value has the column's own type, so that an index on it is used.
 */
const char *
ledger_equals(LedgerQuery *query, const LedgerRelation *relation,
			  const char *column, int argument)
{
	IdColumn	id = id_column(relation, column);

	return id_equals(id, asked_value(query, id, argument));
}

/*
 * Behind ledger_join(a, column, b), where that is a join of customers, too, and one of
 * them is his who is asked for: that the other is.  The join says so already, but
 * whether all of a query is on one server a cluster sees by such conditions alone.
 */
const char *
ledger_and_asked(LedgerQuery *query, const LedgerRelation *a, const char *column,
				 const LedgerRelation *b, const LedgerRelation *other, int argument)
{
	if (!ledger_joins_customer(a, column, b) ||
		!ledger_ids_agree(a, "customer_id", b, "customer_id"))
		return "";
	return sql_fill(" AND {asked}", "asked",
					ledger_equals(query, other, "customer_id", argument));
}

/* The id that is asked for as text, as it stands in the column. */
const char *
ledger_asked_text(LedgerQuery *query, const LedgerRelation *relation,
				  const char *column, int argument)
{
	IdColumn	id = id_column(relation, column);
	const char *value = asked_value(query, id, argument);

	return id.kind == ID_NUMERIC ?
		sql_fill("trim_scale({value})::text", "value", value) :
		sql_fill("{value}::text", "value", value);
}
