#!/usr/bin/env bash
# make test-all: make test, then every part in test/parts, each by itself.
# PARTS="static fuzz" runs these only.  Ends with a table, a line a part, and one
# line that adds them up.  Each part's output is kept in tmp_all, and how long it
# took, which the next run tells beforehand.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
folder=$PWD/tmp_all
lines=() status=0 passed=0 failed=0 skipped=0
mkdir -p "$folder" || exit 1
exec 3>&1

span() {
	printf '%d:%02d:%02d' $(($1 / 3600)) $(($1 / 60 % 60)) $(($1 % 60))
}

# run NUMBER NAME COMMAND...
run() {
	local name=$2 log=$folder/$2.log last count=() state=ok seconds=$SECONDS result=0 before
	before=$(cat "$folder/$name.seconds" 2>/dev/null)
	echo "==== $1 of $total: $name, $(date +%H:%M)${before:+, last time $(span "$before")}"
	shift 2
	"$@" </dev/null 2>&1 | tee "$log" >&3
	result=${PIPESTATUS[0]}
	seconds=$((SECONDS - seconds))
	last=$(tail -n1 "$log")
	if [[ $last =~ ([0-9]+)\ passed,\ ([0-9]+)\ failed(,\ ([0-9]+)\ skipped)? ]]; then
		count=("${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" "${BASH_REMATCH[4]:-0}")
		echo "$seconds" >"$folder/$name.seconds"
	else
		count=(0 1 0)
	fi
	passed=$((passed + count[0])) failed=$((failed + count[1])) skipped=$((skipped + count[2]))
	if [[ $result != 0 || ${count[1]} != 0 ]]; then
		state="FAILED: $log"
		status=1
	elif [[ ${count[2]} != 0 ]]; then
		state="ok, but see its log for what was skipped"
	fi
	lines+=("$(printf '%-14s %9s %7d %7d %7d  %s' "$name" "$(span $seconds)" "${count[@]}" \
		"$state")")
}

# Those that take longest come last, by what the last run took.
parts=${PARTS:-fast $(for file in test/parts/*.sh; do basename "${file%.sh}"; done |
	grep -vx lib | while read -r name; do
		echo "$(cat "$folder/$name.seconds" 2>/dev/null || echo 600) $name"
	done | sort -n | cut -d' ' -f2)}
for part in $parts; do
	[[ $part == fast || -e test/parts/$part.sh ]] ||
		{ echo "there is no test/parts/$part.sh" >&2 && exit 1; }
done
# shellcheck disable=SC2086
total=$(wc -w <<<"$parts") number=0
echo "$total parts:" $parts
for part in $parts; do
	number=$((number + 1)) script=test/parts/$part.sh
	[[ $part != fast ]] || script=test/run.sh
	run "$number" "$part" bash "$script"
done
echo "===="
printf '%-14s %9s %7s %7s %7s\n' part time passed failed skipped
printf '%s\n' "${lines[@]}"
printf '%-14s %9s %7d %7d %7d\n' all "$(span $SECONDS)" "$passed" "$failed" "$skipped"
echo "$passed passed, $failed failed, $skipped skipped"
exit "$status"
