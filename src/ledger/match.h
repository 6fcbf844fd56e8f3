/*-------------------------------------------------------------------------
 *
 * match.h
 *	  Which rows belong together: conditions that identifiers are equal.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_MATCH_H
#define BALANCE_MATCH_H

#include "compat.h"

#include "identifier.h"

extern const char *ledger_join(const LedgerRelation *a, const char *a_column,
							   const LedgerRelation *b, const char *b_column);
extern bool ledger_joins_customer(const LedgerRelation *a, const char *a_column,
								  const LedgerRelation *b);
extern bool ledger_key_has_customer(const LedgerRelation *relation);
extern const char *ledger_join_keys(const LedgerRelation *relation, const char *key,
									bool joins_customer);
extern const char *ledger_join_known(const LedgerRelation *a, const char *a_column,
									 const char *value);
extern const char *ledger_join_ids(const LedgerRelation *a, const char *a_column,
								   const LedgerRelation *b, const char *b_column);
extern const char *ledger_is_kept_id(const LedgerRelation *relation,
									 const char *column, const char *text);
extern const char *ledger_kept_id(const LedgerRelation *relation,
								  const char *column,
								  const LedgerRelation *collation);
extern const char *ledger_kept_column(const LedgerRelation *relation,
									  const char *column, bool compared);

/* for the files beside it */
extern const char *id_equals(IdColumn id, const char *value);
extern const char *id_referred(IdColumn from, IdColumn to);

#endif							/* BALANCE_MATCH_H */
