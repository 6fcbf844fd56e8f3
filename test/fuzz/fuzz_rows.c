/*
 * Rows through the transition functions of the tallies.  An input is a list of
 * rows, some of which are taken out again; however they are split and in which
 * order they come, the position is the same.
 */
#include "laws.h"

#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

#define MAX_ROWS		48
#define MAX_ARGS		9

/* By kind of row: the two transition functions. */
#define TALLY(name) \
	extern Datum name##_add(PG_FUNCTION_ARGS); \
	extern Datum name##_remove(PG_FUNCTION_ARGS);
TALLY(tally_invoices)
TALLY(tally_invoices_date)
TALLY(tally_invoices_instant)
TALLY(tally_invoices_minor)
TALLY(tally_invoices_minor_date)
TALLY(tally_invoices_minor_instant)
TALLY(tally_charges)
TALLY(tally_charges_minor)
TALLY(tally_deposits)
TALLY(tally_deposits_minor)
TALLY(tally_unit_invoices)
TALLY(tally_unit_orders)
TALLY(tally_credit_memos)

typedef enum Argument
{
	ARGUMENT_END,
	CURRENCY_TEXT,
	INVOICE_STATUS,
	PAYMENT_STATUS,
	PRICE_TYPE,
	DEPOSIT_STATUS,
	UNIT_INVOICE_STATUS,
	UNIT_ORDER_STATUS,
	MEMO_STATUS,
	AMOUNT,
	INTEGER,
	BOOLEAN,
	DATE,
	INSTANT
} Argument;

typedef struct Tally
{
	PGFunction	add;
	PGFunction	remove;
	Argument	arguments[MAX_ARGS];
} Tally;

static const Tally tallies[] = {
	{tally_invoices_add, tally_invoices_remove,
	 {CURRENCY_TEXT, INVOICE_STATUS, PAYMENT_STATUS, AMOUNT}},
	{tally_invoices_date_add, tally_invoices_date_remove,
	 {CURRENCY_TEXT, INVOICE_STATUS, PAYMENT_STATUS, AMOUNT, AMOUNT, AMOUNT, DATE}},
	{tally_invoices_instant_add, tally_invoices_instant_remove,
	 {CURRENCY_TEXT, INVOICE_STATUS, PAYMENT_STATUS, AMOUNT, AMOUNT, AMOUNT, INSTANT}},
	{tally_charges_add, tally_charges_remove, {CURRENCY_TEXT, PRICE_TYPE, AMOUNT}},
	{tally_deposits_add, tally_deposits_remove, {CURRENCY_TEXT, DEPOSIT_STATUS, AMOUNT}},
	{tally_unit_invoices_add, tally_unit_invoices_remove,
	 {CURRENCY_TEXT, UNIT_INVOICE_STATUS, AMOUNT}},
	{tally_unit_orders_add, tally_unit_orders_remove,
	 {CURRENCY_TEXT, UNIT_ORDER_STATUS, BOOLEAN, AMOUNT}},
	{tally_credit_memos_add, tally_credit_memos_remove,
	 {CURRENCY_TEXT, MEMO_STATUS, INTEGER, INTEGER}},
	{tally_invoices_minor_add, tally_invoices_minor_remove,
	 {CURRENCY_TEXT, INVOICE_STATUS, PAYMENT_STATUS, INTEGER}},
	{tally_invoices_minor_date_add, tally_invoices_minor_date_remove,
	 {CURRENCY_TEXT, INVOICE_STATUS, PAYMENT_STATUS, INTEGER, INTEGER, INTEGER, DATE}},
	{tally_invoices_minor_instant_add, tally_invoices_minor_instant_remove,
	 {CURRENCY_TEXT, INVOICE_STATUS, PAYMENT_STATUS, INTEGER, INTEGER, INTEGER, INSTANT}},
	{tally_charges_minor_add, tally_charges_minor_remove, {CURRENCY_TEXT, PRICE_TYPE, INTEGER}},
	{tally_deposits_minor_add, tally_deposits_minor_remove,
	 {CURRENCY_TEXT, DEPOSIT_STATUS, INTEGER}}
};

