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
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "template.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "value/zone.h"

/* balance.ledger: the ledger of calls that pass none. */
static char *default_ledger = NULL;
static const struct config_generic *setting = NULL;

void
ledger_init(void)
{
	DefineCustomStringVariable("balance.ledger",
							   "Names the ledger of calls that pass none.",
							   "A ledger is a schema that holds the relations which the "
							   "documents read. "
							   "A SECURITY DEFINER function must have its own.",
							   &default_ledger,
							   "billing",
							   PGC_USERSET, 0,
							   NULL, NULL, NULL);
	setting = find_setting("balance.ledger");
}

/* ---- the ledger ---- */

/*
 * The role that chose the setting: the one that ran SET, or the session's user for
 * a setting of that role, as roles may alter their own.  What comes from the server
 * or the database counts as the bootstrap superuser's.
 */
static Oid
setting_chosen_by(void)
{
	if (setting->source == PGC_S_USER || setting->source == PGC_S_DATABASE_USER)
		return GetSessionUserId();
	return setting->srole;
}

/*
 * A SECURITY DEFINER function must not read, with its owner's rights, the
 * views that its caller chose.
 */
static void
check_setting(void)
{
	Oid			user = GetUserId();

	if (user == GetOuterUserId() ||
		has_privs_of_role(setting_chosen_by(), user))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("balance.ledger was set by \"%s\", and does not count for \"%s\"",
					GetUserNameFromId(setting_chosen_by(), false),
					GetUserNameFromId(user, false)),
			 errdetail("A SECURITY DEFINER function would read what its caller chose with the "
					   "rights of its owner."),
			 errhint("Pass the ledger as an argument, or SET balance.ledger in the function's "
					 "definition.")));
}

/*
 * A function that a cluster has sent here must not read the ledger that happens to be
 * set here, when who asks may have set another: no setting comes along.
 */
static void
check_setting_is_known(void)
{
	if (!session_serves_cluster() || setting->source >= PGC_S_CLIENT)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("the ledger that is set by who asks is not known here"),
			 errdetail("A cluster has opened this session, as its application_name \"%s\" tells, "
					   "and settings do not come with what it sends.", application_name),
			 errhint("Pass the ledger as an argument.")));
}

/*
 * The ledger that a regnamespace argument names or, where it is NULL, the
 * setting; whether or not the caller has a right to it.
 */
Ledger
ledger_named(FunctionCallInfo fcinfo, int argno)
{
	Ledger		ledger = {.by_setting = PG_ARGISNULL(argno)};

	if (ledger.by_setting)
	{
		check_setting();
		check_setting_is_known();
		ledger.schema = get_namespace_oid(default_ledger, true);
		if (!OidIsValid(ledger.schema))
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_SCHEMA),
					 errmsg("ledger \"%s\" does not exist", default_ledger),
					 errhint("Set balance.ledger to the schema that holds your relations, pass the "
							 "schema as an argument, or create one with "
							 "balance.create_ledger().")));
	}
	else
		ledger.schema = PG_GETARG_OID(argno);

	ledger.name = get_namespace_name(ledger.schema);
	if (ledger.name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_SCHEMA),
				 errmsg("ledger with OID %u does not exist", ledger.schema)));
	return ledger;
}

/*
 * The same for who is going to read it.  The caller's right to the schema is
 * checked on every call, since a saved plan no longer asks for it.
 */
