/*-------------------------------------------------------------------------
 *
 * positions.c
 *	  The positions of all customers from a store, as rows of a query.
 *
 * The query has the ids in the type of the ledger's own column, so that it goes
 * on as it does with what was tallied from rows.  Where a customer's rows must
 * tell, the position is NULL, and the query tallies them if it still wants to
 * know: so an error comes up where it would have without a store.
 *
 *-------------------------------------------------------------------------
 */
#include "positions.h"

#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "ledger/match.h"
#include "ledger/plan.h"
#include "ledger/source.h"
#include "ledger/template.h"
#include "miscadmin.h"
#include "position/datum.h"
#include "position/split.h"
#include "storage/bufmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/tuplesort.h"
#include "utils/tuplestore.h"

/* ---- putting rows ---- */

/* An id as the query has it; its text came from a column of that type. */
static Datum
id_from_text(StoreReading *reading, Datum id)
{
	Oid			type = TupleDescAttr(reading->columns, 0)->atttypid;

	if (type == TEXTOID || type == VARCHAROID)
		return id;
	return InputFunctionCall(&reading->id_input, TextDatumGetCString(id), reading->id_param,
							 -1);
}

/* The next of the rows found, to be filled in. */
static FoundRow *
next_found(StoreReading *reading)
{
	if (reading->nfound == reading->allocated)
	{
		reading->allocated *= 2;
		reading->found = repalloc_huge(reading->found, reading->allocated * sizeof(FoundRow));
	}
	return &reading->found[reading->nfound++];
}

/* What is put lasts until the next customer is read, as the position must. */
static void
put_position(StoreReading *reading, const StoreRow *row, const text *currency,
			 const struct varlena *position)
{
	MemoryContext caller = MemoryContextSwitchTo(reading->row_context);
	FoundRow   *found = next_found(reading);
	int			n = 0;

	found->nulls[n] = ROW_NULL(row, STORE_CUSTOMER);
	found->values[n++] = ROW_NULL(row, STORE_CUSTOMER) ? (Datum) 0 :
		id_from_text(reading, ROW_VALUE(row, STORE_CUSTOMER));
	if (reading->by_currency)
	{
		found->nulls[n] = currency == NULL;
		found->values[n++] = currency == NULL ? (Datum) 0 :
			datumCopy(PointerGetDatum(currency), false, -1);
	}
	found->nulls[n] = position == NULL;
	found->values[n++] = PointerGetDatum(position);
	MemoryContextSwitchTo(caller);
}

/* The currencies of a customer's rows, whether they are any or not. */
static void
put_currencies(StoreReading *reading, const StoreRow *row)
{
	StringInfoData sql;
	Oid			type = TEXTOID;
	Datum		value = ROW_VALUE(row, STORE_CUSTOMER);
	char		null = ROW_NULL(row, STORE_CUSTOMER) ? 'n' : ' ';

	initStringInfo(&sql);
	for (int i = 0; i < reading->nkept; i++)
	{
		LedgerRelation relation;

		ledger_require(&reading->ledger, reading->kept[i]->name, "i", &relation);
		sql_append(&sql,
				   "{union}SELECT {currency} FROM {from} WHERE {is_customers}",
				   "union", i > 0 ? " UNION " : "",
				   "currency", ledger_currency(&relation, "currency"),
				   "from", ledger_from(&relation), "is_customers",
				   ROW_NULL(row, STORE_CUSTOMER) ? "i.customer_id IS NULL" :
				   ledger_is_kept_id(&relation, "customer_id", "$1"));
	}
	sql_append(&sql, " GROUP BY 1");
	SPI_connect();
	if (SPI_execute_with_args(sql.data, 1, &type, &value, &null, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read the currencies of a customer");
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		bool		isnull;
		Datum		currency = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1,
											 &isnull);

		put_position(reading, row, isnull ? NULL : DatumGetTextPP(currency), NULL);
	}
	SPI_finish();
}

