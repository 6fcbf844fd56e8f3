#!/usr/bin/env bash
# make test-static: what can be told without running anything.  Compilers'
# warnings, static analysis, the layout of the C sources, and whether the
# scripts of the tests are sound.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$top"

# Analysers come from Debian's packages, if we may install them.
missing_tools() {
	command -v clang >/dev/null || echo clang
	command -v clang-tidy >/dev/null || echo clang-tidy
	command -v cppcheck >/dev/null || echo cppcheck
	command -v shellcheck >/dev/null || echo shellcheck
}

install_tools() {
	local list
	list=$(missing_tools | xargs)
	[[ $list && $(id -u) == 0 && -d /var/lib/apt ]] || return 0
	exec 9</var/lib/apt
	flock 9
	echo "installing $list ..."
	apt_update
	apt_install "$list" >/dev/null || echo "some could not be installed"
	exec 9<&-
}

# Runs a check that prints what it finds, which must be nothing.
check() {
	local title=$1 found
	shift
	found=$("$@" 2>&1)
	if [[ $found ]]; then
		echo "$found"
		fail "$title"
	else
		pass "$title"
	fi
}

have() {
	command -v "$1" >/dev/null || { skip "$2: $1 is not installed" && return 1; }
}

# As make builds it, but with warnings of which many compilers know only some;
# headers of the server's are not ours to judge.
defines=(-D_GNU_SOURCE '-DBALANCE_VERSION="0.0.0"')
warnings=(-Wmissing-prototypes -Wstrict-prototypes -Wold-style-definition -Wpointer-arith
	-Wdeclaration-after-statement -Wendif-labels -Wformat=2 -Wvla -Wundef -Wshadow)

compile() {
	local file
	for file in src/*.c; do
		# shellcheck disable=SC2086
		"$1" -O2 -c -o /dev/null "${defines[@]}" -isystem "$headers" $copt "${warnings[@]}" "$file"
	done
}

# A file's findings go to a log of its own, as files are looked at side by side.
tidy() {
	# shellcheck disable=SC2016
	printf '%s\0' src/*.c | xargs -0 -P "$(nproc)" -I '{}' sh -c '
		out=$1/$(basename "$2").tidy
		shift
		clang-tidy --quiet "$@" 2>/dev/null >"$out" || echo "$1: clang-tidy failed" >>"$out"' - "$work" '{}' -- \
		"${defines[@]}" -isystem "$headers"
	cat "$work"/*.c.tidy
}

# Findings as FILE [CHECK] CODE, each once: unlike a line's number, that stays.
tidy_findings() {
	rm -f "$work"/*.c.tidy
	tidy >"$work/tidy.log"
	awk -v top="$top/" '
		index($0, top) == 1 { $0 = substr($0, length(top) + 1) }
		/^[^ ].*: (warning|error): .*\[[^]]*\]$/ { split($0, place, ":"); check = $NF; getline; sub(/^[ \t]+/, ""); print place[1], check, $0; next }
		/clang-tidy failed$/' "$work/tidy.log" | sort -u
}

# What clang-tidy finds but is not so is written down with its reason, and has
# to be found: a line that it no longer finds goes.
clang_tidy() {
	local known
	known=$(grep -v -e '^#' -e '^$' test/clang-tidy.known | sort -u)
	tidy_findings >"$work/tidy.found"
	comm -23 "$work/tidy.found" <(echo "$known") >"$work/tidy.new"
	[[ ! -s $work/tidy.new ]] || { cat "$work/tidy.log" "$work/tidy.new"; }
	comm -13 "$work/tidy.found" <(echo "$known") | sed -n 's/^./no longer found: &/p'
}

cpp_check() {
	cppcheck --quiet --enable=warning,performance,portability --inline-suppr --std=c11 --include=test/cppcheck.h src
}

shell_check() {
	# SC2034: lib.sh sets what its parts use, not all of them all of it
	shellcheck --severity=warning --external-sources --source-path=SCRIPTDIR --source-path=test --source-path=test/parts --exclude=SC2034 test/*.sh test/parts/*.sh test/long/*.sh .ci/run
}

perl_check() {
	local file modules
	modules=$(dirname "$("$pg_config" --pgxs)")/../test/perl
	for file in test/t/*.pl test/perl/*.pm test/clients/*.pm test/*.pl; do
		[[ -e $file ]] || continue
		perl -Mwarnings=FATAL,all -c -I"$modules" -Itest/perl -Itest/clients "$file" 2>&1 | grep -v ' syntax OK$'
	done
}

python_check() {
	local file
	for file in test/*/*.py; do
		/usr/bin/python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read(), sys.argv[1])' "$file"
	done
}

# What .editorconfig asks of every file but psql's output.
white_space() {
	local file
	while IFS= read -rd '' file; do
		[[ -s $file ]] || continue
		grep -nHE '[ 	]+$' "$file"
		[[ ! $(tail -c1 "$file") ]] || echo "$file: no newline at the end"
	done < <(find . \( -name .git -o -name 'tmp_*' -o -name node_modules -o -name results -o -name output_iso \) -prune -o \
		-type f -regextype posix-extended -regex '.*(\.([ch]|p[lmy]|sh|sql|spec|js|java|md|json|control)|/Makefile)' -print0)
}

install_packages test
install_tools
make_work_folder tmp_static
cd "$top"
headers=$("$pg_config" --includedir-server)
set +e

check "gcc $(gcc -dumpversion) warns of nothing" compile gcc
if have clang "clang's warnings"; then
	warnings+=(-Wno-unknown-warning-option)
	check "clang $(clang -dumpversion) warns of nothing" compile clang
fi
have clang-tidy "clang-tidy" && check "clang-tidy finds nothing new" clang_tidy
have cppcheck "cppcheck" && check "cppcheck finds nothing" cpp_check
bash test/indent.sh --check >"$work/indent.log" 2>&1
case $? in
	0) pass "src/ is laid out as pgindent has it" ;;
	3) skip "the layout of src/: $(tail -n1 "$work/indent.log")" ;;
	*) cat "$work/indent.log" && fail "src/ is laid out as pgindent has it (test/indent.sh rewrites it)" ;;
esac
have shellcheck "shell scripts" && check "shellcheck finds nothing in the shell scripts" shell_check
check "the Perl sources compile without warnings" perl_check
check "the Python sources parse" python_check
check "no white space at the end of a line, and a newline at the end of a file" white_space
finish
