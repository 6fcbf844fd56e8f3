/* Reading and returning an aggregate's state. */
#ifndef BALANCE_AGGREGATE_H
#define BALANCE_AGGREGATE_H

#include "compat.h"

#include "nodes/execnodes.h"
#include "state.h"

extern PositionState *state_getarg_other(FunctionCallInfo fcinfo, int sections);
extern Datum state_result_other(FunctionCallInfo fcinfo, PositionState *state, int sign);

/*
 * Whether the first argument is what this very function has returned for the row
 * before: that holds of the transition or combine function of an Agg node.  Its
 * final function, and those of a moving aggregate in a window, may be passed what
 * another has returned, as anybody can make such an aggregate of ours and theirs.
 */
static inline bool
is_transition(FunctionCallInfo fcinfo)
{
	return fcinfo->context != NULL && IsA(fcinfo->context, AggState) &&
		((AggState *) fcinfo->context)->curperagg == NULL;
}

/*
 * The state that a transition or combine function may write to: the aggregate's
 * own if the first argument is one, else a new one.  The state of a first row
 * starts with the sections that the row will need.
 */
static inline PositionState *
state_getarg(FunctionCallInfo fcinfo, int sections)
{
	PositionState *state = (PositionState *) PG_GETARG_POINTER(0);

	if (unlikely(PG_ARGISNULL(0) || !is_transition(fcinfo) ||
				 !state_is((struct varlena *) state)))
		return state_getarg_other(fcinfo, sections);
	assert_check_state(state);
	return state;
}

/*
 * Return a state to the aggregate as it is, and to any other caller packed.  If
 * rows were taken away the journal is sorted, as the final function comes next.
 */
static inline Datum
state_result(FunctionCallInfo fcinfo, PositionState *state, int sign)
{
	if (unlikely(sign < 0 || !is_transition(fcinfo)))
		return state_result_other(fcinfo, state, sign);
	assert_check_state(state);
	return PointerGetDatum(state);
}

extern void transition_init(FunctionCallInfo fcinfo, int nargs);

/* What the amounts of an aggregate are in. */
typedef enum AmountUnit
{
	IN_MAJOR_UNITS,				/* numeric */
	IN_MINOR_UNITS,				/* bigint */
	NUM_AMOUNT_UNITS
} AmountUnit;

/* Functions that are called by ourselves, too. */
extern Datum tally_invoices_date_add(PG_FUNCTION_ARGS);
extern Datum tally_invoices_date_remove(PG_FUNCTION_ARGS);
extern Datum tally_invoices_instant_add(PG_FUNCTION_ARGS);
extern Datum tally_invoices_instant_remove(PG_FUNCTION_ARGS);
extern Datum tally_invoices_minor_date_add(PG_FUNCTION_ARGS);
extern Datum tally_invoices_minor_date_remove(PG_FUNCTION_ARGS);
extern Datum tally_invoices_minor_instant_add(PG_FUNCTION_ARGS);
extern Datum tally_invoices_minor_instant_remove(PG_FUNCTION_ARGS);
extern Datum tally_deposits_add(PG_FUNCTION_ARGS);
extern Datum tally_deposits_remove(PG_FUNCTION_ARGS);
extern Datum tally_deposits_minor_add(PG_FUNCTION_ARGS);
extern Datum tally_deposits_minor_remove(PG_FUNCTION_ARGS);
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
