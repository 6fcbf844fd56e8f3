/*-------------------------------------------------------------------------
 *
 * reports.h
 *	  The report views of a ledger.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_REPORTS_H
#define BALANCE_REPORTS_H

#include "compat.h"

extern const char *report_view(int i);

#endif							/* BALANCE_REPORTS_H */
