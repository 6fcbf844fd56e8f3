/*-------------------------------------------------------------------------
 *
 * items.c
 *	  The rows behind one number of a document.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "document_sources.h"
#include "ledger/asked.h"
#include "ledger/customer_rows.h"
#include "ledger/fault.h"
#include "ledger/ledger.h"
#include "ledger/past.h"
#include "ledger/plan.h"
#include "ledger/tallied.h"
#include "ledger/template.h"
#include "utils/builtins.h"
#include "value/arguments.h"
#include "value/currency.h"
#include "value/datetime.h"

/* The function's arguments, as the query's parameters name them. */
enum
{
	ARGUMENT_CUSTOMER_ID,
	ARGUMENT_CURRENCY,
	ARGUMENT_AS_OF,				/* the instant */
	ARGUMENT_DAY,				/* its day in the zone */
	ARGUMENT_UNTIL,				/* the end of an open period */
	ARGUMENT_STATUS,			/* of a deposit */
	NUM_ARGUMENTS
};

/* The columns of the function. */
#define ITEM_COLUMNS	5

/* The columns that measures are of. */
static const char *const amount_columns[NUM_CELL_GROUPS][MAX_MEASURES] = {
#define AMOUNT(group, measure, column, words)	[GROUP_##group][measure] = (column),
#include "document/figures.def"
};

/* A figure's path in its document, without the status of deposits. */
static const char *
field_name(const Figure *figure)
{
	return figure->unit == COUNT_AND_TOTAL ? psprintf("invoices.%s", figure->name) :
		figure->name;
}

/* What is shown in two units is a field in only one of them. */
static bool
is_field(const Figure *figure)
{
	return figure->unit != MINOR_SHOWN_AS_MAJOR;
}

/*
 * Find a field by its path in the document, without currency.  ".count" and
 * ".total" of a consolidation have the same rows.  What follows "deposits."
 * is a status, which may itself end in such a suffix: the longer one wins.
 */
static const Figure *
find_field(char *path, const char **status)
{
	size_t		length = strlen(path);

	for (const Figure *field = figures; field < figures + NUM_FIGURES; field++)
	{
		const char *name = field_name(field);
		size_t		n = strlen(name);
		bool		has_parts = field->unit == COUNT_AND_TOTAL;

		if (!is_field(field) || strncmp(path, name, n) != 0)
			continue;
		if (figure_is_keyed(field))
		{
			if (length >= n + strlen(".count") &&
				(strcmp(path + length - strlen(".count"), ".count") == 0 ||
				 strcmp(path + length - strlen(".total"), ".total") == 0))
				path[length - strlen(".count")] = '\0';
			*status = path + n;
			return field;
		}
		if (length == n || (has_parts && (strcmp(path + n, ".count") == 0 ||
										  strcmp(path + n, ".total") == 0)))
			return field;
	}
	return NULL;
}

static const Figure *
require_field(char *path, const char **status)
{
	const Figure *found = find_field(path, status);
	StringInfoData names;

	if (found != NULL)
		return found;
	initStringInfo(&names);
	for (const Figure *field = figures; field < figures + NUM_FIGURES; field++)
		if (is_field(field))
			appendStringInfo(&names, "%s%s%s", names.len > 0 ? ", " : "", field_name(field),
							 figure_is_keyed(field) ? "<status>" : "");
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("no document has a numeric field \"%s\"", path),
			 errdetail("The fields are %s.", names.data)));
}

/* ---- composing ---- */

/* The classes of cells, as an array literal. */
static const char *
class_array(uint32 cells)
{
	StringInfoData names;

	initStringInfo(&names);
	for (CellTag tag = CELL_UNCOUNTED; tag < NUM_CELL_TAGS; tag++)
		if ((cells & CELL_BIT(tag)) != 0)
			appendStringInfo(&names, "%s%s", names.len > 0 ? "," : "",
							 cell_groups[cell_kinds[tag].group].class_names[cell_kinds[tag].class]);
	return psprintf("'{%s}'::pg_catalog.text[]", names.data);
}

