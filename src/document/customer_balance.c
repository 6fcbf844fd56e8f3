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
#include "utils/builtins.h"

/* The page's name for each state, see figures.def. */
static const struct
{
	const char *name;
	int			length;
	CellTag		tag;
}			invoice_states[] =
{
#define STATE(document, tag, name)	{name, sizeof(name) - 1, tag},
#include "figures.def"
};

/*
 * The cell of a state, or NULL if the page does not show it: ready_for_payment it
 * shows always, the others where there are any.
 */
static const Cell *
shown_state(const CurrencyFigures *found, CellTag tag)
{
	static const Cell none = {0};
	const Cell *cell = found->cell[tag];

	if (tag == CELL_INVOICE_OPEN)
		return cell != NULL ? cell : &none;
	return cell != NULL && (cell->count != 0 ||
							!amount_is_zero(&cell->measure[MEASURE_TOTAL].sum)) ? cell : NULL;
}

static void
write_consolidation(Document *document, const char *state, int length,
					const Cell *cell, CurrencyCode currency)
{
	document_key(document, state, length);
	document_begin(document, NULL, JB_FOBJECT);
	document_bigint(document, "count", cell->count);
	/* of a state or a deposit's status, the first measure */
	document_money(document, "total", &cell->measure[0].sum, currency);
	document_end(document);
}

/* Consolidations that are keyed by a text of the ledger's own, as deposits are. */
static void
write_keyed(Document *document, CellGroup group, const CurrencyCells *currency)
{
	document_begin(document, cell_groups[group].name, JB_FOBJECT);
	for (int i = 0; i < currency->ncells; i++)
	{
		const Cell *cell = &currency->cells[i];

		if (cell_kinds[cell->tag].group == group)
			write_consolidation(document, cell->text, cell->text_length, cell,
								currency->currency);
	}
	document_end(document);
}

static void
write_currency(Document *document, const CurrencyCells *currency,
			   const CurrencyFigures *found)
{
	CurrencyCode code = currency->currency;

	document_currency(document, "currency", code, currency_lower);
	for (int i = FIRST_FIGURE_OF_CUSTOMER_BALANCE; i < END_FIGURES_OF_CUSTOMER_BALANCE; i++)
		if (figure_is_keyed(&figures[i]))
			write_keyed(document, figure_group(&figures[i]), currency);
	document_begin(document, "invoices", JB_FOBJECT);
	for (int i = 0; i < lengthof(invoice_states); i++)
	{
		const Cell *cell = shown_state(found, invoice_states[i].tag);

		if (cell != NULL)
			write_consolidation(document, invoice_states[i].name, invoice_states[i].length,
								cell, code);
	}
	document_end(document);
}

/* The seller is named as the customer has it, else by the ledger. */
Jsonb *
project_customer_balance(const struct varlena *position, const text *customer_id,
						 const text *wb_customer_id, const void *ledger_name)
{
	Document	document;
	ListCell   *lc;

	if (wb_customer_id == NULL)
		wb_customer_id = cstring_to_text(ledger_name);
	document_init(&document, JB_FARRAY);
	foreach(lc, position_currencies(position, false))
	{
		const CurrencyCells *currency = lfirst(lc);
		CurrencyFigures found;

		if (!find_figures(&found, DOCUMENT_CUSTOMER_BALANCE, currency, NULL))
			continue;
		document_begin(&document, NULL, JB_FOBJECT);
		write_currency(&document, currency, &found);
		document_text(&document, "customer_id", customer_id);
		document_text(&document, "wb_customer_id", wb_customer_id);
		document_money(&document, "total_invoices_ready_for_payment",
					   &shown_state(&found, CELL_INVOICE_OPEN)->measure[0].sum,
					   currency->currency);
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
											   PG_GETARG_TEXT_PP(2),
											   PG_GETARG_TEXT_PP(1), NULL));
}

/* ---- as rows ---- */

static void
put_state(Row *row, CurrencyCode currency, const char *kind,
		  const char *state, int length, const Cell *cell)
{
	row_currency(row, currency);
	row_text(row, kind, strlen(kind));
	row_text(row, state, length);
	row_value(row, Int64GetDatum(cell->count), false);
	row_money(row, &cell->measure[0].sum, currency);
	row_end(row);
}

static void
put_keyed(Row *row, CellGroup group, const CurrencyCells *currency)
{
	for (int i = 0; i < currency->ncells; i++)
	{
		const Cell *cell = &currency->cells[i];

		if (cell_kinds[cell->tag].group == group)
			put_state(row, currency->currency, cell_groups[group].name, cell->text,
					  cell->text_length, cell);
	}
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
			const Cell *cell = shown_state(&found, invoice_states[i].tag);

			if (cell != NULL)
				put_state(&row, found.currency, "invoices", invoice_states[i].name,
						  invoice_states[i].length, cell);
		}
		for (int i = FIRST_FIGURE_OF_CUSTOMER_BALANCE; i < END_FIGURES_OF_CUSTOMER_BALANCE; i++)
			if (figure_is_keyed(&figures[i]))
				put_keyed(&row, figure_group(&figures[i]), currency);
	}
	return (Datum) 0;
}
