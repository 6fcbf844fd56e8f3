/*-------------------------------------------------------------------------
 *
 * verify_several.c
 *	  The rules of verify() about several rows: what is there twice, what is
 *	  not there, whose a row is, and ids that cannot be told apart.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "ledger/asked.h"
#include "ledger/identifier.h"
#include "ledger/match.h"
#include "ledger/template.h"
#include "ledger/told_apart.h"
#include "ledger/unique.h"
#include "verify.h"

/* Ids that appear more than once; a copy of one customer's may be another's. */
bool
compose_duplicate_ids(LedgerQuery *query, const Verified *verified, const Reference *reference)
{
	const LedgerRelation *relation = &verified->relation;
	const char *key = relation->spec->key;
	LedgerRelation same = *relation;
	bool		with_customer;
	const char *is_same;

	if (key == NULL)
		return false;
	same.alias = "same";
	with_customer = strcmp(key, "customer_id") != 0 && ledger_key_has_customer(relation);
	if (ledger_is_unique(relation, key, with_customer))
		return false;
	is_same = ledger_join(&same, key, relation, key);
	if (with_customer)
		is_same = sql_fill("{is_same} AND {customer}", "is_same", is_same, "customer",
						   ledger_join(&same, "customer_id", relation, "customer_id"));
	select_violation(query, "'" DUPLICATE_ID "'", relation,
					 sql_fill("min({id} COLLATE \"C\")", "id", ledger_column(&same, key)),
					 "'1 row'", sql_fill("count(*)::text || ' rows'"));
	appendStringInfoString(&query->sql, ledger_from(&same));
	if (verified->one_customer)
		sql_append(&query->sql,
				   "\nJOIN (SELECT DISTINCT {keys} FROM {rows}) AS {r} ON {is_same}",
				   "r", relation->alias, "keys", ledger_join_keys(relation, key, with_customer),
				   "rows", verified_rows(query, verified), "is_same", is_same);
	sql_append(&query->sql,
			   "\nWHERE same.{key} IS NOT NULL GROUP BY {keys} HAVING count(*) > 1",
			   "key", key, "keys", ledger_join_keys(&same, key, with_customer));
	return true;
}

/*
 * Numbers that two of a customer's invoices have, which are the seller's too.
 * A void one may have been replaced under its number.
 */
bool
compose_duplicate_numbers(LedgerQuery *query, const Verified *verified,
						  const Reference *reference)
{
	const LedgerRelation *relation = &verified->relation;
	const char *id;
	const char *number;

	if (strcmp(relation->spec->name, "invoice") != 0 ||
		!ledger_has_column(relation, "number"))
		return false;
	id = sql_fill("{id} COLLATE \"C\"", "id", ledger_column(relation, "invoice_id"));
	number = ledger_column(relation, "number");
	select_violation(query, "'" DUPLICATE_NUMBER "'", relation,
					 sql_fill("max({id})", "id", id),
					 sql_fill("'1 invoice with number ' || min({number} COLLATE \"C\")",
							  "number", number),
					 sql_fill("count(*)::text || ' invoices'"));
	sql_append(&query->sql,
			   "{rows}\nWHERE {number} <> ''\n"
			   " AND CASE WHEN balance.known_status('invoice_status'::text, {status})\n"
			   "  THEN balance.invoice_class({status}, NULL::text) <> 'void' ELSE TRUE END\n"
			   "GROUP BY {r}.customer_id, {r}.number HAVING min({id}) <> max({id})",
			   "rows", verified_rows(query, verified), "r", relation->alias,
			   "number", number, "status", ledger_column(relation, "invoice_status"),
			   "id", id);
	return true;
}

/*
 * Rates of one currency to another from one day, of which no conversion knows which to
 * take.  Codes are compared as conversions do, which a key of the table need not.
 */
