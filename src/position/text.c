/*-------------------------------------------------------------------------
 *
 * text.c
 *	  Text input and output of positions.
 *
 * The text form shows every cell and depends on no setting:
 *
 *	1{EUR 3 open(2 120.5 100?1 50.25) due(2026-01-31 1 50.25) usage(1 7)}
 *
 * A version, then for each currency its code, the number of rows tallied and the
 * cells: name(key count sum ...).  A sum followed by ?n lacks n rows whose amount
 * is unknown.  Names and measures are those of cells.def.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "miscadmin.h"
#include "pack.h"
#include "packed.h"
#include "read.h"
#include "utils/builtins.h"
#include "value/datetime.h"

/* ---- text output ---- */

/* Append a text in double quotes, with " and \ escaped by backslashes. */
static void
append_quoted(StringInfo buf, const char *string, int length)
{
	appendStringInfoChar(buf, '"');
	for (int i = 0; i < length; i++)
	{
		if (string[i] == '"' || string[i] == '\\')
			appendStringInfoChar(buf, '\\');
		appendStringInfoChar(buf, string[i]);
	}
	appendStringInfoChar(buf, '"');
}

static void
show_cell(StringInfo buf, const Cell *cell)
{
	const CellKind *kind = &cell_kinds[cell->tag];
	char		due[DATETIME_TEXT_SIZE];

	appendStringInfo(buf, " %s(", kind->name);
	if (kind->key == KEY_TEXT)
	{
		append_quoted(buf, cell->text, cell->text_length);
		appendStringInfoChar(buf, ' ');
	}
	else if (kind->key == KEY_DATE)
		appendStringInfo(buf, "%s ", date_to_text((DateADT) cell->due, due));
	else if (kind->key == KEY_INSTANT)
		appendStringInfo(buf, "%s ", instant_to_text(cell->due, due));
	appendStringInfo(buf, INT64_FORMAT, cell->count);
	for (int i = 0; i < kind->measures; i++)
	{
		char	   *sum = amount_to_string(&cell->measure[i].sum, 0);

		appendStringInfo(buf, " %s", sum);
		pfree(sum);
		if (cell->measure[i].unknown != 0)
			appendStringInfo(buf, "?" INT64_FORMAT, cell->measure[i].unknown);
	}
	appendStringInfoChar(buf, ')');
}

PG_FUNCTION_INFO_V1(position_out);
Datum
position_out(PG_FUNCTION_ARGS)
{
	struct varlena *position = packed_getarg(fcinfo, 0);
	StringInfoData buf;
	const char *separator = "";
	ListCell   *lc;

	initStringInfo(&buf);
	appendStringInfoString(&buf, "1{");
	foreach(lc, position_currencies(position, true))
	{
		CurrencyCells *currency = lfirst(lc);
		char		code[CURRENCY_NAME_SIZE];

		appendStringInfo(&buf, "%s%s " INT64_FORMAT, separator,
						 currency_upper(currency->currency, code),
						 total_rows(currency->rows));
		for (int i = 0; i < currency->ncells; i++)
		{
			CHECK_FOR_INTERRUPTS();
			if (currency->cells[i].tag != CELL_UNCOUNTED)
				show_cell(&buf, &currency->cells[i]);
		}
		separator = ", ";
	}
	appendStringInfoChar(&buf, '}');
	PG_RETURN_CSTRING(buf.data);
}

/* ---- text input ---- */

typedef struct Scanner
{
	const char *input;
	const char *next;
	Node	   *escontext;
} Scanner;

/* Always false, so that callers can return it. */
static bool
syntax_error(Scanner *scanner, const char *detail)
{
	ereturn(scanner->escontext, false,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type balance.position: \"%s\"",
					scanner->input),
			 errdetail("%s At character %d.", detail,
					   (int) (scanner->next - scanner->input) + 1)));
}

/* Counts that fit a bigint each, but not together. */
static bool
count_error(Scanner *scanner)
{
	return syntax_error(scanner, "The rows up to here are more than a bigint can hold.");
}

static void
skip_spaces(Scanner *scanner)
{
	while (*scanner->next == ' ' || *scanner->next == '\t' ||
		   *scanner->next == '\n' || *scanner->next == '\r')
		scanner->next++;
}

/* Skip a character if it comes next. */
static bool
accept_char(Scanner *scanner, char c)
{
	skip_spaces(scanner);
	if (*scanner->next != c)
		return false;
	scanner->next++;
	return true;
}

static bool
expect_char(Scanner *scanner, char c)
{
	char		detail[32];

	if (accept_char(scanner, c))
		return true;
	snprintf(detail, sizeof(detail), "Expected \"%c\".", c);
	return syntax_error(scanner, detail);
}

