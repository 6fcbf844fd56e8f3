/*-------------------------------------------------------------------------
 *
 * fault.h
 *	  Errors that a ledger's data causes, and what they say.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_FAULT_H
#define BALANCE_FAULT_H

#include "compat.h"

#include "ledger.h"

/*
 * A ledger being read, on the stack of its reader: from the query to the
 * document.  Errors meanwhile are those of its data.
 */
typedef struct LedgerReading
{
	ErrorContextCallback callback;
	MemoryContext context;
	const Ledger *ledger;
	const text *customer_id;	/* NULL for all customers */
} LedgerReading;

/* How such an error's DETAIL ends, which error_body() looks for. */
#define DATA_AT_FAULT	"At fault is the data of ledger"

extern void ledger_begin_reading(LedgerReading *reading, const Ledger *ledger,
								 const text *customer_id);
extern void ledger_end_reading(const LedgerReading *reading);
extern bool blames_data(const char *detail);

#endif							/* BALANCE_FAULT_H */
