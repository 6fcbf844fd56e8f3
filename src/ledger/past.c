/*-------------------------------------------------------------------------
 *
 * past.c
 *	  A ledger as it was at an instant: docs/decisions/0009.
 *
 * In place of its invoices and credit memos stand sub-selects with the same
 * columns, in which what has changed since is as it was then.  So whatever
 * tallies them tallies the past.  A row of which nothing can be told has a
 * state below zero, and the position that it is in is NULL.
 *
 *-------------------------------------------------------------------------
 */
#include "past.h"

#include "asked.h"
#include "match.h"
#include "named_once.h"
#include "template.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
#include "value/amount.h"
#include "value/status.h"

/* When a credit memo must not have expired. */
const char *
ledger_clock(const Ledger *ledger)
{
	return ledger->clock != NULL ? ledger->clock : sql_fill("now()");
}

/* ---- the state of an invoice ---- */

/* a - b, where NULL is unknown. */
static bool
subtract(FunctionCallInfo fcinfo, int a, int b, Amount *difference)
{
	if (PG_ARGISNULL(a))
		return false;
	*difference = amount_from_numeric(PG_GETARG_NUMERIC(a));
	if (!PG_ARGISNULL(b))
	{
		Amount		less = amount_from_numeric(PG_GETARG_NUMERIC(b));

		amount_subtract(difference, &less);
	}
	return true;
}

enum
{
	ARG_INVOICE_STATUS,
	ARG_PAYMENT_STATUS,
	ARG_DATED,
	ARG_VOIDED_AT,
	ARG_AMOUNT_DUE,
	ARG_AMOUNT_REMAINING,
	ARG_SETTLED,				/* by all payments and applications */
	ARG_SETTLED_THEN,			/* by those until then */
	ARG_CHANGED,				/* whether any came later */
	ARG_UNTIL
};

/* Whether what remains today is what its payments and applications left. */
static bool
is_explained(FunctionCallInfo fcinfo, InvoiceClass class)
{
	Amount		left;
	Amount		remaining = {0};

	if (!subtract(fcinfo, ARG_AMOUNT_DUE, ARG_SETTLED, &left) ||
		(PG_ARGISNULL(ARG_AMOUNT_REMAINING) && class != INVOICE_PAID))
		return true;			/* unknown, which is another error */
	if (!PG_ARGISNULL(ARG_AMOUNT_REMAINING))
		remaining = amount_from_numeric(PG_GETARG_NUMERIC(ARG_AMOUNT_REMAINING));
	amount_subtract(&left, &remaining);
	return amount_is_zero(&left);
}

/* Open or paid, by what was left of it. */
static int
state_by_amounts(FunctionCallInfo fcinfo)
{
	Amount		due;
	Amount		left;

	if (!subtract(fcinfo, ARG_AMOUNT_DUE, ARG_SETTLED_THEN, &left))
		return STATE_OPEN;
	due = amount_from_numeric(PG_GETARG_NUMERIC(ARG_AMOUNT_DUE));
	if (amount_sign(&due) < 0)
		return amount_sign(&left) >= 0 ? STATE_PAID : STATE_OPEN;
	return amount_sign(&left) <= 0 ? STATE_PAID : STATE_OPEN;
}

PG_FUNCTION_INFO_V1(invoice_state_at);
Datum
invoice_state_at(PG_FUNCTION_ARGS)
{
	InvoiceClass class =
		invoice_class_of(PG_ARGISNULL(ARG_INVOICE_STATUS) ? NULL :
						 PG_GETARG_TEXT_PP(ARG_INVOICE_STATUS),
						 PG_ARGISNULL(ARG_PAYMENT_STATUS) ? NULL :
						 PG_GETARG_TEXT_PP(ARG_PAYMENT_STATUS));
	TimestampTz until = PG_GETARG_TIMESTAMPTZ(ARG_UNTIL);

	if (class == INVOICE_DRAFT)
		PG_RETURN_INT32(STATE_ABSENT);
	if (PG_ARGISNULL(ARG_DATED))
		PG_RETURN_INT32(STATE_UNDATED);
	if (PG_GETARG_TIMESTAMPTZ(ARG_DATED) > until)
		PG_RETURN_INT32(STATE_ABSENT);
	if (class == INVOICE_VOID)
	{
		if (PG_ARGISNULL(ARG_VOIDED_AT))
			PG_RETURN_INT32(STATE_UNVOIDED);
		PG_RETURN_INT32(PG_GETARG_TIMESTAMPTZ(ARG_VOIDED_AT) <= until ? STATE_VOID :
						state_by_amounts(fcinfo));
	}
	if (!is_explained(fcinfo, class))
		PG_RETURN_INT32(STATE_UNEXPLAINED);
	if (!PG_ARGISNULL(ARG_CHANGED) && PG_GETARG_BOOL(ARG_CHANGED))
		PG_RETURN_INT32(state_by_amounts(fcinfo));
	PG_RETURN_INT32(class == INVOICE_PAID ? STATE_PAID : STATE_OPEN);
}

