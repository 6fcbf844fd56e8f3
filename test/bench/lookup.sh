# shellcheck shell=bash disable=SC2154
# Sourced by bench.sh after lookup.sql: pgbench runs the contenders in turn, each
# run in a session of its own and over the same customers.  The median of its
# look-ups leaves out that a session's first ones are planned, and so does the
# CPU time, which the session's process is asked for after ten and at the end.
write_scripts() {
	local place
	for place in "${places[@]}"; do
		cat <<-SCRIPT >"lookup.$place.sql"
			\\set i :i + 1
			\\if :i = 11 or :i = $lookups
			INSERT INTO bench.clock VALUES (bench.cpu());
			\\endif
			\\set n random(10000000, $((10000000 + customers - 1)))
			$(run_psql -At -c "SELECT replace(query[1], '\$1', ':n') FROM bench.contender
				WHERE suite = '$suite' AND place = $place");
		SCRIPT
	done
}

look_up() {
	local round=$1 place=$2 count median
	rm -f lookup.log.*
	run_psql -c 'TRUNCATE bench.clock'
	"$bindir/pgbench" -n -M prepared -c 1 -t "$lookups" -D i=0 --random-seed="$round" \
		-f "lookup.$place.sql" --log --log-prefix=lookup.log >lookup.out 2>&1 </dev/null ||
		{ cat lookup.out >&2 && die "pgbench failed"; }
	count=$(cat lookup.log.* | wc -l)
	[[ $count == "$lookups" ]] || die "pgbench made $count of $lookups look-ups"
	median=$(cut -d' ' -f3 lookup.log.* | sort -n | sed -n "$(((count + 1) / 2))p")
	[[ $round == 0 ]] || run_psql -c "INSERT INTO bench.run (name, round, ms, cpu_ms)
		SELECT name, $round, $median / 1000.0,
			(SELECT (max(cpu_ms) - min(cpu_ms)) / ($lookups - 11) FROM bench.clock)
		FROM bench.contender WHERE suite = '$suite' AND place = $place"
}

[[ $lookups -gt 100 ]] || die "BENCH_LOOKUPS=$lookups are too few for a median"
run_psql -c 'CREATE UNLOGGED TABLE bench.clock (cpu_ms float8)'
readarray -t places < <(run_psql -At \
	-c "SELECT place FROM bench.contender WHERE suite = '$suite' ORDER BY place")
write_scripts
for ((round = 0; round <= runs; round++)); do
	for ((i = 0; i < ${#places[@]}; i++)); do
		look_up "$round" "${places[(i + round) % ${#places[@]}]}"
	done
done
