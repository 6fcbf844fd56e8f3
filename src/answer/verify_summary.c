/*-------------------------------------------------------------------------
 *
 * verify_summary.c
 *	  What verify() finds, by rule, and what to do about each.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "ledger/plan.h"
#include "ledger/template.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"
#include "verify_rules.h"

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
	{DUPLICATE_RATE, "Delete all rates but one, or correct the day from which one is valid."},
	{AMBIGUOUS_ID,
	"Give the columns of both relations one type and collation, or the row an id of its own."},
	{STORE_DIFFERS,
	"Call balance.repair(), and find out who wrote behind its back; nobody did: please report it."},
	{"null_value", "Fill in the value and forbid NULL in the column."},
	{"not_finite", "Replace NaN and infinity by the right value and forbid them by a CHECK."},
	{"date_out_of_range", "Correct the year; documents have dates in the years 0001 to 9999."},
	{"unknown_currency", "Correct the code, or map it to an ISO 4217 code in the ledger's view."},
	{"withdrawn_currency",
	"Convert what is open to the currency that came after; correct what is dated later."},
	{"unknown_status",
	"Map the word in the ledger's view to one that balance knows: docs/guides/statuses.md."},
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
	{"unexplained_remaining",
	"Enter the payments and applications that are missing, or correct amount_remaining."},
	{"undated_invoice", "Fill in finalized_at or issued_at, or make it a draft."},
	{"undated_voiding",
	"Fill in voided_at; issued_at will do for an invoice that never was owed."},
	{"unknown_customer",
	"Restore the customer, or assign the row to another one; no document shows it."},
	{"unknown_invoice", "Restore the invoice, correct the reference, or delete the row."},
	{"unknown_memo", "Restore the credit memo, correct the reference, or delete the application."},
	{CUSTOMER_UNLIKE "invoice", "Correct the line item's customer_id or invoice_id."},
	{CUSTOMER_UNLIKE "memo", "Correct the application's customer_id or credit_memo_id."},
	{"negative_amount", "Make it an invoice, or a credit memo of the opposite sign."},
	{"negative_applied", "Correct amount_applied: it is the sum of the memo's applications."},
	{"negative_refunded", "Correct amount_refunded: it is what was paid out of the memo."},
	{"refunded_over_amount", "Correct amount_refunded: no more is paid out than the memo is over."},
	{"applied_over_amount", "Reverse applications until no more is applied than the memo is over."},
	{"applied_unlike_applications",
	"Set amount_applied to the sum of the memo's applications and what was refunded of it."},
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
	"Reverse the application, so that the credit is available again."},
	{"reversed_before_applied", "Correct applied_at or reversed_at."},
	{"zero_amount", "Delete the payment, or enter what was paid."},
	{"payment_across_currencies",
	"Pay an invoice in its own currency: enter what it was converted to."},
	{"payment_across_customers", "Correct the payment's customer_id or invoice_id."},
	{"rate_not_positive", "Correct the rate: it is what one unit of currency is worth."},
	{"rate_of_itself", "Delete the rate: a currency needs none to itself."}
};

/*
 * What to do about a rule's violations, in a sentence.  Names that end in a
 * column or begin a relation's come from columns.def.
 */
static const char *
rule_action(const char *rule)
{
	const char *not_object = strstr(rule, NOT_OBJECT);

	for (int i = 0; i < lengthof(actions); i++)
		if (strcmp(actions[i].rule, rule) == 0)
			return actions[i].action;
	if (not_object != NULL)
		return psprintf("Make %.*s a JSON object, or null.", (int) (not_object - rule), rule);
	if (strncmp(rule, UNKNOWN, strlen(UNKNOWN)) == 0)
		return "Restore it, correct the reference, or delete the row.";
	elog(ERROR, "verify has no rule \"%s\"", rule);
}

/* ---- the summary ---- */

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
	sql_append(&query.sql,
			   "SELECT v.rule, count(*),\n"
			   " (array_agg(concat_ws(' ', v.relation, v.id)\n"
			   "  ORDER BY v.relation, v.id COLLATE \"C\"))[1]\n"
			   "FROM balance.verify({schema}::regnamespace, NULL::text) AS v\n"
			   "GROUP BY v.rule ORDER BY 2 DESC, v.rule COLLATE \"C\"",
			   "schema", psprintf("%u", ledger.schema));
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