/* A NULL in a list is a NULL in the row, where that is allowed. */
static const char *const words[][8] = {
	[CURRENCY_TEXT] = {"EUR", "usd", "JPY", "Kwd", "XAU", "gbp", "BRL", "clf"},
	[INVOICE_STATUS] = {NULL, "draft", "Pending Validation", "open", "PAID", "written-off", "VOID",
						"partially_paid"},
	[PAYMENT_STATUS] = {NULL, "none", "Succeeded", "overpaid", "FAILED", "processing", "paid",
						"partially refunded"},
	[PRICE_TYPE] = {NULL, "usage", "USAGE", "fixed", "seat", "", "Usage", "x"},
	[DEPOSIT_STATUS] = {"settled", "", "it's \"odd\" \\ {}", "Settled", "\xe2\x98\x83", "settle",
						"tab\t", "settled "},
	[UNIT_INVOICE_STATUS] = {"paid", "pending", "overdue", "cancelled", "refunded", "Paid",
							 "PENDING", "over-due"},
	[UNIT_ORDER_STATUS] = {"issued", "billed", "paid", "cancelled", "refunded", "Issued", "BILLED",
						   "is sued"},
	[MEMO_STATUS] = {"draft", "issued", "partially_applied", "fully_applied", "applied", "void",
					 "voided", "DRAFT"}
};

/* Around the bounds of 64 and 128 bits, and beyond. */
static const char *const amounts[] = {
	"0", "1", "-1", "120.50", "0.01", "-99999.99", "0.000000000001", "-0.0000000000001",
	"9223372036854775807", "-9223372036854775808", "92233720368547758.08",
	"999999999999999999999999.999999999999",
	"-999999999999999999999999.999999999999", "170141183460469231731687303.715884105727",
	"-170141183460469231731687303.715884105728", "1000000000000000000000000000000000000000000.5",
	"0.1234567890123456789012345", "-1000000000000000000000000", "100000000000000000000",
	"0.00000000000000000000000001"
};

static const int64 integers[] = {0, 1, -1, 100, PG_INT64_MAX, PG_INT64_MIN, 4294967296, -1000000};
static const DateADT dates[] = {0, 1, -1, 9000, DATEVAL_NOEND, DATEVAL_NOBEGIN,
								DATE_END_JULIAN - POSTGRES_EPOCH_JDATE - 1,
								DATETIME_MIN_JULIAN - POSTGRES_EPOCH_JDATE};

typedef struct Row
{
	const Tally *tally;
	int			nargs;			/* with the state */
	Datum		values[MAX_ARGS];
	bool		nulls[MAX_ARGS];
	bool		in_second_part;
} Row;

/* Stored as in a tuple: unaligned, under a header of one byte. */
static Datum
stored(Datum value)
{
	struct varlena *full = (struct varlena *) DatumGetPointer(value);
	Size		size = VARSIZE(full) - VARHDRSZ;
	char	   *copy = (char *) palloc(size + VARHDRSZ_SHORT + 1) + 1;

	SET_VARSIZE_SHORT(copy, size + VARHDRSZ_SHORT);
	memcpy(copy + VARHDRSZ_SHORT, VARDATA(full), size);
	return PointerGetDatum(copy);
}

/* An argument out of one byte: its high bit stores it, or makes it NULL. */
static void
make_argument(Row *row, Argument kind, uint8 byte)
{
	int			i = row->nargs++;
	const char *word;

	row->nulls[i] = false;
	row->values[i] = (Datum) 0;
	switch (kind)
	{
		case AMOUNT:
			if ((byte & 0x7F) == 0x7F)
			{
				row->nulls[i] = true;
				break;
			}
			/* mostly small ones, so that sums often cancel */
			row->values[i] = (byte & 0x40) ?
				NumericGetDatum(int64_div_fast_to_numeric(byte & 0x3F, byte % 3)) :
				shim_call1(numeric_in, CStringGetDatum(amounts[(byte & 0x3F) % lengthof(amounts)]));
			if (byte & 0x80)
				row->values[i] = stored(row->values[i]);
			break;
		case INTEGER:
			row->nulls[i] = byte == 0xFF;
			row->values[i] = Int64GetDatum(integers[byte % lengthof(integers)]);
			break;
		case BOOLEAN:
			row->nulls[i] = byte == 0xFF;
			row->values[i] = BoolGetDatum(byte & 1);
			break;
		case DATE:
			row->nulls[i] = byte == 0xFF;
			row->values[i] = DateADTGetDatum(byte < 8 ? dates[byte] : byte);
			break;
		case INSTANT:
			row->nulls[i] = byte == 0xFF;
			row->values[i] = TimestampTzGetDatum(byte == 0 ? DT_NOBEGIN : byte == 1 ? DT_NOEND :
												 byte == 2 ? MIN_TIMESTAMP :
												 byte == 3 ? END_TIMESTAMP - 1 :
												 byte * INT64CONST(43210987654));
			break;
		default:
			word = words[kind][byte % 8];
			row->nulls[i] = word == NULL;
			if (word == NULL)
				break;
			row->values[i] = PointerGetDatum(cstring_to_text(word));
			if (byte & 0x80)
				row->values[i] = stored(row->values[i]);
	}
}

