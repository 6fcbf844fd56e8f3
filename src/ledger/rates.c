/*-------------------------------------------------------------------------
 *
 * rates.c
 *	  The exchange rates that a ledger declares, as pieces of SQL.
 *
 *-------------------------------------------------------------------------
 */
#include "rates.h"

#include "template.h"

/*
 * The rates to a currency that hold on a day, one row for each currency, or for one
 * alone: those of the latest day up to it, and how many rows that day has.
 */
const char *
latest_rates(const Ledger *ledger, const char *currency, const char *reporting_currency,
			 const char *on_day)
{
	LedgerRelation rate;
	const char *code;

	ledger_require(ledger, "exchange_rate", "x", &rate);
	code = ledger_currency(&rate, "currency");
	return sql_fill("(SELECT DISTINCT ON (d.currency) d.currency, d.valid_from, d.rate, d.rates\n"
					" FROM (SELECT {code} AS currency, {valid_from} AS valid_from,"
					" min({rate}) AS rate, count(*) AS rates\n"
					"  FROM {rates} WHERE {to} = {reporting_currency}"
					" AND {valid_from} <= {on_day}{of_currency} GROUP BY 1, 2) AS d\n"
					" ORDER BY d.currency, d.valid_from DESC)",
					"code", code,
					"valid_from", ledger_column(&rate, "valid_from"),
					"rate", ledger_column(&rate, "rate"),
					"rates", ledger_from(&rate),
					"to", ledger_currency(&rate, "reporting_currency"),
					"reporting_currency", reporting_currency,
					"on_day", on_day,
					"of_currency", currency == NULL ? "" :
					sql_fill(" AND {code} = {currency}", "code", code, "currency", currency));
}

/* The rate of a currency beside latest_rates() as x; of the reporting currency it is 1. */
const char *
rate_to(const char *currency, const char *reporting_currency, const char *on_day)
{
	return sql_fill("CASE WHEN {currency} = {reporting_currency} THEN 1::numeric"
					" ELSE balance.known_rate(x.rate, x.rates, {currency},"
					" {reporting_currency}, {on_day}) END",
					"currency", currency,
					"reporting_currency", reporting_currency,
					"on_day", on_day);
}
