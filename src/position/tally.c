/*-------------------------------------------------------------------------
 *
 * tally.c
 *	  The aggregates' transition functions: one row into the state.
 *
 * Each has a counterpart that removes a row, for sliding window frames; both are
 * one function with a sign.  None allocates memory for an ordinary row, and none
 * needs what it keeps in fn_extra, which Citus resets before every row.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "aggregate.h"
#include "utils/date.h"
#include "utils/timestamp.h"
#include "value/arguments.h"

/* ---- arguments ---- */

/* The row's currency, or UNKNOWN_CURRENCY; it must not be NULL. */
static inline CurrencyCode
get_currency(FunctionCallInfo fcinfo)
{
	if (unlikely(PG_ARGISNULL(1)))
		report_null_argument("currency");
	return currency_find(detoasted(PG_GETARG_DATUM(1)));
}

/* The same for a row that always counts, so its currency must be known. */
static inline CurrencyCode
require_currency(FunctionCallInfo fcinfo)
{
	CurrencyCode currency = get_currency(fcinfo);

	if (unlikely(currency == UNKNOWN_CURRENCY))
		report_unknown_currency(PG_GETARG_TEXT_PP(1));
	return currency;
}

/*
 * A row with an unknown currency.  That is an error unless the row counts nowhere:
 * then it is ignored, as there is no currency to record.
 */
static pg_noinline Datum
tally_without_currency(FunctionCallInfo fcinfo, bool counts, int sign)
{
	if (counts)
		report_unknown_currency(PG_GETARG_TEXT_PP(1));
	return state_result(fcinfo, state_getarg(fcinfo, 0), sign);
}

static inline text *
get_nullable_text(FunctionCallInfo fcinfo, int argno)
{
	return PG_ARGISNULL(argno) ? NULL : detoasted(PG_GETARG_DATUM(argno));
}

/* The status of a row that must have one; name is for the error. */
static text *
get_status(FunctionCallInfo fcinfo, const char *name)
{
	if (PG_ARGISNULL(2))
		report_null_argument(name);
	return detoasted(PG_GETARG_DATUM(2));
}

/* A row's amount with its sign: a short amount, or else a numeric. */
typedef struct RowAmount
{
	bool		known;
	int64		small;			/* a short amount */
	Numeric		wide;			/* NULL if small is the amount */
} RowAmount;

/* An amount in major units. */
static inline RowAmount
get_major(FunctionCallInfo fcinfo, int argno, int sign)
{
	RowAmount	amount = {.known = !PG_ARGISNULL(argno)};

	if (!amount.known)
		return amount;
	if (likely(amount_read_short(detoasted(PG_GETARG_DATUM(argno)), &amount.small)))
		amount.small *= sign;
	else
	{
		amount.small = 0;
		amount.wide = PG_GETARG_NUMERIC(argno);
		if (sign < 0)
			amount.wide = numeric_negated(amount.wide);
	}
	return amount;
}

/* Integers of 10^-digits with their sign, which may be too many for a short amount. */
static inline RowAmount
get_scaled(FunctionCallInfo fcinfo, int argno, int digits, int sign)
{
	RowAmount	amount = {.known = !PG_ARGISNULL(argno)};
	Amount		units;

	if (!amount.known ||
		likely(amount_scale_short(PG_GETARG_INT64(argno), digits, sign, &amount.small)))
		return amount;
	units = amount_from_minor(PG_GETARG_INT64(argno), digits);
	units.small *= sign;
	amount.small = 0;
	amount.wide = amount_to_numeric(&units);
	return amount;
}

/* The decimals that an amount's last digit is at, where that depends on the currency. */
static inline int
unit_digits(AmountUnit unit, CurrencyCode currency)
{
	return unit == IN_MINOR_UNITS ? currency_minor_digits(currency) : 0;
}

/* An amount in either unit.  Callers pass a constant for it. */
static pg_attribute_always_inline RowAmount
get_amount(FunctionCallInfo fcinfo, int argno, AmountUnit unit, int digits, int sign)
{
	return unit == IN_MINOR_UNITS ? get_scaled(fcinfo, argno, digits, sign) :
		get_major(fcinfo, argno, sign);
}

