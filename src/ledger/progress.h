/*-------------------------------------------------------------------------
 *
 * progress.h
 *	  How far a long call is, for other sessions to see.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_PROGRESS_H
#define BALANCE_PROGRESS_H

#include "compat.h"

#include "fmgr.h"
#include "ledger.h"
#include "utils/backend_progress.h"

/* What a call is doing; their words are in progress.c. */
typedef enum ProgressPhase
{
	PHASE_WAITING,				/* for those who write to the relation */
	PHASE_READING,				/* rows, of which nothing has come out yet */
	PHASE_DOCUMENTS,			/* customers */
	PHASE_CHECKING,				/* relations */
	PHASE_COMPARING,			/* relations, with their store */
	PHASE_APPENDING,			/* customers, to the store */
	PHASE_FOLDING,				/* customers */
	PHASE_PRUNING,				/* rows of the history */
	NUM_PHASES
} ProgressPhase;

/* A call under way, on its stack, with what was shown before it. */
typedef struct Progress
{
	int64		done;			/* things, whatever the phase's are */
	Oid			function;
	Oid			ledger;
	ProgressCommandType command;	/* before it */
	Oid			target;
	int64		parameters[PGSTAT_NUM_PROGRESS_PARAM];
} Progress;

/* One in so many things is shown, the first one too. */
#define PROGRESS_EVERY	64

extern void progress_begin(Progress *progress, FunctionCallInfo fcinfo, const Ledger *ledger);
extern void progress_step(Progress *progress, ProgressPhase phase, Oid relid, int64 done,
						  int64 total);
extern void progress_phase(Progress *progress, ProgressPhase phase, Oid relid, int64 total);
extern void progress_show(const Progress *progress);
extern void progress_end(const Progress *progress);

/* One more thing is done. */
static inline void
progress_advance(Progress *progress)
{
	if (progress->done++ % PROGRESS_EVERY == 0)
		progress_show(progress);
}

#endif							/* BALANCE_PROGRESS_H */