/* ---- invoices ---- */

/* What is added up for an invoice: a relation, as far as it says which it is for. */
static bool
find_settling(const LedgerPast *past, const char *name, const char *alias,
			  LedgerRelation *settling)
{
	return ledger_find(past->present, name, alias, settling) &&
		ledger_has_column(settling, "invoice_id");
}

/* The payments of each invoice in its currency: all, and those until then. */
static void
join_payments(StringInfo sql, const LedgerPast *past, const LedgerRelation *invoice,
			  const LedgerRelation *payment)
{
	const char *paid_at = ledger_column(payment, "paid_at");
	const char *sums =
		sql_fill("sum({amount}) AS settled,"
				 " sum({amount}) FILTER (WHERE {paid_at} <= {until}) AS settled_then,"
				 " bool_or({paid_at} > {until}) AS changed",
				 "amount", ledger_column(payment, "amount"), "paid_at", paid_at,
				 "until", past->until);

	sql_append(sql, past->one_customer ?
			   "\n LEFT JOIN LATERAL (SELECT {sums} FROM {from} WHERE {is_of_row}"
			   " AND {currency} = {row_currency}"
			   " AND {paid_at} IS NOT NULL AND balance.payment_counts({status})) AS p ON TRUE" :
			   "\n LEFT JOIN (SELECT {keys}, {currency} AS currency, {sums} FROM {from}"
			   " WHERE p.invoice_id IS NOT NULL"
			   " AND {paid_at} IS NOT NULL AND balance.payment_counts({status})\n"
			   "  GROUP BY {keys}, {currency}) AS p ON {is_of_row} AND p.currency = {row_currency}",
			   "keys", ledger_join_keys(payment, "invoice_id",
										ledger_joins_customer(payment, "invoice_id", invoice)),
			   "sums", sums, "paid_at", paid_at, "from", ledger_from(payment),
			   "status", ledger_column(payment, "status"),
			   "currency", ledger_currency(payment, "currency"),
			   "row_currency", ledger_currency(invoice, "currency"),
			   "is_of_row", ledger_join(payment, "invoice_id", invoice, "invoice_id"));
}

/* The condition that an application was in force then. */
static const char *
was_in_force(const LedgerPast *past, const LedgerRelation *application)
{
	return sql_fill("{applied_at} <= {until} AND ({reversed_at} IS NULL"
					" OR {reversed_at} > {until})",
					"applied_at", ledger_column(application, "applied_at"),
					"reversed_at", ledger_column(application, "reversed_at"),
					"until", past->until);
}

/* The applications of each invoice or memo, likewise, in minor units. */
static void
join_applications(StringInfo sql, const LedgerPast *past, const LedgerRelation *owner,
				  const LedgerRelation *application)
{
	const char *key = owner->spec->key;
	const char *reversed_at = ledger_column(application, "reversed_at");
	const char *sums =
		sql_fill("sum({amount}) FILTER (WHERE {reversed_at} IS NULL) AS settled,"
				 " sum({amount}) FILTER (WHERE {then}) AS settled_then,"
				 " bool_or({applied_at} > {until} OR {reversed_at} > {until}) AS changed",
				 "amount", ledger_column(application, "amount_applied"),
				 "reversed_at", reversed_at, "then", was_in_force(past, application),
				 "applied_at", ledger_column(application, "applied_at"), "until", past->until);

	sql_append(sql, past->one_customer ?
			   "\n LEFT JOIN LATERAL (SELECT {sums} FROM {from} WHERE {is_of_row}"
			   " AND {applied_at} IS NOT NULL) AS a ON TRUE" :
			   "\n LEFT JOIN (SELECT {keys}, {sums} FROM {from} WHERE a.{key} IS NOT NULL"
			   " AND {applied_at} IS NOT NULL\n  GROUP BY {keys}) AS a ON {is_of_row}",
			   "keys", ledger_join_keys(application, key,
										ledger_joins_customer(application, key, owner)),
			   "sums", sums, "key", key, "from", ledger_from(application),
			   "applied_at", ledger_column(application, "applied_at"),
			   "is_of_row", ledger_join(application, key, owner, key));
}

