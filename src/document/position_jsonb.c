/*-------------------------------------------------------------------------
 *
 * position_jsonb.c
 *	  The cast of a position to jsonb, which shows every cell.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "document.h"
#include "position/read.h"
#include "utils/fmgrprotos.h"
#include "value/datetime.h"

/* One cell as a field of its group: its class or text, and its numbers. */
static void
write_cell(Document *document, const Cell *cell)
{
	const CellKind *kind = &cell_kinds[cell->tag];
	const CellGroupInfo *group = &cell_groups[kind->group];
	const char *class = kind->key == KEY_TEXT ? NULL : group->class_names[kind->class];

	if (class == NULL)
		document_key(document, cell->text, cell->text_length);
	document_begin(document, class, JB_FOBJECT);
	document_bigint(document, "count", cell->count);
	for (int i = 0; i < kind->measures; i++)
	{
		document_numeric(document, group->measures[i], amount_to_numeric(&cell->measure[i].sum));
		if (cell->measure[i].unknown != 0)
			document_bigint(document, psprintf("unknown_%s", group->measures[i]),
							cell->measure[i].unknown);
	}
	document_end(document);
}

static void
write_group(Document *document, CellGroup group, const CurrencyCells *currency)
{
	bool		open = false;

	for (int i = 0; i < currency->ncells; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (cell_kinds[currency->cells[i].tag].group != group)
			continue;
		if (!open)
			document_begin(document, cell_groups[group].name, JB_FOBJECT);
		open = true;
		write_cell(document, &currency->cells[i]);
	}
	if (open)
		document_end(document);
}

static void
write_open_amount(Document *document, const char *due, int64 count,
				  const Amount *amount)
{
	document_begin(document, NULL, JB_FOBJECT);
	if (due != NULL)
		document_string(document, "due", due);
	else
		document_null(document, "due");
	document_bigint(document, "count", count);
	document_numeric(document, cell_groups[GROUP_DUES].measures[0], amount_to_numeric(amount));
	document_end(document);
}

/* Open amounts by due; what has no due date is what the dated ones leave over. */
static void
write_open_amounts(Document *document, const CurrencyCells *currency)
{
	int128		count;
	Amount		rest;
	bool		undated;
	bool		dated = false;

	undated_open_amount(currency, &count, &rest);
	undated = count != 0 || !amount_is_zero(&rest);
	for (int i = 0; i < currency->ncells; i++)
		dated |= is_due_tag(currency->cells[i].tag);
	if (!dated && !undated)
		return;
	document_begin(document, cell_groups[GROUP_DUES].name, JB_FARRAY);
	for (int i = 0; i < currency->ncells; i++)
	{
		const Cell *cell = &currency->cells[i];
		char	   *due;

		CHECK_FOR_INTERRUPTS();
		if (!is_due_tag(cell->tag))
			continue;
		due = palloc(DATETIME_TEXT_SIZE);
		write_open_amount(document, cell->tag == CELL_DUE_DATE ?
						  date_to_text((DateADT) cell->due, due) :
						  instant_to_text(cell->due, due),
						  cell->count, &cell->measure[0].sum);
	}
	if (undated)
		write_open_amount(document, NULL, total_rows(count), &rest);
	document_end(document);
}

PG_FUNCTION_INFO_V1(position_to_jsonb);
Datum
position_to_jsonb(PG_FUNCTION_ARGS)
{
	Document	document;
	ListCell   *lc;

	document_init(&document, JB_FOBJECT);
	foreach(lc, position_currencies(packed_getarg(fcinfo, 0), true))
	{
		const CurrencyCells *currency = lfirst(lc);
		char	   *name = palloc(CURRENCY_NAME_SIZE);

		document_begin(&document, currency_upper(currency->currency, name), JB_FOBJECT);
		document_bigint(&document, "rows", total_rows(currency->rows));
		write_open_amounts(&document, currency);
		for (CellGroup group = 0; group < NUM_CELL_GROUPS; group++)
			if (group != GROUP_UNCOUNTED && group != GROUP_DUES)
				write_group(&document, group, currency);
		document_end(&document);
	}
	PG_RETURN_JSONB_P(document_finish(&document));
}
