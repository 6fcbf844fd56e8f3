/*-------------------------------------------------------------------------
 *
 * aggregate.c
 *	  Support of the aggregates: their state, merging and the final value.
 *
 *-------------------------------------------------------------------------
 */
#include "aggregate.h"

#include "datum.h"
#include "packed.h"
#include "walk.h"

/* ---- the state ---- */

/*
 * The state that a transition or combine function may write to: the aggregate's
 * own if the argument is one, else a new one.  The state of a first row starts
 * with the sections that the row will need.
 */
PositionState *
state_getarg(FunctionCallInfo fcinfo, int argno, int sections)
{
	struct varlena *value;

	if (PG_ARGISNULL(argno))
		return state_create(sections);
	value = (struct varlena *) PG_GETARG_POINTER(argno);
	if (VARATT_IS_4B_U(value) && state_is(value) &&
		AggCheckCallContext(fcinfo, NULL))
	{
		assert_check_state((PositionState *) value);
		return (PositionState *) value;
	}
	return state_from_position(position_getarg(fcinfo, argno));
}

/*
 * Return a state to the aggregate as it is, and to any other caller packed.  If
 * rows were taken away the journal is sorted, as the final function comes next.
 */
Datum
state_result(FunctionCallInfo fcinfo, PositionState *state, int sign)
{
	if (!AggCheckCallContext(fcinfo, NULL))
		return PointerGetDatum(state_pack(state, POSITION_PACKED));
	if (sign < 0)
		state_sort_journal(&state);
	assert_check_state(state);
	return PointerGetDatum(state);
}

/* Add the second argument to the state, or take it away. */
static Datum
accumulate(FunctionCallInfo fcinfo, int sign)
{
	PositionState *state = state_getarg(fcinfo, 0, 0);

	if (!PG_ARGISNULL(1))
		state_add_position(&state, position_getarg(fcinfo, 1), sign);
	return state_result(fcinfo, state, sign);
}

/* merge(position) ignores NULLs, as PostgreSQL's own aggregates do. */
TRANSITIONS(merge, accumulate(fcinfo, sign));

/*
 * Combine two partial states; the second one is only read.  If it is the first to
 * arrive it is returned as it is, and the executor copies it.
 */
PG_FUNCTION_INFO_V1(position_combine);
Datum
position_combine(PG_FUNCTION_ARGS)
{
	/* nodeAgg.c sets this once for all calls of a combine function */
	fcinfo->isnull = false;
	if (!PG_ARGISNULL(0))
		return accumulate(fcinfo, 1);
	if (PG_ARGISNULL(1))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(PG_GETARG_DATUM(1));
}

/* The value of a state, or the empty position if there were no rows. */
PG_FUNCTION_INFO_V1(position_final);
Datum
position_final(PG_FUNCTION_ARGS)
{
	struct varlena *position;

	if (PG_ARGISNULL(0))
		PG_RETURN_POINTER(state_pack(state_create(0), POSITION_PACKED));
	position = position_getarg(fcinfo, 0);
	if (state_is(position))
		PG_RETURN_DATUM(state_expanded((PositionState *) position));
	PG_RETURN_POINTER(position);
}
