# shellcheck shell=bash
# Sourced by run.sh, demo.sh and dashboard.sh: gets the machine ready and builds a copy of
# this tree in a folder of its own, as a user PostgreSQL agrees to run under.
set -euo pipefail
umask 022
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
copt=${COPT:--Wall -Wextra -Werror -Wno-unused-parameter -Wno-sign-compare \
	-Wno-missing-field-initializers}
child=

# Every way out that is not a test's failure.
die() {
	printf 'balance: %s\n' "$@" >&2
	exit 1
}

# A bare chroot has none, and bash has its pipes with names there.
[[ -e /proc/self/fd ]] || die "/proc is not mounted here" "as root: mount -t proc proc /proc"

# Version strings are like "PostgreSQL 15.20 (Debian ...)" and "PostgreSQL 19rc1".
major_of() {
	"$1" --version 2>/dev/null | sed 's/^PostgreSQL \([0-9]*\).*/\1/'
}

# Server, headers and makefiles come in packages of their own, so look for each.
# PG_CONFIG wins, then the path, then Debian's newest.
find_postgres() {
	local candidates
	readarray -t candidates < <(printf '%s\n' /usr/lib/postgresql/*/bin/pg_config | sort -rV)
	[[ ${PG_CONFIG:-} ]] && candidates=("$PG_CONFIG") || candidates=(pg_config "${candidates[@]}")
	for pg_config in "${candidates[@]}"; do
		pg_config=$(realpath -s "$(command -v "$pg_config")" 2>/dev/null) &&
			bindir=$("$pg_config" --bindir) &&
			[[ -f $("$pg_config" --pgxs) && -f $("$pg_config" --includedir-server)/postgres.h ]] &&
			[[ -x $bindir/postgres && $(major_of "$pg_config") -ge 15 ]] && return
	done
	[[ -z ${PG_CONFIG:-} ]] ||
		die "PG_CONFIG=$PG_CONFIG is no PostgreSQL 15 or newer with server and development files"
	return 1
}

# A server without its development files gets these, whatever its version;
# otherwise it is 15, or the newest where 15 is not offered. Where apt has not
# been told yet what is offered, its release says.
postgres_packages() {
	local major offered
	major=$(printf '%s\n' /usr/lib/postgresql/*/bin/postgres | cut -d/ -f5 | awk '$1 >= 15' |
		sort -n | tail -n1)
	[[ -z $major ]] || { echo "postgresql-server-dev-$major" && return; }
	offered=$(apt-cache pkgnames postgresql-server-dev- 2>/dev/null | sed 's/.*-//' |
		awk '/^[0-9]+$/ && $1 >= 15' | sort -n) || true
	case $(grep -hE '^(ID|VERSION_ID)=' /etc/os-release 2>/dev/null | sort | tr -d '"' |
		paste -sd' ') in
		*ID=debian*=12) offered=${offered:-15} ;;
		*ID=debian*=13) offered=${offered:-17} ;;
	esac
	[[ $offered ]] || { echo postgresql postgresql-server-dev-all && return; }
	major=$(grep -x 15 <<<"$offered" || tail -n1 <<<"$offered")
	echo "postgresql-$major postgresql-server-dev-$major"
}

# It takes no compiler; without Perl, Debian's wrapper of psql does not run.
missing_for_dashboard() {
	command -v node >/dev/null || echo nodejs
	command -v npm >/dev/null || echo npm
	[[ -e /etc/ssl/certs/ca-certificates.crt ]] || echo ca-certificates
	command -v "${PSQL:-psql}" >/dev/null || echo postgresql-client
}

# Each is looked for by what it is needed for, as it may come from elsewhere
# than a package. The demo does without Perl and Python.
missing_packages() {
	[[ $1 != dashboard ]] || { missing_for_dashboard && return; }
	command -v make >/dev/null || echo make
	command -v gcc >/dev/null || echo gcc
	[[ -e /usr/include/stdio.h ]] || echo libc6-dev
	find_postgres || postgres_packages
	[[ $1 == test ]] || return 0
	perl -MIPC::Run -e1 2>/dev/null || echo libipc-run-perl
	/usr/bin/python3 -c 'import jsonschema, yaml' 2>/dev/null ||
		echo python3-jsonschema python3-yaml
}

