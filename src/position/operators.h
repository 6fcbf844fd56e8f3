/*-------------------------------------------------------------------------
 *
 * operators.h
 *	  Adding positions up.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_OPERATORS_H
#define BALANCE_OPERATORS_H

#include "compat.h"

#include "cell.h"
#include "fmgr.h"

extern struct varlena *sum_of_positions(const Datum *values, const bool *isnull,
										int n);

#endif							/* BALANCE_OPERATORS_H */
