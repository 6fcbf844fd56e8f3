/*-------------------------------------------------------------------------
 *
 * guard.c
 *	  Who may write into a ledger's own tables of maintained balances.
 *
 *-------------------------------------------------------------------------
 */
#include "maintenance.h"
#include "owner.h"

#include "access/table.h"
#include "executor/spi.h"
#include "ledger/command.h"
#include "tcop/pquery.h"
#include "utils/lsyscache.h"

/* Whether the guard lets rows pass: those of the marker, which we write by SQL. */
static bool writing_marker = false;

#define GUARD \
	"CREATE OR REPLACE TRIGGER balance_guard BEFORE INSERT OR UPDATE OR DELETE ON %1$s\n" \
	" FOR EACH ROW EXECUTE FUNCTION balance.store_guard();\n" \
	"CREATE OR REPLACE TRIGGER balance_guard_truncate BEFORE TRUNCATE ON %1$s\n" \
	" FOR EACH STATEMENT EXECUTE FUNCTION balance.store_guard();\n" \
	"ALTER TABLE %1$s ENABLE ALWAYS TRIGGER balance_guard;\n" \
	"ALTER TABLE %1$s ENABLE ALWAYS TRIGGER balance_guard_truncate;\n"

/* Let nobody but the extension write into a table. */
void
guard_table(const char *table)
{
	run_command(psprintf(GUARD, table));
}

bool
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

/*
 * Write to the marker, which its guard refuses to all others: as its owner, whose
 * code must not run with the rights of the caller.
 */
void
execute_on_marker(const Ledger *ledger, const char *command)
{
	Caller		caller = act_as(relation_owner(get_relname_relid(MARKER_NAME, ledger->schema)));

	writing_marker = true;
	PG_TRY();
	{
		run_command(command);
	}
	PG_FINALLY();
	{
		writing_marker = false;
	}
	PG_END_TRY();
	act_as_caller(caller);
}
