/*-------------------------------------------------------------------------
 *
 * customer.h
 *	  The customer whom a document is about.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_CUSTOMER_H
#define BALANCE_CUSTOMER_H

#include "compat.h"

#include "first_row.h"
#include "plan.h"

/*
 * A document's query starts with two columns: whether the ledger knows its
 * customers at all, and the customer's id as the ledger spells it.
 */
#define RESULT_KNOWS_CUSTOMERS	1
#define RESULT_CUSTOMER_ID		2

/* What a ledger says of the customer who is asked for. */
typedef struct KnownCustomer
{
	bool		is_known;		/* whether it knows its customers at all */
	text	   *id;				/* as it spells it, or NULL */
	uint64		found;			/* how many there are */
} KnownCustomer;

extern bool ledger_customers_are_unique(const LedgerRelation *customer);
extern void ledger_select_customer(const Ledger *ledger, LedgerQuery *query,
								   LedgerRelation *customer);
extern void ledger_from_customer(LedgerQuery *query,
								 const LedgerRelation *customer, const char *beside);
pg_noreturn extern void report_customer_twice(const char *ledger,
											  const text *customer_id);
extern const char *ledger_customer_is_one(const LedgerRelation *customer,
										  const char *id, bool in_view);
extern text *known_customer(const Ledger *ledger, text *customer_id, const text *business_id,
							const KnownCustomer *known);
extern text *result_customer(const Ledger *ledger, text *customer_id,
							 const text *business_id, uint64 customers);
extern text *found_customer(const Ledger *ledger, text *customer_id, const FirstRow *row);
extern void require_customer(const Ledger *ledger,
							 const NullableDatum *arguments);

#endif							/* BALANCE_CUSTOMER_H */
