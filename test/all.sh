#!/usr/bin/env bash
# make test-all: make test, then every part in test/parts, each by itself.
# PARTS="static fuzz" runs these only.  One line a part at the end.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
lines=() status=0
exec 3>&1

run() {
	local name=$1 last
	shift
	echo "==== $name"
	last=$("$@" 2>&1 | tee >(cat >&3) | tail -n1; exit "${PIPESTATUS[0]}") || status=1
	[[ $last =~ [0-9]+\ passed ]] || { status=1 && last="ended without a count"; }
	lines+=("$(printf '%-14s %s' "$name" "${last#*: }")")
}

parts=${PARTS:-fast $(for file in test/parts/*.sh; do basename "${file%.sh}"; done | grep -vx lib)}
for part in $parts; do
	if [[ $part == fast ]]; then
		run fast bash test/run.sh
	elif [[ -e test/parts/$part.sh ]]; then
		run "$part" bash "test/parts/$part.sh"
	else
		echo "there is no test/parts/$part.sh" >&2
		exit 1
	fi
done
echo "===="
printf '%s\n' "${lines[@]}"
exit "$status"
