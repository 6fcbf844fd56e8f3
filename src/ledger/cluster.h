/* Whether there is a cluster, and whether a table's rows are on its servers. */
#ifndef BALANCE_CLUSTER_H
#define BALANCE_CLUSTER_H

#include "compat.h"

extern bool has_cluster(void);
extern bool cluster_finds(const char *sql, Oid type, Datum value);
extern bool is_cluster_table(Oid relid);

#endif							/* BALANCE_CLUSTER_H */
