/*-------------------------------------------------------------------------
 *
 * read.c
 *	  Reading the cells of a position, for projections.
 *
 *-------------------------------------------------------------------------
 */
#include "read.h"

#include "miscadmin.h"
#include "packed.h"
#include "walk.h"

/*
 * Begin the cells of a currency.  The initial room suffices for an ordinary
 * customer, where dues are most of the cells that are wanted; it doubles as
 * needed.  The numbers were never measured.
 */
static CurrencyCells *
begin_currency(List **currencies, CurrencyCode code, bool with_dues)
{
	CurrencyCells *currency = palloc0(sizeof(CurrencyCells));

	currency->currency = code;
	currency->allocated = with_dues ? 24 : 8;
	currency->cells = palloc(currency->allocated * sizeof(Cell));
	*currencies = lappend(*currencies, currency);
	return currency;
}

/* Add a cell, which the caller fills in. */
static Cell *
next_cell(CurrencyCells *currency)
{
	if (currency->ncells == currency->allocated)
	{
		currency->allocated *= 2;
		currency->cells = repalloc_huge(currency->cells,
										currency->allocated * sizeof(Cell));
	}
	return &currency->cells[currency->ncells++];
}

/* Collects cells that come in canonical order. */
typedef struct Collection
{
	List	   *currencies;
	CurrencyCells *current;
	bool		with_dues;
} Collection;

static void
collect_cell(void *context, Cell *cell)
{
	Collection *collection = context;
	CurrencyCells *current = collection->current;

	if (current == NULL || current->currency != cell->currency)
		current = collection->current = begin_currency(&collection->currencies,
													   cell->currency,
													   collection->with_dues);
	if (cell_kinds[cell->tag].is_row)
		current->rows += cell->count;
	if (collection->with_dues || !is_due_tag(cell->tag))
		*next_cell(current) = *cell;
}

static List *
currencies_of_packed(const struct varlena *packed, bool with_dues)
{
	Collection	collection = {.with_dues = with_dues};
	PositionReader reader;
	Cell		cell;

	reader_init(&reader, packed, ERRCODE_DATA_CORRUPTED);
	reader.without_dues = !with_dues;
	while (reader_next(&reader, &cell))
	{
		CHECK_FOR_INTERRUPTS();
		collect_cell(&collection, &cell);
	}
	return collection.currencies;
}

/* The cells of the slots of a state; by_place finds each currency in the list. */
static List *
currencies_of_slots(const PositionState *state, bool with_dues,
					CurrencyCells **by_place)
{
	uint16	   *order = state_sorted_currencies(state);
	uint32		slots = state_slot_tags(state);
	List	   *currencies = NIL;

	for (int i = 0; i < state->ncurrencies; i++)
	{
		int			place = order[i];
		CurrencyCells *current = begin_currency(&currencies, state->codes[place], with_dues);

		by_place[place] = current;
		for (uint32 tags = slots; tags != 0;)
		{
			CellTag		tag = take_tag(&tags);
			Cell	   *cell = next_cell(current);

			if (!state_read_slots(state, place, tag, cell))
				current->ncells--;
			else if (cell_kinds[tag].is_row)
				current->rows += cell->count;
		}
		(void) total_rows(current->rows);
	}
	pfree(order);
	return currencies;
}

/*
 * Whether an entry can serve as a cell, although others may have the same key.
 * Not if rows were taken away, as it may cancel another.  Counts as small as
 * those of short entries cannot add up to more than a bigint.
 */
static inline bool
is_cell_or_part(const JournalEntry *entry)
{
	return entry->count > 0 && entry->count <= PG_INT8_MAX;
}

/*
 * The cells of a state without folding its journal, so that dues come in parts
 * and in any order.  False if that would be wrong: because the journal holds more
 * than dues, so that slots alone do not tell the cells; because dues may cancel
 * each other; or because a currency has only dues, which may add up to nothing.
 */
static bool
currencies_of_state(PositionState *state, bool with_dues, List **currencies)
{
	const char *next = journal_begin(state);
	const char *end = journal_end(state);
	CurrencyCells **by_place = palloc(state->max_currencies * sizeof(CurrencyCells *));
	ListCell   *lc;

	*currencies = currencies_of_slots(state, with_dues, by_place);
	foreach(lc, *currencies)
	{
		if (((CurrencyCells *) lfirst(lc))->ncells == 0)
			return false;
	}
	while (next < end)
	{
		JournalEntry entry;

		CHECK_FOR_INTERRUPTS();
		next = journal_read(next, &entry);
		if (!is_due_tag(entry.tag) || (with_dues && !is_cell_or_part(&entry)))
			return false;
		if (with_dues)
			entry_to_cell(&entry,
						  next_cell(by_place[state_currency(&state, entry.currency)]));
	}
	pfree(by_place);
	return true;
}

/*
 * The currencies of a position in either form, as a list of CurrencyCells in code
 * order.
 */
List *
position_currencies(const struct varlena *position, bool with_dues)
{
	Collection	collection = {.with_dues = with_dues};
	List	   *currencies;

	if (!state_is(position))
		return currencies_of_packed(position, with_dues);
	if (currencies_of_state((PositionState *) position, with_dues, &currencies))
		return currencies;
	state_walk((PositionState *) position, collect_cell, &collection);
	return collection.currencies;
}

/*
 * Unpaid invoices without a due date.  They have no cell of their own: they are
 * all unpaid ones less those with a due date or instant.
 */
void
undated_open_amount(const CurrencyCells *cells, int128 *count, Amount *amount)
{
	*count = 0;
	memset(amount, 0, sizeof(Amount));
	for (int i = 0; i < cells->ncells; i++)
	{
		const Cell *cell = &cells->cells[i];

		CHECK_FOR_INTERRUPTS();
		if (is_unpaid_tag(cell->tag))
		{
			*count += cell->count;
			amount_add(amount, &cell->measure[MEASURE_AMOUNT_REMAINING].sum);
		}
		else if (is_due_tag(cell->tag))
		{
			*count -= cell->count;
			amount_subtract(amount, &cell->measure[0].sum);
		}
	}
}

/* Raise 22004 if a projection needs an amount that some rows lack. */
void
require_known(int64 unknown, const char *amount, CurrencyCode currency)
{
	char		name[CURRENCY_NAME_SIZE];

	if (unknown == 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 errmsg_plural("%s is null in " INT64_FORMAT " row in %s",
						   "%s is null in " INT64_FORMAT " rows in %s",
						   unknown, amount, unknown,
						   currency_upper(currency, name)),
			 errdetail("A null amount is unknown, and so is every sum it belongs to.")));
}
