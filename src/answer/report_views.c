/*-------------------------------------------------------------------------
 *
 * report_views.c
 *	  Making and dropping the report views of a ledger.
 *
 *-------------------------------------------------------------------------
 */
#include "report_views.h"

#include "book_views.h"
#include "catalog/dependency.h"
#include "catalog/pg_class.h"
#include "catalog/pg_extension.h"
#include "commands/comment.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "ledger/command.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "report_credit_expiry.h"
#include "report_metrics.h"
#include "report_roll_forward.h"
#include "store/owner.h"
#include "store/store.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/plancache.h"
#include "utils/tuplestore.h"
#include "value/datetime.h"

/* Tells our views from anybody else's of the same name. */
#define REPORT_COMMENT	"Report of balance: "

/* Whose days a report has, as its comment says, and as it does of a zone. */
#define DAYS_OF_SESSION	"the session's TimeZone"
#define DAYS_OF_ZONE	"time zone "
#define ZONE_LETTERS	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_/+-"

/* Reports that are made of something else than a position each. */
typedef struct OtherReport
{
	const Report *report;
	bool		(*compose) (const Ledger *ledger, const char *zone, StringInfo sql);
} OtherReport;

static const OtherReport other_reports[] = {
	{&metrics_report, compose_metrics},
	{&credit_expiry_report, compose_credit_expiry},
	{&roll_forward_report, compose_roll_forward_report}
};

#define NUM_OTHER_REPORTS	((int) lengthof(other_reports))
#define NUM_REPORT_VIEWS	(NUM_REPORTS + NUM_OTHER_REPORTS + NUM_BOOKS)

/*
 * The view goes when the extension is dropped, without anybody having to ask
 * for CASCADE: it holds nothing, and is made again with one call.
 */
static void
depend_on_extension(Oid view)
{
	ObjectAddress dependent;
	ObjectAddress extension;

	ObjectAddressSet(dependent, RelationRelationId, view);
	ObjectAddressSet(extension, ExtensionRelationId,
					 get_extension_oid("balance", false));
	deleteDependencyRecordsForSpecific(RelationRelationId, view,
									   DEPENDENCY_AUTO_EXTENSION,
									   ExtensionRelationId, extension.objectId);
	recordDependencyOn(&dependent, &extension, DEPENDENCY_AUTO_EXTENSION);
}

/* What a report is, with the zone whose days it has if that is not the session's. */
static const char *
report_comment(const Report *report, const char *zone)
{
	const char *days = strstr(report->comment, DAYS_OF_SESSION);

	if (zone == NULL || days == NULL)
		return psprintf("%s%s", REPORT_COMMENT, report->comment);
	return psprintf("%s%.*s%s%s%s", REPORT_COMMENT, (int) (days - report->comment),
					report->comment, DAYS_OF_ZONE, zone, days + strlen(DAYS_OF_SESSION));
}

/* The same read back: the zone that a view was made for, or NULL. */
static const char *
zone_of_view(Oid view)
{
	const char *comment = GetComment(view, RelationRelationId, 0);
	const char *zone = comment == NULL ? NULL : strstr(comment, DAYS_OF_ZONE);

	if (zone == NULL)
		return NULL;
	zone += strlen(DAYS_OF_ZONE);
	return pnstrdup(zone, strspn(zone, ZONE_LETTERS));
}

/* Whether a query's columns are of other types than those that a view has. */
static bool
has_other_types(Oid view, const char *query)
{
	SPIPlanPtr	plan = SPI_prepare(query, 0, NULL);
	TupleDesc	columns;

	if (plan == NULL)
		elog(ERROR, "could not prepare a view: %s", SPI_result_code_string(SPI_result));
	columns = ((CachedPlanSource *) linitial(SPI_plan_get_plan_sources(plan)))->resultDesc;
	for (int i = 0; i < columns->natts; i++)
	{
		const FormData_pg_attribute *column = TupleDescAttr(columns, i);
		Oid			type;
		int32		typmod;
		Oid			collation;

		if (get_attname(view, i + 1, true) == NULL)
			break;
		get_atttypetypmodcoll(view, i + 1, &type, &typmod, &collation);
		if (type != column->atttypid || typmod != column->atttypmod ||
			collation != column->attcollation)
			return true;
	}
	return false;
}

/*
 * A view's columns cannot change their types, as its customer_id does where the
 * ledger has a new relation: then it is made anew, and whoever gave rights on it told.
 */
static void
drop_if_other_types(const char *name, Oid view, const char *query)
{
	if (!OidIsValid(view) || !has_other_types(view, query))
		return;
	run_command(psprintf("DROP VIEW %s", name));
	ereport(NOTICE,
			(errmsg("view %s has columns of other types than before", name),
			 errdetail("It was dropped and made anew; rights on it that were granted are gone.")));
}

/* Make a view, say what it and its columns mean, and add it to the result, if any. */
static void
create_view(const Ledger *ledger, const Report *report, const char *zone, const char *query,
			ReturnSetInfo *result)
{
	const char *name = quote_qualified_identifier(ledger->name, report->name);
	Oid			view;
	Datum		value;
	bool		isnull = false;

	drop_if_other_types(name, get_relname_relid(report->name, ledger->schema), query);
	run_command(psprintf("CREATE OR REPLACE VIEW %s WITH (security_invoker = true) AS\n%s",
						 name, query));
	run_command(psprintf("COMMENT ON VIEW %s IS %s", name,
						 quote_literal_cstr(report_comment(report, zone))));
	for (const ReportColumn *column = report_columns(report); column->name; column++)
		run_command(psprintf("COMMENT ON COLUMN %s.%s IS %s", name,
							 quote_identifier(column->name),
							 quote_literal_cstr(column->comment)));
	view = get_relname_relid(report->name, ledger->schema);
	depend_on_extension(view);
	if (result == NULL)
		return;
	value = ObjectIdGetDatum(view);
	tuplestore_putvalues(result->setResult, result->setDesc, &value, &isnull);
}

