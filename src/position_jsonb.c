/*-------------------------------------------------------------------------
 *
 * position_jsonb.c
 *	  The cast of a position to jsonb, which shows every cell.
 *
 *-------------------------------------------------------------------------
 */
#include "position.h"

#include "datetime_text.h"
#include "document.h"
#include "utils/fmgrprotos.h"

/* Runs of tags that share an object, and the names of their measures. */
typedef struct CellGroup
{
	const char *name;
	CellTag		first;
	CellTag		last;
	const char *const *class_names;
	const char *measure[MAX_MEASURES];
	const char *unknown[MAX_MEASURES];
} CellGroup;

static const CellGroup class_groups[] = {
	{
		"invoices", CELL_INVOICE_DRAFT, CELL_INVOICE_VOID, invoice_class_names,
		{"total", "amount_due", "amount_remaining"},
		{"unknown_total", "unknown_amount_due", "unknown_amount_remaining"}
	},
	{
		"charges", CELL_CHARGE_USAGE, CELL_CHARGE_FIXED, charge_class_names,
		{"amount"}, {"unknown_amount"}
	},
	{
		"deposits", CELL_DEPOSIT, CELL_DEPOSIT, NULL,
		{"amount"}, {"unknown_amount"}
	},
	{
		"units", CELL_UNIT_CREDIT, CELL_UNIT_FUTURE_DEBT, unit_class_names,
		{"units"}, {"unknown_units"}
	},
	{
		"credit_memos", CELL_MEMO_DRAFT, CELL_MEMO_VOID, memo_class_names,
		{"amount", "applied"}, {"unknown_amount", "unknown_applied"}
	}
};

/* One cell as a field of its group: its class or status, and its numbers. */
static void
write_cell(Document *document, const CellGroup *group, const Cell *cell)
{
	if (cell->status != NULL)
		document_key(document, cell->status, cell->status_length);
	else
	{
		const char *name = group->class_names[cell->tag - group->first];

		document_key(document, name, strlen(name));
	}
	document_begin_object(document, NULL);
	document_bigint(document, "count", cell->count);
	for (int i = 0; i < cell_kinds[cell->tag].measures; i++)
	{
		document_amount_number(document, group->measure[i], &cell->measure[i].sum);
		if (cell->measure[i].unknown != 0)
			document_bigint(document, group->unknown[i], cell->measure[i].unknown);
	}
	document_end_object(document);
}

static void
write_group(Document *document, const CellGroup *group,
			const CurrencyCells *currency)
{
	bool		open = false;

	for (int i = 0; i < currency->ncells; i++)
	{
		const Cell *cell = &currency->cells[i];

		CHECK_FOR_INTERRUPTS();
		if (cell->tag < group->first || cell->tag > group->last)
			continue;
		if (!open)
			document_begin_object(document, group->name);
		open = true;
		write_cell(document, group, cell);
	}
	if (open)
		document_end_object(document);
}

static void
write_open_amount(Document *document, const char *due, int64 count,
				  const Amount *amount)
{
	document_begin_object(document, NULL);
	if (due != NULL)
		document_string(document, "due", due);
	else
		document_null(document, "due");
	document_bigint(document, "count", count);
	document_amount_number(document, "amount_remaining", amount);
	document_end_object(document);
}

/* Open amounts by due; what has no due date is what the dated ones leave over. */
static void
write_open_amounts(Document *document, const CurrencyCells *currency)
{
	int128		count;
	Amount		rest;
	bool		open = false;

	undated_open_amount(currency, &count, &rest);
	for (int i = 0; i < currency->ncells; i++)
	{
		const Cell *cell = &currency->cells[i];
		char		due[DATETIME_TEXT_SIZE];

		if (!is_due_tag(cell->tag))
			continue;
		if (!open)
			document_begin_array(document, "open_amounts");
		open = true;
		write_open_amount(document, cell->tag == CELL_DUE_DATE ?
						  pstrdup(date_to_text((DateADT) cell->due, due)) :
						  pstrdup(instant_to_text(cell->due, due)),
						  cell->count, &cell->measure[0].sum);
	}
	if (count != 0 || !amount_is_zero(&rest))
	{
		if (!open)
			document_begin_array(document, "open_amounts");
		open = true;
		write_open_amount(document, NULL, total_rows(count), &rest);
	}
	if (open)
		document_end_array(document);
}

PG_FUNCTION_INFO_V1(position_to_jsonb);
Datum
position_to_jsonb(PG_FUNCTION_ARGS)
{
	Document	document;
	ListCell   *lc;

	document_init(&document);
	document_begin_object(&document, NULL);
	foreach(lc, position_currencies(packed_getarg(fcinfo, 0), true))
	{
		const CurrencyCells *currency = lfirst(lc);
		char	   *name = palloc(CURRENCY_NAME_SIZE);

		document_begin_object(&document, currency_upper(currency->currency, name));
		document_bigint(&document, "rows", total_rows(currency->rows));
		write_open_amounts(&document, currency);
		for (int i = 0; i < lengthof(class_groups); i++)
			write_group(&document, &class_groups[i], currency);
		document_end_object(&document);
	}
	document_end_object(&document);
	PG_RETURN_JSONB_P(document_finish(&document));
}
