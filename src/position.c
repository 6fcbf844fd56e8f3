/*-------------------------------------------------------------------------
 *
 * position.c
 *	  The position as a value: the group, its order, and how projections
 *	  read it.
 *
 *-------------------------------------------------------------------------
 */
#include "position.h"
#include "position_state.h"

#include "common/hashfn.h"
#include "miscadmin.h"

void
report_count_out_of_range(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("bigint out of range"),
			 errdetail("A position counts rows in bigints.")));
}

/* An argument in packed form, whichever form it comes in. */
struct varlena *
position_getarg(FunctionCallInfo fcinfo, int argno)
{
	struct varlena *position = PG_GETARG_VARLENA_PP(argno);

	if (state_is(position))
		return state_pack((PositionState *) position);
	return position;
}

/* ---- reading, for the projections ---- */

/*
 * All currencies of a packed position in code order, as a list of
 * CurrencyCells.
 */
List *
position_currencies(const struct varlena *packed)
{
	List	   *currencies = NIL;
	CurrencyCells *current = NULL;
	int			allocated = 0;
	PositionReader reader;
	Cell		cell;

	reader_init(&reader, packed, ERRCODE_DATA_CORRUPTED);
	while (reader_next(&reader, &cell))
	{
		CHECK_FOR_INTERRUPTS();
		if (current == NULL || current->currency != cell.currency)
		{
			current = palloc0(sizeof(CurrencyCells));
			current->currency = cell.currency;
			allocated = 8;
			current->cells = palloc(allocated * sizeof(Cell));
			currencies = lappend(currencies, current);
		}
		if (current->ncells == allocated)
		{
			allocated *= 2;
			current->cells = repalloc_huge(current->cells,
										   allocated * sizeof(Cell));
		}
		current->cells[current->ncells++] = cell;
		if (cell_kinds[cell.tag].is_row)
			current->rows += cell.count;
	}
	return currencies;
}

/* The cell of a tag that has no further key, or NULL if there is none. */
const Cell *
find_cell(const CurrencyCells *cells, CellTag tag)
{
	for (int i = 0; i < cells->ncells; i++)
		if (cells->cells[i].tag == tag)
			return &cells->cells[i];
	return NULL;
}

/*
 * Draft and open invoices without a due date.  They have no cell of their own:
 * they are what the dated ones leave of the two classes.
 */
void
undated_open_amount(const CurrencyCells *cells, int64 *count, Amount *amount)
{
	*count = 0;
	memset(amount, 0, sizeof(Amount));
	for (int i = 0; i < cells->ncells; i++)
	{
		const Cell *cell = &cells->cells[i];

		if (cell->tag == CELL_INVOICE_DRAFT || cell->tag == CELL_INVOICE_OPEN)
		{
			count_into(count, cell->count);
			amount_add(amount, &cell->measure[INVOICE_AMOUNT_REMAINING].sum);
		}
		else if (is_due_tag(cell->tag))
		{
			Amount		dated = cell->measure[0].sum;

			count_out_of(count, cell->count);
			amount_negate(&dated);
			amount_add(amount, &dated);
		}
	}
}

/* A projection that needs an amount says how many rows lack it. */
void
require_known(int64 unknown, const char *amount, CurrencyCode currency)
{
	char		name[CURRENCY_NAME_SIZE];

	if (unknown == 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 errmsg_plural("%s is null in " INT64_FORMAT " row in %s",
						   "%s is null in " INT64_FORMAT " rows in %s",
						   unknown, amount, unknown,
						   currency_upper(currency, name)),
			 errdetail("A null amount is unknown, and so is every sum it belongs to.")));
}

/* ---- the group ---- */

/* a + sign * b */
static struct varlena *
position_sum(FunctionCallInfo fcinfo, int sign)
{
	PositionState *state = state_from_position(PG_GETARG_VARLENA_PP(0));

	state_add_position(&state, PG_GETARG_VARLENA_PP(1), sign);
	return state_pack(state);
}

/* The same for a query's results, where NULL is empty and one is often alone. */
struct varlena *
sum_of_two(const Datum *values, const bool *isnull)
{
	PositionState *state;

	if (isnull[0] != isnull[1])
		return PG_DETOAST_DATUM_PACKED(values[isnull[0] ? 1 : 0]);
	state = state_create(0);
	for (int i = 0; i < 2; i++)
		if (!isnull[i])
			state_add_position(&state, PG_DETOAST_DATUM_PACKED(values[i]), 1);
	return state_pack(state);
}