/* What payments and applications come to, of which either may be missing. */
static const char *
settled(const LedgerRelation *invoice, bool has_payments, bool has_applications,
		const char *when)
{
	const char *applied =
		sql_fill("balance.major_units(a.{when}, {currency})",
				 "when", when, "currency", ledger_column(invoice, "currency"));

	if (!has_applications)
		return has_payments ? psprintf("p.%s", when) : sql_fill("NULL::numeric");
	return has_payments ?
		sql_fill("CASE WHEN a.{when} IS NULL THEN p.{when}"
				 " ELSE COALESCE(p.{when}, 0) + {applied} END",
				 "when", when, "applied", applied) : applied;
}

static bool
is_one_of(const char *name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return false;
}

/*
 * The other columns as they are, for the inner select or the outer one; but amounts
 * in minor units become those in major ones, as what remained need not be whole.
 */
static const char *
same_columns(const LedgerRelation *base, bool is_inner, const char *const *changed)
{
	StringInfoData sql;

	initStringInfo(&sql);
	for (const ColumnSpec *column = base->spec->columns; column->name; column++)
	{
		if (column->stands_for != NULL || is_one_of(column->name, changed))
			continue;
		if (is_inner && ledger_is_minor(base, column))
			appendStringInfo(&sql, "%s AS %s, ", ledger_column(base, column->name),
							 column->name);
		else if (ledger_has_column(base, column->name) || ledger_is_minor(base, column))
			appendStringInfo(&sql, "b.%s, ", column->name);
	}
	return sql.data;
}

/* Which rows, as the condition of the innermost query: whose, and that they are told. */
static const char *
whose(const LedgerPast *past, const LedgerRelation *base)
{
	return psprintf("%s%s",
					past->one_customer ? ledger_equals(past->query, base, "customer_id", 0) :
					"TRUE",
					ledger_and_named_once(past->query, base,
										  past->one_customer ? 0 : ALL_CUSTOMERS));
}

static const char *
past_invoices(const LedgerRelation *relation)
{
	static const char *const changed[] = {
		"invoice_status", "payment_status", "amount_remaining", NULL
	};
	const LedgerPast *past = relation->ledger->past;
	LedgerRelation base;
	LedgerRelation payment;
	LedgerRelation application;
	bool		has_payments = find_settling(past, "payment", "p", &payment);
	bool		has_applications = find_settling(past, "credit_memo_application", "a",
												 &application);
	StringInfoData joins;
	const char *then;
	const char *has_changed;

	(void) ledger_find(past->present, "invoice", "b", &base);
	initStringInfo(&joins);
	if (has_payments)
		join_payments(&joins, past, &base, &payment);
	if (has_applications)
		join_applications(&joins, past, &base, &application);
	then = settled(&base, has_payments, has_applications, "settled_then");
	has_changed = sql_fill("{paid} OR {applied} OR COALESCE({voided_at} > {until}, FALSE)",
						   "paid", has_payments ? "COALESCE(p.changed, FALSE)" : "FALSE",
						   "applied", has_applications ? "COALESCE(a.changed, FALSE)" : "FALSE",
						   "voided_at", ledger_column(&base, "voided_at"),
						   "until", past->until);
	return sql_fill("(SELECT {outer}(ARRAY['open','paid','void']::text[])[b.balance_state]"
					" AS invoice_status, NULL::text AS payment_status, b.amount_remaining,"
					" b.balance_state\n"
					" FROM (SELECT {inner}CASE WHEN {changed}"
					" THEN {amount_due} - COALESCE({then}, 0)"
					" ELSE {amount_remaining} END AS amount_remaining,\n"
					"  balance.invoice_state_at({invoice_status}, {payment_status},"
					" COALESCE({finalized_at}, {issued_at}), {voided_at}, {amount_due},"
					" {amount_remaining}, {settled}, {then}, {changed}, {until})"
					" AS balance_state\n"
					" FROM {base}{joins}\n"
					" WHERE {whose} OFFSET '0'::int8) AS b\n"
					" WHERE b.balance_state <> 0) AS {alias}",
					"outer", same_columns(&base, false, changed),
					"inner", same_columns(&base, true, changed), "changed", has_changed,
					"amount_due", ledger_column(&base, "amount_due"), "then", then,
					"amount_remaining", ledger_column(&base, "amount_remaining"),
					"invoice_status", ledger_column(&base, "invoice_status"),
					"payment_status", ledger_column(&base, "payment_status"),
					"finalized_at", ledger_column(&base, "finalized_at"),
					"issued_at", ledger_column(&base, "issued_at"),
					"voided_at", ledger_column(&base, "voided_at"),
					"settled", settled(&base, has_payments, has_applications, "settled"),
					"until", past->until, "base", ledger_from(&base), "joins", joins.data,
					"whose", whose(past, &base), "alias", relation->alias);
}

