#!/usr/bin/env bash
# make test-packages: this tree as people get it.  On Debian 12 and 13, in chroots:
# Debian's packages, built twice, looked at by lintian, tested as installed and
# installed on a bare system; the archive for PGXN through pgxnclient; the RPM
# packages; the steps of the Dockerfile; and make by itself, beside the tree and
# without bash, citext or ICU.  SUITES="trixie" runs this one only, PACKAGES="deb
# pgxn" these only.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$top/test/chroot.sh"
tools=(build-essential debhelper devscripts fakeroot postgresql-all postgresql-server-dev-all
	architecture-is-64-bit lintian autopkgtest rpm pgxnclient zip unzip)
kinds=${PACKAGES:-deb pgxn rpm docker make}
started=$SECONDS
version=$(sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" "$top/balance.control")
logs=$top/tmp_packages
mkdir -p "$logs"
exec 5<"$logs"
flock -n 5 || { echo "waiting for another make test-packages here ..." && flock 5; }
rm -f "$logs"/*.log
layers=$(mktemp -d /tmp/balance-packages.XXXXXX)
trap 'rm -rf --one-file-system "$layers"' EXIT
trap 'exit 143' INT TERM HUP

# in_layer NAME COMMAND...: runs it as root in the layer, with what a server needs
# mounted; mounts and processes go with it.
in_layer() {
	local folder=$layers/$1
	shift
	# shellcheck disable=SC2016
	unshare --mount --pid --fork --kill-child bash -c '
		mount -t overlay overlay -o "lowerdir=$(cat "$1/below"),upperdir=$1/upper,workdir=$1/work" \
			"$1/root" && mount -t proc proc "$1/root/proc" &&
			mount -t tmpfs shm "$1/root/dev/shm" && cd / && folder=$1 && shift &&
			exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
				DEBIAN_FRONTEND=noninteractive chroot "$folder/root" "$@"' - "$folder" "$@"
}

# layer NAME CHROOT: a system to spoil over one that stays as it is.
layer() {
	mkdir -p "$layers/$1"/{upper,work,root}
	echo "$2" >"$layers/$1/below"
	mkdir -p "$layers/$1/upper/src"
	in_layer "$1" true 2>"$layers/why" || { why=$(tail -n1 "$layers/why") && return 1; }
}

# step TITLE COMMAND...: one thing to pass, with a log of its own.
step() {
	local title=$1 log
	log=$logs/$(tr -cs '[:alnum:].\n' - <<<"$1").log
	shift
	if "$@" >"$log" 2>&1 </dev/null; then
		pass "$title"
	else
		tail -n 30 "$log"
		fail "$title: see $log"
		return 1
	fi
}

# sh_in LAYER [SCRIPT ARGUMENT...]: dash, so that nothing of bash's is taken for granted.
sh_in() {
	local name=$1 script=$2
	shift 2
	in_layer "$name" sh -euc "$script" - "$@"
}

# The archive that make dist makes of the tree as it is, committed or not.
make_archive() {
	local tree
	tree=$(git -C "$top" stash create 2>/dev/null) || true
	(cd "$top" && DIST_TREE=${tree:-HEAD} DIST_FOLDER=$layers bash packaging/release.sh dist) ||
		return 1
	zip=$layers/balance-$version.zip
}

# A user to build as, and the source package's two halves in the folder.
sources() {
	install -m 644 "$zip" "$layers/$1/upper/src/"
	sh_in "$1" '
		cd /src
		useradd --create-home --shell /bin/sh builder
		unzip -q "balance-$1.zip"
		cp -a "balance-$1" "postgresql-balance-$1"
		rm -rf "postgresql-balance-$1/debian"
		tar --sort=name --owner=0 --group=0 -czf "postgresql-balance_$1.orig.tar.gz" \
			"postgresql-balance-$1"
		rm -rf "postgresql-balance-$1"
		chown -R builder: /src' "$version"
}

# Once as a builder of Debian's has it; then elsewhere, with another umask, zone,
# language and number of processes.
build_debs() {
	sh_in "$1" '
		mkdir /src/one && cd /src/one
		cp ../*.orig.tar.gz . && cp -a "../balance-$1" postgresql-balance
		chown -R builder: . && cd postgresql-balance
		runuser -u builder -- env PG_UPDATECONTROL=yes PG_SUPPORTED_VERSIONS=installed \
			dpkg-buildpackage -us -uc' "$version"
}
build_again() {
	sh_in "$1" '
		mkdir -p /src/elsewhere/two && cd /src/elsewhere/two
		cp ../../*.orig.tar.gz . && cp -a "../../balance-$1" another-name
		chown -R builder: . && cd another-name
		umask 002
		runuser -u builder -- env PG_UPDATECONTROL=yes PG_SUPPORTED_VERSIONS=installed \
			TZ=Pacific/Kiritimati LC_ALL=C DEB_BUILD_OPTIONS="nocheck parallel=1" \
			dpkg-buildpackage -us -uc -b
		cd ..
		for deb in *.deb; do cmp "$deb" "/src/one/$deb"; done
		ls -l *.deb' "$version"
}

# Nothing that lintian is certain or warns of may be left; the rest is for the log.
look_at() {
	sh_in "$1" '
		cd /src/one
		tags=initial-upload-closes-no-bugs,bad-distribution-in-changes-file
		tags=$tags,newer-standards-version,unreleased-changes
		runuser -u builder -- lintian --display-info --pedantic --fail-on error,warning \
			--suppress-tags "$tags" *.changes'
}

as_installed() {
	sh_in "$1" '
		cd /src/one
		rm -rf postgresql-balance
		autopkgtest --no-built-binaries ./*.deb ./*.dsc -- null' ||
		[[ $? == 2 ]]	# some test was skipped
}

# On a system that has nothing: as README says, then gone again without a trace.
on_bare_system() {
	cp "$layers/build/upper/src/one/postgresql-$2-balance"_*.deb "$top/test/packages/first.sql" \
		"$layers/$1/upper/src/"
	sh_in "$1" '
		apt-get -qq update
		apt-get -y -q install --no-install-recommends "/src/$(ls /src | grep "deb$")"
		command -v gcc make && exit 1
		pg_createcluster "$1" main --start
		runuser -u postgres -- psql -X -v ON_ERROR_STOP=1 -f /src/first.sql
		apt-get -y -q purge "postgresql-$1-balance"
		! find /usr/share/postgresql /usr/lib/postgresql /usr/share/doc -name "*balance*" | grep .
		pg_dropcluster --stop "$1" main' "$2"
}

debian_packages() {
	step "$suite: Debian's packages are built" build_debs build || return 0
	step "$suite: built elsewhere they are the same bytes" build_again build || true
	step "$suite: lintian finds nothing" look_at build || true
	if layer "tested" "$layers/build/upper:$chroot"; then
		step "$suite: autopkgtest" as_installed tested || true
	fi
	if make_chroot "bare-$suite" "$suite" && layer bare "$chroot"; then
		step "$suite: installed on a bare system, used and purged" on_bare_system bare "$major" ||
			true
	else
		skip "$suite: on a bare system: $why"
	fi
}

# A cluster whose superuser is who asks, by a socket only.  Its port is another one
# where somebody outside has Debian's.
cluster='
	pg_createcluster "$major" main -- -A trust >/dev/null
	pg_conftool "$major" main set listen_addresses ""
	export PGPORT="$(pg_lsclusters -h | awk "{ print \$3 }")"
	pg_ctlcluster "$major" main start
	trap "pg_ctlcluster $major main stop -m immediate" EXIT
	runuser -u postgres -- createuser -s root
	runuser -u postgres -- createuser -s builder
	'

pgxn() {
	cp "$zip" "$layers/$1/upper/src/"
	sh_in "$1" 'major=$1; cd /src;'"$cluster"'
		export PGDATABASE=postgres
		config=/usr/lib/postgresql/$major/bin/pg_config
		pgxn install --pg_config "$config" "./balance-$2.zip"
		pgxn check --pg_config "$config" "./balance-$2.zip"
		createdb shop
		pgxn load --yes --pg_config "$config" -d shop "./balance-$2.zip"
		psql -X -d shop -Atc "SELECT extversion FROM pg_extension WHERE extname = '"'balance'"'" |
			grep -x "$2"
		pgxn unload --yes --pg_config "$config" -d shop "./balance-$2.zip"
		pgxn uninstall --pg_config "$config" "./balance-$2.zip"' "$major" "$version"
}

# Debian's server, where PostgreSQL's own RPM packages have it.
rpm_packages() {
	cp "$zip" "$top/packaging/balance.spec" "$top/test/packages/first.sql" "$layers/$1/upper/src/"
	sh_in "$1" 'major=$1; cd /src;'"$cluster"'
		home=/usr/pgsql-$major
		real=/usr/lib/postgresql/$major
		mkdir -p "$home"
		ln -s "/usr/share/postgresql/$major" "$home/share"
		ln -s "$real/lib" "$home/lib"
		mkdir "$home/bin"
		cat >"$home/bin/pg_config" <<-END
			#!/bin/sh
			case \${1-} in
				--bindir) echo $home/bin ;;
				--sharedir) echo $home/share ;;
				--pkglibdir) echo $home/lib ;;
				*) exec $real/bin/pg_config "\$@" ;;
			esac
		END
		chmod 755 "$home/bin/pg_config"
		mkdir -p /root/rpmbuild/SOURCES
		cp "balance-$2.zip" /root/rpmbuild/SOURCES/
		rpmbuild -ba --nodeps --define "pgmajorversion $major" --define "pginstdir $home" \
			--define "debug_package %{nil}" balance.spec
		rpm -qp --provides --requires --filesbypkg /root/rpmbuild/RPMS/*/*.rpm
		force=--force-debian	# Debian 12 wants to be told that this is meant
		rpm $force --version >/dev/null 2>&1 || force=
		rpm $force --dbpath /src/rpmdb --nodeps -i /root/rpmbuild/RPMS/*/*.rpm
		psql -X -d postgres -v ON_ERROR_STOP=1 -f /src/first.sql' "$major" "$version"
}

# What a builder of images does, as far as the Dockerfile needs it: ARG, COPY of
# everything and RUN.
dockerfile() {
	cp "$zip" "$top/Dockerfile" "$top/test/packages/first.sql" "$layers/$1/upper/src/"
	sh_in "$1" '
		apt-get -qq update
		apt-get -y -q install --no-install-recommends "postgresql-$1" python3-minimal unzip' \
		"$major" || return 1
	in_layer "$1" python3 - "$major" "$version" <<-'PYTHON' || return 1
		import re, subprocess, sys
		major, version = sys.argv[1:]
		text = open('/src/Dockerfile').read()
		lines = re.sub(r'\\\n', ' ', re.sub(r'(?m)^#.*\n', '', text)).splitlines()
		given, seen = {'PG_MAJOR': major}, []
		for line in filter(str.strip, lines):
		    word, rest = line.split(None, 1)
		    seen.append(word)
		    if word == 'ARG':
		        name, _, default = rest.partition('=')
		        given.setdefault(name, default)
		    elif word == 'COPY':
		        source, folder = rest.split()
		        assert source == '.', rest
		        subprocess.check_call(['sh', '-ec', f'cd /tmp; unzip -q /src/balance-{version}.zip;'
		                               f'mkdir -p {folder}; cp -a balance-{version}/. {folder}'])
		    elif word == 'RUN':
		        subprocess.check_call(['sh', '-c', rest], env={**__import__('os').environ, **given})
		    else:
		        assert word == 'FROM', line
		assert seen.count('RUN') == 1 and 'COPY' in seen, seen
	PYTHON
	sh_in "$1" '
		! command -v gcc
		! test -e /usr/src/balance
		dpkg -l "postgresql-$1" | grep -q "^ii"
		pg_createcluster "$1" main --start
		trap "pg_ctlcluster $1 main stop -m immediate" EXIT
		runuser -u postgres -- psql -X -v ON_ERROR_STOP=1 -f /src/first.sql' "$major"
}

# make where there is as little as can be: no bash, a tree without the tests.
make_clean() {
	sh_in "$1" '
		cd /src
		cp -a "balance-$1" clean && cd clean
		rm -rf test/*.sh
		mv /bin/bash /bin/no-bash
		find . | sort >../before
		make -s PG_CONFIG="/usr/lib/postgresql/$2/bin/pg_config" with_llvm=no
		make -s PG_CONFIG="/usr/lib/postgresql/$2/bin/pg_config" clean
		find . | sort | diff ../before -
		mv /bin/no-bash /bin/bash' "$version" "$major"
}

# Beside the tree, which nobody can write to, as pg_buildext does it.
beside_tree() {
	sh_in "$1" '
		mkdir /src/beside
		chown builder: /src/beside
		cd "/src/balance-$1"
		chown -R root: . && chmod -R a-w .
		runuser -u builder -- env HOME=/tmp pg_buildext build "$PWD" /src/beside/%v
		runuser -u builder -- mkdir /src/beside/way
		runuser -u builder -- make -s -C /src/beside/way -f "../../balance-$1/Makefile"
		cmp /src/beside/*/"balance--$1.sql"
		test "$(ls /src/beside/*/balance.so | wc -l)" = 2' "$version" "$major"
}

