/* Commands that make or change what a ledger consists of. */
#ifndef BALANCE_COMMAND_H
#define BALANCE_COMMAND_H

#include "compat.h"

extern void run_command(const char *command);

#endif							/* BALANCE_COMMAND_H */
