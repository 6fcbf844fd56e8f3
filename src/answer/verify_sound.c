/*-------------------------------------------------------------------------
 *
 * verify_sound.c
 *	  Which rows break no rule of verify(), told at a glance.
 *
 * Nearly every row of a ledger is sound, so verify() asks that of each row first,
 * in one call, and puts only the others to the rules of verify_rules.c.  A yes is
 * to be certain: what is rare or costs more to tell (an amount of 15 digits, a
 * withdrawn currency, json) gets a no, and the rules find nothing.
 * Whoever adds a rule adds to this what it follows from; test/t/025_sound.pl
 * puts all rows to the rules and compares.
 *
 *-------------------------------------------------------------------------
 */
#include "verify_sound.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "ledger/columns.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
#include "value/amount.h"
#include "value/arguments.h"
#include "value/currency.h"
#include "value/datetime.h"
#include "value/status.h"

const char *const row_fact_names[NUM_ROW_FACTS] = {
	[FACT_CURRENCY] = "fact_currency",
	[FACT_INVOICE_CURRENCY] = "fact_invoice_currency",
	[FACT_INVOICE_STATUS] = "fact_invoice_status",
	[FACT_SAME_CUSTOMER] = "fact_same_customer",
	[FACT_APPLIED] = "fact_applied",
	[FACT_HAS_APPLICATIONS] = "fact_has_applications",
	[FACT_PAID] = "fact_paid",
	[FACT_KEEPS_PAYMENTS] = "fact_keeps_payments"
};

/* The place of each column in its relation, from columns.def. */
#define RELATION(name, ...)		typedef struct name##_places {
#define COLUMN(name, kind, ...)	char name;
#define END(name)				} name##_places;
#include "ledger/columns.def"

#define PLACE(relation, column)	offsetof(relation##_places, column)

/* As many columns as the largest relation has. */
typedef union AllPlaces
{
#define RELATION(name, ...)		name##_places name;
#include "ledger/columns.def"
} AllPlaces;

#define MAX_COLUMNS		sizeof(AllPlaces)

/* The arguments before the row's own. */
enum
{
	ARGUMENT_RELATION,
	ARGUMENT_ZONE,
	ARGUMENT_NAMES,
	FIRST_VALUE
};

/* What is asked of a value by what its column is, and how it is shown. */
typedef enum CheckKind
{
	CHECK_PRESENT,				/* nothing but that it is not NULL */
	CHECK_CURRENCY,				/* the first one is that of the row's amounts */
	CHECK_STATUS,
	CHECK_MAJOR,				/* an amount with the decimals of its currency */
	CHECK_MINOR,				/* an amount in minor units */
	CHECK_NUMBER,				/* an amount of no known currency, or units */
	CHECK_DAY,
	CHECK_INSTANT,
	CHECK_OBJECT,
	CHECK_CLOSELY				/* by the rules alone */
} CheckKind;

typedef struct Check
{
	CheckKind	kind;
	bool		required;
	bool		endless;		/* infinite days and instants will do */
	int			argno;
	int			place;			/* of the column */
	int			vocabulary;		/* of a status */
} Check;

struct Row;

/* How a call reads its rows, for as long as its query runs; 0 stands for no argument. */
typedef struct RowReader
{
	const RelationSpec *spec;
	pg_tz	   *zone;
	bool		(*is_sound) (const struct Row *row);
	int			column[MAX_COLUMNS];
	int			fact[NUM_ROW_FACTS];
	bool		due_instants;	/* due_date has instants, not days */
	int			nchecks;
	Check		checks[MAX_COLUMNS];
} RowReader;

/*
 * A row, and what has been found in its columns, each of which is sound by itself:
 * the amounts and words of those that are not NULL, by their place.
 */
typedef struct Row
{
	const RowReader *reader;
	const NullableDatum *args;
	CurrencyCode currency;		/* UNKNOWN_CURRENCY if it has none */
	int			digits;			/* of its minor unit, or 0 */
	int			decimals;		/* that an amount may have */
	int64		amount[MAX_COLUMNS];	/* short, see amount.h */
	const StatusWord *word[MAX_COLUMNS];
} Row;

/* ---- values by themselves ---- */

/* Days and instants that documents show: the years 1 to 9999. */
#define FIRST_DAY		(1721426 - POSTGRES_EPOCH_JDATE)
#define DAY_AFTER_LAST	(5373485 - POSTGRES_EPOCH_JDATE)

