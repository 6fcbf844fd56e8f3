/*-------------------------------------------------------------------------
 *
 * tallied.c
 *	  Ways to tally the sources of a ledger, as pieces of SQL: for one customer,
 *	  by customer, or by customer and currency.
 *
 * Where a store may have their positions, it is asked first.
 *
 *-------------------------------------------------------------------------
 */
#include "tallied.h"

#include "asked.h"
#include "cluster.h"
#include "customer.h"
#include "identifier.h"
#include "match.h"
#include "stored.h"
#include "template.h"
#include "told_apart.h"
#include "utils/builtins.h"

/*
 * The position of a document's customer, which is its query's first argument.  What
 * preselects rows raises no error, so it may stand beside the customer, where an
 * index can have it.
 */
static const char *
position_of_customer(LedgerQuery *query, const TallySource *source)
{
	const char *customer_is = ledger_equals(query, &source->owner, "customer_id", 0);
	const char *told = source_is_told(query, source, 0);

	return sql_fill("(SELECT {tally} FROM {from} WHERE {mine}{may}{counts}{told})",
					"tally", source->aggregate, "from", source->from, "mine", customer_is,
					"may", source->preselection == NULL ? "" :
					sql_fill(" AND {rows}", "rows", source->preselection),
					"counts", source->condition == NULL ? "" :
					sql_fill("\n AND {guarded}",
							 "guarded", sql_guard(customer_is, source->condition)),
					"told", told == NULL ? "" : psprintf("\n AND %s", told));
}

/*
 * The same from wherever it can be had.  How many rows a customer has does not
 * matter then: to plan for each anew would cost more than the look-up.
 */
const char *
known_position_of_customer(LedgerQuery *query, const TallySource *source)
{
	const char *of_rows = position_of_customer(query, source);

	if (!may_be_stored(source))
		return of_rows;
	query->one_plan = true;
	return sql_fill("COALESCE({stored},\n{of_rows})",
					"stored", stored_position_of_customer(query, source), "of_rows", of_rows);
}

/*
 * End a document's query with the customer's position of each source, and with where
 * they are from.  What is tallied stands beside the customer in FROM: a sub-select's
 * value is copied as a tuple, and so would be packed.  Where a store may have some, all
 * are sub-selects, so that they are had in the order of the sources.
 */
void
ledger_select_positions(LedgerQuery *query, const TallySources *sources,
						const LedgerRelation *customer)
{
	bool		stored = may_any_be_stored(sources);
	StringInfoData tallied;

	initStringInfo(&tallied);
	for (int i = 0; i < sources->n; i++)
	{
		const TallySource *source = &sources->source[i];

		if (stored)
			appendStringInfo(&query->sql, ",\n%s", known_position_of_customer(query, source));
		else
		{
			sql_append(&query->sql, ", {source}.position", "source", source->name);
			sql_append(&tallied, "{and}{position} AS {source}(position)",
					   "and", tallied.len > 0 ? "\nCROSS JOIN " : "",
					   "position", position_of_customer(query, source),
					   "source", source->name);
		}
	}
	ledger_from_customer(query, customer, stored ? NULL : tallied.data);
}

/* Append what may be conditions, of which any may be missing. */
static void
where(StringInfo sql, const char *const *conditions, int n)
{
	const char *before = "\n WHERE ";

	for (int i = 0; i < n; i++)
	{
		if (conditions[i] == NULL)
			continue;
		appendStringInfo(sql, "%s%s", before, conditions[i]);
		before = "\n AND ";
	}
}

/* Which rows of a source count, all customers' and, if one is given, of a currency. */
static void
where_counts(StringInfo sql, const TallySource *source, const char *currency)
{
	const char *const conditions[] = {
		currency, source->condition, source_is_told(NULL, source, ALL_CUSTOMERS)
	};

	where(sql, conditions, lengthof(conditions));
}

/*
 * That a source's rows have a currency.  Elsewhere an index serves the expression that
 * report rows show; to foreign servers no explicit collation is sent, so there the
 * same letters become the same capitals without any.
 */
static const char *
currency_is(const TallySource *source, const char *currency)
{
	return sql_fill("{currency} = {asked}",
					"currency", !reads_foreign_table(source->owner.relid) ?
					source_currency(source) :
					sql_fill("translate({currency}, 'abcdefghijklmnopqrstuvwxyz',"
							 " 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')",
							 "currency", ledger_column(&source->owner, "currency")),
					"asked", currency);
}

