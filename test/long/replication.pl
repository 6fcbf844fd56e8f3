# Logical replication of a table of positions, as text and as binary, found by a
# key and by the position itself; of a ledger, whose subscriber gives the same
# documents; and to a subscriber in another encoding.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $publisher = PostgreSQL::Test::Cluster->new('publisher');
my $subscriber = PostgreSQL::Test::Cluster->new('subscriber');
$publisher->init(allows_streaming => 'logical', extra => [ '--no-locale', '--encoding=UTF8' ]);
$subscriber->init(allows_streaming => 'logical', extra => [ '--no-locale', '--encoding=UTF8' ]);
$_->start for $publisher, $subscriber;

my $tables = <<'SQL';
CREATE EXTENSION balance;
CREATE TABLE by_key (id int PRIMARY KEY, p balance.position);
CREATE TABLE by_position (p balance.position PRIMARY KEY);
CREATE TABLE by_row (p balance.position, q balance.position);
ALTER TABLE by_row REPLICA IDENTITY FULL;
SELECT balance.create_ledger('billing');
SQL
$publisher->safe_psql('postgres', $tables);
$publisher->safe_psql('postgres', <<'SQL');
CREATE VIEW made AS SELECT i,
	balance.tally_invoices((ARRAY['usd', 'eur', 'kwd'])[1 + i % 3], 'open', NULL, i, i,
	CASE WHEN i % 7 > 0 THEN i / 8.0 END, date '2026-01-01' + i)
 OPERATOR(balance.+) balance.tally_deposits('eur', 'payé ' || i, 10::numeric ^ (i % 50)) AS p
 FROM generate_series(1, 200) AS i GROUP BY i;
INSERT INTO by_key SELECT i, p FROM made;
INSERT INTO by_key VALUES (-1, '1{}'), (-2, NULL);
-- one that is toasted
INSERT INTO by_key SELECT -3, balance.tally_deposits('usd', md5(i::text), i)
FROM generate_series(1, 5000) AS i;
INSERT INTO by_position SELECT p FROM made;
INSERT INTO by_row SELECT p, OPERATOR(balance.-) p FROM made;
CREATE PUBLICATION positions FOR TABLE by_key, by_position, by_row;
CREATE PUBLICATION ledger FOR TABLES IN SCHEMA billing;
SQL
# the order of positions is that of the encoding
my $content = <<'SQL';
SELECT id, md5(convert_to(p::text, 'UTF8')) FROM by_key ORDER BY 1;
SELECT p FROM by_position ORDER BY convert_to(p::text, 'UTF8');
SELECT p, q FROM by_row ORDER BY convert_to(p::text, 'UTF8');
SELECT customer_id, balance.customer_balance(customer_id),
	balance.invoice_summary(customer_id, '2026-06-01', 'UTC'), balance.vcu_balance(customer_id),
	balance.customer_credits(customer_id)
FROM billing.customer ORDER BY 1;
SQL

my %databases = (text => [ 'UTF8', 'false' ], bytes => [ 'UTF8', 'true' ],
	latin1 => [ 'LATIN1', 'false' ]);
for my $name (sort keys %databases)
{
	my ($encoding, $binary) = @{ $databases{$name} };
	$subscriber->safe_psql('postgres',
		"CREATE DATABASE $name TEMPLATE template0 LOCALE 'C' ENCODING '$encoding'");
	# the report views of a ledger, if it has some, are not replicated
	$subscriber->safe_psql($name, $tables);
	$subscriber->safe_psql($name, 'CREATE SUBSCRIPTION ' . $name
		. q{ CONNECTION '} . $publisher->connstr . " dbname=postgres' PUBLICATION positions,
		ledger WITH (binary = $binary)");
}

# All that has been done there is here.
sub is_same
{
	my ($title) = @_;
	my $expected = $publisher->safe_psql('postgres', $content);
	for my $name (sort keys %databases)
	{
		$publisher->wait_for_catchup($name);
		# psql is in UTF-8, whatever the database is
		is($subscriber->safe_psql($name, "SET client_encoding = 'UTF8';\n$content"), $expected,
			"$title: $name");
	}
}

$subscriber->wait_for_subscription_sync($publisher, $_, $_) for sort keys %databases;
is($publisher->safe_psql('postgres',
	'SELECT count(*), count(DISTINCT p), (SELECT count(*) FROM by_position) FROM by_key'),
	'203|202|200', 'there is something to be sent');
is_same('copied at first');

$publisher->safe_psql('postgres', <<'SQL');
SET search_path = public, balance;
UPDATE by_key SET p = p OPERATOR(balance.+) p WHERE id % 3 = 0;
DELETE FROM by_key WHERE id % 5 = 0;
UPDATE by_key SET id = -4 WHERE id = -3;
UPDATE by_key SET p = '1{JPY 1 open(1 1200 1200 1200)}' WHERE id = -2;
UPDATE by_position SET p = p OPERATOR(balance.+) p WHERE p > (SELECT p FROM by_key WHERE id = 1);
DELETE FROM by_position WHERE p = (SELECT p FROM by_key WHERE id = 2);
UPDATE by_row SET q = p WHERE p > (SELECT p FROM by_key WHERE id = 1);
DELETE FROM by_row WHERE p = (SELECT p FROM by_key WHERE id = 2);
INSERT INTO billing.customer VALUES ('c1', 'wb', 'b', 'Zoé', 'eur'), ('c2', NULL, NULL, NULL, NULL);
INSERT INTO billing.invoice
VALUES ('i1', 'c1', 'eur', 'open', NULL, 'n', 120.5, 120.5, 20.5, '2026-01-31', '2026-01-01'),
	('i2', 'c2', 'kwd', 'paid', NULL, NULL, 1.234, 1, 0, NULL, NULL);
INSERT INTO billing.invoice_line_item (invoice_id, price_type, amount)
VALUES ('i1', 'usage', 0.00012345);
INSERT INTO billing.deposit VALUES ('d', 'c1', 'eur', 'payé', 7);
INSERT INTO billing.vcu_order VALUES ('o', 'c2', 'brl', 'issued', 20, false, '2026-01-01 00:00Z');
INSERT INTO billing.credit_memo (credit_memo_id, business_id, customer_id, status, currency, amount,
	issue_date, created_at, updated_at, reason)
VALUES ('m', 'b', 'c1', 'issued', 'eur', 100, '2026-01-10', '2026-01-10', '2026-01-11', 'refund');
SQL
is_same('changed');
is($subscriber->safe_psql('bytes', 'SELECT count(*) FROM balance.verify()'), 0,
	'verify() finds nothing at the subscriber');
$publisher->safe_psql('postgres', q{DELETE FROM billing.deposit;
	UPDATE billing.invoice SET invoice_status = 'void' WHERE invoice_id = 'i1';
	TRUNCATE by_position});
is_same('changed again');

$_->stop('fast') for $subscriber, $publisher;
done_testing();
