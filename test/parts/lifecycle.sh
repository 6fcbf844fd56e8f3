#!/usr/bin/env bash
# make test-lifecycle: dropped and installed again, updated from every released
# version, with a library that does not fit, replicated, a later version made up
# that has to read what this one leaves, and taken from PostgreSQL 15 to 17 and to
# that version by pg_upgrade.  The last needs both majors in one place: a
# system of Debian 13 with Debian 12's PostgreSQL 15, which is kept in the cache.
# LIFECYCLE="extension pg_upgrade" runs these only.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
old=15 new=17
tests=${LIFECYCLE:-extension replication upgrade later pg_upgrade}

# The system with both majors, as an archive.  Made under another name, so that
# what is there is whole; two runs wait for each other.
make_system() {
	local archive=$1 mirror output
	[[ ! -f $archive ]] || return 0
	rm -rf --one-file-system "$archive" "$archive.new"
	command -v mmdebstrap >/dev/null || { apt_update; apt_install mmdebstrap; } || return 1
	mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' \
		'Codename: bookworm' | head -n1)
	[[ $mirror ]] || { echo "no mirror of Debian 12 is configured" && return 1; }
	echo "making a system with PostgreSQL $old and $new (some minutes, 2 GB in $cache) ..."
	# the mirror may be a frozen copy
	output=$(mmdebstrap --format=tar --variant=minbase \
		--aptopt='Acquire::Check-Valid-Until "false"' \
		--include="make,gcc,libc6-dev,postgresql-$new,postgresql-server-dev-$new" \
		--include="postgresql-$old,postgresql-server-dev-$old" \
		--setup-hook='mkdir -p "$1/etc/postgresql-common"' \
		--setup-hook='echo "create_main_cluster = false" \
			>"$1/etc/postgresql-common/createcluster.conf"' \
		trixie "$archive.new" "deb $mirror trixie main" "deb $mirror bookworm main" 2>&1) ||
			{ tail -n 20 <<<"$output" && return 1; }
	mv "$archive.new" "$archive"
}

# Runs in a process tree and with mounts of its own, which end with it.
in_system() {
	unshare --mount --pid --fork --kill-child bash -c '
		mount -t proc proc "$0/proc" && mkdir -p "$0/dev/shm" &&
			mount -t tmpfs tmpfs "$0/dev/shm" && exec chroot "$0" "$@"' "$system" "$@"
}

copy_tree() {
	{ tar -C "$1" --exclude=./.git --exclude-from="$top/.gitignore" -cf - . || [[ $? == 1 ]]; } |
		tar -C "$2" -xf -
}

# Tests of the later version, whose last line is their count.
in_later_version() {
	PROVE_TESTS="test/long/upgrade.pl test/t/009_released.pl test/t/009_released_books.pl \
		test/t/013_released_lists.pl" CLIENTS=no bash "$later/test/run.sh" >"$1" 2>&1
}

