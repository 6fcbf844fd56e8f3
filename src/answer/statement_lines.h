/*-------------------------------------------------------------------------
 *
 * statement_lines.h
 *	  The lines of a statement, from the rows that its query returns.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_STATEMENT_LINES_H
#define BALANCE_STATEMENT_LINES_H

#include "compat.h"

#include "ledger/customer.h"
#include "ledger/receiver.h"
#include "ledger/untold.h"
#include "utils/timestamp.h"
#include "value/amount.h"
#include "value/currency.h"

/* A movement of the period. */
typedef struct Moved
{
	int			rank;			/* among those of one instant, by MovementRank */
	TimestampTz at;
	const text *document_id;	/* as id and number, or NULL */
	const text *number;
	const text *id;
	Amount		amount;
} Moved;

/* What happened in a currency. */
typedef struct StatementCurrency
{
	const text *name;			/* in upper case */
	CurrencyCode code;			/* known once all rows are */
	Amount		opening;
	Moved	   *moved;
	uint64		nmoved;
	uint64		room;
} StatementCurrency;

struct explained_hash;

/* A statement under way. */
typedef struct Statement
{
	RowReceiver rows;
	TimestampTz start;			/* of the period */
	TimestampTz end;			/* the first instant behind it */
	const text *currency;		/* the only one that counts, in upper case, or
								 * NULL */
	MemoryContext context;		/* of all below */
	KnownCustomer customer;
	List	   *currencies;		/* of StatementCurrency */
	bool		lacks_currency; /* a movement does */
	Untold		untold;
	struct explained_hash *explained;	/* movements, by invoice */
	List	   *left;			/* what is left of invoices */
} Statement;

typedef enum LinePart
{
	LINE_OPENING,
	LINE_MOVEMENT,
	LINE_CLOSING
} LinePart;

/* A line of it. */
typedef struct Line
{
	LinePart	part;
	CurrencyCode currency;
	const Moved *moved;			/* NULL unless it is a movement */
	Amount		balance;		/* with the line */
} Line;

typedef void (*LineTaker) (const Line *line, void *context);

extern void statement_init(Statement *statement);
extern void statement_finish(Statement *statement, const Ledger *ledger);
extern void statement_walk(const Statement *statement, LineTaker take, void *context);

#endif							/* BALANCE_STATEMENT_LINES_H */
