/*-------------------------------------------------------------------------
 *
 * customer_credits.c
 *	  DayZero's customer credits: the credit memos that still have something
 *	  to give, with their applications.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "credits_query.h"
#include "document/credit_memos.h"
#include "ledger/fault.h"
#include "miscadmin.h"
#include "position/read.h"
#include "utils/builtins.h"

/* ---- reading ---- */

/* The rows of one memo in the result, and what the total is made of. */
typedef struct MemoRows
{
	uint64		first;
	uint64		last;
	CurrencyCode currency;
	int64		amount;
	int64		applied;
} MemoRows;

/* A value that every memo must have. */
static Datum
required_value(uint64 row, int column, const char *relation, const char *name)
{
	bool		isnull;
	Datum		value = result_value(row, column, &isnull);

	if (isnull)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("column \"%s\" of relation \"%s\" must not be null", name, relation),
				 errdetail("The row belongs to credit memo \"%s\".",
						   text_to_cstring(result_text(row, RESULT_ID)))));
	return value;
}

static Datum
memo_value(const MemoRows *memo, int column)
{
	return required_value(memo->first, column, "credit_memo",
						  credit_memo_columns[column - RESULT_STATUS]);
}

/* Group the result's rows by memo. */
static List *
group_memos(void)
{
	List	   *memos = NIL;
	MemoRows   *memo = NULL;
	int64		last_ordinal = 0;

	for (uint64 row = 0; row < SPI_processed; row++)
	{
		bool		isnull;
		int64		ordinal = DatumGetInt64(result_value(row, RESULT_ORDINAL, &isnull));

		CHECK_FOR_INTERRUPTS();
		if (isnull)
			continue;
		if (memo != NULL && ordinal == last_ordinal)
		{
			memo->last = row;
			continue;
		}
		if (result_text(row, RESULT_ID) == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("column \"credit_memo_id\" of relation \"credit_memo\" must not be "
							"null")));
		memo = palloc(sizeof(MemoRows));
		memo->first = memo->last = row;
		memo->currency = currency_from_text(DatumGetTextPP(memo_value(memo, RESULT_CURRENCY)));
		memo->amount = DatumGetInt64(memo_value(memo, RESULT_AMOUNT));
		memo->applied = DatumGetInt64(memo_value(memo, RESULT_AMOUNT_APPLIED));
		memos = lappend(memos, memo);
		last_ordinal = ordinal;
	}
	return memos;
}

/* Whether the query looked for applications, and the memo's row has one. */
static bool
has_application_row(uint64 row)
{
	bool		isnull;

	if (SPI_tuptable->tupdesc->natts < RESULT_APPLICATION_ID)
		return false;
	for (int column = RESULT_APPLICATION_ID; column <= RESULT_APPLIED_AT; column++)
	{
		(void) result_value(row, column, &isnull);
		if (!isnull)
			return true;
	}
	return false;
}

static CreditApplication *
read_application(uint64 row)
{
	static const char *const relation = "credit_memo_application";
	CreditApplication *application = palloc(sizeof(CreditApplication));

	application->amount =
		DatumGetInt64(required_value(row, RESULT_APPLICATION_AMOUNT,
									 relation, "amount_applied"));
	application->id = DatumGetTextPP(required_value(row, RESULT_APPLICATION_ID,
													relation, "application_id"));
	application->invoice_id =
		DatumGetTextPP(required_value(row, RESULT_APPLICATION_INVOICE_ID,
									  relation, "invoice_id"));
	application->applied_at =
		DatumGetTimestampTz(required_value(row, RESULT_APPLIED_AT,
										   relation, "applied_at"));
	application->applied_by = result_text(row, RESULT_APPLIED_BY_USER_ID);
	return application;
}

static void
check_line_items(const CreditMemo *memo)
{
	NullableDatum line_items = memo->value[MEMO_line_items];

	if (!line_items.isnull && !JB_ROOT_IS_OBJECT(DatumGetJsonbP(line_items.value)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("line_items of credit memo \"%s\" is not an object",
						text_to_cstring(DatumGetTextPP(memo->value[MEMO_id].value)))));
}

/* A value in place of one that is null. */
static void
default_to(NullableDatum *value, Datum other, bool isnull)
{
	if (!value->isnull)
		return;
	value->value = other;
	value->isnull = isnull;
}

