/*-------------------------------------------------------------------------
 *
 * document_sources.c
 *	  What of a ledger each document and report tallies: the one list of it is
 *	  in figures.def.
 *
 *-------------------------------------------------------------------------
 */
#include "document_sources.h"

const DocumentSource document_sources[NUM_DOCUMENT_SOURCES] = {
#define SOURCE(document, group, source) \
	{DOCUMENT_##document, GROUP_##group, &ledger_sources[SOURCE_##source]},
#include "document/figures.def"
};

/* The sources of a document's cells of some groups, each once. */
List *
source_specs(FigureDocument document, int groups)
{
	List	   *specs = NIL;

	for (int i = 0; i < NUM_DOCUMENT_SOURCES; i++)
		if (document_sources[i].document == document &&
			(groups & (1 << document_sources[i].group)) != 0)
			specs = list_append_unique_ptr(specs,
										   unconstify(SourceSpec *, document_sources[i].source));
	return specs;
}

/* Whether rows count by their dates, so that there must be a period of them. */
bool
is_dated(FigureDocument document)
{
	ListCell   *lc;

	foreach(lc, source_specs(document, ALL_GROUPS))
	{
		if (((const SourceSpec *) lfirst(lc))->owner->dated != NULL)
			return true;
	}
	return false;
}

/* All that the ledger has of a document's sources. */
TallySources
find_sources(const Ledger *ledger, FigureDocument document, int groups,
			 const char *period)
{
	List	   *specs = source_specs(document, groups);
	TallySources found = {.source = palloc(list_length(specs) * sizeof(TallySource))};
	ListCell   *lc;

	foreach(lc, specs)
		found.n += find_source(ledger, lfirst(lc), period, &found.source[found.n]);
	return found;
}

/* Of sources that the ledger has none of, the relations that it lacks. */
void
report_missing_sources(const Ledger *ledger, FigureDocument document, int groups)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, source_specs(document, groups))
	{
		const SourceSpec *spec = lfirst(lc);
		LedgerRelation owner;
		bool		has_owner = ledger_find(ledger, spec->owner->name, spec->alias, &owner);
		const char *name = has_owner ? spec->row : spec->owner->name;

		names = list_append_unique_ptr(names, unconstify(char *, name));
	}
	report_missing_relation(ledger, names);
}
