/*-------------------------------------------------------------------------
 *
 * aggregate.c
 *	  Support of the aggregates: their state, merging, and the final value.
 *
 *-------------------------------------------------------------------------
 */
#include "aggregate.h"

#include "datum.h"
#include "packed.h"
#include "walk.h"

/* ---- the state ---- */

/*
 * The state that a transition or combine function may write to: the
 * aggregate's own if that is what the argument is, else a new one.  A state
 * for a first row starts with the sections that the row is going to need.
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
 * A state goes back to the aggregate, and to anyone else packed.  After rows were
 * taken away, its journal is put in order: the next thing wanted is a position.
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

static Datum
accumulate(FunctionCallInfo fcinfo, int sign)
{
	PositionState *state = state_getarg(fcinfo, 0, 0);

	if (!PG_ARGISNULL(1))
		state_add_position(&state, position_getarg(fcinfo, 1), sign);
	return state_result(fcinfo, state, sign);
}

/* merge(position) passes over NULLs, as PostgreSQL's own aggregates do. */
PG_FUNCTION_INFO_V1(merge_add);
Datum
merge_add(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, 1);
}

PG_FUNCTION_INFO_V1(merge_remove);
Datum
merge_remove(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, -1);
}

/*
 * Combine two partial states; the second one is only read.  The first to come
 * is handed on as it is, for the executor to copy.
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

/* The value of a state; of no rows at all, the empty position. */
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
