/*-------------------------------------------------------------------------
 *
 * tally.c
 *	  What rows change of a relation, tallied without a query.
 *
 * A query over one row costs more than the statement that wrote it, most of it
 * for starting an executor.  So where each column is of a type that needs no
 * more than to be looked at, the rows are read here, and given to the functions
 * of the same aggregate; store_relations has the query for all else, and both
 * take the same rows for good.
 *
 *-------------------------------------------------------------------------
 */
#include "store.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/executor.h"
#include "executor/nodeHash.h"
#include "miscadmin.h"
#include "position/aggregate.h"
#include "position/datum.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"
#include "value/amount.h"
#include "value/currency.h"
#include "value/status.h"

/* ---- which functions ---- */

/* When a row counts from: columns.def has the same as SQL. */
typedef enum Dated
{
	DATED_NEVER,
	DATED_CREATED,				/* when it was created */
	DATED_PAID					/* when it was paid, if it is credit */
} Dated;

/* An aggregate's function and its inverse. */
typedef struct Transitions
{
	PGFunction	add;
	PGFunction	remove;
} Transitions;

/*
 * The functions of a relation's aggregates, whose arguments columns.def tells: by what
 * the amounts are in, and where the due date is an instant.
 */
typedef struct TallyCall
{
	const char *relation;
	Dated		dated;
	Transitions functions[NUM_AMOUNT_UNITS];
	Transitions of_instants[NUM_AMOUNT_UNITS];
} TallyCall;

#define TRANSITIONS_OF(name)	{name##_add, name##_remove}

static const TallyCall tally_calls[] = {
	{
		"invoice", DATED_NEVER,
		{TRANSITIONS_OF(tally_invoices_date), TRANSITIONS_OF(tally_invoices_minor_date)},
		{TRANSITIONS_OF(tally_invoices_instant), TRANSITIONS_OF(tally_invoices_minor_instant)}
	},
	{
		"deposit", DATED_NEVER,
		{TRANSITIONS_OF(tally_deposits), TRANSITIONS_OF(tally_deposits_minor)}
	},
	{"vcu_invoice", DATED_PAID, {TRANSITIONS_OF(tally_unit_invoices)}},
	{"vcu_order", DATED_CREATED, {TRANSITIONS_OF(tally_unit_orders)}}
};

/* ---- columns ---- */

/* A column of the rows, and what it is read as. */
typedef struct ReadColumn
{
	const ColumnSpec *spec;
	AttrNumber	number;			/* 0: there is none, and all are NULL */
	Oid			type;			/* without domains */
	bool		in_minor;		/* an amount in minor units */
	int			argument;		/* of the function, from 1; 0: it is none */
} ReadColumn;

/* Those of the arguments, and those that date a row. */
#define MAX_READ_COLUMNS	FUNC_MAX_ARGS

struct RowTally
{
	Transitions functions;
	int			narguments;
	Dated		dated;
	AttrNumber	last;			/* the highest number that is read */
	ReadColumn	id;
	int			ncolumns;
	ReadColumn	columns[MAX_READ_COLUMNS];
};

/* Whether values of a type can be read as a kind of column here. */
static bool
is_readable(Oid type, ColumnKind kind)
{
	switch (kind)
	{
		case COLUMN_MONEY:
		case COLUMN_UNITS:
			return type == NUMERICOID || is_integer_type(type);
		case COLUMN_MINOR_UNITS:
			return is_integer_type(type);
		case COLUMN_DUE:
			return type == DATEOID || type == TIMESTAMPTZOID;
		case COLUMN_INSTANT:
			return type == TIMESTAMPTZOID;
		case COLUMN_BOOLEAN:
			return type == BOOLOID;
		case COLUMN_IDENTIFIER:
			if (type == NUMERICOID || is_integer_type(type))
				return true;
			pg_fallthrough;
		case COLUMN_CURRENCY:
		case COLUMN_STATUS:
			return type == TEXTOID || type == VARCHAROID || type == BPCHAROID ||
				type == NAMEOID || type == UUIDOID || type_is_enum(type);
		default:
			return false;
	}
}

/*
 * A column of a relation by its name, or by that of what stands for it; false if only
 * a query can read it.
 */
