/*-------------------------------------------------------------------------
 *
 * check_ledger.h
 *	  The parts of check_ledger(), each of which adds its findings.
 *
 *-------------------------------------------------------------------------
 */
#ifndef BALANCE_CHECK_LEDGER_H
#define BALANCE_CHECK_LEDGER_H

#include "compat.h"

#include "ledger/plan.h"

/*
 * An error keeps a document from being made, a warning makes it slow, unsafe
 * or unlike another answer, and a notice may need no action.
 */
#define SEVERITY_ERROR		"error"
#define SEVERITY_WARNING	"warning"
#define SEVERITY_NOTICE		"notice"

/*
 * From views u(oid) to what they read: v is the view, d its SELECT rule's
 * dependency on a catalogue.
 */
#define READS_OF(is_view, catalogue) \
	"JOIN pg_class v ON v.oid = u.oid AND v.relkind " is_view "\n" \
	" JOIN pg_rewrite w ON w.ev_class = v.oid AND w.ev_type = '1'\n" \
	" JOIN pg_depend d ON d.objid = w.oid AND d.classid = 'pg_catalog.pg_rewrite'::regclass\n" \
	"  AND d.refclassid = 'pg_catalog." catalogue "'::regclass AND d.refobjid <> v.oid"

/* Begins a query: used(oid) is the relation $1 and, at any depth, what its views read. */
#define USED_BY(is_view) \
	"WITH RECURSIVE used(oid) AS (\n" \
	" SELECT $1\n" \
	" UNION\n" \
	" SELECT d.refobjid FROM used u " READS_OF(is_view, "pg_class") "\n)"

extern void add_finding(ReturnSetInfo *result, const char *relation,
						const char *column, const char *severity,
						const char *message, const char *hint);
extern void read_catalog(const char *template, int nparameters, Oid *types,
						 Datum *values);

/* check_columns.c */
extern void check_columns(ReturnSetInfo *result, const LedgerRelation *relation);
extern bool column_type_converts(const ColumnSpec *column, Oid type);

/* check_references.c */
extern void check_references(ReturnSetInfo *result,
							 const LedgerRelation *relation);

/* check_lookup.c */
extern void check_lookup(ReturnSetInfo *result, const LedgerRelation *relation);

/* check_rights.c */
extern bool check_schema_right(ReturnSetInfo *result, const Ledger *ledger);
extern void check_rights(ReturnSetInfo *result, const LedgerRelation *relation);
extern void check_row_security(ReturnSetInfo *result,
							   const LedgerRelation *relation);

/* check_absent.c */
extern void check_absent_relation(ReturnSetInfo *result, const Ledger *ledger,
								  const RelationSpec *spec, bool is_empty);
extern void check_absent_columns(ReturnSetInfo *result,
								 const LedgerRelation *relation);

/* check_reports.c */
extern void check_reports(ReturnSetInfo *result, const Ledger *ledger);

/* check_cluster.c */
extern void check_cluster(ReturnSetInfo *result, const Ledger *ledger);

/* name_likeness.c */
extern bool column_name_says_minor(const char *name);
extern bool column_names_alike(const char *found, const char *wanted,
							   const char *relation);
extern bool relation_names_alike(const char *found, const char *wanted);

#endif							/* BALANCE_CHECK_LEDGER_H */
