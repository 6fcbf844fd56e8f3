/*-------------------------------------------------------------------------
 *
 * check_absent.c
 *	  What a ledger does without: which figures that changes, and whether
 *	  something that is not read was meant.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "check_ledger.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

static bool
has_relation(const Ledger *ledger, const char *name)
{
	return OidIsValid(get_relname_relid(name, ledger->schema));
}

/* Whether a relation is read only beside the one of a name. */
static bool
belongs_to(const RelationSpec *spec, const char *name)
{
	return spec->belongs_to != NULL && strcmp(spec->belongs_to, name) == 0;
}

/* ---- relations ---- */

static Datum
column_names(const RelationSpec *spec, bool required)
{
	Datum		names[MaxHeapAttributeNumber];
	int			nnames = 0;

	for (const ColumnSpec *column = spec->columns; column->name; column++)
		if (column->required == required)
			names[nnames++] = CStringGetTextDatum(column->name);
	return PointerGetDatum(construct_array(names, nnames, TEXTOID, -1, false,
										   TYPALIGN_INT));
}

static bool
is_read(const char *name)
{
	for (int i = 0; i < NUM_LEDGER_RELATIONS; i++)
		if (strcmp(ledger_relations[i].name, name) == 0)
			return true;
	return false;
}

/*
 * What may be the absent relation under another name: a relation of the schema
 * that is called alike or has all of its columns, and one in any schema that
 * foreign keys of the ledger's tables refer to as this one.
 */
static void
check_misnamed_relation(ReturnSetInfo *result, const Ledger *ledger,
						const RelationSpec *spec)
{
	static const char *const query =
		"WITH columns AS (SELECT a.attrelid, count(*) AS n\n"
		" FROM pg_attribute a WHERE a.attname = ANY ($2::name[])\n"
		" AND a.attnum > 0 AND NOT a.attisdropped GROUP BY 1),\n"
		"referenced AS (SELECT k.confrelid FROM pg_constraint k\n"
		" JOIN pg_class f ON f.oid = k.conrelid AND f.relnamespace = $1\n"
		" JOIN pg_attribute a ON a.attrelid = f.oid\n"
		"  AND a.attnum = ANY (k.conkey) AND a.attname = $3::name\n"
		" WHERE k.contype = 'f'),\n"
		"keyed AS (SELECT i.indrelid FROM pg_index i JOIN pg_attribute a\n"
		"  ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]\n"
		" WHERE i.indisunique AND i.indpred IS NULL AND i.indnkeyatts = 1\n"
		"  AND a.attname = $3::name)\n"
		"SELECT c.relname::text, format('%s.%I', c.relnamespace::regnamespace::text, c.relname),\n"
		" COALESCE((SELECT x.n FROM columns x WHERE x.attrelid = c.oid)\n"
		"  = cardinality($2), false) AND (cardinality($2) > 1\n"
		"  OR c.oid = ANY (SELECT x.indrelid FROM keyed x)\n"
		"  OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid\n"
		"   AND a.attname = ANY ($4::name[]) AND NOT a.attisdropped)),\n"
		" EXISTS (SELECT FROM referenced x WHERE x.confrelid = c.oid)\n"
		"FROM pg_class c\n"
		"WHERE c.relnamespace = $1 AND c.relkind = ANY ('{r,p,v,m,f}')\n"
		"  AND NOT c.relispartition AND (c.relkind <> 'v'\n"
		"   OR starts_with(obj_description(c.oid, 'pg_class'), 'Report of balance: ')\n"
		"    IS NOT TRUE)\n"
		" OR c.oid = ANY (SELECT x.confrelid FROM referenced x)\n"
		"ORDER BY c.relname";
	Oid			types[] = {OIDOID, TEXTARRAYOID, TEXTOID, TEXTARRAYOID};
	Datum		values[] = {
		ObjectIdGetDatum(ledger->schema), column_names(spec, true),
		CStringGetTextDatum(spec->key == NULL ? "" : spec->key), column_names(spec, false)
	};

	read_catalog(query, 4, types, values);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		const char *name = text_to_cstring(result_text(row, 1));
		const char *qualified = text_to_cstring(result_text(row, 2));
		bool		isnull;
		bool		has_columns = DatumGetBool(result_value(row, 3, &isnull));
		bool		is_referenced = DatumGetBool(result_value(row, 4, &isnull));

		if (!is_referenced &&
			(is_read(name) || (!has_columns && !relation_names_alike(name, spec->name))))
			continue;
		add_finding(result, spec->name, NULL,
					is_referenced ? SEVERITY_WARNING : SEVERITY_NOTICE,
					psprintf("%s is not read%s; is it %s?", qualified,
							 is_referenced ? ", but foreign keys of the ledger refer to it" : "",
							 spec->name),
					psprintf("If so, rename it, or "
							 "CREATE VIEW %s.%s WITH (security_invoker) AS SELECT * FROM %s;",
							 quote_identifier(ledger->name), spec->name, qualified));
	}
}

