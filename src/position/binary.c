/*-------------------------------------------------------------------------
 *
 * binary.c
 *	  Binary input and output of positions: the packed form, texts in UTF-8.
 *	  And the packed form as it is stored, in the encoding of the database.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pack.h"
#include "packed.h"
#include "read.h"

/* Convert a cell's text to another encoding; false if that changes nothing. */
static bool
convert_text(Cell *cell, bool to_utf8)
{
	char	   *from = unconstify(char *, cell->text);
	char	   *converted = to_utf8 ?
		pg_server_to_any(from, cell->text_length, PG_UTF8) :
		pg_any_to_server(from, cell->text_length, PG_UTF8);

	if (converted == from)
		return false;
	cell->text = converted;
	cell->text_length = strlen(converted);
	return true;
}

/* Convert the texts of a currency to UTF-8, in which their order may differ. */
static void
convert_texts(CurrencyCells *currency)
{
	bool		any = false;

	for (int i = 0; i < currency->ncells; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (currency->cells[i].text != NULL)
			any |= convert_text(&currency->cells[i], true);
	}
	if (any)
		qsort_interruptible(currency->cells, currency->ncells, sizeof(Cell),
							compare_cells, NULL);
}

PG_FUNCTION_INFO_V1(position_send);
Datum
position_send(PG_FUNCTION_ARGS)
{
	PositionWriter writer;
	ListCell   *lc;

	writer_init(&writer, POSITION_PACKED);
	foreach(lc, position_currencies(packed_getarg(fcinfo, 0), true))
	{
		CurrencyCells *currency = lfirst(lc);

		convert_texts(currency);
		for (int i = 0; i < currency->ncells; i++)
			writer_add(&writer, &currency->cells[i]);
	}
	PG_RETURN_BYTEA_P(writer_finish(&writer));
}

/*
 * A position from packed bytes, which are read cell by cell and packed again in the
 * same version.  Unless a text that was sent had to be converted, this must give the
 * same bytes: whatever is not canonical is an error, of that SQLSTATE.
 */
static Datum
position_from_bytes(const struct varlena *bytes, bool is_sent, int sqlstate)
{
	Size		size = VARSIZE_ANY_EXHDR(bytes);
	PositionState *state = state_create(0);
	struct varlena *packed;
	PositionReader reader;
	Cell		cell;
	bool		converted = false;

	reader_init(&reader, bytes, sqlstate);
	while (reader_next(&reader, &cell))
	{
		CHECK_FOR_INTERRUPTS();
		if (is_sent && cell.text != NULL)
		{
			converted |= convert_text(&cell, false);
			(void) pg_verify_mbstr(GetDatabaseEncoding(), cell.text,
								   cell.text_length, false);
		}
		state_add_cell(&state, &cell, 1);
	}
	packed = state_pack(state, reader.version);
	if (!converted &&
		(VARSIZE_ANY_EXHDR(packed) != size ||
		 memcmp(VARDATA_ANY(packed), VARDATA_ANY(bytes), size) != 0))
		ereport(ERROR,
				(errcode(sqlstate),
				 errmsg("invalid binary position"),
				 errdetail("The value is not in its canonical form.")));
	PG_RETURN_POINTER(reader.version == POSITION_PACKED ? packed :
					  state_pack(state, POSITION_PACKED));
}

PG_FUNCTION_INFO_V1(position_recv);
Datum
position_recv(PG_FUNCTION_ARGS)
{
	StringInfo	message = (StringInfo) PG_GETARG_POINTER(0);
	int			size = message->len - message->cursor;
	struct varlena *sent = palloc(VARHDRSZ + size);

	SET_VARSIZE(sent, VARHDRSZ + size);
	memcpy(VARDATA(sent), pq_getmsgbytes(message, size), size);
	return position_from_bytes(sent, true, ERRCODE_INVALID_BINARY_REPRESENTATION);
}

/*
 * What was packed, as a value of its own.  Stores keep it like that, so that they
 * survive the type; whatever is not canonical is damaged.
 */
PG_FUNCTION_INFO_V1(position_from_packed);
Datum
position_from_packed(PG_FUNCTION_ARGS)
{
	return position_from_bytes((struct varlena *) PG_GETARG_BYTEA_PP(0), false,
							   ERRCODE_DATA_CORRUPTED);
}