/* The next run of characters of a set, after spaces. */
static const char *
scan_run(Scanner *scanner, const char *set, int *length)
{
	const char *start;

	skip_spaces(scanner);
	start = scanner->next;
	*length = strspn(start, set);
	scanner->next += *length;
	return start;
}

static bool
scan_count(Scanner *scanner, int64 *count)
{
	int			length;
	const char *start = scan_run(scanner, "-0123456789", &length);
	char	   *end;

	errno = 0;
	*count = strtoi64(start, &end, 10);
	if (length == 0 || end != start + length || errno != 0)
	{
		scanner->next = start;
		return syntax_error(scanner, "Expected a count that a bigint can hold.");
	}
	return true;
}

static bool
scan_sum(Scanner *scanner, Quantity *quantity, bool knows_unknown)
{
	int			length;
	const char *start = scan_run(scanner, "-.0123456789", &length);

	if (!amount_from_string(start, length, &quantity->sum))
	{
		scanner->next = start;
		return syntax_error(scanner, "Expected a decimal number.");
	}
	quantity->unknown = 0;
	if (*scanner->next == '?')
	{
		if (!knows_unknown)
			return syntax_error(scanner, "This sum has no unknown rows.");
		scanner->next++;
		return scan_count(scanner, &quantity->unknown);
	}
	return true;
}

static bool
scan_quoted(Scanner *scanner, Cell *cell)
{
	const char *start;
	char	   *to;

	if (!expect_char(scanner, '"'))
		return false;
	for (start = scanner->next; *scanner->next != '"'; scanner->next++)
	{
		if (*scanner->next == '\\')
			scanner->next++;
		if (*scanner->next == '\0')
			return syntax_error(scanner, "A quoted text is not terminated.");
	}
	cell->text = to = palloc(scanner->next - start + 1);
	for (; start < scanner->next; start++)
	{
		if (*start == '\\')
			start++;
		*to++ = *start;
	}
	cell->text_length = to - cell->text;
	scanner->next++;
	return true;
}

static bool
scan_due(Scanner *scanner, Cell *cell)
{
	int			length;
	const char *start = scan_run(scanner, "-+0123456789:.TZinfty", &length);
	char	   *due = pnstrdup(start, length);
	DateADT		date;

	if (cell->tag == CELL_DUE_INSTANT && instant_from_text(due, &cell->due))
		return true;
	if (cell->tag == CELL_DUE_DATE && date_from_text(due, &date))
	{
		cell->due = date;
		return true;
	}
	scanner->next = start;
	return syntax_error(scanner, cell->tag == CELL_DUE_DATE ?
						"Expected a date such as 2026-01-31." :
						"Expected an instant such as 2026-01-31T12:00:00Z.");
}

/*
 * The sums of a cell.  Those it had from the beginning are required; later ones may
 * be missing from the text of an earlier version and are then unknown.
 */
static bool
scan_sums(Scanner *scanner, Cell *cell)
{
	const CellKind *kind = &cell_kinds[cell->tag];
	const uint8 *since = measures_since[kind->group];
	bool		knows_unknown = kind->knows_unknown && !kind->is_void;
	int			i;

	for (i = 0; i < kind->measures; i++)
	{
		skip_spaces(scanner);
		if (since[i] > since[0] && *scanner->next == ')')
			break;
		if (!scan_sum(scanner, &cell->measure[i], knows_unknown))
			return false;
	}
	for (; i < kind->measures; i++)
		set_unknown(cell, i);
	return true;
}

static bool
scan_cell(Scanner *scanner, Cell *cell)
{
	const CellKind *kind;
	int			length;
	const char *name = scan_run(scanner, "abcdefghijklmnopqrstuvwxyz_", &length);

	for (cell->tag = CELL_INVOICE_DRAFT; cell->tag < NUM_CELL_TAGS; cell->tag++)
		if (strlen(cell_kinds[cell->tag].name) == length &&
			memcmp(cell_kinds[cell->tag].name, name, length) == 0)
			break;
	if (cell->tag == NUM_CELL_TAGS)
	{
		scanner->next = name;
		return syntax_error(scanner, "Expected the name of a cell.");
	}
	kind = &cell_kinds[cell->tag];
	return expect_char(scanner, '(') &&
		(kind->key != KEY_TEXT || scan_quoted(scanner, cell)) &&
		(!is_due_tag(cell->tag) || scan_due(scanner, cell)) &&
		scan_count(scanner, &cell->count) &&
		scan_sums(scanner, cell) && expect_char(scanner, ')');
}

