/*
 * parameters.c
 *	  An executor that refuses a list of no parameters, where there should be no
 *	  list: PostgreSQL runs either, a distributed engine has been seen to copy it
 *	  to a null pointer and to follow that, which ends all sessions.
 *
 * A parallel worker is always given a list, by PostgreSQL itself.
 */
#include "postgres.h"

#include "access/parallel.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "nodes/params.h"

PG_MODULE_MAGIC;

void		_PG_init(void);

static ExecutorStart_hook_type next_hook = NULL;

static void
refuse_empty_list(QueryDesc *query, int flags)
{
	if (query->params != NULL && query->params->numParams == 0 && !IsParallelWorker())
		elog(ERROR, "an empty list of parameters for: %s", query->sourceText);
	if (next_hook != NULL)
		next_hook(query, flags);
	else
		standard_ExecutorStart(query, flags);
}

void
_PG_init(void)
{
	next_hook = ExecutorStart_hook;
	ExecutorStart_hook = refuse_empty_list;
}

/* Runs a query with such a list, to show that it is refused. */
PG_FUNCTION_INFO_V1(run_with_empty_list);
Datum
run_with_empty_list(PG_FUNCTION_ARGS)
{
	SPIExecuteOptions options = {.params = makeParamList(0), .read_only = true};

	SPI_connect();
	SPI_execute_extended("SELECT 1", &options);
	SPI_finish();
	PG_RETURN_VOID();
}
