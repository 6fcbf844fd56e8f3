#!/usr/bin/env bash
# make test-static, or make lint: what can be told without running anything.
# Compilers' warnings, static analysis, the layout of the C sources, which file
# includes which, the length of lines and of commits' subjects, and whether the
# scripts of the tests are sound.  LINT=quick leaves out what takes more than
# some seconds: the compilers and analysers, and installing them.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$top"
[[ ${LINT:-all} =~ ^(all|quick)$ ]] || die "LINT=$LINT is neither all nor quick"
shopt -s globstar

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
	echo "installing $list ..."
	apt_update
	apt_install "$list" >/dev/null || echo "some could not be installed"
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
defines=(-D_GNU_SOURCE '-DBALANCE_VERSION="0.0.0"' -Isrc)
warnings=(-Wmissing-prototypes -Wstrict-prototypes -Wold-style-definition -Wpointer-arith
	-Wdeclaration-after-statement -Wendif-labels -Wformat=2 -Wvla -Wundef -Wshadow)

compile() {
	local file
	for file in src/**/*.c; do
		# shellcheck disable=SC2086
		"$1" -O2 -c -o /dev/null "${defines[@]}" -isystem "$headers" $copt "${warnings[@]}" "$file"
	done
}

# A file's findings go to a log of its own, as files are looked at side by side.
tidy() {
	# shellcheck disable=SC2016
	printf '%s\0' src/**/*.c | xargs -0 -P "$(nproc)" -I '{}' sh -c '
		out=$1/$(echo "$2" | tr / _).tidy
		shift
		clang-tidy --quiet "$@" 2>/dev/null >"$out" || echo "$1: clang-tidy failed" >>"$out"' \
		- "$work" '{}' -- "${defines[@]}" -isystem "$headers"
	cat "$work"/*.c.tidy
}

# Findings as FILE [CHECK] CODE, each once: unlike a line's number, that stays.
tidy_findings() {
	rm -f "$work"/*.c.tidy
	tidy >"$work/tidy.log"
	awk -v top="$top/" '
		index($0, top) == 1 { $0 = substr($0, length(top) + 1) }
		/^[^ ].*: (warning|error): .*\[[^]]*\]$/ {
			split($0, place, ":"); check = $NF; getline; sub(/^[ \t]+/, "")
			print place[1], check, $0; next
		}
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
	cppcheck --quiet --enable=warning,performance,portability --inline-suppr --std=c11 \
		-Isrc --include=test/cppcheck.h src
}

shell_check() {
	# SC2034: lib.sh sets what its parts use, not all of them all of it
	shellcheck --severity=warning --external-sources --source-path=SCRIPTDIR --source-path=test \
		--source-path=test/parts --exclude=SC2034 \
		test/*.sh test/parts/*.sh test/long/*.sh test/lint/*.sh .ci/run .github/*.sh \
		packaging/*.sh
}

perl_check() {
	local file modules
	modules=$(dirname "$("$pg_config" --pgxs)")/../test/perl
	for file in test/t/*.pl test/perl/*.pm test/clients/*.pm test/*.pl test/lint/*.pl; do
		[[ -e $file ]] || continue
		perl -Mwarnings=FATAL,all -c -I"$modules" -Itest/perl -Itest/clients "$file" 2>&1 |
			grep -v ' syntax OK$'
	done
}

python_check() {
	local file
	for file in test/*/*.py packaging/*.py; do
		/usr/bin/python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read(), sys.argv[1])' \
			"$file"
	done
}

# Modules of a page, and programs: a syntax error is found either way.
javascript_check() {
	local file
	for file in test/clients/*.*js dashboards/page/*.js dashboards/page/src/*.js; do
		node --check "$file" 2>&1
	done
}

# A tree with an arrow back up and a circle, which the next check must see.
planted_includes() {
	local tree=$work/planted found
	rm -rf "$tree"
	mkdir -p "$tree"/{value,position,ledger}
	touch "$tree"/{compat.h,ledger/plan.h}
	echo '#include "b.h"' >"$tree/position/a.h"
	echo '#include "position/c.h"' >"$tree/position/b.h"
	echo '#include "../position/a.h"' >"$tree/position/c.h"
	printf '#include "%s"\n' compat.h plan.h postgres.h >"$tree/value/d.c"
	found=$(SOURCES=$tree perl test/lint/includes.pl)
	[[ $found == *"value/d.c:2: an arrow back up, to $tree/ledger/plan.h"* ]] ||
		echo "the arrow was not seen"
	[[ ${found//$tree\/position\//} == *"a -> b -> c -> a: a circle"* ]] ||
		echo "the circle was not seen"
	[[ $(wc -l <<<"$found") == 2 ]] || echo "more was seen than is there: $found"
}

includes() {
	perl test/lint/includes.pl
}

# Whether a header that came with another one is seen, and none that was asked for.
planted_headers() {
	local tree=$work/tmp/headers found
	rm -rf "$tree"
	mkdir "$tree"
	echo '#include "postgres.h"' >"$tree/a.h"
	printf '%s\n' '#include "a.h"' '#include "utils/lsyscache.h"' '#include "utils/rel.h"' \
		'/* pg_unreachable */ char *f(Relation r) { return get_rel_name(RelationGetRelid(r)); }' \
		'Oid g(void) { return BoolGetDatum(1) ? RelationRelationId : InvalidOid; }' >"$tree/b.c"
	found=$(SOURCES=$tree perl test/lint/headers.pl "$headers")
	[[ $found == "$tree/b.c: no catalog/pg_class_d.h for RelationRelationId" ]] ||
		echo "seen was: $found"
}

