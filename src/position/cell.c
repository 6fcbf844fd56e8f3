/*-------------------------------------------------------------------------
 *
 * cell.c
 *	  The kinds of cells, expanded from cells.def.
 *
 *-------------------------------------------------------------------------
 */
#include "cell.h"

enum
{
#define CLASSES(group, name, classes, rows)	ROWS_OF_##group = (rows),
#define KEYED(group, name, rows)	ROWS_OF_##group = (rows),
#include "cells.def"
};

const CellKind cell_kinds[NUM_CELL_TAGS] = {
#define CELL(group, tag, number, name, key, is_void) \
	[tag] = {name, GROUP_##group, CLASS_OF_##tag, key, NUM_MEASURES_OF_##group, \
		ROWS_OF_##group && NUM_MEASURES_OF_##group > 0, ROWS_OF_##group, is_void},
#include "cells.def"
};

const CellGroupInfo cell_groups[NUM_CELL_GROUPS] = {
#define CLASSES(group, name, classes, rows)	[GROUP_##group] = {name, classes, {
#define KEYED(group, name, rows)	[GROUP_##group] = {name, NULL, {
#define MEASURE(measure, name, since)	[measure] = (name),
#define END(group)	}},
#include "cells.def"
};

const uint8 measures_since[NUM_CELL_GROUPS][MAX_MEASURES] = {
#define CLASSES(group, name, classes, rows)	[GROUP_##group] = {
#define KEYED(group, name, rows)	[GROUP_##group] = {
#define MEASURE(measure, name, since)	[measure] = (since),
#define END(group)	},
#include "cells.def"
};

StaticAssertDecl((int) CLASS_OF_CELL_INVOICE_VOID == INVOICE_VOID &&
				 (int) CLASS_OF_CELL_CHARGE_FIXED == CHARGE_FIXED &&
				 (int) CLASS_OF_CELL_UNIT_FUTURE_DEBT == UNIT_FUTURE_DEBT &&
				 (int) CLASS_OF_CELL_MEMO_VOID == MEMO_VOID,
				 "a group's cells must follow its classes");

/* Raise 22003, for counts as for amounts. */
void
report_count_out_of_range(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("bigint out of range"),
			 errdetail("A position counts rows in bigints.")));
}

/* Canonical order: by tag, then by due or the bytes of a text. */
int
compare_cells(const void *a, const void *b, void *unused)
{
	const Cell *x = a;
	const Cell *y = b;
	int			order = (int) x->tag - (int) y->tag;

	if (order == 0 && x->text != NULL)
		order = memcmp(x->text, y->text, Min(x->text_length, y->text_length));
	if (order == 0)
		order = x->text_length - y->text_length;
	return order != 0 ? order : (x->due > y->due) - (x->due < y->due);
}
