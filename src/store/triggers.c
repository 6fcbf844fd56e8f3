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
#include "store.h"
#include "history.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "common/pg_prng.h"
#include "executor/spi.h"
#include "ledger/identifier.h"
#include "ledger/receiver.h"
#include "ledger/template.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/tuplestore.h"

/* One statement in so many folds so many of its customers. */
#define FOLD_EVERY		16
#define FOLD_CUSTOMERS	4

#define NEW_ROWS	"balance_new"
#define OLD_ROWS	"balance_old"

/* ---- receiving rows of the store ---- */

typedef struct StoreReceiver
{
	RowReceiver rows;
	Store		store;
	char		letter;
	DateADT		today;
	bool		is_of_today;	/* else it was there before anything was
								 * recorded */
	MemoryContext context;		/* outlives the query whose rows are received */
	bool		folds;			/* some customers, in the end */
	int			ncustomers;		/* these */
	Datum		customers[FOLD_CUSTOMERS];
} StoreReceiver;

/* Remember some customers, whose rows are going to be folded. */
static void
remember_customer(StoreReceiver *receiver, const StoreRow *row)
{
	MemoryContext caller;

	if (!receiver->folds || receiver->ncustomers == FOLD_CUSTOMERS ||
		ROW_NULL(row, STORE_CUSTOMER))
		return;
	caller = MemoryContextSwitchTo(receiver->context);
	receiver->customers[receiver->ncustomers++] =
		PointerGetDatum(PG_DETOAST_DATUM_COPY(ROW_VALUE(row, STORE_CUSTOMER)));
	MemoryContextSwitchTo(caller);
}

/* Append a row, which lacks its letter, and the day on which it is recorded. */
static void
put_row(StoreRow *row, void *argument)
{
	StoreReceiver *receiver = argument;

	ROW_VALUE(row, STORE_SOURCE) = CharGetDatum(receiver->letter);
	ROW_NULL(row, STORE_SOURCE) = false;
	ROW_VALUE(row, STORE_DAY) = DateADTGetDatum(receiver->today);
	ROW_NULL(row, STORE_DAY) = !receiver->is_of_today;
	remember_customer(receiver, row);
	append_row(&receiver->store, row);
}

static void
take_change(RowReceiver *rows, TupleTableSlot *slot)
{
	StoreRow	row;

	memcpy(&row.values[1], slot->tts_values, NUM_CHANGE_COLUMNS * sizeof(Datum));
	memcpy(&row.nulls[1], slot->tts_isnull, NUM_CHANGE_COLUMNS * sizeof(bool));
	put_row(&row, rows);
}

/* Whether a statement folds what it touches, where that cannot fail its transaction. */
static bool
is_to_fold(void)
{
	return XactIsoLevel == XACT_READ_COMMITTED &&
		pg_prng_uint32(&pg_global_prng_state) % FOLD_EVERY == 0;
}

static void
init_receiver(StoreReceiver *receiver, Oid store, char letter)
{
	memset(receiver, 0, sizeof(StoreReceiver));
	row_receiver_init(&receiver->rows, take_change);
	receiver->store = open_store_to_write(store);
	receiver->letter = letter;
	receiver->today = recording_day();
	receiver->is_of_today = true;
	receiver->context = CurrentMemoryContext;
}

/* When all has been appended. */
static void
end_receiver(StoreReceiver *receiver)
{
	close_store(&receiver->store);
	row_receiver_end(&receiver->rows);
}

/* The rows that a store has of a relation, in the active snapshot. */
static Tuplestorestate *
read_stored_rows(Oid relid, char letter)
{
	Tuplestorestate *rows = tuplestore_begin_heap(true, false, work_mem);
	Store		store = open_store(relid);
	SysScanDesc scan = systable_beginscan(store.heap, InvalidOid, false, GetActiveSnapshot(),
										  0, NULL);
	HeapTuple	tuple;
	StoreRow	row;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		CHECK_FOR_INTERRUPTS();
		read_row(&store, tuple, &row);
		if (DatumGetChar(ROW_VALUE(&row, STORE_SOURCE)) != letter)
			continue;
		pfree(row_position(&row));
		tuplestore_puttuple(rows, tuple);
	}
	systable_endscan(scan);
	close_store(&store);
	return rows;
}

