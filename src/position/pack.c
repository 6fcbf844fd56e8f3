/*-------------------------------------------------------------------------
 *
 * pack.c
 *	  Packing a state.
 *
 * The executor copies what an aggregate returns in a window, so every frame is
 * packed.  Most of a frame is as it was in the one before: what each currency was
 * packed from is kept with the bytes that came out of it, and these are copied as
 * long as it is the same.
 *
 *-------------------------------------------------------------------------
 */
#include "pack.h"

#include "packed.h"
#include "utils/memutils.h"
#include "walk.h"

/*
 * How many currencies are kept, each at its place, and how much of one.  Without any,
 * windows with due dates take 1.07 to 1.2 times the instructions; the bounds were
 * never measured.
 */
#define KEPT_CURRENCIES	32
#define MOST_KEPT		8192

/*
 * What a currency was packed from: the slots of its sections, and the short entries
 * of its dues.  Behind them in memory are the bytes of its cells.
 */
typedef struct KeptCurrency
{
	CurrencyCode currency;
	int			version;		/* 0 if nothing is kept */
	uint32		sections;
	Size		slots_size;
	Size		dues_size;
	Size		cells_size;
	Size		allocated;
	char	   *bytes;
} KeptCurrency;

static KeptCurrency kept_currencies[KEPT_CURRENCIES];

/* ---- what is kept ---- */

/* Whether what a state has of a currency, its dues from next on, is what was kept. */
static bool
is_kept(const KeptCurrency *kept, const PositionState *state, int place,
		const char *next, const char *end)
{
	const char *slots = kept->bytes;

	if (end - next < kept->dues_size ||
		memcmp(next, kept->bytes + kept->slots_size, kept->dues_size) != 0)
		return false;
	next += kept->dues_size;
	if (next < end && ((const ShortEntry *) next)->currency == kept->currency)
		return false;
	for (int i = 0; i < NUM_SECTIONS; i++)
	{
		Size		size = section_stride(i);

		if ((state->section[i] != 0) != ((kept->sections & SECTION_BIT(i)) != 0))
			return false;
		if (state->section[i] == 0)
			continue;
		if (memcmp(slots, state_slot(state, i, place, 0), size) != 0)
			return false;
		slots += size;
	}
	return true;
}

/* The bytes of all slots of a place, or just their size. */
static Size
copy_slots_of(const PositionState *state, int place, char *to)
{
	Size		copied = 0;

	for (int i = 0; i < NUM_SECTIONS; i++)
	{
		if (state->section[i] == 0)
			continue;
		if (to != NULL)
			memcpy(to + copied, state_slot(state, i, place, 0), section_stride(i));
		copied += section_stride(i);
	}
	return copied;
}

/* Keep what a currency was packed from, and its cells, if it has anything. */
static void
keep_currency(KeptCurrency *kept, const PositionState *state, int place,
			  const char *dues, Size dues_size, const PositionWriter *writer, Size cells_size)
{
	Size		slots_size = copy_slots_of(state, place, NULL);
	Size		size = slots_size + dues_size + cells_size;

	kept->version = 0;
	if (size == 0 || size > MOST_KEPT)
		return;
	if (size > kept->allocated)
	{
		Size		wanted = Min(2 * size, MOST_KEPT);
		char	   *bytes = MemoryContextAlloc(TopMemoryContext, wanted);

		if (kept->bytes != NULL)
			pfree(kept->bytes);
		kept->bytes = bytes;
		kept->allocated = wanted;
	}
	kept->slots_size = copy_slots_of(state, place, kept->bytes);
	memcpy(kept->bytes + slots_size, dues, dues_size);
	memcpy(kept->bytes + slots_size + dues_size,
		   writer->buf.data + writer->buf.len - cells_size, cells_size);
	kept->sections = 0;
	for (int i = 0; i < NUM_SECTIONS; i++)
		kept->sections |= state->section[i] != 0 ? SECTION_BIT(i) : 0;
	kept->dues_size = dues_size;
	kept->cells_size = cells_size;
	kept->currency = state->codes[place];
	kept->version = writer->version;
}

/* ---- packing ---- */

/* Pack the cell of a slot, and tell how many rows it counts. */
static int64
pack_slot(const PositionState *state, int place, CellTag tag, PositionWriter *writer)
{
	int			sums;
	const int64 *slot = tag_slot(state, place, tag, &sums);
	int64		count = SLOT_COUNT(slot);
	int64		any = count;

	for (int i = 0; i < sums; i++)
		any |= SLOT_SUM(slot, i);
	if (any != 0)
		writer_add_short(writer, state->codes[place], tag, count, &SLOT_SUM(slot, 0), sums,
						 cell_kinds[tag].is_void ? 0 : count);
	return cell_kinds[tag].is_row ? count : 0;
}

/*
 * Pack the cells of a currency by their tags; its dues are the short entries from next on,
 * and what follows them is returned.
 */
static const char *
pack_currency(const PositionState *state, int place, uint32 tags, const char *next,
			  const char *end, PositionWriter *writer)
{
	CurrencyCode currency = state->codes[place];
	int128		rows = 0;

	while (tags != 0)
	{
		CellTag		tag = take_tag(&tags);

		if (is_due_tag(tag))
			next = writer_add_dues(writer, currency, tag, next, end);
		else
			rows += pack_slot(state, place, tag, writer);
	}
	(void) total_rows(rows);
	return next;
}

/* The same of a frame, where most currencies are as they were in the one before. */
static const char *
pack_again(const PositionState *state, int place, uint32 tags, const char *next,
		   const char *end, PositionWriter *writer)
{
	CurrencyCode currency = state->codes[place];
	KeptCurrency *kept = &kept_currencies[currency_home(currency, KEPT_CURRENCIES)];
	const char *dues = next;
	Size		begun = writer->buf.len;
	Size		head = writer_head_size(writer);

	if (kept->version == writer->version && kept->currency == currency &&
		is_kept(kept, state, place, next, end))
	{
		writer_add_cells(writer, currency,
						 kept->bytes + kept->slots_size + kept->dues_size, kept->cells_size);
		return next + kept->dues_size;
	}
	next = pack_currency(state, place, tags, next, end, writer);
	begun += writer->buf.len > begun ? head : 0;
	keep_currency(kept, state, place, dues, next - dues, writer, writer->buf.len - begun);
	return next;
}

/*
 * Pack a state as it stands; false if that cannot be done, as the journal has to be
 * folded or has more than short entries.
 */
static bool
pack_as_it_stands(const PositionState *state, PositionWriter *writer)
{
	const char *next = journal_begin(state);
	const char *end = journal_end(state);
	bool		is_frame = state->journal_sorted > 0;
	uint32		tags = state_slot_tags(state) | DUE_TAGS;
	uint16	   *order;

	if (state->journal_sorted < state->journal_used)
		return false;
	order = state_sorted_currencies(state);
	for (int i = 0; i < state->ncurrencies; i++)
		next = is_frame ? pack_again(state, order[i], tags, next, end, writer) :
			pack_currency(state, order[i], tags, next, end, writer);
	pfree(order);
	return next == end;
}

/* The packed form of a state, in one of its versions. */
struct varlena *
state_pack(const PositionState *state, int version)
{
	PositionWriter writer;

	writer_init(&writer, version);
	if (!pack_as_it_stands(state, &writer))
	{
		writer_init(&writer, version);
		state_walk(state, writer_add, &writer);
	}
	return writer_finish(&writer);
}
