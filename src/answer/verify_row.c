/*-------------------------------------------------------------------------
 *
 * verify_row.c
 *	  The rules of verify() about each row, tried in one pass.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "ledger/match.h"
#include "ledger/template.h"
#include "ledger/told_apart.h"
#include "utils/builtins.h"
#include "verify.h"
#include "verify_sound.h"

/* ---- what a row refers to ---- */

/* The columns of what is referred to that rules look at; ends with NULL. */
static const char *const *
columns_beside(const Verified *verified, const Reference *reference)
{
	static const char *const none[] = {NULL};

	for (const Beside *beside = verified->rules->beside; beside && beside->relation; beside++)
		if (strcmp(beside->relation, reference->other.spec->name) == 0)
			return beside->columns;
	return none;
}

/* The columns of what is referred to that it is joined by, and that rules look at. */
static const char *
reference_columns(const Verified *verified, const Reference *reference)
{
	const LedgerRelation *other = &reference->other;
	StringInfoData columns;

	initStringInfo(&columns);
	appendStringInfoString(&columns, ledger_join_keys(other, other->spec->key,
													  reference->joins_customer));
	for (const char *const *beside = columns_beside(verified, reference); *beside; beside++)
		if (ledger_has_column(other, *beside) &&
			!(reference->joins_customer && strcmp(*beside, "customer_id") == 0))
			appendStringInfo(&columns, ", %s.%s", other->alias, *beside);
	return columns.data;
}

/* What no two of them have in common as the column that refers tells them apart. */
static const char *
reference_distinct(const Verified *verified, const Reference *reference)
{
	const LedgerRelation *other = &reference->other;

	return psprintf(reference->joins_customer ? "%s, %s" : "%s",
					ledger_referred(&verified->relation, reference->column->name,
									other, other->spec->key),
					reference->joins_customer ?
					ledger_referred(&verified->relation, "customer_id", other, "customer_id") :
					"");
}

/* An order of them by all that rules look at, so that the first is always the same one. */
static const char *
reference_order(const Verified *verified, const Reference *reference)
{
	StringInfoData order;

	initStringInfo(&order);
	for (const char *const *beside = columns_beside(verified, reference); *beside; beside++)
		sql_append(&order, "{comma}{column}::text COLLATE \"C\"",
				   "comma", order.len > 0 ? ", " : "",
				   "column", ledger_column(&reference->other, *beside));
	return order.data;
}

/*
 * Join the one row that a reference names, or the first of them if there may be several:
 * of many rows then only those that are referred to are sorted.
 */
static void
join_reference(LedgerQuery *query, StringInfo sql, const Verified *verified,
			   const Reference *reference)
{
	const LedgerRelation *relation = &verified->relation;
	const LedgerRelation *other = &reference->other;
	const char *column = reference->column->name;
	const char *template;

	if (*columns_beside(verified, reference) == NULL || !OidIsValid(other->relid))
		return;
	if (reference->is_unique)
		template = "\n LEFT JOIN {other} ON {is_named}{asked}";
	else if (verified->one_customer)
		template = "\n LEFT JOIN LATERAL (SELECT {columns} FROM {other}"
			" WHERE {is_named}{asked} ORDER BY {order} LIMIT 1) AS {o} ON TRUE";
	else
		template = "\n LEFT JOIN (SELECT DISTINCT ON ({distinct}) {columns} FROM {other}"
			" WHERE EXISTS (SELECT 1 FROM {relation} WHERE {is_named})"
			" ORDER BY {distinct}, {order}) AS {o} ON {is_named}";
	sql_append(sql, template,
			   "o", other->alias, "other", ledger_from(other), "relation", ledger_from(relation),
			   "is_named", ledger_join(relation, column, other, other->spec->key),
			   "columns", reference_columns(verified, reference),
			   "distinct", reference_distinct(verified, reference),
			   "order", reference_order(verified, reference),
			   "asked", and_asked(query, verified, relation, column, other, other));
}

/* Those columns among those of the row c, as <noun>_<column>. */
static void
select_reference(StringInfo sql, const Verified *verified, const Reference *reference)
{
	const LedgerRelation *other = &reference->other;

	for (const char *const *beside = columns_beside(verified, reference); *beside; beside++)
		sql_append(sql, ", {value} AS {name}",
				   "value", OidIsValid(other->relid) ? ledger_column(other, *beside) :
				   "NULL::pg_catalog.text",
				   "name", psprintf("%s_%s", other->alias, *beside));
}

