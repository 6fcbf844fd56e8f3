/*-------------------------------------------------------------------------
 *
 * book.h
 *	  The whole book: every customer's document in one pass.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_BOOK_H
#define BALANCE_BOOK_H

#include "tally_source.h"
#include "utils/jsonb.h"

/*
 * Makes a customer's document.  attribute is the customer's column that the
 * book asked for, or NULL.
 */
typedef Jsonb *(*BookProjection) (const struct varlena *position,
								  const text *customer_id,
								  const text *attribute, const void *context);

/* A book: the sources of its positions, and what is made of each. */
typedef struct Book
{
	const Ledger *ledger;
	const TallySource *sources[2];	/* NULL for one that the ledger lacks */
	const char *attribute;		/* a column of customer, or NULL */
	bool		include_empty;	/* also customers without any document */
	BookProjection project;
	const void *context;
} Book;

extern void book_store(FunctionCallInfo fcinfo, const Book *book,
					   LedgerQuery *query, const LedgerArgument *arguments);
extern bool book_include_empty(FunctionCallInfo fcinfo, int argno);

#endif							/* BALANCE_BOOK_H */
