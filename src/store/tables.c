/*-------------------------------------------------------------------------
 *
 * tables.c
 *	  The tables of a maintained ledger: the store, its history and the marker.
 *
 *-------------------------------------------------------------------------
 */
#include "maintenance.h"
#include "owner.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "commands/comment.h"
#include "ledger/command.h"
#include "ledger/template.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#define OUR_COMMENT	"Maintained balances of balance: "

/* A table of that name without a comment of ours is not ours. */
static void
require_our_table(const Ledger *ledger, const char *name, Oid relid)
{
	const char *comment = GetComment(relid, RelationRelationId, 0);

	if (comment == NULL || strncmp(comment, OUR_COMMENT, strlen(OUR_COMMENT)) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_TABLE),
				 errmsg("relation \"%s.%s\" already exists", ledger->name, name),
				 errdetail("Its comment does not say that it is of maintained balances."),
				 errhint("Rename it: maintained balances are kept in a table of that name.")));
}

/* Drop the ledger's three tables, whatever is left of them. */
void
drop_tables(const Ledger *ledger)
{
	static const char *const names[] = {STORE_NAME, HISTORY_NAME, MARKER_NAME};

	for (int i = 0; i < lengthof(names); i++)
	{
		Oid			relid = get_relname_relid(names[i], ledger->schema);

		if (!OidIsValid(relid))
			continue;
		require_our_table(ledger, names[i], relid);
		run_command(psprintf("DROP TABLE %s", qualified_name(ledger->schema, names[i])));
	}
}

/* Create one of the two tables that have rows of the store's shape. */
static void
create_table(const Ledger *ledger, const char *name, const char *comment)
{
	const char *table = qualified_name(ledger->schema, name);

	run_command(psprintf("CREATE TABLE %s (source \"char\" NOT NULL,"
						 " customer_id pg_catalog.text COLLATE pg_catalog.\"C\","
						 " bad pg_catalog.int8 NOT NULL, latest pg_catalog.timestamptz,"
						 " position pg_catalog.bytea NOT NULL, day pg_catalog.date,"
						 " long_customer_id pg_catalog.text COLLATE pg_catalog.\"C\")", table));
	run_command(psprintf("CREATE INDEX %s_customer_id ON %s (customer_id)", name, table));
	guard_table(table);
	run_command(psprintf("COMMENT ON TABLE %s IS %s", table, quote_literal_cstr(comment)));
}

/* Create the ledger's tables, as its owner. */
Oid
create_store(const Ledger *ledger)
{
	const char *marker = qualified_name(ledger->schema, MARKER_NAME);
	Caller		caller = act_as(schema_owner(ledger->schema));

	/* what is left of them says nothing without the others */
	drop_tables(ledger);
	create_table(ledger, STORE_NAME,
				 OUR_COMMENT "what each statement changed, by customer, and"
				 " the sums of that; long_customer_id is the whole id where customer_id"
				 " has only its beginning and its digest. Nobody but the extension writes here; see"
				 " balance.maintain().");
	create_table(ledger, HISTORY_NAME,
				 OUR_COMMENT "what each day changed that " STORE_NAME " has"
				 " summed up; see balance.position_recorded().");
	run_command(psprintf("CREATE TABLE %s (relation pg_catalog.text PRIMARY KEY,"
						 " signature pg_catalog.text NOT NULL, built pg_catalog.date NOT NULL,"
						 " unrecorded pg_catalog.datemultirange NOT NULL)", marker));
	guard_table(marker);
	run_command(psprintf("COMMENT ON TABLE %s IS '" OUR_COMMENT "for which state"
						 " of the catalogue " STORE_NAME " counts, and of which days "
						 HISTORY_NAME " does not tell.'", marker));
	act_as_caller(caller);
	return find_store(ledger->schema);
}

/* Whether the index by customer is still there; the marker has none. */
static bool
has_index(const Ledger *ledger, Oid relid)
{
	Store		store;
	bool		result;

	if (relid == find_marker(ledger->schema))
		return true;
	store = open_store(relid);
	result = store.index != NULL;
	close_store(&store);
	return result;
}

/*
 * Make again what was dropped from one of the ledger's tables, or what went with
 * the extension.
 */
void
mend_table(const Ledger *ledger, Oid relid)
{
	const char *table = qualified_name(ledger->schema, get_rel_name(relid));
	Caller		caller = act_as(relation_owner(relid));

	if (!has_index(ledger, relid))
		run_command(psprintf("CREATE INDEX ON %s (customer_id)", table));
	if (!has_guard(relid))
		guard_table(table);
	act_as_caller(caller);
}
