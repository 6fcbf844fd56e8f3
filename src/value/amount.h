/*-------------------------------------------------------------------------
 *
 * amount.h
 *	  Exact amounts: a 128-bit integer for the ordinary ones, numeric for
 *	  the rest.
 *
 * An amount is small * 10^-12 + wide.  Almost every amount that a bill has
 * ever shown fits the first part, which adds in one instruction pair; what
 * has more than 12 fractional digits, or more than 24 integer digits, goes to
 * the second.  Nothing here rounds.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_AMOUNT_H
#define BALANCE_AMOUNT_H

#include "compat.h"

#include "utils/numeric.h"

/*
 * Decimal digits behind the point of the small part: three numeric digits, as
 * prices of usage have up to 12.  24 are left before the point.  Chosen by what
 * bills show, not by a benchmark.
 */
#define AMOUNT_SCALE 12

typedef struct Amount
{
	int128		small;			/* in units of 10^-AMOUNT_SCALE */
	Numeric		wide;			/* NULL where small says it all */
} Amount;

/*
 * Where space is dear, an amount that 64 bits can take is an integer in units
 * of 10^-SLOT_SCALE: up to 92 thousand million, two numeric digits behind the
 * point.  Sums of 8 instead of 16 bytes, with what came along with them, took a
 * book of 5,000,000 invoices from 1 to 0.8 of the CPU time.
 */
#define SLOT_SCALE 8
#define SLOT_UNIT ((int128) 10000)

static inline Amount
amount_from_slot(int64 slot)
{
	Amount		amount = {.small = slot * SLOT_UNIT, .wide = NULL};

	return amount;
}

extern bool amount_to_slot(const Amount *amount, int64 *slot);
extern bool amount_read_slot(const struct varlena *number, int64 *slot);
extern bool amount_read_small(const struct varlena *number, int128 *small);
extern Amount amount_from_numeric(Numeric number);
extern int128 amount_from_int64(int64 integer);
extern bool amount_from_string(const char *digits, int length, Amount *amount);

extern void amount_add(Amount *sum, const Amount *addend);
extern void amount_negate(Amount *amount);
extern void amount_normalize(Amount *amount);
extern bool amount_is_zero(const Amount *amount);
extern Amount amount_shift(const Amount *amount, int digits);
extern int	amount_sign(const Amount *amount);

extern int	amount_trim(int128 small, int128 *mantissa);
extern Numeric amount_to_numeric(const Amount *amount);
extern Numeric amount_to_scaled_numeric(const Amount *amount, int min_digits);
extern char *amount_to_string(const Amount *amount, int min_digits);

extern Numeric numeric_negated(Numeric number);
extern Numeric numeric_plus(Numeric a, Numeric b);

#endif							/* BALANCE_AMOUNT_H */
