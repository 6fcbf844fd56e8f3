/*-------------------------------------------------------------------------
 *
 * report_metrics.h
 *	  The other reports in long form.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_REPORT_METRICS_H
#define BALANCE_REPORT_METRICS_H

#include "compat.h"

#include "reports.h"

extern const Report metrics_report;

extern bool compose_metrics(const Ledger *ledger, const char *zone, StringInfo sql);

#endif							/* BALANCE_REPORT_METRICS_H */
