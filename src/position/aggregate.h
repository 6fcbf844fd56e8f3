/* Reading and returning an aggregate's state. */
#ifndef BALANCE_AGGREGATE_H
#define BALANCE_AGGREGATE_H

#include "state.h"

extern PositionState *state_getarg(FunctionCallInfo fcinfo, int sections);
extern Datum state_result(FunctionCallInfo fcinfo, PositionState *state,
						  int sign);
extern void transition_init(FunctionCallInfo fcinfo, int nargs);

/* Functions that are called by ourselves, too. */
extern Datum tally_invoices_date_add(PG_FUNCTION_ARGS);
extern Datum tally_invoices_date_remove(PG_FUNCTION_ARGS);
extern Datum tally_invoices_instant_add(PG_FUNCTION_ARGS);
extern Datum tally_invoices_instant_remove(PG_FUNCTION_ARGS);
extern Datum tally_deposits_add(PG_FUNCTION_ARGS);
extern Datum tally_deposits_remove(PG_FUNCTION_ARGS);
extern Datum tally_unit_invoices_add(PG_FUNCTION_ARGS);
extern Datum tally_unit_invoices_remove(PG_FUNCTION_ARGS);
extern Datum tally_unit_orders_add(PG_FUNCTION_ARGS);
extern Datum tally_unit_orders_remove(PG_FUNCTION_ARGS);

/*
 * The function that adds a row and its inverse, for sliding window frames: tally
 * is a call of what does both, by a sign.
 */
#define TRANSITIONS(name, tally) \
PG_FUNCTION_INFO_V1(name##_add); \
Datum \
name##_add(PG_FUNCTION_ARGS) \
{ \
	const int	sign = 1; \
\
	return tally; \
} \
PG_FUNCTION_INFO_V1(name##_remove); \
Datum \
name##_remove(PG_FUNCTION_ARGS) \
{ \
	const int	sign = -1; \
\
	return tally; \
} \
extern int	no_such_variable	/* takes the semicolon */

#endif							/* BALANCE_AGGREGATE_H */
