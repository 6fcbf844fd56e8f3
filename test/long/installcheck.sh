#!/usr/bin/env bash
# Run by make test-versions, as root in a chroot: installcheck.sh TREE PG_CONFIG.
# What users with a server of their own do: make in a folder beside the tree, make
# install, and make installcheck as an ordinary superuser, against a running server
# that is somebody else's, cannot write where the tests are, and has an encoding of
# its own.  Ends with a count.
set -euo pipefail
umask 022
tree=$1
bindir=$("$2" --bindir)
make=(make -s -f "$tree/Makefile" PG_CONFIG="$2")
work=$(mktemp -d /tmp/balance-installcheck.XXXXXX)
as_tester=(setpriv --reuid nobody --regid nogroup --clear-groups
	env -i PATH="$PATH" HOME="$work/tester" LANG=C.UTF-8 PGHOST="$work/server" PGUSER=tester)
as_server=(setpriv --reuid postgres --regid postgres --init-groups)

# Neither a server nor an installed extension is left.
clean_up() {
	"${as_server[@]}" "$bindir/pg_ctl" -s -D "$work/server/data" -m immediate stop || true
	"${make[@]}" uninstall >/dev/null || true
	rm -rf "$work"
}

# All or nothing: the wording of what failed differs among versions.
check() {
	local log=$work/tester/installcheck.log count
	if "${as_tester[@]}" "${make[@]}" installcheck >"$log" 2>&1; then
		count=$(grep -oE 'All [0-9]+ tests passed' "$log" | awk '{ n += $2 } END { print n + 0 }')
		echo "installcheck: $count passed, 0 failed"
	else
		cat "$log"
		cat regression.diffs output_iso/regression.diffs 2>/dev/null || true
		echo "installcheck: 0 passed, 1 failed"
	fi
}

chmod 755 "$work"
install -d -m 700 -o nobody "$work/tester"
install -d -o postgres "$work/server"
trap clean_up EXIT
cd "$work/tester"
"${as_tester[@]}" "${make[@]}" -j"$(nproc)"
"${make[@]}" install
"${as_server[@]}" "$bindir/initdb" -D "$work/server/data" -U postgres -A trust -E LATIN1 \
	--locale=C --no-sync >/dev/null
"${as_server[@]}" "$bindir/pg_ctl" -s -w -D "$work/server/data" -l "$work/server/log" \
	-o "-k $work/server -c listen_addresses='' -c fsync=off" start
"$bindir/createuser" -h "$work/server" -U postgres -s tester
check
