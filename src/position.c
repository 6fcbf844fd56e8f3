/*-------------------------------------------------------------------------
 *
 * position.c
 *	  The position as a value: the group and its order.
 *
 *-------------------------------------------------------------------------
 */
#include "position.h"
#include "position_state.h"

#include "common/hashfn.h"

void
report_count_out_of_range(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("bigint out of range"),
			 errdetail("A position counts rows in bigints.")));
}

/* ---- the group ---- */

/* a + sign * b */
static struct varlena *
position_sum(FunctionCallInfo fcinfo, int sign)
{
	PositionState *state = state_from_position(position_getarg(fcinfo, 0));

	state_add_position(&state, position_getarg(fcinfo, 1), sign);
	return state_pack(state, POSITION_PACKED);
}

/*
 * The same for any number of a query's results, where NULL is empty and one is
 * often alone.  The sum is for a projection, and so need not be packed.
 */
struct varlena *
sum_of_positions(const Datum *values, const bool *isnull, int n)
{
	PositionState *state = NULL;
	struct varlena *only = NULL;

	for (int i = 0; i < n; i++)
	{
		if (isnull[i])
			continue;
		if (only == NULL)
		{
			only = position_from_datum(values[i]);
			continue;
		}
		if (state == NULL)
			state = state_from_position(only);
		state_add_position(&state, position_from_datum(values[i]), 1);
	}
	if (state == NULL && only == NULL)
		state = state_create(0);
	return state != NULL ? (struct varlena *) state : only;
}

PG_FUNCTION_INFO_V1(position_add);
Datum
position_add(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(position_sum(fcinfo, 1));
}

PG_FUNCTION_INFO_V1(position_subtract);
Datum
position_subtract(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(position_sum(fcinfo, -1));
}

PG_FUNCTION_INFO_V1(position_negate);
Datum
position_negate(PG_FUNCTION_ARGS)
{
	PositionState *state = state_create(0);

	state_add_position(&state, position_getarg(fcinfo, 0), -1);
	PG_RETURN_POINTER(state_pack(state, POSITION_PACKED));
}

/* ---- support of the aggregates ---- */

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

/* ---- comparison ---- */

/* Free a detoasted argument; what an expanded object has packed stays its own. */
static void
free_if_copy(Datum argument, struct varlena *packed)
{
	if (PointerGetDatum(packed) != argument &&
		!VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(argument)))
		pfree(packed);
}

/*
 * A total order for sorting and DISTINCT.  Only its equality means anything:
 * packed positions are equal if and only if their bytes are.
 */
static int
compare(FunctionCallInfo fcinfo)
{
	struct varlena *a = packed_getarg(fcinfo, 0);
	struct varlena *b = packed_getarg(fcinfo, 1);
	int			a_size = VARSIZE_ANY_EXHDR(a);
	int			b_size = VARSIZE_ANY_EXHDR(b);
	int			order = memcmp(VARDATA_ANY(a), VARDATA_ANY(b), Min(a_size, b_size));

	if (order == 0)
		order = a_size < b_size ? -1 : a_size > b_size;
	free_if_copy(PG_GETARG_DATUM(0), a);
	free_if_copy(PG_GETARG_DATUM(1), b);
	return order < 0 ? -1 : order > 0;
}

PG_FUNCTION_INFO_V1(position_cmp);
Datum
position_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare(fcinfo));
}

PG_FUNCTION_INFO_V1(position_eq);
Datum
position_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) == 0);
}

PG_FUNCTION_INFO_V1(position_ne);
Datum
position_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) != 0);
}

PG_FUNCTION_INFO_V1(position_lt);
Datum
position_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) < 0);
}

PG_FUNCTION_INFO_V1(position_le);
Datum
position_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) <= 0);
}

PG_FUNCTION_INFO_V1(position_gt);
Datum
position_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) > 0);
}

PG_FUNCTION_INFO_V1(position_ge);
Datum
position_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) >= 0);
}

PG_FUNCTION_INFO_V1(position_hash);
Datum
position_hash(PG_FUNCTION_ARGS)
{
	struct varlena *a = packed_getarg(fcinfo, 0);

	PG_RETURN_DATUM(hash_any((unsigned char *) VARDATA_ANY(a), VARSIZE_ANY_EXHDR(a)));
}

PG_FUNCTION_INFO_V1(position_hash_extended);
Datum
position_hash_extended(PG_FUNCTION_ARGS)
{
	struct varlena *a = packed_getarg(fcinfo, 0);

	PG_RETURN_DATUM(hash_any_extended((unsigned char *) VARDATA_ANY(a),
									  VARSIZE_ANY_EXHDR(a), PG_GETARG_INT64(1)));
}
