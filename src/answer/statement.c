/*-------------------------------------------------------------------------
 *
 * statement.c
 *	  A customer's statement: what was owed when the period began, what happened
 *	  in it, and what is owed at its end.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "document/document.h"
#include "document/projections.h"
#include "ledger/asked.h"
#include "ledger/customer.h"
#include "ledger/fault.h"
#include "ledger/movements.h"
#include "ledger/plan.h"
#include "ledger/template.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"
#include "value/arguments.h"
#include "value/currency.h"
#include "value/datetime.h"

/* The function's arguments, as the query's parameters name them. */
enum
{
	ARGUMENT_CUSTOMER_ID,
	ARGUMENT_CURRENCY,			/* in upper case, or NULL */
	ARGUMENT_START,				/* the first instant of the period */
	ARGUMENT_END,				/* the first one behind it */
	ARGUMENT_NOW,
	NUM_ARGUMENTS
};

/* The columns of the query behind the customer's two. */
enum
{
	RESULT_CUSTOMERS = RESULT_CUSTOMER_ID + 1,
	RESULT_FAULTS,
	RESULT_CURRENCY = RESULT_FAULTS + NUM_MOVEMENT_FAULTS,
	RESULT_PART,
	RESULT_AT,
	RESULT_KIND,
	RESULT_DOCUMENT_ID,
	RESULT_NUMBER,
	RESULT_AMOUNT,
	RESULT_BALANCE
};

/* The parts of a statement in a currency. */
enum
{
	OPENING,
	MOVEMENT,
	CLOSING
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
} Asked;

/* ---- composing ---- */

/*
 * The lines: what was owed when the period began, what happened in it, and an empty
 * line behind, with the balance up to each.  A currency that was asked for is shown
 * even where nothing ever happened in it.
 */
static const char *
compose_lines(LedgerQuery *query)
{
	const char *currency = ledger_parameter(query, TEXTOID, ARGUMENT_CURRENCY);
	const char *start = ledger_parameter(query, TIMESTAMPTZOID, ARGUMENT_START);
	const char *end = ledger_parameter(query, TIMESTAMPTZOID, ARGUMENT_END);
	const char *is_asked = sql_fill("({currency} IS NULL OR m.currency = {currency}"
									" OR m.currency IS NULL)", "currency", currency);

	return sql_fill("(SELECT v.currency, v.part, v.at, v.rank, v.kind, v.document_id, v.number,"
					" v.id, v.amount,\n"
					"  sum(v.amount) OVER (PARTITION BY v.currency ORDER BY v.part, v.at, v.rank,"
					" v.id COLLATE \"C\", v.amount ROWS UNBOUNDED PRECEDING) AS balance\n"
					" FROM (SELECT o.currency, b.part, NULL::timestamptz AS at, 0 AS rank, b.kind,"
					" NULL::text AS document_id, NULL::text AS number, NULL::text AS id, b.amount\n"
					"   FROM (SELECT m.currency, sum(m.amount) AS amount FROM\n"
					"     (SELECT m.currency, CASE WHEN m.at < {start} THEN m.amount"
					" ELSE 0::numeric END AS amount\n"
					"      FROM {movement} AS m WHERE m.at < {end} AND {is_asked}\n"
					"      UNION ALL SELECT {currency}, 0::numeric WHERE {currency} IS NOT NULL)"
					" AS m GROUP BY 1) AS o\n"
					"   CROSS JOIN LATERAL (VALUES (0, 'opening_balance'::text, o.amount),"
					" (2, 'closing_balance'::text, 0::numeric)) AS b(part, kind, amount)\n"
					"  UNION ALL SELECT m.currency, 1, m.at, m.rank, m.kind, m.document_id,"
					" m.number, m.id, m.amount\n"
					"  FROM {movement} AS m WHERE m.at >= {start} AND m.at < {end} AND {is_asked})"
					" AS v)",
					"start", start, "end", end, "currency", currency, "is_asked", is_asked,
					"movement", "movement");
}

/* Whether the ledger knows its customers, the id of this one, and how many have it. */
static const char *
compose_customer(const Ledger *ledger, LedgerQuery *query)
{
	LedgerRelation customer;

	if (!ledger_find(ledger, "customer", "c", &customer))
		return sql_fill("(SELECT FALSE AS known, NULL::text AS id, 1::int8 AS customers)");
	return sql_fill("(SELECT TRUE AS known, min({id}) AS id, count(*) AS customers"
					" FROM {customer} WHERE {asked})",
					"id", ledger_column(&customer, "customer_id"),
					"customer", ledger_from(&customer),
					"asked", ledger_equals(query, &customer, "customer_id",
										   ARGUMENT_CUSTOMER_ID));
}

