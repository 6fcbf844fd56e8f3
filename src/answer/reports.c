/*-------------------------------------------------------------------------
 *
 * reports.c
 *	  The report views of a ledger: rows and numbers for people and for
 *	  tools that chart.
 *
 * A view tallies by customer and currency, both of which are its grouping
 * keys: so a condition on either reaches the ledger's own relations, and an
 * index on them.
 *
 *-------------------------------------------------------------------------
 */
#include "reports.h"

#include "catalog/dependency.h"
#include "catalog/pg_class.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_type.h"
#include "commands/comment.h"
#include "commands/extension.h"
#include "ledger/match.h"
#include "ledger/plan.h"
#include "ledger/source.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/tuplestore.h"

/* Tells our views from anybody else's of the same name. */
#define REPORT_COMMENT	"Report of balance: "

/* Where an expression reads the customer, which a ledger need not have. */
#define CUSTOMER_COLUMN	"c."

typedef struct ReportColumn
{
	const char *name;
	const char *expression;
	const char *comment;
} ReportColumn;

typedef struct Report
{
	const char *name;
	const char *comment;
	const SourceFinder *sources;	/* ends with NULL */
	const char *rows;			/* the rows of a position */
	const char *customer_column;	/* a column of customer, or NULL */
	const ReportColumn *columns;
} Report;

/*
 * As of when and by whose days.  Arguments are never left to their defaults:
 * another function of the name would do as well as ours then.
 */
#define NOW_HERE \
	"pg_catalog.now(), pg_catalog.current_setting('TimeZone'::pg_catalog.text)"
#define AGEING_BOUNDS	"'{30,60,90}'::pg_catalog.int4[]"
#define INVOICE_ROWS	"balance.invoice_rows(p.position, " NOW_HERE ")"
#define AGEING_ROWS		"balance.ageing(p.position, " NOW_HERE ", " AGEING_BOUNDS ")"

/* As of now, as in_period() takes a period. */
#define UNTIL_NOW \
	"NULL::pg_catalog.date, NULL::pg_catalog.date, pg_catalog.statement_timestamp()"

#define SOURCES(...)	(const SourceFinder[]) {__VA_ARGS__, NULL}

/* ---- what they show ---- */

#define KEY_COLUMNS \
	{"customer_id", "p.customer_id", "The customer's id, in the type that the ledger has it."}, \
	{"currency", "p.currency", "ISO 4217 code, in upper case."}, \
	{"minor_unit", "balance.minor_unit(p.currency)", "Decimals of the currency; null where ISO 4217 has none."}

#define ROW_COLUMN(name, comment)	{name, "r." name, comment}

static const ReportColumn balance_columns[] = {
	KEY_COLUMNS,
	{"wb_customer_id", CUSTOMER_COLUMN "wb_customer_id", "The seller's id, as Wingback shows it; the ledger's name where it has none."},
	ROW_COLUMN("kind", "invoices or deposits."),
	ROW_COLUMN("state", "ready_for_payment, paid, pending_validation or canceled; of deposits their own status."),
	ROW_COLUMN("count", "How many invoices or deposits."),
	ROW_COLUMN("total", "Sum of their totals or amounts, in major units; a partial payment does not reduce it."),
	{NULL}
};

static const ReportColumn summary_columns[] = {
	KEY_COLUMNS,
	ROW_COLUMN("total_revenue_amount", "Sum of amount_due over draft, open and paid invoices, in major units."),
	ROW_COLUMN("total_unpaid_amount", "Sum of amount_remaining over draft and open invoices, in major units."),
	ROW_COLUMN("total_overdue_amount", "The part of total_unpaid_amount that is past due now, in major units."),
	ROW_COLUMN("total_invoice_count", "How many draft, open and paid invoices."),
	ROW_COLUMN("unpaid_invoice_count", "How many draft and open invoices."),
	ROW_COLUMN("overdue_invoice_count", "How many of them are past due now."),
	ROW_COLUMN("unpaid_usage_charges", "Sum of the usage line items of unpaid invoices, in major units."),
	ROW_COLUMN("unpaid_fixed_charges", "Sum of their other line items, in major units."),
	{NULL}
};

