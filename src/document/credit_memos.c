/*-------------------------------------------------------------------------
 *
 * credit_memos.c
 *	  DayZero's customer credits: credit memos with their applications.
 *
 *-------------------------------------------------------------------------
 */
#include "credit_memos.h"

#include "figures.h"
#include "utils/builtins.h"

/* Minor units, and the same as a decimal string with the minor digits. */
static void
write_money(Document *document, const char *name, const char *dollars_name,
			Amount minor_units, CurrencyCode currency)
{
	Amount		major_units = amount_shift(&minor_units, currency_minor_digits(currency));

	document_numeric(document, name, amount_to_numeric(&minor_units));
	document_money(document, dollars_name, &major_units, currency);
}

typedef enum MemoValueKind
{
	VALUE_TEXT,
	VALUE_DATE,
	VALUE_INSTANT,
	VALUE_JSON
} MemoValueKind;

typedef struct MemoValue
{
	const char *key;
	MemoValueKind kind;
} MemoValue;

static const MemoValue memo_values[NUM_CREDIT_MEMO_VALUES] = {
#define VALUE(key, column, kind)	{#key, kind},
	CREDIT_MEMO_VALUES(VALUE)
#undef VALUE
};

static void
write_memo_value(Document *document, int i, NullableDatum value)
{
	const char *key = memo_values[i].key;

	if (value.isnull)
		document_null(document, key);
	else if (memo_values[i].kind == VALUE_TEXT)
		document_text(document, key, DatumGetTextPP(value.value));
	else if (memo_values[i].kind == VALUE_DATE)
		document_date(document, key, DatumGetDateADT(value.value));
	else if (memo_values[i].kind == VALUE_INSTANT)
		document_instant(document, key, DatumGetTimestampTz(value.value));
	else
		document_jsonb(document, key, DatumGetJsonbP(value.value));
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
write_application(Document *document, const CreditMemo *memo,
				  const CreditApplication *application)
{
	document_begin(document, NULL, JB_FOBJECT);
	document_text(document, "id", application->id);
	document_text(document, "credit_memo_id", DatumGetTextPP(memo->value[MEMO_id].value));
	document_text(document, "invoice_id", application->invoice_id);
	write_money(document, "amount_applied", "amount_applied_dollars",
				amount_from_int64(application->amount), memo->currency);
	document_instant(document, "applied_at", application->applied_at);
	document_text(document, "applied_by_user_id", application->applied_by);
	document_end(document);
}

/* What may be done with the memo; nothing is listed that is not available. */
static void
write_abilities(Document *document, const CreditMemo *memo)
{
	bool		is_issued = strcmp(memo->status, "issued") == 0;
	bool		is_applied = memo->applied != 0 || memo->applications != NIL;

	document_bool(document, "can_be_applied", memo->class == MEMO_AVAILABLE);
	document_bool(document, "can_be_voided", !is_applied &&
				  (memo->class == MEMO_DRAFT || is_issued));
	document_bool(document, "can_be_deleted", memo->class == MEMO_DRAFT);
	document_bool(document, "has_applications", is_applied);
}

void
write_memo(Document *document, const CreditMemo *memo)
{
	Amount		remaining = amount_from_int64(memo->amount);
	ListCell   *lc;

	remaining.small -= amount_from_int64(memo->applied).small;

	document_begin(document, NULL, JB_FOBJECT);
	for (int i = 0; i < NUM_CREDIT_MEMO_VALUES; i++)
		write_memo_value(document, i, memo->value[i]);
	document_string(document, "reason_display",
					display_reason(DatumGetTextPP(memo->value[MEMO_reason].value)));
	document_string(document, "status", memo->status);
	document_currency(document, "currency", memo->currency, currency_upper);
	write_money(document, "amount", "amount_in_dollars",
				amount_from_int64(memo->amount), memo->currency);
	write_money(document, "amount_applied", "amount_applied_in_dollars",
				amount_from_int64(memo->applied), memo->currency);
	write_money(document, "amount_remaining", "amount_remaining_in_dollars",
				remaining, memo->currency);
	document_begin(document, "applications", JB_FARRAY);
	foreach(lc, memo->applications)
		write_application(document, memo, lfirst(lc));
	document_end(document);
	write_abilities(document, memo);
	document_end(document);
}

/*
 * What the listed memos have left.  If there are none, it is shown as of the
 * currency that was asked for, or else with the two decimals of most.
 */
static void
write_total(Document *document, List *currencies, const CurrencyCode *asked)
{
	CurrencyFigures found;
	Amount		zero = {0};

	if (currencies != NIL &&
		find_figures(&found, DOCUMENT_CUSTOMER_CREDITS, linitial(currencies), NULL))
	{
		write_figures(document, &found);
		return;
	}
	document_bigint(document, "total_credits_available", 0);
	document_string(document, "total_credits_available_dollars",
					amount_to_string(&zero, asked != NULL ? currency_minor_digits(*asked) : 2));
	document_bigint(document, "credit_memos_count", 0);
}

/* The document as far as its list of memos, which are written one by one. */
void
begin_credits(Document *document, const text *customer_id,
			  const text *customer_name, List *currencies,
			  const CurrencyCode *asked)
{
	document_init(document, JB_FOBJECT);
	document_text(document, "customer_id", customer_id);
	document_text(document, "customer_name", customer_name);
	write_total(document, currencies, asked);
	document_begin(document, "credit_memos", JB_FARRAY);
}

/* For an index: false where customer_credits neither lists a memo nor raises an error. */
PG_FUNCTION_INFO_V1(may_be_available);
Datum
may_be_available(PG_FUNCTION_ARGS)
{
	const text *status;

	for (int i = 0; i < 4; i++)
		if (PG_ARGISNULL(i))
			PG_RETURN_BOOL(true);
	status = PG_GETARG_TEXT_PP(0);
	if (!status_is_known("credit_memo", status) ||
		currency_find(PG_GETARG_TEXT_PP(1)) == UNKNOWN_CURRENCY)
		PG_RETURN_BOOL(true);
	PG_RETURN_BOOL(memo_class_of(status, NULL) == MEMO_AVAILABLE &&
				   PG_GETARG_INT64(2) > PG_GETARG_INT64(3));
}

/* The totals from a position, as rows; it does not hold the memos one by one. */
PG_FUNCTION_INFO_V1(credit_rows);
Datum
credit_rows(PG_FUNCTION_ARGS)
{
	Row			row;

	rows_begin(fcinfo, &row);
	put_figure_rows(&row, DOCUMENT_CUSTOMER_CREDITS, position_getarg(fcinfo, 0), NULL);
	return (Datum) 0;
}
