// Run by outside.sh: what DuckDB takes for a book's figures, with one thread and with two,
// with the rows in it already and pulled out of PostgreSQL by COPY first.  Prints name,
// run and milliseconds, and leaves the figures in figures.csv.
import { spawnSync } from 'node:child_process';
import { DuckDBInstance } from '@duckdb/node-api';

const runs = Number(process.env.RUNS);
const pull = `\\copy (SELECT customer_id, currency, invoice_status, payment_status, total
	FROM book.invoice) TO 'rows.csv' (FORMAT csv)`.replace(/\s+/g, ' ');
const rows = `read_csv('rows.csv', header = false, columns = {customer_id: 'VARCHAR',
	currency: 'VARCHAR', invoice_status: 'VARCHAR', payment_status: 'VARCHAR',
	total: 'DECIMAL(18, 2)'})`;
const classes = ['void', 'paid', 'draft', 'ready'];

// As bench.class() tells them.
function figures(from) {
	return `SELECT customer_id, currency, ${classes.map((word, i) =>
		`count(*) FILTER (class = ${i + 1}), sum(total) FILTER (class = ${i + 1})`)}
	FROM (SELECT customer_id, currency, total,
		CASE WHEN invoice_status IN ('voided', 'void', 'canceled', 'cancelled', 'skipped',
				'written_off', 'uncollectible') THEN 1
			WHEN invoice_status = 'paid' OR payment_status IN ('succeeded', 'paid', 'overpaid',
				'refunded', 'partially_refunded') THEN 2
			WHEN invoice_status IN ('draft', 'pending_validation') THEN 3 ELSE 4 END AS class
		FROM ${from}) GROUP BY ALL`;
}

function pullRows() {
	const psql = spawnSync(process.env.PSQL, ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-c', pull],
		{ stdio: ['ignore', 'inherit', 'inherit'] });
	if (psql.status !== 0)
		throw new Error('the rows could not be pulled');
}

async function time(name, run, work) {
	const started = process.hrtime.bigint();
	await work();
	if (run > 0)
		console.log([name, run, Number(process.hrtime.bigint() - started) / 1e6].join('\t'));
}

const connection = await (await DuckDBInstance.create(':memory:')).connect();
pullRows();
await connection.run(`CREATE TABLE invoice AS SELECT * FROM ${rows}`);
await connection.run(`COPY (${figures('invoice')}) TO 'figures.csv' (HEADER false)`);
for (let run = 0; run <= runs; run++)
	for (const threads of [1, 2]) {
		const with_threads = `${threads} ${threads === 1 ? 'thread' : 'threads'}`;
		await connection.run(`SET threads TO ${threads}`);
		await time(`duckdb: figures, ${with_threads}`, run,
			() => connection.runAndReadAll(figures('invoice')));
		await time(`duckdb: figures of rows pulled first, ${with_threads}`, run, async () => {
			pullRows();
			await connection.runAndReadAll(figures(rows));
		});
	}
