/*-------------------------------------------------------------------------
 *
 * packed.c
 *	  The packed form of a position: canonical, compact, the same on every
 *	  machine, and therefore also its binary wire format.
 *
 *	position	version byte, then currencies in code order
 *	currency	code in two bytes, high first; cells in order of tag, then
 *				key; CELL_END
 *	cell		tag and number of measures in a byte, the tag in its low five
 *				bits; key; count; measures
 *	key			due date or instant as a signed varint, or a text as a length
 *				and its bytes; nothing for other tags
 *	measure		sum; where the kind has it, the number of unknown rows
 *	sum			one byte: 0 for zero; 1 + n (n up to 12) if a signed mantissa
 *				follows, with n digits after the point, the last one not zero;
 *				SUM_WIDE if a numeric follows, for more than 12 decimals and
 *				from 10^24 upwards: a length and numeric's own binary format
 *
 * Signed numbers are zigzag varints, lengths plain ones: seven bits a byte, low
 * bits first.
 *
 * Each version of the extension reads what all earlier ones wrote.  Measures that
 * a cell was written without are unknown in all of its rows.  Version 1 has no
 * number of measures beside the tag; cells.def says which measures came when.
 * Positions are compared in the present version only, so that equal ones are
 * equal bytes.
 *
 *-------------------------------------------------------------------------
 */
#include "packed.h"

#include "journal.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"

#define SUM_WIDE		255

/* The byte before each cell. */
#define TAG_BITS		5
#define TAG_MASK		((1 << TAG_BITS) - 1)

StaticAssertDecl(NUM_CELL_TAGS - 1 < TAG_MASK && MAX_MEASURES < 1 << (8 - TAG_BITS),
				 "a tag and its number of measures must fit a byte");

/*
 * The cells of a version in one number, its size.  Changing the cells or measures
 * of a released version without raising its number would make old bytes compare
 * as if they were new.
 */
