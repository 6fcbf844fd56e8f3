/*-------------------------------------------------------------------------
 *
 * settings.c
 *	  Settings that hold for a while, whatever the session has set.
 *
 *-------------------------------------------------------------------------
 */
#include "settings.h"

#include "utils/guc.h"

/* Names and values; what is returned ends them, and so does an error. */
int
begin_settings(const char *const(*settings)[2], int n)
{
	int			level = NewGUCNestLevel();

	for (int i = 0; i < n; i++)
		(void) set_config_option(settings[i][0], settings[i][1], PGC_USERSET,
								 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	return level;
}

/* Nothing was begun where the level is 0. */
void
end_settings(int level)
{
	if (level > 0)
		AtEOXact_GUC(true, level);
}
