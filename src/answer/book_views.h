/*-------------------------------------------------------------------------
 *
 * book_views.h
 *	  The views of the whole book: a document for each customer.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_BOOK_VIEWS_H
#define BALANCE_BOOK_VIEWS_H

#include "compat.h"

#include "reports.h"

enum
{
#define BOOK(document, name, call, comment) BOOK_OF_##document,
#include "document/figures.def"
	NUM_BOOKS
};

extern const Report book_reports[NUM_BOOKS];

extern bool compose_book_view(const Ledger *ledger, const Report *report, const char *zone,
							  StringInfo sql);

#endif							/* BALANCE_BOOK_VIEWS_H */
