/*-------------------------------------------------------------------------
 *
 * state.c
 *	  Adding to a state: currencies, sections and cells.
 *
 *-------------------------------------------------------------------------
 */
#include "state.h"

#include "miscadmin.h"
#include "packed.h"
#include "utils/memutils.h"

/*
 * Tables of currencies have 3, 7, 15 … places: with the slots, states of the
 * first sizes just fit the powers of two in which memory is allocated (totals
 * alone take 248 and 512 bytes).  Up to the second size a table may be full, as
 * searching so few places is quick.  Neither was measured by itself.
 */
#define FIRST_MAX_CURRENCIES	3
#define MAX_FULL_TABLE			7

/*
 * How many currencies the state had that last grew or was finished, and how long
 * its journal was if it had amounts due.  The next state will probably be about
 * as large; and if it never moves, it stays beside its group's entry in the
 * executor's hash table, so that one cache miss serves for both.  Without this,
 * whole books take 1.03 to 1.28 times as long (make bench, balance and summary).
 */
static int	expected_currencies = 0;
static Size expected_journal = 0;

/* The state that was finished last, unless it was asked for since. */
static const PositionState *finished = NULL;

/*
 * Upper bound on the journal space that a new state reserves, so that one long
 * journal does not make all states after it large.  Never measured.
 */
#define MAX_EXPECTED_JOURNAL	2048

/* ---- growth ---- */

/* A new state with the given sections, about as large as the last one became. */
PositionState *
state_create(int sections)
{
	return state_layout(NULL, expected_currencies > FIRST_MAX_CURRENCIES ?
						MAX_FULL_TABLE : FIRST_MAX_CURRENCIES, sections,
						sections & SECTION_BIT(SECTION_INVOICES) ?
						Min(expected_journal, MAX_EXPECTED_JOURNAL) : 0);
}

/* Remember that a state was finished, and its size for those to come. */
void
state_remember(const PositionState *state)
{
	finished = state;
	expected_currencies = state->ncurrencies;
	if (state->section[SECTION_INVOICES] != 0)
		expected_journal = state->journal_used;
}

/*
 * Whether a state that goes on was finished just before, as in a window that has a
 * result at every row.  Told by its address, so it may be wrong.
 */
bool
state_was_finished(const PositionState *state)
{
	bool		was_finished = state == finished;

	finished = NULL;
	return was_finished;
}

/* Give a currency a place, in a larger table if this one is full. */
int
state_add_currency(PositionState **state, CurrencyCode code)
{
	PositionState *s = *state;
	uint32		max = s->max_currencies;
	int			place;

	assert_check_state(s);
	if (s->ncurrencies >= (max <= MAX_FULL_TABLE ? max : max / 4 * 3))
	{
		s = state_layout(s, 2 * max + 1, 0, journal_capacity(s));
		state_journal_all(&s, *state);
		*state = s;
		expected_currencies = max + 1;
	}
	place = state_place_currency(s, code);
	assert_check_state(s);
	return place;
}

/*
 * Add a section.  If it is the one for amounts due, those of all invoices so far
 * become unknown, as only their totals were counted.
 */
void
state_add_section(PositionState **state, StateSection section)
{
	PositionState *old = *state;

	assert_check_state(old);
	*state = state_layout(old, old->max_currencies, SECTION_BIT(section),
						  journal_capacity(old));
	state_journal_all(state, old);
	if (section != SECTION_INVOICES || old->section[SECTION_TOTALS] == 0)
		return;
	for (uint32 i = 0; i < old->max_currencies; i++)
		for (InvoiceClass class = INVOICE_DRAFT; class < INVOICE_VOID; class++)
		{
			int64		rows = 0;

			if (old->codes[i] != NO_CURRENCY)
				rows = SLOT_COUNT(state_slot(old, SECTION_TOTALS, i, class));
			for (int m = MEASURE_AMOUNT_DUE; rows != 0 && m < NUM_MEASURES_OF_INVOICES; m++)
				state_add_beyond(state, old->codes[i], CELL_INVOICE_DRAFT + class, m,
								 NULL, rows);
		}
	assert_check_state(*state);
}

/* ---- adding cells ---- */

/* The section that holds a tag; -1 if the journal does. */
static const int8 tag_sections[NUM_CELL_TAGS] = {
	[CELL_END] = -1,
#define CELL(group, tag, number, name, key, is_void)	[tag] = SECTION_##group,
#include "cells.def"
};

/* The section in which this state would hold a tag, or -1. */
static inline int
tag_section(const PositionState *state, CellTag tag)
{
	int			section = tag_sections[tag];

	return section == SECTION_INVOICES ? (int) invoice_section(state) : section;
}

