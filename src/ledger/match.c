/*-------------------------------------------------------------------------
 *
 * match.c
 *	  Which rows belong together: when an identifier in one relation is an
 *	  identifier in another, or an argument, whatever types they have.
 *
 * One rule for documents, books, views, items() and verify():
 *
 * The column that refers decides (an invoice's customer_id, a line item's
 * invoice_id).  The id that is referred to is taken as text, respelled in the
 * type of that column, and compared as that type and the column's collation
 * compare.  So an index on the column that refers serves, and where two ids
 * are one to that column, a row that has it belongs to both.
 *
 * As text an id is what PostgreSQL prints: a char(n) without its trailing
 * blanks, a numeric without trailing zeros of its fraction.  A text names an
 * id of another type only if it is exactly that; a uuid alone may also be in
 * capital letters or without its hyphens, as other systems print it.
 *
 * Columns that compare by the same rules are compared as they are, which comes
 * to the same.
 *
 * Two ids that their own relation tells apart may be one to the column that
 * refers: 'a' and 'A' to citext or to a nondeterministic collation.  Whose its
 * rows are cannot be told, and told_apart() raises 21000.  Columns that print
 * different text for different ids never get there.
 *
 * What a caller passes is an id of the customer relation, in any spelling that
 * the type of its column takes; all else is read by the id that stands there.
 * A ledger without that relation takes it for an id of each relation.  If these
 * compare by different rules, the id is its text alone, and a column whose
 * rules are coarser than text is refused with 42804.
 *
 *-------------------------------------------------------------------------
 */
#include "match.h"

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

/* How a column tells ids apart. */
typedef enum IdKind
{
	ID_TEXT,					/* text and varchar, byte by byte */
	ID_CHAR,
	ID_NAME,
	ID_ENUM,
	ID_INTEGER,
	ID_NUMERIC,
	ID_UUID,
	ID_COARSE					/* by rules under which texts that differ are equal */
} IdKind;

/* A column with ids, and all that decides how they compare. */
typedef struct IdColumn
{
	const LedgerRelation *relation;
	const char *name;
	Oid			type;			/* without domains */
	Oid			collation;		/* InvalidOid if the type has none */
	IdKind		kind;
} IdColumn;

/* ---- columns ---- */

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
static IdColumn
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
static bool
agree(IdColumn a, IdColumn b)
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
static Oid
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
static const char *
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
static const char *
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
static const char *
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
static const char *
respelled(IdColumn to, const char *text, bool exact)
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

/* ---- comparing ---- */

/* The same where the column is at hand. */
static const char *
equals(IdColumn id, const char *value)
{
	const char *operator_name;

	(void) equality_operator(id.type, &operator_name);
	return sql_fill("{id} {equals} {value}",
					"id", bare_id(id), "equals", operator_name, "value", value);
}

/* The id that is referred to, as the column that refers spells it. */
static const char *
referred(IdColumn from, IdColumn to)
{
	if (!agree(from, to))
		return respelled(from, id_text(to), false);
	return psprintf("%s%s", bare_id(to),
					from.collation == to.collation ? "" : collate_as(from));
}

/* The condition that the rows of one relation refer to those of another. */
const char *
ledger_join(const LedgerRelation *a, const char *a_column,
			const LedgerRelation *b, const char *b_column)
{
	IdColumn	from = id_column(a, a_column);
	IdColumn	to = id_column(b, b_column);

	/* no index on labels is worth a look-up of each */
	if (from.kind == ID_ENUM && !agree(from, to))
		return sql_fill("{from} = {to}", "from", id_text(from), "to", id_text(to));
	return equals(from, referred(from, to));
}

/* The condition that a column equals a value which was respelled for it. */
const char *
ledger_join_known(const LedgerRelation *a, const char *a_column,
				  const char *value)
{
	return equals(id_column(a, a_column), value);
}

