/*-------------------------------------------------------------------------
 *
 * verify_rules.c
 *	  The rules that verify() tries, relation by relation, and what to do
 *	  about each.
 *
 *-------------------------------------------------------------------------
 */
#include "verify_rules.h"

#define TEXT(expression)	expression "::pg_catalog.text"
#define UPPER(expression)	"pg_catalog.upper(" expression " COLLATE pg_catalog.\"C\")"

/* A status without what the vocabulary does not heed. */
#define PLAIN(status) \
	"pg_catalog.translate(pg_catalog.lower(" status " COLLATE pg_catalog.\"C\"), '-_ ', '')"

#define PARTIAL_WORDS		"'{partiallypaid,partlypaid,partial}'::pg_catalog.text[]"
#define WRITTEN_OFF_WORDS	"'{writtenoff,uncollectible}'::pg_catalog.text[]"

/* ---- facts ---- */

/* Decimals of the currency, and the day from which on it is certainly withdrawn. */
#define KNOWN(column, fact) \
	"CASE WHEN balance.known_currency(c." column ") THEN " fact " END"
#define DIGITS \
	{"digits", KNOWN("currency", "balance.minor_unit(c.currency)")}
#define OUT_OF_USE(column) \
	{"out_of_use", KNOWN(column, "(balance.currency_withdrawn(c." column ")" \
						 OP("+") "'1 month'::pg_catalog.interval)::pg_catalog.date")}

/* The class of a row whose words are known. */
#define KNOWN_WORD(vocabulary, column) \
	"balance.known_status('" vocabulary "'::pg_catalog.text, c." column ")"
#define CLASS(vocabulary, column, class) \
	{"class", "CASE WHEN " KNOWN_WORD(vocabulary, column) " THEN " class " END"}
#define INVOICE_CLASS(invoice_status, payment_status) \
	"CASE WHEN " KNOWN_WORD("invoice_status", invoice_status) " IS NOT FALSE" \
	" AND " KNOWN_WORD("payment_status", payment_status) " IS NOT FALSE" \
	" THEN balance.invoice_class(c." invoice_status ", c." payment_status ") END"

/* ---- rules that many relations have ---- */

#define NOT_NULL(column) \
	{"null_value", "x." column " IS NULL", "'" column " is not null'", "'null'"}

#define KNOWN_CURRENCY(column) \
	{"unknown_currency", "NOT balance.known_currency(x." column ")", \
	 "'an ISO 4217 code'", "x." column}

#define WITHDRAWN(column, condition) \
	{"withdrawn_currency", "x.out_of_use IS NOT NULL AND (" condition ")", \
	 "'a currency in force'", "x." column}

#define SINCE_WITHDRAWN(column) \
	"x." column OP(">=") "x.out_of_use AND pg_catalog.isfinite(x." column ")"

/* Nearly every row has a class, which says that its words are known. */
#define KNOWN_STATUS(vocabulary, column) \
	{"unknown_status", \
	 "x.class IS NULL" \
	 " AND NOT balance.known_status('" vocabulary "'::pg_catalog.text, x." column ")", \
	 "'a known " column "'", "x." column}

/*
 * NaN and infinity, and what is so large that a sum may be past numeric's range:
 * NaN is above infinity, so two comparisons find them all.
 */
#define LARGE	"'1e131000'::pg_catalog.numeric"
#define FINITE(column) \
	{"not_finite", \
	 "x." column OP(">=") LARGE " OR x." column OP("<=") "'-1e131000'::pg_catalog.numeric", \
	 "'a finite " column "'", "pg_catalog.left(" TEXT("x." column) ", 60)"}

/* The literals are read as dates or instants, as the column is. */
#define IN_RANGE(column) \
	{"date_out_of_range", \
	 "pg_catalog.isfinite(x." column ") AND (x." column OP("<") "'0001-01-01 00:00:00+00'" \
	 " OR x." column OP(">=") "'10000-01-01 00:00:00+00')", \
	 "'" column " in the years 0001 to 9999'", TEXT("x." column)}

/* What a document has to show as a date, or to place in a period. */
#define SHOWABLE(column) \
	{"not_finite", "NOT pg_catalog.isfinite(x." column ")", \
	 "'a finite " column "'", TEXT("x." column)}, \
	IN_RANGE(column)

#define DECIMALS(column) \
	{"excess_decimals", \
	 "pg_catalog.scale(pg_catalog.trim_scale(x." column "))" OP(">") "x.digits", \
	 "'" column " with at most '" OP("||") TEXT("x.digits") OP("||") "' decimals'", \
	 TEXT("x." column)}

