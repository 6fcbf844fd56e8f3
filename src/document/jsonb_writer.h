/*-------------------------------------------------------------------------
 *
 * jsonb_writer.h
 *	  Writing jsonb in one go.
 *
 * The server's own jsonb builder keeps a copy of every value, sorts every object
 * and grows its result piece by piece, which for a document of fifty short
 * fields costs more than computing what to write.  Here fields are noted in
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
	const char *key;
	const void *data;			/* what is written, if it has no children */
	uint32		type;			/* JENTRY_IS… */
	uint32		container;		/* JB_FOBJECT or JB_FARRAY, if it has children */
	uint32		key_length;
	uint32		length;
	int			parent;			/* indexes of other nodes, NO_NODE if none */
	int			first_child;
	int			last_child;
	int			next;
	uint32		nchildren;
} JsonbNode;

typedef struct Document
{
	JsonbNode  *nodes;
	int			n;
	int			allocated;
	int			open;			/* the container that is being filled */
	const char *key;			/* of the next value */
	Size		key_length;
	Size		size;			/* at most, of the whole */
} Document;

/* A container is JB_FOBJECT or JB_FARRAY; a NULL key begins an element of an array. */
extern void document_init(Document *document, uint32 container);
extern void document_begin(Document *document, const char *key, uint32 container);
extern void document_end(Document *document);
extern JsonbNode *document_value(Document *document, uint32 type,
								 const void *data, Size length);
extern Jsonb *document_finish(Document *document);

/* The key of what comes next, where it is no constant. */
static inline void
document_key(Document *document, const char *key, Size length)
{
	document->key = key;
	document->key_length = length;
}

#endif							/* BALANCE_JSONB_WRITER_H */
