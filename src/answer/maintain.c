/*-------------------------------------------------------------------------
 *
 * maintain.c
 *	  Having a ledger's balances maintained: beginning, repairing, ending.
 *
 *-------------------------------------------------------------------------
 */
#include "store/store.h"
#include "catalog/pg_class.h"
#include "store/history.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/comment.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "ledger/template.h"
#include "report_views.h"
#include "storage/lmgr.h"
#include "store/attempt.h"
#include "tcop/pquery.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/tuplestore.h"
#include "value/arguments.h"

/* Whether the guard lets rows pass: those of the marker, which we write by SQL. */
static bool writing_marker = false;

/* ---- commands ---- */

static void
execute(const char *command)
{
	if (SPI_execute(command, false, 0) < 0)
		elog(ERROR, "could not run a command of maintenance: %s",
			 SPI_result_code_string(SPI_result));
}

static Oid
schema_owner(Oid schema)
{
	HeapTuple	tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(schema));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for schema %u", schema);
	owner = ((Form_pg_namespace) GETSTRUCT(tuple))->nspowner;
	ReleaseSysCache(tuple);
	return owner;
}

/* The ledger, which is to be maintained by its owner. */
static Ledger
owned_ledger(FunctionCallInfo fcinfo, int argno)
{
	Ledger		ledger = ledger_getarg(fcinfo, argno);

	if (!has_privs_of_role(GetUserId(), schema_owner(ledger.schema)))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_SCHEMA, ledger.name);
	return ledger;
}

/* The store of a ledger that is maintained, or InvalidOid. */
static Oid
maintained_store(const Ledger *ledger)
{
	return OidIsValid(find_marker(ledger->schema)) &&
		OidIsValid(find_history(ledger->schema)) ? find_store(ledger->schema) : InvalidOid;
}

static Oid
require_store(const Ledger *ledger)
{
	Oid			store = maintained_store(ledger);

	if (!OidIsValid(store))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the balances of ledger \"%s\" are not maintained", ledger->name),
				 errhint("To have them maintained: SELECT * FROM balance.maintain(%s);",
						 quote_literal_cstr(quote_identifier(ledger->name)))));
	return store;
}

/* What is begun in another isolation level may not see what it must add. */
static void
require_read_committed(const char *function)
{
	if (IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("%s() must run in a READ COMMITTED transaction", function),
				 errdetail("It adds what a snapshot shows that is taken after its locks.")));
}

/* ---- tables ---- */

#define GUARD \
	"CREATE OR REPLACE TRIGGER balance_guard BEFORE INSERT OR UPDATE OR DELETE ON %1$s\n" \
	" FOR EACH ROW EXECUTE FUNCTION balance.store_guard();\n" \
	"CREATE OR REPLACE TRIGGER balance_guard_truncate BEFORE TRUNCATE ON %1$s\n" \
	" FOR EACH STATEMENT EXECUTE FUNCTION balance.store_guard();\n" \
	"ALTER TABLE %1$s ENABLE ALWAYS TRIGGER balance_guard;\n" \
	"ALTER TABLE %1$s ENABLE ALWAYS TRIGGER balance_guard_truncate;\n"

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
static void
drop_tables(const Ledger *ledger)
{
	static const char *const names[] = {STORE_NAME, HISTORY_NAME, MARKER_NAME};

	for (int i = 0; i < lengthof(names); i++)
	{
		Oid			relid = get_relname_relid(names[i], ledger->schema);

		if (!OidIsValid(relid))
			continue;
		require_our_table(ledger, names[i], relid);
		execute(psprintf("DROP TABLE %s", qualified_name(ledger->schema, names[i])));
	}
}

/* Create one of the two tables that have rows of the store's shape. */
static void
create_table(const Ledger *ledger, const char *name, const char *comment)
{
	const char *table = qualified_name(ledger->schema, name);

	execute(psprintf("CREATE TABLE %s (source \"char\" NOT NULL, customer_id pg_catalog.text"
					 " COLLATE pg_catalog.\"C\","
					 " bad pg_catalog.int8 NOT NULL, latest pg_catalog.timestamptz,"
					 " position pg_catalog.bytea NOT NULL, day pg_catalog.date,"
					 " long_customer_id pg_catalog.text COLLATE pg_catalog.\"C\")", table));
	execute(psprintf("CREATE INDEX %s_customer_id ON %s (customer_id)", name, table));
	execute(psprintf(GUARD, table));
	execute(psprintf("COMMENT ON TABLE %s IS %s", table, quote_literal_cstr(comment)));
}

