#!/usr/bin/env bash
# make test-maintained: random statements over maintained ledgers for long, and the
# server killed while they go on.  MAINTAINED_TRANSACTIONS=100000 and
# MAINTAINED_KILLS=100 say how many; BALANCE_SEED repeats the statements.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
CLIENTS=no install_packages test
exec 3>&1		# where all of it goes, whatever that is
arguments="transactions=${MAINTAINED_TRANSACTIONS:-100000} kills=${MAINTAINED_KILLS:-100}"
last=$(PROVE_TESTS="test/long/maintained.pl :: $arguments" CLIENTS=no bash "$top/test/run.sh" 2>&1 |
	tee >(cat >&3) | tail -n1) || true
count_line "$last"
finish
