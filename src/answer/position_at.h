/* What a ledger's customers owed and held at an instant. */
#ifndef BALANCE_POSITION_AT_H
#define BALANCE_POSITION_AT_H

#include "compat.h"

#include "document/document.h"
#include "document_sources.h"
#include "ledger/past.h"
#include "ledger/plan.h"

/* The arguments of its queries, as their parameters name them. */
enum
{
	ARGUMENT_AT_CUSTOMER,
	ARGUMENT_AT_INSTANT,
	ARGUMENT_AT_DAY,			/* its day in the zone */
	ARGUMENT_AT_ZONE,
	NUM_ARGUMENTS_AT
};

/* An instant that is asked for: before now, the ledger's past, else its present. */
typedef struct Instant
{
	AsOf		as_of;
	bool		past;
	NullableDatum arguments[NUM_ARGUMENTS_AT];
} Instant;

extern Instant get_instant(FunctionCallInfo fcinfo, int customer, int instant, int zone);
extern void set_ledger_at(Ledger *then, LedgerPast *past, const Ledger *ledger,
						  LedgerQuery *query, bool is_past, bool one_customer);

/* What is found of a customer: his id as the ledger spells it, and his position. */
typedef struct CustomerAt
{
	text	   *customer_id;
	text	   *attribute;
	struct varlena *position;
} CustomerAt;

extern CustomerAt look_up_at(FigureDocument document, const Ledger *ledger,
							 const Instant *instant);
extern void report_untold(const Ledger *ledger, const Instant *instant, bool one_customer);

#endif							/* BALANCE_POSITION_AT_H */