bool
compose_duplicate_rates(LedgerQuery *query, const Verified *verified,
						const Reference *reference)
{
	const LedgerRelation *relation = &verified->relation;
	const char *code;
	const char *to;
	const char *from;

	if (strcmp(relation->spec->name, "exchange_rate") != 0)
		return false;
	code = ledger_currency(relation, "currency");
	to = ledger_currency(relation, "reporting_currency");
	from = ledger_column(relation, "valid_from");
	select_violation(query, "'" DUPLICATE_RATE "'", relation, code,
					 sql_fill("'1 rate to ' || {to} || ' from ' || balance.iso_text({from})",
							  "to", to, "from", from),
					 sql_fill("count(*)::text || ' rates'"));
	sql_append(&query->sql,
			   "{rows}\nWHERE {code} <> {to} AND {from} IS NOT NULL\n"
			   "GROUP BY {code}, {to}, {from} HAVING count(*) > 1",
			   "rows", verified_rows(query, verified), "code", code, "to", to, "from", from);
	return true;
}

/* The condition that a row names what is missing, as the column itself compares. */
static const char *
is_missing(const LedgerRelation *relation, const char *column, bool joins_customer)
{
	LedgerRelation missing = *relation;

	missing.alias = "missing";
	return sql_fill(joins_customer ? "{named} AND ({customer} OR"
					" (missing.customer_id IS NULL AND {r}.customer_id IS NULL))" : "{named}",
					"named", ledger_join(&missing, column, relation, column), "customer",
					joins_customer ?
					ledger_join(&missing, "customer_id", relation, "customer_id") : "",
					"r", relation->alias);
}

/*
 * What rows name, as an item of a FROM clause.  Of all customers each has many rows and
 * is looked for once; of what else is named, rows name other ones each, or nearly so.
 */
static const char *
named_by_rows(const Verified *verified, const Reference *reference, const char *rows)
{
	if (verified->one_customer || strcmp(reference->other.spec->name, "customer") != 0)
		return rows;
	return sql_fill("(SELECT DISTINCT {r}.{column} FROM {rows}) AS {r}",
					"r", verified->relation.alias, "column", reference->column->name,
					"rows", rows);
}

/*
 * Rows that name one which is not there.  What they name is looked for first, and for
 * what is not found, the rows: of all rows the ids alone are read, of an index if
 * there is one.
 */
bool
compose_missing(LedgerQuery *query, const Verified *verified, const Reference *reference)
{
	const LedgerRelation *relation = &verified->relation;
	const LedgerRelation *other = &reference->other;
	const ColumnSpec *column = reference->column;
	const char *of_customer = reference->joins_customer ? " of its customer" : "";
	const char *rows = verified_rows(query, verified);

	select_violation(query, psprintf("'" UNKNOWN "%s'", other->alias), relation,
					 row_id(relation),
					 psprintf("'an existing %s%s'", other->alias, of_customer),
					 ledger_column(relation, column->name));
	sql_append(&query->sql,
			   "(SELECT DISTINCT {keys} FROM {named}\n"
			   " WHERE NOT EXISTS (SELECT 1 FROM {other} WHERE {is_named}{asked}){not_null}\n"
			   " OFFSET '0'::int8) AS missing JOIN {rows} ON {is_missing}",
			   "keys", ledger_join_keys(relation, column->name, reference->joins_customer),
			   "named", named_by_rows(verified, reference, rows),
			   "rows", rows, "other", ledger_from(other),
			   "not_null", column->required ? "" :
			   psprintf(" AND %s.%s IS NOT NULL", relation->alias, column->name),
			   "is_named", ledger_join(relation, column->name, other, other->spec->key),
			   "asked", and_asked(query, verified, relation, column->name, other, other),
			   "is_missing", is_missing(relation, column->name, reference->joins_customer));
	return true;
}

/*
 * Rows that say they are another customer's than the one whose row they belong to.  Where
 * they need not say it, documents go by what they belong to, of which copies do not
 * multiply what is said.
 */
