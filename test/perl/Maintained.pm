# Maintained ledgers under random statements of several sessions at all isolation
# levels: what 016_maintained.pl does for a while, and long/maintained.pl for long.
# What a store must say is spelled out here in plain SQL, apart from the extension's.
package Maintained;

use strict;
use warnings;
use Exporter 'import';
use IPC::Run;
use PostgreSQL::Test::Utils;

our @EXPORT = qw(make_ledgers start finish writer reader settle differs %done %errors);

our (%done, %errors);

my $settings = <<'CONF';
jit = off
autovacuum_naptime = 1
deadlock_timeout = 100ms
max_prepared_transactions = 20
CONF

# ---- ledgers ----

# t is as create_ledger() makes it; p has partitions, of which one has columns of
# another order, and ids that are numbers; v is made of views over somebody's own table.
my $ledgers = <<'SQL';
CREATE EXTENSION balance;
SELECT balance.create_ledger('t');
ALTER TABLE t.invoice DROP CONSTRAINT invoice_customer_id_fkey;
ALTER TABLE t.invoice ADD FOREIGN KEY (customer_id) REFERENCES t.customer
	ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE t.deposit DROP CONSTRAINT deposit_customer_id_fkey;
ALTER TABLE t.deposit ADD FOREIGN KEY (customer_id) REFERENCES t.customer
	ON DELETE CASCADE ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED;
INSERT INTO t.customer (customer_id, business_id)
SELECT 'c' || i, 'b' FROM generate_series(0, 5) i;

CREATE SCHEMA p;
CREATE TABLE p.invoice (invoice_id text, customer_id int, currency text, invoice_status text,
	payment_status text, total numeric, amount_due numeric, amount_remaining numeric,
	due_date timestamptz, PRIMARY KEY (invoice_id, customer_id)) PARTITION BY LIST (customer_id);
CREATE TABLE p.invoice_low PARTITION OF p.invoice FOR VALUES IN (0, 1, 2);
CREATE TABLE p.invoice_high (dropped int, total numeric, invoice_id text NOT NULL,
	customer_id int NOT NULL, currency text, invoice_status text, payment_status text,
	amount_due numeric, amount_remaining numeric, due_date timestamptz);
ALTER TABLE p.invoice_high DROP COLUMN dropped;
ALTER TABLE p.invoice ATTACH PARTITION p.invoice_high FOR VALUES IN (3, 4, 5);
CREATE TABLE p.vcu_order (vcu_order_id text, customer_id int, currency text, status text,
	pay_with_balance boolean, units numeric, created_at timestamptz);

CREATE SCHEMA own;
CREATE TABLE own.bill (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, client int, code text,
	state int, cents bigint, paid bigint,
	rest bigint GENERATED ALWAYS AS (cents - paid) STORED,
	due date,
	hidden boolean NOT NULL DEFAULT false);
CREATE SCHEMA v;
CREATE VIEW v.invoice AS SELECT id AS invoice_id, 'k' || client::text AS customer_id,
	code AS currency,
	CASE state WHEN 0 THEN 'draft' WHEN 1 THEN 'open' WHEN 2 THEN 'paid' WHEN 3 THEN 'odd'
		ELSE 'void' END AS invoice_status,
	round(cents / 100.0, 2) AS total, round(cents / 100.0, 2) AS amount_due,
	round(rest / 100.0, 2) AS amount_remaining, due AS due_date
FROM own.bill WHERE NOT hidden AND state IS NOT NULL;

-- what may be changed by a user's own triggers
CREATE FUNCTION adjust() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.amount_due = 5 THEN NEW.total := NEW.total + 100; END IF;
	IF NEW.amount_due = 6 THEN NEW.customer_id := (SELECT NEW.customer_id); END IF;
	IF NEW.amount_due = 7 AND TG_OP = 'INSERT' THEN RETURN NULL; END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER adjust BEFORE INSERT OR UPDATE ON t.invoice
	FOR EACH ROW EXECUTE FUNCTION adjust();
CREATE TRIGGER adjust BEFORE INSERT OR UPDATE ON p.invoice
	FOR EACH ROW EXECUTE FUNCTION adjust();
