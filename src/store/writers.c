/*-------------------------------------------------------------------------
 *
 * writers.c
 *	  Whether a statement of this backend is in the middle of writing a table.
 *
 * A statement's change is in the store when it has ended.  What a trigger or a
 * volatile function asks meanwhile must be answered from the rows, of which it
 * sees some already.
 *
 *-------------------------------------------------------------------------
 */
#include "store.h"

#include "access/table.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/partition.h"
#include "catalog/pg_inherits.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "parser/parsetree.h"
#include "replication/logicalworker.h"
#include "storage/lmgr.h"
#include "tcop/utility.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* A query under way, and the tables that it writes. */
typedef struct Writer
{
	struct Writer *outer;
	MemoryContext context;		/* it ends with this */
	List	   *tables;
	MemoryContextCallback callback;
} Writer;

static Writer *writers = NULL;
static int	copying = 0;
static TimestampTz loaded_in = 0;

static ExecutorStart_hook_type next_start = NULL;
static ProcessUtility_hook_type next_utility = NULL;

/* However a query ends, its memory goes. */
static void
end_writer(void *argument)
{
	Writer	  **link = &writers;

	while (*link != NULL && *link != argument)
		link = &(*link)->outer;
	if (*link != NULL)
		*link = (*link)->outer;
}

/*
 * What a foreign key's action writes has its triggers fired by the query around
 * it, and is not in the store until then.
 */
static void
begin_writer(const QueryDesc *query, int flags)
{
	MemoryContext context = query->estate->es_query_cxt;
	MemoryContext caller;
	Writer	   *writer;

	if ((flags & EXEC_FLAG_SKIP_TRIGGERS) != 0)
		context = writers != NULL ? writers->context : TopTransactionContext;
	caller = MemoryContextSwitchTo(context);
	writer = palloc0(sizeof(Writer));
	writer->context = context;
	writer->tables = written_tables(query->plannedstmt);
	MemoryContextSwitchTo(caller);
	writer->outer = writers;
	writer->callback.func = end_writer;
	writer->callback.arg = writer;
	MemoryContextRegisterResetCallback(context, &writer->callback);
	writers = writer;
}

static void
start_executor(QueryDesc *query, int flags)
{
	if (next_start != NULL)
		next_start(query, flags);
	else
		standard_ExecutorStart(query, flags);
	if (query->operation != CMD_SELECT || query->plannedstmt->hasModifyingCTE)
		begin_writer(query, flags);
}

/* COPY has no executor that one could watch. */
static void
process_utility(PlannedStmt *statement, const char *sql, bool read_only,
				ProcessUtilityContext context, ParamListInfo parameters,
				QueryEnvironment *environment, DestReceiver *receiver,
				QueryCompletion *completion)
{
	bool		copies = IsA(statement->utilityStmt, CopyStmt) &&
		((CopyStmt *) statement->utilityStmt)->is_from;

	copying += copies;
	PG_TRY();
	{
		(next_utility != NULL ? next_utility : standard_ProcessUtility)
			(statement, sql, read_only, context, parameters, environment, receiver,
			 completion);
	}
	PG_FINALLY();
	{
		copying -= copies;
	}
	PG_END_TRY();
}

void
store_init(void)
{
	loaded_in = GetCurrentStatementStartTimestamp();
	next_start = ExecutorStart_hook;
	ExecutorStart_hook = start_executor;
	next_utility = ProcessUtility_hook;
	ProcessUtility_hook = process_utility;
}

/*
 * Whether this transaction may have written a table or one of its partitions,
 * by the locks that it holds.  One that is gone by now it has not written.
 */
static bool
may_have_written(Oid relid)
{
	ListCell   *lc;

	foreach(lc, find_all_inheritors(relid, NoLock, NULL))
	{
		Relation	relation = try_table_open(lfirst_oid(lc), AccessShareLock);
		bool		locked;

		if (relation == NULL)
			continue;
		locked = CheckRelationLockedByMe(relation, RowExclusiveLock, true);
		table_close(relation, AccessShareLock);
		if (locked)
			return true;
	}
	return false;
}

/* ---- snapshots from within ---- */

/* The last command of this transaction that appended to a store. */
static CommandId appended_by;
static TransactionId appended_in = InvalidTransactionId;

void
note_append(CommandId command)
{
	appended_by = command;
	appended_in = GetTopTransactionIdIfAny();
}

/*
 * Whether a snapshot of this transaction is from before something was appended.
 * A cursor that was opened within a statement, by a trigger or a function of it,
 * may see what it had written so far, and what it appended never.
 */
bool
is_from_within(Snapshot snapshot)
{
	return TransactionIdIsValid(appended_in) &&
		appended_in == GetTopTransactionIdIfAny() && snapshot->curcid <= appended_by;
}

/* ---- statements under way ---- */

bool
is_replica(void)
{
	return SessionReplicationRole == SESSION_REPLICATION_ROLE_REPLICA;
}

/*
 * Whether rows are those that a publisher sends, for which no statement triggers
 * fire but in the first COPY, and those for each row always do.
 */
bool
is_applying(void)
{
	return IsLogicalWorker() && is_replica();
}

/*
 * Whether a table or one of its partitions is being written.  The statement
 * that made the library load began before it could be watched, and those of
 * replication are not watched at all.
 */
bool
is_being_written(Oid relid)
{
	if (copying > 0 || is_replica())
		return true;
	if (loaded_in == GetCurrentStatementStartTimestamp() && may_have_written(relid))
		return true;
	for (const Writer *writer = writers; writer != NULL; writer = writer->outer)
	{
		ListCell   *lc;

		foreach(lc, writer->tables)
		{
			if (lfirst_oid(lc) == relid ||
				(get_rel_relispartition(lfirst_oid(lc)) &&
				 list_member_oid(get_partition_ancestors(lfirst_oid(lc)), relid)))
				return true;
		}
	}
	return false;
}
