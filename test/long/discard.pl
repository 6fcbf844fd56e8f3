# The store of a ledger with caches that are emptied at every chance: each kind of
# statement that writes, reads or mends one answers as it does with full caches.
# What each of them does in full is in sql/maintained*.sql, where a single file
# would take an hour like this.  Takes a server with assertions.
#
# What looks at every row and column is left out, and counted as skipped, unless
# BALANCE_DISCARD=all is set.
use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $node = PostgreSQL::Test::Cluster->new('discard');
$node->init(extra => [ '--locale=C', '--encoding=UTF8' ]);
$node->append_conf('postgresql.conf', "autovacuum = off\nlog_statement = none\n");
$node->start;
my ($status) = $node->psql('postgres', 'SET debug_discard_caches = 1');
plan skip_all => 'the server has no assertions' if $status != 0;

# A ledger of tables and one of views, of which a table is partitioned.  What is
# printed of the store must not depend on how many rows it has.
$node->safe_psql('template1', <<~'SQL');
	CREATE EXTENSION balance;
	CREATE SCHEMA kept;
	CREATE TABLE kept.customer (customer_id text, wb_customer_id text);
	CREATE TABLE kept.invoice (invoice_id int, customer_id text, currency text,
		invoice_status text, total numeric, amount_due numeric, amount_remaining numeric,
		due_date timestamptz) PARTITION BY LIST (customer_id);
	CREATE TABLE kept.invoice_a PARTITION OF kept.invoice FOR VALUES IN ('a');
	CREATE TABLE kept.invoice_rest PARTITION OF kept.invoice DEFAULT;
	CREATE TABLE kept.deposit (deposit_id serial, customer_id text, currency text, status text,
		amount numeric);
	INSERT INTO kept.customer VALUES ('a', 'seller'), ('b', 'seller');
	INSERT INTO kept.invoice VALUES (1, 'a', 'usd', 'open', 1, 1, 1, '2020-01-01'),
		(2, 'b', 'eur', 'paid', 2, 2, 0, NULL), (3, 'b', 'jpy', 'open', 3, 3, 3, NULL);
	INSERT INTO kept.deposit (customer_id, currency, status, amount)
		VALUES ('a', 'usd', 'held', 5);
	CREATE TABLE public.papers (id int, kind text, customer int, currency text, cents bigint);
	INSERT INTO papers VALUES (1, 'deposit', 1, 'usd', 100), (2, 'other', 1, 'usd', 700);
	CREATE SCHEMA seen;
	CREATE VIEW seen.deposit AS SELECT id AS deposit_id, customer AS customer_id, currency,
		'held' AS status, cents * 0.01 AS amount FROM papers WHERE kind = 'deposit';
	SELECT balance.create_report_views('kept');
SQL

# A statement ends before a line that is not indented; what it shows is compared.
my @statements = split /\n(?!\t)/, <<'SQL';
SELECT relation, valid, reason, bad_rows FROM balance.maintain('kept');
SELECT relation, valid, reason, bad_rows FROM balance.maintain('seen');
INSERT INTO kept.invoice VALUES (4, 'a', 'usd', 'open', 4, 4, 4, NULL), (5, 'c', 'usd',
	'open', 5, 5, 5, NULL);
UPDATE kept.invoice SET amount_remaining = amount_remaining + 1, customer_id = 'a' WHERE
	invoice_id IN (3, 4);
DELETE FROM kept.invoice WHERE invoice_id = 5;
INSERT INTO kept.invoice VALUES (6, 'a', 'usd', 'no word', 4, 4, 4, NULL);
SELECT relation, bad_rows FROM balance.maintenance('kept');
DELETE FROM kept.invoice WHERE invoice_id = 6;
MERGE INTO kept.deposit d USING (VALUES ('a'), ('b')) v (c) ON d.customer_id = c WHEN
	MATCHED THEN UPDATE SET amount = 6 WHEN NOT MATCHED THEN INSERT (customer_id, currency,
	status, amount) VALUES (c, 'usd', 'held', 7);
INSERT INTO papers VALUES (3, 'deposit', 2, 'eur', 300), (4, 'other', 2, 'eur', 300);
UPDATE papers SET kind = 'deposit' WHERE id = 2;
SELECT balance.stored_position(l, r, c, NULL) FROM (VALUES ('kept'::regnamespace, 'invoice',
	'a'), ('kept', 'invoice', 'b'), ('kept', 'deposit', 'b'), ('seen', 'deposit', '1'),
	('seen', 'deposit', '2')) v (l, r, c);
