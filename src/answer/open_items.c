/*-------------------------------------------------------------------------
 *
 * open_items.c
 *	  What is unpaid of a customer's invoices at an instant, one by one.
 *
 *-------------------------------------------------------------------------
 */
#include "position_at.h"

#include "catalog/pg_type.h"
#include "ledger/asked.h"
#include "ledger/customer_rows.h"
#include "ledger/fault.h"
#include "ledger/tallied.h"
#include "ledger/template.h"
#include "position/cell.h"

/* The columns of the function. */
#define OPEN_ITEM_COLUMNS	10

/* The day on which an invoice is due, and whether it is past due. */
static void
compose_due(const LedgerRelation *invoice, const char *instant, const char *day,
			const char *zone, const char **due_day, const char **past_due)
{
	const char *due = ledger_column(invoice, "due_date");
	bool		is_instant = ledger_has_due_instants(invoice);

	*due_day = is_instant ? sql_fill("balance.day_in({due}, {zone})", "zone", zone, "due", due) :
		due;
	*past_due = sql_fill("COALESCE({due} < {now}, FALSE)", "due", due,
						 "now", is_instant ? instant : day);
}

static void
select_open_items(const Ledger *then, LedgerQuery *query)
{
	LedgerRelation invoice;
	const char *instant = ledger_parameter(query, TIMESTAMPTZOID, ARGUMENT_AT_INSTANT);
	const char *day = ledger_parameter(query, DATEOID, ARGUMENT_AT_DAY);
	const char *zone = ledger_parameter(query, TEXTOID, ARGUMENT_AT_ZONE);
	const char *due_day;
	const char *past_due;
	const char *mine;
	const char *class;

	ledger_require(then, "invoice", "i", &invoice);
	mine = ledger_equals(query, &invoice, "customer_id", ARGUMENT_AT_CUSTOMER);
	class = sql_fill("balance.invoice_class({status}, {payment})",
					 "status", ledger_column(&invoice, "invoice_status"),
					 "payment", ledger_column(&invoice, "payment_status"));
	compose_due(&invoice, instant, day, zone, &due_day, &past_due);
	sql_append(&query->sql,
			   "SELECT {currency}, {id}, {number}, {class},"
			   " COALESCE({finalized_at}, {issued_at}), {due_day},\n"
			   " CASE WHEN NOT {past_due} THEN 0 WHEN isfinite({due_day})"
			   " THEN GREATEST({day} - {due_day}, 1) END, {total}, {amount_due}, {remaining}\n"
			   "FROM {invoice}\nWHERE {mine}\n AND {unpaid}\n"
			   "ORDER BY 1, 6, 5, 2",
			   "currency", ledger_currency(&invoice, "currency"),
			   "id", ledger_column(&invoice, "invoice_id"),
			   "number", ledger_column(&invoice, "number"), "class", class,
			   "finalized_at", ledger_column(&invoice, "finalized_at"),
			   "issued_at", ledger_column(&invoice, "issued_at"),
			   "due_day", due_day, "past_due", past_due, "day", day,
			   "total", ledger_column(&invoice, "total"),
			   "amount_due", ledger_column(&invoice, "amount_due"),
			   "remaining", ledger_column(&invoice, "amount_remaining"),
			   "invoice", ledger_from(&invoice), "mine", mine,
			   "unpaid", sql_guard(mine, sql_fill("{class} = ANY (" UNPAID_CLASSES ")",
												  "class", class)));
}

/* Whether the customer's position of these invoices, which raises errors, cannot be told. */
static const char *
is_untold(const Ledger *then, LedgerQuery *query)
{
	TallySource invoices;

	ledger_require(then, "invoice", "i", &invoices.owner);
	(void) find_source(then, &ledger_sources[SOURCE_invoices], NULL, &invoices);
	return sql_fill("{position} IS NULL", "position",
					known_position_of_customer(query, &invoices));
}

static const bool in_past[] = {false, true};

/* As of the past or not, as the context says: each is kept. */
static void
compose_open_items(const Ledger *ledger, LedgerQuery *query, const void *context)
{
	Ledger		then;
	LedgerPast	past;

	set_ledger_at(&then, &past, ledger, query, *(const bool *) context, true);
	begin_customer_rows(ledger, query, is_untold(&then, query), OPEN_ITEM_COLUMNS);
	select_open_items(&then, query);
	end_customer_rows(query);
}

PG_FUNCTION_INFO_V1(open_items);
Datum
open_items(PG_FUNCTION_ARGS)
{
	Instant		instant;
	Ledger		ledger;
	LedgerReading reading;
	CustomerRows rows;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	instant = get_instant(fcinfo, 0, 1, 2);
	ledger = ledger_getarg(fcinfo, 3);
	instant.arguments[ARGUMENT_AT_ZONE] = fcinfo->args[2];
	SPI_connect();
	ledger_begin_reading(&reading, &ledger, PG_GETARG_TEXT_PP(0));
	customer_rows_init(&rows, &ledger, PG_GETARG_TEXT_PP(0), NULL,
					   (ReturnSetInfo *) fcinfo->resultinfo);
	ledger_execute_for(&ledger, compose_open_items, &in_past[instant.past], instant.arguments,
					   &rows.rows.pub);
	row_receiver_end(&rows.rows);
	if (rows.untold && instant.past)
		report_untold(&ledger, &instant, true);
	ledger_end_reading(&reading);
	SPI_finish();
	return (Datum) 0;
}
