/* Reading the cells of a position, for projections. */
#ifndef BALANCE_READ_H
#define BALANCE_READ_H

#include "datum.h"
#include "nodes/pg_list.h"

/*
 * All cells of one currency.  Read from a packed position, each comes once and in
 * canonical order; read from a state, those by due may come in parts and in any
 * order, but none cancels another.
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
extern void undated_open_amount(const CurrencyCells *cells, int128 *count,
								Amount *amount);
extern void require_known(int64 unknown, const char *amount,
						  CurrencyCode currency);

/*
 * Add rows whose amount is unknown.  In a difference their number may be negative;
 * its absolute value is added, so that none makes up for another.
 */
static inline void
unknown_into(int64 *unknown, int64 rows)
{
	count_into(unknown, rows < 0 && rows > PG_INT64_MIN ? -rows : rows);
}

#endif							/* BALANCE_READ_H */
