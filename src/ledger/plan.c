/*-------------------------------------------------------------------------
 *
 * plan.c
 *	  Keeping the documents' queries prepared, and running them.
 *
 * A query is composed from the catalogue, so it may have to change when a
 * relation does.  A counter tells whether any relation or schema has changed
 * since the query was last composed; if so it is composed again, and the plan
 * is kept if the text is still the same.  Everything else that can invalidate
 * a plan, the plan cache itself looks after: changed tables, row security, a
 * changed role.
 *
 *-------------------------------------------------------------------------
 */
#include "plan.h"

#include "bind.h"
#include "catalog/pg_type.h"
#include "cluster.h"
#include "lib/ilist.h"
#include "miscadmin.h"
#include "nodes/params.h"
#include "settings.h"
#include "snapshot.h"
#include "storage/lmgr.h"
#include "template.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/plancache.h"
#include "utils/syscache.h"
#include "utils/tuplestore.h"

/* A query is identified by its ledger and by what composes it. */
typedef struct PlanKey
{
	Oid			schema;
	LedgerComposer compose;
	const void *context;
} PlanKey;

typedef struct PlanEntry
{
	PlanKey		key;
	dlist_node	recent;			/* in recently_used */
	uint64		composed_at;	/* catalog_changes when it was composed */
	uint32		names;			/* of the ledger that it was composed for */
	uint64		version;		/* grows whenever the plan is replaced */
	LedgerQuery query;			/* without text until it has been prepared */
	SPIPlanPtr	plan;
	int			running;		/* executions of the plan under way */
} PlanEntry;

/*
 * How many plans are kept before the least recently used one is dropped.  With a
 * schema for every tenant, a session that serves them all must not keep growing.
 * A plan takes 40 kB, about what PostgreSQL itself remembers of a ledger's
 * relations; look-ups of more ledgers in turn than there are plans for took 4
 * times as long (the suite scaling).
 */
#define MAX_SAVED_PLANS	1024

/* balance.log_queries: whether each query is logged as it is run. */
static bool log_queries = false;

static HTAB *plans = NULL;
static uint64 catalog_changes = 1;
static dlist_head recently_used = DLIST_STATIC_INIT(recently_used);

void
plan_init(void)
{
	DefineCustomBoolVariable("balance.log_queries",
							 "Logs each query over a ledger as it is run.",
							 "With the values of its parameters, at level LOG: "
							 "in the server's log, "
							 "and in the client where client_min_messages is log or lower.",
							 &log_queries,
							 false,
							 PGC_USERSET, 0,
							 NULL, NULL, NULL);
}

/* ---- invalidation ---- */

static void
count_relation_change(Datum argument, Oid relid)
{
	catalog_changes++;
}

/* A schema, type, operator or collation whose name the query spells. */
static void
object_changed(Datum argument, int cacheid, uint32 hashvalue)
{
	catalog_changes++;
}

