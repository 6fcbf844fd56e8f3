/*-------------------------------------------------------------------------
 *
 * journal.c
 *	  The journal of a state: entries are appended row by row and folded from
 *	  time to time.
 *
 *-------------------------------------------------------------------------
 */
#include "journal.h"

#include "common/hashfn.h"
#include "common/pg_prng.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"

/*
 * The first is the size of a new journal, 16 due dates.  A journal shorter than
 * the second is not folded, so most customers' never are.  Neither was measured
 * by itself.
 */
#define FIRST_JOURNAL_SIZE		256
#define LEAST_FOLDED_JOURNAL	1024

/*
 * How much of a journal that is kept sorted may be unsorted: this, or a quarter
 * if that is more.  Windows with due dates take 1.3 to 1.5 times as long with
 * journals that are not kept sorted; these two bounds were never measured.
 */
#define MOST_UNSORTED			(32 * sizeof(ShortEntry))

/*
 * Up to this many sorted bytes, 1,024 due dates, a due goes straight to its place
 * among them, which is looked for from the first one on.
 */
#define MOST_INSERTED_INTO		(1024 * sizeof(ShortEntry))

/* ---- reading and writing ---- */

/* The size of the text behind a long entry. */
static Size
entry_text_size(const JournalEntry *entry)
{
	return cell_kinds[entry->tag].key == KEY_TEXT ? MAXALIGN(entry->key) : 0;
}

/* Read the entry at next and return where the following one begins. */
const char *
journal_read(const char *next, JournalEntry *entry)
{
	const ShortEntry *stored = (const ShortEntry *) next;
	const LongEntry *more = (const LongEntry *) next;
	const char *behind = next + sizeof(LongEntry);

	entry->currency = stored->currency;
	entry->tag = stored->tag;
	entry->sum = amount_from_short(stored->sum);
	entry->text = NULL;
	if (stored->count != 0)
	{
		entry->measure = 0;
		entry->key = stored->tag == CELL_DUE_DATE ? stored->date :
			*(const int64 *) (stored + 1);
		entry->count = stored->count;
		entry->unknown = 0;
		return next + SHORT_ENTRY_SIZE(stored->tag);
	}
	entry->measure = stored->date;
	entry->key = more->key;
	entry->count = more->count;
	entry->unknown = more->unknown;
	if (cell_kinds[entry->tag].key == KEY_TEXT)
		entry->text = behind;
	behind += entry_text_size(entry);
	if (behind < next + more->size)
		entry->sum = amount_from_numeric((Numeric) behind);
	return next + more->size;
}

/* How an entry will be stored. */
typedef struct StoredForm
{
	bool		is_short;
	int64		sum;
	Numeric		wide;			/* the sum if it is not a short amount */
	Size		size;
} StoredForm;

static StoredForm
stored_form(const JournalEntry *entry)
{
	StoredForm	form = {.wide = NULL};

	if (!amount_to_short(&entry->sum, &form.sum))
	{
		form.sum = 0;
		form.wide = amount_to_numeric(&entry->sum);
	}
	form.is_short = is_due_tag(entry->tag) && form.wide == NULL &&
		entry->unknown == 0 && entry->count != 0 &&
		entry->count >= PG_INT8_MIN && entry->count <= PG_INT8_MAX;
	form.size = form.is_short ? SHORT_ENTRY_SIZE(entry->tag) :
		sizeof(LongEntry) + entry_text_size(entry) +
		(form.wide != NULL ? MAXALIGN(VARSIZE(form.wide)) : 0);
	return form;
}

/* Write an entry and what follows it, padded with zeros. */
static void
write_entry(char *to, const JournalEntry *entry, const StoredForm *form)
{
	ShortEntry	head = {
		.currency = entry->currency,
		.tag = entry->tag,
		.sum = form->sum
	};
	LongEntry	stored = {
		.size = form->size,
		.key = entry->key,
		.count = entry->count,
		.unknown = entry->unknown
	};

	if (form->is_short)
	{
		head.count = entry->count;
		head.date = entry->tag == CELL_DUE_DATE ? entry->key : 0;
		memcpy(to, &head, sizeof(ShortEntry));
		if (entry->tag == CELL_DUE_INSTANT)
			memcpy(to + sizeof(ShortEntry), &entry->key, sizeof(int64));
		return;
	}
	head.date = entry->measure;
	stored.head = head;
	memset(to, 0, form->size);
	memcpy(to, &stored, sizeof(LongEntry));
	to += sizeof(LongEntry);
	if (entry->text != NULL)
		memcpy(to, entry->text, entry->key);
	if (form->wide != NULL)
		memcpy(to + entry_text_size(entry), form->wide, VARSIZE(form->wide));
}

/* ---- folding ---- */

