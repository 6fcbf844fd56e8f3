/*-------------------------------------------------------------------------
 *
 * tally_source.c
 *	  The sources of positions in a ledger, as pieces of SQL.
 *
 *-------------------------------------------------------------------------
 */
#include "tally_source.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

/* ---- the sources ---- */

static bool
find_owner(const Ledger *ledger, const char *relation, const char *alias,
		   const char *name, TallySource *source)
{
	if (!ledger_find(ledger, relation, alias, &source->owner))
		return false;
	source->name = name;
	source->from = ledger_from(&source->owner);
	source->condition = NULL;
	return true;
}

static const char *
column(const TallySource *source, const char *name)
{
	return ledger_column(&source->owner, name);
}

/* Columns as arguments, in order: so the first bad one is complained about. */
static const char *
columns(const LedgerRelation *relation, const char *const *names)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; names[i] != NULL; i++)
		appendStringInfo(&list, "%s%s", i > 0 ? ", " : "",
						 ledger_column(relation, names[i]));
	return list.data;
}

/* Invoices for balances, which need no amounts due. */
bool
invoice_totals_source(const Ledger *ledger, TallySource *source)
{
	static const char *const names[] = {
		"currency", "invoice_status", "payment_status", "total", NULL
	};

	if (!find_owner(ledger, "invoice", "i", "invoices", source))
		return false;
	source->aggregate = psprintf("balance.tally_invoices(%s)",
								 columns(&source->owner, names));
	return true;
}

bool
invoice_source(const Ledger *ledger, TallySource *source)
{
	static const char *const names[] = {
		"currency", "invoice_status", "payment_status", "total", "amount_due",
		"amount_remaining", "due_date", NULL
	};

	if (!find_owner(ledger, "invoice", "i", "invoices", source))
		return false;
	source->aggregate = psprintf("balance.tally_invoices(%s)",
								 columns(&source->owner, names));
	return true;
}

/* The line items of unpaid invoices, which have the currency. */
bool
charge_source(const Ledger *ledger, TallySource *source)
{
	static const char *const names[] = {"price_type", "amount", NULL};
	LedgerRelation line_item;

	if (!find_owner(ledger, "invoice", "i", "charges", source) ||
		!ledger_find(ledger, "invoice_line_item", "l", &line_item))
		return false;
	source->aggregate = psprintf("balance.tally_charges(%s, %s)",
								 column(source, "currency"),
								 columns(&line_item, names));
	source->from = psprintf("%s JOIN %s ON %s", source->from,
							ledger_from(&line_item),
							ledger_join(&line_item, "invoice_id",
										&source->owner, "invoice_id"));
	source->condition = psprintf("balance.invoice_class(%s, %s) OPERATOR(pg_catalog.=) ANY ('{draft,open}'::pg_catalog.text[])",
								 column(source, "invoice_status"),
								 column(source, "payment_status"));
	return true;
}

bool
deposit_source(const Ledger *ledger, TallySource *source)
{
	static const char *const names[] = {"currency", "status", "amount", NULL};

	if (!find_owner(ledger, "deposit", "d", "deposits", source))
		return false;
	source->aggregate = psprintf("balance.tally_deposits(%s)",
								 columns(&source->owner, names));
	return true;
}

/*
 * VCU invoices of a period, given as in_period()'s arguments: a paid one counts
 * when it was paid, all others when they were created.
 */
bool
unit_invoice_source(const Ledger *ledger, const char *period,
					TallySource *source)
{
	static const char *const names[] = {"currency", "status", "units", NULL};
	const char *status;
	const char *created_at;

	if (!find_owner(ledger, "vcu_invoice", "v", "unit_invoices", source))
		return false;
	status = column(source, "status");
	created_at = column(source, "created_at");
	source->aggregate = psprintf("balance.tally_unit_invoices(%s)",
								 columns(&source->owner, names));
	source->condition = psprintf("balance.in_period(CASE WHEN balance.unit_invoice_class(%s) OPERATOR(pg_catalog.=) 'credit' THEN COALESCE(%s, %s) ELSE %s END, %s)",
								 status, column(source, "paid_at"),
								 created_at, created_at, period);
	return true;
}