/* ---- slots ---- */

static Amount
amount_of(const RowAmount *amount)
{
	return amount->wide != NULL ? amount_from_numeric(amount->wide) :
		amount_from_short(amount->small);
}

/*
 * Journal an amount that does not fit its slot.  If their sum would overflow, the
 * old content of the slot is journaled instead, and the amount replaces it.
 */
static pg_noinline void
add_beyond(PositionState **state, int64 *slot, const RowAmount *amount,
		   CurrencyCode currency, CellTag tag, int measure)
{
	Amount		beyond = amount_of(amount);

	if (amount->wide == NULL)
	{
		beyond = amount_from_short(*slot);
		*slot = amount->small;
	}
	state_add_beyond(state, currency, tag, measure, &beyond, 0);
}

/*
 * Add one measure of a row; nothing is unknown about a void one.  This may move
 * the state, which invalidates pointers into it.
 */
static pg_attribute_always_inline void
add_measure(PositionState **state, StateSection section, int place,
			CurrencyCode currency, CellTag tag, int measure,
			const RowAmount *amount, int sign)
{
	int64	   *slot = &SLOT_SUM(state_slot(*state, section, place, cell_kinds[tag].class),
								 measure);
	int64		sum;

	if (unlikely(!amount->known))
	{
		if (!cell_kinds[tag].is_void)
			state_add_beyond(state, currency, tag, measure, NULL, sign);
	}
	else if (likely(amount->wide == NULL &&
					!pg_add_s64_overflow(*slot, amount->small, &sum)))
		*slot = sum;
	else
		add_beyond(state, slot, amount, currency, tag, measure);
}

StaticAssertDecl(MAX_MEASURES == 3, "add_row() adds each measure of a row by itself");

/*
 * Add a row of a class, which has an amount for each sum of the section.  Callers
 * pass a constant for the section, so that the compiler resolves its shape.
 */
static pg_attribute_always_inline void
add_row(PositionState **state, StateSection section, CurrencyCode currency,
		CellTag first_tag, int class, const RowAmount *amounts, int sign)
{
	CellTag		tag = first_tag + class;
	int			n = section_shapes[section].sums;
	int			place = state_currency(state, currency);

	state_require_section(state, section);
	count_into(&SLOT_COUNT(state_slot(*state, section, place, class)), sign);
	if (n > 0)
		add_measure(state, section, place, currency, tag, 0, &amounts[0], sign);
	if (n > 1)
		add_measure(state, section, place, currency, tag, 1, &amounts[1], sign);
	if (n > 2)
		add_measure(state, section, place, currency, tag, 2, &amounts[2], sign);
}

/* ---- invoices ---- */

/* Journal an unpaid invoice that has a due date or instant. */
static inline void
add_due(PositionState **state, CurrencyCode currency, CellTag due_tag,
		int64 due, const RowAmount *remaining, int sign)
{
	JournalEntry entry = {
		.currency = currency,
		.tag = due_tag,
		.key = due,
		.count = sign
	};

	if (likely(remaining->wide == NULL &&
			   journal_one_due(*state, currency, due_tag, due, remaining->small,
							   sign)))
		return;
	entry.sum = amount_of(remaining);
	state_journal(state, &entry);
}

/* The arguments of an invoice behind its words: an amount for each measure. */
#define ARGUMENT_TOTAL	4
#define ARGUMENT_DUE	(ARGUMENT_TOTAL + NUM_MEASURES_OF_INVOICES)

