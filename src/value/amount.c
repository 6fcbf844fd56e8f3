/*-------------------------------------------------------------------------
 *
 * amount.c
 *	  Exact amounts: reading numerics, adding, printing.
 *
 *-------------------------------------------------------------------------
 */
#include "amount.h"

#include "common/int.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/datum.h"

/*
 * The layout of a numeric on disk.  numeric.c does not export it, but it cannot
 * change as long as pg_upgrade works: a header of one or two 16-bit words, then
 * base-10000 digits of 16 bits, the first of which has the given weight.
 */
#define NBASE					10000
#define NUMERIC_SIGN_MASK		0xC000
#define NUMERIC_NEG				0x4000
#define NUMERIC_SHORT			0x8000
#define NUMERIC_SPECIAL			0xC000
#define NUMERIC_NAN				0xC000
#define NUMERIC_SHORT_SIGN		0x2000
#define NUMERIC_SHORT_SCALE		0x1F80
#define NUMERIC_SHORT_SCALE_SHIFT	7
#define NUMERIC_SHORT_WEIGHT_SIGN	0x0040
#define NUMERIC_SHORT_WEIGHT	0x003F

/* Limits of numeric, beyond which numeric_in() would raise an error. */
#define MAX_INTEGER_DIGITS		131072
#define MAX_FRACTION_DIGITS		16383

/* Digits in base NBASE of the small part: after the point, and the first one. */
#define SMALL_SCALE_DIGITS		(AMOUNT_SCALE / 4)
#define SMALL_MAX_WEIGHT		5

/* Digits in base NBASE before the point of 64 bits. */
#define MAX_WHOLE_PLACES		5

#define E16 ((int128) 10000 * 10000 * 10000 * 10000)

static const int128 nbase_power[SMALL_MAX_WEIGHT + SMALL_SCALE_DIGITS + 1] = {
	(int128) 1,
	(int128) 10000,
	(int128) 10000 * 10000,
	(int128) 10000 * 10000 * 10000,
	E16,
	E16 * 10000,
	E16 * 10000 * 10000,
	E16 * 10000 * 10000 * 10000,
	E16 * E16
};

static const int64 ten_power[AMOUNT_SCALE + 1] = {
	1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000,
	INT64CONST(10000000000), INT64CONST(100000000000), INT64CONST(1000000000000)
};

const int64 short_units[SHORT_SCALE + 1] = {
	100000000, 10000000, 1000000, 100000, 10000, 1000, 100, 10, 1
};

/* The same for short amounts. */
#define SHORT_SCALE_DIGITS		(SHORT_SCALE / 4)
#define SHORT_MAX_SHIFT			4

static const int64 short_power[SHORT_MAX_SHIFT + 1] = {
	1, INT64CONST(10000), INT64CONST(100000000), INT64CONST(1000000000000),
	INT64CONST(10000000000000000)
};

StaticAssertDecl(SHORT_SCALE == 8, "short_units has a unit for each number of digits");
StaticAssertDecl(AMOUNT_SCALE % 4 == 0 && SHORT_SCALE % 4 == 0,
				 "the scale must end on a digit of numeric's base");

/* Refuse NaN and the infinities: no sum that included them would mean anything. */
static pg_noinline void
report_special_amount(uint16 header)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("amount must not be %s",
					(header & 0xF000) == NUMERIC_NAN ? "NaN" :
					(header & 0xF000) == 0xD000 ? "Infinity" : "-Infinity"),
			 errdetail("Amounts are exact, finite numbers.")));
}

/* A numeric's digits, which are unaligned if the varlena header is short. */
typedef struct Digits
{
	const char *data;
	int			n;
	int			weight;			/* of the first one, as a power of NBASE */
	bool		negative;
} Digits;

