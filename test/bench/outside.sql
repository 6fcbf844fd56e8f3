-- What else one would take for a whole book: a materialized view that is made anew at
-- night, or DuckDB, with its rows in it already or pulled out of PostgreSQL first.
-- outside.sh runs the latter; what it answers are the figures, not the documents.
CREATE MATERIALIZED VIEW bench.nightly AS
SELECT * FROM balance.customer_balances(ledger => 'book');

SELECT bench.add('balance: documents',
	ARRAY['SELECT * FROM balance.customer_balances(ledger => ''book'')'], 'documents');
SELECT bench.add('balance: documents, a worker and the leader',
	ARRAY['SELECT * FROM balance.customer_balances(ledger => ''book'')'], 'documents',
	settings => '{"max_parallel_workers_per_gather": "1"}');
SELECT bench.add('materialized view: documents read', ARRAY['SELECT * FROM bench.nightly'],
	'documents');
SELECT bench.add('sql: figures', ARRAY['SELECT * FROM bench.balance_cells']);
SELECT bench.check_answers();
CALL bench.compete();

DO $$
DECLARE
	started timestamptz;
	cpu float8;
BEGIN
	FOR i IN 1 .. current_setting('bench.runs')::int LOOP
		started := clock_timestamp();
		cpu := bench.cpu();
		REFRESH MATERIALIZED VIEW bench.nightly;
		INSERT INTO bench.run (name, round, ms, cpu_ms)
		VALUES ('materialized view: made anew', i,
			extract(epoch FROM clock_timestamp() - started) * 1000, bench.cpu() - cpu);
	END LOOP;
END $$;