static inline bool
currency_is_sound(Row *row, const text *name)
{
	CurrencyCode code = currency_find(name);

	if (code == UNKNOWN_CURRENCY || currency_is_withdrawn(code))
		return false;
	if (row->currency != UNKNOWN_CURRENCY)
		return true;
	row->currency = code;
	row->digits = currency_minor_digits(code);
	row->decimals = currency_has_minor_unit(code) ? row->digits : SHORT_SCALE;
	return true;
}

/* Whether a jsonb is an object, without reading all of it. */
static bool
is_object(Datum value)
{
	struct varlena *start = PG_DETOAST_DATUM_SLICE(value, 0, sizeof(uint32));
	uint32		header;

	memcpy(&header, VARDATA_ANY(start), sizeof(header));
	return (header & JB_FOBJECT) != 0;
}

/* Whether a value that is there is in order for what its column is. */
static inline bool
value_is_sound(const Check *check, Row *row, Datum value)
{
	int64	   *amount = &row->amount[check->place];

	switch (check->kind)
	{
		case CHECK_PRESENT:
			return true;
		case CHECK_CURRENCY:
			return currency_is_sound(row, detoasted(value));
		case CHECK_STATUS:
			row->word[check->place] = status_find(check->vocabulary, detoasted(value));
			return row->word[check->place] != NULL;
		case CHECK_MAJOR:
			return amount_fits_digits(detoasted(value), row->decimals, amount);
		case CHECK_MINOR:
			return amount_scale_short(DatumGetInt64(value), row->digits, 1, amount);
		case CHECK_NUMBER:
			return amount_fits_digits(detoasted(value), SHORT_SCALE, amount) ||
				(row->reader->is_sound == NULL &&
				 amount_is_bounded(detoasted(value)));
		case CHECK_DAY:
			if (DATE_NOT_FINITE(DatumGetDateADT(value)))
				return check->endless;
			return DatumGetDateADT(value) >= FIRST_DAY && DatumGetDateADT(value) < DAY_AFTER_LAST;
		case CHECK_INSTANT:
			if (TIMESTAMP_NOT_FINITE(DatumGetTimestampTz(value)))
				return check->endless;
			return DatumGetTimestampTz(value) >= FIRST_DAY * USECS_PER_DAY &&
				DatumGetTimestampTz(value) < DAY_AFTER_LAST * USECS_PER_DAY;
		case CHECK_OBJECT:
			return is_object(value);
		case CHECK_CLOSELY:
			break;
	}
	return false;
}

/* ---- values beside each other ---- */

/* An argument, or NULL if there is none or it is NULL. */
static inline const NullableDatum *
argument_of(const Row *row, int argno)
{
	return argno == 0 || row->args[argno].isnull ? NULL : &row->args[argno];
}

static inline const NullableDatum *
fact_of(const Row *row, RowFact fact)
{
	return argument_of(row, row->reader->fact[fact]);
}

static inline const NullableDatum *
column_of(const Row *row, int place)
{
	return argument_of(row, row->reader->column[place]);
}

static inline const StatusWord *
word_of(const Row *row, int place)
{
	return column_of(row, place) == NULL ? NULL : row->word[place];
}

static inline bool
is_true(const NullableDatum *fact)
{
	return fact != NULL && DatumGetBool(fact->value);
}

/* A sum of amounts or of minor units, whose short form is that of as many major ones. */
static inline bool
read_sum(const NullableDatum *fact, int64 *sum)
{
	*sum = 0;
	return fact == NULL ||
		amount_fits_digits(PG_DETOAST_DATUM_PACKED(fact->value), SHORT_SCALE, sum);
}

/* Whether the row's customer and currency are those of its invoice, as far as known. */
static bool
invoice_agrees(const Row *row)
{
	const NullableDatum *same_customer = fact_of(row, FACT_SAME_CUSTOMER);
	const NullableDatum *own = fact_of(row, FACT_CURRENCY);
	const NullableDatum *other = fact_of(row, FACT_INVOICE_CURRENCY);
	CurrencyCode code;

	if (same_customer != NULL && !DatumGetBool(same_customer->value))
		return false;
	if (own == NULL || other == NULL)
		return true;
	code = currency_find(DatumGetTextPP(own->value));
	return code != UNKNOWN_CURRENCY && code == currency_find(DatumGetTextPP(other->value));
}

