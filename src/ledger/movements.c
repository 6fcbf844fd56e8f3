/*-------------------------------------------------------------------------
 *
 * movements.c
 *	  What happened to what is owed, when, and by how much.
 *
 * The one list of movements that statements and roll-forwards add up.  Each is a
 * row of the ledger at one of its dates:
 *
 *	invoice				+ amount_due, when it was finalized, else issued
 *	credit				- what was applied, when it was applied
 *	payment, refund		- amount, which is negative of a refund, when it was paid
 *	credit_reversal		+ what was applied, when it was reversed or the invoice voided
 *	void				- amount_due, when it was voided
 *
 * Drafts are not owed, so they have none.  The sum up to an instant is what open
 * invoices had left then, less unapplied cash: a payment counts from when it was
 * made, whether or not there was an invoice that could take it, a credit only while
 * its invoice is owed.  What has been recorded has happened by now, whatever date
 * it bears.
 *
 * The sum says the same as the invoices only where these are explained by what is
 * dated; those that are not are counted, to be refused.  See docs/decisions/0009.
 *
 *-------------------------------------------------------------------------
 */
#include "movements.h"

#include "asked.h"
#include "customer.h"
#include "match.h"
#include "named_once.h"
#include "plan.h"
#include "template.h"
#include "told_apart.h"
#include "untold.h"
#include "utils/builtins.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"
#include "value/amount.h"
#include "value/arguments.h"

const char *const movement_kinds[NUM_MOVEMENT_RANKS] = {
	[MOVED_INVOICE] = "invoice",
	[MOVED_CREDIT] = "credit",
	[MOVED_PAYMENT] = "payment",
	[MOVED_REFUND] = "refund",
	[MOVED_CREDIT_REVERSAL] = "credit_reversal",
	[MOVED_VOID] = "void"
};

/* ---- whose they are ---- */

/* What is read of a relation whose rows have a customer. */
typedef struct Whose
{
	const char *id;				/* of the customer, as text */
	const char *from;
	const char *condition;		/* that it is one who is asked for */
} Whose;

/*
 * Whether a ledger that does not know its customers compares their ids in invoices
 * and payments alike, so that these can stand as they are; else their text does.
 */
static bool
ids_stand(const LedgerRelation *invoice)
{
	LedgerRelation payment;

	(void) ledger_spelling_decides(invoice->ledger, false);
	return !ledger_find(invoice->ledger, "payment", "p", &payment) ||
		ledger_ids_agree(invoice, "customer_id", &payment, "customer_id");
}

/*
 * All customers, by the ids of those whom the ledger knows, if it knows them.  That one
 * is there twice is an error as soon as he has a row, whether or not anybody asks whose.
 */
static Whose
all_customers(const LedgerRelation *relation, const LedgerRelation *invoice)
{
	LedgerRelation customer;
	const char *id;
	const char *joined;
	bool		is_unique;

	if (!ledger_find(relation->ledger, "customer", "c", &customer))
		return (Whose)
	{
		ids_stand(invoice) ? ledger_id_value(relation, "customer_id", invoice) :
			ledger_id_text(relation, "customer_id"), ledger_from(relation),
			psprintf("%s.customer_id IS NOT NULL", relation->alias)
	};
	id = ledger_id_text(&customer, "customer_id");
	joined = ledger_join(relation, "customer_id", &customer, "customer_id");
	is_unique = ledger_customers_are_unique(&customer);
	return (Whose)
	{
		id,
			sql_fill("{relation} JOIN {customers} ON {joined}{alike}",
					 "relation", ledger_from(relation),
					 "customers", is_unique ? ledger_from(&customer) :
					 sql_fill("(SELECT c.customer_id, count(*) AS customers FROM {customer}"
							  " GROUP BY c.customer_id) AS c", "customer", ledger_from(&customer)),
					 "joined", joined,
					 "alike", ledger_join_alike(relation, "customer_id", &customer, "customer_id")),
			is_unique ? "TRUE" :
			sql_guard(joined, ledger_customer_is_one(&customer, id, false))
	};
}

static Whose
whose_rows(const Movements *movements, const LedgerRelation *relation,
		   const LedgerRelation *invoice)
{
	if (movements->customer == ALL_CUSTOMERS)
		return all_customers(relation, invoice);
	return (Whose)
	{
		sql_fill("NULL::text"), ledger_from(relation),
			ledger_equals(movements->query, relation, "customer_id", movements->customer)
	};
}

