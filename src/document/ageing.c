/*-------------------------------------------------------------------------
 *
 * ageing.c
 *	  Open amounts by how many days they are past due.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "figures.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "value/arguments.h"
#include "value/datetime.h"

typedef struct Bucket
{
	int128		count;			/* in parts, which need not fit a bigint */
	Amount		amount;
} Bucket;

/*
 * What is aged, and how: n bounds, each the last day of a range, make n ranges
 * of days past due and one more, which is open.  Before them comes what is not
 * past due, behind them what has no due date.
 */
typedef struct Ageing
{
	AsOf		as_of;
	const int32 *bounds;
	int			nbounds;
} Ageing;

#define CURRENT_BUCKET		0
#define OPEN_BUCKET(ageing)		((ageing)->nbounds + 1)
#define UNDATED_BUCKET(ageing)	((ageing)->nbounds + 2)
#define NUM_BUCKETS(ageing)		((ageing)->nbounds + 3)

pg_noreturn static void
report_invalid_bounds(Datum array, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid bounds %s", OidOutputFunctionCall(F_ARRAY_OUT, array)),
			 errdetail_internal("%s", detail),
			 errhint("The usual ones are {30,60,90}: 1 to 30 days past due, 31 to 60, 61 to 90, "
					 "and more.")));
}

/* Bounds are days past due, so from 1 upwards, each once. */
static void
set_bounds(Ageing *ageing, ArrayType *array)
{
	const int32 *bounds = (const int32 *) ARR_DATA_PTR(array);
	int			n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));

	if (array_contains_nulls(array))
		report_null_argument("an element of bounds");
	if (ARR_NDIM(array) > 1 || n == 0)
		report_invalid_bounds(PointerGetDatum(array),
							  "Bounds are a list of one or more numbers of days.");
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (bounds[i] < 1 || bounds[i] == PG_INT32_MAX)
			report_invalid_bounds(PointerGetDatum(array),
								  "A bound is the last day past due of a range, the first of which "
								  "begins with day 1; the last one must leave a day behind it.");
		if (i > 0 && bounds[i] <= bounds[i - 1])
			report_invalid_bounds(PointerGetDatum(array),
								  "Bounds come in ascending order, each once.");
	}
	ageing->bounds = bounds;
	ageing->nbounds = n;
}

/*
 * By how many days of the zone a due date or instant is past due; 0 if it is not,
 * which is decided as in an invoice summary.  An instant that has passed today
 * counts as one day, as there is no range before that.
 */
static int64
days_past_due(const Ageing *ageing, const Cell *cell)
{
	DateADT		due_day;

	if (!is_past_due(cell, &ageing->as_of))
		return 0;
	due_day = cell->tag == CELL_DUE_DATE ? (DateADT) cell->due :
		day_in_zone(cell->due, ageing->as_of.zone);
	if (DATE_NOT_FINITE(due_day) || DATE_NOT_FINITE(ageing->as_of.day))
		return PG_INT64_MAX;
	return Max((int64) ageing->as_of.day - due_day, 1);
}

/* The bucket of a due date or instant: that of the first bound not before it. */
static int
find_bucket(const Ageing *ageing, const Cell *cell)
{
	int64		days = days_past_due(ageing, cell);
	int			low = 0;
	int			high = ageing->nbounds;

	if (days == 0)
		return CURRENT_BUCKET;
	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (ageing->bounds[middle] < days)
			low = middle + 1;
		else
			high = middle;
	}
	return 1 + low;
}

