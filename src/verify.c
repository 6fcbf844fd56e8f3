/*-------------------------------------------------------------------------
 *
 * verify.c
 *	  What is wrong with the data of a ledger: one row per violation.
 *
 * Every relation is read once, with all of its rules tried on each row.
 *
 *-------------------------------------------------------------------------
 */
#include "ledger.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

/* Operators are spelled out, since the caller's search_path is not trusted. */
#define OP(operator)	" OPERATOR(pg_catalog." operator ") "

/*
 * A rule about the rows of a relation, as SQL over the row x: whether it is
 * violated, what was expected and what was found.
 */
typedef struct Rule
{
	const char *name;
	const char *violated;
	const char *expected;
	const char *found;
} Rule;

#define TEXT(expression)	expression "::pg_catalog.text"

#define NOT_NULL(column) \
	{"null_value", "x." column " IS NULL", "'" column " is not null'", "'null'"}

#define KNOWN_CURRENCY(column) \
	{"unknown_currency", "NOT balance.known_currency(x." column ")", \
	 "'an ISO 4217 code'", "x." column}

#define KNOWN_STATUS(vocabulary, column) \
	{"unknown_status", "NOT balance.known_status('" vocabulary "'::pg_catalog.text, x." column ")", \
	 "'a known " column "'", "x." column}

/* NaN is above infinity, so one comparison finds both. */
#define FINITE(column) \
	{"not_finite", \
	 "x." column OP(">=") "'Infinity' OR x." column OP("=") "'-Infinity'", \
	 "'a finite " column "'", TEXT("x." column)}

/* What a document has to show as a date. */
#define SHOWABLE(column) \
	{"not_finite", "NOT pg_catalog.isfinite(x." column ")", \
	 "'a finite " column "'", TEXT("x." column)}

#define DECIMALS(column) \
	{"excess_decimals", \
	 "pg_catalog.scale(pg_catalog.trim_scale(x." column "))" OP(">") "x.digits", \
	 "'" column " with at most '" OP("||") TEXT("x.digits") OP("||") "' decimals'", \
	 TEXT("x." column)}

#define MONEY(column)	FINITE(column), DECIMALS(column), NOT_NULL(column)

static const Rule customer_rules[] = {
	KNOWN_CURRENCY("default_currency"),
	{NULL}
};

/* A credit invoice's amounts are negative: what remains lies between 0 and due. */
static const Rule invoice_rules[] = {
	NOT_NULL("customer_id"),
	NOT_NULL("currency"),
	KNOWN_CURRENCY("currency"),
	KNOWN_STATUS("invoice_status", "invoice_status"),
	KNOWN_STATUS("payment_status", "payment_status"),
	MONEY("total"),
	MONEY("amount_due"),
	MONEY("amount_remaining"),
	{
		"remaining_over_due",
		"x.amount_due IS NOT NULL AND x.amount_remaining" OP(">") "GREATEST(x.amount_due, 0)",
		"'at most '" OP("||") TEXT("GREATEST(x.amount_due, 0)"), TEXT("x.amount_remaining")
	},
	{
		"negative_remaining",
		"x.amount_due IS NOT NULL AND x.amount_remaining" OP("<") "LEAST(x.amount_due, 0)",
		"'at least '" OP("||") TEXT("LEAST(x.amount_due, 0)"), TEXT("x.amount_remaining")
	},
	{
		"due_before_issued",
		"x.due_date" OP("<") "x.issued_at::@due",
		"'on or after '" OP("||") TEXT("x.issued_at::@due"), TEXT("x.due_date")
	},
	{NULL}
};

static const Rule line_item_rules[] = {
	NOT_NULL("invoice_id"),
	NOT_NULL("amount"),
	FINITE("amount"),
	{NULL}
};

static const Rule deposit_rules[] = {
	NOT_NULL("customer_id"),
	NOT_NULL("currency"),
	NOT_NULL("status"),
	KNOWN_CURRENCY("currency"),
	MONEY("amount"),
	{NULL}
};

static const Rule vcu_invoice_rules[] = {
	NOT_NULL("customer_id"),
	NOT_NULL("currency"),
	NOT_NULL("status"),
	NOT_NULL("units"),
	NOT_NULL("created_at"),
	KNOWN_CURRENCY("currency"),
	KNOWN_STATUS("unit_invoice", "status"),
	FINITE("units"),
	{NULL}
};

