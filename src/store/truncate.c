/*-------------------------------------------------------------------------
 *
 * truncate.c
 *	  What TRUNCATE takes away from a maintained relation.
 *
 *-------------------------------------------------------------------------
 */
#include "append.h"
#include "owner.h"

#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

/* The rows of a result as text, to tell whether they are those of another. */
static char *
result_as_text(void)
{
	StringInfoData text;

	initStringInfo(&text);
	for (uint64 i = 0; i < SPI_processed; i++)
		for (int column = 1; column <= NUM_CHANGE_COLUMNS; column++)
		{
			char	   *value = SPI_getvalue(SPI_tuptable->vals[i],
											 SPI_tuptable->tupdesc, column);

			appendStringInfo(&text, "%s\n", value == NULL ? "NULL" : quote_literal_cstr(value));
		}
	return text.data;
}

/* The rows of a table that a snapshot sees. */
static Tuplestorestate *
scan_rows(Relation relation, Snapshot snapshot)
{
	Tuplestorestate *rows = tuplestore_begin_heap(true, false, work_mem);
	TupleTableSlot *slot = table_slot_create(relation, NULL);
	TableScanDesc scan = begin_table_scan(relation, snapshot);

	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		CHECK_FOR_INTERRUPTS();
		tuplestore_puttupleslot(rows, slot);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	return rows;
}

/* The tally of what is truncated, and how many of its rows are lost. */
static int64
tally_in_snapshot(TriggerPlan *plan, Relation relation, Snapshot snapshot)
{
	const char *sql = psprintf("%s ORDER BY 1", plan->sql);
	SPIPlanPtr	prepared;
	Tuplestorestate *seen = NULL;
	int64		lost = 0;

	snapshot = RegisterSnapshot(snapshot);
	if (OidIsValid(plan->view))
	{
		Tuplestorestate *rows = scan_rows(relation, snapshot);

		seen = view_rows(plan->view, plan->kept, relation, rows, &lost);
		tuplestore_end(rows);
		register_rows(OLD_ROWS, seen, plan->view);
	}
	prepared = SPI_prepare(sql, 0, NULL);
	if (prepared == NULL ||
		SPI_execute_snapshot(prepared, NULL, NULL, snapshot, InvalidSnapshot, true, false,
							 0) != SPI_OK_SELECT)
		elog(ERROR, "could not tally what is truncated");
	if (seen != NULL)
		SPI_unregister_relation(OLD_ROWS);
	end_rows(seen);
	UnregisterSnapshot(snapshot);
	return lost;
}

/*
 * TRUNCATE takes away what its transaction's snapshot does not see.  If that is
 * more than it does see, no store can be right for both.
 */
static int64
tally_same_rows(TriggerPlan *plan, Relation relation)
{
	int64		lost = tally_in_snapshot(plan, relation, GetTransactionSnapshot());
	char	   *seen = result_as_text();

	if (tally_in_snapshot(plan, relation, GetLatestSnapshot()) == lost &&
		strcmp(seen, result_as_text()) == 0)
		return lost;
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("could not serialize access due to concurrent update"),
			 errdetail("Rows of \"%s\" were written after this transaction's snapshot, and its"
					   " balances are maintained.",
					   RelationGetRelationName(relation)),
			 errhint("Retry the transaction.")));
}

/* Append what goes: all rows of one table, which is locked exclusively. */
static void
truncate_rows(TriggerPlan *plan, Relation relation)
{
	StoreReceiver receiver;
	int64		lost;

	SPI_connect();
	lost = IsolationUsesXactSnapshot() ? tally_same_rows(plan, relation) :
		tally_in_snapshot(plan, relation, GetLatestSnapshot());
	append_lost(plan, -lost);
	init_receiver(&receiver, plan->store, plan->kept->letter);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		StoreRow	row;

		for (int column = STORE_CUSTOMER; column <= STORE_POSITION; column++)
			ROW_VALUE(&row, column) = SPI_getbinval(SPI_tuptable->vals[i],
													SPI_tuptable->tupdesc, column - 1,
													&ROW_NULL(&row, column));
		put_row(&row, &receiver);
	}
	end_receiver(&receiver);
	SPI_finish();
}

/*
 * Before TRUNCATE, of each table by itself: a partition goes alone or with all
 * others, and the parent of partitions has no rows.
 */
PG_FUNCTION_INFO_V1(store_truncate);
Datum
store_truncate(PG_FUNCTION_ARGS)
{
	const TriggerData *data = get_trigger_data(fcinfo, "store_truncate");
	TriggerPlan *plan;
	Caller		caller;

	if (data->tg_relation->rd_rel->relkind != RELKIND_RELATION)
		return PointerGetDatum(NULL);
	plan = get_locked_plan(data->tg_trigger, RelationGetRelid(data->tg_relation), false, false);
	if (!OidIsValid(plan->store))
		return PointerGetDatum(NULL);
	caller = act_as(plan->owner);
	truncate_rows(plan, data->tg_relation);
	act_as_caller(caller);
	return PointerGetDatum(NULL);
}
