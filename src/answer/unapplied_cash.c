/*-------------------------------------------------------------------------
 *
 * unapplied_cash.c
 *	  Money of a customer that no invoice has taken, which net_rows() takes off.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "ledger/asked.h"
#include "ledger/customer_rows.h"
#include "ledger/fault.h"
#include "ledger/movements.h"
#include "ledger/plan.h"
#include "ledger/template.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"
#include "value/amount.h"
#include "value/arguments.h"
#include "value/currency.h"

/* The function's arguments, as the query's parameters name them. */
enum
{
	ARGUMENT_CUSTOMER_ID,
	ARGUMENT_NOW,
	NUM_ARGUMENTS
};

/* The columns of the function. */
#define UNAPPLIED_COLUMNS	2

/*
 * Payments of which there is no invoice that is owed, and what was paid too much of
 * paid ones, as the rows say today; their dates do not matter.
 */
static void
compose_unapplied(const Ledger *ledger, LedgerQuery *query, const void *context)
{
	Movements	movements = {
		.ledger = ledger,
		.query = query,
		.customer = ARGUMENT_CUSTOMER_ID,
		.now = ledger_parameter(query, TIMESTAMPTZOID, ARGUMENT_NOW)
	};

	query->one_plan = true;
	begin_customer_rows(ledger, query, "FALSE", UNAPPLIED_COLUMNS);
	with_movements(&movements);
	sql_append(&query->sql,
			   "\nSELECT u.currency, sum(u.amount) FROM (\n"
			   " SELECT m.currency, - m.amount AS amount FROM {movement} AS m\n"
			   "  LEFT JOIN {owed} AS i ON i.id = m.invoice\n"
			   "  WHERE m.kind = ANY ('{payment,refund}'::text[])"
			   " AND (i.class IS NULL OR i.class = ANY ('{draft,void}'::text[]))\n"
			   " UNION ALL SELECT i.currency, - i.remaining FROM {owed} AS i\n"
			   "  WHERE i.class = 'paid' AND CASE WHEN i.amount_due < 0 THEN i.remaining > 0"
			   " ELSE i.remaining < 0 END) AS u\n"
			   "GROUP BY 1 ORDER BY 1",
			   "movement", "movement", "owed", "owed");
	end_customer_rows(query);
}

/* A sum in the digits of its currency, which must be one. */
static void
put_cash(const CustomerRows *receiver, Datum *values, bool *nulls)
{
	bool		known[UNAPPLIED_COLUMNS] = {false, false};
	CurrencyCode currency;
	Amount		amount;

	if (nulls[0])
		report_null_argument("currency");
	currency = currency_from_text(DatumGetTextPP(values[0]));
	amount = amount_from_numeric(DatumGetNumeric(values[1]));
	values[1] = NumericGetDatum(amount_to_scaled_numeric(&amount,
														 currency_minor_digits(currency)));
	tuplestore_putvalues(receiver->result->setResult, receiver->result->setDesc, values, known);
}

PG_FUNCTION_INFO_V1(unapplied_cash);
Datum
unapplied_cash(PG_FUNCTION_ARGS)
{
	NullableDatum arguments[NUM_ARGUMENTS] = {{0}};
	LedgerReading reading;
	Ledger		ledger;
	CustomerRows rows;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	arguments[ARGUMENT_CUSTOMER_ID].value = PG_GETARG_DATUM(0);
	arguments[ARGUMENT_NOW].value = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
	ledger = ledger_getarg(fcinfo, 1);
	SPI_connect();
	customer_rows_init(&rows, &ledger, PG_GETARG_TEXT_PP(0), put_cash,
					   (ReturnSetInfo *) fcinfo->resultinfo);
	ledger_begin_reading(&reading, &ledger, PG_GETARG_TEXT_PP(0));
	ledger_execute_for(&ledger, compose_unapplied, NULL, arguments, &rows.rows.pub);
	ledger_end_reading(&reading);
	row_receiver_end(&rows.rows);
	SPI_finish();
	return (Datum) 0;
}
