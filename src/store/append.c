/*-------------------------------------------------------------------------
 *
 * append.c
 *	  What comes to a store: rows of a query or of a statement, appended.
 *
 *-------------------------------------------------------------------------
 */
#include "append.h"

#include "access/xact.h"
#include "common/pg_prng.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

/* One statement in so many folds so many of its customers. */
#define FOLD_EVERY		16

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
void
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
	StoreReceiver *receiver = (StoreReceiver *) rows;
	StoreRow	row;

	if (receiver->progress != NULL)
		progress_advance(receiver->progress);
	memcpy(&row.values[1], slot->tts_values, NUM_CHANGE_COLUMNS * sizeof(Datum));
	memcpy(&row.nulls[1], slot->tts_isnull, NUM_CHANGE_COLUMNS * sizeof(bool));
	put_row(&row, rows);
}

/* Whether a statement folds what it touches, where that cannot fail its transaction. */
bool
is_to_fold(void)
{
	return XactIsoLevel == XACT_READ_COMMITTED &&
		pg_prng_uint32(&pg_global_prng_state) % FOLD_EVERY == 0;
}

void
init_receiver(StoreReceiver *receiver, Oid store, char letter)
{
	memset(receiver, 0, sizeof(StoreReceiver));
	row_receiver_init(&receiver->rows, ALLOCSET_DEFAULT_INITSIZE, take_change);
	receiver->store = open_store_to_write(store);
	receiver->letter = letter;
	receiver->today = recording_day();
	receiver->is_of_today = true;
	receiver->context = CurrentMemoryContext;
}

/* When all has been appended. */
void
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
void
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

/* Rows that may be none. */
void
end_rows(Tuplestorestate *rows)
{
	if (rows != NULL)
		tuplestore_end(rows);
}

/*
 * Append what a query returns that compares a relation with STORED_ROWS, both in
 * the active snapshot.  Those are read here, since the owner of the relation need
 * not have a right to the store.
 */
uint64
append_query(const char *sql, Oid store, char letter, bool is_of_today, Progress *progress)
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
	receiver.progress = progress;
	if (SPI_execute_extended(sql, &options) != SPI_OK_SELECT)
		elog(ERROR, "could not read what a store lacks");
	appended = SPI_processed;
	end_receiver(&receiver);
	if (SPI_unregister_relation(STORED_ROWS) != SPI_OK_REL_UNREGISTER)
		elog(ERROR, "could not forget the rows of a store");
	tuplestore_end(stored);
	return appended;
}

/* Count rows whose customer cannot be told. */
void
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
