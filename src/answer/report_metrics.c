/*-------------------------------------------------------------------------
 *
 * report_metrics.c
 *	  The other reports in long form: a row for each figure.
 *
 *-------------------------------------------------------------------------
 */
#include "report_metrics.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "ledger/match.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/*
 * Metrics that are read from the same positions.  Their names are constants, a
 * row each of a relation that is joined, so that a condition on the name leaves
 * nothing of that relation, and of what is joined to it, where none is asked
 * for.  Only the statuses of deposits are not known without the rows.
 */
typedef struct MetricGroup
{
	const SourceFinder *sources;	/* ends with NULL */
	ReportId	report;			/* which shows them, and whose ids they have */
	int			groups;			/* of cells, whose figures they are */
	void		(*append_metrics) (StringInfo sql, const struct MetricGroup *group);
} MetricGroup;

/* What the metrics' column "unit" says. */
static const char *const unit_names[] = {
	[COUNT_OF_ROWS] = "count",
	[MAJOR_UNITS] = "major",
	[MINOR_UNITS] = "minor",
	[MINOR_SHOWN_AS_MAJOR] = "major",
	[VCU_UNITS] = "VCU"
};

#define COUNT_OR(amount) \
	"CASE WHEN k.unit OPERATOR(pg_catalog.=) 'count' THEN r.count::pg_catalog.numeric" \
	" ELSE r." amount " END"

/* A row of the constants, which are columns of text. */
static void
append_constants(StringInfo sql, bool first, const char *key,
				 const char *metric, const char *unit)
{
	appendStringInfo(sql, "%sSELECT %s::pg_catalog.text AS key,"
					 " %s::pg_catalog.text AS metric, %s::pg_catalog.text AS unit",
					 first ? "" : "\n UNION ALL ", quote_literal_cstr(key),
					 quote_literal_cstr(metric), quote_literal_cstr(unit));
}

static bool
is_metric(const MetricGroup *group, const Figure *figure)
{
	return figure->document == reports[group->report].document &&
		figure->unit < COUNT_AND_TOTAL &&
		(group->groups & (1 << figure_group(figure))) != 0;
}

/* Metrics that are figures, and columns of the rows. */
static void
append_figures(StringInfo sql, const MetricGroup *group)
{
	bool		first = true;

	appendStringInfoString(sql, "SELECT k.metric, k.unit, CASE");
	for (const Figure *figure = figures; figure < figures + NUM_FIGURES; figure++)
		if (is_metric(group, figure))
			appendStringInfo(sql, " WHEN k.metric OPERATOR(pg_catalog.=) %s"
							 " THEN r.%s::pg_catalog.numeric",
							 quote_literal_cstr(figure->name),
							 quote_identifier(figure->name));
	appendStringInfo(sql, " END\n FROM %s AS r\n CROSS JOIN (", reports[group->report].rows);
	for (const Figure *figure = figures; figure < figures + NUM_FIGURES; figure++)
	{
		if (!is_metric(group, figure))
			continue;
		append_constants(sql, first, figure->name, figure->name, unit_names[figure->unit]);
		first = false;
	}
	appendStringInfoString(sql, ") AS k");
}

/* Metrics that are rows, each a count and an amount, of which a key tells them. */
static void
append_rows(StringInfo sql, const char *rows, const char *key,
			const char *amount, const char *const *keys)
{
	appendStringInfo(sql, "SELECT k.metric, k.unit, " COUNT_OR("%s") "\n FROM %s AS r\n JOIN (",
					 amount, rows);
	for (int i = 0; keys[i] != NULL; i++)
	{
		append_constants(sql, i == 0, keys[i],
						 psprintf("%s.count", keys[i]), "count");
		append_constants(sql, false, keys[i],
						 psprintf("%s.%s", keys[i], amount), "major");
	}
	appendStringInfo(sql, ") AS k ON k.key OPERATOR(pg_catalog.=) %s", key);
}

#define STATE_KEY	"(r.kind OPERATOR(pg_catalog.||) '.' OPERATOR(pg_catalog.||) r.state)"
#define BUCKET_KEY	"('ageing.' OPERATOR(pg_catalog.||) r.bucket)"

/* ready_for_payment is there at zero too, so deposits are sources of these. */
static void
append_invoice_states(StringInfo sql, const MetricGroup *group)
{
	static const char *const states[] = {
#define STATE(document, tag, name)	"invoices." name,
#include "document/figures.def"
		NULL
	};

	append_rows(sql, reports[group->report].rows, STATE_KEY, "total", states);
}

/* A deposit's status is whatever the ledger says. */
static void
append_deposits(StringInfo sql, const MetricGroup *group)
{
	appendStringInfoString(sql, "SELECT " STATE_KEY " OPERATOR(pg_catalog.||) k.metric, k.unit, "
						   COUNT_OR("total")
						   "\n FROM balance.balance_rows(p.position) AS r\n JOIN (");
	append_constants(sql, true, "deposits", ".count", "count");
	append_constants(sql, false, "deposits", ".total", "major");
	appendStringInfoString(sql, ") AS k ON k.key OPERATOR(pg_catalog.=) r.kind");
}

