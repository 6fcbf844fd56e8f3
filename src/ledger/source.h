/*-------------------------------------------------------------------------
 *
 * source.h
 *	  What of a ledger is tallied.
 *
 * Documents, the whole book and the report views are composed from the same
 * sources, so they cannot read different rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_TALLY_SOURCE_H
#define BALANCE_TALLY_SOURCE_H

#include "compat.h"

#include "ledger.h"

typedef struct TallySource
{
	const SourceSpec *spec;
	const char *name;			/* of its positions, in a query */
	LedgerRelation owner;		/* whose rows have the customer and currency */
	LedgerRelation row;			/* whose rows count: the owner, or one that is
								 * joined */
	bool		in_minor;		/* whether the aggregate takes minor units */
	const char *class;			/* of a row, as text */
	const char *aggregate;		/* the call */
	const char *from;			/* the owner, and what is joined to it */
	const char *condition;		/* which rows, or NULL; it may raise an error */
	const char *period;			/* of the condition, or NULL */
	const char *preselection;	/* which rows may count, without an error, or
								 * NULL */
	const char *told;			/* in a view, that it is told to what a row is
								 * joined, or NULL */
} TallySource;

typedef struct TallySources
{
	TallySource *source;
	int			n;
} TallySources;

extern bool find_source(const Ledger *ledger, const SourceSpec *spec,
						const char *period, TallySource *source);

extern const char *source_is_told(LedgerQuery *query, const TallySource *source,
								  int argument);

extern const char *source_tally(TallySource *source, const char *aggregate);
extern const char *source_fill(const TallySource *source, const char *template);
extern List *source_arguments(const SourceSpec *spec);

extern const char *source_currency(const TallySource *source);
extern bool keys_agree(const TallySources *sources);
extern const char *position_of(const TallySource *source,
							   const LedgerRelation *customer);
extern const char *count_alike(const TallySource *source,
							   const LedgerRelation *customer);

#endif							/* BALANCE_TALLY_SOURCE_H */
