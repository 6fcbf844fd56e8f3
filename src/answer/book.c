/*-------------------------------------------------------------------------
 *
 * book.c
 *	  The whole book: one query tallies every customer, and each row that
 *	  comes out of it becomes a document at once.
 *
 * Nothing is held but the executor's own hash tables, which spill, and the
 * result, which does too.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "executor/tuptable.h"
#include "ledger/customer.h"
#include "ledger/fault.h"
#include "ledger/identifier.h"
#include "ledger/plan.h"
#include "ledger/receiver.h"
#include "ledger/tallied.h"
#include "ledger/template.h"
#include "lookup.h"
#include "miscadmin.h"
#include "position/datum.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"
#include "value/arguments.h"

/* The columns of the query. */
enum
{
	BOOK_CUSTOMER_ID = 1,
	BOOK_CUSTOMERS,				/* how many have this id; NULL if unknown */
	BOOK_ATTRIBUTE,
	BOOK_POSITIONS				/* one for each source */
};

/* A book under way: the document, and what the ledger has for it. */
typedef struct Book
{
	const LedgerDocument *document;
	const Ledger *ledger;
	TallySources sources;
	bool		include_empty;	/* also customers without any document */
	const void *context;
} Book;

/* ---- composing ---- */

/*
 * The ledger's customers, each once, with the column that is asked for.  Rows
 * of customers whom it does not know have no document, so no part in the book.
 */
static void
compose_known(LedgerQuery *query, const Book *book,
			  const LedgerRelation *customer)
{
	StringInfo	sql = &query->sql;
	const TallySource *sources = book->sources.source;
	int			n = book->sources.n;

	appendStringInfo(sql, "SELECT %s, c.customers, c.attribute",
					 ledger_column(customer, "customer_id"));
	for (int i = 0; i < n; i++)
		appendStringInfo(sql, ", %s", position_of(&sources[i], customer));
	sql_append(sql,
			   "\nFROM (SELECT c.customer_id, count(*) AS customers, min({attribute}) AS attribute",
			   "attribute", document_attribute(book->document, customer));
	for (int i = 0; i < n; i++)
		appendStringInfoString(sql, count_alike(&sources[i], customer));
	sql_append(sql,
			   "\n FROM {customer} WHERE c.customer_id IS NOT NULL GROUP BY c.customer_id) AS c",
			   "customer", ledger_from(customer));
	for (int i = 0; i < n; i++)
	{
		appendStringInfoString(sql, "\nLEFT JOIN ");
		tally_by_customer(query, &sources[i], customer, NULL);
	}
	/* asked of the key: of the position, it would be tallied a second time */
	for (int i = 0; i < n && !book->include_empty; i++)
		appendStringInfo(sql, "%s%s.customer_id IS NOT NULL",
						 i == 0 ? "\nWHERE " : " OR ", sources[i].name);
}

/* Every customer with a row, where the ledger does not know its customers. */
static void
compose_unknown(LedgerQuery *query, const Book *book)
{
	const TallySources *sources = &book->sources;
	LedgerRelation tallied = sources->source[0].owner;
	bool		as_they_are = keys_agree(sources);
	const char *customer_id = "p.customer_id";

	tallied.alias = "p";
	if (as_they_are)
		customer_id = ledger_id_text(&tallied, "customer_id");
	sql_append(&query->sql, "SELECT {id}, NULL::int8, NULL::text, p.position\nFROM (",
			   "id", customer_id);
	tally_together(&query->sql, sources, as_they_are ? &sources->source[0] : NULL, false);
	appendStringInfoString(&query->sql, ") AS p\nWHERE p.customer_id IS NOT NULL");
}

/* ---- receiving ---- */

typedef struct BookReceiver
{
	RowReceiver rows;
	const Book *book;
	ReturnSetInfo *result;
} BookReceiver;

static text *
slot_text(TupleTableSlot *slot, int column)
{
	bool		isnull;
	Datum		value = slot_getattr(slot, column, &isnull);

	return isnull ? NULL : DatumGetTextPP(value);
}

/* The sum of a row's positions. */
static struct varlena *
slot_position(TupleTableSlot *slot)
{
	return sum_of_positions(slot->tts_values + BOOK_POSITIONS - 1,
							slot->tts_isnull + BOOK_POSITIONS - 1,
							slot->tts_tupleDescriptor->natts - (BOOK_POSITIONS - 1));
}

/* A customer's id, which must be one customer's: the balance could be either's. */
static void
put_document(RowReceiver *rows, TupleTableSlot *slot)
{
	const BookReceiver *receiver = (const BookReceiver *) rows;
	const Book *book = receiver->book;
	text	   *customer_id = slot_text(slot, BOOK_CUSTOMER_ID);
	bool		isnull;
	int64		customers = DatumGetInt64(slot_getattr(slot, BOOK_CUSTOMERS, &isnull));
	Datum		values[2];
	bool		nulls[2] = {false, false};

	if (!isnull && customers > 1)
		report_customer_twice(book->ledger->name, customer_id);
	values[0] = PointerGetDatum(customer_id);
	values[1] = JsonbPGetDatum(book->document->project(slot_position(slot), customer_id,
													   slot_text(slot, BOOK_ATTRIBUTE),
													   book->context));
	tuplestore_putvalues(receiver->result->setResult,
						 receiver->result->setDesc, values, nulls);
}

/* Run the book's query, and make a document of each row. */
static void
read_book(Book *book, const NullableDatum *arguments, ReturnSetInfo *result)
{
	LedgerQuery query = {.nparameters = 0};
	LedgerRelation customer;
	LedgerReading reading;
	BookReceiver receiver = {
		.book = book,
		.result = result
	};

	initStringInfo(&query.sql);
	book->sources = require_sources(book->document, book->ledger, &query);
	if (ledger_find(book->ledger, "customer", "c", &customer))
		compose_known(&query, book, &customer);
	else
		compose_unknown(&query, book);
	row_receiver_init(&receiver.rows, put_document);
	ledger_begin_reading(&reading, book->ledger, NULL);
	ledger_receive(book->ledger, &query, arguments, &receiver.rows.pub);
	ledger_end_reading(&reading);
	row_receiver_end(&receiver.rows);
}

/*
 * Put every customer's document into the result of a set-returning function,
 * whose argument of that number says whether empty ones are listed.
 */
Datum
store_book(FunctionCallInfo fcinfo, FigureDocument id,
		   const Ledger *ledger, int include_empty,
		   const NullableDatum *arguments, const void *context)
{
	Book		book = {
		.document = &ledger_documents[id],
		.ledger = ledger,
		.context = context
	};

	if (PG_ARGISNULL(include_empty))
		report_null_argument("include_empty");
	book.include_empty = PG_GETARG_BOOL(include_empty);
	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	read_book(&book, arguments, (ReturnSetInfo *) fcinfo->resultinfo);
	SPI_finish();
	return (Datum) 0;
}
