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
#include "executor/tstoreReceiver.h"
#include "miscadmin.h"
#include "nodes/params.h"
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
	uint64		used_at;		/* by calls, for the least recently used */
	uint64		composed_at;	/* catalog_changes when it was composed */
	uint32		names;			/* of the ledger that it was composed for */
	uint64		version;		/* grows whenever the plan is replaced */
	char	   *sql;			/* NULL until it has been prepared */
	SPIPlanPtr	plan;
	int			running;		/* executions of the plan under way */
	int			nparameters;
	Oid			type[MAX_QUERY_PARAMETERS];
	int			argument[MAX_QUERY_PARAMETERS];
} PlanEntry;

/*
 * How many plans are kept before the least recently used one is dropped.  With a
 * schema for every tenant, a session that serves them all must not keep growing.
 * Four plans for each of 32 ledgers; never measured.
 */
#define MAX_KEPT_PLANS	128

/* balance.log_queries: whether each query is logged as it is run. */
static bool log_queries = false;

static HTAB *plans = NULL;
static uint64 catalog_changes = 1;
static uint64 calls = 0;

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
same_query(const PlanEntry *entry, const LedgerQuery *query)
{
	return entry->sql != NULL &&
		strcmp(entry->sql, query->sql.data) == 0 &&
		entry->nparameters == query->nparameters &&
		memcmp(entry->type, query->type,
			   query->nparameters * sizeof(Oid)) == 0 &&
		memcmp(entry->argument, query->argument,
			   query->nparameters * sizeof(int)) == 0;
}

/*
 * Prepare a query and keep it in place of the entry's old one.  That is not
 * freed while it runs, as it does if a view in the ledger asks for a document
 * of the same ledger after changing it.
 */
static void
prepare(PlanEntry *entry, LedgerQuery *query)
{
	SPIPlanPtr	plan = SPI_prepare_cursor(query->sql.data, query->nparameters,
										  query->type, CURSOR_OPT_PARALLEL_OK);

	if (plan == NULL)
		elog(ERROR, "could not prepare a ledger query: %s",
			 SPI_result_code_string(SPI_result));
	if (entry->sql != NULL)
	{
		if (entry->running == 0)
			SPI_freeplan(entry->plan);
		pfree(entry->sql);
		entry->sql = NULL;
	}
	if (SPI_keepplan(plan) != 0)
		elog(ERROR, "could not keep a ledger query");
	entry->plan = plan;
	entry->version++;
	entry->nparameters = query->nparameters;
	memcpy(entry->type, query->type, sizeof(entry->type));
	memcpy(entry->argument, query->argument, sizeof(entry->argument));
	entry->sql = MemoryContextStrdup(TopMemoryContext, query->sql.data);
}

