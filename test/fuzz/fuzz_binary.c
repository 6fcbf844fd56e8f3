/*
 * Binary input: position_recv().  An input is its bytes; what stands behind the
 * length in its first byte, in units of 16 bytes, is a second position.
 */
#include "laws.h"

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	static const int input_errors[] = {
		ERRCODE_INVALID_BINARY_REPRESENTATION,
		ERRCODE_CHARACTER_NOT_IN_REPERTOIRE,
		ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, /* of NaN, or rows together */
		ERRCODE_FEATURE_NOT_SUPPORTED,	/* of a later version */
		0
	};
	Outcome		outcome;
	size_t		first;
	Datum		a;
	Datum		b;

	if (size == 0)
		return 0;
	laws_init();
	shim_begin();
	first = Min(size - 1, (size_t) data[0] * 16);
	if (data[0] == 255)
		first = size - 1;
	SHIM_TRY(outcome, a = position_from_bytes(data + 1, first));
	if (outcome == OUTCOME_ERROR)
		shim_expect_sqlstate("position_recv", input_errors);
	if (outcome != OUTCOME_DONE)
		return 0;
	if (!is_accepted(a))
		return 0;

	b = a;
	if (first < size - 1)
	{
		SHIM_TRY(outcome, b = position_from_bytes(data + 1 + first, size - 1 - first));
		if (outcome != OUTCOME_DONE)
			b = a;
	}
	if (!laws_hold(a, b) &&
		!has_long_number(position_to_text(a)) && !has_long_number(position_to_text(b)))
		shim_fail("sums of small numbers are out of range: %s", shim_message);
	return 0;
}