typedef struct CellsOfThisVersion
{
#define CELL(group, tag, number, name, key, is_void) \
	char		tag[(number) * (number) * (1 + NUM_MEASURES_OF_##group)];
#include "cells.def"
} CellsOfThisVersion;

#define PACKED(version, cells) \
	StaticAssertDecl(sizeof(CellsOfThisVersion) == (cells), \
					 "raise the version of PACKED when cells or their measures change");
#include "cells.def"

/* How many measures a cell has in a version. */
static inline int
measures_of(const CellKind *kind, int version)
{
	int			n = 0;

	if (likely(version == POSITION_PACKED))
		return kind->measures;
	while (n < kind->measures && measures_since[kind->group][n] <= version)
		n++;
	return n;
}

/* ---- writing ---- */

/* The longest varint, of 128 bits. */
#define MAX_VARINT		((128 + 6) / 7)

/* Upper bound of a cell, perhaps of a new currency, without its text and wide sums. */
#define MAX_CELL_SIZE	(4 + 2 * MAX_VARINT + MAX_MEASURES * (1 + 2 * MAX_VARINT))

static inline char *
put_varint(char *to, uint128 value)
{
	uint64		low;

	for (; value >> 64 != 0; value >>= 7)
		*to++ = (char) (0x80 | ((uint64) value & 0x7F));
	for (low = (uint64) value; low >= 0x80; low >>= 7)
		*to++ = (char) (0x80 | (low & 0x7F));
	*to++ = (char) low;
	return to;
}

static inline char *
put_signed(char *to, int128 value)
{
	return put_varint(to, ((uint128) value << 1) ^ (uint128) (value >> 127));
}

static inline char *
put_int64(char *to, int64 value)
{
	return put_varint(to, ((uint64) value << 1) ^ (uint64) (value >> 63));
}

/* Append a length and bytes, and make room for the rest of the cell. */
static char *
put_counted_bytes(StringInfo buf, char *to, const void *bytes, int length)
{
	to = put_varint(to, length);
	buf->len = to - buf->data;
	appendBinaryStringInfo(buf, bytes, length);
	enlargeStringInfo(buf, MAX_CELL_SIZE);
	return buf->data + buf->len;
}

/* Append a sum, bringing it to its canonical form. */
static char *
put_sum(StringInfo buf, char *to, Amount *sum)
{
	int128		mantissa;
	int			digits;

	amount_normalize(sum);
	if (sum->wide != NULL)
	{
		bytea	   *sent = DatumGetByteaPP(DirectFunctionCall1(numeric_send,
															   NumericGetDatum(sum->wide)));

		*to++ = (char) SUM_WIDE;
		to = put_counted_bytes(buf, to, VARDATA_ANY(sent), VARSIZE_ANY_EXHDR(sent));
		pfree(sent);
		return to;
	}
	if (sum->small == 0)
	{
		*to++ = 0;
		return to;
	}
	digits = amount_trim(sum->small, &mantissa);
	*to++ = (char) (1 + digits);
	return put_signed(to, mantissa);
}

/* Start a packed position, with room for the varlena header. */
void
writer_init(PositionWriter *writer, int version)
{
	writer->version = version;
	writer->currency = -1;
	initStringInfo(&writer->buf);
	appendBinaryStringInfo(&writer->buf, "\0\0\0", VARHDRSZ);
	appendStringInfoCharMacro(&writer->buf, (char) version);
}

/* Make room for a cell, perhaps of a new currency, and return where it goes. */
static inline char *
make_room(PositionWriter *writer)
{
	StringInfo	buf = &writer->buf;

	if (unlikely(buf->maxlen - buf->len <= MAX_CELL_SIZE))
		enlargeStringInfo(buf, MAX_CELL_SIZE);
	return buf->data + buf->len;
}

/* The byte before a cell. */
static inline char
first_byte(const PositionWriter *writer, CellTag tag, int measures)
{
	return (char) (writer->version == POSITION_PACKED_1 ? tag : tag | measures << TAG_BITS);
}

/* Begin a currency unless it is the one that is open. */
static inline char *
put_currency(PositionWriter *writer, char *to, CurrencyCode currency)
{
	if (writer->currency == currency)
		return to;
	if (writer->currency >= 0)
		*to++ = CELL_END;
	*to++ = (char) (currency >> 8);
	*to++ = (char) (currency & 0xFF);
	writer->currency = currency;
	return to;
}

/* Begin a cell, perhaps of a new currency, for which there is room then. */
static inline char *
begin_cell(PositionWriter *writer, CurrencyCode currency, CellTag tag, int measures)
{
	char	   *to;

	CHECK_FOR_INTERRUPTS();
	to = put_currency(writer, make_room(writer), currency);
	*to++ = first_byte(writer, tag, measures);
	return to;
}

/* Append a cell; its sums become canonical.  The writer is a visitor's context. */
void
writer_add(void *context, Cell *cell)
{
	PositionWriter *writer = context;
	StringInfo	buf = &writer->buf;
	const CellKind *kind = &cell_kinds[cell->tag];
	int			measures = measures_of(kind, writer->version);
	char	   *to = begin_cell(writer, cell->currency, cell->tag, measures);

	if (kind->key == KEY_TEXT)
		to = put_counted_bytes(buf, to, cell->text, cell->text_length);
	else if (kind->key != KEY_NONE)
		to = put_int64(to, cell->due);
	to = put_int64(to, cell->count);
	for (int i = 0; i < measures; i++)
	{
		to = put_sum(buf, to, &cell->measure[i].sum);
		if (kind->knows_unknown)
			to = put_int64(to, cell->measure[i].unknown);
	}
	buf->len = to - buf->data;
}

/* Append a short amount.  Nearly all are of cents, so six zeros go at once. */
static inline char *
put_short_sum(char *to, int64 sum)
{
	int			digits = SHORT_SCALE;
	int64		cents = sum / 1000000;

	if (sum == 0)
	{
		*to++ = 0;
		return to;
	}
	if (likely(cents * 1000000 == sum))
	{
		sum = cents;
		digits -= 6;
	}
	for (; digits > 0 && sum % 10 == 0; digits--)
		sum /= 10;
	*to++ = (char) (1 + digits);
	return put_int64(to, sum);
}

/*
 * Append a cell without key, whose first sums are short amounts of which nothing is
 * unknown, while the others, in so many rows, are.
 */
void
writer_add_short(PositionWriter *writer, CurrencyCode currency, CellTag tag,
				 int64 count, const int64 *sums, int nsums, int64 unknown)
{
	const CellKind *kind = &cell_kinds[tag];
	int			measures = measures_of(kind, writer->version);
	char	   *to = begin_cell(writer, currency, tag, measures);

	Assert(kind->key == KEY_NONE);
	to = put_int64(to, count);
	for (int i = 0; i < measures; i++)
	{
		to = put_short_sum(to, i < nsums ? sums[i] : 0);
		if (kind->knows_unknown)
			to = put_int64(to, i < nsums ? 0 : unknown);
	}
	writer->buf.len = to - writer->buf.data;
}

/* Whether what follows in a journal is a short entry of a currency and tag. */
static inline bool
is_short_due(const char *next, const char *end, CurrencyCode currency, CellTag tag)
{
	const ShortEntry *entry = (const ShortEntry *) next;

	return next < end && entry->currency == currency && entry->tag == tag && entry->count != 0;
}

/*
 * Append the short entries of a currency and tag from next on, which are in order,
 * and return what follows them.  In windows most of all work is done here.
 */
const char *
writer_add_dues(PositionWriter *writer, CurrencyCode currency, CellTag tag,
				const char *next, const char *end)
{
	char		first = first_byte(writer, tag, measures_of(&cell_kinds[tag], writer->version));
	char	   *to;

	Assert(is_due_tag(tag) && !cell_kinds[tag].knows_unknown);
	if (!is_short_due(next, end, currency, tag))
		return next;
	to = put_currency(writer, make_room(writer), currency);
	for (; is_short_due(next, end, currency, tag); next += SHORT_ENTRY_SIZE(tag))
	{
		const ShortEntry *entry = (const ShortEntry *) next;

		CHECK_FOR_INTERRUPTS();
		writer->buf.len = to - writer->buf.data;
		to = make_room(writer);
		*to++ = first;
		to = put_int64(to, tag == CELL_DUE_DATE ? entry->date : *(const int64 *) (entry + 1));
		to = put_int64(to, entry->count);
		to = put_short_sum(to, entry->sum);
	}
	writer->buf.len = to - writer->buf.data;
	return next;
}

/* How many bytes the next currency begins with: the end of the one before, and its code. */
Size
writer_head_size(const PositionWriter *writer)
{
	return (writer->currency >= 0 ? 1 : 0) + sizeof(CurrencyCode);
}

/* Append the cells of a currency as they were written before, if it has any. */
void
writer_add_cells(PositionWriter *writer, CurrencyCode currency, const char *cells, Size size)
{
	StringInfo	buf = &writer->buf;

	if (size == 0)
		return;
	enlargeStringInfo(buf, MAX_CELL_SIZE + size);
	buf->len = put_currency(writer, buf->data + buf->len, currency) - buf->data;
	memcpy(buf->data + buf->len, cells, size);
	buf->len += size;
}

/* The finished position, which is the buffer itself. */
struct varlena *
writer_finish(PositionWriter *writer)
{
	if (writer->currency >= 0)
		appendStringInfoCharMacro(&writer->buf, CELL_END);
	SET_VARSIZE(writer->buf.data, writer->buf.len);
	return (struct varlena *) writer->buf.data;
}

/* ---- reading ---- */

static pg_noinline void
bad_position(const PositionReader *reader, const char *detail)
{
	ereport(ERROR,
			(errcode(reader->errcode),
			 errmsg("invalid binary position"),
			 errdetail_internal("%s", detail)));
}

/* Raise an error for bytes that may be valid, but not for this version. */
static pg_noinline void
report_later_version(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("position is of a form that this version of balance does not know"),
			 errdetail("A later version wrote it, or its bytes are damaged."),
			 errhint("Update the extension on this server.")));
}

