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

/* What a column holds, and so what it is read as. */
typedef enum ColumnKind
{
	COLUMN_IDENTIFIER,			/* text or integers, read as text */
	COLUMN_TEXT,				/* any text type, uuid or enum, read as text */
	COLUMN_CURRENCY,			/* the same, a code of ISO 4217 */
	COLUMN_STATUS,				/* the same, a word */
	COLUMN_MONEY,				/* any exact number, in major units, read as
								 * numeric */
	COLUMN_UNITS,				/* the same, but no money */
	COLUMN_MINOR_UNITS,			/* any integer, read as bigint */
	COLUMN_BOOLEAN,
	COLUMN_DATE,
	COLUMN_INSTANT,				/* timestamptz */
	COLUMN_DUE,					/* date or timestamptz, read as it is */
	COLUMN_JSON					/* json or jsonb, read as jsonb */
} ColumnKind;

/* Of each kind what it is read as, what it must be, and what is made of it. */
typedef struct ColumnKindInfo
{
	const char *cast;
	const char *words;
	const char *type;			/* of create_ledger() */
	const char *check;			/* of it, for fill_marks(), or NULL */
} ColumnKindInfo;

extern const ColumnKindInfo column_kinds[];

/* An absence of which there is nothing to say: another value is as good. */
#define NO_LOSS		""

/* What columns.def says of a column, and of a relation. */
typedef struct ColumnSpec
{
	const char *name;
	ColumnKind	kind;
	bool		required;
	bool		nullable;		/* though required */
	bool		endless;
	bool		distributed;
	const char *refers_to;
	const char *stands_for;
	const char *vocabulary;
	const char *absence;
	const char *ddl;
	const char *comment;
} ColumnSpec;

typedef struct RelationSpec
{
	const char *name;
	const char *key;			/* the column that identifies a row, or NULL */
	const char *lookup;			/* the column that documents look up by */
	const ColumnSpec *columns;	/* ends with a NULL name */
	const char *noun;
	const char *belongs_to;
	const char *absence;
	const char *class;			/* of a row, a template, or NULL */
	const char *dated;			/* when a row counts from, likewise */
	const char *extra;
	const char *extra_key;
	const char *comment;
} RelationSpec;

enum
{
#define RELATION(name, ...)	LEDGER_##name,
#include "columns.def"
	NUM_LEDGER_RELATIONS
};

extern const RelationSpec ledger_relations[NUM_LEDGER_RELATIONS];

/* What columns.def says of a source of positions. */
typedef struct SourceSpec
{
	const char *name;			/* of its positions, in a query */
	const RelationSpec *owner;	/* whose rows have the customer and currency */
	const char *alias;
	const char *aggregate;		/* the call, a template */
	const char *row;			/* the relation that is joined, or NULL */
	const char *row_alias;
	const char *class;			/* of a row, if not as its relation has it */
	const char *condition;		/* which rows count, a template, or NULL */
	const char *preselection;	/* which rows may, without an error, likewise */
} SourceSpec;

enum
{
#define TALLY(source, ...)	SOURCE_##source,
#include "columns.def"
	NUM_LEDGER_SOURCES
};

extern const SourceSpec ledger_sources[NUM_LEDGER_SOURCES];

extern const RelationSpec *find_relation_spec(const char *name);
extern const ColumnSpec *search_column_spec(const RelationSpec *relation,
											const char *name);
extern const ColumnSpec *find_column_spec(const RelationSpec *relation,
										  const char *name);
extern const char *column_must_be(const ColumnSpec *column);
extern const ColumnSpec *find_stand_in(const ColumnSpec *amount);
extern const char *relation_noun(const RelationSpec *relation);
extern bool source_is_kept(const SourceSpec *source);
extern bool is_integer_type(Oid type);
extern bool is_string_type(Oid type);
extern bool column_type_fits(Oid type, ColumnKind wanted);
extern bool column_collation_fits(Oid type, Oid collation);
extern const char *qualified_type(Oid type);
extern const char *fill_marks(const char *template, const char *column,
							  const char *digits);

#endif							/* BALANCE_LEDGER_COLUMNS_H */
