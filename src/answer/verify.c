/*-------------------------------------------------------------------------
 *
 * verify.c
 *	  What is wrong with the data of a ledger: one row per violation.
 *
 * Every relation is read once for the rules about its rows, all of which are
 * tried on each row, beside what the row refers to; and once for each relation
 * that it refers to and for each of the few rules about several rows.  The whole ledger is joined by hashing, one
 * customer's rows by looking up.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "ledger/ledger.h"
#include "ledger/match.h"
#include "ledger/plan.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"
#include "verify_rules.h"

/* A relation under verification. */
typedef struct Verified
{
	const Ledger *ledger;
	LedgerRelation relation;	/* its rows are r */
	const RelationRules *rules;
	LedgerRelation applications;	/* that are added up, if any */
	bool		one_customer;
} Verified;

/* ---- whose rows ---- */

/* A relation that a query reads, and a condition on its rows. */
typedef struct Owner
{
	LedgerRelation relation;
	const char *customer_is;
} Owner;

/* The owner of rows that have no customer of their own; false if it is missing. */
static bool
find_owner(LedgerQuery *query, const Ledger *ledger, const char *name,
		   const char *alias, Owner *owner)
{
	if (!ledger_find(ledger, name, alias, &owner->relation))
		return false;
	owner->customer_is = ledger_equals(query, &owner->relation, "customer_id", 0);
	return true;
}

static const char *
exists_owner(const Owner *owner, const char *key, const LedgerRelation *relation)
{
	return psprintf("EXISTS (SELECT FROM %s WHERE %s AND %s)",
					ledger_from(&owner->relation), owner->customer_is,
					ledger_join(relation, key, &owner->relation, key));
}

/*
 * The applications of the customer's memos, and those to the customer's
 * invoices, whoever's memo it is.
 */
static const char *
customers_applications(LedgerQuery *query, const LedgerRelation *relation)
{
	Owner		memo;
	Owner		invoice;
	bool		has_memo = find_owner(query, relation->ledger, "credit_memo", "m", &memo);
	bool		has_invoice = find_owner(query, relation->ledger, "invoice", "i", &invoice);
	const char *of_memo = has_memo ?
		exists_owner(&memo, "credit_memo_id", relation) : "false";
	const char *to_invoice = has_invoice ?
		exists_owner(&invoice, "invoice_id", relation) : "false";
	const char *from = ledger_from(relation);

	return psprintf("(SELECT %s.* FROM %s WHERE %s\n"
					" UNION ALL SELECT %s.* FROM %s WHERE %s AND NOT %s) AS %s",
					relation->alias, from, of_memo, relation->alias, from,
					to_invoice, of_memo, relation->alias);
}

/* The relation as an item of a FROM clause: all rows, or one customer's. */
static const char *
source(LedgerQuery *query, const Verified *verified)
{
	const LedgerRelation *relation = &verified->relation;
	const char *lookup = relation->spec->lookup;
	const char *condition;
	Owner		invoice;

	if (!verified->one_customer)
		return ledger_from(relation);
	if (strcmp(lookup, "credit_memo_id") == 0)
		return customers_applications(query, relation);
	if (strcmp(lookup, "customer_id") == 0)
		condition = ledger_equals(query, relation, "customer_id", 0);
	else if (find_owner(query, relation->ledger, "invoice", "i", &invoice))
		condition = exists_owner(&invoice, lookup, relation);
	else
		condition = "false";
	return psprintf("(SELECT %s.* FROM %s WHERE %s) AS %s", relation->alias,
					ledger_from(relation), condition, relation->alias);
}

/* ---- what a row refers to ---- */

/* The relation that a reference is about; false if there is nothing to look at. */
static bool
find_reference(const Verified *verified, const Reference *reference, LedgerRelation *other)
{
	return ledger_find(verified->ledger, reference->relation, reference->name, other) &&
		ledger_has_column(&verified->relation, reference->column);
}

/*
 * Join the one row that a reference names, or one of them if there are several.
 * Of many rows only those are sorted that somebody refers to.
 */