server_headers() {
	perl test/lint/headers.pl "$headers"
}

long_lines() {
	perl test/lint/lines.pl
}

subjects() {
	bash test/lint/subjects.sh
}

# Every part of make test-all has a job in nightly.yml, and no job is of another part.
nightly_parts() {
	diff --unchanged-line-format= --old-line-format='no job of the nightly workflow: %L' \
		--new-line-format='a job of no part: %L' \
		<({ echo fast && basename -s .sh -a test/parts/*.sh | grep -vx lib; } | sort) \
		<(sed -n '/^ *part:$/,/^ *steps:$/s/^ *- //p' .github/workflows/nightly.yml | sort)
}

# What .editorconfig asks of every file but psql's output.
white_space() {
	local file
	while IFS= read -rd '' file; do
		[[ -s $file ]] || continue
		grep -nHE '[ 	]+$' "$file"
		[[ ! $(tail -c1 "$file") ]] || echo "$file: no newline at the end"
	done < <(find . \( -name .git -o -name 'tmp_*' -o -name node_modules -o -name results \
		-o -name output_iso -o -path './test/released/[0-9]*' \) -prune \
		-o -type f -regextype posix-extended -regex \
		'.*(\.([ch]|def|p[lmy]|sh|sql|spec|m?js|ts|css|java|md|json|ya?ml|control)|/Makefile)' \
		-print0)
}

# What takes its time: compilers and analysers.
analyse() {
	check "gcc $(gcc -dumpversion) warns of nothing" compile gcc
	if have clang "clang's warnings"; then
		warnings+=(-Wno-unknown-warning-option)
		check "clang $(clang -dumpversion) warns of nothing" compile clang
	fi
	have clang-tidy "clang-tidy" && check "clang-tidy finds nothing new" clang_tidy
	have cppcheck "cppcheck" && check "cppcheck finds nothing" cpp_check
}

layout() {
	if [[ ${LINT:-all} == quick && ! -x $cache/pgindent/pg_bsd_indent ]]; then
		skip "the layout of src/: pgindent has not been made yet, as make format does it"
		return
	fi
	bash test/indent.sh --check >"$work/indent.log" 2>&1
	case $? in
		0) pass "src/ is laid out as pgindent has it" ;;
		3) skip "the layout of src/: $(tail -n1 "$work/indent.log")" ;;
		*) cat "$work/indent.log" &&
			fail "src/ is laid out as pgindent has it (make format does it)" ;;
	esac
}

if [[ ${LINT:-all} == quick ]]; then
	find_postgres || die "no PostgreSQL 15 or newer found"
else
	install_packages test
	install_tools
fi
make_work_folder tmp_static
cd "$top"
headers=$("$pg_config" --includedir-server)
set +e

[[ ${LINT:-all} == quick ]] || analyse
layout
check "a planted arrow back up and a planted circle are seen" planted_includes
if [[ -d src/value ]]; then
	check "no arrow back up between the wings of src/, and no circle" includes
else
	skip "the direction of includes: src/ has no wings"
fi
check "a planted use of a header that came with another is seen" planted_headers
check "src/ includes itself what it uses of the server's headers" server_headers
check "no line is longer than 100 columns" long_lines
if why=$(subjects) || [[ $? != 3 ]]; then
	check "no commit's subject is longer than 72 characters" subjects
else
	skip "subjects of commits: $why"
fi
check "the nightly workflow runs every part of make test-all" nightly_parts
have actionlint "workflows" && check "actionlint finds nothing in the workflows" actionlint
have shellcheck "shell scripts" && check "shellcheck finds nothing in the shell scripts" shell_check
check "the Perl sources compile without warnings" perl_check
check "the Python sources parse" python_check
have node "JavaScript" && check "the JavaScript sources parse" javascript_check
check "no white space at the end of a line, and a newline at the end of a file" white_space
finish
