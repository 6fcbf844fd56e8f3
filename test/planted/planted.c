/*
 * planted.c
 *		One bug for each tool that looks for them.
 *
 * What a bug depends on comes by an argument, so that the compiler cannot know.
 */
#include "postgres.h"

#include "access/relation.h"
#include "catalog/pg_class_d.h"
#include "fmgr.h"
#include "utils/rel.h"

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(past_chunk);
PG_FUNCTION_INFO_V1(freed);
PG_FUNCTION_INFO_V1(uninitialised);
PG_FUNCTION_INFO_V1(past_array);
PG_FUNCTION_INFO_V1(overflow);
PG_FUNCTION_INFO_V1(left_open);
PG_FUNCTION_INFO_V1(closed);

/* Writes n bytes into a chunk that was asked for 20. */
Datum
past_chunk(PG_FUNCTION_ARGS)
{
	char	   *chunk = palloc(20);

	memset(chunk, 0, PG_GETARG_INT32(0));
	pfree(chunk);
	PG_RETURN_NULL();
}

/* Reads what it gave back. */
Datum
freed(PG_FUNCTION_ARGS)
{
	volatile int32 *chunk = palloc(sizeof(int32));

	*chunk = PG_GETARG_INT32(0);
	pfree((void *) chunk);
	PG_RETURN_INT32(*chunk);
}

/* Decides by a value that nobody has set. */
Datum
uninitialised(PG_FUNCTION_ARGS)
{
	volatile int32 *chunk = palloc(sizeof(int32));

	if (*chunk == PG_GETARG_INT32(0))
		elog(NOTICE, "equal by chance");
	PG_RETURN_NULL();
}

/* Reads the element n of an array of 4. */
Datum
past_array(PG_FUNCTION_ARGS)
{
	volatile int32 array[4] = {1, 2, 3, 4};

	PG_RETURN_INT32(array[PG_GETARG_INT32(0)]);
}

/* Adds one. */
Datum
overflow(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(PG_GETARG_INT32(0) + 1);
}

/* Does not close what it opened. */
Datum
left_open(PG_FUNCTION_ARGS)
{
	relation_open(PG_GETARG_OID(0), AccessShareLock);
	PG_RETURN_NULL();
}

/* Keeps a pointer into a cache over a look-up, which may empty the cache. */
Datum
closed(PG_FUNCTION_ARGS)
{
	Relation	relation = relation_open(PG_GETARG_OID(0), AccessShareLock);
	TupleDesc	desc = RelationGetDescr(relation);

	relation_close(relation, AccessShareLock);
	relation_close(relation_open(RelationRelationId, AccessShareLock), AccessShareLock);
	PG_RETURN_INT32(desc->natts);
}
