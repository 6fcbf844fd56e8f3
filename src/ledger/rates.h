/*-------------------------------------------------------------------------
 *
 * rates.h
 *	  The exchange rates that a ledger declares.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_LEDGER_RATES_H
#define BALANCE_LEDGER_RATES_H

#include "compat.h"

#include "ledger.h"

extern const char *latest_rates(const Ledger *ledger, const char *currency,
								const char *reporting_currency, const char *on_day);
extern const char *rate_to(const char *currency, const char *reporting_currency,
						   const char *on_day);

#endif							/* BALANCE_LEDGER_RATES_H */
