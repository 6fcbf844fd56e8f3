# shellcheck shell=bash disable=SC2154 # lib.sh has set what is not set here
# Sourced by the parts that want a server with other flags than Debian's: builds
# it from Debian's own source package, with Debian's patches, once per flags,
# and keeps it in $cache/servers.  Those patches have the setting by which
# make test installs nothing, so the tests run on it as on any other server.

source "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

# Gets the source package into this folder.  The lists are private, so
# that the system's apt keeps the sources it was given.
get_source() {
	local mirror release major apt
	mirror=$(debian_mirror)
	release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	major=$(apt-cache depends postgresql 2>/dev/null |
		sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p')
	[[ $mirror && $release && $major ]] || { why="apt knows no Debian mirror" && return 1; }
	mkdir -p lists/partial
	echo "deb-src $mirror $release main" >sources.list
	apt=(apt-get -qq -o Dir::Etc::sourcelist="$PWD/sources.list" -o Dir::Etc::sourceparts=-
		-o Dir::State::lists="$PWD/lists" -o APT::Sandbox::User="$(id -un)")
	{ "${apt[@]}" update && "${apt[@]}" source --download-only "postgresql-$major"
	} >source.log 2>&1 </dev/null ||
		{ why="no source package postgresql-$major: $(tail -n1 source.log)" && return 1; }
	chmod 644 ./*.dsc ./*.tar.*
}

# Prints the folders that make install would write to.
install_folders() {
	local folders='$(bindir) $(libdir) $(pkglibdir) $(pgxsdir) $(datadir) $(includedir)'
	folders+=' $(includedir_server) $(sysconfdir)'
	printf '%s\n' 'top_builddir = .' 'include $(top_builddir)/src/Makefile.global' 'folders:' \
		$'\t@printf "%s\\n" '"$folders" |
		"${builder[@]}" make -s -f - folders
}

# Whether there are folders, and all are in the given one.
inside() {
	local folder
	while read -r folder; do
		[[ $folder == "$1"/* ]] || return 1
	done <<<"$2"
}

# In the folder $server.build, as a user who cannot write anywhere else: with
# Debian's patches a prefix alone does not keep make install from the folder of
# Debian's own server.  The options of a sanitizer are compiled in, as nothing
# reaches a server of the tests by its environment: leaks are PostgreSQL's habit
# at exit, so they are not looked for.
build_server() {
	local flags=("$@") builder=("${as_user[@]}" env ASAN_OPTIONS=detect_leaks=0) folders
	cd "$server.build" && get_source || return 1
	"${builder[@]}" dpkg-source --no-check -x ./*.dsc source >>source.log 2>&1 ||
		{ why="dpkg-source failed: $(tail -n1 source.log)" && return 1; }
	if [[ ${flags[*]} == *-fsanitize* ]]; then
		cat >options.c <<-'C'
			const char *__asan_default_options(void);
			const char *__ubsan_default_options(void);
			const char *__asan_default_options(void) { return "detect_leaks=0"; }
			const char *__ubsan_default_options(void) { return "print_stacktrace=1"; }
		C
		"${builder[@]}" gcc -O1 -c options.c -o "$server/options.o" ||
			{ why="gcc failed" && return 1; }
		flags+=(LDFLAGS_EX="$server/options.o")
	fi
	cd source || return 1
	"${builder[@]}" ./configure "${flags[@]}" >../build.log 2>&1 </dev/null ||
		{ why="configure failed: see $server.build/build.log" && return 1; }
	folders=$(install_folders) && inside "$server" "$folders" ||
		{ why="it would be installed outside $server: $(xargs <<<"$folders")" && return 1; }
	{ "${builder[@]}" make -s -j"$(nproc)" && "${builder[@]}" make -s -C contrib/citext &&
		"${builder[@]}" make -s install && "${builder[@]}" make -s -C contrib/citext install &&
		"${builder[@]}" cp src/tools/valgrind.supp "$server/"; } >>../build.log 2>&1 </dev/null ||
		{ why="it did not build: see $server.build/build.log" && return 1; }
}

# The server with assertions, which valgrind understands as well.
server_with_assertions() {
	server_from_source valgrind '-O1 -g -fno-omit-frame-pointer' -DUSE_VALGRIND
}

# server_from_source NAME CFLAGS CPPFLAGS: sets server, the prefix it is in, or
# says why not in $why.  Whatever else CFLAGS holds, every kind has assertions.
# In a folder with postgres in its name, Debian's patches keep to the prefix.
server_from_source() {
	local name=$1 user flags started=$SECONDS
	user=$(id -un)
	server=$cache/servers/postgresql-$name why=
	flags=(--prefix="$server" --enable-cassert --enable-debug --enable-tap-tests --with-icu
		--without-readline CFLAGS="$2" CPPFLAGS="$3")
	mkdir -p "$cache/servers" 2>/dev/null && [[ -w $cache/servers ]] ||
		{ why="$cache/servers cannot be written" && return 1; }
	exec 7>"$server.lock"
	flock 7
	if [[ $(cat "$server/made_with" 2>/dev/null) != "${flags[*]}" ]]; then
		want_packages gcc make libc6-dev dpkg-dev bison flex perl pkg-config libicu-dev zlib1g-dev \
			libipc-run-perl || { exec 7<&- && return 1; }
		echo "building a server ($*) ..."
		[[ $user != root ]] || user=$(id -un postgres 2>/dev/null || echo nobody)
		become "$user"
		rm -rf "$server" "$server.build"
		install -d -o "$user" "$server" "$server.build"
		(build_server "${flags[@]}" 7<&- || { echo "$why" >"$server.build/why" && exit 1; }) ||
			{ why=$(cat "$server.build/why") && exec 7<&- && return 1; }
		chown -R "$(id -u):$(id -g)" "$server"
		echo "${flags[*]}" >"$server/made_with"
		rm -rf "$server.build"
		echo "built in $((SECONDS - started)) s: $("$server/bin/postgres" --version)"
	fi
	exec 7<&-
}
