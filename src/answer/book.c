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
#include "lookup.h"

#include "access/relation.h"
#include "executor/tuptable.h"
#include "ledger/customer.h"
#include "ledger/fault.h"
#include "ledger/identifier.h"
#include "ledger/match.h"
#include "ledger/progress.h"
#include "ledger/receiver.h"
#include "ledger/tallied.h"
#include "ledger/template.h"
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
	BOOK_UNTOLD,				/* whether a position of his cannot be told */
	BOOK_POSITIONS				/* one for each source, or one of all */
};

/* What the making of an ordinary document takes. */
#define DOCUMENT_SIZE	((Size) 64 * 1024)

/* ---- composing ---- */

/*
 * The ledger's customers, each once, with the column that is asked for.  Where
 * their ids are its key, they need not be grouped.  A view may outlive the key, but
 * of grouped customers the planner would not know how many there are.
 */
static void
append_customers(StringInfo sql, const Book *book, const LedgerRelation *customer)
{
	const char *attribute = document_attribute(book->document, customer);
	LedgerRelation again = *customer;
	StringInfoData alike;

	initStringInfo(&alike);
	for (int i = 0; i < book->sources.n; i++)
		appendStringInfoString(&alike, count_alike(&book->sources.source[i], customer));
	again.alias = "twice";
	if (book->call != NULL && alike.len == 0)
		sql_append(sql,
				   "\nFROM (SELECT c.customer_id, twice.customers, {attribute} AS attribute\n"
				   " FROM {customer} LEFT JOIN (SELECT c.customer_id, count(*) AS customers"
				   " FROM {customer} GROUP BY c.customer_id HAVING count(*) > 1) AS twice"
				   " ON {is_same}) AS c",
				   "attribute", attribute, "customer", ledger_from(customer),
				   "is_same", ledger_join_ids(&again, "customer_id", customer, "customer_id"));
	else
		sql_append(sql, alike.len == 0 && ledger_customers_are_unique(customer) ?
				   "\nFROM (SELECT c.customer_id, 1::int8 AS customers, {attribute} AS attribute\n"
				   " FROM {customer}) AS c" :
				   "\nFROM (SELECT c.customer_id, count(*) AS customers,"
				   " min({attribute}) AS attribute{alike}\n"
				   " FROM {customer} WHERE c.customer_id IS NOT NULL GROUP BY c.customer_id) AS c",
				   "attribute", attribute, "alike", alike.data, "customer", ledger_from(customer));
}

/* Whether the sources are of a ledger as it was, of which something may not be told. */
static bool
is_of_past(const Book *book)
{
	return book->sources.source[0].owner.ledger->past != NULL;
}

/* That a condition on a tally that is joined to the customers holds of one of them. */
static const char *
any_tally(const List *tallies, const char *condition)
{
	StringInfoData sql;
	ListCell   *lc;

	initStringInfo(&sql);
	foreach(lc, tallies)
	{
		appendStringInfoString(&sql, sql.len > 0 ? " OR " : "");
		sql_append(&sql, condition, "tally", (const char *) lfirst(lc));
	}
	return sql.data;
}

/* The sum of a customer's positions, of which at least one is there. */
static const char *
sum_of(List *positions)
{
	const char *sum = linitial(positions);
	ListCell   *lc;

	for_each_from(lc, positions, 1)
	{
		const char *another = lfirst(lc);

		sum = sql_fill("COALESCE({sum} OPERATOR(balance.+) {another}, {sum}, {another})",
					   "sum", sum, "another", another);
	}
	return sum;
}

/* The columns of a view: whose document it is, and the document. */
static const char *
view_columns(const Book *book, const char *key, const char *id, const char *attribute,
			 const char *is_one, List *positions)
{
	const char *document = sql_fill(book->call, "position", sum_of(positions),
									"attribute", attribute, "id", id,
									"ledger", quote_literal_cstr(book->ledger->name),
									"zone", book->zone);

	if (is_one != NULL)
		document = sql_fill("CASE WHEN {is_one} THEN {document} END",
							"is_one", is_one, "document", document);
	return sql_fill("{key} AS customer_id, {document} AS document",
					"key", key, "document", document);
}

