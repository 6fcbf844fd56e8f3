/*-------------------------------------------------------------------------
 *
 * ledger.c
 *	  Finding a ledger and its relations, and writing SQL over them.
 *
 *-------------------------------------------------------------------------
 */
#include "ledger.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

/* balance.ledger: the ledger of calls that pass none. */
static char *default_ledger = NULL;

void
ledger_init(void)
{
	DefineCustomStringVariable("balance.ledger",
							   "Names the ledger of calls that pass none.",
							   "A ledger is a schema that holds the relations which the documents read.",
							   &default_ledger,
							   "billing",
							   PGC_USERSET, 0,
							   NULL, NULL, NULL);
	MarkGUCPrefixReserved("balance");
}

void
report_null_argument(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 errmsg("%s must not be null", name)));
}

/* ---- the ledger ---- */

/*
 * The ledger that a regnamespace argument names or, where it is NULL, the
 * setting.  The caller's right to the schema is checked on every call, since
 * a kept plan no longer asks for it.
 */
Ledger
ledger_getarg(FunctionCallInfo fcinfo, int argno)
{
	Ledger		ledger;
	AclResult	acl;

	if (PG_ARGISNULL(argno))
	{
		ledger.schema = get_namespace_oid(default_ledger, true);
		if (!OidIsValid(ledger.schema))
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_SCHEMA),
					 errmsg("ledger \"%s\" does not exist", default_ledger),
					 errhint("Set balance.ledger to the schema that holds your relations, pass the schema as an argument, or create one with balance.create_ledger().")));
	}
	else
		ledger.schema = PG_GETARG_OID(argno);

	ledger.name = get_namespace_name(ledger.schema);
	if (ledger.name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_SCHEMA),
				 errmsg("ledger with OID %u does not exist", ledger.schema)));
	acl = schema_aclcheck(ledger.schema, GetUserId(), ACL_USAGE);
	if (acl != ACLCHECK_OK)
		aclcheck_error(acl, OBJECT_SCHEMA, ledger.name);
	return ledger;
}

/* ---- its relations ---- */

/* Whether a relation is of a kind that one can select from. */
bool
ledger_is_readable(Oid relid)
{
	char		relkind = get_rel_relkind(relid);

	return relkind == RELKIND_RELATION || relkind == RELKIND_PARTITIONED_TABLE ||
		relkind == RELKIND_VIEW || relkind == RELKIND_MATVIEW ||
		relkind == RELKIND_FOREIGN_TABLE;
}

/* Look a relation up; false if the ledger has none of that name. */
bool
ledger_find(const Ledger *ledger, const char *name, const char *alias,
			LedgerRelation *relation)
{
	relation->ledger = ledger;
	relation->spec = find_relation_spec(name);
	relation->alias = alias;
	relation->relid = get_relname_relid(name, ledger->schema);
	if (!OidIsValid(relation->relid))
		return false;
	if (!ledger_is_readable(relation->relid))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s.%s\" is not a table or view", ledger->name, name)));
	return true;
}

/* Raise 42P01 for a relation, or two of which one would do. */
void
report_missing_relation(const Ledger *ledger, const char *name,
						const char *alternative)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_TABLE),
			 alternative == NULL ?
			 errmsg("ledger \"%s\" has no relation \"%s\"", ledger->name, name) :
			 errmsg("ledger \"%s\" has no relation \"%s\" or \"%s\"",
					ledger->name, name, alternative),
			 errhint("Create a table or view %s.%s with the columns of a ledger's \"%s\".",
					 quote_identifier(ledger->name), name, name)));
}

void
ledger_require(const Ledger *ledger, const char *name, const char *alias,
			   LedgerRelation *relation)
{
	if (!ledger_find(ledger, name, alias, relation))
		report_missing_relation(ledger, name, NULL);
}

/* The relation as an item of a FROM clause. */
const char *
ledger_from(const LedgerRelation *relation)
{
	return psprintf("%s %s",
					quote_qualified_identifier(relation->ledger->name,
											   relation->spec->name),
					relation->alias);
}

/* ---- their columns ---- */

/* The column's type without domains, or InvalidOid if there is no such column. */
Oid
ledger_column_type(const LedgerRelation *relation, const char *column)
{
	HeapTuple	tuple = SearchSysCacheAttName(relation->relid, column);
	Oid			type;

	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	type = getBaseType(((Form_pg_attribute) GETSTRUCT(tuple))->atttypid);
	ReleaseSysCache(tuple);
	return type;
}

bool
ledger_has_column(const LedgerRelation *relation, const char *column)
{
	return OidIsValid(ledger_column_type(relation, column));
}

/*
 * A column as an expression of the type that it is read as.  Where it is
 * optional and missing, or its relation is, the expression is NULL.
 */