/* All of a memo, which is read as it is written: there may be many. */
static CreditMemo
read_memo(const MemoRows *rows)
{
	const RelationSpec *spec = &ledger_relations[LEDGER_credit_memo];
	bool		isnull;
	Datum		name = result_value(rows->first, RESULT_CUSTOMER_NAME, &isnull);
	CreditMemo	memo = {
		.currency = rows->currency,
		.amount = rows->amount,
		.applied = rows->applied
	};

	memo.class = memo_class_of(DatumGetTextPP(memo_value(rows, RESULT_STATUS)),
							   &memo.status);
	for (int i = 0; i < NUM_CREDIT_MEMO_VALUES; i++)
	{
		NullableDatum *value = &memo.value[i];
		int			column = RESULT_VALUES + i;

		value->value = result_value(rows->first, column, &value->isnull);
		if (value->isnull &&
			find_column_spec(spec, credit_memo_columns[column - RESULT_STATUS])->required)
			(void) memo_value(rows, column);
	}
	check_line_items(&memo);
	for (uint64 row = rows->first; row <= rows->last && has_application_row(row); row++)
		memo.applications = lappend(memo.applications, read_application(row));
	/* the memo's name for its customer, else the customer's own */
	default_to(&memo.value[MEMO_customer_name], name, isnull);
	/* when credits were last applied: as stored, else by the last application */
	if (memo.applications != NIL)
	{
		const CreditApplication *last = llast(memo.applications);

		default_to(&memo.value[MEMO_applied_date], TimestampTzGetDatum(last->applied_at), false);
	}
	return memo;
}

/* ---- the total ---- */

/* The position of the listed memos, from which their total is taken. */
static List *
tally_memos(List *memos)
{
	PositionState *state = state_create(0);
	ListCell   *lc;

	foreach(lc, memos)
	{
		const MemoRows *memo = lfirst(lc);
		Cell		cell = {
			.currency = memo->currency,
			.tag = CELL_MEMO_AVAILABLE,
			.count = 1
		};

		cell.measure[MEASURE_MEMO_AMOUNT].sum = amount_from_int64(memo->amount);
		cell.measure[MEASURE_MEMO_APPLIED].sum = amount_from_int64(memo->applied);
		state_add_cell(&state, &cell, 1);
	}
	return position_currencies((struct varlena *) state, false);
}

/* The page's total has no currency, so it must not span two. */
static void
require_one_currency(List *currencies)
{
	StringInfoData names;
	ListCell   *lc;

	if (list_length(currencies) <= 1)
		return;
	initStringInfo(&names);
	foreach(lc, currencies)
	{
		char		name[CURRENCY_NAME_SIZE];

		appendStringInfo(&names, "%s%s", names.len > 0 ? ", " : "",
						 currency_upper(((CurrencyCells *) lfirst(lc))->currency, name));
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("available credits span several currencies"),
			 errdetail("The credit memos are in %s.", names.data),
			 errhint("Pass one of them as currency.")));
}

/* ---- the document ---- */

static Jsonb *
write_credits(const text *customer_id, List *memos, List *currencies,
			  const CurrencyCode *asked)
{
	Document	document;
	ListCell   *lc;

	begin_credits(&document, customer_id, result_text(0, RESULT_CUSTOMER_NAME),
				  currencies, asked);
	foreach(lc, memos)
	{
		CreditMemo	memo = read_memo(lfirst(lc));

		CHECK_FOR_INTERRUPTS();
		write_memo(&document, &memo);
	}
	return document_finish(&document);
}

/*
 * The document from the arguments, of which the currency is a known code.  That
 * memos span several is no fault of theirs: the caller did not ask for one.
 */
static Jsonb *
make_credits(const Ledger *ledger, const NullableDatum *arguments,
			 const CurrencyCode *asked)
{
	LedgerReading reading;
	text	   *customer_id = DatumGetTextPP(arguments[ARGUMENT_CUSTOMER_ID].value);
	text	   *business_id = arguments[ARGUMENT_BUSINESS_ID].isnull ? NULL :
		DatumGetTextPP(arguments[ARGUMENT_BUSINESS_ID].value);
	bool		isnull;
	uint64		customers;
	List	   *memos;
	List	   *currencies;
	Jsonb	   *document;

	ledger_begin_reading(&reading, ledger, customer_id);
	ledger_execute(ledger, compose_credits, NULL, arguments);
	customers = DatumGetInt64(result_value(0, RESULT_CUSTOMERS, &isnull));
	customer_id = result_customer(ledger, customer_id, business_id,
								  isnull ? 0 : customers);
	memos = group_memos();
	currencies = tally_memos(memos);
	ledger_end_reading(&reading);
	require_one_currency(currencies);

	ledger_begin_reading(&reading, ledger, customer_id);
	document = write_credits(customer_id, memos, currencies, asked);
	ledger_end_reading(&reading);
	return document;
}

PG_FUNCTION_INFO_V1(customer_credits);
Datum
customer_credits(PG_FUNCTION_ARGS)
{
	NullableDatum arguments[NUM_CREDITS_ARGUMENTS];
	Ledger		ledger;
	CurrencyCode asked = 0;
	const CurrencyCode *currency = NULL;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	memcpy(arguments, fcinfo->args, sizeof(arguments));
	if (!PG_ARGISNULL(ARGUMENT_CURRENCY))
	{
		asked = currency_from_text(PG_GETARG_TEXT_PP(ARGUMENT_CURRENCY));
		arguments[ARGUMENT_CURRENCY].value = PointerGetDatum(currency_text(asked));
		currency = &asked;
	}
	ledger = ledger_getarg(fcinfo, NUM_CREDITS_ARGUMENTS);

	SPI_connect();
	return result_document(make_credits(&ledger, arguments, currency));
}