# The tests on what is installed, where there is neither citext nor ICU.
without_modules() {
	sh_in "$1" 'major=$1; cd /src;'"$cluster"'
		rm /usr/share/postgresql/$major/extension/citext.control
		psql -X -d template1 -qc "DELETE FROM pg_collation WHERE collprovider = '"'i'"'"
		config=/usr/lib/postgresql/$major/bin/pg_config
		cp -a "balance-$2" without && cd without
		chmod -R u+w . && chown -R builder: .
		make -s PG_CONFIG="$config" with_llvm=no
		make -s PG_CONFIG="$config" with_llvm=no install
		runuser -u builder -- make -s PG_CONFIG="$config" with_llvm=no installcheck || {
			cat regression.diffs output_iso/regression.diffs
			exit 1
		}' "$major" "$version"
}

# A server that cannot be told of another place for extensions is copied.
copied_server() {
	sh_in "$1" '
		cd /src
		cp -a "balance-$1" copied && cd copied && chmod -R u+w .
		SERVER_COPY=yes CLIENTS=no TESTS="position ledger" SPECS=snapshot \
			PROVE_TESTS="test/t/003_dump_restore.pl" bash test/run.sh | tee ../copied.log
		grep " 0 failed" ../copied.log' "$version"
}

by_make() {
	step "$suite: make clean needs no bash and no tests" make_clean made || true
	step "$suite: make beside a tree that cannot be written" beside_tree made || true
	step "$suite: make installcheck without citext and ICU" without_modules made || true
	step "$suite: make test on a copied server" copied_server made || true
}

