#!/usr/bin/env bash
# make bench: the benchmarks of test/bench on a throw-away server, built as
# users build it. BENCH names some of them (default: all), BENCH_ROWS,
# BENCH_CUSTOMERS and BENCH_RUNS set the sizes, BENCH_LOOKUPS how many look-ups
# a run makes. Nothing here is asserted but that all sides answer the same.
COPT=${COPT:- }
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
# shellcheck disable=SC2034
rows=${BENCH_ROWS:-1000000} customers=${BENCH_CUSTOMERS:-10000} runs=${BENCH_RUNS:-5} \
	lookups=${BENCH_LOOKUPS:-2000}
here=$top/test/bench
work=

# Nothing may be left running or lying about, however we end.
clean_up() {
	[[ $work ]] || return 0
	stop_child
	stop_server "$work/data"
	rm -rf "$work"
}

run_psql() {
	"$bindir/psql" -X -q -v ON_ERROR_STOP=1 -v rows="$rows" -v customers="$customers" \
		-v runs="$runs" "$@" </dev/null
}

# A suite is a file of SQL that registers contenders and lets them compete; a
# script of the same name does what has to be done from outside the server.
run_suite() {
	export PGOPTIONS="-c bench.suite=$1 -c bench.runs=$runs -c client_min_messages=warning"
	echo
	echo "--- $1: $(sed -n '/^-- /!q; s/^-- //p' "$here/$1.sql" | paste -sd' ')"
	run_psql -o /dev/null -f "$here/$1.sql"
	# shellcheck disable=SC1090
	[[ ! -e $here/$1.sh ]] || source "$here/$1.sh"
	run_psql -f "$here/common/report.sql"
}

suites=${BENCH:-$(cd "$here" && basename -s .sql -- *.sql)}
for suite in $suites; do
	[[ -e $here/$suite.sql ]] || die "there is no test/bench/$suite.sql"
done
install_packages bench
trap clean_up EXIT
trap 'exit 143' INT TERM HUP
make_work_folder tmp_bench
rm -rf data
build
install_privately
start_server 240 bench <<<'shared_buffers = 2GB'
echo "loading $rows invoices of $customers customers ..."
run_psql -o /dev/null -c 'CREATE EXTENSION balance' -f "$here/common/functions.sql" \
	-f "$here/common/load.sql" -f "$here/common/statements.sql"

run_psql -At -c 'SELECT version()' \
	-c "SELECT string_agg(name || ' = ' || current_setting(name), ', ' ORDER BY name)
	FROM pg_settings WHERE name IN ('shared_buffers', 'work_mem', 'hash_mem_multiplier', 'jit',
		'fsync', 'max_parallel_workers_per_gather')"
echo "$(nproc) processors, $rows invoices, $customers customers, 5 currencies;" \
	"medians of $runs runs, in turn"
for suite in $suites; do
	run_suite "$suite"
done
echo
echo "--- in short"
run_psql -P footer=off -c 'SELECT suite, what, "ratio of medians", "median of ratios",
	"by CPU time", must, aim, reached FROM bench.verdict ORDER BY suite, place'