static void
join_reference(StringInfo sql, const Verified *verified,
			   const Reference *reference, const LedgerRelation *other)
{
	const LedgerRelation *relation = &verified->relation;
	const char *alias = other->alias;
	const char *is_named = ledger_join(relation, reference->column, other,
									   reference->key);
	StringInfoData columns;

	initStringInfo(&columns);
	for (int i = 0; reference->columns[i] != NULL; i++)
		if (ledger_has_column(other, reference->columns[i]))
			appendStringInfo(&columns, ", %s.%s", alias, reference->columns[i]);
	if (verified->one_customer)
		appendStringInfo(sql,
						 "\n LEFT JOIN LATERAL (SELECT %s.%s%s FROM %s WHERE %s LIMIT 1)"
						 " AS %s ON true",
						 alias, reference->key, columns.data, ledger_from(other),
						 is_named, alias);
	else
		appendStringInfo(sql,
						 "\n LEFT JOIN (SELECT DISTINCT ON (%s.%s) %s.%s%s FROM %s"
						 " WHERE EXISTS (SELECT FROM %s WHERE %s)) AS %s ON %s",
						 alias, reference->key, alias, reference->key, columns.data,
						 ledger_from(other), ledger_from(relation), is_named, alias,
						 is_named);
}

/* The columns of a reference, among those of the row c. */
static void
select_reference(StringInfo sql, const Reference *reference, const LedgerRelation *other)
{
	for (int i = 0; reference->columns[i] != NULL; i++)
		appendStringInfo(sql, ", %s AS %s_%s",
						 OidIsValid(other->relid) ?
						 ledger_column(other, reference->columns[i]) :
						 "NULL::pg_catalog.text",
						 reference->name, reference->columns[i]);
}

/*
 * The sum of the applications that a row's key adds up; one customer's are
 * looked up.
 */
static void
join_applications(StringInfo sql, const Verified *verified)
{
	const LedgerRelation *relation = &verified->relation;
	const LedgerRelation *applications = &verified->applications;
	const char *key = verified->rules->applied_by;
	const char *sum = psprintf("pg_catalog.sum(%s) AS applied",
							   ledger_column(applications, "amount_applied"));
	const char *from = ledger_from(applications);

	if (verified->one_customer)
		appendStringInfo(sql, "\n LEFT JOIN LATERAL (SELECT %s FROM %s WHERE %s) AS a ON true",
						 sum, from, ledger_join(applications, key, relation, key));
	else
		appendStringInfo(sql, "\n LEFT JOIN (SELECT a.%s, %s FROM %s GROUP BY 1) AS a ON %s",
						 key, sum, from, ledger_join(applications, key, relation, key));
}

/* ---- a row and what is known of it ---- */

/*
 * A column as rules see it.  json is left as it is, as not all of it can be
 * read as jsonb.
 */
static const char *
rule_column(const LedgerRelation *relation, const ColumnSpec *column)
{
	const char *expression = ledger_column(relation, column->name);

	if (column->kind == COLUMN_JSON &&
		ledger_column_type(relation, column->name) == JSONOID)
		return psprintf("%s.%s::pg_catalog.json", relation->alias, column->name);
	return expression;
}

#if PG_VERSION_NUM < 160000
/* A text without all that a regular expression matches. */
static const char *
without(const char *value, const char *pattern)
{
	return psprintf("pg_catalog.regexp_replace(%s, %s, '', 'g')", value,
					quote_literal_cstr(pattern));
}
#endif

/*
 * Whether jsonb can hold a json text.  Before PostgreSQL 16 there is no asking:
 * it cannot hold \u0000, half a surrogate pair, or an exponent of five digits.
 */
static const char *
json_fits_jsonb(const char *json)
{
#if PG_VERSION_NUM >= 160000
	return psprintf("pg_catalog.pg_input_is_valid(%s, 'pg_catalog.jsonb')", json);
#else
	const char *escapes = without(json, "\\\\\\\\");
	const char *unpaired = without(escapes, "\\\\u[dD][89abAB]..\\\\u[dD][c-fC-F]..");
	const char *outside = without(without(escapes, "\\\\\""), "\"[^\"]*\"");

	return psprintf("(%s" OP("!~") "%s AND %s" OP("!~") "%s)",
					unpaired, quote_literal_cstr("\\\\u(0000|[dD][89a-fA-F])"),
					outside, quote_literal_cstr("[eE][+-]?[0-9]{5}"));
#endif
}

