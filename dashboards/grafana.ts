// grafana.json, a dashboard over any ledger with report views: it is made of this by
// `node --experimental-strip-types` or tsc, and a test fails where it is stale.  It
// reads with the rights of the data source's role, never adds currencies, and shows
// amounts in tables as the text that PostgreSQL makes of them: Grafana's numbers are
// floats, and only the bars are drawn from those.
import { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import { PanelBuilder as BarChart } from '@grafana/grafana-foundation-sdk/barchart';
import { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
import { DashboardBuilder, DatasourceVariableBuilder, QueryVariableBuilder,
	TextBoxVariableBuilder, VariableRefresh } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table';

const source: DataSourceRef = { type: 'grafana-postgresql-datasource', uid: '${source}' };

interface PostgresQuery extends Dataquery {
	refId: string;
	datasource: DataSourceRef;
	editorMode: 'code';
	format: 'table';
	rawQuery: true;
	rawSql: string;
}

// The data source's own query, of which the SDK has no type.
class Query implements Builder<PostgresQuery> {
	constructor(private readonly sql: string) {}

	build(): PostgresQuery {
		return {
			refId: 'A', datasource: source, editorMode: 'code', format: 'table', rawQuery: true,
			rawSql: this.sql, _implementsDataqueryVariant() {},
		};
	}
}

const ledger = 'pg_catalog.to_regnamespace(pg_catalog.quote_ident(${ledger:sqlstring}))';
const view = (name: string) => `\${ledger:doublequote}.report_${name}`;
const table = (title: string, description: string, width: number, sql: string) =>
	new Table().title(title).description(description).datasource(source).span(width).height(9)
		.withTarget(new Query(sql));

const board = new DashboardBuilder('Receivables')
	.uid('balance-receivables')
	.description('What customers owe and hold, per currency, by the extension balance.')
	.tags(['balance', 'billing'])
	.time({ from: 'now-1M/M', to: 'now' })
	.withVariable(new DatasourceVariableBuilder('source').label('Data source')
		.type('grafana-postgresql-datasource'))
	.withVariable(new QueryVariableBuilder('ledger').label('Ledger').datasource(source)
		.refresh(VariableRefresh.OnDashboardLoad)
		.query(`SELECT n.nspname FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname = 'report_invoice_summary' AND c.relkind = 'v' ORDER BY 1`))
	.withVariable(new QueryVariableBuilder('currency').label('Currency').datasource(source)
		.refresh(VariableRefresh.OnDashboardLoad)
		.query(`SELECT DISTINCT currency FROM ${view('invoice_summary')} ORDER BY 1`))
	.withVariable(new TextBoxVariableBuilder('customer').label('Customer'))
	.withPanel(table('Receivables', 'One row a currency; currencies are never added up.', 12,
		`SELECT currency, count(*) FILTER (WHERE unpaid_invoice_count > 0) AS customers,
	sum(unpaid_invoice_count) AS invoices, sum(total_unpaid_amount)::text AS unpaid,
	sum(total_overdue_amount)::text AS overdue
FROM ${view('invoice_summary')} GROUP BY currency ORDER BY currency`))
	.withPanel(new BarChart().title('Ageing of ${currency}').datasource(source).span(12).height(9)
		.description('Drafts and open invoices, by days past due in the session\'s time zone.')
		.withTarget(new Query(`SELECT bucket, sum(amount)::float8 AS amount
FROM ${view('ageing')} WHERE currency = \${currency:sqlstring}
GROUP BY bucket, from_days ORDER BY from_days NULLS FIRST, bucket`)))
	.withPanel(table('Who owes most in ${currency}',
		'By what is unpaid, then by what is overdue.', 12,
		`SELECT customer_id, total_unpaid_amount::text AS unpaid, unpaid_invoice_count AS invoices,
	total_overdue_amount::text AS overdue
FROM balance.top_debtors(\${currency:sqlstring}, 20, now(),
	current_setting('TimeZone'), ${ledger})`))
	.withPanel(table('Unpaid invoices of ${customer}', 'The rows behind total_unpaid_amount.', 12,
		`SELECT id, class, amount::text, item ->> 'due_date' AS due
FROM balance.items(\${customer:sqlstring}, 'total_unpaid_amount', \${currency:sqlstring}, now(),
	current_setting('TimeZone'), ${ledger})
WHERE \${customer:sqlstring} <> ''`))
	.withPanel(table('Deposits', 'What is held, by status.', 12,
		`SELECT currency, state AS status, sum(count) AS deposits, sum(total)::text AS amount
FROM ${view('customer_balance')} WHERE kind = 'deposits' GROUP BY 1, 2 ORDER BY 1, 2`))
	.withPanel(table('Credits', 'What is left of credit memos.', 12,
		`SELECT currency, sum(credit_memos_count) AS memos,
	sum(total_credits_available_dollars)::text AS available
FROM ${view('customer_credits')} GROUP BY currency ORDER BY currency`))
	.withPanel(table('Findings',
		'What verify() finds in the rows: mend these before you trust a number.', 24,
		`SELECT rule, rows, example, what_to_do FROM balance.verify_summary(${ledger})`));

console.log(JSON.stringify(board.build(), null, '\t'));
