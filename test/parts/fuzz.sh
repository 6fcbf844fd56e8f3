#!/usr/bin/env bash
# make test-fuzz: libFuzzer on what reads and adds positions and amounts, in one
# process without a server, under the address and undefined behaviour sanitizers;
# then mutated positions in SQL, on a server.  FUZZ_RUNS is the number of inputs
# in all, FUZZ_MUTATIONS that of mutants in SQL, FUZZ_SEED where it starts from.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
work='' children=()
runs=${FUZZ_RUNS:-10000000}
mutations=${FUZZ_MUTATIONS:-8000}
seed=${FUZZ_SEED:-$(date +%s)}
# all that a position is, and of values what has business here without a server
sources=(value/{amount,currency,status,datetime})
for file in "$top"/src/position/*.c; do sources+=("position/$(basename "$file" .c)"); done
harness=(shim shim_numeric laws)
fuzzers=(text binary amount rows)
# of the inputs, in percent: those of the latter two are whole sums, which take longer
declare -A share=([text]=25 [binary]=70 [amount]=4 [rows]=1)

clean_up() {
	[[ $work ]] || return 0
	stop_child
	[[ ${#children[@]} == 0 ]] || kill "${children[@]}" 2>/dev/null || true
	stop_server "$work/data"
	rm -rf "$work/data" "$work/corpus"
	# what was found is kept, wherever it is
	[[ $work == "$top"/* || $(ls "$work/findings" 2>/dev/null) ]] || rm -rf "$work"
}

has_fuzzer() {
	command -v clang >/dev/null &&
		clang -fsanitize=fuzzer,address,undefined -x c -o "$1" - <<<'
			#include <stddef.h>
			int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size) {
				return 0; }' 2>/dev/null
}

get_fuzzer() {
	local probe=$work/tmp/probe
	has_fuzzer "$probe" && return
	[[ $(id -u) == 0 && -d /var/lib/apt ]] || return 1
	echo "installing clang ..."
	apt_update
	apt_install "clang libclang-rt-dev" >/dev/null || return 1
	has_fuzzer "$probe"
}

# Our own files as they are, with assertions, against the server's headers.
# -fwrapv is left out: overflow is an error here.
compile() {
	local name=$1
	shift
	clang -c -g -O2 -std=gnu99 -D_GNU_SOURCE -DUSE_ASSERT_CHECKING=1 -fno-omit-frame-pointer \
		-fsanitize=address,undefined -fno-sanitize-recover=undefined \
		-Wno-unknown-warning-option -Wno-ignored-attributes -I"$top/src" -I"$top/test/fuzz" \
		-isystem "$("$pg_config" --includedir-server)" "$@" -o "$name.o"
}

link() {
	clang "$@" "${objects[@]}" -L"$("$pg_config" --pkglibdir)" -L"$("$pg_config" --libdir)" \
		-lpgcommon -lpgport -lm
}

# Functions of the server that the shim has not get stubs, which skip the input:
# so src/ may begin to use more of them, and what that leaves out is counted.
make_stubs() {
	local missing
	echo 'extern void shim_skip(const char *why) __attribute__((noreturn));' >stubs.c
	missing=$(link -fsanitize=address,undefined seeds.o -o seeds 2>&1 |
		sed -n "s/.*undefined reference to \`\\([a-zA-Z0-9_]*\\)'.*/\\1/p" | sort -u)
	for name in $missing; do
		echo "void $name(void); void $name(void) { shim_skip(\"$name()\"); }" >>stubs.c
	done
	[[ -z $missing ]] || echo "not in the shim:" $missing
	compile stubs stubs.c
	objects+=(stubs.o)
}

build_fuzzers() {
	local name objects=() pids=() pid
	echo "building the fuzzers ..."
	for name in "${sources[@]}"; do
		compile "${name//\//_}" "$top/src/$name.c" -fsanitize=fuzzer-no-link &
		pids+=($!)
		objects+=("${name//\//_}.o")
	done
	for name in "${harness[@]}" seeds "${fuzzers[@]/#/fuzz_}"; do
		compile "$name" "$top/test/fuzz/$name.c" -Wall -Wno-unused-parameter &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid" || return 1; done
	objects+=("${harness[@]/%/.o}")
	make_stubs
	link -fsanitize=address,undefined seeds.o -o seeds || return 1
	for name in "${fuzzers[@]}"; do
		link -fsanitize=fuzzer,address,undefined "fuzz_$name.o" -o "fuzz_$name" || return 1
	done
}

