/*-------------------------------------------------------------------------
 *
 * datetime.c
 *	  Dates and instants as ISO 8601 text.
 *
 * PostgreSQL's own input and output functions depend on DateStyle and TimeZone
 * and accept words such as "today", so they are of no use for values that must
 * read the same in every session.
 *
 *-------------------------------------------------------------------------
 */
#include "datetime.h"

#include "common/int.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/datetime.h"

pg_noreturn static void
report_instant_out_of_range(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
			 errmsg("timestamp out of range")));
}

/* Such as 2026-01-31; years before 1 are astronomical: 0000 is 1 BC. */
char *
date_to_text(DateADT date, char *buffer)
{
	int			year,
				month,
				day;

	if (DATE_NOT_FINITE(date))
		return strcpy(buffer, DATE_IS_NOBEGIN(date) ? "-infinity" : "infinity");
	j2date(date + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	snprintf(buffer, DATETIME_TEXT_SIZE, "%s%04d-%02d-%02d",
			 year < 0 ? "-" : "", abs(year), month, day);
	return buffer;
}

/* Such as 2026-01-31T23:59:59.5Z, with as many fractional digits as needed. */
char *
instant_to_text(TimestampTz instant, char *buffer)
{
	struct pg_tm tm;
	fsec_t		microseconds;
	int			length;

	if (TIMESTAMP_NOT_FINITE(instant))
		return strcpy(buffer,
					  TIMESTAMP_IS_NOBEGIN(instant) ? "-infinity" : "infinity");
	if (timestamp2tm(instant, NULL, &tm, &microseconds, NULL, NULL) != 0)
		report_instant_out_of_range();
	length = snprintf(buffer, DATETIME_TEXT_SIZE,
					  "%s%04d-%02d-%02dT%02d:%02d:%02d",
					  tm.tm_year < 0 ? "-" : "", abs(tm.tm_year), tm.tm_mon,
					  tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	if (microseconds != 0)
	{
		length += snprintf(buffer + length, DATETIME_TEXT_SIZE - length,
						   ".%06d", (int) microseconds);
		while (buffer[length - 1] == '0')
			length--;
	}
	strcpy(buffer + length, "Z");
	return buffer;
}

/*
 * Both readers accept exactly what the writers above produce: they read the
 * fields loosely, write them again and compare.
 */
static bool
read_fields(const char *string, int nfields, struct pg_tm *tm)
{
	bool		negative = string[0] == '-';

	if (sscanf(string + negative, "%9d-%2d-%2dT%2d:%2d:%2d", &tm->tm_year, &tm->tm_mon,
			   &tm->tm_mday, &tm->tm_hour, &tm->tm_min, &tm->tm_sec) != nfields)
		return false;
	if (negative)
		tm->tm_year = -tm->tm_year;
	return tm->tm_mon >= 1 && tm->tm_mon <= 12 && tm->tm_hour <= 23 &&
		tm->tm_min <= 59 && tm->tm_sec <= 59 &&
		IS_VALID_JULIAN(tm->tm_year, tm->tm_mon, tm->tm_mday);
}

bool
date_from_text(const char *string, DateADT *date)
{
	char		check[DATETIME_TEXT_SIZE];
	struct pg_tm tm = {0};

	if (strcmp(string, "infinity") == 0)
		*date = DATEVAL_NOEND;
	else if (strcmp(string, "-infinity") == 0)
		*date = DATEVAL_NOBEGIN;
	else
	{
		if (!read_fields(string, 3, &tm))
			return false;
		*date = date2j(tm.tm_year, tm.tm_mon, tm.tm_mday) - POSTGRES_EPOCH_JDATE;
		if (!IS_VALID_DATE(*date))
			return false;
	}
	return strcmp(date_to_text(*date, check), string) == 0;
}

bool
instant_from_text(const char *string, TimestampTz *instant)
{
	char		check[DATETIME_TEXT_SIZE];
	struct pg_tm tm = {0};
	int			microseconds = 0;
	int			scale = 100000;
	const char *fraction = strchr(string, '.');

	if (strcmp(string, "infinity") == 0)
		TIMESTAMP_NOEND(*instant);
	else if (strcmp(string, "-infinity") == 0)
		TIMESTAMP_NOBEGIN(*instant);
	else
	{
		if (fraction != NULL)
			for (fraction++; *fraction >= '0' && *fraction <= '9'; fraction++)
			{
				microseconds += (*fraction - '0') * scale;
				scale /= 10;
			}
		if (!read_fields(string, 6, &tm) ||
			tm2timestamp(&tm, microseconds, NULL, instant) != 0)
			return false;
	}
	return strcmp(instant_to_text(*instant, check), string) == 0;
}

/*
 * Whether a zone of the time zone database is that of a place or a rule.  Some
 * stand for the machine's own setting, or for none.
 */
static bool
names_place(pg_tz *zone)
{
	static const char *const no_place[] = {"localtime", "posixrules", "Factory"};
	const char *name = pg_get_timezone_name(zone);
	const char *slash = strrchr(name, '/');

	for (int i = 0; i < lengthof(no_place); i++)
		if (pg_strcasecmp(slash != NULL ? slash + 1 : name, no_place[i]) == 0)
			return false;
	return true;
}

/*
 * A time zone by its name in the time zone database, in any case.  The server
 * also accepts offsets, abbreviations with an offset and POSIX strings, whose
 * sign is the opposite of what people mean: +05:30 is west of Greenwich.  With a
 * colon before the name it searches the database only.
 */
pg_tz *
zone_by_name(const char *name)
{
	char	   *in_database = psprintf(":%s", name);
	pg_tz	   *zone = pg_tzset(in_database);

	pfree(in_database);
	/* the server starts with this one even if it has no database */
	if (zone == NULL && pg_strcasecmp(name, "GMT") == 0)
		zone = pg_tzset(name);
	if (zone != NULL && pg_tz_acceptable(zone) && names_place(zone))
		return zone;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("time zone \"%s\" not recognized", name),
			 strcmp(name, pg_get_timezone_name(session_timezone)) == 0 ?
			 errhint("It is what TimeZone is set to: set TimeZone to the name of a time zone, "
					 "such as Europe/Berlin, or pass one; offsets and POSIX strings are no "
					 "names.") :
			 errhint("Use the name of a time zone, such as Europe/Berlin; pg_timezone_names "
					 "lists them, and offsets and POSIX strings are none.")));
}