static const Rule vcu_order_rules[] = {
	NOT_NULL("customer_id"),
	NOT_NULL("currency"),
	NOT_NULL("status"),
	NOT_NULL("units"),
	NOT_NULL("created_at"),
	KNOWN_CURRENCY("currency"),
	KNOWN_STATUS("unit_order", "status"),
	FINITE("units"),
	{NULL}
};

static const Rule credit_memo_rules[] = {
	NOT_NULL("business_id"),
	NOT_NULL("customer_id"),
	NOT_NULL("status"),
	NOT_NULL("currency"),
	NOT_NULL("amount"),
	NOT_NULL("amount_applied"),
	NOT_NULL("issue_date"),
	NOT_NULL("created_at"),
	NOT_NULL("updated_at"),
	NOT_NULL("reason"),
	KNOWN_CURRENCY("currency"),
	KNOWN_STATUS("credit_memo", "status"),
	SHOWABLE("issue_date"),
	SHOWABLE("created_at"),
	SHOWABLE("updated_at"),
	SHOWABLE("applied_date"),
	SHOWABLE("voided_at"),
	{
		"applied_over_amount",
		"x.amount_applied" OP(">") "x.amount",
		"'at most '" OP("||") TEXT("x.amount"), TEXT("x.amount_applied")
	},
	{
		"applied_unlike_applications",
		"x.amount_applied" OP("<>") "x.applications",
		TEXT("x.applications"), TEXT("x.amount_applied")
	},
	{NULL}
};

static const Rule application_rules[] = {
	NOT_NULL("credit_memo_id"),
	NOT_NULL("invoice_id"),
	NOT_NULL("amount_applied"),
	NOT_NULL("applied_at"),
	SHOWABLE("applied_at"),
	{
		"application_across_currencies",
		"pg_catalog.upper(x.memo_currency COLLATE pg_catalog.\"C\")" OP("<>")
		"pg_catalog.upper(x.invoice_currency COLLATE pg_catalog.\"C\")",
		"x.memo_currency", "x.invoice_currency"
	},
	{
		"application_across_customers",
		"NOT x.same_customer", "x.memo_customer", "x.invoice_customer"
	},
	{NULL}
};

/* In the order of ledger_relations. */
static const Rule *const relation_rules[NUM_LEDGER_RELATIONS] = {
	customer_rules, invoice_rules, line_item_rules, deposit_rules,
	vcu_invoice_rules, vcu_order_rules, credit_memo_rules, application_rules
};

/* ---- composing ---- */

/* The relation beside the one that is verified, where rules look at two. */
typedef struct Beside
{
	LedgerRelation memo;
	LedgerRelation invoice;
	LedgerRelation application;
} Beside;

/* A column of a relation beside, or NULL where the ledger has it not. */
static const char *
column_beside(const LedgerRelation *relation, const char *column)
{
	return OidIsValid(relation->relid) ? ledger_column(relation, column) :
		"NULL::pg_catalog.text";
}

/*
 * The sum of a memo's applications.  Added up beforehand where both relations
 * have ids of one type; else one by one, as several spellings may match.
 */
static void
join_applications(StringInfo sql, const LedgerRelation *memo,
				  const LedgerRelation *application)
{
	bool		same_type = ledger_column_type(memo, "credit_memo_id") ==
		ledger_column_type(application, "credit_memo_id");
	const char *sum = ledger_column(application, "amount_applied");
	const char *join = ledger_join(application, "credit_memo_id",
								   memo, "credit_memo_id");

	if (same_type)
		appendStringInfo(sql, "\n LEFT JOIN (SELECT a.credit_memo_id, pg_catalog.sum(%s) AS applied FROM %s GROUP BY 1) AS a ON %s",
						 sum, ledger_from(application), join);
	else
		appendStringInfo(sql, "\n LEFT JOIN LATERAL (SELECT pg_catalog.sum(%s) AS applied FROM %s WHERE %s) AS a ON true",
						 sum, ledger_from(application), join);
}

/* What the rules need besides the relation's own columns. */
static void
select_beside(StringInfo sql, const LedgerRelation *relation, const Beside *beside)
{
	const char *name = relation->spec->name;

	if (strcmp(name, "credit_memo") == 0)
		appendStringInfo(sql, ", %s AS applications",
						 OidIsValid(beside->application.relid) ?
						 "COALESCE(a.applied, 0)" : "NULL::pg_catalog.numeric");
	else if (strcmp(name, "credit_memo_application") == 0)
		appendStringInfo(sql, ", %s AS memo_currency, %s AS invoice_currency, %s AS memo_customer, %s AS invoice_customer, %s AS same_customer",
						 column_beside(&beside->memo, "currency"),
						 column_beside(&beside->invoice, "currency"),
						 column_beside(&beside->memo, "customer_id"),
						 column_beside(&beside->invoice, "customer_id"),
						 OidIsValid(beside->memo.relid) && OidIsValid(beside->invoice.relid) ?
						 ledger_join(&beside->memo, "customer_id",
									 &beside->invoice, "customer_id") :
						 "NULL::pg_catalog.bool");
}

