/*-------------------------------------------------------------------------
 *
 * walk.h
 *	  The cells of a state in canonical order, and its packed form.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_WALK_H
#define BALANCE_WALK_H

#include "compat.h"

#include "state.h"

/* What is done with each cell of a state. */
typedef void (*CellVisitor) (void *context, Cell *cell);

extern uint16 *state_sorted_currencies(const PositionState *state);
extern void state_walk(const PositionState *state, CellVisitor visit, void *context);
extern struct varlena *state_pack(const PositionState *state, int version);

#endif							/* BALANCE_WALK_H */
