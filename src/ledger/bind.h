/*-------------------------------------------------------------------------
 *
 * bind.h
 *	  The parameters of a query: arguments as values of the columns' types.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_BIND_H
#define BALANCE_BIND_H

#include "compat.h"

#include "fmgr.h"

extern bool bind_text(text *argument, Oid type, Datum *value);

#endif							/* BALANCE_BIND_H */