/* A due date or instant that is not before the day or instant of issue. */
static bool
due_is_sound(const Row *row)
{
	const RowReader *reader = row->reader;
	const NullableDatum *due = column_of(row, PLACE(invoice, due_date));
	const NullableDatum *issued = column_of(row, PLACE(invoice, issued_at));
	TimestampTz instant;
	int64		day;

	if (due == NULL || issued == NULL)
		return true;
	instant = DatumGetTimestampTz(issued->value);
	if (reader->due_instants)
		return DatumGetTimestampTz(due->value) >= instant;
	/* no zone is more than a day from Greenwich's */
	day = DatumGetDateADT(due->value);
	return day >= instant / USECS_PER_DAY + 2 || day >= day_in_zone(instant, reader->zone);
}

/* Whether an open invoice of which nothing remains is not called partially paid. */
static inline bool
says_partial(const StatusWord *word)
{
	return word != NULL && strncmp(word->word, "part", 4) == 0;
}

/*
 * Where payments are kept, what remains is what was neither paid nor applied, and
 * it is known when something was owed and when no longer.
 */
static bool
is_explained(const Row *row, InvoiceClass class, int64 paid, int64 applied)
{
	int128		explained = (int128) row->amount[PLACE(invoice, amount_due)] - paid - applied;

	if (class != INVOICE_DRAFT && column_of(row, PLACE(invoice, finalized_at)) == NULL &&
		column_of(row, PLACE(invoice, issued_at)) == NULL)
		return false;
	if (class == INVOICE_VOID)
		return column_of(row, PLACE(invoice, voided_at)) != NULL;
	return class == INVOICE_DRAFT || explained == row->amount[PLACE(invoice, amount_remaining)];
}

static bool
invoice_is_sound(const Row *row)
{
	int64		due = row->amount[PLACE(invoice, amount_due)];
	int64		remaining = row->amount[PLACE(invoice, amount_remaining)];
	const StatusWord *status = word_of(row, PLACE(invoice, invoice_status));
	const StatusWord *payment = word_of(row, PLACE(invoice, payment_status));
	InvoiceClass class = invoice_class_by(status, payment);
	int64		applied;
	int64		paid;

	if (remaining > Max(due, 0) || remaining < Min(due, 0) ||
		(remaining != 0 && class == INVOICE_PAID) ||
		(remaining == 0 && (says_partial(status) || says_partial(payment))) ||
		!due_is_sound(row) ||
		!read_sum(fact_of(row, FACT_APPLIED), &applied) ||
		!read_sum(fact_of(row, FACT_PAID), &paid))
		return false;
	applied /= short_units[SHORT_SCALE - row->digits];
	return applied <= Max(due, 0) &&
		(!is_true(fact_of(row, FACT_KEEPS_PAYMENTS)) || is_explained(row, class, paid, applied));
}

static int64
integer_of(const Row *row, int place)
{
	const NullableDatum *value = column_of(row, place);

	return value == NULL ? 0 : DatumGetInt64(value->value);
}

static bool
memo_is_sound(const Row *row)
{
	int64		amount = integer_of(row, PLACE(credit_memo, amount));
	int64		used = integer_of(row, PLACE(credit_memo, amount_applied));
	int64		refunded = integer_of(row, PLACE(credit_memo, amount_refunded));
	MemoClass	class = row->word[PLACE(credit_memo, status)]->meaning;
	int64		applied;

	if (amount < 0 || used < 0 || used > amount || refunded < 0 || refunded > amount ||
		(class == MEMO_SPENT && used != amount) ||
		!read_sum(fact_of(row, FACT_APPLIED), &applied))
		return false;
	applied /= short_units[0];
	if (class == MEMO_VOID && (used > 0 || applied > 0))
		return false;
	if (is_true(fact_of(row, FACT_HAS_APPLICATIONS)) && used != applied + refunded)
		return false;
	return invoice_agrees(row);
}

/* A void invoice's application may be in order, if it was written off. */
static bool
application_is_sound(const Row *row)
{
	const NullableDatum *applied = column_of(row, PLACE(credit_memo_application, applied_at));
	const NullableDatum *reversed = column_of(row, PLACE(credit_memo_application, reversed_at));
	const NullableDatum *status = fact_of(row, FACT_INVOICE_STATUS);
	const StatusWord *word;

	if (reversed != NULL)
		return DatumGetTimestampTz(reversed->value) >= DatumGetTimestampTz(applied->value) &&
			invoice_agrees(row);
	if (status == NULL)
		return invoice_agrees(row);
	word = status_find(vocabulary_by_name("invoice_status"), DatumGetTextPP(status->value));
	return word != NULL && word->meaning != INVOICE_VOID && invoice_agrees(row);
}

