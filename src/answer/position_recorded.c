/*-------------------------------------------------------------------------
 *
 * position_recorded.c
 *	  What the books said of a customer at the end of a day.
 *
 *-------------------------------------------------------------------------
 */
#include "lookup.h"

#include "catalog/pg_type.h"
#include "ledger/asked.h"
#include "ledger/customer.h"
#include "ledger/template.h"
#include "position/datum.h"
#include "store/store.h"
#include "utils/builtins.h"
#include "value/arguments.h"

/* What was recorded of all relations that are kept, beside the customer's id. */
static void
compose_recorded(const Ledger *ledger, LedgerQuery *query, const void *context)
{
	LedgerRelation customer;
	bool		found = false;

	ledger_select_customer(ledger, query, &customer);
	for (int i = 0; i < NUM_KEPT_RELATIONS; i++)
	{
		const char *name = kept_relations[i].name;
		LedgerRelation relation;

		if (!ledger_find(ledger, name, "r", &relation))
			continue;
		found = true;
		sql_append(&query->sql, ",\nbalance.recorded_position({schema}::regnamespace,"
				   " '{relation}'::text, {customer}, {day})",
				   "schema", quote_literal_cstr(quote_identifier(ledger->name)),
				   "relation", name,
				   "customer", ledger_asked_text(query, &relation, "customer_id",
												 ARGUMENT_CUSTOMER_ID),
				   "day", ledger_parameter(query, DATEOID, ARGUMENT_START));
	}
	if (!found)
		report_missing_relation(ledger, list_make2("invoice", "deposit"));
	ledger_from_customer(query, &customer, NULL);
}

/* A customer that is gone was one once, if anything of it was recorded. */
PG_FUNCTION_INFO_V1(position_recorded);
Datum
position_recorded(PG_FUNCTION_ARGS)
{
	NullableDatum arguments[NUM_DOCUMENT_ARGUMENTS] = {{0}};
	Ledger		ledger;
	FirstRow	row;
	struct varlena *packed;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (PG_ARGISNULL(1))
		report_null_argument("day");
	ledger = ledger_getarg(fcinfo, 2);
	arguments[ARGUMENT_CUSTOMER_ID] = fcinfo->args[0];
	arguments[ARGUMENT_START] = fcinfo->args[1];
	SPI_connect();
	ledger_first_row(&ledger, compose_recorded, NULL, arguments, &row);
	packed = packed_from_datum(PointerGetDatum(first_row_positions(&row, RESULT_CUSTOMER_ID + 1)));
	if (row.found > 1 || is_zero_position(PointerGetDatum(packed)))
		(void) found_customer(&ledger, PG_GETARG_TEXT_PP(0), &row);
	return result_packed(packed);
}
