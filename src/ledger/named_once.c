/*-------------------------------------------------------------------------
 *
 * named_once.c
 *	  Rows that are named by an id which others have, too.
 *
 * What a payment settles, what a credit memo is applied to and what a line item
 * is part of is told by an id alone.  Where that is there twice, it would be each
 * of the rows, or the first that is met: no two ways to add up would say the same.
 * So whoever reads what names and what is named raises 21000 then, unless an index
 * vouches that it cannot be: in time, of invoices and memos that are settled or
 * applied at all; in the present, where a source joins rows to their owner.
 *
 * A query that runs once looks for copies once, before anything else.  A view looks
 * for them by customer, so that of one customer only his ids are looked for.
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
#include "utils/lsyscache.h"

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

/* Its own rows again, which one or another condition is on. */
static LedgerRelation
own_rows(const LedgerRelation *owner)
{
	LedgerRelation own = *owner;

	own.alias = OWN_ROWS;
	return own;
}

/* That an own row has the id of rows by the alias "twice", and counts if that is asked. */
static const char *
is_own(const LedgerRelation *twice, bool with_customer, const char *condition)
{
	LedgerRelation own = own_rows(twice);
	const char *key = own.spec->key;

	return sql_fill("EXISTS (SELECT 1 FROM {own} WHERE {is_same}{of_customer} AND {condition})",
					"own", ledger_from(&own), "is_same", ledger_join(&own, key, twice, key),
					"of_customer", !with_customer ? "" :
					psprintf(" AND %s", ledger_join(&own, "customer_id", twice, "customer_id")),
					"condition", condition);
}

/* That rows by the alias "twice" have an id that the customer's rows have. */
static const char *
is_customers(LedgerQuery *query, const LedgerRelation *twice, bool with_customer, int argument,
			 const char *counts)
{
	LedgerRelation own = own_rows(twice);
	const char *mine;

	if (with_customer)
		return ledger_equals(query, twice, "customer_id", argument);
	mine = ledger_equals(query, &own, "customer_id", argument);
	return is_own(twice, false, counts == NULL ? mine : psprintf("%s AND %s", mine, counts));
}

/* What raises the error for an id of rows by an alias, of which copies were counted. */
static const char *
one_copy(const LedgerRelation *owner)
{
	return sql_fill("balance.named_once(twice.copies, '{relation}'::text, {id}::text)",
					"relation", owner->spec->name, "id", ledger_id_text(owner, owner->spec->key));
}

/*
 * The condition that rows of a relation which another one names are there once, or
 * NULL where an index vouches for it; of a customer, whom an argument names, or of all.
 * Those of which none counts may be there as often as they like: counts is a condition
 * on rows by the alias OWN_ROWS that raises no error, or NULL if all do.
 */
const char *
ledger_is_named_once(LedgerQuery *query, const LedgerRelation *owner,
					 const LedgerRelation *naming, int argument, const char *counts)
{
	const char *key = owner->spec->key;
	bool		with_customer = ledger_joins_customer(naming, key, owner);
	bool		of_all = argument == ALL_CUSTOMERS;
	LedgerRelation twice = *owner;

	if (ledger_is_unique(owner, key, with_customer))
		return NULL;
	twice.alias = "twice";
	return sql_fill("(SELECT bool_and({told}) IS NOT FALSE\n"
					"  FROM (SELECT {keys}, count(*) AS copies FROM {owner}"
					" WHERE twice.{key} IS NOT NULL{whose}\n"
					"   GROUP BY {keys} HAVING count(*) > 1) AS twice\n"
					"  WHERE EXISTS (SELECT 1 FROM {naming} WHERE {is_of}){counts})",
					"told", one_copy(&twice),
					"keys", ledger_join_keys(&twice, key, with_customer),
					"owner", ledger_from(&twice), "key", key,
					"whose", of_all ? "" :
					psprintf(" AND %s", is_customers(query, &twice, with_customer, argument,
													 counts)),
					"naming", ledger_from(naming),
					"is_of", ledger_join(naming, key, &twice, key),
					"counts", counts == NULL || !(of_all || with_customer) ? "" :
					psprintf(" AND %s", is_own(&twice, with_customer, counts)));
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
		const char *once;

		if (strcmp(owner->spec->name, named_by[i].owner) != 0 ||
			!ledger_find(owner->ledger, named_by[i].naming, named_by[i].alias, &naming) ||
			!ledger_has_column(&naming, owner->spec->key))
			continue;
		once = ledger_is_named_once(query, owner, &naming, argument, NULL);
		if (once != NULL)
			appendStringInfo(&sql, "\n AND %s", once);
	}
	return sql.data;
}

