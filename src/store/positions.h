/*-------------------------------------------------------------------------
 *
 * positions.h
 *	  The positions of customers from a store, as rows of a query.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_STORE_POSITIONS_H
#define BALANCE_STORE_POSITIONS_H

#include "compat.h"

#include "store.h"

/* The arguments of stored_positions(). */
enum
{
	STORED_LEDGER,
	STORED_RELATIONS,
	STORED_UNTIL,
	STORED_BY_CURRENCY,
	NUM_STORED_ARGUMENTS
};

/* What is read, and where it goes. */
typedef struct StoreReading
{
	Ledger		ledger;
	const KeptRelation *kept[NUM_KEPT_RELATIONS];	/* which are added up */
	int			nkept;
	Oid			store;
	Snapshot	snapshot;
	TimestampTz until;			/* rows that are dated later do not count */
	bool		has_until;
	bool		by_currency;
	Tuplestorestate *rows;
	TupleDesc	columns;
	MemoryContext row_context;
	FmgrInfo	id_input;
	Oid			id_param;
} StoreReading;

extern bool begin_reading_store(StoreReading *reading, MemoryContext query,
								const Datum *arguments, const bool *nulls);
extern void read_customers(StoreReading *reading);
extern void read_customer(StoreReading *reading, Datum id);
extern void end_reading_store(StoreReading *reading);

#endif							/* BALANCE_STORE_POSITIONS_H */
