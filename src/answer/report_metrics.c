/*-------------------------------------------------------------------------
 *
 * report_metrics.c
 *	  The other reports in long form: a row for each figure.
 *
 *-------------------------------------------------------------------------
 */
#include "report_metrics.h"

#include "catalog/pg_type.h"
#include "distribute.h"
#include "executor/spi.h"
#include "ledger/stored.h"
#include "ledger/tallied.h"
#include "ledger/template.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/*
 * Metrics that are read from the same positions.  Their names are constants, a
 * row each of a relation that is joined, so that a condition on the name leaves
 * nothing of that relation, and of what is joined to it, where none is asked
 * for.  Only what is keyed by a text of the ledger's own is not known without
 * the rows.
 */
typedef struct MetricGroup
{
	const Report *report;		/* which shows them, and whose ids they have */
	const char *zone;			/* whose days count; NULL is the session's */
	int			tallied;		/* groups of cells that are read */
	int			shown;			/* groups of cells whose figures they are */
	const struct MetricForm *form;
} MetricGroup;

/* How each row of p.r makes metrics, as arrays in SQL of one length. */
typedef struct MetricLists
{
	const char *rows;			/* the call that makes p.r of p.position */
	const char *names;
	const char *units;
	const char *values;
	const char *condition;		/* on the row, or NULL */
} MetricLists;

/*
 * A form of metrics, in two ways: as a relation that is joined, and as lists in a
 * select list, which is all that a cluster sends to where the rows are.
 */
typedef struct MetricForm
{
	void		(*append) (StringInfo sql, const MetricGroup *group);
	MetricLists (*list) (const MetricGroup *group);
} MetricForm;

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
	return figure->document == group->report->document &&
		figure->unit < COUNT_AND_TOTAL &&
		(group->shown & (1 << figure_group(figure))) != 0;
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
	appendStringInfo(sql, " END\n FROM %s AS r\n CROSS JOIN (",
					 report_rows(group->report, group->zone));
	for (const Figure *figure = figures; figure < figures + NUM_FIGURES; figure++)
	{
		if (!is_metric(group, figure))
			continue;
		append_constants(sql, first, figure->name, figure->name, unit_names[figure->unit]);
		first = false;
	}
	appendStringInfoString(sql, ") AS k");
}

/* An array of texts in SQL. */
static const char *
text_array(const char *const *texts)
{
	StringInfoData sql;

	initStringInfo(&sql);
	for (int i = 0; texts[i] != NULL; i++)
		appendStringInfo(&sql, "%s%s", i > 0 ? ", " : "", quote_literal_cstr(texts[i]));
	return sql_fill("ARRAY[{texts}]::text[]", "texts", sql.data);
}

static MetricLists
list_figures(const MetricGroup *group)
{
	const char *names[NUM_FIGURES + 1] = {NULL};
	const char *units[NUM_FIGURES + 1] = {NULL};
	StringInfoData values;
	int			n = 0;

	initStringInfo(&values);
	for (const Figure *figure = figures; figure < figures + NUM_FIGURES; figure++)
	{
		if (!is_metric(group, figure))
			continue;
		sql_append(&values, "{comma}(p.r).{figure}::numeric", "comma", n > 0 ? ", " : "",
				   "figure", quote_identifier(figure->name));
		names[n] = figure->name;
		units[n++] = unit_names[figure->unit];
	}
	return (MetricLists)
	{
		report_rows(group->report, group->zone), text_array(names), text_array(units),
			psprintf("ARRAY[%s]", values.data), NULL
	};
}

static const MetricForm figures_form = {append_figures, list_figures};

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

/* The two metrics of each row, if that is one of those that are told by a condition. */
static MetricLists
list_rows(const char *rows, const char *key, const char *amount, const char *condition)
{
	const char *const units[] = {"count", "major", NULL};

	return (MetricLists)
	{
		rows, sql_fill("ARRAY[{key} || '.count', {key} || '.{amount}']", "key", key,
					   "amount", amount),
			text_array(units),
			sql_fill("ARRAY[(p.r).count::numeric, (p.r).{amount}]", "amount", amount),
			condition
	};
}

#define LISTED_STATE	"(p.r).kind || '.' || (p.r).state"
#define LISTED_BUCKET	"'ageing.' || (p.r).bucket"

static const char *const invoice_states[] = {
#define STATE(document, tag, name)	"invoices." name,
#include "document/figures.def"
	NULL
};