/* Create the ledger's tables, as its owner. */
static Oid
create_store(const Ledger *ledger)
{
	const char *marker = qualified_name(ledger->schema, MARKER_NAME);
	Oid			user;
	int			context;

	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(schema_owner(ledger->schema),
						   context | SECURITY_LOCAL_USERID_CHANGE);
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
	execute(psprintf("CREATE TABLE %s (relation pg_catalog.text PRIMARY KEY,"
					 " signature pg_catalog.text NOT NULL, built pg_catalog.date NOT NULL,"
					 " unrecorded pg_catalog.datemultirange NOT NULL)", marker));
	execute(psprintf(GUARD, marker));
	execute(psprintf("COMMENT ON TABLE %s IS '" OUR_COMMENT "for which state"
					 " of the catalogue " STORE_NAME " counts, and of which days " HISTORY_NAME
					 " does not tell.'", marker));
	SetUserIdAndSecContext(user, context);
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

static bool
has_guard(Oid relid)
{
	Relation	table = table_open(relid, AccessShareLock);
	const TriggerDesc *triggers = table->trigdesc;
	int			guards = 0;

	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
		guards += strncmp(triggers->triggers[i].tgname, "balance_guard", 13) == 0 &&
			triggers->triggers[i].tgenabled == TRIGGER_FIRES_ALWAYS;
	table_close(table, AccessShareLock);
	return guards == 2;
}

/*
 * Make again what was dropped from one of the ledger's tables, or what went with
 * the extension.
 */
static void
mend_table(const Ledger *ledger, Oid relid)
{
	const char *table = qualified_name(ledger->schema, get_rel_name(relid));
	Oid			user;
	int			context;

	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(relation_owner(relid), context | STORE_SECURITY);
	if (!has_index(ledger, relid))
		execute(psprintf("CREATE INDEX ON %s (customer_id)", table));
	if (!has_guard(relid))
		execute(psprintf(GUARD, table));
	SetUserIdAndSecContext(user, context);
}

/* The command tells also if this library was loaded in the middle of it. */
static bool
is_copying(void)
{
	return ActivePortal != NULL && ActivePortal->commandTag == CMDTAG_COPY;
}

/*
 * The store is not written by hand.  Rows that a publisher sends are skipped, as
 * its store is no affair of ours, and so are those of a dump, as they are counted
 * when the relation itself is restored.
 */
PG_FUNCTION_INFO_V1(store_guard);
Datum
store_guard(PG_FUNCTION_ARGS)
{
	const TriggerData *data = get_trigger_data(fcinfo, "store_guard");

	if (writing_marker)
		return PointerGetDatum(TRIGGER_FIRED_BY_UPDATE(data->tg_event) ?
							   data->tg_newtuple : data->tg_trigtuple);
	if (!TRIGGER_FIRED_BY_TRUNCATE(data->tg_event) &&
		(is_copying() || is_replica()))
		return PointerGetDatum(NULL);
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("\"%s\" is written by balance alone",
					RelationGetRelationName(data->tg_relation)),
			 errhint("balance.repair() mends it, balance.stop_maintaining() removes it.")));
}

/* ---- triggers ---- */
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
		execute(psprintf("DROP TRIGGER %s ON %s", quoted, table));
	execute(psprintf("CREATE TRIGGER %s %s ON %s %s EXECUTE FUNCTION balance.%s(%s, '%u')", quoted,
					 store_triggers[number].event, table, store_triggers[number].rows,
					 store_triggers[number].function,
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
	execute(psprintf("ALTER TABLE %s ENABLE %s TRIGGER %s",
					 qualified_name(get_rel_namespace(member), get_rel_name(member)),
					 enabled == TRIGGER_FIRES_ALWAYS ? "ALWAYS" : "REPLICA",
					 quote_identifier(name)));
	CommandCounterIncrement();
}

/*
 * All triggers on a relation's table that are missing, or not as they were made.  Who
 * reads the table waits only where one must be replaced.
 */
static void
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
	execute(psprintf("DROP TRIGGER %s ON %s", quote_identifier(name),
					 qualified_name(get_rel_namespace(member), get_rel_name(member))));
	CommandCounterIncrement();
}

static void
drop_strays(Oid relid, const KeptRelation *kept, Oid store)
{
	ListCell   *lc;

	foreach(lc, store_writers(store))
		drop_stray(lfirst_oid(lc), relid, kept);
}

