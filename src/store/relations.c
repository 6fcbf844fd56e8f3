/*-------------------------------------------------------------------------
 *
 * relations.c
 *	  Which relations are kept, and what a statement changes of them, as SQL.
 *
 *-------------------------------------------------------------------------
 */
#include "store.h"

#include "access/table.h"
#include "access/transam.h"
#include "access/tupconvert.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "ledger/cluster.h"
#include "ledger/identifier.h"
#include "ledger/template.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

const KeptRelation kept_relations[NUM_KEPT_RELATIONS] = {
#define KEPT(relation, letter, source) \
	{#relation, letter, &ledger_sources[SOURCE_##source]},
#include "ledger/columns.def"
};

const KeptRelation *
find_kept(const char *name)
{
	for (int i = 0; i < NUM_KEPT_RELATIONS; i++)
		if (strcmp(kept_relations[i].name, name) == 0)
			return &kept_relations[i];
	return NULL;
}

/* The letter of store rows that count a relation's rows of unknown customers. */
char
lost_letter(const KeptRelation *kept)
{
	return pg_ascii_toupper(kept->letter);
}

/* ---- whether it can be kept ---- */

/* Whether all columns are there that a relation must have, and can be read. */
bool
kept_columns_fit(const LedgerRelation *relation, const KeptRelation *kept)
{
	for (const ColumnSpec *column = relation->spec->columns; column->name; column++)
	{
		Oid			type = ledger_column_type(relation, column->name);

		if (OidIsValid(type) ? !column_type_fits(type, column->kind) :
			ledger_lacks_column(relation, column))
			return false;
		if (column->stands_for != NULL && OidIsValid(type) &&
			ledger_has_column(relation, column->stands_for))
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
	{
		if (get_rel_relkind(lfirst_oid(lc)) == RELKIND_FOREIGN_TABLE)
			return true;
	}
	return false;
}

/*
 * Whether DETACH ... CONCURRENTLY of a partition has not ended: a transaction with
 * an older snapshot still writes through the parent what others no longer read there.
 */
static bool
is_being_detached(Oid relid)
{
	ListCell   *lc;

	foreach(lc, find_all_inheritors(relid, NoLock, NULL))
	{
		bool		is_detached = false;

		(void) find_inheritance_children_extended(lfirst_oid(lc), true, NoLock, &is_detached,
												  NULL);
		if (is_detached)
			return true;
	}
	return false;
}

static bool
is_permanent(Oid relid)
{
	ListCell   *lc;

	foreach(lc, find_all_inheritors(relid, NoLock, NULL))
	{
		if (get_rel_persistence(lfirst_oid(lc)) != RELPERSISTENCE_PERMANENT)
			return false;
	}
	return true;
}

/* Whether columns are computed as they are read, so that triggers do not see them. */
static bool
has_virtual_column(Relation relation)
{
#if PG_VERSION_NUM >= 180000
	const TupleConstr *constraints = RelationGetDescr(relation)->constr;

	return constraints != NULL && constraints->has_generated_virtual;
#else
	return false;
#endif
}

static bool
has_generated_column(Relation relation)
{
	const TupleConstr *constraints = RelationGetDescr(relation)->constr;

	return constraints != NULL && constraints->has_generated_stored;
}

/*
 * Whether transition tables lack what is generated.  Rows that go through a
 * partitioned table to a partition of another layout stand in them as they came.
 */
static bool
lacks_generated(Oid table)
{
	Relation	root = table_open(table, AccessShareLock);
	bool		is_virtual = false;
	bool		is_generated = false;
	bool		is_converted = false;
	ListCell   *lc;

	foreach(lc, find_all_inheritors(table, AccessShareLock, NULL))
	{
		Relation	member = table_open(lfirst_oid(lc), NoLock);

		is_virtual |= has_virtual_column(member);
		is_generated |= has_generated_column(member);
		is_converted |= convert_tuples_by_name(RelationGetDescr(root),
											   RelationGetDescr(member)) != NULL;
		table_close(member, NoLock);
	}
	table_close(root, NoLock);
	return is_virtual || (is_generated && is_converted);
}

/*
 * Why what is written to a table cannot be followed, in words, or NULL.  An
 * unlogged table is emptied by a crash, behind the back of its store; a
 * parent's writes do not fire its children's statement triggers.
 */
static const char *
why_not_followed(Oid table)
{
	char		kind = get_rel_relkind(table);

	if (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE)
		return "it is not a table";
	if (table < FirstNormalObjectId)
		return "it is a system catalog";
	if (inherits(table))
		return "it is a partition, or part of an inheritance tree";
	if (is_cluster_table(table))
		return "its rows are on other servers, where Citus lets no trigger see them";
	if (has_foreign_member(table))
		return "it has a foreign table among its partitions";
	if (is_being_detached(table))
		return "a partition of it is being detached";
	if (!is_permanent(table))
		return "it is unlogged or temporary";
	if (lacks_generated(table))
		return "it has generated columns that triggers do not see";
	return NULL;
}

/* The same for the table below a view, whose row security is the view's to apply. */
static const char *
why_below_not_followed(Oid view, const KeptRelation *kept)
{
	const char *reason = why_view_not_kept(view, kept);
	Oid			table;

	if (reason != NULL)
		return psprintf("it is a view: %s", reason);
	table = kept_table(view, kept);
	reason = has_row_security(table) ? "it has row security" : why_not_followed(table);
	return reason == NULL ? NULL :
		psprintf("it is a view of \"%s\": %s", get_rel_name(table), reason);
}

/* Why a relation's positions cannot be kept, in words, or NULL. */
const char *
why_not_kept(const LedgerRelation *relation, const KeptRelation *kept)
{
	const char *reason = get_rel_relkind(relation->relid) == RELKIND_VIEW ?
		why_below_not_followed(relation->relid, kept) : why_not_followed(relation->relid);

	if (reason != NULL)
		return reason;
	if (!kept_columns_fit(relation, kept))
		return "columns are missing or of other types; see check_ledger()";
	if (ledger_is_coarse(relation, "customer_id"))
		return "its customer_id takes different spellings for one";
	return NULL;
}

/* ---- what a statement changes ---- */

/*
 * Whether the aggregate takes a column, as SQL, or NULL if it takes all.  The
 * bound on amounts is far from where a sum leaves the range of numeric; what is
 * beyond it is not refused, but left to be read from the rows.
 */
static const char *
good_column(const LedgerRelation *relation, const ColumnSpec *spec)
{
	const char *column = ledger_column(relation, spec->name);
	bool		nullable = !spec->required || spec->nullable;

	switch (spec->kind)
	{
		case COLUMN_CURRENCY:
			return sql_fill("balance.known_currency({column})", "column", column);
		case COLUMN_MONEY:
		case COLUMN_UNITS:
			return sql_fill("({column} IS NULL OR abs({column}) < 1e100)", "column", column);
		case COLUMN_STATUS:
			if (spec->vocabulary != NULL)
				return sql_fill(nullable ? "({column} IS NULL OR balance.known_status("
								"'{vocabulary}'::text, {column}))" :
								"balance.known_status('{vocabulary}'::text, {column})",
								"column", column, "vocabulary", spec->vocabulary);
			pg_fallthrough;
		case COLUMN_INSTANT:
			return nullable ? NULL : sql_fill("{column} IS NOT NULL", "column", column);
		default:
			return NULL;
	}
}

/* Whether a row is good: the aggregate takes it, and it leaves a cell. */
static const char *
good_row(const LedgerRelation *relation)
{
	StringInfoData sql;

	initStringInfo(&sql);
	for (const ColumnSpec *spec = relation->spec->columns; spec->name != NULL; spec++)
	{
		const char *good = good_column(relation, spec);

		if (good != NULL)
			appendStringInfo(&sql, "%s%s", sql.len > 0 ? " AND " : "", good);
	}
	return sql.data;
}

/* The tally of some rows by customer, of one sign. */
static void
append_tally(StringInfo sql, const LedgerRelation *relation,
			 const KeptRelation *kept, const char *rows, bool is_plus)
{
	TallySource source = {.owner = *relation, .row = *relation};
	const char *good = good_row(relation);
	const char *dated = relation->spec->dated;

	sql_append(sql, is_plus ?
			   "SELECT {id} AS customer_id,\n count(*) FILTER (WHERE ({good}) IS NOT TRUE)"
			   " AS bad,\n {latest} AS latest,\n" :
			   "SELECT {id} AS customer_id,\n - count(*) FILTER (WHERE ({good}) IS NOT TRUE)"
			   " AS bad,\n {latest} AS earlier,\n OPERATOR(balance.-)",
			   "id", ledger_id_text(relation, "customer_id"), "good", good,
			   "latest", dated == NULL ? sql_fill("NULL::timestamptz") :
			   sql_fill("max(CASE WHEN {good} THEN {dated} END)", "good", good,
						"dated", source_fill(&source, dated)));
	appendStringInfo(sql, " %s FILTER (WHERE %s) AS position\nFROM %s AS %s GROUP BY 1",
					 source_tally(&source, kept->source->aggregate), good, rows,
					 relation->alias);
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

/*
 * What the store has by customer, as what is to be taken from a tally of rows.  Its
 * rows are read as such, or come from stored_rows().
 */
const char *
stored_tally(const char *rows, bool is_packed)
{
	return sql_fill("SELECT {id} AS customer_id, (- sum(s.bad))::int8 AS bad,"
					" max(s.latest) AS earlier, OPERATOR(balance.-)"
					" balance.merge({position}) AS position\n"
					"FROM {rows} GROUP BY 1",
					"id", is_packed ? SQL_WHOLE_ID : "s.customer_id",
					"position", is_packed ? "balance.position_from_packed(s.position)" :
					"s.position",
					"rows", rows);
}
