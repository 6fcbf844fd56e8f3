/* Adding to a state, and reading its slots. */
#ifndef BALANCE_STATE_H
#define BALANCE_STATE_H

#include "journal.h"

extern PositionState *state_create(int sections);
extern PositionState *state_from_position(const struct varlena *position);
extern int	state_add_currency(PositionState **state, CurrencyCode code);
extern void state_add_section(PositionState **state, StateSection section);
extern void state_add_cell(PositionState **state, const Cell *cell, int sign);
extern void state_add_position(PositionState **state,
							   const struct varlena *position, int sign);
extern bool state_has_slots(const PositionState *state, CellTag tag);
extern uint32 state_slot_tags(const PositionState *state);
extern int64 *tag_slot(const PositionState *state, int place, CellTag tag, int *sums);
extern bool state_read_slots(const PositionState *state, int place,
							 CellTag tag, Cell *cell);
extern void state_remember(const PositionState *state);
extern bool state_was_finished(const PositionState *state);

/* The place of a currency, or -1 if the state does not have it. */
static inline int
find_currency(const PositionState *state, CurrencyCode code)
{
	uint32		place = currency_home(code, state->max_currencies);

	for (uint32 n = 0; n < state->max_currencies; n++)
	{
		if (state->codes[place] == code)
			return place;
		if (state->codes[place] == NO_CURRENCY)
			break;
		if (++place == state->max_currencies)
			place = 0;
	}
	return -1;
}

/* The same, but the currency is added to the state if it is new. */
static inline int
state_currency(PositionState **state, CurrencyCode code)
{
	int			place = find_currency(*state, code);

	return likely(place >= 0) ? place : state_add_currency(state, code);
}

/* Make sure that a section exists; this may move the state. */
static inline void
state_require_section(PositionState **state, StateSection section)
{
	if (unlikely((*state)->section[section] == 0))
		state_add_section(state, section);
}

#endif							/* BALANCE_STATE_H */
