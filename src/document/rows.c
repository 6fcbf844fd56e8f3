/*-------------------------------------------------------------------------
 *
 * rows.c
 *	  Putting rows into the result of a set-returning function.
 *
 *-------------------------------------------------------------------------
 */
#include "rows.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

/* The caller knows the result's columns; to look them up costs more than a row. */
void
rows_begin(FunctionCallInfo fcinfo, Row *row)
{
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	row->result = (ReturnSetInfo *) fcinfo->resultinfo;
	row->ncolumns = 0;
}

/* The next column. */
void
row_value(Row *row, Datum value, bool isnull)
{
	assert_that(row->ncolumns < MAX_ROW_COLUMNS);
	row->values[row->ncolumns] = value;
	row->nulls[row->ncolumns++] = isnull;
}

void
row_text(Row *row, const char *value, int length)
{
	row_value(row, PointerGetDatum(cstring_to_text_with_len(value, length)), false);
}

/* Money has at least its currency's minor digits: 120.50. */
void
row_money(Row *row, const Amount *amount, CurrencyCode currency)
{
	int			digits = currency_minor_digits(currency);

	row_value(row, NumericGetDatum(amount_to_scaled_numeric(amount, digits)), false);
}

/* Two columns: the currency, and the decimals of its minor unit if it has one. */
void
row_currency(Row *row, CurrencyCode currency)
{
	char		name[CURRENCY_NAME_SIZE];

	row_text(row, currency_upper(currency, name), CURRENCY_NAME_SIZE - 1);
	row_value(row, Int32GetDatum(currency_minor_digits(currency)),
			  !currency_has_minor_unit(currency));
}

/* Hand the row over and start the next one. */
void
row_end(Row *row)
{
	CHECK_FOR_INTERRUPTS();
	assert_that(row->ncolumns == row->result->setDesc->natts);
	tuplestore_putvalues(row->result->setResult, row->result->setDesc,
						 row->values, row->nulls);
	row->ncolumns = 0;
}
