/*-------------------------------------------------------------------------
 *
 * columns.c
 *	  The relations and columns of a ledger, from columns.def, and what the
 *	  kinds of columns are.
 *
 *-------------------------------------------------------------------------
 */
#include "columns.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "position/cell.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#define REQUIRED	true
#define OPTIONAL	false

/* An array of columns for each relation, and then the relations. */
#define RELATION(name, ...)		static const ColumnSpec name##_columns[] = {
#define COLUMN(name, kind, ...)	{#name, COLUMN_##kind, __VA_ARGS__},
#define END(name)				{NULL}};
#include "columns.def"

#define RELATION(name, key, lookup, ...) \
	{#name, key, lookup, name##_columns, __VA_ARGS__},
const RelationSpec ledger_relations[NUM_LEDGER_RELATIONS] = {
#include "columns.def"
};

#define TALLY(source, positions, relation, alias, aggregate, ...) \
	{positions, &ledger_relations[LEDGER_##relation], alias, aggregate, __VA_ARGS__},
const SourceSpec ledger_sources[NUM_LEDGER_SOURCES] = {
#include "columns.def"
};

#define TEXT_WORDS	"text, varchar, char(n), citext, uuid or an enum"

/*
 * Of each kind what it is read as, in SQL, what it must be, in words, and what
 * create_ledger() makes of it: the type, and the check, in which @ is the column.
 * A check refuses only what no document could show: statuses and currencies are
 * judged by the documents, which say what is wrong with them.
 */
const ColumnKindInfo column_kinds[] = {
	[COLUMN_IDENTIFIER] = {
		"pg_catalog.text",
		"text, varchar, char(n), citext, uuid, an enum, an integer type or numeric", "text"
	},
	[COLUMN_TEXT] = {"pg_catalog.text", TEXT_WORDS, "text"},
	[COLUMN_CURRENCY] = {"pg_catalog.text", TEXT_WORDS, "text", "@ ~ '^[A-Za-z]{3}$'"},
	[COLUMN_STATUS] = {"pg_catalog.text", TEXT_WORDS, "text"},
	[COLUMN_MONEY] = {
		"pg_catalog.numeric", "numeric or an integer type", "numeric",
		"@ > '-Infinity' AND @ < 'Infinity'"
	},
	[COLUMN_UNITS] = {
		"pg_catalog.numeric", "numeric or an integer type", "numeric",
		"@ > '-Infinity' AND @ < 'Infinity'"
	},
	[COLUMN_MINOR_UNITS] = {"pg_catalog.int8", "bigint or another integer type", "bigint"},
	[COLUMN_BOOLEAN] = {"pg_catalog.bool", "boolean", "boolean"},
	[COLUMN_DATE] = {"pg_catalog.date", "date", "date"},
	[COLUMN_INSTANT] = {"pg_catalog.timestamptz", "timestamp with time zone", "timestamptz"},
	[COLUMN_DUE] = {"pg_catalog.date", "date or timestamp with time zone", "date"},
	[COLUMN_JSON] = {
		"pg_catalog.jsonb", "jsonb or json", "jsonb", "jsonb_typeof(@) = 'object'"
	}
};

const RelationSpec *
find_relation_spec(const char *name)
{
	for (int i = 0; i < NUM_LEDGER_RELATIONS; i++)
		if (strcmp(ledger_relations[i].name, name) == 0)
			return &ledger_relations[i];
	elog(ERROR, "a ledger has no relation \"%s\"", name);
}

/* The column of a name, or NULL. */
const ColumnSpec *
search_column_spec(const RelationSpec *relation, const char *name)
{
	for (const ColumnSpec *column = relation->columns; column->name; column++)
		if (strcmp(column->name, name) == 0)
			return column;
	return NULL;
}

const ColumnSpec *
find_column_spec(const RelationSpec *relation, const char *name)
{
	const ColumnSpec *column = search_column_spec(relation, name);

	if (column == NULL)
		elog(ERROR, "a ledger's \"%s\" has no column \"%s\"", relation->name, name);
	return column;
}

/* The column of minor units that may be in an amount's place; NULL for any other one. */
const ColumnSpec *
find_stand_in(const ColumnSpec *amount)
{
	return amount->kind == COLUMN_MONEY ? amount + 1 : NULL;
}

/* What a column that is missing must be, in words. */
const char *
column_must_be(const ColumnSpec *column)
{
	const ColumnSpec *minor = find_stand_in(column);
	const char *words = column_kinds[column->kind].words;

	return minor == NULL ? words :
		psprintf("%s, or %s in minor units", words, minor->name);
}

/* What one row of a relation is called, in a word. */
const char *
relation_noun(const RelationSpec *relation)
{
	return relation->noun != NULL ? relation->noun : relation->name;
}

/* Whether a store may have a source's positions: it has all of that aggregate. */
bool
source_is_kept(const SourceSpec *source)
{
	static const SourceSpec *const kept_sources[NUM_LEDGER_RELATIONS] = {
#define KEPT(relation, letter, source)	[LEDGER_##relation] = &ledger_sources[SOURCE_##source],
#include "columns.def"
	};
	const SourceSpec *kept = kept_sources[source->owner - ledger_relations];

	return kept != NULL && source->row == NULL &&
		strncmp(kept->aggregate, source->aggregate,
				strcspn(source->aggregate, "(") + 1) == 0;
}

bool
is_integer_type(Oid type)
{
	return type == INT2OID || type == INT4OID || type == INT8OID;
}

/* Whether PostgreSQL takes a type for a kind of text: varchar, citext, name. */
bool
is_string_type(Oid type)
{
	char		category;
	bool		preferred;

	get_type_category_preferred(type, &category, &preferred);
	return category == TYPCATEGORY_STRING;
}

/* Whether a column of this type, domains aside, may be read as wanted. */
bool
column_type_fits(Oid type, ColumnKind wanted)
{
	switch (wanted)
	{
		case COLUMN_IDENTIFIER:
			if (is_integer_type(type) || type == NUMERICOID)
				return true;
			pg_fallthrough;
		case COLUMN_TEXT:
		case COLUMN_CURRENCY:
		case COLUMN_STATUS:
			return is_string_type(type) || type == UUIDOID || type_is_enum(type);
		case COLUMN_MONEY:
		case COLUMN_UNITS:
			return is_integer_type(type) || type == NUMERICOID;
		case COLUMN_MINOR_UNITS:
			return is_integer_type(type);
		case COLUMN_BOOLEAN:
			return type == BOOLOID;
		case COLUMN_DATE:
			return type == DATEOID;
		case COLUMN_INSTANT:
			return type == TIMESTAMPTZOID;
		case COLUMN_DUE:
			return type == DATEOID || type == TIMESTAMPTZOID;
		case COLUMN_JSON:
			return type == JSONOID || type == JSONBOID;
	}
	return false;
}

/*
 * Whether a column's collation means the same to all of a type's operators.
 * Under a nondeterministic one only text, varchar and char(n) are sorted, hashed
 * and compared alike; of name and citext an index says what "=" does not.
 */
bool
column_collation_fits(Oid type, Oid collation)
{
	return !OidIsValid(collation) || get_collation_isdeterministic(collation) ||
		type == TEXTOID || type == VARCHAROID || type == BPCHAROID;
}

/*
 * A type's name, whatever search_path says.  It is the catalogue's own, since
 * the standard's names mean more than the type: character is char(1).
 */
const char *
qualified_type(Oid type)
{
	HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	Form_pg_type form;
	const char *name;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for type %u", type);
	form = (Form_pg_type) GETSTRUCT(tuple);
	name = quote_qualified_identifier(get_namespace_name(form->typnamespace),
									  NameStr(form->typname));
	ReleaseSysCache(tuple);
	return name;
}

/* SQL in which @ stands for a column and # for the minor digits of its currency. */
const char *
fill_marks(const char *template, const char *column, const char *digits)
{
	StringInfoData sql;

	initStringInfo(&sql);
	for (const char *p = template; *p; p++)
	{
		if (*p == '@' || *p == '#')
			appendStringInfoString(&sql, *p == '@' ? column : digits);
		else
			appendStringInfoChar(&sql, *p);
	}
	return sql.data;
}
