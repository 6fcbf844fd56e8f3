/*-------------------------------------------------------------------------
 *
 * cluster.c
 *	  Whether there is a cluster, and whether a table's rows are on its servers.
 *
 * Citus is spoken to in SQL alone, by the functions and tables that it documents, so
 * nothing of it is needed to build or run without it.
 *
 *-------------------------------------------------------------------------
 */
#include "cluster.h"

#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "template.h"
#include "utils/lsyscache.h"

/* Whether the database is that of a cluster's coordinator, or could be. */
bool
has_cluster(void)
{
	return OidIsValid(get_extension_oid("citus", true));
}

/* Whether a query finds anything; SPI is connected. */
bool
cluster_finds(const char *sql, Oid type, Datum value)
{
	if (SPI_execute_with_args(sql_fill(sql), 1, &type, &value, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read the catalogue of a cluster");
	return SPI_processed > 0;
}

/* Whether the rows of a table are on other servers. */
bool
is_cluster_table(Oid relid)
{
	bool		result;

	if (!has_cluster() ||
		!OidIsValid(get_relname_relid("pg_dist_partition", PG_CATALOG_NAMESPACE)))
		return false;
	SPI_connect();
	result = cluster_finds("SELECT 1 FROM pg_dist_partition AS p WHERE p.logicalrelid::oid = $1",
						   OIDOID, ObjectIdGetDatum(relid));
	SPI_finish();
	return result;
}
