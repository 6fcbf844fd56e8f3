# shellcheck shell=bash disable=SC2154
# Sourced by bench.sh after instructions.sql: callgrind over a server of one process, which
# takes the place of the other one meanwhile.  A call is what 550 calls take less what 50
# take, by 500, so nothing of it is the process's or a first call's.

# Sets counted to the instructions of statements, whose profile is in callgrind.out.
count_instructions() {
	printf '%s\n\n' "$1" >statement.in
	# shellcheck disable=SC2016
	quietly valgrind.log sh -c 'exec "$0" "$@" <statement.in' valgrind --tool=callgrind \
		--callgrind-out-file="$work/callgrind.out" "$bindir/postgres" --single -j \
		-D "$work/data" "$PGDATABASE" || true
	counted=$(sed -n 's/.*Collected : //p' valgrind.log)
	! grep -E 'ERROR|FATAL' valgrind.log >&2 || counted=
	[[ $counted ]] || die "this was not counted: $1"
}

# Only where something is asked of it, as it takes a while.
read_profile() {
	[[ ! $1 ]] || callgrind_annotate --inclusive=yes --threshold=100 callgrind.out >inclusive.txt
}

# Those of a function with all that it calls, of the last profile.
count_cause() {
	awk -v name=":$1( |$)" '$0 ~ name { gsub(",", "", $1); if ($1 + 0 > most) most = $1 + 0 }
		END { print most + 0 }' inclusive.txt
}

# What one call, or one row of 100,000, takes; and of it some functions.
count_statement() {
	local place=$1 statement=$2 causes=$3 base=$4 by=100000 nth=0 cause
	declare -A before=()
	if [[ $statement == *\$1* ]]; then
		statement="PERFORM ${statement//\$1/(10000000 + i % 1000)::text}"
		statement="DO \$do\$ BEGIN FOR i IN 1..CALLS LOOP $statement; END LOOP; END \$do\$"
		count_instructions "${statement/CALLS/50};"
		base=$counted
		read_profile "$causes"
		for cause in $causes; do before[$cause]=$(count_cause "$cause"); done
		by=500
	fi
	count_instructions "${statement/CALLS/550};"
	read_profile "$causes"
	echo "UPDATE bench.counted SET instructions = ($counted - $base) / $by.0 WHERE place = $place;"
	for cause in $causes; do
		echo "INSERT INTO bench.cause VALUES ($place, $((++nth)), '$cause',
			($(count_cause "$cause") - ${before[$cause]:-0}) / $by.0);"
	done
}

restart_server() {
	"${as_user[@]}" "$bindir/pg_ctl" -D "$work/data" -m fast -w stop >/dev/null
	"$@"
	run_server 240
}

count_all() {
	local place statement causes base
	count_instructions 'SELECT 1;'
	base=$counted
	while IFS=$'\t' read -r place statement causes; do
		count_statement "$place" "$statement" "$causes" "$base"
	done <statements.tsv >counts.sql
}

if command -v valgrind >/dev/null; then
	run_psql -At -F $'\t' -c "SELECT place, regexp_replace(statement, '\s+', ' ', 'g'),
		array_to_string(causes, ' ') FROM bench.counted ORDER BY place" >statements.tsv
	restart_server count_all
	run_psql -o /dev/null -f counts.sql
else
	echo "valgrind is not here (as root: apt-get install valgrind), so nothing is counted"
fi