/* ---- repairing ---- */

/* What the marker has in place of a signature for a view that raised an error. */
#define UNREADABLE	"its rows cannot be read: "

static const char *
marked_signature(const Ledger *ledger, const char *name)
{
	execute(psprintf("SELECT signature FROM %s WHERE relation OPERATOR(pg_catalog.=) %s",
					 qualified_name(ledger->schema, MARKER_NAME), quote_literal_cstr(name)));
	return SPI_processed == 0 ? NULL :
		SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
}

/* A relation whose store is being filled. */
typedef struct Filling
{
	const LedgerRelation *relation;
	const KeptRelation *kept;
	Oid			store;
	bool		is_first;		/* what it had before is of no day */
	uint64		appended;
} Filling;

/* Add what the store lacks of a relation, in one snapshot. */
static void
append_missing(void *argument)
{
	Filling    *filling = argument;
	const LedgerRelation *relation = filling->relation;
	const KeptRelation *kept = filling->kept;
	StringInfoData sql;

	initStringInfo(&sql);
	append_change(&sql, relation, kept, qualified_name(relation->ledger->schema, kept->name),
				  stored_tally(STORED_ROWS " AS s", true));
	PushActiveSnapshot(GetTransactionSnapshot());
	filling->appended += append_query(sql.data, filling->store, kept->letter,
									  !filling->is_first);
	/* all rows could be read, so none is lost */
	(void) append_query("SELECT NULL::pg_catalog.text, (OPERATOR(pg_catalog.-)"
						" pg_catalog.sum(s.bad))::pg_catalog.int8,"
						" NULL::pg_catalog.timestamptz, '1{}'::balance.position\n"
						"FROM " STORED_ROWS " AS s\n"
						"HAVING pg_catalog.sum(s.bad) OPERATOR(pg_catalog.<>) 0",
						filling->store, lost_letter(kept), true);
	PopActiveSnapshot();
}

/*
 * The same as the relation's owner; why it cannot be done, or NULL.  Rows of a
 * view may raise errors that are only met in reading it.
 */
static const char *
fill_store(Filling *filling)
{
	Oid			relid = filling->relation->relid;
	const char *error = NULL;
	Oid			user;
	int			context;

	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(relation_owner(relid), context | STORE_SECURITY);
	if (get_rel_relkind(relid) == RELKIND_VIEW)
	{
		error = attempt(append_missing, filling);
		if (error != NULL)
			(void) SPI_unregister_relation(STORED_ROWS);
	}
	else
		append_missing(filling);
	SetUserIdAndSecContext(user, context);
	return error;
}

/*
 * Write to the marker, which its guard refuses to all others: as its owner, whose
 * code must not run with the rights of the caller.
 */
static void
execute_on_marker(const Ledger *ledger, const char *command)
{
	Oid			user;
	int			context;

	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(relation_owner(get_relname_relid(MARKER_NAME, ledger->schema)),
						   context | STORE_SECURITY);
	writing_marker = true;
	PG_TRY();
	{
		execute(command);
	}
	PG_FINALLY();
	{
		writing_marker = false;
	}
	PG_END_TRY();
	SetUserIdAndSecContext(user, context);
}

/*
 * Put a relation's row into the marker, or change it by an update of m to
 * excluded; before today, nothing is recorded of a new one.
 */
static void
put_mark(const Ledger *ledger, const KeptRelation *kept, const char *signature,
		 const char *update)
{
	const char *values = sql_fill("{relation}, {signature}, {today},"
								  " datemultirange(daterange(NULL::date, {today}))",
								  "relation", quote_literal_cstr(kept->name),
								  "signature", quote_literal_cstr(signature),
								  "today", sql_day(recording_day()));

	execute_on_marker(ledger,
					  psprintf("INSERT INTO %s AS m (relation, signature, built, unrecorded)"
							   " VALUES (%s) ON CONFLICT (relation) DO UPDATE SET %s",
							   qualified_name(ledger->schema, MARKER_NAME), values, update));
}

/* Say that the store does not count for a relation: it has gone, or why. */
static void
unmark(const Ledger *ledger, const KeptRelation *kept, const char *reason)
{
	if (reason != NULL)
		put_mark(ledger, kept, reason, "signature = excluded.signature");
	else
		execute_on_marker(ledger,
						  sql_fill("DELETE FROM {marker} WHERE relation = {relation}",
								   "marker", qualified_name(ledger->schema, MARKER_NAME),
								   "relation", quote_literal_cstr(kept->name)));
}

