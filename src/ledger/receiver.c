/*-------------------------------------------------------------------------
 *
 * receiver.c
 *	  Rows that are taken one by one as a query returns them, each in memory that
 *	  is given back behind it.
 *
 *-------------------------------------------------------------------------
 */
#include "receiver.h"

#include "utils/memutils.h"

static bool
receive_slot(TupleTableSlot *slot, DestReceiver *self)
{
	RowReceiver *receiver = (RowReceiver *) self;
	MemoryContext caller = MemoryContextSwitchTo(receiver->row_context);

	slot_getallattrs(slot);
	receiver->take(receiver, slot);
	MemoryContextSwitchTo(caller);
	MemoryContextReset(receiver->row_context);
	return true;
}

static void
start_receiver(DestReceiver *self, int operation, TupleDesc columns)
{
}

static void
end_receiver(DestReceiver *self)
{
}

/*
 * Prepare to take the rows of a query, whose memory is below the current context.
 * It is given back behind each row but for its first block, of which most rows need
 * no more.
 */
void
row_receiver_init(RowReceiver *receiver, Size first_block,
				  void (*take) (RowReceiver *receiver, TupleTableSlot *slot))
{
	receiver->pub.receiveSlot = receive_slot;
	receiver->pub.rStartup = start_receiver;
	receiver->pub.rShutdown = end_receiver;
	receiver->pub.rDestroy = end_receiver;
	receiver->pub.mydest = DestTuplestore;
	receiver->take = take;
	receiver->row_context = AllocSetContextCreate(CurrentMemoryContext,
												  "balance row of a query",
												  0, first_block, ALLOCSET_DEFAULT_MAXSIZE);
}

void
row_receiver_end(RowReceiver *receiver)
{
	MemoryContextDelete(receiver->row_context);
}
