/*-------------------------------------------------------------------------
 *
 * columns.h
 *	  What a ledger consists of: its relations, their columns and types.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_LEDGER_COLUMNS_H
#define BALANCE_LEDGER_COLUMNS_H

#include "compat.h"

/* What a column may hold, and so what it is read as. */
typedef enum ColumnType
{
	COLUMN_IDENTIFIER,			/* text or integers, read as text */
	COLUMN_TEXT,				/* any text type, uuid or enum, read as text */
	COLUMN_NUMERIC,				/* any exact number, read as numeric */
	COLUMN_BIGINT,				/* any integer, read as bigint */
	COLUMN_BOOLEAN,
	COLUMN_DATE,
	COLUMN_INSTANT,				/* timestamptz */
	COLUMN_DUE,					/* date or timestamptz, read as it is */
	COLUMN_JSON					/* json or jsonb, read as jsonb */
} ColumnType;

typedef struct ColumnSpec
{
	const char *name;
	ColumnType	type;
	bool		required;
} ColumnSpec;

typedef struct RelationSpec
{
	const char *name;
	const char *key;			/* the column that identifies a row, or NULL */
	const char *lookup;			/* the column that documents look up by */
	const ColumnSpec *columns;	/* ends with a NULL name */
} RelationSpec;

#define NUM_LEDGER_RELATIONS	8

extern const RelationSpec ledger_relations[NUM_LEDGER_RELATIONS];

extern const RelationSpec *find_relation_spec(const char *name);
extern const ColumnSpec *find_column_spec(const RelationSpec *relation,
										  const char *name);
extern const RelationSpec *find_referred(const RelationSpec *relation,
										 const char *column);
extern bool is_integer_type(Oid type);
extern bool is_string_type(Oid type);
extern bool column_type_fits(Oid type, ColumnType wanted);
extern bool column_collation_fits(Oid type, Oid collation);
extern const char *qualified_type(Oid type);
extern const char *column_type_cast(ColumnType type);
extern const char *column_type_words(ColumnType type);

#endif							/* BALANCE_LEDGER_COLUMNS_H */
