/*-------------------------------------------------------------------------
 *
 * check_reports.c
 *	  Whether the report views read what the documents read: a relation that
 *	  was renamed, replaced or added after them makes two answers.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "book_views.h"
#include "catalog/pg_type.h"
#include "check_ledger.h"
#include "ledger/template.h"
#include "lookup.h"
#include "reports.h"
#include "utils/builtins.h"

/* Our views, which have our comment; and what they read. */
#define REPORTS \
	"WITH reports AS (SELECT v.oid, v.relname::text AS name\n" \
	" FROM pg_class v WHERE v.relnamespace = $1 AND v.relkind = 'v'\n" \
	"  AND starts_with(obj_description(v.oid, 'pg_class'),\n" \
	"   'Report of balance: ')),\n" \
	"reads AS (SELECT v.name, d.refobjid AS relid, d.refobjsubid AS attnum FROM reports v\n" \
	" JOIN pg_rewrite w ON w.ev_class = v.oid\n" \
	" JOIN pg_depend d ON d.objid = w.oid\n" \
	"  AND d.classid = 'pg_catalog.pg_rewrite'::regclass\n" \
	"  AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> v.oid)\n"

#define READ_BY_DOCUMENTS_ONLY \
	"SELECT DISTINCT v.name, concat('does not read ', e.relation,\n" \
	"  CASE WHEN e.attname IS NOT NULL THEN concat('.', e.attname) END,\n" \
	"  ', which the documents read')\n" \
	"FROM (VALUES {expected}) e(view, relation, attname)\n" \
	/* report_metrics has what the others have, but the customer's columns */ \
	"JOIN reports v ON v.name = e.view\n" \
	" OR v.name = 'report_metrics' AND e.relation <> 'customer'\n" \
	"JOIN pg_class t ON t.relnamespace = $1\n" \
	" AND t.relname::text = e.relation\n" \
	"LEFT JOIN pg_attribute a ON a.attrelid = t.oid\n" \
	" AND a.attname::text = e.attname AND NOT a.attisdropped\n" \
	"WHERE (e.attname IS NULL OR a.attnum IS NOT NULL)\n" \
	" AND NOT EXISTS (SELECT FROM reads r WHERE r.name = v.name AND r.relid = t.oid\n" \
	"  AND (e.attname IS NULL OR r.attnum = a.attnum))\n" \
	/* of a relation that is not read at all, no column is told */ \
	" AND (e.attname IS NULL OR e.relation = 'customer'\n" \
	"  OR EXISTS (SELECT FROM reads r WHERE r.name = v.name AND r.relid = t.oid))\n" \
	"ORDER BY 1, 2"

#define READ_BY_REPORTS_ONLY \
	"SELECT DISTINCT r.name,\n" \
	" concat('reads ', format('%s.%I', t.relnamespace::regnamespace::text, t.relname),\n" \
	"  ', which no document reads')\n" \
	"FROM reads r JOIN pg_class t ON t.oid = r.relid\n" \
	"WHERE t.oid <> ALL (SELECT v.oid FROM reports v)\n" \
	" AND (t.relnamespace <> $1\n" \
	"  OR t.relname::text <> ALL\n" \
	"   (SELECT e.relation FROM (VALUES {expected}) e(view, relation, attname)))\n" \
	"ORDER BY 1, 2"

/* ---- what the reports read ---- */

/* What a report reads of a ledger that has it, as rows of REPORTS_READ. */
typedef struct Reads
{
	StringInfoData rows;
	const Report *report;
	const SourceSpec *source;
} Reads;

static void
add_read(Reads *reads, const char *relation, const char *column)
{
	appendStringInfo(&reads->rows, "%s('%s', '%s', %s)", reads->rows.len > 0 ? ", " : "",
					 reads->report->name, relation,
					 column == NULL ? "NULL" : quote_literal_cstr(column));
}

/* A column that a source's template reads, which only counts if it is optional. */
static const char *
read_column(const char *hole, const void *context)
{
	Reads	   *reads = unconstify(void *, context);
	const RelationSpec *relation = reads->source->owner;
	const ColumnSpec *column = search_column_spec(relation, hole);

	if (column == NULL && reads->source->row != NULL)
	{
		relation = find_relation_spec(reads->source->row);
		column = search_column_spec(relation, hole);
	}
	if (column != NULL && !column->required)
		add_read(reads, relation->name, column->name);
	return hole;
}

static void
read_source(Reads *reads, const SourceSpec *source)
{
	const char *const templates[] = {
		source->aggregate, source->condition, source->owner->dated
	};

	reads->source = source;
	add_read(reads, source->row != NULL ? source->row : source->owner->name, NULL);
	for (int i = 0; i < lengthof(templates); i++)
		if (templates[i] != NULL)
			(void) sql_fill_by(templates[i], read_column, reads);
}

static void
read_report(Reads *reads, const Report *report, const char *customer_column)
{
	ListCell   *lc;

	reads->report = report;
	foreach(lc, source_specs(report->document, ALL_GROUPS))
		read_source(reads, lfirst(lc));
	if (customer_column != NULL)
		add_read(reads, "customer", customer_column);
}

/* Of all reports and books: the relations, and their optional columns. */
static const char *
reports_read(void)
{
	Reads		reads;

	initStringInfo(&reads.rows);
	for (int i = 0; i < NUM_REPORTS; i++)
		read_report(&reads, &reports[i], reports[i].customer_column);
	for (int i = 0; i < NUM_BOOKS; i++)
		read_report(&reads, &book_reports[i],
					ledger_documents[book_reports[i].document].attribute);
	return reads.rows.data;
}

static void
add_report_findings(ReturnSetInfo *result, const Ledger *ledger, const char *query)
{
	Oid			type = OIDOID;
	Datum		value = ObjectIdGetDatum(ledger->schema);

	read_catalog(sql_fill(query, "expected", reports_read()), 1, &type, &value);
	for (uint64 row = 0; row < SPI_processed; row++)
		add_finding(result, text_to_cstring(result_text(row, 1)), NULL, SEVERITY_WARNING,
					text_to_cstring(result_text(row, 2)),
					psprintf("SELECT balance.create_report_views(%s);",
							 quote_literal_cstr(quote_identifier(ledger->name))));
}

/* What the views read and the documents do not, and the other way round. */
void
check_reports(ReturnSetInfo *result, const Ledger *ledger)
{
	add_report_findings(result, ledger, REPORTS READ_BY_REPORTS_ONLY);
	add_report_findings(result, ledger, REPORTS READ_BY_DOCUMENTS_ONLY);
}