/* Canonical order: currency, tag, key, measure.  Folding adds up equal ones. */
int
entry_compare(const void *a, const void *b, void *unused)
{
	const JournalEntry *x = a;
	const JournalEntry *y = b;

	if (x->currency != y->currency)
		return x->currency < y->currency ? -1 : 1;
	if (x->tag != y->tag)
		return x->tag < y->tag ? -1 : 1;
	if (x->text != NULL)
	{
		int			order = memcmp(x->text, y->text, Min(x->key, y->key));

		if (order != 0)
			return order;
	}
	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (int) x->measure - (int) y->measure;
}

/* Sums of entries, and a hash table of their indexes plus one; 0 is free. */
typedef struct Fold
{
	JournalEntry *entries;
	Size		n;
	Size		max;
	uint32	   *buckets;
	uint32		mask;
} Fold;

/* Every bit of the result depends on every bit of the value, and none is lost. */
static inline uint64
mix_bits(uint64 value)
{
	value = (value ^ value >> 33) * UINT64CONST(0xff51afd7ed558ccd);
	value = (value ^ value >> 33) * UINT64CONST(0xc4ceb9fe1a85ec53);
	return value ^ value >> 33;
}

/*
 * Due instants and statuses come from outside.  So that colliding ones cannot be
 * chosen on purpose, each session hashes with a secret of its own.  This never
 * shows, as sums are in the order of their first entries.
 */
static uint32
entry_hash(const JournalEntry *entry)
{
	static uint64 secret = 0;
	uint64		hash;

	if (unlikely(secret == 0))
		secret = pg_prng_uint64(&pg_global_prng_state) | 1;
	hash = entry->text == NULL ? mix_bits((uint64) entry->key ^ secret) :
		hash_bytes_extended((const unsigned char *) entry->text, entry->key, secret);
	hash ^= (uint64) entry->currency << 16 | (uint64) entry->tag << 8 | entry->measure;
	return (uint32) mix_bits(hash);
}

/* Add an entry to the sum of equal ones. */
static void
add_to_sum(JournalEntry *sum, const JournalEntry *entry)
{
	count_into(&sum->count, entry->count);
	count_into(&sum->unknown, entry->unknown);
	amount_add(&sum->sum, &entry->sum);
}

/* Add an entry to the sum of its key. */
static void
fold_entry(Fold *fold, const JournalEntry *entry)
{
	uint32		bucket = entry_hash(entry) & fold->mask;

	for (; fold->buckets[bucket] != 0; bucket = (bucket + 1) & fold->mask)
	{
		JournalEntry *sum = &fold->entries[fold->buckets[bucket] - 1];

		if (entry_compare(sum, entry, NULL) == 0)
		{
			add_to_sum(sum, entry);
			return;
		}
	}
	if (fold->n == fold->max)
	{
		fold->max *= 2;
		fold->entries = repalloc_huge(fold->entries,
									  fold->max * sizeof(JournalEntry));
	}
	fold->entries[fold->n++] = *entry;
	fold->buckets[bucket] = fold->n;
}

static bool
entry_is_zero(const JournalEntry *entry)
{
	return entry->count == 0 && entry->unknown == 0 &&
		amount_is_zero(&entry->sum);
}

/*
 * Fold the entries up to end: one per key, none zero, in canonical order if
 * wanted.  The first room, 64 entries, is doubled for more; never measured.
 */
static JournalEntry *
fold_entries(const char *next, const char *end, bool sorted, int *n)
{
	Size		most = (end - next) / sizeof(ShortEntry);
	Fold		fold = {.n = 0, .max = Min(most, 64)};

	*n = 0;
	fold.entries = palloc(fold.max * sizeof(JournalEntry));
	if (most == 0)
		return fold.entries;
	fold.mask = pg_nextpower2_32(2 * most) - 1;
	fold.buckets = palloc_extended((fold.mask + (Size) 1) * sizeof(uint32),
								   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	while (next < end)
	{
		JournalEntry entry;

		CHECK_FOR_INTERRUPTS();
		next = journal_read(next, &entry);
		fold_entry(&fold, &entry);
	}
	pfree(fold.buckets);
	for (Size i = 0; i < fold.n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!entry_is_zero(&fold.entries[i]))
			fold.entries[(*n)++] = fold.entries[i];
	}
	if (sorted)
		qsort_interruptible(fold.entries, *n, sizeof(JournalEntry), entry_compare, NULL);
	return fold.entries;
}