/* The sum of the applications of a row that are in force; one customer's are looked up. */
static void
join_applications(LedgerQuery *query, StringInfo sql, const Verified *verified)
{
	const LedgerRelation *relation = &verified->relation;
	const LedgerRelation *applications = &verified->applications;
	const char *key = relation->spec->key;

	sql_append(sql, verified->one_customer ?
			   "\n LEFT JOIN LATERAL (SELECT sum({amount}) AS applied FROM {from}"
			   " WHERE {is_of_row}{asked} AND {reversed} IS NULL) AS a ON TRUE" :
			   "\n LEFT JOIN (SELECT {keys}, sum({amount}) AS applied FROM {from}"
			   " WHERE {reversed} IS NULL GROUP BY {grouped}) AS a ON {is_of_row}",
			   "amount", ledger_column(applications, "amount_applied"),
			   "keys", ledger_sum_keys(applications, key, relation, false),
			   "grouped", ledger_sum_keys(applications, key, relation, true),
			   "from", ledger_from(applications),
			   "reversed", ledger_column(applications, "reversed_at"),
			   "is_of_row", ledger_join(applications, key, relation, key),
			   "asked", and_asked(query, verified, applications, key, relation, applications));
}

/*
 * The sum of the payments of a row in its currency that count, without what has a
 * rule of its own.
 */
static void
join_payments(LedgerQuery *query, StringInfo sql, const Verified *verified)
{
	const LedgerRelation *relation = &verified->relation;
	const LedgerRelation *payments = &verified->payments;
	const char *key = relation->spec->key;

	sql_append(sql, verified->one_customer ?
			   "\n LEFT JOIN LATERAL (SELECT sum({amount}) AS paid FROM {from}"
			   " WHERE {is_of_row}{asked} AND {currency} = {row_currency}"
			   " AND {counts}) AS p ON TRUE" :
			   "\n LEFT JOIN (SELECT {keys}, {currency} AS currency, sum({amount}) AS paid"
			   " FROM {from} WHERE {named} IS NOT NULL AND {counts}\n"
			   "  GROUP BY {grouped}, {currency}) AS p ON {is_of_row}"
			   " AND p.currency = {row_currency}",
			   "amount", ledger_column(payments, "amount"),
			   "keys", ledger_sum_keys(payments, key, relation, false),
			   "grouped", ledger_sum_keys(payments, key, relation, true),
			   "currency", ledger_currency(payments, "currency"),
			   "row_currency", ledger_currency(relation, "currency"),
			   "from", ledger_from(payments), "named", ledger_column(payments, key),
			   "counts",
			   sql_fill("{amount} < '1e131000'::numeric AND {amount} > '-1e131000'::numeric"
						" AND CASE WHEN balance.known_status('payment'::text, {status})"
						" IS NOT FALSE THEN balance.payment_counts({status}) END",
						"amount", ledger_column(payments, "amount"),
						"status", ledger_column(payments, "status")),
			   "is_of_row", ledger_join(payments, key, relation, key),
			   "asked", and_asked(query, verified, payments, key, relation, payments));
}

/* Whether payments can be added up by what they pay. */
static bool
has_payments(const Verified *verified)
{
	return OidIsValid(verified->payments.relid) &&
		ledger_has_column(&verified->payments, verified->relation.spec->key);
}

/* A relation of the query by its alias. */
static const LedgerRelation *
find_alias(const Verified *verified, const char *alias)
{
	const Reference *reference = verified->references;

	if (strcmp(alias, verified->relation.alias) == 0)
		return &verified->relation;
	while (strcmp(reference->other.alias, alias) != 0)
		reference++;
	return &reference->other;
}

/* Whether the customers of the invoice and of another row are the same. */
static const char *
same_customer(const Verified *verified, const char *alias)
{
	const LedgerRelation *invoice = find_alias(verified, "invoice");
	const LedgerRelation *other = find_alias(verified, alias);

	if (!OidIsValid(invoice->relid) || !OidIsValid(other->relid))
		return "NULL::pg_catalog.bool";
	return ledger_join_ids(other, "customer_id", invoice, "customer_id");
}

/* ---- columns as rules see them ---- */

/* Whether a column is of json, of which jsonb does not take everything. */
static bool
is_plain_json(const LedgerRelation *relation, const ColumnSpec *column)
{
	return column->kind == COLUMN_JSON &&
		ledger_column_type(relation, column->name) == JSONOID;
}

/*
 * A column as rules see it: json is left as it is.  Where a row does not tell what its
 * minor units are of, no rule asks for more than that they are there.
 */
static const char *
rule_column(const LedgerRelation *relation, const ColumnSpec *column)
{
	bool		has_currency = search_column_spec(relation->spec, "currency") != NULL;
	const char *expression = ledger_is_minor(relation, column) && !has_currency ?
		sql_fill("NULL::numeric") : ledger_column(relation, column->name);

	if (is_plain_json(relation, column))
		return psprintf("%s.%s::pg_catalog.json", relation->alias, column->name);
	return expression;
}

