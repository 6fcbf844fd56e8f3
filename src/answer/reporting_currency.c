/*-------------------------------------------------------------------------
 *
 * reporting_currency.c
 *	  Amounts and reports in a reporting currency, by the rates that the ledger
 *	  declares.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "ledger/cluster.h"
#include "ledger/fault.h"
#include "ledger/match.h"
#include "ledger/plan.h"
#include "ledger/rates.h"
#include "ledger/template.h"
#include "reports.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "value/arguments.h"
#include "value/conversion.h"
#include "value/zone.h"

/* The functions' arguments, as the query's parameters name them. */
enum
{
	ARGUMENT_CURRENCY,
	ARGUMENT_REPORTING_CURRENCY,
	ARGUMENT_ON_DAY,
	NUM_ARGUMENTS
};

/* A code that must be given. */
static NullableDatum
get_currency(FunctionCallInfo fcinfo, int argno, const char *name)
{
	if (PG_ARGISNULL(argno))
		report_null_argument(name);
	return currency_argument(fcinfo, argno);
}

static NullableDatum
get_day(FunctionCallInfo fcinfo, int argno)
{
	if (PG_ARGISNULL(argno))
		report_null_argument("on_day");
	return fcinfo->args[argno];
}

/* ---- an amount ---- */

/* The rate from one currency to another one. */
static void
compose_rate(const Ledger *ledger, LedgerQuery *query, const void *context)
{
	const char *currency = ledger_parameter(query, TEXTOID, ARGUMENT_CURRENCY);
	const char *to = ledger_parameter(query, TEXTOID, ARGUMENT_REPORTING_CURRENCY);
	const char *on_day = ledger_parameter(query, DATEOID, ARGUMENT_ON_DAY);

	sql_append(&query->sql, "SELECT {rate}\nFROM (SELECT) AS one\nLEFT JOIN {rates} AS x ON TRUE",
			   "rate", rate_to(currency, to, on_day),
			   "rates", latest_rates(ledger, currency, to, on_day));
}

static Numeric
look_up_rate(const Ledger *ledger, const NullableDatum *arguments)
{
	MemoryContext caller = CurrentMemoryContext;
	LedgerReading reading;
	bool		isnull;
	Numeric		rate;

	SPI_connect();
	ledger_begin_reading(&reading, ledger, NULL);
	ledger_execute(ledger, compose_rate, NULL, arguments);
	ledger_end_reading(&reading);
	rate = DatumGetNumeric(result_value(0, 1, &isnull));
	MemoryContextSwitchTo(caller);
	rate = DatumGetNumericCopy(NumericGetDatum(rate));
	SPI_finish();
	return rate;
}

PG_FUNCTION_INFO_V1(in_reporting_currency);
Datum
in_reporting_currency(PG_FUNCTION_ARGS)
{
	NullableDatum arguments[NUM_ARGUMENTS];
	CurrencyCode to;
	Ledger		ledger;

	arguments[ARGUMENT_CURRENCY] = get_currency(fcinfo, 0, "currency");
	arguments[ARGUMENT_REPORTING_CURRENCY] = get_currency(fcinfo, 2, "reporting_currency");
	arguments[ARGUMENT_ON_DAY] = get_day(fcinfo, 3);
	if (PG_ARGISNULL(1))
		PG_RETURN_NULL();
	ledger = ledger_getarg(fcinfo, 4);
	to = currency_from_text(PG_GETARG_TEXT_PP(2));
	if (to == currency_from_text(PG_GETARG_TEXT_PP(0)))
		PG_RETURN_DATUM(PG_GETARG_DATUM(1));
	PG_RETURN_NUMERIC(amount_converted(PG_GETARG_NUMERIC(1), look_up_rate(&ledger, arguments),
									   to));
}

/* ---- reports ---- */

/* What a report shows in major units, so that it can be converted. */
static bool
is_converted(const Report *report, const char *column)
{
	if (strcmp(column, "total") == 0 || strcmp(column, "amount") == 0)
		return true;
	for (const Figure *figure = figures; figure < figures + NUM_FIGURES; figure++)
		if (figure->document == report->document && figure->unit == MAJOR_UNITS &&
			strcmp(figure->name, column) == 0)
			return true;
	return false;
}

