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

/* The alias of rows that a condition which is passed is on. */
#define OWN_ROWS	"own"

extern const char *ledger_is_named_once(LedgerQuery *query, const LedgerRelation *owner,
										const LedgerRelation *naming, int argument,
										const char *counts);
extern const char *ledger_and_named_once(LedgerQuery *query, const LedgerRelation *owner,
										 int argument);
extern bool ledger_looks_for_copies(const LedgerRelation *owner);
extern bool ledger_view_looks_for_copies(const Ledger *ledger, const SourceSpec *source);
extern const char *ledger_join_copies(const LedgerRelation *owner,
									  const LedgerRelation *naming, const char *counts);
extern const char *ledger_copies_told(const LedgerRelation *owner,
									  const LedgerRelation *naming);

#endif							/* BALANCE_LEDGER_NAMED_ONCE_H */
