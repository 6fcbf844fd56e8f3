/*-------------------------------------------------------------------------
 *
 * check_absent.c
 *	  What a ledger does without: which figures that changes, and whether
 *	  something that is not read was meant.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "check_ledger.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/*
 * What is not as it would be without a relation, or without a column of one
 * that is there.  Columns that are not listed are shown as null.  Where another
 * value is as good, as the customer's name for that on a memo, there is nothing
 * to say.
 */
typedef struct Absence
{
	const char *relation;
	const char *column;			/* NULL: the relation itself */
	const char *effect;			/* NULL: none */
} Absence;

static const Absence absences[] = {
	{"customer", NULL, "nobody is unknown: a wrong id gets an empty document, not P0002"},
	{"customer", "wb_customer_id", "wb_customer_id of customer_balance is the ledger's name"},
	{"customer", "business_id",
	"customer_credits takes every customer for one of the business that is asked for"},
	{"customer", "default_currency",
	"default_currency of invoice_summary is the one with the most invoices"},
	{"invoice", NULL, "customer_balance counts no invoices, and there is no invoice_summary"},
	{"invoice", "payment_status", "an invoice is paid only if its invoice_status says so"},
	{"invoice", "due_date",
		"nothing is overdue: total_overdue_amount and overdue_invoice_count are zero, "
	"and all ageing is in no_due_date"},
	{"invoice", "issued_at", "verify does not see what is due before it was issued"},
	{"invoice_line_item", NULL,
	"unpaid_usage_charges and unpaid_fixed_charges of invoice_summary are zero"},
	{"invoice_line_item", "price_type", "all charges are fixed: unpaid_usage_charges is zero"},
	{"deposit", NULL, "customer_balance shows no deposits"},
	{"vcu_invoice", NULL, "vcu_balance has no credit and no debt"},
	{"vcu_invoice", "paid_at", "a paid invoice counts in the period in which it was created"},
	{"vcu_order", NULL, "vcu_balance has no usedCredit and no futureDebt"},
	{"vcu_order", "pay_with_balance", "usedCredit of vcu_balance is zero"},
	{"credit_memo", NULL, "there is no customer_credits"},
	{"credit_memo", "applied_date", NULL},
	{"credit_memo", "customer_name", NULL},
	{"credit_memo", "invoice_number", NULL},
	{"credit_memo_application", NULL, "customer_credits lists no applications"}
};

/* Relations that are read only beside another one. */
static const struct
{
	const char *relation;
	const char *beside;
}			companions[] =
{
	{"invoice_line_item", "invoice"},
	{"credit_memo_application", "credit_memo"}
};

static const Absence *
find_absence(const char *relation, const char *column)
{
	for (int i = 0; i < lengthof(absences); i++)
		if (strcmp(absences[i].relation, relation) == 0 &&
			(column == NULL ? absences[i].column == NULL :
			 absences[i].column != NULL && strcmp(absences[i].column, column) == 0))
			return &absences[i];
	return NULL;
}

static const char *
relation_beside(const char *relation)
{
	for (int i = 0; i < lengthof(companions); i++)
		if (strcmp(companions[i].relation, relation) == 0)
			return companions[i].beside;
	return NULL;
}

static bool
has_relation(const Ledger *ledger, const char *name)
{
	return OidIsValid(get_relname_relid(name, ledger->schema));
}

/* ---- relations ---- */

static Datum
required_columns(const RelationSpec *spec)
{
	Datum		names[MaxHeapAttributeNumber];
	int			nnames = 0;

	for (const ColumnSpec *column = spec->columns; column->name; column++)
		if (column->required)
			names[nnames++] = CStringGetTextDatum(column->name);
	return PointerGetDatum(construct_array(names, nnames, TEXTOID, -1, false,
										   TYPALIGN_INT));
}

static bool
is_read(const char *name)
{
	for (int i = 0; i < NUM_LEDGER_RELATIONS; i++)
		if (strcmp(ledger_relations[i].name, name) == 0)
			return true;
	return false;
}

/*
 * What may be the absent relation under another name: a relation of the schema
 * that is called alike or has all of its columns, and one in any schema that
 * foreign keys of the ledger's tables refer to as this one.
 */
