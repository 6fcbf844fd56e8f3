#!/usr/bin/env bash
# make test-citus: a ledger on a cluster of Citus, where the server has citus.so;
# it is in no package of Debian's or PGXN's.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

CLIENTS=no install_packages test
if [[ ! -e $("$pg_config" --pkglibdir)/citus.so ]]; then
	skip "a cluster: there is no $("$pg_config" --pkglibdir)/citus.so"
	finish
	exit
fi
exec 3>&1		# where all of it goes, whatever that is
last=$(PROVE_TESTS="test/long/citus.pl" CLIENTS=no bash "$top/test/run.sh" 2>&1 |
	tee >(cat >&3) | tail -n1) || true
count_line "$last"
finish