SELECT balance.customer_balance(c, 'kept') FROM (VALUES ('a'), ('b')) v (c);
SELECT balance.customer_balance('2', 'seen');
SELECT document FROM balance.customer_balances(ledger => 'kept') ORDER BY document::text;
SELECT customer_id, total_unpaid_amount FROM balance.top_debtors('usd', 5, ledger =>
	'kept');
SELECT customer_id, currency, total_unpaid_amount FROM kept.report_invoice_summary ORDER BY
	1, 2;
SELECT currency, total_unpaid_amount FROM kept.report_invoice_summary WHERE customer_id =
	'a' ORDER BY 1;
SELECT rule, relation, id FROM balance.verify('seen') ORDER BY 1, 2, 3;
SELECT rule, relation, id FROM balance.verify('kept') ORDER BY 1, 2, 3;
SELECT relation, "column", message FROM balance.check_ledger('kept') ORDER BY 1, 2, 3;
SELECT relation, "column", message FROM balance.check_ledger('seen') ORDER BY 1, 2, 3;
SELECT relation, valid, reason FROM balance.maintenance('kept');
BEGIN; SAVEPOINT s; DELETE FROM kept.invoice; SELECT balance.stored_position('kept',
	'invoice', 'a', NULL); ROLLBACK TO s; SELECT balance.stored_position('kept', 'invoice',
	'a', NULL); COMMIT;
ALTER TABLE kept.invoice RENAME TO bills; ALTER TABLE kept.bills RENAME TO invoice;
ALTER TABLE kept.invoice DISABLE TRIGGER "!balance_insert"; INSERT INTO kept.invoice VALUES
	(7, 'a', 'usd', 'open', 4, 4, 4, NULL);
SELECT balance.store_counts('kept', 'invoice');
SELECT relation, valid, reason FROM balance.repair('kept');
SELECT balance.stored_position('kept', 'invoice', 'a', NULL);
SELECT balance.fold('kept') >= 0;
SELECT balance.stored_position('kept', 'invoice', 'a', NULL);
SELECT balance.position_recorded('a', (now() AT TIME ZONE 'UTC')::date, 'kept');
TRUNCATE kept.invoice_a;
SELECT balance.stored_position('kept', 'invoice', 'a', NULL);
CREATE OR REPLACE VIEW seen.deposit AS SELECT id AS deposit_id, customer AS customer_id,
	currency, 'held' AS status, cents * 0.1 AS amount FROM papers WHERE kind = 'deposit';
INSERT INTO papers VALUES (5, 'deposit', 2, 'eur', 300);
SELECT relation, valid, reason FROM balance.repair('seen');
SELECT balance.stored_position('seen', 'deposit', '2', NULL);
SELECT balance.stop_maintaining('kept');
DROP SCHEMA seen CASCADE;
SQL

# What a statement shows, the errors with it.
sub shown
{
	my ($database, $discard, $statement) = @_;
	my ($output, $errors) = ('', '');

	$node->psql($database, "SET debug_discard_caches = $discard;\n$statement",
		stdout => \$output, stderr => \$errors, extra_params => ['--set=VERBOSITY=terse']);
	return "$output\n$errors";
}

$node->safe_psql('postgres', "CREATE DATABASE $_ TEMPLATE template1") for qw(with_caches without);
my $errors = 0;
my $left_out = qr/verify\('kept'\)|check_ledger/;
for my $statement (@statements)
{
  SKIP:
	{
		skip 'with emptied caches: ' . $statement =~ s/\s+/ /gr, 1
		  if $statement =~ $left_out && ($ENV{BALANCE_DISCARD} || '') ne 'all';
		compare($statement);
	}
}
is($errors, 0, 'and no statement raises an error');
done_testing();

sub compare
{
	my ($statement) = @_;
	my $expected = shown('with_caches', 0, $statement);
	my $started = time;
	my $found = shown('without', 1, $statement);

	note $expected;
	note sprintf '%.1f s', time - $started;
	$errors++ if $expected =~ /ERROR:/;
	is($found, $expected, substr $statement =~ s/\s+/ /gr, 0, 90);
	return;
}