/* Spread the open amounts of a currency over the buckets; false if it has none. */
static bool
fill_buckets(const Ageing *ageing, const CurrencyCells *currency, Bucket *buckets)
{
	bool		has_invoice = false;
	int64		unknown = 0;

	for (int i = 0; i < currency->ncells; i++)
	{
		const Cell *cell = &currency->cells[i];
		Bucket	   *bucket;

		CHECK_FOR_INTERRUPTS();
		has_invoice |= is_invoice_tag(cell->tag) || is_due_tag(cell->tag);
		if (is_unpaid_tag(cell->tag))
			unknown_into(&unknown, cell->measure[MEASURE_AMOUNT_REMAINING].unknown);
		if (!is_due_tag(cell->tag))
			continue;
		bucket = &buckets[find_bucket(ageing, cell)];
		bucket->count += cell->count;
		amount_add(&bucket->amount, &cell->measure[0].sum);
	}
	require_known(unknown, "amount_remaining", currency->currency);
	undated_open_amount(currency, &buckets[UNDATED_BUCKET(ageing)].count,
						&buckets[UNDATED_BUCKET(ageing)].amount);
	return has_invoice;
}

/* The first day past due of a range. */
static int32
first_day(const Ageing *ageing, int bucket)
{
	return bucket == CURRENT_BUCKET + 1 ? 1 : ageing->bounds[bucket - 2] + 1;
}

/* Two days and what is between them. */
#define BUCKET_NAME_SIZE	(2 * MAXINT8LEN + 2)

/* "current", "1-30", "90+" or "no_due_date"; the name may be the buffer. */
static const char *
bucket_name(const Ageing *ageing, int bucket, char *name)
{
	int32		from;
	int32		to;
	int			length;

	if (bucket == CURRENT_BUCKET)
		return "current";
	if (bucket == UNDATED_BUCKET(ageing))
		return "no_due_date";
	/* a range's bounds by hand, as one is printed for each row of a report */
	from = first_day(ageing, bucket);
	if (bucket == OPEN_BUCKET(ageing))
	{
		strcpy(name + pg_ltoa(from - 1, name), "+");
		return name;
	}
	to = ageing->bounds[bucket - 1];
	length = pg_ltoa(from, name);
	if (from != to)
	{
		name[length++] = '-';
		pg_ltoa(to, name + length);
	}
	return name;
}

static void
put_buckets(const Ageing *ageing, CurrencyCode currency, Bucket *buckets,
			Row *row)
{
	char		code[CURRENCY_NAME_SIZE];
	char		buffer[BUCKET_NAME_SIZE];

	currency_upper(currency, code);
	for (int i = 0; i < NUM_BUCKETS(ageing); i++)
	{
		bool		is_range = i > CURRENT_BUCKET && i < UNDATED_BUCKET(ageing);
		const char *name = bucket_name(ageing, i, buffer);

		row_text(row, code, strlen(code));
		row_text(row, name, strlen(name));
		row_value(row, is_range ? Int32GetDatum(first_day(ageing, i)) : 0, !is_range);
		row_value(row, is_range && i != OPEN_BUCKET(ageing) ?
				  Int32GetDatum(ageing->bounds[i - 1]) : 0,
				  !is_range || i == OPEN_BUCKET(ageing));
		row_value(row, Int64GetDatum(total_rows(buckets[i].count)), false);
		row_money(row, &buckets[i].amount, currency);
		row_end(row);
	}
}

PG_FUNCTION_INFO_V1(ageing);
Datum
ageing(PG_FUNCTION_ARGS)
{
	Ageing		ageing;
	Row			row;
	ListCell   *lc;

	rows_begin(fcinfo, &row);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	ageing.as_of = get_as_of(fcinfo, 1, 2);
	if (PG_ARGISNULL(3))
		report_null_argument("bounds");
	set_bounds(&ageing, PG_GETARG_ARRAYTYPE_P(3));
	foreach(lc, position_currencies(position_getarg(fcinfo, 0), true))
	{
		const CurrencyCells *currency = lfirst(lc);
		Bucket	   *buckets = palloc_extended(NUM_BUCKETS(&ageing) * sizeof(Bucket),
											  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);

		if (fill_buckets(&ageing, currency, buckets))
			put_buckets(&ageing, currency->currency, buckets, &row);
		pfree(buckets);
	}
	return (Datum) 0;
}
