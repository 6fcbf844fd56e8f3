/*-------------------------------------------------------------------------
 *
 * credits_query.c
 *	  The query for a customer's credit memos that still have something to
 *	  give, with their applications.
 *
 *-------------------------------------------------------------------------
 */
#include "credits_query.h"

#include "catalog/pg_type.h"
#include "ledger/asked.h"
#include "ledger/identifier.h"
#include "ledger/match.h"
#include "ledger/named_once.h"
#include "ledger/past.h"
#include "ledger/template.h"
#include "ledger/told_apart.h"
#include "ledger/unique.h"

/* The memo's columns, in the order of the result. */
const char *const credit_memo_columns[] = {
	"status", "currency", "amount", "amount_applied",
#define VALUE(key, column, kind)	#column,
	CREDIT_MEMO_VALUES(VALUE)
#undef VALUE
	NULL
};

/* The condition that what a column refers to is one of the ids that match. */
static const char *
apart(const LedgerRelation *relation, const char *column,
	  const LedgerRelation *other, const char *key)
{
	const char *id = ledger_id_text(other, key);

	if (!ledger_confuses(relation, column, other, key))
		return "true";
	return ledger_told_apart(relation, column,
							 sql_fill("count(DISTINCT {id})", "id", id),
							 sql_fill("min({id})", "id", id));
}

/*
 * The condition that an application is a memo's.  Where it may be another
 * memo's as well, that is looked for, as only a few memos are listed.
 */
static const char *
application_condition(LedgerQuery *query, const LedgerRelation *application,
					  const LedgerRelation *memo)
{
	static const char *const key = "credit_memo_id";
	LedgerRelation alike = *memo;
	const char *is_memos =
		psprintf("%s%s", ledger_join(application, key, memo, key),
				 ledger_and_asked(query, application, key, memo, application,
								  ARGUMENT_CUSTOMER_ID));

	if (!ledger_confuses(application, key, memo, key))
		return is_memos;
	alike.alias = "alike";
	return sql_fill("{is_memos} AND CASE WHEN {is_memos}"
					" THEN (SELECT {apart} FROM {alike} WHERE {is_alike}) END",
					"is_memos", is_memos, "apart", apart(application, key, &alike, key),
					"alike", ledger_from(&alike),
					"is_alike", ledger_join(application, key, &alike, key));
}

/*
 * That a memo may be listed, as a condition that an index can have: it raises no
 * error, as amounts are integers.
 */
static const char *
may_be_listed(const LedgerRelation *memo)
{
	return sql_fill("balance.may_be_available({status}, {currency}, {amount}, {applied})",
					"status", ledger_column(memo, "status"),
					"currency", ledger_column(memo, "currency"),
					"amount", ledger_column(memo, "amount"),
					"applied", ledger_column(memo, "amount_applied"));
}

/* The condition that it is told whose the applications of a customer's listed memos are. */
static const char *
applications_told(LedgerQuery *query, const LedgerRelation *application,
				  const LedgerRelation *memo)
{
	LedgerRelation own = *memo;

	own.alias = OWN_ROWS;
	return ledger_is_named_once(query, memo, application, ARGUMENT_CUSTOMER_ID,
								may_be_listed(&own));
}

/* The number of the invoice that a memo credits, stored or looked up. */
static const char *
invoice_number(LedgerQuery *query, const LedgerRelation *memo)
{
	LedgerRelation invoice;
	const char *number = ledger_column(memo, "invoice_number");
	bool		joins_customer;

	if (!ledger_find(memo->ledger, "invoice", "i", &invoice) ||
		!ledger_has_column(memo, "invoice_id") ||
		!ledger_has_column(&invoice, "number"))
		return number;
	joins_customer = ledger_joins_customer(memo, "invoice_id", &invoice);
	return sql_fill("COALESCE({stored}, (SELECT CASE WHEN {apart}{once} THEN min({number}) END"
					" FROM {invoice} WHERE {is_memos}{asked}))",
					"stored", number,
					"apart", apart(memo, "invoice_id", &invoice, "invoice_id"),
					"once", ledger_is_unique(&invoice, "invoice_id", joins_customer) ? "" :
					sql_fill(" AND balance.named_once(count(*), 'invoice'::text, min({id}))",
							 "id", ledger_id_text(&invoice, "invoice_id")),
					"number", ledger_column(&invoice, "number"),
					"invoice", ledger_from(&invoice),
					"is_memos", ledger_join(memo, "invoice_id", &invoice, "invoice_id"),
					"asked", ledger_and_asked(query, memo, "invoice_id", &invoice,
											  &invoice, ARGUMENT_CUSTOMER_ID));
}

/* A memo's column as the document has it. */
static const char *
memo_value(LedgerQuery *query, const LedgerRelation *memo, const char *column)
{
	if (strcmp(column, "invoice_number") == 0)
		return invoice_number(query, memo);
	if (strcmp(column, "amount_applied") == 0)
		return memo_used(memo);
	return ledger_column(memo, column);
}

/*
 * Which memos are listed.  The status comes first, so that an unknown one is
 * an error whatever else is true of its memo; a currency that is unknown or
 * null comes through, for the same reason, but a void memo needs none.
 */
static const char *
listed_condition(const LedgerRelation *memo, const char *asked_currency)
{
	return sql_fill("(balance.credit_memo_class({status}) = 'available') IS NOT FALSE\n"
					"  AND ({amount} > {applied}) IS NOT FALSE\n"
					"  AND ({expires_at} >= {clock}) IS NOT FALSE\n"
					"  AND ({asked} IS NULL OR {code} = {asked})\n"
					"  OR {currency} IS NULL\n"
					"  OR NOT balance.known_currency({currency})\n"
					"  AND balance.credit_memo_class({status}) <> 'void'",
					"status", ledger_column(memo, "status"),
					"amount", ledger_column(memo, "amount"),
					"applied", memo_used(memo),
					"code", ledger_currency(memo, "currency"),
					"currency", ledger_column(memo, "currency"),
					"expires_at", ledger_column(memo, "expires_at"),
					"clock", ledger_clock(memo->ledger), "asked", asked_currency);
}

