/*-------------------------------------------------------------------------
 *
 * documents.c
 *	  The documents over a ledger that are made of a position: of a customer,
 *	  and of all customers.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/xact.h"
#include "lookup.h"
#include "utils/builtins.h"
#include "value/datetime.h"
#include "value/zone.h"

/* ---- Wingback's customer balance ---- */

PG_FUNCTION_INFO_V1(customer_balance);
Datum
customer_balance(PG_FUNCTION_ARGS)
{
	Ledger		ledger;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	ledger = ledger_getarg(fcinfo, 1);
	return look_up(DOCUMENT_CUSTOMER_BALANCE, &ledger, fcinfo->args, ledger.name);
}

PG_FUNCTION_INFO_V1(customer_balances);
Datum
customer_balances(PG_FUNCTION_ARGS)
{
	Ledger		ledger = ledger_getarg(fcinfo, 1);

	return store_book(fcinfo, DOCUMENT_CUSTOMER_BALANCE, &ledger, 0, NULL, ledger.name);
}

/* ---- Flexprice's invoice summary ---- */

PG_FUNCTION_INFO_V1(invoice_summary);
Datum
invoice_summary(PG_FUNCTION_ARGS)
{
	AsOf		as_of;
	Ledger		ledger;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	as_of = get_as_of(fcinfo, 1, 2);
	ledger = ledger_getarg(fcinfo, 3);
	return look_up(DOCUMENT_INVOICE_SUMMARY, &ledger, fcinfo->args, &as_of);
}

PG_FUNCTION_INFO_V1(invoice_summaries);
Datum
invoice_summaries(PG_FUNCTION_ARGS)
{
	AsOf		as_of = get_as_of(fcinfo, 0, 1);
	Ledger		ledger = ledger_getarg(fcinfo, 3);

	return store_book(fcinfo, DOCUMENT_INVOICE_SUMMARY, &ledger, 2, NULL, &as_of);
}

/* ---- Carbonext's VCU balance ---- */

/*
 * A period from two arguments, for a document and for its query.  Its days are those
 * of the session's time zone, which the caller chose: if it has no name, that is
 * found here, where no row is blamed for it.
 */
static Period
get_period_of_rows(FunctionCallInfo fcinfo, int argno, NullableDatum *arguments)
{
	Period		period = get_period(fcinfo, argno);

	arguments[ARGUMENT_DAYS_OF].isnull = !period.has_start && !period.has_end;
	if (!arguments[ARGUMENT_DAYS_OF].isnull)
	{
		const char *zone = session_zone_name();

		(void) zone_by_name(zone);
		arguments[ARGUMENT_DAYS_OF].value = CStringGetTextDatum(zone);
	}
	arguments[ARGUMENT_START] = fcinfo->args[argno];
	arguments[ARGUMENT_END] = fcinfo->args[argno + 1];
	arguments[ARGUMENT_UNTIL].value =
		TimestampTzGetDatum(GetCurrentStatementStartTimestamp());
	return period;
}

PG_FUNCTION_INFO_V1(vcu_balance);
Datum
vcu_balance(PG_FUNCTION_ARGS)
{
	NullableDatum arguments[NUM_DOCUMENT_ARGUMENTS] = {
		[ARGUMENT_CUSTOMER_ID] = fcinfo->args[0]
	};
	Period		period;
	Ledger		ledger;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	period = get_period_of_rows(fcinfo, 1, arguments);
	ledger = ledger_getarg(fcinfo, 3);
	return look_up(DOCUMENT_VCU_BALANCE, &ledger, arguments, &period);
}

PG_FUNCTION_INFO_V1(vcu_balances);
Datum
vcu_balances(PG_FUNCTION_ARGS)
{
	NullableDatum arguments[NUM_DOCUMENT_ARGUMENTS] = {{0}};
	Period		period = get_period_of_rows(fcinfo, 0, arguments);
	Ledger		ledger = ledger_getarg(fcinfo, 3);

	return store_book(fcinfo, DOCUMENT_VCU_BALANCE, &ledger, 2, arguments, &period);
}
