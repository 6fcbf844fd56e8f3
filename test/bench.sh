#!/usr/bin/env bash
# make bench: the benchmarks of test/bench on a throw-away server, built as
# users build it. BENCH_ROWS, BENCH_CUSTOMERS and BENCH_RUNS set the sizes.
COPT=${COPT:- }
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
work=

# Nothing may be left running or lying about, however we end.
clean_up() {
	[[ $work ]] || return 0
	stop_child
	stop_server "$work/data"
	rm -rf "$work"
}

install_packages bench
trap clean_up EXIT
trap 'exit 143' INT TERM HUP
make_work_folder tmp_bench
rm -rf data
build
install_privately
start_server 120 bench <<<'shared_buffers = 2GB'
"$bindir/psql" -X -q -c 'CREATE EXTENSION balance'
for file in "$top"/test/bench/*.sql; do
	"$bindir/psql" -X -q -v rows="${BENCH_ROWS:-1000000}" -v customers="${BENCH_CUSTOMERS:-10000}" \
		-v runs="${BENCH_RUNS:-5}" -f "$file" </dev/null
done