/* An invoice.  due_tag is CELL_END in the short form, which ends at the total. */
static pg_attribute_always_inline Datum
tally_invoice(FunctionCallInfo fcinfo, int sign, AmountUnit unit, CellTag due_tag)
{
	bool		is_short = due_tag == CELL_END;
	RowAmount	amounts[NUM_MEASURES_OF_INVOICES] = {{false}};
	bool		knows_due = false;
	int			digits;
	CurrencyCode currency;
	InvoiceClass class;
	PositionState *state;
	StateSection section;

	currency = get_currency(fcinfo);
	class = invoice_class_of(get_nullable_text(fcinfo, 2),
							 get_nullable_text(fcinfo, 3));
	if (unlikely(currency == UNKNOWN_CURRENCY))
		return tally_without_currency(fcinfo, class != INVOICE_VOID, sign);
	digits = unit_digits(unit, currency);
	assert_that(PG_NARGS() == (is_short ? ARGUMENT_TOTAL : ARGUMENT_DUE) + 1);
	amounts[MEASURE_TOTAL] = get_amount(fcinfo, ARGUMENT_TOTAL, unit, digits, sign);
	for (int m = MEASURE_AMOUNT_DUE; !is_short && m < NUM_MEASURES_OF_INVOICES; m++)
	{
		amounts[m] = get_amount(fcinfo, ARGUMENT_TOTAL + m, unit, digits, sign);
		knows_due |= amounts[m].known;
	}
	section = is_short ? SECTION_TOTALS : SECTION_INVOICES;
	state = state_getarg(fcinfo, SECTION_BIT(section));

	/*
	 * first, as adding this section makes the amounts of all rows so far
	 * unknown
	 */
	section = knows_due ? SECTION_INVOICES : invoice_section(state);
	if (section == SECTION_INVOICES)
		add_row(&state, SECTION_INVOICES, currency, CELL_INVOICE_DRAFT, class, amounts, sign);
	else
		add_row(&state, SECTION_TOTALS, currency, CELL_INVOICE_DRAFT, class, amounts, sign);
	if (!is_short && is_unpaid_tag(CELL_INVOICE_DRAFT + class) &&
		!PG_ARGISNULL(ARGUMENT_DUE))
		add_due(&state, currency, due_tag, due_tag == CELL_DUE_DATE ?
				(int64) PG_GETARG_DATEADT(ARGUMENT_DUE) : PG_GETARG_TIMESTAMPTZ(ARGUMENT_DUE),
				&amounts[MEASURE_AMOUNT_REMAINING], sign);
	return state_result(fcinfo, state, sign);
}

TRANSITIONS(tally_invoices, tally_invoice(fcinfo, sign, IN_MAJOR_UNITS, CELL_END));
TRANSITIONS(tally_invoices_date, tally_invoice(fcinfo, sign, IN_MAJOR_UNITS, CELL_DUE_DATE));
TRANSITIONS(tally_invoices_instant, tally_invoice(fcinfo, sign, IN_MAJOR_UNITS, CELL_DUE_INSTANT));
TRANSITIONS(tally_invoices_minor, tally_invoice(fcinfo, sign, IN_MINOR_UNITS, CELL_END));
TRANSITIONS(tally_invoices_minor_date, tally_invoice(fcinfo, sign, IN_MINOR_UNITS, CELL_DUE_DATE));
TRANSITIONS(tally_invoices_minor_instant,
			tally_invoice(fcinfo, sign, IN_MINOR_UNITS, CELL_DUE_INSTANT));

/* ---- charges ---- */

static pg_attribute_always_inline Datum
tally_charge(FunctionCallInfo fcinfo, int sign, AmountUnit unit)
{
	CurrencyCode currency = require_currency(fcinfo);
	ChargeClass class = charge_class_of(get_nullable_text(fcinfo, 2));
	RowAmount	amount = get_amount(fcinfo, 3, unit, unit_digits(unit, currency), sign);
	PositionState *state = state_getarg(fcinfo, SECTION_BIT(SECTION_CHARGES));

	add_row(&state, SECTION_CHARGES, currency, CELL_CHARGE_USAGE, class, &amount, sign);
	return state_result(fcinfo, state, sign);
}

TRANSITIONS(tally_charges, tally_charge(fcinfo, sign, IN_MAJOR_UNITS));
TRANSITIONS(tally_charges_minor, tally_charge(fcinfo, sign, IN_MINOR_UNITS));

/* ---- what is keyed by a text ---- */

