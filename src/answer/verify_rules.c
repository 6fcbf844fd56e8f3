/*-------------------------------------------------------------------------
 *
 * verify_rules.c
 *	  The rules that verify() tries: those that follow from what a column is,
 *	  and those that are said of a relation.
 *
 *-------------------------------------------------------------------------
 */
#include "verify_rules.h"

#include "ledger/template.h"
#include "position/cell.h"

#define UPPER(expression)	"upper(" expression " COLLATE \"C\")"

/* A status without the characters that the vocabulary ignores. */
#define PLAIN(status)		"translate(lower(" status " COLLATE \"C\"), '-_ ', '')"

/* A column's value as text, that of an instant in the zone of who asks. */
#define DAY(column)			"balance.iso_text(x." column "::date)"
#define INSTANT(column)		"balance.iso_text(x." column "::timestamptz, {zone})"

#define PARTIAL_WORDS		"'{partiallypaid,partlypaid,partial}'::text[]"
#define WRITTEN_OFF_WORDS	"'{writtenoff,uncollectible}'::text[]"

/*
 * So large that a sum may be past numeric's range.  NaN is above infinity, so
 * two comparisons find it, and both infinities.
 */
#define LARGE				"'1e131000'::numeric"

/* ---- rules that follow from a column ---- */

static const Rule missing_id = {"null_value", "x.id IS NULL", "'an id'", "'null'"};

static const Rule missing_value = {
	"null_value", "x.{column} IS NULL", "'{column} is not null'", "'null'"
};

static const Rule unknown_currency = {
	"unknown_currency", "NOT balance.known_currency(x.{column})",
	"'an ISO 4217 code'", "x.{column}"
};

static const Rule withdrawn_currency = {
	"withdrawn_currency", "x.out_of_use IS NOT NULL AND ({outdated})",
	"'a currency in force'", "x.{column}"
};

/* Nearly every row has a class, which says that its words are known. */
static const Rule unknown_status = {
	"unknown_status",
	"x.class IS NULL AND NOT balance.known_status('{vocabulary}'::text, x.{column})",
	"'a known {column}'", "x.{column}"
};

static const Rule infinite_number = {
	"not_finite", "x.{column} >= " LARGE " OR x.{column} <= '-1e131000'::numeric",
	"'a finite {column}'", "left(x.{column}::text, 60)"
};

static const Rule excess_decimals = {
	"excess_decimals", "scale(trim_scale(x.{column})) > x.digits",
	"'{column} with at most ' || x.digits::text || ' decimals'", "x.{column}::text"
};

/* What a document has to show as a date, or to place in a period. */
static const Rule infinite_date = {
	"not_finite", "NOT isfinite(x.{column})", "'a finite {column}'", "{shown}"
};

/* The literals are read as dates or instants, as the column is. */
static const Rule date_out_of_range = {
	"date_out_of_range",
	"isfinite(x.{column}) AND (x.{column} < '0001-01-01 00:00:00+00'"
	" OR x.{column} >= '10000-01-01 00:00:00+00')",
	"'{column} in the years 0001 to 9999'", "{shown}"
};

/* It has the name of its column. */
static const Rule not_object = {
	NULL, "x.{column}_type <> 'object'", "'an object'", "x.{column}_type"
};

/* ---- invoice ---- */

/* Dated when a currency was certainly out of use. */
#define SINCE_WITHDRAWN(day, column)	day " >= x.out_of_use AND isfinite(x." column ")"
#define DAY_SINCE_WITHDRAWN(column)		SINCE_WITHDRAWN("x." column, column)
#define INSTANT_SINCE_WITHDRAWN(column) \
	SINCE_WITHDRAWN("balance.day_in(x." column "::timestamptz, {zone})", column)

#define KNOWN_WORD(vocabulary, column) \
	"balance.known_status('" vocabulary "'::text, c." column ")"
#define DUE_IN_MINOR_UNITS	"(GREATEST(x.amount_due, 0) * x.unit)"

/* What remains of a paid invoice is nothing where that is unknown. */
#define REMAINING_OF(row) \
	"CASE WHEN " row ".class = 'paid' THEN COALESCE(" row ".amount_remaining, 0)" \
	" ELSE " row ".amount_remaining END"

/*
 * A credit invoice's amounts are negative: what remains lies between 0 and due.
 * What is too much or of the wrong sign has rules of its own.
 */
