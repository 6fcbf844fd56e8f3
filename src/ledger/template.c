/*-------------------------------------------------------------------------
 *
 * template.c
 *	  SQL that is written as SQL, with named holes, and run with every name
 *	  and operator qualified.
 *
 * Keywords are in capitals.  Whatever would be looked up by search_path gets
 * its schema, which is pg_catalog: operators, functions, types behind "::",
 * collations, and names that begin with "pg_".  What is elsewhere, as our own
 * functions are in balance, says so in the template.  What the grammar itself
 * turns into an operator (IN, LIKE, BETWEEN, NULLIF and so on) cannot be qualified
 * and is refused, as is a relation without schema.  So is an operator that
 * binds tighter than the one before it: qualified, all bind the same.
 *
 * A hole is a lower-case name in braces, also within a literal; braces that hold
 * anything else, as those of an array do, are only text there.
 *
 *-------------------------------------------------------------------------
 */
#include "template.h"

#include "common/keywords.h"
#include "common/kwlookup.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#define MAX_HOLES	24
#define MAX_DEPTH	64

#define LOWER		"abcdefghijklmnopqrstuvwxyz_0123456789"
#define WORD		LOWER "ABCDEFGHIJKLMNOPQRSTUVWXYZ$"
#define OPERATOR	"+-*/<>=~!@#%^&|`?"

typedef enum Token
{
	TOKEN_START,
	TOKEN_KEYWORD,
	TOKEN_NAME,					/* also a quoted one, and a type */
	TOKEN_VALUE,				/* a literal, a parameter, or a hole */
	TOKEN_OPERATOR,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_COMMA,
	TOKEN_DOT,
	TOKEN_CAST
} Token;

typedef struct Template
{
	StringInfo	sql;
	const char *p;				/* what is to be read next */
	int			nholes;			/* -1 if braces are only text */
	const char *hole[MAX_HOLES];
	const char *value[MAX_HOLES];
	HoleFiller	filler;			/* of the other holes, or NULL */
	const void *context;
	Token		last;
	const char *keyword;		/* if that is the last token */
	List	   *with;			/* names of WITH queries */
	int			depth;			/* of parentheses and CASE */
	bool		in_from[MAX_DEPTH]; /* whether a comma there separates
									 * relations */
	int			binding[MAX_DEPTH]; /* of the last operator there, or 0 */
} Template;

static void
fault(const Template *t, const char *what)
{
	elog(ERROR, "SQL template: %s at \"%.40s\"", what, t->p);
}

static bool
is_one_of(const char *word, const char *const *words)
{
	for (; *words != NULL; words++)
		if (pg_strcasecmp(word, *words) == 0)
			return true;
	return false;
}

/* ---- looking around ---- */

static bool
last_keyword_is(const Template *t, const char *keyword)
{
	return t->last == TOKEN_KEYWORD && strcmp(t->keyword, keyword) == 0;
}

static const char *
skip_space(const char *p)
{
	return p + strspn(p, " \t\n");
}

static const char *
skip_keyword(const char *p, const char *keyword)
{
	size_t		length = strlen(keyword);

	p = skip_space(p);
	return strncmp(p, keyword, length) == 0 && strchr(WORD, p[length]) == NULL ?
		p + length : p;
}

/* Whether what follows a name makes it that of a WITH query. */
static bool
names_query(const char *p)
{
	const char *as;

	p = skip_space(p);
	if (*p == '(')
		p += strcspn(p, ")") + 1;
	p = skip_space(p);
	as = skip_keyword(p, "AS");
	return as != p &&
		*skip_space(skip_keyword(skip_keyword(as, "NOT"), "MATERIALIZED")) == '(';
}

/* Whether a name stands where a relation's does. */
static bool
is_relation(const Template *t)
{
	return last_keyword_is(t, "FROM") || last_keyword_is(t, "JOIN") ||
		last_keyword_is(t, "ONLY") ||
		(t->last == TOKEN_COMMA && t->in_from[t->depth]);
}

/* ---- putting ---- */

static void
put(Template *t, size_t length, Token token)
{
	appendBinaryStringInfo(t->sql, t->p, length);
	t->p += length;
	t->last = token;
}

static void
enter(Template *t)
{
	if (++t->depth == MAX_DEPTH)
		fault(t, "too deep");
	t->in_from[t->depth] = false;
	t->binding[t->depth] = 0;
}