/* Whether a source of the present joins rows to a relation by an id that may be there twice. */
static bool
may_be_confused(const LedgerRelation *owner, const SourceSpec *source, bool *with_customer)
{
	const char *key = owner->spec->key;
	LedgerRelation naming = {.ledger = owner->ledger, .alias = source->row_alias};

	if (source->owner != owner->spec || source->row == NULL)
		return false;
	naming.spec = find_relation_spec(source->row);
	naming.relid = get_relname_relid(source->row, owner->ledger->schema);
	if (!OidIsValid(naming.relid) || !ledger_is_readable(naming.relid) ||
		!ledger_has_column(owner, key) || !ledger_has_column(&naming, key))
		return false;
	*with_customer = ledger_joins_customer(&naming, key, owner);
	return !ledger_is_unique(owner, key, *with_customer);
}

/* Whether copies are looked for by an id alone, and so among rows of all customers. */
bool
ledger_looks_for_copies(const LedgerRelation *owner)
{
	bool		with_customer;

	for (int i = 0; i < NUM_LEDGER_SOURCES; i++)
		if (may_be_confused(owner, &ledger_sources[i], &with_customer) && !with_customer)
			return true;
	return false;
}

/* Whether a view of a source would look for copies, if it were made now. */
bool
ledger_view_looks_for_copies(const Ledger *ledger, const SourceSpec *source)
{
	Ledger		kept = *ledger;
	LedgerRelation owner = {.ledger = &kept, .spec = source->owner, .alias = source->alias};
	bool		with_customer;

	kept.in_view = true;
	owner.relid = get_relname_relid(source->owner->name, ledger->schema);
	return OidIsValid(owner.relid) && ledger_is_readable(owner.relid) &&
		may_be_confused(&owner, source, &with_customer);
}

/* ---- in views ---- */

/*
 * Behind an owner and what names it in a view: the copies of its ids, as an item
 * "twice" of the FROM clause, or NULL where an index vouches.  The customer of a row
 * is one of its keys, so what is asked of one customer is read of his ids alone.
 */
const char *
ledger_join_copies(const LedgerRelation *owner, const LedgerRelation *naming,
				   const char *counts)
{
	const char *key = owner->spec->key;
	bool		with_customer = ledger_joins_customer(naming, key, owner);
	LedgerRelation own = own_rows(owner);
	LedgerRelation same = *owner;
	LedgerRelation twice = *owner;

	if (ledger_is_unique(owner, key, with_customer))
		return NULL;
	same.alias = "same";
	twice.alias = "twice";
	return sql_fill("\n LEFT JOIN (SELECT {keys}, count(*) AS copies\n"
					"  FROM (SELECT DISTINCT {keys} FROM {own}{counts}) AS own"
					" JOIN {same} ON {is_same}{of_customer}\n"
					"  GROUP BY {keys} HAVING count(*) > 1) AS twice ON {is_twice} AND {is_his}",
					"keys", ledger_join_keys(&own, key, true),
					"own", ledger_from(&own), "same", ledger_from(&same),
					"is_same", ledger_join(&same, key, &own, key),
					"of_customer", !with_customer ? "" :
					psprintf(" AND %s", ledger_join(&same, "customer_id", &own, "customer_id")),
					"counts", counts == NULL ? "" : sql_fill(" WHERE {counts}", "counts", counts),
					"is_twice", ledger_join(&twice, key, owner, key),
					"is_his", ledger_join(&twice, "customer_id", owner, "customer_id"));
}

/* That what is named there is there once, where what names it has been joined to it. */
const char *
ledger_copies_told(const LedgerRelation *owner, const LedgerRelation *naming)
{
	const char *key = owner->spec->key;

	return sql_guard(ledger_join(naming, key, owner, key), one_copy(owner));
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
			 errdetail("Nothing tells which of them is meant by the rows that name it."),
			 errhint("Make the id unique in relation \"%s\", or unique together with customer_id, "
					 "and give that to what names it.", relation)));
}
