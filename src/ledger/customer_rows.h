/* The rows of one customer, which tell in the same query whether there is such a one. */
#ifndef BALANCE_CUSTOMER_ROWS_H
#define BALANCE_CUSTOMER_ROWS_H

#include "customer.h"
#include "receiver.h"

typedef struct CustomerRows CustomerRows;

/* What puts a row into the result, where it is not put as it is. */
typedef void (*CustomerRowPutter) (const CustomerRows *receiver, Datum *values,
								   bool *nulls);

/* Where the rows go; untold is set by the condition of begin_customer_rows(). */
struct CustomerRows
{
	RowReceiver rows;
	const Ledger *ledger;
	text	   *customer_id;
	ReturnSetInfo *result;
	CustomerRowPutter put;
	bool		untold;
};

extern void begin_customer_rows(const Ledger *ledger, LedgerQuery *query, const char *untold,
								int ncolumns);
extern void end_customer_rows(LedgerQuery *query);
extern void customer_rows_init(CustomerRows *receiver, const Ledger *ledger, text *customer_id,
							   CustomerRowPutter put, ReturnSetInfo *result);

#endif							/* BALANCE_CUSTOMER_ROWS_H */
