/*-------------------------------------------------------------------------
 *
 * plan.h
 *	  Running queries over a ledger, and reading what comes out.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_PLAN_H
#define BALANCE_PLAN_H

#include "compat.h"

#include "executor/spi.h"
#include "funcapi.h"
#include "ledger.h"
#include "tcop/dest.h"
#include "utils/jsonb.h"

extern void plan_init(void);

/* An argument of a document: text that is converted, or a value as it is. */
typedef struct LedgerArgument
{
	Datum		value;
	bool		isnull;
} LedgerArgument;

/* Composes a query that is kept; its context is constant and identifies it. */
typedef void (*LedgerComposer) (const Ledger *ledger, LedgerQuery *query,
								const void *context);

extern void ledger_execute(const Ledger *ledger, LedgerComposer compose,
						   const void *context,
						   const LedgerArgument *arguments);

extern void ledger_execute_once(const Ledger *ledger, LedgerQuery *query,
								const LedgerArgument *arguments);
extern void ledger_receive(const Ledger *ledger, LedgerQuery *query,
						   const LedgerArgument *arguments,
						   DestReceiver *receiver);
extern void ledger_store(const Ledger *ledger, LedgerQuery *query,
						 const LedgerArgument *arguments,
						 ReturnSetInfo *result);

/* Reading the result, after ledger_execute(). */
extern Datum result_value(uint64 row, int column, bool *isnull);
extern text *result_text(uint64 row, int column);
extern Datum result_document(Jsonb *document);

#endif							/* BALANCE_PLAN_H */
