/*-------------------------------------------------------------------------
 *
 * statement_lines.c
 *	  The lines of a statement, from the rows that its query returns.
 *
 * The query returns movements in any order.  As each comes, what was before the
 * period is added up and what is in it is kept; whether what is left of each invoice
 * is what its movements come to, is known when all have come.  In SQL, where windows
 * and joins of the same rows did it, that took four times what reading them takes.
 *
 *-------------------------------------------------------------------------
 */
#include "statement_lines.h"

#include "common/hashfn.h"
#include "ledger/movements.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "value/arguments.h"

/* ---- texts ---- */

/* As COLLATE "C" has them; NULL is last. */
static int
compare_texts(const text *a, const text *b)
{
	int			a_size;
	int			b_size;
	int			order;

	if (a == b)
		return 0;
	if (a == NULL || b == NULL)
		return a == NULL ? 1 : -1;
	a_size = VARSIZE_ANY_EXHDR(a);
	b_size = VARSIZE_ANY_EXHDR(b);
	order = memcmp(VARDATA_ANY(a), VARDATA_ANY(b), Min(a_size, b_size));
	return order != 0 ? order : (a_size > b_size) - (a_size < b_size);
}

static bool
text_is(const text *a, const char *word)
{
	Size		length = strlen(word);

	return VARSIZE_ANY_EXHDR(a) == length && memcmp(VARDATA_ANY(a), word, length) == 0;
}

/* A column of a row, or NULL. */
static text *
slot_text(const TupleTableSlot *slot, MovementColumn column)
{
	return slot->tts_isnull[column] ? NULL : DatumGetTextPP(slot->tts_values[column]);
}

static text *
keep_text(const Statement *statement, const text *value)
{
	Size		size;

	if (value == NULL)
		return NULL;
	size = VARSIZE_ANY(value);
	return memcpy(MemoryContextAlloc(statement->context, size), value, size);
}

/* ---- amounts ---- */

/* An amount of a row; one that is not small lives as long as the statement. */
static Amount
keep_amount(const Statement *statement, Datum value)
{
	Amount		amount = {.wide = NULL};

	if (!amount_read_small(PG_DETOAST_DATUM_PACKED(value), &amount.small))
	{
		MemoryContext caller = MemoryContextSwitchTo(statement->context);

		amount = amount_from_numeric(DatumGetNumericCopy(value));
		MemoryContextSwitchTo(caller);
	}
	return amount;
}

static void
keep_sum(const Statement *statement, Amount *sum, const Amount *addend)
{
	MemoryContext caller = MemoryContextSwitchTo(statement->context);

	amount_add(sum, addend);
	MemoryContextSwitchTo(caller);
}

static int
compare_amounts(const Amount *a, const Amount *b)
{
	Amount		difference = *a;

	amount_subtract(&difference, b);
	return amount_sign(&difference);
}

/* ---- currencies ---- */

static StatementCurrency *
find_currency(Statement *statement, const text *name)
{
	StatementCurrency *currency;
	MemoryContext caller;
	ListCell   *lc;

	foreach(lc, statement->currencies)
	{
		currency = lfirst(lc);
		if (compare_texts(currency->name, name) == 0)
			return currency;
	}
	caller = MemoryContextSwitchTo(statement->context);
	currency = palloc0(sizeof(StatementCurrency));
	currency->name = keep_text(statement, name);
	statement->currencies = lappend(statement->currencies, currency);
	MemoryContextSwitchTo(caller);
	return currency;
}

static int
compare_currencies(const ListCell *a, const ListCell *b)
{
	return compare_texts(((const StatementCurrency *) lfirst(a))->name,
						 ((const StatementCurrency *) lfirst(b))->name);
}

/* ---- movements of the period ---- */

