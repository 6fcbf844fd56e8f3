/*-------------------------------------------------------------------------
 *
 * store_fold.c
 *	  Folding: a customer's rows in the store become one, waiting for nobody.
 *
 * What somebody else is about to fold is left alone.  As a rule a row that is
 * larger than all smaller ones together stays as it is: so what is written for a
 * customer with many open due dates is small, as it was.
 *
 *-------------------------------------------------------------------------
 */
#include "store.h"

#include "access/detoast.h"
#include "access/heapam.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "position/datum.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

typedef struct FoldRow
{
	ItemPointerData place;
	Size		size;
	char		letter;
	StoreRow	row;
} FoldRow;

/* By relation, the smallest first. */
static int
compare_rows(const void *a, const void *b)
{
	const FoldRow *left = a;
	const FoldRow *right = b;

	if (left->letter != right->letter)
		return left->letter < right->letter ? -1 : 1;
	return left->size < right->size ? -1 : left->size > right->size;
}

/* The customer's rows that the snapshot sees, of all relations. */
static FoldRow *
read_rows(const Store *store, Datum customer, bool customer_is_null, int *n)
{
	SysScanDesc scan = scan_customer(store, customer, customer_is_null,
									 GetActiveSnapshot());
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
		row->size = toast_raw_datum_size(ROW_VALUE(&row->row, STORE_POSITION));
	}
	systable_endscan(scan);
	return rows;
}

/* Delete a row, unless somebody else has or is about to. */
static bool
delete_row(const Store *store, ItemPointer place)
{
	TM_FailureData failure;

	return heap_delete(store->heap, place, GetCurrentCommandId(true), InvalidSnapshot,
					   false, &failure, false) == TM_Ok;
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
append_sum(Store *store, const FoldRow *first, const Datum *positions, int n,
		   int64 bad, TimestampTz latest)
{
	StoreRow	sum = first->row;
	bool	   *nulls = palloc0(n * sizeof(bool));
	Datum		position = PointerGetDatum(sum_of_positions(positions, nulls, n));

	ROW_VALUE(&sum, STORE_BAD) = Int64GetDatum(bad);
	ROW_VALUE(&sum, STORE_LATEST) = TimestampTzGetDatum(latest);
	ROW_NULL(&sum, STORE_LATEST) = TIMESTAMP_IS_NOBEGIN(latest);
	ROW_VALUE(&sum, STORE_POSITION) = PointerGetDatum(packed_from_datum(position));
	if (bad != 0 || !ROW_NULL(&sum, STORE_LATEST) ||
		!is_zero_position(ROW_VALUE(&sum, STORE_POSITION)))
		append_row(store, &sum);
}

/* Fold rows of one relation, of which there are at least two to be folded. */
static int64
fold_rows(Store *store, FoldRow *rows, int n)
{
	Datum	   *positions = palloc(n * sizeof(Datum));
	int			deleted = 0;
	int64		bad = 0;
	TimestampTz latest = DT_NOBEGIN;

	for (int i = 0; i < n; i++)
	{
		const StoreRow *row = &rows[i].row;

		if (!delete_row(store, &rows[i].place))
			continue;
		positions[deleted++] = ROW_VALUE(row, STORE_POSITION);
		bad += DatumGetInt64(ROW_VALUE(row, STORE_BAD));
		if (!ROW_NULL(row, STORE_LATEST))
			latest = Max(latest, DatumGetTimestampTz(ROW_VALUE(row, STORE_LATEST)));
	}
	if (deleted > 0)
		append_sum(store, &rows[0], positions, deleted, bad, latest);
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
	FoldRow    *rows = read_rows(store, customer, customer_is_null, &n);

	qsort(rows, n, sizeof(FoldRow), compare_rows);
	for (int i = 0, end; i < n; i = end)
	{
		int			count;

		for (end = i + 1; end < n && rows[end].letter == rows[i].letter;)
			end++;
		count = count_folded(&rows[i], end - i, completely);
		if (count > 1)
			folded += fold_rows(store, &rows[i], count);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	return folded;
}