/* ---- credit memos ---- */

/*
 * What has been used of a memo: amount_applied is its applications and what was
 * refunded, and no less than that, whatever a ledger has forgotten to add.
 */
static const char *
used_now(const LedgerRelation *memo)
{
	if (!ledger_has_column(memo, "amount_refunded"))
		return ledger_column(memo, "amount_applied");
	return sql_fill("CASE WHEN {refunded} > {applied} THEN {refunded} ELSE {applied} END",
					"refunded", ledger_column(memo, "amount_refunded"),
					"applied", ledger_column(memo, "amount_applied"));
}

/* The same of a memo of the present; one of the past has it as amount_applied. */
const char *
memo_used(const LedgerRelation *memo)
{
	return is_past(memo) ? ledger_column(memo, "amount_applied") : used_now(memo);
}

static const char *
past_memos(const LedgerRelation *relation)
{
	static const char *const changed[] = {"status", "amount_applied", NULL};
	const LedgerPast *past = relation->ledger->past;
	LedgerRelation base;
	LedgerRelation application;
	bool		has_applications = ledger_find(past->present, "credit_memo_application", "a",
											   &application);
	StringInfoData joins;
	const char *used;

	(void) ledger_find(past->present, "credit_memo", "b", &base);
	initStringInfo(&joins);
	if (has_applications)
		join_applications(&joins, past, &base, &application);
	used = used_now(&base);
	if (has_applications)
		used = sql_fill("LEAST((({used})::numeric - COALESCE(a.settled, 0))"
						" + COALESCE(a.settled_then, 0), 9223372036854775807::numeric)::int8",
						"used", used);
	return sql_fill("(SELECT {outer}'issued'::text AS status, b.amount_applied,"
					" b.balance_state\n"
					" FROM (SELECT {inner}{used} AS amount_applied,\n"
					"  CASE WHEN {class} = 'draft' OR {issue_date} > {day}"
					" OR {voided_at} <= {until} AND {class} = 'void' THEN 0\n"
					"  WHEN {class} = 'void' AND {voided_at} IS NULL THEN -1 ELSE 1 END"
					" AS balance_state\n"
					" FROM {base}{joins}\n"
					" WHERE {whose} OFFSET '0'::int8) AS b\n"
					" WHERE b.balance_state <> 0) AS {alias}",
					"outer", same_columns(&base, false, changed),
					"inner", same_columns(&base, true, changed), "used", used,
					"class", sql_fill("balance.credit_memo_class({status})",
									  "status", ledger_column(&base, "status")),
					"issue_date", ledger_column(&base, "issue_date"), "day", past->day,
					"voided_at", ledger_column(&base, "voided_at"), "until", past->until,
					"base", ledger_from(&base), "joins", joins.data,
					"whose", whose(past, &base), "alias", relation->alias);
}

/* ---- what others ask ---- */

/* What stands in a FROM clause for a relation of the past: its PastReader. */
const char *
past_from(const LedgerRelation *relation)
{
	if (!is_past(relation))
		return NULL;
	return strcmp(relation->spec->name, "invoice") == 0 ? past_invoices(relation) :
		past_memos(relation);
}

/* A source's aggregate over rows of the past: NULL where one of them cannot be told. */
const char *
tally_of_past(const LedgerRelation *owner, const char *aggregate)
{
	return sql_fill("CASE WHEN bool_or({owner}.balance_state < 0) THEN NULL"
					" ELSE {tally} END",
					"owner", owner->alias, "tally", aggregate);
}
