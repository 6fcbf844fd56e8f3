#!/usr/bin/env bash
# Prints every regression.diffs that a run has left, and the last of each TAP log.
set -euo pipefail
shopt -s globstar nullglob
for file in tmp_*/**/regression.diffs; do
	printf '==== %s\n' "$file"
	cat "$file"
done
for file in tmp_*/**/regress_log_*; do
	grep -qs '^not ok\|not ok ' "$file" || continue
	printf '==== %s\n' "$file"
	tail -n 60 "$file"
done
