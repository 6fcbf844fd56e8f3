/* The packed form of a position, cell by cell. */
#ifndef BALANCE_PACKED_H
#define BALANCE_PACKED_H

#include "cell.h"
#include "lib/stringinfo.h"
#include "utils/date.h"
#include "utils/datetime.h"

/* Reads the cells of a packed position, in canonical order. */
typedef struct PositionReader
{
	const uint8 *next;
	const uint8 *end;
	uint8		version;
	bool		in_currency;
	bool		without_dues;	/* these are passed over */
	CurrencyCode currency;
	int			errcode;		/* what to raise where the bytes are bad */
} PositionReader;

/* Whether a number is a valid date or instant. */
static inline bool
due_is_valid(CellKey key, int64 due)
{
	if (key == KEY_INSTANT)
		return TIMESTAMP_NOT_FINITE(due) || IS_VALID_TIMESTAMP(due);
	return due >= PG_INT32_MIN && due <= PG_INT32_MAX &&
		(DATE_NOT_FINITE((DateADT) due) || IS_VALID_DATE((DateADT) due));
}

extern void reader_init(PositionReader *reader, const struct varlena *packed,
						int errcode);
extern bool reader_next(PositionReader *reader, Cell *cell);
extern bool reader_skip(PositionReader *reader, Cell *cell);

/* Writes cells that come in canonical order. */
typedef struct PositionWriter
{
	StringInfoData buf;
	int			version;
	int			currency;		/* the one that is open, or -1 */
} PositionWriter;

extern void writer_init(PositionWriter *writer, int version);
extern void writer_add(void *writer, Cell *cell);
extern void writer_add_short(PositionWriter *writer, CurrencyCode currency, CellTag tag,
							 int64 count, const int64 *sums, int nsums, int64 unknown);
extern const char *writer_add_dues(PositionWriter *writer, CurrencyCode currency,
								   CellTag tag, const char *next, const char *end);
extern Size writer_head_size(const PositionWriter *writer);
extern void writer_add_cells(PositionWriter *writer, CurrencyCode currency,
							 const char *cells, Size size);
extern struct varlena *writer_finish(PositionWriter *writer);

#endif							/* BALANCE_PACKED_H */