static bool
find_column(ReadColumn *column, Oid relid, const ColumnSpec *spec)
{
	const ColumnSpec *found = spec;
	const ColumnSpec *minor = find_stand_in(spec);

	column->spec = spec;
	column->in_minor = minor != NULL && get_attnum(relid, minor->name) != InvalidAttrNumber;
	if (column->in_minor)
		found = minor;
	column->number = get_attnum(relid, found->name);
	if (column->number == InvalidAttrNumber)
		return !spec->required;
	column->type = getBaseType(get_atttype(relid, column->number));
	return is_readable(column->type, found->kind);
}

/* Which argument a column is, from 1, or 0. */
static int
find_argument(const List *arguments, const ColumnSpec *spec)
{
	ListCell   *lc;

	foreach(lc, arguments)
	{
		if (lfirst(lc) == spec)
			return foreach_current_index(lc) + 1;
	}
	return 0;
}

/* Whether the tally looks at a column that is no argument. */
static bool
dates_row(const TallyCall *call, const ColumnSpec *spec)
{
	return (call->dated != DATED_NEVER && strcmp(spec->name, "created_at") == 0) ||
		(call->dated == DATED_PAID && strcmp(spec->name, "paid_at") == 0);
}

/* The columns of a call; false if only a query can read one of them. */
static bool
find_columns(RowTally *tally, const TallyCall *call, Oid relid, const SourceSpec *source)
{
	List	   *arguments = source_arguments(source);

	tally->narguments = list_length(arguments);
	for (const ColumnSpec *column = source->owner->columns; column->name != NULL; column++)
	{
		ReadColumn *read = &tally->columns[tally->ncolumns];
		int			argument = find_argument(arguments, column);

		if (argument == 0 && !dates_row(call, column))
			continue;
		assert_that(tally->ncolumns < MAX_READ_COLUMNS);
		if (!find_column(read, relid, column))
			return false;
		read->argument = argument;
		tally->last = Max(tally->last, read->number);
		tally->ncolumns++;
	}
	return true;
}

static const TallyCall *
find_call(const char *relation)
{
	for (int i = 0; i < lengthof(tally_calls); i++)
		if (strcmp(tally_calls[i].relation, relation) == 0)
			return &tally_calls[i];
	return NULL;
}

/* The functions for rows of these columns; false if their amounts are in both units. */
static bool
find_functions(RowTally *tally, const TallyCall *call)
{
	int			amounts[NUM_AMOUNT_UNITS] = {0};
	bool		of_instants = false;
	const Transitions *functions;

	for (int i = 0; i < tally->ncolumns; i++)
	{
		const ReadColumn *column = &tally->columns[i];

		if (column->spec->kind == COLUMN_MONEY)
			amounts[column->in_minor ? IN_MINOR_UNITS : IN_MAJOR_UNITS]++;
		of_instants |= column->spec->kind == COLUMN_DUE && column->type == TIMESTAMPTZOID;
	}
	functions = of_instants ? call->of_instants : call->functions;
	tally->functions = functions[amounts[IN_MINOR_UNITS] > 0 ? IN_MINOR_UNITS : IN_MAJOR_UNITS];
	return amounts[IN_MAJOR_UNITS] == 0 || amounts[IN_MINOR_UNITS] == 0;
}

/*
 * How rows of the shape of a relation are tallied, to be kept until it is freed, or
 * NULL if that takes a query.
 */
RowTally *
plan_tally(const KeptRelation *kept, Oid shape)
{
	const TallyCall *call = find_call(kept->name);
	RowTally   *tally;

	if (call == NULL)
		return NULL;
	tally = MemoryContextAllocZero(TopMemoryContext, sizeof(RowTally));
	if (!find_column(&tally->id, shape,
					 find_column_spec(kept->source->owner, "customer_id")) ||
		!find_columns(tally, call, shape, kept->source) ||
		!find_functions(tally, call))
	{
		pfree(tally);
		return NULL;
	}
	tally->last = Max(tally->last, tally->id.number);
	tally->dated = call->dated;
	return tally;
}

/* ---- values ---- */

/* A value as text, as the cast would have it, or as an id has it. */
static text *
read_text(Datum value, Oid type)
{
	switch (type)
	{
		case TEXTOID:
		case VARCHAROID:
			return DatumGetTextPP(value);
		case BPCHAROID:
			return DatumGetTextPP(DirectFunctionCall1(rtrim1, value));
		case NAMEOID:
			return cstring_to_text(NameStr(*DatumGetName(value)));
		case INT2OID:
			return cstring_to_text(DatumGetCString(DirectFunctionCall1(int2out, value)));
		case INT4OID:
			return cstring_to_text(DatumGetCString(DirectFunctionCall1(int4out, value)));
		case INT8OID:
			return cstring_to_text(DatumGetCString(DirectFunctionCall1(int8out, value)));
		case NUMERICOID:
			value = DirectFunctionCall1(numeric_trim_scale, value);
			return cstring_to_text(DatumGetCString(DirectFunctionCall1(numeric_out, value)));
		case UUIDOID:
			return cstring_to_text(DatumGetCString(DirectFunctionCall1(uuid_out, value)));
		default:
			return cstring_to_text(DatumGetCString(DirectFunctionCall1(enum_out, value)));
	}
}

