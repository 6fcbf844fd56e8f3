/*-------------------------------------------------------------------------
 *
 * customer_balance.c
 *	  Wingback's customer balance: per currency, invoices by state and
 *	  deposits by status.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "figures.h"
#include "miscadmin.h"
#include "utils/builtins.h"

/* The page's name for each state, see figures.def. */
static const struct
{
	CellTag		tag;
	const char *name;
}			invoice_states[] =
{
#define STATE(document, tag, name)	{tag, name},
#include "figures.def"
};

static void
write_consolidation(Document *document, const Cell *cell, const char *total)
{
	document_bigint(document, "count", cell != NULL ? cell->count : 0);
	document_string(document, "total", total);
	document_end(document);
}

/*
 * Whether the page shows a state: ready_for_payment always, the others where
 * there are any.
 */
static bool
shows_state(CellTag tag, const Cell *cell)
{
	return tag == CELL_INVOICE_OPEN ||
		(cell != NULL && (cell->count != 0 ||
						  !amount_is_zero(&cell->measure[MEASURE_TOTAL].sum)));
}

static void
write_invoices(Document *document, const CurrencyFigures *found,
			   const char *ready_for_payment)
{
	document_begin(document, "invoices", JB_FOBJECT);
	for (int i = 0; i < lengthof(invoice_states); i++)
	{
		CellTag		tag = invoice_states[i].tag;
		const Cell *cell = found->cell[tag];
		const char *total = ready_for_payment;

		if (!shows_state(tag, cell))
			continue;
		if (tag != CELL_INVOICE_OPEN)
			total = amount_to_string(&cell->measure[MEASURE_TOTAL].sum,
									 currency_minor_digits(found->currency));
		document_begin(document, invoice_states[i].name, JB_FOBJECT);
		write_consolidation(document, cell, total);
	}
	document_end(document);
}

static void
write_deposits(Document *document, const CurrencyCells *currency)
{
	document_begin(document, "deposits", JB_FOBJECT);
	for (int i = 0; i < currency->ncells; i++)
	{
		const Cell *cell = &currency->cells[i];

		if (cell->tag != CELL_DEPOSIT)
			continue;
		document_key(document, cell->text, cell->text_length);
		document_begin(document, NULL, JB_FOBJECT);
		write_consolidation(document, cell,
							amount_to_string(&cell->measure[0].sum,
											 currency_minor_digits(currency->currency)));
	}
	document_end(document);
}

Jsonb *
project_customer_balance(const struct varlena *position,
						 const text *wb_customer_id, const text *customer_id)
{
	static const Amount zero = {0};
	Document	document;
	ListCell   *lc;

	document_init(&document, JB_FARRAY);
	foreach(lc, position_currencies(position, false))
	{
		const CurrencyCells *currency = lfirst(lc);
		CurrencyFigures found;
		const Cell *ready;
		char	   *total;
		char	   *code = palloc(CURRENCY_NAME_SIZE);

		if (!find_figures(&found, DOCUMENT_CUSTOMER_BALANCE, currency, NULL))
			continue;
		ready = found.cell[CELL_INVOICE_OPEN];
		total = amount_to_string(ready != NULL ?
								 &ready->measure[MEASURE_TOTAL].sum : &zero,
								 currency_minor_digits(currency->currency));
		document_begin(&document, NULL, JB_FOBJECT);
		document_string(&document, "currency",
						currency_lower(currency->currency, code));
		write_deposits(&document, currency);
		write_invoices(&document, &found, total);
		document_text(&document, "customer_id", customer_id);
		document_text(&document, "wb_customer_id", wb_customer_id);
		document_string(&document, "total_invoices_ready_for_payment", total);
		document_end(&document);
	}
	return document_finish(&document);
}

PG_FUNCTION_INFO_V1(to_customer_balance);
Datum
to_customer_balance(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	if (PG_ARGISNULL(1))
		report_null_argument("wb_customer_id");
	PG_RETURN_JSONB_P(project_customer_balance(position_getarg(fcinfo, 0),
											   PG_GETARG_TEXT_PP(1),
											   PG_GETARG_TEXT_PP(2)));
}

/* ---- as rows ---- */

static void
put_state(Row *row, CurrencyCode currency, const char *kind,
		  const char *state, int state_length, const Cell *cell)
{
	static const Amount zero = {0};

	row_currency(row, currency);
	row_text(row, kind, strlen(kind));
	row_text(row, state, state_length);
	row_bigint(row, cell != NULL ? cell->count : 0);
	row_money(row, cell != NULL ? &cell->measure[0].sum : &zero, currency);
	row_end(row);
}

/* The document's consolidations, one a row. */
PG_FUNCTION_INFO_V1(balance_rows);
Datum
balance_rows(PG_FUNCTION_ARGS)
{
	Row			row;
	ListCell   *lc;

	rows_begin(fcinfo, &row);
	foreach(lc, position_currencies(position_getarg(fcinfo, 0), false))
	{
		const CurrencyCells *currency = lfirst(lc);
		CurrencyFigures found;

		if (!find_figures(&found, DOCUMENT_CUSTOMER_BALANCE, currency, NULL))
			continue;
		for (int i = 0; i < lengthof(invoice_states); i++)
		{
			const char *state = invoice_states[i].name;
			const Cell *cell = found.cell[invoice_states[i].tag];

			if (shows_state(invoice_states[i].tag, cell))
				put_state(&row, currency->currency, "invoices", state,
						  strlen(state), cell);
		}
		for (int i = 0; i < currency->ncells; i++)
			if (currency->cells[i].tag == CELL_DEPOSIT)
				put_state(&row, currency->currency, "deposits",
						  currency->cells[i].text,
						  currency->cells[i].text_length,
						  &currency->cells[i]);
	}
	return (Datum) 0;
}