/* That what is joined to the invoices of one customer is his. */
static const char *
and_asked(const Movements *movements, const LedgerRelation *relation,
		  const LedgerRelation *invoice)
{
	return movements->customer == ALL_CUSTOMERS ? "" :
		ledger_and_asked(movements->query, relation, "invoice_id", invoice,
						 relation, movements->customer);
}

/*
 * As text the customer that a query's column customer_id has of a movement, where
 * all are asked for.
 */
const char *
movement_customer(const Ledger *ledger, const char *alias)
{
	LedgerRelation customer;
	LedgerRelation invoice;

	ledger_require(ledger, "invoice", alias, &invoice);
	if (ledger_find(ledger, "customer", "c", &customer) || !ids_stand(&invoice))
		return psprintf("%s.customer_id", alias);
	return ledger_id_text(&invoice, "customer_id");
}

/* ---- their columns ---- */

/*
 * An amount that must be known.  Where it is kept in minor units it is not, if the
 * currency is none, which is the error then.
 */
const char *
required_amount_of(const LedgerRelation *relation, const char *column, const char *amount,
				   const char *currency)
{
	const char *required =
		sql_fill("balance.required_amount({amount}::numeric, '{relation}.{column}'::text)",
				 "amount", amount, "relation", relation->spec->name, "column", column);

	if (!ledger_is_minor(relation, find_column_spec(relation->spec, column)))
		return required;
	return sql_fill("CASE WHEN balance.known_currency({currency}) IS FALSE"
					" THEN balance.major_units(0::numeric, {currency}) ELSE {required} END",
					"currency", currency, "required", required);
}

/* A column in major units, or an instant, which must be known. */
static const char *
required_column(const LedgerRelation *relation, const char *column)
{
	const ColumnSpec *spec = find_column_spec(relation->spec, column);
	bool		is_instant = spec->kind == COLUMN_INSTANT;

	if (spec->kind == COLUMN_MONEY)
		return required_amount_of(relation, column, ledger_column(relation, column),
								  ledger_currency(relation, "currency"));
	return sql_fill(is_instant ?
					"balance.required_instant({value}, '{relation}.{column}'::text)" :
					"balance.required_amount({value}::numeric, '{relation}.{column}'::text)",
					"value", ledger_column(relation, column),
					"relation", relation->spec->name, "column", column);
}

/* Between the queries of which the movements are the union. */
#define NEXT_SELECT	"\n UNION ALL "

/* ---- invoices ---- */

/*
 * What is kept of each invoice: what is not asked for costs as much as what is.  The
 * customer is for joins, the due date for what is past due of a book.
 */
static const char *
owed_columns(const Movements *movements)
{
	static const char always[] =
		"d.customer_id, d.invoice_id, d.id, d.number, d.currency, d.class, d.amount_due,"
		" d.remaining";

	return movements->tells == TELLS_INVOICES ? always :
		psprintf("%s, d.whose, d.due_date", always);
}

/*
 * Whether what is read more than once is kept meanwhile.  All of a book is read from
 * its relations each time: of those the planner knows how large they are, and nothing
 * is read that nobody asks for.
 */
static const char *
kept_meanwhile(const Movements *movements)
{
	return movements->customer == ALL_CUSTOMERS ? "NOT MATERIALIZED" : "MATERIALIZED";
}

/* That what is paid or credited tells its invoice, which is asked once. */
static const char *
with_named_once(const Movements *movements, const LedgerRelation *invoice)
{
	const char *named_once = ledger_and_named_once(movements->query, invoice,
												   movements->customer);

	if (*named_once == '\0')
		return "";
	sql_append(&movements->query->sql, "named AS MATERIALIZED (SELECT TRUE{once} AS once),\n",
			   "once", named_once);
	return sql_fill(" AND (SELECT n.once FROM {named} AS n)", "named", "named");
}

