/*-------------------------------------------------------------------------
 *
 * zone.c
 *	  Time zones as arguments, and what they are where none is passed.
 *
 * A query that is sent to where its rows are brings no settings along: there, a
 * day of the session's time zone would be one of the other server's, and wrong
 * without a word.  So whatever may be sent gets its zone as a value, and the
 * session's is asked for through the one function that knows better than to answer
 * in such a place.
 *
 *-------------------------------------------------------------------------
 */
#include "zone.h"

#include "datetime.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/guc.h"

/* A zone that many rows have as an argument: the last one is remembered. */
pg_tz *
zone_of_rows(const text *name)
{
	static char last_name[TZ_STRLEN_MAX + 1];
	static pg_tz *last = NULL;
	size_t		length = VARSIZE_ANY_EXHDR(name);

	if (last == NULL || length != strlen(last_name) ||
		memcmp(VARDATA_ANY(name), last_name, length) != 0)
	{
		char	   *string = text_to_cstring(name);

		last = zone_by_name(string);
		strlcpy(last_name, string, sizeof(last_name));
		pfree(string);
	}
	return last;
}

/* Whether a cluster has opened this session, to have something done for another of its own. */
bool
session_serves_cluster(void)
{
	return application_name != NULL && strncmp(application_name, "citus_", 6) == 0 &&
		strstr(application_name, " gpid=") != NULL;
}

/* Whether another server has, of whatever kind. */
static bool
serves_another(void)
{
	return session_serves_cluster() ||
		(application_name != NULL && strcmp(application_name, "postgres_fdw") == 0);
}

/* The name of the session's time zone, where that is the zone of who asks. */
const char *
session_zone_name(void)
{
	if (serves_another())
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("the time zone of who asks is not known here"),
				 errdetail("Another server has opened this session, as its application_name "
						   "\"%s\" tells, and settings do not come with its queries.",
						   application_name),
				 errhint("Pass the zone as an argument; balance.create_report_views(zone, ledger) "
						 "makes report views for one.")));
	return pg_get_timezone_name(session_timezone);
}

PG_FUNCTION_INFO_V1(session_zone);
Datum
session_zone(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(session_zone_name()));
}

/* The calendar day of an instant in a time zone. */
PG_FUNCTION_INFO_V1(day_in);
Datum
day_in(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATEADT(day_in_zone(PG_GETARG_TIMESTAMPTZ(0), zone_of_rows(PG_GETARG_TEXT_PP(1))));
}

/* ---- as PostgreSQL prints them in ISO's DateStyle, whatever is set ---- */

PG_FUNCTION_INFO_V1(iso_text_of_date);
Datum
iso_text_of_date(PG_FUNCTION_ARGS)
{
	DateADT		date = PG_GETARG_DATEADT(0);
	char		buffer[MAXDATELEN + 1];
	struct pg_tm tm = {0};

	if (DATE_NOT_FINITE(date))
		EncodeSpecialDate(date, buffer);
	else
	{
		j2date(date + POSTGRES_EPOCH_JDATE, &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
		EncodeDateOnly(&tm, USE_ISO_DATES, buffer);
	}
	PG_RETURN_TEXT_P(cstring_to_text(buffer));
}

PG_FUNCTION_INFO_V1(iso_text_of_instant);
Datum
iso_text_of_instant(PG_FUNCTION_ARGS)
{
	TimestampTz instant = PG_GETARG_TIMESTAMPTZ(0);
	char		buffer[MAXDATELEN + 1];
	struct pg_tm tm = {0};
	fsec_t		microseconds;
	const char *abbreviation;
	int			offset;

	if (TIMESTAMP_NOT_FINITE(instant))
		EncodeSpecialTimestamp(instant, buffer);
	else if (timestamp2tm(instant, &offset, &tm, &microseconds, &abbreviation,
						  zone_of_rows(PG_GETARG_TEXT_PP(1))) == 0)
		EncodeDateTime(&tm, microseconds, true, offset, abbreviation, USE_ISO_DATES, buffer);
	else
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));
	PG_RETURN_TEXT_P(cstring_to_text(buffer));
}
