/*-------------------------------------------------------------------------
 *
 * verify_rules.h
 *	  What is checked of a ledger's data, as data: rules in SQL, and what they
 *	  look at beside a relation's own columns.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_VERIFY_RULES_H
#define BALANCE_VERIFY_RULES_H

#include "compat.h"

#include "ledger/ledger.h"
#include "nodes/pg_list.h"

/*
 * A rule about the rows of a relation, as SQL over the row x: whether it is
 * violated, what was expected and what was found.  x has the relation's
 * columns, its facts, and what it refers to.
 */
typedef struct Rule
{
	const char *name;
	const char *violated;
	const char *expected;
	const char *found;
} Rule;

/* A fact about a row, as SQL over its columns, which are those of c. */
typedef struct Fact
{
	const char *name;
	const char *expression;
} Fact;

#define MAX_BESIDE	4

/*
 * Columns of a relation that is referred to, which rules look at: x has
 * <noun>_<column> for each of them, as text.
 */
typedef struct Beside
{
	const char *relation;
	const char *columns[MAX_BESIDE + 1];
} Beside;

/* What is said of a relation's data besides what follows from its columns. */
typedef struct RelationRules
{
	const char *relation;
	const Rule *rules;			/* these lists end with a NULL name, or are
								 * NULL */
	const Fact *facts;
	const Beside *beside;
	const char *outdated;		/* when a currency that is out of use is a
								 * mistake */
	const char *customer_of;	/* alias of the row whose customer is to be
								 * the invoice's */
	bool		adds_applications;	/* to x.applied, by the key */
	bool		adds_payments;	/* to x.paid, by the key */
} RelationRules;

/* Rules about several rows: their names, in the style of the others. */
#define DUPLICATE_ID		"duplicate_id"
#define DUPLICATE_NUMBER	"duplicate_number"
#define DUPLICATE_RATE		"duplicate_rate"
#define AMBIGUOUS_ID		"ambiguous_id"
#define STORE_DIFFERS		"store_differs"

/* Names that go on with what is missing, or begin with a column. */
#define UNKNOWN				"unknown_"
#define CUSTOMER_UNLIKE		"customer_unlike_"
#define NOT_OBJECT			"_not_object"

extern const RelationRules *find_rules(const char *relation);
extern List *row_rules(const LedgerRelation *relation, const RelationRules *rules,
					   const char *zone);
extern List *row_facts(const RelationSpec *spec, const RelationRules *rules);

#endif							/* BALANCE_VERIFY_RULES_H */
