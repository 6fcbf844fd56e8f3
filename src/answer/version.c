/*-------------------------------------------------------------------------
 *
 * version.c
 *	  Which version of the library a session has loaded.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "fmgr.h"
#include "utils/builtins.h"

/* Not that of the extension's objects: ALTER EXTENSION ... UPDATE comes after it. */
PG_FUNCTION_INFO_V1(version);
Datum
version(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(BALANCE_VERSION));
}