/* The invoices with from when to when each was owed, NULL where no date tells. */
static void
with_invoices(const Movements *movements, const LedgerRelation *invoice)
{
	StringInfo	sql = &movements->query->sql;
	Whose		whose = whose_rows(movements, invoice, invoice);
	const char *named_once;

	appendStringInfoString(sql, "WITH ");
	named_once = with_named_once(movements, invoice);
	sql_append(sql,
			   "dated AS (SELECT i.customer_id, {whose} AS whose, i.invoice_id, {id} AS id,"
			   " {number} AS number, {currency} AS currency, {due_date} AS due_date,\n"
			   "  balance.invoice_class({invoice_status}, {payment_status}) AS class,"
			   " {amount_due} AS amount_due, {remaining} AS remaining,\n"
			   "  COALESCE({finalized_at}, {issued_at}) AS dated, {voided_at} AS voided_at\n"
			   " FROM {from} WHERE {condition}{named_once}),\n",
			   "whose", whose.id,
			   "id", ledger_id_text(invoice, "invoice_id"),
			   "number", ledger_column(invoice, "number"),
			   "currency", ledger_currency(invoice, "currency"),
			   "due_date", ledger_column(invoice, "due_date"),
			   "invoice_status", ledger_column(invoice, "invoice_status"),
			   "payment_status", ledger_column(invoice, "payment_status"),
			   "amount_due", ledger_column(invoice, "amount_due"),
			   "remaining", ledger_column(invoice, "amount_remaining"),
			   "finalized_at", ledger_column(invoice, "finalized_at"),
			   "issued_at", ledger_column(invoice, "issued_at"),
			   "voided_at", ledger_column(invoice, "voided_at"),
			   "from", whose.from, "condition", whose.condition, "named_once", named_once);
	sql_append(sql,
			   "owed AS {kept} (SELECT {columns},"
			   " CASE WHEN d.dated IS NOT NULL THEN LEAST(d.dated, {now}) END AS started,\n"
			   "  CASE WHEN d.class = 'void' AND d.dated IS NOT NULL AND d.voided_at IS NOT NULL"
			   " THEN LEAST(GREATEST(d.voided_at, d.dated), {now}) END AS ended\n"
			   " FROM {dated} AS d)",
			   "kept", kept_meanwhile(movements),
			   "columns", owed_columns(movements), "now", movements->now,
			   "dated", "dated");
}

/* The dates of the invoice i, or of none, as far as it is owed. */
static const char *
dues_columns(bool of_invoice)
{
	return sql_fill(of_invoice ?
					", CASE WHEN i.class <> 'draft' THEN i.started END AS started, i.ended,"
					" i.due_date, i.amount_due < 0 AS is_credit" :
					", NULL::timestamptz, NULL::timestamptz, NULL, NULL::bool");
}

/*
 * The column before all others.  A cluster adds up a union where its rows are only if
 * what they are there by is in each part at one place, in queries below it, too.
 */
static const char *
beside_column(const Movements *movements, const char *alias)
{
	return movements->on_cluster ? psprintf("%s.customer_id AS customer_id, ", alias) : "";
}

/*
 * The last columns of a movement: to whoever is told of invoices what one says, else
 * whose the movement is and what it is called, and the dates of its invoice.
 */
static const char *
last_columns(const Movements *movements, bool is_invoice, const char *whose, const char *kind,
			 const char *dues)
{
	if (movements->tells != TELLS_INVOICES)
		return sql_fill("{whose} AS whose, {kind} AS kind{dues}", "whose", whose, "kind", kind,
						"dues", movements->tells == TELLS_DUES ? dues : "");
	return sql_fill(is_invoice ? "i.class, i.ended, i.remaining" :
					"NULL::text, NULL::timestamptz, NULL::numeric");
}

/*
 * Invoices, and those that were voided once more: who is told of invoices knows from
 * the first when they were.
 */
static void
append_invoices(const Movements *movements, const LedgerRelation *invoice)
{
	const char *amount_due =
		required_amount_of(invoice, "amount_due", "i.amount_due", "i.currency");
	StringInfo	sql = &movements->query->sql;

	sql_append(sql,
			   "SELECT {beside}i.currency, i.id AS invoice, i.started AS at, 1 AS rank,"
			   " i.id AS document_id, i.number, i.id, {amount_due} AS amount, {invoiced}\n"
			   "  FROM {owed} AS i WHERE i.class <> 'draft'",
			   "beside", beside_column(movements, "i"), "amount_due", amount_due,
			   "invoiced", last_columns(movements, true, "i.whose", sql_fill("'invoice'::text"),
										dues_columns(true)),
			   "owed", "owed");
	if (movements->tells == TELLS_INVOICES)
		return;
	sql_append(sql,
			   NEXT_SELECT "SELECT {beside}i.currency, i.id, i.ended, 6, i.id, i.number, i.id,"
			   " - {amount_due}, {voided}\n"
			   "  FROM {owed} AS i WHERE i.class = 'void'",
			   "beside", beside_column(movements, "i"), "amount_due", amount_due,
			   "voided", last_columns(movements, false, "i.whose", sql_fill("'void'::text"),
									  dues_columns(true)),
			   "owed", "owed");
}

