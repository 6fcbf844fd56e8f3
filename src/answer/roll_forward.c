/*-------------------------------------------------------------------------
 *
 * roll_forward.c
 *	  How what is owed got from one balance to the next: over a period, or month
 *	  by month.
 *
 * Movements are added up by bucket: the first day of the month or period that they
 * are in, -infinity for what was before it.  A balance is the sum of its bucket and
 * those before.  What is past due at the end of a period is what is left then; of
 * months it is added up likewise: what an invoice has left comes in where it is past
 * due, and goes out where it is voided.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "document/projections.h"
#include "ledger/asked.h"
#include "ledger/cluster.h"
#include "ledger/customer.h"
#include "ledger/fault.h"
#include "ledger/left.h"
#include "ledger/plan.h"
#include "ledger/receiver.h"
#include "ledger/template.h"
#include "ledger/untold.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"
#include "value/arguments.h"
#include "value/currency.h"
#include "value/datetime.h"

/* The functions' arguments, as the query's parameters name them. */
enum
{
	ARGUMENT_CUSTOMER_ID,
	ARGUMENT_CURRENCY,			/* in upper case, or NULL */
	ARGUMENT_ZONE,
	ARGUMENT_START,				/* the first instant of the period */
	ARGUMENT_END,				/* the first one behind it */
	ARGUMENT_LAST,				/* the last instant */
	ARGUMENT_FIRST_DAY,
	ARGUMENT_LAST_DAY,
	ARGUMENT_NOW,
	ARGUMENT_TODAY,
	NUM_ARGUMENTS
};

/* Each number by the movements that it adds up, and its sign in the sum. */
typedef struct Number
{
	const char *name;
	const char *kinds;			/* NULL for all */
	bool		before;			/* what came before the period */
	bool		within;			/* what came in it */
	bool		is_taken;		/* shown as what was taken away */
} Number;

static const Number numbers[] = {
	{"opening", NULL, true, false, false},
	{"invoiced", "'{invoice}'", false, true, false},
	{"voided", "'{void}'", false, true, true},
	{"paid", "'{payment}'", false, true, true},
	{"refunded", "'{refund}'", false, true, false},
	{"credited", "'{credit,credit_reversal}'", false, true, true},
	{"closing", NULL, true, true, false}
};

/* A roll-forward that is asked for. */
typedef struct Rolled
{
	Ledger		ledger;
	LedgerQuery query;
	NullableDatum arguments[NUM_ARGUMENTS];
	bool		by_customer;
	bool		by_month;
	bool		of_customer;
} Rolled;

/* ---- asking ---- */

static pg_tz *
set_zone(FunctionCallInfo fcinfo, int argno, Rolled *rolled)
{
	TimestampTz now = GetCurrentTransactionStartTimestamp();
	pg_tz	   *zone;

	if (PG_ARGISNULL(argno))
		report_null_argument("zone");
	zone = zone_by_name(text_to_cstring(PG_GETARG_TEXT_PP(argno)));
	rolled->arguments[ARGUMENT_ZONE].value = PG_GETARG_DATUM(argno);
	rolled->arguments[ARGUMENT_NOW].value = TimestampTzGetDatum(now);
	rolled->arguments[ARGUMENT_TODAY].value = DateADTGetDatum(day_in_zone(now, zone));
	return zone;
}