/* A row's amount as documents have it: of a memo, what has been used of it. */
static const char *
row_amount(const TallySource *source, const char *name)
{
	bool		is_used = strcmp(source->row.spec->name, "credit_memo") == 0 &&
		strcmp(name, "amount_applied") == 0;

	return is_used ? memo_used(&source->row) : ledger_column(&source->row, name);
}

/* What a row adds to the figure. */
static const char *
compose_amount(const TallySource *source, const Figure *field)
{
	const char *const *names = amount_columns[figure_group(field)];
	const char *amount = row_amount(source, names[field->measure]);

	if (field->less != NO_MEASURE)
		return sql_fill("{amount}::numeric - {less}",
						"amount", amount,
						"less", row_amount(source, names[field->less]));
	if (field->minus != NO_CELLS)
		return sql_fill("CASE WHEN {class} = ANY ({minus}) THEN - {amount} ELSE {amount} END",
						"class", source->class,
						"minus", class_array(field->minus),
						"amount", amount);
	return amount;
}

/* Which rows have the classes of a figure; deposits have their own statuses. */
static const char *
compose_class(LedgerQuery *query, const TallySource *source, const Figure *field,
			  const char *customer_is)
{
	if (figure_is_keyed(field))
		return sql_fill("{class} = {status} COLLATE \"C\"",
						"class", source->class,
						"status", ledger_parameter(query, TEXTOID, ARGUMENT_STATUS));
	return sql_guard(customer_is,
					 sql_fill("{class} = ANY ({classes})",
							  "class", source->class,
							  "classes", class_array(field->cells == OVERDUE_INVOICES ?
													 UNPAID_INVOICES :
													 field->cells | field->minus)));
}

/* What is_past_due() says of a cell. */
static const char *
compose_past_due(LedgerQuery *query, const LedgerRelation *invoice)
{
	bool		instant = ledger_has_due_instants(invoice);

	return sql_fill("{due_date} < {as_of}",
					"due_date", ledger_column(invoice, "due_date"),
					"as_of", instant ?
					ledger_parameter(query, TIMESTAMPTZOID, ARGUMENT_AS_OF) :
					ledger_parameter(query, DATEOID, ARGUMENT_DAY));
}

/*
 * The rows of a source that a figure consists of.  A row that the document cannot
 * count might be one of them, so what it tallies is asked for, too: that raises
 * what the document raises.
 */
static void
select_items(LedgerQuery *query, const TallySource *source,
			 const TallySource *tallied, const Figure *field)
{
	const LedgerRelation *row = &source->row;
	const char *id = row->spec->key != NULL ? row->spec->key : row->spec->lookup;
	const char *customer_is = ledger_equals(query, &source->owner, "customer_id",
											ARGUMENT_CUSTOMER_ID);
	const char *currency = ledger_parameter(query, TEXTOID, ARGUMENT_CURRENCY);
	const char *told = source->spec == tallied->spec ? NULL :
		source_is_told(query, source, ARGUMENT_CUSTOMER_ID);

	sql_append(&query->sql,
			   "SELECT '{relation}'::text, {id}, {class}, ({amount})::numeric, to_jsonb({row})\n"
			   "FROM {from}\n"
			   "WHERE {customer_is}\n AND {currency} = {asked}\n AND {class_is}",
			   "relation", row->spec->name,
			   "id", ledger_column(row, id),
			   "class", source->class,
			   "amount", compose_amount(source, field),
			   "row", row->alias,
			   "from", source->from,
			   "customer_is", customer_is,
			   "currency", source_currency(source),
			   "asked", currency,
			   "class_is", compose_class(query, source, field, customer_is));
	if (source->condition != NULL)
		appendStringInfo(&query->sql, "\n AND %s",
						 sql_guard(customer_is, source->condition));
	if (told != NULL)
		appendStringInfo(&query->sql, "\n AND %s", told);
	appendStringInfo(&query->sql, "\n AND %s IS NOT NULL",
					 known_position_of_customer(query, tallied));
	if (field->cells == OVERDUE_INVOICES)
		appendStringInfo(&query->sql, "\n AND %s", compose_past_due(query, row));
}