/* ---- payments ---- */

/* A payment's movement, of an invoice in its currency if that is not NULL. */
static void
select_payment(StringInfo sql, const Movements *movements, const LedgerRelation *payment,
			   const char *whose, const char *invoice, const char *number, const char *dues,
			   const char *alias)
{
	const char *is_refund = sql_fill("{amount} < 0", "amount", ledger_column(payment, "amount"));
	const char *kind = sql_fill("CASE WHEN {is_refund} THEN 'refund'::text"
								" ELSE 'payment'::text END", "is_refund", is_refund);

	sql_append(sql,
			   "SELECT {beside}{currency} AS currency, {invoice} AS invoice,"
			   " LEAST({paid_at}, {now}) AS at,"
			   " CASE WHEN {is_refund} THEN 4 ELSE 3 END AS rank, {id} AS document_id,"
			   " {number} AS number, {id} AS id, - {amount} AS amount, {last}",
			   "beside", beside_column(movements, alias),
			   "currency", ledger_currency(payment, "currency"),
			   "invoice", invoice,
			   "paid_at", required_column(payment, "paid_at"),
			   "now", movements->now,
			   "is_refund", is_refund,
			   "amount", required_column(payment, "amount"),
			   "id", ledger_id_text(payment, "payment_id"),
			   "number", number,
			   "last", last_columns(movements, false, whose, kind, dues));
}

/* That a payment which meets a condition counts, as all do whose status is not kept. */
static const char *
counts_if(const char *condition, const LedgerRelation *payment)
{
	if (!ledger_has_column(payment, "status"))
		return sql_fill("TRUE");
	return sql_guard(condition, sql_fill("balance.payment_counts({status})",
										 "status", ledger_column(payment, "status")));
}

/* Payments of the invoices, whoever made them, and those of no invoice. */
static bool
append_payments(const Movements *movements, const LedgerRelation *invoice, const char *before)
{
	StringInfo	sql = &movements->query->sql;
	LedgerRelation payment;
	LedgerRelation named = *invoice;
	Whose		whose;
	bool		names_invoice;

	if (!ledger_find(movements->ledger, "payment", "p", &payment))
		return false;
	appendStringInfoString(sql, before);
	names_invoice = ledger_has_column(&payment, "invoice_id");
	if (names_invoice)
	{
		const char *is_of = ledger_join(&payment, "invoice_id", invoice, "invoice_id");

		select_payment(sql, movements, &payment, "i.whose",
					   sql_fill("CASE WHEN {currency} = i.currency THEN i.id END",
								"currency", ledger_currency(&payment, "currency")), "i.number",
					   dues_columns(true), "i");
		sql_append(sql, "\n  FROM {owed} AS i JOIN {payment} ON {is_of}{alike}\n"
				   "  WHERE {counts}{asked}" NEXT_SELECT,
				   "owed", "owed", "payment", ledger_from(&payment), "is_of", is_of,
				   "alike", ledger_join_alike(&payment, "invoice_id", invoice, "invoice_id"),
				   "counts", counts_if(is_of, &payment),
				   "asked", and_asked(movements, &payment, invoice));
	}
	whose = whose_rows(movements, &payment, invoice);
	select_payment(sql, movements, &payment, whose.id, sql_fill("NULL::text"),
				   sql_fill("NULL::text"), dues_columns(false), "p");
	sql_append(sql, "\n  FROM {payment} WHERE {condition} AND {counts}",
			   "payment", whose.from, "condition", whose.condition,
			   "counts", counts_if(whose.condition, &payment));
	named.alias = "n";
	if (names_invoice)
		sql_append(sql, "\n   AND NOT EXISTS (SELECT 1 FROM {invoice} WHERE {is_of})",
				   "invoice", ledger_from(&named),
				   "is_of", ledger_join(&payment, "invoice_id", &named, "invoice_id"));
	return true;
}

/* All payments, of which nothing tells whose they are. */
static bool
append_any_payment(const Movements *movements, const char *before)
{
	StringInfo	sql = &movements->query->sql;
	LedgerRelation payment;

	if (!ledger_find(movements->ledger, "payment", "p", &payment))
		return false;
	appendStringInfoString(sql, before);
	select_payment(sql, movements, &payment, sql_fill("NULL::text"), sql_fill("NULL::text"),
				   sql_fill("NULL::text"), dues_columns(false), "p");
	sql_append(sql, "\n  FROM {payment} WHERE balance.payment_counts({status})",
			   "payment", ledger_from(&payment), "status", ledger_column(&payment, "status"));
	return true;
}

