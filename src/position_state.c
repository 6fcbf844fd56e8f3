/*-------------------------------------------------------------------------
 *
 * position_state.c
 *	  Building a position: the flat state, its growth, its journal, and the
 *	  way into the packed form.
 *
 *-------------------------------------------------------------------------
 */
#include "position_state.h"

#include "miscadmin.h"
#include "utils/memutils.h"

/* Never so small that a tuple would give the state a short header. */
#define MIN_STATE_SIZE			144

#define FIRST_MAX_CURRENCIES	2

/* Bytes that each section has per currency. */
static const Size section_stride[NUM_SECTIONS] = {
	[SECTION_TOTALS] = 4 * sizeof(CountedSlot),
	[SECTION_DUES] = 4 * sizeof(DueSlot),
	[SECTION_CHARGES] = 2 * sizeof(CountedSlot),
	[SECTION_UNITS] = 5 * sizeof(CountedSlot),
	[SECTION_MEMOS] = 4 * sizeof(MemoSlot)
};

/* ---- layout and growth ---- */

/*
 * Build a state of the given dimensions with the content of an old one, if
 * there is one.  The journal is left empty: its keeper copies it.
 */
PositionState *
state_layout(const PositionState *old, uint32 max_currencies,
			 int extra_section, Size journal_size)
{
	uint32		section[NUM_SECTIONS] = {0};
	Size		size;
	Size		journal;
	PositionState *state;

	size = MAXALIGN(offsetof(PositionState, codes) +
					max_currencies * sizeof(CurrencyCode));
	for (int i = 0; i < NUM_SECTIONS; i++)
	{
		if (i != extra_section && (old == NULL || old->section[i] == 0))
			continue;
		section[i] = size;
		size += max_currencies * section_stride[i];
	}
	journal = size;
	size = Max(size + journal_size, MIN_STATE_SIZE);
	if (!AllocSizeIsValid(size))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("position is too large"),
				 errdetail("It has more due dates, deposit statuses or digits than fit a value of PostgreSQL.")));

	state = palloc0(size);
	SET_VARSIZE(state, size);
	state->form = POSITION_STATE;
	state->max_currencies = max_currencies;
	memcpy(state->section, section, sizeof(section));
	state->journal = journal;
	if (old == NULL)
		return state;

	state->ncurrencies = old->ncurrencies;
	memcpy(state->codes, old->codes, old->ncurrencies * sizeof(CurrencyCode));
	for (int i = 0; i < NUM_SECTIONS; i++)
		if (old->section[i] != 0)
			memcpy((char *) state + section[i],
				   (const char *) old + old->section[i],
				   old->ncurrencies * section_stride[i]);
	return state;
}

/* Take over the journal of an old state as it stands. */
static void
copy_journal(PositionState *state, const PositionState *old)
{
	memcpy((char *) state + state->journal,
		   (const char *) old + old->journal, old->journal_used);
	state->journal_used = old->journal_used;
}

PositionState *
state_create(void)
{
	return state_layout(NULL, FIRST_MAX_CURRENCIES, -1, 0);
}

/* Give a currency the next index, growing all sections by half if need be. */
int
state_add_currency(PositionState **state, CurrencyCode code)
{
	PositionState *s = *state;

	if (s->ncurrencies == s->max_currencies)
	{
		s = state_layout(s, s->max_currencies + Max(s->max_currencies / 2, 1),
						 -1, journal_capacity(s));
		copy_journal(s, *state);
		*state = s;
	}
	s->codes[s->ncurrencies] = code;
	return s->ncurrencies++;
}

/* Make room for a section that no row has needed before. */
void
state_add_section(PositionState **state, StateSection section)
{
	PositionState *old = *state;

	*state = state_layout(old, old->max_currencies, section,
						  journal_capacity(old));
	copy_journal(*state, old);
}

/* ---- adding cells ---- */

/* Where the slots of a tag stand: the section, and which slot of its currency. */
typedef struct TagSlot
{
	int8		section;		/* -1 for tags that live in the journal */
	int8		slot;
} TagSlot;

