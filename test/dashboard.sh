#!/usr/bin/env bash
# make dashboard, and without make: bash test/dashboard.sh [stop].  A page over the
# ledger LEDGER of the database that libpq's environment names (PGDATABASE, PGHOST,
# PGSERVICE ...), or, if that names nothing, over the demo's, which is started if
# need be.  It is served on the loopback address until this terminal ends.
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
page=$top/dashboards/page

# In this tree, or in /tmp if that is somebody else's.
find_work_folder() {
	work=$top/tmp_dashboard
	{ mkdir -p "$work" && [[ -w $work ]]; } 2>/dev/null ||
		work=${TMPDIR:-/tmp}/balance-dashboard-$(id -un)
}

# Only a process that is ours has the folder as its working folder.
stop() {
	local pid
	pid=$(cat "$work/pid" 2>/dev/null) || return 0
	[[ ! /proc/$pid/cwd -ef $work ]] || kill "$pid"
	rm -f "$work/pid"
}

# The packages of the lock file, once, without any program of theirs being run.
fetch_packages() {
	cmp -s "$page/package-lock.json" site/package-lock.json && return
	echo "fetching npm's packages (once, 100 MB) ..."
	rm -rf site new
	mkdir new
	cp "$page/package.json" "$page/package-lock.json" new
	(
		cd new
		# node has certificates of its own, but the way out may need the system's
		[[ ! -r /etc/ssl/certs/ca-certificates.crt ]] ||
			export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
		npm ci --omit=dev --ignore-scripts --no-audit --no-fund --no-update-notifier \
			--fetch-retries=1 --loglevel=error </dev/null >../npm.log 2>&1
	) || { cat npm.log >&2 && die "the packages could not be fetched from npm"; }
	mv new site
}

# The page itself has no figures in it, so it is made once for all ledgers.
build_page() {
	local made_of
	made_of=$(cd "$page" && cat package-lock.json *.js src/* | cksum)
	[[ $made_of == "$(cat site/made_of 2>/dev/null)" && -e site/dist/index.html ]] && return
	echo "building the page ..."
	node "$page/build.js" site </dev/null >build.log 2>&1 ||
		{ cat build.log >&2 && die "the page could not be built"; }
	echo "$made_of" >site/made_of
}

# Where nothing is named, the demo's server.
find_ledger() {
	local name
	for name in PGHOST PGHOSTADDR PGPORT PGDATABASE PGUSER PGSERVICE LEDGER; do
		[[ ! ${!name:-} ]] || return 0
	done
	PGHOST=$(readlink -f "$top/tmp_demo")
	bindir=$(cat "$PGHOST/bindir" 2>/dev/null) || true
	if ! "${bindir:-/}/pg_isready" -q -h "$PGHOST" 2>/dev/null; then
		echo "starting the demo ..."
		bash "$top/test/demo.sh" </dev/null >demo.log 2>&1 ||
			{ tail -n 20 demo.log >&2 && die "the demo did not start"; }
		PGHOST=$(readlink -f "$top/tmp_demo")
		bindir=$(<"$PGHOST/bindir")
	fi
	PSQL=$bindir/psql
	export PGHOST PSQL PGUSER=postgres PGDATABASE=demo
}

serve() {
	cat <<-END

		The page, for whoever has its whole address, until Ctrl+C or make stop:
	END
	echo $$ >pid
	exec node "$page/serve.js" "$work/site/dist"
}

[[ ${1:-} =~ ^(stop)?$ ]] || die "usage: dashboard.sh [stop]"
find_work_folder
if [[ ${1:-} ]]; then
	stop
	exit
fi
install_packages dashboard
node -e 'process.exit(process.versions.node.split(".")[0] >= 18 ? 0 : 1)' ||
	die "node 18 or newer is needed; here it is $(node --version)"
mkdir -p "$work"
cd "$work"
exec 8<"$work"
flock -n 8 || { echo "waiting for another make dashboard in this folder ..." && flock 8; }
stop
fetch_packages
build_page
find_ledger
exec 8<&-
serve
