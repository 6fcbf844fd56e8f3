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

#include "figures.h"

PG_FUNCTION_INFO_V1(credit_rows);
Datum
credit_rows(PG_FUNCTION_ARGS)
{
	Row			row;

	rows_begin(fcinfo, &row);
	put_figure_rows(&row, DOCUMENT_CUSTOMER_CREDITS, position_getarg(fcinfo, 0), NULL);
	return (Datum) 0;
}
