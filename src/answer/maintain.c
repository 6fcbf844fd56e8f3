/*-------------------------------------------------------------------------
 *
 * maintain.c
 *	  Having a ledger's balances maintained: beginning, repairing, ending.
 *
 *-------------------------------------------------------------------------
 */
#include "store/maintenance.h"

#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "ledger/command.h"
#include "ledger/template.h"
#include "report_views.h"
#include "store/history.h"
#include "store/owner.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "value/arguments.h"

/* ---- the ledger ---- */

/* The ledger, which is to be maintained by its owner. */
static Ledger
owned_ledger(FunctionCallInfo fcinfo, int argno)
{
	Ledger		ledger = ledger_getarg(fcinfo, argno);

	if (!has_privs_of_role(GetUserId(), schema_owner(ledger.schema)))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_SCHEMA, ledger.name);
	return ledger;
}

/* The store of a ledger that is maintained, or InvalidOid. */
static Oid
maintained_store(const Ledger *ledger)
{
	return OidIsValid(find_marker(ledger->schema)) &&
		OidIsValid(find_history(ledger->schema)) ? find_store(ledger->schema) : InvalidOid;
}

static Oid
require_store(const Ledger *ledger)
{
	Oid			store = maintained_store(ledger);

	if (!OidIsValid(store))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the balances of ledger \"%s\" are not maintained", ledger->name),
				 errhint("To have them maintained: SELECT * FROM balance.maintain(%s);",
						 quote_literal_cstr(quote_identifier(ledger->name)))));
	return store;
}

/* What is begun in another isolation level may not see what it must add. */
static void
require_read_committed(const char *function)
{
	if (IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("%s() must run in a READ COMMITTED transaction", function),
				 errdetail("It adds what a snapshot shows that is taken after its locks.")));
}

/* ---- how it is going ---- */

/* What tells two signatures apart, in words. */
static const char *
difference(const char *kept, const char *now, bool is_view)
{
	if (strncmp(kept, now, 16) != 0)
		return "its triggers or partitions have changed; call repair()";
	if (strncmp(kept + 17, now + 17, 16) != 0)
		return is_view ? "the view or what it reads has changed; call repair()" :
			"its columns have changed; call repair()";
	if (strncmp(kept + 34, now + 34, 16) != 0)
		return "it or its store has been rewritten; call repair()";
	return "this version of balance reads rows in another way; call repair()";
}

/* Why the store does not count for a relation, or NULL. */
static const char *
why_invalid(const LedgerRelation *relation, const KeptRelation *kept, Oid store)
{
	const char *reason = why_not_kept(relation, kept);
	const char *marked;
	const char *now;

	if (reason != NULL)
		return reason;
	if (!OidIsValid(store))
		return "it is not maintained; call maintain()";
	marked = marked_signature(relation->ledger, kept);
	if (marked == NULL)
		return "it has not been built; call repair()";
	if (strncmp(marked, MARKED_UNREADABLE, strlen(MARKED_UNREADABLE)) == 0)
		return marked;
	now = store_signature(relation->relid, kept, store);
	return strcmp(marked, now) == 0 ? NULL :
		difference(marked, now, get_rel_relkind(relation->relid) == RELKIND_VIEW);
}

/* One relation: rows, rows beyond one a customer, bytes, and rows that are bad. */
static void
put_state(ReturnSetInfo *result, const LedgerRelation *relation,
		  const KeptRelation *kept, Oid store)
{
	const char *reason = why_invalid(relation, kept, store);
	Datum		values[7] = {CStringGetTextDatum(kept->name), BoolGetDatum(reason == NULL)};
	bool		nulls[7] = {false, false, reason == NULL};

	if (reason != NULL)
		values[2] = CStringGetTextDatum(reason);
	nulls[3] = nulls[4] = nulls[5] = nulls[6] = !OidIsValid(store);
	if (OidIsValid(store))
	{
		run_command(sql_fill("SELECT COALESCE(sum(s.rows), 0)::int8,"
							 " COALESCE(sum(s.rows - 1), 0)::int8,"
							 " COALESCE(sum(s.bytes), 0)::int8, COALESCE(sum(s.bad), 0)::int8\n"
							 "FROM (SELECT count(*) AS rows, sum(s.bad) AS bad,"
							 " sum(pg_column_size(s.*)) AS bytes\n"
							 "FROM {store} AS s WHERE s.source = {letter}::\"char\""
							 " GROUP BY s.customer_id) AS s",
							 "store", qualified_name(relation->ledger->schema, STORE_NAME),
							 "letter", psprintf("'%c'", kept->letter)));
		for (int i = 0; i < 4; i++)
			values[3 + i] = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc,
										  i + 1, &nulls[3 + i]);
	}
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

