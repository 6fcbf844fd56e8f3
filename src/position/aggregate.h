/*-------------------------------------------------------------------------
 *
 * aggregate.h
 *	  How an aggregate's state comes and goes.
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
