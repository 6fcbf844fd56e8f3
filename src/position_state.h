/*-------------------------------------------------------------------------
 *
 * position_state.h
 *	  The position as an aggregate's state: flat, and updated in place.
 *
 * One chunk of memory holds a header, the codes of the currencies met so far,
 * up to five sections of fixed slots, and a journal:
 *
 *	+--------+-------+----------------+------------------+---------+------+
 *	| header | codes | totals ccccccc | amounts due cccc | journal | free |
 *	+--------+-------+----------------+------------------+---------+------+
 *
 * A section is there once a row needed it; it is an array over the currencies,
 * so a row finds its slot by arithmetic: the currency's index, then its class.
 * What has no fixed slot (open amounts by due, deposits by status, sums that
 * outgrew 128 bits) is appended to the journal, whose entries are only now and
 * then folded: sorted, and added up where they have the same key.
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

typedef enum StateSection
{
	SECTION_TOTALS,				/* invoices: count, total */
	SECTION_DUES,				/* invoices: amount due and remaining */
	SECTION_CHARGES,
	SECTION_UNITS,
	SECTION_MEMOS
} StateSection;

#define NUM_SECTIONS			(SECTION_MEMOS + 1)

typedef struct PositionState
{
	int32		vl_len_;		/* varlena header, do not touch directly */
	uint8		form;			/* POSITION_STATE */
	uint8		padding;
	uint16		ncurrencies;
	uint32		max_currencies;
	uint32		section[NUM_SECTIONS];	/* offset, or 0 if absent */
	uint32		journal;		/* offset of the journal, up to the end */
	uint32		journal_used;	/* bytes of it in use */
	CurrencyCode codes[FLEXIBLE_ARRAY_MEMBER];
} PositionState;

/* A sum of the rows whose amount is known, and their number. */
typedef struct Measure
{
	int64		known;
	int128		sum;			/* in units of 10^-AMOUNT_SCALE */
} Measure;

/* The slots of the sections. */
typedef struct CountedSlot
{
	int64		count;
	Measure		sum;
} CountedSlot;					/* totals, charges, units */

typedef struct DueSlot
{
	Measure		amount_due;
	Measure		amount_remaining;
} DueSlot;

typedef struct MemoSlot
{
	int64		count;
	Measure		amount;
	Measure		applied;
} MemoSlot;

/* A unit row that counts nowhere takes the slot behind the four classes. */
#define UNCOUNTED_SLOT			UNIT_NONE

/*
 * An entry of the journal.  Behind it stand the status of a deposit, padded
 * to MAXALIGN, and the part of the sum that is beyond 128 bits, a numeric.
 */
typedef struct JournalEntry
{
	uint32		size;			/* of the whole entry, a multiple of MAXALIGN */
	CurrencyCode currency;
	uint8		tag;			/* CellTag */
	uint8		measure;
	int64		key;			/* date, instant, or length of the status */
	int64		count;
	Measure		sum;
} JournalEntry;

/* Layout and growth: position_state.c. */
extern PositionState *state_create(void);
extern PositionState *state_layout(const PositionState *old,
								   uint32 max_currencies, int extra_section,
								   Size journal_size);
extern bool state_is(const struct varlena *position);
extern PositionState *state_getarg(FunctionCallInfo fcinfo, int argno);
extern PositionState *state_from_position(const struct varlena *position);
extern int	state_add_currency(PositionState **state, CurrencyCode code);
extern void state_add_section(PositionState **state, StateSection section);
extern void state_add_cell(PositionState **state, const Cell *cell, int sign);
extern void state_add_position(PositionState **state,
							   const struct varlena *position, int sign);
extern struct varlena *state_pack(const PositionState *state);
extern Datum state_result(FunctionCallInfo fcinfo, PositionState *state);

/* The journal: position_journal.c. */
extern void state_journal(PositionState **state, JournalEntry *entry,
						  const char *status, Numeric wide);
extern void state_add_wide(PositionState **state, CurrencyCode currency,
						   CellTag tag, int measure, Numeric wide, int sign);
extern void journal_fold(const PositionState *state, StringInfo buf);

static inline Size
journal_capacity(const PositionState *state)
{
	return VARSIZE(state) - state->journal;
}

/* What stands behind an entry. */
static inline const char *
entry_status(const JournalEntry *entry)
{
	return (const char *) (entry + 1);
}

static inline Size
entry_status_size(const JournalEntry *entry)
{
	return cell_kinds[entry->tag].key == KEY_STATUS ? MAXALIGN(entry->key) : 0;
}

static inline Numeric
entry_wide(const JournalEntry *entry)
{
	Size		offset = sizeof(JournalEntry) + entry_status_size(entry);

	return entry->size > offset ? (Numeric) ((char *) entry + offset) : NULL;
}

static inline Amount
entry_amount(const JournalEntry *entry)
{
	Amount		amount = {.small = entry->sum.sum, .wide = entry_wide(entry)};

	return amount;
}

/* The index of a currency, which is added if it is new. */
static inline int
state_currency(PositionState **state, CurrencyCode code)
{
	PositionState *s = *state;

	for (int i = 0; i < s->ncurrencies; i++)
		if (s->codes[i] == code)
			return i;
	return state_add_currency(state, code);
}

/* The slots of a section for one currency; the section is added if need be. */
static inline void *
state_slots(PositionState **state, StateSection section, int currency,
			Size slots_size)
{
	if ((*state)->section[section] == 0)
		state_add_section(state, section);
	return (char *) *state + (*state)->section[section] + currency * slots_size;
}

static inline CountedSlot *
state_totals(PositionState **state, int currency)
{
	return state_slots(state, SECTION_TOTALS, currency, 4 * sizeof(CountedSlot));
}

static inline DueSlot *
state_dues(PositionState **state, int currency)
{
	return state_slots(state, SECTION_DUES, currency, 4 * sizeof(DueSlot));
}

static inline CountedSlot *
state_charges(PositionState **state, int currency)
{
	return state_slots(state, SECTION_CHARGES, currency, 2 * sizeof(CountedSlot));
}

static inline CountedSlot *
state_units(PositionState **state, int currency)
{
	return state_slots(state, SECTION_UNITS, currency, 5 * sizeof(CountedSlot));
}

static inline MemoSlot *
state_memos(PositionState **state, int currency)
{
	return state_slots(state, SECTION_MEMOS, currency, 4 * sizeof(MemoSlot));
}

#endif							/* BALANCE_POSITION_STATE_H */
