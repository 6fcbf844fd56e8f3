/*-------------------------------------------------------------------------
 *
 * position_journal.c
 *	  The journal of a position's state: entries appended as rows come, and
 *	  only now and then folded.
 *
 *-------------------------------------------------------------------------
 */
#include "position_state.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"

#define FIRST_JOURNAL_ENTRIES	4

/*
 * Canonical order of what a and b point to a pointer to: currency, tag, key.
 * Entries with equal keys are added up.
 */
static int
entry_compare(const void *a, const void *b)
{
	const JournalEntry *x = *(JournalEntry *const *) a;
	const JournalEntry *y = *(JournalEntry *const *) b;

	if (x->currency != y->currency)
		return x->currency < y->currency ? -1 : 1;
	if (x->tag != y->tag)
		return x->tag < y->tag ? -1 : 1;
	if (cell_kinds[x->tag].key == KEY_STATUS)
	{
		int			order = memcmp(entry_status(x), entry_status(y),
								   Min(x->key, y->key));

		if (order != 0)
			return order;
	}
	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (int) x->measure - (int) y->measure;
}

/* Set an entry's size by what will stand behind it. */
static Size
size_entry(JournalEntry *entry, Numeric wide)
{
	entry->size = sizeof(JournalEntry) + entry_status_size(entry) +
		(wide != NULL ? MAXALIGN(VARSIZE(wide)) : 0);
	return entry->size;
}

/* Write a sized entry, and what stands behind it, padded with zeros. */
static void
write_entry(char *to, const JournalEntry *entry, const char *status,
			Numeric wide)
{
	Size		status_size = entry_status_size(entry);

	memcpy(to, entry, sizeof(JournalEntry));
	if (entry->size == sizeof(JournalEntry))
		return;
	to += sizeof(JournalEntry);
	memset(to, 0, entry->size - sizeof(JournalEntry));
	if (status_size > 0)
		memcpy(to, status, entry->key);
	if (wide != NULL)
		memcpy(to + status_size, wide, VARSIZE(wide));
}

/* ---- folding ---- */

/* The sum of the entries that have one key. */
typedef struct FoldedEntry
{
	const JournalEntry *first;
	int64		count;
	int64		unknown;
	Amount		amount;
} FoldedEntry;

/* The sums, with a hash table over them: indexes plus one, 0 is free. */
typedef struct Fold
{
	FoldedEntry *entries;
	int			n;
	uint32	   *slots;
	uint32		mask;
} Fold;

static uint32
entry_hash(const JournalEntry *entry)
{
	uint32		hash = hash_bytes_uint32((uint32) entry->key ^ (uint32) ((uint64) entry->key >> 32));

	hash ^= (uint32) entry->currency << 16 | entry->tag << 8 | entry->measure;
	if (cell_kinds[entry->tag].key == KEY_STATUS)
		hash ^= hash_bytes((const unsigned char *) entry_status(entry), entry->key);
	return murmurhash32(hash);
}

/* Add an entry to the sum of its key. */
static void
fold_entry(Fold *fold, const JournalEntry *entry)
{
	uint32		slot = entry_hash(entry) & fold->mask;
	FoldedEntry *folded;
	Amount		addend = entry_amount(entry);

	for (; fold->slots[slot] != 0; slot = (slot + 1) & fold->mask)
	{
		folded = &fold->entries[fold->slots[slot] - 1];
		if (entry_compare(&folded->first, &entry) == 0)
		{
			count_into(&folded->count, entry->count);
			count_into(&folded->unknown, entry->unknown);
			amount_add(&folded->amount, &addend);
			return;
		}
	}
	folded = &fold->entries[fold->n++];
	fold->slots[slot] = fold->n;
	folded->first = entry;
	folded->count = entry->count;
	folded->unknown = entry->unknown;
	folded->amount = addend;
}

