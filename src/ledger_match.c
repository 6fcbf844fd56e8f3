/*-------------------------------------------------------------------------
 *
 * ledger_match.c
 *	  Conditions that identifiers are equal: with an argument, or between
 *	  relations, whatever types their columns have.
 *
 *-------------------------------------------------------------------------
 */
#include "ledger.h"

#include "access/htup_details.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

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

/* The same operator, for conditions that others compose. */
const char *
ledger_equality(Oid type)
{
	const char *name;

	(void) equality_operator(type, &name);
	return name;
}

/* The collation of a column, and its qualified name. */
static Oid
column_collation(const LedgerRelation *relation, const char *column)
{
	Oid			type;
	int32		typmod;
	Oid			collation;

	get_atttypetypmodcoll(relation->relid, get_attnum(relation->relid, column),
						  &type, &typmod, &collation);
	return collation;
}

static const char *
collation_name(Oid collation)
{
	HeapTuple	tuple = SearchSysCache1(COLLOID, ObjectIdGetDatum(collation));
	Form_pg_collation form;
	const char *name;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for collation %u", collation);
	form = (Form_pg_collation) GETSTRUCT(tuple);
	name = quote_qualified_identifier(get_namespace_name(form->collnamespace),
									  NameStr(form->collname));
	ReleaseSysCache(tuple);
	return name;
}

/*
 * Whether identifiers of two types are equal by the same rules: those of text
 * and varchar are, and integers of any width.
 */
bool
ledger_types_agree(Oid a, Oid b)
{
	return a == b || (is_integer_type(a) && is_integer_type(b)) ||
		lookup_type_cache(a, TYPECACHE_EQ_OPR)->eq_opr ==
		lookup_type_cache(b, TYPECACHE_EQ_OPR)->eq_opr;
}

/* A column in its own type; a domain is read as the type below it. */
static const char *
bare_column(const LedgerRelation *relation, const char *column)
{
	Oid			type = ledger_column_type(relation, column);
	AttrNumber	attnum = get_attnum(relation->relid, column);

	if (get_atttype(relation->relid, attnum) == type)
		return psprintf("%s.%s", relation->alias, column);
	return psprintf("%s.%s::%s", relation->alias, column,
					qualified_type(type));
}

/*
 * The id of the customer as the customer relation spells it, in the type of
 * another relation that spells ids in its own way; NULL where the argument
 * itself will do.
 */
static const char *
respelled_customer(LedgerQuery *query, const LedgerRelation *relation,
				   const char *column, Oid type, int argument)
{
	LedgerRelation customer;

	if (strcmp(column, "customer_id") != 0 || !is_string_type(type) ||
		strcmp(relation->spec->name, "customer") == 0 ||
		!ledger_find(relation->ledger, "customer", "respelled", &customer) ||
		!ledger_has_column(&customer, "customer_id") ||
		ledger_types_agree(ledger_column_type(&customer, "customer_id"), type))
		return NULL;
	return psprintf("(SELECT pg_catalog.min(%s) FROM %s WHERE %s)::%s",
					ledger_column(&customer, "customer_id"),
					ledger_from(&customer),
					ledger_equals(query, &customer, "customer_id", argument),
					qualified_type(type));
}

/*
 * A condition that a column equals one of the document's text arguments.  The
 * parameter has the column's own type, so that an index on it is used.
 */
const char *
ledger_equals(LedgerQuery *query, const LedgerRelation *relation,
			  const char *column, int argument)
{
	const char *operator_name;
	const char *value;
	Oid			type;
	Oid			left;
	Oid			right;

	(void) ledger_column(relation, column);
	type = ledger_column_type(relation, column);
	op_input_types(equality_operator(type, &operator_name), &left, &right);
	value = respelled_customer(query, relation, column, type, argument);
	if (value == NULL)
		value = ledger_parameter(query, IsPolymorphicType(right) ? type : right,
								 argument);
	return psprintf("%s %s %s", bare_column(relation, column), operator_name,
					value);
}