/* What a customer has, in each currency if they are to be told apart. */
static void
put_stored(StoreReading *reading, const StoreRow *row, const Stored *stored)
{
	bool		left_to_rows = is_left_to_rows(stored, reading->has_until ?
											   &reading->until : NULL);
	struct varlena *position;
	ListCell   *lc;

	if (left_to_rows && reading->by_currency)
	{
		put_currencies(reading, row);
		return;
	}
	if (left_to_rows)
	{
		put_position(reading, row, NULL, NULL);
		return;
	}
	position = packed_from_datum(PointerGetDatum(stored_sum(stored)));
	if (is_zero_position(PointerGetDatum(position)))
		return;
	if (!reading->by_currency)
	{
		put_position(reading, row, NULL, position);
		return;
	}
	foreach(lc, split_position(position))
	{
		const CurrencyPosition *part = lfirst(lc);

		put_position(reading, row, currency_text(part->currency), part->position);
	}
}

/* ---- reading ---- */

static bool
is_wanted(const StoreReading *reading, Datum letter)
{
	for (int i = 0; i < reading->nkept; i++)
		if (reading->kept[i]->letter == DatumGetChar(letter))
			return true;
	return false;
}

static bool
same_customer(const StoreRow *a, const StoreRow *b)
{
	if (ROW_NULL(a, STORE_CUSTOMER) || ROW_NULL(b, STORE_CUSTOMER))
		return ROW_NULL(a, STORE_CUSTOMER) && ROW_NULL(b, STORE_CUSTOMER);
	return datum_image_eq(ROW_VALUE(a, STORE_CUSTOMER), ROW_VALUE(b, STORE_CUSTOMER), false, -1);
}

/* The customer of a row that is about to go. */
static StoreRow
copy_customer(const StoreRow *row)
{
	StoreRow	copy = *row;

	if (!ROW_NULL(row, STORE_CUSTOMER))
		ROW_VALUE(&copy, STORE_CUSTOMER) =
			PointerGetDatum(PG_DETOAST_DATUM_COPY(ROW_VALUE(row, STORE_CUSTOMER)));
	return copy;
}

/* Forget the customer who was read last. */
static void
forget_customer(StoreReading *reading)
{
	MemoryContextReset(reading->row_context);
	reading->nfound = 0;
}

/* ---- one customer ---- */

static void
read_customer(StoreReading *reading, Datum id)
{
	MemoryContext caller = MemoryContextSwitchTo(reading->row_context);
	Store		store = open_store(reading->store);
	SysScanDesc scan = scan_customer(&store, id, false, reading->snapshot);
	HeapTuple	tuple;
	StoreRow	row;
	StoreRow	first = {{0}};
	Stored		stored;

	begin_stored(&stored);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		CHECK_FOR_INTERRUPTS();
		read_row(&store, tuple, &row);
		if (!is_wanted(reading, ROW_VALUE(&row, STORE_SOURCE)))
			continue;
		if (stored.n == 0)
			first = copy_customer(&row);
		add_stored(&stored, &row);
	}
	systable_endscan(scan);
	close_store(&store);
	if (stored.n > 0)
		put_stored(reading, &first, &stored);
	MemoryContextSwitchTo(caller);
}

/* Find the positions of the next customer who is asked for, if there is one. */
static bool
read_next_asked(StoreReading *reading)
{
	if (reading->next_asked == reading->nasked)
		return false;
	read_customer(reading, reading->asked[reading->next_asked++]);
	return true;
}

/* ---- all customers ---- */

/* The rows that are wanted, sorted by customer: on disk if they are many. */
static Tuplesortstate *
sort_rows(StoreReading *reading, const Store *store)
{
	AttrNumber	column = STORE_CUSTOMER;
	Oid			less = TextLessOperator;
	Oid			collation = C_COLLATION_OID;
	bool		nulls_first = false;
	Tuplesortstate *sort = tuplesort_begin_heap(RelationGetDescr(store->heap), 1, &column,
												&less, &collation, &nulls_first, work_mem,
												NULL, TUPLESORT_NONE);
	TupleTableSlot *slot = table_slot_create(store->heap, NULL);
	TableScanDesc scan = begin_table_scan(store->heap, reading->snapshot);

	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		bool		isnull;

		CHECK_FOR_INTERRUPTS();
		if (is_wanted(reading, slot_getattr(slot, STORE_SOURCE, &isnull)))
			tuplesort_puttupleslot(sort, slot);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	tuplesort_performsort(sort);
	return sort;
}