#define MONEY(column)	FINITE(column), DECIMALS(column), NOT_NULL(column)

#define CUSTOMER_REFERENCE	{"customer", "customer", "customer_id", "customer_id"}

const Rule missing_id_rule = {"null_value", "x.id IS NULL", "'an id'", "'null'"};

static const Reference no_references[] = {{NULL}};

static const Reference customer_only[] = {CUSTOMER_REFERENCE, {NULL}};

/* ---- customer ---- */

static const Rule customer_rules[] = {
	KNOWN_CURRENCY("default_currency"),
	WITHDRAWN("default_currency", "true"),
	{NULL}
};

static const Fact customer_facts[] = {
	OUT_OF_USE("default_currency"),
	{NULL}
};

/* ---- invoice ---- */

#define DUE_IN_MINOR_UNITS	"(GREATEST(x.amount_due, 0)" OP("*") "x.unit)"

/*
 * A credit invoice's amounts are negative: what remains lies between 0 and due.
 * What is too much or of the wrong sign has rules of its own.
 */
static const Rule invoice_rules[] = {
	NOT_NULL("customer_id"),
	NOT_NULL("currency"),
	KNOWN_CURRENCY("currency"),
	WITHDRAWN("currency", "x.class" OP("=") "ANY ('{draft,open}'::pg_catalog.text[])"
			  " OR " SINCE_WITHDRAWN("issued_at")),
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
		"paid_with_remainder",
		"x.class" OP("=") "'paid' AND CASE WHEN x.amount_due" OP("<") "0"
		" THEN x.amount_remaining" OP("<") "0 ELSE x.amount_remaining" OP(">") "0 END",
		"'0, as it is paid'", TEXT("x.amount_remaining")
	},
	{
		"partially_paid_without_remainder",
		"x.amount_remaining" OP("=") "0 AND x.class" OP("=") "'open' AND"
		" (" PLAIN("x.invoice_status") OP("=") "ANY (" PARTIAL_WORDS ")"
		" OR " PLAIN("x.payment_status") OP("=") "ANY (" PARTIAL_WORDS "))",
		"'a remainder, as it is partially paid'", TEXT("x.amount_remaining")
	},
	{
		"applied_over_due",
		"x.applied" OP(">") DUE_IN_MINOR_UNITS,
		"'at most '" OP("||") TEXT("pg_catalog.trim_scale" DUE_IN_MINOR_UNITS)
		OP("||") "' in minor units'",
		TEXT("x.applied")
	},
	{
		"due_before_issued",
		"x.due_date" OP("<") "x.issued_at::@due",
		"'on or after '" OP("||") TEXT("x.issued_at::@due"), TEXT("x.due_date")
	},
	IN_RANGE("due_date"),
	IN_RANGE("issued_at"),
	{NULL}
};

/*
 * unit is how many minor units make a major one, where something is applied to
 * an amount that can be multiplied.
 */
static const Fact invoice_facts[] = {
	DIGITS,
	OUT_OF_USE("currency"),
	{"class", INVOICE_CLASS("invoice_status", "payment_status")},
	{
		"unit",
		"CASE WHEN c.applied IS NOT NULL AND c.amount_due" OP("<") LARGE
		" AND balance.known_currency(c.currency) THEN"
		" pg_catalog.power(10::pg_catalog.numeric,"
		" COALESCE(balance.minor_unit(c.currency), 0)::pg_catalog.numeric) END"
	},
	{NULL}
};

/* ---- invoice_line_item ---- */

static const Rule line_item_rules[] = {
	NOT_NULL("invoice_id"),
	NOT_NULL("amount"),
	FINITE("amount"),
	{NULL}
};

static const Fact no_facts[] = {{NULL}};

static const Reference line_item_references[] = {
	{"invoice", "invoice", "invoice_id", "invoice_id"},
	{NULL}
};

/* ---- deposit ---- */

/* Nothing tells whether a deposit is over, nor when it was made. */
static const Rule deposit_rules[] = {
	NOT_NULL("customer_id"),
	NOT_NULL("currency"),
	NOT_NULL("status"),
	KNOWN_CURRENCY("currency"),
	MONEY("amount"),
	{NULL}
};

static const Fact deposit_facts[] = {
	DIGITS,
	{NULL}
};

/* ---- vcu_invoice and vcu_order ---- */