/* The kind of JSON that a column holds, if jsonb can hold it. */
static const char *
json_type(const LedgerRelation *relation, const char *column)
{
	if (ledger_column_type(relation, column) != JSONOID)
		return psprintf("pg_catalog.jsonb_typeof(c.%s)", column);
	return psprintf("CASE WHEN NOT %s THEN 'json that jsonb cannot hold'"
					" ELSE pg_catalog.json_typeof(c.%s) END",
					json_fits_jsonb(psprintf("c.%s::pg_catalog.text", column)), column);
}

/*
 * Whether the customers of two relations are the same: those of the invoice
 * and of what refers to it.
 */
static const char *
same_customer(const LedgerRelation *invoice, const LedgerRelation *other)
{
	if (!OidIsValid(invoice->relid) || !OidIsValid(other->relid))
		return "NULL::pg_catalog.bool";
	return ledger_join_ids(other, "customer_id", invoice, "customer_id");
}

/* The row c: the columns, and what it refers to, from the joins that append. */
static void
compose_columns(LedgerQuery *query, const Verified *verified)
{
	StringInfo	sql = &query->sql;
	const LedgerRelation *relation = &verified->relation;
	const RelationSpec *spec = relation->spec;
	const Reference *references = verified->rules->references;
	LedgerRelation others[2];
	StringInfoData joins;

	initStringInfo(&joins);
	appendStringInfo(sql, "SELECT %s AS id",
					 ledger_column(relation, spec->key != NULL ? spec->key : spec->lookup));
	for (const ColumnSpec *column = spec->columns; column->name; column++)
		appendStringInfo(sql, ", %s AS %s", rule_column(relation, column), column->name);
	for (int i = 0; references[i].name != NULL; i++)
	{
		if (!find_reference(verified, &references[i], &others[i]))
			others[i].relid = InvalidOid;
		else if (references[i].columns[0] != NULL)
			join_reference(&joins, verified, &references[i], &others[i]);
		select_reference(sql, &references[i], &others[i]);
	}
	if (strcmp(spec->name, "credit_memo") == 0)
		appendStringInfo(sql, ", %s AS same_customer", same_customer(&others[1], relation));
	else if (strcmp(spec->name, "credit_memo_application") == 0)
		appendStringInfo(sql, ", %s AS same_customer", same_customer(&others[1], &others[0]));
	if (OidIsValid(verified->applications.relid))
		join_applications(&joins, verified);
	if (verified->rules->applied_by != NULL)
		appendStringInfo(sql, ", %s AS applied, %s AS has_applications",
						 OidIsValid(verified->applications.relid) ?
						 "a.applied" : "NULL::pg_catalog.numeric",
						 OidIsValid(verified->applications.relid) ? "true" : "false");
	appendStringInfo(sql, "\n FROM %s%s", source(query, verified), joins.data);
}

/*
 * The row x: c and its facts, each told once, which OFFSET sees to.  That it is
 * of its own type lets the planner see at once that it leaves out nothing, and
 * take workers.
 */
static void
compose_row(LedgerQuery *query, const Verified *verified)
{
	StringInfo	sql = &query->sql;
	const LedgerRelation *relation = &verified->relation;

	appendStringInfoString(sql, "(SELECT c.*");
	for (const Fact *fact = verified->rules->facts; fact->name; fact++)
		appendStringInfo(sql, ",\n %s AS %s", fact->expression, fact->name);
	if (strcmp(relation->spec->name, "credit_memo") == 0)
		appendStringInfo(sql, ",\n %s AS line_items_type", json_type(relation, "line_items"));
	appendStringInfoString(sql, "\n FROM (");
	compose_columns(query, verified);
	appendStringInfoString(sql, ") AS c OFFSET '0'::pg_catalog.int8) AS x");
}

/* ---- the rules ---- */

/* Append a rule's SQL; @due stands for the type that due_date is read as. */
static void
append_rule(StringInfo sql, const char *text, const char *due_type)
{
	const char *mark;

	for (; (mark = strstr(text, "@due")) != NULL; text = mark + strlen("@due"))
	{
		appendBinaryStringInfo(sql, text, mark - text);
		appendStringInfoString(sql, due_type);
	}
	appendStringInfoString(sql, text);
}

