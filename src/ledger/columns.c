/*-------------------------------------------------------------------------
 *
 * columns.c
 *	  The relations and columns of a ledger, as data: what the documents
 *	  read and what check_ledger() checks is this one list.
 *
 *-------------------------------------------------------------------------
 */
#include "columns.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#define REQUIRED	true
#define OPTIONAL	false

static const ColumnSpec customer_columns[] = {
	{"customer_id", COLUMN_IDENTIFIER, REQUIRED},
	{"wb_customer_id", COLUMN_IDENTIFIER, OPTIONAL},
	{"business_id", COLUMN_IDENTIFIER, OPTIONAL},
	{"customer_name", COLUMN_TEXT, OPTIONAL},
	{"default_currency", COLUMN_TEXT, OPTIONAL},
	{NULL}
};

static const ColumnSpec invoice_columns[] = {
	{"invoice_id", COLUMN_IDENTIFIER, REQUIRED},
	{"customer_id", COLUMN_IDENTIFIER, REQUIRED},
	{"currency", COLUMN_TEXT, REQUIRED},
	{"invoice_status", COLUMN_TEXT, REQUIRED},
	{"payment_status", COLUMN_TEXT, OPTIONAL},
	{"number", COLUMN_IDENTIFIER, OPTIONAL},
	{"total", COLUMN_NUMERIC, REQUIRED},
	{"amount_due", COLUMN_NUMERIC, REQUIRED},
	{"amount_remaining", COLUMN_NUMERIC, REQUIRED},
	{"due_date", COLUMN_DUE, OPTIONAL},
	{"issued_at", COLUMN_INSTANT, OPTIONAL},
	{NULL}
};

static const ColumnSpec line_item_columns[] = {
	{"invoice_id", COLUMN_IDENTIFIER, REQUIRED},
	{"price_type", COLUMN_TEXT, OPTIONAL},
	{"amount", COLUMN_NUMERIC, REQUIRED},
	{NULL}
};

static const ColumnSpec deposit_columns[] = {
	{"deposit_id", COLUMN_IDENTIFIER, REQUIRED},
	{"customer_id", COLUMN_IDENTIFIER, REQUIRED},
	{"currency", COLUMN_TEXT, REQUIRED},
	{"status", COLUMN_TEXT, REQUIRED},
	{"amount", COLUMN_NUMERIC, REQUIRED},
	{NULL}
};

static const ColumnSpec vcu_invoice_columns[] = {
	{"vcu_invoice_id", COLUMN_IDENTIFIER, REQUIRED},
	{"customer_id", COLUMN_IDENTIFIER, REQUIRED},
	{"currency", COLUMN_TEXT, REQUIRED},
	{"status", COLUMN_TEXT, REQUIRED},
	{"units", COLUMN_NUMERIC, REQUIRED},
	{"created_at", COLUMN_INSTANT, REQUIRED},
	{"paid_at", COLUMN_INSTANT, OPTIONAL},
	{NULL}
};

static const ColumnSpec vcu_order_columns[] = {
	{"vcu_order_id", COLUMN_IDENTIFIER, REQUIRED},
	{"customer_id", COLUMN_IDENTIFIER, REQUIRED},
	{"currency", COLUMN_TEXT, REQUIRED},
	{"status", COLUMN_TEXT, REQUIRED},
	{"units", COLUMN_NUMERIC, REQUIRED},
	{"pay_with_balance", COLUMN_BOOLEAN, OPTIONAL},
	{"created_at", COLUMN_INSTANT, REQUIRED},
	{NULL}
};

static const ColumnSpec credit_memo_columns[] = {
	{"credit_memo_id", COLUMN_IDENTIFIER, REQUIRED},
	{"business_id", COLUMN_IDENTIFIER, REQUIRED},
	{"customer_id", COLUMN_IDENTIFIER, REQUIRED},
	{"status", COLUMN_TEXT, REQUIRED},
	{"currency", COLUMN_TEXT, REQUIRED},
	{"amount", COLUMN_BIGINT, REQUIRED},
	{"amount_applied", COLUMN_BIGINT, REQUIRED},
	{"issue_date", COLUMN_DATE, REQUIRED},
	{"created_at", COLUMN_INSTANT, REQUIRED},
	{"updated_at", COLUMN_INSTANT, REQUIRED},
	{"reason", COLUMN_TEXT, REQUIRED},
	{"invoice_id", COLUMN_IDENTIFIER, OPTIONAL},
	{"number", COLUMN_IDENTIFIER, OPTIONAL},
	{"applied_date", COLUMN_INSTANT, OPTIONAL},
	{"description", COLUMN_TEXT, OPTIONAL},
	{"internal_notes", COLUMN_TEXT, OPTIONAL},
	{"line_items", COLUMN_JSON, OPTIONAL},
	{"voided_at", COLUMN_INSTANT, OPTIONAL},
	{"voided_reason", COLUMN_TEXT, OPTIONAL},
	{"customer_name", COLUMN_TEXT, OPTIONAL},
	{"invoice_number", COLUMN_IDENTIFIER, OPTIONAL},
	{NULL}
};

static const ColumnSpec application_columns[] = {
	{"application_id", COLUMN_IDENTIFIER, REQUIRED},
	{"credit_memo_id", COLUMN_IDENTIFIER, REQUIRED},
	{"invoice_id", COLUMN_IDENTIFIER, REQUIRED},
	{"amount_applied", COLUMN_BIGINT, REQUIRED},
	{"applied_at", COLUMN_INSTANT, REQUIRED},
	{"applied_by_user_id", COLUMN_IDENTIFIER, OPTIONAL},
	{NULL}
};