/* Whether a relation is a view that we made. */
static bool
is_ours(Oid relid)
{
	char	   *comment;

	if (get_rel_relkind(relid) != RELKIND_VIEW)
		return false;
	comment = GetComment(relid, RelationRelationId, 0);
	return comment != NULL &&
		strncmp(comment, REPORT_COMMENT, strlen(REPORT_COMMENT)) == 0;
}

/* Anything else of the report's name must not be replaced. */
static void
check_report_name(const Ledger *ledger, const Report *report)
{
	Oid			relid = get_relname_relid(report->name, ledger->schema);

	if (OidIsValid(relid) && !is_ours(relid))
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_TABLE),
				 errmsg("relation \"%s\" already exists in schema \"%s\"",
						report->name, ledger->name),
				 errdetail("It is not a report view of balance, which its comment would tell."),
				 errhint("Rename it, or drop it if it is of no use any more.")));
}

static const Report *
numbered_report(int i)
{
	if (i < NUM_REPORTS)
		return &reports[i];
	if (i < NUM_REPORTS + NUM_OTHER_REPORTS)
		return other_reports[i - NUM_REPORTS].report;
	return &book_reports[i - NUM_REPORTS - NUM_OTHER_REPORTS];
}

/*
 * Compose a report's view in days of a zone, or of the session's where that is NULL;
 * false if the ledger has nothing for it.
 */
static bool
compose_view(const Ledger *ledger, int i, const char *zone, StringInfo sql)
{
	resetStringInfo(sql);
	if (i < NUM_REPORTS)
		return compose_report(ledger, &reports[i], zone, sql);
	if (i < NUM_REPORTS + NUM_OTHER_REPORTS)
		return other_reports[i - NUM_REPORTS].compose(ledger, zone, sql);
	return compose_book_view(ledger, numbered_report(i), zone, sql);
}

/* The zone that any report view of the ledger was made for, or NULL. */
static const char *
zone_of_reports(const Ledger *ledger)
{
	for (int i = 0; i < NUM_REPORT_VIEWS; i++)
	{
		Oid			view = get_relname_relid(numbered_report(i)->name, ledger->schema);
		const char *zone = is_ours(view) ? zone_of_view(view) : NULL;

		if (zone != NULL)
			return zone;
	}
	return NULL;
}

/* The zone that is asked for, by an argument if there is one, else as the views have it. */
static const char *
asked_zone(FunctionCallInfo fcinfo, const Ledger *ledger)
{
	if (PG_NARGS() == 1)
		return zone_of_reports(ledger);
	if (PG_ARGISNULL(0))
		return NULL;
	return pg_get_timezone_name(zone_by_name(text_to_cstring(PG_GETARG_TEXT_PP(0))));
}

PG_FUNCTION_INFO_V1(create_report_views);
Datum
create_report_views(PG_FUNCTION_ARGS)
{
	Ledger		ledger = ledger_getarg(fcinfo, PG_NARGS() - 1);
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	StringInfoData sql;
	const char *zone = asked_zone(fcinfo, &ledger);
	bool		any = false;

	ledger.in_view = true;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	SPI_connect();
	initStringInfo(&sql);
	for (int i = 0; i < NUM_REPORT_VIEWS; i++)
		check_report_name(&ledger, numbered_report(i));
	for (int i = 0; i < NUM_REPORT_VIEWS; i++)
	{
		if (i == NUM_REPORTS && !any)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_TABLE),
					 errmsg("ledger \"%s\" has no relation to report on", ledger.name),
					 errhint("Create tables or views with the columns of a ledger's relations in "
							 "it, or a ledger with balance.create_ledger().")));
		if (!compose_view(&ledger, i, zone, &sql))
			continue;
		create_view(&ledger, numbered_report(i), zone, sql.data, result);
		any = true;
	}
	SPI_finish();
	return (Datum) 0;
}

/* Remake the existing views that are the caller's, in the form that a store wants. */
void
remake_report_views(const Ledger *ledger)
{
	Ledger		kept = *ledger;
	StringInfoData sql;

	kept.in_view = true;
	initStringInfo(&sql);
	for (int i = 0; i < NUM_REPORT_VIEWS; i++)
	{
		const Report *report = numbered_report(i);
		Oid			view = get_relname_relid(report->name, ledger->schema);
		const char *zone;

		if (!is_ours(view) || !has_privs_of_role(GetUserId(), relation_owner(view)))
			continue;
		zone = zone_of_view(view);
		if (compose_view(&kept, i, zone, &sql))
			create_view(ledger, report, zone, sql.data, NULL);
	}
}

/* The name of a report view, NULL behind the last one. */
const char *
report_view(int i)
{
	return i < NUM_REPORT_VIEWS ? numbered_report(i)->name : NULL;
}

/* In one command, so that all are dropped or none. */
PG_FUNCTION_INFO_V1(drop_report_views);
Datum
drop_report_views(PG_FUNCTION_ARGS)
{
	Ledger		ledger = ledger_getarg(fcinfo, 0);
	StringInfoData sql;
	int			n = 0;

	SPI_connect();
	initStringInfo(&sql);
	for (int i = 0; report_view(i) != NULL; i++)
		if (is_ours(get_relname_relid(report_view(i), ledger.schema)))
			appendStringInfo(&sql, "%s%s", n++ == 0 ? "DROP VIEW " : ", ",
							 quote_qualified_identifier(ledger.name, report_view(i)));
	if (n > 0)
		run_command(sql.data);
	SPI_finish();
	PG_RETURN_INT32(n);
}
