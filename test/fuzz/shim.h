/*-------------------------------------------------------------------------
 *
 * shim.h
 *	  What the fuzzers have in place of a server: the functions of PostgreSQL
 *	  that src/ needs, over malloc and longjmp, and a way to call SQL functions.
 *
 * Every allocation is a malloc of its own, so that the address sanitizer sees
 * the byte behind it, and is freed when the input is done with.  Addresses are
 * multiples of 8 but never of 16, as the server promises no more.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_FUZZ_SHIM_H
#define BALANCE_FUZZ_SHIM_H

#include "postgres.h"

#include <setjmp.h>

#include "fmgr.h"

/* What an input came to. */
typedef enum Outcome
{
	OUTCOME_DONE,
	OUTCOME_ERROR,				/* ereport(ERROR), see shim_sqlstate */
	OUTCOME_SKIPPED				/* needs what the shim does not have */
} Outcome;

extern jmp_buf shim_jump;
extern int	shim_sqlstate;
extern char shim_message[];
extern bool shim_in_aggregate;	/* whether a transition function is called by one */

/*
 * setjmp() must stand in the function that lives on, hence a macro: runs a
 * statement and sets outcome to what came of it.
 */
#define SHIM_TRY(outcome, statement) \
	do { \
		int			jumped_ = setjmp(shim_jump); \
		if (jumped_ == 0) \
		{ \
			statement; \
			(outcome) = OUTCOME_DONE; \
		} \
		else \
			(outcome) = (Outcome) jumped_; \
	} while (0)

extern void shim_begin(void);	/* before an input: frees the last one's */
extern void shim_skip(const char *why) pg_attribute_noreturn();
extern void shim_fail(const char *format,...) pg_attribute_noreturn() pg_attribute_printf(1, 2);
extern void shim_expect_sqlstate(const char *what, const int *allowed);

/* Calls an SQL function that is strict or gets no NULLs. */
extern Datum shim_call(PGFunction function, int nargs, const Datum *values, const bool *nulls);
extern Datum shim_flattened(Datum value);
extern Datum shim_call1(PGFunction function, Datum a);
extern Datum shim_call2(PGFunction function, Datum a, Datum b);

/* A simple generator for choices that an input's own bytes should not decide. */
extern uint64 shim_hash(const void *data, size_t size);

/* What was seen, for the line printed at the end. */
extern uint64 shim_inputs;
extern uint64 shim_accepted;

#endif							/* BALANCE_FUZZ_SHIM_H */