/* Rows out of bytes; two bits of the first byte of each say which, and where. */
static int
make_rows(Row *rows, const uint8 *data, size_t size)
{
	const uint8 *end = data + size;
	int			n = 0;

	while (n < MAX_ROWS && data < end)
	{
		Row		   *row = &rows[n++];

		row->tally = &tallies[*data % lengthof(tallies)];
		row->in_second_part = (*data & 0x80) != 0;
		data++;
		row->nargs = 1;
		for (const Argument *kind = row->tally->arguments; *kind != ARGUMENT_END; kind++)
			make_argument(row, *kind, data < end ? *data++ : 0);
	}
	return n;
}

/* One step; the executor moves a state now and then. */
static void
step(Datum *state, bool *is_null, Row *row, bool add)
{
	row->values[0] = *state;
	row->nulls[0] = *is_null;
	shim_in_aggregate = true;
	*state = shim_call(add ? row->tally->add : row->tally->remove, row->nargs, row->values,
					   row->nulls);
	shim_in_aggregate = false;
	*is_null = false;
}

static Datum
moved(Datum state)
{
	Size		size = VARSIZE(DatumGetPointer(state));
	void	   *copy = palloc(size);

	memcpy(copy, DatumGetPointer(state), size);
	pfree(DatumGetPointer(state));
	return PointerGetDatum(copy);
}

static void
check_rows(Row *rows, int n, bool move)
{
	Datum		whole = 0;
	Datum		part[2] = {0};
	Datum		combined[2];
	bool		is_null = true;
	bool		part_is_null[2] = {true, true};
	bool		combined_is_null = true;
	Datum		position;
	Datum		finals[2];
	Datum		singles = position_from_text("1{}");

	for (int i = 0; i < n; i++)
	{
		step(&whole, &is_null, &rows[i], true);
		if (move)
			whole = moved(whole);
	}
	position = final_position(whole, is_null);
	check_round_trips(position);

	/* in parts, and backwards */
	for (int i = n - 1; i >= 0; i--)
		step(&part[rows[i].in_second_part], &part_is_null[rows[i].in_second_part], &rows[i], true);
	for (int i = 0; i < 2; i++)
		finals[i] = final_position(part[i], part_is_null[i]);
	check_equal("sum of the parts", shim_call2(position_add, finals[0], finals[1]), position);
	combined[0] = part[0];
	if (!part_is_null[0] || !part_is_null[1])
	{
		Datum		arguments[2] = {part[0], part[1]};

		shim_in_aggregate = true;
		combined[0] = shim_call(position_combine, 2, arguments, part_is_null);
		shim_in_aggregate = false;
		combined_is_null = false;
	}
	check_equal("combined parts", final_position(combined[0], combined_is_null), position);

	/* row by row, without a state from one to the next */
	for (int i = 0; i < n; i++)
	{
		Datum		single = 0;
		bool		single_is_null = true;

		step(&single, &single_is_null, &rows[i], true);
		singles = shim_call2(position_add, singles, final_position(single, single_is_null));
	}
	check_equal("sum of single rows", singles, position);

	/* and out again */
	for (int i = 0; i < n; i++)
		if (rows[i].in_second_part)
			step(&whole, &is_null, &rows[i], false);
	check_equal("without the second part", final_position(whole, is_null), finals[0]);
	for (int i = 0; i < n; i++)
		if (!rows[i].in_second_part)
			step(&whole, &is_null, &rows[i], false);
	check_equal("without any", final_position(whole, is_null), position_from_text("1{}"));
	check_laws(finals[0], finals[1]);
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	Row			rows[MAX_ROWS];
	Outcome		outcome;
	int			n;

	if (size == 0)
		return 0;
	laws_init();
	shim_begin();
	n = make_rows(rows, data + 1, size - 1);
	SHIM_TRY(outcome, check_rows(rows, n, data[0] & 1));
	if (outcome == OUTCOME_ERROR)
		shim_fail("an error: %s", shim_message);
	if (outcome == OUTCOME_DONE && n > 0)
		shim_accepted++;
	return 0;
}
