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
#include "ledger/customer.h"
#include "ledger/fault.h"
#include "ledger/ledger.h"
#include "ledger/match.h"
#include "ledger/plan.h"
#include "utils/builtins.h"
#include "value/arguments.h"
#include "value/currency.h"
#include "value/datetime.h"

#define OP(operator)	" OPERATOR(pg_catalog." operator ") "

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

/* Where the rows of a field come from. */
typedef enum ItemSource
{
	ITEM_INVOICES,
	ITEM_OVERDUE_INVOICES,
	ITEM_CHARGES,
	ITEM_DEPOSITS,
	ITEM_UNITS,
	ITEM_MEMOS,
	ITEM_APPLICATIONS
} ItemSource;

/* A numeric field of a document: its rows' classes, and their amount. */
typedef struct Field
{
	const char *name;
	ItemSource	source;
	const char *classes;		/* an array literal */
	const char *amount;			/* a column, or two with a minus */
} Field;

static const Field fields[] = {
	/* customer_balance */
	{"total_invoices_ready_for_payment", ITEM_INVOICES, "{open}", "total"},
	{"invoices.ready_for_payment", ITEM_INVOICES, "{open}", "total"},
	{"invoices.paid", ITEM_INVOICES, "{paid}", "total"},
	{"invoices.pending_validation", ITEM_INVOICES, "{draft}", "total"},
	{"invoices.canceled", ITEM_INVOICES, "{void}", "total"},
	{"deposits.", ITEM_DEPOSITS, NULL, "amount"},
	/* invoice_summary */
	{"total_invoice_count", ITEM_INVOICES, "{draft,open,paid}", "amount_due"},
	{"total_revenue_amount", ITEM_INVOICES, "{draft,open,paid}", "amount_due"},
	{"unpaid_invoice_count", ITEM_INVOICES, "{draft,open}", "amount_remaining"},
	{"total_unpaid_amount", ITEM_INVOICES, "{draft,open}", "amount_remaining"},
	{"overdue_invoice_count", ITEM_OVERDUE_INVOICES, "{draft,open}", "amount_remaining"},
	{"total_overdue_amount", ITEM_OVERDUE_INVOICES, "{draft,open}", "amount_remaining"},
	{"unpaid_usage_charges", ITEM_CHARGES, "{usage}", "amount"},
	{"unpaid_fixed_charges", ITEM_CHARGES, "{fixed}", "amount"},
	/* vcu_balance */
	{"balance", ITEM_UNITS, "{credit,used_credit,debt}", "units"},
	{"credit", ITEM_UNITS, "{credit}", "units"},
	{"usedCredit", ITEM_UNITS, "{used_credit}", "units"},
	{"debt", ITEM_UNITS, "{debt}", "units"},
	{"futureDebt", ITEM_UNITS, "{future_debt}", "units"},
	/* customer_credits */
	{"total_credits_available", ITEM_MEMOS, NULL, "amount_remaining"},
	{"credit_memos_count", ITEM_MEMOS, NULL, "amount_remaining"},
	{"credit_memos.amount", ITEM_MEMOS, NULL, "amount"},
	{"credit_memos.amount_applied", ITEM_MEMOS, NULL, "amount_applied"},
	{"credit_memos.amount_remaining", ITEM_MEMOS, NULL, "amount_remaining"},
	{"credit_memos.applications.amount_applied", ITEM_APPLICATIONS, NULL, "amount_applied"}
};

/*
 * Find a field by its path in the document, without currency.  ".count" and
 * ".total" of a consolidation have the same rows.  What follows "deposits."
 * is a status, which may itself end in such a suffix: the longer one wins.
 */
static const Field *
find_field(char *path, const char **status)
{
	size_t		length = strlen(path);

	for (int i = 0; i < lengthof(fields); i++)
	{
		const char *name = fields[i].name;
		size_t		n = strlen(name);

		if (fields[i].source == ITEM_DEPOSITS && strncmp(path, name, n) == 0)
		{
			if (length >= n + strlen(".count") &&
				(strcmp(path + length - strlen(".count"), ".count") == 0 ||
				 strcmp(path + length - strlen(".total"), ".total") == 0))
				path[length - strlen(".count")] = '\0';
			*status = path + n;
			return &fields[i];
		}
		if (strncmp(path, name, n) == 0 &&
			(length == n || (strncmp(name, "invoices.", strlen("invoices.")) == 0 &&
							 (strcmp(path + n, ".count") == 0 ||
							  strcmp(path + n, ".total") == 0))))
			return &fields[i];
	}
	return NULL;
}

