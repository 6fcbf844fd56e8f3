/*-------------------------------------------------------------------------
 *
 * tally.c
 *	  The aggregates' transition functions: one row into the state.
 *
 * Each has a twin that takes the row out again, for sliding window frames;
 * both are the same function with a sign.  None allocates memory for an
 * ordinary row, and none keeps anything in fn_extra, which Citus empties
 * before every row.
 *
 *-------------------------------------------------------------------------
 */
#include "position_state.h"
#include "status.h"

#include "utils/date.h"
#include "utils/timestamp.h"

/* ---- arguments ---- */

/* The row's currency; there is no row without one. */
static inline CurrencyCode
get_currency(FunctionCallInfo fcinfo)
{
	if (unlikely(PG_ARGISNULL(1)))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("currency must not be null")));
	return currency_from_text(PG_GETARG_TEXT_PP(1));
}

static inline text *
get_nullable_text(FunctionCallInfo fcinfo, int argno)
{
	return PG_ARGISNULL(argno) ? NULL : PG_GETARG_TEXT_PP(argno);
}

static text *
get_status(FunctionCallInfo fcinfo, const char *name)
{
	if (PG_ARGISNULL(2))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be null", name)));
	return PG_GETARG_TEXT_PP(2);
}

/* Read an amount with its sign; false if it is NULL, and so unknown. */
static inline bool
get_amount(FunctionCallInfo fcinfo, int argno, int sign, Amount *amount)
{
	struct varlena *number;

	amount->small = 0;
	amount->wide = NULL;
	if (PG_ARGISNULL(argno))
		return false;
	number = PG_GETARG_VARLENA_PP(argno);
	if (likely(amount_read_small(number, &amount->small)))
	{
		if (sign < 0)
			amount->small = -amount->small;
	}
	else
	{
		amount->wide = PG_GETARG_NUMERIC(argno);
		if (sign < 0)
			amount->wide = numeric_negated(amount->wide);
	}
	return true;
}

/* The same for minor units, which always fit. */
static inline bool
get_minor_units(FunctionCallInfo fcinfo, int argno, int sign, Amount *amount)
{
	amount->small = 0;
	amount->wide = NULL;
	if (PG_ARGISNULL(argno))
		return false;
	amount->small = amount_from_int64(PG_GETARG_INT64(argno)) * sign;
	return true;
}

/* ---- slots ---- */

/*
 * Add a known amount to a measure in a slot.  What 128 bits cannot take is
 * journalled, which may move the state: pointers into it are then stale.
 */
static inline void
add_amount(PositionState **state, Measure *measure, const Amount *amount,
		   CurrencyCode currency, CellTag tag, int index, int sign)
{
	int128		sum;
	Numeric		wide = amount->wide;

	count_into(&measure->known, sign);
	if (likely(!__builtin_add_overflow(measure->sum, amount->small, &sum)))
		measure->sum = sum;
	else
		wide = amount_to_numeric(amount);
	if (unlikely(wide != NULL))
		state_add_wide(state, currency, tag, index, wide, 1);
}

/* A row with one amount: charges and units. */
static void
add_counted(PositionState **state, CountedSlot *slot, const Amount *amount,
			bool known, CurrencyCode currency, CellTag tag, int sign)
{
	count_into(&slot->count, sign);
	if (known)
		add_amount(state, &slot->sum, amount, currency, tag, 0, sign);
}

/* ---- invoices ---- */

/* Journal a draft or open invoice that has a due date or instant. */
static inline void
add_due(PositionState **state, CurrencyCode currency, CellTag due_tag,
		int64 due, const Amount *remaining, int sign)
{
	JournalEntry entry;

	entry.currency = currency;
	entry.tag = due_tag;
	entry.measure = 0;
	entry.key = due;
	entry.count = sign;
	entry.sum.known = sign;
	entry.sum.sum = remaining->small;
	state_journal(state, &entry, NULL, remaining->wide);
}

