/*-------------------------------------------------------------------------
 *
 * compat.h
 *	  Differences between the supported PostgreSQL versions, in one place.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_COMPAT_H
#define BALANCE_COMPAT_H

#include "postgres.h"

/*
 * Builds for the tests check what the code takes for granted, on any server.  The
 * server's own switch and macro are not for that: with them some of its headers use
 * what only a server with assertions has.
 */
#ifdef USE_ASSERT_CHECKING
#define CHECK_ASSERTIONS 1
#endif

#ifndef CHECK_ASSERTIONS
#define assert_that(condition)	((void) 0)
#elif PG_VERSION_NUM >= 160000
#define assert_that(condition) \
	((condition) ? (void) 0 : ExceptionalCondition(#condition, __FILE__, __LINE__))
#else
#define assert_that(condition) \
	((condition) ? (void) 0 : \
	 ExceptionalCondition(#condition, "FailedAssertion", __FILE__, __LINE__))
#endif

#if PG_VERSION_NUM < 150000
#error "balance requires PostgreSQL 15 or later"
#endif

#ifndef HAVE_INT128
#error "balance requires a compiler with 128-bit integers"
#endif

#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "miscadmin.h"
#include "parser/parse_relation.h"
#include "parser/parsetree.h"
#include "tcop/tcopprot.h"
#include "utils/acl.h"
#include "utils/backend_status.h"
#include "utils/guc_tables.h"
#include "utils/jsonb.h"
#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#include "varatt.h"
#endif

/*
 * Soft errors exist from 16 on: an input function reports bad input to its
 * caller, who may prefer a "no" to an error.  Before, it is an error.
 */
#if PG_VERSION_NUM < 160000
#define ereturn(context, dummy_value, ...) \
	do { (void) (context); ereport(ERROR, __VA_ARGS__); return dummy_value; } while (0)
#define SOFT_ERROR_CONTEXT(fcinfo) NULL
#else
#define SOFT_ERROR_CONTEXT(fcinfo) ((fcinfo)->context)
#endif

/* 18 has this as a prefix; before, it was an attribute behind. */
#if PG_VERSION_NUM < 180000
#define pg_noreturn __attribute__((noreturn))
#endif

/* 18 lets a module tell its name and version. */
#if PG_VERSION_NUM < 180000
#define PG_MODULE_MAGIC_EXT(...) PG_MODULE_MAGIC
#endif

/* 19 has this, and takes no comment for it. */
#if PG_VERSION_NUM < 190000
#define pg_fallthrough __attribute__((fallthrough))
#endif

/* 16 folded the pg_*_aclcheck() family into object_aclcheck(). */
static inline AclResult
schema_aclcheck(Oid schema, Oid role, AclMode mode)
{
#if PG_VERSION_NUM >= 160000
	return object_aclcheck(NamespaceRelationId, schema, role, mode);
#else
	return pg_namespace_aclcheck(schema, role, mode);
#endif
}

/* 16 keeps the rights that a query needs beside its range table; before, in it. */
static inline void
waive_rights(Query *query)
{
	ListCell   *lc;

#if PG_VERSION_NUM >= 160000
	foreach(lc, query->rteperminfos)
		lfirst_node(RTEPermissionInfo, lc)->requiredPerms = 0;
#else
	foreach(lc, query->rtable)
		lfirst_node(RangeTblEntry, lc)->requiredPerms = 0;
#endif
}

static inline AclResult
function_aclcheck(Oid function, Oid role)
{
#if PG_VERSION_NUM >= 160000
	return object_aclcheck(ProcedureRelationId, function, role, ACL_EXECUTE);
#else
	return pg_proc_aclcheck(function, role, ACL_EXECUTE);
#endif
}

/* Which columns of a relation a query needs a right to, and whose right. */
static inline void
read_rights(const Query *query, const RangeTblEntry *entry, Oid *role, Bitmapset **columns)
{
#if PG_VERSION_NUM >= 160000
	const RTEPermissionInfo *rights =
		getRTEPermissionInfo(query->rteperminfos, unconstify(RangeTblEntry *, entry));
#else
	const RangeTblEntry *rights = entry;
#endif

	*role = rights->checkAsUser;
	*columns = rights->selectedCols;
}

/* 19 lets a planner hook see what EXPLAIN asks for. */
static inline PlannedStmt *
plan_query(Query *query, const char *sql)
{
#if PG_VERSION_NUM >= 190000
	return pg_plan_query(query, sql, 0, NULL, NULL);
#else
	return pg_plan_query(query, sql, 0, NULL);
#endif
}

/* 16 opened its own way to find a setting; before, one looks through all. */
static inline const struct config_generic *
find_setting(const char *name)
{
#if PG_VERSION_NUM >= 160000
	return find_option(name, false, false, ERROR);
#else
	struct config_generic **settings = get_guc_variables();

	for (int i = 0; i < GetNumConfigOptions(); i++)
		if (strcmp(settings[i]->name, name) == 0)
			return settings[i];
	elog(ERROR, "setting \"%s\" is not defined", name);
#endif
}

/* 16 renamed what finds a session's status by its number, from 1 on. */
static inline const PgBackendStatus *
backend_status(int number)
{
#if PG_VERSION_NUM >= 160000
	return &pgstat_get_local_beentry_by_index(number)->backendStatus;
#else
	return &pgstat_fetch_stat_local_beentry(number)->backendStatus;
#endif
}

/* 18 asks whether a deferrable key will do. */
#if PG_VERSION_NUM >= 180000
#define primary_key_index(relation) RelationGetPrimaryKeyIndex(relation, false)
#else
#define primary_key_index(relation) RelationGetPrimaryKeyIndex(relation)
#endif

/* 19 takes options for a scan, and for a deletion, which it had an argument of its own for. */
#if PG_VERSION_NUM >= 190000
#define begin_table_scan(relation, snapshot) table_beginscan(relation, snapshot, 0, NULL, 0)
#define delete_tuple(relation, place, command, failure) \
	heap_delete(relation, place, command, 0, InvalidSnapshot, false, failure)
#else
#define begin_table_scan(relation, snapshot) table_beginscan(relation, snapshot, 0, NULL)
#define delete_tuple(relation, place, command, failure) \
	heap_delete(relation, place, command, InvalidSnapshot, false, failure, false)
#endif

/* 19 keeps the tables that a plan writes as a set; before, it was a list. */
static inline List *
written_tables(const PlannedStmt *plan)
{
	List	   *tables = NIL;

#if PG_VERSION_NUM >= 190000
	for (int i = -1; (i = bms_next_member(plan->resultRelationRelids, i)) >= 0;)
		tables = lappend_oid(tables, rt_fetch(i, plan->rtable)->relid);
#else
	ListCell   *lc;

	foreach(lc, plan->resultRelations)
		tables = lappend_oid(tables, rt_fetch(lfirst_int(lc), plan->rtable)->relid);
#endif
	return tables;
}

#endif							/* BALANCE_COMPAT_H */
