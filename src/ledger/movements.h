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
 * Whose movements are asked for: those of an argument of the query, or of all
 * customers; and what is now, as SQL.
 */
typedef struct Movements
{
	const Ledger *ledger;
	LedgerQuery *query;
	int			customer;		/* the argument, or ALL_CUSTOMERS */
	const char *now;
} Movements;

#define ALL_CUSTOMERS	(-1)

/* The columns of movement_faults(), which report_movement_faults() reads. */
#define NUM_MOVEMENT_FAULTS	3

extern void with_movements(const Movements *movements);
extern const char *movement_faults(const char *until, const char *currency);
extern void report_movement_faults(const Ledger *ledger, uint64 row, int first_column);
extern const char *movement_customer(const Ledger *ledger, const char *alias);

#endif							/* BALANCE_LEDGER_MOVEMENTS_H */
