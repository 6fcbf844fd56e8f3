/*-------------------------------------------------------------------------
 *
 * snapshot.h
 *	  Whether a snapshot can tell what a query over a ledger asks.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_SNAPSHOT_H
#define BALANCE_SNAPSHOT_H

#include "compat.h"

#include "ledger.h"
#include "utils/snapshot.h"

extern void snapshot_init(void);
extern bool relation_is_as_seen(Oid relid, Snapshot snapshot);
extern void ledger_watch(const Ledger *ledger, uint32 names);
extern void ledger_unwatch(void);

#endif							/* BALANCE_SNAPSHOT_H */