/*
 * Whether to read the rows in the order of their index, one here and one there: a
 * store that stays in memory meanwhile has each page read once at most, and rows
 * are not copied to be sorted.
 */
static bool
stays_in_memory(const Store *store)
{
	return store->index != NULL &&
		RelationGetNumberOfBlocks(store->heap) <= NBuffers / 4;
}

static void
begin_customers(StoreReading *reading)
{
	Store	   *store = &reading->opened;
	bool		in_order;

	*store = open_store(reading->store);
	in_order = stays_in_memory(store);
	if (in_order)
		reading->scan = systable_beginscan_ordered(store->heap, store->index,
												   reading->snapshot, 0, NULL);
	else
		reading->sort = sort_rows(reading, store);
	reading->slot = MakeSingleTupleTableSlot(RelationGetDescr(store->heap),
											 in_order ? &TTSOpsHeapTuple : &TTSOpsMinimalTuple);
	reading->context = CurrentMemoryContext;
	reading->is_open = true;
}

static void
end_customers(StoreReading *reading)
{
	ExecDropSingleTupleTableSlot(reading->slot);
	if (reading->scan != NULL)
		systable_endscan_ordered(reading->scan);
	if (reading->sort != NULL)
		tuplesort_end(reading->sort);
	close_store(&reading->opened);
	reading->scan = NULL;
	reading->sort = NULL;
	reading->is_open = false;
}

/* The next row by the store's index, whether it is wanted or not. */
static bool
next_row_in_order(StoreReading *reading)
{
	HeapTuple	tuple = systable_getnext_ordered(reading->scan, ForwardScanDirection);

	CHECK_FOR_INTERRUPTS();
	if (!HeapTupleIsValid(tuple))
		return false;
	ExecStoreHeapTuple(tuple, reading->slot, false);
	read_slot(reading->slot, &reading->row);
	return true;
}

/*
 * Read the next row that is wanted, of this customer or another.  What an index
 * remembers of a scan as it goes on must not go with a customer.
 */
static bool
next_stored_row(StoreReading *reading)
{
	MemoryContext caller = MemoryContextSwitchTo(reading->context);
	bool		found;

	if (reading->sort != NULL)
	{
		found = tuplesort_gettupleslot(reading->sort, true, false, reading->slot, NULL);
		if (found)
			read_slot(reading->slot, &reading->row);
	}
	else
		do
			found = next_row_in_order(reading);
		while (found && !is_wanted(reading, ROW_VALUE(&reading->row, STORE_SOURCE)));
	MemoryContextSwitchTo(caller);
	return found;
}

/* Find the positions of the next customer, if there is one. */
static bool
read_next_customer(StoreReading *reading)
{
	MemoryContext caller = CurrentMemoryContext;
	StoreRow	first;
	Stored		stored;

	if (!reading->is_open)
	{
		begin_customers(reading);
		reading->has_row = next_stored_row(reading);
	}
	if (!reading->has_row)
		return false;
	MemoryContextSwitchTo(reading->row_context);
	first = copy_customer(&reading->row);
	begin_stored(&stored);
	do
	{
		CHECK_FOR_INTERRUPTS();
		add_stored(&stored, &reading->row);
		reading->has_row = next_stored_row(reading);
	} while (reading->has_row && same_customer(&reading->row, &first));
	put_stored(reading, &first, &stored);
	MemoryContextSwitchTo(caller);
	return true;
}

/* ---- customer by customer ---- */

/*
 * Find the rows of the next customer who has any; false if there is none left.
 * They last until the next call.
 */
bool
next_customer(StoreReading *reading)
{
	do
	{
		forget_customer(reading);
		if (!(reading->is_asked ? read_next_asked(reading) : read_next_customer(reading)))
			return false;
	} while (reading->nfound == 0);
	return true;
}

/*
 * The query says which columns there are.  Anybody may call this, so it is not
 * taken for granted that they are the right ones.
 */
