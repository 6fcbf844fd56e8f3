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

#include "ledger.h"

extern const char *ledger_equals(LedgerQuery *query,
								 const LedgerRelation *relation,
								 const char *column, int argument);
extern const char *ledger_asked_text(LedgerQuery *query,
									 const LedgerRelation *relation,
									 const char *column, int argument);
extern const char *ledger_join(const LedgerRelation *a, const char *a_column,
							   const LedgerRelation *b, const char *b_column);
extern const char *ledger_join_alike(const LedgerRelation *a, const char *a_column,
									 const LedgerRelation *b, const char *b_column);
extern const char *ledger_join_known(const LedgerRelation *a, const char *a_column,
									 const char *value);
extern const char *ledger_join_ids(const LedgerRelation *a, const char *a_column,
								   const LedgerRelation *b, const char *b_column);
extern bool ledger_ids_agree(const LedgerRelation *a, const char *a_column,
							 const LedgerRelation *b, const char *b_column);
extern bool ledger_is_coarse(const LedgerRelation *relation, const char *column);
extern bool ledger_confuses(const LedgerRelation *a, const char *a_column,
							const LedgerRelation *b, const char *b_column);
extern const char *ledger_referred(const LedgerRelation *a, const char *a_column,
								   const LedgerRelation *b, const char *b_column);
extern const char *ledger_told_apart(const LedgerRelation *relation,
									 const char *column, const char *alike,
									 const char *id);
extern const char *ledger_id_text(const LedgerRelation *relation,
								  const char *column);
extern const char *ledger_id_value(const LedgerRelation *relation,
								   const char *column,
								   const LedgerRelation *collation);
extern const char *ledger_is_kept_id(const LedgerRelation *relation,
									 const char *column, const char *text);
extern const char *ledger_kept_id(const LedgerRelation *relation,
								  const char *column,
								  const LedgerRelation *collation);
extern const char *ledger_kept_column(const LedgerRelation *relation,
									  const char *column, bool compared);
extern bool ledger_is_identifier(const LedgerRelation *relation,
								 const char *column);
extern const char *ledger_id_type(const LedgerRelation *relation,
								  const char *column);
extern bool ledger_spelling_decides(const Ledger *ledger, bool unchecked);

#endif							/* BALANCE_MATCH_H */
