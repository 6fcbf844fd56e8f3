/*-------------------------------------------------------------------------
 *
 * month.c
 *	  The month that an instant is in, and the one at whose end something is late.
 *
 * A month begins when its first day does, as start_of_day() has it, and no instant is in
 * two: where clocks are put back to the day before, local dates alone do not tell.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "datetime.h"
#include "utils/datetime.h"
#include "zone.h"

/* The first day of a day's month, or of the month behind it. */
static DateADT
first_of_month(DateADT day, int months_later)
{
	int			year;
	int			month;
	int			day_of_month;

	if (DATE_NOT_FINITE(day))
		return day;
	j2date(day + POSTGRES_EPOCH_JDATE, &year, &month, &day_of_month);
	month += months_later;
	if (month > MONTHS_PER_YEAR)
	{
		month = 1;
		year++;
	}
	return date2j(year, month, 1) - POSTGRES_EPOCH_JDATE;
}

static DateADT
month_of(TimestampTz instant, pg_tz *zone)
{
	DateADT		day = day_in_zone(instant, zone);
	DateADT		month = first_of_month(day, 0);

	return day == month ? first_of_month(day_begun(instant, zone), 0) : month;
}

PG_FUNCTION_INFO_V1(month_of_instant);
Datum
month_of_instant(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATEADT(month_of(PG_GETARG_TIMESTAMPTZ(0), zone_of_rows(PG_GETARG_TEXT_PP(1))));
}

/* What is due on the last day of a month is late from the next day on. */
PG_FUNCTION_INFO_V1(month_past_due_date);
Datum
month_past_due_date(PG_FUNCTION_ARGS)
{
	DateADT		due = PG_GETARG_DATEADT(0);
	DateADT		month = first_of_month(due, 0);
	DateADT		next = first_of_month(due, 1);

	PG_RETURN_DATEADT(!DATE_NOT_FINITE(due) && due == next - 1 ? next : month);
}

/* The end of a month is its last microsecond. */
PG_FUNCTION_INFO_V1(month_past_due_instant);
Datum
month_past_due_instant(PG_FUNCTION_ARGS)
{
	TimestampTz due = PG_GETARG_TIMESTAMPTZ(0);
	pg_tz	   *zone = zone_of_rows(PG_GETARG_TEXT_PP(1));

	PG_RETURN_DATEADT(month_of(TIMESTAMP_NOT_FINITE(due) ? due : due + 1, zone));
}