static const TagSlot tag_slots[NUM_CELL_TAGS] = {
	[CELL_END] = {-1, 0},
	[CELL_UNCOUNTED] = {SECTION_UNITS, UNCOUNTED_SLOT},
	[CELL_INVOICE_DRAFT] = {SECTION_TOTALS, INVOICE_DRAFT},
	[CELL_INVOICE_OPEN] = {SECTION_TOTALS, INVOICE_OPEN},
	[CELL_INVOICE_PAID] = {SECTION_TOTALS, INVOICE_PAID},
	[CELL_INVOICE_VOID] = {SECTION_TOTALS, INVOICE_VOID},
	[CELL_DUE_DATE] = {-1, 0},
	[CELL_DUE_INSTANT] = {-1, 0},
	[CELL_CHARGE_USAGE] = {SECTION_CHARGES, CHARGE_USAGE},
	[CELL_CHARGE_FIXED] = {SECTION_CHARGES, CHARGE_FIXED},
	[CELL_DEPOSIT] = {-1, 0},
	[CELL_UNIT_CREDIT] = {SECTION_UNITS, UNIT_CREDIT},
	[CELL_UNIT_USED_CREDIT] = {SECTION_UNITS, UNIT_USED_CREDIT},
	[CELL_UNIT_DEBT] = {SECTION_UNITS, UNIT_DEBT},
	[CELL_UNIT_FUTURE_DEBT] = {SECTION_UNITS, UNIT_FUTURE_DEBT},
	[CELL_MEMO_DRAFT] = {SECTION_MEMOS, MEMO_DRAFT},
	[CELL_MEMO_AVAILABLE] = {SECTION_MEMOS, MEMO_AVAILABLE},
	[CELL_MEMO_SPENT] = {SECTION_MEMOS, MEMO_SPENT},
	[CELL_MEMO_VOID] = {SECTION_MEMOS, MEMO_VOID}
};

/* Whether the state has slots for a tag. */
static inline bool
has_slots(const PositionState *state, CellTag tag)
{
	return tag_slots[tag].section >= 0 && state->section[tag_slots[tag].section] != 0;
}

/*
 * Find the count and the measures of a tag that has slots.  Amounts due that
 * no row has had yet are NULL.
 */
static void
locate_slots(const PositionState *state, int currency, CellTag tag,
			 int64 **count, Measure **measure)
{
	StateSection section = tag_slots[tag].section;
	int			slot = tag_slots[tag].slot;
	char	   *base = (char *) state + state->section[section] +
		currency * section_stride[section];

	if (section == SECTION_MEMOS)
	{
		MemoSlot   *memo = (MemoSlot *) base + slot;

		*count = &memo->count;
		measure[MEMO_AMOUNT] = &memo->amount;
		measure[MEMO_APPLIED] = &memo->applied;
		return;
	}
	*count = &((CountedSlot *) base)[slot].count;
	measure[0] = &((CountedSlot *) base)[slot].sum;
	measure[1] = measure[2] = NULL;
	if (section == SECTION_TOTALS && state->section[SECTION_DUES] != 0)
	{
		DueSlot    *due = (DueSlot *) ((char *) state + state->section[SECTION_DUES] +
									   currency * section_stride[SECTION_DUES]) + slot;

		measure[INVOICE_AMOUNT_DUE] = &due->amount_due;
		measure[INVOICE_AMOUNT_REMAINING] = &due->amount_remaining;
	}
}

/* Make sure that all slots of a tag are there. */
static void
require_slots(PositionState **state, CellTag tag)
{
	if (!has_slots(*state, tag))
		state_add_section(state, tag_slots[tag].section);
	if (is_invoice_tag(tag) && (*state)->section[SECTION_DUES] == 0)
		state_add_section(state, SECTION_DUES);
}

static int64
signed_count(int64 count, int sign)
{
	int64		result;

	if (unlikely(pg_mul_s64_overflow(count, sign, &result)))
		report_count_out_of_range();
	return result;
}

/* The rows whose amount is known; count and unknown come from outside. */
static int64
known_rows(const Cell *cell, int measure)
{
	int64		known = cell->count;

	count_out_of(&known, cell->measure[measure].unknown);
	return known;
}

static void
journal_cell(PositionState **state, const Cell *cell, int sign)
{
	Amount		sum = cell->measure[0].sum;
	JournalEntry entry = {
		.currency = cell->currency,
		.tag = cell->tag,
		.key = cell->due,
		.count = signed_count(cell->count, sign),
		.sum.known = signed_count(known_rows(cell, 0), sign)
	};

	if (cell_kinds[cell->tag].key == KEY_STATUS)
		entry.key = cell->status_length;
	if (sign < 0)
		amount_negate(&sum);
	entry.sum.sum = sum.small;
	state_journal(state, &entry, cell->status, sum.wide);
}