static const Field *
require_field(char *path, const char **status)
{
	const Field *field = find_field(path, status);
	StringInfoData names;

	if (field != NULL)
		return field;
	initStringInfo(&names);
	for (int i = 0; i < lengthof(fields); i++)
		appendStringInfo(&names, "%s%s%s", i > 0 ? ", " : "", fields[i].name,
						 fields[i].source == ITEM_DEPOSITS ? "<status>" : "");
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("no document has a numeric field \"%s\"", path),
			 errdetail("The fields are %s.", names.data)));
}

/* ---- composing ---- */

/* The columns of the result. */
static void
select_items(LedgerQuery *query, const LedgerRelation *relation, const char *id,
			 const char *class, const char *amount)
{
	appendStringInfo(&query->sql, "SELECT '%s'::pg_catalog.text, %s, %s, (%s)::pg_catalog.numeric, pg_catalog.to_jsonb(%s)\nFROM %s",
					 relation->spec->name, ledger_column(relation, id), class,
					 amount, relation->alias, ledger_from(relation));
}

/* The customer's rows in the currency; returns the condition on the customer. */
static const char *
where_owner(LedgerQuery *query, const LedgerRelation *owner)
{
	const char *customer_is = ledger_equals(query, owner, "customer_id",
											ARGUMENT_CUSTOMER_ID);

	appendStringInfo(&query->sql, "\nWHERE %s\n AND pg_catalog.upper(%s COLLATE pg_catalog.\"C\")" OP("=") "%s",
					 customer_is, ledger_column(owner, "currency"),
					 ledger_parameter(query, TEXTOID, ARGUMENT_CURRENCY));
	return customer_is;
}

static void
where_class(LedgerQuery *query, const char *customer_is, const char *class,
			const char *classes)
{
	appendStringInfo(&query->sql, "\n AND %s",
					 ledger_guard(customer_is,
								  psprintf("%s" OP("=") "ANY ('%s'::pg_catalog.text[])",
										   class, classes)));
}

static const char *
invoice_class_of_columns(const LedgerRelation *invoice)
{
	return psprintf("balance.invoice_class(%s, %s)",
					ledger_column(invoice, "invoice_status"),
					ledger_column(invoice, "payment_status"));
}

static void
compose_invoices(const Ledger *ledger, LedgerQuery *query, const Field *field)
{
	LedgerRelation invoice;
	const char *class;
	const char *customer_is;

	ledger_require(ledger, "invoice", "i", &invoice);
	class = invoice_class_of_columns(&invoice);
	select_items(query, &invoice, "invoice_id", class,
				 ledger_column(&invoice, field->amount));
	customer_is = where_owner(query, &invoice);
	where_class(query, customer_is, class, field->classes);
	if (field->source == ITEM_OVERDUE_INVOICES)
	{
		bool		instant = ledger_column_type(&invoice, "due_date") == TIMESTAMPTZOID;

		appendStringInfo(&query->sql, "\n AND %s" OP("<") "%s",
						 ledger_column(&invoice, "due_date"),
						 instant ? ledger_parameter(query, TIMESTAMPTZOID, ARGUMENT_AS_OF) :
						 ledger_parameter(query, DATEOID, ARGUMENT_DAY));
	}
}

static void
compose_charges(const Ledger *ledger, LedgerQuery *query, const Field *field)
{
	LedgerRelation invoice;
	LedgerRelation line_item;
	const char *class;
	const char *customer_is;

	ledger_require(ledger, "invoice", "i", &invoice);
	ledger_require(ledger, "invoice_line_item", "l", &line_item);
	class = psprintf("balance.charge_class(%s)", ledger_column(&line_item, "price_type"));
	select_items(query, &line_item, "invoice_id", class,
				 ledger_column(&line_item, field->amount));
	appendStringInfo(&query->sql, " JOIN %s ON %s%s", ledger_from(&invoice),
					 ledger_join(&line_item, "invoice_id", &invoice, "invoice_id"),
					 ledger_join_alike(&line_item, "invoice_id", &invoice, "invoice_id"));
	customer_is = where_owner(query, &invoice);
	where_class(query, customer_is, invoice_class_of_columns(&invoice), "{draft,open}");
	where_class(query, customer_is, class, field->classes);
}