/* Find the digits and sign of a numeric, whichever of its two headers it has. */
static inline void
read_header(const struct varlena *number, Digits *digits)
{
	uint16		header;
	int16		long_weight;

	digits->data = VARDATA_ANY(number);
	digits->n = VARSIZE_ANY_EXHDR(number) / sizeof(int16);
	memcpy(&header, digits->data, sizeof(header));
	if (unlikely((header & NUMERIC_SIGN_MASK) == NUMERIC_SPECIAL))
		report_special_amount(header);
	if (likely(header & NUMERIC_SHORT))
	{
		digits->negative = (header & NUMERIC_SHORT_SIGN) != 0;
		digits->weight = (header & NUMERIC_SHORT_WEIGHT) -
			(header & NUMERIC_SHORT_WEIGHT_SIGN);
		digits->data += sizeof(uint16);
		digits->n -= 1;
		return;
	}
	digits->negative = (header & NUMERIC_SIGN_MASK) == NUMERIC_NEG;
	memcpy(&long_weight, digits->data + sizeof(uint16), sizeof(int16));
	digits->weight = long_weight;
	digits->data += sizeof(uint16) + sizeof(int16);
	digits->n -= 2;
}

/* Whether a numeric, be its varlena header short or not, is neither NaN nor infinite. */
bool
numeric_is_finite(const struct varlena *number)
{
	uint16		header;

	memcpy(&header, VARDATA_ANY(number), sizeof(header));
	return (header & NUMERIC_SIGN_MASK) != NUMERIC_SPECIAL;
}

/* Whether a numeric is neither NaN nor infinite, and nearer to zero than 10^100. */
bool
amount_is_bounded(const struct varlena *number)
{
	Digits		digits;

	if (!numeric_is_finite(number))
		return false;
	read_header(number, &digits);
	return digits.n == 0 || digits.weight < 100 / 4;
}

/* One of the digits, counted from the first. */
static inline int16
read_digit(const Digits *digits, int i)
{
	int16		digit;

	memcpy(&digit, digits->data + i * sizeof(int16), sizeof(int16));
	return digit;
}

/*
 * Whether so many bytes begin with a finite numeric that is not out of line: its
 * own functions, and those here, trust what they are given.
 */
bool
numeric_is_sound(const struct varlena *bytes, Size size)
{
	Digits		digits;
	uint16		header;

	if (size < VARHDRSZ + sizeof(header) || !VARATT_IS_4B_U(bytes) ||
		VARSIZE(bytes) > size || VARSIZE(bytes) < VARHDRSZ + sizeof(header) ||
		VARSIZE(bytes) % sizeof(int16) != 0)
		return false;
	memcpy(&header, VARDATA(bytes), sizeof(header));
	if ((header & NUMERIC_SIGN_MASK) == NUMERIC_SPECIAL ||
		(!(header & NUMERIC_SHORT) &&
		 VARSIZE(bytes) < VARHDRSZ + sizeof(header) + sizeof(int16)))
		return false;
	read_header(bytes, &digits);
	for (int i = 0; i < digits.n; i++)
		if (read_digit(&digits, i) < 0 || read_digit(&digits, i) >= NBASE)
			return false;
	return true;
}

/* Read a numeric into the small part; false if it has too many digits. */
bool
amount_read_small(const struct varlena *number, int128 *small)
{
	Digits		digits;
	int			shift;
	int128		value = 0;

	read_header(number, &digits);
	/* how many digits the small part has after our last one */
	shift = digits.weight - (digits.n - 1) + SMALL_SCALE_DIGITS;
	if (digits.n > 0 && (shift < 0 || digits.weight > SMALL_MAX_WEIGHT))
		return false;
	for (int i = 0; i < digits.n; i++)
		value = value * NBASE + read_digit(&digits, i);
	if (digits.n > 0)
		value *= nbase_power[shift];
	*small = digits.negative ? -value : value;
	return true;
}

/* The amount shares a wide number with its argument, which must outlive it. */
Amount
amount_from_numeric(Numeric number)
{
	Amount		amount = {.wide = NULL};

	if (!amount_read_small((struct varlena *) number, &amount.small))
	{
		amount.small = 0;
		amount.wide = number;
	}
	return amount;
}

