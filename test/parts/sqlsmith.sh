#!/usr/bin/env bash
# make test-sqlsmith: SQLsmith as a role without privileges, steered to the
# extension's functions, and every support function called by hand with states
# and arguments that no aggregate would give it.  Nothing may crash, fail an
# assertion or raise an internal error.  SQLSMITH_QUERIES says how many queries,
# SQLSMITH_SEED repeats a run.  The server is one with assertions, built from
# Debian's source package, or the one that PG_CONFIG names.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source "$top/test/server_from_source.sh"
work='' child_smith=
queries=${SQLSMITH_QUERIES:-10000}
seed=${SQLSMITH_SEED:-$(($(date +%s) % 1000000))}

clean_up() {
	[[ $work ]] || return 0
	stop_child
	[[ -z $child_smith ]] || kill "$child_smith" 2>/dev/null || true
	stop_server "$work/data"
	[[ $work == "$top"/* ]] || rm -rf "$work"
}

get_sqlsmith() {
	command -v sqlsmith >/dev/null && return
	[[ $(id -u) == 0 && -d /var/lib/apt ]] || return 1
	echo "installing sqlsmith ..."
	apt_update
	apt_install sqlsmith >/dev/null && command -v sqlsmith >/dev/null
}

# Without assertions a crash is still seen, and an internal error.
choose_server() {
	[[ ! ${PG_CONFIG:-} ]] || return 0
	if server_with_assertions; then
		PG_CONFIG=$server/bin/pg_config
	else
		skip "a server with assertions: $why"
	fi
}

query() {
	"$bindir/psql" -X -q -A -t -F " " -v ON_ERROR_STOP=1 "$@" </dev/null
}

# A ledger of random rows that the role may read, some positions, and a view that
# stands before the catalogue: SQLsmith picks its functions from it, so that ours
# are not two in a hundred.
prepare() {
	query -c 'CREATE EXTENSION balance'
	"${as_user[@]}" perl -I"$work/build/test/perl" -MRandomLedger -e \
		'print RandomLedger::sql(seed => shift, name => "billing", due_type => "date")' \
			"$seed" >ledger.sql
	query -f ledger.sql >/dev/null
	cat >smith.sql <<-'SQL'
		CREATE ROLE smith LOGIN;
		GRANT USAGE ON SCHEMA billing TO smith;
		GRANT SELECT ON ALL TABLES IN SCHEMA billing TO smith;
		CREATE TABLE public.kept AS
		SELECT customer_id, balance.tally_invoices(currency, invoice_status, payment_status,
			total, amount_due, amount_remaining, due_date) AS p FROM billing.invoice GROUP BY 1;
		INSERT INTO public.kept VALUES (NULL, NULL), ('none', '1{}'),
			('many', '1{EUR 9223372036854775807 open(9223372036854775807 -1 0 0)}');
		GRANT SELECT ON public.kept TO smith;
		CREATE SCHEMA smithcat;
		CREATE VIEW smithcat.pg_proc AS SELECT * FROM pg_catalog.pg_proc
		WHERE pronamespace = 'balance'::regnamespace
			OR pronamespace = 'pg_catalog'::regnamespace AND proname IN ('now', 'current_schema',
				'lower', 'count', 'max', 'row_number', 'jsonb_pretty', 'numeric_add',
				'date_larger');
		GRANT USAGE ON SCHEMA smithcat TO smith;
		GRANT SELECT ON ALL TABLES IN SCHEMA smithcat TO smith;
		ALTER ROLE smith SET search_path = smithcat, pg_catalog, balance, public;
		ALTER ROLE smith SET statement_timeout = '2s';
		ALTER ROLE smith SET balance.ledger = 'billing';
	SQL
	query -f smith.sql
}

# What may be in the log without being ours: none so far.
report_log() {
	local bad
	# after a crash the log comes a little later than the client's error
	timeout 60 sh -c 'until "$1"/psql -X -q -c "SELECT" >/dev/null 2>&1; do sleep 0.2; done' - \
		"$bindir" ||
		fail "$1: the server is gone"
	bad=$(grep -E 'terminated by signal|PANIC:|TRAP:|WARNING:.*(past chunk|detected write|leak)' \
		server.log || true)
	if [[ $bad ]]; then
		echo "$bad" | sort | uniq -c | head -n20
		fail "$1: a crash or an assertion"
	else
		pass "$1: no crash, no assertion"
	fi
	bad=$(grep -E -A3 '(ERROR|FATAL): +XX' server.log || true)
	if [[ $bad ]]; then
		echo "$bad" | head -n40
		fail "$1: internal errors"
	else
		pass "$1: no internal error"
	fi
}

smith() {
	local status=0 calls called
	if ! get_sqlsmith; then
		skip "SQLsmith: not to be had here (Debian: sqlsmith)" 3
		return
	fi
	echo "SQLSMITH_SEED=$seed SQLSMITH_QUERIES=$queries," \
		"assertions are $(query -c 'SHOW debug_assertions') ..."
	"${as_user[@]}" timeout 30m sqlsmith --target="host=$work dbname=smith user=smith" \
		--exclude-catalog --max-queries="$queries" --seed="$seed" --dump-all-queries \
		>smith.queries 2>smith.log </dev/null 8<&- &
	child_smith=$!
	wait "$child_smith" || status=$?
	child_smith=
	# that it got anywhere: all of our functions that it can call, called
	calls=$(grep -c 'balance\.' smith.queries || true)
	called=$(grep -o 'balance\.[a-z_]*' smith.queries | sort -u | wc -l)
	if [[ $status == 0 && $calls -ge $((queries / 4)) && $called -ge 20 ]]; then
		pass "SQLsmith: $queries queries, $called of our functions and types in $calls lines"
	else
		tail -n5 smith.log
		fail "SQLsmith: ended with status $status," \
			"$called of our functions and types in $calls lines"
	fi
	report_log SQLsmith
}

# A connection that broke off shows in psql's status, too.
by_hand() {
	local line
	if ! query -v seed="$seed" -f "$top/test/fuzz/forged.sql" >forged.log 2>&1; then
		tail -n20 forged.log
		fail "support functions by hand"
	fi
	while IFS= read -r line; do
		case $line in
			"ok "*) pass "${line#ok }" ;;
			"not ok "*) fail "${line#not ok }" ;;
			*) echo "$line" ;;
		esac
	done <forged.log
	report_log "by hand"
}

choose_server
install_packages sqlsmith
trap clean_up EXIT
trap 'exit 143' INT TERM HUP
make_work_folder tmp_sqlsmith
exec 8<"$work"
flock -n 8 || { echo "waiting for another make test-sqlsmith in this folder ..." && flock 8; }
rm -rf data ./*.log
build
install_privately
start_server 60 smith <<-'CONF'
	log_error_verbosity = verbose
	log_line_prefix = '%p '
	log_min_messages = warning
CONF
prepare
by_hand
smith
stop_server "$work/data"
finish
