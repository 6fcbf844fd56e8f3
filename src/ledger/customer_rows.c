/*-------------------------------------------------------------------------
 *
 * customer_rows.c
 *	  The rows of one customer, which tell in the same query whether there is such a
 *	  one.
 *
 * Two queries would be two snapshots where rows are on another server, and two ways
 * to it.  So one row goes before the others, and is looked at before any of them is
 * made.
 *
 *-------------------------------------------------------------------------
 */
#include "customer_rows.h"

#include "asked.h"
#include "template.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

/* The columns before those of the rows, of which only the first row has any. */
enum
{
	ROWS_KNOWS_CUSTOMERS,
	ROWS_FOUND,
	ROWS_CUSTOMER_ID,
	ROWS_UNTOLD,
	ROWS_COLUMNS
};

/*
 * Begin a query with the row of the customer, who is its first argument; what follows
 * is the query of his rows, whose columns are that many.  untold is a condition whose
 * answer is kept.
 */
void
begin_customer_rows(const Ledger *ledger, LedgerQuery *query, const char *untold, int ncolumns)
{
	LedgerRelation customer;
	StringInfoData none;

	initStringInfo(&none);
	for (int i = 0; i < ncolumns; i++)
		appendStringInfoString(&none, ", NULL");
	if (ledger_find(ledger, "customer", "c", &customer))
		sql_append(&query->sql,
				   "SELECT TRUE, count(*), min({id}), {untold}{none} FROM {customer} WHERE {asked}",
				   "id", ledger_column(&customer, "customer_id"), "untold", untold,
				   "none", none.data, "customer", ledger_from(&customer),
				   "asked", ledger_equals(query, &customer, "customer_id", 0));
	else
		sql_append(&query->sql, "SELECT FALSE, 0::int8, NULL::text, {untold}{none}",
				   "untold", untold, "none", none.data);
	appendStringInfoString(&query->sql,
						   "\nUNION ALL SELECT NULL, NULL, NULL, NULL, own.* FROM (");
}

void
end_customer_rows(LedgerQuery *query)
{
	appendStringInfoString(&query->sql, ") AS own");
}

/* The row of the customer, without whom nothing more is asked for. */
static void
take_customer(CustomerRows *receiver, const TupleTableSlot *slot)
{
	KnownCustomer known = {
		.is_known = DatumGetBool(slot->tts_values[ROWS_KNOWS_CUSTOMERS]),
		.id = slot->tts_isnull[ROWS_CUSTOMER_ID] ? NULL :
		DatumGetTextPP(slot->tts_values[ROWS_CUSTOMER_ID]),
		.found = DatumGetInt64(slot->tts_values[ROWS_FOUND])
	};

	receiver->untold = DatumGetBool(slot->tts_values[ROWS_UNTOLD]);
	(void) known_customer(receiver->ledger, receiver->customer_id, NULL, &known);
}

static void
put_as_it_is(const CustomerRows *receiver, Datum *values, bool *nulls)
{
	tuplestore_putvalues(receiver->result->setResult, receiver->result->setDesc, values, nulls);
}

static void
take_row(RowReceiver *rows, TupleTableSlot *slot)
{
	CustomerRows *receiver = (CustomerRows *) rows;

	if (!slot->tts_isnull[ROWS_KNOWS_CUSTOMERS])
		take_customer(receiver, slot);
	else
		receiver->put(receiver, slot->tts_values + ROWS_COLUMNS, slot->tts_isnull + ROWS_COLUMNS);
}

/* A query that is run again begins with an empty result. */
static void
start_rows(DestReceiver *self, int operation, TupleDesc columns)
{
	tuplestore_clear(((CustomerRows *) self)->result->setResult);
}

void
customer_rows_init(CustomerRows *receiver, const Ledger *ledger, text *customer_id,
				   CustomerRowPutter put, ReturnSetInfo *result)
{
	row_receiver_init(&receiver->rows, ALLOCSET_DEFAULT_INITSIZE, take_row);
	receiver->rows.pub.rStartup = start_rows;
	receiver->ledger = ledger;
	receiver->customer_id = customer_id;
	receiver->result = result;
	receiver->put = put != NULL ? put : put_as_it_is;
	receiver->untold = false;
}
