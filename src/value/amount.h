/*-------------------------------------------------------------------------
 *
 * amount.h
 *	  Exact amounts: a 128-bit integer for the ordinary ones, numeric for
 *	  the rest.
 *
 * An amount is small * 10^-12 + wide.  Almost every amount on a bill fits the
 * first part, which adds in two instructions; one with more than 12 fractional
 * or 24 integer digits goes to the second.  Nothing here rounds.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_AMOUNT_H
#define BALANCE_AMOUNT_H

#include "compat.h"

#include "common/int.h"
#include "utils/numeric.h"

/*
 * Decimal digits after the point in the small part: three numeric digits, as
 * prices of usage have up to 12.  That leaves 24 before the point.  Chosen by
 * what bills show, not by a benchmark.
 */
#define AMOUNT_SCALE 12

typedef struct Amount
{
	int128		small;			/* in units of 10^-AMOUNT_SCALE */
	Numeric		wide;			/* NULL if small is the whole amount */
} Amount;

/*
 * A short amount is one that fits 64 bits, in units of 10^-SHORT_SCALE: up to
 * 92 thousand million, with two numeric digits after the point.  States keep
 * sums in this form.  Sums of 8 instead of 16 bytes, together with the changes
 * that came with them, cut the CPU time of a book of 5,000,000 invoices to 0.8.
 */
#define SHORT_SCALE 8
#define SHORT_UNIT ((int128) 10000)

static inline Amount
amount_from_short(int64 units)
{
	Amount		amount = {.small = units * SHORT_UNIT, .wide = NULL};

	return amount;
}

/* By how much an integer of 10^-digits is multiplied to be a short amount. */
extern const int64 short_units[SHORT_SCALE + 1];

/* Integers of 10^-digits, or less them, as a short amount; false if it does not fit. */
static inline bool
amount_scale_short(int64 integers, int digits, int sign, int64 *units)
{
	return !pg_mul_s64_overflow(integers, short_units[digits] * sign, units);
}

extern bool amount_is_bounded(const struct varlena *number);
extern bool amount_to_short(const Amount *amount, int64 *units);
extern bool amount_read_short(const struct varlena *number, int64 *units);
extern bool amount_fits_digits(const struct varlena *number, int decimals, int64 *units);
extern bool amount_read_small(const struct varlena *number, int128 *small);
extern Amount amount_from_numeric(Numeric number);
extern Amount amount_from_int64(int64 integer);
extern Amount amount_from_minor(int64 units, int digits);
extern bool amount_from_string(const char *digits, int length, Amount *amount);

extern void amount_add_beyond(Amount *sum, const Amount *addend);
extern void amount_negate(Amount *amount);
extern void amount_normalize(Amount *amount);
extern bool amount_is_zero(const Amount *amount);
extern Amount amount_shift(const Amount *amount, int digits);
extern int	amount_sign(const Amount *amount);

extern int	amount_trim(int128 small, int128 *mantissa);
extern bool amount_from_mantissa(int128 mantissa, int digits, int128 *small);
extern Numeric amount_to_numeric(const Amount *amount);
extern Numeric amount_to_scaled_numeric(const Amount *amount, int min_digits);

/* The most bytes of an amount without a wide part as text: 39 digits, a sign, "0." */
#define AMOUNT_TEXT_SIZE		48

extern int	amount_write(const Amount *amount, int min_digits, char *to);
extern char *amount_to_string(const Amount *amount, int min_digits);

/* The most bytes of 64 bits as a numeric: a word before five digits and one behind the point. */
#define INTEGER_NUMERIC_SIZE	(VARHDRSZ + 7 * sizeof(int16))

extern int	integer_write_numeric(int64 integer, char *to);
extern bool numeric_is_finite(const struct varlena *number);
extern bool numeric_is_sound(const struct varlena *bytes, Size size);
extern Numeric numeric_require_finite(Numeric number, const char *what);
extern Numeric numeric_negated(Numeric number);
extern Numeric numeric_plus(Numeric a, Numeric b);

/* Add an amount to a sum; raises 22003 if even a numeric would overflow. */
static inline void
amount_add(Amount *sum, const Amount *addend)
{
	int128		small;

	if (likely(addend->wide == NULL &&
			   !__builtin_add_overflow(sum->small, addend->small, &small)))
		sum->small = small;
	else
		amount_add_beyond(sum, addend);
}

/* Take an amount from a sum; errors as amount_add(). */
static inline void
amount_subtract(Amount *sum, const Amount *amount)
{
	Amount		negated = *amount;

	amount_negate(&negated);
	amount_add(sum, &negated);
}

#endif							/* BALANCE_AMOUNT_H */
