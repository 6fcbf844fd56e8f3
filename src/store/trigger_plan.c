/*-------------------------------------------------------------------------
 *
 * trigger_plan.c
 *	  What a trigger of a maintained relation runs, kept until the catalogue changes.
 *
 *-------------------------------------------------------------------------
 */
#include "append.h"
#include "owner.h"

#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "ledger/identifier.h"
#include "ledger/template.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"

static HTAB *plans = NULL;

/* The ledger's relation that a trigger keeps, as its arguments say. */
static bool
find_relation(const Trigger *trigger, Oid member, Ledger *ledger,
			  LedgerRelation *relation, const KeptRelation **kept)
{
	Oid			relid;
	Oid			table;

	if (trigger->tgnargs != 2 || (*kept = find_kept(trigger->tgargs[0])) == NULL)
		return false;
	relid = (Oid) strtoul(trigger->tgargs[1], NULL, 10);
	table = kept_table(relid, *kept);
	if (table != member &&
		(!get_rel_relispartition(member) ||
		 !list_member_oid(get_partition_ancestors(member), table)))
		return false;
	ledger->schema = get_rel_namespace(relid);
	ledger->name = get_namespace_name(ledger->schema);
	*relation = (LedgerRelation)
	{
		.ledger = ledger, .spec = find_relation_spec((*kept)->name), .relid = relid, .alias = "i"
	};
	return ledger->name != NULL && kept_columns_fit(relation, *kept) &&
		!ledger_is_coarse(relation, "customer_id");
}

/* Find out how rows are tallied without a query, if they can be. */
static void
make_tally(TriggerPlan *plan, Oid shape)
{
	if (plan->tally != NULL)
		pfree(plan->tally);
	plan->tally = NULL;
	plan->tally = plan_tally(plan->kept, shape);
}

/* Compose what the trigger runs, whose events are given by two transition tables. */
static void
compose_plan(TriggerPlan *plan, const Trigger *trigger, Oid member)
{
	Ledger		ledger = {0};
	LedgerRelation relation;
	const KeptRelation *kept;
	StringInfoData sql;

	plan->store = trigger_store(trigger->tgoid);
	if (!OidIsValid(plan->store) || get_rel_name(plan->store) == NULL ||
		!find_relation(trigger, member, &ledger, &relation, &kept))
	{
		plan->store = InvalidOid;
		return;
	}
	initStringInfo(&sql);
	plan->view = get_rel_relkind(relation.relid) == RELKIND_VIEW ? relation.relid : InvalidOid;
	if (!plan->key.has_new && !plan->key.has_old && OidIsValid(plan->view))
		append_change(&sql, &relation, kept, NULL, OLD_ROWS);
	else if (!plan->key.has_new && !plan->key.has_old)
		append_change(&sql, &relation, kept, NULL,
					  psprintf("ONLY %s", qualified_name(get_rel_namespace(member),
														 get_rel_name(member))));
	else
		append_change(&sql, &relation, kept, plan->key.has_new ? NEW_ROWS : NULL,
					  plan->key.has_old ? OLD_ROWS : NULL);
	plan->kept = kept;
	plan->relid = relation.relid;
	plan->owner = relation_owner(relation.relid);
	make_tally(plan, OidIsValid(plan->view) ? plan->view : member);
	if (plan->sql != NULL && strcmp(plan->sql, sql.data) == 0)
		return;
	if (plan->plan != NULL)
		SPI_freeplan(plan->plan);
	plan->plan = NULL;
	if (plan->sql != NULL)
		pfree(plan->sql);
	plan->sql = MemoryContextStrdup(TopMemoryContext, sql.data);
}

static void
create_plans(void)
{
	HASHCTL		control = {
		.keysize = sizeof(PlanKey),
		.entrysize = sizeof(TriggerPlan)
	};

	plans = hash_create("balance trigger plans", 32, &control, HASH_ELEM | HASH_BLOBS);
}

/* The plan of a trigger as the catalogue is now. */
static TriggerPlan *
get_plan(const Trigger *trigger, Oid member, bool has_new, bool has_old)
{
	PlanKey		key;
	TriggerPlan *plan;
	uint64		now = store_generation();
	bool		found;

	if (plans == NULL)
		create_plans();
	memset(&key, 0, sizeof(key));
	key.trigger = trigger->tgoid;
	key.has_new = has_new;
	key.has_old = has_old;
	plan = hash_search(plans, &key, HASH_ENTER, &found);
	if (!found)
	{
		plan->generation = 0;
		plan->tally = NULL;
		plan->sql = NULL;
		plan->plan = NULL;
	}
	if (plan->generation != now)
	{
		plan->generation = 0;
		compose_plan(plan, trigger, member);
		plan->witnessed = DATEVAL_NOBEGIN;
		plan->generation = now;
	}
	return plan;
}

/*
 * The same where it is of a view, which must not change before this transaction
 * has ended: a repair would add what the view shows now of rows that it sees
 * only later.
 */
TriggerPlan *
get_locked_plan(const Trigger *trigger, Oid member, bool has_new, bool has_old)
{
	TriggerPlan *plan;

	do
		plan = get_plan(trigger, member, has_new, has_old);
	while (OidIsValid(plan->store) && OidIsValid(plan->view) &&
		   lock_kept_views(plan->view, plan->kept));
	return plan;
}