/* Add or, with a negative sign, take away a cell of another position. */
void
state_add_cell(PositionState **state, const Cell *cell, int sign)
{
	const CellKind *kind = &cell_kinds[cell->tag];
	int			currency = state_currency(state, cell->currency);
	int64	   *count;
	Measure    *measure[MAX_MEASURES];

	if (kind->key != KEY_NONE)
	{
		journal_cell(state, cell, sign);
		return;
	}
	require_slots(state, cell->tag);
	locate_slots(*state, currency, cell->tag, &count, measure);
	count_into(count, signed_count(cell->count, sign));
	for (int i = 0; i < kind->measures; i++)
	{
		Amount		sum = cell->measure[i].sum;
		int128		added;

		count_into(&measure[i]->known,
				   signed_count(known_rows(cell, i), sign));
		if (sign < 0)
			amount_negate(&sum);
		if (__builtin_add_overflow(measure[i]->sum, sum.small, &added))
		{
			Amount		carried = {.small = sum.small, .wide = NULL};

			state_add_wide(state, cell->currency, cell->tag, i,
						   amount_to_numeric(&carried), 1);
		}
		else
			measure[i]->sum = added;
		if (sum.wide != NULL)
			state_add_wide(state, cell->currency, cell->tag, i, sum.wide, 1);
		/* the journal may have moved the state */
		locate_slots(*state, currency, cell->tag, &count, measure);
	}
}

/*
 * Read a cell out of its slots, without what the journal holds of it.  False
 * if there is nothing in them.
 */
static bool
read_slots(const PositionState *state, int currency, CellTag tag, Cell *cell)
{
	const CellKind *kind = &cell_kinds[tag];
	int64	   *count;
	Measure    *measure[MAX_MEASURES];
	bool		any;

	locate_slots(state, currency, tag, &count, measure);
	cell->currency = state->codes[currency];
	cell->tag = tag;
	cell->status = NULL;
	cell->count = *count;
	any = cell->count != 0;
	for (int i = 0; i < kind->measures; i++)
	{
		Quantity   *quantity = &cell->measure[i];

		/* nothing is unknown about a void row */
		quantity->unknown = is_void_tag(tag) ? 0 : cell->count;
		quantity->sum.small = 0;
		quantity->sum.wide = NULL;
		if (measure[i] != NULL)
		{
			quantity->sum.small = measure[i]->sum;
			if (!is_void_tag(tag))
				count_out_of(&quantity->unknown, measure[i]->known);
		}
		any |= quantity->unknown != 0 || quantity->sum.small != 0;
	}
	return any;
}

/* Add one state to another without packing it first. */
static void
add_state(PositionState **state, const PositionState *addend, int sign)
{
	char	   *next = (char *) addend + addend->journal;
	char	   *end = next + addend->journal_used;
	Cell		cell;

	for (int currency = 0; currency < addend->ncurrencies; currency++)
		for (CellTag tag = CELL_UNCOUNTED; tag < NUM_CELL_TAGS; tag++)
			if (has_slots(addend, tag) &&
				read_slots(addend, currency, tag, &cell))
				state_add_cell(state, &cell, sign);

	for (; next < end; next += ((JournalEntry *) next)->size)
	{
		JournalEntry entry = *(JournalEntry *) next;
		Amount		amount = entry_amount((JournalEntry *) next);

		CHECK_FOR_INTERRUPTS();
		if (sign < 0)
		{
			amount_negate(&amount);
			entry.count = signed_count(entry.count, -1);
			entry.sum.known = signed_count(entry.sum.known, -1);
			entry.sum.sum = amount.small;
		}
		(void) state_currency(state, entry.currency);
		if (tag_slots[entry.tag].section >= 0)
			require_slots(state, entry.tag);
		state_journal(state, &entry, entry_status((JournalEntry *) next),
					  amount.wide);
	}
}