/* An invoice.  due_tag is CELL_END in the short form, which ends at the total. */
static inline Datum
tally_invoice(FunctionCallInfo fcinfo, int sign, CellTag due_tag)
{
	PositionState *state = state_getarg(fcinfo, 0);
	CurrencyCode currency = get_currency(fcinfo);
	InvoiceClass class = invoice_class_of(get_nullable_text(fcinfo, 2),
										  get_nullable_text(fcinfo, 3));
	CellTag		tag = CELL_INVOICE_DRAFT + class;
	int			index = state_currency(&state, currency);
	CountedSlot *slot = &state_totals(&state, index)[class];
	Amount		total;
	Amount		due;
	Amount		remaining;

	count_into(&slot->count, sign);
	if (get_amount(fcinfo, 4, sign, &total))
		add_amount(&state, &slot->sum, &total, currency, tag, INVOICE_TOTAL, sign);
	if (due_tag == CELL_END)
		return state_result(fcinfo, state);

	if (get_amount(fcinfo, 5, sign, &due))
		add_amount(&state, &state_dues(&state, index)[class].amount_due, &due,
				   currency, tag, INVOICE_AMOUNT_DUE, sign);
	if (get_amount(fcinfo, 6, sign, &remaining))
		add_amount(&state, &state_dues(&state, index)[class].amount_remaining,
				   &remaining, currency, tag, INVOICE_AMOUNT_REMAINING, sign);
	if ((class == INVOICE_DRAFT || class == INVOICE_OPEN) && !PG_ARGISNULL(7))
		add_due(&state, currency, due_tag, due_tag == CELL_DUE_DATE ?
				(int64) PG_GETARG_DATEADT(7) : PG_GETARG_TIMESTAMPTZ(7),
				&remaining, sign);
	return state_result(fcinfo, state);
}

PG_FUNCTION_INFO_V1(tally_invoices_add);
Datum
tally_invoices_add(PG_FUNCTION_ARGS)
{
	return tally_invoice(fcinfo, 1, CELL_END);
}

PG_FUNCTION_INFO_V1(tally_invoices_remove);
Datum
tally_invoices_remove(PG_FUNCTION_ARGS)
{
	return tally_invoice(fcinfo, -1, CELL_END);
}

PG_FUNCTION_INFO_V1(tally_invoices_date_add);
Datum
tally_invoices_date_add(PG_FUNCTION_ARGS)
{
	return tally_invoice(fcinfo, 1, CELL_DUE_DATE);
}

PG_FUNCTION_INFO_V1(tally_invoices_date_remove);
Datum
tally_invoices_date_remove(PG_FUNCTION_ARGS)
{
	return tally_invoice(fcinfo, -1, CELL_DUE_DATE);
}

PG_FUNCTION_INFO_V1(tally_invoices_instant_add);
Datum
tally_invoices_instant_add(PG_FUNCTION_ARGS)
{
	return tally_invoice(fcinfo, 1, CELL_DUE_INSTANT);
}

PG_FUNCTION_INFO_V1(tally_invoices_instant_remove);
Datum
tally_invoices_instant_remove(PG_FUNCTION_ARGS)
{
	return tally_invoice(fcinfo, -1, CELL_DUE_INSTANT);
}

/* ---- charges ---- */

static Datum
tally_charge(FunctionCallInfo fcinfo, int sign)
{
	PositionState *state = state_getarg(fcinfo, 0);
	CurrencyCode currency = get_currency(fcinfo);
	ChargeClass class = charge_class_of(get_nullable_text(fcinfo, 2));
	int			index = state_currency(&state, currency);
	Amount		amount;
	bool		known = get_amount(fcinfo, 3, sign, &amount);

	add_counted(&state, &state_charges(&state, index)[class], &amount, known,
				currency, CELL_CHARGE_USAGE + class, sign);
	return state_result(fcinfo, state);
}

PG_FUNCTION_INFO_V1(tally_charges_add);
Datum
tally_charges_add(PG_FUNCTION_ARGS)
{
	return tally_charge(fcinfo, 1);
}

PG_FUNCTION_INFO_V1(tally_charges_remove);
Datum
tally_charges_remove(PG_FUNCTION_ARGS)
{
	return tally_charge(fcinfo, -1);
}

/* ---- deposits ---- */

/* Deposits are kept by their own statuses, which only the journal can hold. */
static Datum
tally_deposit(FunctionCallInfo fcinfo, int sign)
{
	PositionState *state = state_getarg(fcinfo, 0);
	CurrencyCode currency = get_currency(fcinfo);
	text	   *status = get_status(fcinfo, "deposit status");
	Amount		amount;
	bool		known = get_amount(fcinfo, 3, sign, &amount);
	JournalEntry entry = {
		.currency = currency,
		.tag = CELL_DEPOSIT,
		.key = VARSIZE_ANY_EXHDR(status),
		.count = sign,
		.sum.known = known ? sign : 0,
		.sum.sum = amount.small
	};

	(void) state_currency(&state, currency);
	state_journal(&state, &entry, VARDATA_ANY(status), amount.wide);
	return state_result(fcinfo, state);
}

