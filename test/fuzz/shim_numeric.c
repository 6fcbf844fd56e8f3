/*-------------------------------------------------------------------------
 *
 * shim_numeric.c
 *	  The few functions of numeric that amounts need, in the server's own
 *	  layout on disk and on the wire, and with its limits.
 *
 *-------------------------------------------------------------------------
 */
#include "shim.h"

#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

#define NBASE			10000
#define DSCALE_MAX		0x3FFF

/* As numbers go over the wire. */
#define SIGN_POS		0x0000
#define SIGN_NEG		0x4000

/*
 * Numbers that take tens of thousands of digits to write down are right to be
 * accepted, but a fuzzer that has found them would do nothing else: most are
 * left out.
 */
#define WIDE_WEIGHT		64
#define WIDE_ONE_IN		256

/* digit[0] counts NBASE^weight. */
typedef struct Big
{
	bool		negative;
	int			weight;
	int			dscale;
	int			n;
	int16	   *digit;
} Big;

/* ---- to and from the layout on disk ---- */

static Big
unpack(Datum datum)
{
	struct varlena *number = (struct varlena *) DatumGetPointer(datum);
	const char *data = VARDATA_ANY(number);
	int			size = VARSIZE_ANY_EXHDR(number);
	uint16		header;
	int16		weight;
	int			header_size = sizeof(uint16);
	Big			big;

	memcpy(&header, data, sizeof(header));
	if ((header & 0xC000) == 0xC000)
		shim_skip("NaN or infinity");
	if (header & 0x8000)
	{
		big.negative = (header & 0x2000) != 0;
		big.dscale = (header & 0x1F80) >> 7;
		big.weight = (header & 0x3F) - (header & 0x40);
	}
	else
	{
		header_size += sizeof(int16);
		memcpy(&weight, data + sizeof(uint16), sizeof(weight));
		big.negative = (header & 0xC000) == SIGN_NEG;
		big.dscale = header & DSCALE_MAX;
		big.weight = weight;
	}
	big.n = (size - header_size) / sizeof(int16);
	big.digit = palloc(Max(big.n, 1) * sizeof(int16));
	memcpy(big.digit, data + header_size, big.n * sizeof(int16));
	return big;
}

static Datum
pack(Big big)
{
	struct varlena *number;
	char	   *data;
	int			header_size;
	uint16		header;
	int16		weight;
	Size		size;

	while (big.n > 0 && big.digit[0] == 0)
	{
		big.digit++;
		big.n--;
		big.weight--;
	}
	while (big.n > 0 && big.digit[big.n - 1] == 0)
		big.n--;
	if (big.n == 0)
	{
		big.negative = false;
		big.weight = 0;
	}
	if (big.weight > PG_INT16_MAX || big.weight < PG_INT16_MIN || big.dscale > DSCALE_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value overflows numeric format")));
	header_size = big.dscale <= 0x3F && big.weight <= 63 && big.weight >= -64 ? 2 : 4;
	size = VARHDRSZ + header_size + big.n * sizeof(int16);
	number = palloc(size);
	SET_VARSIZE(number, size);
	data = VARDATA(number);
	if (header_size == 2)
		header = 0x8000 | (big.negative ? 0x2000 : 0) | big.dscale << 7 | (big.weight & 0x7F);
	else
		header = (big.negative ? SIGN_NEG : SIGN_POS) | big.dscale;
	memcpy(data, &header, sizeof(header));
	weight = (int16) big.weight;
	if (header_size == 4)
		memcpy(data + 2, &weight, sizeof(weight));
	memcpy(data + header_size, big.digit, big.n * sizeof(int16));
	return PointerGetDatum(number);
}

/* The digit that counts NBASE^weight. */
static int
digit_at(const Big *big, int weight)
{
	int			i = big->weight - weight;

	return i >= 0 && i < big->n ? big->digit[i] : 0;
}

/* ---- text ---- */

/* What amount.c and the fuzzers hand over is a plain decimal. */
Datum
numeric_in(PG_FUNCTION_ARGS)
{
	const char *s = PG_GETARG_CSTRING(0);
	Big			big = {0};
	const char *point;
	int			length;
	int			fraction;
	int			decimals;

	if (*s == '-')
	{
		big.negative = true;
		s++;
	}
	if (strspn(s, "0123456789.") != strlen(s))
		shim_skip("a numeric that is no plain decimal");
	point = strchr(s, '.');
	length = point != NULL ? point - s : strlen(s);
	fraction = point != NULL ? strlen(point + 1) : 0;
	big.dscale = fraction;
	big.weight = (length + 3) / 4 - 1;
	big.n = big.weight + 1 + (fraction + 3) / 4;
	big.digit = palloc0(Max(big.n, 1) * sizeof(int16));
	for (int i = 0; i < length; i++)
	{
		int16	   *digit = &big.digit[big.weight - (length - 1 - i) / 4];

		*digit = *digit * 10 + (s[i] - '0');
	}
	decimals = (fraction + 3) / 4 * 4;
	for (int i = 0; i < decimals; i++)
	{
		int16	   *digit = &big.digit[big.weight + 1 + i / 4];

		*digit = *digit * 10 + (i < fraction ? point[1 + i] - '0' : 0);
	}
	PG_RETURN_DATUM(pack(big));
}

Datum
numeric_out(PG_FUNCTION_ARGS)
{
	Big			big = unpack(PG_GETARG_DATUM(0));
	StringInfoData buf;
	char		text[8];

	initStringInfo(&buf);
	if (big.negative)
		appendStringInfoChar(&buf, '-');
	if (big.weight < 0)
		appendStringInfoChar(&buf, '0');
	for (int weight = big.weight; weight >= 0; weight--)
	{
		snprintf(text, sizeof(text), weight == big.weight ? "%d" : "%04d", digit_at(&big, weight));
		appendStringInfoString(&buf, text);
	}
	if (big.dscale > 0)
	{
		int			end;

		appendStringInfoChar(&buf, '.');
		end = buf.len + big.dscale;
		for (int weight = -1; buf.len < end; weight--)
		{
			snprintf(text, sizeof(text), "%04d", digit_at(&big, weight));
			appendStringInfoString(&buf, text);
		}
		buf.len = end;
		buf.data[end] = '\0';
	}
	PG_RETURN_CSTRING(buf.data);
}

/* ---- the wire ---- */

static uint16
get_word(StringInfo buf)
{
	const uint8 *bytes = (const uint8 *) pq_getmsgbytes(buf, 2);

	return bytes[0] << 8 | bytes[1];
}

static void
put_word(StringInfo buf, uint16 word)
{
	appendStringInfoChar(buf, (char) (word >> 8));
	appendStringInfoChar(buf, (char) (word & 0xFF));
}

static void
bad_numeric(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("invalid external \"numeric\" value")));
}

