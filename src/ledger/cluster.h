/* Whether there is a cluster, and whether rows are on other servers. */
#ifndef BALANCE_CLUSTER_H
#define BALANCE_CLUSTER_H

#include "ledger.h"

extern bool has_cluster(void);
extern bool cluster_finds(const char *sql, Oid type, Datum value);
extern bool is_cluster_table(Oid relid);
extern int	begin_plain_values(void);
extern void require_policies_answered(const Ledger *ledger, uint32 names);
extern bool reads_foreign_table(Oid relid);

#endif							/* BALANCE_CLUSTER_H */