# One process, which ends at its first finding.  All memory of an input is freed
# with it, so there are no leaks to look for.  Its logs begin with how to repeat it.
run_fuzzer() {
	local name=$1 n=$2 number=$3
	local command=("$work/fuzz_$name" "corpus/$name.$number" -runs="$n"
		-seed=$((seed % 1000000000 + number))
		-max_len=1024 -timeout=120 -detect_leaks=0 -artifact_prefix="findings/$name-")
	[[ ! -d $name ]] || command+=("$name")
	[[ $name != text ]] || command+=(-dict="$work/position.dict")
	echo "${command[*]}" >"$name.$number.log"
	# in place of this shell, so that the process that we end is the right one
	exec "${as_user[@]}" ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=4:malloc_context_size=4 \
		"${command[@]}" \
		</dev/null >>"$name.$number.log" 2>&1 8<&-
}

# What a fuzzer that came to its end counted: inputs, accepted, left out.
counted() {
	sed -n 's/^SUMMARY inputs=\([0-9]*\) accepted=\([0-9]*\) skipped=\([0-9]*\).*/\1 \2 \3/p' "$1"
	echo
}

# Two processes at a time, each with a corpus of its own, so that the seed says
# all.  A fuzzer that gets hardly anything accepted shows nothing, and neither
# does one whose inputs are mostly skipped.
fuzz() {
	local name=$1 n=$(((runs * share[$1] + 199) / 200)) pids=() number status log file
	local inputs=0 accepted=0 left_out=0 broken=0 i a l
	for number in 1 2; do
		"${as_user[@]}" mkdir -p "corpus/$name.$number" findings
		run_fuzzer "$name" "$n" "$number" &
		pids+=($!)
	done
	children=("${pids[@]}")
	for number in 1 2; do
		log=$name.$number.log status=0
		wait "${pids[number - 1]}" || status=$?
		if [[ $status != 0 ]]; then
			broken=1
			head -n1 "$log"
			grep -a -m1 -B2 -A25 -E 'FAILED: |ERROR: |runtime error' "$log" || tail -n20 "$log"
		fi
		# one that broke off has not said
		read -r i a l < <(counted "$log")
		inputs=$((inputs + ${i:-0})) accepted=$((accepted + ${a:-0})) \
			left_out=$((left_out + ${l:-0}))
		grep -a -o 'last reason: .*' "$log" | sed "s/^/fuzz_$name left something out, /" || true
	done
	children=()
	if [[ $broken == 1 ]]; then
		fail "fuzz_$name"
		for file in findings/"$name"-*; do echo "  finding: $work/$file"; done
	elif [[ $((accepted * 200)) -lt $inputs || $((left_out * 10)) -gt $inputs ]]; then
		fail "fuzz_$name: of $inputs inputs only $accepted accepted, $left_out left out"
	else
		pass "fuzz_$name: $inputs inputs, $accepted accepted and put to the laws, \
$left_out left out"
	fi
}

in_process() {
	local name
	if ! get_fuzzer; then
		skip "fuzzers in process: no clang with libFuzzer and sanitizers here \
(Debian: clang, libclang-rt-dev)" ${#fuzzers[@]}
		return
	fi
	if ! build_fuzzers >build_fuzzers.log 2>&1; then
		cat build_fuzzers.log
		fail "building the fuzzers" ${#fuzzers[@]}
		return
	fi
	grep '^not in the shim' build_fuzzers.log || true
	cp "$top/test/fuzz/position.dict" .
	"${as_user[@]}" mkdir -p text binary
	"${as_user[@]}" ASAN_OPTIONS=detect_leaks=0 \
		./seeds <"$top/test/fuzz/positions.txt" 2>seeds.log ||
		{ cat seeds.log; fail "the first inputs"; }
	for name in "${fuzzers[@]}"; do fuzz "$name"; done
}

# Every mutant is one row of the log table; see the script.
in_sql() {
	local line
	rm -rf data
	build
	install_privately
	start_server 60 fuzz </dev/null
	"$bindir/psql" -X -q -c 'CREATE EXTENSION balance'
	if ! "$bindir/psql" -X -q -A -t -F ' ' -v ON_ERROR_STOP=1 -v seed="$seed" \
		-v mutations="$mutations" -v file="$work/tmp/mutant" -f "$top/test/fuzz/mutation.sql" \
		</dev/null >mutation.log 2>&1; then
		tail -n20 mutation.log server.log
		fail "mutants in SQL"
		return
	fi
	while IFS= read -r line; do
		case $line in
			"ok "*) pass "${line#ok }" ;;
			"not ok "*) fail "${line#not ok }" ;;
			*) echo "$line" ;;
		esac
	done <mutation.log
	if grep -E 'terminated by signal|PANIC|TRAP:' server.log; then
		fail "the server's log"
	else
		pass "the server's log"
	fi
	stop_server "$work/data"
}

install_packages fuzz
trap clean_up EXIT
trap 'exit 143' INT TERM HUP
make_work_folder tmp_fuzz
exec 8<"$work"
flock -n 8 || { echo "waiting for another make test-fuzz in this folder ..." && flock 8; }
rm -rf corpus text binary findings ./*.log
echo "FUZZ_SEED=$seed FUZZ_RUNS=$runs FUZZ_MUTATIONS=$mutations"
in_sql
in_process
finish
