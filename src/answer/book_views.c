/*-------------------------------------------------------------------------
 *
 * book_views.c
 *	  The views of the whole book: a document for each customer.
 *
 * They are the queries of the functions that list all documents, but a document is
 * made in the query itself: where the rows are, by parallel workers, of one customer
 * if only he is asked for, and one by one as they are read.
 *
 *-------------------------------------------------------------------------
 */
#include "book_views.h"

#include "lookup.h"

/* What makes the documents, as figures.def has it. */
static const char *const book_calls[NUM_BOOKS] = {
#define BOOK(document, name, call, comment) [BOOK_OF_##document] = (call),
#include "document/figures.def"
};

static const ReportColumn book_columns[] = {
	{"customer_id", NULL, "The customer's id, in the type that the ledger has it."},
	{"document", NULL, "The customer's document."},
	{NULL}
};

const Report book_reports[NUM_BOOKS] = {
#define BOOK(document, name, call, comment) \
	{DOCUMENT_##document, name, NULL, NULL, book_columns, comment},
#include "document/figures.def"
};

/* A book's view in days of a zone; false if the ledger has nothing for it. */
bool
compose_book_view(const Ledger *ledger, const Report *report, const char *zone, StringInfo sql)
{
	LedgerQuery query = {.nparameters = 0};
	Book		book = {
		.document = &ledger_documents[report->document],
		.ledger = ledger,
		.call = book_calls[report - book_reports],
		.zone = report_zone(zone),
		.sources = find_sources(ledger, report->document, ALL_GROUPS, UNTIL_NOW)
	};

	if (book.sources.n == 0)
		return false;
	compose_book(&query, &book);
	appendStringInfoString(sql, query.sql.data);
	return true;
}