bool
compose_other_customers(LedgerQuery *query, const Verified *verified, const Reference *reference)
{
	const LedgerRelation *relation = &verified->relation;
	const LedgerRelation *other = &reference->other;
	const char *belongs_to = relation->spec->belongs_to;
	const char *customer;
	const char *named;

	if (belongs_to == NULL || strcmp(belongs_to, other->spec->name) != 0 ||
		reference->joins_customer || !ledger_has_column(relation, "customer_id"))
		return false;
	customer = ledger_column(other, "customer_id");
	named = sql_fill("FROM {other} WHERE {is_named} AND {customer} IS NOT NULL",
					 "other", ledger_from(other), "customer", customer, "is_named",
					 ledger_join(relation, reference->column->name, other, other->spec->key));
	select_violation(query, psprintf("'" CUSTOMER_UNLIKE "%s'", other->alias), relation,
					 row_id(relation),
					 sql_fill("(SELECT min({customer} COLLATE \"C\") {named})",
							  "customer", customer, "named", named),
					 ledger_column(relation, "customer_id"));
	sql_append(&query->sql,
			   "{rows}\nWHERE {r}.customer_id IS NOT NULL AND EXISTS (SELECT 1 {named})\n"
			   " AND NOT EXISTS (SELECT 1 {named} AND {same_customer})",
			   "rows", verified_rows(query, verified), "r", relation->alias, "named", named,
			   "same_customer", ledger_join_ids(relation, "customer_id", other, "customer_id"));
	return true;
}

/*
 * Whether a column refers by an id alone to rows whose ids are one only together with
 * their customers.
 */
static bool
lacks_customer(const Reference *reference)
{
	const LedgerRelation *other = &reference->other;

	return !reference->joins_customer && strcmp(other->spec->key, "customer_id") != 0 &&
		ledger_key_has_customer(other);
}

/*
 * Ids that their own relation tells apart and a column that refers to them does
 * not: whatever reads both raises an error.
 */
bool
compose_ambiguous_ids(LedgerQuery *query, const Verified *verified, const Reference *reference)
{
	const LedgerRelation *relation = &verified->relation;
	const LedgerRelation *other = &reference->other;
	const char *column = reference->column->name;
	const char *key = other->spec->key;
	bool		by_customer = lacks_customer(reference);
	const char *id;

	if (!by_customer && !ledger_confuses(relation, column, other, key))
		return false;
	id = ledger_id_text(other, key);
	select_violation(query, "'" AMBIGUOUS_ID "'", other, id,
					 psprintf("'an id that %s.%s tells from all others'",
							  relation->spec->name, column),
					 sql_fill("{o}.alike::text || ' ids'", "o", other->alias));
	sql_append(&query->sql,
			   "(SELECT unnest(array_agg(DISTINCT {o}.{key})) AS {key},\n"
			   "  {count} AS alike\n"
			   " FROM {other} WHERE {referred} IS NOT NULL{named}\n"
			   " GROUP BY {referred} HAVING {count} > 1) AS {o}",
			   "referred", ledger_referred(relation, column, other, key),
			   "count", by_customer ? sql_fill("count(*)") :
			   sql_fill("count(DISTINCT {o}.{key})", "o", other->alias, "key", key),
			   "named", !by_customer ? "" :
			   sql_fill(" AND EXISTS (SELECT 1 FROM {relation} WHERE {is_named})",
						"relation", ledger_from(relation),
						"is_named", ledger_join(relation, column, other, key)),
			   "o", other->alias, "key", key, "other", ledger_from(other));
	if (verified->one_customer)
		sql_append(&query->sql,
				   "\nWHERE {id} = ANY (SELECT {id} FROM {other} WHERE {customers})",
				   "id", id, "other", ledger_from(other),
				   "customers", ledger_equals(query, other, "customer_id", ARGUMENT_CUSTOMER));
	return true;
}