/* Append a sum as one entry, unless it is zero. */
static void
append_folded(StringInfo buf, FoldedEntry *folded)
{
	JournalEntry entry = *folded->first;
	Numeric		wide = NULL;

	entry.count = folded->count;
	entry.unknown = folded->unknown;
	if (folded->amount.wide != NULL)
		amount_normalize(&folded->amount);
	if (!amount_to_slot(&folded->amount, &entry.sum))
	{
		entry.sum = 0;
		wide = amount_to_numeric(&folded->amount);
	}
	if (entry.count == 0 && entry.unknown == 0 && entry.sum == 0 && wide == NULL)
		return;
	enlargeStringInfo(buf, size_entry(&entry, wide));
	write_entry(buf->data + buf->len, &entry, entry_status(folded->first), wide);
	buf->len += entry.size;
}

/*
 * Fold the journal into a new buffer: one entry a key, none zero, in canonical
 * order if that is wanted.  The state itself stays as it is.
 */
void
journal_fold(const PositionState *state, bool sorted, StringInfo buf)
{
	char	   *next = (char *) state + state->journal;
	char	   *end = next + state->journal_used;
	Size		most = state->journal_used / sizeof(JournalEntry);
	Fold		fold = {.n = 0};

	initStringInfo(buf);
	if (state->journal_used == 0)
		return;
	fold.entries = palloc_extended(most * sizeof(FoldedEntry), MCXT_ALLOC_HUGE);
	fold.mask = pg_nextpower2_32(2 * most) - 1;
	fold.slots = palloc_extended((fold.mask + (Size) 1) * sizeof(uint32),
								 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (; next < end; next += ((JournalEntry *) next)->size)
	{
		CHECK_FOR_INTERRUPTS();
		fold_entry(&fold, (JournalEntry *) next);
	}
	/* each begins with a pointer to its first entry, which is what compares */
	if (sorted)
		qsort(fold.entries, fold.n, sizeof(FoldedEntry), entry_compare);
	for (int i = 0; i < fold.n; i++)
		append_folded(buf, &fold.entries[i]);
	pfree(fold.entries);
	pfree(fold.slots);
}

/*
 * Make room in the journal.  Folding it in place is enough while that frees
 * half of it; else it is doubled, so that a row's share of all folding stays
 * a few comparisons, however many keys there are.
 */
static void
journal_make_room(PositionState **state, Size entry_size)
{
	PositionState *s = *state;
	StringInfoData folded;
	Size		needed;

	journal_fold(s, false, &folded);
	needed = folded.len + entry_size;
	if (needed > journal_capacity(s) / 2)
	{
		Size		most = MaxAllocSize - s->journal;
		Size		size = Max(2 * needed, FIRST_JOURNAL_ENTRIES * sizeof(JournalEntry));

		s = state_layout(s, s->max_currencies, 0,
						 size > most && needed <= most ? most : size);
	}
	memcpy((char *) s + s->journal, folded.data, folded.len);
	s->journal_used = folded.len;
	pfree(folded.data);
	*state = s;
}

/*
 * Append an entry, whose size is filled in here.  status is the deposit
 * status of entry->key bytes, if the tag has one.
 */
void
state_journal(PositionState **state, JournalEntry *entry, const char *status,
			  Numeric wide)
{
	Size		size = size_entry(entry, wide);
	PositionState *s = *state;

	if (s->journal_used + size > journal_capacity(s))
	{
		journal_make_room(state, size);
		s = *state;
	}
	write_entry((char *) s + s->journal + s->journal_used, entry, status, wide);
	s->journal_used += size;
}

/* Journal rows of a fixed slot whose amount is unknown. */
void
state_add_unknown(PositionState **state, CurrencyCode currency, CellTag tag,
				  int measure, int64 rows)
{
	JournalEntry entry = {
		.currency = currency,
		.tag = tag,
		.measure = measure,
		.unknown = rows
	};

	state_journal(state, &entry, NULL, NULL);
}

/* Journal what the 64 bits of a fixed slot cannot take. */
void
state_add_beyond(PositionState **state, CurrencyCode currency, CellTag tag,
				 int measure, int64 sum, Numeric wide)
{
	JournalEntry entry = {
		.currency = currency,
		.tag = tag,
		.measure = measure,
		.sum = sum
	};

	state_journal(state, &entry, NULL, wide);
}
