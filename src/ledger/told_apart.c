/*-------------------------------------------------------------------------
 *
 * told_apart.c
 *	  Ids that a column which refers to them does not tell apart.
 *
 * Two ids that their own relation tells apart may be one to the column that
 * refers: 'a' and 'A' to citext or to a nondeterministic collation.  Whose its
 * rows are cannot be told, and told_apart() raises 21000.  Columns that print
 * different text for different ids never get there.
 *
 *-------------------------------------------------------------------------
 */
#include "told_apart.h"

#include "match.h"
#include "template.h"
#include "utils/builtins.h"

/* Whether ids that one column tells apart can be one to a column that refers. */
bool
id_confuses(IdColumn from, IdColumn to)
{
	if (ids_agree(from, to))
		return false;
	return from.kind == ID_COARSE ||
		(from.kind == ID_UUID && to.kind != ID_INTEGER && to.kind != ID_NUMERIC);
}

bool
ledger_confuses(const LedgerRelation *a, const char *a_column,
				const LedgerRelation *b, const char *b_column)
{
	return id_confuses(id_column(a, a_column), id_column(b, b_column));
}

/* What ids that are not told apart have in common, to group them by. */
const char *
ledger_referred(const LedgerRelation *a, const char *a_column,
				const LedgerRelation *b, const char *b_column)
{
	return id_referred(id_column(a, a_column), id_column(b, b_column));
}

/*
 * The columns of rows a that are added up by the row b that they refer to, to be
 * selected or grouped by: customers that b takes for one are one.
 */
const char *
ledger_sum_keys(const LedgerRelation *a, const char *key, const LedgerRelation *b,
				bool grouped)
{
	bool		joins_customer = ledger_joins_customer(a, key, b);

	if (!joins_customer || !ledger_confuses(b, "customer_id", a, "customer_id"))
		return ledger_join_keys(a, key, joins_customer);
	return sql_fill(grouped ? "{a}.{key}, {customer}" :
					"{a}.{key}, (array_agg({a}.customer_id))[1] AS customer_id",
					"a", a->alias, "key", key, "customer",
					grouped ? ledger_referred(b, "customer_id", a, "customer_id") : "");
}

/* The condition that an id is told apart, where alike ones have been counted. */
const char *
ledger_told_apart(const LedgerRelation *relation, const char *column,
				  const char *alike, const char *id)
{
	return sql_fill("balance.told_apart({alike}::int8, '{relation}.{column}'::text, {id}::text)",
					"alike", alike, "relation", relation->spec->name, "column", column,
					"id", id);
}

/*
 * Where ids can be confused, what is to be joined so that an error says so.
 * All of the relation that is referred to is read for it.
 */
const char *
ledger_join_alike(const LedgerRelation *a, const char *a_column,
				  const LedgerRelation *b, const char *b_column)
{
	IdColumn	from = id_column(a, a_column);
	IdColumn	to = id_column(b, b_column);
	LedgerRelation alike = *b;
	IdColumn	other = to;
	const char *joined = id_equals(from, "alike.id");

	if (!id_confuses(from, to))
		return "";
	alike.alias = "alike";
	other.relation = &alike;
	return sql_fill("\n JOIN (SELECT {referred} AS id, count(DISTINCT alike.{column}) AS ids"
					" FROM {relation} GROUP BY 1) AS alike ON {joined} AND {told_apart}",
					"referred", id_referred(from, other), "column", b_column,
					"relation", ledger_from(&alike), "joined", joined,
					"told_apart", sql_guard(joined, ledger_told_apart(a, a_column, "alike.ids",
																	  id_text(to))));
}

PG_FUNCTION_INFO_V1(told_apart);
Datum
told_apart(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0) || PG_GETARG_INT64(0) <= 1)
		PG_RETURN_BOOL(true);
	ereport(ERROR,
			(errcode(ERRCODE_CARDINALITY_VIOLATION),
			 errmsg("%s does not tell the id \"%s\" from another one",
					PG_ARGISNULL(1) ? "a column" : text_to_cstring(PG_GETARG_TEXT_PP(1)),
					PG_ARGISNULL(2) ? "" : text_to_cstring(PG_GETARG_TEXT_PP(2))),
			 errdetail("By the type and collation of that column, %lld ids are one.",
					   (long long) PG_GETARG_INT64(0)),
			 errhint("Give both relations' columns one type and collation, by a cast in a view if "
					 "need be. balance.verify() lists such ids.")));
}