/* Merge the sorted part of the journal with the rest, which was sorted by now. */
static JournalEntry *
merge_sorted(const PositionState *state, JournalEntry *rest, int *n)
{
	const char *next = journal_begin(state);
	const char *end = next + state->journal_sorted;
	Size		most = *n + state->journal_sorted / sizeof(ShortEntry);
	JournalEntry *merged = palloc_extended(most * sizeof(JournalEntry), MCXT_ALLOC_HUGE);
	JournalEntry *to = merged;
	const JournalEntry *rest_end = rest + *n;

	while (next < end)
	{
		int			order = -1;

		CHECK_FOR_INTERRUPTS();
		next = journal_read(next, to);
		while (rest < rest_end && (order = entry_compare(rest, to, NULL)) < 0)
		{
			CHECK_FOR_INTERRUPTS();
			to[1] = to[0];
			*to++ = *rest++;
		}
		if (rest < rest_end && order == 0)
			add_to_sum(to, rest++);
		if (!entry_is_zero(to))
			to++;
	}
	while (rest < rest_end)
	{
		CHECK_FOR_INTERRUPTS();
		*to++ = *rest++;
	}
	*n = to - merged;
	return merged;
}

/*
 * Fold the journal: one entry per key, none zero, in canonical order if wanted.
 * The state is not changed, and texts in the result point into it.
 */
JournalEntry *
journal_fold(const PositionState *state, bool sorted, int *n)
{
	JournalEntry *rest;
	JournalEntry *merged;

	rest = fold_entries(journal_begin(state) + state->journal_sorted,
						journal_end(state), sorted || state->journal_sorted > 0, n);
	if (state->journal_sorted == 0)
		return rest;
	merged = merge_sorted(state, rest, n);
	pfree(rest);
	return merged;
}

/* ---- growth ---- */

/* The folded journal as bytes, and their size. */
static char *
folded_journal(const PositionState *state, bool sorted, Size *size)
{
	int			n;
	JournalEntry *entries = journal_fold(state, sorted, &n);
	char	   *bytes;

	/* sized first, as a sum may be longer than its addends */
	*size = 0;
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		*size += stored_form(&entries[i]).size;
	}
	bytes = palloc_extended(*size, MCXT_ALLOC_HUGE);
	*size = 0;
	for (int i = 0; i < n; i++)
	{
		StoredForm	form = stored_form(&entries[i]);

		CHECK_FOR_INTERRUPTS();
		write_entry(bytes + *size, &entries[i], &form);
		*size += form.size;
	}
	pfree(entries);
	return bytes;
}

/* Replace the journal, and leave room for more; this may move the state. */
static void
replace_journal(PositionState **state, const char *bytes, Size size, Size room)
{
	PositionState *old = *state;
	Size		needed = size + room;

	if (needed > journal_capacity(old) / 2)
	{
		Size		most = MaxAllocSize - old->journal;
		Size		wanted = Max(2 * needed, FIRST_JOURNAL_SIZE);

		*state = state_layout(old, old->max_currencies, 0,
							  wanted > most && needed <= most ? most : wanted);
	}
	memcpy((char *) journal_begin(*state), bytes, size);
	(*state)->journal_used = size;
}

/* Replace the journal by what it folds to, and leave room for more. */
static void
fold_journal(PositionState **state, bool sorted, Size room)
{
	Size		size;
	char	   *bytes = folded_journal(*state, sorted, &size);

	replace_journal(state, bytes, size, room);
	(*state)->journal_sorted = sorted ? size : 0;
	pfree(bytes);
}

/*
 * Make room in the journal.  If folding it frees half of it, that is enough;
 * otherwise it is doubled, so that each row's share of all folding is constant,
 * however many keys there are.  A short journal just grows.
 */
static void
journal_make_room(PositionState **state, Size entry_size)
{
	const PositionState *old = *state;

	if (old->journal_used >= LEAST_FOLDED_JOURNAL)
	{
		fold_journal(state, old->journal_sorted > 0, entry_size);
		return;
	}
	replace_journal(state, journal_begin(old), old->journal_used, entry_size);
	(*state)->journal_sorted = old->journal_sorted;
}

/*
 * Fold and sort the journal unless most of it is sorted: the unsorted part has to
 * be sorted again for every position.  Short ones are only if that is asked for: they
 * may be of a frame that is tallied anew.
 */
void
state_sort_journal(PositionState **state, bool even_if_short)
{
	Size		sorted = (*state)->journal_sorted;
	Size		unsorted = (*state)->journal_used - sorted;

	if (unsorted == 0 || (sorted == 0 && unsorted < FIRST_JOURNAL_SIZE && !even_if_short) ||
		(sorted > 0 && unsorted <= Max(MOST_UNSORTED, sorted / 4)))
		return;
	fold_journal(state, true, 0);
	assert_check_state(*state);
}

/* Make sure of that many bytes behind the journal; this may move the state. */
static void
journal_require_room(PositionState **state, Size size)
{
	if ((*state)->journal_used + size > journal_capacity(*state))
		journal_make_room(state, size);
}

