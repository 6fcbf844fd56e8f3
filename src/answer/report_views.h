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

extern const char *report_view(int i);

#endif							/* BALANCE_REPORT_VIEWS_H */
