#!/usr/bin/env bash
# make test-bench: each suite of make bench at a small size, once: that it runs to its
# end, that all sides give the same answers, and that what is compared is told.  How
# long anything takes is asserted nowhere.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
export BENCH_ROWS=${BENCH_ROWS:-20000} BENCH_CUSTOMERS=${BENCH_CUSTOMERS:-200} BENCH_RUNS=1 \
	BENCH_LOOKUPS=${BENCH_LOOKUPS:-200}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for suite in ${BENCH:-$(basename -s .sql -- "$top"/test/bench/*.sql)}; do
	log=$folder/$suite.log
	if ! BENCH=$suite bash "$top/test/bench.sh" >"$log" 2>&1 </dev/null; then
		tail -n 20 "$log"
		fail "$suite"
	elif why=$(grep -E '^(valgrind is not here|DuckDB is left out)' "$log"); then
		skip "$suite: $why"
	elif grep -E '^ .*\| +[0-9.]+ ' "$log" >/dev/null; then
		pass "$suite"
	else
		cat "$log"
		fail "$suite: nothing was measured"
	fi
done
finish
