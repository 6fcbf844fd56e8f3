#!/usr/bin/env bash
# make test-coverage: how much of src/ all of make test runs.  Fails below 95 % of
# the lines, and for every place that is not run and has no reason for it in
# test/uncovered.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

install_packages test
make_work_folder tmp_coverage
# run.sh makes a work folder of its own in the copy, and would leave it for one
# that it removes if its name were too long for a socket
if [[ ${#work} -gt 45 ]]; then
	owner=$(stat -c %U "$work")
	work=$(mktemp -d /tmp/balance-coverage.XXXXXX)
	chown "$owner": "$work"
	trap 'rm -rf "$work"' EXIT
fi
cd "$work"
rm -rf t
mkdir t
tar -C "$top" --exclude=./.git --exclude-from="$top/.gitignore" -cf - . | tar -C t -xf -
chown -R "$(stat -c %U .)": t
# the same random ledgers each time, so that the same lines are run
COPT='--coverage -O0' BALANCE_SEED=${BALANCE_SEED:-1} PG_CONFIG=$pg_config CLIENTS=${CLIENTS:-no} \
	bash t/test/run.sh | tee run.log || true
count_line "$(tail -n1 run.log)"

status=0
perl t/test/uncovered.pl t/tmp_check/build "$(major_of "$pg_config")" 95 t/test/uncovered ||
	status=$?
case $status in
	0) pass "lines covered, and reasons for those that are not" ;;
	*) fail "lines covered, and reasons for those that are not" ;;
esac
finish
