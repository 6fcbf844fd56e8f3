/*-------------------------------------------------------------------------
 *
 * view_rows.c
 *	  Seeing rows of a table through a view over it.
 *
 * A row for which an expression raises an error is not refused: it is bad, as any
 * other that no document could tally, and lost if not even its customer can be
 * told.
 *
 *-------------------------------------------------------------------------
 */
#include "views.h"

#include "access/attmap.h"
#include "attempt.h"
#include "catalog/pg_authid.h"
#include "executor/executor.h"
#include "owner.h"
#include "rewrite/rewriteManip.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

typedef struct ReaderKey
{
	Oid			view;
	Oid			member;			/* the table, or a partition of it */
} ReaderKey;

/* Its expressions, ready for the rows of a table. */
typedef struct ViewReader
{
	ReaderKey	key;
	uint64		generation;
	MemoryContext context;		/* NULL: there is nothing of it */
	bool		may_fail;
	TupleDesc	shape;			/* of the view's rows */
	ExprContext *row;
	TupleTableSlot *slot;
	ExprState  *condition;
	ExprState **columns;
	int			customer;		/* which column that is */
} ViewReader;

static HTAB *readers = NULL;

static void
forget_reader(ViewReader *reader)
{
	if (reader->context != NULL)
		MemoryContextDelete(reader->context);
	reader->context = NULL;
}

static ViewReader *
find_reader(Oid view, Oid member)
{
	HASHCTL		control = {
		.keysize = sizeof(ReaderKey),
		.entrysize = sizeof(ViewReader)
	};
	ReaderKey	key;
	ViewReader *reader;
	bool		found;

	if (readers == NULL)
		readers = hash_create("balance view readers", 32, &control, HASH_ELEM | HASH_BLOBS);
	memset(&key, 0, sizeof(key));
	key.view = view;
	key.member = member;
	reader = hash_search(readers, &key, HASH_ENTER, &found);
	if (!found)
		reader->context = NULL;
	return reader;
}

/* Columns of the table as columns of a partition of it, which may have others. */
static AttrMap *
map_columns(const KeptView *view, Oid member)
{
	int			number = -1;
	int			last = bms_prev_member(view->read, -1);
	AttrMap    *map = make_attrmap(Max(last, 1));

	while ((number = bms_next_member(view->read, number)) >= 0)
		map->attnums[number - 1] = get_attnum(member, get_attname(view->table, number, false));
	return map;
}

static ExprState *
prepare_expression(const KeptView *view, Expr *expression, const AttrMap *map)
{
	bool		whole_row;

	if (expression == NULL)
		return NULL;
	return ExecInitExpr((Expr *) map_variable_attnos((Node *) expression, VIEW_VARNO, 0,
													 map, InvalidOid, &whole_row), NULL);
}

/* Have a view's expressions ready for the rows of a table. */
static void
prepare_reader(ViewReader *reader, const KeptView *view, Relation member)
{
	AttrMap    *map = map_columns(view, RelationGetRelid(member));

	reader->may_fail = view->may_fail;
	reader->shape = CreateTupleDescCopy(view->shape);
	reader->slot = MakeSingleTupleTableSlot(CreateTupleDescCopy(RelationGetDescr(member)),
											&TTSOpsMinimalTuple);
	reader->row = CreateStandaloneExprContext();
	reader->condition = prepare_expression(view, view->condition, map);
	reader->columns = palloc0(view->shape->natts * sizeof(ExprState *));
	for (int i = 0; i < view->shape->natts; i++)
	{
		reader->columns[i] = prepare_expression(view, view->columns[i], map);
		if (strcmp(NameStr(TupleDescAttr(view->shape, i)->attname), "customer_id") == 0)
			reader->customer = i;
	}
}

