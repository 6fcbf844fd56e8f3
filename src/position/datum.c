/*-------------------------------------------------------------------------
 *
 * datum.c
 *	  The way out of a state: to its canonical packed form, and not before
 *	  somebody needs that.
 *
 * What an aggregate returns is mostly read at once by a projection in the
 * same query, and then forgotten.  So it is an expanded object: a pointer that
 * leads those who know to the state itself, while everybody else in the
 * server, when storing, sending or sorting the value, finds it packed.
 *
 *-------------------------------------------------------------------------
 */
#include "datum.h"

#include "packed.h"
#include "utils/expandeddatum.h"
#include "walk.h"

typedef struct ExpandedPosition
{
	ExpandedObjectHeader header;
	const PositionState *state;
	struct varlena *packed;		/* once it was wanted */
} ExpandedPosition;

static Size
expanded_flat_size(ExpandedObjectHeader *header)
{
	ExpandedPosition *expanded = (ExpandedPosition *) header;

	if (expanded->packed == NULL)
	{
		MemoryContext caller = MemoryContextSwitchTo(header->eoh_context);

		expanded->packed = state_pack(expanded->state, POSITION_PACKED);
		MemoryContextSwitchTo(caller);
	}
	return VARSIZE(expanded->packed);
}

static void
expanded_flatten_into(ExpandedObjectHeader *header, void *result, Size size)
{
	memcpy(result, ((ExpandedPosition *) header)->packed, size);
}

static const ExpandedObjectMethods expanded_methods = {
	.get_flat_size = expanded_flat_size,
	.flatten_into = expanded_flatten_into
};

/*
 * A state as a value that is valid as long as the state is and the current
 * memory context: for an aggregate's result that is until the next one is
 * asked for.  The object has no context of its own, as nobody is ever given
 * the pointer that would entitle him to change or delete it.
 */
Datum
state_expanded(const PositionState *state)
{
	ExpandedPosition *expanded = palloc(sizeof(ExpandedPosition));
	char	   *pointer = palloc(EXPANDED_POINTER_SIZE);

	EOH_init_header(&expanded->header, &expanded_methods, CurrentMemoryContext);
	expanded->state = state;
	expanded->packed = NULL;
	state_remember_size(state);
	/* in a chunk of its own, or PostgreSQL 15 copies it as misplaced */
	memcpy(pointer, expanded->header.eoh_ro_ptr, EXPANDED_POINTER_SIZE);
	return PointerGetDatum(pointer);
}

/* A position in whichever form it comes: packed, or an expanded one's state. */
struct varlena *
position_from_datum(Datum datum)
{
	if (VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(datum)))
	{
		ExpandedObjectHeader *header = DatumGetEOHP(datum);

		if (header->eoh_methods == &expanded_methods)
			return ((ExpandedPosition *) header)->packed != NULL ?
				((ExpandedPosition *) header)->packed :
				(struct varlena *) ((ExpandedPosition *) header)->state;
	}
	return PG_DETOAST_DATUM_PACKED(datum);
}

/*
 * The same for those who want it packed, in the present version, so that equal
 * positions are equal bytes.  Who asks owns the result only if it is neither
 * the datum itself nor an expanded object's, which is packed once only.
 */
struct varlena *
packed_from_datum(Datum datum)
{
	struct varlena *position = position_from_datum(datum);

	if (VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(datum)) &&
		DatumGetEOHP(datum)->eoh_methods == &expanded_methods)
	{
		ExpandedPosition *expanded = (ExpandedPosition *) DatumGetEOHP(datum);

		(void) expanded_flat_size(&expanded->header);
		return expanded->packed;
	}
	if (state_is(position))
		return state_pack((PositionState *) position, POSITION_PACKED);
	if (*(uint8 *) VARDATA_ANY(position) < POSITION_PACKED)
		return state_pack(state_from_position(position), POSITION_PACKED);
	return position;
}
