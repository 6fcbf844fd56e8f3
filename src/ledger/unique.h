/*-------------------------------------------------------------------------
 *
 * unique.h
 *	  Ids that cannot be there twice.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_LEDGER_UNIQUE_H
#define BALANCE_LEDGER_UNIQUE_H

#include "compat.h"

#include "ledger.h"

extern bool ledger_is_unique(const LedgerRelation *relation, const char *column,
							 bool with_customer);

#endif							/* BALANCE_LEDGER_UNIQUE_H */