/*
 * Join the one row of another relation that a key names, or one of them if
 * there are several: looked up for a few rows, sorted once for many.
 */
static void
join_one(StringInfo sql, const LedgerRelation *other, const char *key,
		 const LedgerRelation *relation, bool few)
{
	const char *join;

	if (!OidIsValid(other->relid))
		return;
	join = ledger_join(other, key, relation, key);
	if (few)
		appendStringInfo(sql, "\n LEFT JOIN LATERAL (SELECT %s.currency, %s.customer_id FROM %s WHERE %s LIMIT 1) AS %s ON true",
						 other->alias, other->alias, ledger_from(other), join,
						 other->alias);
	else
		appendStringInfo(sql, "\n LEFT JOIN (SELECT DISTINCT ON (%s.%s) %s.%s, %s.currency, %s.customer_id FROM %s) AS %s ON %s",
						 other->alias, key, other->alias, key, other->alias,
						 other->alias, ledger_from(other), other->alias, join);
}

static void
join_beside(StringInfo sql, const LedgerRelation *relation, const Beside *beside,
			bool one_customer)
{
	const char *name = relation->spec->name;

	if (strcmp(name, "credit_memo") == 0 && OidIsValid(beside->application.relid))
		join_applications(sql, relation, &beside->application);
	else if (strcmp(name, "credit_memo_application") == 0)
	{
		join_one(sql, &beside->memo, "credit_memo_id", relation, one_customer);
		join_one(sql, &beside->invoice, "invoice_id", relation, one_customer);
	}
}

/* Only one customer's rows; those of a line item are its invoice's. */
static void
where_customer(LedgerQuery *query, const LedgerRelation *relation,
			   const Beside *beside)
{
	StringInfo	sql = &query->sql;
	const LedgerRelation *owner;
	const char *key;

	if (strcmp(relation->spec->lookup, "customer_id") == 0)
	{
		appendStringInfo(sql, "\n  WHERE %s",
						 ledger_equals(query, relation, "customer_id", 0));
		return;
	}
	key = relation->spec->lookup;
	owner = strcmp(key, "invoice_id") == 0 ? &beside->invoice : &beside->memo;
	if (!OidIsValid(owner->relid))
		appendStringInfoString(sql, "\n  WHERE false");
	else
		appendStringInfo(sql, "\n  WHERE EXISTS (SELECT FROM %s WHERE %s AND %s)",
						 ledger_from(owner),
						 ledger_equals(query, owner, "customer_id", 0),
						 ledger_join(owner, key, relation, key));
}

/* The relation as it is, each row with the number of its copies. */
static void
compose_source(LedgerQuery *query, const LedgerRelation *relation,
			   const Beside *beside, bool one_customer)
{
	StringInfo	sql = &query->sql;
	const char *key = relation->spec->key;
	LedgerRelation same = *relation;
	const char *copies = "1";

	/* a customer's row may have its copy with another customer */
	same.alias = "same";
	if (key != NULL && one_customer)
		copies = psprintf("(SELECT pg_catalog.count(*) FROM %s WHERE %s)",
						  ledger_from(&same), ledger_join(&same, key, relation, key));
	else if (key != NULL)
		copies = "pg_catalog.count(*) OVER w";
	appendStringInfo(sql, "(SELECT %s AS balance_copies, %s AS balance_copy",
					 copies, key != NULL ? "pg_catalog.row_number() OVER w" : "1");
	for (const ColumnSpec *column = relation->spec->columns; column->name; column++)
		if (ledger_has_column(relation, column->name))
			appendStringInfo(sql, ", %s.%s", relation->alias, column->name);
	appendStringInfo(sql, "\n  FROM %s", ledger_from(relation));
	if (one_customer)
		where_customer(query, relation, beside);
	if (key != NULL)
		appendStringInfo(sql, "\n  WINDOW w AS (PARTITION BY %s.%s)",
						 relation->alias, key);
	appendStringInfo(sql, ") AS %s", relation->alias);
}

