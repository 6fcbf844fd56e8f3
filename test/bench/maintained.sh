# shellcheck shell=bash disable=SC2154
# Sourced by bench.sh after maintained.sql: what is written. Both ledgers get the
# same statements, in turn, and answer the same in the end, the maintained one
# from its store.
bench_psql() {
	run_psql -o /dev/null "$@"
}

# Rows at a time, that the server reads from a file.
write_many() {
	bench_psql -c "CALL bench.write_many('$work/many', $1)"
}

# One row at a time. The session is asked for its CPU time, and the server for
# its WAL, after ten statements and in the end.
write_script() {
	local ledger=$1 what=$2 statement insert
	insert="INSERT INTO $ledger.invoice (invoice_id, customer_id, currency, invoice_status, total,
		amount_due, amount_remaining, due_date)"
	case $what in
		INSERT) statement="$insert VALUES ('one' || :j, (10000000 + :c)::text, 'usd', 'open',
			12.34, 12.34, 12.34, '2026-02-03')" ;;
		"INSERT beside 10000 due dates") statement="$insert VALUES ('due' || :j, 'dated', 'usd',
			'open', 12.34, 12.34, 12.34, date '2000-01-01' + :c::int)" ;;
		UPDATE) statement="UPDATE $ledger.invoice SET invoice_status = 'paid', amount_remaining = 0
			WHERE invoice_id = 'one' || :j" ;;
		DELETE) statement="DELETE FROM $ledger.invoice WHERE invoice_id = 'one' || :j" ;;
	esac
	cat <<-SCRIPT
		\\set i :i + 1
		\\set j :i + :base
		\\set c random(0, $((customers - 1)))
		\\if :i = 11 or :i = $lookups
		INSERT INTO bench.meter VALUES (:client_id, bench.cpu(), pg_current_wal_insert_lsn());
		\\endif
		$(tr -s '\n\t' ' ' <<<"$statement");
	SCRIPT
}

run_pgbench() {
	"$bindir/pgbench" -n -M prepared "$@" >pgbench.out 2>&1 </dev/null ||
		{ cat pgbench.out >&2 && die "pgbench failed"; }
}

write_one() {
	local ledger=$1 what=$2 round=$3
	write_script "$ledger" "$what" >one.sql
	bench_psql -c 'TRUNCATE bench.meter'
	run_pgbench -c 1 -t "$lookups" -D i=0 -D base=$((round * lookups)) --random-seed="$round" \
		-f one.sql
	[[ $round == 0 ]] || bench_psql -c "SELECT bench.note('$ledger: $what of one row, CPU', $round,
			(max(cpu_ms) - min(cpu_ms)) / ($lookups - 11)),
		bench.note('$ledger: $what of one row, WAL', $round,
			(max(wal) - min(wal))::float8 / ($lookups - 11)) FROM bench.meter"
}

# Whether commits wait for the disk: a server as it comes does so, one of a test doesn't.
set_fsync() {
	local setting=$1
	bench_psql -c "ALTER SYSTEM SET fsync = $setting" -c 'SELECT pg_reload_conf()'
	until [[ $(run_psql -At -c 'SHOW fsync') == "$setting" ]]; do sleep 0.1; done
}

# Eight clients at once, each with invoices of its own, of one customer or of many.
write_together() {
	local ledger=$1 customer=$2 what=$3 round=$4 seconds
	cat >together.sql <<-SCRIPT
		\\set i :i + 1
		\\set c random(0, $((customers - 1)))
		\\if :i = 11 or :i = $lookups
		INSERT INTO bench.meter VALUES (:client_id, bench.cpu());
		\\endif
		INSERT INTO $ledger.invoice (invoice_id, customer_id, currency, invoice_status, total,
			amount_due, amount_remaining) VALUES ('${what// /_}$round/' || :client_id || '/' || :i,
			$customer, 'usd', 'open', 12.34, 12.34, 12.34);
	SCRIPT
	bench_psql -c 'TRUNCATE bench.meter'
	run_pgbench -c 8 -j 2 -t "$lookups" -D i=0 --random-seed="$round" -f together.sql
	seconds=$(sed -n 's/^tps = \([0-9.]*\).*/\1/p' pgbench.out)
	[[ $round == 0 ]] ||
		bench_psql -c "SELECT bench.note('$ledger: 8 clients, $what', $round, 1000 / $seconds),
			bench.note('$ledger: CPU of 8 clients, $what', $round, avg(cpu_ms) / ($lookups - 11))
			FROM (SELECT max(cpu_ms) - min(cpu_ms) AS cpu_ms FROM bench.meter GROUP BY client) c"
}

[[ $lookups -gt 100 ]] || die "BENCH_LOOKUPS=$lookups are too few"
write_many "$((rows < 100000 ? rows : 100000))"
[[ $rows -le 100000 ]] || write_many "$rows"
bench_psql -c 'ALTER SYSTEM SET full_page_writes = off' -c 'SELECT pg_reload_conf()' \
	-c 'VACUUM ANALYZE'
for ((round = 0; round <= runs; round++)); do
	ledgers=(bare kept)
	[[ $((round % 2)) == 0 ]] || ledgers=(kept bare)
	for what in INSERT UPDATE DELETE 'INSERT beside 10000 due dates'; do
		for ledger in "${ledgers[@]}"; do
			write_one "$ledger" "$what" "$round"
		done
	done
	for fsync in on off; do
		set_fsync "$fsync"
		for ledger in "${ledgers[@]}"; do
			write_together "$ledger" "'hot'" "one customer, fsync $fsync" "$round"
			write_together "$ledger" '(10000000 + :c)::text' "many customers, fsync $fsync" \
				"$round"
		done
	done
done
# both answer the same, and one of them from a store that is right
bench_psql -c 'SELECT bench.check_answers()'
differing=$(run_psql -At -c "SELECT count(*) FROM balance.verify('kept')
	WHERE rule = 'store_differs'")
[[ $differing == 0 ]] || die "the store differs from the rows of $differing customers"
[[ $(run_psql -At -c "SELECT bool_and(valid) FROM balance.maintenance('kept')") == t ]] ||
	die "the store does not count"