static const ReportColumn ageing_columns[] = {
	KEY_COLUMNS,
	ROW_COLUMN("bucket", "current, a range of days past due, or no_due_date."),
	ROW_COLUMN("from_days", "First day past due of the range; null outside the ranges."),
	ROW_COLUMN("to_days", "Last day past due of the range; null for the last range and outside the ranges."),
	ROW_COLUMN("count", "How many draft and open invoices."),
	ROW_COLUMN("amount", "Sum of their amount_remaining, in major units."),
	{NULL}
};

static const ReportColumn unit_columns[] = {
	KEY_COLUMNS,
	ROW_COLUMN("balance", "credit - usedCredit - debt, in VCUs."),
	ROW_COLUMN("credit", "Paid invoices, in VCUs."),
	{"usedCredit", "r.\"usedCredit\"", "Orders paid with balance, in VCUs."},
	ROW_COLUMN("debt", "Pending and overdue invoices, in VCUs."),
	{"futureDebt", "r.\"futureDebt\"", "Issued orders, in VCUs; not part of balance."},
	{NULL}
};

static const ReportColumn credit_columns[] = {
	KEY_COLUMNS,
	{"customer_name", CUSTOMER_COLUMN "customer_name", "The customer's name, if the ledger has it."},
	ROW_COLUMN("total_credits_available", "What the available credit memos have left, in minor units."),
	ROW_COLUMN("total_credits_available_dollars", "The same in major units of the currency, whichever it is."),
	ROW_COLUMN("credit_memos_count", "How many credit memos are available and have something left."),
	{NULL}
};

static const Report reports[] = {
	{"report_customer_balance", "invoices by state and deposits by status, a row for each customer, currency and state.",
	SOURCES(invoice_totals_source, deposit_source), "balance.balance_rows(p.position)", "wb_customer_id", balance_columns},
	{"report_invoice_summary", "revenue, unpaid and overdue, a row for each customer and currency. A due date is past due from the next day in the session's TimeZone, a due instant from the instant after.",
	SOURCES(invoice_source, charge_source), INVOICE_ROWS, NULL, summary_columns},
	{"report_ageing", "draft and open invoices by days past due, a row for each customer, currency and bucket, as of now, in days of the session's TimeZone. The buckets add up to total_unpaid_amount. To order them: ORDER BY bucket = 'no_due_date', from_days NULLS FIRST.",
	SOURCES(invoice_source), AGEING_ROWS, NULL, ageing_columns},
	{"report_vcu_balance", "VCU balance, a row for each customer and currency, as of now.",
	SOURCES(unit_invoice_source, unit_order_source), "balance.unit_rows(p.position)", NULL, unit_columns},
	{"report_customer_credits", "what credit memos have left, a row for each customer and currency with an available one that has something left.",
	SOURCES(listed_memo_source), "balance.credit_rows(p.position)", "customer_name", credit_columns}
};

/* ---- composing ---- */

/*
 * The column of the customer that a report shows.  It is looked up by a join
 * with a group, so that a customer who is there twice doubles no amount.
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
	appendStringInfo(sql, "\nLEFT JOIN (SELECT %s AS customer_id, pg_catalog.min(%s) AS %s FROM %s GROUP BY 1) AS c ON %s",
					 key, ledger_column(&customer, column), column,
					 ledger_from(&customer), condition);
}

/* A column's expression where the ledger may not know its customers. */
static const char *
column_expression(const Ledger *ledger, const ReportColumn *column)
{
	LedgerRelation customer;
	const char *expression = column->expression;

	if (strncmp(expression, CUSTOMER_COLUMN, strlen(CUSTOMER_COLUMN)) != 0)
		return expression;
	if (!ledger_find(ledger, "customer", "c", &customer))
		expression = "NULL::pg_catalog.text";
	if (strcmp(column->name, "wb_customer_id") == 0)
		return psprintf("COALESCE(%s, %s)", expression,
						quote_literal_cstr(ledger->name));
	return expression;
}

