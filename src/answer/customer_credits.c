/*-------------------------------------------------------------------------
 *
 * customer_credits.c
 *	  DayZero's customer credits: the credit memos that still have something
 *	  to give, with their applications.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "document/document.h"
#include "ledger/customer.h"
#include "ledger/fault.h"
#include "ledger/ledger.h"
#include "ledger/match.h"
#include "ledger/plan.h"
#include "miscadmin.h"
#include "position/read.h"
#include "utils/builtins.h"

/* The document's arguments, as the query's parameters name them. */
enum
{
	ARGUMENT_CUSTOMER_ID,
	ARGUMENT_BUSINESS_ID,
	ARGUMENT_CURRENCY
};

/*
 * The columns of the result behind the customer's two.  There is one row for
 * each application, and one for a memo that has none; without a memo there is
 * one row with RESULT_ORDINAL null.
 */
enum
{
	RESULT_CUSTOMER_NAME = RESULT_CUSTOMER_ID + 1,
	RESULT_CUSTOMERS,
	RESULT_ORDINAL,
	RESULT_ID,
	RESULT_BUSINESS_ID,
	RESULT_MEMO_CUSTOMER_ID,
	RESULT_INVOICE_ID,
	RESULT_NUMBER,
	RESULT_STATUS,
	RESULT_CURRENCY,
	RESULT_AMOUNT,
	RESULT_AMOUNT_APPLIED,
	RESULT_ISSUE_DATE,
	RESULT_APPLIED_DATE,
	RESULT_CREATED_AT,
	RESULT_UPDATED_AT,
	RESULT_REASON,
	RESULT_DESCRIPTION,
	RESULT_INTERNAL_NOTES,
	RESULT_LINE_ITEMS,
	RESULT_VOIDED_AT,
	RESULT_VOIDED_REASON,
	RESULT_MEMO_CUSTOMER_NAME,
	RESULT_INVOICE_NUMBER,
	RESULT_APPLICATION_ID,
	RESULT_APPLICATION_INVOICE_ID,
	RESULT_APPLICATION_AMOUNT,
	RESULT_APPLIED_AT,
	RESULT_APPLIED_BY_USER_ID
};

/* The memo's columns, in the order of the result. */
static const char *const memo_columns[] = {
	"credit_memo_id", "business_id", "customer_id", "invoice_id", "number",
	"status", "currency", "amount", "amount_applied", "issue_date",
	"applied_date", "created_at", "updated_at", "reason", "description",
	"internal_notes", "line_items", "voided_at", "voided_reason",
	"customer_name"
};

StaticAssertDecl(RESULT_ID + lengthof(memo_columns) == RESULT_INVOICE_NUMBER,
				 "memo_columns must follow the columns of the result");

/* ---- composing ---- */

/* The condition that what a column refers to is one of the ids that match. */
static const char *
apart(const LedgerRelation *relation, const char *column,
	  const LedgerRelation *other, const char *key)
{
	const char *id = ledger_id_text(other, key);

	if (!ledger_confuses(relation, column, other, key))
		return "true";
	return ledger_told_apart(relation, column,
							 psprintf("pg_catalog.count(DISTINCT %s)", id),
							 psprintf("pg_catalog.min(%s)", id));
}

/*
 * The condition that an application is a memo's.  Where it may be another
 * memo's as well, that is looked for, as only a few memos are listed.
 */
static const char *
application_condition(const LedgerRelation *application, const LedgerRelation *memo)
{
	static const char *const key = "credit_memo_id";
	LedgerRelation alike = *memo;
	const char *is_memos = ledger_join(application, key, memo, key);

	if (!ledger_confuses(application, key, memo, key))
		return is_memos;
	alike.alias = "alike";
	return psprintf("%s AND %s", is_memos,
					ledger_guard(is_memos,
								 psprintf("(SELECT %s FROM %s WHERE %s)",
										  apart(application, key, &alike, key),
										  ledger_from(&alike),
										  ledger_join(application, key, &alike, key))));
}

/* The number of the invoice that a memo credits, stored or looked up. */
static void
compose_invoice_number(const Ledger *ledger, const LedgerRelation *memo,
					   StringInfo sql)
{
	LedgerRelation invoice;

	appendStringInfo(sql, ", COALESCE(%s",
					 ledger_column(memo, "invoice_number"));
	if (ledger_find(ledger, "invoice", "i", &invoice) &&
		ledger_has_column(memo, "invoice_id") &&
		ledger_has_column(&invoice, "number"))
		appendStringInfo(sql, ", (SELECT %s FROM %s WHERE %s)",
						 ledger_guard(apart(memo, "invoice_id", &invoice, "invoice_id"),
									  psprintf("pg_catalog.min(%s)",
											   ledger_column(&invoice, "number"))),
						 ledger_from(&invoice),
						 ledger_join(memo, "invoice_id", &invoice, "invoice_id"));
	appendStringInfoString(sql, ") AS memo_invoice_number");
}