Datum
numeric_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	Big			big;
	uint16		sign;

	if (buf->len >= buf->maxlen || buf->data[buf->len] != '\0')
		shim_fail("numeric_recv() gets a buffer without a zero at its end");
	big.n = get_word(buf);
	big.weight = (int16) get_word(buf);
	sign = get_word(buf);
	big.dscale = get_word(buf);
	if (sign != SIGN_POS && sign != SIGN_NEG)
	{
		struct varlena *special;

		if (sign != 0xC000 && sign != 0xD000 && sign != 0xF000)
			bad_numeric();
		special = palloc(VARHDRSZ + sizeof(sign));
		SET_VARSIZE(special, VARHDRSZ + sizeof(sign));
		memcpy(VARDATA(special), &sign, sizeof(sign));
		PG_RETURN_POINTER(special);
	}
	big.negative = sign == SIGN_NEG;
	if (big.dscale > DSCALE_MAX)
		bad_numeric();
	big.digit = palloc(Max(big.n, 1) * sizeof(int16));
	for (int i = 0; i < big.n; i++)
	{
		uint16		digit = get_word(buf);

		if (digit >= NBASE)
			bad_numeric();
		big.digit[i] = digit;
	}
	if ((big.weight > WIDE_WEIGHT || big.dscale > 4 * WIDE_WEIGHT) &&
		shim_hash(buf->data, buf->len) % WIDE_ONE_IN != 0)
		shim_skip("huge numbers, of which one in " CppAsString2(WIDE_ONE_IN) " is tried");

	/* digits behind the scale are cut off */
	for (int i = 0; i < big.n; i++)
	{
		static const int power[] = {1, 10, 100, 1000, NBASE};
		int			kept = big.dscale + 4 * (big.weight - i + 1);

		kept = kept < 0 ? 0 : kept > 4 ? 4 : kept;
		big.digit[i] -= big.digit[i] % power[4 - kept];
	}
	PG_RETURN_DATUM(pack(big));
}

Datum
numeric_send(PG_FUNCTION_ARGS)
{
	Big			big = unpack(PG_GETARG_DATUM(0));
	StringInfoData buf;

	initStringInfo(&buf);
	appendBinaryStringInfo(&buf, "\0\0\0", VARHDRSZ);
	put_word(&buf, big.n);
	put_word(&buf, (uint16) big.weight);
	put_word(&buf, big.negative ? SIGN_NEG : SIGN_POS);
	put_word(&buf, big.dscale);
	for (int i = 0; i < big.n; i++)
		put_word(&buf, big.digit[i]);
	SET_VARSIZE(buf.data, buf.len);
	PG_RETURN_POINTER(buf.data);
}

/* ---- arithmetic ---- */

/* Digits of a + b or a - b, where they do not get below zero. */
static Big
add_digits(const Big *a, const Big *b, int sign)
{
	int			top = Max(a->weight, b->weight) + 1;
	int			bottom = Min(a->weight - a->n, b->weight - b->n) + 1;
	int			carry = 0;
	Big			sum = {.dscale = Max(a->dscale, b->dscale), .weight = top};

	bottom = Min(bottom, top);
	sum.n = top - bottom + 1;
	sum.digit = palloc(sum.n * sizeof(int16));
	for (int weight = bottom; weight <= top; weight++)
	{
		int			digit = digit_at(a, weight) + sign * digit_at(b, weight) + carry;

		carry = digit < 0 ? -1 : digit >= NBASE;
		sum.digit[top - weight] = digit - carry * NBASE;
	}
	Assert(carry == 0);
	return sum;
}

