/*-------------------------------------------------------------------------
 *
 * arguments.c
 *	  Errors about the arguments of functions.
 *
 *-------------------------------------------------------------------------
 */
#include "arguments.h"

/* Raise 22004 for an argument, or a column of a row, that must not be NULL. */
void
report_null_argument(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 errmsg("%s must not be null", name)));
}
