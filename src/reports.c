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
#include "tally_source.h"

#include "catalog/dependency.h"
#include "catalog/pg_class.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_type.h"
#include "commands/comment.h"
#include "commands/extension.h"
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
	/* the sources that the ledger has; how many */
	int			(*find_sources) (const Ledger *ledger, TallySource *sources);
	const char *rows;			/* the rows of a position */
	const char *customer_column;	/* a column of customer, or NULL */
	const ReportColumn *columns;
} Report;

#define MAX_SOURCES		2

/*
 * As of when and by whose days.  Arguments are never left to their defaults:
 * another function of the name would do as well as ours then.
 */
#define NOW_HERE \
	"pg_catalog.now(), pg_catalog.current_setting('TimeZone'::pg_catalog.text)"
#define AGEING_BOUNDS	"'{30,60,90}'::pg_catalog.int4[]"

/* ---- what the reports read ---- */

static int
balance_sources(const Ledger *ledger, TallySource *sources)
{
	int			n = 0;

	n += invoice_totals_source(ledger, &sources[n]);
	n += deposit_source(ledger, &sources[n]);
	return n;
}

static int
summary_sources(const Ledger *ledger, TallySource *sources)
{
	if (!invoice_source(ledger, &sources[0]))
		return 0;
	return 1 + charge_source(ledger, &sources[1]);
}

static int
ageing_sources(const Ledger *ledger, TallySource *sources)
{
	return invoice_source(ledger, &sources[0]);
}

static int
unit_sources(const Ledger *ledger, TallySource *sources)
{
	static const char *const until_now =
		"NULL::pg_catalog.date, NULL::pg_catalog.date, pg_catalog.statement_timestamp()";
	int			n = 0;

	n += unit_invoice_source(ledger, until_now, &sources[n]);
	n += unit_order_source(ledger, until_now, &sources[n]);
	return n;
}

static int
credit_sources(const Ledger *ledger, TallySource *sources)
{
	return listed_memo_source(ledger, &sources[0]);
}

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
	balance_sources, "balance.balance_rows(p.position)", "wb_customer_id", balance_columns},
	{"report_invoice_summary", "revenue, unpaid and overdue, a row for each customer and currency. A due date is past due from the next day in the session's TimeZone, a due instant from the instant after.",
	summary_sources, "balance.invoice_rows(p.position, " NOW_HERE ")", NULL, summary_columns},
	{"report_ageing", "draft and open invoices by days past due, a row for each customer, currency and bucket, as of now, in days of the session's TimeZone. The buckets add up to total_unpaid_amount. To order them: ORDER BY bucket = 'no_due_date', from_days NULLS FIRST.",
	ageing_sources, "balance.ageing(p.position, " NOW_HERE ", " AGEING_BOUNDS ")", NULL, ageing_columns},
	{"report_vcu_balance", "VCU balance, a row for each customer and currency, as of now.",
	unit_sources, "balance.unit_rows(p.position)", NULL, unit_columns},
	{"report_customer_credits", "what credit memos have left, a row for each customer and currency with an available one that has something left.",
	credit_sources, "balance.credit_rows(p.position)", "customer_name", credit_columns}
};

/* ---- composing ---- */

/* Positions by customer and currency, of all sources together. */
static void
append_positions(StringInfo sql, const TallySource *sources, int nsources,
				 bool as_they_are)
{
	if (nsources > 1)
		appendStringInfoString(sql, "SELECT t.customer_id, t.currency, balance.merge(t.position) AS position\n FROM (");
	for (int i = 0; i < nsources; i++)
	{
		if (i > 0)
			appendStringInfoString(sql, "\n UNION ALL\n ");
		if (as_they_are)
			tally_by_currency(sql, &sources[i], &sources[0]);
		else
			tally_by_text(sql, &sources[i]);
	}
	if (nsources > 1)
		appendStringInfoString(sql, ") AS t\n GROUP BY t.customer_id, t.currency");
}

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
	TallySource sources[MAX_SOURCES];
	int			nsources = report->find_sources(ledger, sources);
	bool		as_they_are;

	if (nsources == 0)
		return false;
	as_they_are = keys_agree(sources, nsources);
	for (const ReportColumn *column = report->columns; column->name; column++)
		appendStringInfo(sql, "%s%s AS %s",
						 column == report->columns ? "SELECT " : ", ",
						 column_expression(ledger, column),
						 quote_identifier(column->name));
	appendStringInfoString(sql, "\nFROM (");
	append_positions(sql, sources, nsources, as_they_are);
	appendStringInfo(sql, ") AS p\nCROSS JOIN LATERAL %s AS r", report->rows);
	if (report->customer_column != NULL)
		append_customer(sql, &sources[0], report->customer_column, as_they_are);
	return true;
}

/* ---- the long form ---- */

