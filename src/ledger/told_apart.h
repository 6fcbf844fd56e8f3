/*-------------------------------------------------------------------------
 *
 * told_apart.h
 *	  Ids that a column which refers to them does not tell apart.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_LEDGER_TOLD_APART_H
#define BALANCE_LEDGER_TOLD_APART_H

#include "compat.h"

#include "identifier.h"

extern bool ledger_confuses(const LedgerRelation *a, const char *a_column,
							const LedgerRelation *b, const char *b_column);
extern const char *ledger_referred(const LedgerRelation *a, const char *a_column,
								   const LedgerRelation *b, const char *b_column);
extern const char *ledger_sum_keys(const LedgerRelation *a, const char *key,
								   const LedgerRelation *b, bool grouped);
extern const char *ledger_told_apart(const LedgerRelation *relation,
									 const char *column, const char *alike,
									 const char *id);
extern const char *ledger_join_alike(const LedgerRelation *a, const char *a_column,
									 const LedgerRelation *b, const char *b_column);

/* for the files beside it */
extern bool id_confuses(IdColumn from, IdColumn to);

#endif							/* BALANCE_LEDGER_TOLD_APART_H */
