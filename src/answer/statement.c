/*-------------------------------------------------------------------------
 *
 * statement.c
 *	  A customer's statement: what was owed when the period began, what happened
 *	  in it, and what is owed at its end.
 *
 *-------------------------------------------------------------------------
 */
#include "statement_lines.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "document/document.h"
#include "document/projections.h"
#include "ledger/asked.h"
#include "ledger/fault.h"
#include "ledger/movements.h"
#include "ledger/template.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"
#include "value/arguments.h"
#include "value/datetime.h"

/* The function's arguments, as the query's parameters name them. */
enum
{
	ARGUMENT_CUSTOMER_ID,
	ARGUMENT_NOW,
	NUM_ARGUMENTS
};

/* The columns of the function. */
enum
{
	STATEMENT_CURRENCY,
	STATEMENT_DAY,
	STATEMENT_AT,
	STATEMENT_KIND,
	STATEMENT_DOCUMENT_ID,
	STATEMENT_NUMBER,
	STATEMENT_AMOUNT,
	STATEMENT_BALANCE,
	NUM_STATEMENT_COLUMNS
};

/* A statement that is asked for. */
typedef struct Asked
{
	Ledger		ledger;
	text	   *customer_id;
	Period		period;
	pg_tz	   *zone;
	NullableDatum arguments[NUM_ARGUMENTS];
	Statement	statement;
} Asked;

/* ---- composing ---- */

/* Rows beside the movements, without a rank: the id of each customer who has it. */
static void
append_customer(const Ledger *ledger, LedgerQuery *query)
{
	LedgerRelation customer;

	if (!ledger_find(ledger, "customer", "c", &customer))
		return;
	sql_append(&query->sql,
			   "\n UNION ALL SELECT NULL::text, NULL::text, NULL::timestamptz, NULL::int4,"
			   " {id}, NULL::text, NULL::text, NULL::numeric,"
			   " NULL::text, NULL::timestamptz, NULL::numeric\n"
			   "  FROM {customer} WHERE {asked}",
			   "id", ledger_column(&customer, "customer_id"),
			   "customer", ledger_from(&customer),
			   "asked", ledger_equals(query, &customer, "customer_id", ARGUMENT_CUSTOMER_ID));
}

static void
compose_statement(const Ledger *ledger, LedgerQuery *query, const void *context)
{
	Movements	movements = {
		.ledger = ledger,
		.query = query,
		.customer = ARGUMENT_CUSTOMER_ID,
		.now = ledger_parameter(query, TIMESTAMPTZOID, ARGUMENT_NOW),
		.tells = TELLS_INVOICES
	};

	query->one_plan = true;
	with_owed(&movements);
	appendStringInfoString(&query->sql, "\n");
	append_movements(&movements);
	append_customer(ledger, query);
}

/* ---- asking ---- */

static void
get_asked(FunctionCallInfo fcinfo, Asked *asked)
{
	static const char *const names[] = {
		"customer_id", "start_period", "end_period", "currency", "zone"
	};
	NullableDatum currency;

	for (int i = 1; i < lengthof(names); i++)
		if (PG_ARGISNULL(i) && i != 3)
			report_null_argument(names[i]);
	memset(asked, 0, sizeof(*asked));
	asked->customer_id = PG_GETARG_TEXT_PP(0);
	asked->period = get_period(fcinfo, 1);
	asked->zone = zone_by_name(text_to_cstring(PG_GETARG_TEXT_PP(4)));
	currency = currency_argument(fcinfo, 3);
	asked->statement.currency = currency.isnull ? NULL : DatumGetTextPP(currency.value);
	asked->statement.start = start_of_day(asked->period.start, asked->zone);
	asked->statement.end = start_of_day(asked->period.end + 1, asked->zone);
	asked->arguments[ARGUMENT_CUSTOMER_ID].value = PG_GETARG_DATUM(0);
	asked->arguments[ARGUMENT_NOW].value =
		TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
	asked->ledger = ledger_getarg(fcinfo, 5);
}

/* Run the query, whose answer must be what can be told of one customer. */
static text *
execute_statement(Asked *asked)
{
	Statement  *statement = &asked->statement;
	LedgerRelation customer;
	text	   *customer_id;

	statement_init(statement);
	ledger_execute_for(&asked->ledger, compose_statement, NULL, asked->arguments,
					   &statement->rows.pub);
	row_receiver_end(&statement->rows);
	statement->customer.is_known = ledger_find(&asked->ledger, "customer", "c", &customer);
	customer_id = known_customer(&asked->ledger, asked->customer_id, NULL, &statement->customer);
	statement_finish(statement, &asked->ledger);
	return customer_id;
}

/* ---- what lines say ---- */

static const char *
line_kind(const Line *line)
{
	if (line->part == LINE_MOVEMENT)
		return movement_kinds[line->moved->rank];
	return line->part == LINE_OPENING ? "opening_balance" : "closing_balance";
}

static DateADT
line_day(const Asked *asked, const Line *line)
{
	if (line->part == LINE_MOVEMENT)
		return day_begun(line->moved->at, asked->zone);
	return line->part == LINE_OPENING ? asked->period.start : asked->period.end;
}

/* ---- as rows ---- */

/* Where lines are put as rows. */
typedef struct Rows
{
	const Asked *asked;
	ReturnSetInfo *result;
	MemoryContext line_context; /* given back behind each line */
	Datum		currency;		/* of the lines since the last opening balance */
	Datum		kinds[NUM_MOVEMENT_RANKS];
} Rows;

static Datum
amount_value(const Amount *amount, CurrencyCode currency)
{
	return NumericGetDatum(amount_to_scaled_numeric(amount, currency_minor_digits(currency)));
}

