/*
 * worker.c
 *	  Aggregates taken apart, as an engine with shards does it: partial states
 *	  made on one server, written as text, and put together on another.
 *
 * The support functions are called in the poorest way that is still correct:
 * looked up anew for each row, hence without anything in fn_extra or fn_expr,
 * and without a collation.  Their context is that of an aggregate.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_aggregate.h"
#include "catalog/pg_proc.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

PG_MODULE_MAGIC;

typedef struct Partial
{
	Oid			transition;
	Oid			combine;
	Oid			final;
	Oid			type;
	int16		length;
	bool		byval;
	Datum		value;
	bool		isnull;
} Partial;

static MemoryContext
aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "called outside of an aggregate");
	return context;
}

static Partial *
begin(FunctionCallInfo fcinfo)
{
	Partial    *partial = MemoryContextAllocZero(aggregate_context(fcinfo), sizeof(Partial));
	Oid			aggregate = PG_GETARG_OID(1);
	HeapTuple	tuple = SearchSysCache1(AGGFNOID, ObjectIdGetDatum(aggregate));
	Form_pg_aggregate form;
	bool		no_initial;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "%u is no aggregate", aggregate);
	form = (Form_pg_aggregate) GETSTRUCT(tuple);
	partial->transition = form->aggtransfn;
	partial->combine = form->aggcombinefn;
	partial->final = form->aggfinalfn;
	partial->type = form->aggtranstype;
	(void) SysCacheGetAttr(AGGFNOID, tuple, Anum_pg_aggregate_agginitval, &no_initial);
	if (!no_initial)
		elog(ERROR, "initial states are not supported");
	ReleaseSysCache(tuple);
	get_typlenbyval(partial->type, &partial->length, &partial->byval);
	partial->isnull = true;
	return partial;
}

/* Call a function with the state first, by the rights of who asks. */
static Datum
call(FunctionCallInfo fcinfo, Partial *partial, Oid function, int nargs,
	 const Datum *values, const bool *nulls, bool *isnull)
{
	LOCAL_FCINFO(inner, FUNC_MAX_ARGS);
	FmgrInfo	flinfo;
	AclResult	acl;
	Datum		result;

#if PG_VERSION_NUM >= 160000
	acl = object_aclcheck(ProcedureRelationId, function, GetUserId(), ACL_EXECUTE);
#else
	acl = pg_proc_aclcheck(function, GetUserId(), ACL_EXECUTE);
#endif
	if (acl != ACLCHECK_OK)
		aclcheck_error(acl, OBJECT_FUNCTION, get_func_name(function));
	fmgr_info(function, &flinfo);
	InitFunctionCallInfoData(*inner, &flinfo, nargs + 1, InvalidOid,
							 fcinfo->context, fcinfo->resultinfo);
	inner->args[0].value = partial->value;
	inner->args[0].isnull = partial->isnull;
	for (int i = 0; i < nargs; i++)
	{
		inner->args[i + 1].value = values[i];
		inner->args[i + 1].isnull = nulls[i];
	}
	result = FunctionCallInvoke(inner);
	*isnull = inner->isnull;
	return result;
}

/* A transition: the new state is kept in the aggregate's memory, as the executor does. */
static void
step(FunctionCallInfo fcinfo, Partial *partial, Oid function, int nargs,
	 const Datum *values, const bool *nulls)
{
	bool		isnull;
	Datum		value = call(fcinfo, partial, function, nargs, values, nulls, &isnull);

	if (!partial->byval && DatumGetPointer(value) != DatumGetPointer(partial->value))
	{
		if (!isnull)
		{
			MemoryContext old = MemoryContextSwitchTo(aggregate_context(fcinfo));

			value = datumCopy(value, partial->byval, partial->length);
			MemoryContextSwitchTo(old);
		}
		if (!partial->isnull)
			pfree(DatumGetPointer(partial->value));
	}
	partial->value = value;
	partial->isnull = isnull;
}

/* (state internal, aggregate regprocedure, arguments record) */
PG_FUNCTION_INFO_V1(worker_step);
Datum
worker_step(PG_FUNCTION_ARGS)
{
	Partial    *partial = PG_ARGISNULL(0) ? begin(fcinfo) : (Partial *) PG_GETARG_POINTER(0);
	HeapTupleHeader row = PG_GETARG_HEAPTUPLEHEADER(2);
	TupleDesc	desc = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(row),
											  HeapTupleHeaderGetTypMod(row));
	HeapTupleData tuple = {.t_len = HeapTupleHeaderGetDatumLength(row),.t_data = row};
	Datum	   *values = palloc(desc->natts * sizeof(Datum));
	bool	   *nulls = palloc(desc->natts * sizeof(bool));

	heap_deform_tuple(&tuple, desc, values, nulls);
	step(fcinfo, partial, partial->transition, desc->natts, values, nulls);
	ReleaseTupleDesc(desc);
	PG_RETURN_POINTER(partial);
}

/* The state as text, or NULL. */
PG_FUNCTION_INFO_V1(worker_end);
Datum
worker_end(PG_FUNCTION_ARGS)
{
	Partial    *partial = PG_ARGISNULL(0) ? NULL : (Partial *) PG_GETARG_POINTER(0);
	Oid			output;
	bool		is_varlena;

	if (partial == NULL || partial->isnull)
		PG_RETURN_NULL();
	getTypeOutputInfo(partial->type, &output, &is_varlena);
	PG_RETURN_TEXT_P(cstring_to_text(OidOutputFunctionCall(output, partial->value)));
}

/* (state internal, aggregate regprocedure, partial text) */
PG_FUNCTION_INFO_V1(coordinator_step);
Datum
coordinator_step(PG_FUNCTION_ARGS)
{
	Partial    *partial = PG_ARGISNULL(0) ? begin(fcinfo) : (Partial *) PG_GETARG_POINTER(0);
	Datum		value = 0;
	bool		isnull = PG_ARGISNULL(2);
	Oid			input;
	Oid			parameter;

	if (!isnull)
	{
		getTypeInputInfo(partial->type, &input, &parameter);
		value = OidInputFunctionCall(input, text_to_cstring(PG_GETARG_TEXT_PP(2)), parameter, -1);
	}
	step(fcinfo, partial, partial->combine, 1, &value, &isnull);
	PG_RETURN_POINTER(partial);
}

/* The result as text. */
PG_FUNCTION_INFO_V1(coordinator_end);
Datum
coordinator_end(PG_FUNCTION_ARGS)
{
	Partial    *partial = PG_ARGISNULL(0) ? NULL : (Partial *) PG_GETARG_POINTER(0);
	bool		isnull;
	Datum		value;
	Oid			output;
	bool		is_varlena;

	if (partial == NULL)
		PG_RETURN_NULL();
	value = call(fcinfo, partial, partial->final, 0, NULL, NULL, &isnull);
	if (isnull)
		PG_RETURN_NULL();
	getTypeOutputInfo(get_func_rettype(partial->final), &output, &is_varlena);
	PG_RETURN_TEXT_P(cstring_to_text(OidOutputFunctionCall(output, value)));
}