/*
 * The listed memos, numbered in the order of the document.  What is null does
 * not drop out here: it comes along, to raise an error.
 */
static void
compose_memos(const Ledger *ledger, LedgerQuery *query,
			  const LedgerRelation *memo)
{
	StringInfo	sql = &query->sql;
	const char *business = ledger_parameter(query, TEXTOID, ARGUMENT_BUSINESS_ID);
	const char *currency = ledger_parameter(query, TEXTOID, ARGUMENT_CURRENCY);
	const char *scope =
		sql_fill("{of_customer} AND ({business} IS NULL OR {of_business})", "of_customer",
				 ledger_equals(query, memo, "customer_id", ARGUMENT_CUSTOMER_ID),
				 "business", business, "of_business",
				 ledger_equals(query, memo, "business_id", ARGUMENT_BUSINESS_ID));

	sql_append(sql, "(SELECT row_number() OVER (ORDER BY {created_at} DESC, {id}) AS ordinal",
			   "created_at", ledger_column(memo, "created_at"),
			   "id", ledger_order(memo, "credit_memo_id"));
	for (int i = 0; credit_memo_columns[i] != NULL; i++)
		sql_append(sql, ",\n  {value} AS memo_{column}",
				   "value", memo_value(query, memo, credit_memo_columns[i]),
				   "column", credit_memo_columns[i]);

	/*
	 * the ids once more in their own types, for the join with the
	 * applications
	 */
	sql_append(sql,
			   ",\n  m.credit_memo_id, m.customer_id\n"
			   " FROM {memo}\n WHERE {scope}\n AND {may}\n AND {listed}) AS m",
			   "memo", ledger_from(memo),
			   "scope", scope, "may", may_be_listed(memo),
			   "listed", sql_guard(scope, listed_condition(memo, currency)));
}

/* The customer, of the business that was asked for; and how many match. */
static void
compose_customer(LedgerQuery *query, const LedgerRelation *customer)
{
	StringInfo	sql = &query->sql;

	appendStringInfoString(sql, "\nFROM (SELECT) AS one");
	if (!OidIsValid(customer->relid))
		return;
	sql_append(sql,
			   "\nLEFT JOIN (SELECT c.customer_id{name}, count(*) OVER () AS balance_customers\n"
			   " FROM {customer} WHERE {asked}",
			   "name", ledger_has_column(customer, "customer_name") ? ", c.customer_name" : "",
			   "customer", ledger_from(customer),
			   "asked", ledger_equals(query, customer, "customer_id", ARGUMENT_CUSTOMER_ID));
	if (ledger_has_column(customer, "business_id"))
		sql_append(sql, "\n AND ({business} IS NULL OR c.business_id IS NULL OR {asked})",
				   "business", ledger_parameter(query, TEXTOID, ARGUMENT_BUSINESS_ID),
				   "asked", ledger_equals(query, customer, "business_id", ARGUMENT_BUSINESS_ID));
	appendStringInfoString(sql, ") AS c ON true");
}

/* The query: the customer, the listed memos, and the applications of each. */
void
compose_credits(const Ledger *ledger, LedgerQuery *query, const void *context)
{
	StringInfo	sql = &query->sql;
	LedgerRelation customer;
	LedgerRelation memo;
	LedgerRelation application;
	bool		has_application;

	ledger_require(ledger, "credit_memo", "m", &memo);
	has_application = ledger_find(ledger, "credit_memo_application", "a",
								  &application);

	ledger_select_customer(ledger, query, &customer);
	sql_append(sql,
			   OidIsValid(customer.relid) ? ", {name}, c.balance_customers, m.ordinal" :
			   ", {name}, NULL::int8, m.ordinal",
			   "name", ledger_column(&customer, "customer_name"));
	for (int i = 0; credit_memo_columns[i] != NULL; i++)
		sql_append(sql, ", m.memo_{column}", "column", credit_memo_columns[i]);
	if (has_application)
		sql_append(sql,
				   ",\n{id} AS application_id, {invoice_id}, {amount},"
				   " {applied_at} AS applied_at, {applied_by}",
				   "id", ledger_column(&application, "application_id"),
				   "invoice_id", ledger_column(&application, "invoice_id"),
				   "amount", ledger_column(&application, "amount_applied"),
				   "applied_at", ledger_column(&application, "applied_at"),
				   "applied_by", ledger_column(&application, "applied_by_user_id"));
	compose_customer(query, &customer);
	appendStringInfoString(sql, "\nLEFT JOIN ");
	compose_memos(ledger, query, &memo);
	appendStringInfoString(sql, " ON true");
	if (has_application)
	{
		const char *told = applications_told(query, &application, &memo);

		sql_append(sql,
				   "\nLEFT JOIN {application} ON {is_memos} AND {reversed_at} IS NULL{told}\n"
				   "ORDER BY m.ordinal, a.applied_at, {id}",
				   "application", ledger_from(&application),
				   "is_memos", application_condition(query, &application, &memo),
				   "reversed_at", ledger_column(&application, "reversed_at"),
				   "told", told == NULL ? "" : sql_fill("\nWHERE {told}", "told", told),
				   "id", ledger_order(&application, "application_id"));
	}
	else
		appendStringInfoString(sql, "\nORDER BY m.ordinal");
}