/* Add or take away a position in either form. */
void
state_add_position(PositionState **state, const struct varlena *position,
				   int sign)
{
	PositionReader reader;
	Cell		cell;

	if (state_is(position))
	{
		add_state(state, (const PositionState *) position, sign);
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

/* Whether a detoasted position is in the form that is updated in place. */
bool
state_is(const struct varlena *position)
{
	return VARATT_IS_4B_U(position) &&
		((const PositionState *) position)->form == POSITION_STATE;
}

PositionState *
state_from_position(const struct varlena *position)
{
	PositionState *state = state_create();

	state_add_position(&state, position, 1);
	return state;
}

/*
 * The state that a transition or combine function may write to: the
 * aggregate's own if that is what the argument is, else a new one.
 */
PositionState *
state_getarg(FunctionCallInfo fcinfo, int argno)
{
	struct varlena *value;

	if (PG_ARGISNULL(argno))
		return state_create();
	value = (struct varlena *) PG_GETARG_POINTER(argno);
	if (VARATT_IS_4B_U(value) && state_is(value) &&
		AggCheckCallContext(fcinfo, NULL))
		return (PositionState *) value;
	return state_from_position(PG_DETOAST_DATUM_PACKED(PointerGetDatum(value)));
}

/* The currencies of a state in code order, as indexes. */
static uint16 *
sorted_currencies(const PositionState *state)
{
	uint16	   *order = palloc(Max(state->ncurrencies, 1) * sizeof(uint16));

	for (int i = 0; i < state->ncurrencies; i++)
	{
		int			j = i;

		for (; j > 0 && state->codes[order[j - 1]] > state->codes[i]; j--)
			order[j] = order[j - 1];
		order[j] = i;
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

/* A cell that lives in the journal alone, from its one folded entry. */
static void
read_entry(const JournalEntry *entry, Cell *cell)
{
	memset(cell, 0, sizeof(Cell));
	cell->currency = entry->currency;
	cell->tag = entry->tag;
	if (cell_kinds[entry->tag].key == KEY_STATUS)
	{
		cell->status = entry_status(entry);
		cell->status_length = entry->key;
	}
	else
		cell->due = entry->key;
	cell->count = entry->count;
	cell->measure[0].sum = entry_amount(entry);
	if (cell_kinds[entry->tag].knows_unknown)
	{
		cell->measure[0].unknown = entry->count;
		count_out_of(&cell->measure[0].unknown, entry->sum.known);
	}
}

/*
 * Write a cell, unless it is zero.  Its rows are added up to make sure that a
 * position whose rows cannot be shown never comes to be.
 */
static void
pack_cell(StringInfo packed, Cell *cell, int128 *rows)
{
	if (cell_is_zero(cell))
		return;
	if (cell_kinds[cell->tag].is_row)
		*rows += cell->count;
	packed_cell(packed, cell);
}

/*
 * The canonical packed form.  The folded journal is in the same order as the
 * tags are walked, so one pass over both yields the cells in order.
 */
struct varlena *
state_pack(const PositionState *state)
{
	uint16	   *order = sorted_currencies(state);
	StringInfoData journal;
	StringInfoData packed;
	const char *next;
	const char *end;

	journal_fold(state, &journal);
	next = journal.data;
	end = journal.data + journal.len;
	packed_begin(&packed);
	for (int i = 0; i < state->ncurrencies; i++)
	{
		CurrencyCode currency = state->codes[order[i]];
		int			start = packed.len;
		int128		rows = 0;

		packed_currency(&packed, currency);
		for (CellTag tag = CELL_UNCOUNTED; tag < NUM_CELL_TAGS; tag++)
		{
			bool		keyed = cell_kinds[tag].key != KEY_NONE;
			Cell		cell;

			if (has_slots(state, tag))
				(void) read_slots(state, order[i], tag, &cell);
			else if (!keyed)
				continue;
			for (; next < end; next += ((const JournalEntry *) next)->size)
			{
				const JournalEntry *entry = (const JournalEntry *) next;
				Amount		wide = entry_amount(entry);

				if (entry->currency != currency || entry->tag != tag)
					break;
				if (!keyed)
				{
					amount_add(&cell.measure[entry->measure].sum, &wide);
					continue;
				}
				read_entry(entry, &cell);
				pack_cell(&packed, &cell, &rows);
			}
			if (!keyed)
				pack_cell(&packed, &cell, &rows);
		}
		(void) total_rows(rows);
		/* a currency of which nothing is left is not there */
		if (packed.len == start + sizeof(CurrencyCode))
			packed.len = start;
		else
			packed_end_currency(&packed);
	}
	if (next != end)
		elog(ERROR, "journal of a position has an entry without a place");
	pfree(journal.data);
	pfree(order);
	return packed_finish(&packed);
}
