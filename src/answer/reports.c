/*-------------------------------------------------------------------------
 *
 * reports.c
 *	  What the report views of a ledger show: rows and numbers for people and
 *	  for tools that chart.
 *
 * A view tallies by customer and currency, both of which are its grouping
 * keys: so a condition on either reaches the ledger's own relations, and an
 * index on them.
 *
 *-------------------------------------------------------------------------
 */
#include "reports.h"

#include "ledger/customer.h"
#include "ledger/identifier.h"
#include "ledger/match.h"
#include "ledger/stored.h"
#include "ledger/tallied.h"
#include "ledger/template.h"
#include "ledger/told_apart.h"
#include "utils/builtins.h"

/* Where an expression reads the customer, which a ledger need not have. */
#define CUSTOMER_COLUMN	"c."

/* Where it reads the rows of a position. */
#define ROWS_COLUMN		"r."

/* More than any report has besides its figures. */
#define MAX_OWN_COLUMNS	12

/* ---- what they show; their figures are in figures.def ---- */

#define KEY_COLUMNS \
	{"customer_id", "p.customer_id", \
	"The customer's id, in the type that the ledger has it."}, \
	{"currency", "p.currency", \
	"ISO 4217 code, in upper case. A filter on it reads only what has that code: " \
	"rows whose currency is no code show in the unfiltered view as an error, and in verify()."}, \
	{"minor_unit", "balance.minor_unit(p.currency)", \
	"Decimals of the currency; null where ISO 4217 has none."}

#define ROW_COLUMN(name, ...)	{name, "r." name, __VA_ARGS__}

static const ReportColumn balance_columns[] = {
	KEY_COLUMNS,
	{"wb_customer_id", CUSTOMER_COLUMN "wb_customer_id",
		"The seller's id, as Wingback shows it; the ledger's name where it has none. "
	"21000 where the customer appears more than once."},
	ROW_COLUMN("kind", "What is counted, as the document calls it, such as invoices."),
	ROW_COLUMN("state",
			   "ready_for_payment, paid, pending_validation or canceled; "
			   "of others their own, such as a deposit's status."),
	ROW_COLUMN("count", "How many there are."),
	ROW_COLUMN("total",
			   "Sum of their totals or amounts, in major units; "
			   "a partial payment does not reduce it.", true),
	{NULL}
};

static const ReportColumn key_columns[] = {KEY_COLUMNS, {NULL}};

static const ReportColumn ageing_columns[] = {
	KEY_COLUMNS,
	ROW_COLUMN("bucket", "current, a range of days past due, or no_due_date."),
	ROW_COLUMN("from_days", "First day past due of the range; null outside the ranges."),
	ROW_COLUMN("to_days",
			   "Last day past due of the range; null for the last range and outside the ranges."),
	ROW_COLUMN("count", "How many draft and open invoices."),
	ROW_COLUMN("amount", "Sum of their amount_remaining, in major units.", true),
	{NULL}
};

static const ReportColumn credit_columns[] = {
	KEY_COLUMNS,
	{"customer_name", CUSTOMER_COLUMN "customer_name",
		"The customer's name, if the ledger has it. "
	"21000 where the customer appears more than once."},
	{NULL}
};

