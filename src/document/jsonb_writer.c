/*-------------------------------------------------------------------------
 *
 * jsonb_writer.c
 *	  Writing jsonb in one go.
 *
 *-------------------------------------------------------------------------
 */
#include "jsonb_writer.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#define NO_NODE			(-1)
/*
 * A document of five currencies has fewer, and so many are a chunk of ordinary
 * memory, not a block; doubled for others.
 */
#define FIRST_NODES		128

/* At most, beside the key and the data: two entries, a header, padding. */
#define NODE_OVERHEAD	(2 * sizeof(JEntry) + sizeof(uint32) + 3)

/* ---- noting ---- */

void
document_init(Document *document, uint32 container)
{
	memset(document, 0, sizeof(Document));
	document->allocated = FIRST_NODES;
	document->nodes = palloc(FIRST_NODES * sizeof(JsonbNode));
	document->open = NO_NODE;
	document->size = VARHDRSZ;
	document_begin(document, NULL, container);
}

/* A new last child of the container that is open. */
JsonbNode *
document_value(Document *document, uint32 type, const void *data, Size length)
{
	JsonbNode  *node;

	if (document->n == document->allocated)
	{
		document->allocated *= 2;
		document->nodes = repalloc_huge(document->nodes,
										document->allocated * sizeof(JsonbNode));
	}
	if (document->open != NO_NODE)
	{
		JsonbNode  *parent = &document->nodes[document->open];

		if (parent->last_child == NO_NODE)
			parent->first_child = document->n;
		else
			document->nodes[parent->last_child].next = document->n;
		parent->last_child = document->n;
		parent->nchildren++;
	}
	node = &document->nodes[document->n++];
	node->type = type;
	node->container = 0;
	node->key = document->key;
	node->key_length = document->key_length;
	node->data = data;
	node->length = length;
	node->parent = document->open;
	node->first_child = node->last_child = node->next = NO_NODE;
	node->nchildren = 0;
	document->size += NODE_OVERHEAD + length + document->key_length;
	document_key(document, NULL, 0);
	return node;
}

/* Long documents are long lists of objects, so here is where one is cancelled. */
void
document_begin(Document *document, const char *key, uint32 container)
{
	int			index = document->n;

	CHECK_FOR_INTERRUPTS();
	if (key != NULL)
		document_key(document, key, strlen(key));
	document_value(document, JENTRY_ISCONTAINER, NULL, 0)->container = container;
	document->open = index;
}

void
document_end(Document *document)
{
	document->open = document->nodes[document->open].parent;
}

/* ---- the order of keys ---- */

/* jsonb's order: by length, then by bytes.  No object is given a key twice. */
static int
key_compare(const JsonbNode *a, const JsonbNode *b)
{
	if (a->key_length != b->key_length)
		return a->key_length < b->key_length ? -1 : 1;
	return memcmp(a->key, b->key, a->key_length);
}

static bool
keys_are_sorted(const JsonbNode *nodes, const JsonbNode *object)
{
	for (int i = object->first_child; i != NO_NODE; i = nodes[i].next)
	{
		CHECK_FOR_INTERRUPTS();
		if (nodes[i].next != NO_NODE &&
			key_compare(&nodes[i], &nodes[nodes[i].next]) > 0)
			return false;
	}
	return true;
}

static int
member_compare(const void *a, const void *b, void *unused)
{
	return key_compare(*(JsonbNode *const *) a, *(JsonbNode *const *) b);
}

/* Link an object's members in the order of their keys. */
static void
sort_members(JsonbNode *nodes, JsonbNode *object)
{
	JsonbNode **members = palloc_extended(object->nchildren * sizeof(JsonbNode *),
										  MCXT_ALLOC_HUGE);
	int			n = 0;
	int		   *link = &object->first_child;

	for (int i = object->first_child; i != NO_NODE; i = nodes[i].next)
	{
		CHECK_FOR_INTERRUPTS();
		members[n++] = &nodes[i];
	}
	qsort_interruptible(members, n, sizeof(JsonbNode *), member_compare, NULL);
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		*link = members[i] - nodes;
		link = &members[i]->next;
	}
	*link = NO_NODE;
	pfree(members);
}

/* ---- writing ---- */

static pg_noinline void
report_too_large(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("document is too large"),
			 errdetail("A jsonb object or array has at most %u bytes.",
					   JENTRY_OFFLENMASK)));
}

/* Where the entries and the data of a container's children go. */
typedef struct Cursor
{
	JEntry	   *entry;
	char	   *to;
	uint32		i;				/* of the entry, as keys have some, too */
	uint32		total;			/* bytes of data so far */
} Cursor;

/* Every so often an entry has an offset instead of a length. */
static inline void
put_entry(Cursor *cursor, uint32 type, char *end)
{
	Size		length = end - cursor->to;

	if (unlikely(length > JENTRY_OFFLENMASK - cursor->total))
		report_too_large();
	cursor->total += length;
	*cursor->entry++ = type | (cursor->i++ % JB_OFFSET_STRIDE == 0 ?
							   cursor->total | JENTRY_HAS_OFF : length);
	cursor->to = end;
}

static inline char *
put_bytes(char *to, const void *data, uint32 length)
{
	memcpy(to, data, length);
	return to + length;
}

/* Numbers and containers are aligned; the padding is part of them. */
static inline char *
pad_to_int(char *to)
{
	while (((uintptr_t) to & (sizeof(int32) - 1)) != 0)
		*to++ = '\0';
	return to;
}

static char *put_container(JsonbNode *nodes, JsonbNode *container, char *to);

static void
put_child(JsonbNode *nodes, JsonbNode *child, Cursor *cursor)
{
	char	   *to = cursor->to;

	if (child->type == JENTRY_ISNUMERIC || child->type == JENTRY_ISCONTAINER)
		to = pad_to_int(to);
	if (child->container != 0)
		to = put_container(nodes, child, to);
	else if (child->length > 0)
		to = put_bytes(to, child->data, child->length);
	put_entry(cursor, child->type, to);
}

/* All keys of an object come first, then all values. */
static char *
put_container(JsonbNode *nodes, JsonbNode *container, char *to)
{
	bool		is_object = container->container == JB_FOBJECT;
	Cursor		cursor = {(JEntry *) (to + sizeof(uint32))};

	if (is_object && !keys_are_sorted(nodes, container))
		sort_members(nodes, container);
	*(uint32 *) to = container->nchildren | container->container;
	cursor.to = (char *) (cursor.entry + (Size) container->nchildren * (is_object ? 2 : 1));
	if (is_object)
		for (int i = container->first_child; i != NO_NODE; i = nodes[i].next)
		{
			CHECK_FOR_INTERRUPTS();
			put_entry(&cursor, JENTRY_ISSTRING,
					  put_bytes(cursor.to, nodes[i].key, nodes[i].key_length));
		}
	for (int i = container->first_child; i != NO_NODE; i = nodes[i].next)
	{
		CHECK_FOR_INTERRUPTS();
		put_child(nodes, &nodes[i], &cursor);
	}
	return cursor.to;
}

/* The finished value, whose containers need not have been ended. */
Jsonb *
document_finish(Document *document)
{
	Jsonb	   *jsonb;
	char	   *end;

	/* the upper bound already exceeds what a jsonb may have */
	if (!AllocSizeIsValid(document->size) || document->n > JB_CMASK)
		report_too_large();
	jsonb = palloc(document->size);
	end = put_container(document->nodes, &document->nodes[0], VARDATA(jsonb));
	SET_VARSIZE(jsonb, end - (char *) jsonb);
	pfree(document->nodes);
	return jsonb;
}