/* From the period on, the arguments are the same in all functions. */
static void
set_period(FunctionCallInfo fcinfo, int argno, Rolled *rolled)
{
	static const char *const names[] = {"start_period", "end_period"};
	Period		period;
	pg_tz	   *zone;
	TimestampTz end;

	for (int i = 0; i < lengthof(names); i++)
		if (PG_ARGISNULL(argno + i))
			report_null_argument(names[i]);
	period = get_period(fcinfo, argno);
	rolled->arguments[ARGUMENT_CURRENCY] = currency_argument(fcinfo, argno + 2);
	zone = set_zone(fcinfo, argno + 3, rolled);
	end = start_of_day(period.end + 1, zone);
	rolled->arguments[ARGUMENT_START].value =
		TimestampTzGetDatum(start_of_day(period.start, zone));
	rolled->arguments[ARGUMENT_END].value = TimestampTzGetDatum(end);
	rolled->arguments[ARGUMENT_LAST].value = TimestampTzGetDatum(end - 1);
	rolled->arguments[ARGUMENT_FIRST_DAY].value = DateADTGetDatum(period.start);
	rolled->arguments[ARGUMENT_LAST_DAY].value = DateADTGetDatum(period.end);
	rolled->ledger = ledger_getarg(fcinfo, argno + 4);
}

/* ---- buckets ---- */

static const char *
zone_parameter(Rolled *rolled)
{
	return ledger_parameter(&rolled->query, TEXTOID, ARGUMENT_ZONE);
}

static const char *
day_parameter(Rolled *rolled, int argument)
{
	return ledger_parameter(&rolled->query, DATEOID, argument);
}

static const char *
instant_parameter(Rolled *rolled, int argument)
{
	return ledger_parameter(&rolled->query, TIMESTAMPTZOID, argument);
}

/* The bucket of an instant. */
static const char *
bucket_of(Rolled *rolled, const char *instant)
{
	if (rolled->by_month)
		return sql_fill("balance.month_of_instant({at}, {zone})",
						"at", instant, "zone", zone_parameter(rolled));
	return sql_fill("CASE WHEN {at} < {start} THEN '-infinity'::date"
					" WHEN {at} < {end} THEN {first_day} WHEN {at} IS NOT NULL"
					" THEN 'infinity'::date END",
					"at", instant, "start", instant_parameter(rolled, ARGUMENT_START),
					"end", instant_parameter(rolled, ARGUMENT_END),
					"first_day", day_parameter(rolled, ARGUMENT_FIRST_DAY));
}

static bool
is_due_at_instant(const Rolled *rolled)
{
	LedgerRelation invoice;

	ledger_require(&rolled->ledger, "invoice", "i", &invoice);
	return ledger_has_due_instants(&invoice);
}

/* Whether the invoice i is past due at the end of the period. */
static const char *
past_due_at_end(Rolled *rolled)
{
	return sql_fill("i.due_date < {last}",
					"last", is_due_at_instant(rolled) ?
					instant_parameter(rolled, ARGUMENT_LAST) :
					day_parameter(rolled, ARGUMENT_LAST_DAY));
}

/* The month at whose end the invoice of a movement is past due for the first time, or NULL. */
static const char *
month_past_due(Rolled *rolled)
{
	return is_due_at_instant(rolled) ?
		sql_fill("balance.month_past_due_instant(m.due_date, {zone})",
				 "zone", zone_parameter(rolled)) :
		sql_fill("balance.month_past_due_date(m.due_date)");
}

/* The buckets that a currency has a row for, where {first} is its first one. */
static const char *
buckets_shown(Rolled *rolled)
{
	if (!rolled->by_month)
		return sql_fill("(SELECT {first_day})",
						"first_day", day_parameter(rolled, ARGUMENT_FIRST_DAY));
	return sql_fill("(SELECT generate_series(COALESCE(k.first, t.month)::timestamp,"
					" t.month::timestamp, '1 month'::interval)::date"
					" FROM (SELECT date_trunc('month', {today}::timestamp)::date AS month) AS t)",
					"today", day_parameter(rolled, ARGUMENT_TODAY));
}

/* ---- composing ---- */

/* The movements that are asked for. */
static Movements
movements_of(Rolled *rolled)
{
	LedgerRelation invoice;

	ledger_require(&rolled->ledger, "invoice", "i", &invoice);
	return (Movements)
	{
		.ledger = &rolled->ledger,
			.query = &rolled->query,
			.customer = rolled->of_customer ? ARGUMENT_CUSTOMER_ID : ALL_CUSTOMERS,
			.now = instant_parameter(rolled, ARGUMENT_NOW),
			.tells = rolled->by_month ? TELLS_DUES : TELLS_WHOSE,
			.on_cluster = !rolled->of_customer && is_cluster_table(invoice.relid)
	};
}