static void
require_columns(const StoreReading *reading)
{
	TupleDesc	columns = reading->columns;
	Oid			position = TupleDescAttr(columns, columns->natts - 1)->atttypid;

	if (columns->natts == 2 + reading->by_currency &&
		TupleDescAttr(columns, 1)->atttypid == (reading->by_currency ? TEXTOID : position) &&
		strcmp(format_type_be_qualified(position), "balance.\"position\"") == 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("stored_positions() returns other columns"),
			 errdetail("They are customer_id of any type, currency text if by_currency, and"
					   " position balance.position.")));
}

/* The relations of an argument. */
static void
set_relations(StoreReading *reading, ArrayType *array)
{
	Datum	   *names;
	bool	   *nulls;
	int			n;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &names, &nulls, &n);
	for (int i = 0; i < n && reading->nkept < NUM_KEPT_RELATIONS; i++)
		if (!nulls[i])
			reading->kept[reading->nkept++] = require_kept(TextDatumGetCString(names[i]));
}

/*
 * Begin to read for a query, with the arguments of stored_positions(): columns
 * and snapshot are set already.  False if nothing is to be read, as the store does not
 * count for all of the relations.
 */
bool
begin_reading_store(StoreReading *reading, MemoryContext query, const Datum *arguments,
					const bool *nulls)
{
	Oid			input;

	if (nulls[STORED_LEDGER] || nulls[STORED_RELATIONS] || nulls[STORED_BY_CURRENCY])
		return false;
	reading->ledger.schema = DatumGetObjectId(arguments[STORED_LEDGER]);
	reading->by_currency = DatumGetBool(arguments[STORED_BY_CURRENCY]);
	reading->has_until = !nulls[STORED_UNTIL];
	reading->until = reading->has_until ? DatumGetTimestampTz(arguments[STORED_UNTIL]) : 0;
	require_columns(reading);
	reading->nkept = 0;
	set_relations(reading, DatumGetArrayTypeP(arguments[STORED_RELATIONS]));
	reading->store = InvalidOid;
	for (int i = 0; i < reading->nkept; i++)
	{
		reading->store = decide_store(query, reading->ledger.schema, reading->kept[i],
									  reading->snapshot);
		if (!OidIsValid(reading->store))
			break;
	}
	if (!OidIsValid(reading->store))
		return false;
	reading->ledger.name = get_namespace_name(reading->ledger.schema);
	getTypeInputInfo(TupleDescAttr(reading->columns, 0)->atttypid, &input,
					 &reading->id_param);
	fmgr_info(input, &reading->id_input);
	reading->row_context = AllocSetContextCreate(CurrentMemoryContext,
												 "balance positions of a store",
												 ALLOCSET_DEFAULT_SIZES);
	reading->allocated = 8;
	reading->found = palloc(reading->allocated * sizeof(FoundRow));
	reading->nfound = 0;
	reading->is_asked = false;
	return true;
}

void
end_reading_store(StoreReading *reading)
{
	if (reading->is_open)
		end_customers(reading);
	MemoryContextDelete(reading->row_context);
	pfree(reading->found);
}

/*
 * The positions by customer and, if that is asked for, currency: the columns are
 * those that the query gives the result.
 */
PG_FUNCTION_INFO_V1(stored_positions);
Datum
stored_positions(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Datum		arguments[NUM_STORED_ARGUMENTS];
	bool		nulls[NUM_STORED_ARGUMENTS];
	StoreReading reading = {0};

	for (int i = 0; i < NUM_STORED_ARGUMENTS; i++)
	{
		arguments[i] = PG_GETARG_DATUM(i);
		nulls[i] = PG_ARGISNULL(i);
	}
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	reading.columns = result->setDesc;
	reading.snapshot = GetActiveSnapshot();
	if (!begin_reading_store(&reading, fcinfo->flinfo->fn_mcxt, arguments, nulls))
		return (Datum) 0;
	while (next_customer(&reading))
		for (int i = 0; i < reading.nfound; i++)
			tuplestore_putvalues(result->setResult, result->setDesc, reading.found[i].values,
								 reading.found[i].nulls);
	end_reading_store(&reading);
	return (Datum) 0;
}