/* The smallest section for a tag that the state does not hold yet. */
static inline StateSection
first_section(CellTag tag)
{
	return is_invoice_tag(tag) ? SECTION_TOTALS : tag_sections[tag];
}

/* Whether the state has slots for a tag. */
bool
state_has_slots(const PositionState *state, CellTag tag)
{
	int			section = tag_section(state, tag);

	return section >= 0 && state->section[section] != 0;
}

/* The tags that the state has slots for, as bits. */
uint32
state_slot_tags(const PositionState *state)
{
	uint32		tags = 0;

	for (CellTag tag = CELL_UNCOUNTED; tag < NUM_CELL_TAGS; tag++)
		if (state_has_slots(state, tag))
			tags |= CELL_BIT(tag);
	return tags;
}

/* The slot of a tag that has one, and how many sums it has. */
int64 *
tag_slot(const PositionState *state, int place, CellTag tag, int *sums)
{
	int			section = tag_section(state, tag);

	*sums = section_shapes[section].sums;
	return state_slot(state, section, place, cell_kinds[tag].class);
}

/*
 * Make sure that the state has all slots of a cell.  An invoice cell whose
 * amounts due are all unknown needs no slots for them.
 */
static void
require_slots(PositionState **state, const Cell *cell)
{
	if (!state_has_slots(*state, cell->tag))
		state_add_section(state, first_section(cell->tag));
	if (!is_invoice_tag(cell->tag) || (*state)->section[SECTION_INVOICES] != 0)
		return;
	for (int i = MEASURE_AMOUNT_DUE; i < NUM_MEASURES_OF_INVOICES; i++)
		if (!amount_is_zero(&cell->measure[i].sum) ||
			cell->measure[i].unknown != (cell_kinds[cell->tag].is_void ? 0 : cell->count))
		{
			state_add_section(state, SECTION_INVOICES);
			return;
		}
}

/* The count with its sign, which the smallest bigint cannot change. */
static int64
signed_count(int64 count, int sign)
{
	int64		result;

	if (unlikely(pg_mul_s64_overflow(count, sign, &result)))
		report_count_out_of_range();
	return result;
}

/*
 * Add one entry of another state's journal.  If its measure has a slot there, it
 * must have one here, too.
 */
static void
add_journaled(PositionState **state, JournalEntry *entry, int sign)
{
	entry->count = signed_count(entry->count, sign);
	entry->unknown = signed_count(entry->unknown, sign);
	if (sign < 0)
		amount_negate(&entry->sum);
	(void) state_currency(state, entry->currency);
	if (cell_kinds[entry->tag].key == KEY_NONE)
	{
		if (!state_has_slots(*state, entry->tag))
			state_add_section(state, first_section(entry->tag));
		if (is_invoice_tag(entry->tag) && entry->measure != MEASURE_TOTAL &&
			(*state)->section[SECTION_INVOICES] == 0)
			state_add_section(state, SECTION_INVOICES);
	}
	state_journal(state, entry);
}

/* Journal a cell that has no slot. */
static void
journal_cell(PositionState **state, const Cell *cell, int sign)
{
	JournalEntry entry = {
		.currency = cell->currency,
		.tag = cell->tag,
		.key = cell->text != NULL ? cell->text_length : cell->due,
		.text = cell->text,
		.count = cell->count,
		.unknown = cell->measure[0].unknown,
		.sum = cell->measure[0].sum
	};

	add_journaled(state, &entry, sign);
}

/* Add a measure of a cell to its slot, and journal what does not fit. */
static void
add_cell_measure(PositionState **state, int place, const Cell *cell, int i,
				 int sign)
{
	Amount		amount = cell->measure[i].sum;
	int			sums;
	int64	   *slot = tag_slot(*state, place, cell->tag, &sums);
	int64		addend;
	int64		total;

	if (i >= sums)
		return;
	if (sign < 0)
		amount_negate(&amount);
	if (amount_to_short(&amount, &addend) &&
		!pg_add_s64_overflow(SLOT_SUM(slot, i), addend, &total))
		SLOT_SUM(slot, i) = total;
	else
		state_add_beyond(state, cell->currency, cell->tag, i, &amount, 0);
	if (cell->measure[i].unknown != 0 && !cell_kinds[cell->tag].is_void)
		state_add_beyond(state, cell->currency, cell->tag, i, NULL,
						 signed_count(cell->measure[i].unknown, sign));
}

/* Add a cell or, with a negative sign, take it away. */
void
state_add_cell(PositionState **state, const Cell *cell, int sign)
{
	const CellKind *kind = &cell_kinds[cell->tag];
	int			place = state_currency(state, cell->currency);
	int			sums;

	assert_check_state(*state);
	if (kind->key != KEY_NONE)
	{
		journal_cell(state, cell, sign);
		return;
	}
	require_slots(state, cell);
	count_into(&SLOT_COUNT(tag_slot(*state, place, cell->tag, &sums)),
			   signed_count(cell->count, sign));
	for (int i = 0; i < kind->measures; i++)
		add_cell_measure(state, place, cell, i, sign);
	assert_check_state(*state);
}

