/*-------------------------------------------------------------------------
 *
 * cell.h
 *	  The position: what somebody owes and holds, exactly, per currency.
 *
 * A position is a set of cells.  A cell is keyed by currency, tag and, for
 * some tags, a due date, a due instant or a text; it holds a count of rows and
 * the sums of its measures; cells.def lists the cells.  Positions form a group:
 * they are added cell by cell, and a cell that is all zero is left out.
 *
 * A position has three forms: packed, the canonical one, which is stored, sent
 * and compared (packed.c); the state that an aggregate updates in place
 * (layout.h); and expanded, a pointer to a state (datum.c).
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_CELL_H
#define BALANCE_CELL_H

#include "compat.h"

#include "common/int.h"
#include "port/pg_bitutils.h"
#include "value/amount.h"
#include "value/currency.h"
#include "value/status.h"

/* The first byte: of a state, and of the packed form by version. */
#define POSITION_STATE			0
#define POSITION_PACKED_1		1

/* The version of the packed form that is written. */
enum
{
#define PACKED(version, cells)	POSITION_PACKED = (version)
#include "cells.def"
};

/* What a cell holds: see cells.def. */
typedef enum CellTag
{
	CELL_END = 0,				/* ends a currency in the packed form */
#define CELL(group, tag, number, name, key, is_void)	tag = (number),
#include "cells.def"
	NUM_CELL_TAGS
} CellTag;

/* The measures of each group, from 0, and how many there are. */
enum
{
#define CLASSES(group, name, classes, rows)	BEFORE_MEASURES_OF_##group = -1,
#define KEYED(group, name, rows)	BEFORE_MEASURES_OF_##group = -1,
#define MEASURE(measure, name, since)	measure,
#define END(group)	NUM_MEASURES_OF_##group,
#include "cells.def"
};

/* The index of each cell in its group, from 0, and how many there are. */
enum
{
#define CLASSES(group, name, classes, rows)	BEFORE_CELLS_OF_##group = -1,
#define KEYED(group, name, rows)	BEFORE_CELLS_OF_##group = -1,
#define CELL(group, tag, number, name, key, is_void)	CLASS_OF_##tag,
#define END(group)	NUM_CELLS_OF_##group,
#include "cells.def"
};

typedef enum CellGroup
{
#define CLASSES(group, name, classes, rows)	GROUP_##group,
#define KEYED(group, name, rows)	GROUP_##group,
#include "cells.def"
	NUM_CELL_GROUPS
} CellGroup;

/* Its size tells the most measures that any group has. */
typedef union MostMeasures
{
#define END(group)	char group[1 + NUM_MEASURES_OF_##group];
#include "cells.def"
} MostMeasures;

#define MAX_MEASURES			((int) sizeof(MostMeasures) - 1)

/* What is part of a cell's key besides currency and tag. */
typedef enum CellKey
{
	KEY_NONE,
	KEY_DATE,
	KEY_INSTANT,
	KEY_TEXT
} CellKey;

/* What is fixed about each tag. */
typedef struct CellKind
{
	const char *name;			/* in the text form */
	CellGroup	group;
	int8		class;			/* its index in the group */
	CellKey		key;
	int8		measures;
	bool		knows_unknown;	/* counts rows whose amount was NULL */
	bool		is_row;			/* counts rows that no other cell counts */
	bool		is_void;		/* nothing is unknown about its rows */
} CellKind;

/* What the cells of a group have in common, for showing them. */
typedef struct CellGroupInfo
{
	const char *name;
	const char *const *class_names; /* NULL if cells are keyed by text */
	const char *measures[MAX_MEASURES];
} CellGroupInfo;

extern const CellKind cell_kinds[NUM_CELL_TAGS];
extern const CellGroupInfo cell_groups[NUM_CELL_GROUPS];

/* The version of the packed form that first had each measure. */
extern const uint8 measures_since[NUM_CELL_GROUPS][MAX_MEASURES];

typedef struct Quantity
{
	Amount		sum;
	int64		unknown;		/* rows whose amount was NULL */
} Quantity;

typedef struct Cell
{
	CurrencyCode currency;
	CellTag		tag;
	int64		due;			/* DateADT or TimestampTz */
	const char *text;			/* KEY_TEXT, not terminated; else NULL */
	int			text_length;
	int64		count;
	Quantity	measure[MAX_MEASURES];
} Cell;

/* Tags as bits, those of dues and of unpaid invoices, and the latter's classes in SQL. */
#define CELL_BIT(tag)		((uint32) 1 << (tag))
#define DUE_TAGS			(CELL_BIT(CELL_DUE_DATE) | CELL_BIT(CELL_DUE_INSTANT))
#define UNPAID_INVOICES		(CELL_BIT(CELL_INVOICE_DRAFT) | CELL_BIT(CELL_INVOICE_OPEN))
#define UNPAID_CLASSES		"'{draft,open}'::text[]"

pg_noreturn extern void report_count_out_of_range(void);
extern int	compare_cells(const void *a, const void *b, void *unused);

/* The first of a set of tags, which are bits, and take it out. */
static inline CellTag
take_tag(uint32 *tags)
{
	CellTag		tag = pg_rightmost_one_pos32(*tags);

	*tags &= *tags - 1;
	return tag;
}

/* Add to a count, which is a bigint like those of count(). */
static inline void
count_into(int64 *count, int64 addend)
{
	if (unlikely(pg_add_s64_overflow(*count, addend, count)))
		report_count_out_of_range();
}

/*
 * The rows of a currency as a bigint.  They are added up in 128 bits, so that
 * partial sums may be out of range as long as the total is not.
 */
static inline int64
total_rows(int128 rows)
{
	if (unlikely(rows < PG_INT64_MIN || rows > PG_INT64_MAX))
		report_count_out_of_range();
	return (int64) rows;
}

static inline bool
is_unpaid_tag(CellTag tag)
{
	return (CELL_BIT(tag) & UNPAID_INVOICES) != 0;
}

static inline bool
is_invoice_tag(CellTag tag)
{
	return cell_kinds[tag].group == GROUP_INVOICES;
}

/* Mark a measure that was not recorded as unknown, except in void rows. */
static inline void
set_unknown(Cell *cell, int measure)
{
	const CellKind *kind = &cell_kinds[cell->tag];

	memset(&cell->measure[measure], 0, sizeof(Quantity));
	if (kind->knows_unknown && !kind->is_void)
		cell->measure[measure].unknown = cell->count;
}

static inline bool
is_due_tag(CellTag tag)
{
	return cell_kinds[tag].group == GROUP_DUES;
}

#endif							/* BALANCE_CELL_H */
