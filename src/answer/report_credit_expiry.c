/*-------------------------------------------------------------------------
 *
 * report_credit_expiry.c
 *	  The report view of available credit by when it expires.
 *
 * It tallies what report_customer_credits tallies, so that they add up.
 *
 *-------------------------------------------------------------------------
 */
#include "report_credit_expiry.h"

#include "ledger/identifier.h"
#include "ledger/template.h"

const Report credit_expiry_report = {
	NO_DOCUMENT, "report_credit_expiry", NULL, NULL, (const ReportColumn[]) {
		{"customer_id", NULL, "The customer's id, in the type that the ledger has it."},
		{"currency", NULL, "ISO 4217 code, in upper case."},
		{"minor_unit", NULL, "Decimals of the currency; null where ISO 4217 has none."},
		{"month", NULL,
		"First day of the month that has expires_at; null for what does not expire."},
		{"count", NULL, "How many credit memos are available and have something left."},
		{"amount", NULL, "What they have left, in major units.", true},
		{NULL}
	},
	"available credit by month of expiry, a row for each customer, currency and month, in days of "
	"the session's TimeZone, as of now: what has expired is not available. Adds up to "
	"report_customer_credits."
};

/* Its rows, all in no month where memos do not expire; false without memos. */
bool
append_credit_expiry(const Ledger *ledger, const char *zone, StringInfo sql)
{
	TallySources sources = find_sources(ledger, DOCUMENT_CUSTOMER_CREDITS, 1 << GROUP_MEMOS, NULL);
	const TallySource *source = sources.source;

	if (sources.n == 0)
		return false;
	sql_append(sql,
			   "SELECT p.customer_id, p.currency, balance.minor_unit(p.currency) AS minor_unit,"
			   " p.month, r.credit_memos_count AS count,"
			   " r.total_credits_available_dollars AS amount\n"
			   "FROM (SELECT {customer} AS customer_id, {currency} AS currency,"
			   " balance.month_of_instant({expires_at}, {zone}) AS month, {tally} AS position\n"
			   " FROM {memos} WHERE {condition} GROUP BY 1, 2, 3) AS p\n"
			   "CROSS JOIN LATERAL balance.credit_rows(p.position) AS r",
			   "customer", keys_agree(&sources) ?
			   ledger_id_value(&source->owner, "customer_id", &source->owner) :
			   ledger_id_text(&source->owner, "customer_id"),
			   "currency", source_currency(source),
			   "zone", report_zone(zone), "expires_at", ledger_column(&source->row, "expires_at"),
			   "tally", source->aggregate, "memos", source->from,
			   "condition", source->condition);
	return true;
}

/* Only memos that can expire are worth a view of it. */
bool
compose_credit_expiry(const Ledger *ledger, const char *zone, StringInfo sql)
{
	LedgerRelation memo;

	return ledger_find(ledger, "credit_memo", "m", &memo) &&
		ledger_has_column(&memo, "expires_at") && append_credit_expiry(ledger, zone, sql);
}