bool
unit_order_source(const Ledger *ledger, const char *period,
				  TallySource *source)
{
	static const char *const names[] = {
		"currency", "status", "pay_with_balance", "units", NULL
	};

	if (!find_owner(ledger, "vcu_order", "o", "unit_orders", source))
		return false;
	source->aggregate = psprintf("balance.tally_unit_orders(%s)",
								 columns(&source->owner, names));
	source->condition = psprintf("balance.in_period(%s, %s)",
								 column(source, "created_at"), period);
	return true;
}

/*
 * The credit memos that customer_credits lists: those that are available and
 * have something left.  What is null stays, to raise an error.
 */
bool
listed_memo_source(const Ledger *ledger, TallySource *source)
{
	static const char *const names[] = {
		"currency", "status", "amount", "amount_applied", NULL
	};

	if (!find_owner(ledger, "credit_memo", "m", "memos", source))
		return false;
	source->aggregate = psprintf("balance.tally_credit_memos(%s)",
								 columns(&source->owner, names));
	source->condition = psprintf("(balance.credit_memo_class(%s) OPERATOR(pg_catalog.=) 'available' AND %s OPERATOR(pg_catalog.>) %s) IS NOT FALSE",
								 column(source, "status"),
								 column(source, "amount"),
								 column(source, "amount_applied"));
	return true;
}

/* ---- their keys ---- */

/* The code in upper case, as report rows show it. */
const char *
source_currency(const TallySource *source)
{
	return psprintf("pg_catalog.upper(%s COLLATE pg_catalog.\"C\")",
					column(source, "currency"));
}

/*
 * The type that the sources' customer ids share, so that an index on them can
 * be used; text where their types differ.
 */
const char *
common_key_type(const TallySource *const *sources, int nsources)
{
	Oid			type = InvalidOid;

	for (int i = 0; i < nsources; i++)
	{
		Oid			another;

		/* complain about a missing column, or one of a wrong type */
		(void) column(sources[i], "customer_id");
		another = ledger_column_type(&sources[i]->owner, "customer_id");
		type = i == 0 || type == another ? another : TEXTOID;
	}
	return qualified_type(type);
}

/* ---- ways to tally ---- */

/*
 * One more column of a document's query: the position of its customer, who is
 * its first argument, or NULL where there is no such source.
 */
void
select_position(LedgerQuery *query, const TallySource *source)
{
	const char *customer_is;

	if (source == NULL)
	{
		appendStringInfoString(&query->sql, ", NULL");
		return;
	}
	customer_is = ledger_equals(query, &source->owner, "customer_id", 0);
	appendStringInfo(&query->sql, ",\n(SELECT %s FROM %s WHERE %s",
					 source->aggregate, source->from, customer_is);
	if (source->condition != NULL)
		appendStringInfo(&query->sql, "\n AND %s",
						 ledger_guard(customer_is, source->condition));
	appendStringInfoChar(&query->sql, ')');
}

static void
where(StringInfo sql, const char *condition, const char *another)
{
	if (condition != NULL)
		appendStringInfo(sql, "\n WHERE %s", condition);
	if (another != NULL)
		appendStringInfo(sql, "\n %s %s", condition != NULL ? "AND" : "WHERE",
						 another);
}

/*
 * Positions by customer, as an item of a FROM clause with the columns
 * customer_id and position.  If the ledger's customers are given, the item is
 * joined to them.
 */
void
tally_by_customer(LedgerQuery *query, const TallySource *source,
				  const LedgerRelation *customer, const char *condition)
{
	StringInfo	sql = &query->sql;
	const LedgerRelation *owner = &source->owner;
	LedgerRelation tallied = *owner;

	(void) column(source, "customer_id");
	tallied.alias = source->name;
	appendStringInfo(sql, "(SELECT %s.customer_id, %s AS position\n FROM %s",
					 owner->alias, source->aggregate, source->from);
	where(sql, condition, source->condition);
	appendStringInfo(sql, "\n GROUP BY %s.customer_id) AS %s", owner->alias,
					 source->name);
	if (customer != NULL)
		appendStringInfo(sql, " ON %s", ledger_join_customer(&tallied, customer));
}

/* The same by customer and currency, as a SELECT with the column currency. */
void
tally_by_currency(StringInfo sql, const TallySource *source,
				  const char *key_type)
{
	appendStringInfo(sql, "SELECT %s.customer_id::%s AS customer_id, %s AS currency, %s AS position\n FROM %s",
					 source->owner.alias, key_type, source_currency(source),
					 source->aggregate, source->from);
	where(sql, source->condition, NULL);
	appendStringInfoString(sql, "\n GROUP BY 1, 2");
}