/* The columns of the receiver below, but the positions. */
static const char *
received_columns(const Book *book, const LedgerRelation *customer, const List *tallies)
{
	return sql_fill("{id}, c.customers, c.attribute, {untold}",
					"id", ledger_column(customer, "customer_id"),
					"untold", !is_of_past(book) ? "FALSE" :
					any_tally(tallies,
							  "({tally}.customer_id IS NOT NULL AND {tally}.position IS NULL)"));
}

/* The columns of a query over the customers, of positions by customer. */
static const char *
known_columns(const Book *book, const LedgerRelation *customer, const List *tallies,
			  List *positions)
{
	const char *id = ledger_column(customer, "customer_id");
	StringInfoData sql;
	ListCell   *lc;

	if (book->call != NULL)
		return view_columns(book, "c.customer_id", id, "c.attribute",
							ledger_customer_is_one(customer, id, true), positions);
	initStringInfo(&sql);
	appendStringInfoString(&sql, received_columns(book, customer, tallies));
	foreach(lc, positions)
		appendStringInfo(&sql, ", %s", (const char *) lfirst(lc));
	return sql.data;
}

/*
 * The tallies of the ledger's customers: one of all sources where a store may have
 * them together, else one of each.  Rows of customers whom the ledger does not know
 * have no document, so no part in the book.
 */
static void
compose_known(LedgerQuery *query, const Book *book,
			  const LedgerRelation *customer)
{
	StringInfo	sql = &query->sql;
	const TallySources *sources = &book->sources;
	bool		together = may_be_tallied_together(sources);
	List	   *tallies = together ? list_make1("together") : NIL;
	List	   *positions = together ? list_make1("together.position") : NIL;

	for (int i = 0; i < sources->n && !together; i++)
	{
		tallies = lappend(tallies, unconstify(char *, sources->source[i].name));
		positions = lappend(positions, unconstify(char *,
												  position_of(&sources->source[i], customer)));
	}
	sql_append(sql, "SELECT {columns}", "columns",
			   known_columns(book, customer, tallies, positions));
	append_customers(sql, book, customer);
	if (together)
		tally_together_by_customer(query, sources, customer);
	for (int i = 0; i < sources->n && !together; i++)
	{
		appendStringInfoString(sql, "\nLEFT JOIN ");
		tally_by_customer(query, &sources->source[i], customer, NULL);
	}
	/* asked of the key: of the position, it would be tallied a second time */
	if (!book->include_empty)
		sql_append(sql, "\nWHERE {any}",
				   "any", any_tally(tallies, "{tally}.customer_id IS NOT NULL"));
}

/* Every customer with a row, where the ledger does not know its customers. */
static void
compose_unknown(LedgerQuery *query, const Book *book)
{
	const TallySources *sources = &book->sources;
	LedgerRelation tallied = sources->source[0].owner;
	bool		as_they_are = keys_agree(sources);
	const char *id = "p.customer_id";

	tallied.alias = "p";
	if (as_they_are)
		id = ledger_id_text(&tallied, "customer_id");
	sql_append(&query->sql, "SELECT {columns}\nFROM (", "columns", book->call != NULL ?
			   view_columns(book, "p.customer_id", id, sql_fill("NULL::text"), NULL,
							list_make1("p.position")) :
			   sql_fill("{id}, NULL::int8, NULL::text, {untold}, p.position", "id", id,
						"untold", is_of_past(book) ? "p.position IS NULL" : "FALSE"));
	tally_together(&query->sql, sources, as_they_are ? &sources->source[0] : NULL, false);
	appendStringInfoString(&query->sql, ") AS p\nWHERE p.customer_id IS NOT NULL");
}

/* A book's query, which has the parameters of its sources already. */
void
compose_book(LedgerQuery *query, const Book *book)
{
	LedgerRelation customer;

	initStringInfo(&query->sql);
	if (ledger_find(book->ledger, "customer", "c", &customer))
		compose_known(query, book, &customer);
	else
		compose_unknown(query, book);
}

/* ---- receiving ---- */

typedef struct BookReceiver
{
	RowReceiver rows;
	const Book *book;
	ReturnSetInfo *result;
	Progress	progress;
	int64		customers;		/* about so many there are, or 0 */
	bool		untold;
} BookReceiver;

