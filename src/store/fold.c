/*-------------------------------------------------------------------------
 *
 * fold.c
 *	  Folding: a customer's rows in the store become one, without waiting.
 *
 * What another transaction is about to fold is left alone.  As a rule a row that is
 * larger than all smaller ones together stays as it is: so what is written for a
 * customer with many open due dates is small, as it was.  And as a rule rows of
 * today are folded among themselves, so that each day goes to the history once.
 *
 *-------------------------------------------------------------------------
 */
#include "store.h"

#include "access/detoast.h"
#include "access/htup_details.h"
#include "access/xact.h"
#include "history.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

typedef struct FoldRow
{
	ItemPointerData place;
	Size		size;
	char		letter;
	DateADT		day;			/* DATEVAL_NOBEGIN: it is in the history */
	DateADT		group;			/* the day if that goes on, else
								 * DATEVAL_NOBEGIN */
	bool		deleted;
	StoreRow	row;
} FoldRow;

/* By relation and group, the smallest first. */
static int
compare_rows(const void *a, const void *b)
{
	const FoldRow *left = a;
	const FoldRow *right = b;

	if (left->letter != right->letter)
		return left->letter < right->letter ? -1 : 1;
	if (left->group != right->group)
		return left->group < right->group ? -1 : 1;
	return left->size < right->size ? -1 : left->size > right->size;
}

static int
compare_days(const void *a, const void *b)
{
	DateADT		left = ((const FoldRow *) a)->day;
	DateADT		right = ((const FoldRow *) b)->day;

	return left < right ? -1 : left > right;
}

/* What the rows of days are kept in once they are folded, or InvalidOid. */
static Oid
history_of(const Store *store)
{
	return find_history(get_rel_namespace(RelationGetRelid(store->heap)));
}

/*
 * The customer's rows that the snapshot sees, of all relations.  Those of the day
 * that goes on are a group of their own, unless all are to be one.  Without a
 * history each day is.
 */
static FoldRow *
read_rows(const Store *store, Datum customer, bool customer_is_null, bool completely, int *n)
{
	DateADT		today = recording_day();
	bool		has_history = OidIsValid(history_of(store));
	SnapshotData snapshot = snapshot_until_now();
	SysScanDesc scan = scan_customer(store, customer, customer_is_null, &snapshot);
	HeapTuple	tuple;
	int			allocated = 64;
	FoldRow    *rows = palloc(allocated * sizeof(FoldRow));

	*n = 0;
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		FoldRow    *row;

		CHECK_FOR_INTERRUPTS();
		if (*n == allocated)
			rows = repalloc_huge(rows, (allocated *= 2) * sizeof(FoldRow));
		row = &rows[(*n)++];
		row->place = tuple->t_self;
		read_row(store, heap_copytuple(tuple), &row->row);
		row->letter = DatumGetChar(ROW_VALUE(&row->row, STORE_SOURCE));
		row->day = ROW_NULL(&row->row, STORE_DAY) ? DATEVAL_NOBEGIN :
			DatumGetDateADT(ROW_VALUE(&row->row, STORE_DAY));
		row->group = has_history && (completely || row->day < today) ? DATEVAL_NOBEGIN :
			row->day;
		row->size = toast_raw_datum_size(ROW_VALUE(&row->row, STORE_POSITION));
	}
	systable_endscan(scan);
	return rows;
}

/* How many of the smallest rows are folded: up to one that outweighs them all. */
static int
count_folded(const FoldRow *rows, int n, bool completely)
{
	Size		sum = 0;
	int			folded = 0;

	if (completely)
		return n;
	for (int i = 0; i < n; i++)
	{
		if (i == 0 || rows[i].size <= sum)
			folded = i + 1;
		sum += rows[i].size;
	}
	return folded;
}

/* Put the sum of what was deleted in its place, unless it says nothing. */
static void
append_sum(Store *store, const FoldRow *rows, int n)
{
	StoreRow	sum = rows[0].row;
	Stored		total;

	begin_stored(&total);
	for (int i = 0; i < n; i++)
		if (rows[i].deleted)
			add_stored(&total, &rows[i].row);
	put_sum(&sum, &total);
	ROW_NULL(&sum, STORE_DAY) = rows[0].group == DATEVAL_NOBEGIN;
	if (says_something(&sum))
		append_row(store, &sum);
}

/* What was deleted of days that do not go on in the store, goes to the history. */
static void
keep_days(const Store *store, FoldRow *rows, int n, bool completely)
{
	Store		history;

	qsort(rows, n, sizeof(FoldRow), compare_days);
	if (rows[n - 1].day == DATEVAL_NOBEGIN)
		return;
	history = open_store_to_write(history_of(store));
	for (int i = 0, end; i < n; i = end)
	{
		Stored		change;

		for (end = i + 1; end < n && rows[end].day == rows[i].day;)
			end++;
		if (rows[i].day == DATEVAL_NOBEGIN)
			continue;
		begin_stored(&change);
		for (int j = i; j < end; j++)
			if (rows[j].deleted)
				add_stored(&change, &rows[j].row);
		append_to_history(&history, &change, &rows[i].row, completely);
	}
	close_store(&history);
}

/* Fold rows of one relation and group, of which there are at least two. */
static int64
fold_rows(Store *store, FoldRow *rows, int n, bool completely)
{
	int64		deleted = 0;

	for (int i = 0; i < n; i++)
	{
		rows[i].deleted = delete_row(store, &rows[i].place);
		deleted += rows[i].deleted;
	}
	if (deleted == 0)
		return 0;
	append_sum(store, rows, n);
	if (rows[0].group == DATEVAL_NOBEGIN)
		keep_days(store, rows, n, completely);
	return deleted;
}

/* Fold what can be had of a customer's rows; returns how many went. */
int64
fold_customer(Store *store, Datum customer, bool customer_is_null, bool completely)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "balance fold", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	int64		folded = 0;
	int			n;
	FoldRow    *rows = read_rows(store, customer, customer_is_null, completely, &n);

	qsort(rows, n, sizeof(FoldRow), compare_rows);
	for (int i = 0, end; i < n; i = end)
	{
		int			count;

		for (end = i + 1; end < n && rows[end].letter == rows[i].letter &&
			 rows[end].group == rows[i].group;)
			end++;
		count = count_folded(&rows[i], end - i, completely);
		if (count > 1)
			folded += fold_rows(store, &rows[i], count, completely);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	return folded;
}