/*
 * Which memos are listed.  The status comes first, so that an unknown one is
 * an error whatever else is true of its memo; a currency that is unknown or
 * null comes through, for the same reason, but a void memo needs none.
 */
static const char *
listed_condition(const LedgerRelation *memo, const char *asked_currency)
{
	const char *status = ledger_column(memo, "status");
	const char *currency = ledger_column(memo, "currency");

	return psprintf("(balance.credit_memo_class(%s) OPERATOR(pg_catalog.=) 'available') IS NOT FALSE\n"
					"  AND (%s OPERATOR(pg_catalog.>) %s) IS NOT FALSE\n"
					"  AND (%s IS NULL OR pg_catalog.upper(%s COLLATE pg_catalog.\"C\") OPERATOR(pg_catalog.=) %s)\n"
					"  OR %s IS NULL\n"
					"  OR NOT balance.known_currency(%s)\n"
					"  AND balance.credit_memo_class(%s) OPERATOR(pg_catalog.<>) 'void'",
					status,
					ledger_column(memo, "amount"),
					ledger_column(memo, "amount_applied"),
					asked_currency, currency, asked_currency,
					currency, currency, status);
}

/*
 * The listed memos, numbered in the order of the document.  What is null does
 * not drop out here: it comes along, to raise an error.
 */
static void
compose_memos(const Ledger *ledger, LedgerQuery *query,
			  const LedgerRelation *memo)
{
	StringInfo	sql = &query->sql;
	const char *business = ledger_parameter(query, TEXTOID, ARGUMENT_BUSINESS_ID);
	const char *currency = ledger_parameter(query, TEXTOID, ARGUMENT_CURRENCY);
	const char *scope = psprintf("%s AND (%s IS NULL OR %s)",
								 ledger_equals(query, memo, "customer_id", ARGUMENT_CUSTOMER_ID),
								 business,
								 ledger_equals(query, memo, "business_id", ARGUMENT_BUSINESS_ID));

	appendStringInfo(sql, "(SELECT pg_catalog.row_number() OVER (ORDER BY %s DESC, %s) AS ordinal",
					 ledger_column(memo, "created_at"),
					 ledger_order(memo, "credit_memo_id"));
	for (int i = 0; i < lengthof(memo_columns); i++)
		appendStringInfo(sql, ",\n  %s AS memo_%s",
						 ledger_column(memo, memo_columns[i]), memo_columns[i]);
	compose_invoice_number(ledger, memo, sql);
	/* the id once more in its own type, for the join with the applications */
	appendStringInfo(sql, ",\n  m.credit_memo_id\n FROM %s\n WHERE %s\n AND %s) AS m",
					 ledger_from(memo), scope,
					 ledger_guard(scope, listed_condition(memo, currency)));
}

/* The customer, of the business that was asked for; and how many match. */
static void
compose_customer(LedgerQuery *query, const LedgerRelation *customer)
{
	StringInfo	sql = &query->sql;

	appendStringInfoString(sql, "\nFROM (SELECT) AS one");
	if (!OidIsValid(customer->relid))
		return;
	appendStringInfo(sql, "\nLEFT JOIN (SELECT c.customer_id%s, pg_catalog.count(*) OVER () AS balance_customers\n FROM %s WHERE %s",
					 ledger_has_column(customer, "customer_name") ? ", c.customer_name" : "",
					 ledger_from(customer),
					 ledger_equals(query, customer, "customer_id", ARGUMENT_CUSTOMER_ID));
	if (ledger_has_column(customer, "business_id"))
		appendStringInfo(sql, "\n AND (%s IS NULL OR c.business_id IS NULL OR %s)",
						 ledger_parameter(query, TEXTOID, ARGUMENT_BUSINESS_ID),
						 ledger_equals(query, customer, "business_id", ARGUMENT_BUSINESS_ID));
	appendStringInfoString(sql, ") AS c ON true");
}