static void
check_misnamed_relation(ReturnSetInfo *result, const Ledger *ledger,
						const RelationSpec *spec)
{
	static const char *const query =
		"WITH columns AS (SELECT a.attrelid, pg_catalog.count(*) AS n\n"
		" FROM pg_catalog.pg_attribute a WHERE a.attname" EQ "ANY ($2::pg_catalog.name[])\n"
		" AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped GROUP BY 1),\n"
		"referenced AS (SELECT k.confrelid FROM pg_catalog.pg_constraint k\n"
		" JOIN pg_catalog.pg_class f ON f.oid" EQ "k.conrelid AND f.relnamespace" EQ "$1\n"
		" JOIN pg_catalog.pg_attribute a ON a.attrelid" EQ "f.oid\n"
		"  AND a.attnum" EQ "ANY (k.conkey) AND a.attname" EQ "$3::pg_catalog.name\n"
		" WHERE k.contype" EQ "'f')\n"
		"SELECT c.relname::pg_catalog.text, " QUALIFIED_NAME("c") ",\n"
		" COALESCE((SELECT x.n FROM columns x WHERE x.attrelid" EQ "c.oid)\n"
		"  " EQ "pg_catalog.cardinality($2), false),\n"
		" EXISTS (SELECT FROM referenced x WHERE x.confrelid" EQ "c.oid)\n"
		"FROM pg_catalog.pg_class c\n"
		"WHERE c.relnamespace" EQ "$1 AND c.relkind" EQ "ANY ('{r,p,v,m,f}')\n"
		" OR c.oid" EQ "ANY (SELECT x.confrelid FROM referenced x)\n"
		"ORDER BY c.relname";
	Oid			types[] = {OIDOID, TEXTARRAYOID, TEXTOID};
	Datum		values[] = {
		ObjectIdGetDatum(ledger->schema), required_columns(spec),
		CStringGetTextDatum(spec->key == NULL ? "" : spec->key)
	};

	if (SPI_execute_with_args(query, 3, types, values, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not look for misnamed relations");
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		const char *name = text_to_cstring(result_text(row, 1));
		const char *qualified = text_to_cstring(result_text(row, 2));
		bool		isnull;
		bool		has_columns = DatumGetBool(result_value(row, 3, &isnull));
		bool		is_referenced = DatumGetBool(result_value(row, 4, &isnull));

		if (!is_referenced &&
			(is_read(name) || (!has_columns && !relation_names_alike(name, spec->name))))
			continue;
		add_finding(result, spec->name, NULL,
					is_referenced ? SEVERITY_WARNING : SEVERITY_NOTICE,
					psprintf("%s is not read%s; is it %s?", qualified,
							 is_referenced ? ", but foreign keys of the ledger refer to it" : "",
							 spec->name),
					psprintf("If so, rename it, or "
							 "CREATE VIEW %s.%s WITH (security_invoker) AS SELECT * FROM %s;",
							 quote_identifier(ledger->name), spec->name, qualified));
	}
}

/* A relation that the ledger has not; of an empty one, all that is not there is no news. */
void
check_absent_relation(ReturnSetInfo *result, const Ledger *ledger,
					  const RelationSpec *spec, bool is_empty)
{
	const Absence *absence = find_absence(spec->name, NULL);
	const char *beside = relation_beside(spec->name);

	for (int i = 0; i < lengthof(companions); i++)
		if (strcmp(companions[i].beside, spec->name) == 0 &&
			has_relation(ledger, companions[i].relation))
			add_finding(result, companions[i].relation, NULL, SEVERITY_WARNING,
						psprintf("is read only beside %s, which is absent", spec->name),
						psprintf("Give the ledger a relation %s.", spec->name));
	if (beside != NULL && !has_relation(ledger, beside) && !is_empty)
		return;
	if (absence != NULL && absence->effect != NULL && !is_empty)
		add_finding(result, spec->name, NULL, SEVERITY_NOTICE,
					psprintf("relation is absent: %s", absence->effect),
					"That is fine if you have none.");
	check_misnamed_relation(result, ledger, spec);
}

/* ---- columns ---- */

static bool
has_column_spec(const RelationSpec *spec, const char *name)
{
	for (const ColumnSpec *column = spec->columns; column->name; column++)
		if (strcmp(column->name, name) == 0)
			return true;
	return false;
}

/* The absent column that one which is not read may be, or NULL. */
static const ColumnSpec *
column_meant(const LedgerRelation *relation, const char *found, Oid type)
{
	for (const ColumnSpec *column = relation->spec->columns; column->name; column++)
		if (!ledger_has_column(relation, column->name) &&
			column_type_converts(column, type) &&
			column_names_alike(found, column->name, relation->spec->name))
			return column;
	return NULL;
}

static void
check_misnamed_columns(ReturnSetInfo *result, const LedgerRelation *relation)
{
	static const char *const query =
		"SELECT a.attname::pg_catalog.text, a.atttypid FROM pg_catalog.pg_attribute a\n"
		"WHERE a.attrelid" EQ "$1 AND a.attnum OPERATOR(pg_catalog.>) 0\n"
		"AND NOT a.attisdropped ORDER BY a.attnum";
	Oid			type = OIDOID;
	Datum		value = ObjectIdGetDatum(relation->relid);

	if (SPI_execute_with_args(query, 1, &type, &value, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not look for misnamed columns");
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		const char *name = text_to_cstring(result_text(row, 1));
		const ColumnSpec *meant;
		bool		isnull;

		if (has_column_spec(relation->spec, name))
			continue;
		meant = column_meant(relation, name,
							 getBaseType(DatumGetObjectId(result_value(row, 2, &isnull))));
		if (meant != NULL)
			add_finding(result, relation->spec->name, name, SEVERITY_NOTICE,
						psprintf("column is not read; is it %s?", meant->name),
						psprintf("If so, rename it, or in a view: %s AS %s",
								 quote_identifier(name), meant->name));
	}
}

/* Optional columns that a relation has not, and what may be meant for one. */
void
check_absent_columns(ReturnSetInfo *result, const LedgerRelation *relation)
{
	const char *name = relation->spec->name;
	StringInfoData shown_null;
	bool		any = false;

	initStringInfo(&shown_null);
	for (const ColumnSpec *column = relation->spec->columns; column->name; column++)
	{
		const Absence *absence = find_absence(name, column->name);

		if (ledger_has_column(relation, column->name))
			continue;
		any = true;
		if (column->required)
			continue;
		if (absence == NULL)
			appendStringInfo(&shown_null, "%s%s", shown_null.len > 0 ? ", " : "",
							 column->name);
		else if (absence->effect != NULL)
			add_finding(result, name, column->name, SEVERITY_NOTICE,
						psprintf("column is absent: %s", absence->effect),
						"That is fine if you have none.");
	}
	if (shown_null.len > 0)
		add_finding(result, name, NULL, SEVERITY_NOTICE,
					psprintf("columns are absent, and null where a document shows them: %s",
							 shown_null.data),
					"That is fine if you have none.");
	if (any)
		check_misnamed_columns(result, relation);
}
