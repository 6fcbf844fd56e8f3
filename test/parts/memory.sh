#!/usr/bin/env bash
# make test-memory: make test on a server with assertions, built from Debian's
# source package, again with each server of the tests under valgrind, and the
# look-ups and the store with caches that are emptied at every chance.  Each watcher is shown
# a planted bug first.  MEMORY="assertions valgrind discard" are the three,
# DISCARD="ledger" the files of sql/ for the last one, LEDGERS the random ledgers
# of the differential tests under valgrind, SCALE the invoices of the large book
# there, which is to spill.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$top/test/watched.sh"
watch_signals
asserted='TRAP: |detected write past chunk|problem in (alloc set|slab|generation)'
asserted+='|(reference|refcount|file|snapshot) leak|terminated by signal (6|11)'
invalid='VALGRINDERROR-BEGIN'

want_packages valgrind libc6-dbg || { skip "everything: $why" && finish; exit; }
server_with_assertions || { skip "everything: $why" && finish; exit; }
make_copies_folder

# What does not look like the same server to make test, but runs under valgrind:
# its programs, with a script in place of postgres.  initdb's runs are not looked
# at.  Where PostgreSQL finds its files goes by where its programs are.
under_valgrind() {
	local name
	rm -rf valgrind_server valgrind_logs
	mkdir -p valgrind_server/bin valgrind_logs
	chmod 1777 valgrind_logs
	for name in lib share include; do ln -s "$server/$name" valgrind_server/; done
	cp "$server"/bin/* valgrind_server/bin/
	mv valgrind_server/bin/postgres valgrind_server/bin/postgres.real
	cat >valgrind_server/bin/postgres <<-SH
		#!/bin/sh
		[ "\$1" = -D ] || exec "$work/valgrind_server/bin/postgres.real" "\$@"
		exec valgrind --quiet --leak-check=no --trace-children=yes --gen-suppressions=all \\
			--num-callers=30 --suppressions="$server/valgrind.supp" \\
			--error-markers=VALGRINDERROR-BEGIN,VALGRINDERROR-END \\
			--log-file="$work/valgrind_logs/%p.log" "$work/valgrind_server/bin/postgres.real" "\$@"
	SH
	chmod 755 valgrind_server/bin/postgres
}

assertions() {
	copy_tree planted planted
	run_copy PG_CONFIG="$server/bin/pg_config" TESTS="past_chunk left_open"
	saw "assertions see a planted write past a chunk" 'detected write past chunk'
	saw "assertions see a planted relation left open" 'relcache reference leak'
	copy_tree plain
	run_copy PG_CONFIG="$server/bin/pg_config"
	watch "make test with assertions" "$asserted"
}

valgrind() {
	under_valgrind
	copy_tree planted planted
	run_copy PG_CONFIG="$work/valgrind_server/bin/pg_config" TESTS="past_chunk freed uninitialised"
	saw "valgrind sees a planted write past a chunk" 'past_chunk \(planted.c' valgrind_logs
	saw "valgrind sees a planted read of freed memory" 'freed \(planted.c' valgrind_logs
	saw "valgrind sees a planted use of what nobody set" 'uninitialised \(planted.c' valgrind_logs
	saw "valgrind marks them in its logs" "$invalid" valgrind_logs
	under_valgrind
	copy_tree valgrind
	local file
	# Clients take time and run the same functions as the other tests.
	for file in "$copy"/test/t/01[0-3]_*.pl; do
		rm "$file"
		skip "valgrind: $(basename "$file"), a real client"
	done
	run_copy PG_CONFIG="$work/valgrind_server/bin/pg_config" BALANCE_LEDGERS="${LEDGERS:-1}" \
		BALANCE_SCALE="${SCALE:-100000}"
	watch "make test under valgrind" "$invalid" valgrind_logs
}

discard() {
	echo 'debug_discard_caches = 1' >discard.conf
	copy_tree planted planted
	run_copy PG_CONFIG="$server/bin/pg_config" TEMP_CONFIG="$work/discard.conf" TESTS=closed
	saw "emptied caches show a planted pointer into one" 'columns of freed memory'
	copy_tree plain
	local tests=${DISCARD:-customer_balance invoice_summary vcu_balance customer_credits} others
	run_copy PG_CONFIG="$server/bin/pg_config" TEMP_CONFIG="$work/discard.conf" TESTS="$tests"
	watch "look-ups with emptied caches" "$asserted"
	copy_tree plain
	run_copy PG_CONFIG="$server/bin/pg_config" PROVE_TESTS=test/long/discard.pl
	watch "the store with emptied caches" "$asserted"
	# Each takes some hundred times as long, and create_ledger() alone a minute.
	others=$(find "$copy/sql" -name '*.sql' -printf '%f\n' | sed 's/\.sql$//' | sort |
		comm -23 - <(xargs -n1 <<<"$tests" | sort) | xargs)
	[[ ! $others ]] || skip "emptied caches: $others (DISCARD names what to run)" \
		"$(wc -w <<<"$others")"
}

for kind in ${MEMORY:-assertions valgrind discard}; do
	[[ $kind =~ ^(assertions|valgrind|discard)$ ]] ||
		die "MEMORY=$kind is none of assertions, valgrind, discard"
	started=$SECONDS
	echo "$kind ..."
	"$kind"
	echo "$kind took $((SECONDS - started)) s"
done
finish