static void
create_plan_table(void)
{
	HASHCTL		control = {
		.keysize = sizeof(PlanKey),
		.entrysize = sizeof(PlanEntry)
	};

	plans = hash_create("balance ledger plans", 16, &control,
						HASH_ELEM | HASH_BLOBS);
	CacheRegisterRelcacheCallback(count_relation_change, (Datum) 0);
	CacheRegisterSyscacheCallback(NAMESPACEOID, object_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(TYPEOID, object_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(OPEROID, object_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(COLLOID, object_changed, (Datum) 0);
}

/* ---- preparing ---- */

static bool
same_query(const LedgerQuery *a, const LedgerQuery *b)
{
	return a->sql.data != NULL && strcmp(a->sql.data, b->sql.data) == 0 &&
		a->nparameters == b->nparameters &&
		memcmp(a->type, b->type, a->nparameters * sizeof(Oid)) == 0 &&
		memcmp(a->argument, b->argument, a->nparameters * sizeof(int)) == 0;
}

static void
free_plan(PlanEntry *entry)
{
	if (entry->query.sql.data == NULL)
		return;
	if (entry->running == 0)
		SPI_freeplan(entry->plan);
	pfree(entry->query.sql.data);
	entry->query.sql.data = NULL;
}

/*
 * Prepare a query and keep it in place of the entry's old one.  That is not
 * freed while it runs, as it does if a view in the ledger asks for a document
 * of the same ledger after changing it.
 */
static void
prepare(PlanEntry *entry, LedgerQuery *query)
{
	int			options = CURSOR_OPT_PARALLEL_OK |
		(query->one_plan && !has_cluster() ? CURSOR_OPT_GENERIC_PLAN : 0);
	SPIPlanPtr	plan = SPI_prepare_cursor(query->sql.data, query->nparameters,
										  query->type, options);

	if (plan == NULL)
		elog(ERROR, "could not prepare a ledger query: %s",
			 SPI_result_code_string(SPI_result));
	free_plan(entry);
	if (SPI_keepplan(plan) != 0)
		elog(ERROR, "could not keep a ledger query");
	entry->plan = plan;
	entry->version++;
	entry->query = *query;
	entry->query.sql.data = MemoryContextStrdup(TopMemoryContext, query->sql.data);
}

/* Forget the plan that was not used for the longest time, and does not run. */
static void
evict_plan(void)
{
	dlist_iter	iterator;

	dlist_reverse_foreach(iterator, &recently_used)
	{
		PlanEntry  *entry = dlist_container(PlanEntry, recent, iterator.cur);

		if (entry->running > 0)
			continue;
		dlist_delete(&entry->recent);
		free_plan(entry);
		hash_search(plans, &entry->key, HASH_REMOVE, NULL);
		return;
	}
}

/* The up-to-date entry for a query over a ledger. */
static PlanEntry *
get_plan(const Ledger *ledger, LedgerComposer compose, const void *context)
{
	PlanKey		key;
	PlanEntry  *entry;
	bool		found;

	if (plans == NULL)
		create_plan_table();
	/* what others have committed since the last lock that we took */
	AcceptInvalidationMessages();
	memset(&key, 0, sizeof(key));
	key.schema = ledger->schema;
	key.compose = compose;
	key.context = context;
	entry = hash_search(plans, &key, HASH_FIND, &found);
	if (!found)
	{
		if (hash_get_num_entries(plans) >= MAX_SAVED_PLANS)
			evict_plan();
		entry = hash_search(plans, &key, HASH_ENTER, NULL);
		entry->query.sql.data = NULL;
		entry->composed_at = 0;
		entry->version = 0;
		entry->running = 0;
		dlist_push_head(&recently_used, &entry->recent);
	}
	dlist_move_head(&recently_used, &entry->recent);
	if (entry->composed_at != catalog_changes)
	{
		/* a change during composition must lead to another one */
		uint64		now = catalog_changes;
		LedgerQuery query = {.nparameters = 0};

		initStringInfo(&query.sql);
		*ledger->consulted = 0;
		compose(ledger, &query, context);
		entry->names = *ledger->consulted;
		if (!same_query(&entry->query, &query))
			prepare(entry, &query);
		entry->composed_at = now;
	}
	return entry;
}

/* ---- running ---- */

/*
 * Log a query with the values that it is run with, so that a person can repeat
 * it, or have it explained: nothing else shows what the extension composes.
 */
static pg_noinline void
log_query(const Ledger *ledger, const char *sql, const ParamListInfo parameters)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; parameters != NULL && i < parameters->numParams; i++)
	{
		const ParamExternData *parameter = &parameters->params[i];
		const char *value = "NULL";
		Oid			output;
		bool		is_varlena;

		if (!parameter->isnull)
		{
			getTypeOutputInfo(parameter->ptype, &output, &is_varlena);
			value = quote_literal_cstr(OidOutputFunctionCall(output, parameter->value));
		}
		appendStringInfo(&list, "%s$%d = %s::%s", i > 0 ? ", " : "", i + 1,
						 value, qualified_type(parameter->ptype));
	}
	ereport(LOG,
			(errmsg("query over ledger \"%s\": %s", ledger->name, sql),
			 list.len > 0 ? errdetail("Parameters: %s.", list.data) : 0));
	pfree(list.data);
}

/*
 * The parameters of a query that is about to run, each converted from its
 * argument to its type.  There is no list of none: an executor that knows what
 * a distributed table is has been seen to die of it.
 */
static ParamListInfo
bind_parameters(const Ledger *ledger, const LedgerQuery *query,
				const NullableDatum *arguments)
{
	ParamListInfo parameters = query->nparameters > 0 ?
		makeParamList(query->nparameters) : NULL;

	for (int i = 0; i < query->nparameters; i++)
	{
		const NullableDatum *argument = &arguments[query->argument[i]];
		ParamExternData *parameter = &parameters->params[i];
		Oid			type = query->type[i];

		parameter->value = argument->value;
		parameter->isnull = argument->isnull ||
			(type != TIMESTAMPTZOID && type != DATEOID &&
			 !bind_text(DatumGetTextPP(argument->value), type, &parameter->value));
		parameter->pflags = PARAM_FLAG_CONST;
		parameter->ptype = type;
	}
	assert_that(sql_is_qualified(query->sql.data));
	if (log_queries)
		log_query(ledger, query->sql.data, parameters);
	return parameters;
}

/*
 * Run a query, by its plan if that is kept, which must not be freed meanwhile.
 * Without a receiver the rows are in SPI_tuptable.
 */
static void
run_query(const Ledger *ledger, const LedgerQuery *query, PlanEntry *kept,
		  const NullableDatum *arguments, DestReceiver *receiver)
{
	PlanEntry  *volatile running = kept;
	uint32		names = kept != NULL ? kept->names : *ledger->consulted;
	SPIExecuteOptions options = {
		.params = bind_parameters(ledger, query, arguments),
		.read_only = true,
		.dest = receiver
	};

	require_policies_answered(ledger, names);
	ledger_watch(ledger, names);
	if (running != NULL)
		running->running++;
	PG_TRY();
	{
		int			level = begin_plain_values();
		int			result = kept != NULL ?
			SPI_execute_plan_extended(kept->plan, &options) :
			SPI_execute_extended(query->sql.data, &options);

		end_settings(level);
		if (result != SPI_OK_SELECT)
			elog(ERROR, "could not run a ledger query: %s",
				 SPI_result_code_string(result));
	}
	PG_FINALLY();
	{
		if (running != NULL)
			running->running--;
		ledger_unwatch();
	}
	PG_END_TRY();
}

/* Run a query that is not kept; the rows are in SPI_tuptable. */
void
ledger_execute_once(const Ledger *ledger, LedgerQuery *query,
					const NullableDatum *arguments)
{
	run_query(ledger, query, NULL, arguments, NULL);
}

/*
 * Run a query that is not kept and hand its rows to a receiver.  It runs to its
 * end in one go, so its plan may be parallel, as no cursor's may.
 */
void
ledger_receive(const Ledger *ledger, LedgerQuery *query,
			   const NullableDatum *arguments, DestReceiver *receiver)
{
	run_query(ledger, query, NULL, arguments, receiver);
}

/* Rows that go into a function's result. */
typedef struct StoreReceiver
{
	DestReceiver pub;
	Tuplestorestate *store;
} StoreReceiver;

static bool
store_slot(TupleTableSlot *slot, DestReceiver *self)
{
	tuplestore_puttupleslot(((StoreReceiver *) self)->store, slot);
	return true;
}

static void
start_store(DestReceiver *self, int operation, TupleDesc columns)
{
}

static void
end_store(DestReceiver *self)
{
}

static StoreReceiver
store_receiver(ReturnSetInfo *result)
{
	return (StoreReceiver)
	{
		.pub =
		{
			.receiveSlot = store_slot,
				.rStartup = start_store,
				.rShutdown = end_store,
				.rDestroy = end_store,
				.mydest = DestTuplestore
		},
			.store = result->setResult
	};
}

/* Run a query that is not kept and add its rows to a function's result. */
void
ledger_store(const Ledger *ledger, LedgerQuery *query,
			 const NullableDatum *arguments, ReturnSetInfo *result)
{
	StoreReceiver receiver = store_receiver(result);

	ledger_receive(ledger, query, arguments, &receiver.pub);
}

/*
 * Lock what a saved plan reads, as its execution is about to do.  That may wait for
 * a transaction that changes it, and we then learn of the change before the query
 * is parsed again, whose text may by then name what is gone.
 */
static void
lock_relations(const PlanEntry *entry)
{
	ListCell   *source;
	ListCell   *relation;

	foreach(source, SPI_plan_get_plan_sources(entry->plan))
	{
		foreach(relation, ((CachedPlanSource *) lfirst(source))->relationOids)
		{
			LockRelationOid(lfirst_oid(relation), AccessShareLock);
		}
	}
}

/*
 * Run a document's query in the caller's snapshot and with the caller's
 * rights.  SPI must be connected.  Taking locks may bring news of a relation that
 * has changed: then the query is run again, as it is to be now, and the receiver is
 * started again.
 */
void
ledger_execute_for(const Ledger *ledger, LedgerComposer compose, const void *context,
				   const NullableDatum *arguments, DestReceiver *receiver)
{
	PlanEntry  *entry = get_plan(ledger, compose, context);
	uint64		version;

	do
	{
		CHECK_FOR_INTERRUPTS();
		version = entry->version;
		lock_relations(entry);
		entry = get_plan(ledger, compose, context);
		if (entry->version != version)
			continue;
		run_query(ledger, &entry->query, entry, arguments, receiver);
		entry = get_plan(ledger, compose, context);
	} while (entry->version != version);
}

/* The same, with the rows in SPI_tuptable. */
void
ledger_execute(const Ledger *ledger, LedgerComposer compose, const void *context,
			   const NullableDatum *arguments)
{
	ledger_execute_for(ledger, compose, context, arguments, NULL);
}

/* A value of the result; columns count from 1. */
Datum
result_value(uint64 row, int column, bool *isnull)
{
	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc,
						 column, isnull);
}

/* A text of the result, or NULL. */
text *
result_text(uint64 row, int column)
{
	bool		isnull;
	Datum		value = result_value(row, column, &isnull);

	return isnull ? NULL : DatumGetTextPP(value);
}

/* A count of the result, which is never NULL. */
int64
result_count(uint64 row, int column)
{
	bool		isnull;

	return DatumGetInt64(result_value(row, column, &isnull));
}

/* Hand a packed value to the caller's memory and leave SPI. */
Datum
result_packed(const struct varlena *packed)
{
	void	   *result = SPI_palloc(VARSIZE_ANY(packed));

	memcpy(result, packed, VARSIZE_ANY(packed));
	SPI_finish();
	return PointerGetDatum(result);
}

Datum
result_document(Jsonb *document)
{
	return result_packed((const struct varlena *) document);
}
