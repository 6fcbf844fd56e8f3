/* The refusal to tell a past that the dates do not tell. */
#ifndef BALANCE_UNTOLD_H
#define BALANCE_UNTOLD_H

#include "compat.h"

/* How many rows are to blame, by what is wrong with them. */
typedef struct Untold
{
	int64		unexplained;	/* invoices of which something else remains */
	int64		undated;		/* invoices without a date of issue */
	int64		unvoided;		/* void invoices without one of voiding */
	int64		unvoided_memos; /* void credit memos without one */
} Untold;

extern void require_told(const char *ledger, const Untold *untold);

#endif							/* BALANCE_UNTOLD_H */
