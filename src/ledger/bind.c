/*-------------------------------------------------------------------------
 *
 * bind.c
 *	  The parameters of a query: arguments as values of the columns' types.
 *
 *-------------------------------------------------------------------------
 */
#include "bind.h"

#include "catalog/pg_type.h"
#include "columns.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/uuid.h"

/* No identifier has more digits than this, and far more would be an error. */
#define MAX_NUMERIC_ID	16000

/*
 * The integer that a text spells, if it spells one in the way PostgreSQL
 * prints it: "07" names no row whose identifier is 7.
 */
static bool
text_to_integer(const char *string, Oid type, Datum *value)
{
	char	   *end;
	char		printed[MAXINT8LEN + 1];
	int64		integer;

	errno = 0;
	integer = strtoi64(string, &end, 10);
	if (errno != 0)
		return false;
	pg_lltoa(integer, printed);
	if (strcmp(printed, string) != 0)
		return false;
	if (type == INT2OID)
	{
		*value = Int16GetDatum((int16) integer);
		return integer >= PG_INT16_MIN && integer <= PG_INT16_MAX;
	}
	if (type == INT4OID)
	{
		*value = Int32GetDatum((int32) integer);
		return integer >= PG_INT32_MIN && integer <= PG_INT32_MAX;
	}
	*value = Int64GetDatum(integer);
	return true;
}

/*
 * Whether a text spells a numeric as PostgreSQL prints one of some scale, so
 * that "1.00" is 1 but "01" is nothing.  One of more digits than fit is neither.
 */
static bool
is_numeric(const char *string)
{
	const char *digits = *string == '-' ? string + 1 : string;
	size_t		whole = strspn(digits, "0123456789");
	size_t		fraction = 0;

	if (strcmp(string, "NaN") == 0 || strcmp(digits, "Infinity") == 0)
		return true;
	if (digits[whole] == '.')
	{
		fraction = strspn(digits + whole + 1, "0123456789");
		if (fraction == 0 || digits[whole + 1 + fraction] != '\0')
			return false;
	}
	else if (digits[whole] != '\0')
		return false;
	if (whole == 0 || (whole > 1 && digits[0] == '0') ||
		(digits != string && strspn(digits, "0.") == strlen(digits)))
		return false;
	return whole + fraction <= MAX_NUMERIC_ID;
}

/* Whether uuid_in() would take a text: 32 hex digits, hyphens between fours. */
static bool
is_uuid(const char *string)
{
	int			digits = 0;
	bool		braces = *string == '{';

	if (braces)
		string++;
	for (; *string && !(braces && *string == '}'); string++)
	{
		if (*string == '-' && digits > 0 && digits % 4 == 0 && digits < 32 &&
			string[-1] != '-')
			continue;
		if (!isxdigit((unsigned char) *string))
			return false;
		digits++;
	}
	if (braces && *string++ != '}')
		return false;
	return digits == 32 && *string == '\0';
}

/*
 * Convert a text argument to the type of the column it is compared with.
 * False if no value of that type is spelled so, and hence no row can match.
 */
bool
bind_text(text *argument, Oid type, Datum *value)
{
	char	   *string;
	Oid			input;
	Oid			ioparam;

	if (type == TEXTOID || type == VARCHAROID)
	{
		*value = PointerGetDatum(argument);
		return true;
	}
	string = text_to_cstring(argument);
	if (is_integer_type(type))
		return text_to_integer(string, type, value);
	if ((type == UUIDOID && !is_uuid(string)) ||
		(type == NUMERICOID && !is_numeric(string)))
		return false;
	if (type == NAMEOID && strlen(string) >= NAMEDATALEN)
		return false;
	if (type_is_enum(type) &&
		(strlen(string) >= NAMEDATALEN ||
		 !SearchSysCacheExists2(ENUMTYPOIDNAME, ObjectIdGetDatum(type),
								CStringGetDatum(string))))
		return false;
	getTypeInputInfo(type, &input, &ioparam);
	*value = OidInputFunctionCall(input, string, ioparam, -1);
	return true;
}
