# shellcheck shell=bash disable=SC2154
# Sourced by bench.sh after outside.sql: DuckDB from npm makes the figures of
# bench.balance_cells, which are compared with them.
duckdb=1.5.6-r.1
mkdir -p duckdb
if (cd duckdb && npm install --silent --no-audit --no-fund "@duckdb/node-api@$duckdb" \
	>npm.log 2>&1 </dev/null); then
	cp "$here/outside.mjs" duckdb/
	(cd duckdb && RUNS=$runs PSQL=$bindir/psql node outside.mjs) >duckdb/runs.tsv
	run_psql -o /dev/null \
		-c "CREATE TABLE bench.duckdb AS SELECT customer_id, currency, n_void, void, n_paid, paid,
			n_draft, draft, n_ready, ready FROM bench.balance_cells LIMIT 0" \
		-c "\\copy bench.duckdb FROM 'duckdb/figures.csv' (FORMAT csv)" \
		-c "\\copy bench.run (name, round, ms) FROM 'duckdb/runs.tsv'"
	differing=$(run_psql -At -c "
		WITH book AS (SELECT customer_id, currency, n_void, void, n_paid, paid, n_draft, draft,
			n_ready, ready FROM bench.balance_cells)
		SELECT count(*) FROM ((TABLE book EXCEPT ALL TABLE bench.duckdb)
			UNION ALL (TABLE bench.duckdb EXCEPT ALL TABLE book)) d")
	[[ $differing == 0 ]] || die "the figures of DuckDB differ in $differing rows"
else
	cat duckdb/npm.log >&2
	echo "DuckDB is left out: @duckdb/node-api@$duckdb could not be installed by npm"
fi