static const Rule invoice_rules[] = {
	{
		"remaining_over_due",
		"x.amount_due IS NOT NULL AND x.amount_remaining > GREATEST(x.amount_due, 0)",
		"'at most ' || GREATEST(x.amount_due, 0)::text", "x.amount_remaining::text"
	},
	{
		"negative_remaining",
		"x.amount_due IS NOT NULL AND x.amount_remaining < LEAST(x.amount_due, 0)",
		"'at least ' || LEAST(x.amount_due, 0)::text", "x.amount_remaining::text"
	},
	{
		"paid_with_remainder",
		"x.class = 'paid' AND CASE WHEN x.amount_due < 0"
		" THEN x.amount_remaining < 0 ELSE x.amount_remaining > 0 END",
		"'0, as it is paid'", "x.amount_remaining::text"
	},
	{
		"partially_paid_without_remainder",
		"x.amount_remaining = 0 AND x.class = 'open'"
		" AND (" PLAIN("x.invoice_status") " = ANY (" PARTIAL_WORDS ")"
		" OR " PLAIN("x.payment_status") " = ANY (" PARTIAL_WORDS "))",
		"'a remainder, as it is partially paid'", "x.amount_remaining::text"
	},
	{
		"applied_over_due",
		"x.applied > " DUE_IN_MINOR_UNITS,
		"'at most ' || trim_scale" DUE_IN_MINOR_UNITS "::text || ' in minor units'",
		"x.applied::text"
	},
	{
		"due_before_issued",
		"x.due_date < {issued}", "'on or after ' || {shown_issued}", "{shown_due}"
	},
	{
		"unexplained_remaining",
		"x.explained <> " REMAINING_OF("x"), "x.explained::text", REMAINING_OF("x") "::text"
	},
	{
		"undated_invoice",
		"x.keeps_payments AND x.class <> 'draft' AND x.finalized_at IS NULL"
		" AND x.issued_at IS NULL",
		"'finalized_at or issued_at'", "'null'"
	},
	{
		"undated_voiding",
		"x.keeps_payments AND x.class = 'void' AND x.voided_at IS NULL",
		"'voided_at, as it is void'", "'null'"
	},
	{NULL}
};

/*
 * unit is how many minor units make a major one, where something is applied to
 * an amount that can be multiplied.
 */
static const Fact invoice_facts[] = {
	{
		"unit",
		"CASE WHEN c.applied IS NOT NULL AND c.amount_due < " LARGE
		" AND balance.known_currency(c.currency)"
		" THEN power(10::numeric, COALESCE(balance.minor_unit(c.currency), 0)::numeric) END"
	},
	{
		"explained",
		"CASE WHEN c.keeps_payments AND balance.known_currency(c.currency)"
		" AND c.amount_due < " LARGE " AND c.amount_due > '-1e131000'::numeric"
		" AND " KNOWN_WORD("invoice_status", "invoice_status") " IS NOT FALSE"
		" AND " KNOWN_WORD("payment_status", "payment_status") " IS NOT FALSE"
		" THEN CASE WHEN balance.invoice_class(c.invoice_status, c.payment_status)"
		" = ANY ('{open,paid}'::text[])"
		" THEN (c.amount_due - COALESCE(c.paid, 0))"
		" - COALESCE(balance.major_units(c.applied, c.currency), 0) END END"
	},
	{NULL}
};

/* ---- credit_memo ---- */

/*
 * A memo that is issued may have something applied: not all have another word
 * for it.
 */
static const Rule credit_memo_rules[] = {
	{"negative_amount", "x.amount < 0", "'at least 0'", "x.amount::text"},
	{"negative_applied", "x.amount_applied < 0", "'at least 0'", "x.amount_applied::text"},
	{"negative_refunded", "x.amount_refunded < 0", "'at least 0'", "x.amount_refunded::text"},
	{
		"refunded_over_amount",
		"x.amount_refunded > x.amount", "'at most ' || x.amount::text", "x.amount_refunded::text"
	},
	{
		"applied_over_amount",
		"x.amount_applied > x.amount", "'at most ' || x.amount::text", "x.amount_applied::text"
	},
	{
		"applied_unlike_applications",
		"x.amount_applied <> x.applications", "x.applications::text", "x.amount_applied::text"
	},
	{
		"fully_applied_with_remainder",
		"x.class = 'spent' AND x.amount > x.amount_applied",
		"x.amount::text || ', as it is fully applied'", "x.amount_applied::text"
	},
	{
		"void_memo_applied",
		"x.class = 'void' AND (x.amount_applied > 0 OR x.applied > 0)",
		"'nothing applied, as it is void'",
		"GREATEST(x.amount_applied::numeric, x.applied)::text"
	},
	{
		"memo_across_currencies",
		UPPER("x.currency") " <> " UPPER("x.invoice_currency"),
		"x.currency", "x.invoice_currency"
	},
	{
		"memo_across_customers",
		"NOT x.same_customer", "x.customer_id", "x.invoice_customer_id"
	},
	{NULL}
};