/*
 * Say for which state of the catalogue the store counts.  If it has counted for
 * it all the time and yet lacked something, it is not known since when.
 */
static void
mark(const Ledger *ledger, const KeptRelation *kept, const char *signature, bool has_lacked)
{
	const char *unrecorded = sql_fill("CASE WHEN m.signature <> excluded.signature"
									  " THEN m.unrecorded + datemultirange({unknown})"
									  " ELSE excluded.unrecorded END",
									  "unknown", sql_unknown_days(ledger, kept));

	put_mark(ledger, kept, signature,
			 psprintf("signature = excluded.signature, built = excluded.built,"
					  " unrecorded = %s\nWHERE %s OR m.signature IS NULL"
					  " OR m.signature OPERATOR(pg_catalog.<>) excluded.signature",
					  unrecorded, has_lacked ? "true" : "false"));
}

/* Whether the store of a relation has been filled for columns as they are now. */
static bool
has_same_columns(const Ledger *ledger, const KeptRelation *kept, const char *signature)
{
	const char *marked = marked_signature(ledger, kept->name);

	return marked != NULL && strlen(marked) > 16 && strcmp(marked + 16, signature + 16) == 0;
}

static void
lock_members(Oid table, LOCKMODE lock)
{
	ListCell   *lc;

	foreach(lc, find_all_inheritors(table, NoLock, NULL))
		LockRelationOid(lfirst_oid(lc), lock);
}

/*
 * Writers go on: only a change of the relation or its triggers waits.  But an
 * enum's label or a view's function may change while a statement writes, which must
 * then have ended, and while this repair runs.
 */
static void
repair_relation(const LedgerRelation *relation, const KeptRelation *kept, Oid store)
{
	const Ledger *ledger = relation->ledger;
	Oid			relid = relation->relid;
	Oid			table = kept_table(relid, kept);
	Filling		filling = {
		.relation = relation,
		.kept = kept,
		.store = store,
		.is_first = marked_signature(ledger, kept->name) == NULL
	};
	const char *signature;
	const char *error;

	drop_strays(relid, kept, store);
	create_triggers(relid, table, kept, store);
	lock_members(table, ShareUpdateExclusiveLock);
	/* what came between is made up for */
	create_triggers(relid, table, kept, store);
	lock_members(table, ShareUpdateExclusiveLock);
	do
	{
		CHECK_FOR_INTERRUPTS();
		signature = store_signature(relid, kept, store);
		if (!has_same_columns(ledger, kept, signature))
			lock_members(table, ShareRowExclusiveLock);
		error = fill_store(&filling);
	} while (error == NULL && strcmp(signature, store_signature(relid, kept, store)) != 0);
	if (error == NULL)
		mark(ledger, kept, signature, filling.appended > 0);
	else
		unmark(ledger, kept, psprintf(UNREADABLE "%s", error));
}

/* All relations of the ledger that can be kept. */
static void
repair_ledger(const Ledger *ledger, Oid store)
{
	LockRelationOid(get_relname_relid(MARKER_NAME, ledger->schema),
					ShareUpdateExclusiveLock);
	mend_table(ledger, store);
	mend_table(ledger, find_history(ledger->schema));
	mend_table(ledger, find_marker(ledger->schema));
	for (int i = 0; i < NUM_KEPT_RELATIONS; i++)
	{
		LedgerRelation relation;

		if (!ledger_find(ledger, kept_relations[i].name, "i", &relation))
			continue;
		if (get_rel_relkind(relation.relid) == RELKIND_VIEW)
			lock_kept_views(relation.relid, &kept_relations[i]);
		if (why_not_kept(&relation, &kept_relations[i]) == NULL)
			repair_relation(&relation, &kept_relations[i], store);
		else
			unmark(ledger, &kept_relations[i], NULL);
	}
}

/* ---- how it is going ---- */

/* What tells two signatures apart, in words. */
static const char *
difference(const char *kept, const char *now, bool is_view)
{
	if (strncmp(kept, now, 16) != 0)
		return "its triggers or partitions have changed; call repair()";
	if (strncmp(kept + 17, now + 17, 16) != 0)
		return is_view ? "the view or what it reads has changed; call repair()" :
			"its columns have changed; call repair()";
	if (strncmp(kept + 34, now + 34, 16) != 0)
		return "it or its store has been rewritten; call repair()";
	return "this version of balance reads rows in another way; call repair()";
}

