/*-------------------------------------------------------------------------
 *
 * check_columns.c
 *	  The columns of a ledger's relations and their types.
 *
 *-------------------------------------------------------------------------
 */
#include "check_ledger.h"

#include "utils/builtins.h"
#include "utils/lsyscache.h"

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
		add_finding(result, relation->spec->name, "customer_id", SEVERITY_WARNING,
					psprintf("column is of type %s, that of relation customer of type %s",
							 format_type_be(type), format_type_be(customer_type)),
					"Give both the same type, by a cast in a view if need be.");
}

/* What is not there or cannot be read. */
void
check_columns(ReturnSetInfo *result, const LedgerRelation *relation)
{
	for (const ColumnSpec *column = relation->spec->columns; column->name; column++)
	{
		Oid			type = ledger_column_type(relation, column->name);
		const char *words = column_type_words(column->type);

		if (!OidIsValid(type))
		{
			if (column->required)
				add_finding(result, relation->spec->name, column->name, SEVERITY_ERROR,
							"required column is missing",
							psprintf("Add it, or provide it in a view; it must be %s.", words));
		}
		else if (!column_type_fits(type, column->type))
			add_finding(result, relation->spec->name, column->name, SEVERITY_ERROR,
						psprintf("column is of type %s", format_type_be(type)),
						psprintf("Cast it in a view; it must be %s.", words));
	}
	check_customer_type(result, relation);
}