/* Where the next movement of a currency goes. */
static Moved *
next_moved(const Statement *statement, StatementCurrency *currency)
{
	if (currency->nmoved == currency->room)
	{
		uint64		room = currency->room == 0 ? 128 : currency->room * 2;
		Size		size = room * sizeof(Moved);

		currency->moved = currency->room > 0 ? repalloc_huge(currency->moved, size) :
			MemoryContextAllocHuge(statement->context, size);
		currency->room = room;
	}
	return &currency->moved[currency->nmoved++];
}

static void
keep_moved(const Statement *statement, StatementCurrency *currency, const TupleTableSlot *slot,
		   MovementRank rank, TimestampTz at, const Amount *amount)
{
	Moved	   *moved = next_moved(statement, currency);

	moved->rank = rank;
	moved->at = at;
	moved->document_id = keep_text(statement, slot_text(slot, MOVEMENT_DOCUMENT_ID));
	moved->number = keep_text(statement, slot_text(slot, MOVEMENT_NUMBER));
	/* most often the same */
	moved->id = slot->tts_values[MOVEMENT_ID] == slot->tts_values[MOVEMENT_DOCUMENT_ID] ?
		moved->document_id : keep_text(statement, slot_text(slot, MOVEMENT_ID));
	moved->amount = *amount;
}

/* What happened until the period ends: before it begins, the sum is enough. */
static void
take_moved(Statement *statement, const TupleTableSlot *slot, MovementRank rank, TimestampTz at,
		   const Amount *amount)
{
	const text *name = slot_text(slot, MOVEMENT_CURRENCY);
	StatementCurrency *currency;

	if (at >= statement->end)
		return;
	if (name == NULL)
	{
		statement->lacks_currency = true;
		return;
	}
	currency = find_currency(statement, name);
	if (at < statement->start)
		keep_sum(statement, &currency->opening, amount);
	else
		keep_moved(statement, currency, slot, rank, at, amount);
}

/* ---- whether invoices are explained ---- */

/* What the movements of an invoice come to. */
typedef struct Explained
{
	const text *invoice;
	uint32		hash;
	char		status;			/* for simplehash.h */
	bool		has_left;		/* an invoice says what is left of it */
	bool		has_copies;		/* and another one of that id does, too */
	Amount		amount;
} Explained;

#define SH_PREFIX explained
#define SH_ELEMENT_TYPE Explained
#define SH_KEY_TYPE const text *
#define SH_KEY invoice
#define SH_HASH_KEY(table, key) \
	hash_bytes((const unsigned char *) VARDATA_ANY(key), VARSIZE_ANY_EXHDR(key))
#define SH_EQUAL(table, a, b) (compare_texts(a, b) == 0)
#define SH_STORE_HASH
#define SH_GET_HASH(table, entry) (entry)->hash
#define SH_SCOPE static inline
#define SH_DEFINE
#define SH_DECLARE
#include "lib/simplehash.h"

/* What an invoice says is left of it. */
typedef struct Left
{
	const text *invoice;		/* NULL where it has no id */
	Amount		due;			/* its own movement */
	Amount		amount;
	bool		is_wrong;		/* whatever the movements come to */
} Left;

static void
add_to_invoice(const Statement *statement, const text *invoice, const Amount *amount,
			   bool is_left)
{
	bool		found;
	Explained  *explained = explained_insert(statement->explained, invoice, &found);

	if (!found)
	{
		explained->invoice = keep_text(statement, invoice);
		explained->has_left = is_left;
		explained->has_copies = false;
		explained->amount = *amount;
		return;
	}
	explained->has_copies |= is_left && explained->has_left;
	explained->has_left |= is_left;
	keep_sum(statement, &explained->amount, amount);
}

/*
 * Keep what an open invoice has left, which must be known, or what one that is paid
 * has: that should be nothing, and no number at all explains nothing.
 */