/* A template may close what another one has opened. */
static void
leave(Template *t)
{
	if (t->depth > 0)
		t->depth--;
}

/* What a hole is filled with. */
static const char *
hole_value(const Template *t, const char *hole, size_t length)
{
	for (int i = 0; i < t->nholes; i++)
		if (strlen(t->hole[i]) == length && memcmp(t->hole[i], hole, length) == 0)
			return t->value[i];
	if (t->filler == NULL)
		fault(t, "no value for the hole");
	return t->filler(pnstrdup(hole, length), t->context);
}

/* Fill a hole if one is next.  Within a literal its value must not end that. */
static bool
put_hole(Template *t, bool in_literal)
{
	size_t		length = t->nholes < 0 ? 0 : strspn(t->p + 1, LOWER);
	const char *value;

	if (length == 0 || t->p[length + 1] != '}' || isdigit((unsigned char) t->p[1]))
		return false;
	value = hole_value(t, t->p + 1, length);
	if (in_literal && strpbrk(value, "'\\") != NULL)
		fault(t, "a quote in a literal's hole");
	appendStringInfoString(t->sql, value);
	t->p += length + 2;
	t->last = TOKEN_VALUE;
	return true;
}

/* A literal, in which a backslash means something if it is an escaped one. */
static void
put_literal(Template *t, bool escaped)
{
	put(t, 1, TOKEN_VALUE);
	while (*t->p != '\'')
	{
		if (*t->p == '\0')
			fault(t, "unterminated literal");
		if (*t->p == '\\' && !escaped && t->nholes >= 0)
			fault(t, "a backslash in a literal");
		if (*t->p != '{' || !put_hole(t, true))
			put(t, *t->p == '\\' && escaped && t->p[1] != '\0' ? 2 : 1, TOKEN_VALUE);
	}
	put(t, 1, TOKEN_VALUE);
}

/* How tightly PostgreSQL's grammar binds an operator that is not qualified. */
static int
operator_binding(const char *operator, size_t length)
{
	if (length == 1 && strchr("^", *operator) != NULL)
		return 5;
	if (length == 1 && strchr("*/%", *operator) != NULL)
		return 4;
	if (length == 1 && strchr("+-", *operator) != NULL)
		return 3;
	return strspn(operator, "<>=!") == length ? 1 : 2;
}

static void
put_operator(Template *t)
{
	size_t		length = strspn(t->p, OPERATOR);
	int			binding = operator_binding(t->p, length);
	int		   *before = &t->binding[t->depth];
	char		end;

	if ((length == 1 && *t->p == '*' &&
		 (t->last == TOKEN_OPEN || t->last == TOKEN_DOT || last_keyword_is(t, "SELECT"))) ||
		(length == 2 && strncmp(t->p, "=>", 2) == 0))
	{
		put(t, length, TOKEN_VALUE);
		return;
	}
	if (strncmp(t->p, "--", 2) == 0 || strncmp(t->p, "/*", 2) == 0)
		fault(t, "a comment");
	/* a prefix operator binds its operand alone */
	if (t->last == TOKEN_NAME || t->last == TOKEN_VALUE || t->last == TOKEN_CLOSE ||
		last_keyword_is(t, "END"))
	{
		if (*before != 0 && (binding > *before || (binding == 1 && *before == 1)))
			fault(t, "operators without parentheses");
		*before = binding;
	}
	end = t->sql->len == 0 ? ' ' : t->sql->data[t->sql->len - 1];
	appendStringInfo(t->sql, "%sOPERATOR(pg_catalog.%.*s)%s",
					 strchr(" \n(", end) != NULL ? "" : " ", (int) length, t->p,
					 strchr(" \n", t->p[length]) != NULL ? "" : " ");
	t->p += length;
	t->last = TOKEN_OPERATOR;
}