/* Whether two columns compare by the same rules, so that either will do. */
bool
ledger_ids_agree(const LedgerRelation *a, const char *a_column,
				 const LedgerRelation *b, const char *b_column)
{
	return agree(id_column(a, a_column), id_column(b, b_column));
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

/* ---- ids in a store, which are text ---- */

/* The condition that a column is the id of a text that was made of one of its ids. */
const char *
ledger_is_kept_id(const LedgerRelation *relation, const char *column, const char *text)
{
	IdColumn	id = id_column(relation, column);

	return equals(id, sql_fill("({text}::{type}{collate})", "text", text,
								"type", qualified_type(id.type), "collate", collate_as(id)));
}

/*
 * How to declare a column of kept ids that is to stand beside ledger_id_value(),
 * or beside ledger_id_text() where collation is NULL.  NULL where ids that are
 * equal do not all look alike, as it cannot be told what they looked like.
 */
const char *
ledger_kept_id(const LedgerRelation *relation, const char *column,
			   const LedgerRelation *collation)
{
	IdColumn	id = id_column(relation, column);
	IdColumn	other;

	if (collation == NULL)
		return sql_fill("pg_catalog.text COLLATE \"C\"");
	if (id.kind == ID_CHAR || id.kind == ID_NUMERIC)
		return NULL;
	other = id_column(collation, column);
	return psprintf("%s%s", qualified_type(id.type == other.type ? id.type : TEXTOID),
					collate_as(other));
}

/*
 * The same beside the column as it is.  Where it is only going to be compared,
 * it does not matter what equal ids looked like.
 */
const char *
ledger_kept_column(const LedgerRelation *relation, const char *column, bool compared)
{
	IdColumn	id = id_column(relation, column);

	if (!compared && (id.kind == ID_CHAR || id.kind == ID_NUMERIC))
		return NULL;
	return psprintf("%s%s", qualified_type(id.type), collate_as(id));
}

/*
 * The condition that two columns refer to the same id: the coarser one decides,
 * else their text.
 */
const char *
ledger_join_ids(const LedgerRelation *a, const char *a_column,
				const LedgerRelation *b, const char *b_column)
{
	IdColumn	one = id_column(a, a_column);
	IdColumn	other = id_column(b, b_column);

	if (other.kind == ID_COARSE && one.kind != ID_COARSE)
		return ledger_join(b, b_column, a, a_column);
	if (one.kind == ID_COARSE || agree(one, other))
		return ledger_join(a, a_column, b, b_column);
	return sql_fill("{one} = {other}", "one", id_text(one), "other", id_text(other));
}

/* ---- ids that are not told apart ---- */

/* Whether ids that one column tells apart can be one to a column that refers. */
static bool
confuses(IdColumn from, IdColumn to)
{
	if (agree(from, to))
		return false;
	return from.kind == ID_COARSE ||
		(from.kind == ID_UUID && to.kind != ID_INTEGER && to.kind != ID_NUMERIC);
}

bool
ledger_confuses(const LedgerRelation *a, const char *a_column,
				const LedgerRelation *b, const char *b_column)
{
	return confuses(id_column(a, a_column), id_column(b, b_column));
}

/* What ids that are not told apart have in common, to group them by. */
const char *
ledger_referred(const LedgerRelation *a, const char *a_column,
				const LedgerRelation *b, const char *b_column)
{
	return referred(id_column(a, a_column), id_column(b, b_column));
}

/* The condition that an id is told apart, where alike ones have been counted. */
const char *
ledger_told_apart(const LedgerRelation *relation, const char *column,
				  const char *alike, const char *id)
{
	return sql_fill("balance.told_apart({alike}::int8, '{relation}.{column}'::text, {id}::text)",
					"alike", alike, "relation", relation->spec->name, "column", column,
					"id", id);
}

/*
 * Where ids can be confused, what is to be joined so that an error says so.
 * All of the relation that is referred to is read for it.
 */
const char *
ledger_join_alike(const LedgerRelation *a, const char *a_column,
				  const LedgerRelation *b, const char *b_column)
{
	IdColumn	from = id_column(a, a_column);
	IdColumn	to = id_column(b, b_column);
	LedgerRelation alike = *b;
	IdColumn	other = to;

	if (!confuses(from, to))
		return "";
	alike.alias = "alike";
	other.relation = &alike;
	return sql_fill("\n JOIN (SELECT {referred} AS id, count(DISTINCT alike.{column}) AS ids"
					" FROM {relation} GROUP BY 1) AS alike ON {joined} AND {told_apart}",
					"referred", referred(from, other), "column", b_column,
					"relation", ledger_from(&alike), "joined", equals(from, "alike.id"),
					"told_apart", ledger_told_apart(a, a_column, "alike.ids", id_text(to)));
}

/*
 * The condition that a customer's id and another one are one to a column that
 * refers.  The few spellings of a uuid are looked up, as an index may serve.
 */
static const char *
is_alike(IdColumn from, IdColumn to, IdColumn other)
{
	const char *value = respelled(from, id_text(to), false);
	const char *operator_name;

	(void) equality_operator(from.type, &operator_name);
	if (from.kind != ID_UUID)
		return sql_fill("{other} {equals} {value}",
						"other", respelled(from, id_text(other), false),
						"equals", operator_name, "value", value);
	return sql_fill("{id} = ANY (ARRAY[{uuid}::text, upper({uuid}::text),"
					" replace({uuid}::text, '-', ''),"
					" replace(upper({uuid}::text), '-', '')]{collate})",
					"id", to.kind == ID_TEXT ? bare_id(other) : id_text(other), "uuid", value,
					"collate", to.kind == ID_TEXT ? collate_as(to) : sql_fill(" COLLATE \"C\""));
}

PG_FUNCTION_INFO_V1(told_apart);
Datum
told_apart(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0) || PG_GETARG_INT64(0) <= 1)
		PG_RETURN_BOOL(true);
	ereport(ERROR,
			(errcode(ERRCODE_CARDINALITY_VIOLATION),
			 errmsg("%s does not tell the id \"%s\" from another one",
					PG_ARGISNULL(1) ? "a column" : text_to_cstring(PG_GETARG_TEXT_PP(1)),
					PG_ARGISNULL(2) ? "" : text_to_cstring(PG_GETARG_TEXT_PP(2))),
			 errdetail("By the type and collation of that column, %lld ids are one.",
					   (long long) PG_GETARG_INT64(0)),
			 errhint("Give both relations' columns one type and collation, by a cast in a view if "
					 "need be. balance.verify() lists such ids.")));
}

