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
#include "book.h"

#include "executor/tuptable.h"
#include "miscadmin.h"
#include "position.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

/* The columns of the query. */
enum
{
	BOOK_CUSTOMER_ID = 1,
	BOOK_CUSTOMERS,				/* how many have this id; NULL if unknown */
	BOOK_ATTRIBUTE,
	BOOK_POSITION,
	BOOK_ANOTHER_POSITION
};

/* ---- composing ---- */

/*
 * The ledger's customers, each once, with the column that is asked for.  Rows
 * of nobody whom the ledger knows have no document, and so no part in the book.
 */
static void
compose_known(LedgerQuery *query, const Book *book,
			  const LedgerRelation *customer)
{
	StringInfo	sql = &query->sql;
	const char *separator = "\nWHERE ";
	const char *attribute = book->attribute == NULL ? "NULL::pg_catalog.text" :
		ledger_column(customer, book->attribute);

	appendStringInfo(sql, "SELECT %s, c.customers, c.attribute",
					 ledger_column(customer, "customer_id"));
	for (int i = 0; i < lengthof(book->sources); i++)
		if (book->sources[i] != NULL)
			appendStringInfo(sql, ", %s", position_of(book->sources[i], customer));
		else
			appendStringInfoString(sql, ", NULL::balance.position");
	appendStringInfo(sql, "\nFROM (SELECT c.customer_id, pg_catalog.count(*) AS customers, pg_catalog.min(%s) AS attribute%s%s\n FROM %s WHERE c.customer_id IS NOT NULL GROUP BY c.customer_id) AS c",
					 attribute,
					 book->sources[0] == NULL ? "" : count_alike(book->sources[0], customer),
					 book->sources[1] == NULL ? "" : count_alike(book->sources[1], customer),
					 ledger_from(customer));
	for (int i = 0; i < lengthof(book->sources); i++)
		if (book->sources[i] != NULL)
		{
			appendStringInfoString(sql, "\nLEFT JOIN ");
			tally_by_customer(query, book->sources[i], customer, NULL);
		}
	if (book->include_empty)
		return;
	/* asked of the key: of the position, it would be tallied a second time */
	for (int i = 0; i < lengthof(book->sources); i++)
		if (book->sources[i] != NULL)
		{
			appendStringInfo(sql, "%s%s.customer_id IS NOT NULL", separator,
							 book->sources[i]->name);
			separator = " OR ";
		}
}

/* Whoever has a row, where the ledger does not tell who its customers are. */
static void
compose_unknown(LedgerQuery *query, const Book *book)
{
	StringInfo	sql = &query->sql;
	const TallySource *a = book->sources[0] != NULL ? book->sources[0] : book->sources[1];
	const TallySource *b = a == book->sources[0] ? book->sources[1] : NULL;
	LedgerRelation a_tallied = a->owner;
	LedgerRelation b_tallied;
	const char *customer_id;

	(void) ledger_spelling_decides(book->ledger, false);
	a_tallied.alias = a->name;
	customer_id = ledger_id_text(&a_tallied, "customer_id");
	if (b != NULL)
	{
		b_tallied = b->owner;
		b_tallied.alias = b->name;
		customer_id = psprintf("COALESCE(%s, %s)", customer_id,
							   ledger_id_text(&b_tallied, "customer_id"));
	}
	appendStringInfo(sql, "SELECT %s, NULL::pg_catalog.int8, NULL::pg_catalog.text, %s.position, %s.position\nFROM ",
					 customer_id, a->name, b != NULL ? b->name : "nothing");
	tally_by_customer(query, a, NULL, NULL);
	if (b != NULL)
	{
		appendStringInfoString(sql, "\nFULL JOIN ");
		tally_by_customer(query, b, NULL, NULL);
		appendStringInfo(sql, " ON %s",
						 ledger_join_ids(&a_tallied, "customer_id", &b_tallied, "customer_id"));
	}
	else
		appendStringInfoString(sql, "\nCROSS JOIN (SELECT NULL::balance.position) AS nothing(position)");
	appendStringInfo(sql, "\nWHERE %s IS NOT NULL", customer_id);
}

/* ---- receiving ---- */

typedef struct BookReceiver
{
	DestReceiver pub;
	const Book *book;
	ReturnSetInfo *result;
	MemoryContext row_context;
} BookReceiver;

static text *
slot_text(TupleTableSlot *slot, int column)
{
	bool		isnull;
	Datum		value = slot_getattr(slot, column, &isnull);

	return isnull ? NULL : DatumGetTextPP(value);
}

static struct varlena *
slot_position(TupleTableSlot *slot)
{
	bool		isnull[2];
	Datum		values[2];

	for (int i = 0; i < 2; i++)
		values[i] = slot_getattr(slot, BOOK_POSITION + i, &isnull[i]);
	return sum_of_two(values, isnull);
}

/* One customer, who must be one: a balance could belong to either of two. */
static void
put_document(BookReceiver *receiver, TupleTableSlot *slot)
{
	const Book *book = receiver->book;
	text	   *customer_id = slot_text(slot, BOOK_CUSTOMER_ID);
	bool		isnull;
	int64		customers = DatumGetInt64(slot_getattr(slot, BOOK_CUSTOMERS, &isnull));
	Datum		values[2];
	bool		nulls[2] = {false, false};

	if (!isnull && customers > 1)
		report_customer_twice(book->ledger, customer_id);
	values[0] = PointerGetDatum(customer_id);
	values[1] = JsonbPGetDatum(book->project(slot_position(slot), customer_id,
											 slot_text(slot, BOOK_ATTRIBUTE),
											 book->context));
	tuplestore_putvalues(receiver->result->setResult,
						 receiver->result->setDesc, values, nulls);
}

static bool
receive_slot(TupleTableSlot *slot, DestReceiver *self)
{
	BookReceiver *receiver = (BookReceiver *) self;
	MemoryContext caller = MemoryContextSwitchTo(receiver->row_context);

	put_document(receiver, slot);
	MemoryContextSwitchTo(caller);
	MemoryContextReset(receiver->row_context);
	return true;
}

static void
start_receiver(DestReceiver *self, int operation, TupleDesc columns)
{
}

static void
end_receiver(DestReceiver *self)
{
}

/* Put every customer's document into the result of a set-returning function. */
void
book_store(FunctionCallInfo fcinfo, const Book *book, LedgerQuery *query,
		   const LedgerArgument *arguments)
{
	LedgerRelation customer;
	LedgerReading reading;
	BookReceiver receiver = {
		.pub.receiveSlot = receive_slot,
		.pub.rStartup = start_receiver,
		.pub.rShutdown = end_receiver,
		.pub.rDestroy = end_receiver,
		.pub.mydest = DestTuplestore,
		.book = book,
		.result = (ReturnSetInfo *) fcinfo->resultinfo
	};

	initStringInfo(&query->sql);
	if (ledger_find(book->ledger, "customer", "c", &customer))
		compose_known(query, book, &customer);
	else
		compose_unknown(query, book);
	receiver.row_context = AllocSetContextCreate(CurrentMemoryContext,
												 "balance document of a book",
												 ALLOCSET_DEFAULT_SIZES);
	ledger_begin_reading(&reading, book->ledger, NULL);
	ledger_receive(book->ledger, query, arguments, &receiver.pub);
	ledger_end_reading(&reading);
	MemoryContextDelete(receiver.row_context);
}

/* The parameter that says whether customers without any document are listed. */
bool
book_include_empty(FunctionCallInfo fcinfo, int argno)
{
	if (PG_ARGISNULL(argno))
		report_null_argument("include_empty");
	return PG_GETARG_BOOL(argno);
}