static void
put_keyword(Template *t, const char *word, int keyword)
{
	/* behind which the same operand goes on, or begins */
	static const char *const go_on[] = {
		"ALL", "ANY", "ARRAY", "COLLATE", "FALSE", "FILTER", "NULL", "OVER", "TRUE", NULL
	};
	static const char *const end_from[] = {
		"GROUP", "HAVING", "LIMIT", "OFFSET", "ORDER", "SELECT", "UNION", "WHERE", "WINDOW", NULL
	};
	static const char *const before_parenthesis[] = {
		"BY", "FILTER", "JOIN", "MATERIALIZED", "OVER", NULL
	};
	size_t		length = strlen(word);
	int			category;

	if (keyword < 0)
		fault(t, "no such keyword");
	if (strcmp(word, "OPERATOR") == 0)
	{
		put(t, strcspn(t->p, ")") + 1, TOKEN_OPERATOR);
		t->binding[t->depth] = 2;
		return;
	}
	category = ScanKeywordCategories[keyword];
	if ((category == UNRESERVED_KEYWORD || category == TYPE_FUNC_NAME_KEYWORD) &&
		*skip_space(t->p + length) == '(' && !is_one_of(word, before_parenthesis))
		fault(t, "a function in capitals");
	if (strcmp(word, "DISTINCT") == 0 && (last_keyword_is(t, "IS") || last_keyword_is(t, "NOT")))
		fault(t, "an operator that cannot be qualified");
	if (strcmp(word, "CASE") == 0)
	{
		if (skip_keyword(t->p + length, "WHEN") == skip_space(t->p + length))
			fault(t, "an operator that cannot be qualified");
		enter(t);
	}
	else if (strcmp(word, "END") == 0)
		leave(t);
	else if (category != COL_NAME_KEYWORD && !is_one_of(word, go_on))
		t->binding[t->depth] = 0;
	if (strcmp(word, "FROM") == 0)
		t->in_from[t->depth] = true;
	else if (is_one_of(word, end_from))
		t->in_from[t->depth] = false;
	t->keyword = word;
	put(t, length, TOKEN_KEYWORD);
}

/* A name in lower case, or a quoted one, that none of a schema stands before. */
static void
put_name(Template *t, const char *name)
{
	const char *next = skip_space(t->p + strlen(name));
	bool		is_query = *next != '.' && names_query(next);
	ListCell   *lc;

	if (is_query)
		t->with = lappend(t->with, unconstify(char *, name));
	else if (*next == '\'')
		fault(t, "a type before a literal");
	else if (*next != '.')
	{
		bool		is_known = !is_relation(t) || *next == '(' || strncmp(name, "pg_", 3) == 0;
		bool		is_alias = t->last == TOKEN_NAME || t->last == TOKEN_CLOSE ||
			last_keyword_is(t, "AS");

		foreach(lc, t->with)
			is_known |= strcmp(lfirst(lc), name) == 0;
		if (!is_known)
			fault(t, "a relation without schema");
		if (t->last == TOKEN_CAST || last_keyword_is(t, "COLLATE") ||
			(*next == '(' && !is_alias) || strncmp(name, "pg_", 3) == 0)
			appendStringInfoString(t->sql, "pg_catalog.");
	}
	put(t, strlen(name), TOKEN_NAME);
}

static void
put_word(Template *t)
{
	static const char *const refused[] = {
		"BETWEEN", "CAST", "ILIKE", "IN", "LIKE", "NATURAL", "NULLIF", "OVERLAPS",
		"SIMILAR", "USING", NULL
	};
	char	   *word = pnstrdup(t->p, strspn(t->p, WORD));
	size_t		length = strlen(word);
	int			keyword = ScanKeywordLookup(word, &ScanKeywords);

	if (t->last == TOKEN_DOT)
		put(t, length, TOKEN_NAME);
	else if (strcmp(word, "E") == 0 && t->p[1] == '\'')
	{
		put(t, 1, TOKEN_VALUE);
		put_literal(t, true);
	}
	else if (is_one_of(word, refused) && t->p[length] != '.')
		fault(t, "an operator that cannot be qualified");
	else if (strspn(word, LOWER) == length)
		put_name(t, word);
	else
		put_keyword(t, word, keyword);
}

static void
put_quoted_name(Template *t)
{
	size_t		length = 1;

	while (t->p[length] != '"' || t->p[length + 1] == '"')
	{
		if (t->p[length] == '\0')
			fault(t, "unterminated name");
		length += t->p[length] == '"' ? 2 : 1;
	}
	if (t->last == TOKEN_DOT)
		put(t, length + 1, TOKEN_NAME);
	else
		put_name(t, pnstrdup(t->p, length + 1));
}