/* The keys of the buckets that report_ageing has. */
static const char *const *
ageing_keys(void)
{
	const char **keys;

	if (SPI_execute("SELECT " BUCKET_KEY
					" FROM balance.ageing('1{USD 1 open(1 0 0 0)}'::balance.position, "
					NOW_HERE ", " AGEING_BOUNDS ") AS r", true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read the buckets of ageing()");
	keys = palloc0((SPI_processed + 1) * sizeof(char *));
	for (uint64 i = 0; i < SPI_processed; i++)
		keys[i] = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);
	return keys;
}

/* What is due and for how long, from one tally of the invoices. */
static void
append_unpaid(StringInfo sql, const MetricGroup *group)
{
	append_figures(sql, group);
	appendStringInfoString(sql, "\n UNION ALL ");
	append_rows(sql, reports[REPORT_AGEING].rows, BUCKET_KEY, "amount", ageing_keys());
}

/*
 * Each is in the report whose ids it has, and nowhere else.  Charges are tallied
 * by themselves, as the line items are many.
 */
static const MetricGroup metrics[] = {
	{SOURCES(invoice_totals_source, deposit_source), REPORT_CUSTOMER_BALANCE,
	0, append_invoice_states},
	{SOURCES(deposit_source), REPORT_CUSTOMER_BALANCE,
	0, append_deposits},
	{SOURCES(invoice_source), REPORT_INVOICE_SUMMARY,
	GROUP_BIT(INVOICES) | GROUP_BIT(DUES), append_unpaid},
	{SOURCES(invoice_source, charge_source), REPORT_INVOICE_SUMMARY,
	GROUP_BIT(CHARGES), append_figures},
	{SOURCES(unit_invoice_source, unit_order_source), REPORT_VCU_BALANCE,
	GROUP_BIT(UNITS), append_figures},
	{SOURCES(listed_memo_source), REPORT_CUSTOMER_CREDITS,
	GROUP_BIT(MEMOS), append_figures}
};

const Report metrics_report = {
	"report_metrics",
	"the other reports in long form, a row for each customer, currency and metric. "
	"A condition on metric or unit reads only the relations behind the metrics that it lets "
	"pass, and deposit, whose statuses name some.",
	NULL, NULL, NULL, (const ReportColumn[]) {
		{"customer_id", NULL, "The customer's id."},
		{"currency", NULL, "ISO 4217 code, in upper case."},
		{"minor_unit", NULL, "Decimals of the currency; null where ISO 4217 has none."},
		{"metric", NULL,
		"Path of the figure, as items() has it; ageing.<bucket>.count and .amount."},
		{"unit", NULL, "count, major or minor units of the currency, or VCU."},
		{"value", NULL, "The figure, in that unit."},
		{NULL}
	}, NO_DOCUMENT
};

/*
 * The customer of a report among those of others: as text where their types
 * differ, and with one collation where theirs do.
 */
static const char *
metrics_key(const Ledger *ledger, const char *report, Oid type, bool differ)
{
	Oid			relid = get_relname_relid(report, ledger->schema);
	Oid			own = get_atttype(relid, get_attnum(relid, "customer_id"));

	return psprintf(own == NUMERICOID && type != own ?
					"pg_catalog.trim_scale(p.customer_id)::%s%s" : "p.customer_id::%s%s",
					qualified_type(type), differ ? " COLLATE pg_catalog.\"C\"" : "");
}

/* The type of all ids, text where they differ; and whether collations differ. */
static Oid
metrics_key_type(const Ledger *ledger, bool *differ)
{
	Oid			type = InvalidOid;
	Oid			first = InvalidOid;

	*differ = false;
	for (int i = 0; i < NUM_REPORTS; i++)
	{
		Oid			relid = get_relname_relid(reports[i].name, ledger->schema);
		Oid			another;
		int32		typmod;
		Oid			collation;

		if (!OidIsValid(relid))
			continue;
		get_atttypetypmodcoll(relid, get_attnum(relid, "customer_id"), &another,
							  &typmod, &collation);
		type = !OidIsValid(type) || type == another ? another : TEXTOID;
		*differ |= OidIsValid(first) && collation != first;
		first = OidIsValid(first) ? first : collation;
	}
	return type;
}

/* All groups that the ledger has sources for; the other reports are made. */
void
compose_metrics(const Ledger *ledger, StringInfo sql)
{
	bool		differ;
	Oid			type = metrics_key_type(ledger, &differ);

	for (int i = 0; i < lengthof(metrics); i++)
	{
		const Report *report = &reports[metrics[i].report];
		TallySources sources = find_sources(ledger, metrics[i].sources, UNTIL_NOW);
		TallySources shown;

		if (sources.n == 0)
			continue;
		shown = find_sources(ledger, report->sources, UNTIL_NOW);
		appendStringInfo(sql, "%sSELECT %s AS customer_id, p.currency,"
						 " balance.minor_unit(p.currency) AS minor_unit,"
						 " m.metric, m.unit, m.value\nFROM (",
						 sql->len > 0 ? "\nUNION ALL\n" : "",
						 metrics_key(ledger, report->name, type, differ));
		tally_together(sql, &sources,
					   keys_agree(&shown) ? &shown.source[0] : NULL, true);
		appendStringInfoString(sql, ") AS p\nCROSS JOIN LATERAL (");
		metrics[i].append_metrics(sql, &metrics[i]);
		appendStringInfoString(sql, ") AS m(metric, unit, value)");
	}
}
