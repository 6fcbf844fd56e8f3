/*-------------------------------------------------------------------------
 *
 * distribute.c
 *	  Tables of a ledger on a cluster: what Citus is asked for, where it is.
 *
 *-------------------------------------------------------------------------
 */
#include "distribute.h"

#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "ledger/cluster.h"
#include "ledger/columns.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"

/* Whether a ledger's tables are made to live with the customer. */
bool
ledger_is_distributed(Oid schema)
{
	for (int i = 0; i < NUM_LEDGER_RELATIONS; i++)
	{
		Oid			relid = get_relname_relid(ledger_relations[i].name, schema);

		if (!OidIsValid(relid))
			continue;
		for (const ColumnSpec *column = ledger_relations[i].columns; column->name; column++)
			if (column->distributed && get_attnum(relid, column->name) != InvalidAttrNumber)
				return true;
	}
	return false;
}

/*
 * Refuse to make tables in a schema that is a tenant's or would become one: they
 * would be made by a function, which leaves them on this server alone, and the
 * schema could not be moved any more.
 */
void
require_untenanted(const char *schema)
{
	const char *setting = GetConfigOption("citus.enable_schema_based_sharding", true, false);
	bool		is_tenant = false;

	if (!has_cluster())
		return;
	if (OidIsValid(get_relname_relid("pg_dist_schema", PG_CATALOG_NAMESPACE)))
		is_tenant = cluster_finds("SELECT 1 FROM pg_dist_schema AS s"
								  " WHERE s.schemaid::oid = (SELECT n.oid FROM pg_namespace AS n"
								  " WHERE n.nspname::text = $1)",
								  TEXTOID, CStringGetTextDatum(schema));
	if (!is_tenant && (setting == NULL || strcmp(setting, "on") != 0))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("schema \"%s\" is sharded by schema", schema),
			 errdetail("Tables that a function makes in such a schema stay on this server."),
			 errhint("SET citus.enable_schema_based_sharding = off, create the ledger in a schema "
					 "that is no tenant's yet, and then call citus_schema_distribute(%s).",
					 quote_literal_cstr(quote_identifier(schema)))));
}

/*
 * Where there is a cluster, put a table's rows where their customer is, who is in
 * the table of customers, or where they have none on every server.
 */
void
distribute_table(const char *schema, const char *name, bool has_customer)
{
	const char *table = quote_literal_cstr(psprintf("%s.%s", schema, name));
	const char *beside = strcmp(name, "customer") == 0 ? "'none'" :
		quote_literal_cstr(psprintf("%s.customer", schema));
	const char *sql = has_customer ?
		psprintf("SELECT pg_catalog.create_distributed_table(%s, 'customer_id',"
				 " colocate_with => %s)", table, beside) :
		psprintf("SELECT pg_catalog.create_reference_table(%s)", table);

	if (has_cluster() && SPI_execute(sql, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not distribute a table of a ledger");
}
