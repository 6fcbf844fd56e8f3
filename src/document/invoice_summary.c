/*-------------------------------------------------------------------------
 *
 * invoice_summary.c
 *	  Flexprice's customer invoice summary: revenue, unpaid and overdue per
 *	  currency, as of an instant.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "figures.h"
#include "utils/builtins.h"
#include "value/datetime.h"

static void
write_summary(Document *document, const CurrencyFigures *found, const text *customer_id)
{
	document_begin(document, NULL, JB_FOBJECT);
	document_currency(document, "currency", found->currency, currency_lower);
	document_text(document, "customer_id", customer_id);
	write_figures(document, found);
	document_end(document);
}

Jsonb *
project_invoice_summary(const struct varlena *position, const text *customer_id,
						const text *default_currency, const void *as_of)
{
	Document	document;
	ListCell   *lc;
	char		code[CURRENCY_NAME_SIZE] = "";
	int64		most = 0;

	document_init(&document, JB_FOBJECT);
	document_begin(&document, "summaries", JB_FARRAY);
	foreach(lc, position_currencies(position, true))
	{
		CurrencyFigures found;

		if (!find_figures(&found, DOCUMENT_INVOICE_SUMMARY, lfirst(lc), as_of))
			continue;
		write_summary(&document, &found, customer_id);
		if (found.value[FIGURE_total_invoice_count].count > most)
		{
			most = found.value[FIGURE_total_invoice_count].count;
			currency_lower(found.currency, code);
		}
	}
	document_end(&document);
	document_text(&document, "customer_id", customer_id);
	if (default_currency != NULL)
		currency_lower(currency_from_text(default_currency), code);
	document_string(&document, "default_currency", code);
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
	as_of.zone = zone_by_name(text_to_cstring(PG_GETARG_TEXT_PP(zone_argno)));
	as_of.day = day_in_zone(as_of.instant, as_of.zone);
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

	rows_begin(fcinfo, &row);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	as_of = get_as_of(fcinfo, 1, 2);
	put_figure_rows(&row, DOCUMENT_INVOICE_SUMMARY, position_getarg(fcinfo, 0), &as_of);
	return (Datum) 0;
}
