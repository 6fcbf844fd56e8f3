#!/usr/bin/env bash
# make demo, make psql, make stop, and without make: bash test/demo.sh [demo|psql|stop].
# A throw-away server to look around in. All of it is in tmp_demo, which may be
# a link to a folder in /tmp.
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
minutes=60
# shellcheck disable=SC2046
unset -v $(compgen -v PG | grep -v _ || true)
export PGUSER=postgres PGDATABASE=demo

# The folder alone tells what is to be stopped, so this works whichever server
# and user made it.
stop() {
	work=$(readlink -f "$top/tmp_demo")
	if [[ -d $work/data ]]; then
		bindir=$(<"$work/bindir")
		become "$(stat -c %U "$work/data")"
		stop_server "$work/data"
	fi
	[[ ! -L $top/tmp_demo ]] || rm "$top/tmp_demo"
	[[ $work != "$top/tmp_demo" && $work != /tmp/balance-* ]] || rm -rf "$work"
}

# Replaces the demo server that may be running.
demo() {
	stop
	install_packages demo
	trap 'stop_child; stop' EXIT
	trap 'exit 143' INT TERM HUP
	make_work_folder tmp_demo
	[[ $work == "$top"/* ]] || { rm -rf "$top/tmp_demo" && ln -s "$work" "$top/tmp_demo"; }
	echo "$bindir" >bindir
	build
	install_privately
	start_server "$minutes" demo </dev/null
	"$bindir/psql" -X -q -P pager=off -v ON_ERROR_STOP=1 -f "$top/test/demo.sql" </dev/null ||
		die "test/demo.sql failed"
	trap - EXIT
	cat <<-END

		The server keeps running for $minutes minutes; it is in tmp_demo and has no network port.
		  make psql    opens psql in its database
		  make stop    stops it and removes all of its data
		  psql 'host=$work user=postgres dbname=demo'    does as make psql
	END
}

# With the server's own psql, and the user's settings for it.
psql() {
	PGHOST=$(readlink -f "$top/tmp_demo")
	export PGHOST
	bindir=$(cat "$PGHOST/bindir" 2>/dev/null) && "$bindir/pg_isready" -q ||
		die "no demo server is running; make demo starts one"
	exec "$bindir/psql"
}

[[ ${1:-demo} =~ ^(demo|psql|stop)$ ]] || die "usage: demo.sh [demo|psql|stop]"
"${1:-demo}"
