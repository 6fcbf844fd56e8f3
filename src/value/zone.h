/* Time zones as arguments, and what they are where none is passed. */
#ifndef BALANCE_ZONE_H
#define BALANCE_ZONE_H

#include "compat.h"

#include "pgtime.h"

extern pg_tz *zone_of_rows(const text *name);
extern const char *session_zone_name(void);
extern bool session_serves_cluster(void);

#endif							/* BALANCE_ZONE_H */
