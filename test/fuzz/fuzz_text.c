/*
 * Text input.  An input is the text of a position; behind a newline may stand
 * that of another one, to do sums with.
 */
#include "laws.h"

#include "mb/pg_wchar.h"

/* The server lets no text in that is not valid in its encoding. */
static char *
make_valid(const uint8 *data, size_t size)
{
	char	   *text = palloc(size + 1);
	size_t		i = 0;

	memcpy(text, data, size);
	text[size] = '\0';
	while (i < size)
	{
		int			length = pg_encoding_mblen(PG_UTF8, text + i);

		if (text[i] == '\0' || i + length > size ||
			!pg_verify_mbstr(PG_UTF8, text + i, length, true))
		{
			text[i] = '?';
			length = 1;
		}
		i += length;
	}
	return text;
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	/* counts that fit each may not fit together, but only if they are huge */
	static const int input_errors[] = {ERRCODE_INVALID_TEXT_REPRESENTATION, 0};
	Outcome		outcome;
	char	   *text;
	char	   *second;
	Datum		a;
	Datum		b;

	laws_init();
	shim_begin();
	text = make_valid(data, size);
	second = strchr(text, '\n');
	if (second != NULL)
		*second++ = '\0';

	SHIM_TRY(outcome, a = position_from_text(text));
	if (outcome == OUTCOME_ERROR)
		shim_expect_sqlstate("position_in", input_errors);
	if (outcome != OUTCOME_DONE)
		return 0;
	if (!is_accepted(a))
		return 0;

	SHIM_TRY(outcome, b = position_from_text(second != NULL ? second :
											 "1{EUR 3 open(2 120.5 100?1 50.25) "
											 "due(2026-01-31 1 50.25) usage(1 7)}"));
	if (outcome != OUTCOME_DONE)
		return 0;
	if (!laws_hold(a, b) &&
		!has_long_number(text) && (second == NULL || !has_long_number(second)))
		shim_fail("sums of small numbers are out of range: %s", shim_message);
	return 0;
}
