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

/* A row of the query: a customer's position, in one currency or in all. */
typedef struct FoundRow
{
	Datum		values[3];
	bool		nulls[3];
} FoundRow;

/* What is read, of whom, and how far it has come. */
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
	TupleDesc	columns;
	FmgrInfo	id_input;
	Oid			id_param;
	bool		is_asked;		/* for some customers, else for all */
	Datum	   *asked;			/* these, by their ids' text */
	int			nasked;
	int			next_asked;
	bool		is_open;		/* the store, to be read in order of customers */
	Store		opened;
	SysScanDesc scan;			/* by its index, or */
	struct Tuplesortstate *sort;	/* its rows, sorted */
	TupleTableSlot *slot;
	MemoryContext context;		/* of the scan */
	bool		has_row;
	StoreRow	row;			/* the next one, in the slot */
	MemoryContext row_context;	/* of the customer who was read last */
	FoundRow   *found;			/* his rows */
	int			nfound;
	int			allocated;
} StoreReading;

extern bool begin_reading_store(StoreReading *reading, MemoryContext query,
								const Datum *arguments, const bool *nulls);
extern bool next_customer(StoreReading *reading);
extern void end_reading_store(StoreReading *reading);

#endif							/* BALANCE_STORE_POSITIONS_H */
