/*-------------------------------------------------------------------------
 *
 * jsonb_writer.h
 *	  Writing jsonb in one go.
 *
 * The server's own jsonb builder keeps a copy of every value, sorts every object
 * and grows its result piece by piece, which for a document of fifty short
 * fields costs more than finding out what to write.  Here fields are noted in
 * one array, with the size they come to, and written once into memory of that
 * size.  The format is that of utils/jsonb.h, byte for byte what the server
 * itself would write.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_JSONB_WRITER_H
#define BALANCE_JSONB_WRITER_H

#include "compat.h"

#include "utils/jsonb.h"

/* A value, with its key if it is in an object; text is not copied. */
typedef struct JsonbNode
{
	uint32		type;			/* JENTRY_IS… */
	uint32		container;		/* JB_FOBJECT or JB_FARRAY, if it has children */
	const char *key;
	const void *data;			/* what is written, if it has none */
	uint32		key_length;
	uint32		length;
	int			parent;			/* indexes of other nodes, NO_NODE if none */
	int			first_child;
	int			last_child;
	int			next;
	uint32		nchildren;
} JsonbNode;

typedef struct JsonbWriter
{
	JsonbNode  *nodes;
	int			n;
	int			allocated;
	int			open;			/* the container that is being filled */
	const char *key;			/* of the next value */
	Size		key_length;
	Size		size;			/* at most, of the whole */
} JsonbWriter;

extern void jsonb_writer_init(JsonbWriter *writer);
extern void jsonb_write_begin(JsonbWriter *writer, uint32 container);
extern void jsonb_write_end(JsonbWriter *writer);
extern void jsonb_write_value(JsonbWriter *writer, uint32 type,
							  const void *data, Size length);
extern Jsonb *jsonb_writer_finish(JsonbWriter *writer);

/* The key of the value, object or array that comes next. */
static inline void
jsonb_write_key(JsonbWriter *writer, const char *key, Size length)
{
	writer->key = key;
	writer->key_length = length;
}

#endif							/* BALANCE_JSONB_WRITER_H */