/* The query of a report's view; false if the ledger has nothing for it. */
static bool
compose_report(const Ledger *ledger, const Report *report, StringInfo sql)
{
	TallySources sources = find_sources(ledger, report->sources, UNTIL_NOW);
	bool		as_they_are;

	if (sources.n == 0)
		return false;
	as_they_are = keys_agree(&sources);
	for (const ReportColumn *column = report->columns; column->name; column++)
		appendStringInfo(sql, "%s%s AS %s",
						 column == report->columns ? "SELECT " : ", ",
						 column_expression(ledger, column),
						 quote_identifier(column->name));
	appendStringInfoString(sql, "\nFROM (");
	tally_together(sql, &sources, as_they_are ? &sources.source[0] : NULL, true);
	appendStringInfo(sql, ") AS p\nCROSS JOIN LATERAL %s AS r", report->rows);
	if (report->customer_column != NULL)
		append_customer(sql, &sources.source[0], report->customer_column, as_they_are);
	return true;
}

/* ---- the long form ---- */

/*
 * Metrics that are read from the same positions.  Their names are constants, a
 * row each of a relation that is joined, so that a condition on the name leaves
 * nothing of that relation, and of what is joined to it, where none is asked
 * for.  Only the statuses of deposits are not known without the rows.
 */
typedef struct MetricGroup
{
	const SourceFinder *sources;	/* ends with NULL */
	const Report *report;		/* which shows them, and whose ids they have */
	void		(*append_metrics) (StringInfo sql);
} MetricGroup;

typedef struct Metric
{
	const char *name;			/* a column */
	const char *unit;
} Metric;

#define COUNT_OR(amount) \
	"CASE WHEN k.unit OPERATOR(pg_catalog.=) 'count' THEN r.count::pg_catalog.numeric" \
	" ELSE r." amount " END"

/* A row of the constants, which are columns of text. */
static void
append_constants(StringInfo sql, bool first, const char *key,
				 const char *metric, const char *unit)
{
	appendStringInfo(sql, "%sSELECT %s::pg_catalog.text AS key,"
					 " %s::pg_catalog.text AS metric, %s::pg_catalog.text AS unit",
					 first ? "" : "\n UNION ALL ", quote_literal_cstr(key),
					 quote_literal_cstr(metric), quote_literal_cstr(unit));
}

/* Metrics that are columns of the rows. */
static void
append_columns(StringInfo sql, const char *rows, const Metric *columns)
{
	appendStringInfoString(sql, "SELECT k.metric, k.unit, CASE");
	for (const Metric *column = columns; column->name; column++)
		appendStringInfo(sql, " WHEN k.metric OPERATOR(pg_catalog.=) %s"
						 " THEN r.%s::pg_catalog.numeric",
						 quote_literal_cstr(column->name),
						 quote_identifier(column->name));
	appendStringInfo(sql, " END\n FROM %s AS r\n CROSS JOIN (", rows);
	for (const Metric *column = columns; column->name; column++)
		append_constants(sql, column == columns, column->name, column->name,
						 column->unit);
	appendStringInfoString(sql, ") AS k");
}

/* Metrics that are rows, each a count and an amount, of which a key tells them. */
static void
append_rows(StringInfo sql, const char *rows, const char *key,
			const char *amount, const char *const *keys)
{
	appendStringInfo(sql, "SELECT k.metric, k.unit, " COUNT_OR("%s") "\n FROM %s AS r\n JOIN (",
					 amount, rows);
	for (int i = 0; keys[i] != NULL; i++)
	{
		append_constants(sql, i == 0, keys[i],
						 psprintf("%s.count", keys[i]), "count");
		append_constants(sql, false, keys[i],
						 psprintf("%s.%s", keys[i], amount), "major");
	}
	appendStringInfo(sql, ") AS k ON k.key OPERATOR(pg_catalog.=) %s", key);
}

#define STATE_KEY	"(r.kind OPERATOR(pg_catalog.||) '.' OPERATOR(pg_catalog.||) r.state)"
#define BUCKET_KEY	"('ageing.' OPERATOR(pg_catalog.||) r.bucket)"

