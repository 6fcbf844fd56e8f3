/*-------------------------------------------------------------------------
 *
 * left.h
 *	  What all invoices have left, and how it came to that.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_LEDGER_LEFT_H
#define BALANCE_LEDGER_LEFT_H

#include "compat.h"

#include "movements.h"

/* What is asked of the invoices, as SQL. */
typedef struct LeftAsked
{
	const char *whose;			/* of the invoice i, to group by */
	const char *until;			/* an instant */
	const char *currency;		/* which one, or NULL for all */
	const char *since;			/* an instant before, or NULL if the sums of
								 * movements are not asked for */
	const char *past_due;		/* that i is past due at the later one */
} LeftAsked;

/* A sum of movements: before the earlier instant, or from it on. */
typedef struct LeftSum
{
	const char *name;
	const char *kind;			/* as movement_kinds has it */
	bool		before;
} LeftSum;

#define NUM_LEFT_SUMS	7

extern const LeftSum left_sums[NUM_LEFT_SUMS];

extern void with_left(const Movements *movements, const LeftAsked *asked);
extern const char *left_faults(void);
extern const char *left_strays(const Ledger *ledger);

#endif							/* BALANCE_LEDGER_LEFT_H */
