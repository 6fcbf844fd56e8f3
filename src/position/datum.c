/*-------------------------------------------------------------------------
 *
 * datum.c
 *	  Positions as Datums: expanded until they need to be packed.
 *
 * The result of an aggregate is mostly read by a projection of the same query
 * and then forgotten.  So it is an expanded object: our own functions follow its
 * pointer to the state, while the rest of the server, on storing, sending or
 * sorting the value, makes it pack itself.
 *
 *-------------------------------------------------------------------------
 */
#include "datum.h"

#include "check.h"
#include "pack.h"
#include "packed.h"
#include "utils/datum.h"
#include "utils/expandeddatum.h"

typedef struct ExpandedPosition
{
	ExpandedObjectHeader header;
	const PositionState *state;
	struct varlena *packed;		/* NULL until needed */
} ExpandedPosition;

/* Pack the state if this is the first time, and tell the size. */
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
 * A state as an expanded object.  It is valid as long as both the state and the
 * current memory context are.  It needs no context of its own, as only read-only
 * pointers to it are handed out.
 */
static Datum
expand_state(const PositionState *state)
{
	ExpandedPosition *expanded = palloc(sizeof(ExpandedPosition));
	char	   *pointer = palloc(EXPANDED_POINTER_SIZE);

	EOH_init_header(&expanded->header, &expanded_methods, CurrentMemoryContext);
	expanded->state = state;
	expanded->packed = NULL;
	/* in a chunk of its own, or PostgreSQL 15 copies it as misplaced */
	memcpy(pointer, expanded->header.eoh_ro_ptr, EXPANDED_POINTER_SIZE);
	return PointerGetDatum(pointer);
}

/* An aggregate's result, which is valid until the next one is computed. */
Datum
state_expanded(const PositionState *state)
{
	state_remember(state);
	return expand_state(state);
}

static ExpandedPosition *
get_expanded(Datum datum)
{
	if (VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(datum)) &&
		DatumGetEOHP(datum)->eoh_methods == &expanded_methods)
		return (ExpandedPosition *) DatumGetEOHP(datum);
	return NULL;
}

/*
 * A detoasted position in whichever form it has: packed or a state.  One that an
 * expanded object points to never left memory.  Any other came through a tuple:
 * from another process, or from a table, where aggregates without a final function
 * can put it.
 */
struct varlena *
position_from_datum(Datum datum)
{
	ExpandedPosition *expanded = get_expanded(datum);
	struct varlena *position;

	if (expanded != NULL)
		return expanded->packed != NULL ? expanded->packed :
			(struct varlena *) expanded->state;
	position = PG_DETOAST_DATUM_PACKED(datum);
	if (state_is(position))
		check_state((PositionState *) position);
	return position;
}

/*
 * The same in packed form and in the present version, so that equal positions
 * are equal bytes.  The caller owns the result only if it is neither the datum
 * itself nor part of an expanded object, which is packed only once.
 */
struct varlena *
packed_from_datum(Datum datum)
{
	ExpandedPosition *expanded = get_expanded(datum);
	struct varlena *position;

	if (expanded != NULL)
	{
		(void) expanded_flat_size(&expanded->header);
		return expanded->packed;
	}
	position = position_from_datum(datum);
	if (state_is(position))
		return state_pack((PositionState *) position, POSITION_PACKED);
	if (VARSIZE_ANY_EXHDR(position) == 0 ||
		*(uint8 *) VARDATA_ANY(position) < POSITION_PACKED)
		return state_pack(state_from_position(position), POSITION_PACKED);
	return position;
}

/*
 * A copy of a value in the current memory context, as datumCopy() makes it, but that of
 * a position that is not packed is not packed either.
 */
Datum
copy_unpacked(Datum value, bool by_value, int16 length)
{
	ExpandedPosition *expanded = by_value || length != -1 ? NULL : get_expanded(value);
	PositionState *state;

	if (expanded == NULL || expanded->packed != NULL)
		return datumCopy(value, by_value, length);
	state = palloc(VARSIZE(expanded->state));
	memcpy(state, expanded->state, VARSIZE(expanded->state));
	return expand_state(state);
}

/* Whether a position has no cells: in packed form, nothing but its version. */
static bool
is_empty(const struct varlena *position)
{
	if (state_is(position))
		return ((const PositionState *) position)->ncurrencies == 0;
	return VARSIZE_ANY_EXHDR(position) == 1 &&
		*(const uint8 *) VARDATA_ANY(position) == POSITION_PACKED;
}

/*
 * The sum of any number of a query's results; NULL counts as empty.  Often just one
 * says something, which is returned as it is.  The sum is for a projection, so it
 * is not packed.
 */
struct varlena *
sum_of_positions(const Datum *values, const bool *isnull, int n)
{
	PositionState *state = NULL;
	struct varlena *only = NULL;

	for (int i = 0; i < n; i++)
	{
		struct varlena *position;

		if (isnull[i])
			continue;
		position = position_from_datum(values[i]);
		if (only == NULL || is_empty(only))
		{
			only = position;
			continue;
		}
		if (is_empty(position))
			continue;
		if (state == NULL)
			state = state_from_position(only);
		state_add_position(&state, position, 1);
	}
	if (state == NULL && only == NULL)
		state = state_create(0);
	return state != NULL ? (struct varlena *) state : only;
}