const RelationSpec ledger_relations[NUM_LEDGER_RELATIONS] = {
	{"customer", "customer_id", "customer_id", customer_columns},
	{"invoice", "invoice_id", "customer_id", invoice_columns},
	{"invoice_line_item", NULL, "invoice_id", line_item_columns},
	{"deposit", "deposit_id", "customer_id", deposit_columns},
	{"vcu_invoice", "vcu_invoice_id", "customer_id", vcu_invoice_columns},
	{"vcu_order", "vcu_order_id", "customer_id", vcu_order_columns},
	{"credit_memo", "credit_memo_id", "customer_id", credit_memo_columns},
	{"credit_memo_application", "application_id", "credit_memo_id", application_columns}
};

/* What a column is read as, in SQL, and what it must be, in words. */
static const struct
{
	const char *cast;
	const char *words;
}			column_types[] =
{
	[COLUMN_IDENTIFIER] = {"pg_catalog.text", "text, varchar, char(n), citext, uuid, an enum, an integer type or numeric"},
	[COLUMN_TEXT] = {"pg_catalog.text", "text, varchar, char(n), citext, uuid or an enum"},
	[COLUMN_NUMERIC] = {"pg_catalog.numeric", "numeric or an integer type"},
	[COLUMN_BIGINT] = {"pg_catalog.int8", "bigint or another integer type"},
	[COLUMN_BOOLEAN] = {"pg_catalog.bool", "boolean"},
	[COLUMN_DATE] = {"pg_catalog.date", "date"},
	[COLUMN_INSTANT] = {"pg_catalog.timestamptz", "timestamp with time zone"},
	[COLUMN_DUE] = {"pg_catalog.date", "date or timestamp with time zone"},
	[COLUMN_JSON] = {"pg_catalog.jsonb", "jsonb or json"}
};

const RelationSpec *
find_relation_spec(const char *name)
{
	for (int i = 0; i < NUM_LEDGER_RELATIONS; i++)
		if (strcmp(ledger_relations[i].name, name) == 0)
			return &ledger_relations[i];
	elog(ERROR, "a ledger has no relation \"%s\"", name);
}

const ColumnSpec *
find_column_spec(const RelationSpec *relation, const char *name)
{
	for (const ColumnSpec *column = relation->columns; column->name; column++)
		if (strcmp(column->name, name) == 0)
			return column;
	elog(ERROR, "a ledger's \"%s\" has no column \"%s\"", relation->name, name);
}

/* The relation that a column refers to, whose key has the same name, or NULL. */
const RelationSpec *
find_referred(const RelationSpec *relation, const char *column)
{
	for (int i = 0; i < NUM_LEDGER_RELATIONS; i++)
		if (ledger_relations[i].key != NULL && &ledger_relations[i] != relation &&
			strcmp(ledger_relations[i].key, column) == 0)
			return &ledger_relations[i];
	return NULL;
}

bool
is_integer_type(Oid type)
{
	return type == INT2OID || type == INT4OID || type == INT8OID;
}

/* Whether PostgreSQL takes a type for a kind of text: varchar, citext, name. */
bool
is_string_type(Oid type)
{
	char		category;
	bool		preferred;

	get_type_category_preferred(type, &category, &preferred);
	return category == TYPCATEGORY_STRING;
}

/* Whether a column of this type, domains aside, may be read as wanted. */
bool
column_type_fits(Oid type, ColumnType wanted)
{
	switch (wanted)
	{
		case COLUMN_IDENTIFIER:
			if (is_integer_type(type) || type == NUMERICOID)
				return true;
			pg_fallthrough;
		case COLUMN_TEXT:
			return is_string_type(type) || type == UUIDOID || type_is_enum(type);
		case COLUMN_NUMERIC:
			return is_integer_type(type) || type == NUMERICOID;
		case COLUMN_BIGINT:
			return is_integer_type(type);
		case COLUMN_BOOLEAN:
			return type == BOOLOID;
		case COLUMN_DATE:
			return type == DATEOID;
		case COLUMN_INSTANT:
			return type == TIMESTAMPTZOID;
		case COLUMN_DUE:
			return type == DATEOID || type == TIMESTAMPTZOID;
		case COLUMN_JSON:
			return type == JSONOID || type == JSONBOID;
	}
	return false;
}

/*
 * Whether a column's collation means the same to all of a type's operators.
 * Under a nondeterministic one only text, varchar and char(n) are sorted, hashed
 * and compared alike; of name and citext an index says what "=" does not.
 */
bool
column_collation_fits(Oid type, Oid collation)
{
	return !OidIsValid(collation) || get_collation_isdeterministic(collation) ||
		type == TEXTOID || type == VARCHAROID || type == BPCHAROID;
}

/*
 * A type's name, whatever search_path says.  It is the catalogue's own, since
 * the standard's names mean more than the type: character is char(1).
 */
const char *
qualified_type(Oid type)
{
	HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	Form_pg_type form;
	const char *name;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for type %u", type);
	form = (Form_pg_type) GETSTRUCT(tuple);
	name = quote_qualified_identifier(get_namespace_name(form->typnamespace),
									  NameStr(form->typname));
	ReleaseSysCache(tuple);
	return name;
}

const char *
column_type_cast(ColumnType type)
{
	return column_types[type].cast;
}

const char *
column_type_words(ColumnType type)
{
	return column_types[type].words;
}