/* Make rows known to the queries of this SPI connection. */
static void
register_rows(const char *name, Tuplestorestate *rows, Oid relid)
{
	EphemeralNamedRelation enr;

	if (rows == NULL)
		return;
	enr = palloc0(sizeof(EphemeralNamedRelationData));
	enr->md.name = pstrdup(name);
	enr->md.reliddesc = relid;
	enr->md.enrtype = ENR_NAMED_TUPLESTORE;
	enr->md.enrtuples = tuplestore_tuple_count(rows);
	enr->reldata = rows;
	if (SPI_register_relation(enr) != SPI_OK_REL_REGISTER)
		elog(ERROR, "could not register the rows of a statement");
}

/*
 * Append what a query returns that compares a relation with STORED_ROWS, both in
 * the active snapshot.  Those are read here, since the owner of the relation need
 * not have a right to the store.
 */
uint64
append_query(const char *sql, Oid store, char letter, bool is_of_today)
{
	StoreReceiver receiver;
	Tuplestorestate *stored;
	uint64		appended;
	SPIExecuteOptions options = {
		.read_only = true,
		.dest = &receiver.rows.pub
	};

	stored = read_stored_rows(store, letter);
	register_rows(STORED_ROWS, stored, store);
	init_receiver(&receiver, store, letter);
	receiver.is_of_today = is_of_today;
	if (SPI_execute_extended(sql, &options) != SPI_OK_SELECT)
		elog(ERROR, "could not read what a store lacks");
	appended = SPI_processed;
	end_receiver(&receiver);
	if (SPI_unregister_relation(STORED_ROWS) != SPI_OK_REL_UNREGISTER)
		elog(ERROR, "could not forget the rows of a store");
	tuplestore_end(stored);
	return appended;
}

/* ---- plans ---- */

/*
 * What a trigger does: nothing, if its relation is not part of a ledger's any
 * more, or cannot be read as one.  The store's signature is another one then.
 */
typedef struct PlanKey
{
	Oid			trigger;
	bool		has_new;		/* a row's trigger is for three events */
	bool		has_old;
} PlanKey;

typedef struct TriggerPlan
{
	PlanKey		key;
	uint64		generation;		/* of the catalogue, when it was composed */
	Oid			store;			/* InvalidOid: nothing */
	const KeptRelation *kept;
	Oid			relid;			/* of the ledger's relation */
	Oid			view;			/* the same, or InvalidOid: it is a table */
	Oid			owner;			/* of the relation */
	DateADT		witnessed;		/* on which day that it counts */
	RowTally   *tally;			/* NULL: it takes the query */
	char	   *sql;
	SPIPlanPtr	plan;			/* NULL until it is needed */
} TriggerPlan;

static HTAB *plans = NULL;

/* The ledger's relation that a trigger keeps, as its arguments say. */
static bool
find_relation(const Trigger *trigger, Oid member, Ledger *ledger,
			  LedgerRelation *relation, const KeptRelation **kept)
{
	Oid			relid;
	Oid			table;

	if (trigger->tgnargs != 2 || (*kept = find_kept(trigger->tgargs[0])) == NULL)
		return false;
	relid = (Oid) strtoul(trigger->tgargs[1], NULL, 10);
	table = kept_table(relid, *kept);
	if (table != member &&
		(!get_rel_relispartition(member) ||
		 !list_member_oid(get_partition_ancestors(member), table)))
		return false;
	ledger->schema = get_rel_namespace(relid);
	ledger->name = get_namespace_name(ledger->schema);
	relation->ledger = ledger;
	relation->spec = find_relation_spec((*kept)->name);
	relation->relid = relid;
	relation->alias = "i";
	return ledger->name != NULL && kept_columns_fit(relation, *kept) &&
		!ledger_is_coarse(relation, "customer_id");
}

/* Find out how rows are tallied without a query, if they can be. */
static void
make_tally(TriggerPlan *plan, Oid shape)
{
	if (plan->tally != NULL)
		pfree(plan->tally);
	plan->tally = NULL;
	plan->tally = plan_tally(plan->kept, shape);
}

