/* Errors about the arguments of functions. */
#ifndef BALANCE_ARGUMENTS_H
#define BALANCE_ARGUMENTS_H

#include "compat.h"

/* Raise 22004 for an argument, or a column of a row, that must not be NULL. */
#define report_null_argument(name) \
	ereport(ERROR, \
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), \
			 errmsg("%s must not be null", name)))

#endif							/* BALANCE_ARGUMENTS_H */
