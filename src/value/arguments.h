/*-------------------------------------------------------------------------
 *
 * arguments.h
 *	  Errors about the arguments of functions.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_ARGUMENTS_H
#define BALANCE_ARGUMENTS_H

#include "compat.h"

pg_noreturn extern void report_null_argument(const char *name);

#endif							/* BALANCE_ARGUMENTS_H */
