/* What documents are written with: money, dates and the rest, as their pages show them. */
#ifndef BALANCE_DOCUMENT_H
#define BALANCE_DOCUMENT_H

#include "jsonb_writer.h"
#include "utils/date.h"
#include "utils/timestamp.h"
#include "value/amount.h"
#include "value/currency.h"

/* A decimal, as amount_to_string() has it. */
extern void document_amount(Document *document, const Amount *amount, int min_digits);

/* Fields of the object that is open.  Inline, so that keys have their lengths. */
static inline void
document_field(Document *document, const char *key, uint32 type,
			   const void *data, Size length)
{
	document_key(document, key, strlen(key));
	document_value(document, type, data, length);
}

static inline void
document_string(Document *document, const char *key, const char *value)
{
	document_field(document, key, JENTRY_ISSTRING, value, strlen(value));
}

static inline void
document_null(Document *document, const char *key)
{
	document_field(document, key, JENTRY_ISNULL, NULL, 0);
}

/* A NULL pointer is null. */
static inline void
document_text(Document *document, const char *key, const text *value)
{
	if (value == NULL)
		document_null(document, key);
	else
		document_field(document, key, JENTRY_ISSTRING, VARDATA_ANY(value),
					   VARSIZE_ANY_EXHDR(value));
}

static inline void
document_numeric(Document *document, const char *key, Numeric value)
{
	document_field(document, key, JENTRY_ISNUMERIC, value, VARSIZE_ANY(value));
}

/* The key of an integer or an amount may be one that was told before. */
static inline void
document_integer(Document *document, int64 value)
{
	char	   *to = document_room(document, INTEGER_NUMERIC_SIZE);
	int			length = integer_write_numeric(value, to);

	document_keep(document, length);
	document_value(document, JENTRY_ISNUMERIC, to, length);
}

static inline void
document_bigint(Document *document, const char *key, int64 value)
{
	document_key(document, key, strlen(key));
	document_integer(document, value);
}

static inline void
document_money(Document *document, const char *key, const Amount *amount, CurrencyCode currency)
{
	document_key(document, key, strlen(key));
	document_amount(document, amount, currency_minor_digits(currency));
}

/* A currency's code, in lower case or in upper case. */
static inline void
document_currency(Document *document, const char *key, CurrencyCode currency,
				  char *(*spell) (CurrencyCode currency, char *name))
{
	char	   *name = spell(currency, document_room(document, CURRENCY_NAME_SIZE));

	document_keep(document, CURRENCY_NAME_SIZE);
	document_field(document, key, JENTRY_ISSTRING, name, CURRENCY_NAME_SIZE - 1);
}

static inline void
document_bool(Document *document, const char *key, bool value)
{
	document_field(document, key, value ? JENTRY_ISBOOL_TRUE :
				   JENTRY_ISBOOL_FALSE, NULL, 0);
}

/* Another jsonb, which must be an object or an array. */
static inline void
document_jsonb(Document *document, const char *key, Jsonb *value)
{
	document_field(document, key, JENTRY_ISCONTAINER, &value->root, VARSIZE(value) - VARHDRSZ);
}

extern void document_date(Document *document, const char *key, DateADT value);
extern void document_instant(Document *document, const char *key, TimestampTz value);

/* Whether a date or an instant, as text, can stand in a document. */
extern bool document_can_show(const char *datetime);

#endif							/* BALANCE_DOCUMENT_H */
