/* The report view of available credit by when it expires. */
#ifndef BALANCE_REPORT_CREDIT_EXPIRY_H
#define BALANCE_REPORT_CREDIT_EXPIRY_H

#include "compat.h"

#include "reports.h"

extern const Report credit_expiry_report;

extern bool append_credit_expiry(const Ledger *ledger, const char *zone, StringInfo sql);
extern bool compose_credit_expiry(const Ledger *ledger, const char *zone, StringInfo sql);

#endif							/* BALANCE_REPORT_CREDIT_EXPIRY_H */