static void
compose_deposits(const Ledger *ledger, LedgerQuery *query, const Field *field)
{
	LedgerRelation deposit;

	ledger_require(ledger, "deposit", "d", &deposit);
	select_items(query, &deposit, "deposit_id", ledger_column(&deposit, "status"),
				 ledger_column(&deposit, field->amount));
	(void) where_owner(query, &deposit);
	appendStringInfo(&query->sql, "\n AND %s" OP("=") "%s COLLATE pg_catalog.\"C\"",
					 ledger_column(&deposit, "status"),
					 ledger_parameter(query, TEXTOID, ARGUMENT_STATUS));
}

/* One of the two relations of units; in a balance, what is owed is negative. */
static void
compose_units(LedgerQuery *query, const LedgerRelation *relation,
			  const char *id, const char *class, const char *instant,
			  const Field *field)
{
	const char *amount = ledger_column(relation, field->amount);
	const char *customer_is;

	if (strcmp(field->name, "balance") == 0)
		amount = psprintf("CASE WHEN %s" OP("=") "'credit' THEN %s ELSE" OP("-") "%s END",
						  class, amount, amount);
	select_items(query, relation, id, class, amount);
	customer_is = where_owner(query, relation);
	where_class(query, customer_is, class, field->classes);
	appendStringInfo(&query->sql, "\n AND %s",
					 ledger_guard(customer_is,
								  psprintf("balance.in_period(%s, NULL::pg_catalog.date, NULL::pg_catalog.date, %s)",
										   instant,
										   ledger_parameter(query, TIMESTAMPTZOID, ARGUMENT_UNTIL))));
}

static void
compose_unit_relations(const Ledger *ledger, LedgerQuery *query,
					   const Field *field)
{
	LedgerRelation invoice;
	LedgerRelation order;
	bool		has_invoice = ledger_find(ledger, "vcu_invoice", "v", &invoice);
	bool		has_order = ledger_find(ledger, "vcu_order", "o", &order);

	if (!has_invoice && !has_order)
		report_missing_relation(ledger, "vcu_invoice", "vcu_order");
	if (has_invoice)
	{
		const char *class = psprintf("balance.unit_invoice_class(%s)",
									 ledger_column(&invoice, "status"));
		const char *created_at = ledger_column(&invoice, "created_at");

		compose_units(query, &invoice, "vcu_invoice_id", class,
					  psprintf("CASE WHEN %s" OP("=") "'credit' THEN COALESCE(%s, %s) ELSE %s END",
							   class, ledger_column(&invoice, "paid_at"),
							   created_at, created_at),
					  field);
	}
	if (has_invoice && has_order)
		appendStringInfoString(&query->sql, "\nUNION ALL\n");
	if (has_order)
		compose_units(query, &order, "vcu_order_id",
					  psprintf("balance.unit_order_class(%s, %s)",
							   ledger_column(&order, "status"),
							   ledger_column(&order, "pay_with_balance")),
					  ledger_column(&order, "created_at"), field);
}