/*
 * Without the relation of applications their sum is unknown.  What was refunded
 * is among what is applied.
 */
static const Fact credit_memo_facts[] = {
	{
		"applications",
		"CASE WHEN c.has_applications THEN COALESCE(c.applied, 0)"
		" + COALESCE(c.amount_refunded, 0)::numeric END"
	},
	{NULL}
};

static const Beside beside_invoice[] = {
	{"invoice", {"currency", "customer_id"}},
	{NULL}
};

/* ---- credit_memo_application ---- */

/*
 * What was written off may have been credited before, so it is no void invoice
 * in this respect.
 */
static const Rule application_rules[] = {
	{
		"application_across_currencies",
		UPPER("x.memo_currency") " <> " UPPER("x.invoice_currency"),
		"x.memo_currency", "x.invoice_currency"
	},
	{
		"application_across_customers",
		"NOT x.same_customer", "x.memo_customer_id", "x.invoice_customer_id"
	},
	{
		"application_to_void_invoice",
		"x.amount_applied <> 0 AND x.reversed_at IS NULL AND x.invoice_class = 'void'"
		" AND " PLAIN("x.invoice_invoice_status") " <> ALL (" WRITTEN_OFF_WORDS ")",
		"'nothing applied to a void invoice'", "x.amount_applied::text"
	},
	{
		"reversed_before_applied",
		"x.reversed_at < x.applied_at",
		"'on or after ' || " INSTANT("applied_at"), INSTANT("reversed_at")
	},
	{NULL}
};

static const Fact application_facts[] = {
	{
		"invoice_class",
		"CASE WHEN " KNOWN_WORD("invoice_status", "invoice_invoice_status") " IS NOT FALSE"
		" AND " KNOWN_WORD("payment_status", "invoice_payment_status") " IS NOT FALSE"
		" THEN balance.invoice_class(c.invoice_invoice_status, c.invoice_payment_status) END"
	},
	{NULL}
};

static const Beside beside_applications[] = {
	{"credit_memo", {"currency", "customer_id"}},
	{"invoice", {"currency", "customer_id", "invoice_status", "payment_status"}},
	{NULL}
};

/* ---- payment ---- */

static const Rule payment_rules[] = {
	{"zero_amount", "x.amount = 0", "'more or less than 0'", "x.amount::text"},
	{
		"payment_across_currencies",
		UPPER("x.currency") " <> " UPPER("x.invoice_currency"),
		"x.currency", "x.invoice_currency"
	},
	{
		"payment_across_customers",
		"NOT x.same_customer", "x.customer_id", "x.invoice_customer_id"
	},
	{NULL}
};

/* ---- exchange_rate ---- */

static const Rule rate_rules[] = {
	{"rate_not_positive", "x.rate <= 0", "'more than 0'", "left(x.rate::text, 60)"},
	{
		"rate_of_itself",
		UPPER("x.currency") " = " UPPER("x.reporting_currency"),
		"'another reporting_currency'", "x.reporting_currency"
	},
	{NULL}
};

/* ---- all relations of which there is something to say ---- */

/* Nothing tells whether a deposit is over, nor when it was made. */
static const RelationRules relation_rules[] = {
	{.relation = "customer", .outdated = "TRUE"},
	{
		.relation = "invoice",
		.rules = invoice_rules,
		.facts = invoice_facts,
		.outdated = "x.class = ANY (" UNPAID_CLASSES ") OR " INSTANT_SINCE_WITHDRAWN("issued_at"),
		.adds_applications = true,
		.adds_payments = true
	},
	{
		.relation = "vcu_invoice",
		.outdated = "x.class = 'debt' OR " INSTANT_SINCE_WITHDRAWN("created_at")
		" OR " INSTANT_SINCE_WITHDRAWN("paid_at")
	},
	{
		.relation = "vcu_order",
		.outdated = "x.class = 'future_debt' OR " INSTANT_SINCE_WITHDRAWN("created_at")
	},
	{
		.relation = "credit_memo",
		.rules = credit_memo_rules,
		.facts = credit_memo_facts,
		.beside = beside_invoice,
		.outdated = "x.class = ANY ('{draft,available}'::text[])"
		" OR " DAY_SINCE_WITHDRAWN("issue_date"),
		.customer_of = "r",
		.adds_applications = true
	},
	{
		.relation = "credit_memo_application",
		.rules = application_rules,
		.facts = application_facts,
		.beside = beside_applications,
		.customer_of = "memo"
	},
	{
		.relation = "payment",
		.rules = payment_rules,
		.beside = beside_invoice,
		.outdated = INSTANT_SINCE_WITHDRAWN("paid_at"),
		.customer_of = "r"
	},
	{.relation = "exchange_rate", .rules = rate_rules}
};