# This tree as the next version, after what make release keeps of this one.  Then
# with what is easily forgotten, which has to be noticed: a change of the script
# that no update makes, and a document that is another one.
later_version() {
	local now next
	rm -rf "$later"
	mkdir -p "$later"
	copy_tree "$top" "$later"
	now=$(sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" "$top/balance.control")
	next=${now%.*}.$((${now##*.} + 1))
	if [[ -e $top/test/released/$now.sql ]]; then
		echo "$now has been released"
	elif ! bash "$later/packaging/freeze.sh" >"$work/freeze.log" 2>&1; then
		cat "$work/freeze.log" && fail "$now is kept, as make release does it"
		return
	fi
	[[ -s $later/test/released/$now/dump.sql ]] && pass "what $now promises is kept"
	sed -i "s/^default_version.*/default_version = '$next'/" "$later/balance.control"
	sed -i "1i ## $next (unreleased)\n\n- Changed nothing\n" "$later/CHANGELOG.md"
	sed -i "s/^## $now (unreleased)/## $now (2026-01-01)/" "$later/CHANGELOG.md"
	mkdir -p "$later/update"
	echo '-- nothing' >"$later/update/balance--$now--$next.sql"
	in_later_version "$work/later.log" || true
	[[ $(tail -n1 "$work/later.log") == *" 0 failed"* ]] || cat "$work/later.log"
	count_line "$(tail -n1 "$work/later.log")"
	[[ $(<"$work/later.log") != *skip* ]] || fail "$next has nothing to come from"

	sed -i "0,/COST [0-9]/s//COST 7/" "$later"/src/answer/verify.sql
	! in_later_version "$work/later_script.log" &&
		grep -q "$now: the same as a fresh one after the update'" "$work/later_script.log" &&
		pass "a change of the script that no update makes is noticed" ||
		fail "a change of the script that no update makes: see $work/later_script.log"
	cp "$top/src/answer/verify.sql" "$later/src/answer/"
	sed -i 's/120\.5/120.50/' "$later/test/released/$now/answers.out"
	! in_later_version "$work/later_answer.log" &&
		grep -q "and answers what it did'" "$work/later_answer.log" &&
		pass "an answer that is not what it was is noticed" ||
		fail "an answer that is not what it was: see $work/later_answer.log"
}

upgrade_majors() {
	local archive=$cache/debian13-pg$old-pg$new.tar major line tree user=postgres
	if [[ $(id -u) != 0 ]]; then
		skip "pg_upgrade from $old to $new: it takes root to have two majors in one place"
		return
	elif ! unshare --mount --pid --fork true 2>/dev/null; then
		skip "pg_upgrade from $old to $new: no mounts of our own are allowed here"
		return
	fi
	mkdir -p "$cache"
	exec 7>"$cache/lock-pg_upgrade"
	flock 7
	if ! make_system "$archive"; then
		skip "pg_upgrade from $old to $new: no system with both majors could be made"
		return
	fi
	flock -u 7
	# it is thrown away afterwards, with all that the tests leave in it
	system=$(mktemp -d /tmp/balance-lifecycle.XXXXXX)
	chmod 755 "$system"
	tar -C "$system" --exclude=./dev/* -xf "$archive" ||
		{ fail "pg_upgrade from $old to $new: $archive is no archive" && return; }
	mkdir -p "$system/dev"
	for device in null zero random urandom; do
		cp -a "/dev/$device" "$system/dev/" 2>/dev/null || true
	done
	mkdir "$system/balance"
	for major in $old $new; do
		mkdir "$system/balance/build$major"
		[[ $major == "$new" && -d $later/update ]] && tree=$later || tree=$top
		copy_tree "$tree" "$system/balance/build$major"
		in_system make -s -C "/balance/build$major" \
			PG_CONFIG="/usr/lib/postgresql/$major/bin/pg_config" with_llvm=no \
			install >"$work/install$major.log" 2>&1 ||
			{ cat "$work/install$major.log" && fail "installing for $major" && return; }
	done
	cp "$top/test/long/pg_upgrade.sh" "$top/test/released"/{books,answers}.sql "$system/balance/"
	in_system chown -R "$user:" /balance
	in_system setpriv --reuid "$user" --regid "$user" --init-groups env -i PATH="$PATH" \
		HOME=/balance LANG=C.UTF-8 \
		bash /balance/pg_upgrade.sh /balance $old $new >"$work/pg_upgrade.log" 2>&1 </dev/null ||
			echo "FAILED: it ended early" >>"$work/pg_upgrade.log"
	while IFS= read -r line; do
		case $line in
		'ok: '*) pass "${line#ok: }" ;;
		'FAILED: '*) fail "${line#FAILED: }" ;;
		*) echo "$line" ;;
		esac
	done <"$work/pg_upgrade.log"
}

# A system of ours has nothing mounted in it outside of in_system.
system=
clean_up() {
	[[ -z $system ]] || rm -rf --one-file-system "$system"
	[[ ! ${work:-} || $work == "$top"/* ]] || rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 143' INT TERM HUP
CLIENTS=no install_packages test
make_work_folder tmp_lifecycle

files=
for name in $tests; do
	[[ $name == pg_upgrade || $name == later ]] || files+=" test/long/$name.pl"
done
if [[ $files ]]; then
	exec 3>&1		# where all of it goes, whatever that is
	last=$(PROVE_TESTS="$files" CLIENTS=no bash "$top/test/run.sh" 2>&1 | tee >(cat >&3) |
		tail -n1) || true
	count_line "$last"
fi
later=$work/later
[[ $tests != *later* ]] || later_version
[[ $tests != *pg_upgrade* ]] || upgrade_majors
finish
