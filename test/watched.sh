# shellcheck shell=bash disable=SC2154 # lib.sh has set what is not set here
# Sourced by the parts that run make test on a server with a watcher in it:
# assertions, valgrind or a sanitizer.  Each runs in a copy of this tree, which
# has a work folder, a build and logs of its own, and is kept for the next time.
source "$(dirname "${BASH_SOURCE[0]}")/server_from_source.sh"

# The copies are made in here.  run.sh would do without a work folder of its own
# where the name gets too long for a socket, and then its logs would go.
make_copies_folder() {
	make_work_folder "tmp_$part"
	[[ ${#work} -le 40 ]] || work=$(mktemp -d "/tmp/balance-$part.XXXXXX")
	chmod 755 "$work"
	cd "$work" || exit
}

# Nothing of ours is left running, and no folder outside this tree that need not be.
clean_up() {
	[[ -z $child ]] || { kill "$child" && wait "$child"; } 2>/dev/null || true
	[[ ! ${work:-} || $work == "$top"/* || $failed != 0 ]] || rm -rf "$work"
}

watch_signals() {
	trap clean_up EXIT
	trap 'exit 143' INT TERM HUP
}

# copy_tree NAME [PLANTED]: a fresh copy of this tree, or of the planted bugs with
# what runs them, apart from what an earlier run has built there.
copy_tree() {
	copy=$work/$1
	mkdir -p "$copy"
	find "$copy" -mindepth 1 -maxdepth 1 ! -name tmp_check -exec rm -rf {} +
	rm -rf "$copy"/tmp_check/build/{log,output_iso,tmp_check}
	if [[ ${2:-} ]]; then
		cp -pR "$top/test/planted/." "$copy/"
		mkdir "$copy/test"
		cp -p "$top"/test/{setup,run}.sh "$copy/test/"
		cp -p "$top/.gitignore" "$copy/"
	else
		{ tar -C "$top" --exclude=./.git --exclude-from="$top/.gitignore" -cf - . ||
			[[ $? == 1 ]]; } |
			tar -C "$copy" --no-same-owner -xf -
	fi
}

# Runs make test in the copy, with its variables as arguments.  Its count is in
# $count.
run_copy() {
	env "$@" CLIENTS=no bash "$copy/test/run.sh" </dev/null >"$copy.log" 2>&1 &
	child=$!
	wait "$child" || true
	child=
	count=$(grep -E '^[0-9]+ passed, ' "$copy.log" | tail -n1 || true)
}

# PostgreSQL's worker that applies a publication by a partitioned table's root keeps
# the partitions open for which triggers of rows fire; it does so without us, with a
# trigger in PL/pgSQL.  Standard input is what was found, without that.
not_of_workers() {
	awk '/relcache reference leak/ { if (held) print held; held = $0; next }
		held && /CONTEXT:  processing remote data for replication origin/ { held = ""; n++; next }
		held { print held; held = "" }
		{ print }
		END { if (held) print held
			if (n) print "left out: " n " relations that PostgreSQL'"'"'s worker left open" \
				>"/dev/stderr" }'
}

# watch WHAT PATTERN [FOLDER]: counts what run_copy left, and that the watcher had
# nothing to say in the logs of the servers and tests, or of a folder of its own.
watch() {
	local what=$1 found logs before=$failed
	count_line "$count"
	[[ $failed == "$before" ]] || cat "$copy.log"
	logs=$(find "${3:-$copy/tmp_check/build}" -type f -name '*.log' | wc -l)
	found=$(grep -rhE -A 12 --include='*.log' --include='regress_log_*' --include='*.diffs' \
		"$2" "${3:-$copy/tmp_check/build}" | not_of_workers) || true
	grep -qE "$2" <<<"$found" || found=
	if [[ $failed != "$before" ]]; then
		echo "$what: not judged beyond that: $count"
		head -n 100 <<<"$found"
	elif [[ $logs == 0 ]]; then
		fail "$what: there are no logs"
	elif [[ $found ]]; then
		fail "$what found something"
		head -n 100 <<<"$found"
	else
		pass "$what: nothing found ($count)"
	fi
}

# saw WHAT PATTERN [FOLDER]: that the watcher saw the bug planted for it.
saw() {
	if grep -rqE "$2" "${3:-$copy/tmp_check/build}" "$copy.log"; then
		pass "$1"
	else
		fail "not so: $1"
		tail -n 30 "$copy.log"
	fi
}