static const char *
currency_parameter(Rolled *rolled)
{
	return ledger_parameter(&rolled->query, TEXTOID, ARGUMENT_CURRENCY);
}

/* The end of what is asked for. */
static const char *
compose_end(Rolled *rolled)
{
	return rolled->by_month ? sql_fill("'infinity'::timestamptz") :
		instant_parameter(rolled, ARGUMENT_END);
}

/* Which movements count at all. */
static const char *
compose_condition(Rolled *rolled)
{
	return sql_fill("m.at < {end} AND ({currency} IS NULL OR m.currency = {currency})",
					"end", compose_end(rolled), "currency", currency_parameter(rolled));
}

/* Begin the query: with the movements, and of all customers what invoices have left. */
static void
begin_rolled(Rolled *rolled, bool of_period)
{
	Movements	movements = movements_of(rolled);
	LeftAsked	asked = {
		.whose = rolled->by_customer ? "i.whose" : "NULL::pg_catalog.text",
		.until = compose_end(rolled),
		.currency = currency_parameter(rolled),
		.since = of_period ? instant_parameter(rolled, ARGUMENT_START) : NULL,
		.past_due = of_period ? past_due_at_end(rolled) : NULL
	};

	initStringInfo(&rolled->query.sql);
	with_movements(&movements);
	if (!rolled->of_customer)
		with_left(&movements, &asked);
}

/*
 * Begin what is selected: what cannot be told, in columns beside each row of what is
 * asked for, or in the only row where there is none.
 */
static void
select_beside_faults(Rolled *rolled, const char *columns)
{
	sql_append(&rolled->query.sql,
			   "\nSELECT f.unexplained, f.undated, f.unvoided, {columns}\n"
			   "FROM ({faults}) AS f(unexplained, undated, unvoided)\nLEFT JOIN ",
			   "columns", columns,
			   "faults", rolled->of_customer ?
			   movement_faults(&rolled->ledger, compose_end(rolled), currency_parameter(rolled)) :
			   left_faults());
}

/* Movements of some sources, added up by bucket, as a SELECT of moved. */
static void
append_moved(Rolled *rolled, int sources, const char *before, const char *condition)
{
	StringInfo	sql = &rolled->query.sql;
	Movements	movements = movements_of(rolled);
	int			start = sql->len;

	sql_append(sql, "{before}SELECT {customer} AS customer_id, m.currency, {bucket} AS bucket,"
			   " m.kind, sum(m.amount) AS amount\n FROM (",
			   "before", before,
			   "customer", rolled->by_customer ? "m.whose" : "NULL::pg_catalog.text",
			   "bucket", bucket_of(rolled, "m.at"));
	if (!append_movements_of(&movements, sources))
	{
		sql->len = start;
		sql->data[start] = '\0';
		return;
	}
	sql_append(sql, ") AS m\n WHERE {condition}{and} GROUP BY 1, 2, 3, 4",
			   "condition", compose_condition(rolled), "and", condition);
}

/* What invoices and their payments moved, from what is known of what they have left. */
static void
append_moved_left(Rolled *rolled)
{
	StringInfo	sql = &rolled->query.sql;

	sql_append(sql, "SELECT r.customer_id, r.currency, v.bucket, v.kind,"
			   " balance.required_amount(v.amount, 'payment.amount'::text) AS amount\n"
			   " FROM {rest} AS r CROSS JOIN LATERAL (VALUES ", "rest", "rest");
	for (int i = 0; i < NUM_LEFT_SUMS; i++)
		sql_append(sql, "{comma}({bucket}, '{kind}'::text, r.{sum})",
				   "comma", i > 0 ? ", " : "", "bucket", left_sums[i].before ?
				   sql_fill("'-infinity'::date") : day_parameter(rolled, ARGUMENT_FIRST_DAY),
				   "kind", left_sums[i].kind, "sum", left_sums[i].name);
	sql_append(sql, ") AS v(bucket, kind, amount) WHERE v.amount IS NOT NULL");
}

