/*-------------------------------------------------------------------------
 *
 * error_body.h
 *	  From a PostgreSQL error to the HTTP answer that an API's page documents.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_ERROR_BODY_H
#define BALANCE_ERROR_BODY_H

#include "compat.h"

#include "document/document.h"

/* An error, and what it means to most APIs. */
typedef struct ApiError
{
	const char *sqlstate;
	const char *message;
	const char *detail;			/* or NULL */
	const char *code;			/* what happened, in a word */
	int			status;			/* of HTTP */
} ApiError;

/* Writes http_status_code and body, as an API's page has them. */
typedef void (*ErrorWriter) (Document *document, const ApiError *error);

#define ERRORS(document, api, function) \
	extern void function(Document *document, const ApiError *error);
#include "document/figures.def"

/* What PostgreSQL said, as an object. */
extern void write_sqlstate(Document *document, const char *key, const ApiError *error);

#endif							/* BALANCE_ERROR_BODY_H */