static inline uint8
get_byte(PositionReader *reader)
{
	if (unlikely(reader->next >= reader->end))
		bad_position(reader, "The value is truncated.");
	return *reader->next++;
}

static pg_noinline uint128
get_long_varint(PositionReader *reader, uint64 low)
{
	uint128		value = low;

	for (int shift = 56; shift < 128; shift += 7)
	{
		uint8		byte = get_byte(reader);

		if (shift == 126 && byte > 3)
			break;
		value |= (uint128) (byte & 0x7F) << shift;
		if (byte < 0x80)
			return value;
	}
	bad_position(reader, "A number is longer than 128 bits.");
	return 0;					/* not reached */
}

static inline uint128
get_varint(PositionReader *reader)
{
	uint64		value = 0;

	for (int shift = 0; shift < 56; shift += 7)
	{
		uint8		byte = get_byte(reader);

		value |= (uint64) (byte & 0x7F) << shift;
		if (byte < 0x80)
			return value;
	}
	return get_long_varint(reader, value);
}

static int128
get_signed(PositionReader *reader)
{
	uint128		value = get_varint(reader);

	return (int128) (value >> 1) ^ -(int128) (value & 1);
}

static pg_noinline int64
get_long_int64(PositionReader *reader)
{
	int128		value = get_signed(reader);

	if (value < PG_INT64_MIN || value > PG_INT64_MAX)
		bad_position(reader, "A count or date is longer than 64 bits.");
	return (int64) value;
}

