/*-------------------------------------------------------------------------
 *
 * module.c
 *	  Loading the library.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "store/store.h"
#include "document/figures.h"
#include "fmgr.h"
#include "ledger/ledger.h"
#include "ledger/plan.h"
#include "ledger/snapshot.h"
#include "utils/guc.h"
#include "value/currency.h"
#include "value/status.h"

PG_MODULE_MAGIC_EXT(.name = "balance", .version = BALANCE_VERSION);

void		_PG_init(void);

/* Tables that rows are looked up in, and the settings. */
void
_PG_init(void)
{
	currency_init();
	status_init();
	figures_init();
	ledger_init();
	plan_init();
	snapshot_init();
	store_init();
	store_scan_init();
	MarkGUCPrefixReserved("balance");
}
