/* The report view of what was owed month by month. */
#ifndef BALANCE_REPORT_ROLL_FORWARD_H
#define BALANCE_REPORT_ROLL_FORWARD_H

#include "compat.h"

#include "reports.h"

extern const Report roll_forward_report;

extern bool append_roll_forward(const Ledger *ledger, const char *zone, StringInfo sql);
extern bool compose_roll_forward_report(const Ledger *ledger, const char *zone, StringInfo sql);

#endif							/* BALANCE_REPORT_ROLL_FORWARD_H */
