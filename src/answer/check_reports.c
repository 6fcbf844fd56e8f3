/*-------------------------------------------------------------------------
 *
 * check_reports.c
 *	  Whether the report views read what the documents read: a relation that
 *	  was renamed, replaced or added after them makes two answers.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "check_ledger.h"
#include "utils/builtins.h"

/* What each report reads of a ledger that has it; columns are the optional ones. */
#define REPORTS_READ \
	"(VALUES ('report_customer_balance', 'invoice', NULL),\n" \
	" ('report_customer_balance', 'invoice', 'payment_status'),\n" \
	" ('report_customer_balance', 'deposit', NULL),\n" \
	" ('report_customer_balance', 'customer', 'wb_customer_id'),\n" \
	" ('report_invoice_summary', 'invoice', NULL),\n" \
	" ('report_invoice_summary', 'invoice', 'payment_status'),\n" \
	" ('report_invoice_summary', 'invoice', 'due_date'),\n" \
	" ('report_invoice_summary', 'invoice_line_item', NULL),\n" \
	" ('report_invoice_summary', 'invoice_line_item', 'price_type'),\n" \
	" ('report_ageing', 'invoice', NULL),\n" \
	" ('report_ageing', 'invoice', 'payment_status'),\n" \
	" ('report_ageing', 'invoice', 'due_date'),\n" \
	" ('report_vcu_balance', 'vcu_invoice', NULL),\n" \
	" ('report_vcu_balance', 'vcu_invoice', 'paid_at'),\n" \
	" ('report_vcu_balance', 'vcu_order', NULL),\n" \
	" ('report_vcu_balance', 'vcu_order', 'pay_with_balance'),\n" \
	" ('report_customer_credits', 'credit_memo', NULL),\n" \
	" ('report_customer_credits', 'customer', 'customer_name')) e(view, relation, attname)"

/* Our views, which have our comment; and what they read. */
#define REPORTS \
	"WITH reports AS (SELECT v.oid, v.relname::text AS name\n" \
	" FROM pg_class v WHERE v.relnamespace = $1 AND v.relkind = 'v'\n" \
	"  AND starts_with(obj_description(v.oid, 'pg_class'),\n" \
	"   'Report of balance: ')),\n" \
	"reads AS (SELECT v.name, d.refobjid AS relid, d.refobjsubid AS attnum FROM reports v\n" \
	" JOIN pg_rewrite w ON w.ev_class = v.oid\n" \
	" JOIN pg_depend d ON d.objid = w.oid\n" \
	"  AND d.classid = 'pg_catalog.pg_rewrite'::regclass\n" \
	"  AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> v.oid)\n"

#define READ_BY_DOCUMENTS_ONLY \
	"SELECT DISTINCT v.name, concat('does not read ', e.relation,\n" \
	"  CASE WHEN e.attname IS NOT NULL THEN concat('.', e.attname) END,\n" \
	"  ', which the documents read')\n" \
	"FROM " REPORTS_READ "\n" \
	/* report_metrics has what the others have, but the customer's columns */ \
	"JOIN reports v ON v.name = e.view\n" \
	" OR v.name = 'report_metrics' AND e.relation <> 'customer'\n" \
	"JOIN pg_class t ON t.relnamespace = $1\n" \
	" AND t.relname::text = e.relation\n" \
	"LEFT JOIN pg_attribute a ON a.attrelid = t.oid\n" \
	" AND a.attname::text = e.attname AND NOT a.attisdropped\n" \
	"WHERE (e.attname IS NULL OR a.attnum IS NOT NULL)\n" \
	" AND NOT EXISTS (SELECT FROM reads r WHERE r.name = v.name AND r.relid = t.oid\n" \
	"  AND (e.attname IS NULL OR r.attnum = a.attnum))\n" \
	/* of a relation that is not read at all, no column is told */ \
	" AND (e.attname IS NULL OR e.relation = 'customer'\n" \
	"  OR EXISTS (SELECT FROM reads r WHERE r.name = v.name AND r.relid = t.oid))\n" \
	"ORDER BY 1, 2"

#define READ_BY_REPORTS_ONLY \
	"SELECT DISTINCT r.name,\n" \
	" concat('reads ', format('%s.%I', t.relnamespace::regnamespace::text, t.relname),\n" \
	"  ', which no document reads')\n" \
	"FROM reads r JOIN pg_class t ON t.oid = r.relid\n" \
	"WHERE t.oid <> ALL (SELECT v.oid FROM reports v)\n" \
	" AND (t.relnamespace <> $1\n" \
	"  OR t.relname::text <> ALL\n" \
	"   (SELECT e.relation FROM " REPORTS_READ "))\n" \
	"ORDER BY 1, 2"

static void
add_report_findings(ReturnSetInfo *result, const Ledger *ledger, const char *query)
{
	Oid			type = OIDOID;
	Datum		value = ObjectIdGetDatum(ledger->schema);

	read_catalog(query, 1, &type, &value);
	for (uint64 row = 0; row < SPI_processed; row++)
		add_finding(result, text_to_cstring(result_text(row, 1)), NULL, SEVERITY_WARNING,
					text_to_cstring(result_text(row, 2)),
					psprintf("SELECT balance.create_report_views(%s);",
							 quote_literal_cstr(quote_identifier(ledger->name))));
}

/* What the views read and the documents do not, and the other way round. */
void
check_reports(ReturnSetInfo *result, const Ledger *ledger)
{
	add_report_findings(result, ledger, REPORTS READ_BY_REPORTS_ONLY);
	add_report_findings(result, ledger, REPORTS READ_BY_DOCUMENTS_ONLY);
}