/* The memos that customer_credits lists, or their applications. */
static void
compose_memos(const Ledger *ledger, LedgerQuery *query, const Field *field)
{
	LedgerRelation memo;
	LedgerRelation application;
	const char *class;
	const char *amount;
	const char *applied;
	const char *customer_is;

	ledger_require(ledger, "credit_memo", "m", &memo);
	class = psprintf("balance.credit_memo_class(%s)", ledger_column(&memo, "status"));
	amount = ledger_column(&memo, "amount");
	applied = ledger_column(&memo, "amount_applied");
	if (field->source == ITEM_APPLICATIONS)
	{
		ledger_require(ledger, "credit_memo_application", "a", &application);
		select_items(query, &application, "application_id", class,
					 ledger_column(&application, field->amount));
		appendStringInfo(&query->sql, " JOIN %s ON %s%s", ledger_from(&memo),
						 ledger_join(&application, "credit_memo_id",
									 &memo, "credit_memo_id"),
						 ledger_join_alike(&application, "credit_memo_id",
										   &memo, "credit_memo_id"));
	}
	else
		select_items(query, &memo, "credit_memo_id", class,
					 strcmp(field->amount, "amount_remaining") == 0 ?
					 psprintf("%s::pg_catalog.numeric" OP("-") "%s", amount, applied) :
					 ledger_column(&memo, field->amount));
	customer_is = where_owner(query, &memo);
	where_class(query, customer_is, class, "{available}");
	appendStringInfo(&query->sql, "\n AND %s" OP(">") "%s", amount, applied);
}

static void
compose(const Ledger *ledger, LedgerQuery *query, const Field *field)
{
	initStringInfo(&query->sql);
	switch (field->source)
	{
		case ITEM_INVOICES:
		case ITEM_OVERDUE_INVOICES:
			compose_invoices(ledger, query, field);
			break;
		case ITEM_CHARGES:
			compose_charges(ledger, query, field);
			break;
		case ITEM_DEPOSITS:
			compose_deposits(ledger, query, field);
			break;
		case ITEM_UNITS:
			compose_unit_relations(ledger, query, field);
			break;
		case ITEM_MEMOS:
		case ITEM_APPLICATIONS:
			compose_memos(ledger, query, field);
			break;
	}
	appendStringInfoString(&query->sql, "\nORDER BY 1, 2");
}

/* ---- running ---- */

/* An unknown customer has no items, but an error, as with the documents. */
static void
check_customer(const Ledger *ledger, const LedgerArgument *arguments)
{
	LedgerQuery query = {.nparameters = 0};
	LedgerRelation customer;

	initStringInfo(&query.sql);
	ledger_select_customer(ledger, &query, &customer);
	ledger_from_customer(&query, &customer);
	ledger_execute_once(ledger, &query, arguments);
	(void) result_customer(ledger,
						   DatumGetTextPP(arguments[ARGUMENT_CUSTOMER_ID].value),
						   NULL, SPI_processed);
}

/*
 * What the parameters stand for.  now() stands for the start of the statement
 * where it ends a period, as it does in vcu_balance.
 */
static void
set_arguments(FunctionCallInfo fcinfo, const char *status,
			  LedgerArgument *arguments)
{
	TimestampTz as_of = PG_GETARG_TIMESTAMPTZ(3);
	TimestampTz until = as_of == GetCurrentTransactionStartTimestamp() ?
		GetCurrentStatementStartTimestamp() : as_of;
	char		code[CURRENCY_NAME_SIZE];
	DateADT		day = day_in_zone(as_of,
									  zone_by_name(text_to_cstring(PG_GETARG_TEXT_PP(4))));

	currency_upper(currency_from_text(PG_GETARG_TEXT_PP(2)), code);
	arguments[ARGUMENT_CUSTOMER_ID].value = PG_GETARG_DATUM(0);
	arguments[ARGUMENT_CURRENCY].value = CStringGetTextDatum(code);
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
	const Field *field;
	Ledger		ledger;
	LedgerReading reading;
	LedgerQuery query = {.nparameters = 0};
	LedgerArgument arguments[NUM_ARGUMENTS] = {{0}};

	for (int i = 0; i < lengthof(names); i++)
		if (PG_ARGISNULL(i))
			report_null_argument(names[i]);
	field = require_field(text_to_cstring(PG_GETARG_TEXT_PP(1)), &status);
	set_arguments(fcinfo, status, arguments);
	ledger = ledger_getarg(fcinfo, 5);

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	ledger_begin_reading(&reading, &ledger, PG_GETARG_TEXT_PP(0));
	check_customer(&ledger, arguments);
	compose(&ledger, &query, field);
	ledger_store(&ledger, &query, arguments, (ReturnSetInfo *) fcinfo->resultinfo);
	ledger_end_reading(&reading);
	SPI_finish();
	return (Datum) 0;
}
