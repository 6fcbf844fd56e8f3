/*-------------------------------------------------------------------------
 *
 * stored.h
 *	  Positions from a ledger's store beside those from its rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_STORED_H
#define BALANCE_STORED_H

#include "compat.h"

#include "source.h"

extern bool ledger_may_have_store(const Ledger *ledger);
extern bool may_be_stored(const TallySource *source);
extern bool may_any_be_stored(const TallySources *sources);
extern bool may_be_stored_together(const TallySources *sources);
extern const char *stored_position_of_customer(LedgerQuery *query,
											   const TallySource *source);
extern void append_stored(StringInfo sql, const TallySources *sources,
						  const char *id, const char *currency, bool by_currency);
extern const char *is_not_stored(const TallySources *sources);

#endif							/* BALANCE_STORED_H */
