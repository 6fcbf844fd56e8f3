/*-------------------------------------------------------------------------
 *
 * views.h
 *	  Views whose balances are kept, for the files that look into them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_STORE_VIEWS_H
#define BALANCE_STORE_VIEWS_H

#include "compat.h"

#include "store.h"

/* What a view, or the query of one, reads, and as whom. */
typedef struct ViewLevel
{
	Oid			relid;			/* of the view or table that is read */
	Oid			user;			/* InvalidOid: the caller */
	Bitmapset  *columns;		/* numbers less
								 * FirstLowInvalidHeapAttributeNumber */
} ViewLevel;

/* The table in expressions over it. */
#define VIEW_VARNO	1

/* A view, as the catalogue is now. */
typedef struct KeptView
{
	const char *reason;			/* why it is not kept, or NULL */
	Oid			table;			/* whose rows it shows */
	List	   *views;			/* it and those below it */
	List	   *levels;
	TupleDesc	shape;			/* of its own rows */
	Expr	  **columns;		/* over the table; NULL where not needed */
	Expr	   *condition;		/* or NULL */
	Bitmapset  *read;			/* columns of the table */
	List	   *functions;		/* that it calls */
	List	   *enums;
	bool		may_fail;		/* an expression may raise an error */
	bool		may_lose;		/* so may those that tell whose a row is */
} KeptView;

/* view_tree.c */
extern const char *find_table(KeptView *view, const Query *query, List **columns,
							  Node **condition, Index *varno);

/* view_expressions.c */
extern Expr *plan_expression(KeptView *view, Expr *expression);

/* views.c */
extern const KeptView *get_view(Oid relid, const KeptRelation *kept);

#endif							/* BALANCE_STORE_VIEWS_H */