/*
 * The movements by bucket.  Payments are joined to invoices once more only if some are
 * of none.
 */
static void
with_moved(Rolled *rolled)
{
	static const char next[] = "\n UNION ALL ";
	const char *strays = left_strays(&rolled->ledger);

	appendStringInfoString(&rolled->query.sql, ",\nmoved AS MATERIALIZED (");
	if (rolled->by_month)
	{
		append_moved(rolled, OF_INVOICES | OF_CREDITS, "", "");
		append_moved(rolled, OF_ANY_PAYMENT, next, sql_fill(" AND NOT {strays}",
															"strays", strays));
		append_moved(rolled, OF_PAYMENTS, next, sql_fill(" AND {strays}", "strays", strays));
	}
	else
	{
		append_moved_left(rolled);
		append_moved(rolled, OF_CREDITS, next, "");
		append_moved(rolled, OF_PAYMENTS, next, sql_fill(" AND m.invoice IS NULL AND {strays}",
														 "strays", strays));
	}
	appendStringInfoChar(&rolled->query.sql, ')');
}

/*
 * Of each invoice from when it is past due, by month, by how much what it has left
 * grew, which is never less than nothing; and the month in which it is not owed any
 * more.  On a cluster that is added up before it is sent.
 */
static void
with_late_by_month(Rolled *rolled)
{
	bool		on_cluster = movements_of(rolled).on_cluster;

	sql_append(&rolled->query.sql,
			   ",\nsettled AS (SELECT m.invoice COLLATE \"C\" AS id, m.whose, m.currency,"
			   " m.is_credit,\n"
			   "  GREATEST({month}, {past_due}) AS bucket, {ended} AS gone,"
			   " sum(m.amount) AS amount{beside}\n"
			   " FROM {movement} AS m WHERE m.invoice IS NOT NULL AND m.started IS NOT NULL"
			   " AND {past_due} <= {today} AND ({currency} IS NULL OR m.currency = {currency})\n"
			   " GROUP BY 1, 2, 3, 4, 5, 6{beside}),\n"
			   "late AS MATERIALIZED (SELECT l.currency, l.bucket, l.gone,\n"
			   "  {sum}(CASE WHEN l.is_credit"
			   " THEN LEAST(l.rest, 0::numeric) - LEAST(l.rest - l.amount, 0::numeric)\n"
			   "   ELSE GREATEST(l.rest, 0::numeric) - GREATEST(l.rest - l.amount, 0::numeric)"
			   " END) AS amount\n"
			   " FROM (SELECT s.*, sum(s.amount) OVER (PARTITION BY s.id, s.is_credit{whose}{apart}"
			   " ORDER BY s.bucket ROWS UNBOUNDED PRECEDING) AS rest FROM {settled} AS s) AS l"
			   "{by})",
			   "sum", on_cluster ? "pg_catalog.sum" : "",
			   "by", on_cluster ? " GROUP BY 1, 2, 3" : "",
			   "beside", on_cluster ? ", m.customer_id" : "",
			   "apart", on_cluster ? ", s.customer_id" : "",
			   "month", bucket_of(rolled, "GREATEST(m.at, m.started)"),
			   "past_due", month_past_due(rolled), "ended", bucket_of(rolled, "m.ended"),
			   "today", day_parameter(rolled, ARGUMENT_TODAY),
			   "whose", invoices_need_customer(&rolled->ledger) ? ", s.whose" : "",
			   "movement", "movement", "settled", "settled",
			   "currency", currency_parameter(rolled));
}

