/*-------------------------------------------------------------------------
 *
 * named_once.c
 *	  Rows that are named by an id which others have, too.
 *
 * What a payment settles, or a credit memo is applied to, is told by an id alone.
 * Where that is there twice, it would settle each of the rows, or the first that is
 * met: no two ways to add up would say the same.  So whatever reads a ledger in time
 * raises 21000 then, unless an index vouches that it cannot be.
 *
 *-------------------------------------------------------------------------
 */
#include "named_once.h"

#include "asked.h"
#include "match.h"
#include "template.h"
#include "told_apart.h"
#include "unique.h"
#include "utils/builtins.h"

/* Which relations name rows of which. */
static const struct
{
	const char *owner;
	const char *naming;
	const char *alias;
}			named_by[] = {
	{"invoice", "payment", "p"},
	{"invoice", "credit_memo_application", "a"},
	{"credit_memo", "credit_memo_application", "a"}
};

/* That rows by the alias "twice" have an id that the customer's rows have. */
static const char *
is_customers(LedgerQuery *query, const LedgerRelation *twice, bool with_customer, int argument)
{
	LedgerRelation own = *twice;

	own.alias = "own";
	if (with_customer)
		return ledger_equals(query, twice, "customer_id", argument);
	return sql_fill("EXISTS (SELECT 1 FROM {own} WHERE {is_own} AND {is_same})",
					"own", ledger_from(&own),
					"is_own", ledger_equals(query, &own, "customer_id", argument),
					"is_same", ledger_join(&own, own.spec->key, twice, own.spec->key));
}

/* The condition that rows of a relation which another one names are there once. */
static const char *
is_named_once(LedgerQuery *query, const LedgerRelation *owner, const LedgerRelation *naming,
			  int argument)
{
	const char *key = owner->spec->key;
	bool		with_customer = ledger_joins_customer(naming, key, owner);
	LedgerRelation twice = *owner;

	if (ledger_is_unique(owner, key, with_customer))
		return "";
	twice.alias = "twice";
	return sql_fill("\n AND (SELECT bool_and(balance.named_once(twice.copies,"
					" '{relation}'::text, {id}::text)) IS NOT FALSE\n"
					"  FROM (SELECT {keys}, count(*) AS copies FROM {owner}"
					" WHERE twice.{key} IS NOT NULL{whose}\n"
					"   GROUP BY {keys} HAVING count(*) > 1) AS twice\n"
					"  WHERE EXISTS (SELECT 1 FROM {naming} WHERE {is_of}))",
					"relation", owner->spec->name, "id", ledger_id_text(&twice, key),
					"keys", ledger_join_keys(&twice, key, with_customer),
					"owner", ledger_from(&twice), "key", key,
					"whose", argument == ALL_CUSTOMERS ? "" :
					sql_fill(" AND {mine}", "mine",
							 is_customers(query, &twice, with_customer, argument)),
					"naming", ledger_from(naming),
					"is_of", ledger_join(naming, key, &twice, key));
}

/*
 * What to append to a condition so that an error says which row is meant by a name that
 * could mean another one: of a customer, whom an argument names, or of all.
 */
const char *
ledger_and_named_once(LedgerQuery *query, const LedgerRelation *owner, int argument)
{
	StringInfoData sql;

	initStringInfo(&sql);
	for (int i = 0; i < lengthof(named_by); i++)
	{
		LedgerRelation naming;

		if (strcmp(owner->spec->name, named_by[i].owner) == 0 &&
			ledger_find(owner->ledger, named_by[i].naming, named_by[i].alias, &naming) &&
			ledger_has_column(&naming, owner->spec->key))
			appendStringInfoString(&sql, is_named_once(query, owner, &naming, argument));
	}
	return sql.data;
}

PG_FUNCTION_INFO_V1(named_once);
Datum
named_once(PG_FUNCTION_ARGS)
{
	const char *relation;

	if (PG_ARGISNULL(0) || PG_GETARG_INT64(0) <= 1)
		PG_RETURN_BOOL(true);
	relation = PG_ARGISNULL(1) ? "row" : text_to_cstring(PG_GETARG_TEXT_PP(1));
	ereport(ERROR,
			(errcode(ERRCODE_CARDINALITY_VIOLATION),
			 errmsg("%s \"%s\" appears %lld times", relation,
					PG_ARGISNULL(2) ? "" : text_to_cstring(PG_GETARG_TEXT_PP(2)),
					(long long) PG_GETARG_INT64(0)),
			 errdetail("Nothing tells which of them is meant by what was paid on it or applied."),
			 errhint("Make the id unique in relation \"%s\".", relation)));
}
