/*-------------------------------------------------------------------------
 *
 * arguments.c
 *	  What functions say of their arguments.
 *
 *-------------------------------------------------------------------------
 */
#include "arguments.h"

/* Raise 22004 for an argument, or a row's column, that has to have a value. */
void
report_null_argument(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 errmsg("%s must not be null", name)));
}