/* What of a report is a series: its name, what it counts, and its value. */
typedef struct Metrics
{
	const char *report;
	const char *values;
} Metrics;

#define COUNTS(name)	"('" name "', 'count', v." name "::pg_catalog.numeric)"
#define MAJOR(name)		"('" name "', 'major', v." name ")"

static const Metrics metrics[] = {
	{
		"report_customer_balance",
		"(v.kind OPERATOR(pg_catalog.||) '.' OPERATOR(pg_catalog.||) v.state OPERATOR(pg_catalog.||) '.count', 'count', v.count::pg_catalog.numeric), "
		"(v.kind OPERATOR(pg_catalog.||) '.' OPERATOR(pg_catalog.||) v.state OPERATOR(pg_catalog.||) '.total', 'major', v.total)"
	},
	{
		"report_invoice_summary",
		MAJOR("total_revenue_amount") ", " MAJOR("total_unpaid_amount") ", "
		MAJOR("total_overdue_amount") ", " COUNTS("total_invoice_count") ", "
		COUNTS("unpaid_invoice_count") ", " COUNTS("overdue_invoice_count") ", "
		MAJOR("unpaid_usage_charges") ", " MAJOR("unpaid_fixed_charges")
	},
	{
		"report_ageing",
		"('ageing.' OPERATOR(pg_catalog.||) v.bucket OPERATOR(pg_catalog.||) '.count', 'count', v.count::pg_catalog.numeric), "
		"('ageing.' OPERATOR(pg_catalog.||) v.bucket OPERATOR(pg_catalog.||) '.amount', 'major', v.amount)"
	},
	{
		"report_vcu_balance",
		"('balance', 'VCU', v.balance), ('credit', 'VCU', v.credit), ('usedCredit', 'VCU', v.\"usedCredit\"), "
		"('debt', 'VCU', v.debt), ('futureDebt', 'VCU', v.\"futureDebt\")"
	},
	{
		"report_customer_credits",
		"('total_credits_available', 'minor', v.total_credits_available), "
		MAJOR("total_credits_available_dollars") ", " COUNTS("credit_memos_count")
	}
};

static const Report metrics_report = {
	"report_metrics", "the other reports in long form, a row for each customer, currency and metric. Reading it needs SELECT on the other report views.",
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
					"pg_catalog.trim_scale(v.customer_id)::%s%s" : "v.customer_id::%s%s",
					qualified_type(type), differ ? " COLLATE pg_catalog.\"C\"" : "");
}

/* Over the reports that were made; their customer ids may differ in type. */
static void
compose_metrics(const Ledger *ledger, StringInfo sql)
{
	Oid			type = InvalidOid;
	Oid			first = InvalidOid;
	bool		differ = false;

	for (int i = 0; i < lengthof(metrics); i++)
	{
		Oid			relid = get_relname_relid(metrics[i].report, ledger->schema);
		Oid			another;
		int32		typmod;
		Oid			collation;

		if (!OidIsValid(relid))
			continue;
		get_atttypetypmodcoll(relid, get_attnum(relid, "customer_id"), &another,
							  &typmod, &collation);
		type = !OidIsValid(type) || type == another ? another : TEXTOID;
		differ |= OidIsValid(first) && collation != first;
		first = OidIsValid(first) ? first : collation;
	}
	for (int i = 0; i < lengthof(metrics); i++)
		if (OidIsValid(get_relname_relid(metrics[i].report, ledger->schema)))
			appendStringInfo(sql, "%sSELECT %s AS customer_id, v.currency, v.minor_unit, m.metric, m.unit, m.value\nFROM %s AS v CROSS JOIN LATERAL (VALUES %s) AS m(metric, unit, value)",
							 sql->len > 0 ? "\nUNION ALL\n" : "",
							 metrics_key(ledger, metrics[i].report, type, differ),
							 quote_qualified_identifier(ledger->name, metrics[i].report),
							 metrics[i].values);
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

/* In one command, as one of the views reads the others. */
PG_FUNCTION_INFO_V1(drop_report_views);
Datum
drop_report_views(PG_FUNCTION_ARGS)
{
	Ledger		ledger = ledger_getarg(fcinfo, 0);
	StringInfoData sql;
	int			n = 0;

	SPI_connect();
	initStringInfo(&sql);
	for (int i = 0; i <= lengthof(reports); i++)
	{
		const Report *report = i < lengthof(reports) ? &reports[i] : &metrics_report;

		if (is_ours(get_relname_relid(report->name, ledger.schema)))
			appendStringInfo(&sql, "%s%s", n++ == 0 ? "DROP VIEW " : ", ",
							 quote_qualified_identifier(ledger.name, report->name));
	}
	if (n > 0)
		execute(sql.data);
	SPI_finish();
	PG_RETURN_INT32(n);
}