/* What is past due, as parts that buckets add up. */
static const char *
compose_late_parts(Rolled *rolled)
{
	if (!rolled->by_month)
		return sql_fill("SELECT l.customer_id, l.currency, {first_day}, 'late'::text, l.late"
						" FROM {rest} AS l WHERE l.late IS NOT NULL",
						"first_day", day_parameter(rolled, ARGUMENT_FIRST_DAY), "rest", "rest");
	return sql_fill("SELECT NULL::text, l.currency, l.bucket, 'late'::text, l.amount"
					" FROM {late} AS l WHERE (l.gone > l.bucket) IS NOT FALSE\n"
					" UNION ALL SELECT NULL::text, l.currency, l.gone, 'late'::text, - l.amount"
					" FROM {late} AS l WHERE l.gone > l.bucket",
					"late", "late");
}

/* All parts that buckets add up, with nothing in those that are shown. */
static const char *
compose_parts(Rolled *rolled)
{
	return sql_fill("SELECT m.customer_id, m.currency, m.bucket, m.kind, m.amount"
					" FROM {moved} AS m\n"
					" UNION ALL {late}\n"
					" UNION ALL SELECT k.customer_id, k.currency, b.bucket, NULL::text,"
					" 0::numeric\n"
					"  FROM (SELECT m.customer_id, m.currency,"
					" min(m.bucket) FILTER (WHERE isfinite(m.bucket)) AS first FROM {moved} AS m"
					" GROUP BY 1, 2) AS k\n"
					"  CROSS JOIN LATERAL {shown} AS b(bucket)",
					"moved", "moved", "late", compose_late_parts(rolled),
					"shown", buckets_shown(rolled));
}

/* A number of a bucket; those that add up all of it are windows over buckets. */
static const char *
compose_number(int i)
{
	static const char moved[] = "sum(p.amount) FILTER (WHERE p.kind <> 'late')";

	if (!numbers[i].before)
		return sql_fill("{minus}COALESCE(sum(p.amount)"
						" FILTER (WHERE p.kind = ANY ({kinds}::text[])), 0::numeric)",
						"minus", numbers[i].is_taken ? sql_fill("0::numeric - ") : "",
						"kinds", numbers[i].kinds);
	return sql_fill(numbers[i].within ? "COALESCE(sum({moved}) OVER w, 0::numeric)" :
					"COALESCE(sum({moved}) OVER w, 0::numeric) - COALESCE({moved}, 0::numeric)",
					"moved", sql_fill(moved));
}

/* The numbers by bucket, each with as many days as have begun. */
static const char *
compose_buckets(Rolled *rolled)
{
	const char *last_day = rolled->by_month ?
		sql_fill("((p.bucket::timestamp + '1 month'::interval)::date - 1)") :
		day_parameter(rolled, ARGUMENT_LAST_DAY);
	StringInfoData sql;

	initStringInfo(&sql);
	sql_append(&sql, "SELECT p.customer_id, p.currency, p.bucket");
	for (int i = 0; i < lengthof(numbers); i++)
		appendStringInfo(&sql, ",\n  %s AS %s", compose_number(i), numbers[i].name);
	sql_append(&sql, ",\n  COALESCE(sum(sum(p.amount) FILTER (WHERE p.kind = 'late')) OVER w,"
			   " 0::numeric) AS late,\n"
			   "  CASE WHEN isfinite(p.bucket) THEN (LEAST({last_day},"
			   " GREATEST({today}, p.bucket)) - p.bucket) + 1 END AS days\n"
			   " FROM ({parts}) AS p GROUP BY 1, 2, 3\n"
			   " WINDOW w AS (PARTITION BY p.customer_id, p.currency ORDER BY p.bucket)",
			   "last_day", last_day, "today", day_parameter(rolled, ARGUMENT_TODAY),
			   "parts", compose_parts(rolled));
	return sql.data;
}

/* Nothing, with the minor digits of r's currency, which all amounts have at least. */
#define MINOR_ZERO \
	"CROSS JOIN LATERAL (SELECT round(0::numeric," \
	" COALESCE(balance.minor_unit(r.currency), 0)) AS zero) AS z"

