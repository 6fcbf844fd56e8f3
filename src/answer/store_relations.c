/*-------------------------------------------------------------------------
 *
 * store_relations.c
 *	  Which relations are kept, and what a statement changes of them, as SQL.
 *
 *-------------------------------------------------------------------------
 */
#include "store.h"

#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "ledger/match.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/builtins.h"

/*
 * A row is good if the aggregate takes it and it leaves a cell.  The bound on
 * amounts is far from where a sum leaves the range of numeric; what is beyond it
 * is not refused, but left to be read from the rows.
 */
#define FINITE(column) \
	"(" column " IS NULL OR pg_catalog.abs(" column ") OPERATOR(pg_catalog.<) 1e100)"
#define KNOWN_CURRENCY	"balance.known_currency($currency)"
#define KNOWN_STATUS(vocabulary, column) \
	"balance.known_status('" vocabulary "'::pg_catalog.text, " column ")"
#define KNOWN_IF_ANY(vocabulary, column) \
	"(" column " IS NULL OR " KNOWN_STATUS(vocabulary, column) ")"

const KeptRelation kept_relations[NUM_KEPT_RELATIONS] = {
	{"invoice", 'i', "balance.tally_invoices",
		{"currency", "invoice_status", "payment_status", "total", "amount_due",
		"amount_remaining", "due_date", NULL},
		KNOWN_CURRENCY " AND " KNOWN_IF_ANY("invoice_status", "$invoice_status")
		" AND " KNOWN_IF_ANY("payment_status", "$payment_status")
		" AND " FINITE("$total") " AND " FINITE("$amount_due")
	" AND " FINITE("$amount_remaining"), NULL},
	{"deposit", 'd', "balance.tally_deposits",
		{"currency", "status", "amount", NULL},
	KNOWN_CURRENCY " AND $status IS NOT NULL AND " FINITE("$amount"), NULL},
	{"vcu_invoice", 'v', "balance.tally_unit_invoices",
		{"currency", "status", "units", NULL},
		KNOWN_CURRENCY " AND " KNOWN_STATUS("unit_invoice", "$status")
		" AND " FINITE("$units") " AND $created_at IS NOT NULL",
		"CASE WHEN balance.unit_invoice_class($status) OPERATOR(pg_catalog.=) 'credit'"
	" THEN COALESCE($paid_at, $created_at) ELSE $created_at END"},
	{"vcu_order", 'o', "balance.tally_unit_orders",
		{"currency", "status", "pay_with_balance", "units", NULL},
		KNOWN_CURRENCY " AND " KNOWN_STATUS("unit_order", "$status")
		" AND " FINITE("$units") " AND $created_at IS NOT NULL",
	"$created_at"}
};

const KeptRelation *
find_kept(const char *name)
{
	for (int i = 0; i < NUM_KEPT_RELATIONS; i++)
		if (strcmp(kept_relations[i].name, name) == 0)
			return &kept_relations[i];
	return NULL;
}

const KeptRelation *
find_kept_letter(char letter)
{
	for (int i = 0; i < NUM_KEPT_RELATIONS; i++)
		if (kept_relations[i].letter == letter)
			return &kept_relations[i];
	return NULL;
}

/* ---- whether it can be kept ---- */

/* Whether all columns are there that a relation must have, and can be read. */
bool
kept_columns_fit(const LedgerRelation *relation, const KeptRelation *kept)
{
	for (const ColumnSpec *column = relation->spec->columns; column->name; column++)
	{
		Oid			type = ledger_column_type(relation, column->name);

		if (OidIsValid(type) ? !column_type_fits(type, column->kind) : column->required)
			return false;
	}
	return ledger_is_identifier(relation, "customer_id");
}

/* Whether a relation has parents, or children that are not its partitions. */
static bool
inherits(Oid relid)
{
	char		kind = get_rel_relkind(relid);

	return get_rel_relispartition(relid) || has_superclass(relid) ||
		(kind == RELKIND_RELATION && has_subclass(relid));
}

static bool
has_foreign_member(Oid relid)
{
	ListCell   *lc;

	foreach(lc, find_all_inheritors(relid, NoLock, NULL))
		if (get_rel_relkind(lfirst_oid(lc)) == RELKIND_FOREIGN_TABLE)
			return true;
	return false;
}

static bool
is_permanent(Oid relid)
{
	ListCell   *lc;

	foreach(lc, find_all_inheritors(relid, NoLock, NULL))
		if (get_rel_persistence(lfirst_oid(lc)) != RELPERSISTENCE_PERMANENT)
			return false;
	return true;
}

/*
 * Why a relation's positions cannot be kept, in words, or NULL.  An unlogged
 * table is emptied by a crash, behind the back of its store; a parent's writes
 * do not fire its children's statement triggers.
 */
