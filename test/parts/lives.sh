#!/usr/bin/env bash
# make test-lives: ledgers whose invoices, payments and credit memos live random lives,
# each day of which is compared with what was true on it: positions, statements,
# roll-forwards, ageing, open items and credits.  LIVES_LEDGERS=100 says how many,
# BALANCE_SEED where they start; a failure names the seed of its ledger.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
CLIENTS=no install_packages test
exec 3>&1		# where all of it goes, whatever that is
last=$(PROVE_TESTS="test/long/lives.pl :: ledgers=${LIVES_LEDGERS:-100}" CLIENTS=no \
	bash "$top/test/run.sh" 2>&1 | tee >(cat >&3) | tail -n1) || true
count_line "$last"
finish
