/*-------------------------------------------------------------------------
 *
 * layout.h
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
 * 10^-SHORT_SCALE.  What has no fixed slot is appended to the journal: open
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
#ifndef BALANCE_LAYOUT_H
#define BALANCE_LAYOUT_H

#include "compat.h"

#include "cell.h"
#include "fmgr.h"

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

/* Whether a state is what it should be: check.c. */
#ifdef USE_ASSERT_CHECKING
extern void assert_check_state(const PositionState *state);
#else
#define assert_check_state(state)	((void) 0)
#endif

extern PositionState *state_layout(const PositionState *old,
								   uint32 max_currencies, int new_sections,
								   Size journal_size);
extern int	state_place_currency(PositionState *state, CurrencyCode code);

/* Where the search for a currency starts, in a table of that many places. */
static inline uint32
currency_home(CurrencyCode code, uint32 max_currencies)
{
	return (uint32) (uint16) (code * 0x9E35u) * max_currencies >> 16;
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

#endif							/* BALANCE_LAYOUT_H */
