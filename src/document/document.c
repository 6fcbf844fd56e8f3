/*-------------------------------------------------------------------------
 *
 * document.c
 *	  Writing jsonb documents.
 *
 *-------------------------------------------------------------------------
 */
#include "document.h"

#include "utils/builtins.h"
#include "value/datetime.h"

/* Nearly every amount is short enough for its text to be made where it is kept. */
void
document_amount(Document *document, const Amount *amount, int min_digits)
{
	char	   *to = document_room(document, AMOUNT_TEXT_SIZE);
	int			length = amount_write(amount, min_digits, to);

	if (length > 0)
		document_keep(document, length);
	else
	{
		to = amount_to_string(amount, min_digits);
		length = strlen(to);
	}
	document_value(document, JENTRY_ISSTRING, to, length);
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
