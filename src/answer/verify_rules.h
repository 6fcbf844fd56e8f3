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

#include "ledger/columns.h"

/* Operators are spelled out, since the caller's search_path is not trusted. */
#define OP(operator)	" OPERATOR(pg_catalog." operator ") "

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

#define MAX_REFERENCE_COLUMNS	4

/*
 * A row that another one names by its key, and that must be there if the ledger
 * has its relation: else the rule unknown_<name> is violated.  x has
 * <name>_<column> for each of the columns, which are text.
 */
typedef struct Reference
{
	const char *name;			/* also of its alias in the query */
	const char *relation;
	const char *column;			/* that names it */
	const char *key;			/* of the relation */
	const char *columns[MAX_REFERENCE_COLUMNS + 1];
} Reference;

typedef struct RelationRules
{
	const Rule *rules;			/* each list ends with a NULL name */
	const Fact *facts;
	const Reference *references;
	const char *applied_by;		/* the key by which applications are added up, or NULL */
} RelationRules;

/* In the order of ledger_relations. */
extern const RelationRules relation_rules[NUM_LEDGER_RELATIONS];

/* Rules about several rows: their names, in the style of the others. */
#define DUPLICATE_ID		"duplicate_id"
#define DUPLICATE_NUMBER	"duplicate_number"
#define AMBIGUOUS_ID		"ambiguous_id"

/* A rule that every relation has. */
extern const Rule missing_id_rule;

extern const char *rule_action(const char *rule);

#endif							/* BALANCE_VERIFY_RULES_H */