static void
put_punctuation(Template *t)
{
	switch (*t->p)
	{
		case '(':
		case '[':
			enter(t);
			put(t, 1, TOKEN_OPEN);
			break;
		case ')':
		case ']':
			leave(t);
			put(t, 1, TOKEN_CLOSE);
			break;
		case ',':
			t->binding[t->depth] = 0;
			put(t, 1, TOKEN_COMMA);
			break;
		case '.':
			put(t, 1, TOKEN_DOT);
			break;
		case ':':
			if (t->p[1] == ':')
				put(t, 2, TOKEN_CAST);
			else
				put(t, 1, TOKEN_OPERATOR);
			break;
		default:
			fault(t, "no SQL");
	}
}

static void
put_token(Template *t)
{
	if (strchr(" \t\n", *t->p) != NULL)
		put(t, 1, t->last);
	else if (*t->p == '{')
	{
		if (!put_hole(t, false))
			fault(t, "no hole");
	}
	else if (*t->p == '\'')
		put_literal(t, false);
	else if (*t->p == '"')
		put_quoted_name(t);
	else if (*t->p == '$' || isdigit((unsigned char) *t->p))
		put(t, 1 + strspn(t->p + 1, LOWER "."), TOKEN_VALUE);
	else if (strchr(WORD, *t->p) != NULL)
		put_word(t);
	else if (strchr(OPERATOR, *t->p) != NULL)
		put_operator(t);
	else
		put_punctuation(t);
}

static void
fill(Template *t, StringInfo sql, const char *template)
{
	t->sql = sql;
	t->p = template;
	while (*t->p != '\0')
		put_token(t);
}

/* ---- what others call ---- */

static void
fill_pairs(StringInfo sql, const char *template, va_list pairs)
{
	Template	t = {.nholes = 0};
	const char *hole;

	while ((hole = va_arg(pairs, const char *)) != NULL)
	{
		if (t.nholes == MAX_HOLES)
			elog(ERROR, "too many holes in a SQL template");
		t.hole[t.nholes] = hole;
		t.value[t.nholes] = va_arg(pairs, const char *);
		if (t.value[t.nholes++] == NULL)
			elog(ERROR, "SQL template: hole \"%s\" without value", hole);
	}
	fill(&t, sql, template);
}

/* Append a template, qualified and with its holes filled. */
void
sql_append_pairs(StringInfo sql, const char *template,...)
{
	va_list		pairs;

	va_start(pairs, template);
	fill_pairs(sql, template, pairs);
	va_end(pairs);
}

/* The same as a string of its own, for instance for another one's hole. */
const char *
sql_fill_pairs(const char *template,...)
{
	StringInfoData sql;
	va_list		pairs;

	initStringInfo(&sql);
	va_start(pairs, template);
	fill_pairs(&sql, template, pairs);
	va_end(pairs);
	return sql.data;
}

/* A template whose holes a function knows how to fill. */
const char *
sql_fill_by(const char *template, HoleFiller filler, const void *context)
{
	Template	t = {.filler = filler, .context = context};
	StringInfoData sql;

	initStringInfo(&sql);
	fill(&t, &sql, template);
	return sql.data;
}

/*
 * A condition that is only looked at where another one holds: what may raise
 * an error must not see another customer's rows, in whatever order the planner
 * tries conditions.  The first is the very join or argument that lets a row in;
 * that a column has a value keeps nothing out, as the planner may know it has.
 */
const char *
sql_guard(const char *first, const char *condition)
{
	return sql_fill("CASE WHEN {first} THEN {condition} END",
					"first", first, "condition", condition);
}

/* An object's name with its schema, as it stands in SQL. */
const char *
qualified_name(Oid schema, const char *name)
{
	const char *schema_name = get_namespace_name(schema);

	if (schema_name == NULL)
		elog(ERROR, "cache lookup failed for schema %u", schema);
	return quote_qualified_identifier(schema_name, name);
}

#ifdef CHECK_ASSERTIONS
/* Whether nothing is left to qualify in a query that is about to be run. */
bool
sql_is_qualified(const char *sql)
{
	Template	t = {.nholes = -1};
	StringInfoData again;

	initStringInfo(&again);
	fill(&t, &again, sql);
	return strcmp(again.data, sql) == 0;
}
#endif
