/*-------------------------------------------------------------------------
 *
 * check_columns.c
 *	  The columns of a ledger's relations and their types.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "check_ledger.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* ---- how to convert ---- */

/* What a column is of, as far as conversions go. */
typedef enum FoundType
{
	FOUND_TEXT = 1,
	FOUND_BOOLEAN,
	FOUND_INTEGER,
	FOUND_NUMERIC,
	FOUND_FLOAT,
	FOUND_MONEY,
	FOUND_DATE,
	FOUND_TIMESTAMP,
	FOUND_INSTANT,
	FOUND_OTHER
} FoundType;

static FoundType
found_type(Oid type)
{
	switch (type)
	{
		case BOOLOID:
			return FOUND_BOOLEAN;
		case NUMERICOID:
			return FOUND_NUMERIC;
		case FLOAT4OID:
		case FLOAT8OID:
			return FOUND_FLOAT;
		case MONEYOID:
			return FOUND_MONEY;
		case DATEOID:
			return FOUND_DATE;
		case TIMESTAMPOID:
			return FOUND_TIMESTAMP;
		case TIMESTAMPTZOID:
			return FOUND_INSTANT;
		default:
			return is_integer_type(type) ? FOUND_INTEGER :
				is_string_type(type) ? FOUND_TEXT : FOUND_OTHER;
	}
}

/*
 * SQL that converts a type to the one that is read, and what to watch out for.  @
 * stands for the column, # for the minor digits of its currency.  The power is
 * numeric and so exact: 10 ^ 2 would be a float.  A float's text has all its
 * digits, a cast of it to numeric only 15.
 */
typedef struct Conversion
{
	ColumnKind	wanted;
	FoundType	found;
	const char *expression;
	const char *remark;
} Conversion;

#define UTC_REMARK		"the zone that its times are in"
#define EPOCH_REMARK	"from seconds; @ / 1000.0 from milliseconds"
#define MINOR_REMARK	"from major units; @::bigint from minor ones"
#define FLOAT_REMARK \
	"a float holds no exact amounts: compare the sums, and change the column's type"
/* INDENT OFF */
static const Conversion conversions[] = {
	{COLUMN_INSTANT, FOUND_TIMESTAMP, "@ AT TIME ZONE 'UTC'", UTC_REMARK},
	{COLUMN_INSTANT, FOUND_DATE, "@::timestamp AT TIME ZONE 'UTC'",
	 "the zone whose days these are"},
	{COLUMN_INSTANT, FOUND_INTEGER, "to_timestamp(@)", EPOCH_REMARK},
	{COLUMN_INSTANT, FOUND_NUMERIC, "to_timestamp(@)", EPOCH_REMARK},
	{COLUMN_INSTANT, FOUND_FLOAT, "to_timestamp(@)", EPOCH_REMARK},
	{COLUMN_INSTANT, FOUND_TEXT, "@::timestamptz",
	 "the session's TimeZone counts where the text has no zone"},
	{COLUMN_DUE, FOUND_TIMESTAMP, "@ AT TIME ZONE 'UTC'",
	 UTC_REMARK "; @::date if it is due until its day is over"},
	{COLUMN_DUE, FOUND_INTEGER, "to_timestamp(@)", EPOCH_REMARK},
	{COLUMN_DUE, FOUND_NUMERIC, "to_timestamp(@)", EPOCH_REMARK},
	{COLUMN_DUE, FOUND_FLOAT, "to_timestamp(@)", EPOCH_REMARK},
	{COLUMN_DUE, FOUND_TEXT, "@::date", "or ::timestamptz, if it is due at an instant"},
	{COLUMN_DATE, FOUND_TIMESTAMP, "@::date", NULL},
	{COLUMN_DATE, FOUND_INSTANT, "(@ AT TIME ZONE 'UTC')::date", "the zone whose day counts"},
	{COLUMN_DATE, FOUND_INTEGER, "(to_timestamp(@) AT TIME ZONE 'UTC')::date", EPOCH_REMARK},
	{COLUMN_DATE, FOUND_TEXT, "@::date", NULL},
	{COLUMN_MONEY, FOUND_FLOAT, "round(@::text::numeric, #)", FLOAT_REMARK},
	{COLUMN_MONEY, FOUND_MONEY, "@::numeric", NULL},
	{COLUMN_MONEY, FOUND_TEXT, "@::numeric", NULL},
	{COLUMN_MINOR_UNITS, FOUND_NUMERIC, "(@ * 10.0 ^ #)::bigint", MINOR_REMARK},
	{COLUMN_MINOR_UNITS, FOUND_FLOAT, "(round(@::text::numeric, #) * 10.0 ^ #)::bigint",
	 MINOR_REMARK "; " FLOAT_REMARK},
	{COLUMN_MINOR_UNITS, FOUND_MONEY, "(@::numeric * 10.0 ^ #)::bigint", NULL},
	{COLUMN_MINOR_UNITS, FOUND_TEXT, "@::bigint",
	 "from minor units; (@::numeric * 10.0 ^ #)::bigint from major ones"},
	{COLUMN_BOOLEAN, FOUND_INTEGER, "@ <> 0", NULL},
	{COLUMN_BOOLEAN, FOUND_NUMERIC, "@ <> 0", NULL},
	{COLUMN_BOOLEAN, FOUND_TEXT, "@::boolean", NULL},
	{COLUMN_UNITS, FOUND_FLOAT, "@::text::numeric", FLOAT_REMARK},
	/* no system has numbers for words; what is not translated must not vanish */
	{
		COLUMN_STATUS, FOUND_INTEGER,
		"CASE @ WHEN 0 THEN 'draft' WHEN 1 THEN 'open' ELSE @::text END",
		"a word for each number of yours"
	},
	{COLUMN_JSON, FOUND_TEXT, "@::jsonb", NULL},
	{COLUMN_JSON, FOUND_OTHER, "to_jsonb(@)", NULL}
};
/* INDENT ON */

