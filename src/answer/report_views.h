/*-------------------------------------------------------------------------
 *
 * report_views.h
 *	  The report views that a ledger has or may have.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_REPORT_VIEWS_H
#define BALANCE_REPORT_VIEWS_H

#include "compat.h"

#include "ledger/ledger.h"

extern const char *report_view(int i);
extern void remake_report_views(const Ledger *ledger);

#endif							/* BALANCE_REPORT_VIEWS_H */
