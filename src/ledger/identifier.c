/*-------------------------------------------------------------------------
 *
 * identifier.c
 *	  A column with ids: how it tells them apart, and how it spells them.
 *
 * As text an id is what PostgreSQL prints: a char(n) without its trailing
 * blanks, a numeric without trailing zeros of its fraction.  A text names an
 * id of another type only if it is exactly that; a uuid alone may also be in
 * capital letters or without its hyphens, as other systems print it.
 *
 *-------------------------------------------------------------------------
 */
#include "identifier.h"

#include "access/htup_details.h"
#include "catalog/objectaddress.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "template.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

static bool
is_nondeterministic(Oid collation)
{
	return OidIsValid(collation) && !get_collation_isdeterministic(collation);
}

static IdKind
id_kind(Oid type, Oid collation)
{
	if (is_nondeterministic(collation))
		return ID_COARSE;
	if (type == TEXTOID || type == VARCHAROID)
		return ID_TEXT;
	if (type == BPCHAROID)
		return ID_CHAR;
	if (type == NAMEOID)
		return ID_NAME;
	if (type == NUMERICOID)
		return ID_NUMERIC;
	if (type == UUIDOID)
		return ID_UUID;
	if (is_integer_type(type))
		return ID_INTEGER;
	return type_is_enum(type) ? ID_ENUM : ID_COARSE;
}

/* The column, which must be there and be of a type for ids. */
IdColumn
id_column(const LedgerRelation *relation, const char *name)
{
	IdColumn	id = {.relation = relation, .name = name};
	Oid			declared;
	int32		typmod;

	(void) ledger_column(relation, name);
	get_atttypetypmodcoll(relation->relid, get_attnum(relation->relid, name),
						  &declared, &typmod, &id.collation);
	id.type = getBaseType(declared);
	id.kind = id_kind(id.type, id.collation);
	return id;
}

/* Whether two columns compare by the same rules. */
bool
ids_agree(IdColumn a, IdColumn b)
{
	if (a.kind != b.kind)
		return false;
	if (a.kind == ID_COARSE || a.kind == ID_ENUM)
		return a.type == b.type &&
			(a.collation == b.collation ||
			 (!is_nondeterministic(a.collation) && !is_nondeterministic(b.collation)));
	return true;
}

/* Whether there is such a column and it can be read as an id. */
bool
ledger_is_identifier(const LedgerRelation *relation, const char *column)
{
	AttrNumber	attnum = get_attnum(relation->relid, column);
	Oid			type;
	int32		typmod;
	Oid			collation;

	if (attnum == InvalidAttrNumber)
		return false;
	get_atttypetypmodcoll(relation->relid, attnum, &type, &typmod, &collation);
	type = getBaseType(type);
	return column_type_fits(type, COLUMN_IDENTIFIER) &&
		column_collation_fits(type, collation);
}

/* The type of a column with ids for people, and how they compare if it matters. */
const char *
ledger_id_type(const LedgerRelation *relation, const char *column)
{
	IdColumn	id = id_column(relation, column);

	return psprintf(is_nondeterministic(id.collation) ?
					"%s with collation \"%s\"" : "%s", format_type_be(id.type),
					get_collation_name(id.collation));
}

/* A type's own equality operator, qualified. */
Oid
equality_operator(Oid type, const char **name)
{
	Oid			operator = lookup_type_cache(type, TYPECACHE_EQ_OPR)->eq_opr;
	HeapTuple	tuple;
	Form_pg_operator form;

	if (!OidIsValid(operator))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("could not identify an equality operator for type %s",
						format_type_be(type))));
	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(operator));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for operator %u", operator);
	form = (Form_pg_operator) GETSTRUCT(tuple);
	*name = psprintf("OPERATOR(%s.%s)",
					 quote_identifier(get_namespace_name(form->oprnamespace)),
					 NameStr(form->oprname));
	ReleaseSysCache(tuple);
	return operator;
}

/* What makes an expression compare as the column does. */
const char *
collate_as(IdColumn id)
{
	ObjectAddress collation;

	if (!OidIsValid(id.collation))
		return "";
	ObjectAddressSet(collation, CollationRelationId, id.collation);
	return psprintf(" COLLATE %s", getObjectIdentity(&collation, false));
}

/* ---- spellings ---- */

/* A column in its own type; a domain is read as the type below it. */
const char *
bare_id(IdColumn id)
{
	const LedgerRelation *relation = id.relation;
	AttrNumber	attnum = get_attnum(relation->relid, id.name);

	if (get_atttype(relation->relid, attnum) == id.type)
		return psprintf("%s.%s", relation->alias, id.name);
	return psprintf("%s.%s::%s", relation->alias, id.name,
					qualified_type(id.type));
}

