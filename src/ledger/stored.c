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

#include "asked.h"
#include "catalog/pg_class.h"
#include "identifier.h"
#include "match.h"
#include "template.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* Whether there is what may be the store of a ledger. */
bool
ledger_may_have_store(const Ledger *ledger)
{
	return OidIsValid(get_relname_relid("balance_store", ledger->schema));
}

/*
 * Whether a ledger may have a store of the source's rows.  Whether it counts is
 * for the query to find out, in its own snapshot.
 */
bool
may_be_stored(const TallySource *source)
{
	const LedgerRelation *owner = &source->owner;

	return owner->ledger->past == NULL && source_is_kept(source->spec) &&
		!ledger_is_coarse(owner, "customer_id") &&
		ledger_may_have_store(owner->ledger);
}

/* Whether a ledger may have a store of any of the sources. */
bool
may_any_be_stored(const TallySources *sources)
{
	for (int i = 0; i < sources->n; i++)
		if (may_be_stored(&sources->source[i]))
			return true;
	return false;
}

/*
 * Whether it is as well to ask for all sources at once: a view that a user made is
 * often one that cannot be kept, and that would leave the others to the rows.
 */
bool
may_be_stored_together(const TallySources *sources)
{
	for (int i = 0; i < sources->n; i++)
	{
		const LedgerRelation *owner = &sources->source[i].owner;

		if (!may_be_stored(&sources->source[i]) ||
			get_rel_relkind(owner->relid) == RELKIND_VIEW ||
			ledger_column_type(owner, "customer_id") !=
			ledger_column_type(&sources->source[0].owner, "customer_id"))
			return false;
	}
	return sources->n > 1;
}

/* The ledger, as an argument of functions over its store. */
static const char *
store_schema(const TallySource *source)
{
	const char *name = source->owner.ledger->name;

	return sql_fill("{schema}::regnamespace",
					"schema", quote_literal_cstr(quote_identifier(name)));
}

static const char *
store_relation(const TallySource *source)
{
	return sql_fill("'{relation}'::text", "relation", source->owner.spec->name);
}

/* The period of the condition as a row, p.first to p.last or else p.until, in p.zone. */
static const char *
period_row(const TallySource *source)
{
	return sql_fill("(SELECT {period}) AS p(first, last, until, zone)",
					"period", source->period != NULL ? source->period :
					sql_fill("NULL::date, NULL::date, NULL::timestamptz, NULL::text"));
}

/*
 * A customer's position from the store; NULL where the rows must be read.  A store
 * knows of no period but of all that is dated until an instant.
 */
const char *
stored_position_of_customer(LedgerQuery *query, const TallySource *source)
{
	return sql_fill("(SELECT CASE WHEN p.first IS NULL AND p.last IS NULL THEN"
					" balance.stored_position({schema}, {relation}, {customer}, p.until) END\n"
					" FROM {period})",
					"schema", store_schema(source), "relation", store_relation(source),
					"period", period_row(source),
					"customer", ledger_asked_text(query, &source->owner, "customer_id", 0));
}

/* Where all customers are tallied: the condition that the rows must be read. */
const char *
is_not_stored(const TallySources *sources)
{
	const TallySource *first = &sources->source[0];
	StringInfoData counts;

	initStringInfo(&counts);
	for (int i = 0; i < sources->n; i++)
		sql_append(&counts, "{and}balance.store_counts({schema}, {relation})",
				   "and", i > 0 ? " AND " : "", "schema", store_schema(first),
				   "relation", store_relation(&sources->source[i]));
	if (first->period == NULL)
		return sql_fill("NOT (SELECT {counts})", "counts", counts.data);
	return sql_fill("NOT (SELECT p.first IS NULL AND p.last IS NULL AND {counts} FROM {period})",
					"counts", counts.data, "period", period_row(first));
}

