/*-------------------------------------------------------------------------
 *
 * named_once.h
 *	  Rows that are named by an id which others have, too.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_LEDGER_NAMED_ONCE_H
#define BALANCE_LEDGER_NAMED_ONCE_H

#include "compat.h"

#include "ledger.h"

extern const char *ledger_and_named_once(LedgerQuery *query, const LedgerRelation *owner,
										 int argument);

#endif							/* BALANCE_LEDGER_NAMED_ONCE_H */
