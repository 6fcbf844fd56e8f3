/*-------------------------------------------------------------------------
 *
 * layout.c
 *	  Laying out a state: what stands where.
 *
 *-------------------------------------------------------------------------
 */
#include "layout.h"

#include "utils/memutils.h"

/* Give a new currency a free place. */
int
state_place_currency(PositionState *state, CurrencyCode code)
{
	uint32		place = currency_home(code, state->max_currencies);

	while (state->codes[place] != NO_CURRENCY)
		if (++place == state->max_currencies)
			place = 0;
	state->codes[place] = code;
	state->ncurrencies++;
	return place;
}

/* Copy the slots of one currency, totals into longer slots if need be. */
static void
copy_slots(PositionState *state, uint32 to, const PositionState *old, uint32 from)
{
	for (int i = 0; i < NUM_SECTIONS; i++)
	{
		StateSection section = state->section[i] != 0 ? i : SECTION_INVOICES;

		if (old->section[i] == 0)
			continue;
		for (int class = 0; class < section_shapes[i].classes; class++)
			memcpy(state_slot(state, section, to, class),
				   state_slot(old, i, from, class),
				   (1 + section_shapes[i].sums) * sizeof(int64));
	}
}

/*
 * Copy the currencies of an old state with their slots.  In a table of the same
 * size they keep their places, as callers may hold one.
 */
static void
copy_currencies(PositionState *state, const PositionState *old)
{
	bool		same = state->max_currencies == old->max_currencies;

	if (same)
	{
		memcpy(state->codes, old->codes, old->max_currencies * sizeof(CurrencyCode));
		state->ncurrencies = old->ncurrencies;
	}
	for (uint32 from = 0; from < old->max_currencies; from++)
	{
		uint32		to = from;

		if (old->codes[from] == NO_CURRENCY)
			continue;
		if (!same)
			to = state_place_currency(state, old->codes[from]);
		copy_slots(state, to, old, from);
	}
}

/*
 * Lay out a state of the given dimensions with the content of an old one, if
 * there is one, but with an empty journal: copying that is up to the caller.
 */
PositionState *
state_layout(const PositionState *old, uint32 max_currencies,
			 int new_sections, Size journal_size)
{
	uint32		section[NUM_SECTIONS] = {0};
	int			sections = new_sections;
	Size		size;
	Size		journal;
	PositionState *state;

	size = MAXALIGN(offsetof(PositionState, codes) +
					max_currencies * sizeof(CurrencyCode));
	for (int i = 0; old != NULL && i < NUM_SECTIONS; i++)
		sections |= old->section[i] != 0 ? SECTION_BIT(i) : 0;
	if (sections & SECTION_BIT(SECTION_INVOICES))
		sections &= ~SECTION_BIT(SECTION_TOTALS);
	for (int i = 0; i < NUM_SECTIONS; i++)
		if (sections & SECTION_BIT(i))
		{
			section[i] = size;
			size += max_currencies * section_stride(i);
		}
	journal = size;
	size = Max(size + journal_size, MIN_STATE_SIZE);
	if (!AllocSizeIsValid(size))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("position is too large"),
				 errdetail("It has more due dates, deposit statuses or digits than fit "
						   "a value of PostgreSQL.")));

	state = palloc0(size);
	SET_VARSIZE(state, size);
	state->form = POSITION_STATE;
	state->max_currencies = max_currencies;
	memcpy(state->section, section, sizeof(section));
	state->journal = journal;
	memset(state->codes, 0xFF, max_currencies * sizeof(CurrencyCode));
	if (old != NULL)
		copy_currencies(state, old);
	return state;
}
