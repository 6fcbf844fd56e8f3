/*-------------------------------------------------------------------------
 *
 * source.c
 *	  The sources of positions in a ledger, as pieces of SQL.
 *
 *-------------------------------------------------------------------------
 */
#include "source.h"

#include "catalog/pg_type.h"
#include "match.h"
#include "template.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* ---- the sources ---- */

/* A column of either of the source's relations, or what stands for several. */
static const char *
fill_column(const char *hole, const void *context)
{
	const TallySource *source = context;
	const RelationSpec *owner = source->owner.spec;
	StringInfoData amounts;

	if (strcmp(hole, "amounts") != 0)
		return ledger_column(search_column_spec(owner, hole) != NULL ?
							 &source->owner : &source->row, hole);
	initStringInfo(&amounts);
	for (const ColumnSpec *spec = owner->columns; spec->name != NULL; spec++)
		if (spec->kind == COLUMN_MONEY)
			appendStringInfo(&amounts, "%s%s", amounts.len > 0 ? ", " : "",
							 ledger_column(&source->owner, spec->name));
	return amounts.data;
}

/* A template of columns.def, over the source's relations. */
const char *
source_fill(const TallySource *source, const char *template)
{
	return sql_fill_by(template, fill_column, source);
}

static const char *
column(const TallySource *source, const char *name)
{
	return ledger_column(&source->owner, name);
}

/* The owner, and what is joined to it by its key. */
static const char *
source_from(const TallySource *source)
{
	const char *key = source->owner.spec->key;

	if (source->spec->row == NULL)
		return ledger_from(&source->owner);
	return sql_fill("{owner} JOIN {row} ON {joined}{alike}",
					"owner", ledger_from(&source->owner),
					"row", ledger_from(&source->row),
					"joined", ledger_join(&source->row, key, &source->owner, key),
					"alike", ledger_join_alike(&source->row, key, &source->owner, key));
}

/*
 * A source of the ledger; false if that lacks a relation which it reads.  period
 * is in_period()'s arguments but the first, for rows that are dated.
 */
bool
find_source(const Ledger *ledger, const SourceSpec *spec, const char *period,
			TallySource *source)
{
	const char *dated = spec->owner->dated;
	const char *class = spec->owner->class;

	*source = (TallySource) {.spec = spec, .name = spec->name};
	if (!ledger_find(ledger, spec->owner->name, spec->alias, &source->owner))
		return false;
	source->row = source->owner;
	if (spec->row != NULL && !ledger_find(ledger, spec->row, spec->row_alias, &source->row))
		return false;
	if (source->row.spec->class != NULL)
		class = source->row.spec->class;
	source->aggregate = source_fill(source, spec->aggregate);
	source->from = source_from(source);
	source->class = source_fill(source, class);
	if (dated != NULL)
	{
		source->period = period;
		source->condition = sql_fill("balance.in_period({dated}, {period})", "dated",
									 source_fill(source, dated),
									 "period", period);
	}
	else if (spec->condition != NULL)
		source->condition = source_fill(source, spec->condition);
	return true;
}

/* ---- their keys ---- */

/* The code in upper case, as report rows show it. */
const char *
source_currency(const TallySource *source)
{
	return sql_fill("upper({currency} COLLATE \"C\")",
					"currency", column(source, "currency"));
}

/* Integers of two widths share no type that every index of theirs serves. */
static bool
integers_differ(const LedgerRelation *a, const LedgerRelation *b)
{
	Oid			type = ledger_column_type(a, "customer_id");

	return is_integer_type(type) && type != ledger_column_type(b, "customer_id");
}

/*
 * Whether the sources' customer ids can stand beside each other as they are, so
 * that an index on them can be used.  Else their text does.
 */
bool
keys_agree(const TallySources *sources)
{
	const LedgerRelation *first = &sources->source[0].owner;
	const Ledger *ledger = first->ledger;
	LedgerRelation customer;
	bool		has_customer = ledger_find(ledger, "customer", "c", &customer);
	bool		result = true;

	if (!has_customer)
		(void) ledger_spelling_decides(ledger, false);
	for (int i = 0; i < sources->n; i++)
	{
		const LedgerRelation *owner = &sources->source[i].owner;

		result &= ledger_ids_agree(first, "customer_id", owner, "customer_id") &&
			!integers_differ(first, owner) &&
			!(has_customer && ledger_confuses(owner, "customer_id",
											  &customer, "customer_id"));
	}
	return result;
}

/* The source's positions beside a customer, whom its rows must tell apart. */
const char *
position_of(const TallySource *source, const LedgerRelation *customer)
{
	const LedgerRelation *owner = &source->owner;
	const char *position = psprintf("%s.position", source->name);

	if (!ledger_confuses(owner, "customer_id", customer, "customer_id"))
		return position;
	return sql_fill("CASE WHEN {position} IS NOT NULL"
					" THEN CASE WHEN {told_apart} THEN {position} END END",
					"position", position, "told_apart",
					ledger_told_apart(owner, "customer_id",
									  psprintf("c.%s_alike", source->name),
									  ledger_id_text(customer, "customer_id")));
}

/* A column of the customers by id: how many the source takes for one. */
const char *
count_alike(const TallySource *source, const LedgerRelation *customer)
{
	const LedgerRelation *owner = &source->owner;

	if (!ledger_confuses(owner, "customer_id", customer, "customer_id"))
		return "";
	return sql_fill(", count(*) OVER (PARTITION BY {referred}) AS {source}_alike",
					"referred",
					ledger_referred(owner, "customer_id", customer, "customer_id"),
					"source", source->name);
}

/* ---- ways to tally ---- */

