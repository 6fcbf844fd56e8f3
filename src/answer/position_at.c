/*-------------------------------------------------------------------------
 *
 * position_at.c
 *	  What a ledger's customers owed and held at an instant, and documents of
 *	  that: docs/decisions/0009.
 *
 * From now on it is the present, read as any document reads it.  Before, the same
 * sources are read through ledger/past; where something cannot be told, a position
 * comes back NULL, and only then is it counted how many rows are to blame.
 *
 *-------------------------------------------------------------------------
 */
#include "position_at.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "ledger/asked.h"
#include "ledger/customer.h"
#include "ledger/fault.h"
#include "ledger/tallied.h"
#include "ledger/template.h"
#include "ledger/untold.h"
#include "lookup.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "position/datum.h"
#include "utils/builtins.h"
#include "value/arguments.h"
#include "value/datetime.h"

/* ---- the instant ---- */

/* The instant of an argument, in the zone of another, or in UTC where that is none. */
Instant
get_instant(FunctionCallInfo fcinfo, int customer, int instant, int zone)
{
	Instant		result = {.past = false};

	if (PG_ARGISNULL(instant))
		report_null_argument("as_of");
	if (zone >= 0)
		result.as_of = get_as_of(fcinfo, instant, zone);
	else
	{
		result.as_of.instant = PG_GETARG_TIMESTAMPTZ(instant);
		result.as_of.zone = pg_tzset("GMT");
		result.as_of.day = day_in_zone(result.as_of.instant, result.as_of.zone);
	}
	result.past = result.as_of.instant < GetCurrentTransactionStartTimestamp();
	if (customer >= 0)
		result.arguments[ARGUMENT_AT_CUSTOMER] = fcinfo->args[customer];
	result.arguments[ARGUMENT_AT_INSTANT].value = TimestampTzGetDatum(result.as_of.instant);
	result.arguments[ARGUMENT_AT_DAY].value = DateADTGetDatum(result.as_of.day);
	return result;
}

/* The ledger as of the instant, as a query under composition reads it. */
void
set_ledger_at(Ledger *then, LedgerPast *past, const Ledger *ledger, LedgerQuery *query,
			  bool is_past, bool one_customer)
{
	*then = *ledger;
	then->clock = ledger_parameter(query, TIMESTAMPTZOID, ARGUMENT_AT_INSTANT);
	if (!is_past)
		return;
	past->query = query;
	past->present = ledger;
	past->until = then->clock;
	past->day = ledger_parameter(query, DATEOID, ARGUMENT_AT_DAY);
	past->one_customer = one_customer;
	then->past = past;
	then->past_from = past_from;
}

/* ---- what cannot be told ---- */

/* How many rows of a relation are in a state, as a column. */
static void
count_state(StringInfo sql, const Ledger *then, LedgerQuery *query, const char *name,
			int state, bool one_customer)
{
	LedgerRelation relation;

	if (!ledger_find(then, name, "r", &relation))
	{
		appendStringInfo(sql, "%s0::pg_catalog.int8", sql->len > 0 ? ", " : "SELECT ");
		return;
	}
	sql_append(sql, "{comma}(SELECT count(*) FROM {from} WHERE r.balance_state = {state}{whose})",
			   "comma", sql->len > 0 ? ",\n " : "SELECT ", "from", ledger_from(&relation),
			   "state", psprintf("'%d'", state),
			   "whose", one_customer ?
			   sql_fill(" AND {mine}", "mine",
						ledger_equals(query, &relation, "customer_id", 0)) : "");
}

/* Raise 22023 with the number of rows of which nothing can be told. */
void
report_untold(const Ledger *ledger, const Instant *instant, bool one_customer)
{
	LedgerQuery query = {.nparameters = 0};
	LedgerPast	past;
	Ledger		then;
	Untold		untold;

	initStringInfo(&query.sql);
	set_ledger_at(&then, &past, ledger, &query, true, one_customer);
	count_state(&query.sql, &then, &query, "invoice", STATE_UNEXPLAINED, one_customer);
	count_state(&query.sql, &then, &query, "invoice", STATE_UNDATED, one_customer);
	count_state(&query.sql, &then, &query, "invoice", STATE_UNVOIDED, one_customer);
	count_state(&query.sql, &then, &query, "credit_memo", STATE_UNVOIDED, one_customer);
	ledger_execute_once(ledger, &query, instant->arguments);
	untold.unexplained = result_count(0, 1);
	untold.undated = result_count(0, 2);
	untold.unvoided = result_count(0, 3);
	untold.unvoided_memos = result_count(0, 4);
	require_told(ledger->name, &untold);
	elog(ERROR, "no row of ledger \"%s\" is to blame for its past", ledger->name);
}