# Of the version of the server that is going to be tested, where Debian has one for it.
missing_pgtap() {
	local major
	major=$(find_postgres && major_of "$pg_config") || return 0
	[[ -e $("${pg_config:-pg_config}" --sharedir 2>/dev/null)/extension/pgtap.control ]] ||
		! apt-cache show "postgresql-$major-pgtap" >/dev/null 2>&1 || echo "postgresql-$major-pgtap"
}

# What the tests with real clients, and against other lists of currencies, want;
# without it they are skipped.
missing_clients() {
	[[ $1 == test && ${CLIENTS:-yes} == yes ]] || return 0
	command -v node >/dev/null || echo nodejs
	command -v npm >/dev/null || echo npm
	[[ -e /etc/ssl/certs/ca-certificates.crt ]] || echo ca-certificates
	command -v javac >/dev/null || echo default-jdk-headless
	[[ -e /usr/share/java/postgresql.jar ]] || echo libpostgresql-jdbc-java
	[[ -e /usr/share/java/jackson-databind.jar ]] || echo libjackson2-databind-java
	[[ -x /usr/sbin/pgbouncer ]] || echo pgbouncer
	command -v chromium >/dev/null || echo chromium
	[[ -e /usr/share/iso-codes/json/iso_4217.json ]] || echo iso-codes
	/usr/bin/python3 -c 'import psycopg' 2>/dev/null || echo python3-psycopg
	/usr/bin/python3 -c 'import psycopg2' 2>/dev/null || echo python3-psycopg2
	/usr/bin/python3 -c 'import sqlalchemy' 2>/dev/null || echo python3-sqlalchemy
	/usr/bin/python3 -c 'import django' 2>/dev/null || echo python3-django
	command -v ruby >/dev/null && ruby -e 'require "active_record"; require "pg"' 2>/dev/null ||
		echo ruby-activerecord ruby-pg
	missing_pgtap
}

# Two runs wait for each other.
apt_update() (
	exec 9</var/lib/apt
	flock 9
	apt-get -qq update </dev/null || true
)

# Debian starts a service as soon as it is installed, and makes a cluster on port
# 5432 with a server, unless two files say no. What we have put there stays only
# until apt-get ends: a signal waits for that, and what an earlier run was killed
# over goes as well. Prints what apt-get says if it fails.
apt_install() (
	policy=/usr/sbin/policy-rc.d conf=/etc/postgresql-common/createcluster.conf status=0 signal=
	mark='# for as long as the tests of balance install packages'
	default=/usr/share/postgresql-common/createcluster.conf
	ours() { [[ ! -e $1 ]] || grep -qxF "$mark" "$1" || cmp -s "$1" $default; }
	put_back() {
		ours $policy && rm -f $policy
		ours $conf && rm -f $conf $conf.ucf-dist && cp -p $default $conf 2>/dev/null
		rmdir /etc/postgresql-common 2>/dev/null
		rm -f "$output"
	}
	wait_for_apt() {
		signal=$1
		echo "waiting for apt-get to end ..." >&2
	}
	exec 9</var/lib/apt
	flock 9
	output=$(mktemp)
	trap 'put_back || true' EXIT
	trap 'wait_for_apt INT' INT
	trap 'wait_for_apt TERM' TERM
	trap 'wait_for_apt HUP' HUP
	! ours $policy || printf '#!/bin/sh\n%s\nexit 101\n' "$mark" | install -m 755 /dev/stdin $policy
	! ours $conf || printf '%s\ncreate_main_cluster = false\n' "$mark" |
		install -D -m 644 /dev/stdin $conf
	# shellcheck disable=SC2086
	DEBIAN_FRONTEND=noninteractive LC_ALL=C setsid apt-get -qq -y -o DPkg::Lock::Timeout=300 \
		install --no-install-recommends $1 </dev/null >"$output" 2>&1 9<&- &
	while status=0 && { wait $! || status=$?; } && kill -0 $! 2>/dev/null; do :; done
	[[ $status == 0 ]] || cat "$output"
	put_back || true
	[[ -z $signal ]] || { trap - EXIT "$signal" && kill -s "$signal" "$BASHPID"; }
	exit "$status"
)

