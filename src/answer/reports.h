/*-------------------------------------------------------------------------
 *
 * reports.h
 *	  What the report views of a ledger show.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_REPORTS_H
#define BALANCE_REPORTS_H

#include "compat.h"

#include "document_sources.h"

typedef struct ReportColumn
{
	const char *name;
	const char *expression;
	const char *comment;
	bool		is_major;		/* an amount in major units */
} ReportColumn;

typedef struct Report
{
	FigureDocument document;	/* whose sources are tallied, and figures
								 * shown */
	const char *name;
	const char *rows;			/* the rows of a position, in {zone} */
	const char *customer_column;	/* a column of customer, or NULL */
	const ReportColumn *columns;	/* before the figures; ends with a NULL
									 * name */
	const char *comment;
} Report;

enum
{
#define REPORT(document, name, rows, customer_column, columns, comment) REPORT_##document,
#include "document/figures.def"
	NUM_REPORTS
};

extern const Report reports[NUM_REPORTS];

/*
 * As of when and by whose days, in a template.  Arguments are never left to their
 * defaults: another function of the name would do as well as ours then.
 */
#define NOW_HERE		"now(), {zone}"
#define AGEING_BOUNDS	"'{30,60,90}'::int4[]"

/* As of now, as in_period() takes a period. */
#define UNTIL_NOW \
	"NULL::pg_catalog.date, NULL::pg_catalog.date, pg_catalog.statement_timestamp()," \
	" NULL::pg_catalog.text"

extern const ReportColumn *report_columns(const Report *report);
extern const char *report_zone(const char *name);
extern const char *report_rows(const Report *report, const char *zone);
extern bool compose_report(const Ledger *ledger, const Report *report, const char *zone,
						   StringInfo sql);

#endif							/* BALANCE_REPORTS_H */
