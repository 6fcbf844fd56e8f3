/*-------------------------------------------------------------------------
 *
 * upgrade_ledger.c
 *	  Adding to a ledger of tables what create_ledger() has made since.
 *
 * Nothing that is there is changed.  An optional column comes without values, as
 * nobody knows them for rows of long ago: only rows to come get its default.
 *
 *-------------------------------------------------------------------------
 */
#include "create_ledger.h"
#include "distribute.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "executor/spi.h"
#include "ledger/command.h"
#include "fmgr.h"
#include "funcapi.h"
#include "report_views.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/tuplestore.h"
#include "value/arguments.h"

static void
add_step(ReturnSetInfo *result, const char *relation, const char *column, const char *action)
{
	Datum		values[3] = {CStringGetTextDatum(relation), (Datum) 0, CStringGetTextDatum(action)};
	bool		nulls[3] = {false, column == NULL, false};

	if (column != NULL)
		values[1] = CStringGetTextDatum(column);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* What is over tables of somebody's own is for him to add to. */
static void
require_tables(const char *name, Oid schema)
{
	bool		any = false;

	for (int i = 0; i < NUM_LEDGER_RELATIONS; i++)
	{
		Oid			relid = get_relname_relid(ledger_relations[i].name, schema);
		char		relkind = OidIsValid(relid) ? get_rel_relkind(relid) : '\0';

		any |= OidIsValid(relid);
		if (OidIsValid(relid) && relkind != RELKIND_RELATION &&
			relkind != RELKIND_PARTITIONED_TABLE)
			ereport(ERROR,
					(errcode(ERRCODE_WRONG_OBJECT_TYPE),
					 errmsg("\"%s.%s\" is not a table", name, ledger_relations[i].name),
					 errdetail("Only ledgers of tables, as create_ledger() makes them, are "
							   "upgraded."),
					 errhint("Add what is missing to your views; balance.check_ledger() lists "
							 "it.")));
	}
	if (!any)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("schema \"%s\" has none of a ledger's relations", name),
				 errhint("Make a ledger with balance.create_ledger().")));
}

/* The default of a column, if it has one, is for rows to come alone. */
static void
add_column(const char *schema, const RelationSpec *relation, const ColumnSpec *column,
		   bool distributed)
{
	const char *table = psprintf("%s.%s", schema, relation->name);
	ColumnSpec	plain = *column;
	bool		has_default = column->ddl != NULL && strncmp(column->ddl, "DEFAULT ", 8) == 0;
	StringInfoData sql;
	StringInfoData reference;

	initStringInfo(&sql);
	initStringInfo(&reference);
	if (has_default)
		plain.ddl = NULL;
	appendStringInfo(&sql, "ALTER TABLE %s ADD COLUMN ", table);
	define_ledger_column(&sql, schema, relation, &plain, distributed);
	appendStringInfoString(&sql, ";\n");
	if (distributed)
		append_reference_with_customer(&reference, schema, relation, &plain);
	if (reference.len > 0)
		appendStringInfo(&sql, "ALTER TABLE %s ADD %s;\n", table, reference.data);
	if (has_default)
		appendStringInfo(&sql, "ALTER TABLE %s ALTER COLUMN %s SET %s;\n", table, column->name,
						 column->ddl);
	complete_ledger_column(&sql, table, relation, column, distributed);
	run_command(sql.data);
}

static bool
upgrade_relation(const char *name, Oid schema, const RelationSpec *relation,
				 ReturnSetInfo *result)
{
	Oid			relid = get_relname_relid(relation->name, schema);
	bool		distributed = ledger_is_distributed(schema);
	bool		any = false;

	if (!OidIsValid(relid))
	{
		create_ledger_table(quote_identifier(name), relation, distributed);
		add_step(result, relation->name, NULL, "table created");
		return true;
	}
	for (const ColumnSpec *column = relation->columns; column->name; column++)
	{
		if (column->required || column->distributed || column->stands_for != NULL ||
			get_attnum(relid, column->name) != InvalidAttrNumber)
			continue;
		add_column(quote_identifier(name), relation, column, distributed);
		add_step(result, relation->name, column->name, "column added");
		any = true;
	}
	return any;
}

/* The report views, where one is missing or reads what has been added. */
static void
upgrade_reports(Oid schema, bool changed, ReturnSetInfo *result)
{
	for (int i = 0; report_view(i) != NULL; i++)
	{
		if (OidIsValid(get_relname_relid(report_view(i), schema)))
			continue;
		add_step(result, report_view(i), NULL, "view created");
		changed = true;
	}
	if (changed)
		run_command(psprintf("SELECT balance.create_report_views"
							 "(%u::pg_catalog.regnamespace)",
							 schema));
}

PG_FUNCTION_INFO_V1(upgrade_ledger);
Datum
upgrade_ledger(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	char	   *name;
	Oid			schema;
	bool		changed = false;

	if (PG_ARGISNULL(0))
		report_null_argument("name");
	name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	schema = get_namespace_oid(name, false);
	require_tables(name, schema);
	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	for (int i = 0; i < NUM_LEDGER_RELATIONS; i++)
		changed |= upgrade_relation(name, schema, &ledger_relations[i], result);
	upgrade_reports(schema, changed, result);
	SPI_finish();
	return (Datum) 0;
}