/*
 * Whether b may follow a in the text: by tag, then key, without duplicates.  Only
 * cells keyed by text may be in any order, as theirs depends on the encoding of
 * the database that wrote them.
 */
static bool
cells_ascend(const Cell *a, const Cell *b)
{
	if (a->tag != b->tag)
		return a->tag < b->tag;
	if (cell_kinds[a->tag].key == KEY_TEXT)
		return true;
	return cell_kinds[a->tag].key != KEY_NONE && a->due < b->due;
}

/* Append a cell to an array, which is doubled when full: at powers of two. */
static void
append_cell(Cell **cells, int *n, const Cell *cell)
{
	if (*n == 0)
		*cells = palloc(sizeof(Cell));
	else if ((*n & (*n - 1)) == 0)
		*cells = repalloc_huge(*cells, (Size) 2 * *n * sizeof(Cell));
	(*cells)[(*n)++] = *cell;
}

/* Sort cells that are keyed by text; false if a text appears twice. */
static bool
sort_texts(Cell *cells, int n)
{
	qsort_interruptible(cells, n, sizeof(Cell), compare_cells, NULL);
	for (int i = 1; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (compare_cells(&cells[i - 1], &cells[i], NULL) == 0)
			return false;
	}
	return true;
}

/* Scan one currency: its code, number of rows and cells. */
static bool
scan_currency(Scanner *scanner, PositionState **state, CurrencyCode *previous)
{
	int			length;
	const char *name = scan_run(scanner, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", &length);
	Cell		uncounted = {.currency = currency_lookup(name, length), .tag = CELL_UNCOUNTED};
	Cell		last = {.tag = CELL_UNCOUNTED};
	Cell	   *texts = NULL;
	int			ntexts = 0;
	int128		missing;

	if (uncounted.currency == UNKNOWN_CURRENCY)
	{
		scanner->next = name;
		return syntax_error(scanner, "Expected an ISO 4217 code.");
	}
	if ((*state)->ncurrencies > 0 && uncounted.currency <= *previous)
		return syntax_error(scanner, "Currencies must come in code order, each once.");
	*previous = uncounted.currency;
	(void) state_currency(state, uncounted.currency);
	if (!scan_count(scanner, &uncounted.count))
		return false;
	missing = uncounted.count;
	for (;;)
	{
		Cell		cell = {.currency = uncounted.currency};

		CHECK_FOR_INTERRUPTS();
		skip_spaces(scanner);
		if (*scanner->next < 'a' || *scanner->next > 'z')
			break;
		if (!scan_cell(scanner, &cell))
			return false;
		if (!cells_ascend(&last, &cell))
			return syntax_error(scanner, "Cells must come in order, each once.");
		if (cell_kinds[cell.tag].is_row)
			missing -= cell.count;
		if (cell.text != NULL)
			append_cell(&texts, &ntexts, &cell);
		state_add_cell(state, &cell, 1);
		last = cell;
	}
	if (ntexts > 0 && !sort_texts(texts, ntexts))
		return syntax_error(scanner, "Cells must come in order, each once.");
	/* rows that no cell counts are what is missing from the total */
	if (missing < PG_INT64_MIN || missing > PG_INT64_MAX)
		return count_error(scanner);
	uncounted.count = (int64) missing;
	if (uncounted.count != 0)
		state_add_cell(state, &uncounted, 1);
	return true;
}

PG_FUNCTION_INFO_V1(position_in);
Datum
position_in(PG_FUNCTION_ARGS)
{
	Scanner		scanner = {
		.input = PG_GETARG_CSTRING(0),
		.next = PG_GETARG_CSTRING(0),
		.escontext = (Node *) SOFT_ERROR_CONTEXT(fcinfo)
	};
	PositionState *state = state_create(0);
	CurrencyCode previous = 0;

	if (!expect_char(&scanner, '1') || !expect_char(&scanner, '{'))
		PG_RETURN_NULL();
	if (!accept_char(&scanner, '}'))
	{
		do
		{
			CHECK_FOR_INTERRUPTS();
			if (!scan_currency(&scanner, &state, &previous))
				PG_RETURN_NULL();
		} while (accept_char(&scanner, ','));
		if (!expect_char(&scanner, '}'))
			PG_RETURN_NULL();
	}
	skip_spaces(&scanner);
	if (*scanner.next != '\0')
	{
		syntax_error(&scanner, "Junk after the closing brace.");
		PG_RETURN_NULL();
	}
	PG_RETURN_POINTER(state_pack(state, POSITION_PACKED));
}