Ledger
ledger_getarg(FunctionCallInfo fcinfo, int argno)
{
	Ledger		ledger = ledger_named(fcinfo, argno);
	AclResult	acl = schema_aclcheck(ledger.schema, GetUserId(), ACL_USAGE);

	if (acl != ACLCHECK_OK)
		aclcheck_error(acl, OBJECT_SCHEMA, ledger.name);
	ledger.consulted = palloc0(sizeof(uint32));
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

/*
 * Look a relation up; false if the ledger has none of that name.  Where it is
 * going to be read, it is locked as the parser would lock it, so that a query
 * which is composed for it still fits when it is run.
 */
bool
ledger_find(const Ledger *ledger, const char *name, const char *alias,
			LedgerRelation *relation)
{
	*relation = (LedgerRelation)
	{
		.ledger = ledger, .spec = find_relation_spec(name), .alias = alias
	};
	if (ledger->consulted == NULL)
		relation->relid = get_relname_relid(name, ledger->schema);
	else
	{
		*ledger->consulted |= 1U << (relation->spec - ledger_relations);
		relation->relid = RangeVarGetRelid(makeRangeVar(ledger->name, pstrdup(name), -1),
										   AccessShareLock, true);
	}
	if (!OidIsValid(relation->relid))
		return false;
	if (!ledger_is_readable(relation->relid))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s.%s\" is not a table or view", ledger->name, name)));
	return true;
}

/* Raise 42P01 for a relation, or several of which one would do. */
void
report_missing_relation(const Ledger *ledger, const List *names)
{
	const char *name = linitial(names);
	StringInfoData any;
	ListCell   *lc;

	initStringInfo(&any);
	foreach(lc, names)
		appendStringInfo(&any, "%s\"%s\"", any.len > 0 ? " or " : "", (char *) lfirst(lc));
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_TABLE),
			 errmsg("ledger \"%s\" has no relation %s", ledger->name, any.data),
			 errhint("Create a table or view %s.%s with the columns of a ledger's \"%s\".",
					 quote_identifier(ledger->name), name, name)));
}

void
ledger_require(const Ledger *ledger, const char *name, const char *alias,
			   LedgerRelation *relation)
{
	if (!ledger_find(ledger, name, alias, relation))
		report_missing_relation(ledger, list_make1(unconstify(char *, name)));
}

/* Whether what is read of a relation is its past, see past.c. */
bool
is_past(const LedgerRelation *relation)
{
	return relation->ledger->past != NULL &&
		(strcmp(relation->spec->name, "invoice") == 0 ||
		 strcmp(relation->spec->name, "credit_memo") == 0);
}

/* The relation as an item of a FROM clause. */
const char *
ledger_from(const LedgerRelation *relation)
{
	const char *past = relation->ledger->past == NULL ? NULL :
		relation->ledger->past_from(relation);

	if (past != NULL)
		return past;
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

/* Whether an invoice's due dates are instants, and not days. */
bool
ledger_has_due_instants(const LedgerRelation *invoice)
{
	return ledger_column_type(invoice, "due_date") == TIMESTAMPTZOID;
}

/* Refuse an identifier that "=" and an index tell apart by different rules. */
static void
require_collation(const LedgerRelation *relation, const char *column, Oid type)
{
	Oid			declared;
	int32		typmod;
	Oid			collation;

	get_atttypetypmodcoll(relation->relid, get_attnum(relation->relid, column),
						  &declared, &typmod, &collation);
	if (column_collation_fits(type, collation))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("column \"%s\" of relation \"%s.%s\" is of type %s with the nondeterministic "
					"collation \"%s\"",
					column, relation->ledger->name, relation->spec->name,
					format_type_be(type), get_collation_name(collation)),
			 errdetail("Operators of this type do not agree which of its values are equal under "
					   "such a collation."),
			 errhint("Cast it to text in a view %s.%s over your table.",
					 quote_identifier(relation->ledger->name),
					 relation->spec->name)));
}

/* Which of two columns has an amount cannot be guessed. */
static void
report_both_units(const LedgerRelation *relation, const ColumnSpec *amount)
{
	const char *minor = find_stand_in(amount)->name;

	ereport(ERROR,
			(errcode(ERRCODE_AMBIGUOUS_COLUMN),
			 errmsg("relation \"%s.%s\" has both column \"%s\" and column \"%s\"",
					relation->ledger->name, relation->spec->name, amount->name, minor),
			 errdetail("Nothing tells which of them has the amount: the former is in major "
					   "units, the latter in minor ones."),
			 errhint("Drop or rename one of them, or leave it out of a view %s.%s over your "
					 "table.",
					 quote_identifier(relation->ledger->name), relation->spec->name)));
}