/* Forget the plan that was not used for the longest time. */
static void
evict_plan(void)
{
	HASH_SEQ_STATUS scan;
	PlanEntry  *entry;
	PlanEntry  *oldest = NULL;

	hash_seq_init(&scan, plans);
	while ((entry = hash_seq_search(&scan)) != NULL)
		if (entry->running == 0 &&
			(oldest == NULL || entry->used_at < oldest->used_at))
			oldest = entry;
	if (oldest == NULL)
		return;
	if (oldest->sql != NULL)
	{
		SPI_freeplan(oldest->plan);
		pfree(oldest->sql);
	}
	hash_search(plans, &oldest->key, HASH_REMOVE, NULL);
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
		if (hash_get_num_entries(plans) >= MAX_KEPT_PLANS)
			evict_plan();
		entry = hash_search(plans, &key, HASH_ENTER, NULL);
		entry->sql = NULL;
		entry->composed_at = 0;
		entry->version = 0;
		entry->running = 0;
	}
	entry->used_at = ++calls;
	if (entry->composed_at != catalog_changes)
	{
		/* a change during composition must lead to another one */
		uint64		now = catalog_changes;
		LedgerQuery query = {.nparameters = 0};

		initStringInfo(&query.sql);
		*ledger->consulted = 0;
		compose(ledger, &query, context);
		entry->names = *ledger->consulted;
		if (!same_query(entry, &query))
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
log_query(const Ledger *ledger, const char *sql, int nparameters,
		  const Oid *types, const Datum *values, const char *nulls)
{
	StringInfoData parameters;

	initStringInfo(&parameters);
	for (int i = 0; i < nparameters; i++)
	{
		const char *value = "NULL";
		Oid			output;
		bool		is_varlena;

		if (nulls[i] != 'n')
		{
			getTypeOutputInfo(types[i], &output, &is_varlena);
			value = quote_literal_cstr(OidOutputFunctionCall(output, values[i]));
		}
		appendStringInfo(&parameters, "%s$%d = %s::%s", i > 0 ? ", " : "", i + 1,
						 value, qualified_type(types[i]));
	}
	ereport(LOG,
			(errmsg("query over ledger \"%s\": %s", ledger->name, sql),
			 nparameters > 0 ? errdetail("Parameters: %s.", parameters.data) : 0));
	pfree(parameters.data);
}

/*
 * The parameters' values, each converted from its argument to its type, for a
 * query that is about to run.
 */
static void
bind_parameters(const Ledger *ledger, const char *sql, int nparameters,
				const Oid *types, const int *from,
				const LedgerArgument *arguments, Datum *values, char *nulls)
{
	for (int i = 0; i < nparameters; i++)
	{
		const LedgerArgument *argument = &arguments[from[i]];

		values[i] = argument->value;
		nulls[i] = ' ';
		if (argument->isnull ||
			(types[i] != TIMESTAMPTZOID && types[i] != DATEOID &&
			 !bind_text(DatumGetTextPP(argument->value), types[i], &values[i])))
			nulls[i] = 'n';
	}
	Assert(sql_is_qualified(sql));
	if (log_queries)
		log_query(ledger, sql, nparameters, types, values, nulls);
}

static void
require_select(int result)
{
	if (result != SPI_OK_SELECT)
		elog(ERROR, "could not run a ledger query: %s",
			 SPI_result_code_string(result));
}

/* Run a query that is not kept; the rows are in SPI_tuptable. */
void
ledger_execute_once(const Ledger *ledger, LedgerQuery *query,
					const LedgerArgument *arguments)
{
	Datum		values[MAX_QUERY_PARAMETERS];
	char		nulls[MAX_QUERY_PARAMETERS];

	bind_parameters(ledger, query->sql.data, query->nparameters, query->type,
					query->argument, arguments, values, nulls);
	ledger_watch(ledger, *ledger->consulted);
	PG_TRY();
	{
		require_select(SPI_execute_with_args(query->sql.data, query->nparameters,
											 query->type, values, nulls, true, 0));
	}
	PG_FINALLY();
	{
		ledger_unwatch();
	}
	PG_END_TRY();
}

/*
 * Run a query that is not kept and hand its rows to a receiver.  It runs to its
 * end in one go, so its plan may be parallel, as no cursor's may.
 */
void
ledger_receive(const Ledger *ledger, LedgerQuery *query,
			   const LedgerArgument *arguments, DestReceiver *receiver)
{
	Datum		values[MAX_QUERY_PARAMETERS];
	char		nulls[MAX_QUERY_PARAMETERS];
	ParamListInfo parameters = makeParamList(query->nparameters);
	SPIExecuteOptions options = {
		.params = parameters,
		.read_only = true,
		.dest = receiver
	};

	bind_parameters(ledger, query->sql.data, query->nparameters, query->type,
					query->argument, arguments, values, nulls);
	for (int i = 0; i < query->nparameters; i++)
	{
		parameters->params[i].value = values[i];
		parameters->params[i].isnull = nulls[i] == 'n';
		parameters->params[i].pflags = PARAM_FLAG_CONST;
		parameters->params[i].ptype = query->type[i];
	}
	ledger_watch(ledger, *ledger->consulted);
	PG_TRY();
	{
		require_select(SPI_execute_extended(query->sql.data, &options));
	}
	PG_FINALLY();
	{
		ledger_unwatch();
	}
	PG_END_TRY();
}

/* Run a query that is not kept and put its rows into a function's result. */
void
ledger_store(const Ledger *ledger, LedgerQuery *query,
			 const LedgerArgument *arguments, ReturnSetInfo *result)
{
	DestReceiver *receiver = CreateTuplestoreDestReceiver();

	SetTuplestoreDestReceiverParams(receiver, result->setResult,
									result->econtext->ecxt_per_query_memory,
									false, NULL, NULL);
	ledger_receive(ledger, query, arguments, receiver);
	receiver->rDestroy(receiver);
}

/* Run a kept plan, which must not be freed while it runs. */
static void
run_plan(const Ledger *ledger, PlanEntry *entry,
		 const LedgerArgument *arguments)
{
	PlanEntry  *volatile running = entry;
	Datum		values[MAX_QUERY_PARAMETERS];
	char		nulls[MAX_QUERY_PARAMETERS];

	bind_parameters(ledger, entry->sql, entry->nparameters, entry->type,
					entry->argument, arguments, values, nulls);
	ledger_watch(ledger, entry->names);
	running->running++;
	PG_TRY();
	{
		require_select(SPI_execute_plan(entry->plan, values, nulls, true, 0));
	}
	PG_FINALLY();
	{
		running->running--;
		ledger_unwatch();
	}
	PG_END_TRY();
}

/*
 * Lock what a kept query reads, as its execution is about to do.  That may wait for
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
 * rights.  SPI must be connected; the rows are in SPI_tuptable.  Taking locks
 * may bring news of a relation that has changed: then the query is run again,
 * as it is to be now.
 */
void
ledger_execute(const Ledger *ledger, LedgerComposer compose, const void *context,
			   const LedgerArgument *arguments)
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
		run_plan(ledger, entry, arguments);
		entry = get_plan(ledger, compose, context);
	} while (entry->version != version);
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

/* Hand a document to the caller's memory and leave SPI. */
Datum
result_document(Jsonb *document)
{
	Jsonb	   *result = SPI_palloc(VARSIZE(document));

	memcpy(result, document, VARSIZE(document));
	SPI_finish();
	return JsonbPGetDatum(result);
}
