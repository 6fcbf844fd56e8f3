/*-------------------------------------------------------------------------
 *
 * append.h
 *	  Triggers that write to a store, for the files that make them up.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_STORE_APPEND_H
#define BALANCE_STORE_APPEND_H

#include "compat.h"

#include "executor/spi.h"
#include "ledger/receiver.h"
#include "store.h"
#include "utils/tuplestore.h"

#define FOLD_CUSTOMERS	4

#define NEW_ROWS	"balance_new"
#define OLD_ROWS	"balance_old"

/* What takes rows that are appended to a store. */
typedef struct StoreReceiver
{
	RowReceiver rows;
	Store		store;
	char		letter;
	DateADT		today;
	bool		is_of_today;	/* else it was there before anything was
								 * recorded */
	MemoryContext context;		/* outlives the query whose rows are received */
	Progress   *progress;		/* of a call that shows it, or NULL */
	bool		folds;			/* some customers, in the end */
	int			ncustomers;		/* these */
	Datum		customers[FOLD_CUSTOMERS];
} StoreReceiver;

/*
 * What a trigger does: nothing, if its relation is not part of a ledger's any
 * more, or cannot be read as one.  The store's signature is another one then.
 */
typedef struct PlanKey
{
	Oid			trigger;
	bool		has_new;		/* a row's trigger is for three events */
	bool		has_old;
} PlanKey;

typedef struct TriggerPlan
{
	PlanKey		key;
	uint64		generation;		/* of the catalogue, when it was composed */
	Oid			store;			/* InvalidOid: nothing */
	const KeptRelation *kept;
	Oid			relid;			/* of the ledger's relation */
	Oid			view;			/* the same, or InvalidOid: it is a table */
	Oid			owner;			/* of the relation */
	DateADT		witnessed;		/* on which day that it counts */
	RowTally   *tally;			/* NULL: it takes the query */
	char	   *sql;
	SPIPlanPtr	plan;			/* NULL until it is needed */
} TriggerPlan;

/* append.c */
extern void put_row(StoreRow *row, void *argument);
extern bool is_to_fold(void);
extern void init_receiver(StoreReceiver *receiver, Oid store, char letter);
extern void end_receiver(StoreReceiver *receiver);
extern void register_rows(const char *name, Tuplestorestate *rows, Oid relid);
extern void end_rows(Tuplestorestate *rows);
extern void append_lost(const TriggerPlan *plan, int64 lost);

/* trigger_plan.c */
extern TriggerPlan *get_locked_plan(const Trigger *trigger, Oid member, bool has_new,
									bool has_old);

#endif							/* BALANCE_STORE_APPEND_H */
