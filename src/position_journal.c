/*-------------------------------------------------------------------------
 *
 * position_journal.c
 *	  The journal of a position's state: entries appended as rows come, and
 *	  only now and then folded.
 *
 *-------------------------------------------------------------------------
 */
#include "position_state.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#define FIRST_JOURNAL_ENTRIES	4

/* Canonical order: currency, tag, key; entries with equal keys are added up. */
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

/* Add up a run of entries with one key and append the sum, unless it is zero. */
static void
fold_run(StringInfo buf, JournalEntry **entries, int n)
{
	JournalEntry sum = *entries[0];
	Amount		amount = entry_amount(entries[0]);

	for (int i = 1; i < n; i++)
	{
		Amount		addend = entry_amount(entries[i]);

		count_into(&sum.count, entries[i]->count);
		count_into(&sum.sum.known, entries[i]->sum.known);
		amount_add(&amount, &addend);
	}
	if (amount.wide != NULL)
		amount_normalize(&amount);
	sum.sum.sum = amount.small;
	if (sum.count == 0 && sum.sum.known == 0 &&
		amount.small == 0 && amount.wide == NULL)
		return;
	enlargeStringInfo(buf, size_entry(&sum, amount.wide));
	write_entry(buf->data + buf->len, &sum, entry_status(entries[0]), amount.wide);
	buf->len += sum.size;
}

/*
 * Fold the journal into a new buffer: sorted, one entry a key, none zero.
 * The state itself stays as it is.
 */
void
journal_fold(const PositionState *state, StringInfo buf)
{
	char	   *next = (char *) state + state->journal;
	char	   *end = next + state->journal_used;
	JournalEntry **entries;
	int			n = 0;
	int			run;

	initStringInfo(buf);
	if (state->journal_used == 0)
		return;
	entries = palloc_extended(state->journal_used / sizeof(JournalEntry) *
							  sizeof(JournalEntry *), MCXT_ALLOC_HUGE);
	for (; next < end; next += ((JournalEntry *) next)->size)
		entries[n++] = (JournalEntry *) next;
	qsort(entries, n, sizeof(JournalEntry *), entry_compare);
	for (int i = 0; i < n; i += run)
	{
		CHECK_FOR_INTERRUPTS();
		for (run = 1; i + run < n; run++)
			if (entry_compare(&entries[i], &entries[i + run]) != 0)
				break;
		fold_run(buf, entries + i, run);
	}
	pfree(entries);
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

	journal_fold(s, &folded);
	needed = folded.len + entry_size;
	if (needed > journal_capacity(s) / 2)
	{
		Size		most = MaxAllocSize - s->journal;
		Size		size = Max(2 * needed, FIRST_JOURNAL_ENTRIES * sizeof(JournalEntry));

		s = state_layout(s, s->max_currencies, -1,
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

/* Journal what a fixed slot's 128 bits cannot take. */
void
state_add_wide(PositionState **state, CurrencyCode currency, CellTag tag,
			   int measure, Numeric wide, int sign)
{
	JournalEntry entry = {.currency = currency, .tag = tag, .measure = measure};

	state_journal(state, &entry, NULL, sign > 0 ? wide : numeric_negated(wide));
}