static const Conversion text_conversion = {
	COLUMN_TEXT, FOUND_OTHER, "@::text", NULL
};

static bool
is_text(ColumnKind kind)
{
	return kind == COLUMN_IDENTIFIER || kind == COLUMN_TEXT || kind == COLUMN_CURRENCY ||
		kind == COLUMN_STATUS;
}

/* How to convert what was found to a kind, or NULL. */
static const Conversion *
search_conversion(ColumnKind wanted, FoundType found)
{
	for (int i = 0; i < lengthof(conversions); i++)
		if (conversions[i].wanted == wanted && conversions[i].found == found)
			return &conversions[i];
	return is_text(wanted) ? &text_conversion : NULL;
}

/* How to convert a column of a type, or NULL; units are converted like money. */
static const Conversion *
find_conversion(const ColumnSpec *column, Oid type)
{
	FoundType	found = found_type(type);
	const Conversion *conversion = search_conversion(column->kind, found);

	if (conversion == NULL && column->kind == COLUMN_UNITS)
		return search_conversion(COLUMN_MONEY, found);
	return conversion;
}

/* Whether a column of a type may have been meant for this one. */
bool
column_type_converts(const ColumnSpec *column, Oid type)
{
	return column_type_fits(type, column->kind) ||
		find_conversion(column, type) != NULL;
}

/* A relation's name in words. */
static const char *
spaced(const char *name)
{
	char	   *words = pstrdup(name);

	for (char *p = words; *p; p++)
		if (*p == '_')
			*p = ' ';
	return words;
}

/*
 * The minor digits of a row's currency.  Line items and applications have none
 * of their own, so it is that of their invoice or memo in the view.
 */
static const char *
minor_digits(const LedgerRelation *relation, const char **join)
{
	const RelationSpec *owner;
	Oid			type;

	if (relation->spec->belongs_to != NULL)
	{
		owner = find_relation_spec(relation->spec->belongs_to);
		*join = psprintf("%c is the %s", relation_noun(owner)[0], spaced(owner->name));
		return psprintf("balance.minor_unit(%c.currency)", relation_noun(owner)[0]);
	}
	type = ledger_column_type(relation, "currency");
	return type == TEXTOID || type == VARCHAROID || type == BPCHAROID ?
		"balance.minor_unit(currency)" : "balance.minor_unit(currency::text)";
}

/* SQL for the select list of a view; what there is to say is a comment in it. */
static const char *
conversion_hint(const LedgerRelation *relation, const ColumnSpec *column, Oid type)
{
	const Conversion *conversion = find_conversion(column, type);
	const char *join = NULL;
	const char *digits = minor_digits(relation, &join);
	StringInfoData hint;

	if (conversion == NULL)
		return psprintf("Cast it in a view; it must be %s.",
						column_kinds[column->kind].words);
	initStringInfo(&hint);
	appendStringInfo(&hint, "In a view: %s AS %s",
					 fill_marks(conversion->expression, column->name, digits), column->name);
	if (strchr(conversion->expression, '#') == NULL)
		join = NULL;
	if (conversion->remark != NULL || join != NULL)
		appendStringInfoString(&hint, " -- ");
	if (conversion->remark != NULL)
		appendStringInfoString(&hint, fill_marks(conversion->remark, column->name, digits));
	if (join != NULL)
		appendStringInfo(&hint, "; %s", join);
	return hint.data;
}

/* ---- checking ---- */

static void
check_column(ReturnSetInfo *result, const LedgerRelation *relation,
			 const ColumnSpec *column)
{
	Oid			type = ledger_column_type(relation, column->name);
	const char *name = relation->spec->name;

	if (column->stands_for != NULL && OidIsValid(type) &&
		ledger_has_column(relation, column->stands_for))
		add_finding(result, name, column->name, SEVERITY_ERROR,
					psprintf("there is %s, too, and nothing tells which of them has the amount",
							 column->stands_for),
					psprintf("Drop or rename one of them, or leave it out of a view: %s is in "
							 "major units, %s in minor ones.",
							 column->stands_for, column->name));
	if (!OidIsValid(type))
	{
		if (ledger_lacks_column(relation, column))
			add_finding(result, name, column->name, SEVERITY_ERROR,
						"required column is missing",
						psprintf("Add it, or provide it in a view; it must be %s.",
								 column_must_be(column)));
	}
	else if (!column_type_fits(type, column->kind))
		add_finding(result, name, column->name, SEVERITY_ERROR,
					psprintf("column is of type %s", format_type_be(type)),
					conversion_hint(relation, column, type));
	else if (column->kind == COLUMN_MONEY && is_integer_type(type))
		add_finding(result, name, column->name, SEVERITY_NOTICE,
					psprintf("column is of type %s and read in major units: are these cents?",
							 format_type_be(type)),
					psprintf("In a view: %s AS %s -- or rename the column; if it is in major "
							 "units, %s::numeric AS %s",
							 column->name, find_stand_in(column)->name, column->name,
							 column->name));
}

/* What is not there, cannot be read, or may not mean what it is read as. */
void
check_columns(ReturnSetInfo *result, const LedgerRelation *relation)
{
	for (const ColumnSpec *column = relation->spec->columns; column->name; column++)
		check_column(result, relation, column);
}
