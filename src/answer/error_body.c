/*-------------------------------------------------------------------------
 *
 * error_body.c
 *	  From a PostgreSQL error to the HTTP answer that an API's page documents.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "document/document.h"
#include "fmgr.h"
#include "ledger/fault.h"
#include "ledger/ledger.h"
#include "utils/builtins.h"
#include "value/arguments.h"

/* What a SQLSTATE, or a class of them, means to each API. */
typedef struct ErrorMeaning
{
	const char *sqlstate;		/* a prefix; the first that fits decides */
	const char *flexprice_code;
	int			flexprice_status;
	int			dayzero_status;
} ErrorMeaning;

/*
 * Flexprice's page documents 400 and 500, DayZero's 401, 403, 404 and 422;
 * what is the server's own fault is 500 for both.  So is the seller's bad data,
 * of which the caller knows nothing.  What is to be tried again says so where
 * no page is against it.
 */
static const ErrorMeaning meanings[] = {
	{"P0002", "not_found", 400, 404},
	{"42501", "permission_denied", 400, 403},
	{"28", "permission_denied", 400, 401},
	{"22", "validation_error", 400, 422},
	{"21", "internal_error", 500, 500},
	{"40", "service_unavailable", 500, 503},
	{"08", "service_unavailable", 500, 500},
	{"53", "service_unavailable", 500, 500},
	{"57", "service_unavailable", 500, 500},
	{"58", "system_error", 500, 500},
	{"XX", "internal_error", 500, 500},
	{"", "database_error", 500, 500}
};

/* A bad value is the caller's mistake, unless the DETAIL blames a ledger's data. */
static const ErrorMeaning *
find_meaning(const char *sqlstate, const char *detail)
{
	const ErrorMeaning *meaning = meanings;

	if (strlen(sqlstate) != 5 ||
		strspn(sqlstate, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 5)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid SQLSTATE \"%s\"", sqlstate),
				 errdetail("A SQLSTATE has five digits or upper-case letters.")));
	if (strncmp(sqlstate, "22", 2) == 0 && blames_data(detail))
		sqlstate = "XX000";
	while (strncmp(sqlstate, meaning->sqlstate, strlen(meaning->sqlstate)) != 0)
		meaning++;
	return meaning;
}

static void
write_sqlstate(Document *document, const char *key, const char *sqlstate,
			   const char *detail)
{
	document_begin(document, key, JB_FOBJECT);
	document_string(document, "sqlstate", sqlstate);
	if (detail != NULL)
		document_string(document, "detail", detail);
	document_end(document);
}

/* Flexprice's errors.ErrorResponse. */
static void
write_error_response(Document *document, const ErrorMeaning *meaning,
					 const char *sqlstate, const char *message,
					 const char *detail)
{
	document_begin(document, "body", JB_FOBJECT);
	document_string(document, "code", meaning->flexprice_code);
	document_string(document, "message", message);
	document_bigint(document, "http_status_code", meaning->flexprice_status);
	document_begin(document, "details", JB_FOBJECT);
	write_sqlstate(document, "postgresql", sqlstate, detail);
	document_end(document);
	document_end(document);
}

/* DayZero's HTTPValidationError, or its plain {"detail": …}. */
static void
write_http_error(Document *document, const ErrorMeaning *meaning,
				 const char *sqlstate, const char *message, const char *detail)
{
	document_begin(document, "body", JB_FOBJECT);
	if (meaning->dayzero_status == 422)
	{
		document_begin(document, "detail", JB_FARRAY);
		document_begin(document, NULL, JB_FOBJECT);
		document_begin(document, "loc", JB_FARRAY);
		(void) document_value(document, JENTRY_ISSTRING, "query", strlen("query"));
		document_end(document);
		document_string(document, "msg", message);
		document_string(document, "type", "value_error");
		write_sqlstate(document, "ctx", sqlstate, detail);
		document_end(document);
		document_end(document);
	}
	else
		document_string(document, "detail", message);
	document_end(document);
}

PG_FUNCTION_INFO_V1(error_body);
Datum
error_body(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {"api", "sqlstate", "message"};
	char	   *argument[4];
	const ErrorMeaning *meaning;
	Document	document;

	for (int i = 0; i < lengthof(argument); i++)
	{
		if (PG_ARGISNULL(i) && i < lengthof(names))
			report_null_argument(names[i]);
		argument[i] = PG_ARGISNULL(i) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(i));
	}
	meaning = find_meaning(argument[1], argument[3]);

	document_init(&document, JB_FOBJECT);
	if (strcmp(argument[0], "invoice-summary") == 0)
	{
		document_bigint(&document, "http_status_code", meaning->flexprice_status);
		write_error_response(&document, meaning, argument[1], argument[2], argument[3]);
	}
	else if (strcmp(argument[0], "customer-credits") == 0)
	{
		document_bigint(&document, "http_status_code", meaning->dayzero_status);
		write_http_error(&document, meaning, argument[1], argument[2], argument[3]);
	}
	else
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("no error responses are documented for API \"%s\"", argument[0]),
				 errhint("Use \"invoice-summary\" or \"customer-credits\".")));
	PG_RETURN_JSONB_P(document_finish(&document));
}