/* What is said of a relation, which may be nothing. */
const RelationRules *
find_rules(const char *relation)
{
	static const RelationRules none = {0};

	for (int i = 0; i < lengthof(relation_rules); i++)
		if (strcmp(relation_rules[i].relation, relation) == 0)
			return &relation_rules[i];
	return &none;
}

/* ---- all rules of a relation ---- */

/* Rules about one row, under composition. */
typedef struct Rules
{
	List	   *list;
	const LedgerRelation *relation;
	const RelationSpec *spec;
	const RelationRules *said;
	const char *zone;			/* of who asks */
} Rules;

/* A column with a date or an instant as text; of any other one nothing. */
static const char *
shown(const Rules *rules, const ColumnSpec *column)
{
	bool		is_day = column != NULL &&
		(column->kind == COLUMN_DATE ||
		 (column->kind == COLUMN_DUE && !ledger_has_due_instants(rules->relation)));

	if (column == NULL)
		return "";
	return sql_fill(is_day ? DAY("{column}") : INSTANT("{column}"),
					"column", column->name, "zone", rules->zone);
}

static const char *
fill_rule(const Rules *rules, const char *template, const ColumnSpec *column)
{
	const RelationSpec *spec = rules->spec;
	const char *zone = rules->zone;
	bool		instants = ledger_has_due_instants(rules->relation);
	const char *issued = sql_fill(instants ? "x.issued_at" :
								  "balance.day_in(x.issued_at::timestamptz, {zone})",
								  "zone", zone);

	return sql_fill(template,
					"column", column ? column->name : "",
					"shown", shown(rules, column),
					"vocabulary", column && column->vocabulary ? column->vocabulary : "",
					"outdated", rules->said->outdated ?
					sql_fill(rules->said->outdated, "zone", zone) : "",
					"zone", zone,
					"issued", issued,
					"shown_issued", instants ? shown(rules, search_column_spec(spec, "issued_at")) :
					sql_fill("balance.iso_text({issued})", "issued", issued),
					"shown_due", shown(rules, search_column_spec(spec, "due_date")));
}

/* Add a rule, about a column if there is one. */
static void
add_rule(Rules *rules, const Rule *rule, const ColumnSpec *column)
{
	Rule	   *filled = palloc(sizeof(Rule));

	filled->name = rule->name;
	if (rule->name == NULL && column != NULL)
		filled->name = psprintf("%s" NOT_OBJECT, column->name);
	filled->violated = fill_rule(rules, rule->violated, column);
	filled->expected = fill_rule(rules, rule->expected, column);
	filled->found = fill_rule(rules, rule->found, column);
	rules->list = lappend(rules->list, filled);
}

/* A missing key has a rule of its own, as each relation has. */
static bool
must_have_value(const RelationSpec *spec, const ColumnSpec *column)
{
	return column->required && !column->nullable &&
		(spec->key == NULL || strcmp(column->name, spec->key) != 0);
}

static const ColumnSpec *
column_of_kind(const RelationSpec *spec, ColumnKind kind)
{
	for (const ColumnSpec *column = spec->columns; column->name; column++)
		if (column->kind == kind)
			return column;
	return NULL;
}

/* Whether amounts can be held against the decimals of the row's own currency. */
static bool
has_digits(const RelationSpec *spec)
{
	return column_of_kind(spec, COLUMN_MONEY) != NULL &&
		column_of_kind(spec, COLUMN_CURRENCY) != NULL;
}

static void
add_rules_of_words(Rules *rules)
{
	for (const ColumnSpec *column = rules->spec->columns; column->name; column++)
		if (column->kind == COLUMN_CURRENCY)
			add_rule(rules, &unknown_currency, column);
	if (rules->said->outdated != NULL)
		add_rule(rules, &withdrawn_currency, column_of_kind(rules->spec, COLUMN_CURRENCY));
	for (const ColumnSpec *column = rules->spec->columns; column->name; column++)
		if (column->vocabulary != NULL)
			add_rule(rules, &unknown_status, column);
}

