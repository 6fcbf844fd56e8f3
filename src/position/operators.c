/*-------------------------------------------------------------------------
 *
 * operators.c
 *	  The position as a value: the group and its order.
 *
 *-------------------------------------------------------------------------
 */
#include "operators.h"

#include "common/hashfn.h"
#include "datum.h"
#include "packed.h"
#include "walk.h"

/* ---- the group ---- */

/* The first argument plus, or minus, the second. */
static struct varlena *
position_sum(FunctionCallInfo fcinfo, int sign)
{
	PositionState *state = state_from_position(position_getarg(fcinfo, 0));

	state_add_position(&state, position_getarg(fcinfo, 1), sign);
	return state_pack(state, POSITION_PACKED);
}

/*
 * The sum of any number of a query's results; NULL counts as empty.  Often there
 * is just one, which is returned as it is.  The sum is for a projection, so it is
 * not packed.
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

/* ---- comparison ---- */

/* Free a detoasted argument, but not what belongs to an expanded object. */
static void
free_if_copy(Datum argument, struct varlena *packed)
{
	if (PointerGetDatum(packed) != argument &&
		!VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(argument)))
		pfree(packed);
}

/*
 * A total order for sorting and DISTINCT.  Only equality has a meaning: packed
 * positions are equal if and only if their bytes are.
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
