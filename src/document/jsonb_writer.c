/*-------------------------------------------------------------------------
 *
 * jsonb_writer.c
 *	  Writing jsonb without copying what it is made of more than it takes.
 *
 *-------------------------------------------------------------------------
 */
#include "jsonb_writer.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#define NO_NODE			(-1)

/*
 * A document of few currencies has fewer open at a time; doubled for others.  Room
 * comes in pieces that are still chunks of ordinary memory, not blocks.
 */
#define FIRST_NODES		32
#define ROOM_SIZE		4096

/* At most, beside the key and the data: two entries, padding. */
#define NODE_OVERHEAD	(2 * sizeof(JEntry) + sizeof(uint32) - 1)

static pg_noinline void
report_too_large(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("document is too large"),
			 errdetail("A jsonb object or array has at most %u bytes.",
					   JENTRY_OFFLENMASK)));
}

/* ---- noting ---- */

void
document_init(Document *document, uint32 container)
{
	memset(document, 0, sizeof(Document));
	document->context = CurrentMemoryContext;
	document->allocated = FIRST_NODES;
	document->nodes = palloc(FIRST_NODES * sizeof(JsonbNode));
	document->open = NO_NODE;
	document_open(document, container);
}

void
document_more_nodes(Document *document)
{
	if (document->n > JB_CMASK)
		report_too_large();
	document->allocated *= 2;
	document->nodes = repalloc_huge(document->nodes,
									document->allocated * sizeof(JsonbNode));
}

void
document_more_room(Document *document, Size size)
{
	document->room_left = Max(size, ROOM_SIZE);
	document->room = MemoryContextAlloc(document->context, document->room_left);
}

/* Long documents are long lists of objects, so here is where one is cancelled. */
void
document_open(Document *document, uint32 container)
{
	JsonbNode  *node;

	CHECK_FOR_INTERRUPTS();
	document_value(document, JENTRY_ISCONTAINER, NULL, 0);
	node = &document->nodes[document->n - 1];
	node->container = container;
	node->parent = document->open;
	document->open = document->n - 1;
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

static int
member_compare(const void *a, const void *b, void *unused)
{
	return key_compare(a, b);
}

/* ---- writing ---- */

/* What a container is made of, in the order in which it is written. */
typedef struct Contents
{
	JsonbNode  *children;
	int			n;
	Size		keys;			/* bytes of all keys, which come first */
	Size		size;			/* of all with the header, at most */
} Contents;

/* The contents of the open container, whose members are sorted unless they come so. */
static Contents
take_contents(Document *document)
{
	const JsonbNode *container = &document->nodes[document->open];
	Contents	contents = {
		.children = &document->nodes[document->open + 1],
		.n = document->n - document->open - 1
	};
	bool		sorted = true;

	for (int i = 0; i < contents.n; i++)
	{
		const JsonbNode *child = &contents.children[i];

		CHECK_FOR_INTERRUPTS();
		contents.keys += child->key_length;
		contents.size += child->length;
		if (container->container == JB_FOBJECT && i > 0)
			sorted &= key_compare(child - 1, child) < 0;
	}
	if (!sorted)
		qsort_interruptible(contents.children, contents.n, sizeof(JsonbNode),
							member_compare, NULL);
	contents.size += sizeof(uint32) + contents.keys + (Size) contents.n * NODE_OVERHEAD;

	/*
	 * what is noted will all be in one container, at the latest in the
	 * outermost
	 */
	if (document->noted > JENTRY_OFFLENMASK || !AllocSizeIsValid(contents.size + VARHDRSZ))
		report_too_large();
	return contents;
}

/* An entry, from whose bytes' end on others follow; every so often it has an offset. */
static inline JEntry
entry_of(uint32 type, uint32 i, Size length, Size end)
{
	return type | (i % JB_OFFSET_STRIDE == 0 ? (uint32) end | JENTRY_HAS_OFF : (uint32) length);
}

/* Numbers and containers are aligned; the padding is part of them. */
static inline char *
pad_to_int(char *to)
{
	while (((uintptr_t) to & (sizeof(int32) - 1)) != 0)
		*to++ = '\0';
	return to;
}

/* Write a container, and return its end.  An object has all keys first, then all values. */
static char *
put_container(uint32 container, const Contents *contents, char *to)
{
	uint32		n = contents->n;
	JEntry	   *keys = (JEntry *) (to + sizeof(uint32));
	JEntry	   *values = keys + (container == JB_FOBJECT ? n : 0);
	char	   *data = (char *) (values + n);
	char	   *key = data;
	char	   *value = data + contents->keys;

	*(uint32 *) to = n | container;
	for (uint32 i = 0; i < n; i++)
	{
		const JsonbNode *child = &contents->children[i];
		char	   *begin = value;

		CHECK_FOR_INTERRUPTS();
		if (child->type == JENTRY_ISNUMERIC || child->type == JENTRY_ISCONTAINER)
			value = pad_to_int(value);
		if (child->length > 0)
			memcpy(value, child->data, child->length);
		value += child->length;
		values[i] = entry_of(child->type, values - keys + i, value - begin, value - data);
		if (container != JB_FOBJECT)
			continue;
		memcpy(key, child->key, child->key_length);
		key += child->key_length;
		keys[i] = entry_of(JENTRY_ISSTRING, i, child->key_length, key - data);
	}
	if (value - data > JENTRY_OFFLENMASK)
		report_too_large();
	return value;
}

/* The container that is open becomes a value of the one around it. */
void
document_end(Document *document)
{
	JsonbNode  *container = &document->nodes[document->open];
	Contents	contents = take_contents(document);
	char	   *to = document_room(document, contents.size);

	container->data = to;
	container->length = put_container(container->container, &contents, to) - to;
	document_keep(document, container->length);
	document->n = document->open + 1;
	document->open = container->parent;
}

/* The finished value, whose containers need not have been ended. */
Jsonb *
document_finish(Document *document)
{
	Contents	contents;
	Jsonb	   *jsonb;
	char	   *end;

	while (document->open > 0)
		document_end(document);
	contents = take_contents(document);
	jsonb = palloc(VARHDRSZ + contents.size);
	end = put_container(document->nodes[0].container, &contents, VARDATA(jsonb));
	SET_VARSIZE(jsonb, end - (char *) jsonb);
	pfree(document->nodes);
	return jsonb;
}
