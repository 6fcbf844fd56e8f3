/*-------------------------------------------------------------------------
 *
 * figures.c
 *	  The values of the figures of figures.def.
 *
 *-------------------------------------------------------------------------
 */
#include "figures.h"

#include "miscadmin.h"

const Figure figures[NUM_FIGURES] = {
#define FIGURE(document, name, unit, cells, minus, measure, less, comment) \
	{DOCUMENT_##document, unit, #name, sizeof(#name) - 1, cells, minus, measure, less, comment},
#define STATE(document, tag, name) \
	{DOCUMENT_##document, COUNT_AND_TOTAL, name, sizeof(name) - 1, CELL_BIT(tag), NO_CELLS, \
		MEASURE_TOTAL, NO_MEASURE, NULL},
#define FIELD(document, field, name, cells, measure, less) \
	{DOCUMENT_##document, NO_COLUMN, name, sizeof(name) - 1, cells, NO_CELLS, measure, less, NULL},
#include "figures.def"
};

/* Where a document's figures are, and whose cells make it show a currency. */
static const struct
{
	int			groups;
	int			first;
	int			end;
}			documents[] =
{
#define DOCUMENT(document, groups) \
	{groups, FIRST_FIGURE_OF_##document, END_FIGURES_OF_##document},
#include "figures.def"
};

/* What an error calls an amount that is null. */
static const char *const amount_words[NUM_CELL_GROUPS][MAX_MEASURES] = {
#define AMOUNT(group, measure, column, words)	[GROUP_##group][measure] = (words),
#include "figures.def"
};

/* An AMOUNT for each measure that is shown, or this does not compile. */
enum
{
	AMOUNT_OF_NO_MEASURE,
#define AMOUNT(group, measure, column, words)	AMOUNT_OF_##measure,
#include "figures.def"
#define FIGURE(document, name, unit, cells, minus, measure, less, comment) \
	AMOUNTS_OF_##name = AMOUNT_OF_##measure + AMOUNT_OF_##less,
#define FIELD(document, field, name, cells, measure, less) \
	AMOUNTS_OF_FIELD_##field = AMOUNT_OF_##measure + AMOUNT_OF_##less,
#define STATE(document, tag, name)	AMOUNTS_OF_##tag = AMOUNT_OF_MEASURE_TOTAL,
#include "figures.def"
};

/* ---- what a currency has ---- */

/* A day is past due from the next day on, an instant from the instant after. */
bool
is_past_due(const Cell *cell, const AsOf *as_of)
{
	return cell->tag == CELL_DUE_DATE ?
		(DateADT) cell->due < as_of->day : cell->due < as_of->instant;
}

/* The cells of which each document shows a sum of a measure, as bits. */
static uint32 shown_cells[NO_DOCUMENT][MAX_MEASURES];

static void
show_measure(const Figure *figure, int measure)
{
	if (measure != NO_MEASURE)
		shown_cells[figure->document][measure] |= figure->cells | figure->minus;
}

/* Whether a document shows a sum that rows of the cell lack. */
static inline bool
lacks_amount(FigureDocument document, const Cell *cell, int measure)
{
	return cell->measure[measure].unknown != 0 &&
		(shown_cells[document][measure] & CELL_BIT(cell->tag)) != 0;
}

/* Rows whose amount is unknown, by group and measure. */
typedef int64 UnknownRows[NUM_CELL_GROUPS][MAX_MEASURES];

/* A sum that the document shows but that is unknown is an error. */
static pg_noinline void
require_known_amounts(FigureDocument document, const CurrencyCells *cells)
{
	UnknownRows unknown = {{0}};

	for (int i = 0; i < cells->ncells; i++)
	{
		const Cell *cell = &cells->cells[i];
		const CellKind *kind = &cell_kinds[cell->tag];

		CHECK_FOR_INTERRUPTS();
		for (int m = 0; m < kind->measures; m++)
			if (lacks_amount(document, cell, m))
				unknown_into(&unknown[kind->group][m], cell->measure[m].unknown);
	}
	for (int group = 0; group < NUM_CELL_GROUPS; group++)
		for (int m = 0; m < MAX_MEASURES; m++)
			require_known(unknown[group][m], amount_words[group][m], cells->currency);
}

/* Find the cells; false if the document does not show the currency. */
static bool
gather(CurrencyFigures *found, const CurrencyCells *cells, const AsOf *as_of)
{
	int			groups = 0;
	bool		unknown = false;
	int128		overdue_count = 0;

	for (int i = 0; i < cells->ncells; i++)
	{
		const Cell *cell = &cells->cells[i];
		const CellKind *kind = &cell_kinds[cell->tag];

		CHECK_FOR_INTERRUPTS();
		groups |= 1 << kind->group;
		if (kind->group == GROUP_DUES)
		{
			if (as_of == NULL || !is_past_due(cell, as_of))
				continue;
			/* in parts, whose counts need not fit a bigint */
			overdue_count += cell->count;
			amount_add(&found->overdue.measure[MEASURE_DUE_REMAINING].sum,
					   &cell->measure[MEASURE_DUE_REMAINING].sum);
			continue;
		}
		if (kind->key == KEY_NONE)
			found->cell[cell->tag] = cell;
		for (int m = 0; m < kind->measures; m++)
			unknown |= lacks_amount(found->document, cell, m);
	}
	if (unknown)
		require_known_amounts(found->document, cells);
	found->overdue.count = total_rows(overdue_count);
	return (groups & documents[found->document].groups) != 0;
}

/* ---- values ---- */

static inline void
add_sum(Amount *sum, const Amount *addend, bool negated)
{
	Amount		amount = *addend;

	if (negated)
		amount_negate(&amount);
	amount_add(sum, &amount);
}

static void
add_cell(FigureValue *value, const Figure *figure, const Cell *cell, bool negated)
{
	if (figure->unit == COUNT_OF_ROWS)
	{
		count_into(&value->count, cell->count);
		return;
	}
	add_sum(&value->sum, &cell->measure[figure->measure].sum, negated);
	if (figure->less != NO_MEASURE)
		add_sum(&value->sum, &cell->measure[figure->less].sum, !negated);
}

static void
find_value(CurrencyFigures *found, const Figure *figure, FigureValue *value)
{
	uint32		left = figure->cells | figure->minus;

	memset(value, 0, sizeof(FigureValue));
	if (left == OVERDUE_INVOICES)
	{
		add_cell(value, figure, &found->overdue, false);
		return;
	}
	while (left != 0)
	{
		int			tag = pg_rightmost_one_pos32(left);

		left &= left - 1;
		if (found->cell[tag] != NULL)
			add_cell(value, figure, found->cell[tag],
					 (figure->minus & CELL_BIT(tag)) != 0);
	}
	if (figure->unit == MINOR_SHOWN_AS_MAJOR)
		value->sum = amount_shift(&value->sum, currency_minor_digits(found->currency));
}

/*
 * All figures of a document in one currency, as of an instant where one is past
 * due.  False if the document does not show the currency; an amount that it
 * needs and that is unknown is an error.
 */
bool
find_figures(CurrencyFigures *found, FigureDocument document,
			 const CurrencyCells *cells, const AsOf *as_of)
{
	found->currency = cells->currency;
	found->document = document;
	memset(found->cell, 0, sizeof(found->cell));
	memset(&found->overdue, 0, sizeof(Cell));
	if (!gather(found, cells, as_of))
		return false;
	for (int i = documents[document].first; i < documents[document].end; i++)
		if (figures[i].unit < COUNT_AND_TOTAL)
			find_value(found, &figures[i], &found->value[i]);
	return true;
}

/* ---- showing them ---- */

/* By length, then by bytes, as jsonb has its keys. */
static int
jsonb_key_compare(const char *a, const char *b)
{
	return strlen(a) != strlen(b) ? (int) strlen(a) - (int) strlen(b) : strcmp(a, b);
}

/* The figures of each document in jsonb's order of keys, which saves sorting them. */
static uint8 write_order[NUM_FIGURES];

/* Fill the tables that are read for every document, once per process. */
void
figures_init(void)
{
	for (int i = 0; i < NUM_FIGURES; i++)
	{
		const Figure *figure = &figures[i];
		int			place = i;

		if (figure->unit != COUNT_OF_ROWS)
		{
			show_measure(figure, figure->measure);
			show_measure(figure, figure->less);
		}
		for (; place > documents[figure->document].first; place--)
			if (jsonb_key_compare(figure->name, figures[write_order[place - 1]].name) >= 0)
				break;
			else
				write_order[place] = write_order[place - 1];
		write_order[place] = i;
	}
}

/* As fields of the object that is open. */
void
write_figures(Document *document, const CurrencyFigures *found)
{
	int			minor_digits = currency_minor_digits(found->currency);

	for (int i = documents[found->document].first; i < documents[found->document].end; i++)
	{
		const Figure *figure = &figures[write_order[i]];
		const FigureValue *value = &found->value[write_order[i]];

		if (figure->unit >= COUNT_AND_TOTAL)
			continue;
		document_key(document, figure->name, figure->name_length);
		if (figure->unit == MAJOR_UNITS || figure->unit == MINOR_SHOWN_AS_MAJOR)
			document_amount(document, &value->sum, minor_digits);
		else if (figure->unit == COUNT_OF_ROWS)
			document_integer(document, value->count);
		else
		{
			Numeric		number = amount_to_numeric(&value->sum);

			document_value(document, JENTRY_ISNUMERIC, number, VARSIZE_ANY(number));
		}
	}
}

/* As rows, one for each currency that the document shows. */
void
put_figure_rows(Row *row, FigureDocument document,
				const struct varlena *position, const AsOf *as_of)
{
	ListCell   *lc;

	foreach(lc, position_currencies(position, as_of != NULL))
	{
		CurrencyFigures found;

		if (!find_figures(&found, document, lfirst(lc), as_of))
			continue;
		row_currency(row, found.currency);
		for (int i = documents[document].first; i < documents[document].end; i++)
		{
			const FigureValue *value = &found.value[i];

			if (figures[i].unit == COUNT_OF_ROWS)
				row_value(row, Int64GetDatum(value->count), false);
			else if (figures[i].unit == MAJOR_UNITS || figures[i].unit == MINOR_SHOWN_AS_MAJOR)
				row_money(row, &value->sum, found.currency);
			else if (figures[i].unit < COUNT_AND_TOTAL)
				row_value(row, NumericGetDatum(amount_to_numeric(&value->sum)), false);
		}
		row_end(row);
	}
}
