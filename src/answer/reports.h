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

#include "document/figures.h"
#include "ledger/source.h"

typedef struct ReportColumn
{
	const char *name;
	const char *expression;
	const char *comment;
} ReportColumn;

typedef struct Report
{
	const char *name;
	const char *comment;
	const SourceFinder *sources;	/* ends with NULL */
	const char *rows;			/* the rows of a position */
	const char *customer_column;	/* a column of customer, or NULL */
	const ReportColumn *columns;	/* ends with a NULL name */
	FigureDocument document;	/* whose figures follow, or NO_DOCUMENT */
} Report;

/* The reports, by number. */
typedef enum ReportId
{
	REPORT_CUSTOMER_BALANCE,
	REPORT_INVOICE_SUMMARY,
	REPORT_AGEING,
	REPORT_VCU_BALANCE,
	REPORT_CUSTOMER_CREDITS,
	NUM_REPORTS
} ReportId;

extern const Report reports[NUM_REPORTS];

/*
 * As of when and by whose days.  Arguments are never left to their defaults:
 * another function of the name would do as well as ours then.
 */
#define NOW_HERE \
	"pg_catalog.now(), pg_catalog.current_setting('TimeZone'::pg_catalog.text)"
#define AGEING_BOUNDS	"'{30,60,90}'::pg_catalog.int4[]"

/* As of now, as in_period() takes a period. */
#define UNTIL_NOW \
	"NULL::pg_catalog.date, NULL::pg_catalog.date, pg_catalog.statement_timestamp()"

#define SOURCES(...)	(const SourceFinder[]) {__VA_ARGS__, NULL}

extern const ReportColumn *report_columns(const Report *report);
extern bool compose_report(const Ledger *ledger, const Report *report, StringInfo sql);

#endif							/* BALANCE_REPORTS_H */
