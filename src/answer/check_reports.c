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
#include "ledger/named_once.h"
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

/* Views that read a relation by ids which could be there twice when they were made, or now. */
#define LOOKS_UNLIKE_NOW \
	"SELECT DISTINCT v.name, e.key, e.looks\n" \
	"FROM (VALUES {expected}) e(view, relation, key, looks)\n" \
	"JOIN reports v ON v.name = e.view OR v.name = 'report_metrics'\n" \
	"WHERE EXISTS (SELECT FROM reads r JOIN pg_class t ON t.oid = r.relid\n" \
	"  WHERE r.name = v.name AND t.relname::text = e.relation)\n" \
	" AND e.looks <> EXISTS (SELECT FROM pg_rewrite w JOIN pg_depend d ON d.objid = w.oid\n" \
	"  AND d.classid = 'pg_catalog.pg_rewrite'::regclass\n" \
	"  AND d.refclassid = 'pg_catalog.pg_proc'::regclass AND d.refobjid =\n" \
	"   'balance.named_once(pg_catalog.int8,pg_catalog.text,pg_catalog.text)'::regprocedure\n" \
	"  WHERE w.ev_class = v.oid)\n" \
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

/* Run a query over the ledger's reports and what is expected of them, as VALUES. */
static void
read_reports(const Ledger *ledger, const char *query, const char *expected)
{
	Oid			type = OIDOID;
	Datum		value = ObjectIdGetDatum(ledger->schema);

	read_catalog(sql_fill(query, "expected", expected), 1, &type, &value);
}

/* Of the view in a row of the result, which is to be made anew. */
static void
add_report_finding(ReturnSetInfo *result, const Ledger *ledger, uint64 row,
				   const char *severity, const char *message)
{
	add_finding(result, text_to_cstring(result_text(row, 1)), NULL, severity, message,
				psprintf("SELECT balance.create_report_views(%s);",
						 quote_literal_cstr(quote_identifier(ledger->name))));
}

static void
add_report_findings(ReturnSetInfo *result, const Ledger *ledger, const char *query)
{
	read_reports(ledger, query, reports_read());
	for (uint64 row = 0; row < SPI_processed; row++)
		add_report_finding(result, ledger, row, SEVERITY_WARNING,
						   text_to_cstring(result_text(row, 2)));
}

/* ---- what is there twice ---- */

static void
add_looks(StringInfo rows, const Ledger *ledger, const Report *report)
{
	ListCell   *lc;

	foreach(lc, source_specs(report->document, ALL_GROUPS))
	{
		const SourceSpec *source = lfirst(lc);

		if (source->row != NULL)
			appendStringInfo(rows, "%s('%s', '%s', '%s', %s)", rows->len > 0 ? ", " : "",
							 report->name, source->row, source->owner->key,
							 ledger_view_looks_for_copies(ledger, source) ? "TRUE" : "FALSE");
	}
}

/*
 * A view does not follow an index that comes or goes: it takes for one what may be two
 * by now, or looks for what cannot be.
 */
static void
check_looks(ReturnSetInfo *result, const Ledger *ledger)
{
	StringInfoData rows;

	initStringInfo(&rows);
	for (int i = 0; i < NUM_REPORTS; i++)
		add_looks(&rows, ledger, &reports[i]);
	for (int i = 0; i < NUM_BOOKS; i++)
		add_looks(&rows, ledger, &book_reports[i]);
	read_reports(ledger, REPORTS LOOKS_UNLIKE_NOW, rows.data);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		bool		isnull;
		bool		looks = DatumGetBool(result_value(row, 3, &isnull));
		const char *key = text_to_cstring(result_text(row, 2));

		add_report_finding(result, ledger, row, looks ? SEVERITY_WARNING : SEVERITY_NOTICE,
						   looks ?
						   psprintf("does not look whether an %s is there twice, which no "
									"unique index rules out any more", key) :
						   psprintf("looks whether an %s is there twice, which a unique index "
									"rules out by now", key));
	}
}

/* What the views read and the documents do not, and the other way round. */
void
check_reports(ReturnSetInfo *result, const Ledger *ledger)
{
	add_report_findings(result, ledger, REPORTS READ_BY_REPORTS_ONLY);
	add_report_findings(result, ledger, REPORTS READ_BY_DOCUMENTS_ONLY);
	check_looks(result, ledger);
}