#if PG_VERSION_NUM < 160000
/* A text without all that a regular expression matches. */
static const char *
without(const char *value, const char *pattern)
{
	return sql_fill("regexp_replace({value}, {pattern}, '', 'g')",
					"value", value, "pattern", quote_literal_cstr(pattern));
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
	return sql_fill("pg_input_is_valid({json}, 'pg_catalog.jsonb')", "json", json);
#else
	const char *escapes = without(json, "\\\\\\\\");
	const char *unpaired = without(escapes, "\\\\u[dD][89abAB]..\\\\u[dD][c-fC-F]..");
	const char *outside = without(without(escapes, "\\\\\""), "\"[^\"]*\"");

	return sql_fill("({unpaired} !~ {escape} AND {outside} !~ {exponent})",
					"unpaired", unpaired,
					"escape", quote_literal_cstr("\\\\u(0000|[dD][89a-fA-F])"),
					"outside", outside,
					"exponent", quote_literal_cstr("[eE][+-]?[0-9]{5}"));
#endif
}

/* The kind of JSON that a column holds, if jsonb can hold it. */
static const char *
json_type(const LedgerRelation *relation, const ColumnSpec *column)
{
	if (!is_plain_json(relation, column))
		return sql_fill("jsonb_typeof(c.{column})", "column", column->name);
	return sql_fill("CASE WHEN NOT {fits} THEN 'json that jsonb cannot hold'"
					" ELSE json_typeof(c.{column}) END",
					"fits", json_fits_jsonb(psprintf("c.%s::pg_catalog.text", column->name)),
					"column", column->name);
}

/* ---- what a row is shown to breaks_no_rule() by ---- */

/* Names and values, under composition. */
typedef struct Shown
{
	StringInfoData names;
	StringInfoData values;
} Shown;

static void
show(Shown *shown, const char *name, const char *value)
{
	appendStringInfo(&shown->names, "%s%s", shown->names.len > 0 ? "," : "", name);
	appendStringInfo(&shown->values, ", %s", value);
}

/* Whether rules look at a column's values, be it only to see whether there is one. */
static bool
is_looked_at(const LedgerRelation *relation, const ColumnSpec *column)
{
	if (column->stands_for != NULL ||
		(!ledger_has_column(relation, column->name) && !ledger_is_minor(relation, column)))
		return false;
	return column->required ||
		(column->kind != COLUMN_IDENTIFIER && column->kind != COLUMN_TEXT &&
		 column->kind != COLUMN_BOOLEAN);
}

/* A column's value as it is: minor units are not divided, nor ids printed. */
static const char *
shown_column(const LedgerRelation *relation, const ColumnSpec *column)
{
	if (ledger_is_minor(relation, column))
		return ledger_minor_units(relation, column);
	if (column->kind == COLUMN_IDENTIFIER || column->kind == COLUMN_TEXT ||
		column->kind == COLUMN_BOOLEAN)
		return psprintf("%s.%s", relation->alias, column->name);
	return rule_column(relation, column);
}

static void
show_columns(Shown *shown, const LedgerRelation *relation)
{
	for (const ColumnSpec *column = relation->spec->columns; column->name; column++)
		if (is_looked_at(relation, column))
			show(shown, column->name, shown_column(relation, column));
}

/* What is to be the same of the row, or of another one, and of its invoice. */
static void
show_invoice(Shown *shown, const Verified *verified)
{
	const char *whose = verified->rules->customer_of;

	if (whose == NULL || !OidIsValid(find_alias(verified, "invoice")->relid) ||
		!OidIsValid(find_alias(verified, whose)->relid))
		return;
	show(shown, row_fact_names[FACT_SAME_CUSTOMER], same_customer(verified, whose));
	show(shown, row_fact_names[FACT_CURRENCY],
		 ledger_column(find_alias(verified, whose), "currency"));
	show(shown, row_fact_names[FACT_INVOICE_CURRENCY],
		 ledger_column(find_alias(verified, "invoice"), "currency"));
}

/* What is only known of some relations' rows. */
static void
show_facts(Shown *shown, const Verified *verified)
{
	const RelationRules *rules = verified->rules;

	for (const Reference *reference = verified->references; reference->column; reference++)
		for (const char *const *beside = columns_beside(verified, reference);
			 *beside && OidIsValid(reference->other.relid); beside++)
			if (strcmp(*beside, "invoice_status") == 0)
				show(shown, row_fact_names[FACT_INVOICE_STATUS],
					 ledger_column(&reference->other, *beside));
	if (OidIsValid(verified->applications.relid))
	{
		show(shown, row_fact_names[FACT_APPLIED], "a.applied");
		show(shown, row_fact_names[FACT_HAS_APPLICATIONS], "TRUE");
	}
	if (rules->adds_payments && has_payments(verified))
		show(shown, row_fact_names[FACT_PAID], "p.paid");
	if (verified->keeps_payments)
		show(shown, row_fact_names[FACT_KEEPS_PAYMENTS], "TRUE");
}

