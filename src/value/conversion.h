/* Amounts of one currency in another one, by a rate. */
#ifndef BALANCE_CONVERSION_H
#define BALANCE_CONVERSION_H

#include "compat.h"

#include "currency.h"
#include "utils/numeric.h"

extern Numeric amount_converted(Numeric amount, Numeric rate, CurrencyCode to);

#endif							/* BALANCE_CONVERSION_H */
