/*
 * Amounts: two numbers are read, as decimals and as numerics on disk, added,
 * negated, shifted and printed, and compared with sums of decimal strings.
 */
#include "laws.h"

#include "value/amount.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"

/* ---- decimals as strings ---- */

/* Digits before and behind the point, none that is superfluous. */
typedef struct Decimal
{
	bool		negative;
	int			scale;			/* digits behind the point */
	int			n;
	char	   *digit;			/* values, not characters */
} Decimal;

static Decimal
decimal_of(const char *text)
{
	Decimal		d = {.digit = palloc(strlen(text) + 1)};
	bool		behind = false;

	if (*text == '-')
	{
		d.negative = true;
		text++;
	}
	for (; *text != '\0'; text++)
	{
		if (*text == '.')
		{
			behind = true;
			continue;
		}
		d.scale += behind;
		d.digit[d.n++] = *text - '0';
	}
	return d;
}

/* The digit that counts 10^power. */
static int
digit_of(const Decimal *d, int power)
{
	int			i = d->n - d->scale - 1 - power;

	return i >= 0 && i < d->n ? d->digit[i] : 0;
}

/* The shortest plain decimal with at least min_digits behind the point. */
static char *
decimal_text(const Decimal *d, int min_digits)
{
	StringInfoData buf;
	int			top = Max(d->n - d->scale - 1, 0);
	int			bottom = -d->scale;
	bool		is_zero = true;

	for (int i = 0; i < d->n; i++)
		is_zero &= d->digit[i] == 0;
	while (top > 0 && digit_of(d, top) == 0)
		top--;
	while (bottom < 0 && digit_of(d, bottom) == 0)
		bottom++;
	bottom = Min(bottom, -min_digits);
	initStringInfo(&buf);
	if (d->negative && !is_zero)
		appendStringInfoChar(&buf, '-');
	for (int power = top; power >= Min(bottom, 0); power--)
	{
		if (power == -1)
			appendStringInfoChar(&buf, '.');
		appendStringInfoChar(&buf, '0' + digit_of(d, power));
	}
	return buf.data;
}

static Decimal
decimal_sum(const Decimal *a, const Decimal *b)
{
	int			top = Max(a->n - a->scale, b->n - b->scale) + 1;
	int			bottom = -Max(a->scale, b->scale);
	Decimal		sum = {.scale = -bottom, .n = top - bottom + 1};
	int			sign_a = a->negative ? -1 : 1;
	int			sign_b = b->negative ? -1 : 1;
	int			carry = 0;

	sum.digit = palloc(sum.n);
	/* digit by digit; where the whole is negative, once more with other signs */
	for (int attempt = 0; attempt < 2; attempt++)
	{
		carry = 0;
		for (int power = bottom; power <= top; power++)
		{
			int			digit = sign_a * digit_of(a, power) + sign_b * digit_of(b, power) + carry;

			carry = digit < 0 ? -1 : digit >= 10;
			sum.digit[top - power] = digit - 10 * carry;
			if (sum.digit[top - power] < 0)	/* -11 or less */
			{
				sum.digit[top - power] += 10;
				carry--;
			}
		}
		if (carry >= 0)
			break;
		sum.negative = true;
		sign_a = -sign_a;
		sign_b = -sign_b;
	}
	Assert(carry == 0);
	return sum;
}

/* ---- the properties ---- */

static void
check_text(const char *what, const Amount *amount, const Decimal *expected, int min_digits)
{
	char	   *found = amount_to_string(amount, min_digits);
	char	   *wanted = decimal_text(expected, min_digits);

	if (strcmp(found, wanted) != 0)
		shim_fail("%s: expected %s, found %s", what, wanted, found);
}

/* An amount is what a decimal says, in canonical form, every way it is shown. */
static void
check_amount(const char *what, const Amount *given, const Decimal *expected, int min_digits)
{
	Amount		amount = *given;
	Amount		read;
	Amount		shifted;
	Decimal		tenth = *expected;
	Decimal		negated = *expected;
	char	   *text = decimal_text(expected, 0);
	char	   *shown;

	check_text(what, &amount, expected, min_digits);
	amount_normalize(&amount);
	check_text(what, &amount, expected, min_digits);
	if (!amount_from_string(text, strlen(text), &read))
		shim_fail("%s: %s does not read", what, text);
	amount_normalize(&read);
	if ((read.wide == NULL) != (amount.wide == NULL) || read.small != amount.small)
		shim_fail("%s: %s has two canonical forms", what, text);
	if (amount_sign(given) != (strcmp(text, "0") == 0 ? 0 : *text == '-' ? -1 : 1) ||
		amount_is_zero(given) != (strcmp(text, "0") == 0))
		shim_fail("%s: sign of %s", what, text);
	shown = DatumGetCString(shim_call1(numeric_out, NumericGetDatum(amount_to_numeric(given))));
	if (strcmp(shown, text) != 0)
		shim_fail("%s: expected %s, found the numeric %s", what, text, shown);

	amount_negate(&amount);
	negated.negative = !negated.negative;
	check_text(what, &amount, &negated, 0);
	shifted = amount_shift(given, min_digits % 7);
	tenth.scale += min_digits % 7;
	if (tenth.scale > tenth.n)
	{
		int			zeros = tenth.scale - tenth.n;

		tenth.digit = palloc0(tenth.scale);
		memcpy(tenth.digit + zeros, expected->digit, expected->n);
		tenth.n = tenth.scale;
	}
	check_text("shifted", &shifted, &tenth, 0);
}