static bool
payment_is_sound(const Row *row)
{
	return row->amount[PLACE(payment, amount)] != 0 && invoice_agrees(row);
}

static bool
rate_is_sound(const Row *row)
{
	const NullableDatum *reporting = column_of(row, PLACE(exchange_rate, reporting_currency));

	return row->amount[PLACE(exchange_rate, rate)] > 0 &&
		currency_find(DatumGetTextPP(reporting->value)) != row->currency;
}

/* What is asked of a relation's rows besides, where each value is sound by itself. */
static bool (*const relation_checks[NUM_LEDGER_RELATIONS]) (const Row *row) =
{
	[LEDGER_invoice] = invoice_is_sound,
		[LEDGER_credit_memo] = memo_is_sound,
		[LEDGER_credit_memo_application] = application_is_sound,
		[LEDGER_payment] = payment_is_sound,
		[LEDGER_exchange_rate] = rate_is_sound
};

/* ---- how rows are read ---- */

static void
report_wrong_call(const char *what, const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s \"%s\"", what, name),
			 errhint("breaks_no_rule() is called by verify() alone.")));
}

/* Whether a value of a type is read as that column's. */
static bool
type_fits(const ColumnSpec *column, Oid type)
{
	switch (column->kind)
	{
		case COLUMN_CURRENCY:
		case COLUMN_STATUS:
			return type == TEXTOID;
		case COLUMN_MONEY:
			return type == NUMERICOID || type == INT8OID;
		case COLUMN_UNITS:
			return type == NUMERICOID;
		case COLUMN_MINOR_UNITS:
			return type == INT8OID;
		case COLUMN_DATE:
			return type == DATEOID;
		case COLUMN_INSTANT:
			return type == TIMESTAMPTZOID;
		case COLUMN_DUE:
			return type == DATEOID || type == TIMESTAMPTZOID;
		case COLUMN_JSON:
			return type == JSONBOID || type == JSONOID;
		case COLUMN_IDENTIFIER:
		case COLUMN_TEXT:
		case COLUMN_BOOLEAN:
			break;
	}
	return true;
}

static Oid
fact_type(RowFact fact)
{
	switch (fact)
	{
		case FACT_APPLIED:
		case FACT_PAID:
			return NUMERICOID;
		case FACT_SAME_CUSTOMER:
		case FACT_HAS_APPLICATIONS:
		case FACT_KEEPS_PAYMENTS:
			return BOOLOID;
		default:
			return TEXTOID;
	}
}

/* Find out what an argument is by its name. */
static void
read_name(RowReader *reader, const char *name, int argno, Oid type)
{
	const ColumnSpec *column = search_column_spec(reader->spec, name);

	for (RowFact fact = 0; fact < NUM_ROW_FACTS; fact++)
		if (strcmp(name, row_fact_names[fact]) == 0 && type == fact_type(fact))
		{
			reader->fact[fact] = argno;
			return;
		}
	if (column == NULL || !type_fits(column, type))
		report_wrong_call("a row is not read with", name);
	reader->column[column - reader->spec->columns] = argno;
}

/* What is asked of a column whose values are shown as a type. */
static CheckKind
check_kind(const RelationSpec *spec, const ColumnSpec *column, Oid type)
{
	switch (column->kind)
	{
		case COLUMN_CURRENCY:
			return CHECK_CURRENCY;
		case COLUMN_STATUS:
			return column->vocabulary != NULL ? CHECK_STATUS : CHECK_PRESENT;
		case COLUMN_MONEY:
			if (type == INT8OID)
				return CHECK_MINOR;
			return search_column_spec(spec, "currency") != NULL ? CHECK_MAJOR : CHECK_NUMBER;
		case COLUMN_UNITS:
			return CHECK_NUMBER;
		case COLUMN_DATE:
			return CHECK_DAY;
		case COLUMN_INSTANT:
			return CHECK_INSTANT;
		case COLUMN_DUE:
			return type == DATEOID ? CHECK_DAY : CHECK_INSTANT;
		case COLUMN_JSON:
			return type == JSONBOID ? CHECK_OBJECT : CHECK_CLOSELY;
		case COLUMN_IDENTIFIER:
		case COLUMN_TEXT:
		case COLUMN_MINOR_UNITS:
		case COLUMN_BOOLEAN:
			break;
	}
	return CHECK_PRESENT;
}