static void
add_rules_of_amounts(Rules *rules)
{
	for (const ColumnSpec *column = rules->spec->columns; column->name; column++)
	{
		if (column->kind == COLUMN_MONEY || column->kind == COLUMN_UNITS)
			add_rule(rules, &infinite_number, column);
		if (column->kind == COLUMN_MONEY && has_digits(rules->spec))
			add_rule(rules, &excess_decimals, column);
		if (column->kind == COLUMN_MONEY && must_have_value(rules->spec, column))
			add_rule(rules, &missing_value, ledger_is_minor(rules->relation, column) ?
					 find_stand_in(column) : column);
	}
}

static void
add_rules_of_dates(Rules *rules, bool endless)
{
	for (const ColumnSpec *column = rules->spec->columns; column->name; column++)
	{
		if ((column->kind != COLUMN_DATE && column->kind != COLUMN_INSTANT &&
			 column->kind != COLUMN_DUE) || column->endless != endless)
			continue;
		if (!endless)
			add_rule(rules, &infinite_date, column);
		add_rule(rules, &date_out_of_range, column);
	}
}

/* All rules about one row, in the order in which they are reported. */
List *
row_rules(const LedgerRelation *relation, const RelationRules *said, const char *zone)
{
	const RelationSpec *spec = relation->spec;
	Rules		rules = {NIL, relation, spec, said, zone};

	add_rule(&rules, &missing_id, NULL);
	for (const ColumnSpec *column = spec->columns; column->name; column++)
		if (column->kind != COLUMN_MONEY && must_have_value(spec, column))
			add_rule(&rules, &missing_value, column);
	add_rules_of_words(&rules);
	add_rules_of_amounts(&rules);
	add_rules_of_dates(&rules, false);
	for (const ColumnSpec *column = spec->columns; column->name; column++)
		if (column->kind == COLUMN_JSON)
			add_rule(&rules, &not_object, column);
	for (const Rule *rule = said->rules; rule && rule->name; rule++)
		add_rule(&rules, rule, NULL);
	add_rules_of_dates(&rules, true);
	return rules.list;
}

/* ---- all facts of a relation ---- */

static List *
add_fact(List *facts, const char *name, const char *expression)
{
	Fact	   *fact = palloc(sizeof(Fact));

	fact->name = name;
	fact->expression = expression;
	return lappend(facts, fact);
}

static const char *
column_of_c(const char *column, const void *unused)
{
	return psprintf("c.%s", column);
}

/* The class of a row whose words are known; NULL, where there may be one, is. */
static const char *
class_if_known(const RelationSpec *spec)
{
	StringInfoData known;

	initStringInfo(&known);
	for (const ColumnSpec *column = spec->columns; column->name; column++)
		if (column->vocabulary != NULL)
			sql_append(&known,
					   "{and}balance.known_status('{vocabulary}'::text, c.{column}){or_null}",
					   "and", known.len > 0 ? " AND " : "",
					   "vocabulary", column->vocabulary, "column", column->name,
					   "or_null", column->required && !column->nullable ? "" : " IS NOT FALSE");
	return sql_fill("CASE WHEN {known} THEN {class} END",
					"known", known.data,
					"class", sql_fill_by(spec->class, column_of_c, NULL));
}

/*
 * All facts about a row: the decimals of its currency, the day from which on
 * that is certainly withdrawn, its class, and what its relation says.
 */
List *
row_facts(const RelationSpec *spec, const RelationRules *said)
{
	const ColumnSpec *currency = column_of_kind(spec, COLUMN_CURRENCY);
	List	   *facts = NIL;
	bool		has_words = false;

	if (has_digits(spec))
		facts = add_fact(facts, "digits",
						 sql_fill("CASE WHEN balance.known_currency(c.{currency})"
								  " THEN balance.minor_unit(c.{currency}) END",
								  "currency", currency->name));
	if (said->outdated != NULL)
		facts = add_fact(facts, "out_of_use",
						 sql_fill("CASE WHEN balance.known_currency(c.{currency}) THEN"
								  " (balance.currency_withdrawn(c.{currency})"
								  " + '1 month'::interval)::date END",
								  "currency", currency->name));
	for (const ColumnSpec *column = spec->columns; column->name; column++)
		has_words |= column->vocabulary != NULL;
	if (has_words)
		facts = add_fact(facts, "class", class_if_known(spec));
	for (const Fact *fact = said->facts; fact && fact->name; fact++)
		facts = add_fact(facts, fact->name, sql_fill(fact->expression));
	return facts;
}
