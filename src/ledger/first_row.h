/*-------------------------------------------------------------------------
 *
 * first_row.h
 *	  The first row of a query, which outlives it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_FIRST_ROW_H
#define BALANCE_FIRST_ROW_H

#include "compat.h"

#include "plan.h"
#include "receiver.h"

/* Columns count from 1. */
typedef struct FirstRow
{
	RowReceiver rows;
	MemoryContext context;		/* where its values are */
	uint64		found;			/* how many rows there are */
	int			ncolumns;
	Datum	   *values;
	bool	   *nulls;
} FirstRow;

extern void ledger_first_row(const Ledger *ledger, LedgerComposer compose,
							 const void *context, const NullableDatum *arguments,
							 FirstRow *row);
extern Datum first_row_value(const FirstRow *row, int column, bool *isnull);
extern text *first_row_text(const FirstRow *row, int column);
extern struct varlena *first_row_positions(const FirstRow *row, int first_column);

#endif							/* BALANCE_FIRST_ROW_H */
