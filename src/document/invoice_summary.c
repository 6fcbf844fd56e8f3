/*-------------------------------------------------------------------------
 *
 * invoice_summary.c
 *	  Flexprice's customer invoice summary: revenue, unpaid and overdue per
 *	  currency, as of an instant.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "document.h"
#include "miscadmin.h"
#include "position/read.h"
#include "projections.h"
#include "rows.h"
#include "utils/builtins.h"
#include "value/datetime.h"

/* The figures of one currency. */
typedef struct Summary
{
	bool		present;		/* has an invoice or a charge */
	int64		total_count;
	int64		unpaid_count;
	int128		overdue_count;	/* in parts, which need not fit a bigint */
	Amount		revenue;
	Amount		unpaid;
	Amount		overdue;
	Amount		usage_charges;
	Amount		fixed_charges;
	int64		unknown_due;
	int64		unknown_remaining;
	int64		unknown_charges;
} Summary;

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
	const Quantity *due = &cell->measure[MEASURE_AMOUNT_DUE];
	const Quantity *remaining = &cell->measure[MEASURE_AMOUNT_REMAINING];

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
			summary->overdue_count += cell->count;
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

/* Sum up a currency; false if it has neither invoice nor charge. */
static bool
summarize(const CurrencyCells *currency, const AsOf *as_of, Summary *summary)
{
	memset(summary, 0, sizeof(Summary));
	for (int i = 0; i < currency->ncells; i++)
	{
		CHECK_FOR_INTERRUPTS();
		summarize_cell(summary, &currency->cells[i], as_of);
	}
	require_known(summary->unknown_due, "amount_due", currency->currency);
	require_known(summary->unknown_remaining, "amount_remaining", currency->currency);
	require_known(summary->unknown_charges, "charge amount", currency->currency);
	return summary->present;
}

static void
write_summary(Document *document, const Summary *summary,
			  const text *customer_id, CurrencyCode currency)
{
	char	   *code = currency_lower(currency, palloc(CURRENCY_NAME_SIZE));

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
	document_bigint(document, "overdue_invoice_count", total_rows(summary->overdue_count));
	document_end_object(document);
}

Jsonb *
project_invoice_summary(const struct varlena *position, const text *customer_id,
						const text *default_currency, const AsOf *as_of)
{
	Document	document;
	ListCell   *lc;
	char		code[CURRENCY_NAME_SIZE] = "";
	int64		most = 0;

	document_init(&document);
	document_begin_object(&document, NULL);
	document_begin_array(&document, "summaries");
	foreach(lc, position_currencies(position, true))
	{
		const CurrencyCells *currency = lfirst(lc);
		Summary		summary;

		if (!summarize(currency, as_of, &summary))
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

/* The instant and the zone whose day decides, from two arguments. */
AsOf
get_as_of(FunctionCallInfo fcinfo, int instant_argno, int zone_argno)
{
	AsOf		as_of;

	if (PG_ARGISNULL(instant_argno))
		report_null_argument("as_of");
	if (PG_ARGISNULL(zone_argno))
		report_null_argument("zone");
	as_of.instant = PG_GETARG_TIMESTAMPTZ(instant_argno);
	as_of.day = day_in_zone(as_of.instant,
							zone_by_name(text_to_cstring(PG_GETARG_TEXT_PP(zone_argno))));
	return as_of;
}

PG_FUNCTION_INFO_V1(to_invoice_summary);
Datum
to_invoice_summary(PG_FUNCTION_ARGS)
{
	AsOf		as_of;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	as_of = get_as_of(fcinfo, 3, 4);
	PG_RETURN_JSONB_P(project_invoice_summary(position_getarg(fcinfo, 0),
											  PG_GETARG_TEXT_PP(1),
											  PG_ARGISNULL(2) ? NULL :
											  PG_GETARG_TEXT_PP(2),
											  &as_of));
}

/* ---- as rows ---- */

/* The document's summaries, one a row. */
PG_FUNCTION_INFO_V1(invoice_rows);
Datum
invoice_rows(PG_FUNCTION_ARGS)
{
	AsOf		as_of;
	Row			row;
	ListCell   *lc;

	rows_begin(fcinfo, &row);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	as_of = get_as_of(fcinfo, 1, 2);
	foreach(lc, position_currencies(position_getarg(fcinfo, 0), true))
	{
		const CurrencyCells *currency = lfirst(lc);
		Summary		summary;

		if (!summarize(currency, &as_of, &summary))
			continue;
		row_currency(&row, currency->currency);
		row_money(&row, &summary.revenue, currency->currency);
		row_money(&row, &summary.unpaid, currency->currency);
		row_money(&row, &summary.overdue, currency->currency);
		row_bigint(&row, summary.total_count);
		row_bigint(&row, summary.unpaid_count);
		row_bigint(&row, total_rows(summary.overdue_count));
		row_money(&row, &summary.usage_charges, currency->currency);
		row_money(&row, &summary.fixed_charges, currency->currency);
		row_end(&row);
	}
	return (Datum) 0;
}
