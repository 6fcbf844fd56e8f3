/*-------------------------------------------------------------------------
 *
 * vcu_balance.c
 *	  Carbonext's VCU balance: credit, used credit, debt and future debt in
 *	  units, per currency, optionally within a period.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "figures.h"
#include "utils/builtins.h"
#include "value/datetime.h"
#include "value/zone.h"

/* Take a day from an argument; false if it is NULL. */
static bool
get_bound(FunctionCallInfo fcinfo, int argno, const char *name, DateADT *day)
{
	char		buffer[DATETIME_TEXT_SIZE];

	if (PG_ARGISNULL(argno))
		return false;
	*day = PG_GETARG_DATEADT(argno);
	if (!document_can_show(date_to_text(*day, buffer)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be %s", name, buffer),
				 errdetail("Documents have dates in the years 0001 to 9999."),
				 errhint("Pass NULL to leave that end of the period open.")));
	return true;
}

/* Take the period from two arguments, and check it. */
Period
get_period(FunctionCallInfo fcinfo, int argno)
{
	Period		period;
	char		start[DATETIME_TEXT_SIZE];
	char		end[DATETIME_TEXT_SIZE];

	period.has_start = get_bound(fcinfo, argno, "start_period", &period.start);
	period.has_end = get_bound(fcinfo, argno + 1, "end_period", &period.end);
	if (period.has_start && period.has_end && period.start > period.end)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("start_period %s is after end_period %s",
						date_to_text(period.start, start),
						date_to_text(period.end, end))));
	return period;
}

static void
write_units(Document *document, const CurrencyFigures *found)
{
	document_begin(document, NULL, JB_FOBJECT);
	document_currency(document, "currency", found->currency, currency_upper);
	document_begin(document, "vcuBalance", JB_FOBJECT);
	write_figures(document, found);
	document_string(document, "type", "VCU");
	document_end(document);
	document_end(document);
}

Jsonb *
project_vcu_balance(const struct varlena *position, const text *customer_id,
					const text *attribute, const void *context)
{
	const Period *period = context;
	Document	document;
	ListCell   *lc;

	document_init(&document, JB_FOBJECT);
	if (period->has_end)
		document_date(&document, "endPeriod", period->end);
	if (period->has_start)
		document_date(&document, "startPeriod", period->start);
	document_begin(&document, "balancesByCurrency", JB_FARRAY);
	foreach(lc, position_currencies(position, false))
	{
		CurrencyFigures found;

		if (find_figures(&found, DOCUMENT_VCU_BALANCE, lfirst(lc), NULL))
			write_units(&document, &found);
	}
	return document_finish(&document);
}

PG_FUNCTION_INFO_V1(to_vcu_balance);
Datum
to_vcu_balance(PG_FUNCTION_ARGS)
{
	Period		period;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	period = get_period(fcinfo, 1);
	PG_RETURN_JSONB_P(project_vcu_balance(position_getarg(fcinfo, 0), NULL, NULL, &period));
}

/* The document's balances, one a row. */
PG_FUNCTION_INFO_V1(unit_rows);
Datum
unit_rows(PG_FUNCTION_ARGS)
{
	Row			row;

	rows_begin(fcinfo, &row);
	put_figure_rows(&row, DOCUMENT_VCU_BALANCE, position_getarg(fcinfo, 0), NULL);
	return (Datum) 0;
}

/*
 * Whether a row's instant lies in a period of days, which are those of a time
 * zone; an end that is open runs to an instant.  A row without an instant must
 * not drop out silently, so it is an error, which no SQL condition could raise.
 */
PG_FUNCTION_INFO_V1(in_period);
Datum
in_period(PG_FUNCTION_ARGS)
{
	bool		has_start = !PG_ARGISNULL(1);
	bool		has_end = !PG_ARGISNULL(2);
	TimestampTz instant;
	DateADT		day = 0;

	if (PG_ARGISNULL(0))
		report_null_argument("created_at");
	instant = PG_GETARG_TIMESTAMPTZ(0);
	if (has_start || has_end)
	{
		if (PG_ARGISNULL(4))
			report_null_argument("zone");
		day = day_in_zone(instant, zone_of_rows(PG_GETARG_TEXT_PP(4)));
	}
	if (has_start && day < PG_GETARG_DATEADT(1))
		PG_RETURN_BOOL(false);
	if (has_end)
		PG_RETURN_BOOL(day <= PG_GETARG_DATEADT(2));
	if (PG_ARGISNULL(3))
		report_null_argument("until");
	PG_RETURN_BOOL(instant <= PG_GETARG_TIMESTAMPTZ(3));
}
