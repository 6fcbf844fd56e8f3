#!/usr/bin/env bash
# make test-platforms: other machines, compilers and C libraries than this one's. The
# sources under clang, musl's headers and each C standard; the regression and isolation
# tests built by clang, and with a char that has no sign, and on s390x, whose bytes are the
# other way round, and arm64, in chroots that qemu runs. PLATFORMS="c s390x" runs these
# only, EMULATED_TESTS="position tally" and EMULATED_SPECS such files there.
# PG16_CONFIG=/path/to/pg_config adds a PostgreSQL 16, of which Debian's suites have none.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$top/test/chroot.sh"
shopt -s globstar nullglob
cd "$top"
log=$(mktemp)
trap '[[ -z $child ]] || kill -KILL "$child"; rm -f "$log"' EXIT
trap 'exit 143' INT TERM HUP
version=$(sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" balance.control)

# ---- what only compiles ----

# compile TITLE COMPILER OPTION...: each source file, without a warning.
compile() {
	local title=$1
	shift
	# shellcheck disable=SC2086 # what make asks for is a list
	if printf '%s\n' src/**/*.c | xargs -P "$(nproc)" -n 16 "$@" -fsyntax-only -D_GNU_SOURCE \
		'-DBALANCE_VERSION="0"' -Isrc -isystem "$("$pg_config" --includedir-server)" \
		$copt >"$log" 2>&1; then
		pass "$title"
	else
		tail -n 30 "$log"
		fail "$title"
	fi
}

# standards COMPILER: with GNU's typeof, which PostgreSQL's headers want before C23. Of
# that the name may be its draft's.
standards() {
	local compiler=$1 year
	for year in 99 11 17 23; do
		[[ $year != 23 ]] || knows "$compiler" gnu23 || year=2x
		if knows "$compiler" "gnu$year"; then
			compile "$compiler -std=gnu$year" "$compiler" "-std=gnu$year"
		else
			skip "$compiler does not know -std=gnu$year"
		fi
	done
}

knows() {
	"$1" "-std=$2" -fsyntax-only -x c /dev/null 2>/dev/null
}

compilers() {
	standards gcc
	if want_packages clang; then
		standards clang
	else
		skip "clang: $why"
	fi
	if want_packages musl-tools; then
		compile "gcc with musl's headers" musl-gcc
	else
		skip "musl: $why"
	fi
}

# ---- what runs here ----

# run TITLE VARIABLE=VALUE...: the regression and isolation tests of a build.
run() {
	local title=$1 before=$failed
	shift
	env "$@" TESTS="$(names sql/*.sql)" SPECS="$(names specs/*.spec)" PROVE_TESTS= CLIENTS=no \
		bash test/run.sh </dev/null >"$log" 2>&1 || true
	count_line "$(tail -n1 "$log")"
	[[ $failed == "$before" ]] || cat "$log"
	echo "$title: $(tail -n1 "$log")"
}

names() {
	local file
	for file; do basename "${file%.*}"; done | xargs
}

postgresql_16() {
	local pg16=${PG16_CONFIG:-/usr/lib/postgresql/16/bin/pg_config}
	if [[ -x $pg16 ]]; then
		run "$("$pg16" --version)" PG_CONFIG="$pg16"
	else
		skip "PostgreSQL 16: $pg16 is not there, and no suite of Debian has it"
	fi
}

# ---- what qemu runs ----

# cross TRIPLET: the library for the machine of the chroot, by a compiler of this one, as
# one that qemu runs takes an hour. Prints what went wrong.
cross() {
	local build=$chroot/balance headers=$chroot/usr/include/postgresql/15/server
	(
		cd "$build"
		mkdir -p objects
		# shellcheck disable=SC2016
		printf '%s\n' src/*.c src/*/*.c | xargs -P "$(nproc)" -I FILE sh -c '
			"$@" -o "objects/$(echo FILE | tr / -).o" FILE' - "$1-gcc" --sysroot="$chroot" -c -O2 \
			-fPIC -fwrapv -D_GNU_SOURCE "-DBALANCE_VERSION=\"$version\"" -Isrc \
			-isystem "$headers" || exit 1
		"$1-gcc" --sysroot="$chroot" -shared -o balance.so objects/*.o
	)
}

# check KIND PROGRAM TEST...: pg_regress, or its like, on a server of its own. All or
# nothing where the summary has no number, as its wording differs among versions.
check() {
	local kind=$1 program=$2 summary
	shift 2
	"${in_chroot[@]}" "$chroot" setpriv --reuid postgres --regid postgres --init-groups \
		env -C /balance "/usr/lib/postgresql/15/lib/pgxs/src/test/$program" \
		--bindir=/usr/lib/postgresql/15/bin --temp-instance=/tmp/server --load-extension=balance \
		--encoding=UTF8 --no-locale "$@" </dev/null >"$log" 2>&1 6<&- &
	child=$!
	wait "$child" || true
	child=
	rm -rf "$chroot/tmp/server"
	summary=$(grep -E '^ ?(All )?[0-9]+ (of [0-9]+ )?tests (passed|failed)' "$log" || true)
	if [[ $summary =~ All\ ([0-9]+)\ tests\ passed ]]; then
		pass "$arch, $kind" "${BASH_REMATCH[1]}"
	elif [[ $summary =~ ([0-9]+)\ of\ ([0-9]+)\ tests\ failed ]]; then
		fail "$arch, $kind" "${BASH_REMATCH[1]}"
		passed=$((passed + BASH_REMATCH[2] - BASH_REMATCH[1]))
		cat "$log" "$chroot"/balance/*.diffs "$chroot"/balance/output_iso/*.diffs
	else
		cat "$log"
		fail "$arch, $kind: no summary"
	fi
}

# emulated MACHINE ARCHITECTURE: the regression and isolation tests there.
emulated() {
	local arch=$2 triplet=$1-linux-gnu started=$SECONDS folder tests
	emulate "$1" || { skip "$arch: $why" && return; }
	want_packages "gcc-$triplet" || { skip "$arch: $why" && return; }
	make_chroot "emulated-$arch" bookworm postgresql-15 postgresql-server-dev-15 make gcc \
		libc6-dev || { skip "$arch: $why" && return; }
	exec 6<"$chroot"
	flock 6
	rm -rf "$chroot/balance"
	mkdir -p "$chroot/balance"
	{ tar -C "$top" --exclude=./.git --exclude-from="$top/.gitignore" -cf - . || [[ $? == 1 ]]; } |
		tar -C "$chroot/balance" --no-same-owner -xf -
	folder=$chroot/usr/share/postgresql/15/extension
	make -s -C "$chroot/balance" PG_CONFIG="$pg_config" with_llvm=no "balance--$version.sql"
	if ! cross "$triplet" >"$log" 2>&1; then
		cat "$log"
		fail "$arch: the library is built"
		return
	fi
	pass "$arch: the library is built, $((SECONDS - started)) s"
	cp "$chroot/balance/balance.so" "$chroot/usr/lib/postgresql/15/lib/"
	cp "$chroot"/balance/balance{.control,--*.sql} "$folder/"
	mkdir "$chroot/balance/output_iso"
	chmod 777 "$chroot/balance" "$chroot/balance/output_iso"
	tests=" ${EMULATED_TESTS:-$(names sql/*.sql)} "
	if [[ $arch == s390x && $tests == *" damaged "* ]]; then
		skip "$arch: damaged, which has bytes of a machine that begins with the low one"
		tests=${tests/ damaged / }
	fi
	# shellcheck disable=SC2086 # names are words
	check 'regression tests' regress/pg_regress $tests
	# shellcheck disable=SC2046
	check 'isolation tests' isolation/pg_isolation_regress --outputdir=output_iso \
		${EMULATED_SPECS:-$(names specs/*.spec)}
	rm -rf "$chroot/balance" "$chroot/usr/lib/postgresql/15/lib/balance.so" "$folder"/balance*
	exec 6<&-
	echo "$arch: $((SECONDS - started)) s"
}

[[ $(id -u) != 0 ]] || install_packages test >/dev/null
find_postgres || die "no PostgreSQL 15 or newer found"
for platform in ${PLATFORMS:-c clang char 16 s390x arm64}; do
	case $platform in
		c) compilers ;;
		clang)
			if want_packages clang; then
				run "clang" CC=clang COPT="$copt -Wno-error"
			else
				skip "clang: $why"
			fi
			;;
		char) run "-funsigned-char" COPT="$copt -funsigned-char" ;;
		16) postgresql_16 ;;
		s390x) emulated s390x s390x ;;
		arm64) emulated aarch64 arm64 ;;
		*) die "there is no platform $platform" ;;
	esac
done
finish
