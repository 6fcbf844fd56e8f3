/*-------------------------------------------------------------------------
 *
 * walk.c
 *	  Walking over the cells of a state in canonical order.
 *
 *-------------------------------------------------------------------------
 */
#include "walk.h"

#include "miscadmin.h"

/* The places of a state's currencies in code order. */
uint16 *
state_sorted_currencies(const PositionState *state)
{
	uint16	   *order = palloc(Max(state->ncurrencies, 1) * sizeof(uint16));
	int			n = 0;

	for (uint32 place = 0; place < state->max_currencies; place++)
	{
		int			j = n;

		if (state->codes[place] == NO_CURRENCY)
			continue;
		for (; j > 0 && state->codes[order[j - 1]] > state->codes[place]; j--)
			order[j] = order[j - 1];
		order[j] = place;
		n++;
	}
	return order;
}

static bool
cell_is_zero(const Cell *cell)
{
	for (int i = 0; i < cell_kinds[cell->tag].measures; i++)
		if (cell->measure[i].unknown != 0 ||
			!amount_is_zero(&cell->measure[i].sum))
			return false;
	return cell->count == 0;
}

/*
 * A walk over the cells of a state.  It adds up the rows of each currency, so
 * that a position whose number of rows is out of range never comes to be.
 */
typedef struct StateWalk
{
	const PositionState *state;
	const JournalEntry *entry;	/* next one of the folded journal */
	const JournalEntry *end;
	Cell		cell;			/* the one to visit */
	CellVisitor visit;
	void	   *context;
	int128		rows;			/* so far in this currency */
} StateWalk;

static inline bool
entry_is_of(const StateWalk *walk, CurrencyCode currency, CellTag tag)
{
	return walk->entry < walk->end && walk->entry->currency == currency &&
		walk->entry->tag == tag;
}

/* Pass the cell on unless it is zero: such a cell is not part of a position. */
static void
visit_cell(StateWalk *walk)
{
	if (cell_is_zero(&walk->cell))
		return;
	if (cell_kinds[walk->cell.tag].is_row)
		walk->rows += walk->cell.count;
	walk->visit(walk->context, &walk->cell);
}

/* Visit the cells of a tag without slots: each is one folded entry. */
static void
walk_entries(StateWalk *walk, CurrencyCode currency, CellTag tag)
{
	for (; entry_is_of(walk, currency, tag); walk->entry++)
	{
		CHECK_FOR_INTERRUPTS();
		entry_to_cell(walk->entry, &walk->cell);
		visit_cell(walk);
	}
}

/* Visit the cell of a tag with slots, after adding its entries in the journal. */
static void
walk_slots(StateWalk *walk, int place, CellTag tag)
{
	Cell	   *cell = &walk->cell;

	(void) state_read_slots(walk->state, place, tag, cell);
	for (; entry_is_of(walk, cell->currency, tag); walk->entry++)
	{
		Quantity   *quantity = &cell->measure[walk->entry->measure];

		amount_add(&quantity->sum, &walk->entry->sum);
		count_into(&quantity->unknown, walk->entry->unknown);
	}
	visit_cell(walk);
}

/*
 * Visit all cells of a state that are not zero.  The folded journal is in the
 * order of the tags, so one pass over both yields the cells in order.  What they
 * point to is in the state or was allocated here.
 */
void
state_walk(const PositionState *state, CellVisitor visit, void *context)
{
	StateWalk	walk = {.state = state, .visit = visit, .context = context};
	uint16	   *order = state_sorted_currencies(state);
	int			n;
	JournalEntry *entries = journal_fold(state, true, &n);

	assert_check_state(state);
	walk.entry = entries;
	walk.end = entries + n;
	for (int i = 0; i < state->ncurrencies; i++)
	{
		int			place = order[i];

		walk.rows = 0;
		for (CellTag tag = CELL_UNCOUNTED; tag < NUM_CELL_TAGS; tag++)
			if (cell_kinds[tag].key != KEY_NONE)
				walk_entries(&walk, state->codes[place], tag);
			else if (state_has_slots(state, tag))
				walk_slots(&walk, place, tag);
		(void) total_rows(walk.rows);
	}
	if (walk.entry != walk.end)
		elog(ERROR, "journal of a position has an entry without a place");
	pfree(entries);
	pfree(order);
}