/* Digits as a short amount; false if it does not fit. */
static inline bool
read_short(const Digits *digits, int64 *units)
{
	int			shift = digits->weight - (digits->n - 1) + SHORT_SCALE_DIGITS;
	int64		value = 0;

	if (unlikely(digits->n > 4 || shift < 0 || shift > SHORT_MAX_SHIFT))
	{
		*units = 0;
		return digits->n == 0;
	}
	for (int i = 0; i < digits->n; i++)
		value = value * NBASE + read_digit(digits, i);
	if (unlikely(pg_mul_s64_overflow(value, short_power[shift], &value)))
		return false;
	*units = digits->negative ? -value : value;
	return true;
}

/* Read a numeric as a short amount; false if it does not fit. */
bool
amount_read_short(const struct varlena *number, int64 *units)
{
	Digits		digits;

	read_header(number, &digits);
	return read_short(&digits, units);
}

/*
 * The same of what may be NaN or infinite, and is to have no more decimals than that.
 * Nearly every number says so itself, being shown with no more.
 */
bool
amount_fits_digits(const struct varlena *number, int decimals, int64 *units)
{
	Digits		digits;
	uint16		header;

	memcpy(&header, VARDATA_ANY(number), sizeof(header));
	if (unlikely((header & NUMERIC_SIGN_MASK) == NUMERIC_SPECIAL))
		return false;
	read_header(number, &digits);
	if (!read_short(&digits, units))
		return false;
	if (likely((header & NUMERIC_SHORT) &&
			   (header & NUMERIC_SHORT_SCALE) >> NUMERIC_SHORT_SCALE_SHIFT <= decimals))
		return true;
	return *units % short_units[decimals] == 0;
}

/* Convert to a short amount; false if it does not fit. */
bool
amount_to_short(const Amount *amount, int64 *units)
{
	int128		small = amount->small;

	if (amount->wide != NULL)
		return false;
	if (likely(small >= PG_INT64_MIN && small <= PG_INT64_MAX))
	{
		*units = (int64) small / (int64) SHORT_UNIT;
		return (int64) small % (int64) SHORT_UNIT == 0;
	}
	if (small > PG_INT64_MAX * SHORT_UNIT || small < -PG_INT64_MAX * SHORT_UNIT ||
		small % SHORT_UNIT != 0)
		return false;
	*units = (int64) (small / SHORT_UNIT);
	return true;
}

/* Any bigint fits the small part. */
Amount
amount_from_int64(int64 integer)
{
	return amount_from_minor(integer, 0);
}

/* The same of units of 10^-digits. */
Amount
amount_from_minor(int64 units, int digits)
{
	Amount		amount = {
		.small = (int128) units * ten_power[AMOUNT_SCALE - digits],
		.wide = NULL
	};

	return amount;
}

static Numeric
numeric_from_string(const char *string)
{
	return DatumGetNumeric(DirectFunctionCall3(numeric_in,
											   CStringGetDatum(string),
											   ObjectIdGetDatum(InvalidOid),
											   Int32GetDatum(-1)));
}

static Numeric
numeric_trimmed(Numeric number)
{
	return DatumGetNumeric(DirectFunctionCall1(numeric_trim_scale,
											   NumericGetDatum(number)));
}

/*
 * Read a plain decimal such as "-12.50", without exponent or spaces, from the
 * text form of a position.  False if it is not one or too long for a numeric.
 */
bool
amount_from_string(const char *digits, int length, Amount *amount)
{
	static const char *const decimal = "0123456789";
	char	   *string = pnstrdup(digits, length);
	const char *p = string + (*string == '-' ? 1 : 0);
	Size		integers = strspn(p, decimal);
	Size		fraction = 0;

	p += integers;
	if (*p == '.')
	{
		fraction = strspn(++p, decimal);
		if (fraction == 0)
			return false;
	}
	if (p[fraction] != '\0' || integers == 0 || integers > MAX_INTEGER_DIGITS ||
		fraction > MAX_FRACTION_DIGITS)
		return false;
	*amount = amount_from_numeric(numeric_from_string(string));
	amount_normalize(amount);
	pfree(string);
	return true;
}

