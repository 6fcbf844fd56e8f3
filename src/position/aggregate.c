/*-------------------------------------------------------------------------
 *
 * aggregate.c
 *	  Support of the aggregates: their state, merging and the final value.
 *
 *-------------------------------------------------------------------------
 */
#include "aggregate.h"

#include "access/transam.h"
#include "catalog/namespace.h"
#include "datum.h"
#include "pack.h"
#include "packed.h"
#include "utils/lsyscache.h"

/* ---- the state ---- */

/*
 * Whether an aggregate is PostgreSQL's or of this extension, to whose schema none
 * but superusers add any: then its states come from our functions alone.
 */
static bool
is_known_aggregate(Oid aggregate)
{
	return aggregate < FirstNormalObjectId ||
		get_func_namespace(aggregate) == get_namespace_oid("balance", true);
}

/* Which of a window's aggregates calls cannot be told, so all must be known. */
static bool
are_known_aggregates(const WindowAggState *window)
{
	ListCell   *lc;

	foreach(lc, window->funcs)
	{
		const WindowFunc *call = ((WindowFuncExprState *) lfirst(lc))->wfunc;

		if (call->winagg && !is_known_aggregate(call->winfnoid))
			return false;
	}
	return true;
}

/*
 * Whether the aggregate that calls is known.  It stays the same, so it is looked
 * at once.
 */
static bool
caller_is_known(FunctionCallInfo fcinfo)
{
	static bool is_known = true;
	static bool is_not_known = false;
	bool		known;

	if (!AggCheckCallContext(fcinfo, NULL))
		return false;
	if (fcinfo->flinfo->fn_extra == NULL)
	{
		known = IsA(fcinfo->context, WindowAggState) ?
			are_known_aggregates((WindowAggState *) fcinfo->context) :
			is_known_aggregate(AggGetAggref(fcinfo)->aggfnoid);
		fcinfo->flinfo->fn_extra = known ? &is_known : &is_not_known;
	}
	return *(bool *) fcinfo->flinfo->fn_extra;
}

/* The aggregate's own state in the first argument, or NULL if it may be another's. */
static inline PositionState *
own_state(FunctionCallInfo fcinfo)
{
	struct varlena *value = (struct varlena *) PG_GETARG_POINTER(0);

	if (!state_is(value) || !(is_transition(fcinfo) || caller_is_known(fcinfo)))
		return NULL;
	assert_check_state((PositionState *) value);
	return (PositionState *) value;
}

/* What state_getarg() does where the first argument is no state of a transition. */
PositionState *
state_getarg_other(FunctionCallInfo fcinfo, int sections)
{
	PositionState *state;

	if (PG_ARGISNULL(0))
		return state_create(sections);
	state = own_state(fcinfo);
	return state != NULL ? state : state_from_position(position_getarg(fcinfo, 0));
}

/* What state_result() does where it is not a transition that adds a row. */
Datum
state_result_other(FunctionCallInfo fcinfo, PositionState *state, int sign)
{
	if (!AggCheckCallContext(fcinfo, NULL))
		return PointerGetDatum(state_pack(state, POSITION_PACKED));
	if (state_was_finished(state) || sign < 0)
		state_sort_journal(&state, sign < 0);
	assert_check_state(state);
	return PointerGetDatum(state);
}

/*
 * Begin a call of a transition function from elsewhere than an aggregate: it
 * takes and returns a state that is updated in place, as if it were in one.
 */
void
transition_init(FunctionCallInfo fcinfo, int nargs)
{
	static AggState aggregate = {.ss.ps.type = T_AggState};

	InitFunctionCallInfoData(*fcinfo, NULL, nargs, InvalidOid, (Node *) &aggregate, NULL);
}

/* Add the second argument to the state, or take it away. */
static Datum
accumulate(FunctionCallInfo fcinfo, int sign)
{
	PositionState *state = state_getarg(fcinfo, 0);

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
	PG_RETURN_POINTER(position_getarg(fcinfo, 1));
}

/* The value of a state, or the empty position if there were no rows. */
PG_FUNCTION_INFO_V1(position_final);
Datum
position_final(PG_FUNCTION_ARGS)
{
	struct varlena *position;

	if (PG_ARGISNULL(0))
		PG_RETURN_POINTER(state_pack(state_create(0), POSITION_PACKED));
	position = (struct varlena *) own_state(fcinfo);
	if (position == NULL)
		position = position_getarg(fcinfo, 0);
	if (state_is(position))
		PG_RETURN_DATUM(state_expanded((PositionState *) position));
	PG_RETURN_POINTER(position);
}
