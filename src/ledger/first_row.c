/*-------------------------------------------------------------------------
 *
 * first_row.c
 *	  The first row of a query, which outlives it.
 *
 * SPI keeps rows as tuples, and a position in a tuple is packed, only to be unpacked by
 * what projects it.
 *
 *-------------------------------------------------------------------------
 */
#include "first_row.h"

#include "position/datum.h"
#include "utils/memutils.h"

static void
take_row(RowReceiver *rows, TupleTableSlot *slot)
{
	FirstRow   *row = (FirstRow *) rows;

	if (row->found++ > 0)
		return;
	MemoryContextSwitchTo(row->context);
	row->ncolumns = slot->tts_tupleDescriptor->natts;
	row->values = palloc(row->ncolumns * sizeof(Datum));
	row->nulls = palloc(row->ncolumns * sizeof(bool));
	for (int i = 0; i < row->ncolumns; i++)
	{
		Form_pg_attribute column = TupleDescAttr(slot->tts_tupleDescriptor, i);

		row->nulls[i] = slot->tts_isnull[i];
		row->values[i] = row->nulls[i] ? (Datum) 0 :
			copy_unpacked(slot->tts_values[i], column->attbyval, column->attlen);
	}
}

/* A query that is run again begins anew. */
static void
start_rows(DestReceiver *self, int operation, TupleDesc columns)
{
	((FirstRow *) self)->found = 0;
}

/* Run a document's query, whose first row is kept in the current memory context. */
void
ledger_first_row(const Ledger *ledger, LedgerComposer compose, const void *context,
				 const NullableDatum *arguments, FirstRow *row)
{
	row_receiver_init(&row->rows, ALLOCSET_SMALL_INITSIZE, take_row);
	row->rows.pub.rStartup = start_rows;
	row->context = CurrentMemoryContext;
	ledger_execute_for(ledger, compose, context, arguments, &row->rows.pub);
	row_receiver_end(&row->rows);
}

Datum
first_row_value(const FirstRow *row, int column, bool *isnull)
{
	Assert(row->found > 0 && column <= row->ncolumns);
	*isnull = row->nulls[column - 1];
	return row->values[column - 1];
}

/* A text of the row, or NULL. */
text *
first_row_text(const FirstRow *row, int column)
{
	bool		isnull;
	Datum		value = first_row_value(row, column, &isnull);

	return isnull ? NULL : DatumGetTextPP(value);
}

/* The sum of the row's positions from a column on, which is not packed. */
struct varlena *
first_row_positions(const FirstRow *row, int first_column)
{
	return sum_of_positions(row->values + first_column - 1, row->nulls + first_column - 1,
							row->ncolumns - (first_column - 1));
}