/* ready_for_payment is there at zero too, so deposits are sources of these. */
static void
append_invoice_states(StringInfo sql)
{
	static const char *const states[] = {
		"invoices.ready_for_payment", "invoices.paid",
		"invoices.pending_validation", "invoices.canceled", NULL
	};

	append_rows(sql, "balance.balance_rows(p.position)", STATE_KEY, "total", states);
}

/* A deposit's status is whatever the ledger says. */
static void
append_deposits(StringInfo sql)
{
	appendStringInfoString(sql, "SELECT " STATE_KEY " OPERATOR(pg_catalog.||) k.metric, k.unit, "
						   COUNT_OR("total") "\n FROM balance.balance_rows(p.position) AS r\n JOIN (");
	append_constants(sql, true, "deposits", ".count", "count");
	append_constants(sql, false, "deposits", ".total", "major");
	appendStringInfoString(sql, ") AS k ON k.key OPERATOR(pg_catalog.=) r.kind");
}

/* The keys of the buckets that report_ageing has. */
static const char *const *
ageing_keys(void)
{
	const char **keys;

	if (SPI_execute("SELECT " BUCKET_KEY
					" FROM balance.ageing('1{USD 1 open(1 0 0 0)}'::balance.position, "
					NOW_HERE ", " AGEING_BOUNDS ") AS r", true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read the buckets of ageing()");
	keys = palloc0((SPI_processed + 1) * sizeof(char *));
	for (uint64 i = 0; i < SPI_processed; i++)
		keys[i] = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);
	return keys;
}

/* What is due and for how long, from one tally of the invoices. */
static void
append_unpaid(StringInfo sql)
{
	static const Metric columns[] = {
		{"total_revenue_amount", "major"}, {"total_unpaid_amount", "major"},
		{"total_overdue_amount", "major"}, {"total_invoice_count", "count"},
		{"unpaid_invoice_count", "count"}, {"overdue_invoice_count", "count"},
		{NULL}
	};

	append_columns(sql, INVOICE_ROWS, columns);
	appendStringInfoString(sql, "\n UNION ALL ");
	append_rows(sql, AGEING_ROWS, BUCKET_KEY, "amount", ageing_keys());
}

/* By themselves, as the line items are many. */
static void
append_charges(StringInfo sql)
{
	static const Metric columns[] = {
		{"unpaid_usage_charges", "major"}, {"unpaid_fixed_charges", "major"},
		{NULL}
	};

	append_columns(sql, INVOICE_ROWS, columns);
}

static void
append_units(StringInfo sql)
{
	static const Metric columns[] = {
		{"balance", "VCU"}, {"credit", "VCU"}, {"usedCredit", "VCU"},
		{"debt", "VCU"}, {"futureDebt", "VCU"}, {NULL}
	};

	append_columns(sql, "balance.unit_rows(p.position)", columns);
}

static void
append_credits(StringInfo sql)
{
	static const Metric columns[] = {
		{"total_credits_available", "minor"},
		{"total_credits_available_dollars", "major"},
		{"credit_memos_count", "count"}, {NULL}
	};

	append_columns(sql, "balance.credit_rows(p.position)", columns);
}

/* Each is in the report whose ids it has, and nowhere else. */
static const MetricGroup metrics[] = {
	{SOURCES(invoice_totals_source, deposit_source), &reports[0], append_invoice_states},
	{SOURCES(deposit_source), &reports[0], append_deposits},
	{SOURCES(invoice_source), &reports[1], append_unpaid},
	{SOURCES(invoice_source, charge_source), &reports[1], append_charges},
	{SOURCES(unit_invoice_source, unit_order_source), &reports[3], append_units},
	{SOURCES(listed_memo_source), &reports[4], append_credits}
};

static const Report metrics_report = {
	"report_metrics",
	"the other reports in long form, a row for each customer, currency and metric. "
	"A condition on metric or unit reads only the relations behind the metrics that it lets pass, "
	"and deposit, whose statuses name some.",
	NULL, NULL, NULL, (const ReportColumn[]) {
		{"customer_id", NULL, "The customer's id."},
		{"currency", NULL, "ISO 4217 code, in upper case."},
		{"minor_unit", NULL, "Decimals of the currency; null where ISO 4217 has none."},
		{"metric", NULL, "Path of the figure, as items() has it; ageing.<bucket>.count and .amount."},
		{"unit", NULL, "count, major or minor units of the currency, or VCU."},
		{"value", NULL, "The figure, in that unit."},
		{NULL}
	}
};

/*
 * The customer of a report among those of others: as text where their types
 * differ, and with one collation where theirs do.
 */
static const char *
metrics_key(const Ledger *ledger, const char *report, Oid type, bool differ)
{
	Oid			relid = get_relname_relid(report, ledger->schema);
	Oid			own = get_atttype(relid, get_attnum(relid, "customer_id"));

	return psprintf(own == NUMERICOID && type != own ?
					"pg_catalog.trim_scale(p.customer_id)::%s%s" : "p.customer_id::%s%s",
					qualified_type(type), differ ? " COLLATE pg_catalog.\"C\"" : "");
}

/* The type of all ids, text where they differ; and whether collations differ. */
static Oid
metrics_key_type(const Ledger *ledger, bool *differ)
{
	Oid			type = InvalidOid;
	Oid			first = InvalidOid;

	*differ = false;
	for (int i = 0; i < lengthof(reports); i++)
	{
		Oid			relid = get_relname_relid(reports[i].name, ledger->schema);
		Oid			another;
		int32		typmod;
		Oid			collation;

		if (!OidIsValid(relid))
			continue;
		get_atttypetypmodcoll(relid, get_attnum(relid, "customer_id"), &another,
							  &typmod, &collation);
		type = !OidIsValid(type) || type == another ? another : TEXTOID;
		*differ |= OidIsValid(first) && collation != first;
		first = OidIsValid(first) ? first : collation;
	}
	return type;
}

/* All groups that the ledger has sources for; the other reports are made. */
static void
compose_metrics(const Ledger *ledger, StringInfo sql)
{
	bool		differ;
	Oid			type = metrics_key_type(ledger, &differ);

	for (int i = 0; i < lengthof(metrics); i++)
	{
		const Report *report = metrics[i].report;
		TallySources sources = find_sources(ledger, metrics[i].sources, UNTIL_NOW);
		TallySources shown;

		if (sources.n == 0)
			continue;
		shown = find_sources(ledger, report->sources, UNTIL_NOW);
		appendStringInfo(sql, "%sSELECT %s AS customer_id, p.currency,"
						 " balance.minor_unit(p.currency) AS minor_unit,"
						 " m.metric, m.unit, m.value\nFROM (",
						 sql->len > 0 ? "\nUNION ALL\n" : "",
						 metrics_key(ledger, report->name, type, differ));
		tally_together(sql, &sources,
					   keys_agree(&shown) ? &shown.source[0] : NULL, true);
		appendStringInfoString(sql, ") AS p\nCROSS JOIN LATERAL (");
		metrics[i].append_metrics(sql);
		appendStringInfoString(sql, ") AS m(metric, unit, value)");
	}
}

/* ---- making the views ---- */

static void
execute(const char *command)
{
	int			result = SPI_execute(command, false, 0);

	if (result != SPI_OK_UTILITY)
		elog(ERROR, "could not make a report view: %s",
			 SPI_result_code_string(result));
}

/*
 * The view goes when the extension is dropped, without anybody having to ask
 * for CASCADE: it holds nothing, and is made again with one call.
 */
static void
depend_on_extension(Oid view)
{
	ObjectAddress dependent;
	ObjectAddress extension;

	ObjectAddressSet(dependent, RelationRelationId, view);
	ObjectAddressSet(extension, ExtensionRelationId,
					 get_extension_oid("balance", false));
	deleteDependencyRecordsForSpecific(RelationRelationId, view,
									   DEPENDENCY_AUTO_EXTENSION,
									   ExtensionRelationId, extension.objectId);
	recordDependencyOn(&dependent, &extension, DEPENDENCY_AUTO_EXTENSION);
}

/* Make a view, say what it and its columns mean, and add it to the result. */
static void
create_view(const Ledger *ledger, const Report *report, const char *query,
			ReturnSetInfo *result)
{
	const char *name = quote_qualified_identifier(ledger->name, report->name);
	Oid			view;
	Datum		value;
	bool		isnull = false;

	execute(psprintf("CREATE OR REPLACE VIEW %s WITH (security_invoker = true) AS\n%s",
					 name, query));
	execute(psprintf("COMMENT ON VIEW %s IS %s", name,
					 quote_literal_cstr(psprintf("%s%s", REPORT_COMMENT,
												 report->comment))));
	for (const ReportColumn *column = report->columns; column->name; column++)
		execute(psprintf("COMMENT ON COLUMN %s.%s IS %s", name,
						 quote_identifier(column->name),
						 quote_literal_cstr(column->comment)));
	view = get_relname_relid(report->name, ledger->schema);
	depend_on_extension(view);
	value = ObjectIdGetDatum(view);
	tuplestore_putvalues(result->setResult, result->setDesc, &value, &isnull);
}

/* Whether a relation is a view that we made. */
static bool
is_ours(Oid relid)
{
	char	   *comment;

	if (get_rel_relkind(relid) != RELKIND_VIEW)
		return false;
	comment = GetComment(relid, RelationRelationId, 0);
	return comment != NULL &&
		strncmp(comment, REPORT_COMMENT, strlen(REPORT_COMMENT)) == 0;
}

/* What else has the report's name must not be replaced. */
static void
check_name(const Ledger *ledger, const Report *report)
{
	Oid			relid = get_relname_relid(report->name, ledger->schema);

	if (OidIsValid(relid) && !is_ours(relid))
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_TABLE),
				 errmsg("relation \"%s\" already exists in schema \"%s\"",
						report->name, ledger->name),
				 errdetail("It is not a report view of balance, which its comment would tell."),
				 errhint("Rename it, or drop it if it is of no use any more.")));
}

