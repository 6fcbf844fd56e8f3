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

/* When a snapshot was taken, as far as it tells. */
typedef struct SnapshotAge
{
	bool		recovery;
	TransactionId xmax;
	uint32		running;		/* transactions before its xmax */
	CommandId	command;
} SnapshotAge;

/*
 * Whether two snapshots see the same.  While xmax stands, no transaction before it
 * begins, so that as many are running means that none has ended.
 */
static inline bool
same_age(const SnapshotAge *a, const SnapshotAge *b)
{
	return a->recovery == b->recovery && a->xmax == b->xmax && a->running == b->running &&
		a->command == b->command;
}

extern void snapshot_init(void);
extern SnapshotAge snapshot_age(Snapshot snapshot);
extern bool relation_is_as_seen(Oid relid, Snapshot snapshot);
extern void ledger_watch(const Ledger *ledger, uint32 names);
extern void ledger_unwatch(void);

#endif							/* BALANCE_SNAPSHOT_H */
