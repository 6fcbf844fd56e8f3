/*-------------------------------------------------------------------------
 *
 * ageing.c
 *	  Open amounts by how many days they are past due.
 *
 *-------------------------------------------------------------------------
 */
#include "position.h"

#include "catalog/pg_type.h"
#include "datetime_text.h"
#include "ledger.h"
#include "rows.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"

typedef struct Bucket
{
	int128		count;			/* in parts, which need not fit a bigint */
	Amount		amount;
} Bucket;

/*
 * What is aged, and how: n bounds make n ranges of days past due, the last one
 * open.  Before them comes what is not past due, behind them what has no due
 * date.
 */
typedef struct Ageing
{
	TimestampTz as_of;
	DateADT		today;			/* as_of's day in the zone */
	const text *zone;
	int32	   *bounds;			/* the first is 0 */
	int			nbounds;
} Ageing;

#define CURRENT_BUCKET		0
#define UNDATED_BUCKET(ageing)	((ageing)->nbounds + 1)
#define NUM_BUCKETS(ageing)		((ageing)->nbounds + 2)

/*
 * Bounds are days past due: from 0 upwards, each once.  A range from 0 to the
 * first of them is added if need be, so that nothing past due falls out.
 */
static void
set_bounds(Ageing *ageing, ArrayType *array, Datum array_datum)
{
	char	   *shown = OidOutputFunctionCall(F_ARRAY_OUT, array_datum);
	const int32 *bounds = (const int32 *) ARR_DATA_PTR(array);
	int			n = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));

	if (ARR_NDIM(array) > 1 || n == 0 || array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid bounds %s", shown),
				 errdetail("Bounds are a list of one or more numbers of days without NULLs.")));
	for (int i = 0; i < n; i++)
		if (bounds[i] < 0 || (i > 0 && bounds[i] <= bounds[i - 1]))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("invalid bounds %s", shown),
					 errdetail("Bounds are days past due, in ascending order, each once, and not negative."),
					 errhint("The usual ones are {0,30,60,90}.")));

	ageing->bounds = palloc((n + 1) * sizeof(int32));
	ageing->nbounds = 0;
	if (bounds[0] > 0)
		ageing->bounds[ageing->nbounds++] = 0;
	memcpy(ageing->bounds + ageing->nbounds, bounds, n * sizeof(int32));
	ageing->nbounds += n;
}

/*
 * The bucket of a due date or instant.  Whether it is past due is decided as
 * in an invoice summary, by how much in days of the zone.
 */
static int
find_bucket(const Ageing *ageing, const Cell *cell)
{
	DateADT		due_day;
	int64		days;
	int			range = 0;

	if (cell->tag == CELL_DUE_DATE ? (DateADT) cell->due >= ageing->today :
		cell->due >= ageing->as_of)
		return CURRENT_BUCKET;
	due_day = cell->tag == CELL_DUE_DATE ? (DateADT) cell->due :
		day_in_zone(cell->due, ageing->zone);
	days = DATE_NOT_FINITE(due_day) || DATE_NOT_FINITE(ageing->today) ?
		PG_INT64_MAX : (int64) ageing->today - due_day;
	while (range + 1 < ageing->nbounds && days >= ageing->bounds[range + 1])
		range++;
	return 1 + range;
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

		has_invoice |= is_invoice_tag(cell->tag);
		if (cell->tag == CELL_INVOICE_DRAFT || cell->tag == CELL_INVOICE_OPEN)
			unknown_into(&unknown, cell->measure[INVOICE_AMOUNT_REMAINING].unknown);
		if (!is_due_tag(cell->tag))
			continue;
		has_invoice = true;
		bucket = &buckets[find_bucket(ageing, cell)];
		bucket->count += cell->count;
		amount_add(&bucket->amount, &cell->measure[0].sum);
	}
	require_known(unknown, "amount_remaining", currency->currency);
	undated_open_amount(currency, &buckets[UNDATED_BUCKET(ageing)].count,
						&buckets[UNDATED_BUCKET(ageing)].amount);
	return has_invoice;
}

/* "current", "0-29", "90+" or "no_due_date". */
static char *
bucket_name(const Ageing *ageing, int bucket)
{
	int32		from;
	int32		to;

	if (bucket == CURRENT_BUCKET)
		return "current";
	if (bucket == UNDATED_BUCKET(ageing))
		return "no_due_date";
	from = ageing->bounds[bucket - 1];
	if (bucket == ageing->nbounds)
		return psprintf("%d+", from);
	to = ageing->bounds[bucket] - 1;
	return from == to ? psprintf("%d", from) : psprintf("%d-%d", from, to);
}

static void
put_buckets(const Ageing *ageing, CurrencyCode currency, Bucket *buckets,
			Row *row)
{
	char		code[CURRENCY_NAME_SIZE];

	currency_upper(currency, code);
	for (int i = 0; i < NUM_BUCKETS(ageing); i++)
	{
		bool		is_range = i > CURRENT_BUCKET && i < UNDATED_BUCKET(ageing);
		char	   *name = bucket_name(ageing, i);

		row_text(row, code, strlen(code));
		row_text(row, name, strlen(name));
		if (is_range)
			row_integer(row, ageing->bounds[i - 1]);
		else
			row_null(row);
		if (is_range && i < ageing->nbounds)
			row_integer(row, ageing->bounds[i]);
		else
			row_null(row);
		row_bigint(row, total_rows(buckets[i].count));
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
	if (PG_ARGISNULL(1))
		report_null_argument("as_of");
	if (PG_ARGISNULL(2))
		report_null_argument("zone");
	if (PG_ARGISNULL(3))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("bounds must not be null")));
	ageing.as_of = PG_GETARG_TIMESTAMPTZ(1);
	ageing.zone = PG_GETARG_TEXT_PP(2);
	ageing.today = day_in_zone(ageing.as_of, ageing.zone);
	set_bounds(&ageing, PG_GETARG_ARRAYTYPE_P(3), PG_GETARG_DATUM(3));
	foreach(lc, position_currencies(position_getarg(fcinfo, 0), true))
	{
		const CurrencyCells *currency = lfirst(lc);
		Bucket	   *buckets = palloc0(NUM_BUCKETS(&ageing) * sizeof(Bucket));

		if (fill_buckets(&ageing, currency, buckets))
			put_buckets(&ageing, currency->currency, buckets, &row);
		pfree(buckets);
	}
	return (Datum) 0;
}