static ViewReader *
get_reader(Oid relid, const KeptRelation *kept, Relation member)
{
	uint64		now = store_generation();
	ViewReader *reader = find_reader(relid, RelationGetRelid(member));
	MemoryContext context;
	MemoryContext caller;
	Caller		acting;

	if (reader->context != NULL && reader->generation == now)
		return reader;
	forget_reader(reader);
	context = AllocSetContextCreate(CurrentMemoryContext, "balance view reader",
									ALLOCSET_SMALL_SIZES);
	caller = MemoryContextSwitchTo(context);

	/* the right to write does not depend on what the view's owner may call */
	acting = act_as(BOOTSTRAP_SUPERUSERID);
	prepare_reader(reader, get_view(relid, kept), member);
	act_as_caller(acting);
	MemoryContextSwitchTo(caller);
	MemoryContextSetParent(context, CacheMemoryContext);
	reader->context = context;
	reader->generation = now;
	return reader;
}

/* Rows that are seen through a view. */
typedef struct ViewRows
{
	ViewReader *reader;
	Tuplestorestate *from;
	Tuplestorestate *to;
	bool		customer_only;	/* nothing else of a row can be had */
} ViewRows;

static Datum
evaluate(const ViewReader *reader, ExprState *expression, bool *isnull)
{
	return ExecEvalExprSwitchContext(expression, reader->row, isnull);
}

/* Put the row that is in the slot, if the view shows it. */
static void
put_row(void *context)
{
	const ViewRows *rows = context;
	const ViewReader *reader = rows->reader;
	int			n = reader->shape->natts;
	Datum	   *values;
	bool	   *nulls;
	MemoryContext caller = MemoryContextSwitchTo(reader->row->ecxt_per_tuple_memory);

	values = palloc0(n * sizeof(Datum));
	nulls = palloc(n * sizeof(bool));
	MemoryContextSwitchTo(caller);
	reader->row->ecxt_scantuple = reader->slot;
	if (reader->condition != NULL)
	{
		bool		isnull;
		Datum		shown = evaluate(reader, reader->condition, &isnull);

		if (isnull || !DatumGetBool(shown))
			return;
	}
	for (int i = 0; i < n; i++)
	{
		nulls[i] = true;
		if (reader->columns[i] != NULL && (!rows->customer_only || i == reader->customer))
			values[i] = evaluate(reader, reader->columns[i], &nulls[i]);
	}
	tuplestore_putvalues(rows->to, reader->shape, values, nulls);
}

static bool
next_row(const ViewRows *rows)
{
	CHECK_FOR_INTERRUPTS();
	ResetExprContext(rows->reader->row);
	return tuplestore_gettupleslot(rows->from, true, false, rows->reader->slot);
}

static void
put_rows(void *context)
{
	while (next_row(context))
		put_row(context);
}

/*
 * Row by row: one of which only the customer is known has no currency, which
 * makes it bad.  Returns how many are lost.
 */
static int64
put_rows_that_fail(ViewRows *rows)
{
	int64		lost = 0;

	while (next_row(rows))
	{
		rows->customer_only = false;
		if (attempt(put_row, rows) == NULL)
			continue;
		rows->customer_only = true;
		lost += attempt(put_row, rows) != NULL;
	}
	return lost;
}

/*
 * What a view shows of rows of its table or of a partition, which is the
 * caller's to end, and how many of them are lost.
 */
Tuplestorestate *
view_rows(Oid relid, const KeptRelation *kept, Relation member, Tuplestorestate *from,
		  int64 *lost)
{
	ViewRows	rows = {
		.reader = get_reader(relid, kept, member),
		.from = from,
		.to = tuplestore_begin_heap(true, false, work_mem)
	};

	*lost = 0;
	rewind_rows(from);
	if (!rows.reader->may_fail)
		put_rows(&rows);
	else if (attempt(put_rows, &rows) != NULL)
	{
		tuplestore_rescan(from);
		tuplestore_clear(rows.to);
		*lost = put_rows_that_fail(&rows);
		/* what has failed may have left its expression in any state */
		rows.reader->generation = 0;
	}
	ExecClearTuple(rows.reader->slot);
	return rows.to;
}
