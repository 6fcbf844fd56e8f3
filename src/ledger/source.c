/*-------------------------------------------------------------------------
 *
 * source.c
 *	  The sources of positions in a ledger, as pieces of SQL.
 *
 *-------------------------------------------------------------------------
 */
#include "source.h"

#include "asked.h"
#include "catalog/pg_type.h"
#include "identifier.h"
#include "match.h"
#include "named_once.h"
#include "past.h"
#include "template.h"
#include "told_apart.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* ---- the sources ---- */

/* The columns of a source's owner that a hole stands for: one, all amounts, or none. */
static List *
hole_columns(const RelationSpec *owner, const char *hole)
{
	bool		is_amounts = strcmp(hole, "amounts") == 0;
	List	   *columns = NIL;

	for (const ColumnSpec *spec = owner->columns; spec->name != NULL; spec++)
		if (is_amounts ? spec->kind == COLUMN_MONEY : strcmp(spec->name, hole) == 0)
			columns = lappend(columns, unconstify(ColumnSpec *, spec));
	return columns;
}

/* A column as the aggregate takes it. */
static const char *
argument_column(const TallySource *source, const LedgerRelation *relation,
				const ColumnSpec *column)
{
	return source->in_minor && column->kind == COLUMN_MONEY ?
		ledger_minor_units(relation, column) : ledger_column(relation, column->name);
}

/* A column of either of the source's relations, or what stands for several. */
static const char *
fill_column(const char *hole, const void *context)
{
	const TallySource *source = context;
	List	   *columns = hole_columns(source->owner.spec, hole);
	StringInfoData sql;
	ListCell   *lc;

	if (strcmp(hole, "used") == 0)
		return memo_used(&source->owner);
	if (strcmp(hole, "clock") == 0)
		return ledger_clock(source->owner.ledger);
	if (columns == NIL)
		return argument_column(source, &source->row, find_column_spec(source->row.spec, hole));
	initStringInfo(&sql);
	foreach(lc, columns)
		appendStringInfo(&sql, "%s%s", sql.len > 0 ? ", " : "",
						 argument_column(source, &source->owner, lfirst(lc)));
	return sql.data;
}

/* The arguments of a call, as its holes are met. */
typedef struct CallArguments
{
	const RelationSpec *owner;
	List	  **columns;
} CallArguments;

static const char *
add_argument(const char *hole, const void *context)
{
	const CallArguments *arguments = context;

	*arguments->columns = list_concat(*arguments->columns,
									  hole_columns(arguments->owner, hole));
	return hole;
}

/* The columns that the aggregate of a source of one relation takes, in order. */
List *
source_arguments(const SourceSpec *spec)
{
	List	   *columns = NIL;
	CallArguments arguments = {spec->owner, &columns};

	(void) sql_fill_by(spec->aggregate, add_argument, &arguments);
	return columns;
}

/* A template of columns.def, over the source's relations. */
const char *
source_fill(const TallySource *source, const char *template)
{
	return sql_fill_by(template, fill_column, source);
}

/* An aggregate's amounts, by what they are kept in. */
typedef struct AmountsRead
{
	const TallySource *source;
	bool		any_major;
	bool		any_minor;
} AmountsRead;

static const char *
read_amount(const char *hole, const void *context)
{
	AmountsRead *read = unconstify(void *, context);
	const LedgerRelation *relation = &read->source->owner;
	List	   *columns = hole_columns(relation->spec, hole);
	ListCell   *lc;

	if (columns == NIL)
	{
		relation = &read->source->row;
		columns = hole_columns(relation->spec, hole);
	}
	foreach(lc, columns)
	{
		const ColumnSpec *column = lfirst(lc);

		if (column->kind != COLUMN_MONEY)
			continue;
		if (ledger_is_minor(relation, column) && !is_past(relation))
			read->any_minor = true;
		else
			read->any_major = true;
	}
	return hole;
}

/*
 * The call of an aggregate: of the one that takes minor units, where all amounts are
 * kept in them.
 */
const char *
source_tally(TallySource *source, const char *aggregate)
{
	AmountsRead read = {source};
	int			name = strcspn(aggregate, "(");

	(void) sql_fill_by(aggregate, read_amount, &read);
	source->in_minor = read.any_minor && !read.any_major;
	return source_fill(source, !source->in_minor ? aggregate :
					   psprintf("%.*s_minor%s", name, aggregate, aggregate + name));
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

/* Which rows of the owner may count, by the alias OWN_ROWS: today, or NULL if all may. */
static const char *
may_count(const TallySource *source)
{
	TallySource own = *source;

	if (source->spec->preselection == NULL || is_past(&source->owner))
		return NULL;
	own.owner.alias = OWN_ROWS;
	return source_fill(&own, source->spec->preselection);
}

/* In a view: look beside what is joined whether it is told to what. */
static void
join_copies(TallySource *source)
{
	const char *copies;

	if (source->spec->row == NULL || !source->owner.ledger->in_view)
		return;
	copies = ledger_join_copies(&source->owner, &source->row, may_count(source));
	if (copies == NULL)
		return;
	source->from = psprintf("%s%s", source->from, copies);
	source->told = ledger_copies_told(&source->owner, &source->row);
}

/*
 * The condition that it is told to what each row of the source is joined, of a customer
 * or of all; NULL where that needs no look.  What is owed at an instant past is told by
 * the ids that there are today.
 */
const char *
source_is_told(LedgerQuery *query, const TallySource *source, int argument)
{
	LedgerRelation owner = source->owner;

	if (source->spec->row == NULL || owner.ledger->in_view)
		return source->told;
	if (is_past(&owner))
		owner.ledger = owner.ledger->past->present;
	return ledger_is_named_once(query, &owner, &source->row, argument, may_count(source));
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
	const char *class = spec->class;

	memset(source, 0, sizeof(TallySource));
	source->spec = spec;
	source->name = spec->name;
	if (!ledger_find(ledger, spec->owner->name, spec->alias, &source->owner))
		return false;
	source->row = source->owner;
	if (spec->row != NULL && !ledger_find(ledger, spec->row, spec->row_alias, &source->row))
		return false;
	if (spec->row != NULL)
		source->row.currency = ledger_column(&source->owner, "currency");
	if (class == NULL)
		class = source->row.spec->class != NULL ? source->row.spec->class : spec->owner->class;
	source->aggregate = source_tally(source, spec->aggregate);
	if (is_past(&source->owner))
		source->aggregate = tally_of_past(&source->owner, source->aggregate);
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
	if (spec->preselection != NULL)
		source->preselection = source_fill(source, spec->preselection);
	join_copies(source);
	return true;
}

/* ---- their keys ---- */

/* The code in upper case, as report rows show it. */
const char *
source_currency(const TallySource *source)
{
	return ledger_currency(&source->owner, "currency");
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
