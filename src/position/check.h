/* Looking at a state that comes from outside. */
#ifndef BALANCE_CHECK_H
#define BALANCE_CHECK_H

#include "layout.h"

extern void check_state(const PositionState *state);

#endif							/* BALANCE_CHECK_H */