Numeric
numeric_plus(Numeric a, Numeric b)
{
	return DatumGetNumeric(DirectFunctionCall2(numeric_add,
											   NumericGetDatum(a),
											   NumericGetDatum(b)));
}

/* A finite number, or 22003; what is what the message calls it. */
Numeric
numeric_require_finite(Numeric number, const char *what)
{
	if (numeric_is_nan(number) || numeric_is_inf(number))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s must be finite, not %s", what, numeric_normalize(number))));
	return number;
}

Numeric
numeric_negated(Numeric number)
{
	return DatumGetNumeric(DirectFunctionCall1(numeric_uminus,
											   NumericGetDatum(number)));
}

static void
add_wide(Amount *sum, Numeric addend)
{
	sum->wide = sum->wide != NULL ? numeric_plus(sum->wide, addend) : addend;
}

/* What amount_add() does where not all is small. */
void
amount_add_beyond(Amount *sum, const Amount *addend)
{
	int128		small;

	if (addend->wide != NULL)
		add_wide(sum, addend->wide);
	if (__builtin_add_overflow(sum->small, addend->small, &small))
	{
		Amount		old = {.small = sum->small, .wide = NULL};

		add_wide(sum, amount_to_numeric(&old));
		small = addend->small;
	}
	sum->small = small;
}

/* Change the sign of an amount, which never fails. */
void
amount_negate(Amount *amount)
{
	int128		zero = 0;

	if (amount->wide != NULL)
		amount->wide = numeric_negated(amount->wide);
	if (__builtin_sub_overflow(zero, amount->small, &amount->small))
	{
		/* the minimum has no counterpart, and wrapping left it unchanged */
		Amount		old = {.small = amount->small, .wide = NULL};

		add_wide(amount, numeric_negated(amount_to_numeric(&old)));
		amount->small = 0;
	}
}

/*
 * Bring an amount to its canonical form: the small part alone if the value, as a
 * numeric, fits it; else the wide part alone, without trailing zeros.
 */
void
amount_normalize(Amount *amount)
{
	const int128 limit = nbase_power[SMALL_MAX_WEIGHT + SMALL_SCALE_DIGITS] * NBASE;
	Numeric		number;

	if (amount->wide == NULL &&
		amount->small < limit && amount->small > -limit)
		return;
	number = numeric_trimmed(amount_to_numeric(amount));
	if (amount_read_small((struct varlena *) number, &amount->small))
		amount->wide = NULL;
	else
	{
		amount->small = 0;
		amount->wide = number;
	}
}

bool
amount_is_zero(const Amount *amount)
{
	return amount_sign(amount) == 0;
}

/* The sign as -1, 0 or 1. */
int
amount_sign(const Amount *amount)
{
	if (likely(amount->wide == NULL))
		return amount->small < 0 ? -1 : amount->small > 0;
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp,
											 NumericGetDatum(amount_to_numeric(amount)),
											 NumericGetDatum(int64_to_numeric(0))));
}

/*
 * Strip the trailing decimal zeros of a small part.  Returns the number of
 * decimals that remain, n, so that the value is mantissa * 10^-n.
 */
int
amount_trim(int128 small, int128 *mantissa)
{
	int			digits = small == 0 ? 0 : AMOUNT_SCALE;

	/* 128-bit division is slow, so switch to 64 bits as soon as possible */
	while (digits > 0 && (small > PG_INT64_MAX || small < PG_INT64_MIN))
	{
		int			step = digits >= 4 && small % 10000 == 0 ? 4 : 1;
		int			divisor = step == 4 ? 10000 : 10;

		if (step == 1 && small % 10 != 0)
			break;
		small /= divisor;
		digits -= step;
	}
	if (small <= PG_INT64_MAX && small >= PG_INT64_MIN)
	{
		int64		rest = (int64) small;

		for (; digits >= 4 && rest % 10000 == 0; digits -= 4)
			rest /= 10000;
		for (; digits > 0 && rest % 10 == 0; digits--)
			rest /= 10;
		small = rest;
	}
	*mantissa = small;
	return digits;
}

