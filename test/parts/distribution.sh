#!/usr/bin/env bash
# make test-distribution: partitions, shards on two more servers, and aggregates
# that are taken apart as a distributed engine does it.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

files=
for name in ${DISTRIBUTION:-partitions shards worker}; do
	files+=" test/long/$name.pl"
done
exec 3>&1		# where all of it goes, whatever that is
last=$(PROVE_TESTS="$files" CLIENTS=no bash "$top/test/run.sh" 2>&1 | tee >(cat >&3) | tail -n1) ||
	true
count_line "$last"
finish
