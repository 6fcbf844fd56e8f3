/*-------------------------------------------------------------------------
 *
 * left.c
 *	  What all invoices have left: whether it is explained by what is dated, what of
 *	  it was past due at an instant, and what invoices and their payments moved.
 *
 * Payments and applications are added up by the invoice that they name, before they
 * are joined to it: each is read once, and what has to be kept of an invoice is some
 * sums.  Payments that are of none, or in another currency, are told by their number
 * alone: whoever adds up movements reads them where there are any.
 *
 *-------------------------------------------------------------------------
 */
#include "left.h"

#include "match.h"
#include "template.h"
#include "told_apart.h"

const LeftSum left_sums[NUM_LEFT_SUMS] = {
	{"invoiced_before", "invoice", true},
	{"invoiced", "invoice", false},
	{"voided_before", "void", true},
	{"voided", "void", false},
	{"paid_before", "payment", true},
	{"paid", "payment", false},
	{"refunded", "refund", false}
};

/* What is added up for an invoice i: the sums of a relation, under its alias. */
typedef struct Settled
{
	const char *join;			/* behind the invoices */
	const char *all;			/* what settles i, whenever it did; or NULL */
	const char *then;			/* what did so before the later instant */
} Settled;

static const Settled not_settled = {"", NULL, NULL};

/* ---- payments ---- */

/* The sums of payments by invoice: all, or before, in and behind a period. */
static const char *
payment_sums(const Movements *movements, const LeftAsked *asked, const LedgerRelation *payment)
{
	const char *amount =
		sql_fill("({amount})::numeric", "amount", ledger_column(payment, "amount"));

	if (asked->since == NULL)
		return sql_fill("sum({amount}) AS settled", "amount", amount);
	return sql_fill("sum({amount}) FILTER (WHERE {at} < {since}) AS paid_before,\n"
					"  sum({amount}) FILTER (WHERE {at} >= {since} AND {at} < {until}"
					" AND {amount} >= 0) AS paid,\n"
					"  sum({amount}) FILTER (WHERE {at} >= {since} AND {at} < {until}"
					" AND {amount} < 0) AS refunded,\n"
					"  sum({amount}) FILTER (WHERE {at} >= {until}) AS later",
					"amount", amount, "since", asked->since, "until", asked->until,
					"at", sql_fill("LEAST({paid_at}, {now})",
								   "paid_at", ledger_column(payment, "paid_at"),
								   "now", movements->now));
}

/* What payments settle by the end of the period; with_left() sees to what is unknown. */
static const char *
settled_before_end(void)
{
	return sql_fill("COALESCE(p.paid_before, 0) + COALESCE(p.paid, 0) + COALESCE(p.refunded, 0)");
}

/* The payments of each invoice in its currency, and those of no such invoice. */
static Settled
sum_payments(const Movements *movements, const LeftAsked *asked, const LedgerRelation *invoice)
{
	LedgerRelation payment;
	const char *currency;

	if (!ledger_find(movements->ledger, "payment", "p", &payment) ||
		!ledger_has_column(&payment, "invoice_id"))
		return not_settled;
	currency = ledger_currency(&payment, "currency");
	return (Settled)
	{
		sql_fill("\n FULL JOIN (SELECT {keys}, {currency} AS currency, {sums},\n"
				 "  max(CASE WHEN {amount} IS NULL THEN 'payment.amount'::text"
				 " WHEN {paid_at} IS NULL THEN 'payment.paid_at'::text END) AS lacks\n"
				 "  FROM {payment} WHERE balance.payment_counts({status})"
				 " AND ({asked} IS NULL OR {currency} = {asked})\n"
				 "  GROUP BY {grouped}, {currency}) AS p ON {is_of} AND p.currency = i.currency",
				 "keys", ledger_sum_keys(&payment, "invoice_id", invoice, false),
				 "grouped", ledger_sum_keys(&payment, "invoice_id", invoice, true),
				 "currency", currency, "sums", payment_sums(movements, asked, &payment),
				 "amount", ledger_column(&payment, "amount"),
				 "paid_at", ledger_column(&payment, "paid_at"),
				 "payment", ledger_from(&payment),
				 "status", ledger_column(&payment, "status"),
				 "asked", asked->currency,
				 "is_of", ledger_join(&payment, "invoice_id", invoice, "invoice_id")),
			asked->since == NULL ? sql_fill("COALESCE(p.settled, 0)") :
			sql_fill("{then} + COALESCE(p.later, 0)", "then", settled_before_end()),
			asked->since == NULL ? NULL : settled_before_end()
	};
}

