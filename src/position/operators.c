/*-------------------------------------------------------------------------
 *
 * operators.c
 *	  The position as a value: the group and its order.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "common/hashfn.h"
#include "datum.h"
#include "pack.h"

/* ---- the group ---- */

/* The first argument plus, or minus, the second. */
static Datum
position_sum(FunctionCallInfo fcinfo, int sign)
{
	PositionState *state = state_from_position(position_getarg(fcinfo, 0));

	state_add_position(&state, position_getarg(fcinfo, 1), sign);
	PG_RETURN_POINTER(state_pack(state, POSITION_PACKED));
}

PG_FUNCTION_INFO_V1(position_add);
Datum
position_add(PG_FUNCTION_ARGS)
{
	return position_sum(fcinfo, 1);
}

PG_FUNCTION_INFO_V1(position_subtract);
Datum
position_subtract(PG_FUNCTION_ARGS)
{
	return position_sum(fcinfo, -1);
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

#define COMPARISON(name, type, result) \
PG_FUNCTION_INFO_V1(name); \
Datum \
name(PG_FUNCTION_ARGS) \
{ \
	int			order = compare(fcinfo); \
\
	PG_RETURN_##type(result); \
} \
extern int	no_such_variable	/* takes the semicolon */

COMPARISON(position_cmp, INT32, order);
COMPARISON(position_eq, BOOL, order == 0);
COMPARISON(position_ne, BOOL, order != 0);
COMPARISON(position_lt, BOOL, order < 0);
COMPARISON(position_le, BOOL, order <= 0);
COMPARISON(position_gt, BOOL, order > 0);
COMPARISON(position_ge, BOOL, order >= 0);

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