/* Append an entry to the journal; this may move the state. */
static void
append_entry(PositionState **state, const JournalEntry *entry, const StoredForm *form)
{
	journal_require_room(state, form->size);
	write_entry((char *) journal_end(*state), entry, form);
	(*state)->journal_used += form->size;
}

/* ---- keeping it in order ---- */

/* The order of a stored entry and of one for a due, by what comes before the measure. */
static inline int
compare_stored(const char *at, const JournalEntry *due)
{
	const ShortEntry *stored = (const ShortEntry *) at;
	uint32		kind = (uint32) stored->currency << 8 | stored->tag;
	uint32		kind_of_due = (uint32) due->currency << 8 | due->tag;
	int64		key;

	if (kind != kind_of_due)
		return kind < kind_of_due ? -1 : 1;
	if (stored->count == 0)
		key = ((const LongEntry *) at)->key;
	else
		key = due->tag == CELL_DUE_DATE ? stored->date : *(const int64 *) (stored + 1);
	return (key > due->key) - (key < due->key);
}

/* The first sorted entry that is not before a due; order is 0 if they are equal. */
static char *
find_sorted(const PositionState *state, const JournalEntry *due, int *order)
{
	const char *next = journal_begin(state);
	const char *end = next + state->journal_sorted;

	*order = 1;
	while (next < end)
	{
		const ShortEntry *stored = (const ShortEntry *) next;

		*order = compare_stored(next, due);
		if (*order >= 0)
			break;
		next += stored->count != 0 ? SHORT_ENTRY_SIZE(stored->tag) :
			((const LongEntry *) next)->size;
	}
	return unconstify(char *, next);
}

/* Make the sorted part longer at some place, or shorter if size is negative. */
static void
move_sorted(PositionState *state, char *at, int size)
{
	char	   *from = size < 0 ? at - size : at;

	memmove(from + size, from, journal_end(state) - from);
	state->journal_used += size;
	state->journal_sorted += size;
}

/*
 * Add to a short entry; false if it would not be short any more.  One that comes to
 * nothing is taken out.
 */
static bool
add_to_sorted(PositionState *state, char *at, const JournalEntry *entry, int64 addend)
{
	ShortEntry *stored = (ShortEntry *) at;
	int64		count = stored->count + entry->count;
	int64		sum;

	if (stored->count == 0 || count < PG_INT8_MIN || count > PG_INT8_MAX ||
		pg_add_s64_overflow(stored->sum, addend, &sum) || (count == 0 && sum != 0))
		return false;
	stored->count = count;
	stored->sum = sum;
	if (count == 0)
		move_sorted(state, at, -(int) SHORT_ENTRY_SIZE(entry->tag));
	return true;
}

/*
 * Put a short entry in its place among the sorted ones; false if it has to be
 * appended.  A window's rows come and go one by one, and every frame is packed: so
 * there is never anything to be sorted.  This may move the state.
 */
static bool
insert_entry(PositionState **state, const JournalEntry *entry, const StoredForm *form)
{
	char	   *at;
	int			order;

	if (!form->is_short || (*state)->journal_sorted == 0 ||
		(*state)->journal_sorted > MOST_INSERTED_INTO)
		return false;
	journal_require_room(state, form->size);
	at = find_sorted(*state, entry, &order);
	if (order == 0)
		return add_to_sorted(*state, at, entry, form->sum);
	move_sorted(*state, at, form->size);
	write_entry(at, entry, form);
	return true;
}

/* Add an entry to the journal; this may move the state. */
void
state_journal(PositionState **state, const JournalEntry *entry)
{
	StoredForm	form = stored_form(entry);

	assert_check_state(*state);
	if (!insert_entry(state, entry, &form))
		append_entry(state, entry, &form);
	assert_check_state(*state);
}

/* Append the whole journal of another state as it is. */
void
state_journal_all(PositionState **state, const PositionState *from)
{
	Size		size = from->journal_used;
	bool		is_first = (*state)->journal_used == 0;

	if (size == 0)
		return;
	journal_require_room(state, size);
	memcpy((char *) journal_end(*state), journal_begin(from), size);
	(*state)->journal_used += size;
	if (is_first)
		(*state)->journal_sorted = from->journal_sorted;
	assert_check_state(*state);
}

/*
 * Journal what a slot does not take: an amount that does not fit it, or NULL, and
 * rows whose amount is unknown.
 */
void
state_add_beyond(PositionState **state, CurrencyCode currency, CellTag tag,
				 int measure, const Amount *amount, int64 unknown)
{
	JournalEntry entry = {
		.currency = currency,
		.tag = tag,
		.measure = measure,
		.unknown = unknown
	};

	if (amount != NULL)
		entry.sum = *amount;
	state_journal(state, &entry);
}
