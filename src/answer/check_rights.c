/*-------------------------------------------------------------------------
 *
 * check_rights.c
 *	  Who may read a ledger, and with whose rights it is read.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "check_ledger.h"
#include "utils/array.h"
#include "utils/builtins.h"

#define SECURITY_INVOKER(view) \
	"COALESCE((SELECT o.option_value::bool FROM pg_options_to_table(" view ".reloptions) o\n" \
	"  WHERE o.option_name = 'security_invoker'), false)"

/* ---- the right to read ---- */

/* Whether the caller may look into the schema; a finding if not. */
bool
check_schema_right(ReturnSetInfo *result, const Ledger *ledger)
{
	const char *role = quote_identifier(GetUserNameFromId(GetUserId(), false));
	const char *schema = quote_identifier(ledger->name);

	if (schema_aclcheck(ledger->schema, GetUserId(), ACL_USAGE) == ACLCHECK_OK)
		return true;
	add_finding(result, NULL, NULL, SEVERITY_ERROR,
				psprintf("%s may not use schema %s", role, schema),
				psprintf("GRANT USAGE ON SCHEMA %s TO %s;", schema, role));
	return false;
}

/* The names of the relation's columns that are read, as an array. */
static Datum
columns_read(const LedgerRelation *relation)
{
	Datum		names[MaxHeapAttributeNumber];
	int			nnames = 0;

	for (const ColumnSpec *column = relation->spec->columns; column->name; column++)
		if (ledger_has_column(relation, column->name))
			names[nnames++] = CStringGetTextDatum(column->name);
	return PointerGetDatum(construct_array(names, nnames, TEXTOID, -1, false,
										   TYPALIGN_INT));
}

/*
 * What cannot be read: the relation or some of its columns by the caller, and
 * at any depth what its views read.  A view reads with its owner's rights, or
 * with the caller's if it is a security_invoker; to call the functions in it
 * is the caller's right in both.
 */
void
check_rights(ReturnSetInfo *result, const LedgerRelation *relation)
{
	static const char *const query =
		USED_BY("= 'v'") ", reads(relid, reader, via, attname) AS (\n"
		" SELECT $1, $2, NULL::text, c.name FROM unnest($3) c(name)\n"
		" UNION ALL\n"
		" SELECT d.refobjid, CASE WHEN " SECURITY_INVOKER("v") " THEN $2 ELSE v.relowner END,\n"
		"  format('%s.%I', v.relnamespace::regnamespace::text, v.relname), a.attname::text\n"
		" FROM used u " READS_OF("= 'v'", "pg_class") "\n"
		" LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid\n"
		"  AND a.attnum = d.refobjsubid AND d.refobjsubid <> 0\n"
		"), lacks AS (\n"
		" SELECT r.relid, quote_ident(pg_get_userbyid(r.reader)::text) AS role,\n"
		"  min(r.via COLLATE \"C\") AS via,\n"
		"  NOT has_any_column_privilege(r.reader, r.relid, 'SELECT') AS whole,\n"
		"  string_agg(DISTINCT quote_ident(r.attname) COLLATE \"C\", ', ') AS columns\n"
		" FROM reads r\n"
		" WHERE NOT has_table_privilege(r.reader, r.relid, 'SELECT')\n"
		"  AND NOT CASE WHEN r.attname IS NULL\n"
		"   THEN has_any_column_privilege(r.reader, r.relid, 'SELECT')\n"
		"   ELSE has_column_privilege(r.reader, r.relid, r.attname, 'SELECT') END\n"
		" GROUP BY r.relid, r.reader\n"
		")\n"
		"SELECT concat(l.role, ' may not read ',\n"
		"  CASE WHEN NOT l.whole THEN concat(l.columns, ' of ') END,\n"
		"  format('%s.%I', t.relnamespace::regnamespace::text, t.relname),\n"
		"  CASE WHEN l.via IS NOT NULL THEN concat(', which view ', l.via, ' reads') END),\n"
		" concat('GRANT SELECT ', CASE WHEN NOT l.whole THEN concat('(', l.columns, ') ') END,\n"
		"  'ON ', format('%s.%I', t.relnamespace::regnamespace::text, t.relname),\n"
		"  ' TO ', l.role, ';')\n"
		"FROM lacks l JOIN pg_class t ON t.oid = l.relid\n"
		"UNION\n"
		"SELECT format('%I may not call %s, as view %s does', c.name, f.name,\n"
		"  format('%s.%I', v.relnamespace::regnamespace::text, v.relname)),\n"
		" format('GRANT EXECUTE ON FUNCTION %s TO %I;', f.name, c.name)\n"
		"FROM used u " READS_OF("= 'v'", "pg_proc") "\n"
		"JOIN pg_proc p ON p.oid = d.refobjid\n"
		"CROSS JOIN LATERAL (SELECT format('%s.%I(%s)', p.pronamespace::regnamespace::text,\n"
		" p.proname, pg_get_function_identity_arguments(p.oid))) f(name)\n"
		"CROSS JOIN LATERAL (SELECT pg_get_userbyid($2)::text) c(name)\n"
		"WHERE NOT has_function_privilege($2, p.oid, 'EXECUTE')\n"
		"ORDER BY 1";
	Oid			types[] = {OIDOID, OIDOID, TEXTARRAYOID};
	Datum		values[] = {
		ObjectIdGetDatum(relation->relid), ObjectIdGetDatum(GetUserId()), columns_read(relation)
	};

	read_catalog(query, 3, types, values);
	for (uint64 row = 0; row < SPI_processed; row++)
		add_finding(result, relation->spec->name, NULL, SEVERITY_ERROR,
					text_to_cstring(result_text(row, 1)),
					text_to_cstring(result_text(row, 2)));
}

/* ---- row security ---- */

/*
 * Views that read a table with row security as their owner, at any depth below
 * the relation.  A materialized view always does.
 */
void
check_row_security(ReturnSetInfo *result, const LedgerRelation *relation)
{
	static const char *const query =
		USED_BY("= ANY ('{v,m}')") "\n"
		"SELECT DISTINCT v.oid::regclass::text, t.oid::regclass::text,\n"
		" pg_get_userbyid(v.relowner)::text, v.relkind = 'm'\n"
		"FROM used u " READS_OF("= ANY ('{v,m}')", "pg_class") "\n"
		"JOIN pg_class t ON t.oid = d.refobjid AND t.relrowsecurity\n"
		"WHERE v.relkind = 'm' OR NOT " SECURITY_INVOKER("v") "\n"
		"ORDER BY 1, 2";
	Oid			type = OIDOID;
	Datum		relid = ObjectIdGetDatum(relation->relid);

	read_catalog(query, 1, &type, &relid);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		char	   *view = text_to_cstring(result_text(row, 1));
		bool		isnull;
		bool		materialized = DatumGetBool(result_value(row, 4, &isnull));

		add_finding(result, relation->spec->name, NULL, SEVERITY_WARNING,
					psprintf("%s reads %s, which has row security, with the rights of %s",
							 view, text_to_cstring(result_text(row, 2)),
							 text_to_cstring(result_text(row, 3))),
					materialized ?
					"Use a plain view with security_invoker: what a materialized view holds is the "
					"same for everyone." :
					psprintf("ALTER VIEW %s SET (security_invoker = true);", view));
	}
}
