/*-------------------------------------------------------------------------
 *
 * position.h
 *	  The position: what somebody owes and holds, exactly, per currency.
 *
 * A position is a set of cells.  A cell is keyed by currency, tag and, for
 * some tags, a due date, a due instant or a deposit status; it holds a count
 * of rows and up to three sums.  Positions form a group: adding adds cell by
 * cell, and a cell that is all zero is no cell.
 *
 * There are two forms of the one value, told apart by their first byte:
 *
 *	packed	the canonical form, which is stored, sent and compared.  Equal
 *			positions are equal bytes.  See position_packed.c.
 *	state	what an aggregate updates in place.  See position_state.h.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_POSITION_H
#define BALANCE_POSITION_H

#include "amount.h"
#include "currency.h"
#include "status.h"

#include "common/int.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"

/* The first byte of either form. */
#define POSITION_STATE			0
#define POSITION_PACKED_1		1

/*
 * What a cell holds.  The numbers are part of the packed form and the order is
 * the canonical one: never renumber, only append.
 */
typedef enum CellTag
{
	CELL_END = 0,				/* ends a currency in the packed form */
	CELL_UNCOUNTED,				/* rows that count nowhere, but were there */
	CELL_INVOICE_DRAFT,
	CELL_INVOICE_OPEN,
	CELL_INVOICE_PAID,
	CELL_INVOICE_VOID,
	CELL_DUE_DATE,				/* open amounts due by the end of a day */
	CELL_DUE_INSTANT,			/* open amounts due at an instant */
	CELL_CHARGE_USAGE,
	CELL_CHARGE_FIXED,
	CELL_DEPOSIT,
	CELL_UNIT_CREDIT,
	CELL_UNIT_USED_CREDIT,
	CELL_UNIT_DEBT,
	CELL_UNIT_FUTURE_DEBT,
	CELL_MEMO_DRAFT,
	CELL_MEMO_AVAILABLE,
	CELL_MEMO_SPENT,
	CELL_MEMO_VOID
} CellTag;

#define NUM_CELL_TAGS			(CELL_MEMO_VOID + 1)
#define MAX_MEASURES			3

/* What a cell's key has besides currency and tag. */
typedef enum CellKey
{
	KEY_NONE,
	KEY_DATE,
	KEY_INSTANT,
	KEY_STATUS
} CellKey;

/* The measures of an invoice cell, in order. */
typedef enum InvoiceMeasure
{
	INVOICE_TOTAL,
	INVOICE_AMOUNT_DUE,
	INVOICE_AMOUNT_REMAINING
} InvoiceMeasure;

/* The measures of a credit memo cell, in order. */
typedef enum MemoMeasure
{
	MEMO_AMOUNT,
	MEMO_APPLIED
} MemoMeasure;

/* What is fixed about each tag. */
typedef struct CellKind
{
	const char *name;			/* in the text form */
	CellKey		key;
	int8		measures;
	bool		knows_unknown;	/* counts rows whose amount was NULL */
	bool		is_row;			/* counts rows that no other cell counts */
} CellKind;

extern const CellKind cell_kinds[NUM_CELL_TAGS];

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
	const char *status;			/* KEY_STATUS: not terminated */
	int			status_length;
	int64		count;
	Quantity	measure[MAX_MEASURES];
} Cell;

/* Walks over the cells of a packed position, in canonical order. */
typedef struct PositionReader
{
	const uint8 *next;
	const uint8 *end;
	bool		in_currency;
	CurrencyCode currency;
	int			errcode;		/* what to raise where the bytes are bad */
} PositionReader;

extern void reader_init(PositionReader *reader, const struct varlena *packed,
						int errcode);
extern bool reader_next(PositionReader *reader, Cell *cell);

extern void packed_begin(StringInfo buf);
extern void packed_currency(StringInfo buf, CurrencyCode currency);
extern void packed_cell(StringInfo buf, Cell *cell);
extern void packed_end_currency(StringInfo buf);
extern struct varlena *packed_finish(StringInfo buf);

/*
 * All cells of one currency, as the projections want them: each once and in
 * canonical order if they are read from a packed position; from a state, amounts
 * by due may come in any order and in parts.
 */
typedef struct CurrencyCells
{
	CurrencyCode currency;
	int128		rows;			/* rows tallied, wherever they count */
	int			ncells;
	int			allocated;
	Cell	   *cells;
} CurrencyCells;

extern struct varlena *position_from_datum(Datum datum);
extern struct varlena *packed_from_datum(Datum datum);
extern struct varlena *sum_of_two(const Datum *values, const bool *isnull);
extern List *position_currencies(const struct varlena *position, bool with_dues);
extern void undated_open_amount(const CurrencyCells *cells, int128 *count,
								Amount *amount);
extern void require_known(int64 unknown, const char *amount,
						  CurrencyCode currency);
extern const Cell *find_cell(const CurrencyCells *cells, CellTag tag);
pg_noreturn extern void report_count_out_of_range(void);

/* An argument in whichever form it comes, and in packed form. */
static inline struct varlena *
position_getarg(FunctionCallInfo fcinfo, int argno)
{
	return position_from_datum(PG_GETARG_DATUM(argno));
}

static inline struct varlena *
packed_getarg(FunctionCallInfo fcinfo, int argno)
{
	return packed_from_datum(PG_GETARG_DATUM(argno));
}

/* Counts are bigints, as PostgreSQL's own are. */
static inline void
count_into(int64 *count, int64 addend)
{
	if (unlikely(pg_add_s64_overflow(*count, addend, count)))
		report_count_out_of_range();
}

/*
 * The rows of a currency, added up in 128 bits so that no partial sum stands in
 * the way of a total that fits.
 */
static inline int64
total_rows(int128 rows)
{
	if (unlikely(rows < PG_INT64_MIN || rows > PG_INT64_MAX))
		report_count_out_of_range();
	return (int64) rows;
}

/*
 * Rows whose amount is not known.  In a difference they may be negative, and
 * then count by their size, so that none makes up for another.
 */
static inline void
unknown_into(int64 *unknown, int64 rows)
{
	count_into(unknown, rows < 0 && rows > PG_INT64_MIN ? -rows : rows);
}

static inline bool
is_invoice_tag(CellTag tag)
{
	return tag >= CELL_INVOICE_DRAFT && tag <= CELL_INVOICE_VOID;
}

static inline bool
is_due_tag(CellTag tag)
{
	return tag == CELL_DUE_DATE || tag == CELL_DUE_INSTANT;
}

static inline bool
is_void_tag(CellTag tag)
{
	return tag == CELL_INVOICE_VOID || tag == CELL_MEMO_VOID;
}

#endif							/* BALANCE_POSITION_H */
