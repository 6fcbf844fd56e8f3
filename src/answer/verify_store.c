/*-------------------------------------------------------------------------
 *
 * verify_store.c
 *	  The store against the rows: what verify() tells.
 *
 *-------------------------------------------------------------------------
 */
#include "verify.h"

#include "ledger/plan.h"
#include "ledger/template.h"
#include "store/store.h"

/*
 * Customers of whom the store says something else than the rows of a relation,
 * in one snapshot.  Where the store does not count, it may say what it likes.
 */
static void
verify_kept(const LedgerRelation *relation, const KeptRelation *kept, ReturnSetInfo *result)
{
	const Ledger *ledger = relation->ledger;
	LedgerQuery query = {.nparameters = 0};
	const char *arguments = psprintf("%u::pg_catalog.regnamespace, '%s'::pg_catalog.text",
									 ledger->schema, kept->name);

	initStringInfo(&query.sql);
	appendStringInfo(&query.sql, "SELECT '" STORE_DIFFERS "'::pg_catalog.text,"
					 " '%s'::pg_catalog.text, x.customer_id,"
					 " 'a store that adds up to the rows'::pg_catalog.text,"
					 " pg_catalog.concat('lacks ', x.position, CASE WHEN x.bad"
					 " OPERATOR(pg_catalog.<>) 0 THEN pg_catalog.concat(' and ', x.bad, ' rows"
					 " that cannot be tallied') END)\nFROM (",
					 kept->name);
	append_change(&query.sql, relation, kept, qualified_name(ledger->schema, kept->name),
				  stored_tally(psprintf("balance.stored_rows(%s) AS s", arguments), false));
	appendStringInfo(&query.sql, ") AS x\nWHERE (SELECT balance.store_counts(%s))", arguments);
	ledger_store(ledger, &query, NULL, result);
}

void
verify_store(const Ledger *ledger, ReturnSetInfo *result, Progress *progress)
{
	for (int i = 0; i < NUM_KEPT_RELATIONS; i++)
	{
		LedgerRelation relation;

		if (!OidIsValid(find_store(ledger->schema)) ||
			!ledger_find(ledger, kept_relations[i].name, "i", &relation) ||
			why_not_kept(&relation, &kept_relations[i]) != NULL)
			continue;
		progress_step(progress, PHASE_COMPARING, relation.relid, i, NUM_KEPT_RELATIONS);
		verify_kept(&relation, &kept_relations[i], result);
	}
}
