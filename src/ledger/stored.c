/*-------------------------------------------------------------------------
 *
 * stored.c
 *	  Positions from a ledger's store beside those from its rows, as SQL.
 *
 * A query has both, and whether the store counts is found out as it runs, once
 * for all of its parts and for its own snapshot; the part that is not wanted is
 * not run then.  EXPLAIN shows which: rows of stored_positions(), or a Result
 * whose One-Time Filter lets the rows pass.
 *
 *-------------------------------------------------------------------------
 */
#include "stored.h"

#include "match.h"
#include "template.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/*
 * Whether a ledger may have a store of the source's rows.  Whether it counts is
 * for the query to find out, in its own snapshot.
 */
bool
may_be_stored(const TallySource *source)
{
	const LedgerRelation *owner = &source->owner;

	return source_is_kept(source->spec) && !ledger_is_coarse(owner, "customer_id") &&
		OidIsValid(get_relname_relid("balance_store", owner->ledger->schema));
}

/* The ledger and the relation, as arguments of functions over its store. */
static const char *
store_arguments(const TallySource *source)
{
	const LedgerRelation *owner = &source->owner;

	return sql_fill("{schema}::regnamespace, '{relation}'::text",
					"schema", quote_literal_cstr(quote_identifier(owner->ledger->name)),
					"relation", owner->spec->name);
}

/* The period of the condition as a row, p.first to p.last or else p.until. */
static const char *
period_row(const TallySource *source)
{
	return sql_fill("(SELECT {period}) AS p(first, last, until)",
					"period", source->period != NULL ? source->period :
					sql_fill("NULL::date, NULL::date, NULL::timestamptz"));
}

/*
 * A customer's position from the store; NULL where the rows must be read.  A store
 * knows of no period but of all that is dated until an instant.
 */
const char *
stored_position_of_customer(LedgerQuery *query, const TallySource *source)
{
	return sql_fill("(SELECT CASE WHEN p.first IS NULL AND p.last IS NULL THEN"
					" balance.stored_position({store}, {customer}, p.until) END\n"
					" FROM {period})",
					"store", store_arguments(source), "period", period_row(source),
					"customer", ledger_asked_text(query, &source->owner, "customer_id", 0));
}

/* Where all customers are tallied: the condition that the rows must be read. */
const char *
is_not_stored(const TallySource *source)
{
	if (source->period == NULL)
		return sql_fill("NOT (SELECT balance.store_counts({store}))",
						"store", store_arguments(source));
	return sql_fill("NOT (SELECT p.first IS NULL AND p.last IS NULL"
					" AND balance.store_counts({store}) FROM {period})",
					"store", store_arguments(source), "period", period_row(source));
}

/* What stored_positions() reads, as an item of a FROM clause. */
static const char *
stored_positions(const TallySource *source, const char *id, bool by_currency)
{
	const char *until = sql_fill("NULL::timestamptz");
	const char *store = store_arguments(source);

	if (source->period != NULL)
	{
		until = sql_fill("(SELECT p.until FROM {period})", "period", period_row(source));
		store = sql_fill("(SELECT CASE WHEN p.first IS NULL AND p.last IS NULL"
						 " THEN {schema}::regnamespace END FROM {period}), '{relation}'::text",
						 "schema",
						 quote_literal_cstr(quote_identifier(source->owner.ledger->name)),
						 "period", period_row(source), "relation", source->owner.spec->name);
	}
	return sql_fill("balance.stored_positions({store}, {until}, {by_currency}) AS"
					" s(customer_id {id}{currency}, position balance.position)",
					"store", store, "until", until,
					"by_currency", by_currency ? "true" : "false", "id", id,
					"currency", by_currency ?
					sql_fill(", currency pg_catalog.text COLLATE \"C\"") : "");
}

/* The tally of the rows of one customer that the store has no position of. */
static const char *
tally_of_stored(const TallySource *source, const char *is_customers, bool by_currency)
{
	const char *mine = is_customers;

	if (by_currency)
		mine = sql_fill("{is_customers} AND CASE WHEN s.currency IS NULL THEN {currency} IS NULL"
						" ELSE {currency} = s.currency END",
						"is_customers", is_customers, "currency", source_currency(source));
	return sql_fill("(SELECT {tally} FROM {from} WHERE {mine}{counts} HAVING count(*) > 0)",
					"tally", source->aggregate, "from", source->from, "mine", mine,
					"counts", source->condition == NULL ? "" :
					sql_fill(" AND {guarded}",
							 "guarded", ledger_guard(mine, source->condition)));
}

/* What has no rows in the period has no position, and is left out. */
static void
append_if_counted(StringInfo sql, const char *stored)
{
	sql_append(sql,
			   "SELECT q.customer_id, q.position FROM ({stored} OFFSET 0) AS q"
			   " WHERE q.position IS NOT NULL",
			   "stored", stored);
}

/*
 * A SELECT of customer_id, declared as given, currency if that is asked for, and
 * position, of those in a currency if one is given.  Nothing comes of it where the
 * store does not count.  By currency a position may be NULL.
 */
void
append_stored(StringInfo sql, const TallySource *source, const char *id,
			  const char *currency, bool by_currency)
{
	const char *known = ledger_is_kept_id(&source->owner, "customer_id", "s.customer_id");
	const char *unknown = sql_fill("{owner}.customer_id IS NULL", "owner", source->owner.alias);
	bool		with_currency = by_currency || currency != NULL;
	const char *stored =
		sql_fill("SELECT s.customer_id{currency}, COALESCE(s.position, CASE WHEN"
				 " s.customer_id IS NULL THEN {of_unknown} ELSE {of_known} END) AS position\n"
				 " FROM {stored}",
				 "currency", by_currency ? ", s.currency" : "",
				 "of_unknown", tally_of_stored(source, unknown, with_currency),
				 "of_known", tally_of_stored(source, known, with_currency),
				 "stored", stored_positions(source, id, with_currency));

	if (currency != NULL)
		sql_append(sql, "{stored} WHERE s.currency = {currency}",
				   "stored", stored, "currency", currency);
	else if (source->period != NULL && !by_currency)
		append_if_counted(sql, stored);
	else
		appendStringInfoString(sql, stored);
}
