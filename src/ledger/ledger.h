/*-------------------------------------------------------------------------
 *
 * ledger.h
 *	  Ledgers: the schemas whose relations the documents read.
 *
 * A document composes one query over the relations that its ledger has, with
 * the columns that they have, and keeps it prepared for the session.  All
 * names in it are qualified and all operators spelled out, so search_path has
 * no say in what it means.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_LEDGER_H
#define BALANCE_LEDGER_H

#include "compat.h"

#include "columns.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"

extern void ledger_init(void);

struct LedgerRelation;
typedef struct LedgerPast LedgerPast;

/* What stands for a relation in a FROM clause; NULL if it stands there itself. */
typedef const char *(*PastReader) (const struct LedgerRelation *relation);

typedef struct Ledger
{
	Oid			schema;
	char	   *name;
	bool		by_setting;		/* named by balance.ledger */
	const LedgerPast *past;		/* as it was then, or NULL as it is */
	PastReader	past_from;		/* reads that */
	bool		in_view;		/* what is composed is kept as a view */
	const char *clock;			/* as of when credit memos expire; NULL is now */
	uint32	   *consulted;		/* its relations that were looked for, as
								 * bits; NULL if none is going to be read */
} Ledger;

/* A relation of a ledger, under an alias in the query that is composed. */
typedef struct LedgerRelation
{
	const Ledger *ledger;
	const RelationSpec *spec;
	Oid			relid;			/* InvalidOid if the ledger lacks it */
	const char *alias;
	const char *currency;		/* of a row, where it has none of its own */
} LedgerRelation;

#define MAX_QUERY_PARAMETERS	16

/* In place of an argument that names a customer. */
#define ALL_CUSTOMERS	(-1)

/*
 * A query under composition.  Each parameter has a type and says which of the
 * document's arguments it takes its value from.
 */
typedef struct LedgerQuery
{
	StringInfoData sql;
	int			nparameters;
	Oid			type[MAX_QUERY_PARAMETERS];
	int			argument[MAX_QUERY_PARAMETERS];
	bool		unchecked;		/* ids not told apart raise nothing */
	bool		one_plan;		/* will do for all values */
} LedgerQuery;

extern Ledger ledger_named(FunctionCallInfo fcinfo, int argno);
extern Ledger ledger_getarg(FunctionCallInfo fcinfo, int argno);

extern bool ledger_is_readable(Oid relid);
extern bool ledger_find(const Ledger *ledger, const char *name,
						const char *alias, LedgerRelation *relation);
extern void ledger_require(const Ledger *ledger, const char *name,
						   const char *alias, LedgerRelation *relation);
pg_noreturn extern void report_missing_relation(const Ledger *ledger,
												const List *names);

extern bool is_past(const LedgerRelation *relation);

extern Oid	ledger_column_type(const LedgerRelation *relation,
							   const char *column);
extern bool ledger_has_column(const LedgerRelation *relation,
							  const char *column);
extern bool ledger_has_due_instants(const LedgerRelation *invoice);
extern const char *ledger_from(const LedgerRelation *relation);
extern bool ledger_lacks_column(const LedgerRelation *relation, const ColumnSpec *spec);
extern bool ledger_is_minor(const LedgerRelation *relation, const ColumnSpec *amount);
extern const char *ledger_minor_units(const LedgerRelation *relation,
									  const ColumnSpec *amount);
extern const char *ledger_currency(const LedgerRelation *relation, const char *column);
extern const char *ledger_column(const LedgerRelation *relation,
								 const char *column);
extern const char *ledger_order(const LedgerRelation *relation,
								const char *column);
extern const char *ledger_parameter(LedgerQuery *query, Oid type, int argument);

#endif							/* BALANCE_LEDGER_H */
