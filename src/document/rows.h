/* Projections as rows: one call appends one column of a set-returning function's row. */
#ifndef BALANCE_ROWS_H
#define BALANCE_ROWS_H

#include "compat.h"

#include "fmgr.h"
#include "nodes/execnodes.h"
#include "value/amount.h"
#include "value/currency.h"

#define MAX_ROW_COLUMNS		12

/* A row under construction: columns are appended in the order of the result. */
typedef struct Row
{
	ReturnSetInfo *result;
	int			ncolumns;
	Datum		values[MAX_ROW_COLUMNS];
	bool		nulls[MAX_ROW_COLUMNS];
} Row;

extern void rows_begin(FunctionCallInfo fcinfo, Row *row);
extern void row_value(Row *row, Datum value, bool isnull);
extern void row_text(Row *row, const char *value, int length);
extern void row_currency(Row *row, CurrencyCode currency);
extern void row_money(Row *row, const Amount *amount, CurrencyCode currency);
extern void row_end(Row *row);

#endif							/* BALANCE_ROWS_H */