/* What stored_positions() reads, as an item of a FROM clause. */
static const char *
stored_positions(const TallySources *sources, const char *id, bool by_currency)
{
	const TallySource *first = &sources->source[0];
	const char *schema = store_schema(first);
	const char *until = sql_fill("NULL::timestamptz");
	StringInfoData relations;

	initStringInfo(&relations);
	for (int i = 0; i < sources->n; i++)
		appendStringInfo(&relations, "%s%s", i > 0 ? "," : "",
						 sources->source[i].owner.spec->name);
	if (first->period != NULL)
	{
		until = sql_fill("(SELECT p.until FROM {period})", "period", period_row(first));
		schema = sql_fill("(SELECT CASE WHEN p.first IS NULL AND p.last IS NULL THEN {schema} END"
						  " FROM {period})",
						  "schema", schema, "period", period_row(first));
	}
	return sql_fill("balance.stored_positions({schema}, {relations}::text[], {until},"
					" {by_currency}) AS"
					" s(customer_id {id}{currency}, position balance.position)",
					"schema", schema, "relations",
					quote_literal_cstr(psprintf("{%s}", relations.data)), "until", until,
					"by_currency", by_currency ? "true" : "false", "id", id,
					"currency", by_currency ?
					sql_fill(", currency pg_catalog.text COLLATE \"C\"") : "");
}

/* The tally of the rows of one customer that the store has no position of. */
static const char *
tally_rows(const TallySource *source, bool known, bool by_currency)
{
	const LedgerRelation *owner = &source->owner;
	const char *mine = known ? ledger_is_kept_id(owner, "customer_id", "s.customer_id") :
		sql_fill("{owner}.customer_id IS NULL", "owner", owner->alias);

	if (by_currency)
		mine = sql_fill("{mine} AND CASE WHEN s.currency IS NULL THEN {currency} IS NULL"
						" ELSE {currency} = s.currency END",
						"mine", mine, "currency", source_currency(source));
	return sql_fill("SELECT {tally} AS position FROM {from} WHERE {mine}{counts}"
					" HAVING count(*) > 0",
					"tally", source->aggregate, "from", source->from, "mine", mine,
					"counts", source->condition == NULL ? "" :
					sql_fill(" AND {guarded}",
							 "guarded", sql_guard(mine, source->condition)));
}

/* The same of all sources, as an expression. */
static const char *
tally_of_rows(const TallySources *sources, bool known, bool by_currency)
{
	StringInfoData all;

	if (sources->n == 1)
		return sql_fill("({rows})",
						"rows", tally_rows(&sources->source[0], known, by_currency));
	initStringInfo(&all);
	for (int i = 0; i < sources->n; i++)
		appendStringInfo(&all, "%s%s", i > 0 ? "\n UNION ALL " : "",
						 tally_rows(&sources->source[i], known, by_currency));
	return sql_fill("(SELECT balance.merge(t.position) FROM ({all}) AS t HAVING count(*) > 0)",
					"all", all.data);
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
append_stored(StringInfo sql, const TallySources *sources, const char *id,
			  const char *currency, bool by_currency)
{
	bool		with_currency = by_currency || currency != NULL;
	const char *stored =
		sql_fill("SELECT s.customer_id{currency}, COALESCE(s.position, CASE WHEN"
				 " s.customer_id IS NULL THEN {of_unknown} ELSE {of_known} END) AS position\n"
				 " FROM {stored}",
				 "currency", by_currency ? ", s.currency" : "",
				 "of_unknown", tally_of_rows(sources, false, with_currency),
				 "of_known", tally_of_rows(sources, true, with_currency),
				 "stored", stored_positions(sources, id, with_currency));

	if (currency != NULL)
		sql_append(sql, "{stored} WHERE s.currency = {currency}",
				   "stored", stored, "currency", currency);
	else if (sources->source[0].period != NULL && !by_currency)
		append_if_counted(sql, stored);
	else
		appendStringInfoString(sql, stored);
}
