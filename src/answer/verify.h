/*-------------------------------------------------------------------------
 *
 * verify.h
 *	  The parts of verify(), each of which composes queries.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_VERIFY_H
#define BALANCE_VERIFY_H

#include "compat.h"

#include "ledger/ledger.h"
#include "ledger/progress.h"
#include "nodes/execnodes.h"
#include "verify_rules.h"

/* A column of the relation that names a row of another one. */
typedef struct Reference
{
	const ColumnSpec *column;
	LedgerRelation other;		/* under its noun; without relid if there is
								 * nothing to look at */
	bool		joins_customer; /* it is a row of the same customer's */
	bool		is_ambiguous;	/* to the column, ids can be one that are two */
	bool		is_unique;		/* no two rows can be meant */
} Reference;

/* What queries take their parameters from. */
enum
{
	ARGUMENT_CUSTOMER,			/* NULL for all of them */
	ARGUMENT_ZONE,				/* whose days count */
	NUM_VERIFY_ARGUMENTS
};

/* A relation under verification. */
typedef struct Verified
{
	LedgerRelation relation;	/* its rows are r */
	const RelationRules *rules;
	LedgerRelation applications;	/* that are added up, if any */
	LedgerRelation payments;	/* likewise */
	bool		keeps_payments; /* there are payments at all */
	Reference  *references;		/* ends with a NULL column */
	bool		one_customer;
} Verified;

/* Composes a query whose columns are those of verify(); false if there is none. */
typedef bool (*ViolationComposer) (LedgerQuery *query, const Verified *verified,
								   const Reference *reference);

extern void select_violation(LedgerQuery *query, const char *rule,
							 const LedgerRelation *relation, const char *id,
							 const char *expected, const char *found);
extern const char *row_id(const LedgerRelation *relation);

/* verify_customer.c */
extern const char *verified_rows(LedgerQuery *query, const Verified *verified);
extern const char *and_asked(LedgerQuery *query, const Verified *verified,
							 const LedgerRelation *a, const char *column,
							 const LedgerRelation *b, const LedgerRelation *other);

/* verify_row.c */
extern bool compose_row_rules(LedgerQuery *query, const Verified *verified,
							  const Reference *reference);

/* verify_several.c */
extern bool compose_duplicate_ids(LedgerQuery *query, const Verified *verified,
								  const Reference *reference);
extern bool compose_duplicate_numbers(LedgerQuery *query, const Verified *verified,
									  const Reference *reference);
extern bool compose_duplicate_rates(LedgerQuery *query, const Verified *verified,
									const Reference *reference);
extern bool compose_missing(LedgerQuery *query, const Verified *verified,
							const Reference *reference);
extern bool compose_other_customers(LedgerQuery *query, const Verified *verified,
									const Reference *reference);
extern bool compose_ambiguous_ids(LedgerQuery *query, const Verified *verified,
								  const Reference *reference);

/* verify_store.c */
extern void verify_store(const Ledger *ledger, ReturnSetInfo *result, Progress *progress);

#endif							/* BALANCE_VERIFY_H */