static void
keep_left(Statement *statement, const TupleTableSlot *slot, bool is_paid, const Amount *due)
{
	MemoryContext caller = MemoryContextSwitchTo(statement->context);
	Left	   *left = palloc0(sizeof(Left));

	left->invoice = keep_text(statement, slot_text(slot, MOVEMENT_INVOICE));
	left->due = *due;
	if (slot->tts_isnull[MOVEMENT_REMAINING])
	{
		if (!is_paid)
			report_null_argument("invoice.amount_remaining");
	}
	else
	{
		Numeric		remaining = DatumGetNumeric(slot->tts_values[MOVEMENT_REMAINING]);

		if (is_paid && (numeric_is_nan(remaining) || numeric_is_inf(remaining)))
			left->is_wrong = true;
		else
		{
			(void) numeric_require_finite(remaining, "invoice.amount_remaining");
			left->amount = keep_amount(statement, NumericGetDatum(remaining));
			left->is_wrong = is_paid && amount_sign(&left->amount) * amount_sign(due) > 0;
		}
	}
	statement->left = lappend(statement->left, left);
	MemoryContextSwitchTo(caller);
}

/* That an invoice was voided is a movement, too, if a date tells when. */
static void
take_void(Statement *statement, const TupleTableSlot *slot, const Amount *due)
{
	const text *invoice = slot_text(slot, MOVEMENT_INVOICE);
	Amount		taken_back = {.wide = NULL};
	MemoryContext caller = MemoryContextSwitchTo(statement->context);

	amount_subtract(&taken_back, due);
	MemoryContextSwitchTo(caller);
	if (invoice != NULL)
		add_to_invoice(statement, invoice, &taken_back, false);
	if (!slot->tts_isnull[MOVEMENT_ENDED])
		take_moved(statement, slot, MOVED_VOID,
				   DatumGetTimestampTz(slot->tts_values[MOVEMENT_ENDED]), &taken_back);
}

/* What an invoice says of itself, beside its movement. */
static void
take_invoice(Statement *statement, const TupleTableSlot *slot, bool is_void, const Amount *due)
{
	if (slot->tts_isnull[MOVEMENT_AT])
		statement->untold.undated++;
	else if (!is_void)
		keep_left(statement, slot, text_is(slot_text(slot, MOVEMENT_CLASS), "paid"), due);
	else if (slot->tts_isnull[MOVEMENT_ENDED] &&
			 DatumGetTimestampTz(slot->tts_values[MOVEMENT_AT]) < statement->end)
		statement->untold.unvoided++;
	if (is_void)
		take_void(statement, slot, due);
}

/*
 * Count the invoices that have something else left than their movements come to.  Of
 * copies of one nothing was settled: see ledger/named_once.
 */
static void
count_unexplained(Statement *statement)
{
	ListCell   *lc;

	foreach(lc, statement->left)
	{
		const Left *left = lfirst(lc);
		const Explained *explained = left->invoice == NULL ? NULL :
			explained_lookup(statement->explained, left->invoice);

		CHECK_FOR_INTERRUPTS();
		if (left->is_wrong ||
			(explained != NULL &&
			 compare_amounts(explained->has_copies ? &left->due : &explained->amount,
							 &left->amount) != 0))
			statement->untold.unexplained++;
	}
}

/* ---- their order ---- */

/* Of two that are alike in all else, the smaller amount is first. */
static inline int
compare_moved(const Moved *a, const Moved *b)
{
	int			order;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	order = compare_texts(a->id, b->id);
	return order != 0 ? order : compare_amounts(&a->amount, &b->amount);
}

#define ST_SORT sort_moved
#define ST_ELEMENT_TYPE Moved
#define ST_COMPARE(a, b) compare_moved(a, b)
#define ST_SCOPE static
#define ST_CHECK_FOR_INTERRUPTS
#define ST_DEFINE
#include "lib/sort_template.h"

/* ---- taking rows ---- */

/* A row of the customer, which is without a rank. */
static void
take_customer(Statement *statement, const TupleTableSlot *slot)
{
	statement->customer.id = keep_text(statement, slot_text(slot, MOVEMENT_DOCUMENT_ID));
	statement->customer.found++;
}