static const Rule vcu_invoice_rules[] = {
	NOT_NULL("customer_id"),
	NOT_NULL("currency"),
	NOT_NULL("status"),
	NOT_NULL("units"),
	NOT_NULL("created_at"),
	KNOWN_CURRENCY("currency"),
	WITHDRAWN("currency", "x.class" OP("=") "'debt' OR " SINCE_WITHDRAWN("created_at")
			  " OR " SINCE_WITHDRAWN("paid_at")),
	KNOWN_STATUS("unit_invoice", "status"),
	FINITE("units"),
	SHOWABLE("created_at"),
	SHOWABLE("paid_at"),
	{NULL}
};

static const Fact vcu_invoice_facts[] = {
	OUT_OF_USE("currency"),
	CLASS("unit_invoice", "status", "balance.unit_invoice_class(c.status)"),
	{NULL}
};

static const Rule vcu_order_rules[] = {
	NOT_NULL("customer_id"),
	NOT_NULL("currency"),
	NOT_NULL("status"),
	NOT_NULL("units"),
	NOT_NULL("created_at"),
	KNOWN_CURRENCY("currency"),
	WITHDRAWN("currency", "x.class" OP("=") "'future_debt' OR " SINCE_WITHDRAWN("created_at")),
	KNOWN_STATUS("unit_order", "status"),
	FINITE("units"),
	SHOWABLE("created_at"),
	{NULL}
};

static const Fact vcu_order_facts[] = {
	OUT_OF_USE("currency"),
	CLASS("unit_order", "status", "balance.unit_order_class(c.status, c.pay_with_balance)"),
	{NULL}
};

/* ---- credit_memo ---- */

/*
 * A memo that is issued may have something applied: not all have another word
 * for it.
 */
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
	WITHDRAWN("currency", "x.class" OP("=") "ANY ('{draft,available}'::pg_catalog.text[])"
			  " OR " SINCE_WITHDRAWN("issue_date")),
	KNOWN_STATUS("credit_memo", "status"),
	SHOWABLE("issue_date"),
	SHOWABLE("created_at"),
	SHOWABLE("updated_at"),
	SHOWABLE("applied_date"),
	SHOWABLE("voided_at"),
	{
		"line_items_not_object",
		"x.line_items_type" OP("<>") "'object'", "'an object'", "x.line_items_type"
	},
	{"negative_amount", "x.amount" OP("<") "0", "'at least 0'", TEXT("x.amount")},
	{
		"negative_applied",
		"x.amount_applied" OP("<") "0", "'at least 0'", TEXT("x.amount_applied")
	},
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
	{
		"fully_applied_with_remainder",
		"x.class" OP("=") "'spent' AND x.amount" OP(">") "x.amount_applied",
		TEXT("x.amount") OP("||") "', as it is fully applied'", TEXT("x.amount_applied")
	},
	{
		"void_memo_applied",
		"x.class" OP("=") "'void' AND (x.amount_applied" OP(">") "0 OR x.applied" OP(">") "0)",
		"'nothing applied, as it is void'",
		TEXT("GREATEST(x.amount_applied::pg_catalog.numeric, x.applied)")
	},
	{
		"memo_across_currencies",
		UPPER("x.currency") OP("<>") UPPER("x.invoice_currency"),
		"x.currency", "x.invoice_currency"
	},
	{
		"memo_across_customers",
		"NOT x.same_customer", "x.customer_id", "x.invoice_customer_id"
	},
	{NULL}
};

/* Without the relation of applications nobody knows their sum. */
static const Fact credit_memo_facts[] = {
	OUT_OF_USE("currency"),
	CLASS("credit_memo", "status", "balance.credit_memo_class(c.status)"),
	{"applications", "CASE WHEN c.has_applications THEN COALESCE(c.applied, 0) END"},
	{NULL}
};

static const Reference credit_memo_references[] = {
	CUSTOMER_REFERENCE,
	{"invoice", "invoice", "invoice_id", "invoice_id", {"currency", "customer_id"}},
	{NULL}
};

/* ---- credit_memo_application ---- */

/*
 * What was written off may have been credited before, so it is no void invoice
 * in this respect.
 */
static const Rule application_rules[] = {
	NOT_NULL("credit_memo_id"),
	NOT_NULL("invoice_id"),
	NOT_NULL("amount_applied"),
	NOT_NULL("applied_at"),
	SHOWABLE("applied_at"),
	{
		"application_across_currencies",
		UPPER("x.memo_currency") OP("<>") UPPER("x.invoice_currency"),
		"x.memo_currency", "x.invoice_currency"
	},
	{
		"application_across_customers",
		"NOT x.same_customer", "x.memo_customer_id", "x.invoice_customer_id"
	},
	{
		"application_to_void_invoice",
		"x.amount_applied" OP("<>") "0 AND x.invoice_class" OP("=") "'void'"
		" AND " PLAIN("x.invoice_invoice_status") OP("<>") "ALL (" WRITTEN_OFF_WORDS ")",
		"'nothing applied to a void invoice'", TEXT("x.amount_applied")
	},
	{NULL}
};

