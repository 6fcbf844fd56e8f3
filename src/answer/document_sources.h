/*-------------------------------------------------------------------------
 *
 * document_sources.h
 *	  What of a ledger each document and report tallies.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_DOCUMENT_SOURCES_H
#define BALANCE_DOCUMENT_SOURCES_H

#include "compat.h"

#include "document/figures.h"
#include "ledger/source.h"

/* Where the rows of a document's cells of a group come from. */
typedef struct DocumentSource
{
	FigureDocument document;
	CellGroup	group;
	const SourceSpec *source;
} DocumentSource;

enum
{
#define SOURCE(document, group, source)	SOURCE_OF_##document##_##group##_##source,
#include "document/figures.def"
	NUM_DOCUMENT_SOURCES
};

extern const DocumentSource document_sources[NUM_DOCUMENT_SOURCES];

#define ALL_GROUPS	((1 << NUM_CELL_GROUPS) - 1)

extern List *source_specs(FigureDocument document, int groups);
extern bool is_dated(FigureDocument document);
extern TallySources find_sources(const Ledger *ledger, FigureDocument document,
								 int groups, const char *period);
pg_noreturn extern void report_missing_sources(const Ledger *ledger,
											   FigureDocument document, int groups);

#endif							/* BALANCE_DOCUMENT_SOURCES_H */