[[ $(id -u) == 0 ]] || { skip "everything: chroots need root" && finish && exit; }
command -v git >/dev/null && git -C "$top" rev-parse HEAD >/dev/null 2>&1 ||
	{ skip "everything: make dist needs a git checkout" && finish && exit; }
want_packages zip >/dev/null || true
step "make dist" make_archive || { finish || exit; }
step "META.json is as PGXN's specification wants it" \
	/usr/bin/python3 "$top/packaging/meta.py" "$top/META.json" || true
step "the version is the same everywhere" bash "$top/packaging/release.sh" check || true
for suite in ${SUITES:-bookworm trixie}; do
	case $suite in
		bookworm) major=15 ;;
		trixie) major=17 ;;
		*) die "no suite $suite is known here; there are bookworm and trixie" ;;
	esac
	make_chroot "packages-$suite" "$suite" "${tools[@]}" || { skip "$suite: $why" && continue; }
	builder=$chroot
	lend_network "$builder"
	rm -rf --one-file-system "${layers:?}"/{build,tested,bare,pgxn,rpm,docker,made}
	layer build "$builder" && sources build || { skip "$suite: $why" && continue; }
	[[ $kinds != *deb* ]] || debian_packages
	for kind in pgxn rpm; do
		[[ $kinds == *$kind* ]] || continue
		layer "$kind" "$builder"
	done
	[[ $kinds != *pgxn* ]] || step "$suite: pgxn install, check, load, unload" pgxn pgxn || true
	[[ $kinds != *rpm* ]] || step "$suite: RPM packages are built and work" rpm_packages rpm || true
	if [[ $kinds == *docker* ]]; then
		if make_chroot "bare-$suite" "$suite" && layer docker "$chroot"; then
			step "$suite: the Dockerfile's steps" dockerfile docker || true
		else
			skip "$suite: the Dockerfile's steps: $why"
		fi
	fi
	if [[ $kinds == *make* ]]; then
		layer made "$builder" && sources made && by_make
	fi
done
echo "$((SECONDS - started)) s"
finish
