/*-------------------------------------------------------------------------
 *
 * name_likeness.c
 *	  Whether a name looks like another one misspelled: due_on for due_date,
 *	  dueDate, Deposits for deposit, ammount for amount.
 *
 * Names are compared word by word.  Words are alike that are equal but for
 * plural, tense or a letter or two, or that say the same kind of thing: on, at
 * and date.  What is left over on one side must say little.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "check_ledger.h"
#include "utils/builtins.h"
#include "utils/varlena.h"

#define MAX_WORDS	16

typedef struct Words
{
	int			count;
	char	   *word[MAX_WORDS];
	bool		used[MAX_WORDS];
} Words;

/* Words that say the same kind of thing, and little beside another word. */
static const char *const kinds[][10] = {
	{"date", "at", "on", "day", "time", "timestamp", "ts", "datetime", NULL},
	{"id", "uuid", "guid", "key", "number", "ref", "reference", "code", NULL},
	{"amount", "value", "sum", "cent", "minor", "major", NULL}
};

/* Words of one meaning, which do say something. */
static const char *const synonyms[][3] = {
	{"status", "state", NULL},
	{"type", "kind", NULL},
	{"memo", "note", NULL},
	{"application", "allocation", NULL}
};

/* Names of relations: a table by another name, or an older one. */
static const char *const fillers[] = {
	"tbl", "table", "view", "list", "data", "record", "row", "all", "v", "t",
	"old", "new", "bak", "backup", "archive", "copy", "tmp", "temp", NULL
};

static const char *const abbreviations[][2] = {
	{"no", "number"}, {"num", "number"}, {"nr", "number"}, {"amt", "amount"},
	{"dt", "date"}, {"cust", "customer"}, {"inv", "invoice"}, {"curr", "currency"},
	{"cur", "currency"}, {"ccy", "currency"}, {"desc", "description"}
};

/* ---- words ---- */

static bool
is_in(const char *word, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(word, *list) == 0)
			return true;
	return false;
}

/* The list of kinds that a word is in, or -1. */
static int
kind_of(const char *word)
{
	for (int i = 0; i < lengthof(kinds); i++)
		if (is_in(word, kinds[i]))
			return i;
	return -1;
}

/* Without abbreviation or plural; status and address are not plurals. */
static char *
plain_word(const char *start, int length)
{
	char	   *word = pnstrdup(start, length);

	for (int i = 0; i < length; i++)
		word[i] = pg_ascii_tolower((unsigned char) word[i]);
	for (int i = 0; i < lengthof(abbreviations); i++)
		if (strcmp(word, abbreviations[i][0]) == 0)
			return pstrdup(abbreviations[i][1]);
	if (length > 4 && strcmp(word + length - 3, "ies") == 0)
		strcpy(word + length - 3, "y");
	else if (length > 3 && word[length - 1] == 's' && strchr("sui", word[length - 2]) == NULL)
		word[length - 1] = '\0';
	return word;
}

static bool
is_separator(char c)
{
	return c == '_' || c == '-' || c == ' ' || c == '.' || c == '$';
}

/* Whether a word begins at a letter: in dueDate, DueDate and DUE_DATE. */
static bool
begins_word(const char *name, int i)
{
	return i == 0 || is_separator(name[i - 1]) ||
		(isupper((unsigned char) name[i]) && islower((unsigned char) name[i - 1])) ||
		((isdigit((unsigned char) name[i]) != 0) != (isdigit((unsigned char) name[i - 1]) != 0));
}

static void
split_words(const char *name, Words *words)
{
	int			start = 0;

	memset(words, 0, sizeof(Words));
	for (int i = 0; name[start] != '\0' && words->count < MAX_WORDS; i++)
	{
		if (name[i] != '\0' && !is_separator(name[i]) && (i == start || !begins_word(name, i)))
			continue;
		/* default_currency is the currency */
		if (i > start && strcmp(plain_word(name + start, i - start), "default") != 0)
			words->word[words->count++] = plain_word(name + start, i - start);
		start = is_separator(name[i]) ? i + 1 : i;
	}
}

/* ---- likeness ---- */

/* Whether at most that many letters were added, left out or replaced. */
static bool
is_near(const char *a, const char *b, int distance)
{
	int			a_length = strlen(a);
	int			b_length = strlen(b);

	return varstr_levenshtein_less_equal(a, a_length, b, b_length, 1, 1, 1,
										 distance, true) <= distance;
}

/* Two letters of a name have changed places. */
static bool
is_transposed(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b)
		a++, b++;
	return a[0] != '\0' && b[0] != '\0' && a[1] != '\0' && a[0] == b[1] && a[1] == b[0] &&
		strcmp(a + 2, b + 2) == 0;
}

/* issued, issue; voided, void: without the ending. */
static const char *
stem(const char *word)
{
	int			length = strlen(word);

	if (length > 4 && strcmp(word + length - 2, "ed") == 0)
		return pnstrdup(word, length - 2);
	if (length > 4 && word[length - 1] == 'e')
		return pnstrdup(word, length - 1);
	return word;
}

