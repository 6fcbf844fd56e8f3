/*-------------------------------------------------------------------------
 *
 * error_body.c
 *	  From a PostgreSQL error to the HTTP answer that an API's page documents.
 *
 *-------------------------------------------------------------------------
 */
#include "error_body.h"

#include "fmgr.h"
#include "ledger/fault.h"
#include "utils/builtins.h"
#include "value/arguments.h"

/*
 * What a SQLSTATE, or a class of them, means.  A fault of the server's is 500, and so
 * is bad data of the seller's, for which the caller is not to blame; where a retry
 * helps, the answer says so.
 */
static const struct
{
	const char *sqlstate;		/* a prefix; the first that fits decides */
	const char *code;
	int			status;
}			meanings[] =
{
	{"P0002", "not_found", 404},
	{"42501", "permission_denied", 403},
	{"28", "permission_denied", 401},
	{"22", "validation_error", 422},
	{"21", "internal_error", 500},
	{"40", "service_unavailable", 503},
	{"08", "service_unavailable", 500},
	{"53", "service_unavailable", 500},
	{"57", "service_unavailable", 500},
	{"58", "system_error", 500},
	{"XX", "internal_error", 500},
	{"", "database_error", 500}
};

/* Which APIs document errors. */
static const struct
{
	const char *name;
	ErrorWriter write;
}			apis[] =
{
#define ERRORS(document, api, function)	{api, function},
#include "document/figures.def"
};

/* A bad value is the caller's mistake, unless the DETAIL blames a ledger's data. */
static void
find_meaning(ApiError *error)
{
	const char *sqlstate = error->sqlstate;
	int			i = 0;

	if (strlen(sqlstate) != 5 ||
		strspn(sqlstate, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 5)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid SQLSTATE \"%s\"", sqlstate),
				 errdetail("A SQLSTATE has five digits or upper-case letters.")));
	if (strncmp(sqlstate, "22", 2) == 0 && blames_data(error->detail))
		sqlstate = "XX000";
	while (strncmp(sqlstate, meanings[i].sqlstate, strlen(meanings[i].sqlstate)) != 0)
		i++;
	error->code = meanings[i].code;
	error->status = meanings[i].status;
}

static ErrorWriter
find_api(const char *name)
{
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; i < lengthof(apis); i++)
	{
		if (strcmp(name, apis[i].name) == 0)
			return apis[i].write;
		appendStringInfo(&names, "%s\"%s\"", i > 0 ? " or " : "", apis[i].name);
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("no error responses are documented for API \"%s\"", name),
			 errhint("Use %s.", names.data)));
}

void
write_sqlstate(Document *document, const char *key, const ApiError *error)
{
	document_begin(document, key, JB_FOBJECT);
	document_string(document, "sqlstate", error->sqlstate);
	if (error->detail != NULL)
		document_string(document, "detail", error->detail);
	document_end(document);
}

/* Flexprice's errors.ErrorResponse: of statuses its page has 400 and 500. */
void
write_flexprice_error(Document *document, const ApiError *error)
{
	int			status = error->status < 500 ? 400 : 500;

	document_bigint(document, "http_status_code", status);
	document_begin(document, "body", JB_FOBJECT);
	document_string(document, "code", error->code);
	document_string(document, "message", error->message);
	document_bigint(document, "http_status_code", status);
	document_begin(document, "details", JB_FOBJECT);
	write_sqlstate(document, "postgresql", error);
	document_end(document);
	document_end(document);
}

/* DayZero's HTTPValidationError, or its plain {"detail": …}. */
void
write_dayzero_error(Document *document, const ApiError *error)
{
	document_bigint(document, "http_status_code", error->status);
	document_begin(document, "body", JB_FOBJECT);
	if (error->status == 422)
	{
		document_begin(document, "detail", JB_FARRAY);
		document_begin(document, NULL, JB_FOBJECT);
		document_begin(document, "loc", JB_FARRAY);
		document_value(document, JENTRY_ISSTRING, "query", strlen("query"));
		document_end(document);
		document_string(document, "msg", error->message);
		document_string(document, "type", "value_error");
		write_sqlstate(document, "ctx", error);
		document_end(document);
		document_end(document);
	}
	else
		document_string(document, "detail", error->message);
	document_end(document);
}

PG_FUNCTION_INFO_V1(error_body);
Datum
error_body(PG_FUNCTION_ARGS)
{
	static const char *const names[] = {"api", "sqlstate", "message"};
	char	   *argument[4];
	ErrorWriter write;
	ApiError	error = {0};
	Document	document;

	for (int i = 0; i < lengthof(argument); i++)
	{
		if (PG_ARGISNULL(i) && i < lengthof(names))
			report_null_argument(names[i]);
		argument[i] = PG_ARGISNULL(i) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(i));
	}
	error.sqlstate = argument[1];
	error.message = argument[2];
	error.detail = argument[3];
	find_meaning(&error);
	write = find_api(argument[0]);

	document_init(&document, JB_FOBJECT);
	write(&document, &error);
	PG_RETURN_JSONB_P(document_finish(&document));
}
