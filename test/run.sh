#!/usr/bin/env bash
# make test, and without make: bash test/run.sh. Sets the machine up, builds, and
# runs the regression tests, the isolation tests and the TAP tests, each on
# throw-away servers of its own. TESTS names files of sql/, SPECS those of specs/
# and PROVE_TESTS TAP files, to run these alone. COPT replaces the warnings asked
# for and our own assertions, TEMP_CONFIG is a file of server settings, CLIENTS=no
# installs no clients for the tests that want some.
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
# what the code takes for granted is checked on servers without assertions, too
[[ ${COPT:-} ]] || copt+=' -DCHECK_ASSERTIONS=1'
shopt -s nullglob
work=
passed=0 failed=0 skipped=0

# Nothing may be left running or lying about, however we end.
clean_up() {
	[[ $work ]] || return 0
	stop_child
	find "$work" -name postmaster.pid | while read -r file; do stop_server "${file%/*}"; done
	[[ $work == "$top"/* ]] || rm -rf "$work"
}

# pg_regress wants tests without folder and extension.
names() {
	local file
	for file; do basename "${file%.*}"; done
}

# Runs the named tests on one temporary server. Counted is by the summary, as
# its wording is the same in all versions. A test without expected output would
# end the run, so it gets an empty one and becomes a difference.
pg_regress() {
	local kind=$1 output=$2 tests=$3 status=0 name
	[[ $tests ]] || return 0
	echo "$kind tests ..."
	for name in $tests; do
		[[ -e build/expected/$name.out ]] ||
			"${as_user[@]}" install -D /dev/null "build/expected/$name.out"
	done
	quietly "$kind.log" "${make[@]}" installcheck TAP_TESTS= "${@:4}" \
		EXTRA_REGRESS_OPTS="--temp-instance=$work/server --temp-config=$work/server.conf \
			--no-locale --encoding=UTF8" || status=$?
	# PostgreSQL 15 takes a spec that could not be read for ok if that was expected.
	if [[ $(<"$kind.log") == *"test process exited"* ]]; then
		failed=$((failed + 1))
		grep "test process exited" "$kind.log"
	elif [[ $status == 0 && $(<"$kind.log") =~ All\ ([0-9]+)\ tests\ passed ]]; then
		passed=$((passed + BASH_REMATCH[1]))
	elif [[ $(<"$kind.log") =~ ([0-9]+)\ of\ ([0-9]+)\ tests\ failed ]]; then
		failed=$((failed + BASH_REMATCH[1]))
		passed=$((passed + BASH_REMATCH[2] - BASH_REMATCH[1]))
		cat "build/$output/regression.diffs" || tail -n 20 "$kind.log"
	else
		failed=$((failed + $(wc -w <<<"$tests")))
		cat "$kind.log"
		tail -vn 20 "$(ls -t "build/$output"/log/*.log | head -n1)"
	fi
}

# Counts test points. A file that ended early, or without a plan, counts as one
# failure more, and so do files without any test; a known failure (TODO) counts
# as skipped.
tap() {
	local files=$1 status=0 p f s file
	[[ $files ]] || return 0
	echo "TAP tests ..."
	quietly TAP.log env TEMP_CONFIG="$work/server.conf" BALANCE_SEED="${BALANCE_SEED:-}" \
		BALANCE_LEDGERS="${BALANCE_LEDGERS:-}" BALANCE_BATCH="${BALANCE_BATCH:-}" \
		BALANCE_SCALE="${BALANCE_SCALE:-}" BALANCE_DISCARD="${BALANCE_DISCARD:-}" \
		BALANCE_IDENTIFIERS="${BALANCE_IDENTIFIERS:-}" \
		"${make[@]}" installcheck REGRESS= ISOLATION= TAP_TESTS=1 \
		PROVE_TESTS="$files" PROVE_FLAGS='--verbose -Itest/perl' || status=$?
	read -r p f s < <(awk '
		/^not ok.*[^\\]# *TODO/ { s++; next }
		/^ok.*[^\\]# *[Ss][Kk][Ii][Pp]/ || /^1\.\.0 +# *[Ss][Kk][Ii][Pp]/ { s++; next }
		/^ok [0-9]/ { p++ }
		/^not ok/ || /^  Parse errors:/ { f++ }
		END { print p + 0, f + 0, s + 0 }' TAP.log)
	[[ $f -gt 0 || ($status == 0 && $((p + s)) -gt 0) ]] || f=1
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	grep -oi '# skip .*' TAP.log | sort | uniq -c || true
	[[ $f -gt 0 ]] || return 0
	grep -v '^ok ' TAP.log
	for file in $(sed -n 's/\.pl .*(Wstat: .*//p' TAP.log); do
		tail -vn 20 "build/tmp_check/log/regress_log_${file##*/}" || true
	done
}

install_packages test
trap clean_up EXIT
trap 'exit 143' INT TERM HUP
make_work_folder tmp_check
exec 8<"$work"
flock -n 8 || { echo "waiting for another make test in this folder ..." && flock 8; }
build
install_privately
rm -rf server tmp/*

for name in ${TESTS:-}; do
	[[ -e build/sql/$name.sql ]] || die "there is no sql/$name.sql"
done
for name in ${SPECS:-}; do
	[[ -e build/specs/$name.spec ]] || die "there is no specs/$name.spec"
done
if [[ ${TESTS:-}${SPECS:-}${PROVE_TESTS:-} ]]; then
	pg_regress regression . "${TESTS:-}" ISOLATION= REGRESS="${TESTS:-}"
	pg_regress isolation output_iso "${SPECS:-}" REGRESS= ISOLATION="${SPECS:-}"
	tap "${PROVE_TESTS:-}"
else
	pg_regress regression . "$(names build/sql/*.sql)" ISOLATION=
	pg_regress isolation output_iso "$(names build/specs/*.spec)" REGRESS=
	tap "$(cd build && echo test/t/*.pl)"
fi

[[ $failed == 0 || $work != "$top"/* ]] ||
	echo "More in $work: *.log, build/log, build/tmp_check/log"
[[ $((passed + failed)) -gt 0 ]] || echo "No test was run."
echo "$passed passed, $failed failed$([[ $skipped == 0 ]] || echo ", $skipped skipped")"
[[ $failed == 0 && $passed -gt 0 ]]