/* Why the store does not count for a relation, or NULL. */
static const char *
why_invalid(const LedgerRelation *relation, const KeptRelation *kept, Oid store)
{
	const char *reason = why_not_kept(relation, kept);
	const char *marked;
	const char *now;

	if (reason != NULL)
		return reason;
	if (!OidIsValid(store))
		return "it is not maintained; call maintain()";
	marked = marked_signature(relation->ledger, kept->name);
	if (marked == NULL)
		return "it has not been built; call repair()";
	if (strncmp(marked, UNREADABLE, strlen(UNREADABLE)) == 0)
		return marked;
	now = store_signature(relation->relid, kept, store);
	return strcmp(marked, now) == 0 ? NULL :
		difference(marked, now, get_rel_relkind(relation->relid) == RELKIND_VIEW);
}

/* One relation: rows, rows beyond one a customer, bytes, and rows that are bad. */
static void
put_state(ReturnSetInfo *result, const LedgerRelation *relation,
		  const KeptRelation *kept, Oid store)
{
	const char *reason = why_invalid(relation, kept, store);
	Datum		values[7] = {CStringGetTextDatum(kept->name), BoolGetDatum(reason == NULL)};
	bool		nulls[7] = {false, false, reason == NULL};

	if (reason != NULL)
		values[2] = CStringGetTextDatum(reason);
	nulls[3] = nulls[4] = nulls[5] = nulls[6] = !OidIsValid(store);
	if (OidIsValid(store))
	{
		execute(psprintf("SELECT COALESCE(pg_catalog.sum(s.rows), 0)::pg_catalog.int8,"
						 " COALESCE(pg_catalog.sum(s.rows OPERATOR(pg_catalog.-) 1),"
						 " 0)::pg_catalog.int8,"
						 " COALESCE(pg_catalog.sum(s.bytes), 0)::pg_catalog.int8,"
						 " COALESCE(pg_catalog.sum(s.bad), 0)::pg_catalog.int8\n"
						 "FROM (SELECT pg_catalog.count(*) AS rows, pg_catalog.sum(s.bad) AS"
						 " bad, pg_catalog.sum(pg_catalog.pg_column_size(s.*)) AS bytes\n"
						 "FROM %s AS s WHERE s.source OPERATOR(pg_catalog.=) '%c'::\"char\""
						 " GROUP BY s.customer_id) AS s",
						 qualified_name(relation->ledger->schema, STORE_NAME), kept->letter));
		for (int i = 0; i < 4; i++)
			values[3 + i] = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc,
										  i + 1, &nulls[3 + i]);
	}
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

static void
put_states(ReturnSetInfo *result, const Ledger *ledger, Oid store)
{
	for (int i = 0; i < NUM_KEPT_RELATIONS; i++)
	{
		LedgerRelation relation;

		if (ledger_find(ledger, kept_relations[i].name, "i", &relation))
			put_state(result, &relation, &kept_relations[i], store);
	}
}

/* ---- functions ---- */