PG_FUNCTION_INFO_V1(position_add);
Datum
position_add(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(position_sum(fcinfo, 1));
}

PG_FUNCTION_INFO_V1(position_subtract);
Datum
position_subtract(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(position_sum(fcinfo, -1));
}

PG_FUNCTION_INFO_V1(position_negate);
Datum
position_negate(PG_FUNCTION_ARGS)
{
	PositionState *state = state_create(0);

	state_add_position(&state, PG_GETARG_VARLENA_PP(0), -1);
	PG_RETURN_POINTER(state_pack(state));
}

/* ---- support of the aggregates ---- */

/* A state goes back to the aggregate as it is, and to anyone else packed. */
Datum
state_result(FunctionCallInfo fcinfo, PositionState *state)
{
	if (AggCheckCallContext(fcinfo, NULL))
		return PointerGetDatum(state);
	return PointerGetDatum(state_pack(state));
}

static Datum
accumulate(FunctionCallInfo fcinfo, int sign)
{
	PositionState *state = state_getarg(fcinfo, 0, 0);

	if (!PG_ARGISNULL(1))
		state_add_position(&state, PG_GETARG_VARLENA_PP(1), sign);
	return state_result(fcinfo, state);
}

/* merge(position) passes over NULLs, as PostgreSQL's own aggregates do. */
PG_FUNCTION_INFO_V1(merge_add);
Datum
merge_add(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, 1);
}

PG_FUNCTION_INFO_V1(merge_remove);
Datum
merge_remove(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, -1);
}

/* Combine two partial states; the second one is only read. */
PG_FUNCTION_INFO_V1(position_combine);
Datum
position_combine(PG_FUNCTION_ARGS)
{
	/* nodeAgg.c sets this once for all calls of a combine function */
	fcinfo->isnull = false;
	if (PG_ARGISNULL(0) && PG_ARGISNULL(1))
		PG_RETURN_NULL();
	return accumulate(fcinfo, 1);
}

/* The canonical value of a state; of no rows at all, the empty position. */
PG_FUNCTION_INFO_V1(position_final);
Datum
position_final(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_POINTER(state_pack(state_create(0)));
	PG_RETURN_POINTER(position_getarg(fcinfo, 0));
}

/* ---- comparison ---- */

/*
 * A total order for sorting and DISTINCT.  Only its equality means anything:
 * packed positions are equal if and only if their bytes are.
 */
static int
compare(FunctionCallInfo fcinfo)
{
	struct varlena *a = position_getarg(fcinfo, 0);
	struct varlena *b = position_getarg(fcinfo, 1);
	int			a_size = VARSIZE_ANY_EXHDR(a);
	int			b_size = VARSIZE_ANY_EXHDR(b);
	int			order = memcmp(VARDATA_ANY(a), VARDATA_ANY(b), Min(a_size, b_size));

	if (order == 0)
		order = a_size < b_size ? -1 : a_size > b_size;
	if ((Pointer) a != PG_GETARG_POINTER(0))
		pfree(a);
	if ((Pointer) b != PG_GETARG_POINTER(1))
		pfree(b);
	return order < 0 ? -1 : order > 0;
}

PG_FUNCTION_INFO_V1(position_cmp);
Datum
position_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare(fcinfo));
}

PG_FUNCTION_INFO_V1(position_eq);
Datum
position_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) == 0);
}

PG_FUNCTION_INFO_V1(position_ne);
Datum
position_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) != 0);
}

PG_FUNCTION_INFO_V1(position_lt);
Datum
position_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) < 0);
}

PG_FUNCTION_INFO_V1(position_le);
Datum
position_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) <= 0);
}

PG_FUNCTION_INFO_V1(position_gt);
Datum
position_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) > 0);
}

PG_FUNCTION_INFO_V1(position_ge);
Datum
position_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) >= 0);
}

PG_FUNCTION_INFO_V1(position_hash);
Datum
position_hash(PG_FUNCTION_ARGS)
{
	struct varlena *a = position_getarg(fcinfo, 0);

	PG_RETURN_DATUM(hash_any((unsigned char *) VARDATA_ANY(a), VARSIZE_ANY_EXHDR(a)));
}

PG_FUNCTION_INFO_V1(position_hash_extended);
Datum
position_hash_extended(PG_FUNCTION_ARGS)
{
	struct varlena *a = position_getarg(fcinfo, 0);

	PG_RETURN_DATUM(hash_any_extended((unsigned char *) VARDATA_ANY(a),
									  VARSIZE_ANY_EXHDR(a), PG_GETARG_INT64(1)));
}
