/*-------------------------------------------------------------------------
 *
 * packed.h
 *	  The packed form of a position, cell by cell.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_PACKED_H
#define BALANCE_PACKED_H

#include "compat.h"

#include "cell.h"
#include "lib/stringinfo.h"

/* Reads the cells of a packed position, in canonical order. */
typedef struct PositionReader
{
	const uint8 *next;
	const uint8 *end;
	uint8		version;
	bool		in_currency;
	CurrencyCode currency;
	int			errcode;		/* what to raise where the bytes are bad */
} PositionReader;

extern void reader_init(PositionReader *reader, const struct varlena *packed,
						int errcode);
extern bool reader_next(PositionReader *reader, Cell *cell);

extern void packed_begin(StringInfo buf, int version);
extern void packed_currency(StringInfo buf, CurrencyCode currency);
extern void packed_cell(StringInfo buf, Cell *cell);
extern void packed_end_currency(StringInfo buf);
extern struct varlena *packed_finish(StringInfo buf);

#endif							/* BALANCE_PACKED_H */
