/*-------------------------------------------------------------------------
 *
 * layout.h
 *	  The position as an aggregate's state: flat, and updated in place.
 *
 * See "The position's three forms" in docs/DESIGN.md for a picture.  A section
 * of slots is created for the first row that needs it; it is an array over the
 * places of the hash table of currencies, so a row finds its slot by arithmetic.
 * With tens of thousands of groups hardly any state is in a cache when its next
 * row comes, so slots are small: a sum is a short amount, and what does not fit
 * one is appended to the journal.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_LAYOUT_H
#define BALANCE_LAYOUT_H

#include "cell.h"
#include "fmgr.h"

/*
 * A section for each group of classes, and a second one for invoices, which has
 * only their totals.
 */
typedef enum StateSection
{
	SECTION_TOTALS,
#define CLASSES(group, name, classes, rows)	SECTION_##group,
#include "cells.def"
	NUM_SECTIONS,
#define KEYED(group, name, rows)	SECTION_##group = -1,
#include "cells.def"
} StateSection;

#define SECTION_BIT(section)	(1 << (section))

typedef struct PositionState
{
	int32		vl_len_;		/* varlena header, do not touch directly */
	uint8		form;			/* POSITION_STATE */
	uint8		padding;
	uint16		ncurrencies;
	uint32		max_currencies; /* places in the table */
	uint32		section[NUM_SECTIONS];	/* offset, or 0 if absent */
	uint32		journal;		/* offset of the journal, up to the end */
	uint32		journal_used;	/* bytes in use */
	uint32		journal_sorted; /* bytes of these that are folded and sorted */
	CurrencyCode codes[FLEXIBLE_ARRAY_MEMBER];
} PositionState;

/*
 * In a tuple, values of up to 130 bytes get a short header, which a state must
 * not have.  So this is for correctness, not speed: the next multiple of 16.
 */
#define MIN_STATE_SIZE			144

/* Marks a free place. */
#define NO_CURRENCY				0xFFFF

/*
 * The shape of each section: a slot per class, which is a count and then sums.
 * Invoices have one of two sections: that of totals while the amounts due of all
 * rows are unknown, else the other, and the journal counts what is unknown.
 */
typedef struct SectionShape
{
	int8		classes;
	int8		sums;
} SectionShape;

static const SectionShape section_shapes[NUM_SECTIONS] = {
	[SECTION_TOTALS] = {NUM_CELLS_OF_INVOICES, 1},
#define CLASSES(group, name, classes, rows) \
	[SECTION_##group] = {NUM_CELLS_OF_##group, NUM_MEASURES_OF_##group},
#include "cells.def"
};

#define SLOT_COUNT(slot)		((slot)[0])
#define SLOT_SUM(slot, measure)	((slot)[1 + (measure)])

/* Check the invariants of a state: see check.c. */
#ifdef CHECK_ASSERTIONS
extern void assert_check_state(const PositionState *state);
#else
#define assert_check_state(state)	((void) 0)
#endif

extern PositionState *state_layout(const PositionState *old,
								   uint32 max_currencies, int new_sections,
								   Size journal_size);
extern int	state_place_currency(PositionState *state, CurrencyCode code);

/* Whether a detoasted position is a state, or says that it is one. */
static inline bool
state_is(const struct varlena *position)
{
	return VARATT_IS_4B_U(position) && VARSIZE(position) > VARHDRSZ &&
		((const PositionState *) position)->form == POSITION_STATE;
}

/* The place where the search for a currency starts. */
static inline uint32
currency_home(CurrencyCode code, uint32 max_currencies)
{
	return (uint32) (uint16) (code * 0x9E35u) * max_currencies >> 16;
}

/* The bytes that a section has for each place. */
static pg_attribute_always_inline Size
section_stride(StateSection section)
{
	const SectionShape *shape = &section_shapes[section];

	return shape->classes * (1 + shape->sums) * sizeof(int64);
}

/* The slot of a place and class in a section, which the state must have. */
static pg_attribute_always_inline int64 *
state_slot(const PositionState *state, StateSection section, int place,
		   int class)
{
	char	   *slots = (char *) state + state->section[section] +
		place * section_stride(section);

	return (int64 *) slots + class * (1 + section_shapes[section].sums);
}

/* The section that holds the invoices of a state. */
static inline StateSection
invoice_section(const PositionState *state)
{
	return state->section[SECTION_INVOICES] != 0 ? SECTION_INVOICES : SECTION_TOTALS;
}

#endif							/* BALANCE_LAYOUT_H */