/* The condition that a row may break a rule, which the planner takes for rare. */
static const char *
may_break_rules(LedgerQuery *query, const Verified *verified)
{
	Shown		shown;

	initStringInfo(&shown.names);
	initStringInfo(&shown.values);
	show_columns(&shown, &verified->relation);
	show_invoice(&shown, verified);
	show_facts(&shown, verified);
	return sql_fill("balance.breaks_no_rule('{relation}'::text, {zone}::text, {names}{values})"
					" IS NULL",
					"relation", verified->relation.spec->name,
					"zone", ledger_parameter(query, TEXTOID, ARGUMENT_ZONE),
					"names", psprintf("'{%s}'::pg_catalog.text[]", shown.names.data),
					"values", shown.values.data);
}

/* ---- a row and what is known of it ---- */

/*
 * The row c: the columns, and what it refers to, from the joins that append; only
 * rows that are not known to be sound.
 */
static void
compose_columns(LedgerQuery *query, const Verified *verified)
{
	StringInfo	sql = &query->sql;
	const LedgerRelation *relation = &verified->relation;
	const RelationRules *rules = verified->rules;
	bool		has_applications = OidIsValid(verified->applications.relid);
	StringInfoData joins;

	initStringInfo(&joins);
	sql_append(sql, "SELECT {id} AS id", "id", row_id(relation));
	for (const ColumnSpec *column = relation->spec->columns; column->name; column++)
		if (column->stands_for == NULL || ledger_has_column(relation, column->name))
			sql_append(sql, ", {value} AS {column}",
					   "value", rule_column(relation, column), "column", column->name);
	for (const Reference *reference = verified->references; reference->column; reference++)
	{
		join_reference(query, &joins, verified, reference);
		select_reference(sql, verified, reference);
	}
	if (rules->customer_of != NULL)
		sql_append(sql, ", {same_customer} AS same_customer",
				   "same_customer", same_customer(verified, rules->customer_of));
	if (has_applications)
		join_applications(query, &joins, verified);
	if (rules->adds_applications)
		sql_append(sql, has_applications ? ", a.applied AS applied, TRUE AS has_applications" :
				   ", NULL::numeric AS applied, FALSE AS has_applications");
	if (has_payments(verified))
		join_payments(query, &joins, verified);
	if (rules->adds_payments)
		sql_append(sql, ", {paid} AS paid, {keeps_payments} AS keeps_payments",
				   "paid", has_payments(verified) ? "p.paid" : sql_fill("NULL::numeric"),
				   "keeps_payments", verified->keeps_payments ? "TRUE" : "FALSE");
	sql_append(sql, "\n FROM {rows}{joins}\n WHERE {may_break_rules}",
			   "rows", verified_rows(query, verified), "joins", joins.data,
			   "may_break_rules", may_break_rules(query, verified));
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
	ListCell   *lc;

	appendStringInfoString(sql, "(SELECT c.*");
	foreach(lc, row_facts(relation->spec, verified->rules))
	{
		const Fact *fact = lfirst(lc);

		sql_append(sql, ",\n {value} AS {name}", "value", fact->expression, "name", fact->name);
	}
	for (const ColumnSpec *column = relation->spec->columns; column->name; column++)
		if (column->kind == COLUMN_JSON)
			sql_append(sql, ",\n {value} AS {column}_type",
					   "value", json_type(relation, column), "column", column->name);
	appendStringInfoString(sql, "\n FROM (");
	compose_columns(query, verified);
	sql_append(sql, ") AS c OFFSET '0'::int8) AS x");
}

/* ---- the rules ---- */

/* The rules as rows beside x, of which those that it breaks are told. */
bool
compose_row_rules(LedgerQuery *query, const Verified *verified, const Reference *reference)
{
	const char *zone = ledger_parameter(query, TEXTOID, ARGUMENT_ZONE);
	StringInfoData values;
	ListCell   *lc;

	initStringInfo(&values);
	foreach(lc, row_rules(&verified->relation, verified->rules, zone))
	{
		const Rule *rule = lfirst(lc);

		sql_append(&values, "{comma}\n ('{rule}', {violated}, {expected}, {found})",
				   "comma", values.len > 0 ? "," : "", "rule", rule->name,
				   "violated", rule->violated, "expected", rule->expected,
				   "found", rule->found);
	}
	select_violation(query, "v.rule", &verified->relation, "x.id", "v.expected", "v.found");
	compose_row(query, verified);
	sql_append(&query->sql,
			   "\nCROSS JOIN LATERAL (VALUES{values})"
			   " AS v(rule, violated, expected, found)\nWHERE v.violated",
			   "values", values.data);
	return true;
}