/* What is shown of them. */
static void
select_rolled(Rolled *rolled)
{
	StringInfoData columns;

	initStringInfo(&columns);
	if (rolled->by_customer)
		appendStringInfo(&columns, "%s, ", movement_customer(&rolled->ledger, "r"));
	if (rolled->by_month)
		appendStringInfoString(&columns, "r.bucket, ");
	appendStringInfoString(&columns, "r.currency, balance.minor_unit(r.currency)");
	for (int i = 0; i < lengthof(numbers); i++)
		sql_append(&columns, ", trim_scale(r.{number}) + z.zero", "number", numbers[i].name);
	sql_append(&columns, ",\n CASE WHEN r.invoiced > 0::numeric"
			   " THEN round((r.closing * r.days::numeric) / r.invoiced, 2) END,\n"
			   " CASE WHEN ((r.opening + r.invoiced) - r.closing) + r.late > 0::numeric"
			   " THEN round((((r.opening + r.invoiced) - r.closing) * 100::numeric)"
			   " / (((r.opening + r.invoiced) - r.closing) + r.late), 2) END");
	select_beside_faults(rolled, columns.data);
	sql_append(&rolled->query.sql,
			   "({buckets}) AS r ON isfinite(r.bucket) AND r.bucket <= {last}\n" MINOR_ZERO "\n"
			   "ORDER BY 4, 5, 6",
			   "buckets", compose_buckets(rolled),
			   "last", day_parameter(rolled, rolled->by_month ? ARGUMENT_TODAY :
									 ARGUMENT_LAST_DAY));
}

/* ---- running ---- */

/* Puts the rows into the result, once it is known that the past can be told. */
typedef struct RolledReceiver
{
	RowReceiver rows;
	const Rolled *rolled;
	ReturnSetInfo *result;
	int			currency;		/* its column; every row has the one after the
								 * next */
} RolledReceiver;

static void
put_row(RowReceiver *rows, TupleTableSlot *slot)
{
	const RolledReceiver *receiver = (const RolledReceiver *) rows;
	Untold		untold = {
		.unexplained = DatumGetInt64(slot->tts_values[0]),
		.undated = DatumGetInt64(slot->tts_values[1]),
		.unvoided = DatumGetInt64(slot->tts_values[2])
	};

	require_told(receiver->rolled->ledger.name, &untold);
	if (slot->tts_isnull[receiver->currency + 2])
		return;
	if (slot->tts_isnull[receiver->currency])
		report_null_argument("currency");
	tuplestore_putvalues(receiver->result->setResult, receiver->result->setDesc,
						 slot->tts_values + NUM_MOVEMENT_FAULTS,
						 slot->tts_isnull + NUM_MOVEMENT_FAULTS);
}

static Datum
store_rolled(FunctionCallInfo fcinfo, Rolled *rolled, int currency)
{
	LedgerReading reading;
	RolledReceiver receiver = {
		.rolled = rolled,
		.result = (ReturnSetInfo *) fcinfo->resultinfo,
		.currency = NUM_MOVEMENT_FAULTS + currency
	};

	row_receiver_init(&receiver.rows, ALLOCSET_DEFAULT_INITSIZE, put_row);
	ledger_begin_reading(&reading, &rolled->ledger, rolled->of_customer ?
						 DatumGetTextPP(rolled->arguments[ARGUMENT_CUSTOMER_ID].value) : NULL);
	ledger_receive(&rolled->ledger, &rolled->query, rolled->arguments, &receiver.rows.pub);
	ledger_end_reading(&reading);
	row_receiver_end(&receiver.rows);
	SPI_finish();
	return (Datum) 0;
}

static Datum
roll(FunctionCallInfo fcinfo, Rolled *rolled)
{
	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	begin_rolled(rolled, !rolled->by_month);
	with_moved(rolled);
	if (rolled->by_month)
		with_late_by_month(rolled);
	select_rolled(rolled);
	return store_rolled(fcinfo, rolled, rolled->by_customer || rolled->by_month ? 1 : 0);
}

