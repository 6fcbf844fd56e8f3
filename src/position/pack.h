/* Packing a state. */
#ifndef BALANCE_PACK_H
#define BALANCE_PACK_H

#include "layout.h"

extern struct varlena *state_pack(const PositionState *state, int version);

#endif							/* BALANCE_PACK_H */
