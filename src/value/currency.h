/* ISO 4217 currencies: codes packed into 16 bits, minor units. */
#ifndef BALANCE_CURRENCY_H
#define BALANCE_CURRENCY_H

#include "compat.h"

#include "fmgr.h"

/* The three letters as a number in base 26, so that codes sort alphabetically. */
typedef uint16 CurrencyCode;

#define CURRENCY_CODES			(26 * 26 * 26)
#define UNKNOWN_CURRENCY		CURRENCY_CODES	/* larger than any code */
#define CURRENCY_NAME_SIZE		4	/* three letters and the terminator */

extern void currency_init(void);
extern CurrencyCode currency_lookup(const char *name, int length);
extern CurrencyCode currency_find(const text *name);
extern CurrencyCode currency_from_text(const text *name);
pg_noreturn extern void report_unknown_currency(const text *name);
extern bool currency_is_known(CurrencyCode code);
extern int	currency_minor_digits(CurrencyCode code);
extern bool currency_has_minor_unit(CurrencyCode code);
extern bool currency_is_withdrawn(CurrencyCode code);
extern char *currency_upper(CurrencyCode code, char *name);
extern char *currency_lower(CurrencyCode code, char *name);
extern text *currency_text(CurrencyCode code);
extern NullableDatum currency_argument(FunctionCallInfo fcinfo, int argno);

#endif							/* BALANCE_CURRENCY_H */