/* An id as text, by which it is the same or another in all relations. */
const char *
id_text(IdColumn id)
{
	return sql_fill(id.kind == ID_NUMERIC ?
					"(trim_scale({id})::text COLLATE \"C\")" : "({id}::text COLLATE \"C\")",
					"id", bare_id(id));
}

/* The least and the greatest of a type of integers. */
static const char *
integer_bounds(Oid type)
{
	if (type == INT2OID)
		return "'{-32768,32767}'";
	if (type == INT4OID)
		return "'{-2147483648,2147483647}'";
	return "'{-9223372036854775808,9223372036854775807}'";
}

/*
 * The condition that a text names a uuid: as PostgreSQL prints it or, if that
 * need not be so, as others do.  A regular expression with counts would take
 * ten times as long, and a whole book asks this of each customer.
 */
static const char *
is_uuid_spelling(const char *text, bool exact)
{
	return sql_fill(exact ?
					"{text} ~ '^[0-9a-f-]+$' AND octet_length(replace({text}, '-', '')) = 32"
					" AND {text} ~~ '________-____-____-____-____________'" :
					"{text} ~ '^([0-9a-f-]+|[0-9A-F-]+)$'"
					" AND octet_length(replace({text}, '-', '')) = 32"
					" AND ({text} ~~ '________-____-____-____-____________'"
					" OR octet_length({text}) = 32)",
					"text", text);
}

/*
 * The condition that a text is the spelling of some value of a type, so that
 * its cast raises no error; NULL where that is always so.  A numeric of more
 * digits than 16000 is no id.
 */
static const char *
is_spelling(IdColumn to, const char *text, bool exact)
{
	switch (to.kind)
	{
		case ID_CHAR:
			return sql_fill("{text} = rtrim({text}, ' ')", "text", text);
		case ID_NAME:
			return sql_fill("octet_length({text}) < {size}", "text", text,
							"size", CppAsString2(NAMEDATALEN));
		case ID_INTEGER:
			return sql_fill("CASE WHEN {text} ~ '^(0|-?[1-9][0-9]{0,18})$'\n"
							"  THEN {text}::numeric >= ({bounds}::numeric[])[1]\n"
							"  AND {text}::numeric <= ({bounds}::numeric[])[2] END",
							"text", text, "bounds", integer_bounds(to.type));
		case ID_NUMERIC:
			return sql_fill("octet_length({text}) <= 16000 AND {text} ~\n"
							"  '^(0|-?([1-9][0-9]*([.][0-9]*[1-9])?"
							"|0[.][0-9]*[1-9]|Infinity)|NaN)$'",
							"text", text);
		case ID_UUID:
			return is_uuid_spelling(text, exact);
		case ID_TEXT:
		case ID_ENUM:
		case ID_COARSE:
			break;
	}
	return NULL;
}

/*
 * The value that a text names in a column, in that column's type and collation;
 * NULL if it names none.
 */
const char *
id_respelled(IdColumn to, const char *text, bool exact)
{
	const char *type = qualified_type(to.type);
	const char *condition = is_spelling(to, text, exact);

	if (to.kind == ID_ENUM)
		return sql_fill("(SELECT e.label FROM unnest(enum_range(NULL::{type})) AS e(label)"
						" WHERE e.label::text = {text})",
						"type", type, "text", text);
	if (condition == NULL)
		return sql_fill("({text}::{type}{collate})",
						"text", text, "type", type, "collate", collate_as(to));
	return sql_fill("(CASE WHEN {spelled} THEN {text}::{type} END{collate})",
					"spelled", condition, "text", text, "type", type,
					"collate", collate_as(to));
}

/* ---- for others ---- */

/* Whether two columns compare by the same rules, so that either will do. */
bool
ledger_ids_agree(const LedgerRelation *a, const char *a_column,
				 const LedgerRelation *b, const char *b_column)
{
	return ids_agree(id_column(a, a_column), id_column(b, b_column));
}

/* Whether the rules of a column are coarser than those of text. */
bool
ledger_is_coarse(const LedgerRelation *relation, const char *column)
{
	return id_column(relation, column).kind == ID_COARSE;
}

const char *
ledger_id_text(const LedgerRelation *relation, const char *column)
{
	return id_text(id_column(relation, column));
}

/*
 * An id as one of a column of ids, all with the collation of the same column
 * elsewhere.
 */
const char *
ledger_id_value(const LedgerRelation *relation, const char *column,
				const LedgerRelation *collation)
{
	IdColumn	id = id_column(relation, column);
	IdColumn	other = id_column(collation, column);

	return sql_fill("{id}::{type}{collate}", "id", bare_id(id),
					"type", qualified_type(id.type == other.type ? id.type : TEXTOID),
					"collate", id.collation == other.collation ? "" : collate_as(other));
}