/* The relation's rows as x, with all that the rules look at. */
static void
compose_rows(LedgerQuery *query, const LedgerRelation *relation,
			 const Beside *beside, bool one_customer)
{
	StringInfo	sql = &query->sql;
	const RelationSpec *spec = relation->spec;

	appendStringInfo(sql, "(SELECT %s AS id, %s.balance_copies AS copies, %s.balance_copy AS copy",
					 ledger_column(relation, spec->key != NULL ? spec->key : spec->lookup),
					 relation->alias, relation->alias);
	for (const ColumnSpec *column = spec->columns; column->name; column++)
	{
		const char *expression = ledger_column(relation, column->name);

		appendStringInfo(sql, ", %s AS %s", expression, column->name);
		if (strcmp(column->name, "currency") == 0)
			appendStringInfo(sql, ", CASE WHEN balance.known_currency(%s) THEN balance.minor_unit(%s) END AS digits",
							 expression, expression);
	}
	select_beside(sql, relation, beside);
	appendStringInfoString(sql, "\n FROM ");
	compose_source(query, relation, beside, one_customer);
	join_beside(sql, relation, beside, one_customer);
	appendStringInfoString(sql, ") AS x");
}

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

/* Two rules that every relation has. */
static const Rule common_rules[] = {
	{
		"duplicate_id", "x.id IS NOT NULL AND x.copies" OP(">") "1 AND x.copy" OP("=") "1",
		"'1 row'", TEXT("x.copies") OP("||") "' rows'"
	},
	{"null_value", "x.id IS NULL", "'an id'", "'null'"},
	{NULL}
};

/*
 * All rules tried on each row.  A row is first put to all of them at once,
 * since nearly all rows break none; only then it is told which.
 */
static void
compose_rules(StringInfo sql, const Rule *rules, const char *due_type)
{
	const Rule *const sets[] = {common_rules, rules};
	StringInfoData any;

	initStringInfo(&any);
	appendStringInfoString(sql, "\nCROSS JOIN LATERAL (VALUES");
	for (int i = 0; i < lengthof(sets); i++)
		for (const Rule *rule = sets[i]; rule->name; rule++)
		{
			const char *separator = any.len == 0 ? "" : ",";

			append_rule(sql, psprintf("%s\n ('%s', %s, %s, %s)", separator,
									  rule->name, rule->violated,
									  rule->expected, rule->found),
						due_type);
			append_rule(&any, psprintf("%s\n %s", any.len == 0 ? "" : " OR",
									   rule->violated),
						due_type);
		}
	appendStringInfo(sql, ") AS v(rule, violated, expected, found)\nWHERE v.violated AND (%s)",
					 any.data);
}

static void
compose(const Ledger *ledger, LedgerQuery *query, int which,
		const LedgerRelation *relation, bool one_customer)
{
	StringInfo	sql = &query->sql;
	Beside		beside;
	const char *due_type = "pg_catalog.date";

	(void) ledger_find(ledger, "credit_memo", "m", &beside.memo);
	(void) ledger_find(ledger, "invoice", "i", &beside.invoice);
	(void) ledger_find(ledger, "credit_memo_application", "a", &beside.application);
	if (relation->spec == find_relation_spec("invoice") &&
		ledger_column_type(relation, "due_date") == TIMESTAMPTZOID)
		due_type = "pg_catalog.timestamptz";

	appendStringInfo(sql, "SELECT v.rule::pg_catalog.text, '%s'::pg_catalog.text, x.id, v.expected, v.found\nFROM ",
					 relation->spec->name);
	compose_rows(query, relation, &beside, one_customer);
	compose_rules(sql, relation_rules[which], due_type);
}

/* ---- running ---- */

PG_FUNCTION_INFO_V1(verify);
Datum
verify(PG_FUNCTION_ARGS)
{
	Ledger		ledger = ledger_getarg(fcinfo, 0);
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	LedgerArgument customer = {PG_GETARG_DATUM(1), PG_ARGISNULL(1)};

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	for (int i = 0; i < NUM_LEDGER_RELATIONS; i++)
	{
		LedgerRelation relation;
		LedgerQuery query = {.nparameters = 0};

		if (!ledger_find(&ledger, ledger_relations[i].name, "r", &relation))
			continue;
		initStringInfo(&query.sql);
		compose(&ledger, &query, i, &relation, !customer.isnull);
		ledger_store(&query, &customer, result);
	}
	SPI_finish();
	return (Datum) 0;
}
