/*-------------------------------------------------------------------------
 *
 * attempt.h
 *	  Doing what may raise an error of data.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_STORE_ATTEMPT_H
#define BALANCE_STORE_ATTEMPT_H

#include "compat.h"

extern char *attempt(void (*action) (void *), void *argument);

#endif							/* BALANCE_STORE_ATTEMPT_H */
