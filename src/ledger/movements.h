/*-------------------------------------------------------------------------
 *
 * movements.h
 *	  What happened to what is owed, when, and by how much.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_LEDGER_MOVEMENTS_H
#define BALANCE_LEDGER_MOVEMENTS_H

#include "compat.h"

#include "ledger.h"

/*
 * The columns of a movement where invoices are told of: the last three are of an
 * invoice's own one alone, its class, when it was voided, which stands nowhere else
 * then, and what is left of it.
 */
typedef enum MovementColumn
{
	MOVEMENT_CURRENCY,
	MOVEMENT_INVOICE,
	MOVEMENT_AT,
	MOVEMENT_RANK,
	MOVEMENT_DOCUMENT_ID,
	MOVEMENT_NUMBER,
	MOVEMENT_ID,
	MOVEMENT_AMOUNT,
	MOVEMENT_CLASS,
	MOVEMENT_ENDED,
	MOVEMENT_REMAINING
} MovementColumn;

/* Their order at one instant; movements.c writes it as SQL. */
typedef enum MovementRank
{
	MOVED_NOTHING,
	MOVED_INVOICE,
	MOVED_CREDIT,
	MOVED_PAYMENT,
	MOVED_REFUND,
	MOVED_CREDIT_REVERSAL,
	MOVED_VOID,
	NUM_MOVEMENT_RANKS
} MovementRank;

/* What each is called. */
extern const char *const movement_kinds[NUM_MOVEMENT_RANKS];

/* What the last columns of movements tell. */
typedef enum MovementTold
{
	TELLS_WHOSE,				/* and what it is called */
	TELLS_DUES,					/* and of the invoice that is owed, its dates */
	TELLS_INVOICES				/* as MovementColumn has it */
} MovementTold;

/*
 * Whose movements are asked for: those of an argument of the query, or of all
 * customers; what is now, as SQL; what is told; and whether they are added up where a
 * cluster has the rows.
 */
typedef struct Movements
{
	const Ledger *ledger;
	LedgerQuery *query;
	int			customer;		/* the argument, or ALL_CUSTOMERS */
	const char *now;
	MovementTold tells;
	bool		on_cluster;
} Movements;

/* What movements are made of, as bits. */
#define OF_INVOICES	1
#define OF_PAYMENTS	2
#define OF_CREDITS	4
#define OF_ANY_PAYMENT	8		/* without a look at invoices and customers */

/* The columns of movement_faults() and left_faults(). */
#define NUM_MOVEMENT_FAULTS	3

extern void with_owed(const Movements *movements);
extern void append_movements(const Movements *movements);
extern bool append_movements_of(const Movements *movements, int sources);
extern void with_movements(const Movements *movements);
extern bool invoices_need_customer(const Ledger *ledger);
extern bool confuses_invoices(const Ledger *ledger);
extern const char *movement_faults(const Ledger *ledger, const char *until,
								   const char *currency);
extern const char *movement_customer(const Ledger *ledger, const char *alias);

/* for the files beside it */
extern const char *required_amount_of(const LedgerRelation *relation, const char *column,
									  const char *amount, const char *currency);

#endif							/* BALANCE_LEDGER_MOVEMENTS_H */