/*
 * Positions by customer, as an item of a FROM clause with the columns
 * customer_id and position; if a currency is given, in that one.  If the
 * ledger's customers are given, the item is joined to them.
 */
void
tally_by_customer(LedgerQuery *query, const TallySource *source,
				  const LedgerRelation *customer, const char *currency)
{
	StringInfo	sql = &query->sql;
	const LedgerRelation *owner = &source->owner;
	LedgerRelation tallied = *owner;
	const char *kept = ledger_kept_column(owner, "customer_id", customer != NULL);
	bool		is_stored = may_be_stored(source) && kept != NULL;
	const TallySources alone = {unconstify(TallySource *, source), 1};

	(void) ledger_column(owner, "customer_id");
	tallied.alias = source->name;
	appendStringInfoChar(sql, '(');
	if (is_stored)
	{
		append_stored(sql, &alone, kept, currency, false);
		appendStringInfoString(sql, "\n UNION ALL\n SELECT g.customer_id, g.position FROM (");
	}
	sql_append(sql, "SELECT {owner}.customer_id, {tally} AS position\n FROM {from}",
			   "owner", owner->alias, "tally", source->aggregate, "from", source->from);
	where_counts(sql, source, currency == NULL ? NULL : currency_is(source, currency));
	sql_append(sql, "\n GROUP BY {owner}.customer_id", "owner", owner->alias);
	if (is_stored)
		appendStringInfo(sql, ") AS g\n WHERE %s", is_not_stored(&alone));
	appendStringInfo(sql, ") AS %s", source->name);
	if (customer != NULL)
		appendStringInfo(sql, " ON %s",
						 ledger_join(&tallied, "customer_id", customer, "customer_id"));
}

/*
 * The same as a SELECT, by an expression over the source's owner and, where that
 * is asked for, the currency.  kept is how the store's ids are declared to be
 * like it, or NULL where only rows will do.
 */
static void
tally_by_key(StringInfo sql, const TallySource *source, const char *key,
			 const char *kept, bool by_currency)
{
	bool		is_stored = kept != NULL && may_be_stored(source);
	const TallySources alone = {unconstify(TallySource *, source), 1};

	if (is_stored)
	{
		append_stored(sql, &alone, kept, NULL, by_currency);
		sql_append(sql, "\n UNION ALL\n SELECT g.customer_id{currency}, g.position FROM (",
				   "currency", by_currency ? ", g.currency" : "");
	}
	sql_append(sql, "SELECT {key} AS customer_id", "key", key);
	if (by_currency)
		sql_append(sql, ", {currency} AS currency", "currency", source_currency(source));
	sql_append(sql, ", {tally} AS position\n FROM {from}",
			   "tally", source->aggregate, "from", source->from);
	where_counts(sql, source, NULL);
	appendStringInfoString(sql, by_currency ? "\n GROUP BY 1, 2" : "\n GROUP BY 1");
	if (is_stored)
		appendStringInfo(sql, ") AS g\n WHERE %s", is_not_stored(&alone));
}

/*
 * By the text of ids.  What has several spellings in the source gets that of
 * the customer relation; rows of customers whom it does not know keep theirs.
 */
static void
tally_by_text(StringInfo sql, const TallySource *source, bool by_currency)
{
	const LedgerRelation *owner = &source->owner;
	LedgerRelation tallied = *owner;
	LedgerRelation customer;

	if (!ledger_find(owner->ledger, "customer", "c", &customer) ||
		!(ledger_is_coarse(owner, "customer_id") ||
		  ledger_confuses(owner, "customer_id", &customer, "customer_id")))
	{
		tally_by_key(sql, source, ledger_id_text(owner, "customer_id"),
					 ledger_kept_id(owner, "customer_id", NULL), by_currency);
		return;
	}
	tallied.alias = source->name;
	sql_append(sql,
			   "SELECT CASE WHEN {told_apart} THEN COALESCE(known.id, {own}) END AS customer_id,"
			   "{currency} {source}.position\n FROM (",
			   "told_apart",
			   ledger_told_apart(owner, "customer_id", "known.ids", "known.id"),
			   "own", ledger_id_text(&tallied, "customer_id"), "source", source->name,
			   "currency", by_currency ? psprintf(" %s.currency,", source->name) : "");
	tally_by_key(sql, source, psprintf("%s.customer_id", owner->alias), NULL, by_currency);
	sql_append(sql,
			   ") AS {source}\n"
			   " LEFT JOIN (SELECT {referred} AS customer_id,"
			   " min({text}) AS id, count(DISTINCT {text}) AS ids\n"
			   "  FROM {customer} GROUP BY 1) AS known ON {joined}",
			   "source", source->name, "referred",
			   ledger_referred(owner, "customer_id", &customer, "customer_id"),
			   "text", ledger_id_text(&customer, "customer_id"),
			   "customer", ledger_from(&customer), "joined",
			   ledger_join_known(&tallied, "customer_id", "known.customer_id"));
}

