/*-------------------------------------------------------------------------
 *
 * document.h
 *	  Writing jsonb documents: money, dates and the rest as their pages show
 *	  them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_DOCUMENT_H
#define BALANCE_DOCUMENT_H

#include "compat.h"

#include "jsonb_writer.h"
#include "utils/date.h"
#include "utils/timestamp.h"
#include "value/amount.h"
#include "value/currency.h"

typedef struct Document
{
	JsonbWriter writer;
} Document;

extern void document_init(Document *document);
extern Jsonb *document_finish(Document *document);

/* Structure.  A NULL key opens an element of an array, or the document. */
extern void document_begin_object(Document *document, const char *key);
extern void document_end_object(Document *document);
extern void document_begin_array(Document *document, const char *key);
extern void document_end_array(Document *document);

/* The key of what comes next, where it is no constant. */
static inline void
document_key(Document *document, const char *key, int length)
{
	jsonb_write_key(&document->writer, key, length);
}

/* Fields of the object that is open.  Inline, so that keys have their lengths. */
static inline void
document_field(Document *document, const char *key, uint32 type,
			   const void *data, Size length)
{
	document_key(document, key, strlen(key));
	jsonb_write_value(&document->writer, type, data, length);
}

static inline void
document_string(Document *document, const char *key, const char *value)
{
	document_field(document, key, JENTRY_ISSTRING, value, strlen(value));
}

static inline void
document_text(Document *document, const char *key, const text *value)
{
	document_field(document, key, JENTRY_ISSTRING, VARDATA_ANY(value),
				   VARSIZE_ANY_EXHDR(value));
}

static inline void
document_numeric(Document *document, const char *key, Numeric value)
{
	document_field(document, key, JENTRY_ISNUMERIC, value, VARSIZE_ANY(value));
}

static inline void
document_bigint(Document *document, const char *key, int64 value)
{
	document_numeric(document, key, int64_to_numeric(value));
}

static inline void
document_bool(Document *document, const char *key, bool value)
{
	document_field(document, key, value ? JENTRY_ISBOOL_TRUE :
				   JENTRY_ISBOOL_FALSE, NULL, 0);
}

static inline void
document_null(Document *document, const char *key)
{
	document_field(document, key, JENTRY_ISNULL, NULL, 0);
}

/* Another jsonb, which must be an object or an array. */
static inline void
document_jsonb(Document *document, const char *key, Jsonb *value)
{
	document_field(document, key, JENTRY_ISCONTAINER, &value->root,
				   VARSIZE(value) - VARHDRSZ);
}

extern void document_date(Document *document, const char *key, DateADT value);
extern void document_instant(Document *document, const char *key, TimestampTz value);

/* Amounts: as a number, or as a plain decimal string in a currency. */
extern void document_amount_number(Document *document, const char *key,
								   const Amount *amount);
extern void document_amount_string(Document *document, const char *key,
								   const Amount *amount, CurrencyCode currency);

/* Whether a date or an instant, as text, can stand in a document. */
extern bool document_can_show(const char *datetime);

/* An element of the array that is open. */
extern void document_string_element(Document *document, const char *value);

#endif							/* BALANCE_DOCUMENT_H */
