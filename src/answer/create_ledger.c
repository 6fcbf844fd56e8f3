/*-------------------------------------------------------------------------
 *
 * create_ledger.c
 *	  A ledger of ordinary tables, which the caller owns.
 *
 * The tables are those of columns.def.  They know nothing of the extension, so
 * that they outlive it.  Names are looked up in pg_catalog alone, as the
 * function's declaration has it.
 *
 *-------------------------------------------------------------------------
 */
#include "create_ledger.h"

#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "distribute.h"
#include "fmgr.h"
#include "ledger/cluster.h"
#include "ledger/command.h"
#include "report_views.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "value/arguments.h"

/* ---- what it refuses ---- */

static void
check_ledger_name(const char *name)
{
	if (*name == '\0' || strlen(name) >= NAMEDATALEN)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("\"%s\" is not a name for a ledger", name),
				 errdetail("A ledger is a schema, whose name has 1 to %d bytes.",
						   NAMEDATALEN - 1)));
	if (strncmp(name, "pg_", 3) == 0 || strcmp(name, "information_schema") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_RESERVED_NAME),
				 errmsg("schema \"%s\" cannot be a ledger", name),
				 errdetail("Schemas of that name are PostgreSQL's own."),
				 errhint("Choose another name.")));
}

/* An extension's schema is dropped with it, or could not be any more. */
static void
check_extension(Oid schema, const char *name)
{
	Oid			extension = getExtensionOfObject(NamespaceRelationId, schema);

	if (OidIsValid(extension))
		ereport(ERROR,
				(errcode(ERRCODE_RESERVED_NAME),
				 errmsg("schema \"%s\" cannot be a ledger", name),
				 errdetail("It belongs to extension \"%s\".", get_extension_name(extension)),
				 errhint("Choose another name.")));
}

/* The first by name of the relations that are to be made but are there, or NULL. */
static const char *
find_taken(Oid schema)
{
	const char *taken = NULL;

	for (int i = 0;; i++)
	{
		const char *name = i < NUM_LEDGER_RELATIONS ? ledger_relations[i].name :
			report_view(i - NUM_LEDGER_RELATIONS);

		if (name == NULL)
			return taken;
		if (OidIsValid(get_relname_relid(name, schema)) &&
			(taken == NULL || strcmp(name, taken) < 0))
			taken = name;
	}
}

/* ---- what it makes ---- */

/* A schema that is there already is used, but nothing in it is touched. */
static void
require_schema(const char *name)
{
	Oid			schema = get_namespace_oid(name, true);
	const char *taken;

	if (!OidIsValid(schema))
	{
		run_command(psprintf("CREATE SCHEMA %s", quote_identifier(name)));
		run_command(psprintf("COMMENT ON SCHEMA %s IS 'A ledger for balance.'",
							 quote_identifier(name)));
		return;
	}
	check_extension(schema, name);
	taken = find_taken(schema);
	if (taken != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_TABLE),
				 errmsg("relation \"%s\" already exists in schema \"%s\"", taken, name),
				 errhint("Choose another name; the existing ledger is left as it is, and "
						 "balance.upgrade_ledger() adds what one of an older version lacks.")));
}

static bool
has_customer(const RelationSpec *relation)
{
	return search_column_spec(relation, "customer_id") != NULL;
}

/*
 * What a reference names beside its own column: where rows live with their customer,
 * an id is told apart only there.
 */
static const char *
customer_beside(const char *column, const RelationSpec *relation, bool distributed)
{
	return distributed && has_customer(relation) && strcmp(column, "customer_id") != 0 ?
		"customer_id, " : "";
}

/* A foreign key of a column together with the customer, if that is one. */
void
append_reference_with_customer(StringInfo sql, const char *schema,
							   const RelationSpec *relation, const ColumnSpec *column)
{
	const char *key;

	if (column->refers_to == NULL || !has_customer(relation) ||
		strcmp(column->name, "customer_id") == 0)
		return;
	key = find_relation_spec(column->refers_to)->key;
	appendStringInfo(sql, "FOREIGN KEY (customer_id, %s) REFERENCES %s.%s (customer_id, %s)",
					 column->name, schema, column->refers_to, key);
	if (column->ddl != NULL)
		appendStringInfo(sql, " %s", column->ddl);
}

/* A column's type and constraints, as CREATE TABLE and ADD COLUMN have them. */
void
define_ledger_column(StringInfo sql, const char *schema, const RelationSpec *relation,
					 const ColumnSpec *column, bool distributed)
{
	const ColumnKindInfo *kind = &column_kinds[column->kind];
	bool		is_key = relation->key != NULL && strcmp(column->name, relation->key) == 0;
	const char *beside = customer_beside(column->name, relation, distributed);

	appendStringInfo(sql, "%s %s", column->name, kind->type);
	if (is_key && *beside == '\0')
		appendStringInfoString(sql, " PRIMARY KEY");
	else if (is_key || column->distributed || (column->required && !column->nullable))
		appendStringInfoString(sql, " NOT NULL");
	if (kind->check != NULL)
		appendStringInfo(sql, " CHECK (%s)", fill_marks(kind->check, column->name, ""));
	if (column->refers_to != NULL && *beside == '\0')
		appendStringInfo(sql, " REFERENCES %s.%s", schema, column->refers_to);
	if (column->ddl != NULL && (column->refers_to == NULL || *beside == '\0'))
		appendStringInfo(sql, " %s", column->ddl);
}

