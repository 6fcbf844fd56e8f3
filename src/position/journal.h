/*-------------------------------------------------------------------------
 *
 * journal.h
 *	  The journal of a state: what has no slot in it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_JOURNAL_H
#define BALANCE_JOURNAL_H

#include "compat.h"

#include "layout.h"

/*
 * An entry of the journal, as it is read: rows of a cell that has no slot, or
 * of a measure that has one, which then counts no rows.
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
 * The same as it is stored.  An entry for an invoice that is due is short: a
 * book has as many of them as unpaid invoices.  The instant of one that is due
 * at an instant stands behind it.
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
 * Behind a long one stand the status of a deposit, padded to MAXALIGN, and, in
 * place of a sum that 64 bits cannot take, a numeric.
 */
typedef struct LongEntry
{
	ShortEntry	head;
	Size		size;			/* of all of it, a multiple of MAXALIGN */
	int64		key;
	int64		count;
	int64		unknown;
} LongEntry;

#define SHORT_ENTRY_SIZE(tag) \
	(sizeof(ShortEntry) + ((tag) == CELL_DUE_INSTANT ? sizeof(int64) : 0))

extern void state_journal(PositionState **state, const JournalEntry *entry);
extern void state_add_unknown(PositionState **state, CurrencyCode currency,
							  CellTag tag, int measure, int64 rows);
extern void state_add_beyond(PositionState **state, CurrencyCode currency,
							 CellTag tag, int measure, const Amount *amount);
extern void state_journal_all(PositionState **state, const PositionState *from);
extern void state_sort_journal(PositionState **state);
extern const char *journal_read(const char *next, JournalEntry *entry);
extern JournalEntry *journal_fold(const PositionState *state, bool sorted,
								  int *n);

/* An entry holds one sum, so a cell that has no slots must have one measure. */
#define KEYED(group, name, rows, measures_1) \
	StaticAssertDecl(NUM_MEASURES_OF_##group == 1, "an entry of the journal has one sum");
#include "cells.def"

/* An entry of a tag that has no slots, as a cell. */
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
 * Journal one row that is due, whose amount a slot could take: what is done
 * for every unpaid invoice.  False if there is no room.
 */
static inline bool
journal_one_due(PositionState *state, CurrencyCode currency, CellTag tag,
				int64 due, int64 sum, int sign)
{
	ShortEntry *entry = (ShortEntry *) journal_end(state);
	Size		size = SHORT_ENTRY_SIZE(tag);

	if (unlikely(state->journal_used + size > journal_capacity(state)))
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