/* ---- credits ---- */

/*
 * What was applied to the invoices, while they are owed.  What was taken back
 * before it could count is no movement.
 */
static bool
append_credits(const Movements *movements, const LedgerRelation *invoice, const char *before)
{
	LedgerRelation application;

	if (!ledger_find(movements->ledger, "credit_memo_application", "a", &application))
		return false;
	sql_append(&movements->query->sql,
			   "{before}SELECT {beside}a.currency, a.invoice, v.at, v.rank, a.document_id,"
			   " a.number, a.id, v.amount, {last}\n"
			   "  FROM (SELECT {beside_it}{whose} AS whose, i.currency, i.id AS invoice,"
			   " {memo} AS document_id, i.number, {id} AS id,"
			   " balance.major_units({amount}, i.currency) AS amount{dues},\n"
			   "    GREATEST(LEAST({applied_at}, {now}), i.started) AS applied,"
			   " CASE WHEN {reversed_at} IS NOT NULL OR i.ended IS NOT NULL"
			   " THEN GREATEST(LEAST({reversed_at}, i.ended, {now}), i.started) END AS reversed\n"
			   "   FROM {owed} AS i JOIN {application} ON {is_of}{alike}"
			   " WHERE i.class <> 'draft'{asked}) AS a\n"
			   "  CROSS JOIN LATERAL (VALUES (2, 'credit'::text, a.applied, - a.amount),"
			   " (5, 'credit_reversal'::text, a.reversed, a.amount)) AS v(rank, kind, at, amount)\n"
			   "  WHERE v.at IS NOT NULL AND (a.reversed > a.applied) IS NOT FALSE",
			   "before", before,
			   "last", last_columns(movements, false, "a.whose", "v.kind",
									", a.started, a.ended, a.due_date, a.is_credit"),
			   "beside", beside_column(movements, "a"), "beside_it", beside_column(movements, "i"),
			   "whose", movements->tells == TELLS_INVOICES ? sql_fill("NULL::text") : "i.whose",
			   "dues", movements->tells == TELLS_DUES ? dues_columns(true) : "",
			   "memo", ledger_id_text(&application, "credit_memo_id"),
			   "id", ledger_id_text(&application, "application_id"),
			   "amount", required_column(&application, "amount_applied"),
			   "applied_at", required_column(&application, "applied_at"),
			   "reversed_at", ledger_column(&application, "reversed_at"),
			   "now", movements->now, "owed", "owed",
			   "application", ledger_from(&application),
			   "is_of", ledger_join(&application, "invoice_id", invoice, "invoice_id"),
			   "alike", ledger_join_alike(&application, "invoice_id", invoice, "invoice_id"),
			   "asked", and_asked(movements, &application, invoice));
	return true;
}

/* ---- all of them ---- */

/*
 * Begin a query with a WITH query owed, the invoices.  What is selected after it may
 * be the movements as they are: see append_movements().
 */
void
with_owed(const Movements *movements)
{
	LedgerRelation invoice;

	ledger_require(movements->ledger, "invoice", "i", &invoice);
	with_invoices(movements, &invoice);
}

/*
 * Append the query of some movements: of which invoice, when, in which order at one
 * instant, document_id and number for people, id and amount, as MovementColumn has
 * them, and behind these either whose they are and what they are called or what is
 * told of invoices.  False if the ledger has no relation of those that are asked for.
 */
bool
append_movements_of(const Movements *movements, int sources)
{
	LedgerRelation invoice;
	const char *before = "";

	ledger_require(movements->ledger, "invoice", "i", &invoice);
	if ((sources & OF_INVOICES) != 0)
	{
		append_invoices(movements, &invoice);
		before = NEXT_SELECT;
	}
	if ((sources & OF_PAYMENTS) != 0 && append_payments(movements, &invoice, before))
		before = NEXT_SELECT;
	if ((sources & OF_ANY_PAYMENT) != 0 && append_any_payment(movements, before))
		before = NEXT_SELECT;
	if ((sources & OF_CREDITS) != 0 && append_credits(movements, &invoice, before))
		before = NEXT_SELECT;
	return *before != '\0';
}