/* Compose what the trigger runs, whose events are given by two transition tables. */
static void
compose_plan(TriggerPlan *plan, const Trigger *trigger, Oid member)
{
	Ledger		ledger = {0};
	LedgerRelation relation;
	const KeptRelation *kept;
	StringInfoData sql;

	plan->store = trigger_store(trigger->tgoid);
	if (!OidIsValid(plan->store) || get_rel_name(plan->store) == NULL ||
		!find_relation(trigger, member, &ledger, &relation, &kept))
	{
		plan->store = InvalidOid;
		return;
	}
	initStringInfo(&sql);
	plan->view = get_rel_relkind(relation.relid) == RELKIND_VIEW ? relation.relid : InvalidOid;
	if (!plan->key.has_new && !plan->key.has_old && OidIsValid(plan->view))
		append_change(&sql, &relation, kept, NULL, OLD_ROWS);
	else if (!plan->key.has_new && !plan->key.has_old)
		append_change(&sql, &relation, kept, NULL,
					  psprintf("ONLY %s", qualified_name(get_rel_namespace(member),
														 get_rel_name(member))));
	else
		append_change(&sql, &relation, kept, plan->key.has_new ? NEW_ROWS : NULL,
					  plan->key.has_old ? OLD_ROWS : NULL);
	plan->kept = kept;
	plan->relid = relation.relid;
	plan->owner = relation_owner(relation.relid);
	make_tally(plan, OidIsValid(plan->view) ? plan->view : member);
	if (plan->sql != NULL && strcmp(plan->sql, sql.data) == 0)
		return;
	if (plan->plan != NULL)
		SPI_freeplan(plan->plan);
	plan->plan = NULL;
	if (plan->sql != NULL)
		pfree(plan->sql);
	plan->sql = MemoryContextStrdup(TopMemoryContext, sql.data);
}

static void
create_plans(void)
{
	HASHCTL		control = {
		.keysize = sizeof(PlanKey),
		.entrysize = sizeof(TriggerPlan)
	};

	plans = hash_create("balance trigger plans", 32, &control, HASH_ELEM | HASH_BLOBS);
}

/* The plan of a trigger as the catalogue is now. */
static TriggerPlan *
get_plan(const Trigger *trigger, Oid member, bool has_new, bool has_old)
{
	PlanKey		key;
	TriggerPlan *plan;
	uint64		now = store_generation();
	bool		found;

	if (plans == NULL)
		create_plans();
	memset(&key, 0, sizeof(key));
	key.trigger = trigger->tgoid;
	key.has_new = has_new;
	key.has_old = has_old;
	plan = hash_search(plans, &key, HASH_ENTER, &found);
	if (!found)
	{
		plan->generation = 0;
		plan->tally = NULL;
		plan->sql = NULL;
		plan->plan = NULL;
	}
	if (plan->generation != now)
	{
		plan->generation = 0;
		compose_plan(plan, trigger, member);
		plan->witnessed = DATEVAL_NOBEGIN;
		plan->generation = now;
	}
	return plan;
}

/*
 * The same where it is of a view, which must not change before this transaction
 * has ended: a repair would add what the view shows now of rows that it sees
 * only later.
 */
static TriggerPlan *
get_locked_plan(const Trigger *trigger, Oid member, bool has_new, bool has_old)
{
	TriggerPlan *plan;

	do
		plan = get_plan(trigger, member, has_new, has_old);
	while (OidIsValid(plan->store) && OidIsValid(plan->view) &&
		   lock_kept_views(plan->view, plan->kept));
	return plan;
}

/* ---- running ---- */

static void
end_rows(Tuplestorestate *rows)
{
	if (rows != NULL)
		tuplestore_end(rows);
}

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

/* Count rows whose customer cannot be told. */
static void
append_lost(const TriggerPlan *plan, int64 lost)
{
	Store		store;
	StoreRow	row;

	if (lost == 0)
		return;
	row = row_of_no_customer(lost_letter(plan->kept), lost, recording_day());
	store = open_store_to_write(plan->store);
	append_row(&store, &row);
	close_store(&store);
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
	Oid			user;
	int			context;

	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(plan->owner, context | STORE_SECURITY);
	if (OidIsValid(plan->view))
		append_view_rows(plan, relation, new_rows, old_rows);
	else
		append_rows(plan, relation, new_rows, old_rows);
	SetUserIdAndSecContext(user, context);
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

/* ---- TRUNCATE ---- */

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
	Oid			user;
	int			context;

	if (data->tg_relation->rd_rel->relkind != RELKIND_RELATION)
		return PointerGetDatum(NULL);
	plan = get_locked_plan(data->tg_trigger, RelationGetRelid(data->tg_relation), false, false);
	if (!OidIsValid(plan->store))
		return PointerGetDatum(NULL);
	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(plan->owner, context | STORE_SECURITY);
	truncate_rows(plan, data->tg_relation);
	SetUserIdAndSecContext(user, context);
	return PointerGetDatum(NULL);
}
