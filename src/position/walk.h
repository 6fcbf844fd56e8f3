/* Walking over the cells of a state in canonical order. */
#ifndef BALANCE_WALK_H
#define BALANCE_WALK_H

#include "state.h"

/* Called for each cell; it may keep what the cell points to, not the cell. */
typedef void (*CellVisitor) (void *context, Cell *cell);

extern uint16 *state_sorted_currencies(const PositionState *state);
extern void state_walk(const PositionState *state, CellVisitor visit, void *context);

#endif							/* BALANCE_WALK_H */
