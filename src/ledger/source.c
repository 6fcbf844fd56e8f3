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

static bool
find_owner(const Ledger *ledger, const char *relation, const char *alias,
		   const char *name, TallySource *source)
{
	if (!ledger_find(ledger, relation, alias, &source->owner))
		return false;
	source->name = name;
	source->row = source->owner;
	source->from = ledger_from(&source->owner);
	source->condition = NULL;
	source->stored = true;
	source->period = NULL;
	return true;
}

static const char *
column(const TallySource *source, const char *name)
{
	return ledger_column(&source->owner, name);
}

/* Columns as arguments, in order: so the first bad one is complained about. */
static const char *
columns(const LedgerRelation *relation, const char *const *names)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; names[i] != NULL; i++)
		appendStringInfo(&list, "%s%s", i > 0 ? ", " : "",
						 ledger_column(relation, names[i]));
	return list.data;
}

/* The class of an invoice, as SQL. */
static const char *
invoice_class(const TallySource *source)
{
	return psprintf("balance.invoice_class(%s, %s)", column(source, "invoice_status"),
					column(source, "payment_status"));
}

/* The rows of a relation that is joined by a key of the owner's. */
static const char *
join_row(const TallySource *source, const char *key)
{
	return sql_fill("{owner} JOIN {row} ON {joined}{alike}",
					"owner", ledger_from(&source->owner),
					"row", ledger_from(&source->row),
					"joined", ledger_join(&source->row, key, &source->owner, key),
					"alike", ledger_join_alike(&source->row, key, &source->owner, key));
}

/* Invoices for balances, which need no amounts due. */
bool
invoice_totals_source(const Ledger *ledger, const char *period, TallySource *source)
{
	static const char *const names[] = {
		"currency", "invoice_status", "payment_status", "total", NULL
	};

	if (!find_owner(ledger, "invoice", "i", "invoices", source))
		return false;
	source->aggregate = psprintf("balance.tally_invoices(%s)",
								 columns(&source->owner, names));
	source->class = invoice_class(source);
	return true;
}

/* All that an invoice has: its amounts are those of columns.def, in order. */
bool
invoice_source(const Ledger *ledger, const char *period, TallySource *source)
{
	static const char *const names[] = {
		"currency", "invoice_status", "payment_status", NULL
	};
	StringInfoData arguments;

	if (!find_owner(ledger, "invoice", "i", "invoices", source))
		return false;
	initStringInfo(&arguments);
	appendStringInfoString(&arguments, columns(&source->owner, names));
	for (const ColumnSpec *spec = source->owner.spec->columns; spec->name != NULL; spec++)
		if (spec->kind == COLUMN_MONEY)
			appendStringInfo(&arguments, ", %s", column(source, spec->name));
	source->aggregate = psprintf("balance.tally_invoices(%s, %s)", arguments.data,
								 column(source, "due_date"));
	source->class = invoice_class(source);
	return true;
}

/* The line items of unpaid invoices, which have the currency. */
bool
charge_source(const Ledger *ledger, const char *period, TallySource *source)
{
	static const char *const names[] = {"price_type", "amount", NULL};

	if (!find_owner(ledger, "invoice", "i", "charges", source) ||
		!ledger_find(ledger, "invoice_line_item", "l", &source->row))
		return false;
	source->aggregate = psprintf("balance.tally_charges(%s, %s)",
								 column(source, "currency"),
								 columns(&source->row, names));
	source->from = join_row(source, "invoice_id");
	source->stored = false;
	source->class = psprintf("balance.charge_class(%s)",
							 ledger_column(&source->row, "price_type"));
	source->condition = sql_fill("{class} = ANY ('{draft,open}'::text[])",
								 "class", invoice_class(source));
	return true;
}

bool
deposit_source(const Ledger *ledger, const char *period, TallySource *source)
{
	static const char *const names[] = {"currency", "status", "amount", NULL};

	if (!find_owner(ledger, "deposit", "d", "deposits", source))
		return false;
	source->aggregate = psprintf("balance.tally_deposits(%s)",
								 columns(&source->owner, names));
	source->class = column(source, "status");
	return true;
}

/*
 * VCU invoices of a period, given as in_period()'s arguments: a paid one counts
 * when it was paid, all others when they were created.
 */
bool
unit_invoice_source(const Ledger *ledger, const char *period,
					TallySource *source)
{
	static const char *const names[] = {"currency", "status", "units", NULL};

	if (!find_owner(ledger, "vcu_invoice", "v", "unit_invoices", source))
		return false;
	source->aggregate = psprintf("balance.tally_unit_invoices(%s)",
								 columns(&source->owner, names));
	source->class = psprintf("balance.unit_invoice_class(%s)", column(source, "status"));
	source->period = period;
	source->condition = sql_fill("balance.in_period("
								 "CASE WHEN {class} = 'credit'"
								 " THEN COALESCE({paid_at}, {created_at})"
								 " ELSE {created_at} END, {period})",
								 "class", source->class,
								 "paid_at", column(source, "paid_at"),
								 "created_at", column(source, "created_at"),
								 "period", period);
	return true;
}

bool
unit_order_source(const Ledger *ledger, const char *period,
				  TallySource *source)
{
	static const char *const names[] = {
		"currency", "status", "pay_with_balance", "units", NULL
	};

	if (!find_owner(ledger, "vcu_order", "o", "unit_orders", source))
		return false;
	source->aggregate = psprintf("balance.tally_unit_orders(%s)",
								 columns(&source->owner, names));
	source->class = psprintf("balance.unit_order_class(%s, %s)", column(source, "status"),
							 column(source, "pay_with_balance"));
	source->period = period;
	source->condition = psprintf("balance.in_period(%s, %s)",
								 column(source, "created_at"), period);
	return true;
}

/*
 * The credit memos that customer_credits lists: those that are available and
 * have something left.  What is null stays, to raise an error.
 */
bool
listed_memo_source(const Ledger *ledger, const char *period, TallySource *source)
{
	static const char *const names[] = {
		"currency", "status", "amount", "amount_applied", NULL
	};

	if (!find_owner(ledger, "credit_memo", "m", "memos", source))
		return false;
	source->aggregate = psprintf("balance.tally_credit_memos(%s)",
								 columns(&source->owner, names));
	source->class = psprintf("balance.credit_memo_class(%s)", column(source, "status"));
	source->stored = false;
	source->condition = sql_fill("({class} = 'available' AND {amount} > {applied}) IS NOT FALSE",
								 "class", source->class,
								 "amount", column(source, "amount"),
								 "applied", column(source, "amount_applied"));
	return true;
}

/* Their applications, which are listed with them but not tallied. */
bool
memo_application_source(const Ledger *ledger, const char *period, TallySource *source)
{
	if (!listed_memo_source(ledger, period, source) ||
		!ledger_find(ledger, "credit_memo_application", "a", &source->row))
		return false;
	source->from = join_row(source, "credit_memo_id");
	return true;
}

/* All that the ledger has of them. */
TallySources
find_sources(const Ledger *ledger, const SourceFinder *finders, const char *period)
{
	TallySources found = {.n = 0};
	int			nfinders = 0;

	while (finders[nfinders] != NULL)
		nfinders++;
	found.source = palloc(nfinders * sizeof(TallySource));
	for (int i = 0; i < nfinders; i++)
		found.n += finders[i] (ledger, period, &found.source[found.n]);
	return found;
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

	return source->stored && !ledger_is_coarse(owner, "customer_id") &&
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
