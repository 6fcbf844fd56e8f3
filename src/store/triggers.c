/*-------------------------------------------------------------------------
 *
 * triggers.c
 *	  What a statement changes of a relation, appended to its store.
 *
 * A statement's rows are tallied by customer from its transition tables, and
 * one row a customer is added to the store, so that no writer ever waits for
 * another.  Where statement triggers do not fire, in the apply workers of
 * logical replication, a trigger for each row does the same.
 *
 * Which of the two it is must not depend on session_replication_role, which a
 * function can set while the statement goes on: then neither would see all rows.
 *
 *-------------------------------------------------------------------------
 */
#include "append.h"
#include "history.h"
#include "owner.h"

#include "access/table.h"
#include "access/xact.h"

static void
prepare_plan(TriggerPlan *plan)
{
	SPIPlanPtr	prepared = SPI_prepare(plan->sql, 0, NULL);

	if (prepared == NULL || SPI_keepplan(prepared) != 0)
		elog(ERROR, "could not prepare what a statement changes: %s",
			 SPI_result_code_string(SPI_result));
	plan->plan = prepared;
}

/* Append what rows change that are of the relation's shape, by the plan's query. */
static void
query_rows(TriggerPlan *plan, Oid shape, Tuplestorestate *new_rows,
		   Tuplestorestate *old_rows, StoreReceiver *receiver)
{
	SPIExecuteOptions options = {
		.read_only = true,
		.dest = &receiver->rows.pub
	};

	SPI_connect();
	register_rows(NEW_ROWS, new_rows, shape);
	register_rows(OLD_ROWS, old_rows, shape);
	if (plan->plan == NULL)
		prepare_plan(plan);
	if (SPI_execute_plan_extended(plan->plan, &options) != SPI_OK_SELECT)
		elog(ERROR, "could not tally what a statement changes");
	SPI_finish();
}

/*
 * Witness the day if need be: on a statement that folds, and on the first one of
 * the session that writes.
 */
static void
witness_today(TriggerPlan *plan, const StoreReceiver *receiver)
{
	if (XactIsoLevel != XACT_READ_COMMITTED ||
		(!receiver->folds && plan->witnessed == receiver->today))
		return;
	witness_day(plan->store, plan->relid, plan->kept);
	plan->witnessed = receiver->today;
}

/* The same without a query, where that can be. */
static void
append_rows(TriggerPlan *plan, Relation shape, Tuplestorestate *new_rows,
			Tuplestorestate *old_rows)
{
	StoreReceiver receiver;

	init_receiver(&receiver, plan->store, plan->kept->letter);
	receiver.folds = receiver.store.index != NULL && is_to_fold();
	if (plan->tally != NULL)
		tally_rows(plan->tally, RelationGetDescr(shape), new_rows, old_rows, put_row,
				   &receiver);
	else
		query_rows(plan, RelationGetRelid(shape), new_rows, old_rows, &receiver);
	witness_today(plan, &receiver);
	for (int i = 0; i < receiver.ncustomers; i++)
		(void) fold_customer(&receiver.store, receiver.customers[i], false, false);
	end_receiver(&receiver);
}

/* Rows as the plan's view shows them, or NULL for none. */
static Tuplestorestate *
see_rows(const TriggerPlan *plan, Relation relation, Tuplestorestate *rows, int64 *lost)
{
	*lost = 0;
	return rows == NULL ? NULL : view_rows(plan->view, plan->kept, relation, rows, lost);
}

static int64
count_rows(Tuplestorestate *rows)
{
	return rows == NULL ? 0 : tuplestore_tuple_count(rows);
}

/* The same for rows of a view's table. */
static void
append_view_rows(TriggerPlan *plan, Relation relation, Tuplestorestate *new_rows,
				 Tuplestorestate *old_rows)
{
	int64		lost_new;
	int64		lost_old;

	new_rows = see_rows(plan, relation, new_rows, &lost_new);
	old_rows = see_rows(plan, relation, old_rows, &lost_old);
	append_lost(plan, lost_new - lost_old);

	/*
	 * many a statement on a table with the rows of many is none of this
	 * ledger's
	 */
	if (count_rows(new_rows) + count_rows(old_rows) > 0)
	{
		Relation	view = table_open(plan->view, AccessShareLock);

		append_rows(plan, view, new_rows, old_rows);
		table_close(view, NoLock);
	}
	end_rows(new_rows);
	end_rows(old_rows);
}

/*
 * Run a plan as the relation's owner: what it calls may be of the owner's types,
 * and is never to run with the rights of the role that writes.
 */
static void
run_as_owner(TriggerPlan *plan, Relation relation, Tuplestorestate *new_rows,
			 Tuplestorestate *old_rows)
{
	Caller		caller = act_as(plan->owner);

	if (OidIsValid(plan->view))
		append_view_rows(plan, relation, new_rows, old_rows);
	else
		append_rows(plan, relation, new_rows, old_rows);
	act_as_caller(caller);
}

/* What a trigger was fired with. */
const TriggerData *
get_trigger_data(FunctionCallInfo fcinfo, const char *function)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("%s() must be called as a trigger", function)));
	return (const TriggerData *) fcinfo->context;
}

/* After a statement, whatever session_replication_role is: see is_applying(). */
PG_FUNCTION_INFO_V1(store_statement);
Datum
store_statement(PG_FUNCTION_ARGS)
{
	const TriggerData *data = get_trigger_data(fcinfo, "store_statement");
	TriggerPlan *plan;

	if (is_applying())
		return PointerGetDatum(NULL);
	plan = get_locked_plan(data->tg_trigger, RelationGetRelid(data->tg_relation),
						   data->tg_newtable != NULL, data->tg_oldtable != NULL);
	if (OidIsValid(plan->store))
		run_as_owner(plan, data->tg_relation, data->tg_newtable, data->tg_oldtable);
	return PointerGetDatum(NULL);
}

static Tuplestorestate *
store_tuple(HeapTuple tuple)
{
	Tuplestorestate *rows = tuplestore_begin_heap(true, false, work_mem);

	tuplestore_puttuple(rows, tuple);
	return rows;
}

/* After a row, of which two are there if it was updated. */
PG_FUNCTION_INFO_V1(store_row);
Datum
store_row(PG_FUNCTION_ARGS)
{
	const TriggerData *data = get_trigger_data(fcinfo, "store_row");
	bool		is_insert = TRIGGER_FIRED_BY_INSERT(data->tg_event);
	bool		is_update = TRIGGER_FIRED_BY_UPDATE(data->tg_event);
	Tuplestorestate *new_rows = NULL;
	Tuplestorestate *old_rows = NULL;
	TriggerPlan *plan;

	if (!is_applying())
		return PointerGetDatum(NULL);
	plan = get_locked_plan(data->tg_trigger, RelationGetRelid(data->tg_relation),
						   is_insert || is_update, !is_insert);
	if (!OidIsValid(plan->store))
		return PointerGetDatum(NULL);
	if (is_insert)
		new_rows = store_tuple(data->tg_trigtuple);
	else
		old_rows = store_tuple(data->tg_trigtuple);
	if (is_update)
		new_rows = store_tuple(data->tg_newtuple);
	run_as_owner(plan, data->tg_relation, new_rows, old_rows);
	end_rows(new_rows);
	end_rows(old_rows);
	return PointerGetDatum(NULL);
}
