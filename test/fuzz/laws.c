/*-------------------------------------------------------------------------
 *
 * laws.c
 *	  What holds for every position that was accepted: it reads back as it was
 *	  written, byte by byte, and obeys the laws of a group.
 *
 *-------------------------------------------------------------------------
 */
#include "laws.h"

#include "lib/stringinfo.h"
#include "position/pack.h"
#include "position/read.h"
#include "position/walk.h"
#include "value/currency.h"
#include "value/status.h"

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

void
laws_init(void)
{
	static bool done = false;

	if (done)
		return;
	currency_init();
	status_init();
	done = true;
}

Datum
position_from_text(const char *text)
{
	return shim_call1(position_in, CStringGetDatum(text));
}

const char *
position_to_text(Datum position)
{
	return DatumGetCString(shim_call1(position_out, position));
}

/* As a message of the protocol brings it, with a zero behind its end. */
Datum
position_from_bytes(const void *bytes, size_t size)
{
	StringInfoData message;

	message.data = palloc(size + 1);
	memcpy(message.data, bytes, size);
	message.data[size] = '\0';
	message.len = size;
	message.maxlen = size + 1;
	message.cursor = 0;
	return shim_call1(position_recv, PointerGetDatum(&message));
}

void
check_equal(const char *law, Datum a, Datum b)
{
	struct varlena *x = (struct varlena *) DatumGetPointer(a);
	struct varlena *y = (struct varlena *) DatumGetPointer(b);
	bool		same_bytes = VARSIZE_ANY_EXHDR(x) == VARSIZE_ANY_EXHDR(y) &&
		memcmp(VARDATA_ANY(x), VARDATA_ANY(y), VARSIZE_ANY_EXHDR(x)) == 0;

	if (!same_bytes || !DatumGetBool(shim_call2(position_eq, a, b)) ||
		DatumGetInt32(shim_call2(position_cmp, a, b)) != 0 ||
		DatumGetInt32(shim_call1(position_hash, a)) != DatumGetInt32(shim_call1(position_hash, b)))
		shim_fail("%s:\n%s\nand\n%s", law, position_to_text(a), position_to_text(b));
}

void
check_round_trips(Datum position)
{
	const char *text = position_to_text(position);
	Datum		read = position_from_text(text);
	struct varlena *sent;

	check_equal("text read back", read, position);
	if (strcmp(position_to_text(read), text) != 0)
		shim_fail("text of text read back:\n%s\nand\n%s", text, position_to_text(read));
	sent = (struct varlena *) DatumGetPointer(shim_call1(position_send, position));
	check_equal("bytes read back",
				position_from_bytes(VARDATA_ANY(sent), VARSIZE_ANY_EXHDR(sent)), position);
}

/* A value as tuples store it if it is short: unaligned, with a header of one byte. */
static Datum
as_stored(Datum value)
{
	struct varlena *full = (struct varlena *) DatumGetPointer(value);
	Size		size = VARSIZE_ANY_EXHDR(full);
	char	   *stored;

	if (VARATT_IS_SHORT(full) || size + VARHDRSZ_SHORT > VARATT_SHORT_MAX)
		return value;
	stored = (char *) palloc(size + VARHDRSZ_SHORT + 1) + 1;
	SET_VARSIZE_SHORT(stored, size + VARHDRSZ_SHORT);
	memcpy(stored + VARHDRSZ_SHORT, VARDATA_ANY(full), size);
	return PointerGetDatum(stored);
}

/* A copy at another address, as the executor makes of a state. */
static Datum
moved(Datum value)
{
	struct varlena *old = (struct varlena *) DatumGetPointer(value);
	struct varlena *copy = palloc(VARSIZE_ANY(old));

	memcpy(copy, old, VARSIZE_ANY(old));
	pfree(old);
	return PointerGetDatum(copy);
}

/* A step of an aggregate: NULL stands for no state. */
static Datum
step(PGFunction function, Datum *state, Datum value)
{
	Datum		values[2] = {state != NULL ? *state : (Datum) 0, value};
	bool		nulls[2] = {state == NULL, false};
	Datum		result;

	shim_in_aggregate = true;
	result = shim_call(function, 2, values, nulls);
	shim_in_aggregate = false;
	return result;
}

/*
 * The currencies of a position and the tags of their cells, each once: from what
 * is there, a projection concludes which rows and keys it shows.
 */