CREATE FUNCTION pay_in() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF pg_trigger_depth() < 2 THEN
		INSERT INTO t.deposit (deposit_id, customer_id, currency, status, amount)
		SELECT random()::text, customer_id, 'usd', 'ok', 1 FROM written WHERE amount_due = 8;
	END IF;
	RETURN NULL;
END $$;
CREATE TRIGGER pay_in AFTER INSERT ON t.invoice REFERENCING NEW TABLE AS written
	FOR EACH STATEMENT EXECUTE FUNCTION pay_in();
CREATE FUNCTION checked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	UPDATE t.deposit SET amount = amount + 1 WHERE deposit_id = NEW.deposit_id AND amount < 3;
	RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER checked AFTER INSERT ON t.deposit DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW EXECUTE FUNCTION checked();

CREATE FUNCTION good(currency text, vocabulary text, status text, VARIADIC amounts numeric[])
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
SELECT coalesce(balance.known_currency(currency), false)
	AND coalesce(vocabulary = '' OR balance.known_status(vocabulary, status),
		vocabulary = 'invoice_status')
	AND NOT EXISTS (SELECT FROM unnest(amounts) a WHERE abs(a) >= 1e100)
$$;
SQL

# ledger, relation, letter, aggregate, which rows it takes
my @kept = (
	(map { [ $_, 'invoice', 'i', 'tally_invoices(currency, invoice_status, '
			. ($_ eq 'v' ? 'NULL' : 'payment_status')
			. ', total, amount_due, amount_remaining, due_date)',
		"good(currency, 'invoice_status', invoice_status, total, amount_due, amount_remaining)" ]
	  } qw(t p v)),
	[ 't', 'deposit', 'd', 'tally_deposits(currency, status, amount)',
		"good(currency, '', status, amount)" ],
	[ 't', 'vcu_invoice', 'v', 'tally_unit_invoices(currency, status, units)',
		"good(currency, 'unit_invoice', status, units)" ],
	map { [ $_, 'vcu_order', 'o', 'tally_unit_orders(currency, status, pay_with_balance, units)',
		"good(currency, 'unit_order', status, units)" ] } qw(t p));

# Views of what is kept, of what is found, and of the difference where a store counts.
sub comparing
{
	my @stored = map { "SELECT '$_' AS ledger, source, customer_id, bad,"
		. " balance.position_from_packed(position) AS position FROM $_.balance_store" } qw(t p v);
	my @found = map {
		my ($ledger, $relation, $letter, $tally, $good) = @$_;
		"SELECT '$ledger' AS ledger, '$letter'::\"char\" AS source, customer_id::text,"
		. " count(*) FILTER (WHERE NOT ($good)) AS bad,"
		. " balance.$tally FILTER (WHERE $good) AS position FROM $ledger.$relation GROUP BY 3"
	} @kept;
	my @counting = map { "SELECT '$_->[0]' AS ledger, '$_->[2]'::\"char\" AS source,"
		. " balance.store_counts('$_->[0]', '$_->[1]') AS counts" } @kept;

	return 'CREATE VIEW kept AS SELECT ledger, source, customer_id, sum(bad) AS bad,'
	  . ' balance.merge(position) AS position FROM ('
	  . join(' UNION ALL ', @stored) . ') s GROUP BY 1, 2, 3;'
	  . 'CREATE VIEW found AS ' . join(' UNION ALL ', @found) . ';'
	  . 'CREATE VIEW counting AS ' . join(' UNION ALL ', @counting) . ';' . <<'SQL';
CREATE VIEW differences AS
SELECT ledger, source, customer_id, k.bad AS bad_kept, f.bad AS bad_found, k.position AS kept,
	f.position AS found
FROM kept k FULL JOIN found f USING (ledger, source, customer_id)
	JOIN counting USING (ledger, source)
WHERE counts AND (coalesce(k.bad, 0) <> coalesce(f.bad, 0)
	OR coalesce(k.position, '1{}') OPERATOR(balance.<>) coalesce(f.position, '1{}'));
SQL
}

sub one_line { return shift =~ s/\s+/ /gr }

