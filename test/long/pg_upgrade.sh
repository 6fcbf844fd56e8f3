#!/usr/bin/env bash
# Run by test/parts/lifecycle.sh inside of a system with two majors, as a user
# PostgreSQL agrees to run under: a database with stored positions and a ledger
# is taken from the old one to the new one by pg_upgrade.  $1 is the work folder,
# with books.sql and answers.sql of test/released; $2 and $3 are the majors, for
# which the extension is installed, for the new one in a later version.  Prints
# one line per test.
set -euo pipefail
work=$1 old=$2 new=$3
cd "$work"
export PGHOST=$work PGUSER=postgres PGDATABASE=books PGTZ=UTC LANG=C.UTF-8
bin() { echo "/usr/lib/postgresql/$1/bin"; }

check() {
	if [[ $2 == "$3" ]]; then
		echo "ok: $1"
	else
		printf 'FAILED: %s\n--- expected\n%s\n--- found\n%s\n' "$1" "$2" "$3" | head -n 40
	fi
}

start() {
	"$(bin "$1")/pg_ctl" -D "data$1" -w -l "log$1" \
		-o "-c listen_addresses='' -c unix_socket_directories=$work" start >/dev/null
	running=$1
}

stop() {
	"$(bin "$running")/pg_ctl" -D "data$running" -m fast -w stop >/dev/null
	running=
}
running=
trap '[[ -z $running ]] || stop' EXIT

for major in "$old" "$new"; do
	# the defaults of initdb differ between majors
	options=(--no-locale -E UTF8)
	[[ $major -lt 18 ]] || options+=(--no-data-checksums)
	"$(bin "$major")/initdb" -D "data$major" -U postgres -A trust \
		--no-sync "${options[@]}" >/dev/null
	echo "fsync = off" >>"data$major/postgresql.conf"
done

content() {
	"$(bin "$running")/psql" -XAtq -v ON_ERROR_STOP=1 -f answers.sql
}

start "$old"
"$(bin "$old")/createdb"
"$(bin "$old")/psql" -XAtq -v ON_ERROR_STOP=1 -c 'CREATE EXTENSION balance' -f books.sql >/dev/null
before=$(content)
stop
[[ $(wc -l <<<"$before") -gt 400 ]] && echo "ok: there is something to take along" ||
	echo "FAILED: there is nothing to take along"

# without the extension in the new one it says so, and nothing is lost
upgrade() { (cd "$work" && "$(bin "$new")/pg_upgrade" -b "$(bin "$old")" -B "$(bin "$new")" \
	-d "data$old" -D "data$new" -U postgres); }
if upgrade >upgrade.log 2>&1; then
	echo "ok: pg_upgrade from $old to $new"
else
	echo "FAILED: pg_upgrade from $old to $new"
	cat upgrade.log
	find "data$new" -name '*.txt' -exec cat {} +
	exit
fi
start "$new"
check "the same documents and positions on $new as on $old" "$before" "$(content)"
version() { "$(bin "$new")/psql" -XAtqc "SELECT extversion FROM pg_extension
	WHERE extname = 'balance'"; }
was=$(version)
"$(bin "$new")/psql" -XAtq -c "ALTER EXTENSION balance UPDATE" || echo "FAILED: ALTER EXTENSION"
check "they are the same when the extension has been updated from $was to $(version)" \
	"$before" "$(content)"
"$(bin "$new")/psql" -XAtq -v ON_ERROR_STOP=1 -c "SELECT balance.repair('kept_books')" >/dev/null &&
	check "... and when the store is repaired" "$before" "$(content)"
"$(bin "$new")/psql" -XAtq -v ON_ERROR_STOP=1 \
	-c "INSERT INTO stored SELECT id, p OPERATOR(balance.+) p FROM stored" -c ANALYZE \
	-c 'REINDEX DATABASE books' >/dev/null
check "it can be written to" 400 \
	"$("$(bin "$new")/psql" -XAtqc 'SELECT count(DISTINCT p) FROM stored')"
check "a position that $new makes equals the one that $old made" t \
	"$("$(bin "$new")/psql" -XAtqc "SELECT p OPERATOR(balance.=)
		(SELECT balance.tally_deposits('usd', md5(i::text), i) FROM generate_series(1, 500) AS i)
		FROM kept WHERE id = -1")"
"$(bin "$new")/pg_amcheck" --install-missing --heapallindexed -d books >amcheck.log 2>&1 &&
	echo "ok: tables and indexes are sound" || { echo "FAILED: pg_amcheck" && cat amcheck.log; }