static char *
what_is_there(const struct varlena *position, bool with_dues)
{
	StringInfoData buf;
	ListCell   *lc;

	initStringInfo(&buf);
	foreach(lc, position_currencies(position, with_dues))
	{
		CurrencyCells *currency = lfirst(lc);
		uint32		tags = 0;

		for (int i = 0; i < currency->ncells; i++)
			tags |= (uint32) 1 << currency->cells[i].tag;
		appendStringInfo(&buf, "%d: %x ", currency->currency, tags);
	}
	return buf.data;
}

static void
check_projections(Datum value, Datum kept)
{
	for (int with_dues = 0; with_dues <= 1; with_dues++)
	{
		char	   *read = what_is_there(position_from_datum(value), with_dues);
		char	   *stored = what_is_there((struct varlena *) DatumGetPointer(kept), with_dues);

		if (strcmp(read, stored) != 0)
			shim_fail("cells that projections see of %s:\n%s\nand stored\n%s",
					  position_to_text(kept), read, stored);
	}
}

/*
 * What an aggregate gives for a state: a value that leads to the state, and what
 * is kept of it.  A projection that reads the one must find what is in the other.
 */
Datum
final_position(Datum state, bool is_null)
{
	Datum		result;
	Datum		kept;
	PositionState *read = state_create(0);
	ListCell   *lc;

	shim_in_aggregate = true;
	result = shim_call(position_final, 1, &state, &is_null);
	shim_in_aggregate = false;
	kept = shim_flattened(result);
	foreach(lc, position_currencies(position_from_datum(result), true))
	{
		CurrencyCells *currency = lfirst(lc);

		for (int i = 0; i < currency->ncells; i++)
			state_add_cell(&read, &currency->cells[i], 1);
	}
	check_equal("what projections read", PointerGetDatum(state_pack(read, POSITION_PACKED)), kept);
	check_projections(result, kept);
	check_equal("packed for those who want it so", PointerGetDatum(packed_from_datum(result)),
				kept);
	return kept;
}

void
check_laws(Datum a, Datum b)
{
	Datum		sum = shim_call2(position_add, a, as_stored(b));
	Datum		state;
	Datum		other;

	check_equal("a + b = b + a", sum, shim_call2(position_add, b, a));
	check_equal("a + b - b = a", shim_call2(position_subtract, sum, as_stored(b)), a);
	check_equal("a - b + b = a", shim_call2(position_add, shim_call2(position_subtract, a, b), b),
				a);
	check_equal("a - a = nothing", shim_call2(position_subtract, a, a), position_from_text("1{}"));
	check_equal("-(-a) = a", shim_call1(position_negate, shim_call1(position_negate, a)), a);
	check_equal("a + -b = a - b", shim_call2(position_add, a, shim_call1(position_negate, b)),
				shim_call2(position_subtract, a, b));

	/* the same through states of aggregates */
	state = step(merge_add, NULL, as_stored(a));
	state = step(merge_add, &state, b);
	state = moved(state);
	check_equal("merge of a, b = a + b", final_position(state, false), sum);
	check_round_trips(final_position(state, false));
	other = step(merge_add, NULL, b);
	state = step(merge_remove, &state, as_stored(b));
	check_equal("merge without b = a", final_position(state, false), a);
	state = step(position_combine, &state, other);
	check_equal("combined states = a + b", final_position(state, false), sum);
	check_equal("a state as an argument", shim_call2(position_subtract, state, other), a);
	check_equal("the state is as it was", final_position(moved(state), false), sum);
}

/*
 * Only numbers close to what a bigint can hold may be too much together, and
 * there are fewer than a thousand of them in an input.
 */
bool
has_long_number(const char *text)
{
	for (; *text != '\0'; text++)
	{
		int			length = strspn(text, "0123456789");

		if (length >= 16)
			return true;
		if (length > 0)
			text += length - 1;
	}
	return false;
}

/* Count a position that an input function took, if it reads back as written. */
bool
is_accepted(Datum position)
{
	Outcome		outcome;

	SHIM_TRY(outcome, check_round_trips(position));
	if (outcome == OUTCOME_ERROR)
		shim_fail("a round trip raises an error: %s", shim_message);
	if (outcome == OUTCOME_SKIPPED)
		return false;
	shim_accepted++;
	return true;
}

/* Put two positions to the laws: false if they are too much together. */
bool
laws_hold(Datum a, Datum b)
{
	static const int errors[] = {ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, 0};
	Outcome		outcome;

	SHIM_TRY(outcome, check_laws(a, b));
	if (outcome == OUTCOME_ERROR)
		shim_expect_sqlstate("arithmetic", errors);
	return outcome != OUTCOME_ERROR;
}