PG_FUNCTION_INFO_V1(tally_deposits_add);
Datum
tally_deposits_add(PG_FUNCTION_ARGS)
{
	return tally_deposit(fcinfo, 1);
}

PG_FUNCTION_INFO_V1(tally_deposits_remove);
Datum
tally_deposits_remove(PG_FUNCTION_ARGS)
{
	return tally_deposit(fcinfo, -1);
}

/* ---- units ---- */

/* A row that counts nowhere still makes its currency present. */
static void
add_units(PositionState **state, CurrencyCode currency, UnitClass class,
		  const Amount *units, bool known, int sign)
{
	int			index = state_currency(state, currency);
	CountedSlot *slots = state_units(state, index);

	if (class == UNIT_NONE)
		count_into(&slots[UNCOUNTED_SLOT].count, sign);
	else
		add_counted(state, &slots[class], units, known, currency,
					CELL_UNIT_CREDIT + class, sign);
}

static Datum
tally_unit_invoice(FunctionCallInfo fcinfo, int sign)
{
	PositionState *state = state_getarg(fcinfo, 0);
	CurrencyCode currency = get_currency(fcinfo);
	UnitClass	class = unit_invoice_class_of(get_status(fcinfo, "VCU invoice status"));
	Amount		units;
	bool		known = get_amount(fcinfo, 3, sign, &units);

	add_units(&state, currency, class, &units, known, sign);
	return state_result(fcinfo, state);
}

PG_FUNCTION_INFO_V1(tally_unit_invoices_add);
Datum
tally_unit_invoices_add(PG_FUNCTION_ARGS)
{
	return tally_unit_invoice(fcinfo, 1);
}

PG_FUNCTION_INFO_V1(tally_unit_invoices_remove);
Datum
tally_unit_invoices_remove(PG_FUNCTION_ARGS)
{
	return tally_unit_invoice(fcinfo, -1);
}

static Datum
tally_unit_order(FunctionCallInfo fcinfo, int sign)
{
	PositionState *state = state_getarg(fcinfo, 0);
	CurrencyCode currency = get_currency(fcinfo);
	bool		pay_with_balance = PG_ARGISNULL(3) ? false : PG_GETARG_BOOL(3);
	UnitClass	class = unit_order_class_of(get_status(fcinfo, "VCU order status"),
											pay_with_balance);
	Amount		units;
	bool		known = get_amount(fcinfo, 4, sign, &units);

	add_units(&state, currency, class, &units, known, sign);
	return state_result(fcinfo, state);
}

PG_FUNCTION_INFO_V1(tally_unit_orders_add);
Datum
tally_unit_orders_add(PG_FUNCTION_ARGS)
{
	return tally_unit_order(fcinfo, 1);
}

PG_FUNCTION_INFO_V1(tally_unit_orders_remove);
Datum
tally_unit_orders_remove(PG_FUNCTION_ARGS)
{
	return tally_unit_order(fcinfo, -1);
}

/* ---- credit memos ---- */

static Datum
tally_credit_memo(FunctionCallInfo fcinfo, int sign)
{
	PositionState *state = state_getarg(fcinfo, 0);
	CurrencyCode currency = get_currency(fcinfo);
	MemoClass	class = memo_class_of(get_status(fcinfo, "credit memo status"), NULL);
	CellTag		tag = CELL_MEMO_DRAFT + class;
	int			index = state_currency(&state, currency);
	Amount		amount;

	count_into(&state_memos(&state, index)[class].count, sign);
	if (get_minor_units(fcinfo, 3, sign, &amount))
		add_amount(&state, &state_memos(&state, index)[class].amount, &amount,
				   currency, tag, MEMO_AMOUNT, sign);
	if (get_minor_units(fcinfo, 4, sign, &amount))
		add_amount(&state, &state_memos(&state, index)[class].applied, &amount,
				   currency, tag, MEMO_APPLIED, sign);
	return state_result(fcinfo, state);
}

PG_FUNCTION_INFO_V1(tally_credit_memos_add);
Datum
tally_credit_memos_add(PG_FUNCTION_ARGS)
{
	return tally_credit_memo(fcinfo, 1);
}

PG_FUNCTION_INFO_V1(tally_credit_memos_remove);
Datum
tally_credit_memos_remove(PG_FUNCTION_ARGS)
{
	return tally_credit_memo(fcinfo, -1);
}
