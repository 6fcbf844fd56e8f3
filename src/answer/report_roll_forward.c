/*-------------------------------------------------------------------------
 *
 * report_roll_forward.c
 *	  The report view of what was owed month by month.
 *
 *-------------------------------------------------------------------------
 */
#include "report_roll_forward.h"

#include "utils/builtins.h"

const Report roll_forward_report = {
	NO_DOCUMENT, "report_roll_forward", NULL, NULL, (const ReportColumn[]) {
		{"month", NULL, "First day of the month."},
		{"currency", NULL, "ISO 4217 code, in upper case."},
		{"minor_unit", NULL, "Decimals of the currency; null where ISO 4217 has none."},
		{"opening", NULL, "What was owed when the month began, less unapplied cash.", true},
		{"invoiced", NULL, "amount_due of the invoices that were issued in it.", true},
		{"voided", NULL, "amount_due of those that were voided in it.", true},
		{"paid", NULL, "What was paid in it, on an invoice or not.", true},
		{"refunded", NULL, "What was paid back in it.", true},
		{"credited", NULL, "What was applied of credit memos, less what was taken back.", true},
		{"closing", NULL,
			"opening + invoiced - voided - paid + refunded - credited; of this month, as of "
		"now.", true},
		{"days_sales_outstanding", NULL,
			"closing / invoiced * days of the month, as far as they have begun: as the Credit "
		"Research Foundation defines it."},
		{"collection_effectiveness", NULL,
			"(opening + invoiced - closing) / (opening + invoiced - current) * 100, where current "
			"is closing less what is past due at the month's end: as the Credit Research "
		"Foundation defines it."},
		{NULL}
	},
	"what all customers owed, month by month: roll_forward_months() of the ledger, a row for "
	"each month and currency, in major units, in days of the session's TimeZone. "
	"roll_forward_items() lists what a number adds up, customer_roll_forwards() has a month by "
	"customer."
};

bool
append_roll_forward(const Ledger *ledger, const char *zone, StringInfo sql)
{
	for (const ReportColumn *column = roll_forward_report.columns; column->name; column++)
		appendStringInfo(sql, "%s r.%s", column == roll_forward_report.columns ? "SELECT" : ",",
						 column->name);
	appendStringInfo(sql, "\nFROM balance.roll_forward_months(NULL::pg_catalog.text,"
					 " %s, %s::pg_catalog.regnamespace) AS r", report_zone(zone),
					 quote_literal_cstr(quote_identifier(ledger->name)));
	return true;
}

/* A ledger without payments has nothing that would explain what was paid. */
bool
compose_roll_forward_report(const Ledger *ledger, const char *zone, StringInfo sql)
{
	LedgerRelation relation;

	return ledger_find(ledger, "invoice", "i", &relation) &&
		ledger_find(ledger, "payment", "p", &relation) && append_roll_forward(ledger, zone, sql);
}
