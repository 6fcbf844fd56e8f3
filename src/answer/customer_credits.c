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
						  credit_memo_columns[column - RESULT_ID]);
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

static Jsonb *
read_line_items(uint64 row)
{
	bool		isnull;
	Datum		value = result_value(row, RESULT_LINE_ITEMS, &isnull);
	Jsonb	   *line_items = isnull ? NULL : DatumGetJsonbP(value);

	if (line_items != NULL && !JB_ROOT_IS_OBJECT(line_items))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("line_items of credit memo \"%s\" is not an object",
						text_to_cstring(result_text(row, RESULT_ID)))));
	return line_items;
}

static NullableDatum
nullable_value(uint64 row, int column)
{
	NullableDatum value;

	value.value = result_value(row, column, &value.isnull);
	return value;
}

/* All of a memo, which is read as it is written: there may be many. */
static CreditMemo
read_memo(const MemoRows *rows)
{
	uint64		row = rows->first;
	CreditMemo	memo = {
		.currency = rows->currency,
		.amount = rows->amount,
		.applied = rows->applied
	};

	memo.class = memo_class_of(DatumGetTextPP(memo_value(rows, RESULT_STATUS)),
							   &memo.status);
	memo.reason = DatumGetTextPP(memo_value(rows, RESULT_REASON));
	memo.id = result_text(row, RESULT_ID);
	memo.business_id = DatumGetTextPP(memo_value(rows, RESULT_BUSINESS_ID));
	memo.customer_id = result_text(row, RESULT_MEMO_CUSTOMER_ID);
	memo.invoice_id = result_text(row, RESULT_INVOICE_ID);
	memo.number = result_text(row, RESULT_NUMBER);
	memo.issue_date = DatumGetDateADT(memo_value(rows, RESULT_ISSUE_DATE));
	memo.applied_date = nullable_value(row, RESULT_APPLIED_DATE);
	memo.created_at = DatumGetTimestampTz(memo_value(rows, RESULT_CREATED_AT));
	memo.updated_at = DatumGetTimestampTz(memo_value(rows, RESULT_UPDATED_AT));
	memo.description = result_text(row, RESULT_DESCRIPTION);
	memo.internal_notes = result_text(row, RESULT_INTERNAL_NOTES);
	memo.line_items = read_line_items(row);
	memo.voided_at = nullable_value(row, RESULT_VOIDED_AT);
	memo.voided_reason = result_text(row, RESULT_VOIDED_REASON);
	/* the memo's name for its customer, else the customer's own */
	memo.customer_name = result_text(row, RESULT_MEMO_CUSTOMER_NAME);
	if (memo.customer_name == NULL)
		memo.customer_name = result_text(row, RESULT_CUSTOMER_NAME);
	memo.invoice_number = result_text(row, RESULT_INVOICE_NUMBER);
	for (; row <= rows->last && has_application_row(row); row++)
		memo.applications = lappend(memo.applications, read_application(row));
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
		char		code[CURRENCY_NAME_SIZE];

		asked = currency_from_text(PG_GETARG_TEXT_PP(ARGUMENT_CURRENCY));
		arguments[ARGUMENT_CURRENCY].value =
			PointerGetDatum(cstring_to_text(currency_upper(asked, code)));
		currency = &asked;
	}
	ledger = ledger_getarg(fcinfo, NUM_CREDITS_ARGUMENTS);

	SPI_connect();
	return result_document(make_credits(&ledger, arguments, currency));
}
