/* The tables of a ledger as DDL, for who makes one and for who adds to one. */
#ifndef BALANCE_CREATE_LEDGER_H
#define BALANCE_CREATE_LEDGER_H

#include "compat.h"

#include "ledger/columns.h"
#include "lib/stringinfo.h"

extern void create_ledger_table(const char *schema, const RelationSpec *relation,
								bool distributed);
extern void define_ledger_column(StringInfo sql, const char *schema,
								 const RelationSpec *relation, const ColumnSpec *column,
								 bool distributed);
extern void append_reference_with_customer(StringInfo sql, const char *schema,
										   const RelationSpec *relation,
										   const ColumnSpec *column);
extern void complete_ledger_column(StringInfo sql, const char *table,
								   const RelationSpec *relation, const ColumnSpec *column,
								   bool distributed);

#endif							/* BALANCE_CREATE_LEDGER_H */
