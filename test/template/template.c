/*
 * What src/ledger/template.c makes of a template, as a function: it is compiled
 * here once more, with what only builds with assertions have.
 * Not a part of the extension; test/t/017_templates.pl builds it.
 */
#define CHECK_ASSERTIONS 1
#include "ledger/template.c"

#include "fmgr.h"
#include "utils/array.h"

PG_MODULE_MAGIC;
PG_FUNCTION_INFO_V1(filled);
PG_FUNCTION_INFO_V1(filled_without_value);
PG_FUNCTION_INFO_V1(filled_with_many);
PG_FUNCTION_INFO_V1(is_qualified);
PG_FUNCTION_INFO_V1(name_in_schema);

/* filled(template text, hole text, value text) */
Datum
filled(PG_FUNCTION_ARGS)
{
	StringInfoData sql;

	initStringInfo(&sql);
	sql_append_pairs(&sql, text_to_cstring(PG_GETARG_TEXT_PP(0)),
					 text_to_cstring(PG_GETARG_TEXT_PP(1)),
					 text_to_cstring(PG_GETARG_TEXT_PP(2)), NULL);
	PG_RETURN_TEXT_P(cstring_to_text(sql.data));
}

Datum
filled_without_value(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(sql_fill_pairs("{a}", "a", (const char *) NULL, NULL)));
}

#define FOUR_PAIRS	"a", "1", "b", "2", "c", "3", "d", "4"

/* As many holes as there may be, and one more. */
Datum
filled_with_many(PG_FUNCTION_ARGS)
{
	const char *sql = PG_GETARG_BOOL(0) ?
		sql_fill_pairs("{a}", FOUR_PAIRS, FOUR_PAIRS, FOUR_PAIRS, FOUR_PAIRS, FOUR_PAIRS,
					   FOUR_PAIRS, "a", "1", NULL) :
		sql_fill_pairs("{d}", FOUR_PAIRS, FOUR_PAIRS, FOUR_PAIRS, FOUR_PAIRS, FOUR_PAIRS,
					   FOUR_PAIRS, NULL);

	PG_RETURN_TEXT_P(cstring_to_text(sql));
}

Datum
is_qualified(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(sql_is_qualified(text_to_cstring(PG_GETARG_TEXT_PP(0))));
}

Datum
name_in_schema(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(qualified_name(PG_GETARG_OID(0),
													text_to_cstring(PG_GETARG_TEXT_PP(1)))));
}