/* Whom a row is about, who must be one customer: the balance could be either's. */
static text *
slot_customer(const Book *book, TupleTableSlot *slot)
{
	text	   *id = DatumGetTextPP(slot->tts_values[BOOK_CUSTOMER_ID - 1]);

	if (!slot->tts_isnull[BOOK_CUSTOMERS - 1] &&
		DatumGetInt64(slot->tts_values[BOOK_CUSTOMERS - 1]) > 1)
		report_customer_twice(book->ledger->name, id);
	return id;
}

static const text *
slot_attribute(TupleTableSlot *slot)
{
	return slot->tts_isnull[BOOK_ATTRIBUTE - 1] ? NULL :
		DatumGetTextPP(slot->tts_values[BOOK_ATTRIBUTE - 1]);
}

/* What the book has of a customer: his document or, where it makes none, his position. */
static Datum
slot_entry(const Book *book, TupleTableSlot *slot, const text *customer_id)
{
	struct varlena *sum = sum_of_positions(slot->tts_values + BOOK_POSITIONS - 1,
										   slot->tts_isnull + BOOK_POSITIONS - 1,
										   slot->tts_tupleDescriptor->natts -
										   (BOOK_POSITIONS - 1));

	if (book->document->project == NULL)
		return PointerGetDatum(packed_from_datum(PointerGetDatum(sum)));
	return JsonbPGetDatum(book->document->project(sum, customer_id, slot_attribute(slot),
												  book->context));
}

static void
put_entry(RowReceiver *rows, TupleTableSlot *slot)
{
	BookReceiver *receiver = (BookReceiver *) rows;
	text	   *customer_id = slot_customer(receiver->book, slot);
	Datum		values[2];
	bool		nulls[2] = {false, false};

	if (receiver->progress.done == 0)
		progress_phase(&receiver->progress, PHASE_DOCUMENTS, InvalidOid, receiver->customers);
	progress_advance(&receiver->progress);
	receiver->untold |= DatumGetBool(slot->tts_values[BOOK_UNTOLD - 1]);
	if (receiver->untold)
		return;
	values[0] = PointerGetDatum(customer_id);
	values[1] = slot_entry(receiver->book, slot, customer_id);
	tuplestore_putvalues(receiver->result->setResult,
						 receiver->result->setDesc, values, nulls);
}

/* How many customers the ledger is thought to have; 0 if that is not known. */
static int64
estimate_customers(const Ledger *ledger)
{
	LedgerRelation customer;
	Relation	relation;
	double		estimate;

	if (!ledger_find(ledger, "customer", "c", &customer))
		return 0;
	relation = relation_open(customer.relid, AccessShareLock);
	estimate = relation->rd_rel->reltuples;
	relation_close(relation, NoLock);
	return estimate < 1 ? 0 : (int64) estimate;
}

/*
 * Run a book's query, and put what comes out of it into the result of a
 * set-returning function.  False if something cannot be told.
 */
bool
receive_book(const Book *book, LedgerQuery *query, const NullableDatum *arguments,
			 FunctionCallInfo fcinfo)
{
	BookReceiver receiver = {
		.book = book,
		.result = (ReturnSetInfo *) fcinfo->resultinfo,
		.customers = estimate_customers(book->ledger)
	};

	row_receiver_init(&receiver.rows, DOCUMENT_SIZE, put_entry);
	progress_begin(&receiver.progress, fcinfo, book->ledger);
	progress_phase(&receiver.progress, PHASE_READING, InvalidOid, 0);
	ledger_receive(book->ledger, query, arguments, &receiver.rows.pub);
	progress_end(&receiver.progress);
	row_receiver_end(&receiver.rows);
	return !receiver.untold;
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
	LedgerQuery query = {.nparameters = 0};
	LedgerReading reading;
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
	book.sources = require_sources(book.document, ledger, &query);
	compose_book(&query, &book);
	ledger_begin_reading(&reading, ledger, NULL);
	(void) receive_book(&book, &query, arguments, fcinfo);
	ledger_end_reading(&reading);
	SPI_finish();
	return (Datum) 0;
}
