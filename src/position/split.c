/*-------------------------------------------------------------------------
 *
 * split.c
 *	  A position taken apart by currency.
 *
 * In packed form each currency is a piece of its own, so that the bytes of one
 * are the position that a tally of its rows alone would have.
 *
 *-------------------------------------------------------------------------
 */
#include "split.h"

#include "packed.h"

/* A packed position of the bytes of one currency, behind a version. */
static struct varlena *
pack_piece(uint8 version, const uint8 *bytes, Size size)
{
	struct varlena *piece = palloc(VARHDRSZ + 1 + size);

	SET_VARSIZE(piece, VARHDRSZ + 1 + size);
	*VARDATA(piece) = (char) version;
	memcpy(VARDATA(piece) + 1, bytes, size);
	return piece;
}

static List *
add_piece(List *pieces, uint8 version, CurrencyCode currency, const uint8 *bytes,
		  const uint8 *end)
{
	CurrencyPosition *piece = palloc(sizeof(CurrencyPosition));

	piece->currency = currency;
	piece->position = pack_piece(version, bytes, end - bytes);
	return lappend(pieces, piece);
}

/* The position in each of its currencies, as a list of CurrencyPosition. */
List *
split_position(struct varlena *position)
{
	struct varlena *packed = packed_from_datum(PointerGetDatum(position));
	PositionReader reader;
	const uint8 *begin;
	CurrencyCode currency = NO_CURRENCY;
	List	   *pieces = NIL;
	Cell		cell;

	reader_init(&reader, packed, ERRCODE_DATA_CORRUPTED);
	begin = reader.next;
	for (;;)
	{
		/*
		 * behind the last cell there is one byte more, which ends the
		 * currency
		 */
		const uint8 *next = reader.next + 1;

		if (!reader_skip(&reader, &cell))
			break;
		if (currency != NO_CURRENCY && cell.currency != currency)
		{
			pieces = add_piece(pieces, reader.version, currency, begin, next);
			begin = next;
		}
		currency = cell.currency;
	}
	if (currency != NO_CURRENCY)
		pieces = add_piece(pieces, reader.version, currency, begin, reader.end);
	return pieces;
}
