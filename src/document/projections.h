/* The documents that are made of a position. */
#ifndef BALANCE_PROJECTIONS_H
#define BALANCE_PROJECTIONS_H

#include "compat.h"

#include "fmgr.h"
#include "utils/date.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"
#include "value/arguments.h"

/* When something is past due: at an instant, and on that instant's day. */
typedef struct AsOf
{
	TimestampTz instant;
	DateADT		day;			/* in the zone whose day decides */
	pg_tz	   *zone;
} AsOf;

/* The days of a period, which may be open at either end. */
typedef struct Period
{
	bool		has_start;
	bool		has_end;
	DateADT		start;
	DateADT		end;
} Period;

extern AsOf get_as_of(FunctionCallInfo fcinfo, int instant_argno, int zone_argno);
extern Period get_period(FunctionCallInfo fcinfo, int argno);

/*
 * Makes a customer's document.  attribute is the customer's column that the
 * document asks for, or NULL; context is what its function knows besides.
 */
typedef Jsonb *(*DocumentProjection) (const struct varlena *position,
									  const text *customer_id,
									  const text *attribute,
									  const void *context);

#endif							/* BALANCE_PROJECTIONS_H */
