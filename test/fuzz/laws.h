/*-------------------------------------------------------------------------
 *
 * laws.h
 *	  What holds for every position that was accepted.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_FUZZ_LAWS_H
#define BALANCE_FUZZ_LAWS_H

#include "shim.h"

extern void laws_init(void);
extern Datum position_from_text(const char *text);
extern const char *position_to_text(Datum position);
extern Datum position_from_bytes(const void *bytes, size_t size);
extern void check_equal(const char *law, Datum a, Datum b);
extern void check_round_trips(Datum position);
extern void check_laws(Datum a, Datum b);
extern bool is_accepted(Datum position);
extern bool laws_hold(Datum a, Datum b);
extern Datum final_position(Datum state, bool is_null);
extern bool has_long_number(const char *text);

/* Functions of src/ by their names in SQL. */
extern Datum position_in(PG_FUNCTION_ARGS);
extern Datum position_out(PG_FUNCTION_ARGS);
extern Datum position_recv(PG_FUNCTION_ARGS);
extern Datum position_send(PG_FUNCTION_ARGS);
extern Datum position_add(PG_FUNCTION_ARGS);
extern Datum position_subtract(PG_FUNCTION_ARGS);
extern Datum position_negate(PG_FUNCTION_ARGS);
extern Datum position_eq(PG_FUNCTION_ARGS);
extern Datum position_cmp(PG_FUNCTION_ARGS);
extern Datum position_hash(PG_FUNCTION_ARGS);
extern Datum position_combine(PG_FUNCTION_ARGS);
extern Datum position_final(PG_FUNCTION_ARGS);
extern Datum merge_add(PG_FUNCTION_ARGS);
extern Datum merge_remove(PG_FUNCTION_ARGS);

extern int	LLVMFuzzerTestOneInput(const uint8 *data, size_t size);

#endif							/* BALANCE_FUZZ_LAWS_H */
