#!/usr/bin/env bash
# Run by test/parts/lifecycle.sh inside of a system with two majors, as a user
# PostgreSQL agrees to run under: a database with stored positions and a ledger
# is taken from the old one to the new one by pg_upgrade.  $1 is the work folder,
# where the tree is in build-OLD and build-NEW, built and installed for each;
# $2 and $3 are the majors.  Prints one line per test.
set -euo pipefail
work=$1 old=$2 new=$3
cd "$work"
export PGHOST=$work PGUSER=postgres PGDATABASE=books LANG=C.UTF-8
bin() { echo "/usr/lib/postgresql/$1/bin"; }

check() {
	if [[ $2 == "$3" ]]; then
		echo "ok: $1"
	else
		printf 'FAILED: %s\n--- expected\n%s\n--- found\n%s\n' "$1" "$2" "$3" | head -n 40
	fi
}

start() {
	"$(bin "$1")/pg_ctl" -D "data$1" -w -l "log$1" \
		-o "-c listen_addresses='' -c unix_socket_directories=$work" start >/dev/null
	running=$1
}

stop() {
	"$(bin "$running")/pg_ctl" -D "data$running" -m fast -w stop >/dev/null
	running=
}
running=
trap '[[ -z $running ]] || stop' EXIT

for major in "$old" "$new"; do
	# the defaults of initdb differ between majors
	options=(--no-locale -E UTF8)
	[[ $major -lt 18 ]] || options+=(--no-data-checksums)
	"$(bin "$major")/initdb" -D "data$major" -U postgres -A trust \
		--no-sync "${options[@]}" >/dev/null
	echo "fsync = off" >>"data$major/postgresql.conf"
done

content() {
	"$(bin "$running")/psql" -XAtq -v ON_ERROR_STOP=1 <<-'SQL'
		SELECT id, md5(p::text), md5(balance.position_send(p)), balance.position_hash(p)
		FROM stored ORDER BY id;
		SELECT customer_id, balance.customer_balance(customer_id),
			balance.invoice_summary(customer_id, '2026-06-01', 'UTC'),
			balance.vcu_balance(customer_id), balance.customer_credits(customer_id)
		FROM billing.customer ORDER BY 1;
		SELECT p, document FROM shown ORDER BY p;
		SELECT id FROM kept ORDER BY p, id;
		SELECT count(*) FROM balance.verify();
		-- every row is found by its indexes
		SET enable_seqscan = off;
		SELECT count(*) FROM stored AS a,
			LATERAL (SELECT FROM stored AS b WHERE b.p OPERATOR(balance.=) a.p OFFSET 0) AS found;
		SELECT count(*) FROM kept AS a,
			LATERAL (SELECT FROM kept AS b WHERE b.p OPERATOR(balance.=) a.p OFFSET 0) AS found;
	SQL
}

start "$old"
"$(bin "$old")/createdb"
"$(bin "$old")/psql" -XAtq -v ON_ERROR_STOP=1 >/dev/null <<-'SQL'
	CREATE EXTENSION balance;
	SELECT balance.create_ledger('billing');
	INSERT INTO billing.customer VALUES ('c1', 'wb', 'b', 'Zoé', 'eur'),
	 ('c2', NULL, NULL, NULL, NULL);
	INSERT INTO billing.invoice VALUES
	 ('i1', 'c1', 'eur', 'open', NULL, 'n', 120.5, 120.5, 20.5, '2026-01-31', '2026-01-01'),
	 ('i2', 'c2', 'kwd', 'paid', NULL, NULL, 1.234, 1, 0, NULL, NULL);
	INSERT INTO billing.invoice_line_item (invoice_id, price_type, amount)
	 VALUES ('i1', 'usage', 0.00012345);
	INSERT INTO billing.deposit VALUES ('d', 'c1', 'eur', 'payé', 7);
	INSERT INTO billing.vcu_order
	 VALUES ('o', 'c2', 'brl', 'issued', 20, false, '2026-01-01 00:00Z');
	INSERT INTO billing.credit_memo (credit_memo_id, business_id, customer_id, status, currency,
		amount, issue_date, created_at, updated_at, reason)
	 VALUES ('m', 'b', 'c1', 'issued', 'eur',
		100, '2026-01-10', '2026-01-10', '2026-01-11', 'refund');
	CREATE TABLE stored (id int, p balance.position PRIMARY KEY);
	INSERT INTO stored
	SELECT i, balance.tally_invoices('usd', 'open', NULL, i, i, i, date '2026-01-01' + i)
		OPERATOR(balance.+)
		balance.tally_deposits('eur', 'payé ' || i, 10::numeric ^ (i % 50))
	FROM generate_series(1, 200) AS i GROUP BY i;
	-- toasted, negative, empty
	CREATE TABLE kept (id int, p balance.position,
		document jsonb GENERATED ALWAYS AS (balance.to_customer_balance(p, 'w', 'c')) STORED,
		CHECK (p OPERATOR(balance.-) p OPERATOR(balance.=) '1{}'));
	INSERT INTO kept SELECT -1, balance.tally_deposits('usd', md5(i::text), i)
	FROM generate_series(1, 5000) AS i;
	INSERT INTO kept SELECT -id, OPERATOR(balance.-) p FROM stored WHERE id > 1
	UNION ALL SELECT 0, '1{}';
	CREATE INDEX ON kept USING hash (p);
	CREATE INDEX ON billing.invoice (due_date)
	WHERE balance.invoice_class(invoice_status, payment_status) = 'open';
	CREATE VIEW shown AS SELECT p, balance.to_customer_balance(p, 'w', 'c') AS document
	FROM (SELECT balance.merge(p) AS p FROM stored) AS s;
SQL
before=$(content)
stop
[[ $(wc -l <<<"$before") -gt 400 ]] && echo "ok: there is something to take along" ||
	echo "FAILED: there is nothing to take along"

# without the extension in the new one it says so, and nothing is lost
upgrade() { (cd "$work" && "$(bin "$new")/pg_upgrade" -b "$(bin "$old")" -B "$(bin "$new")" \
	-d "data$old" -D "data$new" -U postgres); }
if upgrade >upgrade.log 2>&1; then
	echo "ok: pg_upgrade from $old to $new"
else
	echo "FAILED: pg_upgrade from $old to $new"
	cat upgrade.log
	find "data$new" -name '*.txt' -exec cat {} +
	exit
fi
start "$new"
check "the same documents and positions on $new as on $old" "$before" "$(content)"
"$(bin "$new")/psql" -XAtq -v ON_ERROR_STOP=1 \
	-c "INSERT INTO stored SELECT id, p OPERATOR(balance.+) p FROM stored" -c ANALYZE \
	-c 'REINDEX DATABASE books' >/dev/null
check "it can be written to" 400 \
	"$("$(bin "$new")/psql" -XAtqc 'SELECT count(DISTINCT p) FROM stored')"
check "a position that $new makes equals the one that $old made" t \
	"$("$(bin "$new")/psql" -XAtqc "SELECT p OPERATOR(balance.=)
		(SELECT balance.tally_deposits('usd', md5(i::text), i) FROM generate_series(1, 5000) AS i)
		FROM kept WHERE id = -1")"
"$(bin "$new")/pg_amcheck" --install-missing --heapallindexed -d books >amcheck.log 2>&1 &&
	echo "ok: tables and indexes are sound" || { echo "FAILED: pg_amcheck" && cat amcheck.log; }
