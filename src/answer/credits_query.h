/*-------------------------------------------------------------------------
 *
 * credits_query.h
 *	  What customer credits ask a ledger for, and how it answers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_CREDITS_QUERY_H
#define BALANCE_CREDITS_QUERY_H

#include "compat.h"

#include "document/credit_memos.h"
#include "ledger/customer.h"

/* The document's arguments, as the query's parameters name them. */
enum
{
	ARGUMENT_CUSTOMER_ID,
	ARGUMENT_BUSINESS_ID,
	ARGUMENT_CURRENCY,
	NUM_CREDITS_ARGUMENTS
};

/*
 * The columns of the result behind the customer's two.  There is one row for
 * each application, and one for a memo that has none; without a memo there is
 * one row with RESULT_ORDINAL null.
 */
enum
{
	RESULT_CUSTOMER_NAME = RESULT_CUSTOMER_ID + 1,
	RESULT_CUSTOMERS,
	RESULT_ORDINAL,
	RESULT_STATUS,
	RESULT_CURRENCY,
	RESULT_AMOUNT,
	RESULT_AMOUNT_APPLIED,
	RESULT_VALUES,				/* those of CREDIT_MEMO_VALUES */
	RESULT_ID = RESULT_VALUES + MEMO_id,
	RESULT_APPLICATION_ID = RESULT_VALUES + NUM_CREDIT_MEMO_VALUES,
	RESULT_APPLICATION_INVOICE_ID,
	RESULT_APPLICATION_AMOUNT,
	RESULT_APPLIED_AT,
	RESULT_APPLIED_BY_USER_ID
};

/* The names of the columns from RESULT_STATUS on, which are the memo's. */
extern const char *const credit_memo_columns[];

extern void compose_credits(const Ledger *ledger, LedgerQuery *query, const void *context);

#endif							/* BALANCE_CREDITS_QUERY_H */
