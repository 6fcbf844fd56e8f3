/*-------------------------------------------------------------------------
 *
 * vcu_balance.c
 *	  Carbonext's VCU balance: credit, used credit, debt and future debt in
 *	  units, per currency, optionally within a period.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "document.h"
#include "position/read.h"
#include "projections.h"
#include "rows.h"
#include "utils/builtins.h"
#include "value/datetime.h"

static void
check_bound(const DateADT *bound, const char *name)
{
	char		day[DATETIME_TEXT_SIZE];

	if (bound != NULL && !document_can_show(date_to_text(*bound, day)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be %s", name, day),
				 errdetail("Documents have dates in the years 0001 to 9999."),
				 errhint("Pass NULL to leave that end of the period open.")));
}

/* Take the period from two arguments into the caller's days, and check it. */
Period
get_period(FunctionCallInfo fcinfo, int argno, DateADT *days)
{
	Period		period = {NULL, NULL};
	char		start[DATETIME_TEXT_SIZE];
	char		end[DATETIME_TEXT_SIZE];

	if (!PG_ARGISNULL(argno))
	{
		days[0] = PG_GETARG_DATEADT(argno);
		period.start = &days[0];
	}
	if (!PG_ARGISNULL(argno + 1))
	{
		days[1] = PG_GETARG_DATEADT(argno + 1);
		period.end = &days[1];
	}
	check_bound(period.start, "start_period");
	check_bound(period.end, "end_period");
	if (period.start != NULL && period.end != NULL && days[0] > days[1])
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("start_period %s is after end_period %s",
						date_to_text(days[0], start),
						date_to_text(days[1], end))));
	return period;
}

/* The four figures of one currency, in the order of their tags. */
typedef struct Units
{
	Amount		figure[UNIT_NONE];
	int64		unknown;
	bool		present;
} Units;

/*
 * A currency is present if a unit row was tallied in it, even one that counts
 * nowhere.
 */
static Units
sum_units(const CurrencyCells *currency)
{
	Units		units = {0};

	for (int i = 0; i < currency->ncells; i++)
	{
		const Cell *cell = &currency->cells[i];

		CHECK_FOR_INTERRUPTS();
		if (cell->tag >= CELL_UNIT_CREDIT && cell->tag <= CELL_UNIT_FUTURE_DEBT)
		{
			units.figure[cell->tag - CELL_UNIT_CREDIT] = cell->measure[0].sum;
			unknown_into(&units.unknown, cell->measure[0].unknown);
		}
		else if (cell->tag != CELL_UNCOUNTED)
			continue;
		units.present = true;
	}
	require_known(units.unknown, "units", currency->currency);
	return units;
}

/* credit - usedCredit - debt */
static Amount
units_balance(const Units *units)
{
	Amount		balance = units->figure[UNIT_CREDIT];
	Amount		owed = units->figure[UNIT_USED_CREDIT];

	amount_add(&owed, &units->figure[UNIT_DEBT]);
	amount_negate(&owed);
	amount_add(&balance, &owed);
	return balance;
}

static void
write_units(Document *document, CurrencyCode currency, const Units *units)
{
	char	   *code = currency_upper(currency, palloc(CURRENCY_NAME_SIZE));
	Amount		balance = units_balance(units);

	document_begin_object(document, NULL);
	document_string(document, "currency", code);
	document_begin_object(document, "vcuBalance");
	document_amount_number(document, "debt", &units->figure[UNIT_DEBT]);
	document_string(document, "type", "VCU");
	document_amount_number(document, "credit", &units->figure[UNIT_CREDIT]);
	document_amount_number(document, "balance", &balance);
	document_amount_number(document, "futureDebt", &units->figure[UNIT_FUTURE_DEBT]);
	document_amount_number(document, "usedCredit", &units->figure[UNIT_USED_CREDIT]);
	document_end_object(document);
	document_end_object(document);
}

Jsonb *
project_vcu_balance(const struct varlena *position, const Period *period)
{
	Document	document;
	ListCell   *lc;

	document_init(&document);
	document_begin_object(&document, NULL);
	if (period->end != NULL)
		document_date(&document, "endPeriod", *period->end);
	if (period->start != NULL)
		document_date(&document, "startPeriod", *period->start);
	document_begin_array(&document, "balancesByCurrency");
	foreach(lc, position_currencies(position, false))
	{
		const CurrencyCells *currency = lfirst(lc);
		Units		units = sum_units(currency);

		if (units.present)
			write_units(&document, currency->currency, &units);
	}
	document_end_array(&document);
	document_end_object(&document);
	return document_finish(&document);
}

PG_FUNCTION_INFO_V1(to_vcu_balance);
Datum
to_vcu_balance(PG_FUNCTION_ARGS)
{
	DateADT		days[2];
	Period		period;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	period = get_period(fcinfo, 1, days);
	PG_RETURN_JSONB_P(project_vcu_balance(position_getarg(fcinfo, 0), &period));
}

/* The document's balances, one a row. */
PG_FUNCTION_INFO_V1(unit_rows);
Datum
unit_rows(PG_FUNCTION_ARGS)
{
	Row			row;
	ListCell   *lc;

	rows_begin(fcinfo, &row);
	foreach(lc, position_currencies(position_getarg(fcinfo, 0), false))
	{
		const CurrencyCells *currency = lfirst(lc);
		Units		units = sum_units(currency);
		Amount		balance;

		if (!units.present)
			continue;
		balance = units_balance(&units);
		row_currency(&row, currency->currency);
		row_amount(&row, &balance);
		row_amount(&row, &units.figure[UNIT_CREDIT]);
		row_amount(&row, &units.figure[UNIT_USED_CREDIT]);
		row_amount(&row, &units.figure[UNIT_DEBT]);
		row_amount(&row, &units.figure[UNIT_FUTURE_DEBT]);
		row_end(&row);
	}
	return (Datum) 0;
}

/*
 * Whether a row's instant lies in a period of days, which are those of the
 * session's time zone; an end that is open runs to an instant.  A row without
 * an instant must not drop out silently, so it is an error, which no SQL
 * condition could raise.
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
		day = day_in_zone(instant, session_zone());
	if (has_start && day < PG_GETARG_DATEADT(1))
		PG_RETURN_BOOL(false);
	if (has_end)
		PG_RETURN_BOOL(day <= PG_GETARG_DATEADT(2));
	if (PG_ARGISNULL(3))
		report_null_argument("until");
	PG_RETURN_BOOL(instant <= PG_GETARG_TIMESTAMPTZ(3));
}
