/*-------------------------------------------------------------------------
 *
 * lookup.c
 *	  One customer's document: one query finds the customer and tallies what
 *	  is his, and what comes out of it is projected.
 *
 *-------------------------------------------------------------------------
 */
#include "lookup.h"

#include "catalog/pg_type.h"
#include "ledger/customer.h"
#include "ledger/fault.h"
#include "ledger/plan.h"
#include "ledger/tallied.h"
#include "ledger/template.h"

const LedgerDocument ledger_documents[NO_DOCUMENT] = {
#define PROJECTION(document, function, column) \
	[DOCUMENT_##document] = {DOCUMENT_##document, column, function},
#include "document/figures.def"
};

/* The columns of the query behind the customer's two. */
enum
{
	RESULT_ATTRIBUTE = RESULT_CUSTOMER_ID + 1,
	RESULT_POSITIONS			/* one for each source */
};

/* What the ledger has for a document, which must be something. */
TallySources
require_sources(const LedgerDocument *document, const Ledger *ledger,
				LedgerQuery *query)
{
	TallySources sources;
	const char *period = NULL;

	if (is_dated(document->id))
		period = psprintf("%s, %s, %s, %s",
						  ledger_parameter(query, DATEOID, ARGUMENT_START),
						  ledger_parameter(query, DATEOID, ARGUMENT_END),
						  ledger_parameter(query, TIMESTAMPTZOID, ARGUMENT_UNTIL),
						  ledger_parameter(query, TEXTOID, ARGUMENT_DAYS_OF));
	sources = find_sources(ledger, document->id, ALL_GROUPS, period);
	if (sources.n == 0)
		report_missing_sources(ledger, document->id, ALL_GROUPS);
	return sources;
}

/* The customer's column that a document shows, if it shows any. */
const char *
document_attribute(const LedgerDocument *document, const LedgerRelation *customer)
{
	return document->attribute == NULL ? sql_fill("NULL::text") :
		ledger_column(customer, document->attribute);
}

static void
compose_lookup(const Ledger *ledger, LedgerQuery *query, const void *context)
{
	const LedgerDocument *document = context;
	TallySources sources = require_sources(document, ledger, query);
	LedgerRelation customer;

	ledger_select_customer(ledger, query, &customer);
	sql_append(&query->sql, ", {attribute}",
			   "attribute", document_attribute(document, &customer));
	ledger_select_positions(query, &sources, &customer);
}

/* Look up a customer, who is the first argument. */
Datum
look_up(FigureDocument id, const Ledger *ledger,
		const NullableDatum *arguments, const void *context)
{
	const LedgerDocument *document = &ledger_documents[id];
	text	   *customer_id = DatumGetTextPP(arguments[ARGUMENT_CUSTOMER_ID].value);
	LedgerReading reading;
	FirstRow	row;
	Jsonb	   *result;

	SPI_connect();
	ledger_begin_reading(&reading, ledger, customer_id);
	ledger_first_row(ledger, compose_lookup, document, arguments, &row);
	customer_id = found_customer(ledger, customer_id, &row);
	result = document->project(first_row_positions(&row, RESULT_POSITIONS), customer_id,
							   first_row_text(&row, RESULT_ATTRIBUTE), context);
	ledger_end_reading(&reading);
	return result_document(result);
}
