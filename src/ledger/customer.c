/*-------------------------------------------------------------------------
 *
 * customer.c
 *	  The customer whom a document is about: looked up with it, and known by
 *	  the id that the ledger spells.
 *
 *-------------------------------------------------------------------------
 */
#include "customer.h"

#include "access/genam.h"
#include "access/table.h"
#include "asked.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "template.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

/* Begin a document's query with the customer's columns. */
void
ledger_select_customer(const Ledger *ledger, LedgerQuery *query,
					   LedgerRelation *customer)
{
	if (ledger_find(ledger, "customer", "c", customer))
		sql_append(&query->sql, "SELECT true, {id}", "id", ledger_column(customer, "customer_id"));
	else
		sql_append(&query->sql, "SELECT false, NULL::text");
}

/*
 * The FROM clause: one row, with the customer's columns NULL if it is missing.  Beside
 * the customer may be items of one row, or NULL.
 */
void
ledger_from_customer(LedgerQuery *query, const LedgerRelation *customer, const char *beside)
{
	appendStringInfo(&query->sql, "\nFROM %s", beside != NULL ? beside : "(SELECT) AS one");
	if (OidIsValid(customer->relid))
		sql_append(&query->sql, "\nLEFT JOIN {customer} ON {asked}",
				   "customer", ledger_from(customer),
				   "asked", ledger_equals(query, customer, "customer_id", 0));
}

/* ledger is NULL in a report view, which would not follow the schema's new name. */
void
report_customer_twice(const char *ledger, const text *customer_id)
{
	const char *id = text_to_cstring(customer_id);

	ereport(ERROR,
			(errcode(ERRCODE_CARDINALITY_VIOLATION),
			 ledger == NULL ? errmsg("customer \"%s\" appears more than once", id) :
			 errmsg("customer \"%s\" appears more than once in ledger \"%s\"",
					id, ledger),
			 errdetail("A balance could belong to either."),
			 errhint("Make customer_id unique in relation \"customer\".")));
}

/* The condition that an id is one customer's, where c.customers counts them. */
const char *
ledger_customer_is_one(const LedgerRelation *customer, const char *id, bool in_view)
{
	return sql_fill("balance.customer_is_one(c.customers, {id}::text, {ledger}::text)",
					"id", id,
					"ledger", in_view ? "NULL" : quote_literal_cstr(customer->ledger->name));
}

/*
 * Whether no customer can be there twice, as his id is the primary key.  Until the
 * transaction ends nobody changes that.
 */
bool
ledger_customers_are_unique(const LedgerRelation *customer)
{
	char		kind = get_rel_relkind(customer->relid);
	Relation	relation;
	Oid			key;
	bool		result = false;

	if ((kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE) ||
		(kind == RELKIND_RELATION && has_subclass(customer->relid)))
		return false;
	relation = try_table_open(customer->relid, AccessShareLock);
	if (relation == NULL)
		return false;
	key = primary_key_index(relation);
	if (OidIsValid(key))
	{
		Relation	index = index_open(key, AccessShareLock);

		result = index->rd_index->indnkeyatts == 1 &&
			index->rd_index->indkey.values[0] == get_attnum(customer->relid, "customer_id");
		index_close(index, NoLock);
	}
	table_close(relation, NoLock);
	return result;
}

PG_FUNCTION_INFO_V1(customer_is_one);
Datum
customer_is_one(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0) || PG_GETARG_INT64(0) <= 1)
		PG_RETURN_BOOL(true);
	report_customer_twice(PG_ARGISNULL(2) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(2)),
						  PG_ARGISNULL(1) ? cstring_to_text("") : PG_GETARG_TEXT_PP(1));
}

/*
 * The customer's id as the ledger spells it, or as it was asked for where the
 * ledger does not know its customers.  found is how many rows match.
 */
text *
known_customer(const Ledger *ledger, text *customer_id, const text *business_id,
			   const KnownCustomer *known)
{
	if (known->found > 1)
		report_customer_twice(ledger->name, customer_id);
	if (known->id != NULL)
		return known->id;
	if (!known->is_known)
		return customer_id;
	if (business_id != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("customer \"%s\" of business \"%s\" not found in ledger \"%s\"",
						text_to_cstring(customer_id),
						text_to_cstring(business_id), ledger->name)));
	ereport(ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND),
			 errmsg("customer \"%s\" not found in ledger \"%s\"",
					text_to_cstring(customer_id), ledger->name)));
}

/* The same of the first row of a document's query. */
text *
result_customer(const Ledger *ledger, text *customer_id,
				const text *business_id, uint64 customers)
{
	bool		isnull;
	KnownCustomer known = {
		.is_known = DatumGetBool(result_value(0, RESULT_KNOWS_CUSTOMERS, &isnull)),
		.id = result_text(0, RESULT_CUSTOMER_ID),
		.found = customers
	};

	return known_customer(ledger, customer_id, business_id, &known);
}

/* The same of a query whose first row was taken. */
text *
found_customer(const Ledger *ledger, text *customer_id, const FirstRow *row)
{
	bool		isnull;
	KnownCustomer known = {
		.is_known = DatumGetBool(first_row_value(row, RESULT_KNOWS_CUSTOMERS, &isnull)),
		.id = first_row_text(row, RESULT_CUSTOMER_ID),
		.found = row->found
	};

	return known_customer(ledger, customer_id, NULL, &known);
}

static void
compose_customer(const Ledger *ledger, LedgerQuery *query, const void *context)
{
	LedgerRelation customer;

	ledger_select_customer(ledger, query, &customer);
	ledger_from_customer(query, &customer, NULL);
}

/* Raise P0002 unless the ledger knows the customer, who is the first argument. */
void
require_customer(const Ledger *ledger, const NullableDatum *arguments)
{
	ledger_execute(ledger, compose_customer, NULL, arguments);
	(void) result_customer(ledger, DatumGetTextPP(arguments[0].value), NULL,
						   SPI_processed);
}