/* ready_for_payment is there at zero too, so all cells make these. */
static void
append_invoice_states(StringInfo sql, const MetricGroup *group)
{
	append_rows(sql, report_rows(group->report, group->zone), STATE_KEY, "total",
				invoice_states);
}

static MetricLists
list_invoice_states(const MetricGroup *group)
{
	const char *key = sql_fill(LISTED_STATE);

	return list_rows(report_rows(group->report, group->zone), key, "total",
					 sql_fill("({key}) = ANY ({states})", "key", key,
							  "states", text_array(invoice_states)));
}

static const MetricForm states_form = {append_invoice_states, list_invoice_states};

/* What is keyed by a text: that is whatever the ledger says. */
static void
append_keyed(StringInfo sql, const MetricGroup *group)
{
	bool		first = true;

	appendStringInfo(sql, "SELECT " STATE_KEY " OPERATOR(pg_catalog.||) k.metric, k.unit, "
					 COUNT_OR("total") "\n FROM %s AS r\n JOIN (",
					 report_rows(group->report, group->zone));
	for (int i = 0; i < NUM_CELL_GROUPS; i++)
	{
		if ((group->tallied & (1 << i)) == 0)
			continue;
		append_constants(sql, first, cell_groups[i].name, ".count", "count");
		append_constants(sql, false, cell_groups[i].name, ".total", "major");
		first = false;
	}
	appendStringInfoString(sql, ") AS k ON k.key OPERATOR(pg_catalog.=) r.kind");
}

static MetricLists
list_keyed(const MetricGroup *group)
{
	const char *names[NUM_CELL_GROUPS + 1] = {NULL};
	int			n = 0;

	for (int i = 0; i < NUM_CELL_GROUPS; i++)
		if ((group->tallied & (1 << i)) != 0)
			names[n++] = cell_groups[i].name;
	return list_rows(report_rows(group->report, group->zone), sql_fill(LISTED_STATE), "total",
					 sql_fill("(p.r).kind = ANY ({names})", "names", text_array(names)));
}

static const MetricForm keyed_form = {append_keyed, list_keyed};

/* The keys of the buckets that report_ageing has. */
static const char *const *
ageing_keys(void)
{
	const char **keys;

	if (SPI_execute(sql_fill("SELECT " BUCKET_KEY
							 " FROM balance.ageing('1{USD 1 open(1 0 0 0)}'::balance.position,"
							 " " NOW_HERE ", " AGEING_BOUNDS ") AS r",
							 "zone", report_zone("UTC")),
					true, 0) != SPI_OK_SELECT)
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
	append_rows(sql, report_rows(&reports[REPORT_AGEING], group->zone), BUCKET_KEY, "amount",
				ageing_keys());
}

static const MetricForm unpaid_form = {append_unpaid, list_figures};

static MetricLists
list_ageing(const MetricGroup *group)
{
	return list_rows(report_rows(&reports[REPORT_AGEING], group->zone), sql_fill(LISTED_BUCKET),
					 "amount", NULL);
}

/* Beside the figures of what is unpaid, as these are other rows. */
static const MetricForm ageing_form = {NULL, list_ageing};

const Report metrics_report = {
	NO_DOCUMENT, "report_metrics", NULL, NULL, (const ReportColumn[]) {
		{"customer_id", NULL, "The customer's id."},
		{"currency", NULL, "ISO 4217 code, in upper case."},
		{"minor_unit", NULL, "Decimals of the currency; null where ISO 4217 has none."},
		{"metric", NULL,
		"Path of the figure, as items() has it; ageing.<bucket>.count and .amount."},
		{"unit", NULL, "count, major or minor units of the currency, or VCU."},
		{"value", NULL, "The figure, in that unit."},
		{NULL}
	},
	"the other reports in long form, a row for each customer, currency and metric. "
	"Days are those of the session's TimeZone. "
	"A condition on metric or unit reads only the relations behind the metrics that it lets "
	"pass, and those that name some themselves, as deposits do by their statuses."
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

/* The metrics of all reports, whose customers share a type and a collation. */
typedef struct Metrics
{
	const Ledger *ledger;
	const char *zone;			/* whose days count; NULL is the session's */
	StringInfo	sql;
	Oid			key_type;
	bool		keys_differ;
	bool		in_lists;		/* as a cluster wants them; a join reaches no
								 * store then */
} Metrics;

/* The metrics of the positions p that are tallied, each a row of a relation m. */
static const char *
joined_metrics(const MetricGroup *group, const char *tally)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "(%s) AS p\nCROSS JOIN LATERAL (", tally);
	group->form->append(&sql, group);
	appendStringInfoString(&sql, ") AS m(metric, unit, value)");
	return sql.data;
}

