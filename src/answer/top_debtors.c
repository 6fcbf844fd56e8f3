/*-------------------------------------------------------------------------
 *
 * top_debtors.c
 *	  Who owes the most in a currency.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "ledger/asked.h"
#include "ledger/customer.h"
#include "ledger/fault.h"
#include "ledger/plan.h"
#include "ledger/source.h"
#include "ledger/tallied.h"
#include "ledger/template.h"
#include "utils/builtins.h"
#include "value/arguments.h"
#include "value/currency.h"
#include "value/datetime.h"

/* The function's arguments, as the query's parameters name them. */
enum
{
	ARGUMENT_CURRENCY,
	ARGUMENT_AS_OF,
	ARGUMENT_ZONE,
	NUM_ARGUMENTS
};

/*
 * The invoices of the currency by customer, and the n customers that owe most.  As
 * in the whole book, only customers of the ledger count, if it knows them.
 */
static void
compose_debtors(const Ledger *ledger, LedgerQuery *query, int32 n)
{
	StringInfo	sql = &query->sql;
	const char *currency = ledger_parameter(query, TEXTOID, ARGUMENT_CURRENCY);
	const char *as_of = ledger_parameter(query, TIMESTAMPTZOID, ARGUMENT_AS_OF);
	const char *zone = ledger_parameter(query, TEXTOID, ARGUMENT_ZONE);
	LedgerRelation customer;
	TallySource invoices;
	LedgerRelation tallied;
	const char *customer_id;
	const char *position;
	bool		has_customer = ledger_find(ledger, "customer", "c", &customer);

	ledger_require(ledger, "invoice", "i", &invoices.owner);
	(void) find_source(ledger, &ledger_sources[SOURCE_invoices], NULL, &invoices);
	tallied = has_customer ? customer : invoices.owner;
	tallied.alias = has_customer ? "c" : invoices.name;
	customer_id = ledger_column(&tallied, "customer_id");

	position = psprintf("%s.position", invoices.name);
	if (has_customer)
		position = sql_fill("CASE WHEN {is_one} THEN {position} END",
							"is_one", ledger_customer_is_one(&customer, "c.customer_id", false),
							"position", position_of(&invoices, &customer));

	initStringInfo(sql);
	sql_append(sql,
			   "SELECT {customer_id}, r.currency, r.minor_unit,\n"
			   " r.total_unpaid_amount, r.unpaid_invoice_count,\n"
			   " r.total_overdue_amount, r.overdue_invoice_count\nFROM ",
			   "customer_id", customer_id);
	if (has_customer)
		sql_append(sql,
				   "(SELECT c.customer_id, count(*) AS customers{alike}"
				   " FROM {customer} GROUP BY c.customer_id) AS c\nJOIN ",
				   "alike", count_alike(&invoices, &customer),
				   "customer", ledger_from(&customer));
	else
		(void) ledger_spelling_decides(ledger, false);
	tally_by_customer(query, &invoices, has_customer ? &customer : NULL, currency);
	sql_append(sql,
			   "\nCROSS JOIN LATERAL balance.invoice_rows({position}, {as_of}, {zone}) AS r\n"
			   "WHERE r.total_unpaid_amount > 0 AND {customer_id} IS NOT NULL\n"
			   "ORDER BY r.total_unpaid_amount DESC, r.total_overdue_amount DESC,\n"
			   " {customer_id} COLLATE \"C\"\nLIMIT {n}",
			   "position", position,
			   "as_of", as_of, "zone", zone, "customer_id", customer_id,
			   "n", psprintf("%d", n));
}

static int32
get_number(FunctionCallInfo fcinfo, int argno)
{
	int32		n;

	if (PG_ARGISNULL(argno))
		report_null_argument("n");
	n = PG_GETARG_INT32(argno);
	if (n < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("n must not be negative: %d", n)));
	return n;
}

PG_FUNCTION_INFO_V1(top_debtors);
Datum
top_debtors(PG_FUNCTION_ARGS)
{
	NullableDatum arguments[NUM_ARGUMENTS] = {
		[ARGUMENT_AS_OF] = fcinfo->args[2],
		[ARGUMENT_ZONE] = fcinfo->args[3]
	};
	Ledger		ledger;
	LedgerReading reading;
	LedgerQuery query = {.nparameters = 0};
	int32		n;

	if (PG_ARGISNULL(0))
		report_null_argument("currency");
	if (PG_ARGISNULL(2))
		report_null_argument("as_of");
	if (PG_ARGISNULL(3))
		report_null_argument("zone");
	n = get_number(fcinfo, 1);

	/*
	 * an unknown zone is the caller's mistake; in the query the data would be
	 * blamed
	 */
	(void) zone_by_name(text_to_cstring(DatumGetTextPP(arguments[ARGUMENT_ZONE].value)));
	arguments[ARGUMENT_CURRENCY] = currency_argument(fcinfo, 0);
	ledger = ledger_getarg(fcinfo, 4);

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	compose_debtors(&ledger, &query, n);
	ledger_begin_reading(&reading, &ledger, NULL);
	ledger_store(&ledger, &query, arguments, (ReturnSetInfo *) fcinfo->resultinfo);
	ledger_end_reading(&reading);
	SPI_finish();
	return (Datum) 0;
}
