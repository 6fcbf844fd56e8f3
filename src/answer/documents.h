/*-------------------------------------------------------------------------
 *
 * documents.h
 *	  The documents over a ledger that are made of a position.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_DOCUMENTS_H
#define BALANCE_DOCUMENTS_H

#include "compat.h"

#include "lookup.h"

extern const LedgerDocument customer_balance_document;
extern const LedgerDocument invoice_summary_document;
extern const LedgerDocument vcu_balance_document;

#endif							/* BALANCE_DOCUMENTS_H */