/* A string type with rules of its own, such as citext. */
static bool
is_special_string(Oid type)
{
	return is_string_type(type) && type != TEXTOID && type != VARCHAROID &&
		type != BPCHAROID && type != NAMEOID;
}

/*
 * Identifiers of two types.  Integers compare whatever their width, the rules
 * of citext and its like hold for both sides, and of a uuid one side may have
 * upper-case letters.  All else compares as text.
 */
static const char *
join_types(const LedgerRelation *a, const char *a_column,
		   const LedgerRelation *b, const char *b_column)
{
	const char *a_text = ledger_column(a, a_column);
	const char *b_text = ledger_column(b, b_column);
	Oid			a_type = ledger_column_type(a, a_column);
	Oid			b_type = ledger_column_type(b, b_column);
	Oid			special = is_special_string(a_type) ? a_type :
		is_special_string(b_type) ? b_type : InvalidOid;
	Oid			collation = column_collation(a, a_column);

	if (is_integer_type(a_type) && is_integer_type(b_type))
		return psprintf("%s OPERATOR(pg_catalog.=) %s",
						bare_column(a, a_column), bare_column(b, b_column));
	if (OidIsValid(special))
	{
		const char *type = qualified_type(special);
		const char *operator_name;

		(void) equality_operator(special, &operator_name);
		return psprintf("%s::%s %s %s::%s", a_text, type, operator_name,
						b_text, type);
	}
	if (a_type == UUIDOID || b_type == UUIDOID)
		return psprintf("pg_catalog.lower(%s COLLATE pg_catalog.\"C\") OPERATOR(pg_catalog.=) pg_catalog.lower(%s COLLATE pg_catalog.\"C\")",
						a_text, b_text);
	return psprintf("%s OPERATOR(pg_catalog.=) %s COLLATE %s", a_text, b_text,
					OidIsValid(collation) ? collation_name(collation) :
					"pg_catalog.\"C\"");
}

/*
 * A condition that two identifiers are equal, in their own type if it is one.
 * a is the side whose index a look-up uses, so its collation decides.
 */
const char *
ledger_join(const LedgerRelation *a, const char *a_column,
			const LedgerRelation *b, const char *b_column)
{
	Oid			type;
	const char *operator_name;
	Oid			collation;

	(void) ledger_column(a, a_column);
	(void) ledger_column(b, b_column);
	type = ledger_column_type(a, a_column);
	if (type != ledger_column_type(b, b_column))
		return join_types(a, a_column, b, b_column);
	(void) equality_operator(type, &operator_name);
	collation = column_collation(a, a_column);
	return psprintf("%s %s %s%s", bare_column(a, a_column), operator_name,
					bare_column(b, b_column),
					collation == column_collation(b, b_column) ? "" :
					psprintf(" COLLATE %s", collation_name(collation)));
}

/*
 * The same for customer ids, as a look-up of one customer compares them: where
 * other spellings of an id are text, they must be the customer's own.
 */
const char *
ledger_join_customer(const LedgerRelation *relation,
					 const LedgerRelation *customer)
{
	Oid			type;
	const char *operator_name;

	(void) ledger_column(relation, "customer_id");
	(void) ledger_column(customer, "customer_id");
	type = ledger_column_type(relation, "customer_id");
	if (!is_string_type(type) ||
		ledger_types_agree(ledger_column_type(customer, "customer_id"), type))
		return ledger_join(relation, "customer_id", customer, "customer_id");
	(void) equality_operator(type, &operator_name);
	return psprintf("%s %s %s::%s", bare_column(relation, "customer_id"),
					operator_name, ledger_column(customer, "customer_id"),
					qualified_type(type));
}

/*
 * A condition that is only looked at where another one holds: what may raise
 * an error must not see another customer's rows, in whatever order the planner
 * tries conditions.
 */
const char *
ledger_guard(const char *first, const char *condition)
{
	return psprintf("CASE WHEN %s THEN %s END", first, condition);
}
