/*-------------------------------------------------------------------------
 *
 * document.c
 *	  Writing jsonb documents.
 *
 *-------------------------------------------------------------------------
 */
#include "document.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "value/datetime.h"

void
document_init(Document *document)
{
	jsonb_writer_init(&document->writer);
}

Jsonb *
document_finish(Document *document)
{
	return jsonb_writer_finish(&document->writer);
}

/* ---- structure ---- */

static void
begin(Document *document, const char *key, uint32 container)
{
	if (key != NULL)
		document_key(document, key, strlen(key));
	jsonb_write_begin(&document->writer, container);
}

/* Long documents are long lists of objects, so here is where one is cancelled. */
void
document_begin_object(Document *document, const char *key)
{
	CHECK_FOR_INTERRUPTS();
	begin(document, key, JB_FOBJECT);
}

void
document_end_object(Document *document)
{
	jsonb_write_end(&document->writer);
}

void
document_begin_array(Document *document, const char *key)
{
	begin(document, key, JB_FARRAY);
}

void
document_end_array(Document *document)
{
	jsonb_write_end(&document->writer);
}

/* ---- fields ---- */

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
	jsonb_write_value(&document->writer, JENTRY_ISSTRING, value, strlen(value));
}
