#!/usr/bin/env bash
# Lays out src/ as PostgreSQL lays out its own sources, by its pgindent:
# indent.sh rewrites the files, indent.sh --check shows what it would change and
# fails if that is anything.  Exit status 3 says that pgindent cannot be had.
source "$(dirname "${BASH_SOURCE[0]}")/parts/lib.sh"

# pgindent is a script and a small program of C; Debian's next release has both
# among what PostgreSQL 17 gives to who develops for it.  The program is run with
# the C library of that release.  Made once, and then kept.
get_pgindent() {
	tools=$cache/pgindent
	[[ ! -x $tools/pg_bsd_indent ]] || return 0
	local mirror keys=/usr/share/keyrings/debian-archive-keyring.gpg
	mkdir -p "$cache" && work=$(mktemp -d "$cache/tmp_indent.XXXXXX") && cd "$work" &&
		mkdir -p lists/partial tools || return 1
	mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME)' \
		'Created-By: Packages' 2>/dev/null |
		sed -n 's/ [a-z]*$//p' | grep -m1 '/debian/*$') || return 1
	[[ ! -e $keys ]] || keys=" [signed-by=$keys]"
	[[ $keys == ' '* ]] || keys=
	echo "deb$keys $mirror trixie main" >sources.list
	local apt=(-qq -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=/dev/null
		-o "Dir::State::lists=$work/lists" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=
		-o Acquire::Check-Valid-Until=false)
	{
		apt-get "${apt[@]}" update &&
			apt-get "${apt[@]}" download postgresql-server-dev-17 libc6 &&
			dpkg-deb -x postgresql-server-dev-17_*.deb . && dpkg-deb -x libc6_*.deb . &&
			mv usr/lib/postgresql/17/bin/pgindent usr/lib/*-linux-*/{ld-linux-*,libc.so.6} tools &&
			mv usr/lib/postgresql/17/bin/pg_bsd_indent tools/program &&
			printf '%s\n' '#!/bin/sh' 'here=${0%/*}' \
				'exec "$here"/ld-linux-* --library-path "$here" "$here/program" "$@"' \
				>tools/pg_bsd_indent &&
			chmod +x tools/pg_bsd_indent
	} >log 2>&1 </dev/null || { tail -n3 log >&2 && return 1; }
	rm -rf "$tools" && mv tools "$tools"
}

# Names of types, which pgindent cannot do without: those in the objects' debug
# information, and our own.
typedefs() {
	local file flags=(-g -O0 -w -D_GNU_SOURCE '-DBALANCE_VERSION=""')
	for file in "$top"/src/**/*.c; do
		gcc "${flags[@]}" -I"$top/src" -I"$("$pg_config" --includedir-server)" \
			-c -o "$scratch/object.o" "$file" || return 1
		objdump --dwarf=info "$scratch/object.o" 2>/dev/null
	done | awk '
		/DW_TAG_/ { inside = /DW_TAG_typedef/ }
		inside && /DW_AT_name/ { print $NF; inside = 0 }'
	sed -nE 's/^\} +([A-Za-z0-9_]+);$/\1/p' "$top"/src/**/*.[ch]
	echo RTEPermissionInfo # since 16
}

shopt -s globstar
mode=${1:-}
[[ $mode =~ ^(|--check)$ ]] || die "usage: indent.sh [--check]"
find_postgres || die "no PostgreSQL 15 or newer found"
work=
scratch=$(mktemp -d)
trap 'rm -rf "$scratch" "$work"' EXIT
get_pgindent || { echo "pgindent cannot be had here" >&2 && exit 3; }
typedefs | sort -u >"$scratch/typedefs"
cp -rp "$top/src" "$scratch"
cd "$scratch" || exit 1
sources=(src/**/*.[ch])
perl "$tools/pgindent" --typedefs=typedefs --indent="$tools/pg_bsd_indent" "${sources[@]}" 2>log ||
	true
[[ ! -s log ]] || { cat log >&2 && exit 1; }
# three things that it is known to get wrong: no space before a second designated
# member, an empty line between an array's name and its initializer, and a member
# with the name of a type
perl -0777 -pi -e 's/,(\.\w+ =)/, $1/g; s/(\[\] =\n)\n(?=\{)/$1/g;
	s/(?<=[.>])text !=(?=NULL)/text != /g' "${sources[@]}"
status=0
for file in "${sources[@]}"; do
	cmp -s "$file" "$top/$file" && continue
	status=1
	if [[ $mode == --check ]]; then
		diff -u --label "$file" --label "$file as pgindent has it" "$top/$file" "$file" || true
	else
		cp "$file" "$top/$file"
		echo "$file"
	fi
done
[[ $mode != --check || $status == 0 ]]
