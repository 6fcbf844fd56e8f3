/*-------------------------------------------------------------------------
 *
 * check.c
 *	  The invariants of a state between calls, for builds with assertions.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "state.h"

#ifdef USE_ASSERT_CHECKING

/*
 * Longer journals are walked only when their length is a power of two: walking
 * them at every call would make a long tally quadratic.
 */
#define ALWAYS_WALKED_JOURNAL	4096

/* Every currency is known and can be found, and no other place is taken. */
static void
check_currencies(const PositionState *state)
{
	int			found = 0;

	for (uint32 place = 0; place < state->max_currencies; place++)
	{
		CurrencyCode code = state->codes[place];
		uint32		at = currency_home(code, state->max_currencies);

		if (code == NO_CURRENCY)
			continue;
		Assert(currency_is_known(code));
		while (at != place)
		{
			Assert(state->codes[at] != NO_CURRENCY && state->codes[at] != code);
			if (++at == state->max_currencies)
				at = 0;
		}
		found++;
	}
	Assert(found == state->ncurrencies);
}

/* Sections are in order and adjacent, and invoices have only one of theirs. */
static void
check_sections(const PositionState *state)
{
	Size		at = MAXALIGN(offsetof(PositionState, codes) +
							  state->max_currencies * sizeof(CurrencyCode));

	for (int i = 0; i < NUM_SECTIONS; i++)
	{
		if (state->section[i] == 0)
			continue;
		Assert(state->section[i] == at);
		at += state->max_currencies * section_stride(i);
	}
	Assert(state->section[SECTION_TOTALS] == 0 || state->section[SECTION_INVOICES] == 0);
	Assert(state->journal == at);
}

static bool
has_currency(const PositionState *state, CurrencyCode code)
{
	for (uint32 place = 0; place < state->max_currencies; place++)
		if (state->codes[place] == code)
			return true;
	return false;
}

/* An entry is a cell that has no slot, or what does not fit a slot. */
static void
check_entry(const PositionState *state, const JournalEntry *entry)
{
	const CellKind *kind = &cell_kinds[entry->tag];

	Assert(entry->tag > CELL_END && entry->tag < NUM_CELL_TAGS);
	Assert(has_currency(state, entry->currency));
	Assert((entry->text != NULL) == (kind->key == KEY_TEXT));
	Assert(entry->measure < Max(kind->measures, 1));
	if (kind->key == KEY_NONE)
	{
		Assert(state_has_slots(state, entry->tag));
		Assert(entry->count == 0);
		Assert(entry->unknown == 0 || !kind->is_void);
	}
}

/* The journal, and the sorted part of it, consist of whole entries. */
static void
check_journal(const PositionState *state)
{
	const char *next = journal_begin(state);
	const char *sorted = next + state->journal_sorted;
	JournalEntry entry;

	Assert(state->journal_used <= journal_capacity(state));
	Assert(state->journal_sorted <= state->journal_used);
	if (state->journal_used > ALWAYS_WALKED_JOURNAL &&
		(state->journal_used & (state->journal_used - 1)) != 0)
		return;
	while (next < journal_end(state))
	{
		const char *behind = journal_read(next, &entry);

		Assert(next >= sorted || behind <= sorted);
		Assert(behind > next && behind <= journal_end(state));
		check_entry(state, &entry);
		next = behind;
	}
	Assert(next == journal_end(state));
}

/* Called on entry and exit of every function that changes a state. */
void
assert_check_state(const PositionState *state)
{
	Assert(VARATT_IS_4B_U(state) && state->form == POSITION_STATE);
	Assert(VARSIZE(state) >= MIN_STATE_SIZE);
	check_currencies(state);
	check_sections(state);
	check_journal(state);
}

#endif							/* USE_ASSERT_CHECKING */
