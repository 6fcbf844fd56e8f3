/*-------------------------------------------------------------------------
 *
 * document.c
 *	  Writing jsonb documents.
 *
 *-------------------------------------------------------------------------
 */
#include "document.h"

#include "datetime_text.h"
#include "miscadmin.h"
#include "utils/builtins.h"

void
document_init(Document *document)
{
	memset(document, 0, sizeof(Document));
}

Jsonb *
document_finish(Document *document)
{
	return JsonbValueToJsonb(document->builder.result);
}

static void
push_string(Document *document, JsonbIteratorToken token, const char *value,
			int length)
{
	JsonbValue	v = {.type = jbvString};

	v.val.string.val = unconstify(char *, value);
	v.val.string.len = length;
	JSONB_PUSH(&document->builder, token, &v);
}

static void
push_field(Document *document, const char *key, JsonbValue *value)
{
	document_key(document, key, strlen(key));
	JSONB_PUSH(&document->builder, WJB_VALUE, value);
}

/* ---- structure ---- */

void
document_key(Document *document, const char *key, int length)
{
	push_string(document, WJB_KEY, key, length);
}

/* Long documents are long lists of objects, so here is where one is cancelled. */
void
document_begin_object(Document *document, const char *key)
{
	CHECK_FOR_INTERRUPTS();
	if (key != NULL)
		document_key(document, key, strlen(key));
	JSONB_PUSH(&document->builder, WJB_BEGIN_OBJECT, NULL);
}

void
document_end_object(Document *document)
{
	JSONB_PUSH(&document->builder, WJB_END_OBJECT, NULL);
}

void
document_begin_array(Document *document, const char *key)
{
	if (key != NULL)
		document_key(document, key, strlen(key));
	JSONB_PUSH(&document->builder, WJB_BEGIN_ARRAY, NULL);
}

void
document_end_array(Document *document)
{
	JSONB_PUSH(&document->builder, WJB_END_ARRAY, NULL);
}

/* ---- fields ---- */

void
document_string(Document *document, const char *key, const char *value)
{
	document_key(document, key, strlen(key));
	push_string(document, WJB_VALUE, value, strlen(value));
}

void
document_text(Document *document, const char *key, const text *value)
{
	document_key(document, key, strlen(key));
	push_string(document, WJB_VALUE, VARDATA_ANY(value),
				VARSIZE_ANY_EXHDR(value));
}

void
document_numeric(Document *document, const char *key, Numeric value)
{
	JsonbValue	v = {.type = jbvNumeric};

	v.val.numeric = value;
	push_field(document, key, &v);
}

void
document_bigint(Document *document, const char *key, int64 value)
{
	document_numeric(document, key, int64_to_numeric(value));
}

void
document_bool(Document *document, const char *key, bool value)
{
	JsonbValue	v = {.type = jbvBool};

	v.val.boolean = value;
	push_field(document, key, &v);
}

void
document_null(Document *document, const char *key)
{
	JsonbValue	v = {.type = jbvNull};

	push_field(document, key, &v);
}

/* Another jsonb, which must be an object or an array. */
void
document_jsonb(Document *document, const char *key, Jsonb *value)
{
	JsonbValue	v = {.type = jbvBinary};

	v.val.binary.data = &value->root;
	v.val.binary.len = VARSIZE_ANY_EXHDR(value);
	push_field(document, key, &v);
}

/* RFC 3339 has years of four digits and no infinity. */
bool
document_can_show(const char *datetime)
{
	return datetime[0] >= '0' && datetime[0] <= '9' && datetime[4] == '-' &&
		strncmp(datetime, "0000", 4) != 0;
}

static void
put_datetime(Document *document, const char *key, const char *value)
{
	if (!document_can_show(value))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("%s %s cannot be shown in a document", key, value),
				 errdetail("Documents have dates in the years 0001 to 9999.")));
	document_string(document, key, pstrdup(value));
}

void
document_date(Document *document, const char *key, DateADT value)
{
	char		buffer[DATETIME_TEXT_SIZE];

	put_datetime(document, key, date_to_text(value, buffer));
}

void
document_instant(Document *document, const char *key, TimestampTz value)
{
	char		buffer[DATETIME_TEXT_SIZE];

	put_datetime(document, key, instant_to_text(value, buffer));
}

void
document_amount_number(Document *document, const char *key,
					   const Amount *amount)
{
	document_numeric(document, key, amount_to_numeric(amount));
}

void
document_amount_string(Document *document, const char *key,
					   const Amount *amount, CurrencyCode currency)
{
	document_string(document, key,
					amount_to_string(amount, currency_minor_digits(currency)));
}

void
document_string_element(Document *document, const char *value)
{
	push_string(document, WJB_ELEM, value, strlen(value));
}