const char *
ledger_column(const LedgerRelation *relation, const char *column)
{
	const ColumnSpec *spec = find_column_spec(relation->spec, column);
	Oid			type = ledger_column_type(relation, column);
	const char *cast = column_type_cast(spec->type);
	const char *schema = relation->ledger->name;
	const char *name = relation->spec->name;

	if (!OidIsValid(type) && spec->required && OidIsValid(relation->relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("relation \"%s.%s\" has no column \"%s\"",
						schema, name, column),
				 errhint("Add the column, or provide it in a view %s.%s over your table; it must be %s.",
						 quote_identifier(schema), name,
						 column_type_words(spec->type))));
	if (!OidIsValid(type))
		return psprintf("NULL::%s", cast);
	if (!column_type_fits(type, spec->type))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of relation \"%s.%s\" is of type %s",
						column, schema, name, format_type_be(type)),
				 errdetail("It must be %s.", column_type_words(spec->type)),
				 errhint("Cast it in a view %s.%s over your table.",
						 quote_identifier(schema), name)));
	if (spec->type == COLUMN_DUE && type == TIMESTAMPTZOID)
		cast = column_type_cast(COLUMN_INSTANT);
	return psprintf("%s.%s::%s", relation->alias, column, cast);
}

/* A column as a sort key whose order is the same in every database. */
const char *
ledger_order(const LedgerRelation *relation, const char *column)
{
	Oid			type = ledger_column_type(relation, column);

	return psprintf("%s.%s%s", relation->alias, column,
					OidIsValid(get_typcollation(type)) ?
					" COLLATE pg_catalog.\"C\"" : "");
}

/* A new parameter of the query, or an equal one that it already has. */
const char *
ledger_parameter(LedgerQuery *query, Oid type, int argument)
{
	int			i;

	for (i = 0; i < query->nparameters; i++)
		if (query->type[i] == type && query->argument[i] == argument)
			break;
	if (i == query->nparameters)
	{
		if (i == MAX_QUERY_PARAMETERS)
			elog(ERROR, "too many parameters in a ledger query");
		query->type[i] = type;
		query->argument[i] = argument;
		query->nparameters++;
	}
	return psprintf("$%d", i + 1);
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

static bool
is_integer_type(Oid type)
{
	return type == INT2OID || type == INT4OID || type == INT8OID;
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
					format_type_extended(type, -1, FORMAT_TYPE_FORCE_QUALIFY));
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
	char		category;
	bool		preferred;

	get_type_category_preferred(type, &category, &preferred);
	if (strcmp(column, "customer_id") != 0 || category != TYPCATEGORY_STRING ||
		strcmp(relation->spec->name, "customer") == 0 ||
		!ledger_find(relation->ledger, "customer", "respelled", &customer) ||
		!ledger_has_column(&customer, "customer_id") ||
		ledger_types_agree(ledger_column_type(&customer, "customer_id"), type))
		return NULL;
	return psprintf("(SELECT pg_catalog.min(%s) FROM %s WHERE %s)::%s",
					ledger_column(&customer, "customer_id"),
					ledger_from(&customer),
					ledger_equals(query, &customer, "customer_id", argument),
					format_type_extended(type, -1, FORMAT_TYPE_FORCE_QUALIFY));
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
	char		category;
	bool		preferred;

	get_type_category_preferred(type, &category, &preferred);
	return category == TYPCATEGORY_STRING && type != TEXTOID &&
		type != VARCHAROID && type != BPCHAROID && type != NAMEOID;
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
		const char *type = format_type_extended(special, -1, FORMAT_TYPE_FORCE_QUALIFY);
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
 * A condition that is only looked at where another one holds: what may raise
 * an error must not see another customer's rows, in whatever order the planner
 * tries conditions.
 */
const char *
ledger_guard(const char *first, const char *condition)
{
	return psprintf("CASE WHEN %s THEN %s END", first, condition);
}

/* ---- the customer ---- */

/* Begin a document's query with the customer's columns. */
void
ledger_select_customer(const Ledger *ledger, LedgerQuery *query,
					   LedgerRelation *customer)
{
	if (ledger_find(ledger, "customer", "c", customer))
		appendStringInfo(&query->sql, "SELECT true, %s",
						 ledger_column(customer, "customer_id"));
	else
		appendStringInfoString(&query->sql, "SELECT false, NULL::pg_catalog.text");
}

/* The FROM clause: one row, with the customer's columns NULL if it is missing. */
void
ledger_from_customer(LedgerQuery *query, const LedgerRelation *customer)
{
	appendStringInfoString(&query->sql, "\nFROM (SELECT) AS one");
	if (OidIsValid(customer->relid))
		appendStringInfo(&query->sql, "\nLEFT JOIN %s ON %s",
						 ledger_from(customer),
						 ledger_equals(query, customer, "customer_id", 0));
}
