/*-------------------------------------------------------------------------
 *
 * credit_rows.c
 *	  The totals of DayZero's customer credits from a position, as rows.
 *
 * The document itself lists memos one by one, which no position holds.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "position/read.h"
#include "rows.h"

/* What the available memos of a currency have left; false if it has no memos. */
static bool
sum_credits(const CurrencyCells *currency, int64 *count, Amount *remaining)
{
	bool		present = false;

	*count = 0;
	memset(remaining, 0, sizeof(Amount));
	for (int i = 0; i < currency->ncells; i++)
	{
		const Cell *cell = &currency->cells[i];
		Amount		applied = cell->measure[MEASURE_MEMO_APPLIED].sum;

		CHECK_FOR_INTERRUPTS();
		if (cell->tag < CELL_MEMO_DRAFT || cell->tag > CELL_MEMO_VOID)
			continue;
		present = true;
		if (cell->tag != CELL_MEMO_AVAILABLE)
			continue;
		require_known(cell->measure[MEASURE_MEMO_AMOUNT].unknown,
					  "credit memo amount", currency->currency);
		require_known(cell->measure[MEASURE_MEMO_APPLIED].unknown,
					  "amount_applied", currency->currency);
		*count = cell->count;
		*remaining = cell->measure[MEASURE_MEMO_AMOUNT].sum;
		amount_negate(&applied);
		amount_add(remaining, &applied);
	}
	return present;
}

PG_FUNCTION_INFO_V1(credit_rows);
Datum
credit_rows(PG_FUNCTION_ARGS)
{
	Row			row;
	ListCell   *lc;

	rows_begin(fcinfo, &row);
	foreach(lc, position_currencies(position_getarg(fcinfo, 0), false))
	{
		const CurrencyCells *currency = lfirst(lc);
		int			digits = currency_minor_digits(currency->currency);
		int64		count;
		Amount		remaining;
		Amount		major_units;

		if (!sum_credits(currency, &count, &remaining))
			continue;
		major_units = amount_shift(&remaining, digits);
		row_currency(&row, currency->currency);
		row_amount(&row, &remaining);
		row_money(&row, &major_units, currency->currency);
		row_bigint(&row, count);
		row_end(&row);
	}
	return (Datum) 0;
}