# The same answers from each ledger and from one of views of its rows that nobody
# maintains, whatever the answer is.
sub documents
{
	my $script = <<'SQL';
CREATE FUNCTION answer(query text, ledger text, customer text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
	result text;
BEGIN
	EXECUTE replace(query, 'ledger.', ledger || '.') INTO result USING ledger, customer;
	RETURN coalesce(replace(result, 'rows_', ''), 'nothing');
EXCEPTION
	-- a serializable reader may be told at any time
	WHEN serialization_failure THEN RETURN NULL;
	WHEN OTHERS THEN RETURN SQLSTATE;
END $$;
CREATE TABLE question (ledger text, query text, customer text);
SQL
	my %has = (t => [qw(invoice invoice_line_item deposit vcu_invoice vcu_order customer)],
		p => [qw(invoice vcu_order)], v => [qw(invoice)]);
	my %customers = (t => "'c' || i", p => 'i::text', v => "'k' || i");

	for my $ledger (qw(t p v))
	{
		my @documents = (
			q{balance.customer_balance($2, $1::regnamespace)::text},
			q{balance.invoice_summary($2, '2026-06-01', 'UTC', $1::regnamespace)::text});
		my @books = (
			q{string_agg(b::text, '' ORDER BY customer_id)
				FROM balance.customer_balances(ledger => $1::regnamespace) b},
			q{string_agg(b::text, '' ORDER BY customer_id) FROM
				balance.invoice_summaries('2026-06-01', 'UTC', ledger => $1::regnamespace) b},
			q{string_agg(b::text, '') FROM
				balance.top_debtors('usd', 3, '2026-06-01', 'UTC', $1::regnamespace) b});

		for my $report (qw(customer_balance invoice_summary ageing))
		{
			my $rows = "string_agg(to_jsonb(r)::text, '' ORDER BY to_jsonb(r)::text)"
			  . " FROM ledger.report_$report r";

			push @books, $rows, "$rows WHERE currency = 'USD'";
			push @documents, "$rows WHERE customer_id::text = \$2",
			  "$rows JOIN (SELECT \$2 AS id) x ON x.id = customer_id::text";
		}
		for my $book (qw(customer_balance invoice_summary))
		{
			my $rows = "string_agg(b::text, '' ORDER BY customer_id) FROM ledger.book_$book b";

			push @books, $rows;
			push @documents, "$rows WHERE customer_id::text = \$2",
			  "string_agg(b.document::text, '') FROM ledger.book_$book b
			  JOIN (SELECT \$2 AS id) x ON x.id = customer_id::text";
		}
		push @documents, 'balance.vcu_balance($2, NULL, NULL, $1::regnamespace)::text'
		  if $ledger ne 'v';
		push @books, q{string_agg(b::text, '' ORDER BY customer_id)
			FROM balance.vcu_balances(ledger => $1::regnamespace) b} if $ledger ne 'v';
		$script .= "CREATE SCHEMA rows_$ledger;\n";
		$script .= "CREATE VIEW rows_$ledger.$_ AS SELECT * FROM $ledger.$_;\n"
		  for @{ $has{$ledger} };
		$script .= "SELECT balance.create_report_views('$_');\n" for $ledger, "rows_$ledger";
		$script .= "INSERT INTO question SELECT '$ledger', \$q\$SELECT " . one_line($_) . "\$q\$,"
		  . " $customers{$ledger} FROM generate_series(0, 6) i;\n" for @documents;
		$script .= "INSERT INTO question VALUES ('$ledger',"
		  . ' $q$SELECT ' . one_line($_) . "\$q\$);\n" for @books;
	}
	for my $view (
		[ documents => 'question' ],
		[ some_documents => '(SELECT * FROM question WHERE random() < 0.1 OFFSET 0) AS question' ])
	{
		$script .= <<"SQL";
CREATE VIEW $view->[0] AS
SELECT ledger, query, customer, kept, found
FROM $view->[1], answer(query, ledger, customer) AS kept,
	answer(query, 'rows_' || ledger, customer) AS found
-- of several bad rows any may be read first, even of one customer
WHERE kept <> found AND NOT (kept LIKE '22___' AND found LIKE '22___');
SQL
	}
	return $script;
}

sub make_ledgers
{
	my ($node) = @_;

	$node->append_conf('postgresql.conf', $settings);
	$node->start;
	$node->safe_psql('postgres', $ledgers);
	$node->safe_psql('postgres', "SELECT balance.maintain('$_')") for qw(t p v);
	$node->safe_psql('postgres', comparing() . documents());
}

# ---- statements ----

sub pick { return $_[ int rand @_ ] }
sub id { return 'i' . int rand 40 }
sub name { return 'c' . int rand 6 }
sub currency { return rand() < 0.03 ? 'zzz' : pick(qw(usd eur jpy dem)) }
sub status { return rand() < 0.03 ? 'wrong' : pick(qw(draft open paid void)) }

sub amount
{
	my $kind = rand;

	return $kind < 0.02 ? "'NaN'::numeric" : $kind < 0.03 ? '1e120' : $kind < 0.08 ? 'NULL' :
	  $kind < 0.1 ? '-12345678901234567890.000000000000000000001' : int(rand 2000) / 100;
}

my $columns = '(invoice_id, customer_id, currency, invoice_status, total, amount_due,'
  . ' amount_remaining, due_date)';

sub due
{
	return rand() < 0.3 ? 'NULL' :
	  rand() < 0.1 ? pick("'infinity'", "'-infinity'") :
	  sprintf "'2026-%02d-01'", 1 + int rand 12;
}

sub values_of
{
	my ($customer) = @_;

	return sprintf "('%s', %s, '%s', '%s', %s, %s, %s, %s)", id(), $customer, currency(),
	  status(), amount(), int rand 10, int rand 9, due();
}

sub some_customer
{
	my ($ledger) = @_;
	return $ledger eq 't' ? sprintf "'%s'", name() : int rand 6;
}

sub some_ids { return join ', ', map { "'" . id() . "'" } 1 .. 3 }

# What writes invoices of a ledger's own table.
sub write_invoices
{
	my $ledger = pick(qw(t p));
	my $table = "$ledger.invoice";
	my $some = 'invoice_id IN (' . some_ids() . ')';
	my $customer = some_customer($ledger);
	my $key = $ledger eq 't' ? 'invoice_id' : 'invoice_id, customer_id';
	my @statements = (
		sub { "INSERT INTO $table $columns VALUES "
			  . join(', ', map { values_of(some_customer($ledger)) } 0 .. rand 3)
			  . ' ON CONFLICT DO NOTHING' },
		sub { "INSERT INTO $table $columns VALUES " . values_of($customer)
			  . " ON CONFLICT ($key) DO UPDATE SET total = excluded.total,"
			  . ' invoice_status = excluded.invoice_status' },
		sub { "INSERT INTO $table $columns SELECT invoice_id || random(), customer_id,"
			  . ' currency, invoice_status, total, amount_due, amount_remaining, due_date'
			  . " FROM $table WHERE $some" },
		sub { sprintf "UPDATE $table SET total = %s, amount_remaining = %d WHERE $some",
			  amount(), rand 9 },
		sub { sprintf "UPDATE $table SET invoice_status = '%s' WHERE $some", status() },
		sub { sprintf "UPDATE $table SET currency = '%s' WHERE $some", currency() },
		sub { "UPDATE $table SET customer_id = $customer WHERE $some" },
		sub { "UPDATE $table SET invoice_id = invoice_id || 'x' WHERE $some" },
		sub { "UPDATE $table SET due_date = due_date + interval '1 day'"
			  . " WHERE customer_id = $customer AND due_date < '2030-01-01'" },
		sub { "UPDATE $table SET total = total WHERE $some" },
		sub { "UPDATE $table a SET total = b.total FROM $table b"
			  . " WHERE a.invoice_id = b.invoice_id AND b.$some" },
		sub { "DELETE FROM $table WHERE $some" },
		sub { "DELETE FROM $table WHERE customer_id = $customer AND random() < 0.3" },
		sub { "WITH gone AS (DELETE FROM $table WHERE $some RETURNING customer_id)"
			  . " UPDATE $table SET amount_due = 3"
			  . ' WHERE customer_id IN (SELECT customer_id FROM gone)' },
		sub { "WITH moved AS (UPDATE $table SET customer_id = $customer WHERE $some"
			  . " RETURNING *), made AS (INSERT INTO $table $columns VALUES "
			  . values_of($customer) . ' ON CONFLICT DO NOTHING RETURNING *)'
			  . ' SELECT count(*) > 100 FROM moved, made' },
		sub { "MERGE INTO $table m USING (VALUES " . values_of($customer) . ', '
			  . values_of($customer) . ") v $columns"
			  . ' ON m.invoice_id = v.invoice_id AND m.customer_id = v.customer_id'
			  . ' WHEN MATCHED AND v.total::numeric > 5 THEN DELETE'
			  . ' WHEN MATCHED THEN UPDATE SET total = v.total::numeric'
			  . " WHEN NOT MATCHED THEN INSERT $columns VALUES (v.invoice_id || random(),"
			  . ' v.customer_id, v.currency, v.invoice_status, 1, 1, 1, NULL)' },
		# from a program: rows in the script itself would be SQL to an aborted transaction
		sub { "\\copy $table " . ($columns =~ s/\s+/ /gr) . " FROM PROGRAM '"
			  . join('; ', map { sprintf 'echo "%s,%s,%s,open,%d,%d,1,"', 'z' . rand,
				  $customer =~ s/'//gr, currency(), rand 9, rand 9 } 0 .. 2)
			  . "' WITH (FORMAT csv)" },
		sub { "SAVEPOINT s; UPDATE $table SET total = 7 WHERE $some;"
			  . " DELETE FROM $table WHERE customer_id = $customer; ROLLBACK TO s;"
			  . " UPDATE $table SET total = total + 1 WHERE $some" },
		sub { "DO \$\$ BEGIN UPDATE $table SET total = total + 1 WHERE $some;"
			  . " BEGIN DELETE FROM $table WHERE $some; RAISE division_by_zero;"
			  . " EXCEPTION WHEN division_by_zero THEN"
			  . " UPDATE $table SET total = total + 1 WHERE customer_id = $customer; END;"
			  . ' END $$' },
		sub { "SET LOCAL session_replication_role = replica;"
			  . " UPDATE $table SET total = total + 1, customer_id = $customer WHERE $some;"
			  . " DELETE FROM $table WHERE invoice_id = '" . id() . "';"
			  . ' SET LOCAL session_replication_role = origin' },
		sub { "DO \$\$ DECLARE c CURSOR FOR SELECT FROM $table WHERE $some FOR UPDATE;"
			  . ' BEGIN FOR r IN c LOOP'
			  . " UPDATE $table SET total = total + 1 WHERE CURRENT OF c; END LOOP; END \$\$" });

	return pick(@statements)->();
}

# What writes something else, or folds.
sub write_others
{
	my @statements = (
		sub { sprintf "INSERT INTO p.invoice_low $columns VALUES %s ON CONFLICT DO NOTHING",
			  values_of(int rand 3) },
		sub { 'UPDATE p.invoice_high SET total = total + 1 WHERE customer_id = '
			  . (3 + int rand 3) },
		sub { sprintf 'INSERT INTO t.deposit (deposit_id, customer_id, currency, status, amount)'
			  . " VALUES (random()::text, '%s', '%s', '%s', %s)", name(), currency(),
			  pick(qw(ok pending)), amount() },
		sub { sprintf "UPDATE t.deposit SET status = '%s' WHERE customer_id = '%s'",
			  pick(qw(ok pending)), name() },
		sub { sprintf "DELETE FROM t.deposit WHERE customer_id = '%s' AND random() < 0.5", name() },
		sub { sprintf "INSERT INTO p.vcu_order VALUES (random()::text, %d, 'usd', '%s', %s, %d,"
			  . " now() + interval '%d s')", rand 6, pick(qw(issued cancelled odd)),
			  pick('true', 'false', 'NULL'), rand 9, rand 3 },
		sub { sprintf 'DELETE FROM p.vcu_order WHERE customer_id = %d AND random() < 0.5',
			  rand 6 },
		sub { sprintf 'INSERT INTO t.vcu_invoice (vcu_invoice_id, customer_id, currency, status,'
			  . " units, created_at, paid_at) VALUES (random()::text, '%s', 'brl', '%s', %d,"
			  . " now() + interval '%d s', %s)", name(), pick(qw(pending paid cancelled)),
			  rand 9, rand 3, pick('NULL', 'now()', "now() + interval '2 s'") },
		sub { sprintf "UPDATE t.vcu_invoice SET status = '%s', paid_at = now()"
			  . " WHERE customer_id = '%s'", pick(qw(pending paid cancelled)), name() },
		sub { sprintf 'INSERT INTO own.bill (client, code, state, cents, paid, due, hidden)'
			  . " VALUES (%d, '%s', %s, %d, %d, %s, %s)", rand 6, currency(),
			  pick(0 .. 4, 'NULL'), rand 5000, rand 5000, due(), pick('true', 'false') },
		sub { sprintf 'UPDATE own.bill SET hidden = NOT hidden, paid = paid + 1'
			  . ' WHERE client = %d AND random() < 0.5', rand 6 },
		sub { sprintf 'UPDATE v.invoice SET due_date = %s WHERE customer_id = \'k%d\'', due(),
			  rand 6 },
		sub { sprintf 'UPDATE own.bill SET state = %s, client = %d WHERE id %% 17 = %d',
			  pick(0 .. 4, 'NULL'), rand 6, rand 17 },
		sub { sprintf 'DELETE FROM own.bill WHERE id %% 23 = %d', rand 23 },
		sub { sprintf "UPDATE t.customer SET customer_id = customer_id || 'x'"
			  . " WHERE customer_id = '%s';"
			  . " UPDATE t.customer SET customer_id = rtrim(customer_id, 'x')", name() },
		sub { sprintf "DELETE FROM t.customer WHERE customer_id = '%s';"
			  . " INSERT INTO t.customer (customer_id, business_id) SELECT 'c' || i, 'b'"
			  . ' FROM generate_series(0, 5) i ON CONFLICT DO NOTHING', name() },
		sub { sprintf "SELECT balance.fold('%s') >= 0", pick(qw(t p v)) },
		sub { my $ledger = pick(qw(t p));
			sprintf "SELECT balance.fold('%s', '{%s}') >= 0", $ledger,
			  some_customer($ledger) =~ s/'//gr });

	return pick(@statements)->();
}

# What psql reads itself ends with its line.
sub statement
{
	return (rand() < 0.6 ? write_invoices() : write_others()) . ";\n";
}

# Whatever makes a store not count; sometimes it is mended at once.
sub change_catalogue
{
	my @changes = (
		'BEGIN; ALTER TABLE t.deposit DISABLE TRIGGER USER;'
		  . " UPDATE t.deposit SET amount = 2 WHERE status = 'ok';"
		  . ' ALTER TABLE t.deposit ENABLE TRIGGER USER; COMMIT',
		'BEGIN; ALTER TABLE p.invoice DETACH PARTITION p.invoice_high;'
		  . ' UPDATE p.invoice_high SET total = 3;'
		  . ' ALTER TABLE p.invoice ATTACH PARTITION p.invoice_high FOR VALUES IN (3, 4, 5);'
		  . ' COMMIT',
		'BEGIN; ALTER TABLE p.invoice DISABLE TRIGGER ALL;'
		  . ' DELETE FROM p.invoice WHERE random() < 0.1; ROLLBACK',
		'ALTER TABLE t.invoice ALTER due_date SET STATISTICS ' . int rand 100,
		'ALTER TRIGGER "!balance_insert" ON t.invoice RENAME TO another',
		'VACUUM FULL t.balance_store', 'REINDEX TABLE CONCURRENTLY p.balance_store');

	return pick(@changes) . ";\n" . (rand() < 0.7 ? repair() : '');
}

sub repair
{
	return sprintf "SELECT count(*) > 10 FROM balance.repair('%s');\n", pick(qw(t p v));
}

# ---- sessions ----

my @levels = ('READ COMMITTED', 'READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE');

# PostgreSQL shows TRUNCATE to snapshots that are older, unless they have the lock.
my $lock = 'LOCK TABLE t.deposit, t.invoice, p.invoice, p.vcu_order, own.bill'
  . " IN ACCESS SHARE MODE;\n";
my $compare = "SELECT 'differs', d.* FROM differences d;\n"
  . "SELECT 'differs', d.* FROM some_documents d;\n";

my $prepared = 0;

sub transaction
{
	my ($tag) = @_;
	my $kind = rand;
	my $begin = 'BEGIN ISOLATION LEVEL ' . pick(@levels) . ";\n";
	my $body = join '', map { statement() } 0 .. rand 3;

	return repair() if $kind < 0.01;
	return 'TRUNCATE ' . pick('t.deposit', 'p.invoice_low', 'p.invoice', 'own.bill') . ";\n"
	  if $kind < 0.015;
	return change_catalogue() if $kind < 0.022;
	return $body =~ /SAVEPOINT|LOCAL/ ? "$begin${body}COMMIT;\nSELECT 'done';\n" :
	  "${body}SELECT 'done';\n" if $kind < 0.1;
	return $begin . $body . "ROLLBACK;\nSELECT 'done';\n" if $kind < 0.2;
	if ($kind < 0.25)
	{
		my $gid = "$tag " . $prepared++;
		return $begin . $body . "PREPARE TRANSACTION '$gid';\n"
		  . (rand() < 0.5 ? "SELECT pg_sleep(0.01) IS NULL;\n" : '')
		  . pick('COMMIT', 'COMMIT', 'ROLLBACK') . " PREPARED '$gid';\nSELECT 'done';\n";
	}
	# a writer's own snapshot, of what it has not yet committed
	return $begin . $lock . $body . $compare . "COMMIT;\nSELECT 'done';\n" if $kind < 0.27;
	return $begin . $body . "COMMIT;\nSELECT 'done';\n";
}

my $session = 0;

sub writer
{
	my ($transactions) = @_;
	my $tag = 's' . $session++;

	return "\\set VERBOSITY sqlstate\nSET lock_timeout = '5s';\n"
	  . join '', map { transaction($tag) } 1 .. $transactions;
}

# Some snapshots are old when they are looked at again.
sub reader
{
	my ($snapshots) = @_;

	return "\\set VERBOSITY sqlstate\n" . join '', map {
		'BEGIN ISOLATION LEVEL ' . pick(@levels) . ";\n$lock$compare"
		  . sprintf("SELECT pg_sleep(%.3f) IS NULL;\n", rand() ** 3 * 0.5)
		  . "${compare}COMMIT;\nSELECT 'read';\n"
	} 1 .. $snapshots;
}

# By files: a pipe would be fed by whoever is waited for only.
my $started = 0;

sub start
{
	my ($node, $script) = @_;
	my $file = $node->basedir . '/session' . $started++;

	append_to_file("$file.sql", $script);
	return { file => $file, handle => IPC::Run::start(
		[ 'psql', '-XqAt', '-d', $node->connstr('postgres'), '-f', "$file.sql" ],
		'<', \undef, '>', "$file.out", '2>', "$file.err") };
}

# Ends a session, counts what it has done and which errors it met, and returns
# what it found to differ.
sub finish
{
	my ($session) = @_;
	my ($output, $said) = do {
		$session->{handle}->finish;
		map { slurp_file("$session->{file}.$_") } qw(out err);
	};

	unlink map { "$session->{file}.$_" } qw(sql out err);
	$done{$1}++ while $output =~ /^(done|read)$/mg;
	$errors{$1}++ while $said =~ /ERROR:  (\w{5})\b/g;
	return $output =~ /^(differs.*)$/mg;
}

# Nobody is at work: what is wrong then, also when everything has been repaired.
sub settle
{
	my ($node) = @_;
	my $query = 'SELECT * FROM differences';
	my $gids = $node->safe_psql('postgres', 'SELECT gid FROM pg_prepared_xacts');

	$node->safe_psql('postgres', (rand() < 0.5 ? 'COMMIT' : 'ROLLBACK') . " PREPARED '$_'")
	  for split /\n/, $gids;
	my @wrong = split /\n/, $node->safe_psql('postgres', "$query; SELECT * FROM documents");
	$node->safe_psql('postgres', "SELECT balance.maintain('$_')") for qw(t p v);
	push @wrong, split /\n/, $node->safe_psql('postgres', "$query; SELECT * FROM documents");
	push @wrong, split /\n/, $node->safe_psql('postgres',
		"SELECT '$_ does not count', relation, reason FROM balance.maintenance('$_')"
		  . ' WHERE NOT valid') for qw(t p v);
	push @wrong, split /\n/, $node->safe_psql('postgres',
		"SELECT * FROM balance.verify('$_') WHERE rule = 'store_differs'") for qw(t p v);
	return @wrong;
}

1;