/* Deposits have no dates, so a document of the past cannot show them. */
static void
report_deposits(const Ledger *ledger)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("deposits of ledger \"%s\" cannot be told as of a past instant",
					ledger->name),
			 errdetail("Deposits have no dates."),
			 errhint("Without them: to_customer_balance(position_at(...), ...).")));
}

/* ---- one customer ---- */

/* What is asked for: the document whose sources are read, of which time. */
typedef struct AskedAt
{
	FigureDocument document;
	bool		past;
} AskedAt;

static const AskedAt asked_at[NO_DOCUMENT][2] = {
#define DOCUMENT(document, groups) \
	[DOCUMENT_##document] = {{DOCUMENT_##document, false}, {DOCUMENT_##document, true}},
#include "document/figures.def"
};

enum
{
	AT_ATTRIBUTE = RESULT_CUSTOMER_ID + 1,
	AT_DEPOSITS,				/* whether there are any, in the past */
	AT_POSITIONS
};

/* The sources that a time has: deposits are of the present. */
static TallySources
sources_at(const Ledger *then, const AskedAt *asked)
{
	int			groups = ALL_GROUPS;
	TallySources sources;

	if (asked->past)
		groups &= ~(1 << GROUP_DEPOSITS);
	sources = find_sources(then, asked->document, groups, NULL);
	if (sources.n == 0)
		report_missing_sources(then, asked->document, groups);
	return sources;
}

/* Whether the customer has deposits, which the document would have to show. */
static const char *
has_deposits(const Ledger *ledger, LedgerQuery *query, const AskedAt *asked)
{
	LedgerRelation deposit;

	if (!asked->past || asked->document != DOCUMENT_CUSTOMER_BALANCE ||
		!ledger_find(ledger, "deposit", "d", &deposit))
		return "FALSE";
	return sql_fill("EXISTS (SELECT FROM {deposit} WHERE {mine})",
					"deposit", ledger_from(&deposit),
					"mine", ledger_equals(query, &deposit, "customer_id", ARGUMENT_AT_CUSTOMER));
}

static void
compose_at(const Ledger *ledger, LedgerQuery *query, const void *context)
{
	const AskedAt *asked = context;
	const LedgerDocument *document = &ledger_documents[asked->document];
	LedgerRelation customer;
	LedgerPast	past;
	Ledger		then;
	TallySources sources;

	set_ledger_at(&then, &past, ledger, query, asked->past, true);
	sources = sources_at(&then, asked);
	ledger_select_customer(ledger, query, &customer);
	sql_append(&query->sql, ", {attribute}, {deposits}",
			   "attribute", document_attribute(document, &customer),
			   "deposits", has_deposits(ledger, query, asked));
	ledger_select_positions(query, &sources, &customer);
}

/* The sum of the positions, of which none may be NULL in the past. */
static struct varlena *
sum_at(const Ledger *ledger, const Instant *instant, const FirstRow *row)
{
	for (int column = AT_POSITIONS; column <= row->ncolumns; column++)
	{
		bool		isnull;

		(void) first_row_value(row, column, &isnull);
		if (instant->past && isnull)
			report_untold(ledger, instant, true);
	}
	return first_row_positions(row, AT_POSITIONS);
}

/* Look a customer up as of an instant; SPI must be connected. */
CustomerAt
look_up_at(FigureDocument document, const Ledger *ledger, const Instant *instant)
{
	text	   *asked = DatumGetTextPP(instant->arguments[ARGUMENT_AT_CUSTOMER].value);
	LedgerReading reading;
	FirstRow	row;
	CustomerAt	found;
	bool		isnull;

	ledger_begin_reading(&reading, ledger, asked);
	ledger_first_row(ledger, compose_at, &asked_at[document][instant->past],
					 instant->arguments, &row);
	found.customer_id = found_customer(ledger, asked, &row);
	found.attribute = first_row_text(&row, AT_ATTRIBUTE);
	if (DatumGetBool(first_row_value(&row, AT_DEPOSITS, &isnull)))
		report_deposits(ledger);
	found.position = sum_at(ledger, instant, &row);
	ledger_end_reading(&reading);
	return found;
}

static Datum
position_of_document(FunctionCallInfo fcinfo, FigureDocument document, int zone, int ledger_arg)
{
	Instant		instant;
	Ledger		ledger;
	struct varlena *packed;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	instant = get_instant(fcinfo, 0, 1, zone);
	ledger = ledger_getarg(fcinfo, ledger_arg);
	SPI_connect();
	packed = look_up_at(document, &ledger, &instant).position;
	packed = packed_from_datum(PointerGetDatum(packed));
	return result_packed(packed);
}

PG_FUNCTION_INFO_V1(position_at);
Datum
position_at(PG_FUNCTION_ARGS)
{
	return position_of_document(fcinfo, DOCUMENT_RECEIVABLES, 2, 3);
}

/* The invoices alone, which need no zone. */
PG_FUNCTION_INFO_V1(invoices_at);
Datum
invoices_at(PG_FUNCTION_ARGS)
{
	return position_of_document(fcinfo, DOCUMENT_AGEING, -1, 2);
}

static Datum
document_at(FigureDocument document, const Ledger *ledger, const Instant *instant,
			const void *context)
{
	CustomerAt	found;

	SPI_connect();
	found = look_up_at(document, ledger, instant);
	return result_document(ledger_documents[document].project(found.position, found.customer_id,
															  found.attribute, context));
}

PG_FUNCTION_INFO_V1(customer_balance_at);
Datum
customer_balance_at(PG_FUNCTION_ARGS)
{
	Instant		instant;
	Ledger		ledger;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	instant = get_instant(fcinfo, 0, 1, -1);
	ledger = ledger_getarg(fcinfo, 2);
	return document_at(DOCUMENT_CUSTOMER_BALANCE, &ledger, &instant, ledger.name);
}

PG_FUNCTION_INFO_V1(invoice_summary_at);
Datum
invoice_summary_at(PG_FUNCTION_ARGS)
{
	Instant		instant;
	Ledger		ledger;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	instant = get_instant(fcinfo, 0, 1, 2);
	ledger = ledger_getarg(fcinfo, 3);
	return document_at(DOCUMENT_INVOICE_SUMMARY, &ledger, &instant, &instant.as_of);
}

/* ---- all customers ---- */

static Datum
book_at(FunctionCallInfo fcinfo, FigureDocument document, int zone, int ledger_arg)
{
	Instant		instant = get_instant(fcinfo, -1, 0, zone);
	Ledger		ledger = ledger_getarg(fcinfo, ledger_arg);
	LedgerQuery query = {.nparameters = 0};
	LedgerPast	past;
	Ledger		then;
	LedgerReading reading;
	Book		book = {
		.document = &ledger_documents[document],
		.ledger = &ledger
	};

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	set_ledger_at(&then, &past, &ledger, &query, instant.past, false);
	book.sources = sources_at(&then, &asked_at[document][instant.past]);
	compose_book(&query, &book);
	ledger_begin_reading(&reading, &ledger, NULL);
	if (!receive_book(&book, &query, instant.arguments, fcinfo))
		report_untold(&ledger, &instant, false);
	ledger_end_reading(&reading);
	SPI_finish();
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(positions_at);
Datum
positions_at(PG_FUNCTION_ARGS)
{
	return book_at(fcinfo, DOCUMENT_RECEIVABLES, 1, 2);
}

PG_FUNCTION_INFO_V1(all_invoices_at);
Datum
all_invoices_at(PG_FUNCTION_ARGS)
{
	return book_at(fcinfo, DOCUMENT_AGEING, -1, 1);
}