/*
 * All rules tried on each row.  A row is first put to all of them at once,
 * since nearly all rows break none; only then it is told which.  The planner is
 * to know that, too, or it takes no workers: it takes an OR for true of every
 * row, but a number for one of many.
 */
static void
compose_rules(StringInfo sql, const Rule *rules, const char *due_type)
{
	const Rule *rule = &missing_id_rule;
	StringInfoData any;

	initStringInfo(&any);
	appendStringInfoString(sql, "\nCROSS JOIN LATERAL (VALUES");
	while (rule->name != NULL)
	{
		append_rule(sql, psprintf("%s\n ('%s', %s, %s, %s)", any.len == 0 ? "" : ",",
								  rule->name, rule->violated, rule->expected,
								  rule->found),
					due_type);
		append_rule(&any, psprintf("%s\n (%s)", any.len == 0 ? "" : " OR", rule->violated),
					due_type);
		rule = rule == &missing_id_rule ? rules : rule + 1;
	}
	appendStringInfo(sql, ") AS v(rule, violated, expected, found)\n"
					 "WHERE v.violated AND (%s)::pg_catalog.int4" OP("=") "1",
					 any.data);
}

/* A query's result columns, which are those of verify(). */
static void
select_violation(StringInfo sql, const char *rule, const LedgerRelation *relation,
				 const char *id, const char *expected, const char *found)
{
	appendStringInfo(sql, "SELECT %s::pg_catalog.text, '%s'::pg_catalog.text, %s, %s, %s\nFROM ",
					 rule, relation->spec->name, id, expected, found);
}

/* The rules about each row. */
static bool
compose_row_rules(LedgerQuery *query, const Verified *verified)
{
	const LedgerRelation *relation = &verified->relation;
	const char *due_type = "pg_catalog.date";

	if (strcmp(relation->spec->name, "invoice") == 0 &&
		ledger_column_type(relation, "due_date") == TIMESTAMPTZOID)
		due_type = "pg_catalog.timestamptz";
	select_violation(&query->sql, "v.rule", relation, "x.id", "v.expected", "v.found");
	compose_row(query, verified);
	compose_rules(&query->sql, verified->rules->rules, due_type);
	return true;
}

/* Ids that are there more than once; a copy of one customer's may be another's. */
static bool
compose_duplicate_ids(LedgerQuery *query, const Verified *verified)
{
	const LedgerRelation *relation = &verified->relation;
	const char *key = relation->spec->key;
	LedgerRelation same = *relation;
	StringInfo	sql = &query->sql;

	if (key == NULL)
		return false;
	same.alias = "same";
	select_violation(sql, "'" DUPLICATE_ID "'", relation,
					 psprintf("pg_catalog.min(%s COLLATE pg_catalog.\"C\")",
							  ledger_column(&same, key)),
					 "'1 row'", "pg_catalog.count(*)::pg_catalog.text" OP("||") "' rows'");
	appendStringInfoString(sql, ledger_from(&same));
	if (verified->one_customer)
		appendStringInfo(sql, "\nJOIN (SELECT DISTINCT %s.%s FROM %s) AS %s ON %s",
						 relation->alias, key, source(query, verified), relation->alias,
						 ledger_join(&same, key, relation, key));
	appendStringInfo(sql,
					 "\nWHERE same.%s IS NOT NULL GROUP BY same.%s"
					 " HAVING pg_catalog.count(*)" OP(">") "1",
					 key, key);
	return true;
}

/*
 * Numbers that two of a customer's invoices have, which are the seller's too.
 * A void one may have been replaced under its number.
 */