const Report reports[NUM_REPORTS] = {
#define REPORT(document, name, rows, customer_column, columns, comment) \
	{DOCUMENT_##document, name, rows, customer_column, columns, comment},
#include "document/figures.def"
};

/* A report's own columns and those of its figures, with a NULL name behind. */
const ReportColumn *
report_columns(const Report *report)
{
	ReportColumn *columns = palloc0(sizeof(ReportColumn) * (MAX_OWN_COLUMNS + NUM_FIGURES + 1));
	int			n = 0;

	for (; report->columns[n].name != NULL; n++)
		columns[n] = report->columns[n];
	for (const Figure *figure = figures; figure < figures + NUM_FIGURES; figure++)
	{
		if (figure->document == report->document && report->rows != NULL &&
			figure->unit < COUNT_AND_TOTAL)
		{
			columns[n].name = figure->name;
			columns[n].expression = psprintf("r.%s", quote_identifier(figure->name));
			columns[n].is_major = figure->unit == MAJOR_UNITS ||
				figure->unit == MINOR_SHOWN_AS_MAJOR;
			columns[n++].comment = figure->comment;
		}
	}
	return columns;
}

/* ---- composing ---- */

/*
 * The column of the customer that a report shows.  It is looked up by a join
 * with a group, so that a customer who is there twice doubles no amount; where
 * the column is shown it could be either's, and column_expression() raises 21000.
 */
static void
append_customer(StringInfo sql, const TallySource *source, const char *column,
				bool as_they_are)
{
	LedgerRelation owner = source->owner;
	LedgerRelation customer;
	const char *key;
	const char *condition = "p.customer_id OPERATOR(pg_catalog.=) c.customer_id";

	if (!ledger_find(owner.ledger, "customer", "c", &customer))
		return;
	owner.alias = "p";
	key = ledger_id_text(&customer, "customer_id");
	if (as_they_are)
	{
		key = ledger_referred(&owner, "customer_id", &customer, "customer_id");
		condition = ledger_join_known(&owner, "customer_id", "c.customer_id");
	}
	sql_append(sql, "\nLEFT JOIN (SELECT {key} AS customer_id, min({value}) AS {column},"
			   " count(*) AS customers FROM {customer} GROUP BY 1) AS c ON {condition}",
			   "key", key,
			   "value", ledger_column(&customer, column),
			   "column", column,
			   "customer", ledger_from(&customer),
			   "condition", condition);
}

/*
 * A column's expression where the ledger may not know its customers, and the rows of
 * a position may be a column of theirs.
 */
static const char *
column_expression(const Ledger *ledger, const ReportColumn *column, bool rows_joined)
{
	LedgerRelation customer;
	const char *expression = column->expression;

	if (strncmp(expression, ROWS_COLUMN, strlen(ROWS_COLUMN)) == 0 && !rows_joined)
		return psprintf("(p.r)%s", expression + 1);
	if (strncmp(expression, CUSTOMER_COLUMN, strlen(CUSTOMER_COLUMN)) != 0)
		return expression;
	if (ledger_find(ledger, "customer", "c", &customer))
		expression = sql_fill("CASE WHEN {is_one} THEN {column} END",
							  "is_one", ledger_customer_is_one(&customer, "p.customer_id", true),
							  "column", expression);
	else
		expression = sql_fill("NULL::text");
	if (strcmp(column->name, "wb_customer_id") == 0)
		return psprintf("COALESCE(%s, %s)", expression,
						quote_literal_cstr(ledger->name));
	return expression;
}

/* The zone of that name as a value in SQL, or where it is NULL the session's. */
const char *
report_zone(const char *name)
{
	return name == NULL ? "balance.session_zone()" :
		sql_fill("{zone}::text", "zone", quote_literal_cstr(name));
}

/* The call that makes a report's rows of the position p. */
const char *
report_rows(const Report *report, const char *zone)
{
	return sql_fill(report->rows, "zone", report_zone(zone));
}

/*
 * The query of a report's view, in days of a zone or of the session's where that is
 * NULL; false if the ledger has nothing for it.
 *
 * The rows of a position stand in the select list, which a distributed engine sends
 * to where the rows are; a join with a function over a union is none that it can.
 * Where there may be a store, they are joined: a join with the view reaches it so.
 */
bool
compose_report(const Ledger *ledger, const Report *report, const char *zone, StringInfo sql)
{
	TallySources sources = find_sources(ledger, report->document, ALL_GROUPS, UNTIL_NOW);
	const ReportColumn *columns = report_columns(report);
	bool		as_they_are;
	bool		rows_joined;

	if (sources.n == 0)
		return false;
	as_they_are = keys_agree(&sources);
	rows_joined = may_any_be_stored(&sources);
	for (const ReportColumn *column = columns; column->name != NULL; column++)
		appendStringInfo(sql, "%s%s AS %s", column == columns ? "SELECT " : ", ",
						 column_expression(ledger, column, rows_joined),
						 quote_identifier(column->name));
	appendStringInfoString(sql, "\nFROM (");
	if (!rows_joined)
		appendStringInfo(sql, "SELECT p.*, %s AS r FROM (", report_rows(report, zone));
	tally_together(sql, &sources, as_they_are ? &sources.source[0] : NULL, true);
	appendStringInfoString(sql, ") AS p");
	if (rows_joined)
		appendStringInfo(sql, "\nCROSS JOIN LATERAL %s AS r", report_rows(report, zone));
	else
		appendStringInfoString(sql, ") AS p");
	if (report->customer_column != NULL)
		append_customer(sql, &sources.source[0], report->customer_column, as_they_are);
	return true;
}
