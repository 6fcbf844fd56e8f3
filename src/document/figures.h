/* The figures of the documents, spelled out from figures.def, and their values. */
#ifndef BALANCE_FIGURES_H
#define BALANCE_FIGURES_H

#include "document.h"
#include "port/pg_bitutils.h"
#include "position/read.h"
#include "projections.h"
#include "rows.h"

typedef enum FigureDocument
{
#define DOCUMENT(document, groups)	DOCUMENT_##document,
#include "figures.def"
	NO_DOCUMENT
} FigureDocument;

/* All figures by number, and where each document's begin and end. */
enum
{
#define DOCUMENT(document, groups) \
	FIRST_FIGURE_OF_##document, BEFORE_FIGURES_OF_##document = FIRST_FIGURE_OF_##document - 1,
#define FIGURE(document, name, unit, cells, minus, measure, less, comment)	FIGURE_##name,
#define STATE(document, tag, name)	FIGURE_##tag,
#define FIELD(document, field, name, cells, measure, less)	FIELD_##field,
#define END(document) \
	END_FIGURES_OF_##document, LAST_FIGURE_OF_##document = END_FIGURES_OF_##document - 1,
#include "figures.def"
	NUM_FIGURES
};

typedef enum FigureUnit
{
	COUNT_OF_ROWS,
	MAJOR_UNITS,
	MINOR_UNITS,
	MINOR_SHOWN_AS_MAJOR,
	VCU_UNITS,
	COUNT_AND_TOTAL,			/* of a state */
	NO_COLUMN					/* a field of items() alone */
} FigureUnit;

/* Groups as bits, and the sets of cells that several figures show. */
#define GROUP_BIT(group)	(1 << GROUP_##group)
#define NO_CELLS			0
#define NO_MEASURE			(-1)
#define COUNTED_INVOICES	(UNPAID_INVOICES | CELL_BIT(CELL_INVOICE_PAID))
#define OVERDUE_INVOICES	(CELL_BIT(CELL_DUE_DATE) | CELL_BIT(CELL_DUE_INSTANT))
#define AVAILABLE_MEMOS		CELL_BIT(CELL_MEMO_AVAILABLE)

typedef struct Figure
{
	FigureDocument document;
	FigureUnit	unit;
	const char *name;
	int			name_length;
	uint32		cells;			/* that are added, as bits */
	uint32		minus;			/* that are taken away */
	int8		measure;
	int8		less;			/* is taken from the measure, or NO_MEASURE */
	const char *comment;
} Figure;

extern const Figure figures[NUM_FIGURES];

/* Its cells are all of one group. */
static inline CellGroup
figure_group(const Figure *figure)
{
	return cell_kinds[pg_rightmost_one_pos32(figure->cells)].group;
}

/* Whether what follows its path is a text of the ledger's own. */
static inline bool
figure_is_keyed(const Figure *figure)
{
	return figure->cells != NO_CELLS &&
		cell_kinds[pg_rightmost_one_pos32(figure->cells)].key == KEY_TEXT;
}

/* The value of a figure: one of the two, by its unit. */
typedef struct FigureValue
{
	int64		count;
	Amount		sum;
} FigureValue;

/* What a document finds in the cells of a currency. */
typedef struct CurrencyFigures
{
	CurrencyCode currency;
	FigureDocument document;
	const Cell *cell[NUM_CELL_TAGS];	/* those without a further key */
	Cell		overdue;		/* what is past due */
	FigureValue value[NUM_FIGURES]; /* of this document's figures */
} CurrencyFigures;

/* The projections, see projections.h. */
#define PROJECTION(document, function, column) \
	extern Jsonb *function(const struct varlena *position, const text *customer_id, \
						   const text *attribute, const void *context);
#include "figures.def"

extern void figures_init(void);
extern bool is_past_due(const Cell *cell, const AsOf *as_of);
extern bool find_figures(CurrencyFigures *found, FigureDocument document,
						 const CurrencyCells *cells, const AsOf *as_of);
extern void write_figures(Document *document, const CurrencyFigures *found);
extern void put_figure_rows(Row *row, FigureDocument document,
							const struct varlena *position, const AsOf *as_of);

#endif							/* BALANCE_FIGURES_H */
