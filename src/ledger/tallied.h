/*-------------------------------------------------------------------------
 *
 * tallied.h
 *	  Ways to tally the sources of a ledger.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_TALLIED_H
#define BALANCE_TALLIED_H

#include "compat.h"

#include "source.h"

extern const char *known_position_of_customer(LedgerQuery *query,
											  const TallySource *source);
extern void ledger_select_positions(LedgerQuery *query, const TallySources *sources,
									const LedgerRelation *customer);
extern void tally_by_customer(LedgerQuery *query, const TallySource *source,
							  const LedgerRelation *customer,
							  const char *currency);
extern void tally_together(StringInfo sql, const TallySources *sources,
						   const TallySource *first, bool by_currency);
extern bool may_be_tallied_together(const TallySources *sources);
extern void tally_together_by_customer(LedgerQuery *query, const TallySources *sources,
									   const LedgerRelation *customer);

#endif							/* BALANCE_TALLIED_H */