/* The sum of a customer's positions, of which one that cannot be told makes it unknown. */
static const char *
merged(const TallySources *sources)
{
	return sources->source[0].owner.ledger->past == NULL ? "balance.merge(t.position)" :
		sql_fill("CASE WHEN bool_or(t.position IS NULL) THEN NULL"
				 " ELSE balance.merge(t.position) END");
}

/* The same of all sources, each from wherever it can be had or all from the rows. */
static void
tally_each(StringInfo sql, const TallySources *sources, const TallySource *first,
		   bool by_currency, bool stored)
{
	const char *keys = by_currency ? "t.customer_id, t.currency" : "t.customer_id";

	if (sources->n > 1)
		sql_append(sql, "SELECT {keys}, {merged} AS position\n FROM (",
				   "keys", keys, "merged", merged(sources));
	for (int i = 0; i < sources->n; i++)
	{
		const TallySource *source = &sources->source[i];

		if (i > 0)
			appendStringInfoString(sql, "\n UNION ALL\n ");
		if (first != NULL)
			tally_by_key(sql, source,
						 ledger_id_value(&source->owner, "customer_id",
										 &first->owner),
						 stored ? ledger_kept_id(&source->owner, "customer_id",
												 &first->owner) : NULL,
						 by_currency);
		else
			tally_by_text(sql, source, by_currency);
	}
	if (sources->n > 1)
		appendStringInfo(sql, ") AS t\n GROUP BY %s", keys);
}

/*
 * Positions of all sources together, as a SELECT with the columns customer_id,
 * currency if that is asked for, and position.  Ids stand as they are, with the
 * collation of first's, or as text where that is NULL.
 *
 * Where the store can have all of them, it adds them up itself: a GROUP BY would
 * keep a join from reaching it.
 */
void
tally_together(StringInfo sql, const TallySources *sources,
			   const TallySource *first, bool by_currency)
{
	const char *kept = first == NULL ? NULL :
		ledger_kept_id(&first->owner, "customer_id", &first->owner);

	if (kept == NULL || !may_be_stored_together(sources))
	{
		tally_each(sql, sources, first, by_currency, true);
		return;
	}
	append_stored(sql, sources, kept, NULL, by_currency);
	sql_append(sql, "\n UNION ALL\n SELECT g.customer_id{currency}, g.position FROM (",
			   "currency", by_currency ? ", g.currency" : "");
	tally_each(sql, sources, first, by_currency, false);
	appendStringInfo(sql, ") AS g\n WHERE %s", is_not_stored(sources));
}

/* Whether they come from a store, if they do, and then all at once. */
bool
may_be_tallied_together(const TallySources *sources)
{
	const LedgerRelation *first = &sources->source[0].owner;

	return may_be_stored_together(sources) && keys_agree(sources) &&
		ledger_kept_id(first, "customer_id", first) != NULL;
}

/*
 * The same as an item of a FROM clause, "together", that is joined to the ledger's
 * customers, so that they are read and joined once.
 */
void
tally_together_by_customer(LedgerQuery *query, const TallySources *sources,
						   const LedgerRelation *customer)
{
	LedgerRelation tallied = sources->source[0].owner;

	tallied.alias = "together";
	appendStringInfoString(&query->sql, "\nLEFT JOIN (");
	tally_together(&query->sql, sources, &sources->source[0], false);
	appendStringInfo(&query->sql, ") AS together ON %s",
					 ledger_join(&tallied, "customer_id", customer, "customer_id"));
}