/* The same made in a select list, as columns of p. */
static const char *
listed_metrics(const MetricGroup *group, const char *tally)
{
	MetricLists lists = group->form->list(group);

	return sql_fill("(SELECT p.customer_id, p.currency, unnest({names}) AS metric,\n"
					"  unnest({units}) AS unit, unnest({values}) AS value\n"
					" FROM (SELECT p.*, {rows} AS r FROM ({tally}) AS p) AS p{condition}) AS p",
					"names", lists.names, "units", lists.units, "values", lists.values,
					"rows", lists.rows, "tally", tally, "condition", lists.condition == NULL ?
					"" : sql_fill("\n WHERE {condition}", "condition", lists.condition));
}

/* A group, if the ledger has sources for it; its report is made. */
static void
append_group(const Metrics *metrics, const MetricGroup *group)
{
	const Report *report = group->report;
	StringInfo	sql = metrics->sql;
	TallySources sources = find_sources(metrics->ledger, report->document, group->tallied,
										UNTIL_NOW);
	TallySources shown;
	StringInfoData tally;
	const char *m = metrics->in_lists ? "p" : "m";

	if (sources.n == 0)
		return;
	shown = find_sources(metrics->ledger, report->document, ALL_GROUPS, UNTIL_NOW);
	initStringInfo(&tally);
	tally_together(&tally, &sources, keys_agree(&shown) ? &shown.source[0] : NULL, true);
	appendStringInfo(sql, "%sSELECT %s AS customer_id, p.currency,"
					 " balance.minor_unit(p.currency) AS minor_unit,"
					 " %s.metric, %s.unit, %s.value\nFROM %s",
					 sql->len > 0 ? "\nUNION ALL\n" : "",
					 metrics_key(metrics->ledger, report->name, metrics->key_type,
								 metrics->keys_differ), m, m, m,
					 metrics->in_lists ? listed_metrics(group, tally.data) :
					 joined_metrics(group, tally.data));
}

/* What is joined is tallied by itself, as it is many rows. */
static void
append_report(const Metrics *metrics, const Report *report)
{
	int			groups = 0;
	int			joined = 0;
	int			keyed = 0;
	int			shown = 0;

	for (const DocumentSource *source = document_sources;
		 source < document_sources + NUM_DOCUMENT_SOURCES; source++)
		if (source->document == report->document)
		{
			groups |= 1 << source->group;
			joined |= source->source->row != NULL ? 1 << source->group : 0;
		}
	for (const Figure *figure = figures; figure < figures + NUM_FIGURES; figure++)
		if (figure->document == report->document)
		{
			shown |= figure->unit < NO_COLUMN ? 1 << figure_group(figure) : 0;
			keyed |= figure_is_keyed(figure) ? 1 << figure_group(figure) : 0;
		}
	if (keyed != 0)
	{
		MetricGroup states = {report, metrics->zone, groups, 0, &states_form};
		MetricGroup keys = {report, metrics->zone, keyed, 0, &keyed_form};

		append_group(metrics, &states);
		append_group(metrics, &keys);
	}
	else if (shown != 0)
	{
		MetricGroup own = {report, metrics->zone, groups & ~joined, ~joined, &figures_form};

		if (report == &reports[REPORT_INVOICE_SUMMARY])
			own.form = &unpaid_form;
		append_group(metrics, &own);
		if (report == &reports[REPORT_INVOICE_SUMMARY] && metrics->in_lists)
		{
			own.form = &ageing_form;
			append_group(metrics, &own);
		}
	}
	if (joined != 0)
	{
		MetricGroup rest = {report, metrics->zone, groups, joined, &figures_form};

		append_group(metrics, &rest);
	}
}

/* All that the ledger has sources for; the other reports are made. */
bool
compose_metrics(const Ledger *ledger, const char *zone, StringInfo sql)
{
	Metrics		metrics = {
		.ledger = ledger,
		.zone = zone,
		.sql = sql,
		.in_lists = ledger_is_distributed(ledger->schema) &&
		!ledger_may_have_store(ledger)
	};

	metrics.key_type = metrics_key_type(ledger, &metrics.keys_differ);
	for (int i = 0; i < NUM_REPORTS; i++)
		append_report(&metrics, &reports[i]);
	return true;
}
