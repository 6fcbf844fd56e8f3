#!/usr/bin/env bash
# make test-citus: a ledger on a cluster of Citus, where the server has citus.so;
# it is in no package of Debian's or PGXN's.  Once with 6,000 invoices, in many layouts and
# with what may befall servers, and once with 1,000,000, of which it tells what books cost;
# BALANCE_SCALE names other numbers, and CITUS some of the files.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

CLIENTS=no install_packages test
if [[ ! -e $("$pg_config" --pkglibdir)/citus.so ]]; then
	skip "a cluster: there is no $("$pg_config" --pkglibdir)/citus.so"
	finish
	exit
fi
exec 3>&1		# where all of it goes, whatever that is
for scale in ${BALANCE_SCALE:-6000 1000000}; do
	files=
	for name in ${CITUS:-citus $([[ $scale -gt 10000 ]] || echo citus_layouts citus_servers)}; do
		files+=" test/long/$name.pl"
	done
	last=$(BALANCE_SCALE=$scale PROVE_TESTS="$files" CLIENTS=no \
		bash "$top/test/run.sh" 2>&1 | tee >(cat >&3) | tail -n1) || true
	count_line "$last"
	grep -h '^# .* of CPU ' "$top/tmp_check/TAP.log" || true
done
finish
