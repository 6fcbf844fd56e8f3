/*-------------------------------------------------------------------------
 *
 * jsonb_writer.h
 *	  Writing jsonb without copying what it is made of more than it takes.
 *
 * The server's own jsonb builder keeps a copy of every value, sorts every object
 * and grows its result piece by piece, which for a document of fifty short
 * fields costs more than computing what to write.  Here the fields of a container
 * are noted one behind the other, and as it ends they are written once, into
 * memory of the size that they come to; from then on it is one value of the
 * container around it.  The format is that of utils/jsonb.h, byte for byte what
 * the server itself would write.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_JSONB_WRITER_H
#define BALANCE_JSONB_WRITER_H

#include "compat.h"

#include "utils/jsonb.h"

/* A value, with its key if it is in an object; text is not copied until it is written. */
typedef struct JsonbNode
{
	const char *key;
	const void *data;			/* what is written; NULL in an open container */
	uint32		key_length;
	uint32		length;
	uint32		type;			/* JENTRY_IS… */
	uint32		container;		/* JB_FOBJECT or JB_FARRAY, if it is open */
	int			parent;			/* the open container that it is in */
} JsonbNode;

typedef struct Document
{
	MemoryContext context;		/* of all that is written */
	JsonbNode  *nodes;			/* each open container, and behind it its
								 * values so far */
	int			n;
	int			allocated;
	int			open;			/* the container that is being filled */
	const char *key;			/* of the next value */
	Size		key_length;
	Size		noted;			/* bytes of all keys and values */
	char	   *room;			/* for bytes that values are made of */
	Size		room_left;
} Document;

/* A container is JB_FOBJECT or JB_FARRAY; a NULL key begins an element of an array. */
extern void document_init(Document *document, uint32 container);
extern void document_open(Document *document, uint32 container);
extern void document_end(Document *document);
extern Jsonb *document_finish(Document *document);

extern void document_more_nodes(Document *document);
extern void document_more_room(Document *document, Size size);

/* The key of what comes next, where it is no constant. */
static inline void
document_key(Document *document, const char *key, Size length)
{
	document->key = key;
	document->key_length = length;
}

static inline void
document_begin(Document *document, const char *key, uint32 container)
{
	if (key != NULL)
		document_key(document, key, strlen(key));
	document_open(document, container);
}

/* The next value of the container that is open. */
static inline void
document_value(Document *document, uint32 type, const void *data, Size length)
{
	JsonbNode  *node;

	if (unlikely(document->n == document->allocated))
		document_more_nodes(document);
	node = &document->nodes[document->n++];
	node->key = document->key;
	node->data = data;
	node->key_length = document->key_length;
	node->length = length;
	node->type = type;
	document->noted += document->key_length + length;
	document_key(document, NULL, 0);
}

/* Room of that size where the bytes of a value can be made; how many is told later. */
static inline char *
document_room(Document *document, Size size)
{
	if (unlikely(document->room_left < size))
		document_more_room(document, size);
	return document->room;
}

/* So many bytes in the room are in use; numbers and containers stay aligned. */
static inline void
document_keep(Document *document, Size size)
{
	document->room += INTALIGN(size);
	document->room_left -= Min(INTALIGN(size), document->room_left);
}

#endif							/* BALANCE_JSONB_WRITER_H */
