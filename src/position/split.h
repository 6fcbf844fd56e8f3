/* A position taken apart by currency. */
#ifndef BALANCE_SPLIT_H
#define BALANCE_SPLIT_H

#include "datum.h"
#include "nodes/pg_list.h"

/* What a position has in one currency. */
typedef struct CurrencyPosition
{
	CurrencyCode currency;
	struct varlena *position;	/* packed */
} CurrencyPosition;

extern List *split_position(struct varlena *position);

#endif							/* BALANCE_SPLIT_H */