static int64
read_integer(Datum value, Oid type)
{
	return type == INT2OID ? DatumGetInt16(value) :
		type == INT4OID ? DatumGetInt32(value) : DatumGetInt64(value);
}

static Datum
read_numeric(Datum value, Oid type)
{
	return type == NUMERICOID ? value :
		NumericGetDatum(int64_to_numeric(read_integer(value, type)));
}

/* Read a column of a row into what the functions take. */
static NullableDatum
read_value(const ReadColumn *column, const TupleTableSlot *slot)
{
	NullableDatum value = {.isnull = true};

	if (column->number == InvalidAttrNumber || slot->tts_isnull[column->number - 1])
		return value;
	value.isnull = false;
	value.value = slot->tts_values[column->number - 1];
	switch (column->spec->kind)
	{
		case COLUMN_IDENTIFIER:
		case COLUMN_CURRENCY:
		case COLUMN_STATUS:
			value.value = PointerGetDatum(read_text(value.value, column->type));
			break;
		case COLUMN_MONEY:
		case COLUMN_UNITS:
			value.value = column->in_minor ?
				Int64GetDatum(read_integer(value.value, column->type)) :
				read_numeric(value.value, column->type);
			break;
		default:
			break;
	}
	return value;
}

/* ---- which rows are good: see good_column() ---- */

static bool
is_good(const ReadColumn *column, const NullableDatum *value)
{
	const ColumnSpec *spec = column->spec;
	bool		nullable = !spec->required || spec->nullable;
	const text *word;

	switch (spec->kind)
	{
		case COLUMN_CURRENCY:
			return !value->isnull &&
				currency_find((text *) DatumGetPointer(value->value)) != UNKNOWN_CURRENCY;
		case COLUMN_MONEY:
		case COLUMN_UNITS:
			return value->isnull || column->in_minor ||
				amount_is_bounded(PG_DETOAST_DATUM_PACKED(value->value));
		case COLUMN_STATUS:
			if (value->isnull)
				return nullable;
			word = (text *) DatumGetPointer(value->value);
			return spec->vocabulary == NULL || status_is_known(spec->vocabulary, word);
		case COLUMN_INSTANT:
			return nullable || !value->isnull;
		default:
			return true;
	}
}

/* ---- customers ---- */

/* What changes of a customer. */
typedef struct Change
{
	const text *customer;		/* NULL: of none */
	uint32		hash;
	char		status;			/* of the hash table's entry */
	int64		bad;
	TimestampTz latest;			/* of rows that came */
	TimestampTz earlier;		/* of rows that went */
	PositionState *state;		/* NULL: no row was good */
} Change;

static uint32
hash_customer(const text *customer)
{
	return customer == NULL ? 0 :
		hash_bytes((const unsigned char *) VARDATA_ANY(customer), VARSIZE_ANY_EXHDR(customer));
}

/* In order of bytes, NULL last. */
static int
compare_customers(const text *a, const text *b)
{
	int			a_size;
	int			b_size;
	int			order;

	if (a == NULL || b == NULL)
		return (a == NULL) - (b == NULL);
	a_size = VARSIZE_ANY_EXHDR(a);
	b_size = VARSIZE_ANY_EXHDR(b);
	order = memcmp(VARDATA_ANY(a), VARDATA_ANY(b), Min(a_size, b_size));
	return order != 0 ? order : a_size < b_size ? -1 : a_size > b_size;
}

#define SH_PREFIX changes
#define SH_ELEMENT_TYPE Change
#define SH_KEY_TYPE const text *
#define SH_KEY customer
#define SH_HASH_KEY(table, key) hash_customer(key)
#define SH_EQUAL(table, a, b) (compare_customers(a, b) == 0)
#define SH_STORE_HASH
#define SH_GET_HASH(table, entry) (entry)->hash
#define SH_SCOPE static inline
#define SH_DEFINE
#define SH_DECLARE
#include "lib/simplehash.h"