static void
compose(const Ledger *ledger, LedgerQuery *query, const void *context)
{
	StringInfo	sql = &query->sql;
	LedgerRelation customer;
	LedgerRelation memo;
	LedgerRelation application;
	bool		has_application;

	ledger_require(ledger, "credit_memo", "m", &memo);
	has_application = ledger_find(ledger, "credit_memo_application", "a",
								  &application);

	ledger_select_customer(ledger, query, &customer);
	appendStringInfo(sql, ", %s, %s, m.ordinal",
					 ledger_column(&customer, "customer_name"),
					 OidIsValid(customer.relid) ? "c.balance_customers" : "NULL::pg_catalog.int8");
	for (int i = 0; i < lengthof(memo_columns); i++)
		appendStringInfo(sql, ", m.memo_%s", memo_columns[i]);
	appendStringInfoString(sql, ", m.memo_invoice_number");
	if (has_application)
		appendStringInfo(sql, ",\n%s AS application_id, %s, %s, %s AS applied_at, %s",
						 ledger_column(&application, "application_id"),
						 ledger_column(&application, "invoice_id"),
						 ledger_column(&application, "amount_applied"),
						 ledger_column(&application, "applied_at"),
						 ledger_column(&application, "applied_by_user_id"));
	compose_customer(query, &customer);
	appendStringInfoString(sql, "\nLEFT JOIN ");
	compose_memos(ledger, query, &memo);
	appendStringInfoString(sql, " ON true");
	if (has_application)
		appendStringInfo(sql, "\nLEFT JOIN %s ON %s\nORDER BY m.ordinal, a.applied_at, %s",
						 ledger_from(&application),
						 application_condition(&application, &memo),
						 ledger_order(&application, "application_id"));
	else
		appendStringInfoString(sql, "\nORDER BY m.ordinal");
}

/* ---- reading ---- */

/* The rows of one memo in the result. */
typedef struct Memo
{
	uint64		first;
	uint64		last;
	CurrencyCode currency;
	int64		amount;
	int64		applied;
} Memo;

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
memo_value(const Memo *memo, int column)
{
	return required_value(memo->first, column, "credit_memo",
						  memo_columns[column - RESULT_ID]);
}

/* Group the result's rows by memo. */
static List *
read_memos(void)
{
	List	   *memos = NIL;
	Memo	   *memo = NULL;
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
					 errmsg("column \"credit_memo_id\" of relation \"credit_memo\" must not be null")));
		memo = palloc(sizeof(Memo));
		memo->first = memo->last = row;
		memo->currency = currency_from_text(DatumGetTextPP(memo_value(memo, RESULT_CURRENCY)));
		memo->amount = DatumGetInt64(memo_value(memo, RESULT_AMOUNT));
		memo->applied = DatumGetInt64(memo_value(memo, RESULT_AMOUNT_APPLIED));
		memos = lappend(memos, memo);
		last_ordinal = ordinal;
	}
	return memos;
}