const char *
why_not_kept(const LedgerRelation *relation, const KeptRelation *kept)
{
	char		kind = get_rel_relkind(relation->relid);

	if (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE)
		return kind == RELKIND_VIEW ? "it is a view" : "it is not a table";
	if (inherits(relation->relid))
		return "it is a partition, or part of an inheritance tree";
	if (has_foreign_member(relation->relid))
		return "it has a foreign table among its partitions";
	if (!is_permanent(relation->relid))
		return "it is unlogged or temporary";
	if (!kept_columns_fit(relation, kept))
		return "columns are missing or of other types; see check_ledger()";
	if (ledger_is_coarse(relation, "customer_id"))
		return "its customer_id takes different spellings for one";
	return NULL;
}

/* ---- what a statement changes ---- */

/* An expression in which each $column is a column of the relation. */
static const char *
fill_columns(const LedgerRelation *relation, const char *expression)
{
	StringInfoData sql;
	char		name[NAMEDATALEN];

	initStringInfo(&sql);
	while (*expression != '\0')
	{
		int			n = 0;

		if (*expression != '$')
		{
			appendStringInfoChar(&sql, *expression++);
			continue;
		}
		for (expression++; (*expression >= 'a' && *expression <= 'z') || *expression == '_';)
			name[n++] = *expression++;
		name[n] = '\0';
		appendStringInfoString(&sql, ledger_column(relation, name));
	}
	return sql.data;
}

/* The tally of some rows by customer, of one sign. */
static void
append_tally(StringInfo sql, const LedgerRelation *relation,
			 const KeptRelation *kept, const char *rows, bool is_plus)
{
	const char *good = fill_columns(relation, kept->good);
	const char *sign = is_plus ? "" : "OPERATOR(pg_catalog.-) ";

	appendStringInfo(sql, "SELECT %s AS customer_id,\n %spg_catalog.count(*) FILTER (WHERE"
						  " (%s) IS NOT TRUE) AS bad,\n %s AS %s,\n %s%s(",
					 ledger_id_text(relation, "customer_id"), sign, good,
					 kept->latest == NULL ? "NULL::pg_catalog.timestamptz" :
					 psprintf("pg_catalog.max(CASE WHEN %s THEN %s END)", good,
							  fill_columns(relation, kept->latest)),
					 is_plus ? "latest" : "earlier",
					 is_plus ? "" : "OPERATOR(balance.-) ", kept->aggregate);
	for (int i = 0; kept->columns[i] != NULL; i++)
		appendStringInfo(sql, "%s%s", i > 0 ? ", " : "",
						 ledger_column(relation, kept->columns[i]));
	appendStringInfo(sql, ") FILTER (WHERE %s) AS position\nFROM %s AS %s GROUP BY 1",
					 good, rows, relation->alias);
}

/*
 * What rows that came and rows that went change, by customer: the columns of
 * the store but the first.  What changes nothing is left out; a date that
 * changed is none, as it decides from when on a row counts.  minus may be a
 * query of that kind, with "earlier" in place of "latest".
 */
void
append_change(StringInfo sql, const LedgerRelation *relation,
			  const KeptRelation *kept, const char *plus, const char *minus)
{
	appendStringInfoString(sql, "SELECT d.customer_id, pg_catalog.sum(d.bad)::pg_catalog.int8"
								" AS bad, pg_catalog.max(d.latest) AS latest,\n"
								" COALESCE(balance.merge(d.position), '1{}'::balance.position)"
								" AS position\nFROM (");
	if (plus != NULL)
	{
		appendStringInfoString(sql, "SELECT p.customer_id, p.bad, p.latest,"
									" NULL::pg_catalog.timestamptz AS earlier, p.position FROM (");
		append_tally(sql, relation, kept, plus, true);
		appendStringInfoString(sql, ") AS p");
	}
	if (plus != NULL && minus != NULL)
		appendStringInfoString(sql, "\nUNION ALL\n");
	if (minus != NULL)
	{
		appendStringInfoString(sql, "SELECT m.customer_id, m.bad, NULL::pg_catalog.timestamptz"
									" AS latest, m.earlier, m.position FROM (");
		if (strncmp(minus, "SELECT", 6) == 0)
			appendStringInfoString(sql, minus);
		else
			append_tally(sql, relation, kept, minus, false);
		appendStringInfoString(sql, ") AS m");
	}
	appendStringInfoString(sql, ") AS d\nGROUP BY d.customer_id\n"
						   "HAVING pg_catalog.sum(d.bad) OPERATOR(pg_catalog.<>) 0"
						   " OR balance.merge(d.position) OPERATOR(balance.<>)"
						   " '1{}'::balance.position"
						   " OR pg_catalog.max(d.latest) OPERATOR(pg_catalog.>)"
						   " COALESCE(pg_catalog.max(d.earlier),"
						   " '-infinity'::pg_catalog.timestamptz)");
}