/* Whether a relation has an amount in minor units, in the column that stands for it. */
bool
ledger_is_minor(const LedgerRelation *relation, const ColumnSpec *amount)
{
	const ColumnSpec *minor = find_stand_in(amount);

	if (minor == NULL || !ledger_has_column(relation, minor->name))
		return false;
	if (ledger_has_column(relation, amount->name))
		report_both_units(relation, amount);
	return true;
}

/* Whether a column that must be there is not, nor what may be in its place. */
bool
ledger_lacks_column(const LedgerRelation *relation, const ColumnSpec *spec)
{
	const ColumnSpec *minor = find_stand_in(spec);

	return spec->required && !ledger_has_column(relation, spec->name) &&
		(minor == NULL || !ledger_has_column(relation, minor->name));
}

/* A column that has what it is named for, likewise. */
static const char *
read_column(const LedgerRelation *relation, const char *column)
{
	const ColumnSpec *spec = find_column_spec(relation->spec, column);
	Oid			type = ledger_column_type(relation, column);
	const char *cast = column_kinds[spec->kind].cast;
	const char *schema = relation->ledger->name;
	const char *name = relation->spec->name;

	if (!OidIsValid(type) && spec->required && OidIsValid(relation->relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("relation \"%s.%s\" has no column \"%s\"",
						schema, name, column),
				 errhint("Add the column, or provide it in a view %s.%s over your table; it must "
						 "be %s.",
						 quote_identifier(schema), name, column_must_be(spec))));
	if (!OidIsValid(type))
		return psprintf("NULL::%s", cast);
	if (!column_type_fits(type, spec->kind))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of relation \"%s.%s\" is of type %s",
						column, schema, name, format_type_be(type)),
				 errdetail("It must be %s.", column_kinds[spec->kind].words),
				 errhint("Cast it in a view %s.%s over your table.",
						 quote_identifier(schema), name)));
	if (spec->kind == COLUMN_IDENTIFIER)
		require_collation(relation, column, type);
	if (spec->kind == COLUMN_DUE && type == TIMESTAMPTZOID)
		cast = column_kinds[COLUMN_INSTANT].cast;
	return psprintf("%s.%s::%s", relation->alias, column, cast);
}

/* The minor units that a relation has of an amount, as a bigint. */
const char *
ledger_minor_units(const LedgerRelation *relation, const ColumnSpec *amount)
{
	return read_column(relation, find_stand_in(amount)->name);
}

/* The same in major units, which what reads the past has found already. */
static const char *
amount_in_major(const LedgerRelation *relation, const ColumnSpec *amount)
{
	if (is_past(relation))
		return psprintf("%s.%s::%s", relation->alias, amount->name,
						column_kinds[COLUMN_MONEY].cast);
	return sql_fill("balance.from_minor_units({units}, {currency})",
					"units", ledger_minor_units(relation, amount),
					"currency", relation->currency != NULL ? relation->currency :
					ledger_column(relation, "currency"));
}

/*
 * A column as an expression of the type that it is read as.  Where it is
 * optional and missing, or its relation is, the expression is NULL.  An amount is
 * in major units, whatever it is kept in; of no known currency it is NULL then.
 */
const char *
ledger_column(const LedgerRelation *relation, const char *column)
{
	const ColumnSpec *spec = find_column_spec(relation->spec, column);

	return ledger_is_minor(relation, spec) ? amount_in_major(relation, spec) :
		read_column(relation, column);
}

/* A currency's code in upper case, as report rows show it and indexes have it. */
const char *
ledger_currency(const LedgerRelation *relation, const char *column)
{
	return sql_fill("upper({currency} COLLATE \"C\")",
					"currency", ledger_column(relation, column));
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