PG_FUNCTION_INFO_V1(roll_forward);
Datum
roll_forward(PG_FUNCTION_ARGS)
{
	Rolled		rolled = {.by_customer = false};

	set_period(fcinfo, 0, &rolled);
	return roll(fcinfo, &rolled);
}

PG_FUNCTION_INFO_V1(customer_roll_forwards);
Datum
customer_roll_forwards(PG_FUNCTION_ARGS)
{
	Rolled		rolled = {.by_customer = true};

	set_period(fcinfo, 0, &rolled);
	return roll(fcinfo, &rolled);
}

PG_FUNCTION_INFO_V1(roll_forward_months);
Datum
roll_forward_months(PG_FUNCTION_ARGS)
{
	Rolled		rolled = {.by_month = true};

	rolled.arguments[ARGUMENT_CURRENCY] = currency_argument(fcinfo, 0);
	(void) set_zone(fcinfo, 1, &rolled);
	rolled.ledger = ledger_getarg(fcinfo, 2);
	return roll(fcinfo, &rolled);
}

/* ---- the rows behind a number ---- */

/* A number by its name. */
static int
require_number(const char *field)
{
	for (int i = 0; i < lengthof(numbers); i++)
		if (strcmp(field, numbers[i].name) == 0)
			return i;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("a roll-forward has no number \"%s\"", field),
			 errdetail("The numbers are opening, invoiced, voided, paid, refunded, credited and "
					   "closing.")));
}

/* Which movements a number adds up. */
static const char *
compose_items_condition(Rolled *rolled, int number)
{
	const char *kinds = numbers[number].kinds == NULL ? "TRUE" :
		sql_fill("m.kind = ANY ({kinds}::text[])", "kinds", numbers[number].kinds);

	if (numbers[number].before && numbers[number].within)
		return kinds;
	return sql_fill(numbers[number].before ? "{kinds} AND m.at < {start}" :
					"{kinds} AND m.at >= {start}",
					"kinds", kinds, "start", instant_parameter(rolled, ARGUMENT_START));
}

static void
compose_items(Rolled *rolled, int number)
{
	const char *amount = sql_fill(numbers[number].is_taken ? "- r.amount" : "r.amount");

	begin_rolled(rolled, false);
	select_beside_faults(rolled,
						 sql_fill("{customer}, r.currency, r.at, r.kind, r.document_id, r.number,"
								  " trim_scale({amount}) + z.zero",
								  "customer", rolled->of_customer ?
								  ledger_parameter(&rolled->query, TEXTOID,
												   ARGUMENT_CUSTOMER_ID) :
								  movement_customer(&rolled->ledger, "r"), "amount", amount));
	sql_append(&rolled->query.sql,
			   "(SELECT m.whose AS customer_id, m.currency, m.at, m.rank, m.kind, m.document_id,"
			   " m.number, m.id, m.amount FROM {movement} AS m\n"
			   " WHERE {is_of_number} AND {condition}) AS r ON TRUE\n" MINOR_ZERO "\n"
			   "ORDER BY r.currency, r.at, r.rank, r.id COLLATE \"C\", r.amount",
			   "movement", "movement",
			   "is_of_number", compose_items_condition(rolled, number),
			   "condition", compose_condition(rolled));
}

PG_FUNCTION_INFO_V1(roll_forward_items);
Datum
roll_forward_items(PG_FUNCTION_ARGS)
{
	Rolled		rolled = {.of_customer = !PG_ARGISNULL(0)};
	int			number;

	if (PG_ARGISNULL(1))
		report_null_argument("field");
	number = require_number(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	rolled.arguments[ARGUMENT_CUSTOMER_ID] = fcinfo->args[0];
	set_period(fcinfo, 2, &rolled);
	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	if (rolled.of_customer)
		require_customer(&rolled.ledger, rolled.arguments);
	compose_items(&rolled, number);
	return store_rolled(fcinfo, &rolled, 1);
}