/* ---- applications ---- */

/* What is applied to each invoice; what was taken back, until then. */
static Settled
sum_applications(const Movements *movements, const LeftAsked *asked,
				 const LedgerRelation *invoice)
{
	LedgerRelation application;
	const char *amount;
	const char *reversed_at;

	if (!ledger_find(movements->ledger, "credit_memo_application", "a", &application))
		return not_settled;
	amount = ledger_column(&application, "amount_applied");
	reversed_at = ledger_column(&application, "reversed_at");
	return (Settled)
	{
		sql_fill("\n LEFT JOIN (SELECT {keys},"
				 " sum({amount}) FILTER (WHERE {reversed_at} IS NULL) AS settled,"
				 " bool_or({amount} IS NULL) AS lacks{then}\n"
				 "  FROM {application} WHERE a.invoice_id IS NOT NULL GROUP BY {grouped}) AS a"
				 " ON {is_of}",
				 "keys", ledger_sum_keys(&application, "invoice_id", invoice, false),
				 "grouped", ledger_sum_keys(&application, "invoice_id", invoice, true),
				 "amount", amount, "reversed_at", reversed_at,
				 "then", asked->since == NULL ? "" :
				 sql_fill(", sum({amount}) FILTER (WHERE LEAST({applied_at}, {now}) < {until}"
						  " AND (LEAST({reversed_at}, {now}) < {until}"
						  " AND {reversed_at} IS NOT NULL) IS NOT TRUE) AS settled_then",
						  "amount", amount,
						  "applied_at", ledger_column(&application, "applied_at"),
						  "reversed_at", reversed_at, "now", movements->now,
						  "until", asked->until),
				 "application", ledger_from(&application),
				 "is_of", ledger_join(&application, "invoice_id", invoice, "invoice_id")),
			sql_fill("balance.major_units(balance.required_amount(CASE WHEN a.lacks"
					 " THEN NULL::numeric ELSE COALESCE(a.settled, 0::numeric) END,"
					 " 'credit_memo_application.amount_applied'::text), i.currency)"),
			sql_fill("balance.major_units(COALESCE(a.settled_then, 0), i.currency)")
	};
}

/* ---- invoices ---- */

/* An amount less what payments and applications come to, either of which may be missing. */
static const char *
less(const char *amount, const char *payments, const char *applications)
{
	if (payments != NULL)
		amount = sql_fill("({amount}) - ({payments})", "amount", amount, "payments", payments);
	if (applications != NULL)
		amount = sql_fill("({amount}) - ({applications})", "amount", amount,
						  "applications", applications);
	return amount;
}

/* What movements of invoices come to, each before the earlier instant or from it on. */
static void
append_sums(StringInfo sql, const LeftAsked *asked, const char *due, const Settled *payments)
{
	for (int i = 0; i < NUM_LEFT_SUMS; i++)
	{
		const LeftSum *sum = &left_sums[i];
		bool		is_void = strcmp(sum->kind, "void") == 0;
		const char *at = is_void ? "i.ended" : "i.started";
		const char *amount;

		if (is_void || strcmp(sum->kind, "invoice") == 0)
			amount = sql_fill("CASE WHEN {at} {when} AND i.class {is} THEN {minus}{due} END",
							  "at", at, "when", sum->before ?
							  sql_fill("< {since}", "since", asked->since) :
							  sql_fill(">= {since} AND {at} < {until}", "since", asked->since,
									   "at", at, "until", asked->until),
							  "is", is_void ? sql_fill("= 'void'") : sql_fill("<> 'draft'"),
							  "minus", is_void ? sql_fill("- ") : "", "due", due);
		else if (payments->join[0] == '\0')
			amount = sql_fill("NULL::numeric");
		else
			amount = sql_fill("CASE WHEN i.class IS NOT NULL THEN - p.{paid} END",
							  "paid", sum->name);
		sql_append(sql, " sum({amount}) AS {name},\n ", "amount", amount, "name", sum->name);
	}
}