/* A relation that the ledger lacks; an empty ledger is not told what each is for. */
void
check_absent_relation(ReturnSetInfo *result, const Ledger *ledger,
					  const RelationSpec *spec, bool is_empty)
{
	for (int i = 0; i < NUM_LEDGER_RELATIONS; i++)
		if (belongs_to(&ledger_relations[i], spec->name) &&
			has_relation(ledger, ledger_relations[i].name))
			add_finding(result, ledger_relations[i].name, NULL, SEVERITY_WARNING,
						psprintf("is read only beside %s, which is absent", spec->name),
						psprintf("Give the ledger a relation %s.", spec->name));
	if (spec->belongs_to != NULL && !has_relation(ledger, spec->belongs_to) && !is_empty)
		return;
	if (spec->absence != NULL && !is_empty)
		add_finding(result, spec->name, NULL, SEVERITY_NOTICE,
					psprintf("relation is absent: %s", spec->absence),
					"That is fine if you have none.");
	check_misnamed_relation(result, ledger, spec);
}

/* ---- columns ---- */

/* Whether a column is not there, nor an amount in either of its units. */
static bool
is_absent(const LedgerRelation *relation, const ColumnSpec *column)
{
	const ColumnSpec *minor = find_stand_in(column);

	return !ledger_has_column(relation, column->name) &&
		(minor == NULL || !ledger_has_column(relation, minor->name)) &&
		(column->stands_for == NULL || !ledger_has_column(relation, column->stands_for));
}

/*
 * The absent column that one which is not read may be, or NULL.  Integers that are
 * called cents, or so, are minor units.
 */
static const ColumnSpec *
column_meant(const LedgerRelation *relation, const char *found, Oid type)
{
	bool		is_minor = is_integer_type(type) && column_name_says_minor(found);

	for (const ColumnSpec *column = relation->spec->columns; column->name; column++)
		if (column->stands_for == NULL && is_absent(relation, column) &&
			column_type_converts(column, type) &&
			column_names_alike(found, column->name, relation->spec->name))
			return is_minor && find_stand_in(column) != NULL ? find_stand_in(column) : column;
	return NULL;
}

static void
check_misnamed_columns(ReturnSetInfo *result, const LedgerRelation *relation)
{
	static const char *const query =
		"SELECT a.attname::text, a.atttypid FROM pg_attribute a\n"
		"WHERE a.attrelid = $1 AND a.attnum > 0\n"
		"AND NOT a.attisdropped ORDER BY a.attnum";
	Oid			type = OIDOID;
	Datum		value = ObjectIdGetDatum(relation->relid);

	read_catalog(query, 1, &type, &value);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		const char *name = text_to_cstring(result_text(row, 1));
		const ColumnSpec *meant;
		bool		isnull;

		if (search_column_spec(relation->spec, name) != NULL)
			continue;
		meant = column_meant(relation, name,
							 getBaseType(DatumGetObjectId(result_value(row, 2, &isnull))));
		if (meant != NULL)
			add_finding(result, relation->spec->name, name, SEVERITY_NOTICE,
						psprintf("column is not read; is it %s?", meant->name),
						psprintf("If so, rename it, or in a view: %s AS %s",
								 quote_identifier(name), meant->name));
	}
}

/* Optional columns that a relation lacks, and what may be meant for one. */
void
check_absent_columns(ReturnSetInfo *result, const LedgerRelation *relation)
{
	const char *name = relation->spec->name;
	StringInfoData shown_null;
	bool		any = false;

	initStringInfo(&shown_null);
	for (const ColumnSpec *column = relation->spec->columns; column->name; column++)
	{
		if (!is_absent(relation, column))
			continue;
		any = true;
		if (column->required || column->stands_for != NULL)
			continue;
		if (column->absence == NULL)
			appendStringInfo(&shown_null, "%s%s", shown_null.len > 0 ? ", " : "",
							 column->name);
		else if (*column->absence != '\0')
			add_finding(result, name, column->name, SEVERITY_NOTICE,
						psprintf("column is absent: %s", column->absence),
						"That is fine if you have none.");
	}
	if (shown_null.len > 0)
		add_finding(result, name, NULL, SEVERITY_NOTICE,
					psprintf("columns are absent, and null where a document shows them: %s",
							 shown_null.data),
					"That is fine if you have none.");
	if (any)
		check_misnamed_columns(result, relation);
}
