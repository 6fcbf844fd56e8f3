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

#include "ledger/asked.h"
#include "ledger/customer.h"
#include "ledger/match.h"
#include "ledger/plan.h"
#include "ledger/settings.h"
#include "ledger/template.h"
#include "ledger/told_apart.h"
#include "ledger/unique.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"
#include "value/datetime.h"
#include "value/zone.h"

#define VERIFY_WORK_MEM		4096	/* kB */

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

/* What a column refers to; without relid if that or the column is not there. */
static void
find_reference(const LedgerRelation *relation, const ColumnSpec *column, Reference *reference)
{
	LedgerRelation *other = &reference->other;
	const RelationSpec *spec = find_relation_spec(column->refers_to);

	reference->column = column;
	if (!ledger_find(relation->ledger, column->refers_to, relation_noun(spec), other) ||
		!ledger_has_column(relation, column->name))
	{
		other->relid = InvalidOid;
		return;
	}
	reference->joins_customer = ledger_joins_customer(relation, column->name, other);
	reference->is_ambiguous = ledger_confuses(relation, column->name, other, spec->key) ||
		(reference->joins_customer &&
		 !ledger_ids_agree(relation, "customer_id", other, "customer_id"));
	reference->is_unique = !reference->is_ambiguous &&
		ledger_is_unique(other, spec->key, reference->joins_customer);
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
		if (column->refers_to != NULL)
			find_reference(relation, column, &references[n++]);
	return references;
}

static void
run_rules(ViolationComposer compose, const Verified *verified, const Reference *reference,
		  const NullableDatum *arguments, ReturnSetInfo *result)
{
	LedgerQuery query = {.nparameters = 0, .unchecked = true};

	initStringInfo(&query.sql);
	if (compose(&query, verified, reference))
		ledger_store(verified->relation.ledger, &query, arguments, result);
}

/* The same for each relation that is referred to. */
static void
run_for_references(ViolationComposer compose, const Verified *verified,
				   const NullableDatum *arguments, ReturnSetInfo *result)
{
	for (const Reference *reference = verified->references; reference->column; reference++)
		if (OidIsValid(reference->other.relid))
			run_rules(compose, verified, reference, arguments, result);
}

/* Whether there are any payments, or any of the customer who is asked for. */
static bool
finds_payment(const LedgerRelation *payments, const NullableDatum *arguments, bool of_customer)
{
	LedgerQuery query = {.nparameters = 0, .unchecked = true};

	initStringInfo(&query.sql);
	sql_append(&query.sql, "SELECT 1 FROM {payments}", "payments", ledger_from(payments));
	if (of_customer)
		sql_append(&query.sql, " WHERE {customers}", "customers",
				   ledger_equals(&query, payments, "customer_id", ARGUMENT_CUSTOMER));
	sql_append(&query.sql, " LIMIT 1");
	ledger_execute_once(payments->ledger, &query, arguments);
	return SPI_processed > 0;
}

/* Whether a ledger keeps payments, which a customer's tell without looking farther. */
static bool
keeps_payments(const Verified *verified, const NullableDatum *arguments)
{
	const LedgerRelation *payments = &verified->payments;

	return OidIsValid(payments->relid) &&
		((verified->one_customer && finds_payment(payments, arguments, true)) ||
		 finds_payment(payments, arguments, false));
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
				const NullableDatum *arguments, ReturnSetInfo *result)
{
	Verified	verified = {
		.rules = find_rules(name),
		.relation = *relation,
		.references = find_references(relation),
		.one_customer = !arguments[ARGUMENT_CUSTOMER].isnull
	};

	if (verified.rules->adds_applications)
		(void) ledger_find(ledger, "credit_memo_application", "a", &verified.applications);
	if (verified.rules->adds_payments)
		(void) ledger_find(ledger, "payment", "p", &verified.payments);
	verified.keeps_payments = keeps_payments(&verified, arguments);
	run_rules(compose_row_rules, &verified, NULL, arguments, result);
	run_rules(compose_duplicate_ids, &verified, NULL, arguments, result);
	run_rules(compose_duplicate_numbers, &verified, NULL, arguments, result);
	run_rules(compose_duplicate_rates, &verified, NULL, arguments, result);
	run_for_references(compose_missing, &verified, arguments, result);
	run_for_references(compose_other_customers, &verified, arguments, result);
	run_for_references(compose_ambiguous_ids, &verified, arguments, result);
}

/*
 * Keep hash tables within the processor's caches.  The planner does not count that
 * each row beyond them waits for memory: whether a million ids were there took 0.92 s
 * of CPU where work_mem let them be hashed, 0.56 s in parts, and 0.18 s along indexes;
 * whether they were there twice, 1.66 and 0.21 s.  What is returned is for end_settings().
 */
static int
limit_work_mem(void)
{
	static const char *const settings[][2] = {
		{"work_mem", CppAsString2(VERIFY_WORK_MEM) "kB"}
	};

	return work_mem > VERIFY_WORK_MEM ? begin_settings(settings, lengthof(settings)) : 0;
}

/* The session's zone, whose days count: a value, wherever rows are read. */
static Datum
zone_of_asker(void)
{
	const char *zone = session_zone_name();

	(void) zone_by_name(zone);
	return CStringGetTextDatum(zone);
}

PG_FUNCTION_INFO_V1(verify);
Datum
verify(PG_FUNCTION_ARGS)
{
	Ledger		ledger = ledger_getarg(fcinfo, 0);
	NullableDatum arguments[NUM_VERIFY_ARGUMENTS] = {
		[ARGUMENT_CUSTOMER] = fcinfo->args[1],
		[ARGUMENT_ZONE] = {.value = zone_of_asker()}
	};
	const NullableDatum *customer = &arguments[ARGUMENT_CUSTOMER];
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Progress	progress;
	int			level;
	bool		has_relation = false;

	InitMaterializedSRF(fcinfo, 0);
	level = limit_work_mem();
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
		verify_relation(&ledger, name, &relation, arguments, result);
	}
	if (customer->isnull)
		verify_store(&ledger, result, &progress);
	progress_end(&progress);
	if (tuplestore_tuple_count(result->setResult) == 0)
		require_subject(&ledger, has_relation, customer);
	SPI_finish();
	end_settings(level);
	return (Datum) 0;
}