/* The counterpart: the small part of mantissa * 10^-digits; false if it is too large. */
bool
amount_from_mantissa(int128 mantissa, int digits, int128 *small)
{
	int64		power = ten_power[AMOUNT_SCALE - digits];

	if (likely(mantissa <= PG_INT64_MAX && mantissa >= PG_INT64_MIN))
	{
		*small = (int128) (int64) mantissa * power;
		return true;
	}
	return !__builtin_mul_overflow(mantissa, (int128) power, small);
}

/* Write the digits of a 128-bit number and return how many. */
static int
write_digits(uint128 number, char *to)
{
	const uint64 chunk = UINT64CONST(1000000000000000000);
	char		low[MAXINT8LEN + 1];
	int			written;
	int			length;

	if (likely(number <= PG_UINT64_MAX))
		return pg_ulltoa_n((uint64) number, to);
	written = write_digits(number / chunk, to);
	length = pg_ulltoa_n((uint64) (number % chunk), low);
	memset(to + written, '0', 18 - length);
	memcpy(to + written + 18 - length, low, length);
	return written + 18;
}

/*
 * Write a 128-bit mantissa with a decimal point before its last digits, in at most
 * AMOUNT_TEXT_SIZE bytes, and return how many.
 */
static int
write_decimal(int128 mantissa, int digits, char *to)
{
	char		number[AMOUNT_TEXT_SIZE];
	int			length = write_digits(mantissa < 0 ? -(uint128) mantissa : (uint128) mantissa,
									  number);
	int			zeros = length > digits ? 0 : digits + 1 - length;
	int			integers = length + zeros - digits;
	char	   *p = to;

	/* at least one digit before the point, then zeros up to the first digit */
	if (mantissa < 0)
		*p++ = '-';
	if (unlikely(zeros > 0))
	{
		memmove(number + zeros, number, length);
		memset(number, '0', zeros);
	}
	memcpy(p, number, integers);
	p += integers;
	if (digits > 0)
	{
		*p++ = '.';
		memcpy(p, number + integers, digits);
	}
	return p + digits - to;
}

/* The same as a string. */
static char *
decimal_string(int128 mantissa, int digits)
{
	char	   *string = palloc(AMOUNT_TEXT_SIZE + 1);

	string[write_decimal(mantissa, digits, string)] = '\0';
	return string;
}

/* The exact value, with as few fractional digits as possible. */
Numeric
amount_to_numeric(const Amount *amount)
{
	int128		mantissa;
	int			digits = amount_trim(amount->small, &mantissa);
	Numeric		number;

	if (mantissa >= PG_INT64_MIN && mantissa <= PG_INT64_MAX)
		number = digits == 0 ? int64_to_numeric((int64) mantissa) :
			int64_div_fast_to_numeric((int64) mantissa, digits);
	else
		number = numeric_from_string(decimal_string(mantissa, digits));
	if (amount->wide == NULL)
		return number;
	if (amount->small != 0)
		number = numeric_plus(number, amount->wide);
	else
		number = amount->wide;
	return numeric_trimmed(number);
}

/* Whether an amount is a number of 64 bits of units of so many digits. */
static inline bool
fits_digits(const Amount *amount, int digits, int64 *units)
{
	int64		unit = ten_power[AMOUNT_SCALE - digits];

	if (amount->wide != NULL || amount->small > PG_INT64_MAX || amount->small < PG_INT64_MIN)
		return false;
	*units = (int64) amount->small / unit;
	return (int64) amount->small % unit == 0;
}

/*
 * Write so many units of at most four digits, which one digit in base NBASE has, as a
 * numeric, to bytes that are aligned as an int, and return how many.  As
 * int64_div_fast_to_numeric() does it, in a fifth of the instructions: two amounts are
 * made for each line of a statement, and more for each row of a report.
 */