static void
put_states(ReturnSetInfo *result, const Ledger *ledger, Oid store)
{
	for (int i = 0; i < NUM_KEPT_RELATIONS; i++)
	{
		LedgerRelation relation;

		if (ledger_find(ledger, kept_relations[i].name, "i", &relation))
			put_state(result, &relation, &kept_relations[i], store);
	}
}

/* ---- functions ---- */

/* Make the store right, while others may see how far that is. */
static void
repair_shown(FunctionCallInfo fcinfo, const Ledger *ledger, Oid store)
{
	Progress	progress;

	progress_begin(&progress, fcinfo, ledger);
	repair_ledger(ledger, store, &progress);
	progress_end(&progress);
}

PG_FUNCTION_INFO_V1(maintain);
Datum
maintain(PG_FUNCTION_ARGS)
{
	Ledger		ledger = owned_ledger(fcinfo, 0);
	Oid			store;

	require_read_committed("maintain");
	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	store = maintained_store(&ledger);
	if (!OidIsValid(store))
		store = create_store(&ledger);
	repair_shown(fcinfo, &ledger, store);
	remake_report_views(&ledger);
	put_states((ReturnSetInfo *) fcinfo->resultinfo, &ledger, store);
	SPI_finish();
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(repair);
Datum
repair(PG_FUNCTION_ARGS)
{
	Ledger		ledger = owned_ledger(fcinfo, 0);
	Oid			store = require_store(&ledger);

	require_read_committed("repair");
	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	repair_shown(fcinfo, &ledger, store);
	put_states((ReturnSetInfo *) fcinfo->resultinfo, &ledger, store);
	SPI_finish();
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(maintenance);
Datum
maintenance(PG_FUNCTION_ARGS)
{
	Ledger		ledger = ledger_getarg(fcinfo, 0);

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	put_states((ReturnSetInfo *) fcinfo->resultinfo, &ledger, maintained_store(&ledger));
	SPI_finish();
	return (Datum) 0;
}

/* The triggers go with the store. */
PG_FUNCTION_INFO_V1(stop_maintaining);
Datum
stop_maintaining(PG_FUNCTION_ARGS)
{
	Ledger		ledger = owned_ledger(fcinfo, 0);
	Oid			store = find_store(ledger.schema);

	if (!OidIsValid(store))
		PG_RETURN_BOOL(false);
	SPI_connect();
	drop_tables(&ledger);
	remake_report_views(&ledger);
	SPI_finish();
	PG_RETURN_BOOL(true);
}

/* ---- folding ---- */

static int64
fold_listed(Store *store, ArrayType *customers, Progress *progress)
{
	Datum	   *ids;
	bool	   *nulls;
	int			n;
	int64		folded = 0;

	deconstruct_array(customers, TEXTOID, -1, false, TYPALIGN_INT, &ids, &nulls, &n);
	progress_phase(progress, PHASE_FOLDING, InvalidOid, n);
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!nulls[i])
			folded += fold_customer(store, ids[i], false, true);
		progress_advance(progress);
	}
	return folded;
}

