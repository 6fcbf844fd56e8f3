# shellcheck shell=bash disable=SC2154
# Sourced by bench.sh after first.sql: pgbench makes a connection for each call, whose
# own time it leaves out.  The contenders take turns, and a run is the median of its calls.
calls=${BENCH_FIRST_CALLS:-100}

first_calls() {
	local round=$1 place=$2 count median
	rm -f first.log.*
	"$bindir/pgbench" -n -C -c 1 -t "$calls" --random-seed="$round" -f "first.$place.sql" --log \
		--log-prefix=first.log >first.out 2>&1 </dev/null ||
		{ cat first.out >&2 && die "pgbench failed"; }
	count=$(cat first.log.* | wc -l)
	[[ $count == "$calls" ]] || die "pgbench made $count of $calls calls"
	median=$(cut -d' ' -f3 first.log.* | sort -n | sed -n "$(((count + 1) / 2))p")
	[[ $round == 0 ]] || run_psql -c "INSERT INTO bench.run (name, round, ms)
		SELECT name, $round, $median / 1000.0
		FROM bench.contender WHERE suite = '$suite' AND place = $place"
}

readarray -t places < <(run_psql -At \
	-c "SELECT place FROM bench.contender WHERE suite = '$suite' ORDER BY place")
for place in "${places[@]}"; do
	# shellcheck disable=SC2016
	printf '\\set n random(10000000, 10000099)\n%s;\n' "$(run_psql -At \
		-c "SELECT replace(query[1], '\$1', ':n::text') FROM bench.contender
			WHERE suite = '$suite' AND place = $place")" >"first.$place.sql"
done
for ((round = 0; round <= runs; round++)); do
	for ((i = 0; i < ${#places[@]}; i++)); do
		first_calls "$round" "${places[(i + round) % ${#places[@]}]}"
	done
done