/* From the days of Unix to those of PostgreSQL. */
#define DAYS_UNTIL_2000	(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE)

/* The second of Unix that an instant is in. */
static pg_time_t
second_of(TimestampTz instant)
{
	return instant / USECS_PER_SEC - (instant % USECS_PER_SEC < 0) +
		DAYS_UNTIL_2000 * (pg_time_t) SECS_PER_DAY;
}

/* The day in a second of Unix by clocks that are so many seconds ahead of UTC. */
static DateADT
day_of_second(pg_time_t second, long offset)
{
	pg_time_t	shown = second + offset;

	return (DateADT) (shown / SECS_PER_DAY - (shown % SECS_PER_DAY < 0) - DAYS_UNTIL_2000);
}

/* The calendar day in UTC. */
DateADT
day_in_utc(TimestampTz instant)
{
	return day_of_second(second_of(instant), 0);
}

/* The calendar day of an instant in a time zone. */
DateADT
day_in_zone(TimestampTz instant, pg_tz *zone)
{
	struct pg_tm tm;
	fsec_t		microseconds;
	int			offset;
	long		same_offset;

	if (TIMESTAMP_NOT_FINITE(instant))
		return TIMESTAMP_IS_NOBEGIN(instant) ? DATEVAL_NOBEGIN : DATEVAL_NOEND;

	/* most servers' zone is UTC, whose days are sums: a fifth of the work */
	if (pg_get_timezone_offset(zone, &same_offset))
		return day_of_second(second_of(instant), same_offset);
	if (timestamp2tm(instant, &offset, &tm, &microseconds, NULL, zone) != 0)
		report_instant_out_of_range();
	return date2j(tm.tm_year, tm.tm_mon, tm.tm_mday) - POSTGRES_EPOCH_JDATE;
}

/* ---- when days begin ---- */

/* A time during which a zone's clocks go on as they are, in seconds of Unix. */
typedef struct Stretch
{
	long		offset;			/* seconds east of Greenwich */
	pg_time_t	end;			/* when they are put forward or back */
	long		next_offset;	/* from then on */
} Stretch;

static Stretch
stretch_from(pg_time_t start, pg_tz *zone)
{
	Stretch		stretch;
	int			is_dst;

	switch (pg_next_dst_boundary(&start, &stretch.offset, &is_dst, &stretch.end,
								 &stretch.next_offset, &is_dst, zone))
	{
		case 0:
			stretch.end = PG_INT64_MAX;
			stretch.next_offset = stretch.offset;
			break;
		case 1:
			break;
		default:
			report_instant_out_of_range();
	}
	return stretch;
}

/*
 * The first instant of a day in a time zone: from then on no clock shows a day before.
 * Where clocks are put back to midnight or to some time behind it, that is the first of
 * two midnights; to the day before, the second.  Where they are put forward, there may
 * be none, and the day begins later, or as the next one does.  No zone is a day or more
 * from Greenwich.
 */
TimestampTz
start_of_day(DateADT day, pg_tz *zone)
{
	pg_time_t	midnight = ((pg_time_t) day + DAYS_UNTIL_2000) * SECS_PER_DAY;
	pg_time_t	start = midnight - SECS_PER_DAY;
	pg_time_t	from = start;
	TimestampTz result;

	while (from < midnight + SECS_PER_DAY)
	{
		Stretch		stretch = stretch_from(from, zone);

		if (midnight - stretch.offset > from)
			start = Min(midnight - stretch.offset, stretch.end);
		from = stretch.end;
	}
	start -= DAYS_UNTIL_2000 * (pg_time_t) SECS_PER_DAY;
	if (pg_mul_s64_overflow(start, USECS_PER_SEC, &result) || !IS_VALID_TIMESTAMP(result))
		report_instant_out_of_range();
	return result;
}

/*
 * The day that an instant is in, as days begin: where clocks are going to be put back to
 * a day before, what they show is a day that has not begun yet.  That may be by a whole
 * day, as in Alaska in 1867.
 */
DateADT
day_begun(TimestampTz instant, pg_tz *zone)
{
	DateADT		day = day_in_zone(instant, zone);
	pg_time_t	time;
	Stretch		stretch;
	long		same_offset;

	if (DATE_NOT_FINITE(day) || pg_get_timezone_offset(zone, &same_offset))
		return day;
	time = second_of(instant);
	for (stretch = stretch_from(time, zone); stretch.end < time + 2 * (pg_time_t) SECS_PER_DAY;
		 stretch = stretch_from(stretch.end, zone))
		day = Min(day, day_of_second(stretch.end, stretch.next_offset));
	return day;
}
