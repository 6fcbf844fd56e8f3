/*-------------------------------------------------------------------------
 *
 * relation_triggers.c
 *	  The triggers of a maintained relation: made, and strays taken away.
 *
 *-------------------------------------------------------------------------
 */
#include "maintenance.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_trigger.h"
#include "ledger/command.h"
#include "ledger/template.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
/* INDENT OFF */
static const struct
{
	const char *name;
	const char *event;
	const char *rows;			/* which rows it sees, and how often it fires */
	const char *function;
	char		enabled;
	bool		of_root;		/* partitions get theirs from it */
}			store_triggers[] =
{
	{"!balance_insert", "AFTER INSERT",
		"REFERENCING NEW TABLE AS balance_new FOR EACH STATEMENT",
		"store_statement", TRIGGER_FIRES_ALWAYS, false},
	{"!balance_update", "AFTER UPDATE",
		"REFERENCING OLD TABLE AS balance_old NEW TABLE AS balance_new FOR EACH STATEMENT",
		"store_statement", TRIGGER_FIRES_ALWAYS, false},
	{"!balance_delete", "AFTER DELETE",
		"REFERENCING OLD TABLE AS balance_old FOR EACH STATEMENT",
		"store_statement", TRIGGER_FIRES_ALWAYS, false},
	{"!balance_truncate", "BEFORE TRUNCATE", "FOR EACH STATEMENT",
		"store_truncate", TRIGGER_FIRES_ALWAYS, false},
	{"!balance_row", "AFTER INSERT OR UPDATE OR DELETE", "FOR EACH ROW",
		"store_row", TRIGGER_FIRES_ON_REPLICA, true}
};
/* INDENT ON */

/* When a relation's trigger for the store fires; 0 if there is none as it was made. */
static char
trigger_enabled(Oid table, const char *name, Oid store)
{
	Relation	catalog = table_open(TriggerRelationId, AccessShareLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;
	char		enabled = 0;

	ScanKeyInit(&keys[0], Anum_pg_trigger_tgrelid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(table));
	ScanKeyInit(&keys[1], Anum_pg_trigger_tgname, BTEqualStrategyNumber, F_NAMEEQ,
				CStringGetDatum(name));
	scan = systable_beginscan(catalog, TriggerRelidNameIndexId, true, NULL, 2, keys);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		const FormData_pg_trigger *form = (Form_pg_trigger) GETSTRUCT(tuple);

		if (trigger_store(form->oid) == store)
			enabled = form->tgenabled;
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return enabled;
}

/* Make a trigger anew, and let it go when the store does. */
static void
create_trigger(Oid member, int number, Oid relid, const KeptRelation *kept, Oid store)
{
	const char *name = trigger_name(store_triggers[number].name, relid);
	const char *quoted = quote_identifier(name);
	const char *table = qualified_name(get_rel_namespace(member), get_rel_name(member));
	ObjectAddress trigger;
	ObjectAddress column;

	if (OidIsValid(get_trigger_oid(member, name, true)))
		run_command(psprintf("DROP TRIGGER %s ON %s", quoted, table));
	run_command(psprintf("CREATE TRIGGER %s %s ON %s %s"
						 " EXECUTE FUNCTION balance.%s(%s, '%u')",
						 quoted, store_triggers[number].event, table,
						 store_triggers[number].rows, store_triggers[number].function,
						 quote_literal_cstr(kept->name), relid));
	ObjectAddressSet(trigger, TriggerRelationId, get_trigger_oid(member, name, false));
	ObjectAddressSubSet(column, RelationRelationId, store, STORE_POSITION);
	recordDependencyOn(&trigger, &column, DEPENDENCY_AUTO);
	CommandCounterIncrement();
}

/* Let a trigger fire when it is meant to. */
static void
enable_trigger(Oid member, const char *name, char enabled)
{
	run_command(psprintf("ALTER TABLE %s ENABLE %s TRIGGER %s",
						 qualified_name(get_rel_namespace(member), get_rel_name(member)),
						 enabled == TRIGGER_FIRES_ALWAYS ? "ALWAYS" : "REPLICA",
						 quote_identifier(name)));
	CommandCounterIncrement();
}

/*
 * All triggers on a relation's table that are missing, or not as they were made.  Who
 * reads the table waits only where one must be replaced.
 */
void
create_triggers(Oid relid, Oid table, const KeptRelation *kept, Oid store)
{
	ListCell   *lc;

	foreach(lc, find_all_inheritors(table, NoLock, NULL))
	{
		Oid			member = lfirst_oid(lc);

		for (int i = 0; i < lengthof(store_triggers); i++)
		{
			const char *name = trigger_name(store_triggers[i].name, relid);
			char		enabled = store_triggers[i].enabled;

			if (trigger_enabled(member, name, store) == 0 &&
				(!store_triggers[i].of_root || member == table))
				create_trigger(member, i, relid, kept, store);
			if (trigger_enabled(member, name, store) != enabled)
				enable_trigger(member, name, enabled);
		}
	}
}

static bool
is_our_name(const char *name, Oid relid, bool is_root)
{
	for (int i = 0; i < lengthof(store_triggers); i++)
		if (strcmp(name, trigger_name(store_triggers[i].name, relid)) == 0)
			return is_root || !store_triggers[i].of_root;
	return false;
}

/* Whether a trigger writes to the store what a relation's own triggers do not. */
static bool
is_stray(const Trigger *trigger, Oid member, Oid relid, const KeptRelation *kept)
{
	Oid			table = kept_table(relid, kept);
	Oid			written;

	if (trigger->tgnargs != 2 || strcmp(trigger->tgargs[0], kept->name) != 0)
		return false;
	written = (Oid) strtoul(trigger->tgargs[1], NULL, 10);
	if (written != relid)
		return true;
	if (!list_member_oid(find_all_inheritors(table, NoLock, NULL), member))
		return table != relid;
	return !is_our_name(trigger->tgname, relid, member == table);
}

/*
 * A trigger whose name was changed, or of a table that was the ledger's before
 * another took its name, would make what is written count twice.  One of a
 * view that is gone, or reads another table now, does nothing at some cost.  The
 * cache's own list of triggers does not last while catalogues are looked at.
 */
static void
drop_stray(Oid trigger, Oid relid, const KeptRelation *kept)
{
	Oid			member = trigger_relation(trigger);
	Relation	relation;
	const TriggerDesc *triggers;
	const char *name = NULL;

	/* a hand in pg_trigger leaves the dependency */
	if (!OidIsValid(member))
		return;
	relation = table_open(member, AccessShareLock);
	triggers = CopyTriggerDesc(relation->trigdesc);
	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
		if (triggers->triggers[i].tgoid == trigger &&
			is_stray(&triggers->triggers[i], member, relid, kept))
			name = pstrdup(triggers->triggers[i].tgname);
	table_close(relation, NoLock);
	if (name == NULL)
		return;
	run_command(psprintf("DROP TRIGGER %s ON %s", quote_identifier(name),
						 qualified_name(get_rel_namespace(member), get_rel_name(member))));
	CommandCounterIncrement();
}

void
drop_strays(Oid relid, const KeptRelation *kept, Oid store)
{
	ListCell   *lc;

	foreach(lc, store_writers(store))
		drop_stray(lfirst_oid(lc), relid, kept);
}
