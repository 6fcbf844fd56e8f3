/*-------------------------------------------------------------------------
 *
 * lookup.h
 *	  Documents over a ledger: of one customer, or of all in one pass.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_LOOKUP_H
#define BALANCE_LOOKUP_H

#include "compat.h"

#include "document/projections.h"
#include "document_sources.h"
#include "ledger/plan.h"

/*
 * A document that is made of a position, as figures.def has it.  Others have a
 * position, and no projection.
 */
typedef struct LedgerDocument
{
	FigureDocument id;			/* whose sources are tallied */
	const char *attribute;		/* a column of customer, or NULL */
	DocumentProjection project;
} LedgerDocument;

extern const LedgerDocument ledger_documents[NO_DOCUMENT];

/* The arguments of a document, as its query's parameters name them. */
enum
{
	ARGUMENT_CUSTOMER_ID,
	ARGUMENT_START,				/* of the period, a date or NULL */
	ARGUMENT_END,
	ARGUMENT_UNTIL,				/* the instant, where the end is open */
	ARGUMENT_DAYS_OF,			/* the zone whose days they are */
	NUM_DOCUMENT_ARGUMENTS
};

/* A document of every customer, as it is now or, if the sources are so, as it was. */
typedef struct Book
{
	const LedgerDocument *document;
	const Ledger *ledger;		/* whose customers they are */
	TallySources sources;
	bool		include_empty;	/* also customers without any row */
	const char *call;			/* what makes it in the query of a view, else
								 * NULL: in the days of this zone */
	const char *zone;
	const void *context;		/* of the projection */
} Book;

extern const char *document_attribute(const LedgerDocument *document,
									  const LedgerRelation *customer);
extern TallySources require_sources(const LedgerDocument *document,
									const Ledger *ledger, LedgerQuery *query);
extern Datum look_up(FigureDocument id, const Ledger *ledger,
					 const NullableDatum *arguments, const void *context);
extern void compose_book(LedgerQuery *query, const Book *book);
extern bool receive_book(const Book *book, LedgerQuery *query,
						 const NullableDatum *arguments, FunctionCallInfo fcinfo);
extern Datum store_book(FunctionCallInfo fcinfo, FigureDocument id,
						const Ledger *ledger, int include_empty,
						const NullableDatum *arguments, const void *context);

#endif							/* BALANCE_LOOKUP_H */
