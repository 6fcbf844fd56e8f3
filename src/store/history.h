/*-------------------------------------------------------------------------
 *
 * history.h
 *	  What was recorded on each day.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_STORE_HISTORY_H
#define BALANCE_STORE_HISTORY_H

#include "compat.h"

#include "store.h"

extern void append_to_history(Store *history, Stored *change, const StoreRow *like,
							  bool completely);
extern void witness_day(Oid store, Oid relid, const KeptRelation *kept);
extern const char *sql_day(DateADT day);
extern const char *sql_unknown_days(const Ledger *ledger, const KeptRelation *kept);

#endif							/* BALANCE_STORE_HISTORY_H */