/* Most counts are small, and most of unknown rows none. */
static inline int64
get_int64(PositionReader *reader)
{
	if (likely(reader->next < reader->end && *reader->next < 0x80))
	{
		uint8		byte = *reader->next++;

		return (int64) (byte >> 1) ^ -(int64) (byte & 1);
	}
	return get_long_int64(reader);
}

/* Read a length and skip that many bytes, which are returned. */
static const char *
get_bytes(PositionReader *reader, int *length)
{
	uint128		n = get_varint(reader);
	const char *bytes = (const char *) reader->next;

	if (n > (uint128) (reader->end - reader->next))
		bad_position(reader, "The value is truncated.");
	*length = (int) n;
	reader->next += n;
	return bytes;
}

/* One of the big-endian words of a numeric as it is sent. */
static inline uint16
sent_word(const char *bytes, int i)
{
	uint16		word;

	memcpy(&word, bytes + i * sizeof(word), sizeof(word));
	return pg_ntoh16(word);
}

/*
 * Whether numeric_recv() takes what was sent; what it raises would say that a
 * client was wrong.  It is the number of digits, the weight, the sign, the scale
 * and the digits in base 10000.
 */
static bool
sent_numeric_is_sound(const char *bytes)
{
	uint16		sign = sent_word(bytes, 2);

	if ((sign != 0 && sign != 0x4000 && sign != 0xC000 && sign != 0xD000 && sign != 0xF000) ||
		sent_word(bytes, 3) > 0x3FFF)
		return false;
	for (int i = 0; i < sent_word(bytes, 0); i++)
		if (sent_word(bytes, 4 + i) >= 10000)
			return false;
	return true;
}

static void
get_wide_sum(PositionReader *reader, Amount *sum)
{
	StringInfoData buf;
	int			length;
	const char *bytes = get_bytes(reader, &length);

	/* a header of four words, the first of which is the number of digits */
	if (length < 8 || length != 8 + 2 * sent_word(bytes, 0))
		bad_position(reader, "A numeric has a wrong length.");
	if (!sent_numeric_is_sound(bytes))
		bad_position(reader, "A numeric has a wrong sign, scale or digit.");
	/* numeric_recv() needs a buffer with a terminator, so copy */
	initStringInfo(&buf);
	appendBinaryStringInfo(&buf, bytes, length);
	sum->small = 0;
	sum->wide = DatumGetNumeric(DirectFunctionCall3(numeric_recv,
													PointerGetDatum(&buf),
													ObjectIdGetDatum(InvalidOid),
													Int32GetDatum(-1)));
	pfree(buf.data);
	/* this also rejects NaN and the infinities */
	amount_normalize(sum);
}

static void
get_sum(PositionReader *reader, Amount *sum)
{
	uint8		form = get_byte(reader);

	sum->wide = NULL;
	if (form == SUM_WIDE)
		get_wide_sum(reader, sum);
	else if (form == 0)
		sum->small = 0;
	else if (form <= 1 + AMOUNT_SCALE)
	{
		if (!amount_from_mantissa(get_signed(reader), form - 1, &sum->small))
			bad_position(reader, "A sum is out of range.");
	}
	else
		bad_position(reader, "A sum has an unknown form.");
}

/*
 * Start reading a packed position.  errcode is raised for bad bytes:
 * ERRCODE_INVALID_BINARY_REPRESENTATION if a client sent them,
 * ERRCODE_DATA_CORRUPTED if they were stored.
 */
void
reader_init(PositionReader *reader, const struct varlena *packed, int errcode)
{
	reader->next = (const uint8 *) VARDATA_ANY(packed);
	reader->end = reader->next + VARSIZE_ANY_EXHDR(packed);
	reader->in_currency = false;
	reader->without_dues = false;
	reader->currency = 0;
	reader->errcode = errcode;
	reader->version = get_byte(reader);
	if (reader->version < POSITION_PACKED_1 || reader->version > POSITION_PACKED)
		report_later_version();
}

