/* A position as a Datum, whichever of its forms it has. */
#ifndef BALANCE_DATUM_H
#define BALANCE_DATUM_H

#include "cell.h"
#include "fmgr.h"
#include "state.h"

extern Datum position_from_packed(PG_FUNCTION_ARGS);
extern Datum state_expanded(const PositionState *state);
extern Datum copy_unpacked(Datum value, bool by_value, int16 length);
extern struct varlena *position_from_datum(Datum datum);
extern struct varlena *packed_from_datum(Datum datum);
extern struct varlena *sum_of_positions(const Datum *values, const bool *isnull,
										int n);

/* An argument in whichever form it has, and in packed form. */
static inline struct varlena *
position_getarg(FunctionCallInfo fcinfo, int argno)
{
	return position_from_datum(PG_GETARG_DATUM(argno));
}

static inline struct varlena *
packed_getarg(FunctionCallInfo fcinfo, int argno)
{
	return packed_from_datum(PG_GETARG_DATUM(argno));
}

#endif							/* BALANCE_DATUM_H */