static void
compose_statement(const Ledger *ledger, LedgerQuery *query, const void *context)
{
	Movements	movements = {
		.ledger = ledger,
		.query = query,
		.customer = ARGUMENT_CUSTOMER_ID,
		.now = ledger_parameter(query, TIMESTAMPTZOID, ARGUMENT_NOW)
	};
	const char *currency = ledger_parameter(query, TEXTOID, ARGUMENT_CURRENCY);
	const char *end = ledger_parameter(query, TIMESTAMPTZOID, ARGUMENT_END);

	query->one_plan = true;
	with_movements(&movements);
	sql_append(&query->sql,
			   "\nSELECT c.known, c.id, c.customers, f.unexplained, f.undated, f.unvoided,"
			   " l.currency, l.part, l.at, l.kind, l.document_id, l.number, l.amount, l.balance\n"
			   "FROM {customer} AS c\n"
			   "CROSS JOIN ({faults}) AS f(unexplained, undated, unvoided)\n"
			   "LEFT JOIN {lines} AS l ON TRUE\n"
			   "ORDER BY l.currency, l.part, l.at, l.rank, l.id COLLATE \"C\", l.amount",
			   "customer", compose_customer(ledger, query),
			   "faults", movement_faults(end, currency),
			   "lines", compose_lines(query));
}

/* ---- asking ---- */

static void
get_asked(FunctionCallInfo fcinfo, Asked *asked)
{
	static const char *const names[] = {
		"customer_id", "start_period", "end_period", "currency", "zone"
	};

	for (int i = 1; i < lengthof(names); i++)
		if (PG_ARGISNULL(i) && i != 3)
			report_null_argument(names[i]);
	memset(asked, 0, sizeof(*asked));
	asked->customer_id = PG_GETARG_TEXT_PP(0);
	asked->period = get_period(fcinfo, 1);
	asked->zone = zone_by_name(text_to_cstring(PG_GETARG_TEXT_PP(4)));
	asked->arguments[ARGUMENT_CUSTOMER_ID].value = PG_GETARG_DATUM(0);
	asked->arguments[ARGUMENT_CURRENCY] = currency_argument(fcinfo, 3);
	asked->arguments[ARGUMENT_START].value =
		TimestampTzGetDatum(start_of_day(asked->period.start, asked->zone));
	asked->arguments[ARGUMENT_END].value =
		TimestampTzGetDatum(start_of_day(asked->period.end + 1, asked->zone));
	asked->arguments[ARGUMENT_NOW].value =
		TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
	asked->ledger = ledger_getarg(fcinfo, 5);
}

/* Run the query, whose answer must be what can be told of one customer. */
static text *
execute_statement(const Asked *asked)
{
	bool		isnull;
	int64		customers;
	text	   *customer_id;

	ledger_execute(&asked->ledger, compose_statement, NULL, asked->arguments);
	customers = DatumGetInt64(result_value(0, RESULT_CUSTOMERS, &isnull));
	customer_id = result_customer(&asked->ledger, asked->customer_id, NULL, customers);
	report_movement_faults(&asked->ledger, 0, RESULT_FAULTS);
	return customer_id;
}

/* Whether a row is a line: a statement without any still has one row. */
static bool
is_line(uint64 row)
{
	bool		isnull;

	(void) result_value(row, RESULT_PART, &isnull);
	return !isnull;
}

/* ---- lines ---- */

/* One line of the result. */
typedef struct Line
{
	int32		part;
	CurrencyCode currency;
	DateADT		day;
	TimestampTz at;				/* of movements only, as the next four */
	text	   *kind;
	text	   *document_id;
	text	   *number;
	Amount		amount;
	Amount		balance;
} Line;

static Amount
result_amount(uint64 row, int column)
{
	bool		isnull;
	Datum		value = result_value(row, column, &isnull);

	Assert(!isnull);
	return amount_from_numeric(DatumGetNumeric(value));
}