void
append_movements(const Movements *movements)
{
	(void) append_movements_of(movements, OF_INVOICES | OF_PAYMENTS | OF_CREDITS);
}

/*
 * Whether ids of invoices are not all told apart by what refers to them: then no
 * movement may be left unread, whoever asks for some of them.
 */
bool
confuses_invoices(const Ledger *ledger)
{
	LedgerRelation invoice;
	LedgerRelation other;

	ledger_require(ledger, "invoice", "i", &invoice);
	return (ledger_find(ledger, "payment", "p", &other) &&
			ledger_has_column(&other, "invoice_id") &&
			ledger_confuses(&other, "invoice_id", &invoice, "invoice_id")) ||
		(ledger_find(ledger, "credit_memo_application", "a", &other) &&
		 ledger_confuses(&other, "invoice_id", &invoice, "invoice_id"));
}

/* Begin a query with two WITH queries: owed, and movement, the movements. */
void
with_movements(const Movements *movements)
{
	with_owed(movements);
	sql_append(&movements->query->sql, ",\nmovement AS {kept} (",
			   "kept", confuses_invoices(movements->ledger) ? "MATERIALIZED" :
			   kept_meanwhile(movements));
	append_movements(movements);
	appendStringInfoString(&movements->query->sql, ")");
}

/* Whether the id of an invoice is one only together with its customer. */
bool
invoices_need_customer(const Ledger *ledger)
{
	LedgerRelation invoice;

	ledger_require(ledger, "invoice", "i", &invoice);
	return ledger_key_has_customer(&invoice);
}

/*
 * A query of one row over the movements of one customer: how many invoices, of a
 * currency if that is not NULL, are not explained by what is dated, have no date, or
 * are void since no one knows when though they were owed before an instant.  Of what is
 * there twice nothing was settled: see named_once.c.
 */
const char *
movement_faults(const Ledger *ledger, const char *until, const char *currency)
{
	return sql_fill("SELECT count(*) FILTER (WHERE i.started IS NOT NULL"
					" AND i.class = ANY ('{open,paid}'::text[])"
					" AND (CASE WHEN m.copies > 1 THEN i.amount_due ELSE m.amount END"
					" <> r.remaining"
					" OR (i.class = 'paid' AND r.remaining * sign(i.amount_due) > 0))),\n"
					"  count(*) FILTER (WHERE i.started IS NULL AND i.class <> 'draft'),\n"
					"  count(*) FILTER (WHERE i.started < {until} AND i.ended IS NULL"
					" AND i.class = 'void')\n"
					" FROM {owed} AS i\n"
					" LEFT JOIN (SELECT m.invoice, sum(m.amount) AS amount,"
					" count(*) FILTER (WHERE m.kind = 'invoice') AS copies"
					" FROM {movement} AS m GROUP BY m.invoice) AS m ON m.invoice = i.id\n"
					" CROSS JOIN LATERAL (SELECT CASE WHEN i.class = 'paid'"
					" THEN COALESCE(i.remaining, 0) WHEN i.class = 'open'"
					" THEN balance.required_amount(i.remaining, 'invoice.amount_remaining'::text)"
					" END AS remaining) AS r\n"
					" WHERE {currency} IS NULL OR i.currency = {currency}",
					"until", until, "currency", currency, "owed", "owed", "movement", "movement");
}

/* ---- what must be known ---- */

/* An amount that is added up, as it stands in its row; or 22004, or 22003. */
PG_FUNCTION_INFO_V1(required_amount);
Datum
required_amount(PG_FUNCTION_ARGS)
{
	struct varlena *number = PG_ARGISNULL(0) ? NULL : PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));
	const char *name;

	if (number != NULL && numeric_is_finite(number))
		PG_RETURN_POINTER(number);
	name = PG_ARGISNULL(1) ? "an amount" : text_to_cstring(PG_GETARG_TEXT_PP(1));
	if (number == NULL)
		report_null_argument(name);
	PG_RETURN_NUMERIC(numeric_require_finite(PG_GETARG_NUMERIC(0), name));
}

PG_FUNCTION_INFO_V1(required_instant);
Datum
required_instant(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		report_null_argument(PG_ARGISNULL(1) ? "an instant" :
							 text_to_cstring(PG_GETARG_TEXT_PP(1)));
	PG_RETURN_TIMESTAMPTZ(PG_GETARG_TIMESTAMPTZ(0));
}
