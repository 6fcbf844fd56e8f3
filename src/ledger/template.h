/*-------------------------------------------------------------------------
 *
 * template.h
 *	  SQL that is written as SQL, with named holes, and run with every name
 *	  and operator qualified.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_TEMPLATE_H
#define BALANCE_TEMPLATE_H

#include "compat.h"

#include "lib/stringinfo.h"

/*
 * Both take a template and, for each {hole} in it, the hole's name and its
 * value, which is SQL already: a value is put in as it is.
 */
#define sql_append(sql, ...)	sql_append_pairs(sql, __VA_ARGS__, (const char *) NULL)
#define sql_fill(...)			sql_fill_pairs(__VA_ARGS__, (const char *) NULL)

extern void sql_append_pairs(StringInfo sql, const char *template,...);
extern const char *sql_fill_pairs(const char *template,...);

/* What a hole of that name is filled with. */
typedef const char *(*HoleFiller) (const char *hole, const void *context);

extern const char *sql_fill_by(const char *template, HoleFiller filler,
							   const void *context);

extern const char *sql_guard(const char *first, const char *condition);
extern const char *qualified_name(Oid schema, const char *name);

#ifdef CHECK_ASSERTIONS
extern bool sql_is_qualified(const char *sql);
#endif

#endif							/* BALANCE_TEMPLATE_H */
