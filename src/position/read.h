/*-------------------------------------------------------------------------
 *
 * read.h
 *	  A position as the projections read it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_READ_H
#define BALANCE_READ_H

#include "datum.h"
#include "nodes/pg_list.h"

/*
 * All cells of one currency, as the projections want them: each once and in
 * canonical order if they are read from a packed position; from a state, amounts
 * by due may come in any order and in parts, none of which cancels another.
 */
typedef struct CurrencyCells
{
	CurrencyCode currency;
	int128		rows;			/* rows tallied, wherever they count */
	int			ncells;
	int			allocated;
	Cell	   *cells;
} CurrencyCells;

extern List *position_currencies(const struct varlena *position, bool with_dues);
extern const Cell *find_cell(const CurrencyCells *cells, CellTag tag);
extern void undated_open_amount(const CurrencyCells *cells, int128 *count,
								Amount *amount);
extern void require_known(int64 unknown, const char *amount,
						  CurrencyCode currency);

/*
 * Rows whose amount is not known.  In a difference they may be negative, and
 * then count by their size, so that none makes up for another.
 */
static inline void
unknown_into(int64 *unknown, int64 rows)
{
	count_into(unknown, rows < 0 && rows > PG_INT64_MIN ? -rows : rows);
}

#endif							/* BALANCE_READ_H */
