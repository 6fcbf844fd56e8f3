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

#include "amount.h"
#include "compat.h"
#include "currency.h"
#include "jsonb_writer.h"
#include "utils/date.h"
#include "utils/timestamp.h"

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

/* Fields of the object that is open. */
extern void document_key(Document *document, const char *key, int length);
extern void document_string(Document *document, const char *key, const char *value);
extern void document_text(Document *document, const char *key, const text *value);
extern void document_bigint(Document *document, const char *key, int64 value);
extern void document_numeric(Document *document, const char *key, Numeric value);
extern void document_bool(Document *document, const char *key, bool value);
extern void document_null(Document *document, const char *key);
extern void document_jsonb(Document *document, const char *key, Jsonb *value);
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
