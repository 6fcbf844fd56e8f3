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
#include "report_credit_expiry.h"
#include "report_roll_forward.h"
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

/* A report that can be converted: how it is composed, and which document's ids it has. */
typedef struct ReportIn
{
	const Report *report;
	bool		(*compose) (const Ledger *ledger, const char *zone, StringInfo sql);
	FigureDocument document;
	bool		calls_function;
} ReportIn;

/* The first column, of which a customer's id is text, as other functions show it. */
static const char *
first_column(const Ledger *ledger, const ReportIn *in, const char *name)
{
	TallySources sources;
	LedgerRelation shown;

	if (strcmp(name, "customer_id") != 0)
		return psprintf("r.%s", name);
	sources = find_sources(ledger, in->document, ALL_GROUPS, UNTIL_NOW);
	if (!keys_agree(&sources))
		return "r.customer_id";
	shown = sources.source[0].owner;
	shown.alias = "r";
	return ledger_id_text(&shown, "customer_id");
}

/* The report's own query; an error if the ledger has nothing for it. */
static const char *
report_query(const Ledger *ledger, const ReportIn *in)
{
	StringInfoData rows;

	initStringInfo(&rows);
	if (in->compose == NULL ? compose_report(ledger, in->report, session_zone_name(), &rows) :
		in->compose(ledger, session_zone_name(), &rows))
		return rows.data;
	report_missing_sources(ledger, in->document, ALL_GROUPS);
}

/*
 * The same as one to join with.  A cluster joins no union with what is none of a
 * customer's, so there the report is made first, where the rows are.
 */
static const char *
report_to_join(const Ledger *ledger, const ReportIn *in)
{
	const char *rows = report_query(ledger, in);
	TallySources sources = find_sources(ledger, in->document, ALL_GROUPS, UNTIL_NOW);

	if (sources.n > 1 && is_cluster_table(sources.source[0].owner.relid))
		return psprintf("%s OFFSET '0'::pg_catalog.int8", rows);
	return rows;
}

/*
 * The rates that a report's amounts are converted by.  Beside a table of theirs on another
 * server, a function that makes the report would be called there, and could not ask a
 * cluster from there: so they are read first, and are values.
 */
static const char *
rates_to_join(const Ledger *ledger, const ReportIn *in, const NullableDatum *arguments)
{
	LedgerQuery query = {.nparameters = 0};
	const char *to = ledger_parameter(&query, TEXTOID, ARGUMENT_REPORTING_CURRENCY);
	const char *on_day = ledger_parameter(&query, DATEOID, ARGUMENT_ON_DAY);
	const char *rates = latest_rates(ledger, NULL, to, on_day);
	LedgerRelation rate;
	text	   *values;

	ledger_require(ledger, "exchange_rate", "x", &rate);
	if (!in->calls_function || !is_cluster_table(rate.relid))
		return rates;
	initStringInfo(&query.sql);
	sql_append(&query.sql, "SELECT string_agg(format('(%L::pg_catalog.text, %L::pg_catalog.date,"
			   " %L::pg_catalog.numeric, %L::pg_catalog.int8)', x.currency, x.valid_from, x.rate,"
			   " x.rates), ', ')\nFROM {rates} AS x", "rates", rates);
	ledger_execute_once(ledger, &query, arguments);
	values = result_text(0, 1);
	return sql_fill("(SELECT v.currency, v.valid_from, v.rate, v.rates FROM (VALUES {values})"
					" AS v(currency, valid_from, rate, rates) WHERE v.currency IS NOT NULL)",
					"values", values != NULL ? text_to_cstring(values) :
					sql_fill("(NULL::text, NULL::date, NULL::numeric, NULL::int8)"));
}

/* The report's own columns, and behind the rate its amounts once more, converted. */
static void
compose_report_in(const Ledger *ledger, LedgerQuery *query, const ReportIn *in,
				  const NullableDatum *arguments)
{
	const char *to = ledger_parameter(query, TEXTOID, ARGUMENT_REPORTING_CURRENCY);
	const char *on_day = ledger_parameter(query, DATEOID, ARGUMENT_ON_DAY);
	const ReportColumn *columns = report_columns(in->report);
	StringInfo	sql = &query->sql;
	const char *rows = report_to_join(ledger, in);

	initStringInfo(sql);
	sql_append(sql, "SELECT {first}", "first", first_column(ledger, in, columns->name));
	for (const ReportColumn *column = columns + 1; column->name != NULL; column++)
		appendStringInfo(sql, ", r.%s", quote_identifier(column->name));
	sql_append(sql, ", {to}, f.rate, CASE WHEN r.currency = {to} THEN NULL::date"
			   " ELSE x.valid_from END", "to", to);
	for (const ReportColumn *column = columns + 1; column->name != NULL; column++)
		if (column->is_major)
			sql_append(sql, ", CASE WHEN r.currency = {to} THEN r.{amount}"
					   " ELSE balance.converted(r.{amount}, f.rate, {to}) END",
					   "to", to, "amount", quote_identifier(column->name));
	sql_append(sql, "\nFROM ({rows}) AS r\nLEFT JOIN {rates} AS x ON x.currency = r.currency\n"
			   "CROSS JOIN LATERAL (SELECT {rate} AS rate) AS f",
			   "rows", rows,
			   "rates", rates_to_join(ledger, in, arguments),
			   "rate", rate_to("r.currency", to, on_day));
}

static Datum
store_report_in(FunctionCallInfo fcinfo, const ReportIn *in)
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
	ledger_begin_reading(&reading, &ledger, NULL);
	compose_report_in(&ledger, &query, in, arguments);
	ledger_store(&ledger, &query, arguments, (ReturnSetInfo *) fcinfo->resultinfo);
	ledger_end_reading(&reading);
	SPI_finish();
	return (Datum) 0;
}

/* A report that is made of a position each. */
static Datum
store_document_in(FunctionCallInfo fcinfo, int report)
{
	const ReportIn in = {&reports[report], NULL, reports[report].document};

	return store_report_in(fcinfo, &in);
}

PG_FUNCTION_INFO_V1(report_customer_balance_in);
Datum
report_customer_balance_in(PG_FUNCTION_ARGS)
{
	return store_document_in(fcinfo, REPORT_CUSTOMER_BALANCE);
}

PG_FUNCTION_INFO_V1(report_invoice_summary_in);
Datum
report_invoice_summary_in(PG_FUNCTION_ARGS)
{
	return store_document_in(fcinfo, REPORT_INVOICE_SUMMARY);
}

PG_FUNCTION_INFO_V1(report_ageing_in);
Datum
report_ageing_in(PG_FUNCTION_ARGS)
{
	return store_document_in(fcinfo, REPORT_AGEING);
}

PG_FUNCTION_INFO_V1(report_customer_credits_in);
Datum
report_customer_credits_in(PG_FUNCTION_ARGS)
{
	return store_document_in(fcinfo, REPORT_CUSTOMER_CREDITS);
}

PG_FUNCTION_INFO_V1(report_credit_expiry_in);
Datum
report_credit_expiry_in(PG_FUNCTION_ARGS)
{
	const ReportIn in = {
		&credit_expiry_report, append_credit_expiry, DOCUMENT_CUSTOMER_CREDITS
	};

	return store_report_in(fcinfo, &in);
}

PG_FUNCTION_INFO_V1(report_roll_forward_in);
Datum
report_roll_forward_in(PG_FUNCTION_ARGS)
{
	const ReportIn in = {
		&roll_forward_report, append_roll_forward, DOCUMENT_AGEING, true
	};

	return store_report_in(fcinfo, &in);
}