/* The customer's id as text, as other functions show it. */
static const char *
report_customer(const Ledger *ledger, const Report *report)
{
	TallySources sources = find_sources(ledger, report->document, ALL_GROUPS, UNTIL_NOW);
	LedgerRelation shown;

	if (!keys_agree(&sources))
		return "r.customer_id";
	shown = sources.source[0].owner;
	shown.alias = "r";
	return ledger_id_text(&shown, "customer_id");
}

/*
 * A report's query as one to join with.  A cluster joins no union with what is none of
 * a customer's, so there the report is made first, where the rows are.
 */
static const char *
report_to_join(const Ledger *ledger, const Report *report)
{
	TallySources sources = find_sources(ledger, report->document, ALL_GROUPS, UNTIL_NOW);
	StringInfoData rows;

	initStringInfo(&rows);
	if (!compose_report(ledger, report, session_zone_name(), &rows))
		report_missing_sources(ledger, report->document, ALL_GROUPS);
	if (sources.n > 1 && is_cluster_table(sources.source[0].owner.relid))
		appendStringInfoString(&rows, " OFFSET '0'::pg_catalog.int8");
	return rows.data;
}

/* The report's own columns, and behind the rate its amounts once more, converted. */
static void
compose_report_in(const Ledger *ledger, LedgerQuery *query, const Report *report)
{
	const char *to = ledger_parameter(query, TEXTOID, ARGUMENT_REPORTING_CURRENCY);
	const char *on_day = ledger_parameter(query, DATEOID, ARGUMENT_ON_DAY);
	const ReportColumn *columns = report_columns(report);
	StringInfo	sql = &query->sql;
	const char *rows = report_to_join(ledger, report);

	initStringInfo(sql);
	sql_append(sql, "SELECT {customer_id}", "customer_id", report_customer(ledger, report));
	for (const ReportColumn *column = columns + 1; column->name != NULL; column++)
		appendStringInfo(sql, ", r.%s", quote_identifier(column->name));
	sql_append(sql, ", {to}, f.rate, CASE WHEN r.currency = {to} THEN NULL::date"
			   " ELSE x.valid_from END", "to", to);
	for (const ReportColumn *column = columns + 1; column->name != NULL; column++)
		if (is_converted(report, column->name))
			sql_append(sql, ", CASE WHEN r.currency = {to} THEN r.{amount}"
					   " ELSE balance.converted(r.{amount}, f.rate, {to}) END",
					   "to", to, "amount", quote_identifier(column->name));
	sql_append(sql, "\nFROM ({rows}) AS r\nLEFT JOIN {rates} AS x ON x.currency = r.currency\n"
			   "CROSS JOIN LATERAL (SELECT {rate} AS rate) AS f",
			   "rows", rows,
			   "rates", latest_rates(ledger, NULL, to, on_day),
			   "rate", rate_to("r.currency", to, on_day));
}

static Datum
store_report_in(FunctionCallInfo fcinfo, const Report *report)
{
	NullableDatum arguments[NUM_ARGUMENTS] = {{0}};
	LedgerQuery query = {.nparameters = 0};
	LedgerReading reading;
	Ledger		ledger;

	arguments[ARGUMENT_REPORTING_CURRENCY] = get_currency(fcinfo, 0, "reporting_currency");
	arguments[ARGUMENT_ON_DAY] = get_day(fcinfo, 1);
	ledger = ledger_getarg(fcinfo, 2);

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	compose_report_in(&ledger, &query, report);
	ledger_begin_reading(&reading, &ledger, NULL);
	ledger_store(&ledger, &query, arguments, (ReturnSetInfo *) fcinfo->resultinfo);
	ledger_end_reading(&reading);
	SPI_finish();
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(report_customer_balance_in);
Datum
report_customer_balance_in(PG_FUNCTION_ARGS)
{
	return store_report_in(fcinfo, &reports[REPORT_CUSTOMER_BALANCE]);
}

PG_FUNCTION_INFO_V1(report_invoice_summary_in);
Datum
report_invoice_summary_in(PG_FUNCTION_ARGS)
{
	return store_report_in(fcinfo, &reports[REPORT_INVOICE_SUMMARY]);
}

PG_FUNCTION_INFO_V1(report_ageing_in);
Datum
report_ageing_in(PG_FUNCTION_ARGS)
{
	return store_report_in(fcinfo, &reports[REPORT_AGEING]);
}