static bool
compose_duplicate_numbers(LedgerQuery *query, const Verified *verified)
{
	const LedgerRelation *relation = &verified->relation;
	StringInfo	sql = &query->sql;
	const char *id;
	const char *number;

	if (strcmp(relation->spec->name, "invoice") != 0 ||
		!ledger_has_column(relation, "number"))
		return false;
	id = psprintf("%s COLLATE pg_catalog.\"C\"", ledger_column(relation, "invoice_id"));
	number = psprintf("pg_catalog.min(%s COLLATE pg_catalog.\"C\")",
					  ledger_column(relation, "number"));
	select_violation(sql, "'" DUPLICATE_NUMBER "'", relation,
					 psprintf("pg_catalog.max(%s)", id),
					 psprintf("'1 invoice with number '" OP("||") "%s", number),
					 "pg_catalog.count(*)::pg_catalog.text" OP("||") "' invoices'");
	appendStringInfo(sql, "%s\nWHERE %s" OP("<>") "''"
					 " AND CASE WHEN balance.known_status('invoice_status'::pg_catalog.text, %s)"
					 " THEN balance.invoice_class(%s, NULL::pg_catalog.text)" OP("<>") "'void'"
					 " ELSE true END\n"
					 "GROUP BY %s.customer_id, %s.number"
					 " HAVING pg_catalog.min(%s)" OP("<>") "pg_catalog.max(%s)",
					 source(query, verified), ledger_column(relation, "number"),
					 ledger_column(relation, "invoice_status"),
					 ledger_column(relation, "invoice_status"),
					 relation->alias, relation->alias, id, id);
	return true;
}

/*
 * Ids that their own relation tells apart and a column that refers to them does
 * not: whatever reads both raises an error.
 */
static void
compose_ambiguous_ids(LedgerQuery *query, const Verified *verified,
					  const char *column, const LedgerRelation *other)
{
	StringInfo	sql = &query->sql;
	const LedgerRelation *relation = &verified->relation;
	const char *id = ledger_id_text(other, column);
	const char *referred = ledger_referred(relation, column, other, column);

	select_violation(sql, "'" AMBIGUOUS_ID "'", other, "x.id",
					 psprintf("'an id that %s.%s tells from all others'",
							  relation->spec->name, column),
					 "x.alike::pg_catalog.text" OP("||") "' ids'");
	appendStringInfo(sql, "(SELECT %s AS id, %s AS referred,"
					 " pg_catalog.count(*) OVER (PARTITION BY %s) AS alike\n"
					 " FROM (SELECT DISTINCT %s.%s FROM %s) AS %s) AS x\n"
					 "WHERE x.alike" OP(">") "1 AND x.referred IS NOT NULL",
					 id, referred, referred,
					 other->alias, column, ledger_from(other), other->alias);
	if (verified->one_customer)
		appendStringInfo(sql, "\n AND x.id" OP("=") "ANY (SELECT %s FROM %s WHERE %s)",
						 id, ledger_from(other),
						 ledger_equals(query, other, "customer_id", 0));
}

/* Rows that name one which is not there. */
static bool
compose_missing(LedgerQuery *query, const Verified *verified, const Reference *reference)
{
	const LedgerRelation *relation = &verified->relation;
	const RelationSpec *spec = relation->spec;
	const char *names;
	LedgerRelation other;

	if (!find_reference(verified, reference, &other))
		return false;
	names = ledger_column(relation, reference->column);
	select_violation(&query->sql, psprintf("'unknown_%s'", reference->name), relation,
					 ledger_column(relation, spec->key != NULL ? spec->key : spec->lookup),
					 psprintf("'an existing %s'", reference->name), names);
	appendStringInfo(&query->sql,
					 "%s\nWHERE %s IS NOT NULL AND NOT EXISTS (SELECT FROM %s WHERE %s)",
					 source(query, verified), names, ledger_from(&other),
					 ledger_join(relation, reference->column, &other, reference->key));
	return true;
}

/* ---- running ---- */

/* One query for each column of the relation that refers to another one. */
static void
verify_references(const Verified *verified, const LedgerArgument *customer,
				  ReturnSetInfo *result)
{
	const LedgerRelation *relation = &verified->relation;

	for (const ColumnSpec *column = relation->spec->columns; column->name; column++)
	{
		const char *referred = column->refers_to;
		LedgerQuery query = {.nparameters = 0, .unchecked = true};
		LedgerRelation other;

		if (referred == NULL || !ledger_has_column(relation, column->name) ||
			!ledger_find(relation->ledger, referred, "k", &other) ||
			!ledger_confuses(relation, column->name, &other, other.spec->key))
			continue;
		initStringInfo(&query.sql);
		compose_ambiguous_ids(&query, verified, column->name, &other);
		ledger_store(verified->ledger, &query, customer, result);
	}
}