/* What is asked of each value, in the order of the columns: a currency is before amounts. */
static void
list_checks(RowReader *reader, FmgrInfo *flinfo)
{
	for (const ColumnSpec *column = reader->spec->columns; column->name; column++)
	{
		int			place = column - reader->spec->columns;
		int			argno = reader->column[place];
		Oid			type = argno == 0 ? InvalidOid : get_fn_expr_argtype(flinfo, argno);
		Check		check = {
			.kind = check_kind(reader->spec, column, type),
			.required = column->required && !column->nullable,
			.endless = column->endless,
			.argno = argno,
			.place = place
		};

		if (argno == 0 && check.required)
			report_wrong_call("a row is not read without", column->name);
		if (argno == 0 || (check.kind == CHECK_PRESENT && !check.required))
			continue;
		if (check.kind == CHECK_STATUS)
			check.vocabulary = vocabulary_by_name(column->vocabulary);
		reader->due_instants |= column->kind == COLUMN_DUE && type == TIMESTAMPTZOID;
		reader->checks[reader->nchecks++] = check;
	}
}

/* The reader of a call, from the arguments that are the same for all rows. */
static RowReader *
make_reader(FunctionCallInfo fcinfo)
{
	FmgrInfo   *flinfo = fcinfo->flinfo;
	RowReader  *reader = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(RowReader));
	Datum	   *names;
	int			nnames;

	for (int i = 0; i < FIRST_VALUE; i++)
		if (PG_ARGISNULL(i) || !get_fn_expr_arg_stable(flinfo, i))
			report_wrong_call("not the same for all rows:", i == ARGUMENT_RELATION ? "relation" :
							  i == ARGUMENT_ZONE ? "zone" : "names");
	for (int i = 0; i < NUM_LEDGER_RELATIONS; i++)
		if (strcmp(ledger_relations[i].name, text_to_cstring(PG_GETARG_TEXT_PP(0))) == 0)
			reader->spec = &ledger_relations[i];
	if (reader->spec == NULL)
		report_wrong_call("a ledger has no relation",
						  text_to_cstring(PG_GETARG_TEXT_PP(ARGUMENT_RELATION)));
	reader->zone = zone_by_name(text_to_cstring(PG_GETARG_TEXT_PP(ARGUMENT_ZONE)));
	reader->is_sound = relation_checks[reader->spec - ledger_relations];
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(ARGUMENT_NAMES), TEXTOID, -1, false, TYPALIGN_INT,
					  &names, NULL, &nnames);
	if (nnames != PG_NARGS() - FIRST_VALUE || get_fn_expr_variadic(flinfo))
		report_wrong_call("not a value for each name:", reader->spec->name);
	for (int i = 0; i < nnames; i++)
		read_name(reader, TextDatumGetCString(names[i]), FIRST_VALUE + i,
				  get_fn_expr_argtype(flinfo, FIRST_VALUE + i));
	list_checks(reader, flinfo);
	return reader;
}

/* True of a row that certainly breaks no rule; of any other one, NULL. */
PG_FUNCTION_INFO_V1(breaks_no_rule);
Datum
breaks_no_rule(PG_FUNCTION_ARGS)
{
	const RowReader *reader = fcinfo->flinfo->fn_extra;
	Row			row;			/* large, so not all of it is set */

	if (reader == NULL)
		reader = fcinfo->flinfo->fn_extra = make_reader(fcinfo);
	row.reader = reader;
	row.args = fcinfo->args;
	row.currency = UNKNOWN_CURRENCY;
	row.digits = 0;
	row.decimals = SHORT_SCALE;
	for (int i = 0; i < reader->nchecks; i++)
	{
		const Check *check = &reader->checks[i];
		const NullableDatum *arg = &row.args[check->argno];

		if (arg->isnull ? check->required : !value_is_sound(check, &row, arg->value))
			PG_RETURN_NULL();
	}
	if (reader->is_sound != NULL && !reader->is_sound(&row))
		PG_RETURN_NULL();
	PG_RETURN_BOOL(true);
}