/* ---- tallying ---- */

typedef struct Tallying
{
	const RowTally *tally;
	PutChange	put;
	void	   *receiver;
	changes_hash *changes;
	MemoryContext context;		/* of the changes */
	MemoryContext row_context;
	uint64		rows;			/* so far */
	Size		limit;			/* of memory */
} Tallying;

/* The changes of a customer, whose id is copied where it is new. */
static Change *
find_change(Tallying *tallying, const text *customer)
{
	bool		found;
	Change	   *change = changes_insert(tallying->changes, customer, &found);

	if (found)
		return change;
	if (customer != NULL)
	{
		Size		size = VARSIZE_ANY(customer);

		change->customer = memcpy(MemoryContextAlloc(tallying->context, size), customer, size);
	}
	change->bad = 0;
	change->latest = change->earlier = DT_NOBEGIN;
	change->state = NULL;
	return change;
}

/* Keep a state that a transition function has returned, which may have moved. */
static void
keep_state(Tallying *tallying, Change *change, PositionState *state)
{
	PositionState *old = change->state;

	if (state == old)
		return;
	change->state = memcpy(MemoryContextAlloc(tallying->context, VARSIZE(state)), state,
						   VARSIZE(state));
	if (old != NULL)
		pfree(old);
}

/* When a good row counts from. */
static TimestampTz
row_dated(const RowTally *tally, const NullableDatum *values)
{
	NullableDatum created = {.isnull = true};
	NullableDatum paid = {.isnull = true};
	const text *status = NULL;

	if (tally->dated == DATED_NEVER)
		return DT_NOBEGIN;
	for (int i = 0; i < tally->ncolumns; i++)
	{
		const ColumnSpec *spec = tally->columns[i].spec;

		if (spec->kind == COLUMN_STATUS)
			status = (const text *) DatumGetPointer(values[i].value);
		else if (spec->kind == COLUMN_INSTANT && spec->required)
			created = values[i];
		else if (spec->kind == COLUMN_INSTANT)
			paid = values[i];
	}
	if (tally->dated == DATED_PAID && !paid.isnull &&
		unit_invoice_class_of(status) == UNIT_CREDIT)
		return DatumGetTimestampTz(paid.value);
	return DatumGetTimestampTz(created.value);
}

/* Call the aggregate's function, or its inverse, for a good row. */
static void
call_transition(Tallying *tallying, Change *change, const NullableDatum *values, int sign)
{
	LOCAL_FCINFO(fcinfo, FUNC_MAX_ARGS + 1);
	const RowTally *tally = tallying->tally;
	Datum		state;

	transition_init(fcinfo, tally->narguments + 1);
	fcinfo->args[0].isnull = change->state == NULL;
	fcinfo->args[0].value = PointerGetDatum(change->state);
	for (int i = 0; i < tally->ncolumns; i++)
		if (tally->columns[i].argument > 0)
			fcinfo->args[tally->columns[i].argument] = values[i];
	state = (sign > 0 ? tally->functions.add : tally->functions.remove) (fcinfo);
	keep_state(tallying, change, (PositionState *) DatumGetPointer(state));
}

/* Tally a row that came or went. */
static void
tally_row(Tallying *tallying, TupleTableSlot *slot, int sign)
{
	const RowTally *tally = tallying->tally;
	NullableDatum values[MAX_READ_COLUMNS];
	NullableDatum id;
	bool		good = true;
	Change	   *change;

	slot_getsomeattrs(slot, tally->last);
	id = read_value(&tally->id, slot);
	change = find_change(tallying, id.isnull ? NULL : (text *) DatumGetPointer(id.value));
	for (int i = 0; i < tally->ncolumns && good; i++)
	{
		values[i] = read_value(&tally->columns[i], slot);
		good = is_good(&tally->columns[i], &values[i]);
	}
	if (good)
	{
		TimestampTz *dated = sign > 0 ? &change->latest : &change->earlier;

		*dated = Max(*dated, row_dated(tally, values));
		call_transition(tallying, change, values, sign);
	}
	else
		change->bad += sign;
}

