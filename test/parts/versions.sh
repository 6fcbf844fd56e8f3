#!/usr/bin/env bash
# make test-versions: make test and make installcheck on every PostgreSQL from 15
# on that Debian's suites hold, each in a chroot with its suite's clients.
# VERSIONS="15 18" runs these only, CLIENTS=no leaves out the clients and skips
# their tests.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$top/test/chroot.sh"
tools=(make gcc libc6-dev libipc-run-perl python3-jsonschema python3-yaml)
log=$(mktemp)
trap '[[ -z $child ]] || kill -KILL "$child"; rm -f "$log"' EXIT
trap 'exit 143' INT TERM HUP

# Prints the suite and the packages of a version.
suite_of() {
	local major=$1
	case $major in
		15) echo bookworm "postgresql-$major" "postgresql-server-dev-$major" ;;
		17) echo trixie "postgresql-$major" "postgresql-server-dev-$major" ;;
		18) echo sid "postgresql-$major" "postgresql-server-dev-$major" ;;
		# By name, as all of experimental would not install together.
		19) echo sid postgresql-{,server-dev-,client-}19/experimental \
			{libpq-dev,libpq5}/experimental ;;
	esac
}

# try WHAT COMMAND...: runs it in the chroot, and adds up the count it ends with.
try() {
	local what=$1 status=0 before=$failed count
	shift
	"${in_chroot[@]}" "$chroot" "$@" </dev/null >"$log" 2>&1 6<&- &
	child=$!
	wait "$child" || status=$?
	child=
	count=$(grep -E '^(installcheck: )?[0-9]+ passed, ' "$log" | tail -n1 || true)
	count_line "$count"
	[[ $status == 0 || $failed -gt $before ]] || fail "$what ended with status $status"
	if [[ $failed == "$before" ]]; then
		grep -i '# skip\|could not be installed' "$log" || true
	else
		cat "$log"
	fi
	echo "$what: ${count#*: }"
}

for major in ${VERSIONS:-15 17 18 19}; do
	read -ra packages < <(suite_of "$major") || true
	[[ ${packages[*]} ]] ||
		{ skip "PostgreSQL $major: no suite that is known here has it" && continue; }
	make_chroot "postgresql-$major" "${packages[@]}" "${tools[@]}" ||
		{ skip "PostgreSQL $major: $why" && continue; }
	started=$SECONDS
	exec 6<"$chroot"
	flock 6
	rm -rf "$chroot/balance"
	mkdir "$chroot/balance"
	{ tar -C "$top" --exclude=./.git --exclude-from="$top/.gitignore" -cf - . || [[ $? == 1 ]]; } |
		tar -C "$chroot/balance" --no-same-owner -xf -
	bindir=/usr/lib/postgresql/$major/bin
	lend_network "$chroot"
	version=$("${in_chroot[@]}" "$chroot" "$bindir/postgres" --version) ||
		{ fail "PostgreSQL $major does not run in $chroot" && continue; }
	echo "make test on $version ..."
	try "$version" make -C /balance test CLIENTS="${CLIENTS:-yes}" PG_CONFIG="$bindir/pg_config"
	try "$version, make installcheck" bash /balance/test/long/installcheck.sh /balance \
		"$bindir/pg_config"
	exec 6<&-
	echo "$((SECONDS - started)) s"
done
finish
