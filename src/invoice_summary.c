/*-------------------------------------------------------------------------
 *
 * invoice_summary.c
 *	  Flexprice's customer invoice summary: revenue, unpaid and overdue per
 *	  currency, as of an instant.
 *
 *-------------------------------------------------------------------------
 */
#include "position.h"

#include "datetime_text.h"
#include "document.h"
#include "ledger.h"
#include "utils/builtins.h"

/* The figures of one currency. */
typedef struct Summary
{
	bool		present;		/* has an invoice or a charge */
	int64		total_count;
	int64		unpaid_count;
	int64		overdue_count;
	Amount		revenue;
	Amount		unpaid;
	Amount		overdue;
	Amount		usage_charges;
	Amount		fixed_charges;
	int64		unknown_due;
	int64		unknown_remaining;
	int64		unknown_charges;
} Summary;

/* When something is past due: at an instant, and on that instant's day. */
typedef struct AsOf
{
	TimestampTz instant;
	DateADT		day;			/* in the zone whose day decides */
} AsOf;

/* A day is past due from the next day on, an instant from the instant after. */
static bool
is_past_due(const Cell *cell, const AsOf *as_of)
{
	return cell->tag == CELL_DUE_DATE ?
		(DateADT) cell->due < as_of->day : cell->due < as_of->instant;
}

/* Void invoices count nowhere, but make their currency present. */
static void
summarize_cell(Summary *summary, const Cell *cell, const AsOf *as_of)
{
	const Quantity *due = &cell->measure[INVOICE_AMOUNT_DUE];
	const Quantity *remaining = &cell->measure[INVOICE_AMOUNT_REMAINING];

	switch (cell->tag)
	{
		case CELL_INVOICE_DRAFT:
		case CELL_INVOICE_OPEN:
			count_into(&summary->unpaid_count, cell->count);
			amount_add(&summary->unpaid, &remaining->sum);
			unknown_into(&summary->unknown_remaining, remaining->unknown);
			pg_fallthrough;
		case CELL_INVOICE_PAID:
			count_into(&summary->total_count, cell->count);
			amount_add(&summary->revenue, &due->sum);
			unknown_into(&summary->unknown_due, due->unknown);
			break;
		case CELL_INVOICE_VOID:
			break;
		case CELL_DUE_DATE:
		case CELL_DUE_INSTANT:
			if (!is_past_due(cell, as_of))
				break;
			count_into(&summary->overdue_count, cell->count);
			amount_add(&summary->overdue, &cell->measure[0].sum);
			break;
		case CELL_CHARGE_USAGE:
			amount_add(&summary->usage_charges, &cell->measure[0].sum);
			unknown_into(&summary->unknown_charges, cell->measure[0].unknown);
			break;
		case CELL_CHARGE_FIXED:
			amount_add(&summary->fixed_charges, &cell->measure[0].sum);
			unknown_into(&summary->unknown_charges, cell->measure[0].unknown);
			break;
		default:
			return;
	}
	summary->present = true;
}

static void
write_summary(Document *document, const Summary *summary,
			  const text *customer_id, CurrencyCode currency)
{
	char	   *code = currency_lower(currency, palloc(CURRENCY_NAME_SIZE));

	require_known(summary->unknown_due, "amount_due", currency);
	require_known(summary->unknown_remaining, "amount_remaining", currency);
	require_known(summary->unknown_charges, "charge amount", currency);

	document_begin_object(document, NULL);
	document_string(document, "currency", code);
	document_text(document, "customer_id", customer_id);
	document_bigint(document, "total_invoice_count", summary->total_count);
	document_amount_string(document, "total_unpaid_amount", &summary->unpaid, currency);
	document_amount_string(document, "total_overdue_amount", &summary->overdue, currency);
	document_amount_string(document, "total_revenue_amount", &summary->revenue, currency);
	document_amount_string(document, "unpaid_fixed_charges", &summary->fixed_charges, currency);
	document_bigint(document, "unpaid_invoice_count", summary->unpaid_count);
	document_amount_string(document, "unpaid_usage_charges", &summary->usage_charges, currency);
	document_bigint(document, "overdue_invoice_count", summary->overdue_count);
	document_end_object(document);
}

