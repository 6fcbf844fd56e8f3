/*-------------------------------------------------------------------------
 *
 * aggregate.h
 *	  Reading and returning an aggregate's state.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_AGGREGATE_H
#define BALANCE_AGGREGATE_H

#include "compat.h"

#include "state.h"

extern PositionState *state_getarg(FunctionCallInfo fcinfo, int argno,
								   int sections);
extern Datum state_result(FunctionCallInfo fcinfo, PositionState *state,
						  int sign);

#endif							/* BALANCE_AGGREGATE_H */
