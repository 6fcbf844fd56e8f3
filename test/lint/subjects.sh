#!/usr/bin/env bash
# Prints the commits whose subject is longer than 72 characters, of all that are
# not in the one named below: what came before it is history.  With a file, as a
# commit-msg hook has it, that message is looked at instead.
set -euo pipefail
since=bd28c27
most=72

if [[ $# -gt 0 ]]; then
	subject=$(grep -m1 -v '^#' "$1" || true)
	[[ ${#subject} -le $most ]] ||
		{ echo "the subject has ${#subject} characters, at most $most: $subject" && exit 1; }
	exit
fi
git rev-parse --git-dir >/dev/null 2>&1 || { echo "not a git checkout" && exit 3; }
git cat-file -e "$since^{commit}" 2>/dev/null ||
	{ echo "a shallow clone without $since" && exit 3; }
git log --no-merges --format='%h %s' "$since..HEAD" | while read -r hash subject; do
	[[ ${#subject} -le $most ]] || echo "$hash has a subject of ${#subject} characters: $subject"
done
