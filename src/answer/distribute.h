/* Tables of a ledger on a cluster: what Citus is asked for, where it is. */
#ifndef BALANCE_DISTRIBUTE_H
#define BALANCE_DISTRIBUTE_H

#include "compat.h"

extern bool ledger_is_distributed(Oid schema);
extern void require_untenanted(const char *schema);
extern void distribute_table(const char *schema, const char *name, bool has_customer);

#endif							/* BALANCE_DISTRIBUTE_H */