/*
 * Read a cell from its slot, without its entries in the journal.  False if the
 * slot is empty.
 */
bool
state_read_slots(const PositionState *state, int place, CellTag tag,
				 Cell *cell)
{
	const CellKind *kind = &cell_kinds[tag];
	int			sums;
	const int64 *slot = tag_slot(state, place, tag, &sums);
	bool		any;

	cell->currency = state->codes[place];
	cell->tag = tag;
	cell->text = NULL;
	cell->count = SLOT_COUNT(slot);
	any = cell->count != 0;
	for (int i = 0; i < kind->measures; i++)
	{
		Quantity   *quantity = &cell->measure[i];

		quantity->sum = amount_from_short(i < sums ? SLOT_SUM(slot, i) : 0);
		/* nothing is unknown about a void row */
		quantity->unknown = i < sums || cell_kinds[tag].is_void ? 0 : cell->count;
		any |= quantity->sum.small != 0;
	}
	return any;
}

/*
 * Add or take away a slot of another state where this one has the same, sum by
 * sum, which saves a cell of 128-bit amounts in between.  False if that cannot be
 * done, or a sum would overflow.
 */
static bool
add_slot(PositionState *state, int place, const PositionState *addend,
		 int addend_place, CellTag tag, int sign)
{
	int64		added[1 + MAX_MEASURES];
	const int64 *from;
	int64	   *to;
	int			nfrom;
	int			nto;

	if (!state_has_slots(state, tag))
		return false;
	from = tag_slot(addend, addend_place, tag, &nfrom);
	to = tag_slot(state, place, tag, &nto);
	if (nfrom != nto)
		return false;
	for (int i = 0; i <= nto; i++)
		if (sign > 0 ? pg_add_s64_overflow(to[i], from[i], &added[i]) :
			pg_sub_s64_overflow(to[i], from[i], &added[i]))
			return false;
	memcpy(to, added, (1 + nto) * sizeof(int64));
	return true;
}

/* Add or take away one currency of another state, slot by slot or cell by cell. */
static void
add_currency(PositionState **state, const PositionState *addend,
			 int addend_place, int sign)
{
	int			place = state_currency(state, addend->codes[addend_place]);
	Cell		cell = {0};

	for (CellTag tag = CELL_UNCOUNTED; tag < NUM_CELL_TAGS; tag++)
		if (state_has_slots(addend, tag) &&
			!add_slot(*state, place, addend, addend_place, tag, sign) &&
			state_read_slots(addend, addend_place, tag, &cell))
			state_add_cell(state, &cell, sign);
}

/*
 * Whether a journal means the same in another state: that has slots wherever the
 * journal's own state has, and as wide ones for invoices.
 */
static bool
journal_fits(const PositionState *state, const PositionState *addend)
{
	for (int i = 0; i < NUM_SECTIONS; i++)
		if (addend->section[i] != 0 && state->section[i] == 0)
			return false;
	return true;
}

/* Add or take away another state: its currencies, and then its journal. */
static void
add_state(PositionState **state, const PositionState *addend, int sign)
{
	const char *next = journal_begin(addend);
	const char *end = journal_end(addend);
	JournalEntry entry;

	for (uint32 place = 0; place < addend->max_currencies; place++)
		if (addend->codes[place] != NO_CURRENCY)
			add_currency(state, addend, place, sign);
	if (sign > 0 && journal_fits(*state, addend))
	{
		state_journal_all(state, addend);
		return;
	}
	while (next < end)
	{
		CHECK_FOR_INTERRUPTS();
		next = journal_read(next, &entry);
		add_journaled(state, &entry, sign);
	}
}

/* Add or take away a position, be it a state or packed. */
void
state_add_position(PositionState **state, const struct varlena *position,
				   int sign)
{
	PositionReader reader;
	Cell		cell = {0};

	assert_check_state(*state);
	if (state_is(position))
	{
		assert_check_state((const PositionState *) position);
		add_state(state, (const PositionState *) position, sign);
		assert_check_state(*state);
		return;
	}
	reader_init(&reader, position, ERRCODE_DATA_CORRUPTED);
	while (reader_next(&reader, &cell))
	{
		CHECK_FOR_INTERRUPTS();
		state_add_cell(state, &cell, sign);
	}
}

/* ---- from and to the outside ---- */

/* A new state that holds a position. */
PositionState *
state_from_position(const struct varlena *position)
{
	PositionState *state = state_create(0);

	state_add_position(&state, position, 1);
	return state;
}
