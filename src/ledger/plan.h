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

/* Composes a query that is kept; its context is constant and identifies it. */
typedef void (*LedgerComposer) (const Ledger *ledger, LedgerQuery *query,
								const void *context);

/* Arguments of a document are texts that are converted, or dates and instants. */
extern void ledger_execute(const Ledger *ledger, LedgerComposer compose,
						   const void *context,
						   const NullableDatum *arguments);

/* The same with a receiver, whose start means that what it has does not count. */
extern void ledger_execute_for(const Ledger *ledger, LedgerComposer compose,
							   const void *context, const NullableDatum *arguments,
							   DestReceiver *receiver);

extern void ledger_execute_once(const Ledger *ledger, LedgerQuery *query,
								const NullableDatum *arguments);
extern void ledger_receive(const Ledger *ledger, LedgerQuery *query,
						   const NullableDatum *arguments,
						   DestReceiver *receiver);
extern void ledger_store(const Ledger *ledger, LedgerQuery *query,
						 const NullableDatum *arguments,
						 ReturnSetInfo *result);

/* Reading the result, after ledger_execute(). */
extern Datum result_value(uint64 row, int column, bool *isnull);
extern text *result_text(uint64 row, int column);
extern int64 result_count(uint64 row, int column);
extern Datum result_document(Jsonb *document);
extern Datum result_packed(const struct varlena *packed);

#endif							/* BALANCE_PLAN_H */
