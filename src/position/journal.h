/* The journal of a state: what has no slot. */
#ifndef BALANCE_JOURNAL_H
#define BALANCE_JOURNAL_H

#include "layout.h"

/*
 * An entry of the journal, as it is read: the rows of a cell that has no slot, or
 * what does not fit the slot of a measure, which then counts no rows.
 */
typedef struct JournalEntry
{
	CurrencyCode currency;
	uint8		tag;			/* CellTag */
	uint8		measure;
	int64		key;			/* date, instant, or length of the text */
	const char *text;			/* KEY_TEXT, not terminated; else NULL */
	int64		count;
	int64		unknown;		/* rows whose amount was NULL */
	Amount		sum;
} JournalEntry;

/*
 * The same as it is stored.  Entries for due dates are short, as there is one for
 * every unpaid invoice.  A due instant follows its entry.
 */
typedef struct ShortEntry
{
	CurrencyCode currency;
	uint8		tag;
	int8		count;			/* 0 in the head of a long entry */
	int32		date;			/* the measure, in the head of a long entry */
	int64		sum;			/* in units of 10^-SHORT_SCALE */
} ShortEntry;

/*
 * A long one is followed by its text, padded to MAXALIGN, and by a numeric if its
 * sum is not a short amount.
 */
typedef struct LongEntry
{
	ShortEntry	head;
	Size		size;			/* of the whole entry, a multiple of MAXALIGN */
	int64		key;
	int64		count;
	int64		unknown;
} LongEntry;

#define SHORT_ENTRY_SIZE(tag) \
	(sizeof(ShortEntry) + ((tag) == CELL_DUE_INSTANT ? sizeof(int64) : 0))

extern void state_journal(PositionState **state, const JournalEntry *entry);
extern void state_add_beyond(PositionState **state, CurrencyCode currency, CellTag tag,
							 int measure, const Amount *amount, int64 unknown);
extern void state_journal_all(PositionState **state, const PositionState *from);
extern void state_sort_journal(PositionState **state, bool even_if_short);
extern const char *journal_read(const char *next, JournalEntry *entry);
extern int	entry_compare(const void *a, const void *b, void *unused);
extern JournalEntry *journal_fold(const PositionState *state, bool sorted,
								  int *n);

/* An entry holds one sum, so a cell that has no slots must have one measure. */
#define KEYED(group, name, rows) \
	StaticAssertDecl(NUM_MEASURES_OF_##group == 1, "an entry of the journal has one sum");
#include "cells.def"

/* Convert an entry of a tag that has no slot to a cell. */
static inline void
entry_to_cell(const JournalEntry *entry, Cell *cell)
{
	bool		has_text = entry->text != NULL;

	cell->currency = entry->currency;
	cell->tag = entry->tag;
	cell->due = has_text ? 0 : entry->key;
	cell->text = entry->text;
	cell->text_length = has_text ? entry->key : 0;
	cell->count = entry->count;
	cell->measure[0].sum = entry->sum;
	cell->measure[0].unknown = entry->unknown;
}

static inline Size
journal_capacity(const PositionState *state)
{
	return VARSIZE(state) - state->journal;
}

static inline const char *
journal_begin(const PositionState *state)
{
	return (const char *) state + state->journal;
}

static inline const char *
journal_end(const PositionState *state)
{
	return journal_begin(state) + state->journal_used;
}

/*
 * Fast path: append a short entry for one unpaid invoice.  False if there is no
 * room for it, or it has a place among sorted ones.
 */
static inline bool
journal_one_due(PositionState *state, CurrencyCode currency, CellTag tag,
				int64 due, int64 sum, int sign)
{
	ShortEntry *entry = (ShortEntry *) journal_end(state);
	Size		size = SHORT_ENTRY_SIZE(tag);

	if (unlikely(state->journal_used + size > journal_capacity(state) ||
				 state->journal_sorted > 0))
		return false;
	entry->currency = currency;
	entry->tag = tag;
	entry->count = sign;
	entry->date = tag == CELL_DUE_DATE ? (int32) due : 0;
	entry->sum = sum;
	if (tag == CELL_DUE_INSTANT)
		*(int64 *) (entry + 1) = due;
	state->journal_used += size;
	return true;
}

#endif							/* BALANCE_JOURNAL_H */
