/*-------------------------------------------------------------------------
 *
 * receiver.h
 *	  Rows that are taken one by one as a query returns them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_RECEIVER_H
#define BALANCE_RECEIVER_H

#include "compat.h"

#include "executor/tuptable.h"
#include "tcop/dest.h"

typedef struct RowReceiver RowReceiver;

/* Embedded first in what a query's rows are taken to. */
struct RowReceiver
{
	DestReceiver pub;
	void		(*take) (RowReceiver *receiver, TupleTableSlot *slot);
	MemoryContext row_context;	/* the current one while a row is taken */
};

extern void row_receiver_init(RowReceiver *receiver, Size first_block,
							  void (*take) (RowReceiver *receiver, TupleTableSlot *slot));
extern void row_receiver_end(RowReceiver *receiver);

#endif							/* BALANCE_RECEIVER_H */