/* The relation that a source could not find. */
static const char *
missing_relation(const TallySource *source)
{
	return OidIsValid(source->owner.relid) ? source->row.spec->name :
		source->owner.spec->name;
}

static void
compose_items(const Ledger *ledger, LedgerQuery *query, const Figure *field)
{
	const char *period = NULL;
	List	   *missing = NIL;
	int			n = 0;
	ListCell   *lc;

	initStringInfo(&query->sql);
	begin_customer_rows(ledger, query, "FALSE", ITEM_COLUMNS);
	if (is_dated(field->document))
		period = psprintf("NULL::pg_catalog.date, NULL::pg_catalog.date, %s,"
						  " NULL::pg_catalog.text",
						  ledger_parameter(query, TIMESTAMPTZOID, ARGUMENT_UNTIL));
	foreach(lc, source_specs(field->document, 1 << figure_group(field)))
	{
		TallySource source;
		TallySource tallied;
		const SourceSpec *listed = field == &figures[FIELD_APPLICATION] ?
			&ledger_sources[SOURCE_memo_applications] : lfirst(lc);

		if (!find_source(ledger, listed, period, &source) ||
			!find_source(ledger, lfirst(lc), period, &tallied))
		{
			missing = lappend(missing, unconstify(char *, missing_relation(&source)));
			continue;
		}
		appendStringInfoString(&query->sql, n++ > 0 ? "\nUNION ALL\n" : "");
		select_items(query, &source, &tallied, field);
	}
	if (n == 0)
		report_missing_relation(ledger, missing);
	appendStringInfoString(&query->sql, "\nORDER BY 1, 2");
	end_customer_rows(query);
}

/* ---- running ---- */

/*
 * What the parameters stand for.  now() stands for the start of the statement
 * where it ends a period, as it does in vcu_balance.
 */
static void
set_arguments(FunctionCallInfo fcinfo, const char *status,
			  NullableDatum *arguments)
{
	TimestampTz as_of = PG_GETARG_TIMESTAMPTZ(3);
	TimestampTz until = as_of == GetCurrentTransactionStartTimestamp() ?
		GetCurrentStatementStartTimestamp() : as_of;
	DateADT		day = day_in_zone(as_of,
								  zone_by_name(text_to_cstring(PG_GETARG_TEXT_PP(4))));

	arguments[ARGUMENT_CUSTOMER_ID].value = PG_GETARG_DATUM(0);
	arguments[ARGUMENT_CURRENCY] = currency_argument(fcinfo, 2);
	arguments[ARGUMENT_AS_OF].value = TimestampTzGetDatum(as_of);
	arguments[ARGUMENT_DAY].value = DateADTGetDatum(day);
	arguments[ARGUMENT_UNTIL].value = TimestampTzGetDatum(until);
	arguments[ARGUMENT_STATUS].value = CStringGetTextDatum(status);
}

PG_FUNCTION_INFO_V1(items);
Datum
items(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {
		"customer_id", "field", "currency", "as_of", "zone"
	};
	const char *status = "";
	const Figure *field;
	Ledger		ledger;
	LedgerReading reading;
	LedgerQuery query = {.nparameters = 0};
	NullableDatum arguments[NUM_ARGUMENTS] = {{0}};
	CustomerRows rows;

	for (int i = 0; i < lengthof(names); i++)
		if (PG_ARGISNULL(i))
			report_null_argument(names[i]);
	field = require_field(text_to_cstring(PG_GETARG_TEXT_PP(1)), &status);
	set_arguments(fcinfo, status, arguments);
	ledger = ledger_getarg(fcinfo, 5);

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	ledger_begin_reading(&reading, &ledger, PG_GETARG_TEXT_PP(0));
	compose_items(&ledger, &query, field);
	customer_rows_init(&rows, &ledger, PG_GETARG_TEXT_PP(0), NULL,
					   (ReturnSetInfo *) fcinfo->resultinfo);
	ledger_receive(&ledger, &query, arguments, &rows.rows.pub);
	row_receiver_end(&rows.rows);
	ledger_end_reading(&reading);
	SPI_finish();
	return (Datum) 0;
}