static void
read_line(const Asked *asked, uint64 row, Line *line)
{
	text	   *currency = result_text(row, RESULT_CURRENCY);
	bool		isnull;

	if (currency == NULL)
		report_null_argument("currency");
	line->currency = currency_from_text(currency);
	line->part = DatumGetInt32(result_value(row, RESULT_PART, &isnull));
	line->at = DatumGetTimestampTz(result_value(row, RESULT_AT, &isnull));
	line->day = line->part == OPENING ? asked->period.start :
		line->part == CLOSING ? asked->period.end : day_in_zone(line->at, asked->zone);
	line->kind = result_text(row, RESULT_KIND);
	line->document_id = result_text(row, RESULT_DOCUMENT_ID);
	line->number = result_text(row, RESULT_NUMBER);
	line->amount = result_amount(row, RESULT_AMOUNT);
	line->balance = result_amount(row, RESULT_BALANCE);
}

/* ---- as rows ---- */

static Datum
text_or_null(text *value, bool *isnull)
{
	*isnull = value == NULL;
	return PointerGetDatum(value);
}

static void
put_line(const Line *line, ReturnSetInfo *result)
{
	int			digits = currency_minor_digits(line->currency);
	Datum		values[NUM_STATEMENT_COLUMNS];
	bool		nulls[NUM_STATEMENT_COLUMNS] = {false};

	values[STATEMENT_CURRENCY] = PointerGetDatum(currency_text(line->currency));
	values[STATEMENT_DAY] = DateADTGetDatum(line->day);
	values[STATEMENT_AT] = TimestampTzGetDatum(line->at);
	values[STATEMENT_KIND] = PointerGetDatum(line->kind);
	values[STATEMENT_DOCUMENT_ID] = text_or_null(line->document_id,
												 &nulls[STATEMENT_DOCUMENT_ID]);
	values[STATEMENT_NUMBER] = text_or_null(line->number, &nulls[STATEMENT_NUMBER]);
	values[STATEMENT_AMOUNT] =
		NumericGetDatum(amount_to_scaled_numeric(&line->amount, digits));
	values[STATEMENT_BALANCE] =
		NumericGetDatum(amount_to_scaled_numeric(&line->balance, digits));
	nulls[STATEMENT_AT] = nulls[STATEMENT_AMOUNT] = line->part != MOVEMENT;
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* Put each line into the result, in memory that is given back at once. */
static void
put_lines(const Asked *asked, ReturnSetInfo *result)
{
	MemoryContext line_context = AllocSetContextCreate(CurrentMemoryContext,
													   "balance line of a statement",
													   ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(line_context);
	Line		line;

	for (uint64 row = 0; row < SPI_processed && is_line(row); row++)
	{
		CHECK_FOR_INTERRUPTS();
		read_line(asked, row, &line);
		put_line(&line, result);
		MemoryContextReset(line_context);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(line_context);
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

static void
write_amount(Document *document, const char *key, const Line *line, const Amount *amount)
{
	document_string(document, key,
					amount_to_string(amount, currency_minor_digits(line->currency)));
}

static void
write_movement(Document *document, const Line *line)
{
	document_begin(document, NULL, JB_FOBJECT);
	document_date(document, "day", line->day);
	document_instant(document, "at", line->at);
	document_text(document, "kind", line->kind);
	document_text(document, "document_id", line->document_id);
	document_text(document, "number", line->number);
	write_amount(document, "amount", line, &line->amount);
	write_amount(document, "balance", line, &line->balance);
	document_end(document);
}

/* Of a currency, the lines between its balances. */
static void
write_line(Document *document, const Line *line)
{
	char	   *code = currency_upper(line->currency, palloc(CURRENCY_NAME_SIZE));

	switch (line->part)
	{
		case OPENING:
			document_begin(document, NULL, JB_FOBJECT);
			document_string(document, "currency", code);
			write_amount(document, "opening_balance", line, &line->balance);
			document_begin(document, "movements", JB_FARRAY);
			break;
		case MOVEMENT:
			write_movement(document, line);
			break;
		case CLOSING:
			document_end(document);
			write_amount(document, "closing_balance", line, &line->balance);
			document_end(document);
			break;
	}
}

static Jsonb *
write_statement(const Asked *asked, const text *customer_id)
{
	Document	document;
	Line		line;

	document_init(&document, JB_FOBJECT);
	document_text(&document, "customer_id", customer_id);
	document_date(&document, "start_period", asked->period.start);
	document_date(&document, "end_period", asked->period.end);
	document_string(&document, "zone", pg_get_timezone_name(asked->zone));
	document_begin(&document, "balances", JB_FARRAY);
	for (uint64 row = 0; row < SPI_processed && is_line(row); row++)
	{
		CHECK_FOR_INTERRUPTS();
		read_line(asked, row, &line);
		write_line(&document, &line);
	}
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
