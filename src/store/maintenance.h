/*-------------------------------------------------------------------------
 *
 * maintenance.h
 *	  What beginning to maintain a ledger, repairing and ending consist of.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_STORE_MAINTENANCE_H
#define BALANCE_STORE_MAINTENANCE_H

#include "compat.h"

#include "store.h"

/* guard.c */
extern void guard_table(const char *table);
extern bool has_guard(Oid relid);
extern void execute_on_marker(const Ledger *ledger, const char *command);

/* tables.c */
extern void drop_tables(const Ledger *ledger);
extern Oid	create_store(const Ledger *ledger);
extern void mend_table(const Ledger *ledger, Oid relid);

/* relation_triggers.c */
extern void create_triggers(Oid relid, Oid table, const KeptRelation *kept, Oid store);
extern void drop_strays(Oid relid, const KeptRelation *kept, Oid store);

/* marker.c */
/* What the marker has in place of a signature for a view that raised an error. */
#define MARKED_UNREADABLE	"its rows cannot be read: "

extern const char *marked_signature(const Ledger *ledger, const KeptRelation *kept);
extern void unmark(const Ledger *ledger, const KeptRelation *kept, const char *reason);
extern void mark(const Ledger *ledger, const KeptRelation *kept, const char *signature,
				 bool has_lacked);
extern bool has_same_columns(const Ledger *ledger, const KeptRelation *kept,
							 const char *signature);

/* repair.c */
extern void repair_ledger(const Ledger *ledger, Oid store, Progress *progress);

#endif							/* BALANCE_STORE_MAINTENANCE_H */