/* ---- the customer of a document ---- */

/*
 * Whether the relations of a ledger that says nowhere who its customers are
 * compare their ids by different rules: then an id is its text.
 */
bool
ledger_spelling_decides(const Ledger *ledger, bool unchecked)
{
	LedgerRelation found[NUM_LEDGER_RELATIONS];
	int			n = 0;
	bool		decides = false;

	for (int i = 0; i < NUM_LEDGER_RELATIONS; i++)
	{
		LedgerRelation *relation = &found[n];

		relation->ledger = ledger;
		relation->spec = &ledger_relations[i];
		relation->alias = "r";
		relation->relid = get_relname_relid(relation->spec->name, ledger->schema);
		if (!OidIsValid(relation->relid) || !ledger_is_readable(relation->relid) ||
			strcmp(relation->spec->lookup, "customer_id") != 0)
			continue;
		if (!ledger_is_identifier(relation, "customer_id"))
			continue;
		n++;
		decides |= !ledger_ids_agree(&found[0], "customer_id", relation, "customer_id");
	}
	for (int i = 0; decides && !unchecked && i < n; i++)
		if (ledger_is_coarse(&found[i], "customer_id"))
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("relations of ledger \"%s\" tell customer ids apart by different rules",
							ledger->name),
					 errdetail("To \"%s.customer_id\" ids of different spelling may be one, and no "
							   "relation \"customer\" says which there are.",
							   found[i].spec->name),
					 errhint("Give all of them one type and collation, by a cast in a view if need "
							 "be, or the ledger a relation \"customer\".")));
	return decides;
}

/*
 * The customer's id as it stands in the customer relation, respelled for a
 * column that compares by other rules; NULL where the argument itself will do.
 */
static const char *
respelled_customer(LedgerQuery *query, IdColumn from, int argument)
{
	LedgerRelation customer;
	LedgerRelation alike;
	IdColumn	to;
	IdColumn	other;
	const char *id;
	const char *source;

	if (!ledger_find(from.relation->ledger, "customer", "respelled", &customer))
		return ledger_spelling_decides(from.relation->ledger, query->unchecked) ?
			respelled(from, ledger_parameter(query, TEXTOID, argument), true) : NULL;
	other = to = id_column(&customer, "customer_id");
	if (agree(from, to))
		return NULL;
	id = sql_fill("min({id})", "id", id_text(to));
	source = ledger_from(&customer);
	if (confuses(from, to) && !query->unchecked)
	{
		alike = customer;
		alike.alias = "alike";
		other.relation = &alike;
		id = ledger_guard(ledger_told_apart(from.relation, from.name,
											sql_fill("count(DISTINCT {id})",
													 "id", id_text(other)),
											id),
						  id);
		source = sql_fill("{customer} JOIN {alike} ON {is_alike}",
						  "customer", source, "alike", ledger_from(&alike),
						  "is_alike", is_alike(from, to, other));
	}
	return sql_fill("(SELECT {respelled}"
					" FROM (SELECT {id} FROM {source} WHERE {asked}) AS own(id))",
					"respelled", respelled(from, "own.id", false), "id", id,
					"source", source, "asked",
					ledger_equals(query, &customer, "customer_id", argument));
}

/* What a column's id is that one of the document's text arguments names. */
static const char *
asked_value(LedgerQuery *query, IdColumn id, int argument)
{
	const char *operator_name;
	const char *value = NULL;
	Oid			left;
	Oid			right;

	op_input_types(equality_operator(id.type, &operator_name), &left, &right);
	if (strcmp(id.name, "customer_id") == 0 &&
		strcmp(id.relation->spec->name, "customer") != 0)
		value = respelled_customer(query, id, argument);
	return value != NULL ? value :
		ledger_parameter(query, IsPolymorphicType(right) ? id.type : right, argument);
}

/*
 * A condition that a column equals one of the document's text arguments.  The
 * value has the column's own type, so that an index on it is used.
 */
const char *
ledger_equals(LedgerQuery *query, const LedgerRelation *relation,
			  const char *column, int argument)
{
	IdColumn	id = id_column(relation, column);

	return equals(id, asked_value(query, id, argument));
}

/* The id that is asked for as text, as it stands in the column. */
const char *
ledger_asked_text(LedgerQuery *query, const LedgerRelation *relation,
				  const char *column, int argument)
{
	IdColumn	id = id_column(relation, column);
	const char *value = asked_value(query, id, argument);

	return id.kind == ID_NUMERIC ?
		sql_fill("trim_scale({value})::text", "value", value) :
		sql_fill("{value}::text", "value", value);
}

/*
 * A condition that is only looked at where another one holds: what may raise
 * an error must not see another customer's rows, in whatever order the planner
 * tries conditions.
 */
const char *
ledger_guard(const char *first, const char *condition)
{
	return sql_fill("CASE WHEN {first} THEN {condition} END",
					"first", first, "condition", condition);
}