PG_FUNCTION_INFO_V1(maintain);
Datum
maintain(PG_FUNCTION_ARGS)
{
	Ledger		ledger = owned_ledger(fcinfo, 0);
	Oid			store;

	require_read_committed("maintain");
	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	store = maintained_store(&ledger);
	if (!OidIsValid(store))
		store = create_store(&ledger);
	repair_ledger(&ledger, store);
	remake_report_views(&ledger);
	put_states((ReturnSetInfo *) fcinfo->resultinfo, &ledger, store);
	SPI_finish();
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(repair);
Datum
repair(PG_FUNCTION_ARGS)
{
	Ledger		ledger = owned_ledger(fcinfo, 0);
	Oid			store = require_store(&ledger);

	require_read_committed("repair");
	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	repair_ledger(&ledger, store);
	put_states((ReturnSetInfo *) fcinfo->resultinfo, &ledger, store);
	SPI_finish();
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(maintenance);
Datum
maintenance(PG_FUNCTION_ARGS)
{
	Ledger		ledger = ledger_getarg(fcinfo, 0);

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	put_states((ReturnSetInfo *) fcinfo->resultinfo, &ledger, maintained_store(&ledger));
	SPI_finish();
	return (Datum) 0;
}

/* The triggers go with the store. */
PG_FUNCTION_INFO_V1(stop_maintaining);
Datum
stop_maintaining(PG_FUNCTION_ARGS)
{
	Ledger		ledger = owned_ledger(fcinfo, 0);
	Oid			store = find_store(ledger.schema);

	if (!OidIsValid(store))
		PG_RETURN_BOOL(false);
	SPI_connect();
	drop_tables(&ledger);
	remake_report_views(&ledger);
	SPI_finish();
	PG_RETURN_BOOL(true);
}

/* ---- folding ---- */

static int64
fold_listed(Store *store, ArrayType *customers)
{
	Datum	   *ids;
	bool	   *nulls;
	int			n;
	int64		folded = 0;

	deconstruct_array(customers, TEXTOID, -1, false, TYPALIGN_INT, &ids, &nulls, &n);
	for (int i = 0; i < n; i++)
		if (!nulls[i])
			folded += fold_customer(store, ids[i], false, true);
	return folded;
}

/* All customers with more than one row of a relation, a few at a time. */
static int64
fold_all(Store *store, const char *name)
{
	const char *sql = sql_fill("SELECT DISTINCT " SQL_WHOLE_ID " AS id\n"
							   "FROM (SELECT s.customer_id,"
							   " max(s.long_customer_id) AS long_customer_id"
							   " FROM {store} AS s GROUP BY s.source, s.customer_id"
							   " HAVING count(*) > 1) AS s", "store", name);
	Portal		portal = SPI_cursor_open_with_args(NULL, sql, 0, NULL, NULL, NULL, true, 0);
	int64		folded = 0;

	for (;;)
	{
		SPI_cursor_fetch(portal, true, 1000);
		if (SPI_processed == 0)
			break;
		for (uint64 i = 0; i < SPI_processed; i++)
		{
			bool		isnull;
			Datum		customer = SPI_getbinval(SPI_tuptable->vals[i],
												 SPI_tuptable->tupdesc, 1, &isnull);

			folded += fold_customer(store, customer, isnull, true);
		}
		SPI_freetuptable(SPI_tuptable);
	}
	SPI_cursor_close(portal);
	return folded;
}

PG_FUNCTION_INFO_V1(fold);
Datum
fold(PG_FUNCTION_ARGS)
{
	Ledger		ledger = owned_ledger(fcinfo, 0);
	Store		store = open_store_to_write(require_store(&ledger));
	int64		folded;

	SPI_connect();
	folded = PG_ARGISNULL(1) ? fold_all(&store, qualified_name(ledger.schema, STORE_NAME)) :
		fold_listed(&store, PG_GETARG_ARRAYTYPE_P(1));
	close_store(&store);
	SPI_finish();
	PG_RETURN_INT64(folded);
}

/* ---- history ---- */

/* Delete what the history has of earlier days; rows that others hold stay. */
static int64
delete_days(const Store *history, DateADT before)
{
	SnapshotData snapshot = snapshot_until_now();
	SysScanDesc scan = systable_beginscan(history->heap, InvalidOid, false, &snapshot, 0,
										  NULL);
	int64		deleted = 0;
	HeapTuple	tuple;
	StoreRow	row;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		CHECK_FOR_INTERRUPTS();
		read_row(history, tuple, &row);
		if (DatumGetDateADT(ROW_VALUE(&row, STORE_DAY)) < before)
			deleted += delete_row(history, &tuple->t_self);
	}
	systable_endscan(scan);
	return deleted;
}

/*
 * What a day changed is only needed for the days before it.  So what is left
 * still tells what the books said at the end of the last day that goes.
 */
PG_FUNCTION_INFO_V1(prune_history);
Datum
prune_history(PG_FUNCTION_ARGS)
{
	Ledger		ledger;
	Oid			relid;
	Store		history;
	DateADT		before;
	int64		deleted;

	if (PG_ARGISNULL(0))
		report_null_argument("before");
	before = PG_GETARG_DATEADT(0);
	ledger = owned_ledger(fcinfo, 1);
	(void) require_store(&ledger);
	relid = find_history(ledger.schema);
	if (!OidIsValid(relid) || DATE_IS_NOBEGIN(before))
		PG_RETURN_INT64(0);
	before = Min(before, recording_day());
	history = open_store_to_write(relid);
	SPI_connect();
	execute_on_marker(&ledger,
					  psprintf("UPDATE %s AS m SET unrecorded = %s",
							   qualified_name(ledger.schema, MARKER_NAME),
							   sql_fill("m.unrecorded + datemultirange(daterange(NULL::date,"
										" {before} - 1))", "before", sql_day(before))));
	deleted = delete_days(&history, before);
	close_store(&history);
	SPI_finish();
	PG_RETURN_INT64(deleted);
}
