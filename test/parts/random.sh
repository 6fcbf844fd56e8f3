#!/usr/bin/env bash
# make test-random: the differential tests of make test as long runs.  Random
# ledgers, every figure of every document, position, projection and ageing bucket
# against plain SQL, and every way of merging; then some more, every row of every
# report and whole book.  BALANCE_LEDGERS says how many, BALANCE_REPORTS how many
# more, BALANCE_SEED where they start; a failure prints how to repeat its batch.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
work='' children=()
ledgers=${BALANCE_LEDGERS:-10000}
reports=${BALANCE_REPORTS:-100}
seed=${BALANCE_SEED:-$(date +%s)}
# so many share a schema: more, and comparing takes longer than it saves
batch=${BALANCE_BATCH:-50}
processes=2

clean_up() {
	[[ $work ]] || return 0
	stop_child
	[[ ${#children[@]} == 0 ]] || kill -- "${children[@]/#/-}" 2>/dev/null || true
	find "$work" -name postmaster.pid | while read -r file; do stop_server "${file%/*}"; done
	[[ $work == "$top"/* ]] || rm -rf "$work"
}

# One process with ledgers of its own, in a copy of the build, as each leaves
# its logs there.
differential() {
	local number=$1 test=$2 share=$3
	rm -rf "build.$number"
	"${as_user[@]}" cp -a build "build.$number"
	exec "${as_user[@]}" TEMP_CONFIG="$work/server.conf" \
		BALANCE_SEED=$((seed + (number - 1) * share)) \
		BALANCE_LEDGERS="$share" BALANCE_BATCH="$batch" \
		make -s -C "build.$number" PG_CONFIG="$pg_config" with_llvm=no COPT="$copt" installcheck \
		REGRESS= ISOLATION= TAP_TESTS=1 PROVE_TESTS="test/t/$test.pl" \
		PROVE_FLAGS='--verbose -Itest/perl' </dev/null >"$test.$number.log" 2>&1 8<&-
}

# So many ledgers through one of the tests, by all processes.
run_ledgers() {
	local test=$1 share=$((($2 + processes - 1) / processes)) number log status p f
	for ((number = 1; number <= processes; number++)); do
		differential "$number" "$test" "$share" &
		children+=($!)
	done
	for ((number = 1; number <= processes; number++)); do
		log=$test.$number.log status=0
		wait "${children[number - 1]}" || status=$?
		read -r p f < <(awk '
			/^ok [0-9]/ { p++ }
			/^not ok/ || /^  Parse errors:/ { f++ }
			END { print p + 0, f + 0 }' "$log")
		# a run that broke off without a failed test has failed all the same
		[[ $f -gt 0 || ($status == 0 && $p -gt 0) ]] || f=1
		passed=$((passed + p)) failed=$((failed + f))
		grep -o '[0-9]\+ figures compared$' "$log" || true
		if [[ $f -gt 0 ]]; then
			grep -v '^ok ' "$log" | head -n200
			tail -n20 "build.$number/tmp_check/log/regress_log_$test" | cut -c1-1000 || true
			echo "More in $work/$log and $work/build.$number/tmp_check/log"
		fi
	done
	children=()
}

install_packages test
trap clean_up EXIT
trap 'exit 143' INT TERM HUP
make_work_folder tmp_random
exec 8<"$work"
flock -n 8 || { echo "waiting for another make test-random in this folder ..." && flock 8; }
rm -rf build.* ./*.log tmp/*
build
install_privately
echo "BALANCE_SEED=$seed BALANCE_LEDGERS=$ledgers BALANCE_BATCH=$batch ..."
run_ledgers 001_differential "$ledgers"
if [[ $failed == 0 ]]; then
	echo "BALANCE_SEED=$seed BALANCE_REPORTS=$reports ..."
	run_ledgers 006_reports "$reports"
fi
[[ $failed -gt 0 ]] || rm -rf build.*
finish