/* Whose keys are a ledger's own, as a deposit's status is, lives in the journal. */
static Datum
tally_keyed(FunctionCallInfo fcinfo, CellTag tag, const char *key, AmountUnit unit, int sign)
{
	CurrencyCode currency = require_currency(fcinfo);
	text	   *status = get_status(fcinfo, key);
	RowAmount	amount = get_amount(fcinfo, 3, unit, unit_digits(unit, currency), sign);
	PositionState *state = state_getarg(fcinfo, 0);
	JournalEntry entry = {
		.currency = currency,
		.tag = tag,
		.key = VARSIZE_ANY_EXHDR(status),
		.text = VARDATA_ANY(status),
		.count = sign,
		.unknown = amount.known ? 0 : sign,
		.sum = amount_of(&amount)
	};

	(void) state_currency(&state, currency);
	state_journal(&state, &entry);
	return state_result(fcinfo, state, sign);
}

#define TALLY(name, tag, key) \
	TRANSITIONS(name, tally_keyed(fcinfo, tag, key, IN_MAJOR_UNITS, sign)); \
	TRANSITIONS(name##_minor, tally_keyed(fcinfo, tag, key, IN_MINOR_UNITS, sign));
#include "cells.def"

/* ---- units ---- */

/* Even a row that counts nowhere records its currency. */
static inline Datum
tally_units(FunctionCallInfo fcinfo, CurrencyCode currency, UnitClass class,
			int argno, int sign)
{
	RowAmount	units;
	PositionState *state;

	if (unlikely(currency == UNKNOWN_CURRENCY))
		return tally_without_currency(fcinfo, class != UNIT_NONE, sign);
	units = get_major(fcinfo, argno, sign);
	state = state_getarg(fcinfo, SECTION_BIT(SECTION_UNITS));
	if (class == UNIT_NONE)
		add_row(&state, SECTION_UNCOUNTED, currency, CELL_UNCOUNTED, 0, &units, sign);
	else
		add_row(&state, SECTION_UNITS, currency, CELL_UNIT_CREDIT, class, &units, sign);
	return state_result(fcinfo, state, sign);
}

static Datum
tally_unit_invoice(FunctionCallInfo fcinfo, int sign)
{
	CurrencyCode currency = get_currency(fcinfo);
	UnitClass	class = unit_invoice_class_of(get_status(fcinfo, "VCU invoice status"));

	return tally_units(fcinfo, currency, class, 3, sign);
}

TRANSITIONS(tally_unit_invoices, tally_unit_invoice(fcinfo, sign));

static Datum
tally_unit_order(FunctionCallInfo fcinfo, int sign)
{
	CurrencyCode currency = get_currency(fcinfo);
	bool		pay_with_balance = !PG_ARGISNULL(3) && PG_GETARG_BOOL(3);
	UnitClass	class = unit_order_class_of(get_status(fcinfo, "VCU order status"),
											pay_with_balance);

	return tally_units(fcinfo, currency, class, 4, sign);
}

TRANSITIONS(tally_unit_orders, tally_unit_order(fcinfo, sign));

/* ---- credit memos ---- */

static Datum
tally_credit_memo(FunctionCallInfo fcinfo, int sign)
{
	CurrencyCode currency = get_currency(fcinfo);
	MemoClass	class = memo_class_of(get_status(fcinfo, "credit memo status"), NULL);
	RowAmount	amounts[NUM_MEASURES_OF_MEMOS];
	PositionState *state;

	if (unlikely(currency == UNKNOWN_CURRENCY))
		return tally_without_currency(fcinfo, class != MEMO_VOID, sign);
	amounts[0] = get_scaled(fcinfo, 3, 0, sign);
	amounts[1] = get_scaled(fcinfo, 4, 0, sign);
	state = state_getarg(fcinfo, SECTION_BIT(SECTION_MEMOS));
	add_row(&state, SECTION_MEMOS, currency, CELL_MEMO_DRAFT, class, amounts, sign);
	return state_result(fcinfo, state, sign);
}

TRANSITIONS(tally_credit_memos, tally_credit_memo(fcinfo, sign));