static Datum
text_or_null(const text *value, bool *isnull)
{
	*isnull = value == NULL;
	return PointerGetDatum(value);
}

static void
set_movement(const Line *line, Datum *values, bool *nulls)
{
	const Moved *moved = line->moved;

	values[STATEMENT_AT] = TimestampTzGetDatum(moved->at);
	values[STATEMENT_DOCUMENT_ID] = text_or_null(moved->document_id,
												 &nulls[STATEMENT_DOCUMENT_ID]);
	values[STATEMENT_NUMBER] = text_or_null(moved->number, &nulls[STATEMENT_NUMBER]);
	values[STATEMENT_AMOUNT] = amount_value(&moved->amount, line->currency);
	nulls[STATEMENT_AT] = nulls[STATEMENT_AMOUNT] = false;
}

static void
put_line(const Line *line, void *context)
{
	Rows	   *rows = context;
	MemoryContext caller;
	Datum		values[NUM_STATEMENT_COLUMNS] = {0};
	bool		nulls[NUM_STATEMENT_COLUMNS] = {
		[STATEMENT_AT] = true,[STATEMENT_DOCUMENT_ID] = true,
		[STATEMENT_NUMBER] = true,[STATEMENT_AMOUNT] = true
	};

	if (line->part == LINE_OPENING)
		rows->currency = PointerGetDatum(currency_text(line->currency));
	caller = MemoryContextSwitchTo(rows->line_context);
	values[STATEMENT_CURRENCY] = rows->currency;
	values[STATEMENT_DAY] = DateADTGetDatum(line_day(rows->asked, line));
	values[STATEMENT_KIND] = line->part == LINE_MOVEMENT ? rows->kinds[line->moved->rank] :
		CStringGetTextDatum(line_kind(line));
	values[STATEMENT_BALANCE] = amount_value(&line->balance, line->currency);
	if (line->moved != NULL)
		set_movement(line, values, nulls);
	tuplestore_putvalues(rows->result->setResult, rows->result->setDesc, values, nulls);
	MemoryContextSwitchTo(caller);
	MemoryContextReset(rows->line_context);
}

static void
put_lines(const Asked *asked, ReturnSetInfo *result)
{
	Rows		rows = {
		.asked = asked,
		.result = result,
		.line_context = AllocSetContextCreate(CurrentMemoryContext,
											  "balance line of a statement",
											  ALLOCSET_SMALL_SIZES)
	};

	for (int i = MOVED_NOTHING + 1; i < NUM_MOVEMENT_RANKS; i++)
		rows.kinds[i] = CStringGetTextDatum(movement_kinds[i]);
	statement_walk(&asked->statement, put_line, &rows);
	MemoryContextDelete(rows.line_context);
}

PG_FUNCTION_INFO_V1(statement);
Datum
statement(PG_FUNCTION_ARGS)
{
	Asked		asked;
	LedgerReading reading;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	get_asked(fcinfo, &asked);
	SPI_connect();
	ledger_begin_reading(&reading, &asked.ledger, asked.customer_id);
	(void) execute_statement(&asked);
	put_lines(&asked, (ReturnSetInfo *) fcinfo->resultinfo);
	ledger_end_reading(&reading);
	SPI_finish();
	return (Datum) 0;
}

/* ---- as a document ---- */

/* Where lines are written as a document. */
typedef struct Written
{
	const Asked *asked;
	Document   *document;
} Written;

static void
write_movement(const Asked *asked, Document *document, const Line *line)
{
	const Moved *moved = line->moved;

	document_begin(document, NULL, JB_FOBJECT);
	document_date(document, "day", line_day(asked, line));
	document_instant(document, "at", moved->at);
	document_string(document, "kind", line_kind(line));
	document_text(document, "document_id", moved->document_id);
	document_text(document, "number", moved->number);
	document_money(document, "amount", &moved->amount, line->currency);
	document_money(document, "balance", &line->balance, line->currency);
	document_end(document);
}

/* Of a currency, the lines between its balances. */
static void
write_line(const Line *line, void *context)
{
	const Written *written = context;
	Document   *document = written->document;

	switch (line->part)
	{
		case LINE_OPENING:
			document_begin(document, NULL, JB_FOBJECT);
			document_currency(document, "currency", line->currency, currency_upper);
			document_money(document, "opening_balance", &line->balance, line->currency);
			document_begin(document, "movements", JB_FARRAY);
			break;
		case LINE_MOVEMENT:
			write_movement(written->asked, document, line);
			break;
		case LINE_CLOSING:
			document_end(document);
			document_money(document, "closing_balance", &line->balance, line->currency);
			document_end(document);
			break;
	}
}

static Jsonb *
write_statement(const Asked *asked, const text *customer_id)
{
	Document	document;
	Written		written = {asked, &document};

	document_init(&document, JB_FOBJECT);
	document_text(&document, "customer_id", customer_id);
	document_date(&document, "start_period", asked->period.start);
	document_date(&document, "end_period", asked->period.end);
	document_string(&document, "zone", pg_get_timezone_name(asked->zone));
	document_begin(&document, "balances", JB_FARRAY);
	statement_walk(&asked->statement, write_line, &written);
	document_end(&document);
	return document_finish(&document);
}

PG_FUNCTION_INFO_V1(statement_document);
Datum
statement_document(PG_FUNCTION_ARGS)
{
	Asked		asked;
	LedgerReading reading;
	Jsonb	   *document;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	get_asked(fcinfo, &asked);
	SPI_connect();
	ledger_begin_reading(&reading, &asked.ledger, asked.customer_id);
	document = write_statement(&asked, execute_statement(&asked));
	ledger_end_reading(&reading);
	return result_document(document);
}
