/*-------------------------------------------------------------------------
 *
 * verify.c
 *	  What is wrong with the data of a ledger: one row per violation.
 *
 * Every relation is read once for the rules about its rows, all of which are
 * tried on each row, beside what the row refers to (verify_row.c); and once for
 * each relation that it refers to and for each of the few rules about several
 * rows (verify_several.c).  The whole ledger is joined by hashing, one customer's
 * rows by looking up (verify_customer.c).
 *
 *-------------------------------------------------------------------------
 */
#include "verify.h"

#include "ledger/customer.h"
#include "ledger/plan.h"
#include "ledger/template.h"

#include "utils/tuplestore.h"

/* A query's result columns, which are those of verify(). */
void
select_violation(LedgerQuery *query, const char *rule, const LedgerRelation *relation,
				 const char *id, const char *expected, const char *found)
{
	sql_append(&query->sql,
			   "SELECT {rule}::text, '{relation}'::text, {id}, {expected}, {found}\nFROM ",
			   "rule", rule, "relation", relation->spec->name, "id", id,
			   "expected", expected, "found", found);
}

/* What a row is told by: its key or, where it has none, what it belongs to. */
const char *
row_id(const LedgerRelation *relation)
{
	const RelationSpec *spec = relation->spec;

	return ledger_column(relation, spec->key != NULL ? spec->key : spec->lookup);
}

/* What the relation's columns refer to, as far as both are there. */
static Reference *
find_references(const LedgerRelation *relation)
{
	const ColumnSpec *columns = relation->spec->columns;
	Reference  *references;
	int			n = 0;

	for (const ColumnSpec *column = columns; column->name; column++)
		n += column->refers_to != NULL;
	references = palloc0((n + 1) * sizeof(Reference));
	n = 0;
	for (const ColumnSpec *column = columns; column->name; column++)
	{
		LedgerRelation *other = &references[n].other;

		if (column->refers_to == NULL)
			continue;
		references[n++].column = column;
		if (!ledger_find(relation->ledger, column->refers_to,
						 relation_noun(find_relation_spec(column->refers_to)), other) ||
			!ledger_has_column(relation, column->name))
			other->relid = InvalidOid;
	}
	return references;
}

static void
run_rules(ViolationComposer compose, const Verified *verified, const Reference *reference,
		  const NullableDatum *customer, ReturnSetInfo *result)
{
	LedgerQuery query = {.nparameters = 0, .unchecked = true};

	initStringInfo(&query.sql);
	if (compose(&query, verified, reference))
		ledger_store(verified->relation.ledger, &query, customer, result);
}

/* The same for each relation that is referred to. */
static void
run_for_references(ViolationComposer compose, const Verified *verified,
				   const NullableDatum *customer, ReturnSetInfo *result)
{
	for (const Reference *reference = verified->references; reference->column; reference++)
		if (OidIsValid(reference->other.relid))
			run_rules(compose, verified, reference, customer, result);
}

/*
 * A misspelled ledger or customer must be an error, not an answer that nothing is
 * wrong.
 */
static void
require_subject(const Ledger *ledger, bool has_relation,
				const NullableDatum *customer)
{
	if (!has_relation)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("schema \"%s\" has none of a ledger's relations", ledger->name),
				 errhint("Create views over your tables in it, "
						 "or a ledger with balance.create_ledger().")));
	if (!customer->isnull)
		require_customer(ledger, customer);
}

/* All rules about one relation, as far as the ledger has it. */
static void
verify_relation(const Ledger *ledger, const char *name, const LedgerRelation *relation,
				const NullableDatum *customer, ReturnSetInfo *result)
{
	Verified	verified = {
		.rules = find_rules(name),
		.relation = *relation,
		.references = find_references(relation),
		.one_customer = !customer->isnull
	};

	if (verified.rules->adds_applications)
		(void) ledger_find(ledger, "credit_memo_application", "a", &verified.applications);
	if (verified.rules->adds_payments)
		(void) ledger_find(ledger, "payment", "p", &verified.payments);
	run_rules(compose_row_rules, &verified, NULL, customer, result);
	run_rules(compose_duplicate_ids, &verified, NULL, customer, result);
	run_rules(compose_duplicate_numbers, &verified, NULL, customer, result);
	run_for_references(compose_missing, &verified, customer, result);
	run_for_references(compose_ambiguous_ids, &verified, customer, result);
}

PG_FUNCTION_INFO_V1(verify);
Datum
verify(PG_FUNCTION_ARGS)
{
	Ledger		ledger = ledger_getarg(fcinfo, 0);
	NullableDatum customer = fcinfo->args[1];
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Progress	progress;
	bool		has_relation = false;

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	progress_begin(&progress, fcinfo, &ledger);
	for (int i = 0; i < NUM_LEDGER_RELATIONS; i++)
	{
		const char *name = ledger_relations[i].name;
		LedgerRelation relation;

		if (!ledger_find(&ledger, name, "r", &relation))
			continue;
		has_relation = true;
		progress_step(&progress, PHASE_CHECKING, relation.relid, i, NUM_LEDGER_RELATIONS);
		verify_relation(&ledger, name, &relation, &customer, result);
	}
	if (customer.isnull)
		verify_store(&ledger, result, &progress);
	progress_end(&progress);
	if (tuplestore_tuple_count(result->setResult) == 0)
		require_subject(&ledger, has_relation, &customer);
	SPI_finish();
	return (Datum) 0;
}
