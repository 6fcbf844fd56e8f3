/*-------------------------------------------------------------------------
 *
 * progress.c
 *	  How far a long call is, for other sessions to see.
 *
 * A backend has a place in shared memory where PostgreSQL's own commands say how
 * far they are.  A call takes it over for as long as it works, under a command
 * number that is none of PostgreSQL's, so that pg_stat_progress_copy and its like
 * pass over it, and gives it back as it was.  An error clears it, as PostgreSQL
 * does for its own commands.
 *
 *-------------------------------------------------------------------------
 */
#include "progress.h"

#include "catalog/pg_authid.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/tuplestore.h"

/* Nobody else's number: "bal" in letters. */
#define PROGRESS_BALANCE	((ProgressCommandType) 0x62616C)

/* The parameters; what the command is about is the ledger. */
enum
{
	PARAMETER_FUNCTION,
	PARAMETER_PHASE,
	PARAMETER_RELATION,
	PARAMETER_DONE,
	PARAMETER_TOTAL,			/* 0 where nobody knows */
	NUM_PARAMETERS
};

static const char *const phases[NUM_PHASES] = {
	[PHASE_WAITING] = "waiting for writers",
	[PHASE_READING] = "reading rows",
	[PHASE_DOCUMENTS] = "making documents",
	[PHASE_CHECKING] = "checking relations",
	[PHASE_COMPARING] = "comparing the store",
	[PHASE_APPENDING] = "appending to the store",
	[PHASE_FOLDING] = "folding customers",
	[PHASE_PRUNING] = "pruning days"
};

/* ---- telling ---- */

static bool
is_shown(void)
{
	return MyBEEntry != NULL && MyBEEntry->st_progress_command == PROGRESS_BALANCE;
}

static void
show(const Progress *progress)
{
	pgstat_progress_start_command(PROGRESS_BALANCE, progress->ledger);
	pgstat_progress_update_param(PARAMETER_FUNCTION, progress->function);
}

/* A call begins, maybe within a command or another call that shows how far it is. */
void
progress_begin(Progress *progress, FunctionCallInfo fcinfo, const Ledger *ledger)
{
	progress->done = 0;
	progress->function = fcinfo->flinfo->fn_oid;
	progress->ledger = ledger->schema;
	progress->command = PROGRESS_COMMAND_INVALID;
	if (MyBEEntry != NULL)
	{
		progress->command = MyBEEntry->st_progress_command;
		progress->target = MyBEEntry->st_progress_command_target;
		memcpy(progress->parameters, (const void *) MyBEEntry->st_progress_param,
			   sizeof(progress->parameters));
	}
	show(progress);
}

/*
 * So many things are done, and what comes next is of a relation.  A subtransaction
 * that failed, and was caught, took what was shown with it.
 */
void
progress_step(Progress *progress, ProgressPhase phase, Oid relid, int64 done, int64 total)
{
	static const int parameters[] = {
		PARAMETER_PHASE, PARAMETER_RELATION, PARAMETER_DONE, PARAMETER_TOTAL
	};
	const int64 values[] = {phase, relid, done, total};

	if (!is_shown())
		show(progress);
	progress->done = done;
	pgstat_progress_update_multi_param(lengthof(parameters), parameters, values);
}

/* From here on the call counts things anew, of which there are about so many. */
void
progress_phase(Progress *progress, ProgressPhase phase, Oid relid, int64 total)
{
	progress_step(progress, phase, relid, 0, total);
}

void
progress_show(const Progress *progress)
{
	pgstat_progress_update_param(PARAMETER_DONE, progress->done);
}

/* What was shown before is shown again. */
void
progress_end(const Progress *progress)
{
	int			parameters[PGSTAT_NUM_PROGRESS_PARAM];

	pgstat_progress_end_command();
	if (progress->command == PROGRESS_COMMAND_INVALID)
		return;
	for (int i = 0; i < PGSTAT_NUM_PROGRESS_PARAM; i++)
		parameters[i] = i;
	pgstat_progress_start_command(progress->command, progress->target);
	pgstat_progress_update_multi_param(PGSTAT_NUM_PROGRESS_PARAM, parameters,
									   progress->parameters);
}

/* ---- seeing ---- */

/* The columns of progress(). */
enum
{
	COLUMN_PID,
	COLUMN_ROLE,
	COLUMN_FUNCTION,
	COLUMN_LEDGER,
	COLUMN_RELATION,
	COLUMN_PHASE,
	COLUMN_DONE,
	COLUMN_TOTAL,
	NUM_COLUMNS
};

static void
put_name(Datum *values, bool *nulls, int column, const char *name)
{
	nulls[column] = name == NULL;
	if (name != NULL)
		values[column] = CStringGetTextDatum(name);
}

/* Whether the caller may see what a role does, as pg_stat_activity has it. */
static bool
may_see(Oid role)
{
	return has_privs_of_role(GetUserId(), ROLE_PG_READ_ALL_STATS) ||
		has_privs_of_role(GetUserId(), role);
}

/* A call that is under way; what is gone meanwhile has no name. */
static void
put_call(ReturnSetInfo *result, const PgBackendStatus *backend)
{
	const int64 *parameter = backend->st_progress_param;
	Datum		values[NUM_COLUMNS] = {Int32GetDatum(backend->st_procpid)};
	bool		nulls[NUM_COLUMNS];

	memset(nulls, true, sizeof(nulls));
	nulls[COLUMN_PID] = false;
	if (may_see(backend->st_userid))
	{
		put_name(values, nulls, COLUMN_ROLE, GetUserNameFromId(backend->st_userid, true));
		put_name(values, nulls, COLUMN_FUNCTION,
				 get_func_name((Oid) parameter[PARAMETER_FUNCTION]));
		put_name(values, nulls, COLUMN_LEDGER,
				 get_namespace_name(backend->st_progress_command_target));
		put_name(values, nulls, COLUMN_RELATION,
				 get_rel_name((Oid) parameter[PARAMETER_RELATION]));
		if (parameter[PARAMETER_PHASE] >= 0 && parameter[PARAMETER_PHASE] < NUM_PHASES)
			put_name(values, nulls, COLUMN_PHASE, phases[parameter[PARAMETER_PHASE]]);
		values[COLUMN_DONE] = Int64GetDatum(parameter[PARAMETER_DONE]);
		nulls[COLUMN_DONE] = false;
		values[COLUMN_TOTAL] = Int64GetDatum(parameter[PARAMETER_TOTAL]);
		nulls[COLUMN_TOTAL] = parameter[PARAMETER_TOTAL] == 0;
	}
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

PG_FUNCTION_INFO_V1(progress);
Datum
progress(PG_FUNCTION_ARGS)
{
	int			n = pgstat_fetch_stat_numbackends();

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 1; i <= n; i++)
	{
		const PgBackendStatus *backend = backend_status(i);

		if (backend->st_progress_command == PROGRESS_BALANCE &&
			backend->st_databaseid == MyDatabaseId)
			put_call((ReturnSetInfo *) fcinfo->resultinfo, backend);
	}
	return (Datum) 0;
}
