/* Dates and instants as ISO 8601 text, regardless of DateStyle and TimeZone. */
#ifndef BALANCE_DATETIME_H
#define BALANCE_DATETIME_H

#include "compat.h"

#include "utils/date.h"
#include "utils/timestamp.h"

/* Enough for any date or instant, and for "-infinity". */
#define DATETIME_TEXT_SIZE		48

extern char *date_to_text(DateADT date, char *buffer);
extern char *instant_to_text(TimestampTz instant, char *buffer);
extern bool date_from_text(const char *string, DateADT *date);
extern bool instant_from_text(const char *string, TimestampTz *instant);
extern pg_tz *zone_by_name(const char *name);
extern DateADT day_in_zone(TimestampTz instant, pg_tz *zone);
extern DateADT day_in_utc(TimestampTz instant);
extern DateADT day_begun(TimestampTz instant, pg_tz *zone);
extern TimestampTz start_of_day(DateADT day, pg_tz *zone);

#endif							/* BALANCE_DATETIME_H */