/* What i had left at the later instant, if it was past due then. */
static void
append_late(StringInfo sql, const LeftAsked *asked, const char *then)
{
	sql_append(sql, " sum(CASE WHEN i.class <> 'draft' AND i.started < {until} AND {past_due}"
			   " AND (i.ended < {until}) IS NOT TRUE THEN CASE WHEN i.amount_due < 0"
			   " THEN LEAST({then}, 0::numeric) ELSE GREATEST({then}, 0::numeric) END END)"
			   " AS late,\n ",
			   "until", asked->until, "past_due", asked->past_due, "then", then);
}

/*
 * Append to a query that began with_owed() of all customers a WITH query rest: by
 * customer and currency the sums that are asked for, how many payments by invoice are
 * of none, and how many invoices are not explained by what is dated, have no date, or
 * are void since no one knows when though they were owed before the later instant.  A
 * payment of an invoice that is unknown is an error here.
 */
void
with_left(const Movements *movements, const LeftAsked *asked)
{
	StringInfo	sql = &movements->query->sql;
	LedgerRelation invoice;
	Settled		payments;
	Settled		applications;
	const char *due;

	ledger_require(movements->ledger, "invoice", "i", &invoice);
	due = required_amount_of(&invoice, "amount_due", "i.amount_due", "i.currency");
	payments = sum_payments(movements, asked, &invoice);
	applications = sum_applications(movements, asked, &invoice);
	sql_append(sql, ",\nrest AS MATERIALIZED (SELECT {whose} AS customer_id, i.currency,\n ",
			   "whose", asked->whose);
	if (asked->since != NULL)
	{
		append_sums(sql, asked, due, &payments);
		append_late(sql, asked, less("i.amount_due", payments.then, applications.then));
	}
	sql_append(sql,
			   " count(*) FILTER (WHERE CASE WHEN i.class = 'draft' OR i.started IS NULL THEN FALSE"
			   " WHEN i.class = 'void' THEN {due} IS NULL\n"
			   "   WHEN i.class = 'paid' THEN {left} <> COALESCE(i.remaining, 0)"
			   " OR COALESCE(i.remaining * sign(i.amount_due) > 0, FALSE)\n"
			   "   ELSE {left} <> balance.required_amount(i.remaining,"
			   " 'invoice.amount_remaining'::text) END) AS unexplained,\n"
			   "  count(*) FILTER (WHERE i.started IS NULL AND i.class <> 'draft') AS undated,\n"
			   "  count(*) FILTER (WHERE i.started < {until} AND i.ended IS NULL"
			   " AND i.class = 'void') AS unvoided,\n"
			   "  count(*) FILTER (WHERE {is_stray}) AS strays\n"
			   " FROM (SELECT i.* FROM {owed} AS i"
			   " WHERE {currency} IS NULL OR i.currency = {currency}{apart}) AS i"
			   "{payments}{applications}\n GROUP BY 1, 2)",
			   "due", due, "left", less(due, payments.all, applications.all),
			   "is_stray", payments.all == NULL ? "FALSE" :
			   sql_fill("CASE WHEN i.class IS NULL THEN TRUE WHEN p.lacks IS NOT NULL"
						" THEN balance.required_amount(NULL::numeric, p.lacks) IS NULL"
						" ELSE FALSE END"),
	/* a cluster would be sent all of it to make it apart */
			   "apart", movements->on_cluster ? "" : sql_fill(" OFFSET '0'::int8"),
			   "until", asked->until, "owed", "owed", "payments", payments.join,
			   "applications", applications.join, "currency", asked->currency);
}

/* ---- what all of it comes to ---- */

/* The faults of all of it: a query of one row, with the columns of movement_faults(). */
const char *
left_faults(void)
{
	return sql_fill("SELECT COALESCE(sum(r.unexplained), 0)::int8,"
					" COALESCE(sum(r.undated), 0)::int8, COALESCE(sum(r.unvoided), 0)::int8"
					" FROM {rest} AS r", "rest", "rest");
}

/*
 * The condition that there are payments which are of no invoice, as far as their
 * number tells; TRUE where they must be looked for.
 */
const char *
left_strays(const Ledger *ledger)
{
	LedgerRelation payment;

	if (confuses_invoices(ledger) || (ledger_find(ledger, "payment", "p", &payment) &&
									  !ledger_has_column(&payment, "invoice_id")))
		return "TRUE";
	return sql_fill("(SELECT COALESCE(sum(r.strays), 0) > 0 FROM {rest} AS r)", "rest", "rest");
}
