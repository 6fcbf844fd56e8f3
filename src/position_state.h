/*-------------------------------------------------------------------------
 *
 * position_state.h
 *	  The position as an aggregate's state: flat, and updated in place.
 *
 * One chunk of memory holds a header, a small hash table of the currencies
 * met so far, a section of fixed slots for each group of classes that was met,
 * and a journal:
 *
 *	+--------+-------+---------------------+--------------+---------+------+
 *	| header | codes | invoices cccccccccc | charges cccc | journal | free |
 *	+--------+-------+---------------------+--------------+---------+------+
 *
 * A section is there once a row needed it; it is an array over the places of
 * the hash table, so a row finds its slot by arithmetic: the currency's place,
 * then its class.  With tens of thousands of groups every row meets a state
 * that is in no cache, so slots are small: a sum is 64 bits, in units of
 * 10^-SLOT_SCALE.  What has no fixed slot is appended to the journal: open
 * amounts by due, deposits by status, rows whose amount is unknown, and what
 * the 64 bits of a sum cannot take, in size or in decimals.  Its entries are
 * only now and then folded: added up where they have the same key.  Where rows
 * are taken away again, as in a sliding window, a position is wanted at every
 * row, so most of the journal is kept folded in order.
 *
 * The executor owns the state between calls: it copies a state that we return
 * at a new address and frees the old one.  So a state that must grow is built
 * anew in the current memory context, and never reallocated.  It may travel
 * through a tuple, so everything is aligned to MAXALIGN only, and the size is
 * always above that of a short varlena.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_POSITION_STATE_H
#define BALANCE_POSITION_STATE_H

#include "position.h"

/*
 * A section for each group of classes; invoices have a short one besides, which
 * ends at the total.
 */
typedef enum StateSection
{
	SECTION_TOTALS,
#define CLASSES(group, name, classes, rows, measures_1)	SECTION_##group,
#include "cells.def"
	NUM_SECTIONS,
#define KEYED(group, name, rows, measures_1)	SECTION_##group = -1,
#include "cells.def"
} StateSection;

#define SECTION_BIT(section)	(1 << (section))

typedef struct PositionState
{
	int32		vl_len_;		/* varlena header, do not touch directly */
	uint8		form;			/* POSITION_STATE */
	uint8		padding;
	uint16		ncurrencies;
	uint32		max_currencies; /* places for them */
	uint32		section[NUM_SECTIONS];	/* offset, or 0 if absent */
	uint32		journal;		/* offset of the journal, up to the end */
	uint32		journal_used;	/* bytes of it in use */
	uint32		journal_sorted; /* bytes of these that are folded in order */
	CurrencyCode codes[FLEXIBLE_ARRAY_MEMBER];
} PositionState;

/*
 * Never so small that a tuple would give the state a short header, which it does
 * up to 130 bytes.  For correctness, not speed: the next multiple of 16.
 */
#define MIN_STATE_SIZE			144

/* A place that no currency has taken. */
#define NO_CURRENCY				0xFFFF

/*
 * The shape of each section: a slot per class, which is a count and then sums.
 * Invoices have one of two: only their totals while the amounts due of all rows
 * are unknown; else what is unknown stands in the journal.
 */
typedef struct SectionShape
{
	int8		classes;
	int8		sums;
} SectionShape;

static const SectionShape section_shapes[NUM_SECTIONS] = {
	[SECTION_TOTALS] = {NUM_CELLS_OF_INVOICES, 1},
#define CLASSES(group, name, classes, rows, measures_1) \
	[SECTION_##group] = {NUM_CELLS_OF_##group, NUM_MEASURES_OF_##group},
#include "cells.def"
};

#define SLOT_COUNT(slot)		((slot)[0])
#define SLOT_SUM(slot, measure)	((slot)[1 + (measure)])

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
	int64		sum;			/* in units of 10^-SLOT_SCALE */
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

/* Whether a state is what it should be: position_check.c. */
#ifdef USE_ASSERT_CHECKING
extern void assert_check_state(const PositionState *state);
#else
#define assert_check_state(state)	((void) 0)
#endif

/* Layout and growth: position_state.c. */
extern PositionState *state_create(int sections);
extern PositionState *state_layout(const PositionState *old,
								   uint32 max_currencies, int new_sections,
								   Size journal_size);
extern bool state_is(const struct varlena *position);
extern PositionState *state_getarg(FunctionCallInfo fcinfo, int argno,
								   int sections);
extern PositionState *state_from_position(const struct varlena *position);
extern int	state_add_currency(PositionState **state, CurrencyCode code);
extern void state_add_section(PositionState **state, StateSection section);
extern void state_add_cell(PositionState **state, const Cell *cell, int sign);
extern void state_add_position(PositionState **state,
							   const struct varlena *position, int sign);
extern bool state_has_slots(const PositionState *state, CellTag tag);
extern bool state_read_slots(const PositionState *state, int currency,
							 CellTag tag, Cell *cell);
extern void state_remember_size(const PositionState *state);

/* What is done with each cell of a state. */
typedef void (*CellVisitor) (void *context, Cell *cell);

/* The way out: position_expanded.c. */
extern uint16 *state_sorted_currencies(const PositionState *state);
extern void state_walk(const PositionState *state, CellVisitor visit, void *context);
extern struct varlena *state_pack(const PositionState *state, int version);
extern Datum state_expanded(const PositionState *state);
extern Datum state_result(FunctionCallInfo fcinfo, PositionState *state,
						  int sign);

/* The journal: position_journal.c. */
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

/* Where the search for a currency starts, in a table of that many places. */
static inline uint32
currency_home(CurrencyCode code, uint32 max_currencies)
{
	return (uint32) (uint16) (code * 0x9E35u) * max_currencies >> 16;
}

/* The place of a currency, which is added if it is new. */
static inline int
state_currency(PositionState **state, CurrencyCode code)
{
	const PositionState *s = *state;
	uint32		place = currency_home(code, s->max_currencies);

	for (uint32 n = 0; n < s->max_currencies; n++)
	{
		if (s->codes[place] == code)
			return place;
		if (s->codes[place] == NO_CURRENCY)
			break;
		if (++place == s->max_currencies)
			place = 0;
	}
	return state_add_currency(state, code);
}

static inline void
state_require_section(PositionState **state, StateSection section)
{
	if (unlikely((*state)->section[section] == 0))
		state_add_section(state, section);
}

static pg_attribute_always_inline Size
section_stride(StateSection section)
{
	const SectionShape *shape = &section_shapes[section];

	return shape->classes * (1 + shape->sums) * sizeof(int64);
}

/* A slot of a section that the state has. */
static pg_attribute_always_inline int64 *
state_slot(const PositionState *state, StateSection section, int currency,
		   int class)
{
	char	   *slots = (char *) state + state->section[section] +
		currency * section_stride(section);

	return (int64 *) slots + class * (1 + section_shapes[section].sums);
}

/* The section in which a state has its invoices. */
static inline StateSection
invoice_section(const PositionState *state)
{
	return state->section[SECTION_INVOICES] != 0 ? SECTION_INVOICES : SECTION_TOTALS;
}

#endif							/* BALANCE_POSITION_STATE_H */