/* Read the byte before a cell: its tag and how many measures follow. */
static CellTag
get_tag(PositionReader *reader, int *measures)
{
	uint8		byte = get_byte(reader);
	uint8		tag = reader->version == POSITION_PACKED_1 ? byte : byte & TAG_MASK;
	int			known;

	if (tag >= NUM_CELL_TAGS)
		report_later_version();
	known = measures_of(&cell_kinds[tag], reader->version);
	*measures = reader->version == POSITION_PACKED_1 ? known : byte >> TAG_BITS;
	if (*measures > known)
		report_later_version();
	return tag;
}

/* Go to the next cell, perhaps of the next currency; false at the end. */
static bool
find_next_cell(PositionReader *reader, Cell *cell, int *measures)
{
	for (;;)
	{
		if (!reader->in_currency)
		{
			if (reader->next == reader->end)
				return false;
			reader->currency = get_byte(reader) << 8;
			reader->currency |= get_byte(reader);
			if (!currency_is_known(reader->currency))
				bad_position(reader, "A currency is not known.");
			reader->in_currency = true;
		}
		cell->tag = get_tag(reader, measures);
		if (cell->tag != CELL_END)
			return true;
		reader->in_currency = false;
	}
}

static void
get_key(PositionReader *reader, Cell *cell)
{
	CellKey		key = cell_kinds[cell->tag].key;

	cell->due = 0;
	cell->text = NULL;
	cell->text_length = 0;
	if (key == KEY_TEXT)
	{
		cell->text = get_bytes(reader, &cell->text_length);
		/* what a client sent has an encoding of its own */
		if (reader->errcode == ERRCODE_DATA_CORRUPTED &&
			!pg_verify_mbstr(GetDatabaseEncoding(), cell->text, cell->text_length, true))
			bad_position(reader, "A text is not in the encoding of the database.");
	}
	else if (key != KEY_NONE)
	{
		cell->due = get_int64(reader);
		if (!due_is_valid(key, cell->due))
			bad_position(reader, "A due date is out of range.");
	}
}

/* ---- passing over cells ---- */

static void
skip_number(PositionReader *reader)
{
	while (get_byte(reader) >= 0x80)
		;
}

static void
skip_sum(PositionReader *reader)
{
	uint8		form = get_byte(reader);
	int			length;

	if (form == SUM_WIDE)
		(void) get_bytes(reader, &length);
	else if (form != 0)
		skip_number(reader);
}

/* Pass over the rest of a cell, whose tag was read. */
static void
skip_cell(PositionReader *reader, CellTag tag, int measures)
{
	const CellKind *kind = &cell_kinds[tag];
	int			length;

	if (kind->key == KEY_TEXT)
		(void) get_bytes(reader, &length);
	else if (kind->key != KEY_NONE)
		skip_number(reader);
	skip_number(reader);
	for (int i = 0; i < measures; i++)
	{
		skip_sum(reader);
		if (kind->knows_unknown)
			skip_number(reader);
	}
}

/* Pass over the next cell, of which only currency and tag are told; false at the end. */
bool
reader_skip(PositionReader *reader, Cell *cell)
{
	int			measures;

	if (!find_next_cell(reader, cell, &measures))
		return false;
	cell->currency = reader->currency;
	skip_cell(reader, cell->tag, measures);
	return true;
}

/* ---- reading them ---- */

/*
 * Read the next cell, passing over those of dues if these are not wanted; false
 * at the end.  Measures not written are unknown.
 */
bool
reader_next(PositionReader *reader, Cell *cell)
{
	const CellKind *kind;
	int			measures;

	do
	{
		if (!find_next_cell(reader, cell, &measures))
			return false;
		if (!reader->without_dues || !is_due_tag(cell->tag))
			break;
		skip_cell(reader, cell->tag, measures);
	} while (true);
	kind = &cell_kinds[cell->tag];
	cell->currency = reader->currency;
	get_key(reader, cell);
	cell->count = get_int64(reader);
	for (int i = 0; i < measures; i++)
	{
		get_sum(reader, &cell->measure[i].sum);
		cell->measure[i].unknown = kind->knows_unknown ? get_int64(reader) : 0;
	}
	for (int i = measures; i < kind->measures; i++)
		set_unknown(cell, i);
	return true;
}
