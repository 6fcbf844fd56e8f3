/*-------------------------------------------------------------------------
 *
 * check_ledger.c
 *	  What is wrong with the shape of a ledger; its data is the concern of
 *	  verify.c.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "check_ledger.h"
#include "ledger/template.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/tuplestore.h"

/* Columns of the result. */
enum
{
	FINDING_RELATION,
	FINDING_COLUMN,
	FINDING_SEVERITY,
	FINDING_MESSAGE,
	FINDING_HINT,
	FINDING_COLUMNS
};

void
add_finding(ReturnSetInfo *result, const char *relation, const char *column,
			const char *severity, const char *message, const char *hint)
{
	const char *texts[FINDING_COLUMNS] = {
		relation, column, severity, message, hint
	};
	Datum		values[FINDING_COLUMNS] = {0};
	bool		nulls[FINDING_COLUMNS];

	for (int i = 0; i < FINDING_COLUMNS; i++)
	{
		nulls[i] = texts[i] == NULL;
		if (!nulls[i])
			values[i] = CStringGetTextDatum(texts[i]);
	}
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* Run a query over the catalogue; the rows are in SPI_tuptable. */
void
read_catalog(const char *template, int nparameters, Oid *types, Datum *values)
{
	if (SPI_execute_with_args(sql_fill(template), nparameters, types, values,
							  NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read the catalogue: %s", SPI_result_code_string(SPI_result));
}

static bool
is_empty(const Ledger *ledger)
{
	for (int i = 0; i < NUM_LEDGER_RELATIONS; i++)
		if (OidIsValid(get_relname_relid(ledger_relations[i].name, ledger->schema)))
			return false;
	return true;
}

/* Materialized views without rows, at any depth: to read one is an error. */
static void
check_populated(ReturnSetInfo *result, const LedgerRelation *relation)
{
	static const char *const query =
		USED_BY("= 'v'") "\n"
		"SELECT format('%s.%I', c.relnamespace::regnamespace::text, c.relname)\n"
		"FROM used u JOIN pg_class c ON c.oid = u.oid\n"
		"WHERE c.relkind = 'm' AND NOT c.relispopulated ORDER BY 1";
	Oid			type = OIDOID;
	Datum		value = ObjectIdGetDatum(relation->relid);

	read_catalog(query, 1, &type, &value);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		const char *name = text_to_cstring(result_text(row, 1));

		add_finding(result, relation->spec->name, NULL, SEVERITY_ERROR,
					psprintf("materialized view %s has not been populated", name),
					psprintf("REFRESH MATERIALIZED VIEW %s;", name));
	}
}

static void
check_ledger_relation(ReturnSetInfo *result, const LedgerRelation *relation,
					  bool schema_is_usable)
{
	if (!ledger_is_readable(relation->relid))
	{
		add_finding(result, relation->spec->name, NULL, SEVERITY_ERROR,
					"not a table or view",
					"Give the ledger a table or view of this name.");
		return;
	}
	check_rights(result, relation);
	check_populated(result, relation);
	check_columns(result, relation);
	check_references(result, relation);
	check_absent_columns(result, relation);
	/* names of a schema that may not be used cannot be parsed */
	if (schema_is_usable)
		check_lookup(result, relation);
	check_row_security(result, relation);
}

PG_FUNCTION_INFO_V1(check_ledger);
Datum
check_ledger(PG_FUNCTION_ARGS)
{
	Ledger		ledger = ledger_named(fcinfo, 0);
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	bool		schema_is_usable;
	bool		empty = is_empty(&ledger);

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	schema_is_usable = check_schema_right(result, &ledger);
	if (empty)
		add_finding(result, NULL, NULL, SEVERITY_ERROR,
					psprintf("schema \"%s\" has none of a ledger's relations", ledger.name),
					"Create views over your tables in it, or a ledger with "
					"balance.create_ledger().");
	for (int i = 0; i < NUM_LEDGER_RELATIONS; i++)
	{
		LedgerRelation relation = {
			.ledger = &ledger,
			.spec = &ledger_relations[i],
			.alias = "r",
			.relid = get_relname_relid(ledger_relations[i].name, ledger.schema)
		};

		if (OidIsValid(relation.relid))
			check_ledger_relation(result, &relation, schema_is_usable);
		else
			check_absent_relation(result, &ledger, relation.spec, empty);
	}
	check_reports(result, &ledger);
	check_cluster(result, &ledger);
	SPI_finish();
	return (Datum) 0;
}
