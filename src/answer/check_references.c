/*-------------------------------------------------------------------------
 *
 * check_references.c
 *	  Identifiers that a ledger's relations have in types or collations which
 *	  do not compare alike.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "check_ledger.h"
#include "ledger/identifier.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* An id whose type has no single rule of what is equal cannot be read at all. */
static void
check_collations(ReturnSetInfo *result, const LedgerRelation *relation)
{
	for (const ColumnSpec *column = relation->spec->columns; column->name; column++)
	{
		Oid			type = ledger_column_type(relation, column->name);

		if (column->kind == COLUMN_IDENTIFIER && OidIsValid(type) &&
			column_type_fits(type, column->kind) &&
			!ledger_is_identifier(relation, column->name))
			add_finding(result, relation->spec->name, column->name, SEVERITY_ERROR,
						psprintf("column is of type %s with a nondeterministic collation",
								 format_type_be(type)),
						"Cast it to text in a view.");
	}
}

/*
 * Ids that two relations have in different types or collations are matched as
 * well as can be, but one may match nothing, or several that are then one.
 */
static void
check_types(ReturnSetInfo *result, const LedgerRelation *relation)
{
	for (const ColumnSpec *column = relation->spec->columns; column->name; column++)
	{
		const RelationSpec *spec;
		LedgerRelation other = *relation;

		if (column->refers_to == NULL || !ledger_is_identifier(relation, column->name))
			continue;
		other.spec = spec = find_relation_spec(column->refers_to);
		other.relid = get_relname_relid(spec->name, relation->ledger->schema);
		if (!OidIsValid(other.relid) || !ledger_is_identifier(&other, spec->key) ||
			ledger_ids_agree(relation, column->name, &other, spec->key))
			continue;
		add_finding(result, relation->spec->name, column->name, SEVERITY_WARNING,
					psprintf("column is of type %s, that of relation %s of type %s",
							 ledger_id_type(relation, column->name), spec->name,
							 ledger_id_type(&other, spec->key)),
					"Give both the same type, by a cast in a view if need be.");
	}
}

/* The first relation of a ledger that says whose its rows are. */
static void
find_first(const LedgerRelation *relation, LedgerRelation *first)
{
	*first = *relation;
	for (const RelationSpec *spec = ledger_relations; spec < relation->spec; spec++)
	{
		first->spec = spec;
		first->relid = get_relname_relid(spec->name, relation->ledger->schema);
		if (OidIsValid(first->relid) && ledger_is_identifier(first, "customer_id"))
			return;
	}
	*first = *relation;
}

/*
 * Where no relation says who the customers are, ids of several types are taken
 * by their text, and some not at all.
 */
static void
check_unknown_customers(ReturnSetInfo *result, const LedgerRelation *relation)
{
	LedgerRelation first;
	bool		refused;

	if (!ledger_is_identifier(relation, "customer_id"))
		return;
	find_first(relation, &first);
	if (strcmp(first.spec->name, "customer") == 0 ||
		ledger_ids_agree(relation, "customer_id", &first, "customer_id"))
		return;
	refused = ledger_is_coarse(relation, "customer_id") ||
		ledger_is_coarse(&first, "customer_id");
	add_finding(result, relation->spec->name, "customer_id",
				refused ? SEVERITY_ERROR : SEVERITY_WARNING,
				psprintf("column is of type %s, that of relation %s of type %s, and there is no "
						 "relation customer",
						 ledger_id_type(relation, "customer_id"), first.spec->name,
						 ledger_id_type(&first, "customer_id")),
				"Give both the same type, by a cast in a view if need be, or the ledger a relation "
				"customer.");
}

/* Judge how the relation's ids compare with those of other relations. */
void
check_references(ReturnSetInfo *result, const LedgerRelation *relation)
{
	check_collations(result, relation);
	check_types(result, relation);
	check_unknown_customers(result, relation);
}
