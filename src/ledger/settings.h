/* Settings that hold for a while. */
#ifndef BALANCE_SETTINGS_H
#define BALANCE_SETTINGS_H

#include "compat.h"

extern int	begin_settings(const char *const(*settings)[2], int n);
extern void end_settings(int level);

#endif							/* BALANCE_SETTINGS_H */
