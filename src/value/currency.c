/*-------------------------------------------------------------------------
 *
 * currency.c
 *	  Look-up of ISO 4217 codes; the codes themselves are in currency_list.h.
 *
 *-------------------------------------------------------------------------
 */
#include "currency.h"

#include "amount.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"

/* Minor digits by packed code. */
static int8 minor_digits[CURRENCY_CODES];

#define NOT_KNOWN		(-1)
#define NO_MINOR_UNIT	64

/* Months since year 0 in which a code was withdrawn, 0 if it is in force; likewise. */
static uint16 withdrawn[CURRENCY_CODES];

/* Enter codes of which each has a space or the terminator behind it. */
static void
list_currencies(const char *names, int8 digits, uint16 month)
{
	const char *s = names;

	do
	{
		CurrencyCode code = ((s[0] - 'A') * 26 + (s[1] - 'A')) * 26 + (s[2] - 'A');

		minor_digits[code] = digits;
		withdrawn[code] = month;
		s += CURRENCY_NAME_SIZE;
	} while (s[-1] != '\0');
}

/* Fill the tables that are read for every row, once per process. */
void
currency_init(void)
{
	memset(minor_digits, NOT_KNOWN, sizeof(minor_digits));
#define CURRENCIES(digits, names)	list_currencies(names, digits, 0);
#define WITHDRAWN(name, digits, year, month)	\
	list_currencies(#name, digits, (year) * 12 + (month) - 1);
#include "currency_list.h"
}

/* A code in any case; UNKNOWN_CURRENCY if ISO 4217 has not had it since 1990. */
static inline CurrencyCode
code_of(const char *name, int length)
{
	unsigned	a,
				b,
				c;
	CurrencyCode code;

	if (length != 3)
		return UNKNOWN_CURRENCY;
	a = (unsigned) ((name[0] | 0x20) - 'a');
	b = (unsigned) ((name[1] | 0x20) - 'a');
	c = (unsigned) ((name[2] | 0x20) - 'a');
	if (a >= 26 || b >= 26 || c >= 26)
		return UNKNOWN_CURRENCY;
	code = (a * 26 + b) * 26 + c;
	return minor_digits[code] != NOT_KNOWN ? code : UNKNOWN_CURRENCY;
}

CurrencyCode
currency_lookup(const char *name, int length)
{
	return code_of(name, length);
}

/* The same for a text. */
CurrencyCode
currency_find(const text *name)
{
	return code_of(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
}

/* Raise 22023 for an unknown code, of which a long one is shown in part. */
void
report_unknown_currency(const text *name)
{
	const char *data = VARDATA_ANY(name);

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown currency \"%.*s\"",
					pg_mbcliplen(data, VARSIZE_ANY_EXHDR(name), NAMEDATALEN), data),
			 errdetail("ISO 4217 has no such code, neither in force nor withdrawn since 1990."),
			 errhint("Use an ISO 4217 code, such as EUR.")));
}

/* The code of a user's value; raises 22023 if there is no such code. */
CurrencyCode
currency_from_text(const text *name)
{
	CurrencyCode code = currency_find(name);

	if (unlikely(code == UNKNOWN_CURRENCY))
		report_unknown_currency(name);
	return code;
}

bool
currency_is_known(CurrencyCode code)
{
	return code < CURRENCY_CODES && minor_digits[code] != NOT_KNOWN;
}

/* The decimals that amounts are shown with: none for metals and test codes. */
int
currency_minor_digits(CurrencyCode code)
{
	assert_that(currency_is_known(code));
	return minor_digits[code] == NO_MINOR_UNIT ? 0 : minor_digits[code];
}

/* False for metals, units of account and test codes. */
bool
currency_has_minor_unit(CurrencyCode code)
{
	return minor_digits[code] != NO_MINOR_UNIT;
}

/* Whether a code is no longer in force. */
bool
currency_is_withdrawn(CurrencyCode code)
{
	return withdrawn[code] != 0;
}

/* Spell a code into the caller's buffer, which is returned. */
static char *
spell(CurrencyCode code, char first_letter, char *name)
{
	name[0] = first_letter + code / (26 * 26);
	name[1] = first_letter + code / 26 % 26;
	name[2] = first_letter + code % 26;
	name[3] = '\0';
	return name;
}

char *
currency_upper(CurrencyCode code, char *name)
{
	return spell(code, 'A', name);
}

char *
currency_lower(CurrencyCode code, char *name)
{
	return spell(code, 'a', name);
}

/* A code in upper case, as queries have it and rows show it. */
text *
currency_text(CurrencyCode code)
{
	char		name[CURRENCY_NAME_SIZE];

	return cstring_to_text(currency_upper(code, name));
}

/* A function's argument as queries have it, or NULL; a code that is none raises 22023. */
NullableDatum
currency_argument(FunctionCallInfo fcinfo, int argno)
{
	NullableDatum code = {.isnull = PG_ARGISNULL(argno)};

	if (!code.isnull)
		code.value = PointerGetDatum(currency_text(currency_from_text(PG_GETARG_TEXT_PP(argno))));
	return code;
}

PG_FUNCTION_INFO_V1(minor_unit);
Datum
minor_unit(PG_FUNCTION_ARGS)
{
	CurrencyCode code = currency_from_text(PG_GETARG_TEXT_PP(0));

	if (!currency_has_minor_unit(code))
		PG_RETURN_NULL();
	PG_RETURN_INT32(currency_minor_digits(code));
}

/* What an amount in minor units is in major ones. */
PG_FUNCTION_INFO_V1(major_units);
Datum
major_units(PG_FUNCTION_ARGS)
{
	Amount		amount = amount_from_numeric(PG_GETARG_NUMERIC(0));
	int			digits = currency_minor_digits(currency_from_text(PG_GETARG_TEXT_PP(1)));

	amount = amount_shift(&amount, digits);
	PG_RETURN_NUMERIC(amount_to_numeric(&amount));
}

/* The same of an integer column, for rows whose currency somebody else judges. */
PG_FUNCTION_INFO_V1(from_minor_units);
Datum
from_minor_units(PG_FUNCTION_ARGS)
{
	CurrencyCode code = currency_find(PG_GETARG_TEXT_PP(1));

	if (code == UNKNOWN_CURRENCY)
		PG_RETURN_NULL();
	PG_RETURN_NUMERIC(int64_div_fast_to_numeric(PG_GETARG_INT64(0),
												currency_minor_digits(code)));
}

PG_FUNCTION_INFO_V1(known_currency);
Datum
known_currency(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(currency_find(PG_GETARG_TEXT_PP(0)) != UNKNOWN_CURRENCY);
}

/* The first of the month, as the list gives no days; NULL for one in force. */
PG_FUNCTION_INFO_V1(currency_withdrawn);
Datum
currency_withdrawn(PG_FUNCTION_ARGS)
{
	int			month = withdrawn[currency_from_text(PG_GETARG_TEXT_PP(0))];

	if (month == 0)
		PG_RETURN_NULL();
	PG_RETURN_DATEADT(date2j(month / 12, month % 12 + 1, 1) - POSTGRES_EPOCH_JDATE);
}