/* Whether two words are meant to be the same one. */
static bool
is_same_word(const char *a, const char *b)
{
	int			length = Min(strlen(a), strlen(b));

	if (strcmp(a, b) == 0 || strcmp(stem(a), stem(b)) == 0)
		return true;
	for (int i = 0; i < lengthof(synonyms); i++)
		if (is_in(a, synonyms[i]) && is_in(b, synonyms[i]))
			return true;
	return length >= 5 &&
		is_near(a, b, length >= 7 ? 2 : 1);
}

static bool
is_same_kind(const char *a, const char *b)
{
	return kind_of(a) >= 0 && kind_of(a) == kind_of(b);
}

/*
 * Pair the words of two names; how many pairs, and how many of them say
 * something, which words of a kind do only where they are the same.
 */
static int
pair_words(Words *found, Words *wanted, int *telling)
{
	int			pairs = 0;

	*telling = 0;
	for (int exact = 1; exact >= 0; exact--)
		for (int w = 0; w < wanted->count; w++)
			for (int f = 0; f < found->count && !wanted->used[w]; f++)
			{
				if (found->used[f] ||
					!(exact ? is_same_word(found->word[f], wanted->word[w]) :
					  is_same_kind(found->word[f], wanted->word[w])))
					continue;
				found->used[f] = wanted->used[w] = true;
				pairs++;
				*telling += exact && (wanted->count == 1 || kind_of(wanted->word[w]) < 0);
			}
	return pairs;
}

/* The words run together: duedate, or a slip across words. */
static bool
is_same_run(const Words *found, const Words *wanted)
{
	StringInfoData a;
	StringInfoData b;
	int			length;

	initStringInfo(&a);
	initStringInfo(&b);
	for (int i = 0; i < found->count; i++)
		appendStringInfoString(&a, found->word[i]);
	for (int i = 0; i < wanted->count; i++)
		appendStringInfoString(&b, wanted->word[i]);
	length = Min(a.len, b.len);
	return strcmp(a.data, b.data) == 0 ||
		(length >= 8 && is_near(a.data, b.data, length >= 12 ? 2 : 1));
}

/* Whether a word is one of a relation's name. */
static bool
is_of(const char *word, const Words *relation)
{
	for (int i = 0; i < relation->count; i++)
		if (strcmp(word, relation->word[i]) == 0)
			return true;
	return false;
}

/* Whether all words that found no partner are of the relation's name. */
static bool
rest_is_of(const Words *words, const Words *relation)
{
	for (int i = 0; i < words->count; i++)
		if (!words->used[i] && !is_of(words->word[i], relation))
			return false;
	return true;
}

/* The same, or say little. */
static bool
rest_is_weak(const Words *words, const Words *relation)
{
	for (int i = 0; i < words->count; i++)
		if (!words->used[i] && kind_of(words->word[i]) < 0 &&
			!is_of(words->word[i], relation))
			return false;
	return true;
}

/*
 * Whether a column that is found looks like one that is wanted.  The words of
 * its relation's name say little in it: invoice_number in invoice is number.
 */
bool
column_names_alike(const char *found_name, const char *wanted_name,
				   const char *relation_name)
{
	Words		found;
	Words		wanted;
	Words		relation;
	int			telling;
	int			pairs;

	split_words(found_name, &found);
	split_words(wanted_name, &wanted);
	split_words(relation_name, &relation);
	if (found.count == 0)
		return false;
	if (is_transposed(found_name, wanted_name) || is_same_run(&found, &wanted))
		return true;
	pairs = pair_words(&found, &wanted, &telling);
	/* in invoice, id is invoice_id */
	if (telling == 0)
		return pairs == found.count && pairs < wanted.count &&
			rest_is_of(&wanted, &relation);
	if (pairs < found.count && pairs < wanted.count)
		return false;
	/* payment_due_date is due_date; phone_number is not number */
	if (pairs == wanted.count && pairs >= 2 && found.count - pairs == 1)
		return true;
	return rest_is_weak(&found, &relation) && rest_is_weak(&wanted, &relation);
}

/* Whether a name says that a column is in minor units. */
bool
column_name_says_minor(const char *name)
{
	static const char *const minor[] = {"cent", "minor", NULL};
	Words		words;

	split_words(name, &words);
	for (int i = 0; i < words.count; i++)
		if (is_in(words.word[i], minor))
			return true;
	return false;
}

static bool
is_filler(const char *word)
{
	return isdigit((unsigned char) word[0]) || is_in(word, fillers);
}

/* The same for relations: invoice_lines, old_invoice, invoice_2025. */
bool
relation_names_alike(const char *found_name, const char *wanted_name)
{
	Words		found;
	Words		wanted;
	int			telling;
	int			pairs;

	split_words(found_name, &found);
	split_words(wanted_name, &wanted);
	if (found.count == 0)
		return false;
	if (is_transposed(found_name, wanted_name) || is_same_run(&found, &wanted))
		return true;
	pairs = pair_words(&found, &wanted, &telling);
	for (int i = 0; i < found.count; i++)
		if (!found.used[i] && !is_filler(found.word[i]))
			return false;
	return pairs * 3 >= wanted.count * 2;
}