/* Whether an index is wanted for looking rows up by a column, and there is no key for it. */
static bool
wants_index(const RelationSpec *relation, const ColumnSpec *column, bool distributed)
{
	bool		is_lookup = strcmp(column->name, relation->lookup) == 0;

	if (column->kind == COLUMN_CURRENCY)
		return false;
	/* a key with the customer begins with it */
	if (distributed && strcmp(column->name, "customer_id") == 0)
		return false;
	if (is_lookup)
		return relation->key == NULL || strcmp(column->name, relation->key) != 0;
	return column->refers_to != NULL;
}

/*
 * An index for looking rows up: by what documents ask for, by what a row refers
 * to, and of what has a customer by currency, as report views are asked for it.
 * What goes with a column besides is its comment.
 */
void
complete_ledger_column(StringInfo sql, const char *table, const RelationSpec *relation,
					   const ColumnSpec *column, bool distributed)
{
	if (wants_index(relation, column, distributed))
		appendStringInfo(sql, "CREATE INDEX ON %s (%s%s);\n", table,
						 customer_beside(column->name, relation, distributed), column->name);
	else if (column->kind == COLUMN_CURRENCY && column->required && has_customer(relation))
		appendStringInfo(sql, "CREATE INDEX %s_%s_idx ON %s (upper(%s COLLATE \"C\"));\n",
						 relation->name, column->name, table, column->name);
	if (column->comment != NULL)
		appendStringInfo(sql, "COMMENT ON COLUMN %s.%s IS %s;\n", table, column->name,
						 quote_literal_cstr(column->comment));
}

/* The keys of a table that are not said with a column. */
static void
define_keys(StringInfo sql, const char *schema, const RelationSpec *relation, bool distributed)
{
	const char *key = relation->key != NULL ? relation->key : relation->extra_key;
	const char *beside = customer_beside(key, relation, distributed);

	if (relation->extra != NULL)
		appendStringInfo(sql, ",\n\t%s", relation->extra);
	if (relation->key == NULL || *beside != '\0')
		appendStringInfo(sql, ",\n\tPRIMARY KEY (%s%s)", beside, key);
	for (const ColumnSpec *column = relation->columns; distributed && column->name; column++)
	{
		StringInfoData reference;

		initStringInfo(&reference);
		append_reference_with_customer(&reference, schema, relation, column);
		if (reference.len > 0)
			appendStringInfo(sql, ",\n\t%s", reference.data);
	}
}

/* Whether a table is made with a column: amounts are in major units there. */
static bool
is_column_made(const ColumnSpec *column, bool distributed)
{
	return column->stands_for == NULL && (distributed || !column->distributed);
}

void
create_ledger_table(const char *schema, const RelationSpec *relation, bool distributed)
{
	const char *table = psprintf("%s.%s", schema, relation->name);
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "CREATE TABLE %s (", table);
	for (const ColumnSpec *column = relation->columns; column->name; column++)
	{
		if (!is_column_made(column, distributed))
			continue;
		appendStringInfoString(&sql, column == relation->columns ? "\n\t" : ",\n\t");
		define_ledger_column(&sql, schema, relation, column, distributed);
	}
	define_keys(&sql, schema, relation, distributed);
	appendStringInfoString(&sql, ");\n");
	if (relation->comment != NULL)
		appendStringInfo(&sql, "COMMENT ON TABLE %s IS %s;\n", table,
						 quote_literal_cstr(relation->comment));
	for (const ColumnSpec *column = relation->columns; column->name; column++)
		if (is_column_made(column, distributed))
			complete_ledger_column(&sql, table, relation, column, distributed);
	run_command(sql.data);
	if (distributed)
		distribute_table(schema, relation->name, has_customer(relation));
}

PG_FUNCTION_INFO_V1(create_ledger);
Datum
create_ledger(PG_FUNCTION_ARGS)
{
	char	   *name;
	Oid			schema;
	bool		distributed;

	if (PG_ARGISNULL(0))
		report_null_argument("name");
	if (PG_ARGISNULL(1))
		report_null_argument("distributed");
	name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	distributed = PG_GETARG_BOOL(1);
	check_ledger_name(name);
	SPI_connect();
	require_untenanted(name);
	require_schema(name);
	for (int i = 0; i < NUM_LEDGER_RELATIONS; i++)
		create_ledger_table(quote_identifier(name), &ledger_relations[i], distributed);
	schema = get_namespace_oid(name, false);
	run_command(distributed && has_cluster() ?
				psprintf("SELECT balance.create_report_views(balance.session_zone(),"
						 " %u::pg_catalog.regnamespace)", schema) :
				psprintf("SELECT balance.create_report_views"
						 "(%u::pg_catalog.regnamespace)", schema));
	SPI_finish();
	PG_RETURN_OID(schema);
}