static int
compare_digits(const Big *a, const Big *b)
{
	int			top = Max(a->weight, b->weight);
	int			bottom = Min(a->weight - a->n, b->weight - b->n);

	for (int weight = top; weight >= bottom; weight--)
		if (digit_at(a, weight) != digit_at(b, weight))
			return digit_at(a, weight) < digit_at(b, weight) ? -1 : 1;
	return 0;
}

Datum
numeric_add(PG_FUNCTION_ARGS)
{
	Big			a = unpack(PG_GETARG_DATUM(0));
	Big			b = unpack(PG_GETARG_DATUM(1));
	Big			sum;

	if (a.negative == b.negative)
	{
		sum = add_digits(&a, &b, 1);
		sum.negative = a.negative;
	}
	else if (compare_digits(&a, &b) >= 0)
	{
		sum = add_digits(&a, &b, -1);
		sum.negative = a.negative;
	}
	else
	{
		sum = add_digits(&b, &a, -1);
		sum.negative = b.negative;
	}
	PG_RETURN_DATUM(pack(sum));
}

Datum
numeric_uminus(PG_FUNCTION_ARGS)
{
	Big			big = unpack(PG_GETARG_DATUM(0));

	big.negative = !big.negative;
	PG_RETURN_DATUM(pack(big));
}

Datum
numeric_sub(PG_FUNCTION_ARGS)
{
	return shim_call2(numeric_add, PG_GETARG_DATUM(0),
					  shim_call1(numeric_uminus, PG_GETARG_DATUM(1)));
}

Datum
numeric_cmp(PG_FUNCTION_ARGS)
{
	Big			a = unpack(PG_GETARG_DATUM(0));
	Big			b = unpack(PG_GETARG_DATUM(1));
	int			order;

	if (a.negative != b.negative)
		PG_RETURN_INT32(a.negative ? -1 : 1);
	order = compare_digits(&a, &b);
	PG_RETURN_INT32(a.negative ? -order : order);
}

Datum
numeric_mul(PG_FUNCTION_ARGS)
{
	Big			a = unpack(PG_GETARG_DATUM(0));
	Big			b = unpack(PG_GETARG_DATUM(1));
	Big			product = {
		.negative = a.negative != b.negative,
		.weight = a.weight + b.weight + 1,
		.dscale = a.dscale + b.dscale,
		.n = a.n + b.n
	};

	if (product.dscale > DSCALE_MAX)
		shim_skip("a product that numeric would round");
	product.digit = palloc0(Max(product.n, 1) * sizeof(int16));
	for (int i = a.n - 1; i >= 0; i--)
	{
		int			carry = 0;

		for (int j = b.n - 1; j >= 0; j--)
		{
			int			digit = product.digit[i + j + 1] + a.digit[i] * b.digit[j] + carry;

			product.digit[i + j + 1] = digit % NBASE;
			carry = digit / NBASE;
		}
		product.digit[i] += carry;
	}
	PG_RETURN_DATUM(pack(product));
}

Datum
numeric_trim_scale(PG_FUNCTION_ARGS)
{
	Big			big = unpack(PG_GETARG_DATUM(0));
	int			last;

	while (big.n > 0 && big.digit[big.n - 1] == 0)
		big.n--;
	big.dscale = 0;
	last = big.n - 1 - big.weight;	/* base-10000 digits behind the point */
	if (big.n > 0 && last > 0)
	{
		big.dscale = 4 * last;
		for (int digit = big.digit[big.n - 1]; digit % 10 == 0; digit /= 10)
			big.dscale--;
	}
	PG_RETURN_DATUM(pack(big));
}

Numeric
int64_to_numeric(int64 val)
{
	char		text[32];

	snprintf(text, sizeof(text), INT64_FORMAT, val);
	return DatumGetNumeric(shim_call1(numeric_in, CStringGetDatum(text)));
}

/* val * 10^-log10val2 */
Numeric
int64_div_fast_to_numeric(int64 val1, int log10val2)
{
	char		digits[32];
	char		text[128];
	uint64		size = val1 < 0 ? -(uint64) val1 : (uint64) val1;
	int			length;

	if (log10val2 < 0 || log10val2 > 64)
		shim_skip("division by a large power of ten");
	snprintf(digits, sizeof(digits), UINT64_FORMAT, size);
	length = strlen(digits);
	text[0] = '\0';
	if (val1 < 0)
		strcat(text, "-");
	if (length <= log10val2)
	{
		strcat(text, "0.");
		for (int i = length; i < log10val2; i++)
			strcat(text, "0");
		strcat(text, digits);
	}
	else
	{
		strncat(text, digits, length - log10val2);
		strcat(text, ".");
		strcat(text, digits + length - log10val2);
	}
	if (text[strlen(text) - 1] == '.')
		text[strlen(text) - 1] = '\0';
	return DatumGetNumeric(shim_call1(numeric_in, CStringGetDatum(text)));
}
