/*-------------------------------------------------------------------------
 *
 * command.c
 *	  Commands that make or change what a ledger consists of.
 *
 *-------------------------------------------------------------------------
 */
#include "command.h"

#include "executor/spi.h"

/* Run a command, in SPI; what it returns is SPI's. */
void
run_command(const char *command)
{
	if (SPI_execute(command, false, 0) < 0)
		elog(ERROR, "could not run a command: %s", SPI_result_code_string(SPI_result));
}