static int
write_units(int64 units, int digits, char *to)
{
	uint64		magnitude = units < 0 ? -(uint64) units : (uint64) units;
	uint64		whole = magnitude / ten_power[digits];
	int16		places[1 + MAX_WHOLE_PLACES];
	int16	   *first = &places[MAX_WHOLE_PLACES];
	int16	   *last = first;
	int			weight = -1;
	uint16		header = NUMERIC_SHORT | digits << NUMERIC_SHORT_SCALE_SHIFT;
	int			size;

	*last = magnitude % ten_power[digits] * ten_power[4 - digits];
	for (; whole > 0; whole /= NBASE, weight++)
		*--first = whole % NBASE;
	while (last >= first && *last == 0)
		last--;
	if (last >= first)
		header |= (units < 0 ? NUMERIC_SHORT_SIGN : 0) |
			(weight < 0 ? NUMERIC_SHORT_WEIGHT_SIGN : 0) | (weight & NUMERIC_SHORT_WEIGHT);
	size = VARHDRSZ + sizeof(header) + (last + 1 - first) * sizeof(*first);
	SET_VARSIZE(to, size);
	memcpy(to + VARHDRSZ, &header, sizeof(header));
	memcpy(to + VARHDRSZ + sizeof(header), first, (last + 1 - first) * sizeof(*first));
	assert_that(datumIsEqual(PointerGetDatum(to),
							 NumericGetDatum(int64_div_fast_to_numeric(units, digits)),
							 false, -1));
	return size;
}

/* An integer as a numeric, in at most INTEGER_NUMERIC_SIZE bytes; returns how many. */
int
integer_write_numeric(int64 integer, char *to)
{
	return write_units(integer, 0, to);
}

/* The same with at least min_digits after the point, as prices are shown. */
Numeric
amount_to_scaled_numeric(const Amount *amount, int min_digits)
{
	Numeric		number;
	int64		units;

	/* nearly every amount has no more digits than these */
	if (min_digits > 0 && min_digits <= 4 && fits_digits(amount, min_digits, &units))
	{
		number = palloc(INTEGER_NUMERIC_SIZE);
		(void) write_units(units, min_digits, (char *) number);
		return number;
	}
	number = amount_to_numeric(amount);
	return min_digits == 0 ? number :
		numeric_plus(number, int64_div_fast_to_numeric(0, min_digits));
}

/* The amount divided by 10^digits, exactly. */
Amount
amount_shift(const Amount *amount, int digits)
{
	Amount		shifted = {.small = amount->small / ten_power[digits], .wide = NULL};

	if (amount->wide == NULL && amount->small % ten_power[digits] == 0)
		return shifted;
	shifted.small = 0;
	shifted.wide =
		DatumGetNumeric(DirectFunctionCall2(numeric_mul,
											NumericGetDatum(amount_to_numeric(amount)),
											NumericGetDatum(int64_div_fast_to_numeric(1, digits))));
	amount_normalize(&shifted);
	return shifted;
}

/*
 * Write a plain decimal with at least min_digits after the point, and as many more
 * as the value needs; no more than AMOUNT_TEXT_SIZE bytes.  Returns how many, or 0 if
 * the amount has a wide part.
 */
int
amount_write(const Amount *amount, int min_digits, char *to)
{
	int64		units;
	int128		mantissa;
	int			digits;

	assert_that(min_digits <= AMOUNT_SCALE);
	if (fits_digits(amount, min_digits, &units))
		return write_decimal(units, min_digits, to);
	if (amount->wide != NULL)
		return 0;
	digits = amount_trim(amount->small, &mantissa);
	for (; digits < min_digits; digits++)
		mantissa *= 10;
	return write_decimal(mantissa, digits, to);
}

/* The same as a string, whichever parts the amount has. */
char *
amount_to_string(const Amount *amount, int min_digits)
{
	char	   *string;
	Numeric		number;

	if (amount->wide != NULL)
	{
		number = amount_to_scaled_numeric(amount, min_digits);
		return DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(number)));
	}
	string = palloc(AMOUNT_TEXT_SIZE + 1);
	string[amount_write(amount, min_digits, string)] = '\0';
	return string;
}