static void
take_row(RowReceiver *rows, TupleTableSlot *slot)
{
	Statement  *statement = (Statement *) rows;
	const text *currency = slot_text(slot, MOVEMENT_CURRENCY);
	const text *invoice = slot_text(slot, MOVEMENT_INVOICE);
	const text *class = slot_text(slot, MOVEMENT_CLASS);
	bool		is_void = class != NULL && text_is(class, "void");
	bool		is_asked = statement->currency == NULL ||
		(currency != NULL && compare_texts(currency, statement->currency) == 0);
	Amount		amount = {.wide = NULL};

	if (slot->tts_isnull[MOVEMENT_RANK])
	{
		take_customer(statement, slot);
		return;
	}
	if (!slot->tts_isnull[MOVEMENT_AMOUNT])
		amount = keep_amount(statement, slot->tts_values[MOVEMENT_AMOUNT]);
	if (is_asked && invoice != NULL)
		add_to_invoice(statement, invoice, &amount, class != NULL && !is_void);
	if (is_asked && class != NULL)
		take_invoice(statement, slot, is_void, &amount);
	if ((is_asked || currency == NULL) && !slot->tts_isnull[MOVEMENT_AT])
		take_moved(statement, slot, DatumGetInt32(slot->tts_values[MOVEMENT_RANK]),
				   DatumGetTimestampTz(slot->tts_values[MOVEMENT_AT]), &amount);
}

/* ---- what statement.c calls ---- */

/*
 * Start anew: rows that have been taken do not count.  A currency that was asked for
 * is there even where nothing ever happened in it.
 */
static void
forget_rows(DestReceiver *self, int operation, TupleDesc columns)
{
	Statement  *statement = (Statement *) self;

	MemoryContextReset(statement->context);
	memset(&statement->customer, 0, sizeof(statement->customer));
	memset(&statement->untold, 0, sizeof(statement->untold));
	statement->currencies = NIL;
	statement->left = NIL;
	statement->lacks_currency = false;
	statement->explained = explained_create(statement->context, 64, NULL);
	if (statement->currency != NULL)
		(void) find_currency(statement, statement->currency);
}

/* Prepare to take the rows of a statement, whose period and currency are set. */
void
statement_init(Statement *statement)
{
	row_receiver_init(&statement->rows, ALLOCSET_SMALL_INITSIZE, take_row);
	statement->rows.pub.rStartup = forget_rows;
	statement->context = AllocSetContextCreate(CurrentMemoryContext, "balance statement",
											   ALLOCSET_DEFAULT_SIZES);
}

/* Put what was taken in order, and refuse what cannot be told. */
void
statement_finish(Statement *statement, const Ledger *ledger)
{
	ListCell   *lc;

	count_unexplained(statement);
	require_told(ledger->name, &statement->untold);
	list_sort(statement->currencies, compare_currencies);
	foreach(lc, statement->currencies)
	{
		StatementCurrency *currency = lfirst(lc);

		currency->code = currency_from_text(currency->name);
		sort_moved(currency->moved, currency->nmoved);
	}
	if (statement->lacks_currency)
		report_null_argument("currency");
}

/* Hand out the lines: of each currency the balances, and the movements between. */
void
statement_walk(const Statement *statement, LineTaker take, void *context)
{
	ListCell   *lc;

	foreach(lc, statement->currencies)
	{
		const StatementCurrency *currency = lfirst(lc);
		Line		line = {LINE_OPENING, currency->code, NULL, currency->opening};

		take(&line, context);
		line.part = LINE_MOVEMENT;
		for (uint64 i = 0; i < currency->nmoved; i++)
		{
			CHECK_FOR_INTERRUPTS();
			line.moved = &currency->moved[i];
			amount_add(&line.balance, &line.moved->amount);
			take(&line, context);
		}
		line.part = LINE_CLOSING;
		line.moved = NULL;
		take(&line, context);
	}
}
