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

#include "arguments.h"
#include "compat.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "ledger_columns.h"
#include "lib/stringinfo.h"
#include "tcop/dest.h"

extern void ledger_init(void);
extern void plan_init(void);
extern void snapshot_init(void);

typedef struct Ledger
{
	Oid			schema;
	char	   *name;
	bool		by_setting;		/* named by balance.ledger */
	uint32	   *consulted;		/* its relations that were looked for, as bits;
								 * NULL if none is going to be read */
} Ledger;

/* A relation of a ledger, under an alias in the query that is composed. */
typedef struct LedgerRelation
{
	const Ledger *ledger;
	const RelationSpec *spec;
	Oid			relid;			/* InvalidOid if the ledger has it not */
	const char *alias;
} LedgerRelation;

#define MAX_QUERY_PARAMETERS	16

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
} LedgerQuery;

/* An argument of a document: text that is converted, or a value as it is. */
typedef struct LedgerArgument
{
	Datum		value;
	bool		isnull;
} LedgerArgument;

/*
 * A ledger being read, on the stack of whoever reads it: from the query to the
 * document.  Errors meanwhile are those of its data.
 */
typedef struct LedgerReading
{
	ErrorContextCallback callback;
	MemoryContext context;
	const Ledger *ledger;
	const text *customer_id;	/* NULL for all customers */
} LedgerReading;

/* How such an error's DETAIL ends, which error_body() looks for. */
#define DATA_AT_FAULT	"At fault is the data of ledger"

/* Composes a query that is kept; context is constant, and tells it from others. */
typedef void (*LedgerComposer) (const Ledger *ledger, LedgerQuery *query,
								const void *context);

extern Ledger ledger_named(FunctionCallInfo fcinfo, int argno);
extern Ledger ledger_getarg(FunctionCallInfo fcinfo, int argno);

extern bool ledger_is_readable(Oid relid);
extern bool ledger_find(const Ledger *ledger, const char *name,
						const char *alias, LedgerRelation *relation);
extern void ledger_require(const Ledger *ledger, const char *name,
						   const char *alias, LedgerRelation *relation);
extern void report_missing_relation(const Ledger *ledger, const char *name,
									const char *alternative);

extern Oid	ledger_column_type(const LedgerRelation *relation,
							   const char *column);
extern bool ledger_has_column(const LedgerRelation *relation,
							  const char *column);
extern const char *ledger_from(const LedgerRelation *relation);
extern const char *ledger_column(const LedgerRelation *relation,
								 const char *column);
extern const char *ledger_order(const LedgerRelation *relation,
								const char *column);
extern const char *ledger_equals(LedgerQuery *query,
								 const LedgerRelation *relation,
								 const char *column, int argument);
extern const char *ledger_join(const LedgerRelation *a, const char *a_column,
							   const LedgerRelation *b, const char *b_column);
extern const char *ledger_join_alike(const LedgerRelation *a, const char *a_column,
									 const LedgerRelation *b, const char *b_column);
extern const char *ledger_join_known(const LedgerRelation *a, const char *a_column,
									 const char *value);
extern const char *ledger_join_ids(const LedgerRelation *a, const char *a_column,
								   const LedgerRelation *b, const char *b_column);
extern bool ledger_ids_agree(const LedgerRelation *a, const char *a_column,
							 const LedgerRelation *b, const char *b_column);
extern bool ledger_is_coarse(const LedgerRelation *relation, const char *column);
extern bool ledger_confuses(const LedgerRelation *a, const char *a_column,
							const LedgerRelation *b, const char *b_column);
extern const char *ledger_referred(const LedgerRelation *a, const char *a_column,
								   const LedgerRelation *b, const char *b_column);
extern const char *ledger_told_apart(const LedgerRelation *relation,
									 const char *column, const char *alike,
									 const char *id);
extern const char *ledger_id_text(const LedgerRelation *relation,
								  const char *column);
extern const char *ledger_id_value(const LedgerRelation *relation,
								   const char *column,
								   const LedgerRelation *collation);
extern bool ledger_is_identifier(const LedgerRelation *relation,
								 const char *column);
extern const char *ledger_id_type(const LedgerRelation *relation,
								  const char *column);
extern bool ledger_spelling_decides(const Ledger *ledger, bool unchecked);
extern const char *ledger_guard(const char *first, const char *condition);
extern const char *ledger_parameter(LedgerQuery *query, Oid type, int argument);

/*
 * A document's query starts with two columns: whether the ledger knows its
 * customers at all, and the customer's id as the ledger spells it.
 */
#define RESULT_KNOWS_CUSTOMERS	1
#define RESULT_CUSTOMER_ID		2

extern void ledger_select_customer(const Ledger *ledger, LedgerQuery *query,
								   LedgerRelation *customer);
extern void ledger_from_customer(LedgerQuery *query,
								 const LedgerRelation *customer);
pg_noreturn extern void report_customer_twice(const Ledger *ledger,
											  const text *customer_id);
extern text *result_customer(const Ledger *ledger, text *customer_id,
							 const text *business_id, uint64 customers);

extern void ledger_execute(const Ledger *ledger, LedgerComposer compose,
						   const void *context,
						   const LedgerArgument *arguments);

extern void ledger_execute_once(const Ledger *ledger, LedgerQuery *query,
								const LedgerArgument *arguments);
extern void ledger_receive(const Ledger *ledger, LedgerQuery *query,
						   const LedgerArgument *arguments,
						   DestReceiver *receiver);
extern void ledger_store(const Ledger *ledger, LedgerQuery *query,
						 const LedgerArgument *arguments,
						 ReturnSetInfo *result);
extern void ledger_watch(const Ledger *ledger, uint32 names);
extern void ledger_unwatch(void);

extern void ledger_begin_reading(LedgerReading *reading, const Ledger *ledger,
								 const text *customer_id);
extern void ledger_end_reading(const LedgerReading *reading);
extern bool blames_data(const char *detail);

/* Reading the result, after ledger_execute(). */
extern Datum result_value(uint64 row, int column, bool *isnull);
extern text *result_text(uint64 row, int column);
extern Datum result_document(Jsonb *document);

#endif							/* BALANCE_LEDGER_H */
