/*-------------------------------------------------------------------------
 *
 * verify_customer.c
 *	  Whose rows verify() looks at: all of a relation, or one customer's.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "ledger/asked.h"
#include "ledger/match.h"
#include "ledger/template.h"
#include "verify.h"

/* Whether each row of a relation says whose it is. */
static bool
says_whose(const RelationSpec *spec)
{
	const ColumnSpec *customer = search_column_spec(spec, "customer_id");

	return customer != NULL && customer->required;
}

/* Whether a row refers to something of the customer's. */
static const char *
refers_to_customers(LedgerQuery *query, const LedgerRelation *relation,
					const Reference *reference)
{
	const LedgerRelation *owner = &reference->other;

	return sql_fill("EXISTS (SELECT 1 FROM {owner} WHERE {customers} AND {joined})",
					"owner", ledger_from(owner),
					"customers", ledger_equals(query, owner, "customer_id", ARGUMENT_CUSTOMER),
					"joined", ledger_join(relation, reference->column->name,
										  owner, owner->spec->key));
}

/*
 * The rows that refer to something of the customer's, each of them once: the
 * applications of his memos, and those to his invoices of anybody's memos.
 */
static const char *
rows_by_reference(LedgerQuery *query, const Verified *verified)
{
	const LedgerRelation *relation = &verified->relation;
	StringInfoData rows;
	StringInfoData not_before;

	initStringInfo(&rows);
	initStringInfo(&not_before);
	for (const Reference *reference = verified->references; reference->column; reference++)
	{
		const char *theirs;

		if (!OidIsValid(reference->other.relid) ||
			!says_whose(reference->other.spec))
			continue;
		theirs = refers_to_customers(query, relation, reference);
		sql_append(&rows, "{union}SELECT {r}.* FROM {from} WHERE {theirs}{not_before}",
				   "union", rows.len > 0 ? "\n UNION ALL " : "", "r", relation->alias,
				   "from", ledger_from(relation), "theirs", theirs,
				   "not_before", not_before.data);
		sql_append(&not_before, " AND NOT {theirs}", "theirs", theirs);
	}
	if (rows.len == 0)
		sql_append(&rows, "SELECT {r}.* FROM {from} WHERE FALSE",
				   "r", relation->alias, "from", ledger_from(relation));
	return rows.data;
}

/* The relation as an item of a FROM clause: all rows, or one customer's. */
const char *
verified_rows(LedgerQuery *query, const Verified *verified)
{
	const LedgerRelation *relation = &verified->relation;
	const char *rows;

	if (!verified->one_customer)
		return ledger_from(relation);
	if (!says_whose(relation->spec))
		rows = rows_by_reference(query, verified);
	else
		rows = sql_fill("SELECT {r}.* FROM {from} WHERE {customers}",
						"r", relation->alias, "from", ledger_from(relation),
						"customers",
						ledger_equals(query, relation, "customer_id", ARGUMENT_CUSTOMER));
	return sql_fill("({rows}) AS {r}", "rows", rows, "r", relation->alias);
}

/*
 * Behind the condition that a row of a's names one of b's by its column: that other,
 * which is either, is the customer's who is asked for, see ledger_and_asked().
 */
const char *
and_asked(LedgerQuery *query, const Verified *verified, const LedgerRelation *a,
		  const char *column, const LedgerRelation *b, const LedgerRelation *other)
{
	return verified->one_customer ?
		ledger_and_asked(query, a, column, b, other, ARGUMENT_CUSTOMER) : "";
}