# Root on Debian gets what is missing installed, everybody else is told.
install_packages() {
	local list clients output name get="apt-get install --no-install-recommends"
	list=$(missing_packages "$1" | xargs)
	clients=$(missing_clients "$1" | xargs)
	if [[ $(id -u) != 0 || ! -d /var/lib/apt ]]; then
		[[ ! $list ]] || die "missing here (by the names of Debian's packages): $list" \
			"as root: apt-get update && $get $list" \
			${clients:+"and for some tests with real clients, or they are skipped: $get $clients"} \
			"Then run this again, as whoever you like."
		[[ ! $clients ]] ||
			printf '%s\n' "Some tests with real clients will be skipped; if you want them," \
			"as root: $get $clients"
	elif [[ $list || $clients ]]; then
		echo "looking for packages ..."
		apt_update
		list=$(missing_packages "$1" | xargs)
		clients=$(missing_clients "$1" | xargs)
		if [[ $list ]]; then
			echo "installing $list ..."
			output=$(apt_install "$list") || die "apt-get install failed:" "$output"
			[[ $list != *postgresql-[0-9]* ]] ||
				echo "(Debian's own cluster was left out;" \
					"pg_createcluster NN main --start makes one)"
		fi
		if [[ $clients ]]; then
			echo "installing $clients (clients for some tests; CLIENTS=no leaves them out) ..."
			apt_install "$clients" >/dev/null || for name in $clients; do
				apt_install "$name" >/dev/null ||
					echo "$name could not be installed; its tests will be skipped"
			done
		fi
	fi
	[[ $1 == dashboard ]] || find_postgres || die "no PostgreSQL 15 or newer found"
}

# Sets as_user, which runs a command in a session and an environment of its
# own, and as the given user if we are root: PostgreSQL refuses to run as root.
become() {
	as_user=(setsid)
	[[ $(id -u) != 0 ]] || as_user+=(setpriv --reuid "$1" --regid "$(id -gn "$1")" --init-groups)
	as_user+=(env -i PATH="$PATH" HOME=/ LANG=C.UTF-8)
}

# The work folder is the given one in this tree, or one in /tmp if the user who
# is to work there cannot reach it, or make or a socket could not bear its name.
make_work_folder() {
	local user
	user=$(id -un)
	[[ $(id -u) != 0 ]] || user=$(id -un postgres 2>/dev/null || echo nobody)
	become "$user"
	work=$top/$1
	{ mkdir -p "$work" && chown -R "$user": "$work"; } 2>/dev/null || true
	if [[ ! $work =~ ^[[:alnum:]/._+-]{1,60}$ ]] ||
		! "${as_user[@]}" test -w "$work" -a -x "$work"; then
		work=$(mktemp -d "/tmp/balance-$1.XXXXXX")
		chown "$user": "$work"
	fi
	cd "$work"
	"${as_user[@]}" mkdir -p tmp
	as_user+=(TMPDIR="$work/tmp")
}

# In the background and in a session of its own, so that a signal to us is
# heeded at once and stop_child then reaches make's children as well.
quietly() {
	local log=$1 status=0
	shift
	"${as_user[@]}" "$@" </dev/null >"$log" 2>&1 8<&- &
	child=$!
	wait "$child" || status=$?
	child=
	return "$status"
}

# For the steps without which there is no going on.
must() {
	quietly "$@" || { cat "$1" >&2 && die "${1%.log} failed"; }
}

# Ends what quietly left when a signal came in between.
stop_child() {
	[[ -z $child ]] || kill -- "-$child" 2>/dev/null || true
}

# At once, as the data is thrown away. A server that is ours has our data folder
# as its working folder, whatever a stale pid file may say.
stop_server() {
	local pid
	pid=$(head -n1 "$1/postmaster.pid" 2>/dev/null) || return 0
	[[ ! /proc/$pid/cwd -ef $1 ]] || "${as_user[@]}" "$bindir/pg_ctl" -D "$1" -m immediate \
		stop >/dev/null 2>&1 || true
}