/* Put a numeric as it is on disk at an address that is aligned to nothing. */
static struct varlena *
stored_numeric(Datum numeric)
{
	struct varlena *full = (struct varlena *) DatumGetPointer(numeric);
	Size		size = VARSIZE(full) - VARHDRSZ;
	char	   *stored;

	if (size + VARHDRSZ_SHORT > VARATT_SHORT_MAX)
		return full;
	stored = (char *) palloc(size + VARHDRSZ_SHORT + 1) + 1;
	SET_VARSIZE_SHORT(stored, size + VARHDRSZ_SHORT);
	memcpy(stored + VARHDRSZ_SHORT, VARDATA(full), size);
	return (struct varlena *) stored;
}

/* The way a row's amount goes into a tally. */
static Amount
amount_of_row(const char *text)
{
	Datum		numeric = shim_call1(numeric_in, CStringGetDatum(text));
	Amount		amount = {0};

	if (!amount_read_small(stored_numeric(numeric), &amount.small))
	{
		amount.small = 0;
		amount.wide = DatumGetNumeric(numeric);
	}
	return amount;
}

static void
check_pair(const char *first, const char *second, int min_digits)
{
	Decimal		a = decimal_of(first);
	Decimal		b = decimal_of(second);
	Decimal		sum = decimal_sum(&a, &b);
	Decimal		twice = decimal_sum(&sum, &b);
	Amount		read_a;
	Amount		read_b;
	Amount		row_b = amount_of_row(second);
	Amount		total;

	if (!amount_from_string(first, strlen(first), &read_a) ||
		!amount_from_string(second, strlen(second), &read_b))
		shim_fail("%s or %s does not read", first, second);
	check_amount("read", &read_a, &a, min_digits);
	check_amount("of a row", &row_b, &b, min_digits);
	total = read_a;
	amount_add(&total, &row_b);
	check_amount("sum", &total, &sum, min_digits);
	amount_add(&total, &read_b);
	check_amount("sum of three", &total, &twice, min_digits);
	amount_negate(&read_b);
	amount_add(&total, &read_b);
	amount_add(&total, &read_b);
	check_amount("back again", &total, &a, min_digits);

	/* sums that leave 128 bits while they are added up */
	for (int i = 0; i < min_digits; i++)
	{
		Decimal		next = decimal_sum(&a, &a);

		amount_add(&read_a, &read_a);
		a = next;
	}
	check_amount("doubled", &read_a, &a, min_digits);
}

/* Up to n characters of the input as a decimal: a byte is a digit, or a run of them. */
static char *
decimal_from_bytes(const uint8 **data, size_t *size)
{
	StringInfoData buf;
	bool		point = false;
	bool		digits = false;

	initStringInfo(&buf);
	for (; *size > 0; (*data)++, (*size)--)
	{
		uint8		byte = **data;

		if (byte == '\n')
		{
			(*data)++;
			(*size)--;
			break;
		}
		if (byte == '-' && buf.len == 0)
			appendStringInfoChar(&buf, '-');
		else if (byte == '.' && digits && !point)
		{
			appendStringInfoChar(&buf, '.');
			point = true;
			digits = false;
		}
		else if (byte >= 0x80)
		{
			for (int i = 0; i < 1 + (byte & 0x1F); i++)
				appendStringInfoChar(&buf, byte & 0x20 ? '9' : '0');
			digits = true;
		}
		else
		{
			appendStringInfoChar(&buf, '0' + byte % 10);
			digits = true;
		}
	}
	if (!digits)
		appendStringInfoChar(&buf, '0');
	return buf.data;
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	Outcome		outcome;
	int			min_digits;
	char	   *first;
	char	   *second;

	if (size == 0)
		return 0;
	laws_init();
	shim_begin();
	min_digits = *data++ % (AMOUNT_SCALE + 1);
	size--;
	first = decimal_from_bytes(&data, &size);
	second = decimal_from_bytes(&data, &size);
	SHIM_TRY(outcome, check_pair(first, second, min_digits));
	if (outcome == OUTCOME_ERROR)
		shim_fail("an error for %s and %s: %s", first, second, shim_message);
	if (outcome == OUTCOME_DONE)
		shim_accepted++;
	return 0;
}
