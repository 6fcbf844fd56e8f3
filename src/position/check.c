/*-------------------------------------------------------------------------
 *
 * check.c
 *	  What holds of every state between calls.
 *
 * A state is offsets and lengths that are followed without a second look.  So one
 * that comes through a tuple, whoever put it there, is looked at here before
 * anybody follows them: a damaged page is an error, and no more.  Builds with
 * assertions look at all states, on the way in and out of what changes them.
 *
 *-------------------------------------------------------------------------
 */
#include "check.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "packed.h"
#include "state.h"

/*
 * Assertions walk longer journals only when their length is a power of two:
 * walking them at every call would make a long tally quadratic.
 */
#define ALWAYS_WALKED_JOURNAL	4096

/* So that any place fits what places are kept in. */
#define MOST_PLACES				PG_UINT16_MAX

/* Every currency is known and can be found, and no other place is taken. */
static const char *
currencies_fault(const PositionState *state)
{
	uint32		found = 0;

	if (state->max_currencies == 0 || state->max_currencies > MOST_PLACES ||
		offsetof(PositionState, codes) + state->max_currencies * sizeof(CurrencyCode) >
		VARSIZE(state))
		return "The number of places for currencies is wrong.";
	for (uint32 place = 0; place < state->max_currencies; place++)
	{
		if (state->codes[place] == NO_CURRENCY)
			continue;
		if (!currency_is_known(state->codes[place]))
			return "A currency is not known.";
		if (find_currency(state, state->codes[place]) != place)
			return "A currency is in a wrong place.";
		found++;
	}
	return found == state->ncurrencies ? NULL : "The number of currencies is wrong.";
}

/*
 * Sections are in order and adjacent, invoices have only one of theirs, and the
 * journal is behind them.
 */
static const char *
sections_fault(const PositionState *state)
{
	Size		at = MAXALIGN(offsetof(PositionState, codes) +
							  state->max_currencies * sizeof(CurrencyCode));

	for (int i = 0; i < NUM_SECTIONS; i++)
	{
		if (state->section[i] == 0)
			continue;
		if (state->section[i] != at)
			return "A section is in a wrong place.";
		at += state->max_currencies * section_stride(i);
	}
	if (state->section[SECTION_TOTALS] != 0 && state->section[SECTION_INVOICES] != 0)
		return "Invoices have two sections.";
	if (state->journal != at || at > VARSIZE(state))
		return "The journal is in a wrong place.";
	if (state->journal_used > journal_capacity(state) ||
		state->journal_sorted > state->journal_used)
		return "The length of the journal is wrong.";
	return NULL;
}

/* The size of the entry at next, or 0 if that many bytes hold no whole one. */
static Size
whole_entry_size(const char *next, Size bytes)
{
	const ShortEntry *head = (const ShortEntry *) next;
	const LongEntry *entry = (const LongEntry *) next;
	Size		used = sizeof(LongEntry);

	if (bytes < sizeof(ShortEntry) || head->tag <= CELL_END || head->tag >= NUM_CELL_TAGS)
		return 0;
	if (head->count != 0)
		return is_due_tag(head->tag) && SHORT_ENTRY_SIZE(head->tag) <= bytes ?
			SHORT_ENTRY_SIZE(head->tag) : 0;
	if (bytes < used || entry->size < used || entry->size > bytes ||
		entry->size != MAXALIGN(entry->size) ||
		head->date < 0 || head->date >= Max(cell_kinds[head->tag].measures, 1))
		return 0;
	if (cell_kinds[head->tag].key == KEY_TEXT)
	{
		if (entry->key < 0 || entry->key > (int64) (entry->size - used))
			return 0;
		used += MAXALIGN(entry->key);
	}
	if (used < entry->size &&
		!numeric_is_sound((const struct varlena *) (next + used), entry->size - used))
		return 0;
	return entry->size;
}

/* An entry is a cell that has no slot, or what does not fit a slot. */
static const char *
entry_fault(const PositionState *state, const JournalEntry *entry)
{
	const CellKind *kind = &cell_kinds[entry->tag];

	if (find_currency(state, entry->currency) < 0)
		return "The journal has a currency without a place.";
	if (kind->key == KEY_NONE)
	{
		if (!state_has_slots(state, entry->tag) || entry->count != 0 ||
			(entry->unknown != 0 && kind->is_void))
			return "The journal has what belongs in a slot.";
	}
	else if (kind->key == KEY_TEXT)
	{
		if (!pg_verify_mbstr(GetDatabaseEncoding(), entry->text, entry->key, true))
			return "A text is not in the encoding of the database.";
	}
	else if (!due_is_valid(kind->key, entry->key))
		return "A due date is out of range.";
	return NULL;
}

/* The journal, and the sorted part of it, consist of whole entries. */
static const char *
journal_fault(const PositionState *state)
{
	const char *next = journal_begin(state);
	const char *sorted = next + state->journal_sorted;
	JournalEntry entries[2];
	int			n = 0;

	while (next < journal_end(state))
	{
		JournalEntry *entry = &entries[n % 2];
		Size		size = whole_entry_size(next, journal_end(state) - next);
		const char *fault;

		CHECK_FOR_INTERRUPTS();
		if (size == 0 || (next < sorted && next + size > sorted))
			return "An entry of the journal is truncated.";
		(void) journal_read(next, entry);
		fault = entry_fault(state, entry);
		if (fault != NULL)
			return fault;
		if (next < sorted && n > 0 &&
			entry_compare(&entries[(n - 1) % 2], entry, NULL) >= 0)
			return "The journal is not in order.";
		next += size;
		n++;
	}
	return NULL;
}

/* What is wrong with the state, from the outside in; NULL if nothing is. */
static const char *
state_fault(const PositionState *state, bool with_journal)
{
	const char *fault;

	if (VARSIZE(state) < MIN_STATE_SIZE)
		return "The value is truncated.";
	fault = currencies_fault(state);
	if (fault == NULL)
		fault = sections_fault(state);
	if (fault == NULL && with_journal)
		fault = journal_fault(state);
	return fault;
}

/* Raise an error unless all is well with a state that nobody has vouched for. */
void
check_state(const PositionState *state)
{
	const char *fault = state_fault(state, true);

	if (fault != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("invalid state of a position"),
				 errdetail_internal("%s", fault)));
}

#ifdef CHECK_ASSERTIONS

/* Called on entry and exit of every function that changes a state. */
void
assert_check_state(const PositionState *state)
{
	bool		with_journal = state->journal_used <= ALWAYS_WALKED_JOURNAL ||
		(state->journal_used & (state->journal_used - 1)) == 0;
	const char *fault;

	assert_that(state_is((const struct varlena *) state));
	fault = state_fault(state, with_journal);
	if (fault != NULL)
		elog(LOG, "state of a position: %s", fault);
	assert_that(fault == NULL);
}

#endif							/* CHECK_ASSERTIONS */
