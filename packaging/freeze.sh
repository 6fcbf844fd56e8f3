#!/usr/bin/env bash
# Writes what the version in balance.control promises for ever to test/released, on
# a server of its own: its install script, a dump of books.sql with the answers to
# answers.sql and the bytes of its positions, and, without losing a line, the words
# and currencies that it knows.  make release calls it.
source "$(dirname "${BASH_SOURCE[0]}")/../test/setup.sh"
released=$top/test/released
version=$(sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" "$top/balance.control")
work=
clean_up() {
	[[ $work ]] || return 0
	stop_child
	[[ ! -d $work/data ]] || stop_server "$work/data"
	rm -rf "$work"
}

# One list, each line of the last release in it still, whatever has come since.
freeze_list() {
	local lost
	"${psql[@]}" -d "${2:-books}" -f "$released/$1.sql" | LC_ALL=C sort -u >"$work/list"
	# what is withdrawn since is a new line for the old one, which the tests allow
	lost=$(cut -d' ' -f1-2 "$released/$1" | LC_ALL=C sort -u | LC_ALL=C comm -23 - \
		<(cut -d' ' -f1-2 "$work/list" | LC_ALL=C sort -u))
	[[ ! $lost ]] || die "of $1 that were released these are no longer known:" "$lost"
	"${psql[@]}" -d "${2:-books}" -f "$released/$1.sql" >"$released/$1"
}

install_packages demo
trap clean_up EXIT
trap 'exit 143' INT TERM HUP
make_work_folder tmp_release
build
install_privately
[[ $(major_of "$pg_config") == 15 ]] ||
	echo "what is dumped by PostgreSQL $(major_of "$pg_config") may be read by no older one"
start_server 10 books </dev/null
# a session that takes nothing from who calls
export PGTZ=UTC PGOPTIONS='-c lc_messages=C -c DateStyle=ISO' PGCLIENTENCODING=UTF8
psql=("$bindir/psql" -XAtq -v ON_ERROR_STOP=1)
folder=$released/$version
mkdir -p "$folder"
"${psql[@]}" -c 'CREATE EXTENSION balance' -f "$released/books.sql" >/dev/null
cp "build/balance--$version.sql" "$released/$version.sql"
cp "$released/answers.sql" "$folder/answers.sql"
"${psql[@]}" -f "$folder/answers.sql" >"$folder/answers.out"
"${psql[@]}" >"$folder/positions.tsv" <<-'SQL'
	SELECT concat_ws(E'\t', encode(balance.position_send(p), 'hex'), p)
	FROM (SELECT p FROM public.stored UNION ALL
		SELECT p FROM public.kept WHERE id IN (-1, 0, -200)) AS s ORDER BY p;
SQL
# newer dumps have a key in them that is drawn anew each time
"$bindir/pg_dump" --no-owner books | grep -vE '^\\(un)?restrict |^-- Dumped ' >"$folder/dump.sql"
for list in words currencies; do freeze_list "$list"; done
chmod 644 "$released/$version.sql" "$folder"/* "$released"/{words,currencies}
echo "version $version is kept in test/released"
