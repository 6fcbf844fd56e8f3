# shellcheck shell=bash
# Sourced by the parts of make test-all.  A part is a script test/parts/NAME.sh,
# which make test-NAME runs alone: it does all its set-up, counts what it tried,
# and ends with one line, "NAME: N passed, N failed, N skipped".  What cannot run
# here is skipped with its reason.  A part fails if anything failed, or if
# nothing was tried at all.
source "$(dirname "${BASH_SOURCE[0]}")/../setup.sh"
part=$(basename "${0%.sh}")
passed=0 failed=0 skipped=0

# What is slow to make and does not change (chroots, servers built from source)
# is kept here between runs, outside the checkout.
if [[ $(id -u) == 0 ]]; then
	cache=${BALANCE_CACHE:-/var/cache/balance}
else
	cache=${BALANCE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/balance}
fi

pass() {
	passed=$((passed + ${2:-1}))
	echo "ok: $1"
}

fail() {
	failed=$((failed + ${2:-1}))
	echo "FAILED: $1"
}

skip() {
	skipped=$((skipped + ${2:-1}))
	echo "skipped: $1"
}

# Adds up a line "N passed, N failed[, N skipped]" that some test run ended with.
count_line() {
	[[ $1 =~ ([0-9]+)\ passed,\ ([0-9]+)\ failed(,\ ([0-9]+)\ skipped)? ]] ||
		{ fail "no count in \"$1\"" && return; }
	passed=$((passed + BASH_REMATCH[1]))
	failed=$((failed + BASH_REMATCH[2]))
	skipped=$((skipped + ${BASH_REMATCH[4]:-0}))
}

# The end of every part.
finish() {
	echo "$part: $passed passed, $failed failed, $skipped skipped"
	[[ $failed == 0 && $((passed + skipped)) -gt 0 ]]
}