# Copies the tree as it is, times included, so that make has to redo only what
# changed. Objects made for another server or with other flags do not count.
build() {
	local made_with file
	make=(make -s -C "$work/build" PG_CONFIG="$pg_config" with_llvm=no COPT="$copt"
		${CC:+CC="$CC"})
	made_with=$("$pg_config" && echo "$copt ${CC:-}")
	[[ $made_with == "$(cat made_with 2>/dev/null)" ]] || rm -rf build
	echo "$made_with" >made_with
	"${as_user[@]}" mkdir -p build
	find build -type f ! -name '*.o' ! -name '*.so' -printf '%P\0' | while IFS= read -rd '' file; do
		[[ -e $top/$file ]] || rm -f "build/$file"
	done
	{ tar -C "$top" --exclude=./.git --exclude-from="$top/.gitignore" -cf - . || [[ $? == 1 ]]; } |
		"${as_user[@]}" tar -C build -xf -
	echo "building for $("$pg_config" --version) ..."
	must build.log "${make[@]}" -j"$(nproc)"
}

# The server's own folders, and what can be built against, copied under another
# root, as PostgreSQL's own tests do: its programs look for their files from where
# they are themselves.
copy_server() {
	local from
	rm -rf "$work/server_copy"
	for from in --bindir --sharedir --pkglibdir --includedir --includedir-server; do
		from=$("$pg_config" "$from")
		[[ ! -d $work/server_copy$from ]] || continue
		"${as_user[@]}" mkdir -p "$work/server_copy$from"
		# what the user may not read is none of a server's files
		"${as_user[@]}" cp -RLp "$from/." "$work/server_copy$from/" 2>copy.log || true
	done
	pg_config=$work/server_copy$("$pg_config" --bindir)/pg_config
	bindir=$("$pg_config" --bindir)
	[[ $("$pg_config" --sharedir) == "$work"/* && $("$pg_config" --pkglibdir) == "$work"/* ]] ||
		die "$bindir/postgres would look for its files at the old place" \
			"install PostgreSQL with its folders under one prefix"
	make=(make -s -C "$work/build" PG_CONFIG="$pg_config" with_llvm=no COPT="$copt"
		${CC:+CC="$CC"})
}

# Nothing of the system's is touched: all servers from 18 on have a setting for
# a second place to look for extensions, and so have Debian's before that. Of any
# other a copy is made, and so is with SERVER_COPY=yes.
install_privately() {
	local place=
	rm -rf dest
	if [[ ${SERVER_COPY:-} == yes ]]; then
		copy_server
	elif [[ $(major_of "$pg_config") -ge 18 ]]; then
		place="extension_control_path = '$work/dest$("$pg_config" --sharedir):\$system'"
	elif "${as_user[@]}" "$bindir/postgres" --describe-config |
		grep ^extension_destdir >/dev/null; then
		place="extension_destdir = '$work/dest'"
	else
		copy_server
	fi
	if [[ $place ]]; then
		place+=$'\n'"dynamic_library_path = '$work/dest$("$pg_config" --pkglibdir):\$libdir'"
		must install.log "${make[@]}" install DESTDIR="$work/dest"
	else
		must install.log "${make[@]}" install
	fi
	cat - "${TEMP_CONFIG:-/dev/null}" >server.conf <<-CONF
		$place
		fsync = off
	CONF
}

# A fresh server in the work folder, reached by a socket only: its own user (and
# root) can connect, and no network port is taken. timeout sees to it that a
# forgotten server goes. Settings come from standard input.
start_server() {
	local minutes=$1 database=$2
	echo "starting the server ..."
	must initdb.log "$bindir/initdb" -D "$work/data" -U postgres -A trust --no-locale -E UTF8 \
		--no-sync
	cat server.conf - >>data/postgresql.conf <<-CONF
		listen_addresses = ''
		unix_socket_directories = '$work'
		unix_socket_permissions = 0700
		$(cat)
	CONF
	: >server.log
	export PGHOST=$work PGUSER=postgres PGDATABASE=$database
	run_server "$minutes"
	"$bindir/createdb" || { cat server.log >&2 && die "the server has no database"; }
}

# The server of the work folder, until so many minutes are over.
run_server() {
	"${as_user[@]}" timeout -s INT "$1m" "$bindir/postgres" -D "$work/data" </dev/null \
		>>server.log 2>&1 8<&- &
	# shellcheck disable=SC2016
	timeout 30 sh -c 'until "$1"/pg_isready -q; do sleep 0.1; done' - "$bindir" ||
		{ cat server.log >&2 && die "the server did not start"; }
}
