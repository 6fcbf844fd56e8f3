/*-------------------------------------------------------------------------
 *
 * check_rights.c
 *	  Who may read a ledger, and with whose rights it is read.
 *
 *-------------------------------------------------------------------------
 */
#include "check_ledger.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

/* ---- row security ---- */

/*
 * Report views that read a table with row security as their owner, at any depth
 * below the relation.  A materialized view always does.
 */
void
check_row_security(ReturnSetInfo *result, const LedgerRelation *relation)
{
	static const char *const query =
		"WITH RECURSIVE used AS (\n"
		" SELECT c.oid FROM pg_catalog.pg_class c WHERE c.oid OPERATOR(pg_catalog.=) $1\n"
		" UNION\n"
		" SELECT d.refobjid FROM used u\n"
		" JOIN pg_catalog.pg_rewrite r ON r.ev_class OPERATOR(pg_catalog.=) u.oid\n"
		" JOIN pg_catalog.pg_depend d ON d.objid OPERATOR(pg_catalog.=) r.oid\n"
		"  AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::pg_catalog.regclass\n"
		"  AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass)\n"
		"SELECT DISTINCT v.oid::pg_catalog.regclass::pg_catalog.text, t.oid::pg_catalog.regclass::pg_catalog.text,\n"
		" pg_catalog.pg_get_userbyid(v.relowner)::pg_catalog.text, v.relkind OPERATOR(pg_catalog.=) 'm'\n"
		"FROM used u JOIN pg_catalog.pg_class v ON v.oid OPERATOR(pg_catalog.=) u.oid\n"
		" AND v.relkind OPERATOR(pg_catalog.=) ANY ('{v,m}')\n"
		" AND NOT (v.relkind OPERATOR(pg_catalog.=) 'v' AND COALESCE((SELECT o.option_value::pg_catalog.bool\n"
		"  FROM pg_catalog.pg_options_to_table(v.reloptions) o\n"
		"  WHERE o.option_name OPERATOR(pg_catalog.=) 'security_invoker'), false))\n"
		"JOIN pg_catalog.pg_rewrite r ON r.ev_class OPERATOR(pg_catalog.=) v.oid\n"
		"JOIN pg_catalog.pg_depend d ON d.objid OPERATOR(pg_catalog.=) r.oid\n"
		" AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::pg_catalog.regclass\n"
		" AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass\n"
		"JOIN pg_catalog.pg_class t ON t.oid OPERATOR(pg_catalog.=) d.refobjid AND t.relrowsecurity\n"
		"ORDER BY 1, 2";
	Oid			type = OIDOID;
	Datum		relid = ObjectIdGetDatum(relation->relid);

	if (SPI_execute_with_args(query, 1, &type, &relid, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not look for row security");
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
					"Use a plain view with security_invoker: what a materialized view holds is the same for everyone." :
					psprintf("ALTER VIEW %s SET (security_invoker = true);", view));
	}
}