/* The position of a document's customer, who is its query's first argument. */
const char *
position_of_customer(LedgerQuery *query, const TallySource *source)
{
	const char *customer_is = ledger_equals(query, &source->owner, "customer_id", 0);

	return sql_fill("(SELECT {tally} FROM {from} WHERE {mine}{counts})",
					"tally", source->aggregate, "from", source->from, "mine", customer_is,
					"counts", source->condition == NULL ? "" :
					sql_fill("\n AND {guarded}",
							 "guarded", ledger_guard(customer_is, source->condition)));
}

/*
 * Whether a ledger may have a store of the source's rows.  Whether it counts is
 * for the query to find out, in its own snapshot.
 */
static bool
may_be_stored(const TallySource *source)
{
	const LedgerRelation *owner = &source->owner;

	return source->spec->row == NULL && relation_is_kept(owner->spec) &&
		!ledger_is_coarse(owner, "customer_id") &&
		OidIsValid(get_relname_relid("balance_store", owner->ledger->schema));
}

/*
 * The same from the store; NULL where the rows must be read.  A store knows of
 * no period but of all that is dated until an instant.
 */
static const char *
stored_position_of_customer(LedgerQuery *query, const TallySource *source)
{
	const LedgerRelation *owner = &source->owner;

	return sql_fill("(SELECT CASE WHEN p.first IS NULL AND p.last IS NULL THEN"
					" balance.stored_position({schema}::regnamespace, '{relation}'::text,"
					" {customer}, p.until) END\n FROM (SELECT {period}) AS p(first, last, until))",
					"schema", quote_literal_cstr(quote_identifier(owner->ledger->name)),
					"relation", owner->spec->name,
					"customer", ledger_asked_text(query, owner, "customer_id", 0),
					"period", source->period != NULL ? source->period :
					sql_fill("NULL::date, NULL::date, NULL::timestamptz"));
}

/* One more column of a document's query: that position, from wherever it can be had. */
void
select_position(LedgerQuery *query, const TallySource *source)
{
	const char *of_rows = position_of_customer(query, source);

	if (may_be_stored(source))
		sql_append(&query->sql, ",\nCOALESCE({stored},\n{of_rows})",
				   "stored", stored_position_of_customer(query, source), "of_rows", of_rows);
	else
		appendStringInfo(&query->sql, ",\n%s", of_rows);
}

static void
where(StringInfo sql, const char *condition, const char *another)
{
	if (condition != NULL)
		appendStringInfo(sql, "\n WHERE %s", condition);
	if (another != NULL)
		appendStringInfo(sql, "\n %s %s", condition != NULL ? "AND" : "WHERE",
						 another);
}

/*
 * Positions by customer, as an item of a FROM clause with the columns
 * customer_id and position.  If the ledger's customers are given, the item is
 * joined to them.
 */
void
tally_by_customer(LedgerQuery *query, const TallySource *source,
				  const LedgerRelation *customer, const char *condition)
{
	StringInfo	sql = &query->sql;
	const LedgerRelation *owner = &source->owner;
	LedgerRelation tallied = *owner;

	(void) column(source, "customer_id");
	tallied.alias = source->name;
	sql_append(sql, "(SELECT {owner}.customer_id, {tally} AS position\n FROM {from}",
			   "owner", owner->alias, "tally", source->aggregate, "from", source->from);
	where(sql, condition, source->condition);
	sql_append(sql, "\n GROUP BY {owner}.customer_id) AS {source}",
			   "owner", owner->alias, "source", source->name);
	if (customer != NULL)
		appendStringInfo(sql, " ON %s",
						 ledger_join(&tallied, "customer_id", customer, "customer_id"));
}

/*
 * The same as a SELECT, by an expression over the source's owner and, where that
 * is asked for, the currency.
 */
static void
tally_by_key(StringInfo sql, const TallySource *source, const char *key,
			 bool by_currency)
{
	sql_append(sql, "SELECT {key} AS customer_id", "key", key);
	if (by_currency)
		sql_append(sql, ", {currency} AS currency", "currency", source_currency(source));
	sql_append(sql, ", {tally} AS position\n FROM {from}",
			   "tally", source->aggregate, "from", source->from);
	where(sql, source->condition, NULL);
	appendStringInfoString(sql, by_currency ? "\n GROUP BY 1, 2" : "\n GROUP BY 1");
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
		tally_by_key(sql, source, ledger_id_text(owner, "customer_id"), by_currency);
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
	tally_by_key(sql, source, psprintf("%s.customer_id", owner->alias), by_currency);
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

/*
 * Positions of all sources together, as a SELECT with the columns customer_id,
 * currency if that is asked for, and position.  Ids stand as they are, with the
 * collation of first's, or as text where that is NULL.
 */
void
tally_together(StringInfo sql, const TallySources *sources,
			   const TallySource *first, bool by_currency)
{
	const char *keys = by_currency ? "t.customer_id, t.currency" : "t.customer_id";

	if (sources->n > 1)
		sql_append(sql, "SELECT {keys}, balance.merge(t.position) AS position\n FROM (",
				   "keys", keys);
	for (int i = 0; i < sources->n; i++)
	{
		const TallySource *source = &sources->source[i];

		if (i > 0)
			appendStringInfoString(sql, "\n UNION ALL\n ");
		if (first != NULL)
			tally_by_key(sql, source,
						 ledger_id_value(&source->owner, "customer_id",
										 &first->owner),
						 by_currency);
		else
			tally_by_text(sql, source, by_currency);
	}
	if (sources->n > 1)
		appendStringInfo(sql, ") AS t\n GROUP BY %s", keys);
}