/* All customers with more than one row of a relation, a few at a time. */
static int64
fold_all(Store *store, const char *name, Progress *progress)
{
	const char *sql = sql_fill("SELECT DISTINCT " SQL_WHOLE_ID " AS id\n"
							   "FROM (SELECT s.customer_id,"
							   " max(s.long_customer_id) AS long_customer_id"
							   " FROM {store} AS s GROUP BY s.source, s.customer_id"
							   " HAVING count(*) > 1) AS s", "store", name);
	Portal		portal = SPI_cursor_open_with_args(NULL, sql, 0, NULL, NULL, NULL, true, 0);
	int64		folded = 0;

	progress_phase(progress, PHASE_FOLDING, InvalidOid, 0);
	for (;;)
	{
		SPI_cursor_fetch(portal, true, 1000);
		if (SPI_processed == 0)
			break;
		for (uint64 i = 0; i < SPI_processed; i++)
		{
			bool		isnull;
			Datum		customer = SPI_getbinval(SPI_tuptable->vals[i],
												 SPI_tuptable->tupdesc, 1, &isnull);

			folded += fold_customer(store, customer, isnull, true);
			progress_advance(progress);
		}
		SPI_freetuptable(SPI_tuptable);
	}
	SPI_cursor_close(portal);
	return folded;
}

PG_FUNCTION_INFO_V1(fold);
Datum
fold(PG_FUNCTION_ARGS)
{
	Ledger		ledger = owned_ledger(fcinfo, 0);
	Store		store = open_store_to_write(require_store(&ledger));
	Progress	progress;
	int64		folded;

	SPI_connect();
	progress_begin(&progress, fcinfo, &ledger);
	folded = PG_ARGISNULL(1) ?
		fold_all(&store, qualified_name(ledger.schema, STORE_NAME), &progress) :
		fold_listed(&store, PG_GETARG_ARRAYTYPE_P(1), &progress);
	progress_end(&progress);
	close_store(&store);
	SPI_finish();
	PG_RETURN_INT64(folded);
}

/* ---- history ---- */

/* Delete what the history has of earlier days; rows that others hold stay. */
static int64
delete_days(const Store *history, DateADT before, Progress *progress)
{
	SnapshotData snapshot = snapshot_until_now();
	SysScanDesc scan = systable_beginscan(history->heap, InvalidOid, false, &snapshot, 0,
										  NULL);
	int64		deleted = 0;
	HeapTuple	tuple;
	StoreRow	row;

	progress_phase(progress, PHASE_PRUNING, RelationGetRelid(history->heap), 0);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		CHECK_FOR_INTERRUPTS();
		progress_advance(progress);
		read_row(history, tuple, &row);
		if (DatumGetDateADT(ROW_VALUE(&row, STORE_DAY)) < before)
			deleted += delete_row(history, &tuple->t_self);
	}
	systable_endscan(scan);
	return deleted;
}

/*
 * What a day changed is only needed for the days before it.  So what is left
 * still tells what the books said at the end of the last day that goes.
 */
PG_FUNCTION_INFO_V1(prune_history);
Datum
prune_history(PG_FUNCTION_ARGS)
{
	Ledger		ledger;
	Oid			relid;
	Store		history;
	DateADT		before;
	Progress	progress;
	int64		deleted;

	if (PG_ARGISNULL(0))
		report_null_argument("before");
	before = PG_GETARG_DATEADT(0);
	ledger = owned_ledger(fcinfo, 1);
	(void) require_store(&ledger);
	relid = find_history(ledger.schema);
	if (!OidIsValid(relid) || DATE_IS_NOBEGIN(before))
		PG_RETURN_INT64(0);
	before = Min(before, recording_day());
	history = open_store_to_write(relid);
	SPI_connect();
	execute_on_marker(&ledger,
					  psprintf("UPDATE %s AS m SET unrecorded = %s",
							   qualified_name(ledger.schema, MARKER_NAME),
							   sql_fill("m.unrecorded + datemultirange(daterange(NULL::date,"
										" {before} - 1))", "before", sql_day(before))));
	progress_begin(&progress, fcinfo, &ledger);
	deleted = delete_days(&history, before, &progress);
	progress_end(&progress);
	close_store(&history);
	SPI_finish();
	PG_RETURN_INT64(deleted);
}