/* The same for what is not there. */
static void
verify_missing(const Verified *verified, const LedgerArgument *customer,
			   ReturnSetInfo *result)
{
	for (const Reference *reference = verified->rules->references; reference->name; reference++)
	{
		LedgerQuery query = {.nparameters = 0, .unchecked = true};

		initStringInfo(&query.sql);
		if (compose_missing(&query, verified, reference))
			ledger_store(verified->ledger, &query, customer, result);
	}
}

/* Put all that is wrong with a relation into the result. */
static void
verify_relation(const Verified *verified, const LedgerArgument *customer,
				ReturnSetInfo *result)
{
	bool		(*const composers[]) (LedgerQuery *query, const Verified *verified) = {
		compose_row_rules, compose_duplicate_ids, compose_duplicate_numbers
	};

	for (int i = 0; i < lengthof(composers); i++)
	{
		LedgerQuery query = {.nparameters = 0, .unchecked = true};

		initStringInfo(&query.sql);
		if (composers[i] (&query, verified))
			ledger_store(verified->ledger, &query, customer, result);
	}
	verify_missing(verified, customer, result);
	verify_references(verified, customer, result);
}

PG_FUNCTION_INFO_V1(verify);
Datum
verify(PG_FUNCTION_ARGS)
{
	Ledger		ledger = ledger_getarg(fcinfo, 0);
	LedgerArgument customer = {PG_GETARG_DATUM(1), PG_ARGISNULL(1)};

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	for (int i = 0; i < NUM_LEDGER_RELATIONS; i++)
	{
		Verified	verified = {
			.ledger = &ledger,
			.rules = &relation_rules[i],
			.one_customer = !customer.isnull
		};

		if (!ledger_find(&ledger, ledger_relations[i].name, "r", &verified.relation))
			continue;
		if (verified.rules->applied_by != NULL)
			(void) ledger_find(&ledger, "credit_memo_application", "a",
							   &verified.applications);
		verify_relation(&verified, &customer, (ReturnSetInfo *) fcinfo->resultinfo);
	}
	SPI_finish();
	return (Datum) 0;
}

/* ---- for people ---- */

/* The columns of the query, and of verify_summary(). */
enum
{
	SUMMARY_RULE = 1,
	SUMMARY_ROWS,
	SUMMARY_EXAMPLE,
	SUMMARY_COLUMNS = SUMMARY_EXAMPLE + 1
};

PG_FUNCTION_INFO_V1(verify_summary);
Datum
verify_summary(PG_FUNCTION_ARGS)
{
	Ledger		ledger = ledger_getarg(fcinfo, 0);
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	LedgerQuery query = {.nparameters = 0};

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	initStringInfo(&query.sql);
	appendStringInfo(&query.sql,
					 "SELECT v.rule, pg_catalog.count(*), (pg_catalog.array_agg("
					 "pg_catalog.concat_ws(' ', v.relation, v.id) ORDER BY v.relation, v.id"
					 " COLLATE pg_catalog.\"C\"))[1]\n"
					 "FROM balance.verify(%u::pg_catalog.regnamespace,"
					 " NULL::pg_catalog.text) AS v\n"
					 "GROUP BY v.rule ORDER BY 2 DESC, v.rule COLLATE pg_catalog.\"C\"",
					 ledger.schema);
	ledger_execute_once(&ledger, &query, NULL);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		Datum		values[SUMMARY_COLUMNS];
		bool		nulls[SUMMARY_COLUMNS];

		for (int column = SUMMARY_RULE; column <= SUMMARY_EXAMPLE; column++)
			values[column - 1] = result_value(row, column, &nulls[column - 1]);
		values[SUMMARY_EXAMPLE] =
			CStringGetTextDatum(rule_action(text_to_cstring(result_text(row, SUMMARY_RULE))));
		nulls[SUMMARY_EXAMPLE] = false;
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	SPI_finish();
	return (Datum) 0;
}
