/* The arguments of functions that are called for every row, and errors about any. */
#ifndef BALANCE_ARGUMENTS_H
#define BALANCE_ARGUMENTS_H

#include "compat.h"

#include "fmgr.h"

/*
 * What PG_DETOAST_DATUM_PACKED() gives, without a call where nothing is to be done,
 * as of nearly every value of nearly every row.
 */
static inline struct varlena *
detoasted(Datum datum)
{
	struct varlena *value = (struct varlena *) DatumGetPointer(datum);

	return unlikely(VARATT_IS_EXTERNAL(value) || VARATT_IS_COMPRESSED(value)) ?
		pg_detoast_datum_packed(value) : value;
}

/* Raise 22004 for an argument, or a column of a row, that must not be NULL. */
#define report_null_argument(name) \
	ereport(ERROR, \
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), \
			 errmsg("%s must not be null", name)))

#endif							/* BALANCE_ARGUMENTS_H */
