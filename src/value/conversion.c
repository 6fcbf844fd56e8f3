/*-------------------------------------------------------------------------
 *
 * conversion.c
 *	  Amounts of one currency in another one, by a rate that somebody declared.
 *
 *-------------------------------------------------------------------------
 */
#include "conversion.h"

#include "amount.h"
#include "arguments.h"
#include "datetime.h"
#include "fmgr.h"
#include "utils/builtins.h"

/* As many as numeric has. */
#define MAX_FRACTIONAL_DIGITS	16383

static Numeric
positive_rate(Numeric rate)
{
	Numeric		zero = int64_to_numeric(0);

	(void) numeric_require_finite(rate, "an exchange rate");
	if (!DatumGetBool(DirectFunctionCall2(numeric_gt, NumericGetDatum(rate),
										  NumericGetDatum(zero))))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an exchange rate must be positive, not %s",
						numeric_normalize(rate))));
	return rate;
}

/* How many digits a number has behind the point, without trailing zeros. */
static int
fractional_digits(Numeric number)
{
	return DatumGetInt32(DirectFunctionCall1(numeric_min_scale, NumericGetDatum(number)));
}

/*
 * The product, rounded once, half away from zero, to the minor unit.  numeric would
 * round it before where it has more digits than numeric holds; that is refused.
 */
Numeric
amount_converted(Numeric amount, Numeric rate, CurrencyCode to)
{
	char		code[CURRENCY_NAME_SIZE];
	Datum		product;

	(void) numeric_require_finite(amount, "an amount to convert");
	(void) positive_rate(rate);
	if (!currency_has_minor_unit(to))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("currency \"%s\" has no minor unit to round to",
						currency_upper(to, code))));
	if (fractional_digits(amount) + fractional_digits(rate) > MAX_FRACTIONAL_DIGITS)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("an amount times its exchange rate has more fractional digits than %d",
						MAX_FRACTIONAL_DIGITS)));
	product = DirectFunctionCall2(numeric_mul, NumericGetDatum(amount), NumericGetDatum(rate));
	return DatumGetNumeric(DirectFunctionCall2(numeric_round, product,
											   Int32GetDatum(currency_minor_digits(to))));
}

PG_FUNCTION_INFO_V1(converted);
Datum
converted(PG_FUNCTION_ARGS)
{
	PG_RETURN_NUMERIC(amount_converted(PG_GETARG_NUMERIC(0), PG_GETARG_NUMERIC(1),
									   currency_from_text(PG_GETARG_TEXT_PP(2))));
}

/* ---- a rate that was looked up ---- */

/* What a message calls a conversion. */
static char *
conversion_name(FunctionCallInfo fcinfo)
{
	char		day[DATETIME_TEXT_SIZE];

	return psprintf("from \"%s\" to \"%s\" on %s",
					text_to_cstring(PG_GETARG_TEXT_PP(2)), text_to_cstring(PG_GETARG_TEXT_PP(3)),
					date_to_text(PG_GETARG_DATEADT(4), day));
}

/* A rate as a ledger declares it, which must be one: no other number takes its place. */
PG_FUNCTION_INFO_V1(known_rate);
Datum
known_rate(PG_FUNCTION_ARGS)
{
	for (int i = 2; i <= 4; i++)
		if (PG_ARGISNULL(i))
			PG_RETURN_NULL();
	if (PG_ARGISNULL(1) || PG_GETARG_INT64(1) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("no exchange rate %s", conversion_name(fcinfo)),
				 errhint("Declare one that is valid from that day or an earlier one in the "
						 "ledger's relation \"exchange_rate\".")));
	if (PG_GETARG_INT64(1) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_CARDINALITY_VIOLATION),
				 errmsg("several exchange rates %s", conversion_name(fcinfo)),
				 errdetail("There are %lld that are valid from the same day.",
						   (long long) PG_GETARG_INT64(1))));
	if (PG_ARGISNULL(0))
		report_null_argument("rate");
	PG_RETURN_NUMERIC(positive_rate(PG_GETARG_NUMERIC(0)));
}
