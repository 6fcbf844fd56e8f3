/*-------------------------------------------------------------------------
 *
 * asked.h
 *	  Which id in a relation is the one that a document's argument names.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_LEDGER_ASKED_H
#define BALANCE_LEDGER_ASKED_H

#include "compat.h"

#include "ledger.h"

extern const char *ledger_equals(LedgerQuery *query,
								 const LedgerRelation *relation,
								 const char *column, int argument);
extern const char *ledger_and_asked(LedgerQuery *query,
									const LedgerRelation *a, const char *column,
									const LedgerRelation *b,
									const LedgerRelation *other, int argument);
extern const char *ledger_asked_text(LedgerQuery *query,
									 const LedgerRelation *relation,
									 const char *column, int argument);
extern bool ledger_spelling_decides(const Ledger *ledger, bool unchecked);

#endif							/* BALANCE_LEDGER_ASKED_H */