PG_FUNCTION_INFO_V1(create_report_views);
Datum
create_report_views(PG_FUNCTION_ARGS)
{
	Ledger		ledger = ledger_getarg(fcinfo, 0);
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	StringInfoData sql;
	bool		any = false;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	SPI_connect();
	initStringInfo(&sql);
	for (int i = 0; i < lengthof(reports); i++)
		check_name(&ledger, &reports[i]);
	check_name(&ledger, &metrics_report);
	for (int i = 0; i < lengthof(reports); i++)
	{
		resetStringInfo(&sql);
		if (!compose_report(&ledger, &reports[i], &sql))
			continue;
		create_view(&ledger, &reports[i], sql.data, result);
		any = true;
	}
	if (!any)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("ledger \"%s\" has no relation to report on", ledger.name),
				 errhint("Create tables or views with the columns of a ledger's relations in it, or a ledger with balance.create_ledger().")));
	resetStringInfo(&sql);
	compose_metrics(&ledger, &sql);
	create_view(&ledger, &metrics_report, sql.data, result);
	SPI_finish();
	return (Datum) 0;
}

/* The name of a report view, NULL behind the last one. */
const char *
report_view(int i)
{
	if (i > lengthof(reports))
		return NULL;
	return i < lengthof(reports) ? reports[i].name : metrics_report.name;
}

/* In one command: all of them go, or none. */
PG_FUNCTION_INFO_V1(drop_report_views);
Datum
drop_report_views(PG_FUNCTION_ARGS)
{
	Ledger		ledger = ledger_getarg(fcinfo, 0);
	StringInfoData sql;
	int			n = 0;

	SPI_connect();
	initStringInfo(&sql);
	for (int i = 0; report_view(i) != NULL; i++)
		if (is_ours(get_relname_relid(report_view(i), ledger.schema)))
			appendStringInfo(&sql, "%s%s", n++ == 0 ? "DROP VIEW " : ", ",
							 quote_qualified_identifier(ledger.name, report_view(i)));
	if (n > 0)
		execute(sql.data);
	SPI_finish();
	PG_RETURN_INT32(n);
}
