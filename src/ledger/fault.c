/*-------------------------------------------------------------------------
 *
 * fault.c
 *	  Errors that a ledger's data raises: they say that the data is at fault,
 *	  and how to find the rows.
 *
 * What a caller asked for is checked before a ledger is read, so an error of
 * SQLSTATE class 21 or 22 while it is read is never the caller's doing.  To say
 * so costs nothing until there is one.
 *
 *-------------------------------------------------------------------------
 */
#include "fault.h"

#include "utils/builtins.h"
#include "utils/memutils.h"

/* A bad value, or one row too many. */
static bool
is_data_error(int sqlstate)
{
	int			category = ERRCODE_TO_CATEGORY(sqlstate);

	return category == ERRCODE_DATA_EXCEPTION ||
		category == ERRCODE_CARDINALITY_VIOLATION;
}

/* Whether an error's DETAIL says that a ledger's data is at fault. */
bool
blames_data(const char *detail)
{
	return detail != NULL && strstr(detail, DATA_AT_FAULT) != NULL;
}

/* What to do about it: the call of verify() that finds the rows. */
static char *
verify_call(const LedgerReading *reading)
{
	const char *ledger = quote_literal_cstr(quote_identifier(reading->ledger->name));

	if (reading->customer_id == NULL)
		return psprintf("To find the rows: SELECT * FROM balance.verify(%s);", ledger);
	return psprintf("To find the rows: SELECT * FROM balance.verify(%s, %s);", ledger,
					quote_literal_cstr(text_to_cstring(reading->customer_id)));
}

/*
 * Add to an error's DETAIL and HINT, which keep what they have.  A ledger may
 * be read within another, through a view: the innermost is at fault.
 */
static void
blame_data(void *argument)
{
	const LedgerReading *reading = argument;
	MemoryContext caller;
	ErrorData  *error;

	if (!is_data_error(geterrcode()))
		return;
	caller = MemoryContextSwitchTo(reading->context);
	error = CopyErrorData();
	if (error->elevel >= ERROR && !blames_data(error->detail))
	{
		errdetail("%s%s" DATA_AT_FAULT " \"%s\".",
				  error->detail != NULL ? error->detail : "",
				  error->detail != NULL ? " " : "", reading->ledger->name);
		errhint("%s%s%s", error->hint != NULL ? error->hint : "",
				error->hint != NULL ? " " : "", verify_call(reading));
	}
	FreeErrorData(error);
	MemoryContextSwitchTo(caller);
}

/* From here on errors are the data's, of one customer if it is not NULL. */
void
ledger_begin_reading(LedgerReading *reading, const Ledger *ledger,
					 const text *customer_id)
{
	reading->callback.callback = blame_data;
	reading->callback.arg = reading;
	reading->callback.previous = error_context_stack;
	reading->context = CurrentMemoryContext;
	reading->ledger = ledger;
	reading->customer_id = customer_id;
	error_context_stack = &reading->callback;
}

void
ledger_end_reading(const LedgerReading *reading)
{
	assert_that(error_context_stack == &reading->callback);
	error_context_stack = reading->callback.previous;
}
