/*-------------------------------------------------------------------------
 *
 * owner.h
 *	  Whose rights the store's code runs with.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_STORE_OWNER_H
#define BALANCE_STORE_OWNER_H

#include "compat.h"

/* Who was acting before, to be that again. */
typedef struct Caller
{
	Oid			user;
	int			context;
} Caller;

extern Oid	relation_owner(Oid relid);
extern Oid	schema_owner(Oid schema);
extern Caller act_as(Oid user);
extern void act_as_caller(Caller caller);

#endif							/* BALANCE_STORE_OWNER_H */