/* The position of the listed memos, from which their total is taken. */
static List *
tally_memos(List *memos)
{
	PositionState *state = state_create(0);
	ListCell   *lc;

	foreach(lc, memos)
	{
		const Memo *memo = lfirst(lc);
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

/* ---- writing ---- */

/* Minor units, and the same as a decimal string with the minor digits. */
static void
write_money(Document *document, const char *name, const char *dollars_name,
			Amount minor_units, CurrencyCode currency)
{
	int			digits = currency_minor_digits(currency);
	Amount		major_units = amount_shift(&minor_units, digits);

	document_amount_number(document, name, &minor_units);
	document_string(document, dollars_name, amount_to_string(&major_units, digits));
}

static Amount
minor_units(int64 number)
{
	Amount		amount = amount_from_int64(number);

	return amount;
}

static void
write_nullable_text(Document *document, const char *key, uint64 row, int column)
{
	text	   *value = result_text(row, column);

	if (value != NULL)
		document_text(document, key, value);
	else
		document_null(document, key);
}

static void
write_nullable_instant(Document *document, const char *key, uint64 row,
					   int column)
{
	bool		isnull;
	Datum		value = result_value(row, column, &isnull);

	if (isnull)
		document_null(document, key);
	else
		document_instant(document, key, DatumGetTimestampTz(value));
}

/* A reason code in capitalised words: pricing_error is "Pricing Error". */
static char *
display_reason(const text *reason)
{
	char	   *words = text_to_cstring(reason);
	bool		starts_word = true;

	for (char *p = words; *p; p++)
	{
		if (*p == '_' || *p == '-')
			*p = ' ';
		*p = starts_word ? pg_ascii_toupper((unsigned char) *p) :
			pg_ascii_tolower((unsigned char) *p);
		starts_word = *p == ' ';
	}
	return words;
}

static void
write_application(Document *document, const Memo *memo, uint64 row)
{
	static const char *const relation = "credit_memo_application";
	Datum		amount = required_value(row, RESULT_APPLICATION_AMOUNT,
										relation, "amount_applied");

	document_begin_object(document, NULL);
	document_text(document, "id",
				  DatumGetTextPP(required_value(row, RESULT_APPLICATION_ID,
												relation, "application_id")));
	document_text(document, "credit_memo_id", result_text(row, RESULT_ID));
	document_text(document, "invoice_id",
				  DatumGetTextPP(required_value(row, RESULT_APPLICATION_INVOICE_ID,
												relation, "invoice_id")));
	write_money(document, "amount_applied", "amount_applied_dollars",
				minor_units(DatumGetInt64(amount)), memo->currency);
	document_instant(document, "applied_at",
					 DatumGetTimestampTz(required_value(row, RESULT_APPLIED_AT,
														relation, "applied_at")));
	write_nullable_text(document, "applied_by_user_id", row,
						RESULT_APPLIED_BY_USER_ID);
	document_end_object(document);
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

/* When credits were last applied: as stored, else by the last application. */
static void
write_applied_date(Document *document, const Memo *memo)
{
	bool		isnull;

	(void) result_value(memo->first, RESULT_APPLIED_DATE, &isnull);
	if (isnull && has_application_row(memo->last))
		write_nullable_instant(document, "applied_date", memo->last, RESULT_APPLIED_AT);
	else
		write_nullable_instant(document, "applied_date", memo->first, RESULT_APPLIED_DATE);
}

static void
write_line_items(Document *document, const Memo *memo)
{
	bool		isnull;
	Datum		value = result_value(memo->first, RESULT_LINE_ITEMS, &isnull);
	Jsonb	   *line_items;

	if (isnull)
	{
		document_null(document, "line_items");
		return;
	}
	line_items = DatumGetJsonbP(value);
	if (!JB_ROOT_IS_OBJECT(line_items))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("line_items of credit memo \"%s\" is not an object",
						text_to_cstring(result_text(memo->first, RESULT_ID)))));
	document_jsonb(document, "line_items", line_items);
}

/* What may be done with the memo; nothing is listed that is not available. */
static void
write_abilities(Document *document, const Memo *memo, MemoClass class,
				const char *status)
{
	bool		is_issued = strcmp(status, "issued") == 0;
	bool		is_applied = memo->applied != 0 || has_application_row(memo->last);

	document_bool(document, "can_be_applied", class == MEMO_AVAILABLE);
	document_bool(document, "can_be_voided", !is_applied &&
				  (class == MEMO_DRAFT || is_issued));
	document_bool(document, "can_be_deleted", class == MEMO_DRAFT);
	document_bool(document, "has_applications", is_applied);
}

/* The memo's name for its customer, else the customer's own. */
static void
write_customer_name(Document *document, uint64 row)
{
	write_nullable_text(document, "customer_name", row,
						result_text(row, RESULT_MEMO_CUSTOMER_NAME) != NULL ?
						RESULT_MEMO_CUSTOMER_NAME : RESULT_CUSTOMER_NAME);
}

static void
write_memo(Document *document, const Memo *memo)
{
	uint64		row = memo->first;
	CurrencyCode currency = memo->currency;
	Amount		remaining = minor_units(memo->amount);
	Amount		applied = minor_units(memo->applied);
	const char *status;
	MemoClass	class = memo_class_of(DatumGetTextPP(memo_value(memo, RESULT_STATUS)),
									  &status);
	text	   *reason = DatumGetTextPP(memo_value(memo, RESULT_REASON));
	char		code[CURRENCY_NAME_SIZE];

	remaining.small -= applied.small;

	document_begin_object(document, NULL);
	document_text(document, "id", result_text(row, RESULT_ID));
	document_text(document, "business_id", DatumGetTextPP(memo_value(memo, RESULT_BUSINESS_ID)));
	document_text(document, "customer_id", result_text(row, RESULT_MEMO_CUSTOMER_ID));
	write_nullable_text(document, "invoice_id", row, RESULT_INVOICE_ID);
	write_nullable_text(document, "number", row, RESULT_NUMBER);
	document_string(document, "status", status);
	document_string(document, "currency", pstrdup(currency_upper(currency, code)));
	write_money(document, "amount", "amount_in_dollars",
				minor_units(memo->amount), currency);
	write_money(document, "amount_applied", "amount_applied_in_dollars",
				applied, currency);
	write_money(document, "amount_remaining", "amount_remaining_in_dollars",
				remaining, currency);
	document_date(document, "issue_date", DatumGetDateADT(memo_value(memo, RESULT_ISSUE_DATE)));
	write_applied_date(document, memo);
	document_instant(document, "created_at", DatumGetTimestampTz(memo_value(memo, RESULT_CREATED_AT)));
	document_instant(document, "updated_at", DatumGetTimestampTz(memo_value(memo, RESULT_UPDATED_AT)));
	document_text(document, "reason", reason);
	document_string(document, "reason_display", display_reason(reason));
	write_nullable_text(document, "description", row, RESULT_DESCRIPTION);
	write_nullable_text(document, "internal_notes", row, RESULT_INTERNAL_NOTES);
	write_line_items(document, memo);
	write_nullable_instant(document, "voided_at", row, RESULT_VOIDED_AT);
	write_nullable_text(document, "voided_reason", row, RESULT_VOIDED_REASON);
	write_customer_name(document, row);
	write_nullable_text(document, "invoice_number", row, RESULT_INVOICE_NUMBER);
	document_begin_array(document, "applications");
	for (; row <= memo->last && has_application_row(row); row++)
		write_application(document, memo, row);
	document_end_array(document);
	write_abilities(document, memo, class, status);
	document_end_object(document);
}

/* The sum of the listed remainders; without any, of the currency asked for. */
static void
write_total(Document *document, List *currencies, const CurrencyCode *asked)
{
	static const char *const name = "total_credits_available";
	static const char *const dollars_name = "total_credits_available_dollars";
	Amount		total = {0};

	if (currencies != NIL)
	{
		const CurrencyCells *currency = linitial(currencies);
		const Cell *cell = find_cell(currency, CELL_MEMO_AVAILABLE);
		Amount		applied = cell->measure[MEASURE_MEMO_APPLIED].sum;

		total = cell->measure[MEASURE_MEMO_AMOUNT].sum;
		amount_negate(&applied);
		amount_add(&total, &applied);
		write_money(document, name, dollars_name, total, currency->currency);
	}
	else if (asked != NULL)
		write_money(document, name, dollars_name, total, *asked);
	else
	{
		document_bigint(document, name, 0);
		document_string(document, dollars_name, "0.00");
	}
}

static Jsonb *
write_credits(const text *customer_id, List *memos, List *currencies,
			  const CurrencyCode *asked)
{
	Document	document;
	ListCell   *lc;

	document_init(&document);
	document_begin_object(&document, NULL);
	document_text(&document, "customer_id", customer_id);
	write_nullable_text(&document, "customer_name", 0, RESULT_CUSTOMER_NAME);
	write_total(&document, currencies, asked);
	document_bigint(&document, "credit_memos_count", list_length(memos));
	document_begin_array(&document, "credit_memos");
	foreach(lc, memos)
		write_memo(&document, lfirst(lc));
	document_end_array(&document);
	document_end_object(&document);
	return document_finish(&document);
}

/*
 * The document from the arguments, of which the currency is a known code.  That
 * memos span several is no fault of theirs: the caller did not ask for one.
 */
static Jsonb *
make_credits(const Ledger *ledger, const LedgerArgument *arguments,
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
	ledger_execute(ledger, compose, NULL, arguments);
	customers = DatumGetInt64(result_value(0, RESULT_CUSTOMERS, &isnull));
	customer_id = result_customer(ledger, customer_id, business_id,
								  isnull ? 0 : customers);
	memos = read_memos();
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
	LedgerArgument arguments[3];
	Ledger		ledger;
	CurrencyCode asked = 0;
	const CurrencyCode *currency = NULL;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	for (int i = 0; i < lengthof(arguments); i++)
	{
		arguments[i].value = PG_GETARG_DATUM(i);
		arguments[i].isnull = PG_ARGISNULL(i);
	}
	if (!PG_ARGISNULL(ARGUMENT_CURRENCY))
	{
		char		code[CURRENCY_NAME_SIZE];

		asked = currency_from_text(PG_GETARG_TEXT_PP(ARGUMENT_CURRENCY));
		arguments[ARGUMENT_CURRENCY].value =
			PointerGetDatum(cstring_to_text(currency_upper(asked, code)));
		currency = &asked;
	}
	ledger = ledger_getarg(fcinfo, 3);

	SPI_connect();
	return result_document(make_credits(&ledger, arguments, currency));
}