static Jsonb *
project_invoice_summary(const struct varlena *position, const text *customer_id,
						const text *default_currency, TimestampTz as_of_instant,
						text *zone)
{
	AsOf		as_of = {as_of_instant, day_in_zone(as_of_instant, zone)};
	Document	document;
	ListCell   *lc;
	char		code[CURRENCY_NAME_SIZE] = "";
	int64		most = 0;

	document_init(&document);
	document_begin_object(&document, NULL);
	document_begin_array(&document, "summaries");
	foreach(lc, position_currencies(position))
	{
		const CurrencyCells *currency = lfirst(lc);
		Summary		summary = {0};

		for (int i = 0; i < currency->ncells; i++)
			summarize_cell(&summary, &currency->cells[i], &as_of);
		if (!summary.present)
			continue;
		write_summary(&document, &summary, customer_id, currency->currency);
		if (summary.total_count > most)
		{
			most = summary.total_count;
			currency_lower(currency->currency, code);
		}
	}
	document_end_array(&document);
	document_text(&document, "customer_id", customer_id);
	if (default_currency != NULL)
		currency_lower(currency_from_text(default_currency), code);
	document_string(&document, "default_currency", code);
	document_end_object(&document);
	return document_finish(&document);
}

PG_FUNCTION_INFO_V1(to_invoice_summary);
Datum
to_invoice_summary(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	if (PG_ARGISNULL(3))
		report_null_argument("as_of");
	if (PG_ARGISNULL(4))
		report_null_argument("zone");
	PG_RETURN_JSONB_P(project_invoice_summary(position_getarg(fcinfo, 0),
											  PG_GETARG_TEXT_PP(1),
											  PG_ARGISNULL(2) ? NULL :
											  PG_GETARG_TEXT_PP(2),
											  PG_GETARG_TIMESTAMPTZ(3),
											  PG_GETARG_TEXT_PP(4)));
}

/* ---- over a ledger ---- */

/* The columns of the result behind the customer's two. */
enum
{
	RESULT_DEFAULT_CURRENCY = RESULT_CUSTOMER_ID + 1,
	RESULT_INVOICES,
	RESULT_CHARGES
};

static void
compose(const Ledger *ledger, LedgerQuery *query)
{
	StringInfo	sql = &query->sql;
	LedgerRelation customer;
	LedgerRelation invoice;
	LedgerRelation line_item;
	const char *status;
	const char *payment_status;
	const char *customer_is;

	ledger_require(ledger, "invoice", "i", &invoice);
	status = ledger_column(&invoice, "invoice_status");
	payment_status = ledger_column(&invoice, "payment_status");

	customer_is = ledger_equals(query, &invoice, "customer_id", 0);

	ledger_select_customer(ledger, query, &customer);
	appendStringInfo(sql, ", %s",
					 ledger_column(&customer, "default_currency"));
	appendStringInfo(sql, ",\n(SELECT balance.tally_invoices(%s, %s, %s, %s, %s, %s, %s) FROM %s WHERE %s)",
					 ledger_column(&invoice, "currency"),
					 status, payment_status,
					 ledger_column(&invoice, "total"),
					 ledger_column(&invoice, "amount_due"),
					 ledger_column(&invoice, "amount_remaining"),
					 ledger_column(&invoice, "due_date"),
					 ledger_from(&invoice), customer_is);
	if (ledger_find(ledger, "invoice_line_item", "l", &line_item))
		appendStringInfo(sql, ",\n(SELECT balance.tally_charges(%s, %s, %s) FROM %s JOIN %s ON %s\n"
						 " WHERE %s AND %s)",
						 ledger_column(&invoice, "currency"),
						 ledger_column(&line_item, "price_type"),
						 ledger_column(&line_item, "amount"),
						 ledger_from(&invoice), ledger_from(&line_item),
						 ledger_join(&line_item, "invoice_id", &invoice, "invoice_id"),
						 customer_is,
						 ledger_guard(customer_is,
									  psprintf("balance.invoice_class(%s, %s) OPERATOR(pg_catalog.=) ANY ('{draft,open}'::pg_catalog.text[])",
											   status, payment_status)));
	else
		appendStringInfoString(sql, ", NULL");
	ledger_from_customer(query, &customer);
}

PG_FUNCTION_INFO_V1(invoice_summary);
Datum
invoice_summary(PG_FUNCTION_ARGS)
{
	LedgerArgument arguments[1] = {{PG_GETARG_DATUM(0), PG_ARGISNULL(0)}};
	Ledger		ledger;
	text	   *customer_id;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (PG_ARGISNULL(1))
		report_null_argument("as_of");
	if (PG_ARGISNULL(2))
		report_null_argument("zone");
	ledger = ledger_getarg(fcinfo, 3);
	SPI_connect();
	ledger_execute(&ledger, QUERY_INVOICE_SUMMARY, compose, arguments);
	customer_id = result_customer(&ledger, PG_GETARG_TEXT_PP(0), NULL,
								  SPI_processed);
	return result_document(project_invoice_summary(result_position(RESULT_INVOICES,
																   RESULT_CHARGES),
												   customer_id,
												   result_text(0, RESULT_DEFAULT_CURRENCY),
												   PG_GETARG_TIMESTAMPTZ(1),
												   PG_GETARG_TEXT_PP(2)));
}
