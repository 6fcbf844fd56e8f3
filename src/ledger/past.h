/*-------------------------------------------------------------------------
 *
 * past.h
 *	  A ledger as it was at an instant: docs/decisions/0009.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_PAST_H
#define BALANCE_PAST_H

#include "compat.h"

#include "ledger.h"

/* Whose rows are read, and as of when. */
struct LedgerPast
{
	LedgerQuery *query;
	const Ledger *present;		/* the same ledger, as it is */
	const char *until;			/* the instant, as SQL */
	const char *day;			/* its day in the zone, likewise */
	bool		one_customer;	/* the query's first argument, or all */
};

/* What the column balance_state of a past relation says of a row. */
enum
{
	STATE_UNEXPLAINED = -3,		/* what remains is not explained */
	STATE_UNDATED,				/* nothing says when it was issued */
	STATE_UNVOIDED,				/* nothing says when it was voided */
	STATE_ABSENT,
	STATE_OPEN,
	STATE_PAID,
	STATE_VOID
};

extern const char *past_from(const LedgerRelation *relation);
extern const char *tally_of_past(const LedgerRelation *owner, const char *aggregate);
extern const char *memo_used(const LedgerRelation *memo);
extern const char *ledger_clock(const Ledger *ledger);

#endif							/* BALANCE_PAST_H */
