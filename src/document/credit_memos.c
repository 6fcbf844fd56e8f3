/*-------------------------------------------------------------------------
 *
 * credit_memos.c
 *	  DayZero's customer credits: credit memos with their applications.
 *
 *-------------------------------------------------------------------------
 */
#include "credit_memos.h"

#include "position/read.h"
#include "utils/builtins.h"

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

static void
write_nullable_text(Document *document, const char *key, const text *value)
{
	if (value != NULL)
		document_text(document, key, value);
	else
		document_null(document, key);
}

static void
write_nullable_instant(Document *document, const char *key, NullableDatum value)
{
	if (value.isnull)
		document_null(document, key);
	else
		document_instant(document, key, DatumGetTimestampTz(value.value));
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
	document_begin_object(document, NULL);
	document_text(document, "id", application->id);
	document_text(document, "credit_memo_id", memo->id);
	document_text(document, "invoice_id", application->invoice_id);
	write_money(document, "amount_applied", "amount_applied_dollars",
				amount_from_int64(application->amount), memo->currency);
	document_instant(document, "applied_at", application->applied_at);
	write_nullable_text(document, "applied_by_user_id", application->applied_by);
	document_end_object(document);
}

/* When credits were last applied: as stored, else by the last application. */
static void
write_applied_date(Document *document, const CreditMemo *memo)
{
	if (memo->applied_date.isnull && memo->applications != NIL)
		document_instant(document, "applied_date",
						 ((CreditApplication *) llast(memo->applications))->applied_at);
	else
		write_nullable_instant(document, "applied_date", memo->applied_date);
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
	char		code[CURRENCY_NAME_SIZE];
	ListCell   *lc;

	remaining.small -= amount_from_int64(memo->applied).small;

	document_begin_object(document, NULL);
	document_text(document, "id", memo->id);
	document_text(document, "business_id", memo->business_id);
	document_text(document, "customer_id", memo->customer_id);
	write_nullable_text(document, "invoice_id", memo->invoice_id);
	write_nullable_text(document, "number", memo->number);
	document_string(document, "status", memo->status);
	document_string(document, "currency", pstrdup(currency_upper(memo->currency, code)));
	write_money(document, "amount", "amount_in_dollars",
				amount_from_int64(memo->amount), memo->currency);
	write_money(document, "amount_applied", "amount_applied_in_dollars",
				amount_from_int64(memo->applied), memo->currency);
	write_money(document, "amount_remaining", "amount_remaining_in_dollars",
				remaining, memo->currency);
	document_date(document, "issue_date", memo->issue_date);
	write_applied_date(document, memo);
	document_instant(document, "created_at", memo->created_at);
	document_instant(document, "updated_at", memo->updated_at);
	document_text(document, "reason", memo->reason);
	document_string(document, "reason_display", display_reason(memo->reason));
	write_nullable_text(document, "description", memo->description);
	write_nullable_text(document, "internal_notes", memo->internal_notes);
	if (memo->line_items != NULL)
		document_jsonb(document, "line_items", memo->line_items);
	else
		document_null(document, "line_items");
	write_nullable_instant(document, "voided_at", memo->voided_at);
	write_nullable_text(document, "voided_reason", memo->voided_reason);
	write_nullable_text(document, "customer_name", memo->customer_name);
	write_nullable_text(document, "invoice_number", memo->invoice_number);
	document_begin_array(document, "applications");
	foreach(lc, memo->applications)
		write_application(document, memo, lfirst(lc));
	document_end_array(document);
	write_abilities(document, memo);
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

/* The document as far as its list of memos, which are written one by one. */
void
begin_credits(Document *document, const text *customer_id,
			  const text *customer_name, List *currencies,
			  const CurrencyCode *asked, int nmemos)
{
	document_init(document);
	document_begin_object(document, NULL);
	document_text(document, "customer_id", customer_id);
	write_nullable_text(document, "customer_name", customer_name);
	write_total(document, currencies, asked);
	document_bigint(document, "credit_memos_count", nmemos);
	document_begin_array(document, "credit_memos");
}

Jsonb *
finish_credits(Document *document)
{
	document_end_array(document);
	document_end_object(document);
	return document_finish(document);
}