/* A change as a row of the store, unless it is none: see append_change(). */
static void
put_change(Tallying *tallying, const Change *change)
{
	StoreRow	row = {{0}};
	Datum		position = change->state == NULL ? zero_position() :
		PointerGetDatum(packed_from_datum(PointerGetDatum(change->state)));

	if (change->bad == 0 && is_zero_position(position) && change->latest <= change->earlier)
		return;
	ROW_VALUE(&row, STORE_CUSTOMER) = PointerGetDatum(change->customer);
	ROW_NULL(&row, STORE_CUSTOMER) = change->customer == NULL;
	ROW_VALUE(&row, STORE_BAD) = Int64GetDatum(change->bad);
	ROW_VALUE(&row, STORE_LATEST) = TimestampTzGetDatum(change->latest);
	ROW_NULL(&row, STORE_LATEST) = TIMESTAMP_IS_NOBEGIN(change->latest);
	ROW_VALUE(&row, STORE_POSITION) = position;
	tallying->put(&row, tallying->receiver);
}

static int
compare_changes(const void *a, const void *b)
{
	return compare_customers((*(Change *const *) a)->customer,
							 (*(Change *const *) b)->customer);
}

/* Put all changes so far, in the order of the store's index. */
static void
put_changes(Tallying *tallying)
{
	Change	  **sorted = palloc_extended(tallying->changes->members * sizeof(Change *),
										 MCXT_ALLOC_HUGE);
	changes_iterator iterator;
	Change	   *change;
	Size		n = 0;

	changes_start_iterate(tallying->changes, &iterator);
	while ((change = changes_iterate(tallying->changes, &iterator)) != NULL)
		sorted[n++] = change;
	qsort(sorted, n, sizeof(Change *), compare_changes);
	for (Size i = 0; i < n; i++)
	{
		MemoryContext caller = MemoryContextSwitchTo(tallying->row_context);

		CHECK_FOR_INTERRUPTS();
		put_change(tallying, sorted[i]);
		MemoryContextSwitchTo(caller);
		MemoryContextReset(tallying->row_context);
	}
	pfree(sorted);
}

/* Tally the next of some rows; false if there are none left. */
static bool
tally_next(Tallying *tallying, Tuplestorestate *rows, TupleTableSlot *slot, int sign)
{
	MemoryContext caller;

	if (rows == NULL || !tuplestore_gettupleslot(rows, true, false, slot))
		return false;
	caller = MemoryContextSwitchTo(tallying->row_context);
	tally_row(tallying, slot, sign);
	MemoryContextSwitchTo(caller);
	MemoryContextReset(tallying->row_context);
	/* what was put adds up with what is to come */
	if ((++tallying->rows & 1023) == 0 &&
		MemoryContextMemAllocated(tallying->context, true) > tallying->limit)
	{
		put_changes(tallying);
		MemoryContextReset(tallying->context);
		tallying->changes = changes_create(tallying->context, 4, NULL);
	}
	return true;
}

/* Others read the same rows, each from a place of its own. */
void
rewind_rows(Tuplestorestate *rows)
{
	if (rows == NULL)
		return;
	tuplestore_select_read_pointer(rows, tuplestore_alloc_read_pointer(rows, EXEC_FLAG_REWIND));
	tuplestore_rescan(rows);
}

/*
 * Tally rows that came and rows that went, of which either may be NULL, and put
 * what that changes of each customer.  An update's rows go side by side, so that
 * what they have in common is gone at once.
 */
void
tally_rows(const RowTally *tally, TupleDesc shape, Tuplestorestate *new_rows,
		   Tuplestorestate *old_rows, PutChange put, void *receiver)
{
	Tallying	tallying = {.tally = tally, .put = put, .receiver = receiver};
	TupleTableSlot *slot = MakeSingleTupleTableSlot(shape, &TTSOpsMinimalTuple);
	bool		has_new = true;
	bool		has_old = true;

	tallying.context = AllocSetContextCreate(CurrentMemoryContext, "balance changes",
											 ALLOCSET_DEFAULT_SIZES);
	tallying.row_context = AllocSetContextCreate(CurrentMemoryContext, "balance row",
												 ALLOCSET_DEFAULT_SIZES);
	tallying.limit = get_hash_memory_limit();
	tallying.changes = changes_create(tallying.context, 4, NULL);
	rewind_rows(new_rows);
	rewind_rows(old_rows);
	while (has_new || has_old)
	{
		CHECK_FOR_INTERRUPTS();
		has_new = has_new && tally_next(&tallying, new_rows, slot, 1);
		has_old = has_old && tally_next(&tallying, old_rows, slot, -1);
	}
	ExecDropSingleTupleTableSlot(slot);
	put_changes(&tallying);
	MemoryContextDelete(tallying.row_context);
	MemoryContextDelete(tallying.context);
}