static const Fact application_facts[] = {
	{"invoice_class", INVOICE_CLASS("invoice_invoice_status", "invoice_payment_status")},
	{NULL}
};

static const Reference application_references[] = {
	{"memo", "credit_memo", "credit_memo_id", "credit_memo_id", {"currency", "customer_id"}},
	{
		"invoice", "invoice", "invoice_id", "invoice_id",
		{"currency", "customer_id", "invoice_status", "payment_status"}
	},
	{NULL}
};

const RelationRules relation_rules[NUM_LEDGER_RELATIONS] = {
	{customer_rules, customer_facts, no_references},
	{invoice_rules, invoice_facts, customer_only, "invoice_id"},
	{line_item_rules, no_facts, line_item_references},
	{deposit_rules, deposit_facts, customer_only},
	{vcu_invoice_rules, vcu_invoice_facts, customer_only},
	{vcu_order_rules, vcu_order_facts, customer_only},
	{credit_memo_rules, credit_memo_facts, credit_memo_references, "credit_memo_id"},
	{application_rules, application_facts, application_references}
};

/* ---- what to do ---- */

static const struct
{
	const char *rule;
	const char *action;
}			actions[] =
{
	{DUPLICATE_ID,
	"Remove the copies and make the id unique; a view must not multiply rows by a join."},
	{DUPLICATE_NUMBER, "See whether one invoice was entered twice; void or renumber the other."},
	{AMBIGUOUS_ID,
	"Give the columns of both relations one type and collation, or the row an id of its own."},
	{"null_value", "Fill in the value and forbid NULL in the column."},
	{"not_finite", "Replace NaN and infinity by the right value and forbid them by a CHECK."},
	{"date_out_of_range", "Correct the year; documents have dates in the years 0001 to 9999."},
	{"unknown_currency", "Correct the code, or map it to an ISO 4217 code in the ledger's view."},
	{"withdrawn_currency",
	"Convert what is open to the currency that came after; correct what is dated later."},
	{"unknown_status",
	"Map the word in the ledger's view to one that balance knows; the README lists them."},
	{"excess_decimals", "Round the amount to the currency's decimals where it is made."},
	{"remaining_over_due",
	"Correct amount_remaining or amount_due: no more can remain than was due."},
	{"negative_remaining",
	"Book the overpayment as a deposit or credit memo and set amount_remaining to 0."},
	{"paid_with_remainder", "Set amount_remaining to 0, or reopen the invoice."},
	{"partially_paid_without_remainder", "Mark the invoice as paid, or correct amount_remaining."},
	{"applied_over_due",
	"Reverse applications until no more is applied to the invoice than was due."},
	{"due_before_issued", "Correct due_date or issued_at."},
	{"unknown_customer",
	"Restore the customer, or assign the row to another one; no document shows it."},
	{"unknown_invoice", "Restore the invoice, correct the reference, or delete the row."},
	{"unknown_memo", "Restore the credit memo, correct the reference, or delete the application."},
	{"line_items_not_object", "Make line_items a JSON object, or null."},
	{"negative_amount", "Make it an invoice, or a credit memo of the opposite sign."},
	{"negative_applied", "Correct amount_applied: it is the sum of the memo's applications."},
	{"applied_over_amount", "Reverse applications until no more is applied than the memo is over."},
	{"applied_unlike_applications",
	"Set amount_applied to the sum of the memo's applications, or enter what is missing."},
	{"fully_applied_with_remainder",
	"Set the status to partially_applied, or correct amount_applied."},
	{"void_memo_applied",
	"Reverse the memo's applications and reopen their invoices, or reinstate the memo."},
	{"memo_across_currencies", "Credit the invoice by a memo in its own currency."},
	{"memo_across_customers", "Correct the memo's customer_id or invoice_id."},
	{"application_across_currencies",
	"Reverse the application: a memo pays invoices in its own currency."},
	{"application_across_customers", "Reverse the application, or correct a customer_id."},
	{"application_to_void_invoice",
	"Reverse the application, so that the credit is available again."}
};

/* What to do about a rule's violations, in a sentence. */
const char *
rule_action(const char *rule)
{
	for (int i = 0; i < lengthof(actions); i++)
		if (strcmp(actions[i].rule, rule) == 0)
			return actions[i].action;
	elog(ERROR, "verify has no rule \"%s\"", rule);
}
